//! The compressors that joblib reads through (`joblib/compressor.py`), as streams.
//!
//! What is handed on: a stream that ends cleanly was decoded to its end, every checksum in it was compared, and no byte
//! of the file follows. What comes out, and with which fault it stops, does not depend on how the input is cut into
//! pieces. Memory is bounded by the compressor's window (64 MiB at most), never by a size that the stream declares.
//!
//! Where Python's readers differ from the formats, the stricter of the two counts:
//!
//! | compressor | what follows the first stream, in Python | here |
//! | --- | --- | --- |
//! | zlib, gzip | joblib feeds it to the finished decompressor for ever, until memory ends; a second gzip member too | refused |
//! | bz2 | `bz2.BZ2File` reads further streams, and silently ignores anything else | further streams are read, anything else is refused |
//! | xz, lzma | `lzma.LZMAFile` reads further streams of both kinds, and ignores or fails on anything else; zeros behind xz (stream padding) are no padding to it | further streams of the same kind are read, anything else is refused |
//! | lz4 | `lz4.frame.LZ4FrameFile` reads further frames, steps over skippable ones, and fails on anything else | the same |

mod bz2;
mod crc64;
mod deflate;
mod lz4;
mod lzma;
mod xxh32;
mod xz;
mod zfile;

#[cfg(test)]
mod tests;

use crate::bytes::{Exceeded, Limit, Stream, StreamFault, Window};

pub use zfile::{NAME as ZFILE, PREFIX as ZFILE_PREFIX, zfile};

/// Largest dictionary of an xz or lzma stream: what `xz -9` and `lzma.open(preset=9)` ask for.
pub const MOST_DICTIONARY: u64 = 64 << 20;

/// A compressor that joblib recognises.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Codec {
    /// zlib (RFC 1950).
    Zlib,
    /// gzip (RFC 1952).
    Gzip,
    /// bzip2.
    Bz2,
    /// xz (The .xz File Format 1.2.1).
    Xz,
    /// The older `.lzma` format, which liblzma calls `LZMA_alone`. It has no checksum.
    Lzma,
    /// LZ4 frames (LZ4 Frame Format 1.6.4).
    Lz4,
    /// Bare deflate (RFC 1951), as in zip archives. Nothing tells it from other bytes, so no file is taken for one.
    Deflate,
}

impl Codec {
    /// Every compressor of whole files, in the order in which joblib tries them.
    pub const ALL: [Codec; 6] = [Codec::Zlib, Codec::Gzip, Codec::Bz2, Codec::Lzma, Codec::Xz, Codec::Lz4];

