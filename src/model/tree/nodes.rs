//! Packed nodes, and the walk from the root to a leaf.
//!
//! A node takes 16 bytes, the children of a split stand side by side, and leaves alone keep values. The threshold is the
//! largest `float32` that is not above the file's `float64` one: rows are read as `float32`, and for such a value
//! `x <= threshold` holds for the one exactly when it holds for the other.

use super::check::{TreeFacts, values};
use crate::graph::{Array, DTypeKind, Heap, Int, Object, Order};
use crate::model::error::Fault;
use crate::model::state::{Flaw, State, Work};

/// Says that a missing value goes to the left.
const MISSING_LEFT: u32 = 1 << 31;

/// A split, or a leaf, which is a split whose every row goes back to itself: so walks need not ask which they are at.
#[derive(Debug, Clone, Copy)]
struct Node {
    /// A row goes left when its value is at most this.
    threshold: f32,
    /// The feature, and [`MISSING_LEFT`].
    feature: u32,
    /// The left child; the right one follows it.
    next: u32,
}

impl Node {
    const fn leaf(own: u32) -> Node {
        Node { threshold: f32::INFINITY, feature: MISSING_LEFT, next: own }
    }

    fn step(self, row: &[f32]) -> u32 {
        let index = (self.feature & !MISSING_LEFT) as usize;
        let value = row.get(index).copied().unwrap_or(0.0);
        let left = (value <= self.threshold) | (value.is_nan() & (self.feature & MISSING_LEFT != 0));
        self.next.wrapping_add(u32::from(!left))
    }
}

/// The nodes of a tree.
#[derive(Debug, Clone)]
pub(crate) struct Nodes {
    nodes: Vec<Node>,
    /// The index among the leaves of each node that is one.
    leaves: Vec<u32>,
}

/// The values of a tree's leaves: `stride` for each.
#[derive(Debug, Clone)]
pub(crate) struct Leaves {
    pub values: Vec<f64>,
    pub stride: usize,
}

impl Leaves {
    /// The values of a leaf.
    pub fn at(&self, leaf: u32) -> &[f64] {
        let start = (leaf as usize).saturating_mul(self.stride);
        self.values.get(start..start.saturating_add(self.stride)).unwrap_or(&[])
    }
}

/// Rows that are walked side by side, so that one waits for memory while others compute.
const LANES: usize = 8;

impl Nodes {
    /// The leaf that each row ends in; `rows` has `width` values a row, and `out` one place a row.
    pub fn apply(&self, rows: &[f32], width: usize, out: &mut [u32]) {
        let nodes = self.nodes.as_slice();
        for (rows, out) in rows.chunks(width.saturating_mul(LANES).max(1)).zip(out.chunks_mut(LANES)) {
            let mut lanes: [&[f32]; LANES] = [&[]; LANES];
            for (lane, row) in lanes.iter_mut().zip(rows.chunks(width.max(1))) {
                *lane = row;
            }
            let mut at = [0u32; LANES];
            let mut moved = 1;
            while moved != 0 {
                moved = 0;
                for (at, row) in at.iter_mut().zip(lanes) {
                    let next = nodes.get(*at as usize).map_or(*at, |node| node.step(row));
                    moved |= next ^ *at;
                    *at = next;
                }
            }
            for (out, at) in out.iter_mut().zip(at) {
                *out = self.leaves.get(at as usize).copied().unwrap_or(0);
            }
        }
    }
}

/// The largest `float32` that is not above a `float64`.
fn floor(threshold: f64) -> f32 {
    let nearest = threshold as f32;
    if f64::from(nearest) > threshold { nearest.next_down() } else { nearest }
}

/// Where the fields of a node stand in the file.
struct Layout {
    size: usize,
    /// Of these each has four bytes on a machine of 32 bits.
    left: Int,
    right: Int,
    feature: Int,
    threshold: (usize, bool),
    missing: Option<usize>,
}

impl Layout {
    fn of(heap: &Heap, nodes: &Array) -> Option<Layout> {
        let dtype = heap.get_dtype(nodes.dtype)?;
        let find = |name: &str, kind: DTypeKind, sizes: &[u64]| {
            let field = dtype.fields.iter().find(|field| field.name == name)?;
            let found = heap.get_dtype(field.dtype)?;
            (found.kind == kind && sizes.contains(&found.size)).then_some((found, field.offset))
        };
        let int = |name: &str| find(name, DTypeKind::Int, &[4, 8]).and_then(|(found, offset)| Int::of(found, offset));
        let (threshold, offset) = find("threshold", DTypeKind::Float, &[8])?;
        Some(Layout {
            size: usize::try_from(dtype.size).ok().filter(|size| *size > 0)?,
            left: int("left_child")?,
            right: int("right_child")?,
            feature: int("feature")?,
            threshold: (usize::try_from(offset).ok()?, threshold.order == Order::Big),
            missing: find("missing_go_to_left", DTypeKind::Uint, &[1])
                .and_then(|(_, offset)| usize::try_from(offset).ok()),
        })
    }
}

/// A node as the file has it.
struct Raw<'a> {
    layout: &'a Layout,
    bytes: &'a [u8],
}

