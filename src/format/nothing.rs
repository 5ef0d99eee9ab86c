//! Files that are nothing: the letters of a text are opcodes too, and so a text is read up to where it breaks. It is no pickle only
//! if every reader of every Python stops there, and has run nothing before: such a file is skipped below a folder.

use super::ctx::{Ctx, Keep};
use super::fault::{Fault, Malformed};
use super::pickle::may_be_imported;
use super::read::{Parsed, read};
use crate::bytes::{Budget, Input, Limits};

/// Bytes of a file in which a pickle has ended that never was one.
const SHORT: u64 = 64;

/// The first bytes of a file.
#[derive(Clone, Copy)]
pub(super) struct Beginning<'h> {
    pub bytes: &'h [u8],
    /// Whether there are no more.
    pub whole: bool,
}

impl<'h> Beginning<'h> {
    /// What stands before an offset.
    fn before(&self, at: u64) -> &'h [u8] {
        usize::try_from(at).ok().and_then(|at| self.bytes.get(..at)).unwrap_or(self.bytes)
    }

    /// Whether Python 2 stops at the first byte, which is an opcode of protocol 3 or later: the C of a copyright is one.
    fn stops_python_2(&self) -> bool {
        matches!(self.bytes.first(), Some(b'B' | b'C' | 0x8c..=0x98))
    }
}

/// Whether a file in which no module was asked for that may be there, and which does not begin with PROTO, breaks so that it never was a
/// pickle.
pub(super) fn is_no_pickle(fault: &Fault, head: Beginning<'_>, ctx: &Ctx<'_>) -> bool {
    // Whoever looks for a module of another name finds none.
    let asked = !ctx.heap.names.is_empty();
    match fault {
        Fault::Trailing { at, because } => {
            let is_nothing = || because.as_ref().is_none_or(|because| asked || stops(because, head, ctx));
            *at < SHORT && !may_remember(head.before(*at)) && is_nothing()
        }
        Fault::Malformed { .. } | Fault::Outside { .. } => asked || stops(fault, head, ctx),
        _ => false,
    }
}

/// Whether these bytes may put something into a memo: who reads one pickle after the other may have it still.
fn may_remember(bytes: &[u8]) -> bool {
    bytes.iter().any(|byte| matches!(byte, b'p' | b'q' | b'r' | 0x94))
}

/// Whether every reader stops at this fault, or before.
fn stops(fault: &Fault, head: Beginning<'_>, ctx: &Ctx<'_>) -> bool {
    let (at, what) = match fault {
        Fault::Malformed { at, what } => (at, what),
        // Python reads on where it finds bytes.
        Fault::Outside { at, opcode, .. } => return *opcode != "READONLY_BUFFER" || *at == 0,
        _ => return false,
    };
    let Some((opcode, line)) = opcode_at(head, *at) else { return what.is_certain() };
    let first = *at == 0;
    match (what, opcode) {
        (Malformed::LineEnd(_), _) => {
            first && (is_unread(opcode, line, first, head) || is_nothing_behind(opcode, line, head, ctx))
        }
        (Malformed::EndedInLine | Malformed::Text(_), b'c' | b'i')
        | (Malformed::Text(_), b'S')
        | (Malformed::Line(_) | Malformed::Number(_), _) => is_unread(opcode, line, first, head),
        // Nothing follows.
        (Malformed::EndedInLine, _) => true,
        // To Python 2 a mark is a value.
        (Malformed::Stack(_) | Malformed::Mark(_), _) => head.stops_python_2() || !head.before(*at).contains(&b'('),
        (what, _) => what.is_certain(),
    }
}

impl Malformed {
    /// Whether there is no opcode whose line or stack another reader takes otherwise.
    fn is_certain(&self) -> bool {
        let other = matches!(
            self,
            Malformed::LineEnd(_)
                | Malformed::EndedInLine
                | Malformed::Line(_)
                | Malformed::Number(_)
                | Malformed::Text("STRING")
                | Malformed::Stack(_)
                | Malformed::Mark(_)
        );
        !other && self.strictness().is_none()
    }
}

/// The line behind an opcode with its end, as far as it is in the head.
#[derive(Clone, Copy)]
struct Line<'h> {
    bytes: &'h [u8],
    /// Whether that is all of it.
    whole: bool,
}

