//! The bytes of one file as parsers get them: a chunk is read into private memory, hashed there and compared, and only
//! those bytes are parsed. A chunk that is needed again is read and compared again; [`Input::finish`] checks every chunk
//! that no parser visited.

use super::chunk_table::{CHUNK, ChunkTable, Hasher};
use super::source::At;
use std::fs::File;
use std::io::Read;
use std::sync::Arc;

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

/// One file, in checked chunks.
#[derive(Debug)]
pub struct Input {
    file: Option<File>,
    size: u64,
    expected: Expectation,
    kept: Vec<Option<Arc<[u8]>>>,
    seen: Vec<Option<[u8; 32]>>,
    window: usize,
}

impl Input {
    /// The file's bytes under an expectation. `size` is the size that the file had when it was opened.
    pub fn new(file: File, size: u64, expected: Expectation) -> Result<Input, ReadFault> {
        if let Expectation::Signed(table) = &expected
            && table.size() != size
        {
            return Err(ReadFault::Size { found: size, sealed: table.size() });
        }
        Ok(Input { file: Some(file), size, expected, kept: Vec::new(), seen: Vec::new(), window: usize::MAX })
    }

    /// Bytes that are in memory already, as read once. Parsers get at most `window` of them at a time: the answer must
    /// not depend on it.
    pub fn from_bytes(bytes: &[u8], window: usize) -> Input {
        Input {
            file: None,
            size: bytes.len() as u64,
            expected: Expectation::Once,
            kept: bytes.chunks(CHUNK).map(|chunk| Some(Arc::from(chunk))).collect(),
            seen: Vec::new(),
            window: window.max(1),
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
    pub fn chunk(&mut self, index: u64) -> Result<Arc<[u8]>, ReadFault> {
        let at = index.saturating_mul(CHUNK as u64);
        let length = self.size.saturating_sub(at).min(CHUNK as u64);
        let Ok(slot) = usize::try_from(index) else { return Ok(Arc::from([])) };
        if length == 0 {
            return Ok(Arc::from([]));
        }
        if let Some(Some(kept)) = self.kept.get(slot) {
            return Ok(kept.clone());
        }
        let Some(file) = &self.file else { return Ok(Arc::from([])) };
        let bytes = read_chunk(file, at, length)?;
        if (bytes.len() as u64) < length {
            return Err(match self.expected {
                Expectation::Signed(_) => ReadFault::Digest { at, end: at.saturating_add(length) },
                _ => ReadFault::Changed { at },
            });
        }
        let bytes: Arc<[u8]> = Arc::from(bytes);
        match &self.expected {
            Expectation::Signed(table) => {
                if table.digest(index) != Some(&Hasher::digest(&bytes)[..]) {
                    return Err(ReadFault::Digest { at, end: at.saturating_add(length) });
                }
                grow(&mut self.seen, slot);
                self.seen.get_mut(slot).map(|seen| seen.replace([0; 32]));
            }
            Expectation::Once => {
                grow(&mut self.kept, slot);
                self.kept.get_mut(slot).map(|kept| kept.replace(bytes.clone()));
            }
            Expectation::FirstRead => {
                let digest = Hasher::digest(&bytes);
                grow(&mut self.seen, slot);
                match self.seen.get_mut(slot) {
                    Some(Some(before)) if *before != digest => return Err(ReadFault::Changed { at }),
                    Some(seen) => *seen = Some(digest),
                    None => {}
                }
            }
        }
        Ok(bytes)
    }

    /// Checks every chunk that was not visited, and that the file did not grow or shrink since it was opened.
    pub fn finish(&mut self) -> Result<(), ReadFault> {
        for index in 0..self.size.div_ceil(CHUNK as u64) {
            let slot = usize::try_from(index).unwrap_or(usize::MAX);
            let visited = matches!(self.seen.get(slot), Some(Some(_))) || matches!(self.kept.get(slot), Some(Some(_)));
            if !visited {
                self.chunk(index)?;
            }
        }
        let Some(file) = &self.file else { return Ok(()) };
        if !read_chunk(file, self.size, 1)?.is_empty() {
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

fn grow<T: Clone>(table: &mut Vec<Option<T>>, slot: usize) {
    if table.len() <= slot {
        table.resize(slot.saturating_add(1), None);
    }
}

fn read_chunk(file: &File, at: u64, length: u64) -> Result<Vec<u8>, ReadFault> {
    let mut bytes = Vec::with_capacity(usize::try_from(length).unwrap_or(CHUNK));
    let read = At { file, at }.take(length).read_to_end(&mut bytes);
    read.map_err(|error| ReadFault::Io { at, error })?;
    Ok(bytes)
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
