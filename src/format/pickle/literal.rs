//! Literals of protocol 0: numbers, strings and text as lines (`Lib/pickle.py`, `Modules/_pickle.c`).
//!
//! Only what Python's own writers make is read: no spaces, underscores, leading zeros or other bases, about which readers
//! disagree.

use crate::graph::push_code_point;

/// A line's number.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Whole {
    /// `I01` and `I00`.
    Bool(bool),
    /// Two's complement, little-endian.
    Number(Vec<u8>),
}

/// INT: decimal digits, or `01` and `00` for `True` and `False`.
pub(super) fn int(line: &[u8]) -> Option<Whole> {
    match line {
        b"01" => Some(Whole::Bool(true)),
        b"00" => Some(Whole::Bool(false)),
        // A truth value to the reader that is written in C, which looks at the number of characters.
        b"-0" => None,
        _ => decimal(line).map(Whole::Number),
    }
}

/// LONG: decimal digits and, as Python writes it, an `L`.
pub(super) fn long(line: &[u8]) -> Option<Vec<u8>> {
    decimal(line.strip_suffix(b"L").unwrap_or(line))
}

/// An index of the memo.
pub(super) fn index(line: &[u8]) -> Option<u64> {
    if !is_canonical(line) {
        return None;
    }
    // CPython reads an index as ssize_t and allocates twice as many entries; no writer goes beyond 32 bits.
    std::str::from_utf8(line).ok()?.parse::<u32>().ok().map(u64::from)
}

fn is_canonical(digits: &[u8]) -> bool {
    !digits.is_empty() && digits.iter().all(u8::is_ascii_digit) && (digits.len() == 1 || digits.first() != Some(&b'0'))
}

/// Most digits a number may have: conversion takes time that grows with their square.
const DIGITS: usize = 4300;

/// A decimal number of any size as two's complement.
fn decimal(line: &[u8]) -> Option<Vec<u8>> {
    let (negative, digits) = match line.strip_prefix(b"-") {
        Some(digits) => (true, digits),
        None => (false, line),
    };
    if !is_canonical(digits) || digits.len() > DIGITS {
        return None;
    }
    let mut bytes: Vec<u8> = vec![0];
    for digit in digits {
        let mut carry = u16::from(digit.saturating_sub(b'0'));
        for byte in &mut bytes {
            let wide = u16::from(*byte).saturating_mul(10).saturating_add(carry);
            *byte = wide.to_le_bytes()[0];
            carry = wide >> 8;
        }
        if carry > 0 {
            bytes.push(carry.to_le_bytes()[0]);
        }
    }
    bytes.push(0);
    if negative {
        let mut carry = true;
        for byte in &mut bytes {
            let (flipped, over) = (!*byte).overflowing_add(u8::from(carry));
            *byte = flipped;
            carry = over;
        }
    }
    Some(bytes)
}

/// FLOAT: as Python's `repr` writes it.
pub(super) fn float(line: &[u8]) -> Option<f64> {
    let text = std::str::from_utf8(line).ok()?;
    let special = matches!(text, "inf" | "-inf" | "nan" | "-nan");
    let plain = line.iter().all(|byte| matches!(byte, b'0'..=b'9' | b'-' | b'+' | b'.' | b'e' | b'E'));
    // Beyond the largest float one of Python's readers fails, and the other reads infinity.
    let number: f64 = if special || plain { text.parse().ok()? } else { return None };
    (special || number.is_finite()).then_some(number)
}

