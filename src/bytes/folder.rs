//! A model that is a folder: its files in order, each found and opened without following a link below the folder.

use super::source::{Source, SourceError};
#[cfg(target_os = "linux")]
use std::os::fd::AsFd;
use std::path::{Path, PathBuf};

/// Most files and folders below one folder: as many as a manifest may name.
const MOST: usize = 100_000;
/// Longest path below a folder, in bytes.
const LONGEST: usize = 4096;
/// Most folders below one folder in which something stands. Each name on the way to it is opened by itself, so that of very deep folders
/// listing takes the square of their number.
const DEEPEST: usize = 128;

/// A folder, as it was when it was opened.
#[derive(Debug)]
pub struct Folder {
    path: PathBuf,
    root: Root,
    files: Vec<String>,
    odd: Vec<Odd>,
}

/// Something below a folder that is no plain file with a plain name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Odd {
    /// Its path below the folder, escaped.
    pub path: String,
    /// What is odd about it.
    pub what: Oddity,
}

/// Why something below a folder can be no part of a model.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Oddity {
    /// A symbolic link.
    Link,
    /// A pipe, socket or device.
    Special,
    /// Its name is no UTF-8.
    NotUtf8,
    /// Its name has a backslash in it.
    Backslash,
    /// Its path below the folder is longer than a manifest may hold.
    TooLong,
    /// It stands in more folders than anybody makes.
    TooDeep,
}

/// What stands in a folder.
enum Kind {
    File,
    Folder,
    Link,
    Other,
}

impl Folder {
    /// Opens the folder that `path` leads to, and lists what is below it. The folder itself may be named by a link.
    pub fn open(path: &Path) -> Result<Folder, SourceError> {
        let failed = |path: PathBuf, error: std::io::Error| match error.kind() {
            std::io::ErrorKind::NotFound | std::io::ErrorKind::NotADirectory => SourceError::NotFound(path),
            _ => SourceError::Io(path, error),
        };
        let root = Root::open(path).map_err(|error| failed(path.to_owned(), error))?;
        let (mut files, mut odd) = (Vec::new(), Vec::new());
        let mut todo = vec![String::new()];
        let mut met = 0usize;
        while let Some(folder) = todo.pop() {
            let listed = root.list(&folder);
            for (name, kind) in listed.map_err(|error| failed(path.join(&folder), error))? {
                met = met.saturating_add(1);
                if met > MOST {
                    return Err(SourceError::TooMany(path.to_owned(), MOST));
                }
                let name = match name {
                    Ok(name) => name,
                    Err(bytes) => {
                        let what = if bytes.contains(&b'\\') { Oddity::Backslash } else { Oddity::NotUtf8 };
                        odd.push(Odd { path: join(&folder, &crate::reason::escape_bytes(&bytes)), what });
                        continue;
                    }
                };
                let below = join(&folder, &name);
                let what = match kind {
                    _ if below.len() > LONGEST => Oddity::TooLong,
                    _ if below.bytes().filter(|byte| *byte == b'/').count() > DEEPEST => Oddity::TooDeep,
                    Kind::Link => Oddity::Link,
                    Kind::Other => Oddity::Special,
                    Kind::File => {
                        files.push(below);
                        continue;
                    }
                    Kind::Folder => {
                        todo.push(below);
                        continue;
                    }
                };
                odd.push(Odd { path: crate::reason::escape(&below), what });
            }
        }
        files.sort_unstable();
        odd.sort_unstable();
        Ok(Folder { path: path.to_owned(), root, files, odd })
    }

    /// The folder as the user named it.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Paths of the regular files, relative with `/` between their parts, sorted by their bytes.
    pub fn files(&self) -> &[String] {
        &self.files
    }

    /// What is no regular file, or has a name that not every system keeps.
    pub fn odd(&self) -> &[Odd] {
        &self.odd
    }

    /// Opens one of the files. Nothing on the way to it may have become a link since it was listed.
    pub fn source(&self, relative: &str) -> Result<Source, SourceError> {
        let path = self.path.join(relative);
        let file = self.root.file(relative).map_err(|error| match error.kind() {
            std::io::ErrorKind::NotFound => SourceError::NotFound(path.clone()),
            _ => SourceError::Io(path.clone(), error),
        })?;
        Source::opened(path, file)
    }
}

/// The folder that a path's last name stands in; `.` where it names none.
pub fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

