//! The records at the end of an archive, which say where its directory is (APPNOTE.TXT 4.3.14 to 4.3.16).

use super::{CENTRAL, ELSEWHERE, Fields, LIMIT64, bytes, wrong};
use crate::bytes::Input;
use crate::format::fault::Fault;
use memchr::memmem;

const END: &[u8] = b"PK\x05\x06";
const END64: &[u8] = b"PK\x06\x06";
const LOCATOR64: &[u8] = b"PK\x06\x07";

/// Lengths of the records.
const END_LENGTH: u64 = 22;
const END64_LENGTH: u64 = 56;
const LOCATOR64_LENGTH: u64 = 20;

/// Where the central directory is: offset, length and number of members.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Ends {
    pub at: u64,
    pub length: u64,
    pub count: u64,
    /// Where the end records begin.
    pub end: u64,
}

/// Reads them: they are the file's last bytes, and say the same wherever they say something twice.
pub(super) fn ends(input: &mut Input) -> Result<Ends, Fault> {
    let size = input.size();
    let Some(at) = size.checked_sub(END_LENGTH) else { return wrong(0, "it is cut short") };
    let last = bytes(input, at, END_LENGTH)?;
    let parsed = (|| {
        let mut fields = Fields(&last);
        fields.signature(END)?;
        let disks = (fields.u16()?, fields.u16()?);
        let counts = (fields.u16()?, fields.u16()?);
        let (length, offset, comment) = (fields.u32()?, fields.u32()?, fields.u16()?);
        (disks == (0, 0) && counts.0 == counts.1 && comment == 0).then_some((counts.0, length, offset))
    })();
    let Some((count, length, offset)) = parsed else {
        return wrong(at, "it does not end with the record that says where its directory is");
    };
    let plain = Ends { at: offset.into(), length: length.into(), count: count.into(), end: at };
    let Some(locator_at) = at.checked_sub(LOCATOR64_LENGTH) else { return Ok(plain) };
    let locator = bytes(input, locator_at, LOCATOR64_LENGTH)?;
    if !locator.starts_with(LOCATOR64) {
        return Ok(plain);
    }
    let end64 = locator_at.checked_sub(END64_LENGTH);
    let Some(end) = end64 else { return wrong(locator_at, "its 64-bit end record is not where it belongs") };
    let record = bytes(input, end, END64_LENGTH)?;
    let parsed = (|| {
        let mut fields = Fields(&locator);
        fields.signature(LOCATOR64)?;
        let (disk, found, disks) = (fields.u32()?, fields.u64()?, fields.u32()?);
        let mut fields = Fields(&record);
        fields.signature(END64)?;
        let own = fields.u64()?;
        fields.take(4)?;
        let on = (fields.u32()?, fields.u32()?);
        let counts = (fields.u64()?, fields.u64()?);
        let wide = Ends { count: counts.0, length: fields.u64()?, at: fields.u64()?, end };
        let honest = disk == 0 && found == end && disks == 1 && own == END64_LENGTH.saturating_sub(12);
        let same = counts.0 == counts.1
            && u64::from(count) == wide.count.min(u16::MAX.into())
            && u64::from(length) == wide.length.min(ELSEWHERE.into())
            && u64::from(offset) == wide.at.min(ELSEWHERE.into());
        let needed = wide.count > u16::MAX.into() || wide.length > LIMIT64 || wide.at > LIMIT64;
        (honest && on == (0, 0) && same && needed).then_some(wide)
    })();
    parsed.map_or_else(|| wrong(end, "its 64-bit end record is none that Python writes"), Ok)
}

/// Where the directory is and how long, by the last end record, read as leniently as can be: of an archive that is refused anyhow.
pub(super) fn directory_of(input: &mut Input) -> Result<Option<(u64, u64)>, Fault> {
    let tail = input.tail(TAIL)?;
    let start = input.size().saturating_sub(tail.len() as u64);
    let Some(found) = memmem::rfind(&tail, END) else { return Ok(None) };
    let Some(record) = tail.get(found..) else { return Ok(None) };
    let mut fields = Fields(record);
    let plain = fields.take(12).and_then(|_| Some((fields.u32()?, fields.u32()?)));
    let Some((length, at)) = plain else { return Ok(None) };
    if at != ELSEWHERE && length != ELSEWHERE {
        return Ok(Some((at.into(), length.into())));
    }
    let before = start.saturating_add(found as u64).saturating_sub(LOCATOR64_LENGTH.saturating_add(END64_LENGTH));
    let record = bytes(input, before, END64_LENGTH)?;
    let mut fields = Fields(&record);
    Ok((|| {
        fields.signature(END64)?;
        fields.take(36)?;
        let (length, at) = (fields.u64()?, fields.u64()?);
        Some((at, length))
    })())
}

/// How far from its end Python looks for an archive's end record, which a comment may follow.
const TAIL: u64 = (1 << 16) + END_LENGTH;

/// Where a file that begins as something else has an archive's directory, if a reader of archives would find one: it begins from the
/// end (`zipfile.py`, `_EndRecData`). Any end record counts, for readers disagree which of several does.
pub(in crate::format) fn hidden_directory(input: &mut Input) -> Result<Option<u64>, Fault> {
    let tail = input.tail(TAIL)?;
    let start = input.size().saturating_sub(tail.len() as u64);
    let mut rest = &tail[..];
    let end = memmem::Finder::new(END);
    while let Some(found) = end.find(rest) {
        let record = rest.get(found..).unwrap_or_default();
        let at = start.saturating_add((tail.len().saturating_sub(record.len())) as u64);
        // Of an archive with 64-bit records: where the directory is then, readers find out in several ways.
        if let Some(locator) = at.checked_sub(LOCATOR64_LENGTH)
            && bytes(input, locator, 4)? == LOCATOR64
        {
            return Ok(Some(locator));
        }
        for directory in directories(at, record) {
            if bytes(input, directory, 4)? == CENTRAL {
                return Ok(Some(directory));
            }
        }
        rest = record.get(1..).unwrap_or_default();
    }
    Ok(None)
}

/// Where the directory of an end record at `at` could be: before it by its length, as Python has it, or where the record says.
fn directories(at: u64, record: &[u8]) -> Vec<u64> {
    let mut fields = Fields(record);
    let plain = fields.take(12).and_then(|_| Some((fields.u32()?, fields.u32()?, fields.u16()?)));
    // Python wants a whole record.
    let Some((length, offset, _)) = plain else { return Vec::new() };
    let all = [at.checked_sub(length.into()), Some(offset.into())];
    all.into_iter().flatten().filter(|directory| *directory < at).collect()
}

/// Whether a file is the end record alone: an archive of no arrays.
pub(in crate::format) fn is_empty(head: &[u8]) -> bool {
    head.strip_prefix(END).is_some_and(|rest| rest == [0; 18])
}
