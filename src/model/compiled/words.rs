//! Matrices that are made with the columns that a model says: `CountVectorizer` and `DictVectorizer` by a vocabulary, `OneHotEncoder` by the
//! categories of each feature, hashing by a number of columns. scipy believes the columns.

use super::parts::int;
use super::{Parts, index, indices, items, no, range};
use crate::graph::{ArrayData, Bytes, DTypeKind, Heap, Value, View};
use crate::model::error::Fault;
use crate::model::labels::{Label, labels, scalar};
use crate::model::state::{shaped, wrong_elements};
use std::borrow::Cow;
use std::collections::HashSet;
use std::hash::{BuildHasher, RandomState};

/// Checks that each word has a column of its matrix, which has as many as there are words
/// (`sklearn/feature_extraction/text.py`, `_count_vocab`; `_dict_vectorizer.py`, `_transform`).
pub(super) fn check_vocabulary(parts: &Parts<'_>, attribute: &'static str) -> Result<(), Fault> {
    let heap = parts.heap;
    // What a user gives for a vocabulary is checked before it becomes this.
    let Some(words) = parts.view(attribute) else { return Ok(()) };
    let View::Dict(words) = words else { return Err(no(attribute, &words, "a dict")) };
    let count = words.len() as u64;
    parts.work.spend(count)?;
    for (_, column) in words.clone() {
        let view = heap.view(column);
        let found = view.int().ok_or_else(|| no(attribute, &view, "a dict of whole numbers"))?;
        index(attribute, found, count)?;
    }
    each_once(heap, attribute, words.map(|(word, _)| word))
}

/// Checks that no key is there twice: it is one to Python, which has a column less then than the others are told.
fn each_once(heap: &Heap, attribute: &'static str, keys: impl Iterator<Item = Value>) -> Result<(), Fault> {
    let (mut texts, mut others, mut unknown) = (HashSet::new(), HashSet::new(), 0u64);
    // Of all but texts a hash is kept: many may hold the same long one.
    let hasher = RandomState::new();
    for key in keys {
        let new = match as_compared(heap, key, 0) {
            Compared::Text(text) => texts.insert(text),
            Compared::Latin(bytes) => {
                // Who loads it says whether it is a text or bytes.
                let text: String = bytes.iter().map(|byte| char::from(*byte)).collect();
                others.insert(hasher.hash_one([b"bytes", bytes].concat())) & texts.insert(Cow::Owned(text.into_bytes()))
            }
            Compared::Other(other) => others.insert(hasher.hash_one(other)),
            Compared::Unknown => {
                unknown = unknown.saturating_add(1);
                true
            }
        };
        // What is not known may be the same as anything but a text.
        if !new || unknown > 1 || (unknown == 1 && !others.is_empty()) {
            return Err(Fault::Repeated(attribute));
        }
    }
    Ok(())
}

/// A key by what Python compares.
enum Compared<'h> {
    /// A text, in UTF-8.
    Text(Cow<'h, [u8]>),
    /// What Python 2 called a text, if it is not ASCII.
    Latin(&'h [u8]),
    /// Anything else: the same bytes for the same key.
    Other(Vec<u8>),
    /// All of which nothing is known.
    Unknown,
}

impl Compared<'_> {
    /// What is the same for the same key, whichever it is.
    fn bytes(self) -> Option<Vec<u8>> {
        match self {
            Compared::Text(text) => Some([b"text", &*text].concat()),
            Compared::Other(other) => Some(other),
            Compared::Latin(_) | Compared::Unknown => None,
        }
    }
}

fn as_compared(heap: &Heap, key: Value, depth: u8) -> Compared<'_> {
    const DEEPEST: u8 = 4;
    const LONGEST: usize = 1024;
    let known = |bytes: Option<Vec<u8>>| bytes.map_or(Compared::Unknown, Compared::Other);
    let marked = |mark: &[u8], bytes: &[u8]| known((bytes.len() <= LONGEST).then(|| [mark, bytes].concat()));
    match heap.view(key) {
        View::None => of_label(&Label::None),
        View::Bool(one) => of_label(&Label::Bool(one)),
        View::Int(number) => of_label(&Label::Int(number)),
        View::Long(bytes) if bytes.len() <= LONGEST => Compared::Other(whole(bytes)),
        View::Float(number) => of_label(&Label::Float(number)),
        View::Text(text) => Compared::Text(Cow::Borrowed(text.bytes())),
        View::Latin(bytes) => Compared::Latin(bytes),
        View::Bytes(blob) => match heap.blob_bytes(blob) {
            Bytes::Kept(bytes) => marked(b"bytes", bytes),
            Bytes::Passed => Compared::Unknown,
        },
        View::Tuple(items) if depth < DEEPEST => {
            let mut all = b"tuple".to_vec();
            for item in items {
                let item = as_compared(heap, item, depth.saturating_add(1)).bytes();
                let Some(item) = item.filter(|item| all.len().saturating_add(item.len()) <= LONGEST) else {
                    return Compared::Unknown;
                };
                all.extend_from_slice(&item.len().to_le_bytes());
                all.extend_from_slice(&item);
            }
            Compared::Other(all)
        }
        View::Object(_, object) => scalar(heap, object).map_or(Compared::Unknown, |(_, label)| of_label(&label)),
        _ => Compared::Unknown,
    }
}

