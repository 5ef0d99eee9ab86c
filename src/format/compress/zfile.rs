//! The files of joblib before 0.10 (`joblib/numpy_pickle_compat.py`, `read_zfile`): `ZF`, the length of what follows once it is
//! decompressed, in hexadecimal and padded with spaces to 19 bytes, and one zlib stream.
//!
//! joblib compares the length with what it has decompressed, and so does this. What follows the zlib stream it ignores; here it
//! is refused.

use super::{Codec, decoder};
use crate::bytes::{Stream, StreamFault, Window};

/// What such a file begins with: joblib asks for two bytes, and fails where the other two are not these.
pub const PREFIX: &[u8] = b"ZF0x";
/// The name in reports.
pub const NAME: &str = "zf";

/// Bytes of the length: as many as `hex(2 ** 64)` has.
const LENGTH: usize = 19;
/// The header of a zlib stream as Python writes it; Python 2 wrote one space more before it.
const ZLIB: u8 = 0x78;

/// What a file of old joblib holds, decompressed. `most` and `window` are those of [`decoder`].
pub fn zfile<'a>(
    mut inner: Box<dyn Stream + 'a>,
    most: u64,
    window: Window,
) -> Result<Box<dyn Stream + 'a>, StreamFault> {
    let mut header = [0; 2 + LENGTH];
    for slot in &mut header {
        *slot = next(&mut *inner)?.ok_or_else(|| damaged("its header is cut"))?;
    }
    let left = length(&header).ok_or_else(|| damaged("its header holds no length as joblib writes it"))?;
    let mut at = header.len() as u64;
    if peek(&mut *inner)? == Some(b' ') {
        inner.consume(1);
        at = at.saturating_add(1);
    }
    if peek(&mut *inner)? != Some(ZLIB) {
        return Err(damaged("no zlib stream follows its header"));
    }
    Ok(Box::new(Declared { inner: decoder(Codec::Zlib, inner, at, most, window), left }))
}

fn length(header: &[u8]) -> Option<u64> {
    let text = std::str::from_utf8(header.strip_prefix(PREFIX)?).ok()?;
    let digits = text.trim_end_matches(' ');
    let canonical = digits.bytes().all(|digit| matches!(digit, b'0'..=b'9' | b'a'..=b'f'));
    if !canonical || (digits.starts_with('0') && digits != "0") {
        return None;
    }
    u64::from_str_radix(digits, 16).ok()
}

fn damaged(what: &str) -> StreamFault {
    StreamFault::Damaged { codec: NAME, what: what.to_owned() }
}

fn peek(stream: &mut dyn Stream) -> Result<Option<u8>, StreamFault> {
    Ok(stream.fill()?.first().copied())
}

fn next(stream: &mut dyn Stream) -> Result<Option<u8>, StreamFault> {
    let byte = peek(stream)?;
    stream.consume(usize::from(byte.is_some()));
    Ok(byte)
}

/// A stream whose length was declared.
struct Declared<'a> {
    inner: Box<dyn Stream + 'a>,
    left: u64,
}

impl Stream for Declared<'_> {
    fn fill(&mut self) -> Result<&[u8], StreamFault> {
        let given = self.inner.fill()?;
        match given.len() as u64 {
            0 if self.left > 0 => Err(damaged("it holds less than its header says")),
            length if length > self.left => {
                // As far as the header says it is what it says; what is more is said when it is reached.
                let left = usize::try_from(self.left).unwrap_or(usize::MAX);
                match given.get(..left) {
                    Some(declared) if left > 0 => Ok(declared),
                    _ => Err(damaged("it holds more than its header says")),
                }
            }
            _ => Ok(given),
        }
    }

    fn consume(&mut self, count: usize) {
        self.inner.consume(count);
        self.left = self.left.saturating_sub(count as u64);
    }
}
