//! Environments as files and interpreters tell them: lock files, names (PEP 503) and versions (PEP 440) of packages.
//!
//! Everything here reads text that somebody else wrote: it is bounded, nothing in it is followed or run, and no credential
//! that stands in an address comes out of it.

mod address;
mod compare;
mod lock;
mod requirements;
#[cfg(test)]
mod tests;
mod version;

pub use address::without_credentials;
pub use compare::{Contradiction, Found, contradiction, found};
pub use lock::{LockError, LockFault, MAX_FILE, read};
pub use requirements::LineFault;
pub use version::agree;

/// A package's name as PEP 503 normalises it: in lower case, each run of `-`, `_` and `.` as one `-`. Nothing if it is no
/// name (PEP 508: letters and digits, and between them `-`, `_`, `.`).
///
/// ```
/// use coldload::manifest::environment::normalised;
/// assert_eq!(normalised("Scikit_Learn").as_deref(), Some("scikit-learn"));
/// assert_eq!(normalised("scikit-learn-"), None);
/// ```
pub fn normalised(name: &str) -> Option<String> {
    let (first, last) = (name.chars().next()?, name.chars().next_back()?);
    if !first.is_ascii_alphanumeric() || !last.is_ascii_alphanumeric() {
        return None;
    }
    let mut out = String::with_capacity(name.len());
    for c in name.chars() {
        match c {
            '-' | '_' | '.' if out.ends_with('-') => {}
            '-' | '_' | '.' => out.push('-'),
            c if c.is_ascii_alphanumeric() => out.push(c.to_ascii_lowercase()),
            _ => return None,
        }
    }
    Some(out)
}

/// Whether a name is as [`normalised`] gives it.
pub fn is_normalised(name: &str) -> bool {
    normalised(name).is_some_and(|normal| normal == name)
}
