//! What can be wrong with a manifest.

use super::{ClaimFault, MAX_BYTES, MAX_FILES, Time, cbor, paths::PathFault};
use crate::reason::Code;

/// Why a manifest is refused. Texts of the manifest are escaped.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ManifestError {
    /// More bytes than a manifest may have.
    #[error("the manifest has {0} bytes, more than the limit seal, {MAX_BYTES}")]
    TooLarge(usize),
    /// The bytes are no deterministic CBOR of the core's shape.
    #[error("the manifest does not follow its format: {0}")]
    Cbor(#[from] cbor::Fault),
    /// `format` is another one: a newer coldload wrote it, or something else.
    #[error("the manifest has the format \"{0}\", which this version does not read")]
    Format(String),
    /// The name can not be used.
    #[error("the model's name {0}")]
    Name(NameFault),
    /// The version can not be used.
    #[error("the model's version {0}")]
    Version(NameFault),
    /// No files.
    #[error("the manifest names no file")]
    NoFiles,
    /// Too many files.
    #[error("the manifest names {0} files; at most {MAX_FILES} are read")]
    Files(usize),
    /// A path can not be used.
    #[error("the path \"{path}\" is refused: {fault}")]
    Path {
        /// The path, escaped.
        path: String,
        /// What is wrong with it.
        fault: PathFault,
    },
    /// The number of chunk digests does not fit the size.
    #[error("the file \"{path}\" of {size} bytes has {digests} bytes of chunk digests")]
    Chunks {
        /// The path, escaped.
        path: String,
        /// Its size.
        size: u64,
        /// Bytes of digests.
        digests: usize,
    },
    /// A statement has no name of the form `content@1`.
    #[error("\"{0}\" is no name of a statement; they are written like content@1")]
    Statement(String),
    /// A statement about a single file stands in the seal of a folder, or the reverse.
    #[error("the statement {statement} is of {of}, and the seal is not")]
    Misplaced {
        /// Its name.
        statement: &'static str,
        /// What it is of.
        of: &'static str,
    },
    /// `models@1` speaks of a file that is not there, or speaks of files out of order.
    #[error("models@1 has the path \"{0}\", which is no file of the manifest, or out of order")]
    ModelFile(String),
    /// `observed.by` is missing, or a text that no name may be.
    #[error("the manifest does not say by which tool its content was observed")]
    By,
    /// A statement that this build knows has another shape.
    #[error("the statement {name} does not follow its format: {fault}")]
    Known {
        /// Its name.
        name: &'static str,
        /// What is wrong.
        fault: cbor::Fault,
    },
    /// A claim that this build reads breaks a rule of its own.
    #[error("the claim {name} does not follow its format: {fault}")]
    Claim {
        /// Its name.
        name: &'static str,
        /// What is wrong.
        fault: ClaimFault,
    },
    /// `critical` is not in order, or names one twice.
    #[error("the list of critical statements is not sorted, each once")]
    CriticalOrder,
    /// A critical statement is not there.
    #[error("the critical statement \"{0}\" is missing")]
    CriticalMissing(String),
    /// A critical statement that this build can not check.
    #[error("the critical statement \"{0}\" is not one that this version knows")]
    CriticalUnknown(String),
    /// It should not be used any more.
    #[error("the seal expired at {0}")]
    Expired(Time),
    /// The sequence is more than a day ahead of the clock.
    #[error("the sequence {sequence} is more than a day ahead of the clock, {now}")]
    Future {
        /// The sequence.
        sequence: u64,
        /// What the clock says.
        now: Time,
    },
    /// It says that it was made more than a day ahead of the clock.
    #[error("the seal says it was made at {created}, more than a day ahead of the clock, {now}")]
    CreatedLater {
        /// When it says it was made.
        created: Time,
        /// What the clock says.
        now: Time,
    },
}

/// Why a name or a version can not be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NameFault {
    /// No text at all.
    #[error("is empty")]
    Empty,
    /// More than 200 bytes.
    #[error("is longer than 200 bytes")]
    Long,
    /// A line end, an escape, or another control character.
    #[error("has a control character")]
    Control,
}

impl ManifestError {
    /// The reason code of the refusal.
    pub fn code(&self) -> Code {
        match self {
            ManifestError::Expired(_) => Code::Expired,
            ManifestError::TooLarge(_) => Code::LimitExceeded,
            _ => Code::ManifestInvalid,
        }
    }
}
