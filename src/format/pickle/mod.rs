//! Pickle: every opcode of protocols 0 to 5, in one loop, exact and bounded (`Lib/pickle.py`, `Modules/_pickle.c`,
//! `Lib/pickletools.py`; PEP 307, 3154, 574).
//!
//! What it hands on: a graph in which every call, state and item was checked by the shape of its name at the moment of the
//! act. What it refuses to do: call a result, build twice, build on a name, take an argument across its frame's end.

// Building a fault costs more than an opcode does: it is done only where there is one.
#![allow(clippy::unnecessary_lazy_evaluations)]

mod acts;
mod beside;
mod follow;
mod imports;
mod items;
mod literal;
mod machine;
mod memo;
mod opcodes;
mod raw;
mod shadow;
mod stack;
mod strings;

pub(super) use imports::may_be_imported;
pub use machine::Machine;
pub use opcodes::{Argument, show as show_opcode};
pub use shadow::Followed;
