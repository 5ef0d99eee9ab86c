//! What compiled code has to know of an array of whole numbers that it indexes by: between which two numbers they lie, and whether
//! they rise.

use super::int::Int;
use crate::graph::array::DType;

/// What was found in an array of whole numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Range {
    /// The first number.
    pub first: i64,
    /// The last number.
    pub last: i64,
    /// The smallest one.
    pub min: i64,
    /// The largest one; that of `i64`, where it is larger.
    pub max: i64,
    /// Whether no number is smaller than the one before it.
    pub rises: bool,
    /// Whether each number is larger than the one before it, so that none is there twice.
    pub climbs: bool,
    /// What they come to, all together; the largest of `i64`, where that is more.
    pub sum: i64,
    /// Of how many numbers, from the first on, none is smaller than the one before it.
    pub risen: u64,
}

/// Folds whole numbers in pieces of any length.
#[derive(Debug)]
pub struct RangeFold {
    int: Int,
    partial: Vec<u8>,
    found: Option<Range>,
}

impl RangeFold {
    /// A fold for elements of this dtype, if they are whole numbers.
    pub fn new(dtype: &DType) -> Option<RangeFold> {
        Some(RangeFold { int: Int::of(dtype, 0)?, partial: Vec::new(), found: None })
    }

    /// Folds the bytes that follow.
    pub fn push(&mut self, bytes: &[u8]) {
        let int = self.int;
        let mut found = self.found;
        super::elements(&mut self.partial, int.size(), bytes, |element| {
            let number = int.read(element);
            match &mut found {
                None => {
                    let (first, last, min, max, sum) = (number, number, number, number, number);
                    found = Some(Range { first, last, min, max, rises: true, climbs: true, sum, risen: 1 });
                }
                Some(range) => {
                    range.rises &= range.last <= number;
                    range.climbs &= range.last < number;
                    range.risen = range.risen.saturating_add(u64::from(range.rises));
                    range.last = number;
                    range.sum = range.sum.saturating_add(number);
                    range.min = range.min.min(number);
                    range.max = range.max.max(number);
                }
            }
        });
        self.found = found;
    }

    /// What was found, once all bytes were folded; `None` when there are no numbers.
    pub fn finish(self) -> Option<Range> {
        self.found
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::{DTypeKind, Order};

    fn range(numbers: &[i32], piece: usize) -> Option<Range> {
        let bytes: Vec<u8> = numbers.iter().flat_map(|number| number.to_le_bytes()).collect();
        let mut fold = RangeFold::new(&DType::plain(DTypeKind::Int, Order::Little, 4)).unwrap();
        bytes.chunks(piece).for_each(|piece| fold.push(piece));
        fold.finish()
    }

    #[test]
    fn the_ends_and_the_order_of_numbers_are_found_in_whatever_pieces_they_come() {
        for piece in [1, 3, 4, 5, 8, 100] {
            let found = range(&[3, -7, 9, 9, 2], piece).unwrap();
            assert_eq!((found.first, found.last, found.min, found.max, found.sum), (3, 2, -7, 9, 16));
            assert_eq!((found.rises, found.climbs, found.risen), (false, false, 1));
            let found = range(&[0, 4, 4, 6], piece).unwrap();
            assert!(found.rises && !found.climbs && found.risen == 4);
            assert!(range(&[-1, 4, 5], piece).unwrap().climbs);
            assert_eq!(range(&[0, 4, 4, 3, 9], piece).unwrap().risen, 3);
            assert_eq!(range(&[], piece), None);
        }
    }
}
