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

/// Where the fields that matter stand in an element.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Layout {
    size: usize,
    left: usize,
    right: usize,
    feature: usize,
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
    /// A fold for `count` nodes of this dtype, if it is one of a node array. Takes `count` bytes.
    pub fn new<'d>(dtype: &DType, count: u64, field: impl Fn(DTypeId) -> Option<&'d DType>) -> Option<NodeFold> {
        let layout = Layout::of(dtype, field)?;
        let mut depths = vec![0; usize::try_from(count).ok()?];
        if let Some(root) = depths.first_mut() {
            *root = 1;
        }
        let found = TreeNodes { count, leaves: 0, largest_feature: None, depth: Some(0), fault: None };
        Some(NodeFold { layout, depths, partial: Vec::new(), node: 0, found })
    }

    /// Folds the bytes that follow.
    pub fn push(&mut self, mut bytes: &[u8]) {
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
        let (left, right) = (layout.int(element, layout.left), layout.int(element, layout.right));
        let node = self.node;
        self.node = node.saturating_add(1);
        if self.found.fault.is_some() {
            return;
        }
        if left == -1 && right == -1 {
            self.found.leaves = self.found.leaves.saturating_add(1);
            return;
        }
        let feature = layout.int(element, layout.feature);
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
    fn of<'d>(dtype: &DType, field: impl Fn(DTypeId) -> Option<&'d DType>) -> Option<Layout> {
        if dtype.kind != DTypeKind::Struct {
            return None;
        }
        let mut orders = Vec::new();
        let mut offset = |name: &str| {
            let found = dtype.fields.iter().find(|field| field.name == name)?;
            let kind = field(found.dtype)?;
            orders.push(kind.order);
            (kind.kind == DTypeKind::Int && kind.size == 8).then(|| usize::try_from(found.offset).ok())?
        };
        let (left, right, feature) = (offset("left_child")?, offset("right_child")?, offset("feature")?);
        let big = orders.first() == Some(&Order::Big);
        let same = orders.iter().all(|order| (*order == Order::Big) == big);
        same.then_some(Layout { size: usize::try_from(dtype.size).ok()?, left, right, feature, big })
    }

    fn int(self, element: &[u8], offset: usize) -> i64 {
        let bytes = element.get(offset..).and_then(|rest| rest.first_chunk::<8>()).copied().unwrap_or_default();
        if self.big { i64::from_be_bytes(bytes) } else { i64::from_le_bytes(bytes) }
    }
}
