//! The other reader's stack, and what it begins with.

use super::MOST;
use super::values::{Item, Val};
use crate::graph::{DTypeKind, Heap, Value};
use crate::vocabulary::Roles;
use std::collections::HashMap;

/// What a shadow begins with: our reader's stack and memo at the place where the other one parts from it.
#[derive(Debug, Clone, Default)]
pub(in super::super) struct Base {
    pub(super) stack: Vec<Val>,
    pub(super) marks: Vec<usize>,
    pub(super) memo: HashMap<u64, Val>,
    /// Whether the memo holds more.
    pub(super) open: bool,
    /// Whether the stack goes on below.
    pub(super) bottomless: bool,
}

impl Base {
    /// The stack's upper values, and the memo; `None` for a memo that is not looked at.
    pub fn new(
        heap: &Heap,
        roles: &Roles,
        stack: impl Iterator<Item = Value>,
        memo: Option<&mut dyn Iterator<Item = (u64, Value)>>,
    ) -> Base {
        let val = |value| Val::of(heap, roles, value);
        let open = memo.is_none();
        let memo = memo.into_iter().flatten().map(|(index, value)| (index, val(value))).collect();
        Base { stack: stack.map(val).collect(), marks: Vec::new(), memo, open, bottomless: false }
    }

    /// Nothing is known of the stack and the memo.
    pub fn unknown() -> Base {
        Base { open: true, bottomless: true, ..Base::default() }
    }

    /// Of this entry of the memo nothing is known.
    pub fn forget(&mut self, index: u64) {
        self.memo.insert(index, Val::Wild);
    }

    /// The same, of a stack that goes on below if this is so.
    #[must_use]
    pub fn going_on_below(mut self, bottomless: bool) -> Base {
        self.bottomless = bottomless;
        self
    }

    /// The same, with these marks on the stack.
    #[must_use]
    pub fn with_marks(mut self, marks: Vec<usize>) -> Base {
        self.marks = marks;
        self
    }

    /// The same, with an array of this kind of elements on the stack.
    #[must_use]
    pub fn with_an_array(mut self, kind: DTypeKind) -> Base {
        self.stack.push(Val::array(Some(kind)));
        self
    }
}

/// The other reader's stack: values and marks.
#[derive(Debug, Clone, Default)]
pub(super) struct Stack {
    values: Vec<Item>,
    /// Values above those that are kept.
    lost: usize,
    /// Whether there may be values below those that are known.
    bottomless: bool,
    /// Heights, and whether our own reader has the same mark.
    marks: Vec<(usize, bool)>,
}

impl Stack {
    /// What our reader has; where the other one is after the parting it takes in another order.
    pub fn of(base: &Base) -> Stack {
        let values = base.stack.iter().map(|val| Item::old(val.clone(), false)).collect();
        let marks = base.marks.iter().map(|height| (*height, false)).collect();
        Stack { values, lost: 0, bottomless: base.bottomless, marks }
    }

    pub fn push(&mut self, item: Item) {
        if self.values.len() < MOST {
            self.values.push(item);
        } else {
            self.lost = self.lost.saturating_add(1);
        }
    }

    fn height(&self) -> usize {
        self.values.len().saturating_add(self.lost)
    }

    /// Takes a value; anything, if the stack goes on below what is known, or above what is kept. Below a mark Python 3 finds
    /// nothing, and Python 2 takes what is there.
    pub fn pop(&mut self) -> Option<Item> {
        if self.height() > 0 {
            return match self.lost.checked_sub(1) {
                Some(lost) => {
                    self.lost = lost;
                    Some(Item::WILD)
                }
                None => self.values.pop(),
            };
        }
        self.bottomless.then_some(Item::WILD)
    }

    /// Sets a mark; `false` if there are too many.
    pub fn mark(&mut self, own: bool) -> bool {
        self.marks.push((self.height(), own));
        self.marks.len() < MOST
    }

    /// Takes a mark that is on top, as POP does.
    pub fn pop_bare_mark(&mut self) -> bool {
        let bare = self.marks.last().is_some_and(|(height, _)| *height == self.height());
        if bare {
            self.marks.pop();
        }
        bare
    }

    /// Takes everything above the last mark, and whether the mark is own. `None` if there is no mark; no values if they are
    /// not all known.
    pub fn pop_mark(&mut self) -> Option<(Option<Vec<Item>>, bool)> {
        let Some((height, own)) = self.marks.pop() else {
            (self.values, self.lost) = (Vec::new(), 0);
            return self.bottomless.then_some((None, false));
        };
        let known = height == self.height() || (self.lost == 0 && height <= self.values.len());
        let items = known.then(|| self.values.split_off(height.min(self.values.len())));
        self.lost = height.saturating_sub(MOST);
        self.values.truncate(height);
        Some((items, own))
    }
}
