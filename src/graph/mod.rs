//! The data-only values that a file's bytes become: 8 bytes a value, in pages, with nothing that could run.
//!
//! [`Heap`] owns everything; a [`Value`] is a tag and an index into it, and [`View`] shows what it is. Values are only
//! ever made by parsers, which check every act before they make what it makes.
#![deny(clippy::indexing_slicing, clippy::unwrap_used, clippy::expect_used)]
#![cfg_attr(not(test), deny(clippy::arithmetic_side_effects))]

mod arena;
mod array;
mod bits;
mod clash;
mod depth;
mod exact;
mod fold;
mod hash;
mod heap;
mod names;
mod paged;
mod places;
mod sequence;
mod show;
mod text;
mod value;
mod view;
mod walk;

pub use array::{
    Array, ArrayData, ArrayId, Blob, BlobId, Bytes, DType, DTypeId, DTypeKind, Field, MOST_OF_NOTHING, Order, TimeUnit,
    Totals,
};
pub(crate) use fold::Int;
pub use fold::{Fold, Folded, Links, NodeFault, NodeFold, Points, Range, Spans, TreeKind, TreeNodes, Unfolded, Wanted};
pub use heap::{Heap, Object, ObjectId, long_to_i64};
pub use names::{Name, NameId, Names};
pub use paged::Paged;
pub use sequence::{Items, Pairs, SequenceId};
pub use show::float as show_float;
pub use text::{Text, is_text, push_code_point};
pub use value::Value;
pub use view::View;
