//! The manifest: what a seal signs.
#![deny(clippy::indexing_slicing, clippy::unwrap_used, clippy::expect_used)]
#![cfg_attr(not(test), deny(clippy::arithmetic_side_effects))]

mod observed;

pub use observed::{Arrays, Content, Labels, Observed, Schema, Step};
