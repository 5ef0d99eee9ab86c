//! The memo: dense up to twice the number of entries, a hash map beyond it, so that one PUT with a huge index costs nothing.

use crate::bytes::{Budget, Exceeded};
use crate::graph::{Paged, Value};
use std::collections::HashMap;

/// Values by index.
#[derive(Debug, Default)]
pub(super) struct Memo {
    /// The bits of values, which are never 0; 0 where none was put.
    dense: Paged<u64>,
    sparse: HashMap<u64, Value>,
    entries: u64,
    spelling: Option<Spelling>,
}

/// How the indices of a pickle are written. To `cPickle` of Python 2, the same number in the other spelling is another entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Spelling {
    /// PUT and GET.
    Text,
    /// BINPUT, BINGET and their long forms.
    Bytes,
}

/// How far beyond the entries an index may be: CPython makes 256 MiB of room for it.
pub(super) const FAR: u64 = 1 << 24;
/// Cost of an entry of the hash map, growing included.
const SPARSE: u64 = 64;

impl Memo {
    /// Sets an entry.
    pub fn put(&mut self, index: u64, value: Value, budget: &mut Budget) -> Result<(), Exceeded> {
        if let Some(slot) = usize::try_from(index).ok().and_then(|index| self.dense.get_mut(index)) {
            if *slot == 0 && !take(&mut self.sparse, index) {
                self.entries = self.entries.saturating_add(1);
            }
            *slot = value.bits();
            return Ok(());
        }
        if index <= self.entries.saturating_mul(2).saturating_add(1024) {
            while (self.dense.len() as u64) < index {
                self.dense.push(0, budget)?;
            }
            self.dense.push(value.bits(), budget)?;
            if !take(&mut self.sparse, index) {
                self.entries = self.entries.saturating_add(1);
            }
            return Ok(());
        }
        budget.memory(SPARSE)?;
        if self.sparse.insert(index, value).is_none() {
            self.entries = self.entries.saturating_add(1);
        }
        Ok(())
    }

    /// Whether indices are written in this way; the first says how.
    #[inline]
    pub fn takes(&mut self, spelling: Spelling) -> bool {
        *self.spelling.get_or_insert(spelling) == spelling
    }

    /// How the indices were written, if there was one.
    pub fn spelling(&self) -> Option<Spelling> {
        self.spelling
    }

    /// Whether an index is one that a writer could come to. CPython makes room for twice as many entries as an index says:
    /// a file of a few bytes could take all memory. Writers count up from 0 or 1.
    pub fn is_reasonable(&self, index: u64) -> bool {
        index <= self.entries.saturating_mul(2).saturating_add(FAR)
    }

    /// Sets the entry whose index is the number of entries (MEMOIZE).
    #[inline]
    pub fn append(&mut self, value: Value, budget: &mut Budget) -> Result<(), Exceeded> {
        // A pickle that has no other index written is all in the dense part.
        if self.dense.len() as u64 == self.entries && self.sparse.is_empty() {
            self.dense.push(value.bits(), budget)?;
            self.entries = self.entries.saturating_add(1);
            return Ok(());
        }
        self.put(self.entries, value, budget)
    }

    /// All entries.
    pub fn iter(&self) -> impl Iterator<Item = (u64, Value)> {
        let dense = self.dense.iter().zip(0u64..).filter_map(|(bits, index)| Some((index, kept(*bits)?)));
        dense.chain(self.sparse.iter().map(|(index, value)| (*index, *value)))
    }

    /// Number of entries.
    pub fn len(&self) -> u64 {
        self.entries
    }

    /// An entry.
    pub fn get(&self, index: u64) -> Option<Value> {
        let dense = usize::try_from(index).ok().and_then(|index| self.dense.get(index)).and_then(|bits| kept(*bits));
        dense.or_else(|| self.sparse.get(&index).copied())
    }
}

/// The value of a place in the dense part, if one was put there.
#[inline]
fn kept(bits: u64) -> Option<Value> {
    (bits != 0).then(|| Value::from_bits(bits))
}

/// Takes an entry out of the hash map, if it is there.
#[inline]
fn take(sparse: &mut HashMap<u64, Value>, index: u64) -> bool {
    !sparse.is_empty() && sparse.remove(&index).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bytes::Limits;

    #[test]
    fn entries_come_back_wherever_they_are() {
        let mut budget = Budget::new(&Limits::default(), 1000);
        let mut memo = Memo::default();
        for index in [5, 4_000_000_000, 0, 2000, 5] {
            memo.put(index, Value::bool(true), &mut budget).unwrap();
        }
        assert_eq!(memo.entries, 4, "an entry that is set again is still one");
        memo.append(Value::NONE, &mut budget).unwrap();
        assert_eq!(memo.get(4), Some(Value::NONE));
        assert_eq!(memo.get(4_000_000_000), Some(Value::bool(true)));
        assert_eq!(memo.get(2000), Some(Value::bool(true)));
        assert_eq!(memo.get(1), None);
        for index in 0..3000 {
            memo.put(index, Value::bool(false), &mut budget).unwrap();
        }
        assert_eq!((memo.get(2000), memo.entries), (Some(Value::bool(false)), 3001));
    }
}
