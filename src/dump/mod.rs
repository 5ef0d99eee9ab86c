//! The data-only graph as a document that any program can read: `coldload.dump/1`, in JSON or CBOR (`docs/dump.md`).
//!
//! Sharing is never unfolded: whatever can be met twice is a *node*, written once, and everything else refers to it by its
//! index. Nodes are numbered in the order in which they are met, breadth first from the roots, so that two graphs are the
//! same exactly when their documents are.
#![deny(clippy::indexing_slicing, clippy::unwrap_used, clippy::expect_used)]
#![cfg_attr(not(test), deny(clippy::arithmetic_side_effects))]

mod document;
mod write;

pub use document::{Array, DType, Data, Document, Field, Made, Name, Node, ReadError, Value};
pub use write::{WriteError, write};

use serde::{Deserialize, Serialize};

/// Version of the document.
pub const SCHEMA: &str = "coldload.dump/1";

/// Text and bytes up to this length, in bytes, stand where they are used; longer ones are nodes.
pub const SHORT: usize = 64;

/// How a document is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Form {
    /// JSON (RFC 8259); bytes in base64.
    Json,
    /// CBOR (RFC 8949).
    Cbor,
}
