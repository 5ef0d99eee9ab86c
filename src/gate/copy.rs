//! `verify --to`: a copy of exactly the bytes that were checked. Each chunk is compared with the sealed table once more as it
//! is copied, and the new folder appears by rename when all of them were right, or not at all.

use super::entries::{is_standard_input, shown};
use super::folder::{SEAL, Unopened, inside, open};
use super::release::nameless;
use super::unfinished::{PREFIX, Unfinished};
use crate::bytes::{CHUNK, ChunkTable, Expectation, Folder, Input, ReadFault, Source, folder_of};
use crate::job::{Failure, FailureKind};
use crate::manifest::FileEntry;
use crate::report::WrittenFile;
use crate::report::safe::pasted;
use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// A copy that was made.
pub(super) struct Copied {
    to: PathBuf,
    files: usize,
    against: &'static str,
}

impl Copied {
    /// The copy as a report speaks of it.
    pub fn written(self) -> WrittenFile {
        let files = if self.files == 1 { "1 file".to_owned() } else { format!("{} files", self.files) };
        let about = format!("a copy of the {files}, compared with the {} once more while it was made", self.against);
        WrittenFile { path: shown(&self.to), kind: "copy".to_owned(), about }
    }
}

/// Copies a model that is a file, under its own name, and its seal.
pub(super) fn file(source: &Source, table: &ChunkTable, seal: Option<&[u8]>, to: &Path) -> Result<Copied, Unopened> {
    let name = source.path().file_name().filter(|_| !is_standard_input(source.path())).ok_or_else(|| {
        usage(format!("{} has no file name to copy it under", pasted(source.path())), "name the model by its own name")
    })?;
    let new = New::at(to, "--to")?;
    copy(source, table, &new.path(Path::new(name))).map_err(|uncopied| uncopied.to(to))?;
    if let Some(seal) = seal {
        let mut beside = name.to_owned();
        beside.push(".seal");
        write(&new.path(Path::new(&beside)), seal).map_err(|error| failed(to, &error))?;
    }
    new.release(1, if seal.is_some() { "seal" } else { "digest" })
}

/// Copies a model that is a folder, and its seal.
pub(super) fn folder(folder: &Folder, files: &[FileEntry], seal: &[u8], to: &Path) -> Result<Copied, Unopened> {
    let parent = folder_of(to);
    if let (Ok(parent), Ok(model)) = (parent.canonicalize(), folder.path().canonicalize())
        && parent.starts_with(&model)
    {
        let message = format!("{} is in the folder that was sealed, and would be a part of it", pasted(to));
        return Err(usage(message, "name a folder outside of the model with --to"));
    }
    let new = New::at(to, "--to")?;
    for file in files {
        let source = open(folder, &file.path)?;
        let target = new.path(Path::new(&file.path));
        let made = target.parent().map_or(Ok(()), std::fs::create_dir_all);
        made.map_err(|error| failed(to, &error))?;
        copy(&source, &file.table, &target).map_err(|uncopied| match uncopied.to(to) {
            Unopened::Refused(finding) => Unopened::Refused(Box::new(inside(&file.path, *finding))),
            failed => failed,
        })?;
    }
    write(&new.path(Path::new(SEAL)), seal).map_err(|error| failed(to, &error))?;
    new.release(files.len(), "seal")
}

/// A folder that is not yet where anyone looks for it. Dropped, it leaves nothing.
pub(super) struct New {
    made: tempfile::TempDir,
    unfinished: Unfinished,
    to: PathBuf,
}

