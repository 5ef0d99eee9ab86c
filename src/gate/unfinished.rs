//! Files and folders that are being written and are not yet in their place. They go when they are dropped; and a program that
//! is told to end takes them away first ([`remove_all`]), for nothing is dropped then.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// How outputs are called while they are being written, up to the part that chance gives.
pub(super) const PREFIX: &str = ".coldload-";

static ALL: Mutex<Vec<PathBuf>> = Mutex::new(Vec::new());

/// Says that something is unfinished, for as long as this lives.
#[derive(Debug)]
pub(super) struct Unfinished(PathBuf);

impl Unfinished {
    /// What `make` makes, a temporary file or folder, and that it is unfinished.
    pub fn new<T: AsRef<Path>>(make: impl FnOnce() -> io::Result<T>) -> io::Result<(T, Unfinished)> {
        let mut all = all();
        let made = make()?;
        let path = made.as_ref().to_owned();
        all.push(path.clone());
        Ok((made, Unfinished(path)))
    }

    /// Lets `rename` put it in its place. What is being taken away is renamed no more.
    pub fn settle(self, rename: impl FnOnce() -> io::Result<()>) -> io::Result<()> {
        let held = all();
        let renamed = rename();
        drop(held);
        renamed
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        all().retain(|path| *path != self.0);
    }
}

/// Takes away all that is unfinished. From then on nothing is begun and nothing put in its place: who asks for it waits for
/// the end of the process.
pub(crate) fn remove_all() {
    let all = all();
    for path in all.iter() {
        // A folder into which something is written just now can be full again: a few times will do.
        for _ in 0..8 {
            let removed = if path.is_dir() { std::fs::remove_dir_all(path) } else { std::fs::remove_file(path) };
            if removed.is_ok() || path.symlink_metadata().is_err() {
                break;
            }
        }
    }
    std::mem::forget(all);
}

fn all() -> MutexGuard<'static, Vec<PathBuf>> {
    ALL.lock().unwrap_or_else(PoisonError::into_inner)
}
