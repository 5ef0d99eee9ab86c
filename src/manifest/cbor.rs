//! Deterministic CBOR (RFC 8949 §4.2.1), strictly.
//!
//! A general decoder takes many spellings of one value: long integers, unsorted or repeated keys, indefinite lengths, tags,
//! bytes behind the end. What can be spelled in two ways can be signed as one thing and read as another, so here bytes are
//! walked first, without recursion and without allocating by a length that was not checked; only then are they decoded, and
//! what was decoded is encoded again and must give the same bytes.
//!
//! The values are integers, byte strings, texts, arrays, maps (keys are texts or integers), `true`, `false` and `null`.
//! Floats and tags do not occur.

use crate::reason::escape;
use ciborium::Value;
use serde::{Serialize, de::DeserializeOwned};

/// Containers inside containers, at most.
pub const MAX_DEPTH: usize = 32;

/// Values in one document, at most.
pub const MAX_ITEMS: usize = 1 << 20;

/// Limit for ciborium's own recursion, above anything that [`MAX_DEPTH`] lets through.
const RECURSION: usize = 4 * MAX_DEPTH;

/// Why bytes are not one value in deterministic CBOR.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// The bytes end inside a value.
    #[error("the bytes end inside the value at byte {0}")]
    Cut(usize),
    /// Bytes follow the value.
    #[error("bytes follow the end, from byte {0}")]
    Trailing(usize),
    /// A number or a length takes more bytes than it needs.
    #[error("the number at byte {0} is not written in its shortest form")]
    Long(usize),
    /// A length is left open.
    #[error("the value at byte {0} is of indefinite length")]
    Indefinite(usize),
    /// A tag, which includes numbers of more than 64 bits.
    #[error("there is a tag at byte {0}")]
    Tag(usize),
    /// A float.
    #[error("there is a float at byte {0}")]
    Float(usize),
    /// A simple value other than `true`, `false` and `null`, or a reserved head.
    #[error("the value at byte {0} is of no kind that is used here")]
    Simple(usize),
    /// A text that is not UTF-8.
    #[error("the text at byte {0} is not utf-8")]
    Utf8(usize),
    /// A key of a map that is neither a text nor an integer.
    #[error("the key at byte {0} is neither a text nor a number")]
    Key(usize),
    /// Keys of a map are not in order.
    #[error("the key at byte {0} is out of order")]
    Order(usize),
    /// A key stands twice in a map.
    #[error("the key at byte {0} stands there twice")]
    Twice(usize),
    /// Too many containers inside containers.
    #[error("the containers at byte {0} are more than {MAX_DEPTH} deep")]
    Deep(usize),
    /// Too many values.
    #[error("there are more than {MAX_ITEMS} values")]
    Many,
    /// The value is not of the wanted shape. The text is escaped.
    #[error("the value has another shape: {0}")]
    Shape(String),
    /// The value can be decoded, but encodes to other bytes.
    #[error("the value is not written the way it would be encoded")]
    Encoding,
}

/// Encodes a value: shortest numbers, definite lengths, keys in the order of their encodings. What gives itself out in pieces
/// without saying how many is refused.
pub fn encode(value: &impl Serialize) -> Result<Vec<u8>, Fault> {
    let bytes = sorted(&written(value, 0)?)?;
    check(&bytes)?;
    Ok(bytes)
}

/// Major types (RFC 8949 §3.1), of which a container made of byte strings has these.
pub const UNSIGNED: u8 = 0;
/// Negative numbers: `-1 - n`.
pub const NEGATIVE: u8 = 1;
/// Byte strings.
pub const BYTES: u8 = 2;
/// Texts.
pub const TEXT: u8 = 3;
/// Arrays.
pub const ARRAY: u8 = 4;
/// Maps.
pub const MAP: u8 = 5;