    /// The name that joblib gives it.
    pub const fn name(self) -> &'static str {
        match self {
            Codec::Zlib => "zlib",
            Codec::Gzip => "gzip",
            Codec::Bz2 => "bz2",
            Codec::Xz => "xz",
            Codec::Lzma => "lzma",
            Codec::Lz4 => "lz4",
            Codec::Deflate => "deflate",
        }
    }

    /// The first bytes by which joblib recognises it (`joblib/compressor.py`).
    pub const fn prefix(self) -> &'static [u8] {
        match self {
            Codec::Zlib => b"\x78",
            Codec::Gzip => b"\x1f\x8b",
            Codec::Bz2 => b"BZ",
            Codec::Xz => b"\xfd7zXZ",
            Codec::Lzma => b"\x5d\x00",
            Codec::Lz4 => b"\x04\x22\x4d\x18",
            Codec::Deflate => b"",
        }
    }

    /// The compressor that joblib would read a file through that begins with `head`
    /// (`joblib/numpy_pickle_utils.py`, `_detect_compressor`).
    ///
    /// ```
    /// use coldload::format::compress::Codec;
    /// assert_eq!(Codec::detect(b"\x78\x9c\x03"), Some(Codec::Zlib));
    /// assert_eq!(Codec::detect(b"\x80\x05."), None);
    /// ```
    ///
    /// joblib asks for one byte of zlib and two of bz2, with which many a text begins; here the whole header must be right.
    /// joblib fails on what is left out so.
    pub fn detect(head: &[u8]) -> Option<Codec> {
        let right = |codec: &Codec| match (codec, head) {
            // RFC 1950 §2.2: CMF and FLG are a multiple of 31; a preset dictionary is none of joblib's.
            (Codec::Zlib, [cmf, flags, ..]) => {
                u16::from_be_bytes([*cmf, *flags]).is_multiple_of(31) && flags & 0x20 == 0
            }
            (Codec::Zlib, _) => false,
            (Codec::Bz2, _) => matches!(head, [_, _, b'h', b'1'..=b'9', ..]),
            _ => true,
        };
        Codec::ALL.into_iter().find(|codec| head.starts_with(codec.prefix()) && right(codec))
    }

    fn member(self) -> Box<dyn Member> {
        match self {
            Codec::Zlib => Box::new(deflate::Deflate::zlib()),
            Codec::Gzip => Box::new(deflate::Deflate::gzip()),
            Codec::Bz2 => Box::new(bz2::Bz2::new()),
            Codec::Xz => Box::new(xz::Xz::new()),
            Codec::Lzma => Box::new(lzma::Lzma::new()),
            Codec::Lz4 => Box::new(lz4::Lz4::new()),
            Codec::Deflate => Box::new(deflate::Deflate::raw()),
        }
    }

    /// Most bytes of what was decoded that are held for later references to them.
    const fn dictionary(self) -> u64 {
        match self {
            Codec::Xz | Codec::Lzma => MOST_DICTIONARY,
            Codec::Bz2 | Codec::Lz4 => 4 << 20,
            Codec::Zlib | Codec::Gzip | Codec::Deflate => 32 << 10,
        }
    }

    /// Whether `rest`, which follows a complete stream, begins another one that Python reads on with.
    fn goes_on(self, rest: &[u8]) -> bool {
        match self {
            Codec::Zlib | Codec::Gzip | Codec::Deflate => false,
            Codec::Bz2 => rest.starts_with(b"BZh"),
            Codec::Xz => rest.starts_with(xz::MAGIC),
            Codec::Lzma => rest.starts_with(self.prefix()),
            Codec::Lz4 => rest.starts_with(self.prefix()) || lz4::is_skippable(rest),
        }
    }
}

impl std::fmt::Display for Codec {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

/// What `inner` holds, decompressed. `at` is the file's offset of its first byte, and `most` the number of bytes that may
/// come out ([`Limit::Decoded`]); `window` is told how much is held. A fault of `inner` comes out as it is.
///
/// [`Stream::fill`] of the result is empty only when everything was verified to the end of `inner`: a caller that
/// stops reading earlier has to read on to know.
pub fn decoder<'a>(
    codec: Codec,
    inner: Box<dyn Stream + 'a>,
    at: u64,
    most: u64,
    window: Window,
) -> Box<dyn Stream + 'a> {
    Box::new(Decoder {
        codec,
        member: codec.member(),
        inner,
        inner_ended: false,
        input: Vec::with_capacity(INPUT),
        next: 0,
        base: at,
        output: vec![0; OUTPUT],
        given: 0,
        ready: 0,
        left: most,
        most,
        window,
        state: State::Decoding,
    })
}

/// One stream, member or frame of a compressor.
trait Member {
    /// Decodes from `input`, which is empty only when nothing follows, into `output`, which is never empty.
    fn step(&mut self, input: &[u8], output: &mut [u8]) -> Step;
}

/// What one step did.
struct Step {
    consumed: usize,
    produced: usize,
    outcome: Outcome,
}

impl Step {
    fn more(consumed: usize, produced: usize) -> Step {
        Step { consumed, produced, outcome: Outcome::More }
    }
}

enum Outcome {
    /// There is more to do.
    More,
    /// The member is complete and verified. The bytes were taken from the input but belong to what follows.
    Ended(Vec<u8>),
    /// The member is damaged, behind the bytes that this step produced.
    Damaged(String),
}

const INPUT: usize = 64 << 10;
const OUTPUT: usize = 64 << 10;

/// Most bytes that decide what follows a member: the magic number of xz.
const HEAD: usize = 6;

struct Decoder<'a> {
    codec: Codec,
    member: Box<dyn Member>,
    inner: Box<dyn Stream + 'a>,
    inner_ended: bool,
    /// Filled to its full size each time, so that members are called the same way however `inner` is cut.
    input: Vec<u8>,
    next: usize,
    /// Offset in the file of the first byte of `input`.
    base: u64,
    output: Vec<u8>,
    given: usize,
    ready: usize,
    left: u64,
    most: u64,
    /// Where the budget looks for how much is held.
    window: Window,
    state: State,
}

enum State {
    Decoding,
    /// A member is complete; what follows is not looked at yet.
    Between,
    Ended,
    /// The fault, until it was told.
    Failed(Option<StreamFault>),
}

