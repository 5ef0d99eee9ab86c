//! Why a file's bytes could not be read as data.

use super::zip::Known;
use crate::bytes::{Absent, Exceeded, ReadFault, StreamFault};
use crate::graph::NameId;
use crate::vocabulary::Misuse;

/// What ends the reading of a file.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// The bytes break the rules of pickle.
    #[error("{what}")]
    Malformed {
        /// Offset of the opcode.
        at: u64,
        /// Which rule.
        what: Malformed,
    },
    /// A known name in an act that no honest file does.
    #[error("{misuse}")]
    Misused {
        /// Offset of the opcode that does it.
        at: u64,
        /// The name, if there is one.
        name: Option<NameId>,
        /// What is done.
        misuse: Misuse,
    },
    /// Another reader takes the bytes otherwise, and would run code.
    #[error("a reader other than joblib's newest takes these bytes otherwise, and {what}")]
    Otherwise {
        /// Where in the stream it does.
        at: u64,
        /// What it does.
        what: String,
    },
    /// An opcode that asks its reader for something from outside.
    #[error("the opcode {opcode} asks the program that loads the file for {asks}")]
    Outside {
        /// Offset of the opcode.
        at: u64,
        /// Its name.
        opcode: &'static str,
        /// What it asks for.
        asks: &'static str,
    },
    /// Bytes follow the end of the model.
    #[error("more bytes follow the end of the {}", if because.is_some() { "pickle" } else { "array" })]
    Trailing {
        /// Where they begin.
        at: u64,
        /// Where they stop being a pickle, if they were read as one: behind an array of numpy they are not.
        because: Option<Box<Fault>>,
    },
    /// A line end follows the end of the model, and nothing else.
    #[error("a line end follows the end of the pickle: the file was changed as if it were text")]
    LineEndBehind {
        /// Where it stands.
        at: u64,
        /// What stops whoever reads it as a pickle.
        because: Box<Fault>,
    },
    /// A file beside the model, or in an archive, is at fault.
    #[error("{}: {fault}", crate::reason::escape(file))]
    Inside {
        /// Its name.
        file: String,
        /// What is wrong with it.
        fault: Box<Fault>,
    },
    /// A file beside the model can not be had.
    #[error("{}", absent(file, *why))]
    Absent {
        /// Its name.
        file: String,
        /// Why.
        why: Absent,
    },
    /// The file stands in for one that was not downloaded.
    #[error("this is {what}")]
    NotFetched {
        /// What it is.
        what: &'static str,
        /// How the model is fetched.
        next: &'static str,
    },
    /// The file is in no known format.
    #[error("the file begins like no format that coldload reads")]
    Unknown {
        /// Where it stops being a pickle, if it was read as one.
        because: Option<Box<Fault>>,
    },
    /// The file is an archive that is known, and not read.
    #[error("the file is {}, which coldload does not read", .0.what)]
    Archive(Known),
    /// A limit was met.
    #[error(transparent)]
    Limit(#[from] Exceeded),
    /// The bytes can not be had.
    #[error(transparent)]
    Stream(StreamFault),
}

fn absent(file: &str, why: Absent) -> String {
    let file = crate::reason::escape(file);
    match why {
        Absent::Missing => format!("an array of the model stands in {file}, which is not there"),
        Absent::NotPlain => format!("an array of the model stands in {file}, which is no regular file"),
        Absent::Foreign => format!("an array of the model stands in {file}, which is none of its own files"),
        Absent::Alone => format!("an array of the model stands in {file}, and the model came without it"),
        Absent::Single => {
            format!("an array of the model stands in {file}, and only a folder's seal can vouch for both")
        }
        Absent::Unreadable => format!("an array of the model stands in {file}, which can not be read"),
    }
}

impl From<StreamFault> for Fault {
    fn from(fault: StreamFault) -> Fault {
        match fault {
            StreamFault::Limit(exceeded) => Fault::Limit(exceeded),
            fault => Fault::Stream(fault),
        }
    }
}

impl From<ReadFault> for Fault {
    fn from(fault: ReadFault) -> Fault {
        Fault::Stream(StreamFault::Read(fault))
    }
}