/// Writes the head of a value, its number in the shortest form.
pub fn put_head(out: &mut Vec<u8>, major: u8, number: u64) {
    let digits = number.to_be_bytes();
    let (short, length) = match shortest(number) {
        0 => (digits[7], 0),
        1 => (24, 1),
        2 => (25, 2),
        4 => (26, 4),
        _ => (27, 8),
    };
    out.push(major << 5 | short);
    out.extend_from_slice(digits.get(digits.len().saturating_sub(length)..).unwrap_or_default());
}

/// Bytes that a number takes behind the first one, in its shortest form.
fn shortest(number: u64) -> usize {
    match number {
        0..24 => 0,
        24..=0xff => 1,
        0x100..=0xffff => 2,
        0x1_0000..=0xffff_ffff => 4,
        _ => 8,
    }
}

/// Writes a text or a byte string, as `major` says.
pub fn put_string(out: &mut Vec<u8>, major: u8, bytes: &[u8]) {
    put_head(out, major, bytes.len() as u64);
    out.extend_from_slice(bytes);
}

/// Decodes bytes that are exactly what [`encode`] gives for the value.
pub fn decode<T: Serialize + DeserializeOwned>(bytes: &[u8]) -> Result<T, Fault> {
    let value: T = read(bytes)?;
    compare(&value, bytes)?;
    Ok(value)
}

/// Whether bytes that were [`read`] are what [`encode`] gives for a value; [`Fault::Encoding`] if they are not.
pub fn compare(value: &impl Serialize, bytes: &[u8]) -> Result<(), Fault> {
    let written = written(value, bytes.len())?;
    // What was read has its keys in order, so what equals it has, too: where a type has its fields in order, nothing is sorted.
    if written == bytes || sorted(&written)? == bytes { Ok(()) } else { Err(Fault::Encoding) }
}

/// A value with its keys in the order in which it gives them, with room for so many bytes.
fn written(value: &impl Serialize, room: usize) -> Result<Vec<u8>, Fault> {
    let mut bytes = Vec::with_capacity(room);
    ciborium::into_writer(value, &mut bytes).map_err(|error| {
        Fault::Shape(match error {
            ciborium::ser::Error::Value(text) => escape(&text),
            ciborium::ser::Error::Io(_) => "it can not be encoded".to_owned(),
        })
    })?;
    Ok(bytes)
}

/// The same value with the keys of every map in the order of their encodings.
fn sorted(written: &[u8]) -> Result<Vec<u8>, Fault> {
    let mut bytes = Vec::with_capacity(written.len());
    in_order(written, 0, 0, &mut bytes)?;
    Ok(bytes)
}

/// Decodes bytes in deterministic CBOR, for a caller that makes something of the value and [`compare`]s that with the bytes.
pub fn read<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Fault> {
    check(bytes)?;
    ciborium::de::from_reader_with_recursion_limit(bytes, RECURSION).map_err(|error| {
        Fault::Shape(match error {
            ciborium::de::Error::Semantic(_, text) => escape(&text),
            _ => "it can not be decoded".to_owned(),
        })
    })
}

/// A part of a decoded document as a type of its own.
pub(super) fn part<T: DeserializeOwned>(value: &Value) -> Result<T, Fault> {
    value.deserialized().map_err(|error| shape(&error))
}

fn shape(error: &ciborium::value::Error) -> Fault {
    let ciborium::value::Error::Custom(text) = error;
    Fault::Shape(escape(text))
}

