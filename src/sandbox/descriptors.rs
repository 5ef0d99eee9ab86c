//! Descriptors as they are handed to a worker: what it may only read, it can only read; what it wrote is what it said.

use crate::bytes::Hasher;
use crate::job::Written;
use rustix::fs::{Mode, OFlags};
use std::fs::File;
use std::io;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};
use std::os::unix::fs::FileExt;

/// A descriptor that can only be read from.
#[derive(Debug)]
pub(super) enum ReadOnly<'a> {
    Given(BorrowedFd<'a>),
    Reopened(OwnedFd),
}

impl AsFd for ReadOnly<'_> {
    fn as_fd(&self) -> BorrowedFd<'_> {
        match self {
            ReadOnly::Given(given) => *given,
            ReadOnly::Reopened(reopened) => reopened.as_fd(),
        }
    }
}

/// The file as it is if it was opened for reading only, else opened again for that.
pub(super) fn read_only(file: &File) -> io::Result<ReadOnly<'_>> {
    if rustix::fs::fcntl_getfl(file)? & OFlags::RWMODE == OFlags::RDONLY {
        return Ok(ReadOnly::Given(file.as_fd()));
    }
    let path = format!("/proc/self/fd/{}", file.as_raw_fd());
    let flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NOCTTY | OFlags::NONBLOCK;
    let reopened = rustix::fs::open(path, flags, Mode::empty()).map_err(|error| {
        let error = io::Error::from(error);
        io::Error::new(error.kind(), format!("it was opened for writing too, and is not in /proc: {error}"))
    })?;
    Ok(ReadOnly::Reopened(reopened))
}

/// Whether a file holds what was said of it.
pub(super) fn holds(file: &File, written: &Written) -> bool {
    let Ok(length) = file.metadata().map(|metadata| metadata.len()) else { return false };
    if length != written.len {
        return false;
    }
    let (mut hasher, mut at, mut buffer) = (Hasher::default(), 0u64, vec![0; 1 << 20]);
    loop {
        match file.read_at(&mut buffer, at) {
            Ok(0) => break,
            Ok(read) => {
                hasher.update(buffer.get(..read).unwrap_or_default());
                at = at.saturating_add(read as u64);
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(_) => return false,
        }
    }
    at == length && hasher.finish()[..] == written.sha256[..]
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    #[test]
    fn what_was_opened_for_writing_is_handed_on_for_reading() {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(b"abc").unwrap();
        let handed = File::from(read_only(&file).unwrap().as_fd().try_clone_to_owned().unwrap());
        assert!(handed.write_at(b"x", 0).is_err());
        let mut bytes = [0; 3];
        handed.read_exact_at(&mut bytes, 0).unwrap();
        assert_eq!(&bytes, b"abc");
        assert!(matches!(read_only(&handed), Ok(ReadOnly::Given(_))));
    }

    #[test]
    fn an_output_has_the_length_and_the_digest_that_were_said() {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(b"abc").unwrap();
        let written = |len, bytes| Written { len, sha256: Hasher::digest(bytes).to_vec(), ..Written::default() };
        assert!(holds(&file, &written(3, b"abc")));
        assert!(!holds(&file, &written(3, b"abd")));
        assert!(!holds(&file, &written(2, b"ab")));
    }
}
