//! Zip archives as `numpy.savez` writes them (APPNOTE.TXT 6.3.10; `zipfile.py`), and no others.
//!
//! Readers of zip archives disagree wherever an archive says something twice, so here it is said the same way twice or the
//! archive is refused: the local headers are those of the central directory, the members follow each other from the first byte to
//! the directory without a gap, the directory is followed by its end record and that by nothing, and no name stands twice.
//! Members are stored or deflated; their sizes and checksums are compared.

use super::compress::{Codec, decoder};
use super::fault::{Fault, Malformed};
use crate::bytes::{Budget, CHUNK, Input, InputStream, Limit, Stream, StreamFault};
use flate2::Crc;
use memchr::memmem;
use std::collections::BTreeSet;

/// What a member begins with.
pub(super) const LOCAL: &[u8] = b"PK\x03\x04";
const CENTRAL: &[u8] = b"PK\x01\x02";
const END: &[u8] = b"PK\x05\x06";
const END64: &[u8] = b"PK\x06\x06";
const LOCATOR64: &[u8] = b"PK\x06\x07";
const DESCRIPTOR: &[u8] = b"PK\x07\x08";

/// Lengths of the end records.
const END_LENGTH: u64 = 22;
const END64_LENGTH: u64 = 56;
const LOCATOR64_LENGTH: u64 = 20;

/// Longest name of a member, in bytes.
const NAME: usize = 1000;
/// Beyond this Python writes 64 bits (`ZIP64_LIMIT`).
const LIMIT64: u64 = (1 << 31) - 1;
/// Stands for a number that is written in 64 bits elsewhere.
const ELSEWHERE: u32 = u32::MAX;

/// Bits of a member's flags: sizes stand behind the data; the name is UTF-8.
const STREAMED: u16 = 1 << 3;
const UTF8: u16 = 1 << 11;

/// A member, as the central directory describes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Member {
    /// Its name.
    pub name: String,
    /// Whether its data are deflated.
    pub deflated: bool,
    /// Size of its data, decompressed.
    pub size: u64,
    flags: u16,
    stamp: u32,
    crc: u32,
    packed: u64,
    at: u64,
}

