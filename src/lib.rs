//! coldload loads saved machine-learning models *cold*: bytes become data, and nothing in the file ever runs.

pub mod bytes {
    //! The part of `bytes` that the manifest needs; the whole module takes this place.
    mod chunk_table;
    pub use chunk_table::{CHUNK, ChunkTable, Digest, Hasher};
}
pub mod manifest;
pub mod reason;
pub mod seal;
