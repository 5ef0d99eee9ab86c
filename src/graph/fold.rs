//! What is kept of a decision tree's node array as its bytes stream past: enough to judge the tree's structure without
//! keeping the nodes (`sklearn/tree/_tree.pyx`, `Node`).
//!
//! The nodes are a tree in which every walk from the root ends when each child stands above its own parent in the array,
//! each node has none or two children, and each but the root has exactly one parent.

use super::array::{DType, DTypeId, DTypeKind, Order};

/// What is wrong with a node array.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NodeFault {
    /// A child is no node of the tree.
    #[error("node {node} has the child {child}, and the tree has {count} nodes")]
    OutOfRange {
        /// The parent.
        node: u64,
        /// The child's index.
        child: i64,
        /// Number of nodes.
        count: u64,
    },
    /// A child stands before its parent, or is its parent: the walk from the root might never end.
    #[error("node {node} has the child {child}, which does not come after it")]
    NotAfter {
        /// The parent.
        node: u64,
        /// The child's index.
        child: i64,
    },
    /// A node has one child.
    #[error("node {0} has one child")]
    OneChild(u64),
    /// A node is a child twice.
    #[error("node {0} is a child twice")]
    TwoParents(u64),
    /// A node is no node's child.
    #[error("node {0} is no node's child")]
    NoParent(u64),
    /// A split is on a feature below zero.
    #[error("node {node} splits on feature {feature}")]
    Feature {
        /// The node.
        node: u64,
        /// The feature's index.
        feature: i64,
    },
    /// There are no nodes.
    #[error("the tree has no nodes")]
    Empty,
}

/// What was found in a node array.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TreeNodes {
    /// Number of nodes.
    pub count: u64,
    /// Number of leaves.
    pub leaves: u64,
    /// Largest feature that a split is on; `None` when there is no split.
    pub largest_feature: Option<u64>,
    /// Steps from the root to the deepest node; `None` when there are more than 253.
    pub depth: Option<u64>,
    /// The first thing that is wrong.
    pub fault: Option<NodeFault>,
}

/// The fields of a node, their kinds and bytes, in order and without gaps (`sklearn/tree/_tree.pxd`, `Node`).
const FIELDS: [(&str, DTypeKind, u64); 8] = [
    ("left_child", DTypeKind::Int, 8),
    ("right_child", DTypeKind::Int, 8),
    ("feature", DTypeKind::Int, 8),
    ("threshold", DTypeKind::Float, 8),
    ("impurity", DTypeKind::Float, 8),
    ("n_node_samples", DTypeKind::Int, 8),
    ("weighted_n_node_samples", DTypeKind::Float, 8),
    ("missing_go_to_left", DTypeKind::Uint, 1),
];

/// Fields of a node and bytes that it takes: to scikit-learn 1.2, and since 1.3, which fills the last word up.
const FORMS: [(usize, u64); 2] = [(7, 56), (8, 64)];

/// Where the fields that matter for the structure stand in an element.
const LEFT: usize = 0;
const RIGHT: usize = 8;
const FEATURE: usize = 16;

/// How an element is to be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Layout {
    size: usize,
    big: bool,
}

/// Folds the bytes of a node array, in pieces of any length.
#[derive(Debug)]
pub struct NodeFold {
    layout: Layout,
    /// One byte a node: 0 until a parent was met, then 1 more than the parent's; the root's is 1. 255 stands for more too.
    depths: Vec<u8>,
    partial: Vec<u8>,
    node: u64,
    found: TreeNodes,
}

