//! The .xz container (The .xz File Format 1.2.1), one stream of it: every field is compared, as liblzma does.
//!
//! Blocks have LZMA2 alone as their filter: neither Python's writer nor `xz` adds another without being told to.

use super::crc64::Crc64;
use super::{MOST_DICTIONARY, Member, Outcome, Step, gather};
use flate2::Crc;
use lzma_rust2::{Action, Lzma2Stream, Status};
use sha2::{Digest, Sha256};

pub(super) const MAGIC: &[u8] = b"\xfd7zXZ\x00";
const FOOTER_MAGIC: &[u8] = b"YZ";
const LZMA2: u64 = 0x21;

enum At {
    /// §2.1.1
    Header,
    /// First byte of a block header or of the index.
    Start,
    /// §3.1, with its length.
    BlockHeader(usize),
    /// §3.2
    Data(Box<Block>),
    /// §3.3 and §3.4: this many bytes, of which the first are padding.
    BlockEnd(Box<Block>, usize),
    /// §4, behind its first byte.
    Index(Index),
    /// §4.4 and §4.5: zeros up to a multiple of four, then the CRC32.
    IndexEnd(usize),
    /// §2.1.2
    Footer,
    Ended,
}

/// What is checked of a block (§4.3): of all blocks only a count and a digest are kept.
struct Records {
    count: u64,
    digest: Sha256,
}

impl Records {
    fn new() -> Records {
        Records { count: 0, digest: Sha256::new() }
    }

    fn add(&mut self, unpadded: u64, uncompressed: u64) {
        self.count = self.count.saturating_add(1);
        self.digest.update(unpadded.to_le_bytes());
        self.digest.update(uncompressed.to_le_bytes());
    }
}

struct Block {
    header: u64,
    compressed: Option<u64>,
    uncompressed: Option<u64>,
    stream: Lzma2Stream,
    check: Check,
}

/// §3.4
enum Check {
    None,
    Crc32(Crc),
    Crc64(Crc64),
    Sha256(Box<Sha256>),
}

struct Index {
    left: Option<u64>,
    /// The first number of a record.
    unpadded: Option<u64>,
    records: Records,
}

pub(super) struct Xz {
    at: At,
    held: Vec<u8>,
    flags: u8,
    blocks: Records,
    /// Bytes of the index so far, and their CRC32.
    index: u64,
    index_crc: Crc,
}

impl Xz {
    pub(super) fn new() -> Xz {
        Xz { at: At::Header, held: Vec::new(), flags: 0, blocks: Records::new(), index: 0, index_crc: Crc::new() }
    }

    /// Size of the check behind each block.
    fn check_size(&self) -> usize {
        match self.flags {
            1 => 4,
            4 => 8,
            10 => 32,
            _ => 0,
        }
    }

    /// Goes on by one field that has no data; `false` if the input ends before.
    fn advance(&mut self, input: &mut &[u8]) -> Result<bool, String> {
        let wanted = match &self.at {
            At::Header | At::Footer => 12,
            At::Start => 1,
            At::BlockHeader(length) | At::BlockEnd(_, length) | At::IndexEnd(length) => *length,
            At::Index(_) => return self.index(input),
            At::Data(_) | At::Ended => return Ok(false),
        };
        let Some(field) = gather(&mut self.held, input, wanted) else { return Ok(false) };
        let field = field.to_vec();
        match std::mem::replace(&mut self.at, At::Ended) {
            At::Header => {
                self.flags = stream_header(&field)?;
                self.at = At::Start;
            }
            At::Start if field == [0] => {
                self.index_field(&field);
                self.at = At::Index(Index { left: None, unpadded: None, records: Records::new() });
            }
            At::Start => {
                let length = field.first().map_or(0, |size| usize::from(*size).saturating_add(1).saturating_mul(4));
                self.at = At::BlockHeader(length);
                return Ok(true);
            }
            At::BlockHeader(_) => self.at = At::Data(Box::new(block_header(&field, self.flags)?)),
            At::BlockEnd(block, _) => {
                let (padding, check) =
                    field.split_at_checked(field.len().saturating_sub(self.check_size())).unwrap_or_default();
                if padding.iter().any(|byte| *byte != 0) {
                    return Err("the padding of a block is not zero".to_owned());
                }
                if !block.check.is(check) {
                    return Err("the checksum of a block is wrong".to_owned());
                }
                self.at = At::Start;
            }
            At::IndexEnd(_) => self.index_end(&field)?,
            At::Footer => self.footer(&field)?,
            other @ (At::Data(_) | At::Index(_) | At::Ended) => self.at = other,
        }
        self.held.clear();
        Ok(true)
    }

