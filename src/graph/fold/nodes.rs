//! Trees of nodes in an array: those of a decision tree (`sklearn/tree/_tree.pyx`, `Node`), and those of a tree of gradient boosting
//! with histograms (`sklearn/ensemble/_hist_gradient_boosting/common.pyx`, `PREDICTOR_RECORD_DTYPE`).
//!
//! The nodes are a tree in which every walk from the root ends when each child stands above its own parent in the array,
//! each node has none or two children, and each but the root has exactly one parent.

use super::layout::{Layout, TreeKind};
use crate::graph::array::{DType, DTypeId};

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
    /// What tree the nodes are of.
    pub kind: TreeKind,
    /// Number of nodes.
    pub count: u64,
    /// Number of leaves.
    pub leaves: u64,
    /// Largest feature that a split is on; `None` when there is no split.
    pub largest_feature: Option<u64>,
    /// Largest set of categories that a split is by; `None` when there is no such split.
    pub largest_set: Option<u64>,
    /// Steps from the root to the deepest node; `None` when there are more than 253.
    pub depth: Option<u64>,
    /// The first thing that is wrong.
    pub fault: Option<NodeFault>,
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

    /// A fold for `length` bytes of little-endian nodes of decision trees, of each size that they can have; the dtype is not known yet.
    pub fn guess(length: u64) -> impl Iterator<Item = (u64, u64, impl FnOnce() -> Option<NodeFold>)> {
        Layout::decision().filter_map(move |layout| {
            let bytes = layout.size as u64;
            let count = length.checked_div(bytes).filter(|_| length.checked_rem(bytes) == Some(0))?;
            Some((bytes, count, move || NodeFold::of(layout, count)))
        })
    }

    /// Whether elements of this dtype are what [`NodeFold::guess`] took them for.
    pub fn guessed<'d>(dtype: &DType, field: impl Fn(DTypeId) -> Option<&'d DType>) -> bool {
        Layout::of(dtype, field).is_some_and(|layout| Layout::decision().any(|guess| guess == layout))
    }

    fn of(layout: Layout, count: u64) -> Option<NodeFold> {
        let mut depths = vec![0; usize::try_from(count).ok()?];
        if let Some(root) = depths.first_mut() {
            *root = 1;
        }
        let found = TreeNodes {
            kind: layout.kind,
            count,
            leaves: 0,
            largest_feature: None,
            largest_set: None,
            depth: Some(0),
            fault: None,
        };
        Some(NodeFold { layout, depths, partial: Vec::new(), node: 0, found })
    }

    /// Folds the bytes that follow.
    pub fn push(&mut self, bytes: &[u8]) {
        if self.found.fault.is_some() {
            return;
        }
        let mut partial = std::mem::take(&mut self.partial);
        let layout = self.layout;
        match layout.kind {
            // Of these there are millions in a forest.
            TreeKind::Decision if layout.left.size() == 8 => {
                super::elements(&mut partial, layout.size, bytes, |element| {
                    let [left, right, feature] =
                        [layout.left, layout.right, layout.feature].map(|int| int.read_long(element));
                    self.node((left, right), feature, left == -1 && right == -1, || None);
                })
            }
            TreeKind::Decision => super::elements(&mut partial, layout.size, bytes, |element| {
                let [left, right, feature] = [layout.left, layout.right, layout.feature].map(|int| int.read(element));
                self.node((left, right), feature, left == -1 && right == -1, || None);
            }),
            TreeKind::Histogram => super::elements(&mut partial, layout.size, bytes, |element| {
                let children = (layout.left.read(element), layout.right.read(element));
                let leaf = layout.leaf.is_some_and(|leaf| leaf.read(element) != 0);
                let set = || {
                    let (categorical, set) = layout.categories?;
                    if categorical.read(element) == 0 { None } else { u64::try_from(set.read(element)).ok() }
                };
                self.node(children, layout.feature.read(element), leaf, set);
            }),
        }
        self.partial = partial;
    }

    fn node(&mut self, (left, right): (i64, i64), feature: i64, leaf: bool, set: impl FnOnce() -> Option<u64>) {
        let node = self.node;
        self.node = node.saturating_add(1);
        if self.found.fault.is_some() {
            return;
        }
        if leaf {
            self.found.leaves = self.found.leaves.saturating_add(1);
            return;
        }
        self.found.largest_set = self.found.largest_set.max(set());
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_may_be_as_many_nodes_as_they_can_be_divided_into() {
        assert_eq!(NodeFold::guess(448).map(|(size, count, _)| (size, count)).collect::<Vec<_>>(), [(56, 8), (64, 7)]);
        assert_eq!(NodeFold::guess(57).count(), 0);
    }
}
