//! Where a key comes from: `-k FILE`, `-k env:NAME`, `-k fd:N`.
//!
//! A file that others may write is refused, for they choose the key. One that others may read is read, with a warning that
//! matters only if the key is secret: volumes that Kubernetes mounts are like this.

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

/// Most bytes that are read for one key.
const MAX_BYTES: usize = 64 << 10;

/// Where a key comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeySource {
    /// A file.
    File(PathBuf),
    /// An environment variable that holds the PEM text itself.
    Variable(OsString),
    /// A descriptor that the caller opened.
    Descriptor(u32),
}

/// A key's text as it was read.
pub struct KeyText {
    /// The PEM text, wiped when it is no longer needed.
    pub text: Zeroizing<Vec<u8>>,
    /// What others may do with the file that it was read from. To be shown if the key is secret.
    pub exposure: Option<Exposure>,
}

impl std::fmt::Debug for KeyText {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("KeyText").field("exposure", &self.exposure).finish_non_exhaustive()
    }
}

/// A warning about a key file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exposure {
    /// Users other than the owner may read it.
    OthersMayRead {
        /// The file's permission bits.
        mode: u32,
    },
}

impl std::fmt::Display for Exposure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Exposure::OthersMayRead { mode } = self;
        write!(f, "others may read this key (mode {mode:04o})")
    }
}

/// Why a key could not be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SourceError {
    /// `env:` without a name that a variable can have.
    #[error("a variable is named like this: env:COLDLOAD_KEY")]
    VariableName,
    /// `fd:` without a number.
    #[error("a descriptor is named like this: fd:3")]
    DescriptorNumber,
    /// The file, or the descriptor, is not there.
    #[error("the key is not there")]
    NotFound,
    /// The variable is not set, or empty.
    #[error("the variable is not set")]
    NotSet,
    /// It could not be read.
    #[error("the key could not be read: {0}")]
    Io(std::io::Error),
    /// More than 64 KiB.
    #[error("a key has at most {MAX_BYTES} bytes")]
    TooLarge,
    /// Whoever may write the file chooses the key.
    #[error("others may write this key (mode {mode:04o})")]
    OthersMayWrite {
        /// The file's permission bits.
        mode: u32,
    },
}

impl KeySource {
    /// The source that an option names. A file whose name begins with `env:` or `fd:` is written `./env:…`.
    pub fn from_option(text: &OsStr) -> Result<KeySource, SourceError> {
        let Some(known) = text.to_str() else { return Ok(KeySource::File(text.into())) };
        if let Some(name) = known.strip_prefix("env:") {
            let named = !name.is_empty() && !name.contains(['=', '\0']);
            return if named { Ok(KeySource::Variable(name.into())) } else { Err(SourceError::VariableName) };
        }
        if let Some(number) = known.strip_prefix("fd:") {
            let digits = number.bytes().all(|byte| byte.is_ascii_digit());
            let number = number.parse().ok().filter(|_| digits);
            return number.map(KeySource::Descriptor).ok_or(SourceError::DescriptorNumber);
        }
        Ok(KeySource::File(text.into()))
    }

    /// A name for people: the file's name without its ending, or the source as it was written.
    pub fn name(&self) -> String {
        match self {
            KeySource::File(path) => path.file_stem().unwrap_or(path.as_os_str()).to_string_lossy().into_owned(),
            other => other.to_string(),
        }
    }

    /// Reads the key's text.
    pub fn read(&self) -> Result<KeyText, SourceError> {
        match self {
            KeySource::File(path) => read_file(path),
            KeySource::Variable(name) => read_variable(name),
            KeySource::Descriptor(number) => read_file(Path::new(&format!("{DESCRIPTORS}/{number}"))),
        }
    }
}

impl std::fmt::Display for KeySource {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            KeySource::File(path) => write!(f, "{}", path.display()),
            KeySource::Variable(name) => write!(f, "env:{}", name.display()),
            KeySource::Descriptor(number) => write!(f, "fd:{number}"),
        }
    }
}

/// Where a process finds its own descriptors. `/dev/fd` is a link to the first on Linux, and missing in small containers.
const DESCRIPTORS: &str = if cfg!(target_os = "linux") { "/proc/self/fd" } else { "/dev/fd" };

fn read_variable(name: &OsStr) -> Result<KeyText, SourceError> {
    let value = std::env::var_os(name).filter(|value| !value.is_empty()).ok_or(SourceError::NotSet)?;
    let text = Zeroizing::new(value.into_encoded_bytes());
    if text.len() > MAX_BYTES { Err(SourceError::TooLarge) } else { Ok(KeyText { text, exposure: None }) }
}

fn read_file(path: &Path) -> Result<KeyText, SourceError> {
    let file = File::open(path).map_err(io)?;
    // the permissions of what was opened, not of what the path leads to by now
    let exposure = exposure(&file.metadata().map_err(io)?)?;
    // with room for all from the start, so that no smaller buffer is left behind
    let mut text = Zeroizing::new(Vec::with_capacity(MAX_BYTES.saturating_add(1)));
    let most = u64::try_from(MAX_BYTES).unwrap_or(u64::MAX).saturating_add(1);
    file.take(most).read_to_end(&mut text).map_err(io)?;
    if text.len() > MAX_BYTES { Err(SourceError::TooLarge) } else { Ok(KeyText { text, exposure }) }
}

