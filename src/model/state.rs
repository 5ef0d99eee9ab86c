//! Attributes of an estimator, read with their kinds checked.

use super::error::Fault;
use super::labels::int;
use crate::graph::{Array, BlobId, DTypeId, Folded, Heap, Object, Unfolded, Value, View};
use std::cell::{Cell, RefCell};

/// Why an estimator does not pass: it is wrong, or it can not be judged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Flaw {
    /// Something is wrong.
    Fault(Fault),
    /// It may be right, but this build can not tell; what it would have to read.
    Unknown(String),
    /// A flaw in a part of the estimator.
    Inside(String, Box<Flaw>),
}

impl Flaw {
    /// The same flaw, of the part at this place.
    pub fn inside(self, place: impl Into<String>) -> Flaw {
        Flaw::Inside(place.into(), Box::new(self))
    }
}

impl From<Fault> for Flaw {
    fn from(fault: Fault) -> Flaw {
        Flaw::Fault(fault)
    }
}

/// Major and minor version of the scikit-learn that saved an estimator.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Version(pub u32, pub u32);

impl Version {
    /// Reads `1.6.1`, `0.18.dev0` and the like.
    pub fn parse(text: &str) -> Option<Version> {
        let mut parts = text.split('.');
        let major = parts.next()?.parse().ok()?;
        let minor = parts.next()?;
        let digits = minor.find(|c: char| !c.is_ascii_digit()).map_or(minor, |end| minor.get(..end).unwrap_or(minor));
        Some(Version(major, digits.parse().ok()?))
    }
}

/// What is left of the work that a graph may cost, in values looked at. Shared parts could otherwise make a small file cost
/// hours; an honest one is far below the limit.
#[derive(Debug)]
pub(super) struct Work {
    left: Cell<u64>,
    unread: RefCell<Vec<(BlobId, DTypeId)>>,
}

impl Work {
    /// Work for a graph: in proportion to its objects and the bytes of its arrays.
    pub fn new(heap: &Heap) -> Work {
        let objects = heap.objects().count() as u64;
        let (_, bytes) = heap.array_totals();
        let left = objects.saturating_mul(200).saturating_add(bytes / 8).saturating_add(10_000_000);
        Work { left: Cell::new(left), unread: RefCell::default() }
    }

    /// Pays for looking at `count` values.
    pub fn spend(&self, count: u64) -> Result<(), Fault> {
        let left = self.left.get().checked_sub(count).ok_or(Fault::Entangled)?;
        self.left.set(left);
        Ok(())
    }

    /// What the elements of an array fold to, if that is what is picked; else a fault. `None` where they streamed past before it was known
    /// what they are: that is noted, and the file is read again. The other parts are best looked at all the same, so that all that has to
    /// be read again is known.
    pub fn fold<T>(
        &self,
        heap: &Heap,
        attribute: &'static str,
        array: &Array,
        wanted: &'static str,
        pick: impl FnOnce(Folded) -> Option<T>,
    ) -> Result<Option<T>, Fault> {
        // An element of one byte takes next to no time.
        self.spend(array.len() / 8)?;
        let found = match heap.fold(array) {
            Ok(found) => pick(found),
            Err(Unfolded::Other) => None,
            Err(Unfolded::Passed(blob, dtype)) => {
                self.unread.borrow_mut().push((blob, dtype));
                return Ok(None);
            }
        };
        found.map(Some).ok_or_else(|| wrong_elements(heap, attribute, array, wanted))
    }

    /// Runs of bytes that were to be folded as elements of a dtype, and were not.
    pub fn unread(self) -> Vec<(BlobId, DTypeId)> {
        let mut unread = self.unread.into_inner();
        unread.sort_unstable();
        unread.dedup();
        unread
    }
}

/// The attributes of an object, in the order in which the file sets them.
#[derive(Debug, Clone)]
pub(super) struct State<'h> {
    pub heap: &'h Heap,
    pub work: &'h Work,
    attributes: Vec<(&'h [u8], Value)>,
}

