//! Hostile twins of a model: the same bytes with one attack in them, so that whoever loads models can see what their loader does.
//!
//! An attack is put into the decoded stream at opcodes that the machine listed ([`Survey`]) while it judged the honest model; frames
//! that it falls into grow by its length, so that all else stays as it was; and the twin is compressed as the model is. The
//! payload makes a file named [`MARKER`] in the working directory, and nothing else. Nothing is run here: whether a twin
//! deserves what its [`Kind`] says is for the gate, which judges each one like any other file.
#![deny(clippy::indexing_slicing, clippy::unwrap_used, clippy::expect_used)]
#![cfg_attr(not(test), deny(clippy::arithmetic_side_effects))]

mod chance;
mod edit;
mod kind;
mod pack;
mod payload;
mod survey;

pub(crate) use chance::Chance;
pub use edit::{MakeError, make};
pub use kind::Kind;
pub use payload::MARKER;
pub use survey::Survey;

use serde::{Deserialize, Serialize};

/// Which twin is wanted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ask {
    /// What is done to the model.
    pub kind: Kind,
    /// The same numbers make the same twin.
    pub seed: u64,
    /// One of the twins that this seed makes of this kind.
    pub number: u64,
}
