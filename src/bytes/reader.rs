//! Streams of checked bytes, and the reader that parsers use on them.

use super::chunk_table::CHUNK;
use super::input::{Chunk, Input, ReadFault};
use super::limits::Exceeded;

/// Bytes in order: those of a file, or what comes out of a decompressor.
pub trait Stream {
    /// The bytes that follow, at least one unless the stream has ended. They stay until they are consumed.
    fn fill(&mut self) -> Result<&[u8], StreamFault>;
    /// Steps over `count` of the bytes that [`Stream::fill`] gave.
    fn consume(&mut self, count: usize);
    /// How many bytes there are in all, if that is known before they are read.
    fn length(&self) -> Option<u64> {
        None
    }
}

/// Why a stream ends early.
#[derive(Debug, thiserror::Error)]
pub enum StreamFault {
    /// The file's bytes can not be had.
    #[error(transparent)]
    Read(#[from] ReadFault),
    /// More would be decoded than a limit allows.
    #[error(transparent)]
    Limit(#[from] Exceeded),
    /// A compressed stream is damaged.
    #[error("the {codec} stream is damaged: {what}")]
    Damaged {
        /// Name of the compressor.
        codec: &'static str,
        /// What is wrong with it.
        what: String,
    },
    /// Bytes follow the compressed stream.
    #[error("{codec} data ends at byte {at} of the file, and more bytes follow")]
    Trailing {
        /// Name of the compressor.
        codec: &'static str,
        /// Offset in the file.
        at: u64,
    },
}

/// The bytes of an [`Input`], in order.
#[derive(Debug)]
pub struct InputStream<'a> {
    input: &'a mut Input,
    at: u64,
    loaded: Option<(u64, Chunk)>,
}

impl<'a> InputStream<'a> {
    /// A stream from the first byte on.
    pub fn new(input: &'a mut Input) -> InputStream<'a> {
        InputStream { input, at: 0, loaded: None }
    }

    /// Offset in the file.
    pub fn at(&self) -> u64 {
        self.at
    }

    /// The first bytes of the file, at most `count` of them and no more than the first chunk has. Nothing is consumed.
    pub fn head(&mut self, count: usize) -> Result<&[u8], StreamFault> {
        let first = self.load(0)?;
        Ok(first.get(..count).unwrap_or(first))
    }

    fn load(&mut self, index: u64) -> Result<&[u8], StreamFault> {
        if self.loaded.as_ref().is_none_or(|(loaded, _)| *loaded != index) {
            if let Some((_, chunk)) = self.loaded.take() {
                self.input.give_back(chunk);
            }
            self.loaded = Some((index, self.input.chunk(index)?));
        }
        Ok(self.loaded.as_ref().map_or(&[][..], |(_, bytes)| bytes))
    }
}

impl Stream for InputStream<'_> {
    fn fill(&mut self) -> Result<&[u8], StreamFault> {
        let (index, inside) = (self.at.div_euclid(CHUNK as u64), self.at.rem_euclid(CHUNK as u64));
        let window = self.input.window();
        let bytes = self.load(index)?;
        let rest = bytes.get(usize::try_from(inside).unwrap_or(usize::MAX)..).unwrap_or(&[]);
        Ok(rest.get(..window).unwrap_or(rest))
    }

    fn consume(&mut self, count: usize) {
        self.at = self.at.saturating_add(count as u64);
    }

    fn length(&self) -> Option<u64> {
        Some(self.input.size())
    }
}

/// Size of the reader's own buffer; longer runs pass through [`Reader::pass`].
const BUFFER: usize = 64 << 10;

/// What a watcher is shown of a stream, with the offset.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shown<'a> {
    /// The next bytes.
    Bytes(&'a [u8]),
    /// There are no more.
    End,
}

/// Is shown the bytes of a stream as they come, each piece with its offset; `false` when it wants no more.
pub type Watcher = Box<dyn FnMut(u64, Shown<'_>) -> bool>;

/// A buffered reader with offsets.
pub struct Reader<'a> {
    watchers: Vec<Watcher>,
    stream: Box<dyn Stream + 'a>,
    buffer: Vec<u8>,
    next: usize,
    /// Offset in the stream of the buffer's first byte.
    base: u64,
    /// What the stream said behind the buffer's last byte, until that is reached.
    fault: Option<StreamFault>,
}

impl std::fmt::Debug for Reader<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Reader").field("offset", &self.offset()).finish_non_exhaustive()
    }
}

