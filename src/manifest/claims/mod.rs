//! The claims of a manifest: the signer's word, which a report shows as "claimed" and never as a fact.
//!
//! `environment@1`, `provenance@1` and `digests@1` are decoded strictly, and one that breaks its rules refuses the manifest;
//! statements of other names are kept, and checked by nothing (`docs/seal.md`). There are no floats: values are texts.

mod digests;
mod environment;
mod provenance;

pub use digests::FileDigest;
pub use environment::{Environment, Lock, Package, Packages, Pin, Platform, Python};
pub(super) use environment::{MAX_LINE, MAX_PACKAGES};
pub use provenance::{CiRun, DataSet, Provenance, SourceCommit, is_commit, is_key};

use super::{FileEntry, ManifestError};
use ciborium::Value;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::collections::BTreeMap;

pub(super) const DIGESTS: &str = "digests@1";
pub(super) const ENVIRONMENT: &str = "environment@1";
pub(super) const PROVENANCE: &str = "provenance@1";

/// Claims that this build reads. Nothing derives them, so none of them may be critical.
pub const CLAIMS: &[&str] = &[DIGESTS, ENVIRONMENT, PROVENANCE];

/// What the signer says, and nothing checks.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Claims {
    /// `environment@1`: where the model was made.
    pub environment: Option<Environment>,
    /// `provenance@1`: what it was made from.
    pub provenance: Option<Provenance>,
    /// `digests@1`: the SHA-256 of each file as a whole, in the order of the files.
    pub digests: Option<Vec<FileDigest>>,
    /// Statements of rules that this build does not have. They are kept, and read by nothing.
    pub unknown: BTreeMap<String, Value>,
}

impl Claims {
    /// Whether a name is that of `digests@1`.
    pub(super) fn is_digests(name: &str) -> bool {
        name == DIGESTS
    }

    /// Names of all statements, sorted.
    pub fn names(&self) -> Vec<&str> {
        let known = [
            self.digests.as_ref().map(|_| DIGESTS),
            self.environment.as_ref().map(|_| ENVIRONMENT),
            self.provenance.as_ref().map(|_| PROVENANCE),
        ];
        let mut names: Vec<&str> = known.into_iter().flatten().chain(self.unknown.keys().map(String::as_str)).collect();
        names.sort_unstable();
        names
    }

    /// Checks the rules of every claim that is known. `unknown` holds none of these names.
    pub(super) fn validate(&self, files: &[FileEntry]) -> Result<(), ManifestError> {
        let of = |name| move |fault| ManifestError::Claim { name, fault };
        self.environment.as_ref().map_or(Ok(()), Environment::validate).map_err(of(ENVIRONMENT))?;
        self.provenance.as_ref().map_or(Ok(()), Provenance::validate).map_err(of(PROVENANCE))?;
        self.digests.as_deref().map_or(Ok(()), |digests| digests::validate(digests, files)).map_err(of(DIGESTS))
    }
}

/// Which rule of its own a claim breaks. Texts are escaped.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ClaimFault {
    /// A text is empty, too long, or holds a character that could change how a reader sees it.
    #[error("{field} is empty, longer than {most} bytes, or has a control character")]
    Text {
        /// Which text.
        field: &'static str,
        /// Its longest, in bytes.
        most: usize,
    },
    /// A list is not sorted, or names something twice.
    #[error("{0} are not sorted, each once")]
    Order(&'static str),
    /// A list is too long.
    #[error("there are more than {most} {field}")]
    Many {
        /// Which list.
        field: &'static str,
        /// Its longest.
        most: usize,
    },
    /// A package's name is not written as PEP 503 normalises it.
    #[error("\"{0}\" is no normalised name of a package")]
    Package(String),
    /// A commit is not 40 or 64 hexadecimal digits.
    #[error("\"{0}\" is no commit")]
    Commit(String),
    /// An annotation's key, or a metric's name, has other characters than letters, digits, `.`, `_` and `-`.
    #[error("\"{0}\" is no key: letters, digits, '.', '_' and '-', at most 64")]
    Key(String),
    /// `digests@1` does not speak of exactly the manifest's files.
    #[error("it does not speak of the files of the manifest, in their order")]
    Files,
    /// A file of one chunk has one digest, and two are given.
    #[error("the digest of \"{0}\" is not the one of its only chunk")]
    Digest(String),
}

/// A SHA-256 digest: 32 bytes in a manifest, 64 hexadecimal digits in a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sha256(pub [u8; 32]);

impl std::fmt::Display for Sha256 {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl Serialize for Sha256 {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() { serializer.collect_str(self) } else { serializer.serialize_bytes(&self.0) }
    }
}

impl<'de> Deserialize<'de> for Sha256 {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Sha256, D::Error> {
        serde_bytes::ByteArray::<32>::deserialize(deserializer).map(|bytes| Sha256(bytes.into_array()))
    }
}

/// A text of at least one byte and at most `most`, without control characters and invisible ones.
fn text(field: &'static str, text: &str, most: usize) -> Result<(), ClaimFault> {
    let fits = !text.is_empty() && text.len() <= most && !text.chars().any(crate::reason::is_unsafe);
    if fits { Ok(()) } else { Err(ClaimFault::Text { field, most }) }
}

/// A list that is not too long, whose items come in order, each once.
fn sorted<T>(field: &'static str, items: &[T], most: usize, before: fn(&T, &T) -> bool) -> Result<(), ClaimFault> {
    if items.len() > most {
        return Err(ClaimFault::Many { field, most });
    }
    if items.is_sorted_by(before) { Ok(()) } else { Err(ClaimFault::Order(field)) }
}