impl New {
    /// A new folder beside the place where it will stand. An empty folder may stand there already.
    pub(super) fn at(to: &Path, option: &str) -> Result<New, Unopened> {
        if to.canonicalize().is_ok_and(|to| std::env::current_dir().is_ok_and(|here| here.starts_with(to))) {
            let message = format!("{} is the folder in which this command runs, and can not be replaced", pasted(to));
            return Err(usage(message, &format!("name a folder that does not exist with {option}")));
        }
        // Without the slash at its end, which would ask where a link leads to.
        let itself = to.components().collect::<PathBuf>();
        let taken = match std::fs::read_dir(to) {
            // A folder takes the place of an empty one, and of nothing else.
            Ok(mut entries) => entries.next().is_some() || itself.is_symlink(),
            // Something else than a folder; nothing at all is as it should be.
            Err(_) => itself.symlink_metadata().is_ok(),
        };
        if taken {
            let message = format!("{} is there already", shown(to));
            return Err(usage(message, &format!("name a folder that does not exist with {option}")));
        }
        let parent = folder_of(to);
        let mut builder = tempfile::Builder::new();
        #[cfg(unix)]
        builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o755));
        let made = Unfinished::new(|| builder.prefix(PREFIX).tempdir_in(parent));
        let (made, unfinished) = made.map_err(|error| failed(to, &nameless(error)))?;
        Ok(New { made, unfinished, to: to.to_owned() })
    }

    /// Where a file of it stands until then.
    pub(super) fn path(&self, relative: &Path) -> PathBuf {
        self.made.path().join(relative)
    }

    /// Puts the folder in its place.
    pub(super) fn appear(self) -> Result<PathBuf, Unopened> {
        let New { made, unfinished, to } = self;
        unfinished.settle(|| std::fs::rename(made.path(), &to)).map_err(|error| failed(&to, &error))?;
        // It has another name now.
        let _ = made.keep();
        Ok(to)
    }

    fn release(self, files: usize, against: &'static str) -> Result<Copied, Unopened> {
        Ok(Copied { to: self.appear()?, files, against })
    }
}

/// Why a file was not copied.
enum Uncopied {
    /// Its bytes are not the ones that were sealed, or not any more.
    Read(ReadFault),
    Write(io::Error),
}

impl From<ReadFault> for Uncopied {
    fn from(fault: ReadFault) -> Uncopied {
        Uncopied::Read(fault)
    }
}

impl From<io::Error> for Uncopied {
    fn from(error: io::Error) -> Uncopied {
        Uncopied::Write(error)
    }
}

impl Uncopied {
    /// The same, of a copy at this place. What changed after it was judged is refused as if it had been so before.
    fn to(self, to: &Path) -> Unopened {
        match self {
            Uncopied::Read(ReadFault::Io { error, .. }) | Uncopied::Write(error) => failed(to, &error),
            Uncopied::Read(fault) => Unopened::Refused(Box::new(crate::format::of_read(&fault))),
        }
    }
}

/// Copies a file chunk by chunk. Bytes that are not the sealed ones are not written.
fn copy(source: &Source, table: &ChunkTable, to: &Path) -> Result<(), Uncopied> {
    let expectation = Expectation::Signed(table.clone());
    let mut input = Input::new(source.file().try_clone()?, source.size(), expectation)?;
    let mut file = File::options().write(true).create_new(true).open(to)?;
    for index in 0..source.size().div_ceil(CHUNK as u64) {
        let chunk = input.chunk(index)?;
        file.write_all(&chunk)?;
        input.give_back(chunk);
    }
    input.finish()?;
    Ok(file.sync_all()?)
}

fn write(to: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = File::options().write(true).create_new(true).open(to)?;
    file.write_all(bytes)?;
    file.sync_all()
}

fn failed(to: &Path, error: &io::Error) -> Unopened {
    let message = format!("the folder {} can not be made: {error}", shown(to));
    let next = "check the folder and its permissions; nothing was left there".to_owned();
    Unopened::Failed(Failure { kind: FailureKind::Io, message, next })
}

fn usage(message: String, next: &str) -> Unopened {
    Unopened::Failed(Failure { kind: FailureKind::Usage, message, next: next.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reason::Code;

    #[test]
    fn what_changed_after_it_was_judged_is_refused_and_nothing_is_left() {
        let folder = tempfile::tempdir().unwrap();
        let (model, to) = (folder.path().join("m.pkl"), folder.path().join("copy"));
        std::fs::write(&model, b"\x80\x04K\x01.").unwrap();
        let table = ChunkTable::of(&b"\x80\x04K\x01."[..]).unwrap();
        assert!(file(&Source::open(&model).unwrap(), &table, Some(b"seal"), &to).is_ok());
        assert_eq!(std::fs::read(to.join("m.pkl.seal")).unwrap(), b"seal");
        std::fs::remove_dir_all(&to).unwrap();
        for (bytes, code) in [(&b"\x80\x04K\x02."[..], Code::DigestMismatch), (b"\x80", Code::DigestMismatch)] {
            std::fs::write(&model, bytes).unwrap();
            match file(&Source::open(&model).unwrap(), &table, None, &to) {
                Err(Unopened::Refused(finding)) => assert_eq!(finding.code, code),
                _ => panic!("a copy of other bytes"),
            }
        }
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "only the model");
    }
}