/// Copies the value at `at`, which is so many containers deep, with the keys of every map in the order of their encodings;
/// where it ends.
fn in_order(bytes: &[u8], at: usize, depth: usize, out: &mut Vec<u8>) -> Result<usize, Fault> {
    if depth > MAX_DEPTH {
        return Err(Fault::Deep(at));
    }
    let inside = depth.saturating_add(1);
    let head = head(bytes, at)?;
    let mut end = if matches!(head.major, 2 | 3) { string(bytes, at, &head)? } else { head.end };
    out.extend_from_slice(bytes.get(at..end).unwrap_or_default());
    match head.major {
        4 => {
            for _ in 0..head.number {
                end = in_order(bytes, end, inside, out)?;
            }
        }
        5 => {
            let start = out.len();
            let mut pairs = Vec::new();
            for _ in 0..head.number {
                let key = out.len();
                end = in_order(bytes, end, inside, out)?;
                let value = out.len();
                end = in_order(bytes, end, inside, out)?;
                pairs.push((key..value, value..out.len()));
            }
            let key = |pair: &(std::ops::Range<usize>, _)| out.get(pair.0.clone()).unwrap_or_default();
            if !pairs.is_sorted_by(|one, other| key(one) <= key(other)) {
                pairs.sort_by(|one, other| key(one).cmp(key(other)));
                let pairs = pairs.iter().filter_map(|(key, value)| out.get(key.start..value.end));
                let sorted = pairs.collect::<Vec<&[u8]>>().concat();
                out.truncate(start);
                out.extend_from_slice(&sorted);
            }
        }
        6 => return Err(Fault::Tag(at)),
        _ => {}
    }
    Ok(end)
}

/// The head of a value (RFC 8949 §3): its major type, its number, and where what follows begins.
struct Head {
    major: u8,
    number: u64,
    end: usize,
}

/// An array or a map that is being walked.
struct Open {
    map: bool,
    /// Values that are still to come; a pair of a map counts as two.
    left: u64,
    /// Where the last key stands.
    key: Option<(usize, usize)>,
}

/// Checks that bytes are exactly one value in deterministic CBOR.
pub fn check(bytes: &[u8]) -> Result<(), Fault> {
    let mut open: Vec<Open> = Vec::new();
    let (mut at, mut items) = (0usize, 0usize);
    loop {
        items = items.saturating_add(1);
        if items > MAX_ITEMS {
            return Err(Fault::Many);
        }
        let head = head(bytes, at)?;
        let end = match head.major {
            2 | 3 => string(bytes, at, &head)?,
            _ => head.end,
        };
        if let Some(inside) = open.last_mut() {
            if inside.map && inside.left.is_multiple_of(2) {
                key(bytes, inside, head.major, at, end)?;
            }
            inside.left = inside.left.saturating_sub(1);
        }
        match head.major {
            4 | 5 => {
                let left = if head.major == 4 { Some(head.number) } else { head.number.checked_mul(2) };
                let rest = bytes.len().saturating_sub(end);
                let left = left.filter(|left| usize::try_from(*left).is_ok_and(|left| left <= rest));
                open.push(Open { map: head.major == 5, left: left.ok_or(Fault::Cut(at))?, key: None });
                if open.len() > MAX_DEPTH {
                    return Err(Fault::Deep(at));
                }
            }
            6 => return Err(Fault::Tag(at)),
            7 if !(20..=22).contains(&head.number) || head.end != at.saturating_add(1) => {
                return Err(Fault::Simple(at));
            }
            _ => {}
        }
        at = end;
        while open.last().is_some_and(|inside| inside.left == 0) {
            open.pop();
        }
        if open.is_empty() {
            return if at == bytes.len() { Ok(()) } else { Err(Fault::Trailing(at)) };
        }
    }
}

fn head(bytes: &[u8], at: usize) -> Result<Head, Fault> {
    let first = *bytes.get(at).ok_or(Fault::Cut(at))?;
    let (major, short) = (first >> 5, first & 31);
    let start = at.saturating_add(1);
    let length = match short {
        0..24 => return Ok(Head { major, number: u64::from(short), end: start }),
        25..28 if major == 7 => return Err(Fault::Float(at)),
        24 => 1usize,
        25 => 2,
        26 => 4,
        27 => 8,
        31 if (2..=5).contains(&major) => return Err(Fault::Indefinite(at)),
        _ => return Err(Fault::Simple(at)),
    };
    let end = start.saturating_add(length);
    let digits = bytes.get(start..end).ok_or(Fault::Cut(at))?;
    let number = digits.iter().fold(0u64, |number, digit| (number << 8) | u64::from(*digit));
    if major != 7 && shortest(number) != length { Err(Fault::Long(at)) } else { Ok(Head { major, number, end }) }
}

