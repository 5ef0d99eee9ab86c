//! What is kept of an array as its bytes stream past: enough to judge what compiled code relies on, without keeping the bytes. Which
//! fold an array has is decided by its dtype alone.

mod flags;
mod int;
mod layout;
mod links;
mod nodes;
mod points;
mod range;
mod spans;

pub use flags::FlagFold;
pub(crate) use int::Int;
pub use layout::TreeKind;
pub use links::{LinkFold, Links};
pub use nodes::{NodeFault, NodeFold, TreeNodes};
pub use points::{PointFold, Points};
pub use range::{Range, RangeFold};
pub use spans::{SpanFold, Spans};

use super::array::{BlobId, DType, DTypeId, DTypeKind};
use crate::bytes::{Budget, Exceeded};
use std::collections::HashMap;

/// What was found in an array.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Folded {
    /// Its elements are nodes of a tree.
    Nodes(TreeNodes),
    /// They are nodes of a `KDTree` or a `BallTree`.
    Spans(Spans),
    /// They are bytes, and nodes of a `cKDTree`, or would be if they were of one.
    Points(Points),
    /// They join clusters, or would if they were rows of four floats; `None` when there are none.
    Links(Option<Links>),
    /// They are whole numbers; `None` when there are none.
    Range(Option<Range>),
    /// They are truth values, of which so many hold.
    Flags(u64),
}

/// Why it is not known what an array's elements fold to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unfolded {
    /// They streamed past before their dtype was known.
    Passed(BlobId, DTypeId),
    /// Such elements have no fold.
    Other,
}

/// Folds the bytes of an array, in pieces of any length.
#[derive(Debug)]
pub enum Fold {
    /// Nodes of a tree.
    Nodes(NodeFold),
    /// Nodes of a `KDTree` or a `BallTree`.
    Spans(SpanFold),
    /// Bytes of the nodes of a `cKDTree`.
    Points(PointFold),
    /// What joins clusters.
    Links(LinkFold),
    /// Whole numbers.
    Range(RangeFold),
    /// Truth values.
    Flags(FlagFold),
}

impl Fold {
    /// A fold for `count` elements of this dtype, if such have one.
    pub fn new<'d>(dtype: &DType, count: u64, field: impl Fn(DTypeId) -> Option<&'d DType>) -> Option<Fold> {
        if dtype.kind != DTypeKind::Struct {
            let flags = || FlagFold::new(dtype).map(Fold::Flags);
            let rows = || LinkFold::rows(dtype).map(Fold::Links);
            let points = || PointFold::new(dtype).map(Fold::Points);
            return RangeFold::new(dtype).map(Fold::Range).or_else(flags).or_else(rows).or_else(points);
        }
        let nodes = || NodeFold::new(dtype, count, &field).map(Fold::Nodes);
        let links = || LinkFold::new(dtype, &field).map(Fold::Links);
        SpanFold::new(dtype, count, &field).map(Fold::Spans).or_else(nodes).or_else(links)
    }

    /// A fold for so many bytes of elements of this dtype, if such have one: paid for, for nodes take a byte each.
    pub fn paid<'d>(
        dtype: &DType,
        length: u64,
        field: impl Fn(DTypeId) -> Option<&'d DType>,
        budget: &mut Budget,
    ) -> Result<Option<Fold>, Exceeded> {
        let Some(count) = length.checked_div(dtype.size) else { return Ok(None) };
        if dtype.kind == DTypeKind::Struct {
            budget.memory(count)?;
        }
        Ok(Fold::new(dtype, count, field))
    }

    /// Whether elements of this dtype have a fold.
    pub fn has<'d>(dtype: &DType, field: impl Fn(DTypeId) -> Option<&'d DType>) -> bool {
        Fold::new(dtype, 0, field).is_some()
    }

    /// Folds the bytes that follow.
    pub fn push(&mut self, bytes: &[u8]) {
        match self {
            Fold::Nodes(fold) => fold.push(bytes),
            Fold::Spans(fold) => fold.push(bytes),
            Fold::Points(fold) => fold.push(bytes),
            Fold::Links(fold) => fold.push(bytes),
            Fold::Range(fold) => fold.push(bytes),
            Fold::Flags(fold) => fold.push(bytes),
        }
    }

    /// What was found, once all bytes were folded.
    pub fn finish(self) -> Folded {
        match self {
            Fold::Nodes(fold) => Folded::Nodes(fold.finish()),
            Fold::Spans(fold) => Folded::Spans(fold.finish()),
            Fold::Points(fold) => Folded::Points(fold.finish()),
            Fold::Links(fold) => Folded::Links(fold.finish()),
            Fold::Range(fold) => Folded::Range(fold.finish()),
            Fold::Flags(fold) => Folded::Flags(fold.finish()),
        }
    }
}

/// Folds that are made when a file is read again, for arrays whose dtype was not known when their bytes streamed past.
#[derive(Debug, Default)]
pub struct Wanted(HashMap<BlobId, Vec<(DTypeId, Fold)>>);

impl Wanted {
    /// Most dtypes that the same bytes are folded as: each takes the time of all of them.
    const DTYPES: usize = 2;

    /// Adds a fold for bytes as elements of a dtype, unless there are as many for them as there may be.
    pub fn add(&mut self, blob: BlobId, dtype: DTypeId, fold: Fold) {
        let folds = self.0.entry(blob).or_default();
        if folds.len() < Wanted::DTYPES {
            folds.push((dtype, fold));
        }
    }

    /// The folds for a run of bytes.
    pub fn take(&mut self, blob: BlobId) -> Vec<(DTypeId, Fold)> {
        if self.0.is_empty() { Vec::new() } else { self.0.remove(&blob).unwrap_or_default() }
    }
}

/// Hands on the elements of so many bytes that a piece of an array ends or holds; what is left of the last one waits in `partial`.
fn elements(partial: &mut Vec<u8>, size: usize, mut bytes: &[u8], mut element: impl FnMut(&[u8])) {
    if !partial.is_empty() {
        let missing = size.saturating_sub(partial.len()).min(bytes.len());
        let (head, rest) = bytes.split_at_checked(missing).unwrap_or((bytes, &[]));
        partial.extend_from_slice(head);
        bytes = rest;
        if partial.len() < size {
            return;
        }
        element(partial);
        partial.clear();
    }
    let mut whole = bytes.chunks_exact(size);
    whole.by_ref().for_each(&mut element);
    partial.extend_from_slice(whole.remainder());
}
