//! Whole numbers in the elements of an array.

use crate::graph::array::{DType, DTypeKind, Order};

/// Where a whole number stands in an element, and how it is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Int {
    offset: usize,
    size: usize,
    signed: bool,
    big: bool,
}

impl Int {
    /// That of a dtype of whole numbers, so many bytes behind the begin of an element.
    pub fn of(dtype: &DType, offset: u64) -> Option<Int> {
        let signed = match dtype.kind {
            DTypeKind::Int => true,
            DTypeKind::Uint => false,
            _ => return None,
        };
        let size = usize::try_from(dtype.size).ok().filter(|size| matches!(size, 1 | 2 | 4 | 8))?;
        Some(Int { offset: usize::try_from(offset).ok()?, size, signed, big: dtype.order == Order::Big })
    }

    /// A little-endian number of eight bytes with a sign.
    pub const fn long(offset: usize) -> Int {
        Int { offset, size: 8, signed: true, big: false }
    }

    /// Bytes that it takes.
    pub fn size(self) -> usize {
        self.size
    }

    /// The number in an element, of one that has eight bytes and a sign.
    #[inline]
    pub fn read_long(self, element: &[u8]) -> i64 {
        let bytes = element.get(self.offset..).and_then(|rest| rest.first_chunk::<8>()).copied().unwrap_or_default();
        if self.big { i64::from_be_bytes(bytes) } else { i64::from_le_bytes(bytes) }
    }

    /// The number in an element; the largest one there is, where it is larger.
    #[inline]
    pub fn read(self, element: &[u8]) -> i64 {
        let bytes = element.get(self.offset..).unwrap_or_default();
        match self.size {
            8 if self.signed => self.read_long(element),
            8 => i64::try_from(self.read_long(element).cast_unsigned()).unwrap_or(i64::MAX),
            4 => match (self.number::<4>(bytes).map(u32::from_le_bytes).unwrap_or(0), self.signed) {
                (number, true) => i64::from(number.cast_signed()),
                (number, false) => i64::from(number),
            },
            2 => match (self.number::<2>(bytes).map(u16::from_le_bytes).unwrap_or(0), self.signed) {
                (number, true) => i64::from(number.cast_signed()),
                (number, false) => i64::from(number),
            },
            _ => match (bytes.first().copied().unwrap_or(0), self.signed) {
                (number, true) => i64::from(number.cast_signed()),
                (number, false) => i64::from(number),
            },
        }
    }

    /// The bytes of the number, the lowest first.
    #[inline]
    fn number<const N: usize>(self, bytes: &[u8]) -> Option<[u8; N]> {
        let mut number = *bytes.first_chunk::<N>()?;
        if self.big {
            number.reverse();
        }
        Some(number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_in_every_size_and_order() {
        let int = |kind, order, size| Int::of(&DType::plain(kind, order, size), 1).unwrap();
        let bytes = [9, 0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff];
        let swapped = [9, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xfe];
        for (size, unsigned) in [(1, 0xfe), (2, 0xfffe), (4, 0xffff_fffe), (8, i64::MAX)] {
            let (little, big) = (&bytes[..=size], &swapped[8 - size..]);
            let big: Vec<u8> = [&[9], &big[1..]].concat();
            assert_eq!(int(DTypeKind::Int, Order::Little, size as u64).read(little), -2, "{size}");
            assert_eq!(int(DTypeKind::Uint, Order::Little, size as u64).read(little), unsigned, "{size}");
            assert_eq!(int(DTypeKind::Int, Order::Big, size as u64).read(&big), -2, "{size}");
            assert_eq!(int(DTypeKind::Uint, Order::Big, size as u64).read(&big), unsigned, "{size}");
        }
    }

    #[test]
    fn only_whole_numbers_are_numbers() {
        for (kind, size) in
            [(DTypeKind::Float, 8), (DTypeKind::Bool, 1), (DTypeKind::Int, 16), (DTypeKind::Datetime, 8)]
        {
            assert_eq!(Int::of(&DType::plain(kind, Order::Little, size), 0), None);
        }
    }
}
