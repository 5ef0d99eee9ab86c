//! The bytes of one file as parsers get them: a chunk is read into private memory, hashed there and compared, and only
//! those bytes are parsed. A chunk that is needed again is read and compared again; [`Input::finish`] checks every chunk
//! that no parser visited.

use super::ahead::{self, Ahead, First, Ordered, Wanted};
use super::chunk_table::{CHUNK, ChunkTable, Digest, Hasher};
use super::source::read_at;
use std::fs::File;
use std::ops::Deref;
use std::sync::Arc;

/// The bytes of a chunk, in private memory.
pub type Chunk = Arc<Vec<u8>>;

/// What the bytes of a file have to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Expectation {
    /// The chunks of a seal's table.
    Signed(ChunkTable),
    /// Nothing is known: each byte is read once and kept, for files below [`Expectation::ONCE`].
    Once,
    /// Nothing is known, and the file is large: the table is filled at the first reading, and a later difference shows.
    FirstRead,
}

impl Expectation {
    /// Size up to which an unsigned file is read once and kept.
    pub const ONCE: u64 = 32 << 20;

    /// The expectation for an unsigned file of `size` bytes.
    pub fn unsigned(size: u64) -> Expectation {
        if size <= Self::ONCE { Expectation::Once } else { Expectation::FirstRead }
    }

    /// What has to be known of each chunk that is read.
    fn wanted(&self) -> Wanted {
        if *self == Expectation::Once { Wanted::Bytes } else { Wanted::Digest }
    }
}

/// Why a file's bytes can not be handed on.
#[derive(Debug, thiserror::Error)]
pub enum ReadFault {
    /// A chunk is not the signed one.
    #[error("the bytes from {at} to {end} are not the ones that were sealed")]
    Digest {
        /// First byte of the chunk.
        at: u64,
        /// End of the chunk.
        end: u64,
    },
    /// The size is not the signed one.
    #[error("the file has {found} bytes, and {sealed} were sealed")]
    Size {
        /// Size of the file.
        found: u64,
        /// Size in the seal.
        sealed: u64,
    },
    /// The bytes were others when they were read before, or the file has another size now.
    #[error("the bytes from {at} are not the ones that were read before")]
    Changed {
        /// First byte of the chunk.
        at: u64,
    },
    /// The system could not read.
    #[error("the file can not be read at byte {at}: {error}")]
    Io {
        /// First byte of the chunk.
        at: u64,
        /// The system's error.
        error: std::io::Error,
    },
}

/// How much of a file's end is kept when it was read, in bytes: what is looked at once more then.
const TAIL: u64 = (1 << 16) + 22;

/// The first of the places that [`Input::doublings`] gives.
const FIRST: u64 = 512;
/// Bytes that it gives of each.
const WIDTH: usize = 8;

/// The last bytes of a file.
#[derive(Debug)]
pub struct Tail {
    bytes: Chunk,
    from: usize,
}

impl Deref for Tail {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        self.bytes.get(self.from..).unwrap_or_default()
    }
}

/// One file, in checked chunks.
#[derive(Debug)]
pub struct Input {
    file: Option<Arc<File>>,
    size: u64,
    expected: Expectation,
    kept: Vec<Option<Chunk>>,
    seen: Vec<Option<Digest>>,
    window: usize,
    ordered: Option<Ordered>,
    /// The first chunk, until it is asked for.
    first: Option<First>,
    /// Buffers that are used again.
    spare: Vec<Vec<u8>>,
    /// The last bytes of a file whose chunks are not kept, as they were checked.
    tail: Chunk,
    /// What stands at each doubling of a place, as it was checked, of a file whose chunks are not kept.
    doublings: Vec<(u64, [u8; WIDTH])>,
}

impl Input {
    /// The file's bytes under an expectation. `size` is the size that the file had when it was opened.
    pub fn new(file: File, size: u64, expected: Expectation) -> Result<Input, ReadFault> {
        if let Expectation::Signed(table) = &expected
            && table.size() != size
        {
            return Err(ReadFault::Size { found: size, sealed: table.size() });
        }
        Ok(Input { file: Some(Arc::new(file)), size, expected, ..Input::from_bytes(&[], usize::MAX) })
    }

    /// With threads that read and hash ahead, if the file is worth it.
    #[must_use]
    pub fn ahead(mut self, ahead: Option<&Ahead>) -> Input {
        let ahead = ahead.filter(|_| self.size >= Ahead::WORTH);
        let wanted = self.expected.wanted();
        let order = |(ahead, file): (&Ahead, &Arc<File>)| Ordered::new(ahead.clone(), file.clone(), self.size, wanted);
        self.ordered = ahead.zip(self.file.as_ref()).map(order);
        self
    }

