//! Keys that Python puts into one and the same place of a dict or set.
//!
//! Texts are hashed with a secret; numbers, and what is made of numbers, are not ([`super::hash`]). Many keys with one hash
//! make a file of a megabyte take hours to load, for each is compared with all the others.

use super::exact::{MODULUS, Which, which};
use super::hash::{self, Known};
use super::heap::{Heap, Object};
use super::value::{Tag, Value};
use super::view::View;
use crate::bytes::{Budget, Exceeded};
use std::collections::{HashMap, HashSet};

/// Keys of one hash that no honest file comes near to.
const MOST: u32 = 1000;
/// Longest number that is looked at, in bytes; longer ones count as one hash. Python hashes a number anew each time.
pub(super) const LONGEST: usize = 64;
/// What an entry costs.
const ENTRY: u64 = 48;

/// How many values take the time in which numpy hashes and compares a field of a dtype.
const FIELD: u64 = 8;
/// Most arguments of what is made for a key.
const ARGUMENTS: usize = 16;

/// Different exact numbers of one hash that no honest file comes near to: Python's own code compares them, not C.
const MOST_EXACT: usize = 32;

/// In how many values Python compares two of them, of 4300 digits.
const EXACT: u64 = 100;
/// In how many Python before 3.10 hashes one that is written in Python, such as a fraction: each time anew, also in a tuple.
const EXACT_HASH: u64 = 500;
/// In how many pandas hashes an interval, of its two ends.
const INTERVAL_HASH: u64 = 100;
/// In how many a time or a number of numpy's is hashed.
const OBJECT_HASH: u64 = 20;
/// How many bytes of a text Python compares in the time that one value takes.
const TEXT: u64 = 64;
/// What a part of a key is hashed and counted in, in values read.
const PART: u64 = 4;

/// How many keys were met of each hash. Of ints only those beyond the modulus can share one.
#[derive(Debug, Default)]
pub(super) struct Clashes {
    large: HashMap<u64, u32>,
    exact: HashMap<u64, HashSet<u64>>,
    /// Of what is made of numbers: the first, and the others.
    made: HashMap<u64, (u64, HashSet<u64>)>,
}

impl Clashes {
    fn count(&mut self, bytes: &[u8], budget: &mut Budget) -> Result<bool, Exceeded> {
        hash(bytes).map_or(Ok(false), |hash| self.count_each(hash, budget))
    }

    fn count_each(&mut self, hash: u64, budget: &mut Budget) -> Result<bool, Exceeded> {
        if !self.large.contains_key(&hash) {
            budget.memory(ENTRY)?;
        }
        let count = self.large.entry(hash).or_default();
        *count = count.saturating_add(1);
        Ok(*count > MOST)
    }

    /// How many others of its hash were met. The same key in many dicts is no clash, but is compared with the others in each.
    fn count_made(&mut self, known: Known, budget: &mut Budget) -> Result<usize, Exceeded> {
        let Some((first, others)) = self.made.get_mut(&known.hash) else {
            budget.memory(ENTRY.saturating_mul(2))?;
            self.made.insert(known.hash, (known.identity, HashSet::new()));
            return Ok(0);
        };
        if *first != known.identity && !others.contains(&known.identity) {
            budget.memory(ENTRY)?;
            others.insert(known.identity);
        }
        Ok(others.len())
    }

    /// The same number in many dicts is no clash, but is compared with the others in each.
    fn count_exact(&mut self, which: Which, budget: &mut Budget) -> Result<bool, Exceeded> {
        let Which::One { hash, identity } = which else { return self.count_each(u64::MAX, budget) };
        if !self.exact.get(&hash).is_some_and(|met| met.contains(&identity)) {
            budget.memory(ENTRY.saturating_mul(4))?;
        }
        let met = self.exact.entry(hash).or_default();
        met.insert(identity);
        budget.values((met.len() as u64).saturating_sub(1).saturating_mul(EXACT))?;
        Ok(met.len() > MOST_EXACT)
    }
}

impl Heap {
    /// Counts a key of a dict or a member of a set; `true` once too many share one hash.
    #[inline]
    pub fn clashes(&mut self, key: Value, budget: &mut Budget) -> Result<bool, Exceeded> {
        match key.tag() {
            Tag::Float | Tag::Long | Tag::Tuple | Tag::FrozenSet | Tag::Object => self.clashes_inside(key, budget),
            Tag::Text | Tag::Latin if !self.is_long(key) => Ok(false),
            Tag::Text | Tag::Latin | Tag::Bytes | Tag::DType => self.pay_to_compare(key, budget).map(|()| false),
            _ => Ok(false),
        }
    }

    /// Pays for a key that is compared with one that looks alike: of texts and dtypes that takes the longer the longer they are, each time.
    fn pay_to_compare(&self, key: Value, budget: &mut Budget) -> Result<(), Exceeded> {
        match self.view(key) {
            View::Text(text) => budget.values(text.bytes().len() as u64 / TEXT),
            View::Latin(bytes) => budget.values(bytes.len() as u64 / TEXT),
            View::Bytes(blob) => budget.values(self.blob(blob).map_or(0, |blob| blob.len) / TEXT),
            View::DType(_, dtype) => budget.values(dtype.inside.saturating_mul(FIELD)),
            _ => Ok(()),
        }
    }

