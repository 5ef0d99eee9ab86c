//! What a file is to readers that go by its name: `pandas.read_pickle` unpacks `model.zip`, `model.tar.gz`, `model.xz` and
//! `model.zst`, and loads what is inside; `pandas.read_hdf` and keras read `model.h5`. A pickle that is such an archive too would be judged as one thing and loaded as another.
//!
//! By content, whatever the name: names change.

use super::fault::{Fault, Malformed};
use super::zip;
use crate::bytes::{Input, Shown, Watcher};
use std::cell::{Ref, RefCell};
use std::rc::Rc;

/// How an HDF5 file begins, behind what its user may write before it: at byte 512 or a doubling of that. `pandas.read_hdf` loads
/// pickles that stand in such a file.
const HDF5: &[u8; 8] = b"\x89HDF\r\n\x1a\n";

/// Size of a tar header, and of what is kept of a file's beginning.
pub(super) const BLOCK: usize = super::detect::HEAD;

/// How a file begins, and what comes out of its compressor first, as far as that was read.
#[derive(Debug, Default)]
pub(super) struct Head {
    /// The file's first bytes.
    pub raw: Vec<u8>,
    decoded: Rc<RefCell<Vec<u8>>>,
}

impl Head {
    /// How what is read as a pickle begins, as far as that was read.
    pub fn decoded(&self) -> Ref<'_, Vec<u8>> {
        self.decoded.borrow()
    }

    /// Takes the first bytes of the decoded stream.
    pub fn watcher(&self) -> Watcher {
        let head = self.decoded.clone();
        Box::new(move |_, shown| {
            let Shown::Bytes(bytes) = shown else { return false };
            let mut head = head.borrow_mut();
            let wanted = BLOCK.saturating_sub(head.len());
            head.extend_from_slice(bytes.get(..wanted).unwrap_or(bytes));
            head.len() < BLOCK
        })
    }
}

/// Refuses a file that was read to its end and is an archive too.
pub(super) fn check(input: &mut Input, head: &Head) -> Result<(), Fault> {
    let also = |at, what| Err(Fault::Malformed { at, what: Malformed::Also(what) });
    let raw = head.raw.as_slice();
    if is_tar(raw) || is_tar(&head.decoded.borrow()) {
        return also(0, "a tar archive");
    }
    if is_lzma(raw) {
        return also(0, "an lzma stream");
    }
    if is_zstd(raw) {
        return also(0, "a zstd stream");
    }
    if let Some((at, _)) = input.doublings()?.into_iter().find(|(_, bytes)| bytes == HDF5) {
        return also(at, "an HDF5 file");
    }
    // Of archives that `numpy.load` reads, `zip.rs` has seen the directory.
    let hidden = if raw.starts_with(zip::LOCAL) { None } else { zip::hidden_directory(input)? };
    hidden.map_or(Ok(()), |at| also(at, "a zip archive"))
}

/// Refuses a bz2 stream that is a pickle too: its first byte, `B`, is BINBYTES, and the four that follow are a length to
/// `pickle.load`, of 389 MB at least. Of other beginnings CPython's readers stop at the first or second byte: `0x78` (zlib), `0x1f`
/// (gzip), `0xfd` (xz), `0x04` (lz4) and `Z` (old joblib) are no opcodes; `]` (lzma) is an empty list, and the zero byte
/// behind it no opcode; `P` (zip) asks for something from outside, which `pickle.load` has none of; `0x93` (npy) takes two
/// names from an empty stack.
pub(super) fn check_bz2(head: &[u8], size: u64) -> Result<(), Fault> {
    let Some([b'B', length @ ..]) = head.first_chunk::<5>() else { return Ok(()) };
    let behind = u64::from(u32::from_le_bytes(*length)).saturating_add(5);
    if size > behind {
        return Err(Fault::Malformed { at: 0, what: Malformed::Also("a pickle of bytes") });
    }
    Ok(())
}

/// Whether these bytes are a header that Python's `tarfile` takes (`TarInfo.frombuf`).
fn is_tar(block: &[u8]) -> bool {
    const NUMBERS: [std::ops::Range<usize>; 7] = [100..108, 108..116, 116..124, 124..136, 136..148, 329..337, 337..345];
    const CHECKSUM: std::ops::Range<usize> = 148..156;
    if block.len() != BLOCK || NUMBERS.into_iter().any(|field| block.get(field).and_then(number).is_none()) {
        return false;
    }
    let Some(checksum) = block.get(CHECKSUM).and_then(number) else { return false };
    let others = || block.iter().enumerate().filter(|(at, _)| !CHECKSUM.contains(at)).map(|(_, byte)| *byte);
    // Its own field counts as eight spaces. Some systems took bytes as signed.
    let unsigned = others().fold(256i128, |sum, byte| sum.saturating_add(byte.into()));
    let signed = others().fold(256i128, |sum, byte| sum.saturating_add(byte.cast_signed().into()));
    checksum == unsigned || checksum == signed
}