    fn block_end(&mut self, block: Box<Block>) -> Result<(), String> {
        let (compressed, uncompressed) = (block.stream.total_in(), block.stream.total_out());
        let differs = |declared: Option<u64>, found| declared.is_some_and(|declared| declared != found);
        if differs(block.compressed, compressed) || differs(block.uncompressed, uncompressed) {
            return Err("a block is not as long as it declares".to_owned());
        }
        let check = self.check_size();
        self.blocks.add(block.header.saturating_add(compressed).saturating_add(check as u64), uncompressed);
        let padding = to_four(compressed);
        self.at = At::BlockEnd(block, padding.saturating_add(check));
        Ok(())
    }

    fn index(&mut self, input: &mut &[u8]) -> Result<bool, String> {
        let Some((byte, rest)) = input.split_first() else { return Ok(false) };
        *input = rest;
        self.held.push(*byte);
        let Some(number) = whole_number(&self.held)? else { return Ok(true) };
        let field = std::mem::take(&mut self.held);
        self.index_field(&field);
        let At::Index(index) = &mut self.at else { return Ok(true) };
        match (index.left, index.unpadded.take()) {
            (None, _) => index.left = Some(number),
            (Some(_), None) => index.unpadded = Some(number),
            (Some(left), Some(unpadded)) => {
                index.left = Some(left.saturating_sub(1));
                index.records.add(unpadded, number);
            }
        }
        if index.left.is_some_and(|left| left > self.blocks.count.saturating_sub(index.records.count)) {
            return Err("its index has more blocks than there are".to_owned());
        }
        if index.left == Some(0) {
            if index.records.count != self.blocks.count
                || index.records.digest.clone().finalize() != self.blocks.digest.clone().finalize()
            {
                return Err("its index is not that of its blocks".to_owned());
            }
            self.at = At::IndexEnd(to_four(self.index).saturating_add(4));
        }
        Ok(true)
    }

    fn index_field(&mut self, bytes: &[u8]) {
        self.index = self.index.saturating_add(bytes.len() as u64);
        self.index_crc.update(bytes);
    }

    fn index_end(&mut self, field: &[u8]) -> Result<(), String> {
        let (padding, crc) = field.split_at_checked(field.len().saturating_sub(4)).unwrap_or_default();
        if padding.iter().any(|byte| *byte != 0) {
            return Err("the padding of its index is not zero".to_owned());
        }
        self.index_field(padding);
        if number(crc) != self.index_crc.sum() {
            return Err("the checksum of its index is wrong".to_owned());
        }
        self.index = self.index.saturating_add(4);
        self.at = At::Footer;
        Ok(())
    }

    fn footer(&mut self, field: &[u8]) -> Result<(), String> {
        let (crc, rest) = field.split_at_checked(4).unwrap_or_default();
        let (described, magic) = rest.split_at_checked(6).unwrap_or_default();
        let (backward, flags) = described.split_at_checked(4).unwrap_or_default();
        let index = u64::from(number(backward)).saturating_add(1).saturating_mul(4);
        if magic != FOOTER_MAGIC || number(crc) != crc32(described) {
            return Err("its footer is damaged".to_owned());
        }
        if flags != [0, self.flags] || index != self.index {
            return Err("its footer does not fit its header and index".to_owned());
        }
        self.at = At::Ended;
        Ok(())
    }
}

impl Member for Xz {
    fn step(&mut self, input: &[u8], output: &mut [u8]) -> Step {
        let mut rest = input;
        let mut produced = 0;
        let outcome = loop {
            match &mut self.at {
                At::Ended => break Outcome::Ended(Vec::new()),
                At::Data(block) => {
                    let result = match block.stream.process(rest, output, Action::Run) {
                        Ok(result) => result,
                        Err(error) => break Outcome::Damaged(error.to_string()),
                    };
                    produced = result.bytes_produced;
                    block.check.update(output.get(..produced).unwrap_or(&[]));
                    rest = rest.get(result.bytes_consumed..).unwrap_or(&[]);
                    let ended = result.status == Status::StreamEnd;
                    if !ended && produced == 0 {
                        break Outcome::More;
                    }
                    if ended
                        && let At::Data(block) = std::mem::replace(&mut self.at, At::Ended)
                        && let Err(what) = self.block_end(block)
                    {
                        break Outcome::Damaged(what);
                    }
                    if produced > 0 {
                        break Outcome::More;
                    }
                }
                _ => match self.advance(&mut rest) {
                    Ok(true) => {}
                    Ok(false) => break Outcome::More,
                    Err(what) => break Outcome::Damaged(what),
                },
            }
        };
        Step { consumed: input.len().saturating_sub(rest.len()), produced, outcome }
    }
}

