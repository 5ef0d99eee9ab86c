//! Python's hashes of what is made of numbers alone: tuples, frozensets and complex numbers of them (`Python/pyhash.c`,
//! `Objects/{tuple,set,complex}object.c` of CPython 3.8 and later). Whoever knows them can write many keys of one hash.
//!
//! Texts are hashed with a secret, and objects by where they are: with one of those in it, a key has no hash that a file could
//! choose.

use super::array::{Bytes, DTypeKind, Order};
use super::exact::{MODULUS, Which, Whole, identity, which};
use super::heap::{Heap, Object};
use super::value::Value;
use super::view::View;

/// A hash, and what tells the value from others that have it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Known {
    pub hash: u64,
    pub identity: u64,
}

/// How deep a key is looked into: deeper ones are none.
const DEPTH: u8 = 6;

/// What a value is hashed to, if it is made of numbers alone.
pub(super) fn of(heap: &Heap, value: Value) -> Option<Known> {
    at_depth(heap, value, 0)
}

fn at_depth(heap: &Heap, value: Value, depth: u8) -> Option<Known> {
    if depth > DEPTH {
        return None;
    }
    let parts = |items: super::Items<'_>| -> Option<Vec<Known>> {
        items.map(|item| at_depth(heap, item, depth.saturating_add(1))).collect()
    };
    match heap.view(value) {
        // The same in each process since 3.12, and unknown before: a constant will do to tell equal ones.
        View::None => Some(known(0xfca8_6420, &[0])),
        View::Bool(one) => Some(known(one.into(), &[1, one.into()])),
        View::Int(_) | View::Long(_) => {
            let number = Whole::of(heap, value)?;
            Some(Known { hash: number.hash(), identity: number.identity })
        }
        View::Float(number) => Some(known(of_float(number)?, &number.to_bits().to_le_bytes())),
        View::Tuple(items) => Some(of_tuple(&parts(items)?)),
        View::FrozenSet(items) => Some(of_set(&parts(items)?)),
        View::Object(_, object) => match (which(heap, object), complex(heap, object)) {
            (Some(Which::One { hash, identity }), _) => {
                let rest = hash & !(1 << 63);
                let hash = if hash == rest { rest } else { never_minus_one(rest.wrapping_neg()) };
                Some(Known { hash, identity })
            }
            (_, Some([real, imaginary])) => {
                let hash = of_float(real)?.wrapping_add(of_float(imaginary)?.wrapping_mul(1_000_003));
                let bits = [real, imaginary].map(|part| part.to_bits().to_le_bytes()).concat();
                Some(known(never_minus_one(hash), &bits))
            }
            _ => None,
        },
        _ => None,
    }
}

fn known(hash: u64, bytes: &[u8]) -> Known {
    Known { hash, identity: identity(bytes) }
}

/// -1 says in C that there was an error.
fn never_minus_one(hash: u64) -> u64 {
    if hash == u64::MAX { hash.wrapping_sub(1) } else { hash }
}

/// `_Py_HashDouble`; NaN has none.
fn of_float(number: f64) -> Option<u64> {
    const BITS: i64 = 61;
    if number.is_nan() {
        return None;
    }
    if number.is_infinite() {
        return Some(if number > 0.0 { 314_159 } else { 314_159u64.wrapping_neg() });
    }
    // A float is a whole number times a power of two, and those go round modulo 2^61 - 1.
    let bits = number.to_bits();
    let exponent = i64::try_from(bits >> 52 & 0x7ff).unwrap_or_default();
    let fraction = bits & ((1 << 52) - 1);
    let (whole, exponent) = match exponent {
        0 => (fraction, -1074),
        _ => (fraction | 1 << 52, exponent.saturating_sub(1075)),
    };
    let turn = u32::try_from(exponent.checked_rem_euclid(BITS)?).unwrap_or_default();
    let hash = u128::from(whole).checked_shl(turn).and_then(|turned| turned.checked_rem(MODULUS))?;
    let hash = u64::try_from(hash).unwrap_or_default();
    Some(if number < 0.0 { never_minus_one(hash.wrapping_neg()) } else { hash })
}

/// `tuplehash`.
fn of_tuple(parts: &[Known]) -> Known {
    const PRIME_1: u64 = 11_400_714_785_074_694_791;
    const PRIME_2: u64 = 14_029_467_366_897_019_727;
    const PRIME_5: u64 = 2_870_177_450_012_600_261;
    let mix = |sum: u64, part: &Known| {
        sum.wrapping_add(part.hash.wrapping_mul(PRIME_2)).rotate_left(31).wrapping_mul(PRIME_1)
    };
    let sum = parts.iter().fold(PRIME_5, mix);
    let hash = sum.wrapping_add(parts.len() as u64 ^ PRIME_5 ^ 3_527_539);
    let hash = if hash == u64::MAX { 1_546_275_796 } else { hash };
    let written: Vec<u8> = parts.iter().flat_map(|part| part.identity.to_le_bytes()).collect();
    known(hash, &written)
}