impl Stream for Decoder<'_> {
    fn fill(&mut self) -> Result<&[u8], StreamFault> {
        while self.given >= self.ready {
            match &mut self.state {
                State::Decoding => {
                    if let Err(fault) = self.decode() {
                        self.state = State::Failed(Some(fault));
                    }
                }
                State::Between => {
                    if let Err(fault) = self.follow() {
                        self.state = State::Failed(Some(fault));
                    }
                }
                State::Ended => return Ok(&[]),
                State::Failed(fault) => {
                    let fault = fault.take();
                    return Err(fault.unwrap_or_else(|| self.damaged("it failed before".to_owned())));
                }
            }
        }
        Ok(self.output.get(self.given..self.ready).unwrap_or(&[]))
    }

    fn consume(&mut self, count: usize) {
        self.given = self.given.saturating_add(count).min(self.ready);
    }
}

impl Decoder<'_> {
    fn decode(&mut self) -> Result<(), StreamFault> {
        if self.next >= self.input.len() {
            self.load()?;
        }
        let input = self.input.get(self.next..).unwrap_or(&[]);
        let step = self.member.step(input, &mut self.output);
        self.next = self.next.saturating_add(step.consumed);
        let exceeded = Exceeded { limit: Limit::Decoded, value: self.most };
        self.left = self.left.checked_sub(step.produced as u64).ok_or(exceeded)?;
        self.window.hold(self.most.saturating_sub(self.left).min(self.codec.dictionary()));
        self.given = 0;
        self.ready = step.produced;
        match step.outcome {
            Outcome::More if step.consumed == 0 && step.produced == 0 => {
                let what = if self.next < self.input.len() { "it does not go on" } else { "it ends too early" };
                return Err(self.damaged(what.to_owned()));
            }
            Outcome::More => {}
            Outcome::Ended(unread) => {
                self.unread(&unread);
                self.state = State::Between;
            }
            Outcome::Damaged(what) => self.state = State::Failed(Some(self.damaged(what))),
        }
        Ok(())
    }

    fn follow(&mut self) -> Result<(), StreamFault> {
        if self.input.len().saturating_sub(self.next) < HEAD {
            self.load()?;
        }
        let rest = self.input.get(self.next..).unwrap_or(&[]);
        if rest.is_empty() {
            self.state = State::Ended;
        } else if self.codec.goes_on(rest) {
            self.member = self.codec.member();
            self.state = State::Decoding;
        } else {
            let at = self.base.saturating_add(self.next as u64);
            return Err(StreamFault::Trailing { codec: self.codec.name(), at });
        }
        Ok(())
    }

    /// Drops what was read of the input, and fills it up.
    fn load(&mut self) -> Result<(), StreamFault> {
        self.input.drain(..self.next.min(self.input.len()));
        self.base = self.base.saturating_add(self.next as u64);
        self.next = 0;
        while !self.inner_ended && self.input.len() < INPUT {
            let given = self.inner.fill()?;
            self.inner_ended = given.is_empty();
            let piece = given.get(..INPUT.saturating_sub(self.input.len())).unwrap_or(given);
            self.input.extend_from_slice(piece);
            let length = piece.len();
            self.inner.consume(length);
        }
        Ok(())
    }

    /// Puts bytes back in front of the input.
    fn unread(&mut self, bytes: &[u8]) {
        if !bytes.is_empty() {
            self.base = self.base.saturating_add(self.next as u64).saturating_sub(bytes.len() as u64);
            self.input.splice(..self.next.min(self.input.len()), bytes.iter().copied());
            self.next = 0;
        }
    }

    fn damaged(&self, what: String) -> StreamFault {
        StreamFault::Damaged { codec: self.codec.name(), what }
    }
}

/// The first `count` of the bytes that a member gathers into `held`, or `None` while there are not as many; `input` is
/// what is left of the step's input.
fn gather<'h>(held: &'h mut Vec<u8>, input: &mut &[u8], count: usize) -> Option<&'h [u8]> {
    let wanted = count.saturating_sub(held.len()).min(input.len());
    let (taken, rest) = input.split_at_checked(wanted)?;
    held.extend_from_slice(taken);
    *input = rest;
    held.get(..count)
}

fn dictionary(size: u64) -> String {
    format!("its dictionary of {size} bytes is larger than the {MOST_DICTIONARY} that are read")
}