impl Check {
    fn new(flags: u8) -> Check {
        match flags {
            1 => Check::Crc32(Crc::new()),
            4 => Check::Crc64(Crc64::new()),
            10 => Check::Sha256(Box::default()),
            _ => Check::None,
        }
    }

    fn update(&mut self, bytes: &[u8]) {
        match self {
            Check::None => {}
            Check::Crc32(crc) => crc.update(bytes),
            Check::Crc64(crc) => crc.update(bytes),
            Check::Sha256(sha) => sha.update(bytes),
        }
    }

    fn is(self, expected: &[u8]) -> bool {
        match self {
            Check::None => expected.is_empty(),
            Check::Crc32(crc) => expected == crc.sum().to_le_bytes(),
            Check::Crc64(crc) => expected == crc.value().to_le_bytes(),
            Check::Sha256(sha) => expected == &sha.finalize()[..],
        }
    }
}

/// §2.1.1: gives the kind of check.
fn stream_header(field: &[u8]) -> Result<u8, String> {
    let Some(rest) = field.strip_prefix(MAGIC) else { return Err("it does not begin as xz does".to_owned()) };
    let (flags, crc) = rest.split_at_checked(2).unwrap_or_default();
    if number(crc) != crc32(flags) {
        return Err("the checksum of its header is wrong".to_owned());
    }
    match flags {
        [0, check @ (0 | 1 | 4 | 10)] => Ok(*check),
        _ => Err("its kind of check is unknown".to_owned()),
    }
}

/// §3.1
fn block_header(field: &[u8], check: u8) -> Result<Block, String> {
    let (described, crc) = field.split_at_checked(field.len().saturating_sub(4)).unwrap_or_default();
    if number(crc) != crc32(described) {
        return Err("the checksum of a block's header is wrong".to_owned());
    }
    let [_, flags, rest @ ..] = described else { return Err("a block's header is cut".to_owned()) };
    if flags & 0x3f != 0 {
        return Err("a block has filters other than LZMA2, or unknown flags".to_owned());
    }
    let mut rest = rest;
    let compressed = if flags & 0x40 == 0 { None } else { Some(take_number(&mut rest)?) };
    let uncompressed = if flags & 0x80 == 0 { None } else { Some(take_number(&mut rest)?) };
    let (filter, properties) = (take_number(&mut rest)?, take_number(&mut rest)?);
    let (LZMA2, 1, [dictionary @ 0..=40, padding @ ..]) = (filter, properties, rest) else {
        return Err("a block has a filter other than LZMA2".to_owned());
    };
    if padding.iter().any(|byte| *byte != 0) {
        return Err("the padding of a block's header is not zero".to_owned());
    }
    // §5.3.1
    let dictionary = match dictionary {
        40 => u64::from(u32::MAX),
        bits => (2 | u64::from(bits & 1)) << u32::from(bits >> 1).saturating_add(11),
    };
    if dictionary > MOST_DICTIONARY {
        return Err(super::dictionary(dictionary));
    }
    let stream = Lzma2Stream::new(dictionary as u32);
    Ok(Block { header: field.len() as u64, compressed, uncompressed, stream, check: Check::new(check) })
}

/// The number that `bytes` are (§1.2), or `None` if more bytes belong to it.
fn whole_number(bytes: &[u8]) -> Result<Option<u64>, String> {
    let Some((last, before)) = bytes.split_last() else { return Ok(None) };
    if bytes.len() > 9 || (*last == 0 && !before.is_empty()) || (bytes.len() == 9 && last & 0x80 != 0) {
        return Err("a number in it is damaged".to_owned());
    }
    if last & 0x80 != 0 {
        return Ok(None);
    }
    Ok(Some(bytes.iter().rev().fold(0, |sum, byte| (sum << 7) | u64::from(byte & 0x7f))))
}

fn take_number(bytes: &mut &[u8]) -> Result<u64, String> {
    let length = bytes.iter().position(|byte| byte & 0x80 == 0).map_or(0, |last| last.saturating_add(1));
    let (taken, rest) = bytes.split_at_checked(length).unwrap_or_default();
    *bytes = rest;
    whole_number(taken)?.ok_or_else(|| "a block's header is cut".to_owned())
}

/// How many bytes `length` lacks to a multiple of four.
fn to_four(length: u64) -> usize {
    (length.wrapping_neg() & 3) as usize
}

fn number(bytes: &[u8]) -> u32 {
    bytes.first_chunk().map_or(0, |bytes| u32::from_le_bytes(*bytes))
}

fn crc32(bytes: &[u8]) -> u32 {
    let mut crc = Crc::new();
    crc.update(bytes);
    crc.sum()
}
