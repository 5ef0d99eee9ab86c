//! `provenance@1`: from what, and by whom, a model was made.

use super::{ClaimFault, Sha256, sorted, text};
use crate::reason::escape;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Longest text, in bytes.
const MAX_TEXT: usize = 1000;
/// Longest key of an annotation or a metric, in bytes.
const MAX_KEY: usize = 64;
/// Most annotations, metrics and data sets, each.
const MAX_ITEMS: usize = 1000;

/// From what a model was made, as its signer says.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Provenance {
    /// The tool that wrote this statement, and its version.
    pub tool: String,
    /// The commit of the source.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<SourceCommit>,
    /// The run of a pipeline.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ci: Option<CiRun>,
    /// SHA-256 of the manifest of the model that this one follows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<Sha256>,
    /// Data that it was trained on, sorted by name, each once.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub data: Vec<DataSet>,
    /// Measures, as texts.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub metrics: BTreeMap<String, String>,
    /// Whatever else the signer wants to say.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub annotations: BTreeMap<String, String>,
}

/// The commit of a source.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SourceCommit {
    /// 40 or 64 hexadecimal digits.
    pub commit: String,
    /// How this is known: `git`, the files of the repository around the working directory.
    pub found: String,
}

/// A run of a pipeline, as its variables told it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CiRun {
    /// `github`, `gitlab`, `buildkite`, `jenkins`.
    pub system: String,
    /// Where the run can be looked at.
    pub run: String,
    /// The repository, as the system writes it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub repository: Option<String>,
    /// The commit that it ran for: 40 or 64 hexadecimal digits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub commit: Option<String>,
}

/// Data that a model was trained on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DataSet {
    /// What the signer calls it.
    pub name: String,
    /// Its SHA-256.
    pub sha256: Sha256,
}

impl Provenance {
    pub(super) fn validate(&self) -> Result<(), ClaimFault> {
        text("tool", &self.tool, MAX_TEXT)?;
        if let Some(SourceCommit { commit, found }) = &self.source {
            commit_of(commit)?;
            text("source.found", found, MAX_TEXT)?;
        }
        if let Some(CiRun { system, run, repository, commit }) = &self.ci {
            text("ci.system", system, MAX_TEXT)?;
            text("ci.run", run, MAX_TEXT)?;
            repository.as_deref().map_or(Ok(()), |repository| text("ci.repository", repository, MAX_TEXT))?;
            commit.as_deref().map_or(Ok(()), commit_of)?;
        }
        sorted("data sets", &self.data, MAX_ITEMS, |a, b| a.name < b.name)?;
        self.data.iter().try_for_each(|data| text("a data set's name", &data.name, MAX_TEXT))?;
        keyed("metrics", "a metric", &self.metrics)?;
        keyed("annotations", "an annotation", &self.annotations)
    }
}

/// Whether a text is a commit: 40 or 64 hexadecimal digits, in lower case.
pub fn is_commit(text: &str) -> bool {
    matches!(text.len(), 40 | 64) && text.bytes().all(|digit| matches!(digit, b'0'..=b'9' | b'a'..=b'f'))
}

/// Whether a text may be the key of an annotation.
pub fn is_key(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
    (1..=MAX_KEY).contains(&text.len()) && text.bytes().all(plain)
}

fn commit_of(commit: &str) -> Result<(), ClaimFault> {
    if is_commit(commit) { Ok(()) } else { Err(ClaimFault::Commit(escape(commit))) }
}

fn keyed(field: &'static str, one: &'static str, items: &BTreeMap<String, String>) -> Result<(), ClaimFault> {
    if items.len() > MAX_ITEMS {
        return Err(ClaimFault::Many { field, most: MAX_ITEMS });
    }
    items.iter().try_for_each(
        |(key, value)| {
            if is_key(key) { text(one, value, MAX_TEXT) } else { Err(ClaimFault::Key(escape(key))) }
        },
    )
}