impl Raw<'_> {
    fn threshold(&self) -> f64 {
        let (offset, big) = self.layout.threshold;
        let bytes = self.bytes.get(offset..).and_then(|rest| rest.first_chunk::<8>()).copied().unwrap_or_default();
        if big { f64::from_be_bytes(bytes) } else { f64::from_le_bytes(bytes) }
    }

    fn missing_left(&self) -> bool {
        self.layout.missing.and_then(|offset| self.bytes.get(offset)).is_some_and(|byte| *byte != 0)
    }
}

/// Packs a tree that [`super::check_tree`] has passed.
pub(crate) fn pack(heap: &Heap, tree: &Object, facts: &TreeFacts, work: &Work) -> Result<(Nodes, Leaves), Flaw> {
    let unknown = || Flaw::Unknown("the nodes of a tree are of a form that is not read".to_owned());
    let state = State::of(heap, tree, work)?;
    let array = state.array("nodes")?;
    let layout = Layout::of(heap, array).ok_or_else(unknown)?;
    let bytes = heap.array_bytes(array).ok_or_else(unknown)?;
    let count = bytes.len().checked_div(layout.size).filter(|count| *count < 1 << 31).ok_or_else(unknown)?;
    let raw = |old: u64| {
        let start = usize::try_from(old).ok()?.checked_mul(layout.size)?;
        Some(Raw { layout: &layout, bytes: bytes.get(start..start.checked_add(layout.size)?)? })
    };
    let values = values(heap, state.array("values")?)?;
    let stride = usize::try_from(facts.outputs().saturating_mul(facts.widest())).map_err(|_| unknown())?;
    let mut nodes = Vec::with_capacity(count);
    let mut leaves = Leaves { values: Vec::new(), stride };
    let mut depth = 0u64;
    nodes.push(Node::leaf(0));
    let mut ordinals = vec![0u32];
    // Old index, new index, depth.
    let mut todo = vec![(0u64, 0usize, 0u64)];
    while let Some((old, new, level)) = todo.pop() {
        let node = raw(old).ok_or_else(unknown)?;
        depth = depth.max(level);
        let left = layout.left.read(node.bytes);
        let packed = if left == -1 {
            let start = usize::try_from(old).ok().and_then(|old| old.checked_mul(stride)).ok_or_else(unknown)?;
            let own = values.get(start..start.saturating_add(stride)).ok_or_else(unknown)?;
            let ordinal = leaves.values.len().checked_div(stride).and_then(|leaf| u32::try_from(leaf).ok());
            leaves.values.extend_from_slice(own);
            if let Some(slot) = ordinals.get_mut(new) {
                *slot = ordinal.ok_or_else(unknown)?;
            }
            Node::leaf(u32::try_from(new).map_err(|_| unknown())?)
        } else {
            if nodes.len() >= count {
                return Err(unknown());
            }
            let children = nodes.len();
            nodes.extend([Node::leaf(0); 2]);
            ordinals.extend([0; 2]);
            let below = level.saturating_add(1);
            let child = |index: i64| u64::try_from(index).map_err(|_| unknown());
            todo.push((child(layout.right.read(node.bytes))?, children.saturating_add(1), below));
            todo.push((child(left)?, children, below));
            let feature = u32::try_from(layout.feature.read(node.bytes)).map_err(|_| unknown())?;
            let missing = if node.missing_left() { MISSING_LEFT } else { 0 };
            let threshold = floor(node.threshold());
            Node { threshold, feature: feature | missing, next: u32::try_from(children).map_err(|_| unknown())? }
        };
        if let Some(slot) = nodes.get_mut(new) {
            *slot = packed;
        }
    }
    match state.int("max_depth")? {
        Some(said) if u64::try_from(said).is_ok_and(|said| said >= depth) => {
            Ok((Nodes { nodes, leaves: ordinals }, leaves))
        }
        said => Err(Fault::Depth { said: said.unwrap_or(-1), found: depth }.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_threshold_is_rounded_down_so_that_no_float32_changes_sides() {
        for threshold in [0.1, -0.1, 2.45, 1e300, -1e300, 1e-50, -1e-50, f64::INFINITY, 0.0, 16777217.0] {
            let packed = floor(threshold);
            let near = [packed, packed.next_up(), packed.next_down(), threshold as f32, 0.0, f32::MAX, f32::MIN];
            for value in near.into_iter().filter(|value| value.is_finite()) {
                assert_eq!(f64::from(value) <= threshold, value <= packed, "{value} <= {threshold}");
            }
        }
        assert!(floor(f64::NAN).is_nan());
    }

    #[test]
    fn a_row_ends_in_one_leaf() {
        let split = Node { threshold: 2.5, feature: MISSING_LEFT, next: 1 };
        let nodes = Nodes { nodes: vec![split, Node::leaf(1), Node::leaf(2)], leaves: vec![0, 0, 1] };
        let mut out = [9; 11];
        let rows = [1.0, 2.5, 2.6, f32::NAN, -1.0, 9.0, 9.0, 9.0, 9.0, 2.0, 3.0];
        nodes.apply(&rows, 1, &mut out);
        assert_eq!(out, [0, 0, 1, 0, 0, 1, 1, 1, 1, 0, 1]);
    }
}
