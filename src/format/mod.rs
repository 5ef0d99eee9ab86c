//! What a file is, from its bytes, and one parser a format: bytes become a graph.
#![deny(clippy::indexing_slicing, clippy::unwrap_used, clippy::expect_used)]
#![cfg_attr(not(test), deny(clippy::arithmetic_side_effects))]

mod also;
pub mod compress;
mod ctx;
mod detect;
mod event;
mod fault;
mod findings;
mod nothing;
pub(crate) mod npy;
pub mod pickle;
mod read;
mod strictness;
mod suspects;
mod zip;

pub use ctx::{Ctx, Keep, Reads};
pub use event::{Act, Consumer};
pub use fault::{Fault, Malformed};
pub use findings::{findings, limit, of_read};
pub use pickle::{Argument, show_opcode};
pub use read::{Parsed, read};
pub use strictness::Strictness;
pub use suspects::{Suspect, Suspects, Use};