impl<'a> Reader<'a> {
    /// A reader from the stream's first byte on.
    pub fn new(stream: Box<dyn Stream + 'a>) -> Reader<'a> {
        Reader { watchers: Vec::new(), stream, buffer: Vec::with_capacity(BUFFER), next: 0, base: 0, fault: None }
    }

    /// Shows the bytes from the next one on to a watcher, before they are read.
    pub fn watch(&mut self, mut watcher: Watcher) {
        if watcher(self.offset(), Shown::Bytes(self.buffer.get(self.next..).unwrap_or_default())) {
            self.watchers.push(watcher);
        }
    }

    /// Shows bytes that came from the stream.
    fn show(watchers: &mut Vec<Watcher>, offset: u64, bytes: &[u8]) {
        if !watchers.is_empty() {
            watchers.retain_mut(|watcher| watcher(offset, Shown::Bytes(bytes)));
        }
    }

    /// Tells the watchers that the stream has ended.
    pub fn show_end(&mut self) {
        let offset = self.offset();
        for mut watcher in self.watchers.drain(..) {
            watcher(offset, Shown::End);
        }
    }

    /// Offset of the next byte in the (decoded) stream.
    #[inline]
    pub fn offset(&self) -> u64 {
        self.base.saturating_add(self.next as u64)
    }

    /// The next byte, or `None` at the end.
    #[inline]
    pub fn byte(&mut self) -> Result<Option<u8>, StreamFault> {
        if self.next >= self.buffer.len() && !self.refill(1)? {
            return Ok(None);
        }
        let byte = self.buffer.get(self.next).copied();
        self.next = self.next.saturating_add(1);
        Ok(byte)
    }

    /// The next byte without stepping over it, or `None` at the end.
    pub fn peek(&mut self) -> Result<Option<u8>, StreamFault> {
        if self.next >= self.buffer.len() && !self.refill(1)? {
            return Ok(None);
        }
        Ok(self.buffer.get(self.next).copied())
    }

    /// The next bytes without stepping over them: `count` of them, at most 64 KiB, or as many as there are.
    pub fn look(&mut self, count: usize) -> Result<&[u8], StreamFault> {
        if self.buffer.len().saturating_sub(self.next) < count {
            self.refill(count)?;
        }
        Ok(self.waiting(count))
    }

    /// The next bytes that were read from the stream already, without stepping over them; at most `count`.
    fn waiting(&self, count: usize) -> &[u8] {
        let rest = self.buffer.get(self.next..).unwrap_or_default();
        rest.get(..count).unwrap_or(rest)
    }

    /// The same for who only wants to see them: where the stream has a fault, as many as come before it. It is told when it is
    /// reached.
    pub fn glance(&mut self, count: usize) -> &[u8] {
        if self.buffer.len().saturating_sub(self.next) < count && self.fault.is_none() {
            self.fault = self.refill(count).err();
        }
        self.waiting(count)
    }

    /// The next `count` bytes, at most 64 KiB, or `None` if the stream ends before.
    #[inline]
    pub fn take(&mut self, count: usize) -> Result<Option<&[u8]>, StreamFault> {
        let mut end = self.next.saturating_add(count);
        if end > self.buffer.len() {
            if !self.refill(count)? {
                return Ok(None);
            }
            end = self.next.saturating_add(count);
        }
        let taken = self.buffer.get(self.next..end);
        self.next = end;
        Ok(taken)
    }

    /// The next `N` bytes, or `None` if the stream ends before.
    #[inline]
    pub fn array<const N: usize>(&mut self) -> Result<Option<[u8; N]>, StreamFault> {
        Ok(self.take(N)?.and_then(|bytes| bytes.try_into().ok()))
    }

    /// The bytes up to the next line feed, which is stepped over but not part of it; at most `most` of them. `None` if
    /// the stream ends before.
    pub fn line(&mut self, most: usize) -> Result<Line<'_>, StreamFault> {
        let most = most.min(BUFFER);
        let mut searched = 0usize;
        loop {
            let waiting = self.buffer.get(self.next..).unwrap_or(&[]);
            if let Some(found) = waiting.iter().skip(searched).position(|byte| *byte == b'\n') {
                let length = searched.saturating_add(found);
                let start = self.next;
                self.next = start.saturating_add(length).saturating_add(1);
                let line = self.buffer.get(start..start.saturating_add(length)).unwrap_or(&[]);
                return Ok(Line::Whole(line));
            }
            searched = waiting.len();
            if searched >= most {
                return Ok(Line::TooLong);
            }
            if !self.refill(searched.saturating_add(1))? {
                return Ok(Line::Ended);
            }
        }
    }

