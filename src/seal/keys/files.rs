//! Writing key files: never over one that exists, and secrets for their owner's eyes only.

use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};

/// What is added to a key's path for its public half.
pub const PUBLIC_SUFFIX: &str = ".pub";

/// Writes a private key to `path` (mode 0600) and its public half to `path.pub` (mode 0644), and gives the latter path.
///
/// An error of the kind `AlreadyExists` means that one of the two is there; then neither is written. What could not be
/// written as a whole is removed again.
pub fn write_pair(path: &Path, secret: &str, public: &str) -> std::io::Result<PathBuf> {
    let mut name = path.as_os_str().to_owned();
    name.push(PUBLIC_SUFFIX);
    let public_path = PathBuf::from(name);
    // the public half first: a file at its place is met before there is a secret on the disk
    write(&public_path, public, 0o644)?;
    write(path, secret, 0o600).inspect_err(|_| remove(&public_path))?;
    Ok(public_path)
}

/// Writes a shared secret to `path` (mode 0600), where no file may be.
pub fn write_secret(path: &Path, secret: &str) -> std::io::Result<()> {
    write(path, secret, 0o600)
}

fn write(path: &Path, text: &str, mode: u32) -> std::io::Result<()> {
    let mut file = create(path, mode)?;
    let written = file.write_all(text.as_bytes()).and_then(|()| file.sync_all());
    written.inspect_err(|_| remove(path))
}

#[cfg(unix)]
fn create(path: &Path, mode: u32) -> std::io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt;
    OpenOptions::new().write(true).create_new(true).mode(mode).open(path)
}

#[cfg(not(unix))]
fn create(path: &Path, _mode: u32) -> std::io::Result<File> {
    OpenOptions::new().write(true).create_new(true).open(path)
}

/// Takes back a file that was just made here. The error that led here is the one to report, not a second one.
fn remove(path: &Path) {
    let _ = std::fs::remove_file(path);
}

#[cfg(unix)]
#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn a_secret_is_for_its_owner_and_its_public_half_for_all() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key");
        let public = write_pair(&path, "secret", "public").unwrap();
        assert_eq!(public, folder.path().join("key.pub"));
        assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(public.metadata().unwrap().permissions().mode() & 0o133, 0);
        assert_eq!(std::fs::read_to_string(path).unwrap(), "secret");
        assert_eq!(std::fs::read_to_string(public).unwrap(), "public");
    }

    #[test]
    fn nothing_is_written_over_a_file_or_beside_one() {
        for there in ["key", "key.pub"] {
            let folder = tempfile::tempdir().unwrap();
            std::fs::write(folder.path().join(there), "old").unwrap();
            let error = write_pair(&folder.path().join("key"), "secret", "public").unwrap_err();
            assert_eq!(error.kind(), std::io::ErrorKind::AlreadyExists);
            assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
            assert_eq!(std::fs::read_to_string(folder.path().join(there)).unwrap(), "old");
        }
    }

    #[test]
    fn a_link_is_not_followed() {
        let folder = tempfile::tempdir().unwrap();
        std::os::unix::fs::symlink(folder.path().join("target"), folder.path().join("key")).unwrap();
        assert!(write_secret(&folder.path().join("key"), "secret").is_err());
        assert!(!folder.path().join("target").exists());
    }
}