/// The members of an archive, in the order in which they stand in it.
#[derive(Debug)]
pub(super) struct Directory {
    pub members: Vec<Member>,
    /// Where the directory begins, and the last member ends.
    at: u64,
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

/// Where the central directory is: offset, length and number of members.
#[derive(Debug, PartialEq, Eq)]
struct Ends {
    at: u64,
    length: u64,
    count: u64,
    /// Where the end records begin.
    end: u64,
}

fn ends(input: &mut Input) -> Result<Ends, Fault> {
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

/// How far from its end Python looks for an archive's end record, which a comment may follow.
const TAIL: u64 = (1 << 16) + END_LENGTH;

/// Where a file that begins as something else has an archive's directory, if a reader of archives would find one: it begins from the
/// end (`zipfile.py`, `_EndRecData`). Any end record counts, for readers disagree which of several does.
pub(super) fn hidden_directory(input: &mut Input) -> Result<Option<u64>, Fault> {
    let tail = input.tail(TAIL)?;
    let start = input.size().saturating_sub(tail.len() as u64);
    let mut rest = tail.as_slice();
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
pub(super) fn is_empty(head: &[u8]) -> bool {
    head.strip_prefix(END).is_some_and(|rest| rest == [0; 18])
}

/// Reads the central directory.
pub(super) fn directory(input: &mut Input, budget: &mut Budget) -> Result<Directory, Fault> {
    let ends = ends(input)?;
    if ends.at.checked_add(ends.length) != Some(ends.end) {
        return wrong(ends.end, "its directory does not end where its end record begins");
    }
    budget.memory(ends.length.saturating_mul(2))?;
    let whole = bytes(input, ends.at, ends.length)?;
    let mut rest = Fields(&whole);
    let (mut members, mut names) = (Vec::new(), BTreeSet::new());
    while !rest.0.is_empty() {
        let at = ends.end.saturating_sub(rest.0.len() as u64);
        budget.memory((size_of::<Member>() as u64).saturating_mul(2))?;
        let Some(member) = central(&mut rest) else {
            return wrong(at, "a member is described as Python describes none");
        };
        if !names.insert(member.name.clone()) {
            return wrong(at, "two members have one name");
        }
        members.push(member);
    }
    if members.len() as u64 != ends.count {
        return wrong(ends.end, "its directory has another number of members than its end record says");
    }
    Ok(Directory { members, at: ends.at })
}

/// An entry of the central directory, if it is one of Python's.
fn central(fields: &mut Fields<'_>) -> Option<Member> {
    fields.signature(CENTRAL)?;
    // Made by, needed: whatever they are, they change nothing of how Python reads what follows.
    fields.take(2)?;
    let needed = fields.u16()?;
    let (flags, method) = (fields.u16()?, fields.u16()?);
    let (stamp, crc) = (fields.u32()?, fields.u32()?);
    let (packed, size) = (fields.u32()?, fields.u32()?);
    let (name, extra, comment, disk) = (fields.u16()?, fields.u16()?, fields.u16()?, fields.u16()?);
    fields.take(6)?;
    let at = fields.u32()?;
    let name = name_of(fields.take(name.into())?, flags)?;
    let mut extra = Fields(fields.take(extra.into())?);
    let wide = [size, packed, at].iter().filter(|number| **number == ELSEWHERE).count();
    if wide > 0 {
        let length = u16::try_from(wide.checked_mul(8)?).ok()?;
        (extra.u16()? == 1 && extra.u16()? == length).then_some(())?;
    }
    let mut number = |number: u32| match number {
        ELSEWHERE => extra.u64().filter(|number| *number > LIMIT64),
        number => Some(number.into()),
    };
    let (size, packed, at) = (number(size)?, number(packed)?, number(at)?);
    let known = needed <= 45 && flags & !(STREAMED | UTF8) == 0 && comment == 0 && disk == 0 && extra.0.is_empty();
    let deflated = deflated(method)?;
    (known && (deflated || packed == size)).then_some(Member { name, deflated, size, flags, stamp, crc, packed, at })
}

fn deflated(method: u16) -> Option<bool> {
    match method {
        0 => Some(false),
        8 => Some(true),
        _ => None,
    }
}

/// A name that is the same to every reader and on every system.
fn name_of(bytes: &[u8], flags: u16) -> Option<String> {
    let name = std::str::from_utf8(bytes).ok().filter(|name| flags & UTF8 != 0 || name.is_ascii())?;
    let plain = !name.contains(['\\', ':']) && !name.chars().any(char::is_control);
    let parts = name.split('/').all(|part| !matches!(part, "" | "." | ".."));
    (name.len() <= NAME && plain && parts).then(|| name.to_owned())
}

/// Reads the members one after the other: each is shown as a stream that ends cleanly only if its size and checksum are right.
pub(super) struct Archive<'a> {
    stream: InputStream<'a>,
    directory: Directory,
    next: usize,
    /// Whether the numbers behind the member at hand, if they stand there, have 64 bits.
    wide: bool,
}

impl<'a> Archive<'a> {
    pub fn new(input: &'a mut Input, directory: Directory) -> Archive<'a> {
        Archive { stream: InputStream::new(input), directory, next: 0, wide: false }
    }

    /// The next member, in which the stream of the archive is just before its data; `None` when the directory follows.
    pub fn next(&mut self) -> Result<Option<Member>, Fault> {
        let at = self.stream.at();
        let Some(member) = self.directory.members.get(self.next).cloned() else {
            if at != self.directory.at {
                return wrong(at, "something stands between its last member and its directory");
            }
            return Ok(None);
        };
        self.next = self.next.saturating_add(1);
        if member.at != at {
            return wrong(at, "something stands between two members");
        }
        self.local(at, &member)?;
        Ok(Some(member))
    }

    /// Steps over a local header, which says what the directory says.
    fn local(&mut self, at: u64, member: &Member) -> Result<(), Fault> {
        let head = self.take(30)?;
        let parsed = (|| {
            let mut fields = Fields(&head);
            fields.signature(LOCAL)?;
            let needed = fields.u16()?;
            let same = fields.u16()? == member.flags && deflated(fields.u16()?)? == member.deflated;
            let same = same && fields.u32()? == member.stamp && needed <= 45;
            let numbers = (fields.u32()?, fields.u32()?, fields.u32()?);
            same.then_some((numbers, fields.u16()?, fields.u16()?))
        })();
        let Some(((crc, packed, size), name, extra)) = parsed else {
            return wrong(at, "a member's own header differs from the directory");
        };
        let name = self.take(name.into())?;
        let extra = self.take(extra.into())?;
        // What is streamed has its numbers behind it.
        let streamed = member.flags & STREAMED != 0;
        let wanted = if streamed { (0, 0, 0) } else { (member.crc, member.packed, member.size) };
        // With 64 bits more, Python since 3.11.4 says in the header that they stand elsewhere, and before it said them twice.
        let found = if extra.is_empty() {
            Some((packed.into(), size.into()))
        } else {
            let (packed, size) = (u64::from(packed), u64::from(size));
            (|| {
                let mut fields = Fields(&extra);
                (fields.u16()? == 1 && fields.u16()? == 16).then_some(())?;
                let (wide_size, wide_packed) = (fields.u64()?, fields.u64()?);
                let elsewhere = (packed, size) == (ELSEWHERE.into(), ELSEWHERE.into());
                let twice = (packed, size) == (wide_packed, wide_size);
                (fields.0.is_empty() && (elsewhere || twice)).then_some((wide_packed, wide_size))
            })()
        };
        let same = found.is_some_and(|(packed, size)| (crc, packed, size) == wanted);
        if name != member.name.as_bytes() || !same {
            return wrong(at, "a member's own header differs from the directory");
        }
        self.wide = !extra.is_empty();
        Ok(())
    }

    /// The data of the member at hand, decompressed. All of it has to be read.
    pub fn data(&mut self, member: &Member, budget: &mut Budget) -> Result<Box<dyn Stream + '_>, Fault> {
        budget.decoded(member.size)?;
        let (at, most) = (self.stream.at(), budget.limit(Limit::Decoded));
        let packed = Box::new(Part { inner: &mut self.stream, left: member.packed });
        let inner: Box<dyn Stream + '_> =
            if member.deflated { decoder(Codec::Deflate, packed, at, most, budget.window()) } else { packed };
        Ok(Box::new(Checked { inner, left: member.size, crc: Crc::new(), wanted: member.crc }))
    }

    /// Steps over what stands behind the data of the member at hand.
    pub fn close(&mut self, member: &Member) -> Result<(), Fault> {
        if member.flags & STREAMED == 0 {
            return Ok(());
        }
        let at = self.stream.at();
        let wide = self.wide;
        let behind = self.take(if wide { 24 } else { 16 })?;
        let mut fields = Fields(&behind);
        let number = |fields: &mut Fields<'_>| if wide { fields.u64() } else { fields.u32().map(u64::from) };
        let found = fields
            .signature(DESCRIPTOR)
            .and_then(|()| Some((fields.u32()?, number(&mut fields)?, number(&mut fields)?)));
        if found != Some((member.crc, member.packed, member.size)) {
            return wrong(at, "the numbers behind a member differ from the directory");
        }
        Ok(())
    }

    fn take(&mut self, count: usize) -> Result<Vec<u8>, Fault> {
        let at = self.stream.at();
        let mut taken = Vec::with_capacity(count);
        while taken.len() < count {
            let given = self.stream.fill()?;
            let piece = given.get(..count.saturating_sub(taken.len())).unwrap_or(given);
            if piece.is_empty() {
                return wrong(at, "it is cut short");
            }
            taken.extend_from_slice(piece);
            let length = piece.len();
            self.stream.consume(length);
        }
        Ok(taken)
    }
}

/// The next bytes of an archive.
struct Part<'s, 'a> {
    inner: &'s mut InputStream<'a>,
    left: u64,
}

impl Stream for Part<'_, '_> {
    fn fill(&mut self) -> Result<&[u8], StreamFault> {
        let left = usize::try_from(self.left).unwrap_or(usize::MAX);
        let given = if left == 0 { &[] } else { self.inner.fill()? };
        Ok(given.get(..left).unwrap_or(given))
    }

    fn consume(&mut self, count: usize) {
        self.inner.consume(count);
        self.left = self.left.saturating_sub(count as u64);
    }
}

/// A stream whose length and checksum are known.
struct Checked<'s> {
    inner: Box<dyn Stream + 's>,
    left: u64,
    crc: Crc,
    wanted: u32,
}

impl Stream for Checked<'_> {
    fn fill(&mut self) -> Result<&[u8], StreamFault> {
        let damaged = |what: &str| StreamFault::Damaged { codec: "zip", what: what.to_owned() };
        let given = self.inner.fill()?;
        if given.len() as u64 > self.left {
            return Err(damaged("a member is longer than the directory says"));
        }
        if given.is_empty() && self.left > 0 {
            return Err(damaged("a member is shorter than the directory says"));
        }
        if given.is_empty() && self.crc.sum() != self.wanted {
            return Err(damaged("the checksum of a member is another one"));
        }
        Ok(given)
    }

    fn consume(&mut self, count: usize) {
        if let Ok(given) = self.inner.fill() {
            self.crc.update(given.get(..count).unwrap_or(given));
        }
        self.inner.consume(count);
        self.left = self.left.saturating_sub(count as u64);
    }
}

/// The name of an archive's first member.
pub(super) fn first_name(input: &mut Input) -> Result<Option<Vec<u8>>, Fault> {
    let head = bytes(input, 0, 30)?;
    if is_empty(&head) {
        return Ok(None);
    }
    let length = head.get(26..28).and_then(|length| length.try_into().ok()).map_or(0, u16::from_le_bytes);
    bytes(input, 30, length.into()).map(Some)
}