    /// A piece of a line of any length: what waits of it, and whether it ends here, with a line feed that is stepped over.
    /// `None` if the stream ends before.
    pub fn piece_of_line(&mut self) -> Result<Option<(&[u8], bool)>, StreamFault> {
        if self.next >= self.buffer.len() && !self.refill(1)? {
            return Ok(None);
        }
        let waiting = self.buffer.get(self.next..).unwrap_or(&[]);
        let found = waiting.iter().position(|byte| *byte == b'\n');
        let length = found.unwrap_or(waiting.len());
        self.next = self.next.saturating_add(length).saturating_add(usize::from(found.is_some()));
        Ok(Some((waiting.get(..length).unwrap_or(&[]), found.is_some())))
    }

    /// Hands the next `count` bytes to `sink` in pieces. `false` if the stream ends before.
    pub fn pass(&mut self, count: u64, sink: &mut dyn FnMut(&[u8])) -> Result<bool, StreamFault> {
        let mut left = count;
        while left > 0 {
            if self.next < self.buffer.len() {
                let waiting = self.buffer.get(self.next..).unwrap_or(&[]);
                let piece = head(waiting, left);
                sink(piece);
                self.next = self.next.saturating_add(piece.len());
                left = left.saturating_sub(piece.len() as u64);
                continue;
            }
            self.base = self.base.saturating_add(self.buffer.len() as u64);
            self.buffer.clear();
            self.next = 0;
            self.told()?;
            let given = self.stream.fill()?;
            if given.is_empty() {
                return Ok(false);
            }
            let piece = head(given, left);
            Reader::show(&mut self.watchers, self.base, piece);
            sink(piece);
            let length = piece.len();
            self.stream.consume(length);
            self.base = self.base.saturating_add(length as u64);
            left = left.saturating_sub(length as u64);
        }
        Ok(true)
    }

    /// Whether it is known that fewer bytes than these are left: then nothing need be paid for them.
    pub fn lacks(&self, count: u64) -> bool {
        self.stream.length().is_some_and(|length| count > length.saturating_sub(self.offset()))
    }

    /// Tells the fault that was met before it was reached.
    fn told(&mut self) -> Result<(), StreamFault> {
        self.fault.take().map_or(Ok(()), Err)
    }

    /// Makes at least `count` unread bytes available; `false` if the stream ends before.
    #[cold]
    fn refill(&mut self, count: usize) -> Result<bool, StreamFault> {
        if count > BUFFER {
            return Ok(false);
        }
        self.buffer.drain(..self.next.min(self.buffer.len()));
        self.base = self.base.saturating_add(self.next as u64);
        self.next = 0;
        while self.buffer.len() < count {
            self.told()?;
            let room = BUFFER.saturating_sub(self.buffer.len());
            let given = self.stream.fill()?;
            if given.is_empty() {
                return Ok(false);
            }
            let piece = head(given, room as u64);
            let offset = self.base.saturating_add(self.buffer.len() as u64);
            Reader::show(&mut self.watchers, offset, piece);
            self.buffer.extend_from_slice(piece);
            let length = piece.len();
            self.stream.consume(length);
        }
        Ok(true)
    }
}

/// What [`Reader::line`] found.
#[derive(Debug, PartialEq, Eq)]
pub enum Line<'a> {
    /// A line, without its line feed.
    Whole(&'a [u8]),
    /// No line feed within the bytes that a line may have.
    TooLong,
    /// The stream ended first.
    Ended,
}

fn head(bytes: &[u8], most: u64) -> &[u8] {
    let most = usize::try_from(most).unwrap_or(usize::MAX);
    bytes.get(..most).unwrap_or(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reader_gives_the_same_whatever_the_window() {
        let bytes: Vec<u8> = (0..200_000u32).map(|n| (n % 251) as u8).collect();
        for window in [1, 7, 64 << 10, usize::MAX] {
            let mut input = Input::from_bytes(&bytes, window);
            let mut reader = Reader::new(Box::new(InputStream::new(&mut input)));
            assert_eq!(reader.byte().unwrap(), Some(0));
            assert_eq!(reader.take(60_000).unwrap(), Some(&bytes[1..60_001]));
            let mut passed = Vec::new();
            assert!(reader.pass(100_000, &mut |piece| passed.extend_from_slice(piece)).unwrap());
            assert_eq!(passed, bytes[60_001..160_001]);
            assert_eq!(reader.offset(), 160_001);
            assert_eq!(reader.line(1000).unwrap(), Line::Whole(&bytes[160_001..160_148]));
            assert!(!reader.pass(100_000, &mut |_| ()).unwrap());
        }
    }
}
