//! What a shadow knows of how many items there are: numpy reads as many of a list as an array has elements, and does not ask how
//! long the list is.

use super::values::{Item, Val};
use std::cell::Cell;
use std::rc::Rc;

/// The length of a list, by all the names that it has; `None` if it is not known.
#[derive(Debug, Clone)]
pub(super) struct Length(Rc<Cell<Option<u64>>>);

impl Length {
    pub fn new(count: Option<usize>) -> Length {
        Length(Rc::new(Cell::new(count.and_then(|count| u64::try_from(count).ok()))))
    }

    /// What tells this list from others.
    pub fn cell(&self) -> usize {
        Rc::as_ptr(&self.0).addr()
    }

    /// The same, of a list of another reader.
    pub fn renewed(&self) -> Length {
        Length(Rc::new(Cell::new(self.0.get())))
    }

    /// So many items come to it.
    pub fn add(&self, count: Option<usize>) {
        let more = count.and_then(|count| u64::try_from(count).ok());
        self.0.set(self.0.get().zip(more).and_then(|(length, more)| length.checked_add(more)));
    }

    /// Items of it were set: by a slice, it may be shorter or longer.
    pub fn forget(&self) {
        self.0.set(None);
    }

    /// Whether it is certain to be this one.
    pub fn is(&self, length: u32) -> bool {
        self.0.get() == Some(length.into())
    }
}

/// How many elements an array of these lengths has.
pub(super) fn product(lengths: &[Item]) -> Option<u32> {
    lengths.iter().try_fold(1u32, |product, length| {
        product.checked_mul(length.number.filter(|_| matches!(length.val, Val::Plain))?)
    })
}
