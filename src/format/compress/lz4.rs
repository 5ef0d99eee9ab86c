//! LZ4 frames (LZ4 Frame Format 1.6.4), as `lz4/lib/lz4frame.c` reads them: header, block and content checksums and the
//! declared size are compared. A block has 4 MiB at most, and refers back 64 KiB at most.

use super::xxh32::Xxh32;
use super::{Member, Outcome, Step, gather};

const WINDOW: usize = 64 << 10;
const UNCOMPRESSED: u32 = 1 << 31;

pub(super) fn is_skippable(head: &[u8]) -> bool {
    matches!(head, [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..])
}

#[derive(Clone, Copy)]
enum At {
    Magic,
    SkippableSize,
    Skipping(u32),
    /// The header has this many bytes, without the magic number.
    Header(usize),
    BlockSize,
    Block(u32),
    ContentChecksum,
    Ended,
}

/// What the frame's header says.
#[derive(Default)]
struct Header {
    linked: bool,
    block_checksums: bool,
    content_checksum: bool,
    content_size: Option<u64>,
    most_block: usize,
}

pub(super) struct Lz4 {
    at: At,
    held: Vec<u8>,
    header: Header,
    /// What linked blocks may refer to; its last 64 KiB count.
    window: Vec<u8>,
    /// Room for one block, made once: a frame of tiny blocks must not pay for large ones.
    block: Vec<u8>,
    /// The part of the block that is still to be put out.
    out: std::ops::Range<usize>,
    length: u64,
    hash: Xxh32,
}

impl Lz4 {
    pub(super) fn new() -> Lz4 {
        Lz4 {
            at: At::Magic,
            held: Vec::new(),
            header: Header::default(),
            window: Vec::new(),
            block: Vec::new(),
            out: 0..0,
            length: 0,
            hash: Xxh32::new(),
        }
    }

    /// Goes on by one piece of the frame; `false` if the input ends before.
    fn advance(&mut self, input: &mut &[u8]) -> Result<bool, String> {
        if let At::Skipping(left) = self.at {
            let step = input.len().min(left as usize);
            *input = input.get(step..).unwrap_or(&[]);
            let left = left.saturating_sub(step as u32);
            self.at = if left == 0 { At::Ended } else { At::Skipping(left) };
            return Ok(left == 0);
        }
        let wanted = self.wanted();
        let Some(piece) = gather(&mut self.held, input, wanted) else { return Ok(false) };
        self.at = match self.at {
            At::Magic if is_skippable(piece) => At::SkippableSize,
            At::Magic if piece == [0x04, 0x22, 0x4d, 0x18] => At::Header(3),
            At::Magic => return Err("it does not begin as an LZ4 frame does".to_owned()),
            At::SkippableSize => match little(piece) {
                0 => At::Ended,
                size => At::Skipping(size),
            },
            At::Header(length) => match header(piece)? {
                Parsed::Longer(longer) if longer > length => {
                    self.at = At::Header(longer);
                    return Ok(true);
                }
                Parsed::Longer(_) => return Err("its header is damaged".to_owned()),
                Parsed::Whole(header) => {
                    self.header = header;
                    At::BlockSize
                }
            },
            At::BlockSize => self.block_size()?,
            At::Block(size) => {
                self.block(size)?;
                At::BlockSize
            }
            At::ContentChecksum if little(piece) != self.hash.value() => {
                return Err("the checksum of its content is wrong".to_owned());
            }
            At::ContentChecksum => At::Ended,
            At::Skipping(_) | At::Ended => self.at,
        };
        self.held.clear();
        Ok(true)
    }

    /// Size of the piece that comes next.
    fn wanted(&self) -> usize {
        match self.at {
            At::Magic | At::SkippableSize | At::BlockSize | At::ContentChecksum => 4,
            At::Header(length) => length,
            At::Block(size) => {
                let checksum = if self.header.block_checksums { 4 } else { 0 };
                ((size & !UNCOMPRESSED) as usize).saturating_add(checksum)
            }
            At::Skipping(_) | At::Ended => 0,
        }
    }

    fn block_size(&self) -> Result<At, String> {
        let size = little(&self.held);
        let bytes = (size & !UNCOMPRESSED) as usize;
        if size == 0 {
            if self.header.content_size.is_some_and(|declared| declared != self.length) {
                return Err("its content is not as long as it declares".to_owned());
            }
            return Ok(if self.header.content_checksum { At::ContentChecksum } else { At::Ended });
        }
        if bytes == 0 || bytes > self.header.most_block {
            return Err(format!("a block of {bytes} bytes in a frame of blocks of {} bytes", self.header.most_block));
        }
        Ok(At::Block(size))
    }

