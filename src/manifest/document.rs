//! The manifest itself, and the rules that its core obeys.

use super::error::{ManifestError, NameFault};
use super::{
    CLAIMS, Claims, Content, FORMAT, MAX_BYTES, MAX_FILES, ModelFile, SINGLE, Schema, Time, cbor, paths, wire,
};
use crate::bytes::ChunkTable;
use crate::calendar::DAY;
use crate::reason::escape;
use ciborium::Value;
use std::collections::BTreeMap;

/// Statements that this build derives from the bytes and compares. Only these may be critical.
pub const KNOWN: &[&str] = &[CONTENT, MODELS, SCHEMA];

pub(super) const CONTENT: &str = "content@1";
pub(super) const MODELS: &str = "models@1";
pub(super) const SCHEMA: &str = "schema@1";

/// Longest name or version, in bytes.
const MAX_NAME: usize = 200;

/// Longest name of a statement, in bytes.
const MAX_STATEMENT: usize = 64;

/// What a seal signs: which model this is, its bytes, and statements about them.
///
/// ```
/// use coldload::bytes::ChunkTable;
/// use coldload::manifest::{FileEntry, Manifest, SINGLE, Time};
/// let table = ChunkTable::of(&b"the bytes of a model"[..]).unwrap();
/// let created: Time = "2026-11-24T16:00:00Z".parse().unwrap();
/// let manifest = Manifest::new("churn", created, vec![FileEntry { path: SINGLE.to_owned(), table }], "coldload 0.1.0");
/// let bytes = manifest.encode().unwrap();
/// assert_eq!(Manifest::decode(&bytes).unwrap(), manifest);
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Manifest {
    /// The name that a verifier expects: 1 to 200 bytes without control characters.
    pub name: String,
    /// The model's version, of the same form.
    pub version: Option<String>,
    /// Grows from one seal of a name to the next; Unix seconds unless the signer gave it.
    pub sequence: u64,
    /// When it was made, as the signer says.
    pub created: Time,
    /// When it should no longer be used.
    pub expires: Option<Time>,
    /// The files, sorted by the bytes of their paths.
    pub files: Vec<FileEntry>,
    /// What was derived from the bytes.
    pub observed: Statements,
    /// What the signer says; nothing checks it.
    pub claims: Claims,
    /// Statements that a verifier must know, sorted.
    pub critical: Vec<String>,
}

/// One file of a model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileEntry {
    /// `.` for a model that is one file, else a relative path with `/` between its parts.
    pub path: String,
    /// Its size and the digests of its chunks.
    pub table: ChunkTable,
}

/// What was derived from the bytes, in the versions of the rules that the signer's tool had.
#[derive(Debug, Clone, PartialEq)]
pub struct Statements {
    /// The tool and its version, such as `coldload 0.1.0`.
    pub by: String,
    /// `content@1`.
    pub content: Option<Content>,
    /// `schema@1`.
    pub schema: Option<Schema>,
    /// `models@1`: what `content@1` and `schema@1` say of a file, of each model in a folder.
    pub models: Option<Vec<ModelFile>>,
    /// Statements of rules that this build does not have, such as `content@2`. They are kept, and checked by nothing.
    pub unknown: BTreeMap<String, Value>,
}

impl Manifest {
    /// A manifest with nothing in it but what every manifest has; its sequence is the time it was made.
    pub fn new(name: impl Into<String>, created: Time, files: Vec<FileEntry>, by: impl Into<String>) -> Manifest {
        Manifest {
            name: name.into(),
            version: None,
            sequence: created.seconds(),
            created,
            expires: None,
            files,
            observed: Statements { by: by.into(), content: None, schema: None, models: None, unknown: BTreeMap::new() },
            claims: Claims::default(),
            critical: Vec::new(),
        }
    }

    /// The bytes that are signed. What could not be decoded again is an error.
    pub fn encode(&self) -> Result<Vec<u8>, ManifestError> {
        self.validate()?;
        let bytes = cbor::encode(&wire::Core::of(self))?;
        if bytes.len() > MAX_BYTES { Err(ManifestError::TooLarge(bytes.len())) } else { Ok(bytes) }
    }

    /// Reads a manifest. The bytes must be exactly what [`Manifest::encode`] gives for it.
    pub fn decode(bytes: &[u8]) -> Result<Manifest, ManifestError> {
        if bytes.len() > MAX_BYTES {
            return Err(ManifestError::TooLarge(bytes.len()));
        }
        let core: wire::Core<'_> = cbor::read(bytes).map_err(|fault| wire::explain(bytes, fault))?;
        if core.format != FORMAT {
            return Err(ManifestError::Format(escape(&core.format)));
        }
        if core.files.len() > MAX_FILES {
            return Err(ManifestError::Files(core.files.len()));
        }
        let manifest = core.into_manifest()?;
        // the typed statements are part of what has to be written in one way only
        manifest.validate()?;
        cbor::compare(&wire::Core::of(&manifest), bytes)?;
        Ok(manifest)
    }

    /// Whether the model is a single file.
    pub fn is_single(&self) -> bool {
        matches!(self.files.as_slice(), [file] if file.path == SINGLE)
    }