impl NodeFold {
    /// A fold for `count` nodes of this dtype, if it is that of a node array. Takes `count` bytes.
    pub fn new<'d>(dtype: &DType, count: u64, field: impl Fn(DTypeId) -> Option<&'d DType>) -> Option<NodeFold> {
        NodeFold::of(Layout::of(dtype, field)?, count)
    }

    /// A fold for `length` bytes of little-endian nodes of each size that they can have; the dtype is not known yet.
    pub fn guess(length: u64) -> impl Iterator<Item = (u64, u64, impl FnOnce() -> Option<NodeFold>)> {
        FORMS.into_iter().filter_map(move |(_, bytes)| {
            let count = length.checked_div(bytes).filter(|_| length.checked_rem(bytes) == Some(0))?;
            let fold = move || NodeFold::of(Layout { size: usize::try_from(bytes).ok()?, big: false }, count);
            Some((bytes, count, fold))
        })
    }

    /// Whether elements of this dtype are what [`NodeFold::guess`] took them for.
    pub fn guessed<'d>(dtype: &DType, field: impl Fn(DTypeId) -> Option<&'d DType>) -> bool {
        Layout::of(dtype, field).is_some_and(|layout| !layout.big)
    }

    fn of(layout: Layout, count: u64) -> Option<NodeFold> {
        let mut depths = vec![0; usize::try_from(count).ok()?];
        if let Some(root) = depths.first_mut() {
            *root = 1;
        }
        let found = TreeNodes { count, leaves: 0, largest_feature: None, depth: Some(0), fault: None };
        Some(NodeFold { layout, depths, partial: Vec::new(), node: 0, found })
    }

    /// Folds the bytes that follow.
    pub fn push(&mut self, mut bytes: &[u8]) {
        if self.found.fault.is_some() {
            return;
        }
        if !self.partial.is_empty() {
            let missing = self.layout.size.saturating_sub(self.partial.len()).min(bytes.len());
            let (head, rest) = bytes.split_at_checked(missing).unwrap_or((bytes, &[]));
            self.partial.extend_from_slice(head);
            bytes = rest;
            if self.partial.len() < self.layout.size {
                return;
            }
            let element = std::mem::take(&mut self.partial);
            self.element(&element);
        }
        let mut elements = bytes.chunks_exact(self.layout.size);
        for element in elements.by_ref() {
            self.element(element);
        }
        self.partial.extend_from_slice(elements.remainder());
    }

    fn element(&mut self, element: &[u8]) {
        let layout = self.layout;
        let (left, right) = (layout.int(element, LEFT), layout.int(element, RIGHT));
        let node = self.node;
        self.node = node.saturating_add(1);
        if self.found.fault.is_some() {
            return;
        }
        if left == -1 && right == -1 {
            self.found.leaves = self.found.leaves.saturating_add(1);
            return;
        }
        let feature = layout.int(element, FEATURE);
        let checked = u64::try_from(feature).map_err(|_| NodeFault::Feature { node, feature });
        let result = checked.and_then(|feature| {
            self.found.largest_feature = self.found.largest_feature.max(Some(feature));
            self.child(node, left)?;
            self.child(node, right)
        });
        self.found.fault = match result {
            Err(_) if left == -1 || right == -1 => Some(NodeFault::OneChild(node)),
            result => result.err(),
        };
    }

    fn child(&mut self, node: u64, child: i64) -> Result<(), NodeFault> {
        let out = NodeFault::OutOfRange { node, child, count: self.found.count };
        let index = u64::try_from(child).ok().filter(|index| *index < self.found.count).ok_or(out)?;
        if index <= node {
            return Err(NodeFault::NotAfter { node, child });
        }
        let below = self.depth(node).saturating_add(1);
        let depth = usize::try_from(index).ok().and_then(|index| self.depths.get_mut(index));
        let depth = depth.ok_or(NodeFault::OutOfRange { node, child, count: self.found.count })?;
        if *depth != 0 {
            return Err(NodeFault::TwoParents(index));
        }
        *depth = below;
        let steps = u64::from(below).saturating_sub(1);
        self.found.depth = self.found.depth.filter(|_| below < u8::MAX).map(|found| found.max(steps));
        Ok(())
    }

    fn depth(&self, node: u64) -> u8 {
        usize::try_from(node).ok().and_then(|node| self.depths.get(node)).copied().unwrap_or(0)
    }

    /// What was found, once all bytes were folded.
    pub fn finish(mut self) -> TreeNodes {
        if self.found.fault.is_none() {
            self.found.fault = match self.found.count {
                0 => Some(NodeFault::Empty),
                count => (1..count).find(|node| self.depth(*node) == 0).map(NodeFault::NoParent),
            };
        }
        self.found
    }
}

