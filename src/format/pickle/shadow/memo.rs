//! The memo of another reader, and what of it our own has at the same index.

use super::super::memo::FAR;
use super::marks::Python2;
use super::values::{Held, Item, Val};
use super::{MOST, Parts, Shadow};

/// An entry that the other reader made itself.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    item: Item,
    /// The age of the memo in which ours has the same at this index.
    age: u64,
    /// Whether its index was written out.
    text: bool,
    /// Offset of the opcode that made it.
    at: u64,
}

impl Entry {
    /// Its value.
    pub(super) fn val(&mut self) -> &mut Val {
        &mut self.item.val
    }
}

impl Shadow {
    /// What it has put into its memo stands at other indices than in ours, or ours is another one.
    pub(super) fn other_memo(&mut self) {
        self.memo_age = self.memo_age.saturating_add(1);
        (self.base_is_ours, self.counts_as_ours) = (false, false);
    }

    /// Each load has marks of its own: those that are in the memo are no longer any.
    pub(super) fn end_marks(&mut self) {
        if !std::mem::take(&mut self.keeps_marks) {
            return;
        }
        for entry in self.memo.values_mut().filter(|entry| matches!(entry.item.val, Val::Mark)) {
            entry.item.val = Val::Plain;
        }
    }

    /// Ours may have begun a pickle inside an array, with a memo of its own. Behind it, it has again what it had.
    pub(super) fn may_be_nested(&mut self) {
        let was_ours = self.base_was_ours || self.base_is_ours;
        self.other_memo();
        self.base_was_ours = was_ours;
    }

    /// Whether its memo has entries at the indices alone at which there were some when it parted from ours.
    pub(super) fn is_as_long_as_its_base(&self) -> bool {
        !self.base.open && !self.blurred && self.base_is_dense && self.entries == self.base.memo.len() as u64
    }

    /// PUT and its like; with `text`, at an index that is written out, which Python 2 takes for another one than the same number in bytes.
    pub(super) fn memoize(&mut self, index: Option<u64>, text: bool) -> bool {
        let Some(mut top) = self.pop() else { return false };
        self.counts_as_ours &= self.is_ours();
        self.keeps_marks |= matches!(top.val, Val::Mark);
        if index.is_none() && self.blurred {
            // It stands at an index that is not known, perhaps in the place of another entry.
            self.base.memo.clear();
            self.memo.clear();
            self.base.open = true;
            self.stack.push(Item { held: Held::Elsewhere, ..top });
            return true;
        }
        // An index that stands in the file is the same for both readers. A counted one is not, and where ours stands then may have
        // been an entry that is known.
        let (at, same) = (index.unwrap_or(self.entries), index.is_some() || self.counts_as_ours);
        if !same {
            self.memo_age = self.memo_age.saturating_add(1);
            self.base_is_ours &= self.base_is_dense;
            self.base_was_ours &= self.base_is_dense;
        }
        let age = if same { self.memo_age } else { 0 };
        let new = !self.memo.contains_key(&at) && !self.base.memo.contains_key(&at);
        top.held = if top.held == Held::Alone { Held::Memo { index: at, at: self.at } } else { Held::Elsewhere };
        if self.memo.len() < MOST || self.memo.contains_key(&at) {
            self.memo.insert(at, Entry { item: top.clone(), age, text, at: self.at });
        } else {
            self.base.memo.remove(&at);
            self.blurred = true;
        }
        self.entries = self.entries.saturating_add(u64::from(new));
        self.stack.push(top);
        true
    }

    /// Whether CPython would make room for more entries than a writer comes to. joblib's reader is written in Python, whose memo is a dict;
    /// and `pickle.load` on an array of joblib's finds such an index wherever a text begins with `r`: it is followed behind that, as if
    /// there were memory for it.
    pub(super) fn is_far(&self, index: u64) -> bool {
        !matches!(self.parts, Parts::Elements | Parts::Opcodes)
            && index > self.entries.saturating_mul(2).saturating_add(FAR)
    }

    pub(super) fn get(&mut self, index: u64, text: bool) -> bool {
        let same_memo = self.base_is_ours && self.is_ours();
        let old = self.python2 != Python2::None;
        let item = match (self.memo.get(&index), self.base.memo.get(&index)) {
            (Some(entry), _) if old && entry.text != text => Item::WILD,
            (Some(entry), _) if entry.age == self.memo_age => entry.item.clone(),
            (Some(entry), _) => entry.item.clone().foreign(),
            (None, Some(_)) if old && self.base.is_spelled_otherwise(text) => Item::WILD,
            (None, Some(item)) => Item { own: same_memo, ..item.clone() },
            (None, None) if self.base.open || self.blurred => Item::WILD,
            (None, None) => return false,
        };
        // Whatever stands on the stack has another name from here on.
        if let Some(entry) = self.memo.get_mut(&index) {
            entry.item.held = Held::Elsewhere;
        }
        self.stack.push(Item { held: Held::Elsewhere, ..item });
        true
    }

    /// Whether a value may be known by another name than the entry that was made of it.
    pub(super) fn is_held(&self, item: &Item) -> bool {
        match item.held {
            Held::Alone => false,
            Held::Memo { index, at } => {
                !self.memo.get(&index).is_some_and(|entry| entry.at == at && entry.item.held == item.held)
            }
            Held::Elsewhere => true,
        }
    }

    /// A value that is in the memo, too, has become this one.
    pub(super) fn becomes(&mut self, item: &Item) {
        if let Held::Memo { index, at } = item.held
            && let Some(entry) = self.memo.get_mut(&index).filter(|entry| entry.at == at)
        {
            entry.item = Item { held: entry.item.held, ..item.clone() };
        }
    }
}
