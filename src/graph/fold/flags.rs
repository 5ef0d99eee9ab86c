//! What has to be known of an array of truth values: how many of them hold.

use crate::graph::array::{DType, DTypeKind};

/// Counts truth values, in pieces of any length.
#[derive(Debug)]
pub struct FlagFold(u64);

impl FlagFold {
    /// A fold for elements of this dtype, if they are truth values.
    pub fn new(dtype: &DType) -> Option<FlagFold> {
        (dtype.kind == DTypeKind::Bool && dtype.size == 1).then_some(FlagFold(0))
    }

    /// Folds the bytes that follow.
    pub fn push(&mut self, bytes: &[u8]) {
        let found: u64 = bytes.iter().map(|byte| u64::from(*byte != 0)).sum();
        self.0 = self.0.saturating_add(found);
    }

    /// How many hold, once all bytes were folded.
    pub fn finish(self) -> u64 {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::Order;

    #[test]
    fn what_holds_is_counted_in_whatever_pieces_it_comes() {
        let bytes = [0, 1, 1, 0, 255, 0, 1];
        for piece in [1, 2, 3, 100] {
            let mut fold = FlagFold::new(&DType::plain(DTypeKind::Bool, Order::None, 1)).unwrap();
            bytes.chunks(piece).for_each(|piece| fold.push(piece));
            assert_eq!(fold.finish(), 4);
        }
        assert!(FlagFold::new(&DType::plain(DTypeKind::Uint, Order::None, 1)).is_none());
    }
}
