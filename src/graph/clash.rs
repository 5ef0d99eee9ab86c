//! Keys that Python puts into one and the same place of a dict or set.
//!
//! Texts are hashed with a secret; numbers are not (`Python/pyhash.c`: the number modulo 2^61 - 1). Many numbers with one hash
//! make a file of a megabyte take hours to load, for each is compared with all the others.

use super::heap::Heap;
use super::value::{Tag, Value};
use super::view::View;
use crate::bytes::{Budget, Exceeded};
use std::collections::HashMap;

/// Python's modulus for hashes of numbers.
const MODULUS: u128 = (1 << 61) - 1;
/// Keys of one hash that no honest file comes near to.
const MOST: u32 = 1000;
/// Longest number that is looked at, in bytes; longer ones count as one hash. Python hashes a number anew each time.
const LONGEST: usize = 64;
/// What an entry costs.
const ENTRY: u64 = 48;

/// How many keys were met of each hash. Only numbers beyond the modulus can share one.
#[derive(Debug, Default)]
pub(super) struct Clashes(HashMap<u64, u32>);

impl Clashes {
    fn count(&mut self, bytes: &[u8], budget: &mut Budget) -> Result<bool, Exceeded> {
        let Some(hash) = hash(bytes) else { return Ok(false) };
        if !self.0.contains_key(&hash) {
            budget.memory(ENTRY)?;
        }
        let count = self.0.entry(hash).or_default();
        *count = count.saturating_add(1);
        Ok(*count > MOST)
    }
}

impl Heap {
    /// Counts a key of a dict or a member of a set; `true` once too many share one hash.
    #[inline]
    pub fn clashes(&mut self, key: Value, budget: &mut Budget) -> Result<bool, Exceeded> {
        match key.tag() {
            Tag::Long | Tag::Tuple => self.clashes_inside(key, budget),
            _ => Ok(false),
        }
    }

    fn clashes_inside(&mut self, key: Value, budget: &mut Budget) -> Result<bool, Exceeded> {
        let mut clashes = std::mem::take(&mut self.clashes);
        let mut todo = vec![key];
        let mut found = Ok(false);
        // What can be hashed at all is small: see `is_hashable`.
        while let Some(value) = todo.pop() {
            match self.view(value) {
                View::Tuple(items) => todo.extend(items),
                View::Long(bytes) => {
                    found = clashes.count(bytes, budget);
                    if !matches!(found, Ok(false)) {
                        break;
                    }
                }
                _ => {}
            }
        }
        self.clashes = clashes;
        found
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
