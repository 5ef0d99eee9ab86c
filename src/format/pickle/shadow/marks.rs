//! Marks, as Python 2 has them.
//!
//! To Python 3 the stack ends at the last mark. To `pickle` of Python 2 a mark is a value of the stack like any other, an `object()`:
//! it can be put into the memo, and what is fetched there is a mark again. `cPickle` keeps marks beside the stack, and takes what is
//! below them. Where an opcode comes to a mark, a shadow is followed in both ways; Python 3 has stopped.

use super::stack::Marks;
use super::values::Item;
use super::{Made, Next, Shadow};

/// Which readers of Python 2 a shadow may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Python2 {
    /// Any, and Python 3 as well: no opcode came to a mark.
    Any,
    /// One of them alone; Python 3 has stopped.
    Alone,
    /// None: there was something that Python 2 does not know.
    None,
}

/// How many values an opcode takes from the stack, or looks at, and whether only behind everything above the last mark.
fn taken(opcode: u8) -> (bool, usize) {
    match opcode {
        b'e' | b'u' => (true, 1),
        b'0' | b'2' | b'p' | b'q' | b'r' | 0x85 => (false, 1),
        b'a' | b'b' | b'R' | 0x81 | 0x86 => (false, 2),
        b's' | 0x87 => (false, 3),
        _ => (false, 0),
    }
}

/// Whether Python 2 raises at this opcode: it knows protocols 0 to 2.
fn is_newer(bytes: &[u8]) -> bool {
    match bytes {
        [0x80, protocol, ..] => *protocol > 2,
        [b'B' | b'C' | 0x8c.., ..] => true,
        _ => false,
    }
}

impl Shadow {
    /// Whether the reader goes on at the opcode at the beginning of `bytes`, as far as that depends on which Python it is.
    pub(super) fn is_known_to_it(&mut self, bytes: &[u8]) -> bool {
        if self.python2 != Python2::None && is_newer(bytes) {
            if self.python2 == Python2::Alone {
                return false;
            }
            self.python2 = Python2::None;
            self.stack.take_marks(Marks::End);
        }
        let Some(opcode) = bytes.first() else { return true };
        let (behind_mark, values) = taken(*opcode);
        // POP takes a mark that is on top.
        let takes_the_mark = *opcode == b'0' && self.stack.has_bare_mark();
        if !takes_the_mark && self.stack.comes_to_a_mark(behind_mark, values) {
            self.goes_on_in_python_2(bytes);
        }
        true
    }

    /// Python 3 has stopped at the opcode at the beginning of `bytes`; Python 2 goes on, if it has come here.
    pub(super) fn goes_on_in_python_2(&mut self, bytes: &[u8]) -> bool {
        if self.python2 == Python2::Any {
            self.python2 = Python2::Alone;
            self.stack.take_marks(Marks::Beside);
            let mut elder = Shadow { twin: None, elder: None, waiting: bytes.to_vec(), ..self.apart() };
            elder.stack.take_marks(Marks::Values);
            self.elder = Some(Box::new(elder));
        }
        self.python2 == Python2::Alone
    }

    /// APPENDS and SETITEMS where nothing is below the mark: `pickle` of Python 2 takes the last value of all, which is the last of the
    /// items, for what is on the stack, and leaves nothing there.
    pub(super) fn put_into_the_last(&mut self, opcode: u8, items: Option<&[Item]>, of: Made) -> Next {
        let Some(items) = items else {
            return Next::Bad("puts items into a thing of which nothing is known".to_owned());
        };
        match items.last() {
            Some(last) => self.stack.push(last.clone()),
            // SETITEMS does not look at it then.
            None if opcode == b'u' => return Next::Used(1),
            None => return Next::Stopped,
        }
        let put = if opcode == b'u' { self.put_pairs(of, Some(items)) } else { self.put_in(of, Some(items), false) };
        self.stack.pop();
        put
    }
}
