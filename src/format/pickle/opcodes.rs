//! The opcodes' names and arguments (`Lib/pickletools.py`), to show them. The machine does not read by this table.

use super::literal;
use crate::graph::long_to_i64;
use crate::reason::escape_bytes;

/// Bytes of an opcode and its argument that are looked at to show it.
pub const SHOWN: usize = 256;
/// Most characters of an argument that are shown.
const LONGEST: usize = 100;

/// How an argument is written.
#[derive(Debug, Clone, Copy)]
enum Form {
    Nothing,
    /// A number of so many bytes, little-endian.
    Number(usize),
    /// The same in two's complement.
    Signed(usize),
    /// A float, big-endian.
    Float,
    /// A line.
    Line,
    /// Two lines.
    Lines,
    /// A length of so many bytes, and that many bytes.
    Counted(usize),
    /// The same, for a number in two's complement, little-endian.
    Long(usize),
}

/// An opcode as it is shown.
#[derive(Debug, Clone, PartialEq)]
pub struct Shown {
    /// Its name in `pickletools`.
    pub name: &'static str,
    /// Its argument, if it has one.
    pub argument: Option<Argument>,
}

/// An argument as it is shown.
#[derive(Debug, Clone, PartialEq)]
pub enum Argument {
    /// A whole number.
    Int(i128),
    /// A float.
    Float(f64),
    /// Text or bytes, escaped, and cut if it is long.
    Text(String),
}

/// The opcode that begins with these bytes, of which at most 256 are needed; `None` if there is no such opcode, or
/// its argument is not all there.
pub fn show(bytes: &[u8]) -> Option<Shown> {
    let (opcode, rest) = bytes.split_first()?;
    let (name, form) = form(*opcode)?;
    let number = |size: usize| Some(unsigned(rest.get(..size)?));
    let argument = match form {
        Form::Nothing => None,
        Form::Number(size) => Some(Argument::Int(number(size)?)),
        Form::Signed(size) => Some(Argument::Int(i128::from(long_to_i64(rest.get(..size)?)?))),
        Form::Float => Some(Argument::Float(f64::from_be_bytes(rest.get(..8)?.try_into().ok()?))),
        Form::Line => {
            let line = line(rest);
            let whole = match name {
                "INT" | "GET" | "PUT" => std::str::from_utf8(line).ok().and_then(|text| text.trim().parse().ok()),
                _ => None,
            };
            let float = if name == "FLOAT" { literal::float(line) } else { None };
            Some(match (whole, float) {
                (Some(whole), _) => Argument::Int(whole),
                (_, Some(float)) => Argument::Float(float),
                _ => text(line, rest.len() > line.len()),
            })
        }
        Form::Lines => {
            let module = line(rest);
            let name = rest.get(module.len().saturating_add(1)..).map(line).unwrap_or_default();
            Some(text(&[module, b" ", name].concat(), true))
        }
        Form::Counted(size) | Form::Long(size) => {
            let length = usize::try_from(number(size)?).unwrap_or(usize::MAX);
            let data = rest.get(size..)?;
            let there = data.get(..length).unwrap_or(data);
            let whole = long_to_i64(there).filter(|_| matches!(form, Form::Long(_)) && there.len() == length);
            Some(whole.map_or_else(|| text(there, there.len() == length), |whole| Argument::Int(whole.into())))
        }
    };
    Some(Shown { name, argument })
}

fn unsigned(bytes: &[u8]) -> i128 {
    bytes.iter().rev().fold(0, |number: i128, byte| number << 8 | i128::from(*byte))
}

fn line(bytes: &[u8]) -> &[u8] {
    bytes.split(|byte| *byte == b'\n').next().unwrap_or_default()
}

fn text(bytes: &[u8], whole: bool) -> Argument {
    let escaped = escape_bytes(bytes);
    let mut shown: String = escaped.chars().take(LONGEST).collect();
    if !whole || shown.len() < escaped.len() {
        shown.push('…');
    }
    Argument::Text(shown)
}