/// The end of the string whose head this is.
fn string(bytes: &[u8], at: usize, head: &Head) -> Result<usize, Fault> {
    let end = usize::try_from(head.number).ok().and_then(|length| head.end.checked_add(length));
    let end = end.ok_or(Fault::Cut(at))?;
    let text = bytes.get(head.end..end).ok_or(Fault::Cut(at))?;
    if head.major == 3 && std::str::from_utf8(text).is_err() { Err(Fault::Utf8(at)) } else { Ok(end) }
}

/// Checks a key against the one before it.
fn key(bytes: &[u8], inside: &mut Open, major: u8, at: usize, end: usize) -> Result<(), Fault> {
    if !matches!(major, 0 | 1 | 3) {
        return Err(Fault::Key(at));
    }
    if let Some((last, last_end)) = inside.key {
        match bytes.get(last..last_end).cmp(&bytes.get(at..end)) {
            std::cmp::Ordering::Less => {}
            std::cmp::Ordering::Equal => return Err(Fault::Twice(at)),
            std::cmp::Ordering::Greater => return Err(Fault::Order(at)),
        }
    }
    inside.key = Some((at, end));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_deterministic_is_accepted() {
        let honest: &[&[u8]] = &[
            b"\x00",
            b"\x17",
            b"\x18\x18",
            b"\x19\x01\x00",
            b"\x1a\x00\x01\x00\x00",
            b"\x1b\x00\x00\x00\x01\x00\x00\x00\x00",
            b"\x20",
            b"\x41\xff",
            b"\x61a",
            b"\x80",
            b"\xa0",
            b"\xf4",
            b"\xf5",
            b"\xf6",
            b"\x82\x01\x80",
            b"\xa3\x01\x00\x20\x00\x61a\x00",
            b"\xa2\x61b\x01\x62aa\x02",
            b"\x82\xa1\x61a\xa0\x81\x81\x00",
        ];
        for bytes in honest {
            assert_eq!(check(bytes), Ok(()), "{bytes:02x?}");
        }
    }

    #[test]
    fn every_other_spelling_is_refused() {
        let cases: &[(&[u8], Fault)] = &[
            (b"", Fault::Cut(0)),
            (b"\x00\x00", Fault::Trailing(1)),
            (b"\x18\x17", Fault::Long(0)),
            (b"\x19\x00\xff", Fault::Long(0)),
            (b"\x1a\x00\x00\xff\xff", Fault::Long(0)),
            (b"\x1b\x00\x00\x00\x00\xff\xff\xff\xff", Fault::Long(0)),
            (b"\x38\x17", Fault::Long(0)),
            (b"\x58\x01a", Fault::Long(0)),
            (b"\x98\x01\x00", Fault::Long(0)),
            (b"\x5f\x41a\xff", Fault::Indefinite(0)),
            (b"\x7f\x61a\xff", Fault::Indefinite(0)),
            (b"\x9f\x00\xff", Fault::Indefinite(0)),
            (b"\xbf\x61a\x00\xff", Fault::Indefinite(0)),
            (b"\xc2\x41\x01", Fault::Tag(0)),
            (b"\x81\xd8\x62\x00", Fault::Tag(1)),
            (b"\xf9\x00\x00", Fault::Float(0)),
            (b"\xfa\x00\x00\x00\x00", Fault::Float(0)),
            (b"\xfb\x00\x00\x00\x00\x00\x00\x00\x00", Fault::Float(0)),
            (b"\xf7", Fault::Simple(0)),
            (b"\xf8\x14", Fault::Simple(0)),
            (b"\xf8\xff", Fault::Simple(0)),
            (b"\xff", Fault::Simple(0)),
            (b"\x1c", Fault::Simple(0)),
            (b"\x1f", Fault::Simple(0)),
            (b"\x61\xff", Fault::Utf8(0)),
            (b"\x62a", Fault::Cut(0)),
            (b"\x7b\xff\xff\xff\xff\xff\xff\xff\xff", Fault::Cut(0)),
            (b"\x9b\xff\xff\xff\xff\xff\xff\xff\xff", Fault::Cut(0)),
            (b"\xbb\xff\xff\xff\xff\xff\xff\xff\xff", Fault::Cut(0)),
            (b"\xa1\x41a\x00", Fault::Key(1)),
            (b"\xa1\x80\x00", Fault::Key(1)),
            (b"\xa2\x61a\x00\x61a\x00", Fault::Twice(4)),
            (b"\xa2\x61b\x00\x61a\x00", Fault::Order(4)),
            (b"\xa2\x62aa\x00\x61b\x00", Fault::Order(5)),
            (b"\xa1\x61a", Fault::Cut(3)),
        ];
        for (bytes, fault) in cases {
            assert_eq!(check(bytes), Err(fault.clone()), "{bytes:02x?}");
        }
    }

    #[test]
    fn heads_are_what_a_general_encoder_writes() {
        let numbers = [0, 1, 23, 24, 255, 256, 65_535, 65_536, u64::from(u32::MAX), u64::from(u32::MAX) + 1, u64::MAX];
        for number in numbers {
            let put = |major| {
                let mut out = Vec::new();
                put_head(&mut out, major, number);
                out
            };
            assert_eq!(put(UNSIGNED), encode(&number).unwrap());
            assert_eq!(put(NEGATIVE), encode(&(-1 - i128::from(number))).unwrap());
        }
        for length in [0, 1, 23, 24, 255, 256, 70_000] {
            let mut out = Vec::new();
            put_string(&mut out, BYTES, &vec![7; length]);
            assert_eq!(out, encode(&Value::Bytes(vec![7; length])).unwrap());
            out.clear();
            put_string(&mut out, TEXT, &vec![b'a'; length]);
            assert_eq!(out, encode(&"a".repeat(length)).unwrap());
        }
    }

    #[test]
    fn depth_and_number_of_values_are_bounded() {
        let nest = |depth: usize| [vec![0x81; depth], vec![0]].concat();
        assert_eq!(check(&nest(MAX_DEPTH)), Ok(()));
        assert!(encode(&decode::<Value>(&nest(MAX_DEPTH)).unwrap()).is_ok());
        assert_eq!(check(&nest(MAX_DEPTH + 1)), Err(Fault::Deep(MAX_DEPTH)));
        assert_eq!(check(&nest(10_000_000)), Err(Fault::Deep(MAX_DEPTH)));
        let many = |count: u32| [vec![0x9a], count.to_be_bytes().to_vec(), vec![0; count as usize]].concat();
        assert_eq!(check(&many(MAX_ITEMS as u32 - 1)), Ok(()));
        assert_eq!(check(&many(MAX_ITEMS as u32)), Err(Fault::Many));
    }

    #[test]
    fn keys_are_written_in_the_order_of_their_encodings() {
        let value = Value::Map(vec![
            ("bb".into(), 1.into()),
            ("c".into(), 2.into()),
            (Value::from(-1), 3.into()),
            (Value::from(10), 4.into()),
        ]);
        assert_eq!(encode(&value).unwrap(), b"\xa4\x0a\x04\x20\x03\x61c\x02\x62bb\x01");
        assert_eq!(encode(&1.5f64), Err(Fault::Float(0)));
        let twice = Value::Map(vec![("a".into(), 1.into()), ("a".into(), 2.into())]);
        assert_eq!(encode(&twice), Err(Fault::Twice(4)));
    }

    #[test]
    fn what_a_type_reads_loosely_is_refused_by_encoding_again() {
        // serde reads `null` as an absent field, and an absent field is not written
        #[derive(Debug, PartialEq, serde::Serialize, serde::Deserialize)]
        struct Loose {
            #[serde(skip_serializing_if = "Option::is_none")]
            a: Option<u8>,
        }
        assert_eq!(decode::<Loose>(b"\xa1\x61a\x07"), Ok(Loose { a: Some(7) }));
        assert_eq!(decode::<Loose>(b"\xa0"), Ok(Loose { a: None }));
        assert_eq!(decode::<Loose>(b"\xa1\x61a\xf6"), Err(Fault::Encoding));
    }
}