/// The opcode at an offset and the line behind it.
fn opcode_at(head: Beginning<'_>, at: u64) -> Option<(u8, Line<'_>)> {
    let (opcode, rest) = head.bytes.get(usize::try_from(at).ok()?..)?.split_first()?;
    let bytes = rest.split_inclusive(|byte| *byte == b'\n').next().unwrap_or_default();
    Some((*opcode, Line { bytes, whole: bytes.ends_with(b"\n") || head.whole }))
}

/// Whether no reader takes the line for what its opcode asks for, whatever it goes on with.
fn is_unread(opcode: u8, line: Line<'_>, first: bool, head: Beginning<'_>) -> bool {
    match opcode {
        b'c' | b'i' => !is_module(line),
        b'S' => !is_quoted(line),
        b'I' | b'L' | b'F' => !begins_a_number(line),
        // Nothing is put into the memo of nothing, and to Python 2 alone what is put there has a text for its index.
        b'p' | b'g' => first || head.stops_python_2() && !begins_a_number(line),
        _ => false,
    }
}

/// Whether the first line of a file makes a value, and what follows it is none of a pickle.
fn is_nothing_behind(opcode: u8, line: Line<'_>, head: Beginning<'_>, ctx: &Ctx<'_>) -> bool {
    let behind = head.bytes.get(line.bytes.len().saturating_add(1)..).filter(|_| line.whole);
    let Some(behind) = behind else { return false };
    matches!(opcode, b'I' | b'L' | b'F' | b'V') && goes_on_to_nothing(behind, head.whole, ctx)
}

/// Whether these bytes are none of a pickle behind one value; `whole` says that there are no more.
fn goes_on_to_nothing(bytes: &[u8], whole: bool, ctx: &Ctx<'_>) -> bool {
    let mut input = Input::from_bytes(&[b"N", bytes].concat(), usize::MAX);
    let budget = Budget::new(&Limits::default(), input.size());
    let mut nobody = ();
    let mut behind = Ctx::new(ctx.vocabulary, budget, Keep::Shapes, &mut nobody);
    match read(&mut input, &mut behind, &mut Parsed::default()) {
        Err(Fault::Unknown { because: Some(because) }) => whole || !is_cut(&because),
        _ => false,
    }
}

/// Whether nothing but the end of the bytes is at fault.
fn is_cut(fault: &Fault) -> bool {
    match fault {
        Fault::Malformed { what, .. } => matches!(what, Malformed::Ended | Malformed::EndedInLine),
        Fault::Trailing { because: Some(because), .. } => is_cut(because),
        _ => false,
    }
}

/// Whether there may be a module that the line of GLOBAL or INST asks for. Python's own reader takes the last byte off, whatever it is.
fn is_module(line: Line<'_>) -> bool {
    match line.bytes.split_last() {
        Some((_, bytes)) if line.whole => may_be_imported(&String::from_utf8_lossy(bytes), None),
        // What is cut may go on as a name does.
        _ => !line.whole && may_be_imported(&format!("{}_", String::from_utf8_lossy(line.bytes)), None),
    }
}

/// Whether a text begins in quotes: some readers of Python 2 look for the others from the end of its line, over what looks like space.
fn is_quoted(line: Line<'_>) -> bool {
    line.bytes.first().map_or(!line.whole, |first| matches!(first, b'\'' | b'"'))
}

/// Whether Python's `int` or `float` may read what begins so: white space and signs, of which Python 2 takes either first, and a digit or a
/// number that is none. C's reader looks as far as the first NUL, and takes what ends there before it began for 0.
fn begins_a_number(line: Line<'_>) -> bool {
    let is_before = |byte: &u8| byte.is_ascii_whitespace() || matches!(byte, b'\x0b' | b'+' | b'-');
    let before = line.bytes.iter().take_while(|byte| is_before(byte)).count();
    let number = line.bytes.get(before..).unwrap_or_default();
    let word = |word: &[u8]| {
        let length = if line.whole { word.len() } else { word.len().min(number.len()) };
        number.get(..length).is_some_and(|found| found.eq_ignore_ascii_case(word.get(..length).unwrap_or(word)))
    };
    match number.first() {
        Some(first) => matches!(first, b'0'..=b'9' | b'.' | 0) || word(b"inf") || word(b"nan"),
        None => !line.bytes.ends_with(b"\n"),
    }
}
