//! The core of a manifest as it is written, before its rules are checked. Which order the fields have here does not
//! matter: [`super::cbor`] sorts them.

use super::{Time, cbor, document::FileEntry, error::ManifestError};
use crate::bytes::ChunkTable;
use crate::reason::escape;
use ciborium::Value;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The fields of the core.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Core {
    pub(super) format: String,
    pub(super) name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) version: Option<String>,
    pub(super) sequence: u64,
    pub(super) created: Time,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) expires: Option<Time>,
    pub(super) files: Vec<File>,
    pub(super) observed: BTreeMap<String, Value>,
    pub(super) claims: BTreeMap<String, Value>,
    pub(super) critical: Vec<String>,
}

/// One file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct File {
    path: String,
    size: u64,
    #[serde(with = "serde_bytes")]
    chunks: Vec<u8>,
}

impl From<&FileEntry> for File {
    fn from(entry: &FileEntry) -> File {
        File { path: entry.path.clone(), size: entry.table.size(), chunks: entry.table.digests().to_vec() }
    }
}

impl TryFrom<File> for FileEntry {
    type Error = ManifestError;

    fn try_from(file: File) -> Result<FileEntry, ManifestError> {
        let File { path, size, chunks } = file;
        let digests = chunks.len();
        match ChunkTable::new(size, chunks) {
            Some(table) => Ok(FileEntry { path, table }),
            None => Err(ManifestError::Chunks { path: escape(&path), size, digests }),
        }
    }
}

/// Takes a statement that this build knows out of the others.
pub(super) fn take<T: serde::de::DeserializeOwned>(
    statements: &mut BTreeMap<String, Value>,
    name: &'static str,
) -> Result<Option<T>, ManifestError> {
    let part = statements.remove(name).as_ref().map(cbor::part).transpose();
    part.map_err(|fault| ManifestError::Known { name, fault })
}
