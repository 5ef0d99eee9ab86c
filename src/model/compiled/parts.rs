//! The parts of an object as compiled code takes them. No object passes for an array or a number here: of numpy's, a scalar is one, and
//! a masked array, which is an array to whoever looks at its class, is none. So no check can end before it has looked.

use super::no;
use crate::graph::{Array, Heap, Object, Value, View};
use crate::model::error::Fault;
pub(super) use crate::model::labels::int;
use crate::model::state::{State, Version, Work};

/// The attributes of an object.
#[derive(Debug, Clone)]
pub(super) struct Parts<'h> {
    pub heap: &'h Heap,
    pub work: &'h Work,
    state: State<'h>,
}

impl<'h> Parts<'h> {
    /// The attributes of an object; none when its state is no dict.
    pub fn of(heap: &'h Heap, object: &Object, work: &'h Work) -> Result<Parts<'h>, Fault> {
        Ok(Parts { heap, work, state: State::of(heap, object, work)? })
    }

    /// An attribute, if it is there.
    pub fn get(&self, name: &str) -> Option<Value> {
        self.state.get(name)
    }

    /// What an attribute is, if it is there.
    pub fn view(&self, name: &str) -> Option<View<'h>> {
        self.state.view(name)
    }

    /// An attribute that must be there.
    pub fn needed(&self, name: &'static str) -> Result<Value, Fault> {
        self.state.needed(name)
    }

    /// Whether an attribute that only fitting sets is there.
    pub fn fitted(&self, name: &str) -> bool {
        self.state.fitted(name)
    }

    /// Text, if the attribute is that.
    pub fn text(&self, name: &str) -> Option<&'h str> {
        self.state.text(name)
    }

    /// The version that saved the object, if it says so.
    pub fn version(&self) -> Option<Version> {
        self.state.version()
    }

    /// An array that must be there.
    pub fn array(&self, name: &'static str) -> Result<&'h Array, Fault> {
        as_array(self.heap, name, self.needed(name)?)
    }

    /// An array, if there is anything but `None`.
    pub fn array_if_fitted(&self, name: &'static str) -> Result<Option<&'h Array>, Fault> {
        if self.fitted(name) { self.array(name).map(Some) } else { Ok(None) }
    }

    /// A whole number, which may be one of numpy's, if the attribute is there.
    pub fn int(&self, name: &'static str) -> Result<Option<i64>, Fault> {
        let Some(value) = self.get(name) else { return Ok(None) };
        int(self.heap, value).map(Some).ok_or_else(|| no(name, &self.heap.view(value), "a whole number"))
    }

    /// Checks that a number, if it is there, is what another part says.
    pub fn agrees(&self, name: &'static str, other: &'static str, wanted: u64) -> Result<(), Fault> {
        match self.int(name)? {
            Some(found) if u64::try_from(found) != Ok(wanted) => {
                Err(Fault::Differs { attribute: name, found, other, wanted })
            }
            _ => Ok(()),
        }
    }
}

/// An array, and nothing that passes for one.
pub(super) fn as_array<'h>(heap: &'h Heap, name: &'static str, value: Value) -> Result<&'h Array, Fault> {
    heap.as_array(value).ok_or_else(|| no(name, &heap.view(value), "an array"))
}

/// The lengths of an array that must have so many axes.
pub(super) fn axes<const AXES: usize>(name: &'static str, array: &Array) -> Result<[u64; AXES], Fault> {
    <[u64; AXES]>::try_from(&*array.shape).map_err(|_| Fault::Axes {
        attribute: name,
        found: array.shape.to_vec(),
        wanted: AXES,
    })
}