fn io(error: std::io::Error) -> SourceError {
    if error.kind() == std::io::ErrorKind::NotFound { SourceError::NotFound } else { SourceError::Io(error) }
}

/// What others may do with a file. The owner's own group counts as the owner: with a umask of 002, as many distributions have
/// it, every file of a user may be written by the group of which that user is the only member, and which has the same number.
#[cfg(unix)]
fn exposure(file: &std::fs::Metadata) -> Result<Option<Exposure>, SourceError> {
    use std::os::unix::fs::MetadataExt;
    if !file.is_file() {
        return Ok(None);
    }
    let mode = file.mode() & 0o777;
    let others = if file.uid() == file.gid() { 0o007 } else { 0o077 };
    match (mode & others & 0o022, mode & others & 0o044) {
        (0, 0) => Ok(None),
        (0, _) => Ok(Some(Exposure::OthersMayRead { mode })),
        _ => Err(SourceError::OthersMayWrite { mode }),
    }
}

#[cfg(not(unix))]
fn exposure(_file: &std::fs::Metadata) -> Result<Option<Exposure>, SourceError> {
    Ok(None)
}

#[cfg(unix)]
#[cfg(test)]
mod tests {
    use super::*;
    use std::os::fd::AsRawFd;
    use std::os::unix::fs::PermissionsExt;

    fn option(text: &str) -> Result<KeySource, SourceError> {
        KeySource::from_option(OsStr::new(text))
    }

    fn key_file(mode: u32, length: usize) -> tempfile::NamedTempFile {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), vec![b'k'; length]).unwrap();
        std::fs::set_permissions(file.path(), std::fs::Permissions::from_mode(mode)).unwrap();
        file
    }

    #[test]
    fn an_option_names_a_file_a_variable_or_a_descriptor() {
        assert_eq!(option("keys/ci.pub").unwrap(), KeySource::File("keys/ci.pub".into()));
        assert_eq!(option("./env:A").unwrap(), KeySource::File("./env:A".into()));
        assert_eq!(option("env:A").unwrap(), KeySource::Variable("A".into()));
        assert_eq!(option("fd:63").unwrap(), KeySource::Descriptor(63));
        assert!(matches!(option("env:"), Err(SourceError::VariableName)));
        assert!(matches!(option("env:A=B"), Err(SourceError::VariableName)));
        for wrong in ["fd:", "fd:-1", "fd:+1", "fd:x", "fd:99999999999"] {
            assert!(matches!(option(wrong), Err(SourceError::DescriptorNumber)), "{wrong}");
        }
        assert_eq!(option("keys/ci.pub").unwrap().name(), "ci");
        assert_eq!(option("env:A").unwrap().name(), "env:A");
    }

    #[test]
    fn a_file_that_others_may_write_is_refused_and_one_that_they_may_read_is_not() {
        let read = |mode| KeySource::File(key_file(mode, 10).path().into()).read();
        assert_eq!(read(0o600).unwrap().exposure, None);
        assert_eq!(read(0o604).unwrap().exposure, Some(Exposure::OthersMayRead { mode: 0o604 }));
        assert!(matches!(read(0o602), Err(SourceError::OthersMayWrite { mode: 0o602 })));
        assert!(matches!(read(0o606), Err(SourceError::OthersMayWrite { mode: 0o606 })));
    }

    #[test]
    fn at_most_64_kib_are_read() {
        assert_eq!(KeySource::File(key_file(0o600, MAX_BYTES).path().into()).read().unwrap().text.len(), MAX_BYTES);
        let large = key_file(0o600, MAX_BYTES + 1);
        assert!(matches!(KeySource::File(large.path().into()).read(), Err(SourceError::TooLarge)));
        assert!(matches!(option("/dev/zero").unwrap().read(), Err(SourceError::TooLarge)));
    }

    #[test]
    fn a_descriptor_is_read() {
        let file = key_file(0o600, 10);
        let number = u32::try_from(file.as_raw_fd()).unwrap();
        assert_eq!(KeySource::Descriptor(number).read().unwrap().text.len(), 10);
        assert!(matches!(KeySource::Descriptor(9999).read(), Err(SourceError::NotFound)));
    }

    #[test]
    fn what_is_missing_is_said_to_be_missing() {
        assert!(matches!(option("no/such/key").unwrap().read(), Err(SourceError::NotFound)));
        assert!(matches!(option("env:COLDLOAD_NO_SUCH_VARIABLE").unwrap().read(), Err(SourceError::NotSet)));
        assert!(!option("env:PATH").unwrap().read().unwrap().text.is_empty());
        let shown = format!("{:?}", option("env:PATH").unwrap().read().unwrap());
        assert_eq!(shown, "KeyText { exposure: None, .. }");
    }
}