#[rustfmt::skip]
const fn form(opcode: u8) -> Option<(&'static str, Form)> {
    use Form::{Counted, Float, Line, Lines, Long, Nothing, Number, Signed};
    Some(match opcode {
        b'I' => ("INT", Line), b'J' => ("BININT", Signed(4)), b'K' => ("BININT1", Number(1)), b'M' => ("BININT2", Number(2)),
        b'L' => ("LONG", Line), 0x8a => ("LONG1", Long(1)), 0x8b => ("LONG4", Long(4)),
        b'S' => ("STRING", Line), b'T' => ("BINSTRING", Counted(4)), b'U' => ("SHORT_BINSTRING", Counted(1)),
        b'B' => ("BINBYTES", Counted(4)), b'C' => ("SHORT_BINBYTES", Counted(1)), 0x8e => ("BINBYTES8", Counted(8)),
        0x96 => ("BYTEARRAY8", Counted(8)), 0x97 => ("NEXT_BUFFER", Nothing), 0x98 => ("READONLY_BUFFER", Nothing),
        b'N' => ("NONE", Nothing), 0x88 => ("NEWTRUE", Nothing), 0x89 => ("NEWFALSE", Nothing),
        b'V' => ("UNICODE", Line), 0x8c => ("SHORT_BINUNICODE", Counted(1)), b'X' => ("BINUNICODE", Counted(4)),
        0x8d => ("BINUNICODE8", Counted(8)), b'F' => ("FLOAT", Line), b'G' => ("BINFLOAT", Float),
        b']' => ("EMPTY_LIST", Nothing), b'a' => ("APPEND", Nothing), b'e' => ("APPENDS", Nothing), b'l' => ("LIST", Nothing),
        b')' => ("EMPTY_TUPLE", Nothing), b't' => ("TUPLE", Nothing), 0x85 => ("TUPLE1", Nothing), 0x86 => ("TUPLE2", Nothing),
        0x87 => ("TUPLE3", Nothing), b'}' => ("EMPTY_DICT", Nothing), b'd' => ("DICT", Nothing), b's' => ("SETITEM", Nothing),
        b'u' => ("SETITEMS", Nothing), 0x8f => ("EMPTY_SET", Nothing), 0x90 => ("ADDITEMS", Nothing), 0x91 => ("FROZENSET", Nothing),
        b'0' => ("POP", Nothing), b'2' => ("DUP", Nothing), b'(' => ("MARK", Nothing), b'1' => ("POP_MARK", Nothing),
        b'g' => ("GET", Line), b'h' => ("BINGET", Number(1)), b'j' => ("LONG_BINGET", Number(4)),
        b'p' => ("PUT", Line), b'q' => ("BINPUT", Number(1)), b'r' => ("LONG_BINPUT", Number(4)), 0x94 => ("MEMOIZE", Nothing),
        0x82 => ("EXT1", Number(1)), 0x83 => ("EXT2", Number(2)), 0x84 => ("EXT4", Signed(4)),
        b'c' => ("GLOBAL", Lines), 0x93 => ("STACK_GLOBAL", Nothing), b'R' => ("REDUCE", Nothing), b'b' => ("BUILD", Nothing),
        b'i' => ("INST", Lines), b'o' => ("OBJ", Nothing), 0x81 => ("NEWOBJ", Nothing), 0x92 => ("NEWOBJ_EX", Nothing),
        0x80 => ("PROTO", Number(1)), b'.' => ("STOP", Nothing), 0x95 => ("FRAME", Number(8)),
        b'P' => ("PERSID", Line), b'Q' => ("BINPERSID", Nothing),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_are_shown_as_they_are_written() {
        let int = |value| Some(Argument::Int(value));
        let text = |value: &str| Some(Argument::Text(value.to_owned()));
        for (bytes, name, argument) in [
            (&b"\x80\x04rest"[..], "PROTO", int(4)),
            (b"J\xff\xff\xff\xff", "BININT", int(-1)),
            (b"\x8a\x02\x00\xff", "LONG1", int(-256)),
            (b"\x95\x01\0\0\0\0\0\0\0", "FRAME", int(1)),
            (b"I01\n", "INT", int(1)),
            (b"I 7 \n", "INT", int(7)),
            (b"L12L\n", "LONG", text("12L")),
            (b"F1.5\n", "FLOAT", Some(Argument::Float(1.5))),
            (b"G?\xf0\0\0\0\0\0\0", "BINFLOAT", Some(Argument::Float(1.0))),
            (b"cos\nsystem\nrest", "GLOBAL", text("os system")),
            (b"\x8c\x02ab", "SHORT_BINUNICODE", text("ab")),
            (b"C\x01\xffmore", "SHORT_BINBYTES", text("\\xff")),
            (b".", "STOP", None),
        ] {
            assert_eq!(show(bytes), Some(Shown { name, argument }), "{bytes:?}");
        }
        assert_eq!(show(b"X\xff\xff\xff\x7fab").unwrap().argument, text("ab…"), "longer than what is looked at");
        assert_eq!(
            show(&[b"X\x78\0\0\0", &[b'a'; 120][..]].concat()).unwrap().argument,
            text(&("a".repeat(100) + "…"))
        );
        assert_eq!(show(b"\xff"), None);
        assert_eq!(show(b"J\x01"), None, "half an argument");
    }
}