fn join(folder: &str, name: &str) -> String {
    if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") }
}

/// A name as a manifest can hold it, else its bytes.
fn plain(name: &[u8]) -> Result<String, Vec<u8>> {
    match std::str::from_utf8(name) {
        Ok(name) if !name.contains(['\\', '\0']) => Ok(name.to_owned()),
        _ => Err(name.to_owned()),
    }
}

type Listed = Vec<(Result<String, Vec<u8>>, Kind)>;

/// The opened folder. On Linux everything below it is reached from its descriptor, one name at a time, so that nobody can
/// put a link into the way.
#[cfg(target_os = "linux")]
#[derive(Debug)]
pub(super) struct Root(std::os::fd::OwnedFd);

#[cfg(target_os = "linux")]
impl Root {
    pub(super) fn open(path: &Path) -> std::io::Result<Root> {
        use rustix::fs::{Mode, OFlags};
        let flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::DIRECTORY;
        Ok(Root(rustix::fs::open(path, flags, Mode::empty())?))
    }

    /// The folder at a relative path, and the last name in it.
    fn step<'p>(&self, relative: &'p str) -> std::io::Result<(Step<'_>, &'p str)> {
        use rustix::fs::{Mode, OFlags};
        let flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::DIRECTORY | OFlags::NOFOLLOW;
        let mut folder = Step::Root(self.0.as_fd());
        let mut parts = relative.split('/').peekable();
        loop {
            let name = parts.next().unwrap_or_default();
            if parts.peek().is_none() {
                return Ok((folder, name));
            }
            folder = Step::Below(rustix::fs::openat(&folder, name, flags, Mode::empty())?);
        }
    }

    fn list(&self, relative: &str) -> std::io::Result<Listed> {
        use rustix::fs::{AtFlags, Dir, FileType, Mode, OFlags};
        let flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::DIRECTORY | OFlags::NOFOLLOW;
        let folder = match self.step(relative)? {
            // A descriptor of its own: the position in a folder belongs to the open file.
            (root, "") => rustix::fs::openat(&root, ".", flags, Mode::empty())?,
            (folder, name) => rustix::fs::openat(&folder, name, flags, Mode::empty())?,
        };
        let mut listed = Vec::new();
        for entry in Dir::read_from(&folder)? {
            let entry = entry?;
            let name = entry.file_name();
            if matches!(name.to_bytes(), b"." | b"..") {
                continue;
            }
            let found = match entry.file_type() {
                FileType::Unknown => {
                    let stat = rustix::fs::statat(&folder, name, AtFlags::SYMLINK_NOFOLLOW)?;
                    FileType::from_raw_mode(stat.st_mode)
                }
                known => known,
            };
            let kind = match found {
                FileType::RegularFile => Kind::File,
                FileType::Directory => Kind::Folder,
                FileType::Symlink => Kind::Link,
                _ => Kind::Other,
            };
            listed.push((plain(name.to_bytes()), kind));
        }
        Ok(listed)
    }

    pub(super) fn file(&self, relative: &str) -> std::io::Result<std::fs::File> {
        use rustix::fs::{Mode, OFlags};
        let (folder, name) = self.step(relative)?;
        let flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::NOCTTY;
        Ok(rustix::fs::openat(&folder, name, flags, Mode::empty())?.into())
    }
}

/// A folder on the way to a file.
#[cfg(target_os = "linux")]
enum Step<'r> {
    Root(std::os::fd::BorrowedFd<'r>),
    Below(std::os::fd::OwnedFd),
}

#[cfg(target_os = "linux")]
impl AsFd for Step<'_> {
    fn as_fd(&self) -> std::os::fd::BorrowedFd<'_> {
        match self {
            Step::Root(root) => root.as_fd(),
            Step::Below(folder) => folder.as_fd(),
        }
    }
}

/// The folder's path, where there are no descriptors of folders.
#[cfg(not(target_os = "linux"))]
#[derive(Debug)]
pub(super) struct Root(PathBuf);

#[cfg(not(target_os = "linux"))]
impl Root {
    pub(super) fn open(path: &Path) -> std::io::Result<Root> {
        std::fs::read_dir(path)?;
        Ok(Root(path.canonicalize()?))
    }

