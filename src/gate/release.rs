//! Outputs: a new file beside the place where it will stand, which appears there by rename, or not at all.

use super::unfinished::{PREFIX, Unfinished};
use crate::report::ReportError;
use crate::report::safe::pasted;
use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// An output that is not yet where anyone looks for it. Dropped, it leaves nothing.
#[derive(Debug)]
pub(crate) struct Pending {
    file: tempfile::NamedTempFile,
    unfinished: Unfinished,
    target: PathBuf,
}

impl Pending {
    /// A new file that will stand at `target`. A link at `target` is followed: the file that it leads to is replaced.
    pub fn new(target: &Path) -> io::Result<Pending> {
        let target = std::fs::canonicalize(target).unwrap_or_else(|_| target.to_owned());
        // A rename would put a file in the place of a device or a pipe.
        if std::fs::metadata(&target).is_ok_and(|found| !found.is_file()) {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "there is something else than a file"));
        }
        let folder = crate::bytes::folder_of(&target);
        let mut builder = tempfile::Builder::new();
        // As any program would make it: what the user's mask leaves of this.
        #[cfg(unix)]
        builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
        let made = Unfinished::new(|| builder.prefix(PREFIX).tempfile_in(folder));
        let (file, unfinished) = made.map_err(nameless)?;
        Ok(Pending { file, unfinished, target })
    }

    /// The file, to be written.
    pub fn file(&self) -> &File {
        self.file.as_file()
    }

    /// Puts the file in its place.
    pub fn release(self) -> io::Result<()> {
        self.file.as_file().sync_all()?;
        let Pending { file, unfinished, target } = self;
        unfinished.settle(|| file.persist(&target).map(drop).map_err(|error| error.error))
    }
}

/// Refuses to write over what is read: a model, a key, rows. `paths` may be of things that are no files.
pub(crate) fn spare<'p>(target: &Path, paths: impl IntoIterator<Item = &'p Path>) -> Result<(), ReportError> {
    let Some(found) = identity(target) else { return Ok(()) };
    match paths.into_iter().find(|path| identity(path).as_ref() == Some(&found)) {
        None => Ok(()),
        Some(path) => {
            let message = format!("{} would be written over, and it is read", pasted(path));
            Err(ReportError::usage(message, "name another file for the output"))
        }
    }
}

/// What tells a file from every other, whatever names lead to it.
#[cfg(unix)]
fn identity(path: &Path) -> Option<(u64, u64)> {
    use std::os::unix::fs::MetadataExt;
    let found = std::fs::metadata(path).ok().filter(std::fs::Metadata::is_file)?;
    Some((found.dev(), found.ino()))
}

#[cfg(not(unix))]
fn identity(path: &Path) -> Option<PathBuf> {
    path.canonicalize().ok().filter(|path| path.is_file())
}

/// What the system said, without the name of the temporary file, which nobody asked for.
pub fn nameless(error: io::Error) -> io::Error {
    let text = error.to_string();
    match text.split_once(" at path ") {
        Some((said, _)) if error.get_ref().is_some() => io::Error::new(error.kind(), said),
        _ => error,
    }
}

/// Writes a whole file by rename.
pub(super) fn write(target: &Path, bytes: &[u8]) -> io::Result<()> {
    let pending = Pending::new(target)?;
    let mut file = pending.file();
    file.write_all(bytes)?;
    pending.release()
}
