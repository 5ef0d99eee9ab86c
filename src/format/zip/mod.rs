//! Zip archives as `numpy.savez` writes them (APPNOTE.TXT 6.3.10; `zipfile.py`), and no others.
//!
//! Readers of zip archives disagree wherever an archive says something twice, so here it is said the same way twice or the
//! archive is refused: the local headers are those of the central directory, the members follow each other from the first byte to
//! the directory without a gap, the directory is followed by its end record and that by nothing, and no name stands twice.
//! Members are stored or deflated; their sizes and checksums are compared.

mod archive;
mod directory;
mod end;
mod known;

pub(super) use archive::Archive;
pub(super) use directory::directory;
pub(super) use end::{hidden_directory, is_empty};
pub use known::Known;
pub(super) use known::{known, skops};

use super::fault::{Fault, Malformed};
use crate::bytes::{CHUNK, Input};

/// What a member begins with.
pub(super) const LOCAL: &[u8] = b"PK\x03\x04";
/// What an entry of the central directory begins with.
const CENTRAL: &[u8] = b"PK\x01\x02";

/// Beyond this Python writes 64 bits (`ZIP64_LIMIT`).
const LIMIT64: u64 = (1 << 31) - 1;
/// Stands for a number that is written in 64 bits elsewhere.
const ELSEWHERE: u32 = u32::MAX;

/// The name of an archive's first member.
pub(super) fn first_name(input: &mut Input) -> Result<Option<Vec<u8>>, Fault> {
    let head = bytes(input, 0, 30)?;
    if is_empty(&head) {
        return Ok(None);
    }
    let length = head.get(26..28).and_then(|length| length.try_into().ok()).map_or(0, u16::from_le_bytes);
    bytes(input, 30, length.into()).map(Some)
}

fn wrong<T>(at: u64, what: &'static str) -> Result<T, Fault> {
    Err(Fault::Malformed { at, what: Malformed::Zip(what) })
}

/// Numbers of an archive's records.
struct Fields<'b>(&'b [u8]);

impl<'b> Fields<'b> {
    fn take(&mut self, count: usize) -> Option<&'b [u8]> {
        let (taken, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(taken)
    }

    fn u16(&mut self) -> Option<u16> {
        self.take(2)?.try_into().ok().map(u16::from_le_bytes)
    }

    fn u32(&mut self) -> Option<u32> {
        self.take(4)?.try_into().ok().map(u32::from_le_bytes)
    }

    fn u64(&mut self) -> Option<u64> {
        self.take(8)?.try_into().ok().map(u64::from_le_bytes)
    }

    fn signature(&mut self, wanted: &[u8]) -> Option<()> {
        (self.take(4)? == wanted).then_some(())
    }
}

/// `count` bytes of the file from `at` on; fewer at its end.
fn bytes(input: &mut Input, mut at: u64, count: u64) -> Result<Vec<u8>, Fault> {
    let end = at.saturating_add(count).min(input.size());
    let mut all = Vec::new();
    while at < end {
        let chunk = input.chunk(at.div_euclid(CHUNK as u64))?;
        let inside = usize::try_from(at.rem_euclid(CHUNK as u64)).unwrap_or(usize::MAX);
        let wanted = usize::try_from(end.saturating_sub(at)).unwrap_or(usize::MAX);
        let rest = chunk.get(inside..).unwrap_or_default();
        let piece = rest.get(..wanted).unwrap_or(rest);
        if piece.is_empty() {
            break;
        }
        all.extend_from_slice(piece);
        at = at.saturating_add(piece.len() as u64);
        input.give_back(chunk);
    }
    Ok(all)
}