/// The same of a label: whole numbers, whatever they are written as, and texts.
fn of_label(label: &Label) -> Compared<'static> {
    Compared::Other(match label {
        Label::Text(text) => return Compared::Text(Cow::Owned(text.clone().into_bytes())),
        Label::None => b"none".to_vec(),
        Label::Bool(one) => whole(&[u8::from(*one)]),
        Label::Int(number) => whole(&number.to_le_bytes()),
        Label::Uint(number) => whole(&u128::from(*number).to_le_bytes()),
        Label::Float(number) if number.fract() == 0.0 => whole(&of_whole_float(*number)),
        Label::Float(number) => [&b"float"[..], &number.to_le_bytes()].concat(),
    })
}

/// A whole number, as short as its two's complement can be, the lowest byte first.
fn whole(bytes: &[u8]) -> Vec<u8> {
    let mut bytes = bytes;
    while let Some((last, rest)) = bytes.split_last()
        && *last == rest.last().map_or(0, |below| if below & 0x80 == 0 { 0 } else { 0xff })
    {
        bytes = rest;
    }
    [b"whole", bytes].concat()
}

/// The two's complement of a float without a fraction (IEEE 754: 52 bits behind a first one, times a power of two).
fn of_whole_float(number: f64) -> Vec<u8> {
    const BITS: u32 = 52;
    let exponent = (number.abs().to_bits() >> BITS).saturating_sub(1023);
    let Some(shift) = exponent.checked_sub(BITS.into()).and_then(|shift| usize::try_from(shift).ok()) else {
        return (number as i64).to_le_bytes().to_vec();
    };
    let digits = (number.to_bits() & ((1 << BITS) - 1)) | (1 << BITS);
    let mut bytes = vec![0; shift / 8];
    bytes.extend_from_slice(&(u128::from(digits) << (shift % 8)).to_le_bytes());
    if number < 0.0 {
        let mut carry = true;
        for byte in &mut bytes {
            (*byte, carry) = (!*byte).overflowing_add(carry.into());
        }
    }
    bytes
}

/// Checks that each label has a column of its own (`sklearn/preprocessing/_label.py`, `MultiLabelBinarizer.transform`).
pub(super) fn check_labels(parts: &Parts<'_>) -> Result<(), Fault> {
    let heap = parts.heap;
    if parts.fitted("_cached_dict") {
        check_vocabulary(parts, "_cached_dict")?;
    }
    let classes = match parts.view("classes_") {
        None => return Ok(()),
        Some(View::Array(classes)) => classes,
        Some(view) => return Err(no("classes_", &view, "an array")),
    };
    parts.work.spend(classes.len())?;
    if let ArrayData::Objects(list) = classes.data {
        return each_once(heap, "classes_", items(heap, list).into_iter());
    }
    let mut met = HashSet::new();
    let repeated = match (labels(heap, classes), heap.get_dtype(classes.dtype), heap.array_bytes(classes)) {
        (Some(labels), ..) => labels.items.iter().any(|label| !met.insert(of_label(label).bytes())),
        (None, Some(dtype), Some(bytes)) => match usize::try_from(dtype.size).ok().filter(|size| *size > 0) {
            // None has numbers of other sizes for labels, of which some are the same in other bytes.
            _ if matches!(dtype.kind, DTypeKind::Float | DTypeKind::Complex) => {
                return Err(wrong_elements(heap, "classes_", classes, "labels"));
            }
            Some(size) => bytes.chunks_exact(size).any(|label| !met.insert(Some(label.to_vec()))),
            None => false,
        },
        // Of more than are kept it is known whether they are in the order in which fitting puts them.
        _ => range(heap, parts.work, "classes_", classes)?.is_some_and(|range| !range.climbs),
    };
    if repeated { Err(Fault::Repeated("classes_")) } else { Ok(()) }
}

