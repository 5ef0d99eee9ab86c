//! `digests@1`: the plain SHA-256 of each file, so that other tools can compare it.
//!
//! The manifest pins a file by the digests of its chunks, which are compared. A file of at most one chunk has the same digest
//! twice: there the claim is held to the chunk's, and so is as sure. That of a longer file is the signer's word.

use super::{ClaimFault, Sha256};
use crate::bytes::Hasher;
use crate::manifest::FileEntry;
use crate::reason::escape;
use serde::{Deserialize, Serialize};

/// The digest of one file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FileDigest {
    /// Its path, as among the files of the manifest.
    pub path: String,
    /// SHA-256 of all of it.
    pub sha256: Sha256,
}

impl FileEntry {
    /// The SHA-256 of the whole file, if its table says it: a file of at most one chunk has no other digest.
    pub fn whole_digest(&self) -> Option<Sha256> {
        match self.table.digests() {
            [] => Some(Sha256(Hasher::digest(b""))),
            only => only.try_into().ok().map(Sha256),
        }
    }
}

pub(super) fn validate(digests: &[FileDigest], files: &[FileEntry]) -> Result<(), ClaimFault> {
    if !digests.iter().map(|digest| &digest.path).eq(files.iter().map(|file| &file.path)) {
        return Err(ClaimFault::Files);
    }
    let differs = |(digest, file): &(&FileDigest, &FileEntry)| {
        file.whole_digest().is_some_and(|of_table| of_table != digest.sha256)
    };
    match digests.iter().zip(files).find(differs) {
        Some((digest, _)) => Err(ClaimFault::Digest(escape(&digest.path))),
        None => Ok(()),
    }
}
