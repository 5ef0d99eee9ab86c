//! One value: 8 bytes, a tag and a payload.

use std::num::NonZeroU64;

/// What kind of value the payload belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Tag {
    None = 1,
    Bool,
    Int,
    Long,
    Float,
    Text,
    Latin,
    Bytes,
    ByteArray,
    Tuple,
    List,
    Dict,
    Set,
    FrozenSet,
    Name,
    Object,
    Array,
    DType,
}

/// The tags, each at its number; nothing has number 0.
const TAGS: [Tag; 19] = [
    Tag::None,
    Tag::None,
    Tag::Bool,
    Tag::Int,
    Tag::Long,
    Tag::Float,
    Tag::Text,
    Tag::Latin,
    Tag::Bytes,
    Tag::ByteArray,
    Tag::Tuple,
    Tag::List,
    Tag::Dict,
    Tag::Set,
    Tag::FrozenSet,
    Tag::Name,
    Tag::Object,
    Tag::Array,
    Tag::DType,
];

/// The tags of what holds other values: a bit each.
const HOLDERS: u32 = {
    use Tag::{Array, Dict, FrozenSet, List, Object, Set, Tuple};
    bit(Tuple) | bit(List) | bit(Dict) | bit(Set) | bit(FrozenSet) | bit(Object) | bit(Array)
};

const fn bit(tag: Tag) -> u32 {
    1 << tag as u8
}

/// A value of a [`Heap`](super::Heap), which alone knows what it stands for. Two values are equal when they are the same
/// thing, not when they look alike.
/// Its bits are never all zero, so that an empty place in a table of values costs nothing.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Value(NonZeroU64);

/// The bits of `None`: tag 1, payload 0.
const NO_VALUE: NonZeroU64 = NonZeroU64::MIN.saturating_add(PAYLOAD);
/// Bits of a payload.
const BITS: u32 = 56;
const PAYLOAD: u64 = (1 << BITS) - 1;

impl Value {
    /// Python's `None`.
    pub const NONE: Value = Value::new(Tag::None, 0);

    pub(super) const fn new(tag: Tag, payload: u64) -> Value {
        Value::from_bits((tag as u64) << BITS | payload & PAYLOAD)
    }

    /// `True` or `False`.
    pub const fn bool(value: bool) -> Value {
        Value::new(Tag::Bool, value as u64)
    }

    /// A whole number, if it fits into 56 bits.
    pub(super) const fn small_int(value: i64) -> Option<Value> {
        let kept = value << (64 - BITS) >> (64 - BITS);
        if kept == value { Some(Value::new(Tag::Int, value.cast_unsigned())) } else { None }
    }

    /// Whether it is a list.
    pub fn is_list(self) -> bool {
        self.tag() == Tag::List
    }

    /// Whether it is a dict.
    pub fn is_dict(self) -> bool {
        self.tag() == Tag::Dict
    }

    /// Whether it is a set that can change.
    pub fn is_set(self) -> bool {
        self.tag() == Tag::Set
    }

    pub(super) fn tag(self) -> Tag {
        TAGS.get(usize::try_from(self.bits() >> BITS).unwrap_or(0)).copied().unwrap_or(Tag::None)
    }

    /// Whether it holds no other values.
    #[inline]
    pub(super) const fn is_leaf(self) -> bool {
        HOLDERS >> (self.bits() >> BITS & 31) & 1 == 0
    }

    pub(crate) const fn bits(self) -> u64 {
        self.0.get()
    }

    /// The value of these bits; `None` for the zero of an unused cell.
    pub(crate) const fn from_bits(bits: u64) -> Value {
        match NonZeroU64::new(bits) {
            Some(bits) => Value(bits),
            None => Value(NO_VALUE),
        }
    }

    pub(super) const fn payload(self) -> u64 {
        self.bits() & PAYLOAD
    }

    pub(super) const fn signed_payload(self) -> i64 {
        (self.bits() << (64 - BITS)).cast_signed() >> (64 - BITS)
    }

    /// The payload as an index.
    pub(super) fn index(self) -> usize {
        usize::try_from(self.payload()).unwrap_or(usize::MAX)
    }
}

impl std::fmt::Debug for Value {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:?}#{}", self.tag(), self.payload())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_come_back() {
        for tag in TAGS.into_iter().skip(1) {
            let value = Value::new(tag, 77);
            assert_eq!((value.tag(), value.payload()), (tag, 77));
            let holder = matches!(
                tag,
                Tag::Tuple | Tag::List | Tag::Dict | Tag::Set | Tag::FrozenSet | Tag::Object | Tag::Array
            );
            assert_eq!(value.is_leaf(), !holder, "{tag:?}");
        }
    }

    #[test]
    fn whole_numbers_of_56_bits_are_kept_in_the_value() {
        for number in [0, -1, 1, i64::from(i32::MIN), (1 << 55) - 1, -(1 << 55)] {
            assert_eq!(Value::small_int(number).map(Value::signed_payload), Some(number));
        }
        assert_eq!(Value::small_int(1 << 55), None);
        assert_eq!(Value::small_int(i64::MIN), None);
    }
}
