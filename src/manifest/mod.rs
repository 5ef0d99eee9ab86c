//! The manifest: what a seal signs.
#![deny(clippy::indexing_slicing, clippy::arithmetic_side_effects, clippy::unwrap_used, clippy::expect_used)]

mod observed;

pub use observed::{Arrays, Content, Labels, Observed, Schema, Step};
