//! Hashes of exact numbers that are objects: `Decimal`, `Fraction`, `UUID`. Python gives equal numbers one hash whatever their type
//! (`Python/pyhash.c`, `Lib/_pydecimal.py`, `Lib/fractions.py`): numerator by denominator, modulo 2^61 - 1.

use super::clash::LONGEST;
use super::heap::{Heap, Object};
use super::value::Value;
use super::view::View;
use std::hash::{BuildHasher, RandomState};
use std::sync::OnceLock;

/// Python's modulus for hashes of numbers.
pub(super) const MODULUS: u128 = (1 << 61) - 1;

/// A number that is a key.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Which {
    /// Its hash, and what tells it from others.
    One {
        /// What others may share.
        hash: u64,
        /// Of how it is written.
        identity: u64,
    },
    /// One that equals no other, or is too long to be looked at: these count as one hash.
    Any,
}

/// Which number an object is, if it is one.
pub(super) fn which(heap: &Heap, object: &Object) -> Option<Which> {
    let class = heap.get_name(object.name)?.qualname.as_str();
    if class == "UUID" {
        let number = Whole::of(heap, heap.lookup(object.state, "int")?);
        return Some(number.map_or(Which::Any, |number| number.over(&Whole::ONE)));
    }
    if !matches!(class, "Decimal" | "Fraction") {
        return None;
    }
    let args = || heap.as_tuple(object.args);
    let (first, second) = (args()?.at(0)?, args()?.at(1));
    Some(match second {
        Some(second) => match (Whole::of(heap, first), Whole::of(heap, second)) {
            (Some(over), Some(under)) => over.over(&under),
            _ => Which::Any,
        },
        None => heap.as_str(first).and_then(of_text).unwrap_or(Which::Any),
    })
}

/// `-1.50E+3`, `3/2`; none for what is no number, and for what is long.
fn of_text(text: &str) -> Option<Which> {
    if text.len() > LONGEST || text.contains("NaN") {
        return None;
    }
    let (number, exponent) = text.split_once(['E', 'e']).unwrap_or((text, "0"));
    let exponent: i128 = exponent.parse().ok()?;
    let (over, under) = number.split_once('/').unwrap_or((number, "1"));
    let places = over.split_once('.').map_or(0, |(_, places)| places.len());
    // By Fermat, a power of ten depends on its exponent modulo one less.
    let exponent = exponent.checked_sub(i128::try_from(places).ok()?)?;
    let exponent = exponent.checked_rem_euclid(i128::try_from(MODULUS).ok()?.checked_sub(1)?)?;
    let scale = power(10, u128::try_from(exponent).ok()?);
    let over = Whole { rest: times(digits(over), scale), negative: over.starts_with('-'), identity: 0 };
    let under = Whole { rest: digits(under), negative: false, identity: 0 };
    let Which::One { hash, .. } = over.over(&under) else { return None };
    Some(Which::One { hash, identity: identity(text.as_bytes()) })
}

/// A whole number: its rest, without its sign, and what tells it from others.
#[derive(Debug, Clone, Copy)]
pub(super) struct Whole {
    rest: u128,
    negative: bool,
    pub identity: u64,
}

impl Whole {
    const ONE: Whole = Whole { rest: 1, negative: false, identity: 1 };

    /// The number that a value is, if it is one and not too long.
    pub fn of(heap: &Heap, value: Value) -> Option<Whole> {
        match heap.view(value) {
            View::Int(number) => Some(Whole {
                rest: u128::from(number.unsigned_abs()),
                negative: number < 0,
                identity: identity(&number.to_le_bytes()),
            }),
            View::Long(bytes) if bytes.len() <= LONGEST => {
                let negative = bytes.last().is_some_and(|last| last & 0x80 != 0);
                let digit = |byte: u8| u128::from(if negative { !byte } else { byte });
                let rest =
                    bytes.iter().rev().fold(0, |rest, byte| modulo(times(rest, 256).saturating_add(digit(*byte))));
                Some(Whole { rest: modulo(rest.saturating_add(negative.into())), negative, identity: identity(bytes) })
            }
            _ => None,
        }
    }

    /// Python's hash of it.
    pub fn hash(&self) -> u64 {
        let rest = u64::try_from(self.rest).unwrap_or_default();
        if self.negative { never_minus_one(rest.wrapping_neg()) } else { rest }
    }

    fn over(&self, under: &Whole) -> Which {
        let inverse = power(under.rest, MODULUS.saturating_sub(2));
        let sign = u64::from(self.negative != under.negative) << 63;
        let hash = u64::try_from(times(self.rest, inverse)).unwrap_or_default() | sign;
        let written = [self.identity.to_le_bytes(), under.identity.to_le_bytes()].concat();
        Which::One { hash, identity: identity(&written) }
    }
}

/// The digits of a text, as a number.
fn digits(text: &str) -> u128 {
    let digits = text.bytes().filter(u8::is_ascii_digit).map(|digit| u128::from(digit & 15));
    digits.fold(0, |rest, digit| modulo(times(rest, 10).saturating_add(digit)))
}

/// What tells values from others, of how they are written. Its key is of this process, so that no file can have two of one.
pub(super) fn identity(written: &[u8]) -> u64 {
    static KEY: OnceLock<RandomState> = OnceLock::new();
    KEY.get_or_init(RandomState::new).hash_one(written)
}

/// -1 says in C that there was an error.
pub(super) fn never_minus_one(hash: u64) -> u64 {
    if hash == u64::MAX { hash.wrapping_sub(1) } else { hash }
}

fn modulo(number: u128) -> u128 {
    number.checked_rem(MODULUS).unwrap_or_default()
}

/// Both are below 2^64.
fn times(one: u128, other: u128) -> u128 {
    modulo(modulo(one).saturating_mul(modulo(other)))
}

fn power(base: u128, mut exponent: u128) -> u128 {
    let (mut result, mut square) = (1, base);
    while exponent > 0 {
        if exponent & 1 == 1 {
            result = times(result, square);
        }
        square = times(square, square);
        exponent >>= 1;
    }
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hash(text: &str) -> Option<i64> {
        match of_text(text)? {
            Which::One { hash, .. } => {
                let rest = i64::try_from(hash & !(1 << 63)).unwrap();
                Some(if hash >> 63 == 1 { -rest } else { rest })
            }
            Which::Any => None,
        }
    }

    #[test]
    fn hashes_are_those_of_python() {
        // `hash(Decimal(text))`, `hash(Fraction(text))` in CPython 3.13.
        for (text, expected) in [
            ("5", 5),
            ("-5", -5),
            ("1.50", 1152921504606846977),
            ("1E+3", 1000),
            ("-1.5E-7", -1688954718474779992),
            ("123456789012345678901234567890", 248789772095949448),
            ("1E+1000", 88588427293594263),
            ("-0.1", -2075258708292324556),
            ("3/2", 1152921504606846977),
            ("-1/3", -1537228672809129301),
            ("2305843009213693952/7", 1976436865040309101),
        ] {
            assert_eq!(hash(text), Some(expected), "{text}");
        }
        assert_eq!(hash("NaN"), None);
        assert_eq!(hash(&"1".repeat(65)), None);
    }
}
