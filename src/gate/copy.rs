//! `verify --to`: a copy of exactly the bytes that were checked. Each chunk is compared with the sealed table once more as it
//! is copied, and the new folder appears by rename when all of them were right, or not at all.

use super::entries::is_standard_input;
use super::folder::SEAL;
use super::release::nameless;
use crate::bytes::{CHUNK, ChunkTable, Expectation, Folder, Input, ReadFault, Source};
use crate::job::FailureKind;
use crate::manifest::FileEntry;
use crate::reason::escape;
use crate::report::safe::pasted;
use crate::report::{ReportError, WrittenFile};
use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// A copy that was made.
pub(super) struct Copied {
    to: PathBuf,
    files: usize,
}

impl Copied {
    /// The copy as a report speaks of it.
    pub fn written(self) -> WrittenFile {
        let files = if self.files == 1 { "1 file".to_owned() } else { format!("{} files", self.files) };
        let about = format!("a copy of the {files}, compared with the seal once more while it was made");
        WrittenFile { path: self.to.display().to_string(), kind: "copy".to_owned(), about }
    }
}

/// Copies a model that is a file, under its own name, and its seal.
pub(super) fn file(source: &Source, table: &ChunkTable, seal: Option<&[u8]>, to: &Path) -> Result<Copied, ReportError> {
    let name = source.path().file_name().filter(|_| !is_standard_input(source.path())).ok_or_else(|| {
        ReportError::usage(
            format!("{} has no file name to copy it under", pasted(source.path())),
            "name the model by its own name",
        )
    })?;
    let new = New::at(to)?;
    let copied = copy(source, table, &new.path(Path::new(name))).and_then(|()| match seal {
        Some(seal) => {
            let mut beside = name.to_owned();
            beside.push(".seal");
            write(&new.path(Path::new(&beside)), seal)
        }
        None => Ok(()),
    });
    copied.map_err(|error| failed(to, &error))?;
    new.release(1)
}

/// Copies a model that is a folder, and its seal.
pub(super) fn folder(folder: &Folder, files: &[FileEntry], seal: &[u8], to: &Path) -> Result<Copied, ReportError> {
    let new = New::at(to)?;
    let copied = files.iter().try_for_each(|file| {
        let source = folder.source(&file.path).map_err(io::Error::other)?;
        let target = new.path(Path::new(&file.path));
        target.parent().map_or(Ok(()), std::fs::create_dir_all)?;
        copy(&source, &file.table, &target)
            .map_err(|error| io::Error::new(error.kind(), format!("{}: {error}", escape(&file.path))))
    });
    copied.and_then(|()| write(&new.path(Path::new(SEAL)), seal)).map_err(|error| failed(to, &error))?;
    new.release(files.len())
}

/// A folder that is not yet where anyone looks for it. Dropped, it leaves nothing.
struct New {
    made: tempfile::TempDir,
    to: PathBuf,
}

impl New {
    /// A new folder beside the place where it will stand. An empty folder may stand there already.
    fn at(to: &Path) -> Result<New, ReportError> {
        let taken = match std::fs::read_dir(to) {
            Ok(mut entries) => entries.next().is_some(),
            Err(error) => error.kind() != io::ErrorKind::NotFound,
        };
        if taken {
            let message = format!("{} is there already", to.display());
            return Err(ReportError::usage(message, "name a folder that does not exist with --to"));
        }
        let parent = to.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let mut builder = tempfile::Builder::new();
        #[cfg(unix)]
        builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o755));
        let made = builder.prefix(".coldload-").tempdir_in(parent).map_err(|error| failed(to, &nameless(error)))?;
        Ok(New { made, to: to.to_owned() })
    }

    fn path(&self, relative: &Path) -> PathBuf {
        self.made.path().join(relative)
    }

    fn release(self, files: usize) -> Result<Copied, ReportError> {
        std::fs::rename(self.made.path(), &self.to).map_err(|error| failed(&self.to, &error))?;
        // It has another name now.
        let _ = self.made.keep();
        Ok(Copied { to: self.to, files })
    }
}

/// Copies a file chunk by chunk. Bytes that are not the sealed ones are not written.
fn copy(source: &Source, table: &ChunkTable, to: &Path) -> io::Result<()> {
    let fault = |fault: ReadFault| io::Error::other(fault.to_string());
    let expectation = Expectation::Signed(table.clone());
    let mut input = Input::new(source.file().try_clone()?, source.size(), expectation).map_err(fault)?;
    let mut file = File::options().write(true).create_new(true).open(to)?;
    for index in 0..source.size().div_ceil(CHUNK as u64) {
        let chunk = input.chunk(index).map_err(fault)?;
        file.write_all(&chunk)?;
        input.give_back(chunk);
    }
    input.finish().map_err(fault)?;
    file.sync_all()
}

fn write(to: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = File::options().write(true).create_new(true).open(to)?;
    file.write_all(bytes)?;
    file.sync_all()
}

fn failed(to: &Path, error: &io::Error) -> ReportError {
    let message = format!("the copy {} can not be made: {error}", to.display());
    ReportError::new(FailureKind::Io, message, "check the folder and its permissions; nothing was left there")
}
