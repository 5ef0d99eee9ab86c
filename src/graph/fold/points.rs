//! The nodes of a `cKDTree` (`scipy/spatial/ckdtree/src/ckdtree_decl.h`, `ckdtreenode`), which are saved as the bytes that they are in
//! memory: each stands before all below it, first the lesser half and then the greater one (`build.cxx`).

use crate::graph::array::{DType, DTypeKind};

/// Bytes of a node: nine words of eight.
const SIZE: usize = 72;
/// What a node says of its axis if it is a leaf.
const LEAF: i64 = -1;
/// Levels of the deepest tree: what loads and asks one calls itself for each. One that is not balanced has one for each bit between its
/// points, of which a dozen axes have fewer.
const DEEPEST: u64 = 1000;

/// What was found in an array of such nodes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Points {
    /// Number of nodes.
    pub count: u64,
    /// Points in all leaves, if each leaf has those that come behind the ones of the leaf before.
    pub points: i64,
    /// The largest axis by which a node splits; less than none if none does.
    pub axis: i64,
    /// The first node that is none: it, or what it says to be below it, stands elsewhere, or its points do.
    pub broken: Option<u64>,
}

/// Folds the bytes of such nodes, in pieces of any length.
#[derive(Debug)]
pub struct PointFold {
    partial: Vec<u8>,
    /// The greater halves that are still to come, each with its level; the last one comes first.
    waiting: Vec<(i64, u64)>,
    /// Level of the next node; none if it is that of no tree.
    level: Option<u64>,
    found: Points,
}

impl PointFold {
    /// A fold for an array of single bytes, as which they are saved.
    pub fn new(dtype: &DType) -> Option<PointFold> {
        let found = Points { count: 0, points: 0, axis: LEAF, broken: None };
        let fold = PointFold { partial: Vec::new(), waiting: Vec::new(), level: Some(1), found };
        (dtype.kind == DTypeKind::Bytes && dtype.size == 1).then_some(fold)
    }

    /// Folds the bytes that follow.
    pub fn push(&mut self, bytes: &[u8]) {
        let mut partial = std::mem::take(&mut self.partial);
        super::elements(&mut partial, SIZE, bytes, |node| {
            let words = node.as_chunks::<8>().0;
            let word = |at: usize| words.get(at).copied().map_or(LEAF, i64::from_le_bytes);
            if self.found.broken.is_none() && self.node(word(0), [word(3), word(4)], [word(7), word(8)]).is_none() {
                self.found.broken = Some(self.found.count);
            }
            self.found.count = self.found.count.saturating_add(1);
        });
        self.partial = partial;
    }

    /// Takes a node of this axis, with these points if it is a leaf, and else with these places of its halves; nothing if it is none.
    fn node(&mut self, axis: i64, [start, end]: [i64; 2], [less, greater]: [i64; 2]) -> Option<()> {
        let level = self.level.take().filter(|level| *level <= DEEPEST)?;
        let next = i64::try_from(self.found.count).ok()?.checked_add(1)?;
        if axis == LEAF {
            // Of no points there is one leaf, which has them all.
            if start != self.found.points || end < start || (end == start && next > 1) {
                return None;
            }
            self.found.points = end;
            if let Some((greater, level)) = self.waiting.pop() {
                self.level = (greater == next).then_some(level);
                self.level?;
            }
            return Some(());
        }
        if axis < 0 || less != next || greater <= less {
            return None;
        }
        self.found.axis = self.found.axis.max(axis);
        let below = level.saturating_add(1);
        self.waiting.push((greater, below));
        self.level = Some(below);
        Some(())
    }

    /// What was found, once all bytes were folded.
    pub fn finish(mut self) -> Points {
        if !self.partial.is_empty() || self.level.is_some() {
            self.found.broken.get_or_insert(self.found.count);
        }
        self.found
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::Order;

    fn fold(nodes: &[[i64; 5]], piece: usize) -> Points {
        let node =
            |[axis, start, end, less, greater]: [i64; 5]| [axis, end - start, 0, start, end, 77, 78, less, greater];
        let bytes: Vec<u8> = nodes.iter().flat_map(|of| node(*of)).flat_map(i64::to_le_bytes).collect();
        let mut fold = PointFold::new(&DType::plain(DTypeKind::Bytes, Order::None, 1)).unwrap();
        bytes.chunks(piece).for_each(|piece| fold.push(piece));
        fold.finish()
    }

    /// As scipy 1.15 saves `cKDTree(np.arange(5.0)[:, None], leafsize=2)`, but for what stands in the pointers.
    const FIVE: [[i64; 5]; 5] =
        [[0, 0, 5, 1, 2], [-1, 0, 2, 0, 0], [0, 2, 5, 3, 4], [-1, 2, 3, 0, 0], [-1, 3, 5, 0, 0]];

    #[test]
    fn a_tree_is_read_in_whatever_pieces_it_comes() {
        for piece in [1, 7, 72, 100, 1000] {
            assert_eq!(fold(&FIVE, piece), Points { count: 5, points: 5, axis: 0, broken: None });
        }
        assert_eq!(fold(&[[-1, 0, 0, 0, 0]], 72), Points { count: 1, points: 0, axis: -1, broken: None });
        assert!(PointFold::new(&DType::plain(DTypeKind::Int, Order::None, 1)).is_none());
    }

    #[test]
    fn what_is_no_tree_is_broken_at_its_first_node_that_is_none() {
        let with = |node: usize, part: usize, value: i64| {
            let mut nodes = FIVE;
            nodes[node][part] = value;
            fold(&nodes, 72).broken
        };
        assert_eq!(with(0, 3, 0), Some(0), "it is below itself");
        assert_eq!(with(0, 3, 3), Some(0));
        assert_eq!(with(0, 4, 1), Some(0), "both halves are one");
        assert_eq!(with(0, 4, 3), Some(1), "the greater half comes elsewhere");
        assert_eq!(with(0, 4, i64::MAX), Some(1));
        assert_eq!(with(0, 0, -2), Some(0));
        assert_eq!(with(2, 0, -1), Some(3), "behind a leaf that has all that is left");
        assert_eq!(with(1, 1, -1), Some(1));
        assert_eq!(with(3, 2, 4), Some(4));
        assert_eq!(with(4, 2, 2), Some(4), "it ends before it begins");
        assert_eq!(with(4, 2, 3), Some(4), "it has no points");
        assert_eq!(with(4, 0, 0), Some(4), "nothing is below it");
        assert_eq!(fold(&FIVE[..4], 72).broken, Some(4));
        assert_eq!(fold(&[], 72).broken, Some(0));
        let longer = [&FIVE[..], &[[-1, 5, 5, 0, 0]]].concat();
        assert_eq!(fold(&longer, 72).broken, Some(5), "nobody leads there");
    }

    #[test]
    fn a_tree_that_is_too_deep_is_broken() {
        let chain = |levels: i64| -> Vec<[i64; 5]> {
            let inner = (0..levels - 1).map(|at| [0, 0, 0, at + 1, 2 * levels - 2 - at]);
            inner.chain((0..levels).map(|at| [-1, at, at + 1, 0, 0])).collect()
        };
        let deepest = i64::try_from(DEEPEST).unwrap();
        assert_eq!(fold(&chain(deepest), 72).broken, None);
        assert!(fold(&chain(deepest + 1), 72).broken.is_some());
    }
}
