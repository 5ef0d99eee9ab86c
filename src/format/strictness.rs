//! Where coldload refuses, for their form, bytes in which one of Python's readers reads on: a closed list.
//!
//! `docs/formats.md` says why of each. What is refused for its form and has no rule here, Python refuses there as well; that
//! is what the differential run of `tests/interop` holds the machine against.

use super::fault::{Fault, Malformed};
use crate::bytes::StreamFault;

/// A rule that coldload has and one of Python's readers has not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Strictness {
    /// No frame begins in a frame.
    FrameInFrame,
    /// An argument ends in the frame in which it begins.
    ArgumentCrossesFrame,
    /// STOP ends its frame.
    StopInFrame,
    /// A line ends with a line feed, not with the file.
    LineCutShort,
    /// Arguments of NEWOBJ are a tuple, keywords a dict.
    ArgumentsOfNew,
    /// APPENDS, SETITEMS and ADDITEMS have a target that takes items, even if there are none.
    NoItems,
    /// A list and a bytearray take no keys, a bytearray no items.
    ItemsOfSequence,
    /// An array whose elements stood in the stream, or a dict that a call made of a list, takes neither items nor a state.
    ActOnValue,
    /// NEWOBJ makes an object of a name.
    NewOfObject,
    /// A key is no tuple of tuples of tuples, and of no more parts than 256; nor an object that is compared by its identity.
    Key,
    /// No state is given to what takes none, even if there is nothing in it.
    NoState,
    /// A name is text without lone surrogates, and no text of Python 2's beyond ASCII.
    NameText,
    /// A key has a value.
    KeyWithoutValue,
    /// Numbers and memo indices are spelled as Python writes them.
    NumberSpelling,
    /// The memo indices of a pickle are all text, or all bytes.
    MixedIndices,
    /// No line ends in CR LF.
    LineEnds,
    /// A line that is no text is at most 64 KiB long.
    LongLine,
    /// A name is at most 1000 bytes long.
    LongName,
    /// A memo index is one that a writer could come to.
    FarIndex,
    /// A compressed stream is whole, its checksums are right, and nothing follows it.
    CompressedStream,
    /// A pickle is no archive too, and begins no other reader's stream.
    AlsoAnArchive,
}

impl Strictness {
    /// All of them.
    pub const ALL: &[Strictness] = &[
        Strictness::FrameInFrame,
        Strictness::ArgumentCrossesFrame,
        Strictness::StopInFrame,
        Strictness::LineCutShort,
        Strictness::ArgumentsOfNew,
        Strictness::NoItems,
        Strictness::ItemsOfSequence,
        Strictness::ActOnValue,
        Strictness::NewOfObject,
        Strictness::Key,
        Strictness::NoState,
        Strictness::NameText,
        Strictness::KeyWithoutValue,
        Strictness::NumberSpelling,
        Strictness::MixedIndices,
        Strictness::LineEnds,
        Strictness::LongLine,
        Strictness::LongName,
        Strictness::FarIndex,
        Strictness::CompressedStream,
        Strictness::AlsoAnArchive,
    ];

    /// Whether CPython has the rule too, since 3.13.15 and 3.14.
    pub const fn is_pythons_too(self) -> bool {
        matches!(self, Strictness::FrameInFrame | Strictness::ArgumentCrossesFrame)
    }

    /// The rule's name in `docs/formats.md`.
    pub const fn name(self) -> &'static str {
        match self {
            Strictness::FrameInFrame => "frame-in-frame",
            Strictness::ArgumentCrossesFrame => "argument-crosses-frame",
            Strictness::StopInFrame => "stop-in-frame",
            Strictness::LineCutShort => "line-cut-short",
            Strictness::ArgumentsOfNew => "arguments-of-new",
            Strictness::NoItems => "no-items",
            Strictness::ItemsOfSequence => "items-of-sequence",
            Strictness::ActOnValue => "act-on-value",
            Strictness::NewOfObject => "new-of-object",
            Strictness::Key => "key",
            Strictness::NoState => "no-state",
            Strictness::NameText => "name-text",
            Strictness::KeyWithoutValue => "key-without-value",
            Strictness::NumberSpelling => "number-spelling",
            Strictness::MixedIndices => "mixed-indices",
            Strictness::LineEnds => "line-ends",
            Strictness::LongLine => "long-line",
            Strictness::LongName => "long-name",
            Strictness::FarIndex => "far-index",
            Strictness::CompressedStream => "compressed-stream",
            Strictness::AlsoAnArchive => "also-an-archive",
        }
    }
}

impl Fault {
    /// The rule that the bytes break, if Python's readers have no such rule, or not all of them.
    pub fn strictness(&self) -> Option<Strictness> {
        match self {
            Fault::Malformed { what, .. } => what.strictness(),
            Fault::Trailing { because, .. } | Fault::Unknown { because } => because.as_ref()?.strictness(),
            Fault::LineEndBehind { because, .. } => because.strictness(),
            Fault::Stream(StreamFault::Damaged { .. } | StreamFault::Trailing { .. }) => {
                Some(Strictness::CompressedStream)
            }
            _ => None,
        }
    }
}

impl Malformed {
    pub(super) fn strictness(&self) -> Option<Strictness> {
        Some(match self {
            Malformed::Also(_) => Strictness::AlsoAnArchive,
            Malformed::FrameInFrame => Strictness::FrameInFrame,
            Malformed::CrossesFrame(_) => Strictness::ArgumentCrossesFrame,
            Malformed::FrameLeft => Strictness::StopInFrame,
            Malformed::EndedInLine => Strictness::LineCutShort,
            Malformed::Arguments(..) => Strictness::ArgumentsOfNew,
            Malformed::NoItems(..) => Strictness::NoItems,
            Malformed::Target("SETITEM" | "SETITEMS", "a list" | "a bytearray")
            | Malformed::Target("APPEND" | "APPENDS", "a bytearray") => Strictness::ItemsOfSequence,
            Malformed::Target("SETITEM" | "SETITEMS" | "BUILD", "an array")
            | Malformed::Target("BUILD", "a dict")
            | Malformed::NoState("an array") => Strictness::ActOnValue,
            Malformed::Target("NEWOBJ" | "NEWOBJ_EX", "an object" | "a dtype" | "an array") => Strictness::NewOfObject,
            Malformed::Unhashable(_, "a tuple" | "a frozenset" | "an object") => Strictness::Key,
            Malformed::NoState(_) => Strictness::NoState,
            Malformed::NameText => Strictness::NameText,
            Malformed::OddItems(_) => Strictness::KeyWithoutValue,
            Malformed::Number(_) => Strictness::NumberSpelling,
            Malformed::MixedIndices(_) => Strictness::MixedIndices,
            Malformed::LineEnds | Malformed::LineEnd(_) => Strictness::LineEnds,
            Malformed::Line(_) => Strictness::LongLine,
            Malformed::LongName(..) => Strictness::LongName,
            Malformed::FarIndex(..) => Strictness::FarIndex,
            _ => return None,
        })
    }
}