    /// With its first chunk, if that was read and hashed before, and its digest is wanted.
    #[must_use]
    pub fn begun(self, first: Option<First>) -> Input {
        Input { first: first.filter(|_| self.expected.wanted() == Wanted::Digest), ..self }
    }

    /// The threads that read it ahead, if there are any.
    pub fn threads(&self) -> Option<&Ahead> {
        self.ordered.as_ref().map(Ordered::threads)
    }

    /// Bytes that are in memory already, as read once. Parsers get at most `window` of them at a time: the answer must
    /// not depend on it.
    pub fn from_bytes(bytes: &[u8], window: usize) -> Input {
        Input {
            file: None,
            size: bytes.len() as u64,
            expected: Expectation::Once,
            kept: bytes.chunks(CHUNK).map(|chunk| Some(Arc::new(chunk.to_vec()))).collect(),
            seen: Vec::new(),
            window: window.max(1),
            ordered: None,
            first: None,
            spare: Vec::new(),
            tail: Chunk::default(),
            doublings: Vec::new(),
        }
    }

    /// A whole file that is in memory already, under an expectation.
    pub fn held(bytes: &[u8], expected: &Expectation) -> Result<Input, ReadFault> {
        match expected {
            Expectation::Signed(table) => Input::signed(bytes, table, usize::MAX),
            Expectation::Once | Expectation::FirstRead => Ok(Input::from_bytes(bytes, usize::MAX)),
        }
    }

    /// Bytes that are in memory already, of which only those that a table has are handed on.
    pub fn signed(bytes: &[u8], table: &ChunkTable, window: usize) -> Result<Input, ReadFault> {
        let (found, sealed) = (bytes.len() as u64, table.size());
        if found != sealed {
            return Err(ReadFault::Size { found, sealed });
        }
        for (index, chunk) in (0u64..).zip(bytes.chunks(CHUNK)) {
            if table.digest(index) != Some(&Hasher::digest(chunk)[..]) {
                let at = index.saturating_mul(CHUNK as u64);
                return Err(ReadFault::Digest { at, end: at.saturating_add(chunk.len() as u64) });
            }
        }
        Ok(Input::from_bytes(bytes, window))
    }

    /// Size in bytes.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Most bytes that a stream over this input yields at once.
    pub fn window(&self) -> usize {
        self.window
    }

    /// The bytes of chunk `index`, checked; empty behind the end.
    pub fn chunk(&mut self, index: u64) -> Result<Chunk, ReadFault> {
        let at = index.saturating_mul(CHUNK as u64);
        let length = self.size.saturating_sub(at).min(CHUNK as u64);
        let Ok(slot) = usize::try_from(index) else { return Ok(Chunk::default()) };
        if length == 0 {
            return Ok(Chunk::default());
        }
        if let Some(Some(kept)) = self.kept.get(slot) {
            return Ok(kept.clone());
        }
        let Some(file) = self.file.clone() else { return Ok(Chunk::default()) };
        let ahead::Read { bytes, digest } = self.read(&file, index, length)?;
        if (bytes.len() as u64) < length {
            return Err(match self.expected {
                Expectation::Signed(_) => ReadFault::Digest { at, end: at.saturating_add(length) },
                _ => ReadFault::Changed { at },
            });
        }
        let bytes = Arc::new(bytes);
        let Some(digest) = digest else {
            set(&mut self.kept, slot, bytes.clone());
            return Ok(bytes);
        };
        match &self.expected {
            Expectation::Signed(table) if table.digest(index) != Some(&digest[..]) => {
                return Err(ReadFault::Digest { at, end: at.saturating_add(length) });
            }
            Expectation::FirstRead if self.digest(index).is_some_and(|before| before != digest) => {
                return Err(ReadFault::Changed { at });
            }
            _ => set(&mut self.seen, slot, digest),
        }
        // What is signed and short is not read again either.
        if matches!(self.expected, Expectation::Signed(_)) && self.size <= CHUNK as u64 {
            set(&mut self.kept, slot, bytes.clone());
            return Ok(bytes);
        }
        self.note_tail(index, &bytes);
        if !self.doublings.iter().any(|(place, _)| place.div_euclid(CHUNK as u64) == index) {
            self.doublings.extend(at_doublings(index, &bytes));
        }
        Ok(bytes)
    }

    /// The digest of chunk `index` as it was read, if it was, and is not kept.
    pub fn digest(&self, index: u64) -> Option<Digest> {
        *self.seen.get(usize::try_from(index).ok()?)?
    }

    /// Takes back the bytes of a chunk that nobody looks at any more, so that their memory is used again.
    pub fn give_back(&mut self, chunk: Chunk) {
        self.spare.extend(Arc::try_unwrap(chunk));
    }

