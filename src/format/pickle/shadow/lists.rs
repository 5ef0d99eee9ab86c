//! What a shadow knows of the items of a list: how many there are, for numpy reads as many of it as an array has elements, and does not
//! ask how long the list is; and whether somebody could find a model among them.

use super::values::{Item, Val};
use std::cell::Cell;
use std::rc::Rc;

/// What is known of a list's items, by all the names that it has.
#[derive(Debug, Clone)]
pub(super) struct Items(Rc<Cell<Known>>);

#[derive(Debug, Clone, Copy)]
struct Known {
    /// How many there are.
    count: Option<u64>,
    inert: Inert,
}

/// Whether none of some things is a model, nor comes to hold one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Inert {
    No,
    /// As long as no dict comes to hold more than numbers and texts.
    InDicts,
    Always,
}

impl Inert {
    /// What is known of all of these.
    pub fn of<'v>(values: impl Iterator<Item = &'v Val>) -> Inert {
        values.map(Val::inert).min().unwrap_or(Inert::Always)
    }
}

impl Items {
    /// These, if they are known.
    pub fn of(items: Option<&[Item]>) -> Items {
        let count = items.and_then(|items| u64::try_from(items.len()).ok());
        let inert = items.map_or(Inert::No, |items| Inert::of(items.iter().map(|item| &item.val)));
        Items(Rc::new(Cell::new(Known { count, inert })))
    }

    /// What tells this list from others.
    pub fn cell(&self) -> usize {
        Rc::as_ptr(&self.0).addr()
    }

    /// The same, of a list of another reader.
    pub fn renewed(&self) -> Items {
        Items(Rc::new(Cell::new(self.0.get())))
    }

    /// These come to it.
    pub fn add(&self, items: Option<&[Item]>) {
        let (known, more) = (self.0.get(), Items::of(items).0.get());
        let count = known.count.zip(more.count).and_then(|(count, more)| count.checked_add(more));
        self.0.set(Known { count, inert: known.inert.min(more.inert) });
    }

    /// Items of it were set: by a slice, it may be shorter or longer.
    pub fn forget(&self) {
        self.0.set(Known { count: None, inert: Inert::No });
    }

    /// Whether there are certainly so many.
    pub fn are(&self, count: u32) -> bool {
        self.0.get().count == Some(count.into())
    }

    /// Whether none of them is a model, nor comes to hold one.
    pub fn inert(&self) -> Inert {
        self.0.get().inert
    }
}

/// How many elements an array of these lengths has.
pub(super) fn product(lengths: &[Item]) -> Option<u32> {
    lengths.iter().try_fold(1u32, |product, length| {
        product.checked_mul(length.number.filter(|_| matches!(length.val, Val::Plain))?)
    })
}