/// A number of a tar header: octal digits as Python's `int` reads them, or bytes (`tarfile.nti`).
fn number(field: &[u8]) -> Option<i128> {
    if let [sign @ (0x80 | 0xff), bytes @ ..] = field {
        let value = bytes.iter().fold(0i128, |value, byte| value.saturating_mul(256).saturating_add((*byte).into()));
        let whole = 256i128.saturating_pow(u32::try_from(bytes.len()).unwrap_or(0));
        return Some(if *sign == 0xff { value.saturating_sub(whole) } else { value });
    }
    let text = field.split(|byte| *byte == 0).next().unwrap_or_default();
    let text = std::str::from_utf8(text).ok().filter(|text| text.is_ascii())?;
    let text = text.trim_matches(|c: char| c == ' ' || ('\t'..='\r').contains(&c) || ('\x1c'..='\x1f').contains(&c));
    let (sign, digits) = match text.strip_prefix('-') {
        Some(digits) => (-1, digits),
        None => (1, text.strip_prefix('+').unwrap_or(text)),
    };
    let digits = digits.strip_prefix("0o").or_else(|| digits.strip_prefix("0O")).unwrap_or(digits).replace('_', "");
    if text.is_empty() {
        return Some(0);
    }
    i128::from_str_radix(&digits, 8).ok().map(|value| value.saturating_mul(sign))
}

/// Whether liblzma, told to find out the format itself, begins to decode the older format (`alone_decoder.c`). With the properties that
/// everybody writes it begins with `]` and a zero byte, which is no pickle; with others it can begin with LONG1.
fn is_lzma(head: &[u8]) -> bool {
    let [properties, a, b, c, d, size @ ..] = head else { return false };
    let Some(size) = size.first_chunk::<8>() else { return false };
    let properties = u32::from(*properties);
    let literal = properties.rem_euclid(9).saturating_add(properties.div_euclid(9).rem_euclid(5));
    let dictionary = u32::from_le_bytes([*a, *b, *c, *d]);
    // As liblzma does it: a power of two, or the sum of two that follow each other.
    let mut round = dictionary.wrapping_sub(1);
    for shift in [2, 3, 4, 8, 16] {
        round |= round.checked_shr(shift).unwrap_or(0);
    }
    let round = round.wrapping_add(1) == dictionary || dictionary == u32::MAX;
    let size = u64::from_le_bytes(*size);
    let usual = head.starts_with(super::compress::Codec::Lzma.prefix());
    !usual && properties < 225 && literal <= 4 && round && (size == u64::MAX || size < 1 << 38)
}

/// Whether what begins so may be the older format of liblzma, by other properties than usual, with something in it.
pub(super) fn may_be_lzma(head: &[u8]) -> bool {
    is_lzma(head) && head.iter().skip(5).take(8).any(|byte| *byte != 0)
}

/// Whether these bytes begin a frame of zstd, or one that it steps over.
fn is_zstd(head: &[u8]) -> bool {
    matches!(head, [0x28, 0xb5, 0x2f, 0xfd, ..] | [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_tar_are_those_that_pythons_int_reads() {
        for (field, value) in [
            (&b"0000644\0"[..], Some(0o644)),
            (b"  644 \0 ", Some(0o644)),
            (b"\0\0\0\0\0\0\0\0", Some(0)),
            (b"0o1_7\x1c\0x", Some(0o17)),
            (b"-7\0aaaaa", Some(-7)),
            (b"\x80\0\0\0\0\0\x01\x02", Some(258)),
            (b"\xff\xff\xff\xff\xff\xff\xff\xfe", Some(-2)),
            (b"00009\0\0\0", None),
            (b"1 1\0\0\0\0\0", None),
            (b"\xc3\xa9\0\0\0\0\0\0", None),
        ] {
            assert_eq!(number(field), value, "{}", field.escape_ascii());
        }
    }

    #[test]
    fn a_stream_of_lzma_is_told_by_its_header() {
        let head = |properties: u8, dictionary: u32, size: u64| {
            [&[properties][..], &dictionary.to_le_bytes(), &size.to_le_bytes()].concat()
        };
        assert!(is_lzma(&head(0x8a, 128, 8)));
        assert!(is_lzma(&head(0x8b, 3 << 20, u64::MAX)));
        assert!(is_lzma(&head(0x8b, 0, 0)));
        assert!(!is_lzma(&head(0x8a, 130, 8)), "no sum of two powers");
        assert!(!is_lzma(&head(0x80, 128, 8)), "PROTO: too many bits of a literal's place");
        assert!(!is_lzma(&head(0x8a, 128, 1 << 38)));
        assert!(!is_lzma(&head(0x5d, 1 << 16, 8)), "the usual one is read");
    }
}
