//! The central directory: what each member is called, how long it is and where it stands (APPNOTE.TXT 4.3.12).

use super::end::ends;
use super::{CENTRAL, ELSEWHERE, Fields, LIMIT64, bytes, wrong};
use crate::bytes::{Budget, Input};
use crate::format::fault::Fault;
use std::collections::BTreeSet;

/// Longest name of a member, in bytes.
const NAME: usize = 1000;

/// Bits of a member's flags: sizes stand behind the data; the name is UTF-8.
pub(super) const STREAMED: u16 = 1 << 3;
const UTF8: u16 = 1 << 11;

/// A member, as the central directory describes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::format) struct Member {
    /// Its name.
    pub name: String,
    /// Whether its data are deflated.
    pub deflated: bool,
    /// Size of its data, decompressed.
    pub size: u64,
    pub(super) flags: u16,
    pub(super) stamp: u32,
    pub(super) crc: u32,
    pub(super) packed: u64,
    pub(super) at: u64,
}

/// The members of an archive, in the order in which they stand in it.
#[derive(Debug)]
pub(in crate::format) struct Directory {
    pub members: Vec<Member>,
    /// Where the directory begins, and the last member ends.
    pub(super) at: u64,
}

/// Reads the central directory.
pub(in crate::format) fn directory(input: &mut Input, budget: &mut Budget) -> Result<Directory, Fault> {
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
    // numpy looks for a member by what is asked for, and for that with its ending.
    if members.iter().any(|member| names.contains(&format!("{}.npy", member.name))) {
        return wrong(ends.at, "two members answer to one name");
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

/// Whether data by a method are deflated; nothing if it is a method of no member of numpy's.
pub(super) fn deflated(method: u16) -> Option<bool> {
    match method {
        0 => Some(false),
        8 => Some(true),
        _ => None,
    }
}

/// A name that is the same to every reader and on every system. Nobody makes a file of it: numpy's users call arrays what they like.
fn name_of(bytes: &[u8], flags: u16) -> Option<String> {
    let name = std::str::from_utf8(bytes).ok().filter(|name| flags & UTF8 != 0 || name.is_ascii())?;
    let plain = !name.contains('\\') && !name.chars().any(char::is_control);
    let parts = !name.is_empty() && name.split('/').all(|part| part != "..");
    (name.len() <= NAME && plain && parts).then(|| name.to_owned())
}
