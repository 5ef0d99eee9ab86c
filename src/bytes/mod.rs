//! Bytes of a model: opened once, read in chunks whose digests are checked, and counted against limits.
//!
//! What is handed on: every byte that a parser sees was hashed in private memory before it was shown (design: "what is
//! hashed is what is parsed"), and every allocation that input can size was charged to a [`Budget`] first.
#![deny(clippy::indexing_slicing, clippy::unwrap_used, clippy::expect_used)]
#![cfg_attr(not(test), deny(clippy::arithmetic_side_effects))]

mod ahead;
mod beside;
mod budget;
mod chunk_table;
mod folder;
mod input;
mod limits;
mod reader;
mod source;
mod stock;

pub use ahead::{Ahead, First, cores};
pub use beside::{Absent, Sibling, Siblings, model_of};
pub use budget::{Budget, Window};
pub use chunk_table::{CHUNK, ChunkTable, Digest, Hasher};
pub use folder::{Folder, Odd, Oddity, folder_of};
pub use input::{Chunk, Expectation, Input, ReadFault};
pub use limits::{Exceeded, Limit, Limits, LimitsError};
pub use reader::{InputStream, Line, Reader, Shown, Stream, StreamFault, Watcher};
pub use source::{Source, SourceError};