impl Layout {
    /// The layout of a dtype that is exactly a node's, in either byte order. scikit-learn since 1.3 converts what is not its
    /// own by the places of the fields, not by their names (`_check_node_ndarray`), so that any other order or offset
    /// would be read as something else than what was judged.
    fn of<'d>(dtype: &DType, field: impl Fn(DTypeId) -> Option<&'d DType>) -> Option<Layout> {
        let (count, _) = FORMS.into_iter().find(|form| *form == (dtype.fields.len(), dtype.size))?;
        let mut offset = 0u64;
        let mut big = None;
        for (found, (name, kind, size)) in dtype.fields.iter().zip(FIELDS.into_iter().take(count)) {
            let own = field(found.dtype)?;
            let same = found.name == name && found.offset == offset && own.kind == kind && own.size == size;
            let order = own.order == Order::Big;
            if !same || (size > 1 && *big.get_or_insert(order) != order) {
                return None;
            }
            offset = offset.saturating_add(size);
        }
        let big = big.filter(|_| dtype.kind == DTypeKind::Struct)?;
        Some(Layout { size: usize::try_from(dtype.size).ok()?, big })
    }

    fn int(self, element: &[u8], offset: usize) -> i64 {
        let bytes = element.get(offset..).and_then(|rest| rest.first_chunk::<8>()).copied().unwrap_or_default();
        if self.big { i64::from_be_bytes(bytes) } else { i64::from_le_bytes(bytes) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::Field;

    /// The dtypes that fields refer to: by kind, bytes and order.
    const KINDS: [(DTypeKind, u64, Order); 6] = [
        (DTypeKind::Int, 8, Order::Little),
        (DTypeKind::Float, 8, Order::Little),
        (DTypeKind::Uint, 1, Order::None),
        (DTypeKind::Int, 8, Order::Big),
        (DTypeKind::Float, 8, Order::Big),
        (DTypeKind::Int, 4, Order::Little),
    ];

    fn node(fields: usize, size: u64, big: bool) -> DType {
        let field = |(place, (name, kind, _)): (usize, (&str, DTypeKind, u64))| {
            let id = match kind {
                DTypeKind::Int => 0,
                DTypeKind::Float => 1,
                _ => 2,
            };
            let id = if big && id < 2 { id + 3 } else { id };
            Field { name: name.to_owned(), dtype: DTypeId(id), offset: 8 * place as u64 }
        };
        let fields = FIELDS.into_iter().take(fields).enumerate().map(field).collect();
        DType::structure(fields, size, false, 1)
    }

    fn is_node(dtype: &DType) -> bool {
        let kinds = KINDS.map(|(kind, size, order)| DType::plain(kind, order, size));
        NodeFold::new(dtype, 1, |id| kinds.get(id.0 as usize)).is_some()
    }

    #[test]
    fn a_node_array_has_exactly_the_dtype_of_one() {
        for (fields, size) in FORMS {
            assert!(is_node(&node(fields, size, false)) && is_node(&node(fields, size, true)));
        }
        type Change = fn(&mut DType);
        let changes: [Change; 10] = [
            |dtype| dtype.fields.swap(0, 2),
            |dtype| dtype.fields[3].offset = 32,
            |dtype| (dtype.fields[0].offset, dtype.fields[1].offset) = (8, 0),
            |dtype| dtype.fields[2].name = "features".to_owned(),
            |dtype| dtype.fields[3].dtype = DTypeId(0),
            |dtype| dtype.fields[5].dtype = DTypeId(5),
            |dtype| dtype.fields[6].dtype = DTypeId(4),
            |dtype| dtype.size = 72,
            |dtype| dtype.size = 57,
            |dtype| drop(dtype.fields.pop()),
        ];
        for (index, change) in changes.into_iter().enumerate() {
            let mut dtype = node(8, 64, false);
            change(&mut dtype);
            assert!(!is_node(&dtype), "{index}");
        }
    }

    #[test]
    fn only_little_endian_nodes_are_what_was_guessed() {
        let kinds = KINDS.map(|(kind, size, order)| DType::plain(kind, order, size));
        let guessed = |dtype: &DType| NodeFold::guessed(dtype, |id| kinds.get(id.0 as usize));
        assert!(guessed(&node(7, 56, false)) && guessed(&node(8, 64, false)));
        assert!(!guessed(&node(7, 56, true)) && !guessed(&node(8, 64, true)) && !guessed(&node(4, 64, false)));
        assert_eq!(NodeFold::guess(448).map(|(size, count, _)| (size, count)).collect::<Vec<_>>(), [(56, 8), (64, 7)]);
        assert_eq!(NodeFold::guess(57).count(), 0);
    }
}
