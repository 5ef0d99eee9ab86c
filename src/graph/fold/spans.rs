//! The nodes of a `KDTree` or a `BallTree` (`sklearn/neighbors/_binary_tree.pxi.tp`, `NodeData_t`): a binary heap, in which node `n` has the
//! children `2 n + 1` and `2 n + 2`, and each has a span of the points.

use super::int::Int;
use crate::graph::array::{DType, DTypeId, DTypeKind};

/// What was found in an array of such nodes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Spans {
    /// Number of nodes.
    pub count: u64,
    /// Where the first span begins.
    pub begin: i64,
    /// Where the last one ends.
    pub end: i64,
    /// The first node whose span ends before it begins.
    pub backwards: Option<u64>,
    /// The first node that is no leaf and has no children.
    pub childless: Option<u64>,
}

/// The fields of a node: name, kind and bytes, without gaps.
const FIELDS: [(&str, DTypeKind, u64); 4] = [
    ("idx_start", DTypeKind::Int, 8),
    ("idx_end", DTypeKind::Int, 8),
    ("is_leaf", DTypeKind::Int, 8),
    ("radius", DTypeKind::Float, 8),
];
/// Bytes of a node.
const SIZE: u64 = 32;

/// Folds the bytes of such nodes, in pieces of any length.
#[derive(Debug)]
pub struct SpanFold {
    start: Int,
    end: Int,
    leaf: Int,
    partial: Vec<u8>,
    node: u64,
    found: Spans,
}

impl SpanFold {
    /// A fold for `count` nodes of this dtype, if it is that of such nodes.
    pub fn new<'d>(dtype: &DType, count: u64, field: impl Fn(DTypeId) -> Option<&'d DType>) -> Option<SpanFold> {
        if dtype.size != SIZE || dtype.fields.len() != FIELDS.len() {
            return None;
        }
        let mut ints = Vec::new();
        for ((at, found), (name, kind, size)) in (0u64..).step_by(8).zip(&dtype.fields).zip(FIELDS) {
            let own = field(found.dtype)?;
            if found.name != name || found.offset != at || own.kind != kind || own.size != size {
                return None;
            }
            ints.extend(Int::of(own, at));
        }
        let [start, end, leaf] = *ints.first_chunk::<3>()?;
        let found = Spans { count, begin: 0, end: 0, backwards: None, childless: None };
        Some(SpanFold { start, end, leaf, partial: Vec::new(), node: 0, found })
    }

    /// Folds the bytes that follow.
    pub fn push(&mut self, bytes: &[u8]) {
        let (mut node, mut found) = (self.node, self.found);
        super::elements(&mut self.partial, 32, bytes, |element| {
            let (start, end) = (self.start.read(element), self.end.read(element));
            found.begin = found.begin.min(start);
            found.end = found.end.max(end);
            if end < start {
                found.backwards.get_or_insert(node);
            }
            let last_child = node.saturating_mul(2).saturating_add(2);
            if self.leaf.read(element) == 0 && last_child >= found.count {
                found.childless.get_or_insert(node);
            }
            node = node.saturating_add(1);
        });
        (self.node, self.found) = (node, found);
    }

    /// What was found, once all bytes were folded.
    pub fn finish(self) -> Spans {
        self.found
    }
}