    /// Decodes the held block.
    fn block(&mut self, size: u32) -> Result<(), String> {
        let bytes = (size & !UNCOMPRESSED) as usize;
        let (coded, checksum) = self.held.split_at_checked(bytes).unwrap_or((&self.held, &[]));
        if self.header.block_checksums && little(checksum) != Xxh32::of(coded) {
            return Err("the checksum of a block is wrong".to_owned());
        }
        if self.block.is_empty() {
            self.block = vec![0; self.header.most_block];
        }
        let length = if size & UNCOMPRESSED == 0 {
            let start = self.window.len().saturating_sub(WINDOW);
            let window = self.window.get(start..).unwrap_or(&[]);
            lz4_flex::block::decompress_into_with_dict(coded, &mut self.block, window)
                .map_err(|error| format!("a block can not be decoded: {error}"))?
        } else {
            self.block.iter_mut().zip(coded).for_each(|(to, from)| *to = *from);
            coded.len()
        };
        let decoded = self.block.get(..length).unwrap_or(&[]);
        if self.header.content_checksum {
            self.hash.update(decoded);
        }
        if self.header.linked {
            if self.window.len() > 2 * WINDOW {
                self.window.drain(..self.window.len().saturating_sub(WINDOW));
            }
            let tail = decoded.get(decoded.len().saturating_sub(WINDOW)..).unwrap_or(&[]);
            self.window.extend_from_slice(tail);
        }
        self.length = self.length.saturating_add(length as u64);
        self.out = 0..length;
        Ok(())
    }
}

impl Member for Lz4 {
    fn step(&mut self, input: &[u8], output: &mut [u8]) -> Step {
        let mut rest = input;
        let mut outcome = Outcome::More;
        while self.out.is_empty() {
            if matches!(self.at, At::Ended) {
                outcome = Outcome::Ended(Vec::new());
                break;
            }
            match self.advance(&mut rest) {
                Ok(true) => {}
                Ok(false) => break,
                Err(what) => {
                    outcome = Outcome::Damaged(what);
                    break;
                }
            }
        }
        let ready = self.block.get(self.out.clone()).unwrap_or(&[]);
        let produced = ready.len().min(output.len());
        if let (Some(to), Some(from)) = (output.get_mut(..produced), ready.get(..produced)) {
            to.copy_from_slice(from);
        }
        self.out.start = self.out.start.saturating_add(produced);
        Step { consumed: input.len().saturating_sub(rest.len()), produced, outcome }
    }
}

enum Parsed {
    /// It has more bytes than there are.
    Longer(usize),
    Whole(Header),
}

/// Reads the frame descriptor: flags, block size, content size, checksum.
fn header(bytes: &[u8]) -> Result<Parsed, String> {
    let [flags, block, ..] = bytes else { return Ok(Parsed::Longer(3)) };
    if flags >> 6 != 1 || flags & 2 != 0 || block & 0x8f != 0 {
        return Err("its header has an unknown version or unknown flags".to_owned());
    }
    if flags & 1 != 0 {
        return Err("it needs a dictionary".to_owned());
    }
    let most_block = match block >> 4 {
        4 => 64 << 10,
        5 => 256 << 10,
        6 => 1 << 20,
        7 => 4 << 20,
        _ => return Err("its header has an unknown block size".to_owned()),
    };
    let sized = flags & 8 != 0;
    let length = if sized { 11 } else { 3 };
    if bytes.len() < length {
        return Ok(Parsed::Longer(length));
    }
    let [described @ .., checksum] = bytes else { return Ok(Parsed::Longer(length)) };
    if *checksum != (Xxh32::of(described) >> 8) as u8 {
        return Err("the checksum of its header is wrong".to_owned());
    }
    let size = described.get(2..10).and_then(|size| size.try_into().ok()).map(u64::from_le_bytes);
    Ok(Parsed::Whole(Header {
        linked: flags & 0x20 == 0,
        block_checksums: flags & 0x10 != 0,
        content_checksum: flags & 4 != 0,
        content_size: size.filter(|_| sized),
        most_block,
    }))
}

fn little(bytes: &[u8]) -> u32 {
    bytes.first_chunk().map_or(0, |bytes| u32::from_le_bytes(*bytes))
}