    /// Of what is made of parts, whether it comes to as many of one hash as no honest file has.
    fn clashes_inside(&mut self, key: Value, budget: &mut Budget) -> Result<bool, Exceeded> {
        let mut clashes = std::mem::take(&mut self.clashes);
        let (mut found, mut most, mut parts) = (Ok(false), 0, 0u64);
        // Of what is hashed with a secret, one part may be the same in all keys, and the others of one hash.
        let mut todo = vec![(key, true)];
        // What can be hashed at all is small: see `is_hashable`.
        while let Some((value, tells)) = todo.pop() {
            let made = if tells && self.is_choosable(value) { hash::of(self, value) } else { None };
            parts = parts.saturating_add(1);
            found = made.map_or(Ok(0), |known| clashes.count_made(known, budget)).map(|others| {
                most = most.max(others);
                others >= MOST as usize
            });
            if !matches!(found, Ok(false)) {
                break;
            }
            match self.view(value) {
                View::Tuple(items) | View::FrozenSet(items) => {
                    todo.extend(items.map(|item| (item, tells && made.is_none())));
                }
                View::Long(bytes) => found = clashes.count(bytes, budget),
                View::Object(_, object) => {
                    found = budget.values(hash_cost(self, object)).map(|()| false);
                    if found.is_ok()
                        && let Some(which) = which(self, object)
                    {
                        found = clashes.count_exact(which, budget);
                    }
                    let arguments = self.as_tuple(object.args).into_iter().flatten();
                    found = found.and_then(|found| {
                        arguments.take(ARGUMENTS).try_for_each(|part| self.pay_to_compare(part, budget))?;
                        Ok(found)
                    });
                }
                _ => found = self.pay_to_compare(value, budget).map(|()| false),
            }
            if !matches!(found, Ok(false)) {
                break;
            }
        }
        self.clashes = clashes;
        found.and_then(|found| {
            budget.values(parts.saturating_mul((most as u64).saturating_add(PART)))?;
            Ok(found)
        })
    }

    /// Whether pandas takes long to see what an element of an array is: a time that says its zone, an interval.
    pub fn is_slow_element(&self, value: Value) -> bool {
        let of = self.as_object(value);
        of.is_some_and(|(_, object)| hash::is_in_a_zone(self, object) || hash::is_interval(self, object))
    }

    /// Whether a key is one of those of which many of one hash can be written. Two numbers of four bytes, such as places in a matrix,
    /// have too few values for it.
    fn is_choosable(&self, key: Value) -> bool {
        match self.view(key) {
            View::Tuple(items) => {
                let small = |item: Value| matches!(self.view(item), View::Int(number) if i32::try_from(number).is_ok());
                let text = |item: &Value| matches!(self.view(*item), View::Text(_) | View::Bytes(_));
                let (count, texts) = (items.len(), items.clone().filter(text).count());
                // Of one number among texts there are too few.
                (texts == 0 || count.saturating_sub(texts) > 1) && (count > 2 || !items.into_iter().all(small))
            }
            View::FrozenSet(_) => true,
            // Each is another one, and before Python 3.10 the hash of all was 0.
            View::Float(number) => number.is_nan(),
            View::Object(_, object) => {
                which(self, object).is_none()
                    && (hash::is_number(self, object)
                        || hash::is_in_a_zone(self, object)
                        || hash::is_interval(self, object))
            }
            _ => false,
        }
    }
}

/// In how many values an object that is a key is hashed.
fn hash_cost(heap: &Heap, object: &Object) -> u64 {
    match heap.get_name(object.name).map(|name| name.qualname.as_str()) {
        Some("Fraction" | "Decimal") => EXACT_HASH,
        Some("Interval") => INTERVAL_HASH,
        _ => OBJECT_HASH,
    }
}

/// The hash of a number in two's complement, if others may have the same.
fn hash(bytes: &[u8]) -> Option<u64> {
    if bytes.len() > LONGEST {
        return Some(u64::MAX);
    }
    let negative = bytes.last().is_some_and(|last| last & 0x80 != 0);
    let (mut rest, mut large) = (0u128, false);
    for byte in bytes.iter().rev() {
        let byte = if negative { !*byte } else { *byte };
        let next = rest.saturating_mul(256).saturating_add(u128::from(byte));
        large |= next >= MODULUS;
        rest = next.checked_rem(MODULUS).unwrap_or_default();
    }
    // Without its sign -1 - n is n; one more or less makes no others of them.
    let sign = u64::from(negative) << 63;
    large.then(|| u64::try_from(rest).unwrap_or_default() | sign)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_beyond_the_modulus_are_told_by_their_rest() {
        let bytes = |number: i128| number.to_le_bytes();
        let p = MODULUS as i128;
        assert_eq!(hash(&bytes(5)), None);
        assert_eq!(hash(&bytes(-5)), None);
        assert_eq!(hash(&bytes(p)), Some(0));
        assert_eq!(hash(&bytes(p * 7)), Some(0));
        assert_eq!(hash(&bytes(p * 7 + 3)), Some(3));
        assert_eq!(hash(&bytes(-p * 7 - 4)), hash(&bytes(-p * 9 - 4)));
        assert_ne!(hash(&bytes(-p * 7 - 4)), hash(&bytes(p * 7 + 3)));
        assert_eq!(hash(&[1; 65]), hash(&[2; 70]));
    }
}
