//! A model's file as the parent holds it: resolved once, opened, and known to be a regular file.

use super::ahead::Ahead;
use super::chunk_table::{CHUNK, ChunkTable, Digest, Hasher};
use super::input::{Expectation, Input, ReadFault};
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

/// An opened regular file. The opened file is judged, never its path again.
#[derive(Debug)]
pub struct Source {
    path: PathBuf,
    file: File,
    size: u64,
}

/// Why a path gives no source.
#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    /// Nothing is there.
    #[error("there is no file {path}", path = shown(.0))]
    NotFound(PathBuf),
    /// A folder, FIFO, device or socket.
    #[error("{path} is {1}, not a regular file", path = shown(.0))]
    NotRegular(PathBuf, &'static str),
    /// More files below a folder than can be sealed.
    #[error("{path} holds more than {1} files and folders", path = shown(.0))]
    TooMany(PathBuf, usize),
    /// Nowhere to keep what can be read only once.
    #[error("no temporary file can be made to keep it in: {0}")]
    Temporary(std::io::Error),
    /// The system said no.
    #[error("{path} can not be read: {1}", path = shown(.0))]
    Io(PathBuf, std::io::Error),
}

fn shown(path: &Path) -> String {
    crate::reason::escape_bytes(path.as_os_str().as_encoded_bytes())
}

fn unopened(path: &Path, error: std::io::Error) -> SourceError {
    match error.kind() {
        std::io::ErrorKind::NotFound | std::io::ErrorKind::NotADirectory => SourceError::NotFound(path.to_owned()),
        _ => SourceError::Io(path.to_owned(), error),
    }
}

impl Source {
    /// Opens the file that `path` leads to. Links are followed: the user named this path. FIFOs and devices are refused
    /// before they could block.
    pub fn open(path: &Path) -> Result<Source, SourceError> {
        let before = std::fs::metadata(path).map_err(|error| unopened(path, error))?;
        kind(&before).map_or(Ok(()), |kind| Err(SourceError::NotRegular(path.to_owned(), kind)))?;
        Source::at(path, true)
    }

    /// Opens what was a regular file when the folder was listed that it stands in. A link that took its place is not followed.
    pub fn listed(path: &Path) -> Result<Source, SourceError> {
        if cfg!(target_os = "linux") { Source::at(path, false) } else { Source::open(path) }
    }

    fn at(path: &Path, follow: bool) -> Result<Source, SourceError> {
        Source::opened(path.to_owned(), open_without_blocking(path, follow).map_err(|error| unopened(path, error))?)
    }

    /// All that a reader yields, at most `most` bytes and one more, in a file without a name: for what can be read only once.
    pub fn copied(path: &Path, reader: &mut dyn Read, most: u64) -> Result<Source, SourceError> {
        let mut file = tempfile::tempfile().map_err(SourceError::Temporary)?;
        match std::io::copy(&mut reader.take(most.saturating_add(1)), &mut file) {
            Ok(_) => Source::opened(path.to_owned(), file),
            Err(error) if error.kind() == std::io::ErrorKind::StorageFull => Err(SourceError::Temporary(error)),
            Err(error) => Err(SourceError::Io(path.to_owned(), error)),
        }
    }

    /// A file that was opened already, if it is a regular one.
    pub(super) fn opened(path: PathBuf, file: File) -> Result<Source, SourceError> {
        let opened = match file.metadata() {
            Ok(opened) => opened,
            Err(error) => return Err(SourceError::Io(path, error)),
        };
        match kind(&opened) {
            Some(kind) => Err(SourceError::NotRegular(path, kind)),
            // Of what the kernel makes up while it is read, such as `/proc/self/mem`, nothing says how long it is.
            None if opened.len() == 0 && !matches!(read_at(&file, &mut [0], 0), Ok(0)) => {
                Err(SourceError::NotRegular(path, "a file of the system without a size"))
            }
            None => Ok(Source { path, size: opened.len(), file }),
        }
    }