    fn read(&mut self, file: &File, index: u64, length: u64) -> Result<ahead::Read, ReadFault> {
        let at = index.saturating_mul(CHUNK as u64);
        if let Some(First(read)) = self.first.take_if(|_| index == 0) {
            return read.map_err(|error| ReadFault::Io { at, error });
        }
        let read = match self.ordered.as_mut().and_then(|ordered| ordered.take(index, &mut self.spare)) {
            Some(read) => read,
            None => {
                let buffer = self.spare.pop().unwrap_or_default();
                let length = usize::try_from(length).unwrap_or(CHUNK);
                ahead::read_chunk(file, at, length, buffer, self.expected.wanted())
            }
        };
        read.map_err(|error| ReadFault::Io { at, error })
    }

    /// The last `count` bytes of a file that was read to its end, or all of it; at most 64 KiB and the 22 bytes of a zip archive's end.
    pub fn tail(&mut self, count: u64) -> Result<Tail, ReadFault> {
        let count = count.min(self.size);
        if self.size <= CHUNK as u64 {
            let bytes = self.chunk(0)?;
            return Ok(Tail { from: bytes.len().saturating_sub(usize::try_from(count).unwrap_or(usize::MAX)), bytes });
        }
        if self.tail.len() as u64 != self.size.min(TAIL) {
            self.tail = Chunk::default();
            for index in self.size.saturating_sub(TAIL).div_euclid(CHUNK as u64)..self.size.div_ceil(CHUNK as u64) {
                let chunk = self.chunk(index)?;
                self.note_tail(index, &chunk);
            }
        }
        let skipped = (self.tail.len() as u64).saturating_sub(count);
        Ok(Tail { bytes: self.tail.clone(), from: usize::try_from(skipped).unwrap_or(usize::MAX) })
    }

    /// The eight bytes at byte 512, and at each doubling of that, of a file that was read to its end.
    pub fn doublings(&mut self) -> Result<Vec<(u64, [u8; WIDTH])>, ReadFault> {
        let mut all = Vec::new();
        let mut index = 0u64;
        while index.saturating_mul(CHUNK as u64) < self.size {
            let before = all.len();
            let noted = self.doublings.iter().filter(|(place, _)| place.div_euclid(CHUNK as u64) == index);
            all.extend(noted.copied());
            if all.len() == before {
                let chunk = self.chunk(index)?;
                all.extend(at_doublings(index, &chunk));
            }
            index = index.saturating_mul(2).max(1);
        }
        Ok(all)
    }

    /// Keeps what chunk `index` has of the file's last bytes, if it is read in order: else they are read again.
    fn note_tail(&mut self, index: u64, chunk: &[u8]) {
        let at = index.saturating_mul(CHUNK as u64);
        let start = self.size.saturating_sub(TAIL).max(at);
        let next = self.size.saturating_sub(TAIL).saturating_add(self.tail.len() as u64);
        if start == next
            && let Some(piece) = chunk.get(usize::try_from(start.saturating_sub(at)).unwrap_or(usize::MAX)..)
        {
            Arc::make_mut(&mut self.tail).extend_from_slice(piece);
        }
    }

    /// Checks every chunk that was not visited, and that the file did not grow or shrink since it was opened.
    pub fn finish(&mut self) -> Result<(), ReadFault> {
        for index in 0..self.size.div_ceil(CHUNK as u64) {
            let slot = usize::try_from(index).unwrap_or(usize::MAX);
            let visited = matches!(self.seen.get(slot), Some(Some(_))) || matches!(self.kept.get(slot), Some(Some(_)));
            if !visited {
                let chunk = self.chunk(index)?;
                self.give_back(chunk);
            }
        }
        let Some(file) = &self.file else { return Ok(()) };
        if read_at(file, &mut [0], self.size).map_err(|error| ReadFault::Io { at: self.size, error })? > 0 {
            return Err(match &self.expected {
                Expectation::Signed(table) => {
                    ReadFault::Size { found: self.size.saturating_add(1), sealed: table.size() }
                }
                _ => ReadFault::Changed { at: self.size },
            });
        }
        Ok(())
    }
}

/// What a chunk has at the doublings of a place. The first one has several of them; of the others those that begin at one.
fn at_doublings(index: u64, chunk: &[u8]) -> Vec<(u64, [u8; WIDTH])> {
    let at = index.saturating_mul(CHUNK as u64);
    let places =
        std::iter::successors(Some(FIRST), |place| place.checked_mul(2)).take_while(|place| *place < CHUNK as u64);
    let places: Vec<u64> = match index {
        0 => places.collect(),
        index if index.is_power_of_two() => vec![0],
        _ => Vec::new(),
    };
    let bytes = |place: &u64| {
        let start = usize::try_from(*place).ok()?;
        Some((at.saturating_add(*place), *chunk.get(start..)?.first_chunk::<WIDTH>()?))
    };
    places.iter().filter_map(bytes).collect()
}

