//! The other reader's stack, and what it begins with.

use super::super::memo::Spelling;
use super::MOST;
use super::ours::number_of;
use super::values::{Age, Item, Val};
use crate::graph::{DTypeKind, Heap, Value, View};
use crate::vocabulary::Roles;
use std::collections::HashMap;

/// What a shadow begins with: our reader's stack and memo at the place where the other one parts from it.
#[derive(Debug, Clone, Default)]
pub(in super::super) struct Base {
    pub(super) stack: Vec<Val>,
    pub(super) marks: Vec<usize>,
    pub(super) memo: HashMap<u64, Item>,
    /// How its indices were written.
    spelling: Option<Spelling>,
    /// Whether the memo holds more.
    pub(super) open: bool,
    /// Whether the stack goes on below.
    pub(super) bottomless: bool,
    /// The protocol of the pickle in which they part, if that is known.
    pub(super) protocol: Option<u8>,
}

impl Base {
    /// The stack's upper values, and the memo, of a file that Python 2 may read up to here or not; `None` for a memo that is not looked at.
    pub fn new(
        heap: &Heap,
        roles: &Roles,
        python2: bool,
        stack: impl Iterator<Item = Value>,
        memo: Option<&mut dyn Iterator<Item = (u64, Value)>>,
    ) -> Base {
        let mut dicts = HashMap::new();
        let mut val = |value: Value| {
            let made = || Val::of(heap, roles, python2, value);
            // What comes into a dict by one of its names is in it by all others.
            if matches!(heap.view(value), View::Dict(_)) {
                dicts.entry(value.bits()).or_insert_with(made).clone()
            } else {
                made()
            }
        };
        let stack = stack.map(&mut val).collect();
        let open = memo.is_none();
        let mut item = |value| Item::old(val(value), false).with_number(number_of(heap, value));
        let memo = memo.into_iter().flatten().map(|(index, value)| (index, item(value))).collect();
        Base { stack, marks: Vec::new(), memo, spelling: None, open, bottomless: false, protocol: None }
    }

    /// Every value.
    pub(super) fn each(&mut self, see: &mut dyn FnMut(&mut Val)) {
        self.stack.iter_mut().for_each(&mut *see);
        self.memo.values_mut().for_each(|item| see(&mut item.val));
    }

    /// Nothing is known of the stack and the memo.
    pub fn unknown() -> Base {
        Base { open: true, bottomless: true, ..Base::default() }
    }

    /// The same stack as far as it holds texts, which every reader has that read the same opcodes. Nothing else is known of it, nor of the memo.
    #[must_use]
    pub fn of_texts(mut self) -> Base {
        let same = |val: &Val| matches!(val, Val::Text(_) | Val::LongText | Val::None);
        self.stack.iter_mut().filter(|val| !same(val)).for_each(|val| *val = Val::Wild);
        Base { memo: HashMap::new(), open: true, ..self }
    }

    /// Of this entry of the memo nothing is known.
    pub fn forget(&mut self, index: u64) {
        self.memo.insert(index, Item::WILD);
    }

    /// The same, with the memo's indices written in this way.
    #[must_use]
    pub fn spelled(mut self, spelling: Option<Spelling>) -> Base {
        self.spelling = spelling;
        self
    }

    /// The same, in a pickle of this protocol.
    #[must_use]
    pub fn at_protocol(mut self, protocol: u8) -> Base {
        self.protocol = Some(protocol);
        self
    }

    /// Whether an index that is written as text, or in bytes, is another one to Python 2 than those of the memo.
    pub(super) fn is_spelled_otherwise(&self, text: bool) -> bool {
        let other = if text { Spelling::Bytes } else { Spelling::Text };
        self.spelling == Some(other)
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
    marks_are: Marks,
}

/// What a mark on top is to an opcode that takes a value; see `marks.rs`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Marks {
    /// The end of the stack.
    #[default]
    End,
    /// Nothing: the value below is taken, and the mark stays.
    Beside,
    /// A value.
    Values,
}

impl Stack {
    /// What our reader has; where the other one is after the parting it takes in another order.
    pub fn of(base: &Base) -> Stack {
        let values = base.stack.iter().map(|val| Item::old(val.clone(), false)).collect();
        let marks = base.marks.iter().map(|height| (*height, false)).collect();
        Stack { values, lost: 0, bottomless: base.bottomless, marks, marks_are: Marks::End }
    }

    /// Every value.
    pub fn each(&mut self, see: &mut dyn FnMut(&mut Val)) {
        self.values.iter_mut().for_each(|item| see(&mut item.val));
    }

    /// The same reader's stack before a pickle.
    pub fn emptied(&self) -> Stack {
        Stack { marks_are: self.marks_are, ..Stack::default() }
    }

    pub fn push(&mut self, item: Item) {
        if matches!(item.val, Val::Mark) {
            self.mark(false);
        } else if self.values.len() < MOST {
            self.values.push(item);
        } else {
            self.lost = self.lost.saturating_add(1);
        }
    }

    /// Says of the value on top that it is this number, or a dtype of numbers of as many bytes.
    pub fn number(&mut self, number: Option<u32>) {
        if self.lost == 0
            && let Some(top) = self.values.last_mut()
        {
            top.number = number;
        }
    }

    fn height(&self) -> usize {
        self.values.len().saturating_add(self.lost)
    }

    /// Takes a value; anything, if the stack goes on below what is known, or above what is kept.
    pub fn pop(&mut self) -> Option<Item> {
        if self.has_bare_mark() {
            match self.marks_are {
                Marks::End => return None,
                Marks::Beside => {}
                Marks::Values => {
                    self.marks.pop();
                    return Some(Item { age: Age::New, ..Item::old(Val::Mark, false) });
                }
            }
        }
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

    /// Whether a mark is on top.
    pub fn has_bare_mark(&self) -> bool {
        self.marks.last().is_some_and(|(height, _)| *height == self.height())
    }

    /// What marks are from here on.
    pub fn take_marks(&mut self, marks: Marks) {
        self.marks_are = marks;
    }

    /// Whether one of so many values on top is a mark, or none for want of values below it; with `behind_mark`, of those on top once
    /// everything above the last mark is taken.
    pub fn comes_to_a_mark(&self, behind_mark: bool, values: usize) -> bool {
        let mut marks = self.marks.iter().rev().map(|(height, _)| *height);
        let height = if behind_mark { marks.next() } else { Some(self.height()) };
        match (height, marks.next()) {
            (None, _) => false,
            (Some(height), Some(mark)) => height < mark.saturating_add(values),
            (Some(height), None) => behind_mark && height == 0 && !self.bottomless,
        }
    }

    /// Whether there is nothing on it, where Python 2 counts from its other end.
    pub fn is_at_its_bottom(&self) -> bool {
        self.marks_are == Marks::Values && self.marks.is_empty() && self.height() == 0 && !self.bottomless
    }

    /// Takes a mark that is on top, as POP does.
    pub fn pop_bare_mark(&mut self) -> bool {
        let bare = self.has_bare_mark();
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