/// Checks the columns of each feature's categories (`sklearn/preprocessing/_encoders.py`, `OneHotEncoder.transform`).
pub(super) fn check_one_hot(parts: &Parts<'_>) -> Result<(), Fault> {
    let heap = parts.heap;
    let Some(categories) = parts.view("categories_") else { return Ok(()) };
    let View::List(categories) = categories else { return Err(no("categories_", &categories, "a list")) };
    let columns = match parts.view("_n_features_outs") {
        // Before 1.1 each category had a column but the one that is left out.
        None => None,
        Some(View::List(columns)) => Some(columns.collect::<Vec<_>>()),
        Some(view) => return Err(no("_n_features_outs", &view, "a list")),
    };
    // Rare categories share a column: then a table says which each of them has.
    let tables = parts.get("_default_to_infrequent_mappings").map(|tables| items(heap, tables)).unwrap_or_default();
    let left_out = left_out(parts, categories.len() as u64)?;
    for (place, categories) in categories.enumerate() {
        parts.work.spend(1)?;
        let Some(categories) = heap.as_array(categories) else {
            return Err(no("categories_", &heap.view(categories), "a list of arrays"));
        };
        let table = tables.get(place).and_then(|table| heap.as_array(*table));
        let mut count = Some(categories.len());
        if let Some(table) = table {
            shaped("_default_to_infrequent_mappings", table, &[categories.len()])?;
            let range = range(heap, parts.work, "_default_to_infrequent_mappings", table)?;
            count = range.map(|range| u64::try_from(range.max).map_or(0, |last| last.saturating_add(1)));
        }
        let left_out = left_out.get(place).copied().flatten();
        if let (Some(left_out), Some(count)) = (left_out, count) {
            index("drop_idx_", left_out, count)?;
        }
        let Some(columns) = columns.as_ref().and_then(|columns| columns.get(place)) else { continue };
        let view = heap.view(*columns);
        let found = view.int().ok_or_else(|| no("_n_features_outs", &view, "a list of whole numbers"))?;
        let columns = u64::try_from(found).unwrap_or(0);
        let dropped = u64::from(left_out.is_some());
        if let Some(table) = table {
            indices(heap, parts.work, "_default_to_infrequent_mappings", table, columns.saturating_add(dropped))?;
        }
        let least = categories.len().saturating_sub(dropped);
        if found < 0 || (table.is_none() && columns < least) {
            return Err(Fault::Below { attribute: "_n_features_outs", found, least });
        }
    }
    Ok(())
}

/// Which of its categories each of `features` features leaves out, if it leaves one out.
fn left_out(parts: &Parts<'_>, features: u64) -> Result<Vec<Option<i64>>, Fault> {
    const SINCE: &str = "_drop_idx_after_grouping";
    const ALWAYS: &str = "drop_idx_";
    let heap = parts.heap;
    let attribute = if parts.get(SINCE).is_some() { SINCE } else { ALWAYS };
    let Some(array) = parts.array_if_fitted(attribute)? else { return Ok(Vec::new()) };
    shaped(attribute, array, &[features])?;
    if let ArrayData::Objects(list) = array.data {
        let one = |value: Value| match heap.view(value) {
            View::None => Ok(None),
            view => int(heap, value).map(Some).ok_or_else(|| no(attribute, &view, "an array of whole numbers")),
        };
        return items(heap, list).into_iter().map(one).collect();
    }
    if let Some(found) = labels(heap, array) {
        let one = |label| match label {
            Label::Int(number) => Ok(Some(number)),
            _ => Err(wrong_elements(heap, attribute, array, "whole numbers")),
        };
        return found.items.into_iter().map(one).collect();
    }
    // Of more than are kept the ends are known: the largest is one of every feature's.
    let ends = range(heap, parts.work, attribute, array)?;
    if let Some(least) = ends.map(|ends| ends.min).filter(|least| *least < 0) {
        return Err(Fault::Below { attribute, found: least, least: 0 });
    }
    let last = ends.map(|ends| ends.max);
    Ok((0..features).map(|_| last).collect())
}

/// Checks that there is a column to hash into (`sklearn/feature_extraction/_hashing_fast.pyx`, which divides by their number).
pub(super) fn check_hashing(parts: &Parts<'_>) -> Result<(), Fault> {
    let Some(columns) = parts.get("n_features") else { return Ok(()) };
    match int(parts.heap, columns) {
        Some(1..) => Ok(()),
        Some(found) => Err(Fault::Below { attribute: "n_features", found, least: 1 }),
        None => Err(no("n_features", &parts.heap.view(columns), "a whole number")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_numbers_are_the_same_however_they_are_written() {
        let float = |number: f64| whole(&of_whole_float(number));
        for number in [0, 1, -1, 127, 128, -128, -129, 1 << 52, -(1 << 53), 1 << 62, i64::MIN] {
            assert_eq!(whole(&number.to_le_bytes()), whole(&i128::from(number).to_le_bytes()));
            assert_eq!(whole(&number.to_le_bytes()), float(number as f64), "{number}");
        }
        assert_eq!(float(-0.0), whole(&[]));
        for power in 52..127 {
            let number = 1i128 << power;
            assert_eq!(whole(&number.to_le_bytes()), float(2f64.powi(power)), "2**{power}");
            assert_eq!(whole(&(-number).to_le_bytes()), float(-(2f64.powi(power))), "-2**{power}");
        }
        assert_ne!(whole(&(i128::from(i64::MAX)).to_le_bytes()), float(2f64.powi(63)));
        assert_ne!(whole(&[0xff]), whole(&[0xff, 0]), "-1 is not 255");
    }
}
