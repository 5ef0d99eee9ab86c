//! Names that refuse a file, and the first thing that the file does with each.
//!
//! The machine reads on after such a name, with no more events and no more trust in what it makes: so that a report can
//! say what would have been called with what, and name all the names at once.

use crate::graph::{NameId, Value};

/// What a file does with a name that refuses it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Use {
    /// It is only fetched: its module is imported all the same.
    Fetched,
    /// It is called with these arguments.
    Called(Value),
    /// An object of it is made.
    Made,
    /// An object of it is made and given state.
    GivenState,
}

/// A name that refuses a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Suspect {
    /// The name.
    pub name: NameId,
    /// What the file does with it first.
    pub used: Use,
}

/// Most names that are kept apart.
const MOST: usize = 1000;

/// All names that refuse a file.
#[derive(Debug, Default)]
pub struct Suspects {
    list: Vec<Suspect>,
    more: u64,
}

impl Suspects {
    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// The names, in the order in which they were asked for.
    pub fn iter(&self) -> impl Iterator<Item = &Suspect> {
        self.list.iter()
    }

    /// Names that were met after the first thousand.
    pub fn more(&self) -> u64 {
        self.more
    }

    pub(super) fn add(&mut self, name: NameId) {
        if self.list.len() < MOST {
            self.list.push(Suspect { name, used: Use::Fetched });
        } else {
            self.more = self.more.saturating_add(1);
        }
    }

    /// Notes what the file does with a name, if it is one of these: a call says more than a state, a state more than an
    /// empty object.
    pub(super) fn note(&mut self, name: NameId, used: Use) {
        if let Some(suspect) = self.list.iter_mut().find(|suspect| suspect.name == name) {
            let rank = |used: Use| match used {
                Use::Fetched => 0,
                Use::Made => 1,
                Use::GivenState => 2,
                Use::Called(_) => 3,
            };
            if rank(used) > rank(suspect.used) {
                suspect.used = used;
            }
        }
    }
}