impl<'h> State<'h> {
    /// The attributes of an object; none when its state is no dict.
    pub fn of(heap: &'h Heap, object: &Object, work: &'h Work) -> Result<State<'h>, Fault> {
        let Some(pairs) = heap.as_dict(object.state) else {
            return Ok(State { heap, work, attributes: Vec::new() });
        };
        work.spend(pairs.len() as u64)?;
        let attributes = pairs.filter_map(|(key, value)| match heap.view(key) {
            View::Text(text) => Some((text.bytes(), value)),
            _ => None,
        });
        Ok(State { heap, work, attributes: attributes.collect() })
    }

    /// An attribute, if it is there.
    pub fn get(&self, name: &str) -> Option<Value> {
        self.attributes.iter().rev().find(|(key, _)| *key == name.as_bytes()).map(|(_, value)| *value)
    }

    /// What an attribute is, if it is there.
    pub fn view(&self, name: &str) -> Option<View<'h>> {
        self.get(name).map(|value| self.heap.view(value))
    }

    /// An attribute that must be there.
    pub fn needed(&self, name: &'static str) -> Result<Value, Fault> {
        self.get(name).ok_or(Fault::Missing(name))
    }

    /// Whether an attribute that only fitting sets is there. Versions before 0.18 set some to `None` first.
    pub fn fitted(&self, name: &str) -> bool {
        self.view(name).is_some_and(|view| !matches!(view, View::None))
    }

    /// A whole number, if the attribute is there.
    pub fn int(&self, name: &'static str) -> Result<Option<i64>, Flaw> {
        let Some(value) = self.get(name) else { return Ok(None) };
        // What is compared with a count may say that it is equal whatever it is compared with: a masked number, a sparse matrix.
        let view = self.heap.view(value);
        let found = view.int().or_else(|| int(self.heap, value));
        Ok(Some(found.ok_or_else(|| no(name, &view, "an int"))?))
    }

    /// Text, if the attribute is that.
    pub fn text(&self, name: &str) -> Option<&'h str> {
        self.get(name).and_then(|value| self.heap.as_str(value))
    }

    /// Whether an attribute counts as true in Python; `missing` when it is not there.
    pub fn flag(&self, name: &'static str, missing: bool) -> Result<bool, Flaw> {
        match self.view(name) {
            None => Ok(missing),
            Some(View::Bool(value)) => Ok(value),
            Some(View::Int(value)) => Ok(value != 0),
            Some(view) => Err(self.kind(name, &view, "a bool")),
        }
    }

    /// The flaw of an attribute of the wrong kind. Of the objects of numpy, scipy, joblib and pandas some stand for numbers and arrays in honest
    /// files; no other does, though it may pass for one where scikit-learn compares it.
    pub fn kind(&self, attribute: &str, found: &View<'_>, wanted: &'static str) -> Flaw {
        let stands = |object: &Object| {
            let root = self.heap.get_name(object.name).and_then(|name| name.module.split('.').next());
            matches!(root, Some("numpy" | "scipy" | "joblib" | "pandas"))
        };
        match found {
            View::Object(_, object) if !stands(object) => no(attribute, found, wanted).into(),
            _ => kind(attribute, found, wanted),
        }
    }

    /// An array that must be there.
    pub fn array(&self, name: &'static str) -> Result<&'h Array, Flaw> {
        match self.heap.view(self.needed(name)?) {
            View::Array(array) => Ok(array),
            view => Err(self.kind(name, &view, "an array")),
        }
    }

    /// The version that saved the object, if it says so.
    pub fn version(&self) -> Option<Version> {
        self.text("_sklearn_version").and_then(Version::parse)
    }

    /// Checks that a number, if it is there, is what another part says.
    pub fn agrees(&self, name: &'static str, other: &'static str, wanted: u64) -> Result<(), Flaw> {
        match self.int(name)? {
            Some(found) if u64::try_from(found) != Ok(wanted) => {
                Err(Fault::Differs { attribute: name, found, other, wanted }.into())
            }
            _ => Ok(()),
        }
    }
}

/// The fault of a part that is of another kind than every honest file has.
pub(super) fn no(attribute: &str, found: &View<'_>, wanted: &'static str) -> Fault {
    Fault::Kind { attribute: attribute.to_owned(), found: found.kind(), wanted }
}

/// The flaw of an attribute of the wrong kind. An object may still stand for what is wanted (a sparse matrix, an array in
/// a file of its own, a number of an old numpy), but this build does not read it.
pub(super) fn kind(attribute: &str, found: &View<'_>, wanted: &'static str) -> Flaw {
    match found {
        View::Object(..) => Flaw::Unknown(format!("{attribute} is an object, not {wanted}")),
        _ => no(attribute, found, wanted).into(),
    }
}

/// The fault of an array whose elements are of another type than they must be.
pub(super) fn wrong_elements(heap: &Heap, attribute: &'static str, array: &Array, wanted: &'static str) -> Fault {
    let found = heap.get_dtype(array.dtype).map(|dtype| dtype.name()).unwrap_or_default();
    Fault::Elements { attribute, found, wanted }
}

/// Checks an array's shape.
pub(super) fn shaped(attribute: &'static str, array: &Array, wanted: &[u64]) -> Result<(), Fault> {
    if *array.shape == *wanted {
        return Ok(());
    }
    Err(Fault::Shape { attribute, found: array.shape.to_vec(), wanted: wanted.to_vec() })
}

/// The length of an array that must have one dimension.
pub(super) fn length(attribute: &'static str, array: &Array) -> Result<u64, Fault> {
    match *array.shape {
        [length] => Ok(length),
        _ => Err(Fault::Shape { attribute, found: array.shape.to_vec(), wanted: vec![array.len()] }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read_and_compared_as_numbers() {
        assert_eq!(Version::parse("1.10.0"), Some(Version(1, 10)));
        assert_eq!(Version::parse("0.18.dev0"), Some(Version(0, 18)));
        assert_eq!(Version::parse("1.3rc1"), Some(Version(1, 3)));
        assert!(Version::parse("1.10.0") > Version::parse("1.9.1"));
        for wrong in ["", "1", "x.y", "1.", "-1.2"] {
            assert_eq!(Version::parse(wrong), None, "{wrong}");
        }
    }
}