fn set<T: Clone>(table: &mut Vec<Option<T>>, slot: usize, value: T) {
    if table.len() <= slot {
        table.resize(slot.saturating_add(1), None);
    }
    if let Some(place) = table.get_mut(slot) {
        *place = Some(value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{Seek, SeekFrom, Write};

    fn file(bytes: &[u8]) -> File {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(bytes).unwrap();
        file
    }

    fn rewrite(file: &File, at: u64, byte: u8) {
        let mut file = file.try_clone().unwrap();
        file.seek(SeekFrom::Start(at)).unwrap();
        file.write_all(&[byte]).unwrap();
    }

    #[test]
    fn a_signed_file_yields_only_the_signed_bytes() {
        let bytes = vec![3u8; CHUNK + 10];
        let table = ChunkTable::of(&bytes[..]).unwrap();
        let file = file(&bytes);
        let mut input =
            Input::new(file.try_clone().unwrap(), table.size(), Expectation::Signed(table.clone())).unwrap();
        assert_eq!(&input.chunk(1).unwrap()[..], &[3; 10]);
        assert!(input.finish().is_ok());
        rewrite(&file, 0, 4);
        let mut input = Input::new(file, table.size(), Expectation::Signed(table)).unwrap();
        assert!(input.chunk(1).is_ok());
        assert!(matches!(input.finish(), Err(ReadFault::Digest { at: 0, .. })), "the chunk that nobody asked for");
    }

    #[test]
    fn a_file_of_another_size_than_signed_is_refused_at_once() {
        let table = ChunkTable::of(&b"abc"[..]).unwrap();
        let refused = Input::new(file(b"abcd"), 4, Expectation::Signed(table));
        assert!(matches!(refused, Err(ReadFault::Size { found: 4, sealed: 3 })));
    }

    #[test]
    fn a_rewrite_between_two_readings_shows() {
        let file = file(&[1; 100]);
        let mut input = Input::new(file.try_clone().unwrap(), 100, Expectation::FirstRead).unwrap();
        input.chunk(0).unwrap();
        assert!(input.chunk(0).is_ok(), "the same bytes again are fine");
        rewrite(&file, 50, 2);
        assert!(matches!(input.chunk(0), Err(ReadFault::Changed { at: 0 })));
    }

    #[test]
    fn a_small_unsigned_file_is_read_once() {
        let file = file(&[1; 100]);
        let mut input = Input::new(file.try_clone().unwrap(), 100, Expectation::Once).unwrap();
        input.chunk(0).unwrap();
        rewrite(&file, 50, 2);
        assert_eq!(input.chunk(0).unwrap()[50], 1, "what was read is what is parsed");
    }

    #[test]
    fn what_stands_at_doublings_of_a_place_is_known_however_the_file_is_read() {
        let mut bytes = vec![0u8; 5 * CHUNK];
        let places: Vec<usize> = (9..25).map(|power| 1 << power).collect();
        for (number, place) in (1u8..).zip(&places) {
            bytes[*place..*place + 8].fill(number);
        }
        let wanted: Vec<(u64, [u8; 8])> = (1u8..).zip(places).map(|(n, place)| (place as u64, [n; 8])).collect();
        let table = ChunkTable::of(&bytes[..]).unwrap();
        for expected in [Expectation::Once, Expectation::FirstRead, Expectation::Signed(table)] {
            let mut input = Input::new(file(&bytes), bytes.len() as u64, expected.clone()).unwrap();
            assert_eq!(input.doublings().unwrap(), wanted, "{expected:?}");
            for index in 0..5 {
                input.chunk(index).unwrap();
            }
            assert_eq!(input.doublings().unwrap(), wanted, "{expected:?}");
        }
        assert_eq!(Input::from_bytes(&bytes[..519], 9).doublings().unwrap(), []);
        assert_eq!(Input::from_bytes(&bytes[..520], 9).doublings().unwrap(), [(512, [1; 8])]);
    }

    #[test]
    fn growing_and_shrinking_show() {
        let grown = file(&[1; 100]);
        let mut input = Input::new(grown.try_clone().unwrap(), 100, Expectation::Once).unwrap();
        grown.set_len(101).unwrap();
        assert!(matches!(input.finish(), Err(ReadFault::Changed { at: 100 })));
        let shrunk = file(&[1; 100]);
        let mut input = Input::new(shrunk.try_clone().unwrap(), 100, Expectation::FirstRead).unwrap();
        shrunk.set_len(99).unwrap();
        assert!(matches!(input.chunk(0), Err(ReadFault::Changed { at: 0 })));
    }
}