/// What `frozenset_hash` makes a hash of: the members' hashes, in no order. How many there are goes into it, too.
fn of_set(parts: &[Known]) -> Known {
    let shuffled = |hash: u64| (hash ^ 89_869_747 ^ hash.wrapping_shl(16)).wrapping_mul(3_644_798_167);
    let sum = parts.iter().fold(0, |sum, part| sum ^ shuffled(part.hash));
    let all = parts.iter().fold(0, |all, part| all ^ identity(&part.identity.to_le_bytes()));
    Known { hash: sum ^ (parts.len() as u64).wrapping_mul(1_927_868_237), identity: all }
}

/// The parts of `complex(real, imaginary)`, or of a complex number of numpy's.
fn complex(heap: &Heap, object: &Object) -> Option<[f64; 2]> {
    let [first, second] = heap.as_tuple(object.args)?.exactly::<2>()?;
    let class = heap.get_name(object.name)?.qualname.as_str();
    let float = |value: Value| match heap.view(value) {
        View::Float(number) => Some(number),
        _ => None,
    };
    match (heap.view(first), heap.view(second)) {
        (View::Float(_), View::Float(_)) if class == "complex" => Some([float(first)?, float(second)?]),
        (View::DType(_, dtype), View::Bytes(blob)) if dtype.kind == DTypeKind::Complex => {
            let Bytes::Kept(bytes) = heap.blob_bytes(blob) else { return None };
            let swapped = dtype.order == Order::Big;
            match (bytes.split_at_checked(bytes.len().div_euclid(2))?, bytes.len()) {
                ((real, imaginary), 16) => {
                    let part = |part: &[u8]| {
                        part.try_into().ok().map(if swapped { f64::from_be_bytes } else { f64::from_le_bytes })
                    };
                    Some([part(real)?, part(imaginary)?])
                }
                ((real, imaginary), 8) => {
                    let part = |part: &[u8]| {
                        part.try_into().ok().map(if swapped { f32::from_be_bytes } else { f32::from_le_bytes })
                    };
                    Some([part(real)?.into(), part(imaginary)?.into()])
                }
                _ => None,
            }
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::value::Tag;
    use super::*;
    use crate::bytes::{Budget, Limits};

    /// A heap to make keys in.
    struct Keys(Heap, Budget);

    impl Keys {
        fn float(&mut self, number: f64) -> Value {
            self.0.float(number, &mut self.1).unwrap()
        }

        fn int(&mut self, number: i128) -> Value {
            self.0.long(&number.to_le_bytes(), &mut self.1).unwrap()
        }

        fn tuple(&mut self, items: &[Value]) -> Value {
            self.0.tuple(items.iter().copied(), &mut self.1).unwrap()
        }

        fn hash(&self, value: Value) -> Option<i64> {
            of(&self.0, value).map(|known| known.hash.cast_signed())
        }
    }

    #[test]
    fn hashes_are_those_of_python() {
        // `hash(…)` in CPython 3.8, 3.12 and 3.13.
        let mut keys = Keys(Heap::default(), Budget::new(&Limits::default(), 1 << 20));
        for (number, expected) in [
            (2.5, 1_152_921_504_606_846_978),
            (-1.0, -2),
            (1e300, 1_224_995_262_755_759_164),
            (5e-324, 16_777_216),
            (-0.1, -230_584_300_921_369_408),
            (1e-20, 53_169_119_831_396_632),
            (f64::INFINITY, 314_159),
            (-0.0, 0),
        ] {
            let value = keys.float(number);
            assert_eq!(keys.hash(value), Some(expected), "{number}");
        }
        let nan = keys.float(f64::NAN);
        assert_eq!(keys.hash(nan), None);
        let [one, two, half, minus, long] = [1, 2, 3, -1, (1 << 60) - 1].map(|number| keys.int(number));
        let (broken, three) = (keys.float(2.5), keys.int(-3));
        let [prime, beyond, below] = [(1 << 61) - 1, 1 << 70, -(1i128 << 90)].map(|number| keys.int(number));
        let (pair, inner) = (keys.tuple(&[one, two]), [keys.int(4), keys.int(5)]);
        let inner = keys.tuple(&inner);
        let inner = keys.tuple(&[half, inner]);
        for (items, expected) in [
            (&[one, two][..], -3_550_055_125_485_641_917),
            (&[one, broken, three], -7_809_741_415_209_092_565),
            (&[minus], 8_078_679_518_589_016_365),
            (&[long, minus], 4_189_135_509_819_426_259),
            (&[pair, inner], 8_418_944_986_667_272_387),
            (&[Value::bool(true), Value::bool(false)], -5_164_621_852_614_943_976),
            (&[prime, beyond, below], -3_468_567_740_782_888_965),
        ] {
            let tuple = keys.tuple(items);
            assert_eq!(keys.hash(tuple), Some(expected));
        }
        let text = keys.0.text(b"a", &mut keys.1).unwrap();
        let secret = keys.tuple(&[one, text]);
        assert_eq!(keys.hash(secret), None, "texts are hashed with a secret");
        assert_eq!(keys.hash(Value::new(Tag::Tuple, 0)), keys.hash(Value::new(Tag::Tuple, 0)));
    }
}
