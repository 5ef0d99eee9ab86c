//! The manifest: what a seal signs (`docs/seal.md`).
//!
//! A frozen core and versioned statements, in deterministic CBOR (RFC 8949 §4.2.1). What is handed on: a [`Manifest`] that
//! was decoded is the only reading of its bytes, its paths are canonical and in order, and its chunk tables fit its sizes.
#![deny(clippy::indexing_slicing, clippy::unwrap_used, clippy::expect_used)]
#![cfg_attr(not(test), deny(clippy::arithmetic_side_effects))]

pub mod cbor;
mod claims;
mod document;
pub mod environment;
mod error;
mod observed;
mod paths;
mod time;
mod wire;

pub use claims::{
    CLAIMS, CiRun, ClaimFault, Claims, DataSet, Environment, FileDigest, Lock, Package, Packages, Pin, Platform,
    Provenance, Python, Sha256, SourceCommit, is_commit, is_key,
};
pub use document::{FileEntry, KNOWN, Manifest, Statements};
pub use error::{ManifestError, NameFault};
pub use observed::{Arrays, Content, Labels, ModelFile, Observed, Schema, Step};
pub use paths::{PathFault, SINGLE};
pub use time::{Time, TimeError};

/// Largest manifest that is written or read, in bytes.
pub const MAX_BYTES: usize = 16 << 20;

/// Most files that a manifest may name.
pub const MAX_FILES: usize = 100_000;

/// What stands in `format`. A changed core is another format.
pub const FORMAT: &str = "coldload.manifest/1";