/// Rules of pickle that a file can break. Where CPython's readers are more lenient than this list, `docs/formats.md` says
/// so: readers disagree there, or no writer ever does it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Malformed {
    /// The stream ends in the middle.
    #[error("the file ends in the middle of the pickle")]
    Ended,
    /// The stream ends in the middle of a line.
    #[error("the file ends in the middle of the pickle")]
    EndedInLine,
    /// No opcode has this byte.
    #[error("there is no opcode 0x{0:02x}")]
    Opcode(u8),
    /// A protocol that does not exist.
    #[error("there is no protocol {0}")]
    Protocol(u8),
    /// The stack has too few values.
    #[error("{0} takes more from the stack than there is")]
    Stack(&'static str),
    /// There is no mark.
    #[error("{0} has no MARK to go back to")]
    Mark(&'static str),
    /// A memo index that was not set.
    #[error("the memo has no entry {0}")]
    Memo(u64),
    /// An argument crosses its frame's end.
    #[error("the argument of {0} crosses the end of its frame: readers disagree about what it holds")]
    CrossesFrame(&'static str),
    /// A frame in a frame.
    #[error("a frame begins inside a frame")]
    FrameInFrame,
    /// STOP inside a frame.
    #[error("the pickle stops before its frame ends")]
    FrameLeft,
    /// A length that no file has.
    #[error("{0} has the length {1}")]
    Length(&'static str, i128),
    /// A line that does not end.
    #[error("the line of {0} is too long")]
    Line(&'static str),
    /// A number that is none.
    #[error("{0} holds no number as pickle writes it")]
    Number(&'static str),
    /// Text that is none.
    #[error("{0} holds no valid text")]
    Text(&'static str),
    /// A name of a length that no name has.
    #[error("{0} asks for a name of {1} bytes")]
    LongName(&'static str, usize),
    /// A memo index far beyond the number of entries: CPython makes room for all those between.
    #[error("{0} uses the memo index {1}, far beyond its entries")]
    FarIndex(&'static str, u64),
    /// Memo indices in two spellings: `cPickle` of Python 2 has an entry for each.
    #[error(
        "{0} writes a memo index in another way than the pickle did before: readers disagree about which entry it is"
    )]
    MixedIndices(&'static str),
    /// A name that is no text.
    #[error("STACK_GLOBAL takes something else than two texts")]
    Name,
    /// A name that is text, but none of Python 3's: bytes of Python 2's beyond ASCII, or lone surrogates.
    #[error("STACK_GLOBAL takes a text that no name has")]
    NameText,
    /// A key or item that Python can not hash, or takes too long to compare.
    #[error("{0} puts in {1}, {why}", why = no_key(.1))]
    Unhashable(&'static str, &'static str),
    /// A key without a value.
    #[error("{0} has a key without a value")]
    OddItems(&'static str),
    /// The arguments of an opcode are something else.
    #[error("{0} takes {1} for arguments")]
    Arguments(&'static str, &'static str),
    /// An opcode that puts no items into something that takes none.
    #[error("{0} is used on {1}")]
    NoItems(&'static str, &'static str),
    /// BUILD gives a state of nothing to something that takes none.
    #[error("BUILD is used on {0}")]
    NoState(&'static str),
    /// The target of an opcode is something else.
    #[error("{0} is used on {1}")]
    Target(&'static str, &'static str),
    /// A `.npy` that is none.
    #[error("it is no npy file: {0}")]
    Npy(&'static str),
    /// An archive that is none of numpy's.
    #[error("the archive is not as numpy writes it: {0}")]
    Zip(&'static str),
    /// A file that is an archive, too.
    #[error("the file is {0} too, to another reader")]
    Also(&'static str),
    /// Bytes beyond ASCII were replaced by U+FFFD.
    #[error("bytes of the file were replaced: it was read as if it were text, and written again")]
    Replaced,
    /// Bytes beyond ASCII were encoded as UTF-8.
    #[error("the file was encoded as if it were text, from Latin-1 to UTF-8")]
    Encoded,
    /// All line feeds became CR LF.
    #[error("every line of the file ends in CR LF: the file was changed as if it were text")]
    LineEnds,
    /// CR LF line ends.
    #[error("the line of {0} ends in CR LF: the file was changed as if it were text")]
    LineEnd(&'static str),
}

/// Why something is no key.
fn no_key(kind: &str) -> &'static str {
    match kind {
        "a tuple" | "a frozenset" => {
            "which Python can not hash, or which is deeper than four levels or longer than 256 parts: no writer makes such a key"
        }
        _ => "which Python can not hash",
    }
}