    /// The path as the user named it.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The opened file.
    pub fn file(&self) -> &File {
        &self.file
    }

    /// Its size when it was opened, in bytes.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Reads the whole file once, perhaps with others that hash its chunks ahead: its table, and the SHA-256 of all of it.
    /// Nothing is parsed.
    pub fn table_and_digest(&self, ahead: Option<&Ahead>) -> Result<(ChunkTable, Digest), ReadFault> {
        let file = self.file.try_clone().map_err(|error| ReadFault::Io { at: 0, error })?;
        let mut input = Input::new(file, self.size, Expectation::FirstRead)?.ahead(ahead);
        let (mut digests, mut whole) = (Vec::new(), Hasher::default());
        for index in 0..self.size.div_ceil(CHUNK as u64) {
            let chunk = input.chunk(index)?;
            digests.extend(input.digest(index).into_iter().flatten());
            if self.size > CHUNK as u64 {
                whole.update(&chunk);
            }
            input.give_back(chunk);
        }
        input.finish()?;
        // A file of one chunk has the same digest twice.
        let whole = <Digest>::try_from(&digests[..]).unwrap_or_else(|_| whole.finish());
        let table = ChunkTable::new(self.size, digests).ok_or(ReadFault::Changed { at: self.size })?;
        Ok((table, whole))
    }

    /// The first bytes of the file, at most `count`.
    pub fn head(&self, count: u64) -> std::io::Result<Vec<u8>> {
        let mut head = Vec::new();
        At { file: &self.file, at: 0 }.take(count).read_to_end(&mut head)?;
        Ok(head)
    }
}

/// Opens for reading so that a FIFO that took the file's place meanwhile does not block. Links are followed, or not.
#[cfg(target_os = "linux")]
fn open_without_blocking(path: &Path, follow: bool) -> std::io::Result<File> {
    use rustix::fs::{Mode, OFlags};
    let flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NONBLOCK | OFlags::NOCTTY;
    let flags = if follow { flags } else { flags | OFlags::NOFOLLOW };
    Ok(rustix::fs::open(path, flags, Mode::empty())?.into())
}

#[cfg(not(target_os = "linux"))]
fn open_without_blocking(path: &Path, _: bool) -> std::io::Result<File> {
    File::open(path)
}

/// What a file is, if it is not a regular one.
fn kind(metadata: &std::fs::Metadata) -> Option<&'static str> {
    let kind = metadata.file_type();
    match kind {
        _ if kind.is_file() => None,
        _ if kind.is_dir() => Some("a folder"),
        _ => Some("a pipe, socket or device"),
    }
}

/// A reader by position, so that the file's own offset plays no part.
#[derive(Debug)]
pub(super) struct At<'a> {
    pub file: &'a File,
    pub at: u64,
}

impl Read for At<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let read = read_at(self.file, buffer, self.at)?;
        self.at = self.at.saturating_add(read as u64);
        Ok(read)
    }
}

/// Reads at a position: as many bytes as the system gives, none at the end.
#[cfg(unix)]
pub(super) fn read_at(file: &File, buffer: &mut [u8], at: u64) -> std::io::Result<usize> {
    std::os::unix::fs::FileExt::read_at(file, buffer, at)
}

/// Reads at a position: as many bytes as the system gives, none at the end.
#[cfg(windows)]
pub(super) fn read_at(file: &File, buffer: &mut [u8], at: u64) -> std::io::Result<usize> {
    std::os::windows::fs::FileExt::seek_read(file, buffer, at)
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn what_the_kernel_makes_up_has_no_size_and_is_no_source() {
        for path in ["/proc/self/mem", "/proc/self/status"] {
            let refused = Source::open(Path::new(path));
            assert!(matches!(refused, Err(SourceError::NotRegular(..))), "{path}: {refused:?}");
        }
        let empty = tempfile::NamedTempFile::new().unwrap();
        assert_eq!(Source::open(empty.path()).unwrap().size(), 0);
    }
}