    fn list(&self, relative: &str) -> std::io::Result<Listed> {
        let mut listed = Vec::new();
        for entry in std::fs::read_dir(self.0.join(relative))? {
            let entry = entry?;
            let kind = match entry.file_type()? {
                found if found.is_file() => Kind::File,
                found if found.is_dir() => Kind::Folder,
                found if found.is_symlink() => Kind::Link,
                _ => Kind::Other,
            };
            listed.push((plain(entry.file_name().as_encoded_bytes()), kind));
        }
        Ok(listed)
    }

    pub(super) fn file(&self, relative: &str) -> std::io::Result<std::fs::File> {
        let mut path = self.0.clone();
        for part in relative.split('/') {
            path.push(part);
            if std::fs::symlink_metadata(&path)?.is_symlink() {
                return Err(std::io::Error::other("a link below a folder is not followed"));
            }
        }
        std::fs::File::open(path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder() -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(folder.path().join("b/c")).unwrap();
        for name in ["z", "a-b", "b/c/d", "a"] {
            std::fs::write(folder.path().join(name), name).unwrap();
        }
        folder
    }

    #[test]
    fn files_come_in_the_order_of_their_paths_bytes() {
        let folder = folder();
        let opened = Folder::open(folder.path()).unwrap();
        assert_eq!(opened.files(), ["a", "a-b", "b/c/d", "z"]);
        assert!(opened.odd().is_empty());
        assert_eq!(opened.source("b/c/d").unwrap().head(10).unwrap(), b"b/c/d");
    }

    #[cfg(unix)]
    #[test]
    fn what_is_no_plain_file_is_odd() {
        use std::os::unix::ffi::OsStrExt;
        let folder = folder();
        std::os::unix::fs::symlink("/etc/passwd", folder.path().join("link")).unwrap();
        std::os::unix::fs::symlink("/etc", folder.path().join("b/folder")).unwrap();
        let _socket = std::os::unix::net::UnixListener::bind(folder.path().join("socket")).unwrap();
        std::fs::write(folder.path().join(std::ffi::OsStr::from_bytes(b"b/\xff")), "x").unwrap();
        std::fs::write(folder.path().join("b\\s"), "x").unwrap();
        let opened = Folder::open(folder.path()).unwrap();
        assert_eq!(opened.files(), ["a", "a-b", "b/c/d", "z"]);
        let odd: Vec<&str> = opened.odd().iter().map(|odd| odd.path.as_str()).collect();
        assert_eq!(odd, [r"b/\xff", "b/folder", r"b\\s", "link", "socket"]);
    }

    #[cfg(unix)]
    #[test]
    fn a_link_that_came_later_is_not_followed() {
        let folder = folder();
        let opened = Folder::open(folder.path()).unwrap();
        std::fs::rename(folder.path().join("b"), folder.path().join("moved")).unwrap();
        std::os::unix::fs::symlink("moved", folder.path().join("b")).unwrap();
        assert!(opened.source("b/c/d").is_err());
        std::fs::remove_file(folder.path().join("z")).unwrap();
        std::os::unix::fs::symlink("a", folder.path().join("z")).unwrap();
        assert!(opened.source("z").is_err());
        assert!(opened.source("a").is_ok());
    }

    #[test]
    fn a_file_stands_in_as_many_folders_as_anybody_makes() {
        let folder = tempfile::tempdir().unwrap();
        let deep = "d/".repeat(DEEPEST);
        std::fs::create_dir_all(folder.path().join(&deep).join("d")).unwrap();
        std::fs::write(folder.path().join(&deep).join("file"), "x").unwrap();
        let opened = Folder::open(folder.path()).unwrap();
        assert_eq!((opened.files(), opened.odd()), (&[deep.clone() + "file"][..], &[][..]));
        std::fs::write(folder.path().join(&deep).join("d/file"), "x").unwrap();
        let opened = Folder::open(folder.path()).unwrap();
        assert_eq!(opened.files(), [deep + "file"]);
        assert_eq!(opened.odd().iter().map(|odd| odd.what).collect::<Vec<_>>(), [Oddity::TooDeep]);
    }

    #[test]
    fn a_file_and_nothing_are_no_folders() {
        let folder = folder();
        assert!(matches!(Folder::open(&folder.path().join("a")), Err(SourceError::NotFound(_))));
        assert!(matches!(Folder::open(&folder.path().join("none")), Err(SourceError::NotFound(_))));
    }
}
