//! The members of an archive, one after the other: a header of their own, data, and what stands behind them (APPNOTE.TXT 4.3.7 to 4.3.9).

use super::directory::{Directory, Member, STREAMED, deflated};
use super::{ELSEWHERE, Fields, LOCAL, wrong};
use crate::bytes::{Budget, Input, InputStream, Limit, Stream, StreamFault};
use crate::format::compress::{Codec, decoder};
use crate::format::fault::Fault;
use flate2::Crc;

const DESCRIPTOR: &[u8] = b"PK\x07\x08";

/// Reads the members one after the other: each is shown as a stream that ends cleanly only if its size and checksum are right.
pub(in crate::format) struct Archive<'a> {
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
