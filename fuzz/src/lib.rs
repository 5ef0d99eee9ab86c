//! Every target also stays within its memory.

mod memory;
pub use memory::bounded;