    /// Names of the statements that nothing in this build checks: claims, and statements of other versions.
    pub fn not_checked(&self) -> Vec<&str> {
        self.observed.unknown.keys().map(String::as_str).chain(self.claims.names()).collect()
    }

    /// Names of the statements of rules that this build does not have.
    pub fn unknown(&self) -> Vec<&str> {
        self.observed.unknown.keys().chain(self.claims.unknown.keys()).map(String::as_str).collect()
    }

    /// Names of the claims that nothing compares with anything. Whole digests are no mere claim where every file is so short
    /// that its table gives them.
    pub fn claimed(&self) -> Vec<&str> {
        let compared = self.files.iter().all(|file| file.whole_digest().is_some());
        let mut names = self.claims.names();
        names.retain(|name| !(compared && Claims::is_digests(name)));
        names
    }

    /// Checks the manifest against the verifier's clock: it has not expired, and neither its sequence nor the time it says
    /// it was made is more than a day ahead.
    pub fn check_clock(&self, now: Time) -> Result<(), ManifestError> {
        let tomorrow = now.seconds().saturating_add(DAY);
        if self.sequence > tomorrow {
            return Err(ManifestError::Future { sequence: self.sequence, now });
        }
        if self.created.seconds() > tomorrow {
            return Err(ManifestError::CreatedLater { created: self.created, now });
        }
        match self.expires {
            Some(expires) if expires <= now => Err(ManifestError::Expired(expires)),
            _ => Ok(()),
        }
    }

    fn validate(&self) -> Result<(), ManifestError> {
        name(&self.name).map_err(ManifestError::Name)?;
        self.version.as_deref().map_or(Ok(()), name).map_err(ManifestError::Version)?;
        name(&self.observed.by).map_err(|_| ManifestError::By)?;
        if self.files.is_empty() {
            return Err(ManifestError::NoFiles);
        }
        if self.files.len() > MAX_FILES {
            return Err(ManifestError::Files(self.files.len()));
        }
        let all: Vec<&str> = self.files.iter().map(|file| file.path.as_str()).collect();
        paths::check(&all).map_err(|(place, fault)| ManifestError::Path {
            path: all.get(place).map_or_else(String::new, |path| escape(path)),
            fault,
        })?;
        self.validate_models()?;
        for statement in self.not_checked().into_iter().chain(self.critical.iter().map(String::as_str)) {
            if !is_statement(statement) {
                return Err(ManifestError::Statement(escape(statement)));
            }
        }
        // a statement that is known has its own field, as an observation or as a claim, never as the other
        let known = |statement: &&String| KNOWN.contains(&statement.as_str()) || CLAIMS.contains(&statement.as_str());
        match self.observed.unknown.keys().chain(self.claims.unknown.keys()).find(known) {
            Some(misplaced) => Err(ManifestError::Statement(escape(misplaced))),
            None => self.claims.validate(&self.files).and_then(|()| self.validate_critical()),
        }
    }

    /// A single file is spoken of by `content@1` and `schema@1`, a folder by `models@1`, in the order of the files.
    fn validate_models(&self) -> Result<(), ManifestError> {
        let Statements { content, schema, models, .. } = &self.observed;
        let single = self.is_single();
        if single && models.is_some() {
            return Err(ManifestError::Misplaced { statement: MODELS, of: "a folder" });
        }
        if !single && content.is_some() {
            return Err(ManifestError::Misplaced { statement: CONTENT, of: "a single file" });
        }
        if !single && schema.is_some() {
            return Err(ManifestError::Misplaced { statement: SCHEMA, of: "a single file" });
        }
        let mut files = self.files.iter();
        for model in models.iter().flatten() {
            // What is not there, stands twice or is out of order is not found among the files that are left.
            if !files.any(|file| file.path == model.path) {
                return Err(ManifestError::ModelFile(escape(&model.path)));
            }
        }
        Ok(())
    }

    fn validate_critical(&self) -> Result<(), ManifestError> {
        if !self.critical.is_sorted_by(|a, b| a < b) {
            return Err(ManifestError::CriticalOrder);
        }
        for statement in &self.critical {
            let there = match statement.as_str() {
                CONTENT => self.observed.content.is_some(),
                SCHEMA => self.observed.schema.is_some(),
                MODELS => self.observed.models.is_some(),
                _ => return Err(ManifestError::CriticalUnknown(escape(statement))),
            };
            if !there {
                return Err(ManifestError::CriticalMissing(escape(statement)));
            }
        }
        Ok(())
    }
}

fn name(text: &str) -> Result<(), NameFault> {
    match text {
        "" => Err(NameFault::Empty),
        long if long.len() > MAX_NAME => Err(NameFault::Long),
        odd if odd.chars().any(char::is_control) => Err(NameFault::Control),
        _ => Ok(()),
    }
}

/// Whether a text names a statement: `name@version`, the name of lower-case letters, digits and `-`, the version a number
/// from 1 up.
fn is_statement(text: &str) -> bool {
    let Some((name, version)) = text.split_once('@') else { return false };
    text.len() <= MAX_STATEMENT
        && name.starts_with(|c: char| c.is_ascii_lowercase())
        && name.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-'))
        && version.starts_with(|c: char| matches!(c, '1'..='9'))
        && version.bytes().all(|byte| byte.is_ascii_digit())
}
