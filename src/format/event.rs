//! Events: what CPython would do with a file, in order, each at the offset of its opcode. The machine emits them and keeps
//! none; traces, reports and the oracle are consumers.

use crate::graph::{Name, NameId};

/// What a file makes Python do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Act {
    /// Import a module and fetch a name from it.
    Find,
    /// Call a name.
    Call,
    /// Make an object of a class without calling it.
    New,
    /// Set an object's state.
    State,
    /// Append items to an object that is no plain list.
    Append,
    /// Set items in an object that is no plain dict.
    SetItem,
    /// Add items to an object that is no plain set.
    Add,
}

impl Act {
    /// The act as traces print it.
    pub const fn text(self) -> &'static str {
        match self {
            Act::Find => "find",
            Act::Call => "call",
            Act::New => "new",
            Act::State => "state",
            Act::Append => "append",
            Act::SetItem => "setitem",
            Act::Add => "add",
        }
    }
}

/// Takes events as they happen.
pub trait Consumer {
    /// Something that Python would do, at this offset of the decoded stream.
    fn event(&mut self, at: u64, act: Act, id: NameId, name: &Name);

    /// An opcode that was read, if [`super::Ctx::list_opcodes`] asks for it: its offset, the bytes that begin with it, and how
    /// many of them it takes with its argument, and with the elements of an array that follow it.
    fn opcode(&mut self, _at: u64, _head: &[u8], _length: u64) {}
}

/// Takes no notice.
impl Consumer for () {
    fn event(&mut self, _: u64, _: Act, _: NameId, _: &Name) {}
}