/// STRING: a Python 2 `str` in quotes, with its escapes (`PyBytes_DecodeEscape`).
pub(super) fn string(line: &[u8]) -> Option<Vec<u8>> {
    let inner = match line {
        [b'\'', inner @ .., b'\''] | [b'"', inner @ .., b'"'] => inner,
        _ => return None,
    };
    let mut out = Vec::with_capacity(inner.len());
    let mut rest = inner.iter().copied().peekable();
    while let Some(byte) = rest.next() {
        if byte != b'\\' {
            out.push(byte);
            continue;
        }
        let escape = rest.next()?;
        match escape {
            b'\\' | b'\'' | b'"' => out.push(escape),
            b'n' => out.push(b'\n'),
            b'r' => out.push(b'\r'),
            b't' => out.push(b'\t'),
            b'a' => out.push(7),
            b'b' => out.push(8),
            b'f' => out.push(12),
            b'v' => out.push(11),
            b'x' => {
                let (high, low) = (hex(rest.next()?)?, hex(rest.next()?)?);
                out.push(high << 4 | low);
            }
            b'0'..=b'7' => {
                let mut code = u16::from(escape & 7);
                for _ in 0..2 {
                    let Some(digit) = rest.next_if(|byte| matches!(byte, b'0'..=b'7')) else { break };
                    code = code << 3 | u16::from(digit & 7);
                }
                out.push(code.to_le_bytes()[0]);
            }
            other => out.extend_from_slice(&[b'\\', other]),
        }
    }
    Some(out)
}

/// UNICODE: latin1 with `\u` and `\U` escapes (`raw-unicode-escape`).
pub(super) fn raw_unicode(line: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(line.len());
    let mut rest = line.iter().copied().peekable();
    while let Some(byte) = rest.next() {
        let digits = match (byte, rest.peek()) {
            (b'\\', Some(b'u')) => 4,
            (b'\\', Some(b'U')) => 8,
            (b'\\', Some(b'\\')) => {
                // Two backslashes stand for themselves, both of them: the second one begins no escape.
                rest.next();
                out.extend_from_slice(b"\\\\");
                continue;
            }
            _ => {
                push_code_point(&mut out, u32::from(byte));
                continue;
            }
        };
        rest.next();
        let mut code = 0u32;
        for _ in 0..digits {
            code = code << 4 | u32::from(hex(rest.next()?)?);
        }
        if !push_code_point(&mut out, code) {
            return None;
        }
    }
    Some(out)
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::long_to_i64;

    #[test]
    fn whole_numbers_are_read_as_python_writes_them() {
        for number in [0i64, 1, -1, 255, 256, -256, 12_345_678_901_234, i64::MIN, i64::MAX] {
            let bytes = decimal(number.to_string().as_bytes()).unwrap();
            assert_eq!(long_to_i64(&bytes), Some(number));
        }
        for wrong in ["", "-", "+1", "01", " 1", "1_0", "0x10", "1L"] {
            assert_eq!(decimal(wrong.as_bytes()), None, "{wrong}");
        }
        assert_eq!(int(b"01"), Some(Whole::Bool(true)));
        assert_eq!(long(b"7L"), decimal(b"7"));
        assert_eq!((index(b"10"), index(b"-1"), index(b"00")), (Some(10), None, None));
    }

    #[test]
    fn floats_are_read_as_python_writes_them() {
        assert_eq!(float(b"1e-05"), Some(1e-5));
        assert_eq!(float(b"-inf"), Some(f64::NEG_INFINITY));
        assert!(float(b"nan").unwrap().is_nan());
        assert_eq!(float(b"infinity"), None);
        assert_eq!((float(b""), float(b"1e400")), (None, None));
    }

    #[test]
    fn strings_have_python_2s_escapes() {
        // Expected values from CPython: ast.literal_eval("b" + line).
        assert_eq!(string(br"'a\x41\101\n\\\q\0'").unwrap(), b"aAA\n\\\\q\0");
        assert_eq!(string(b"\"it's\"").unwrap(), b"it's");
        for wrong in [&b"'"[..], b"a", b"'a\"", br"'\x4'", br"'\'"] {
            assert_eq!(string(wrong), None, "{wrong:?}");
        }
    }

    #[test]
    fn text_has_raw_unicode_escapes() {
        // Expected values from CPython: bytes.decode("raw-unicode-escape").
        assert_eq!(raw_unicode(b"caf\xe9 \\u20ac \\U0001f600 \\n").unwrap(), "café € 😀 \\n".as_bytes());
        assert_eq!(raw_unicode(br"\\u0041").unwrap(), br"\\u0041");
        assert_eq!(raw_unicode(br"\u12"), None);
        assert_eq!(raw_unicode(br"\U00110000"), None);
    }
}
