//! What is said of one model: a verdict, what was checked and what was not, who vouches for it, and what it is.

use super::ReportError;
use crate::job::{Assurance, Observation};
use crate::manifest::{Environment, FileDigest, Labels, ModelFile, Observed, Provenance};
use crate::reason::{Code, Finding};
use serde::Serialize;

/// What became of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// Everything that was asked for holds.
    Accepted,
    /// Something does not hold; the reasons say what.
    Refused,
    /// Below a folder, and no model by its name and its first bytes.
    Skipped,
    /// It could not be judged, for a reason that is not in the file.
    Failed,
}

impl Verdict {
    /// The word in reports.
    pub const fn text(self) -> &'static str {
        match self {
            Verdict::Accepted => "accepted",
            Verdict::Refused => "refused",
            Verdict::Skipped => "skipped",
            Verdict::Failed => "failed",
        }
    }
}

/// How a check went.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Check {
    /// It holds.
    Passed,
    /// It does not.
    Failed,
    /// Nobody looked.
    #[default]
    NotChecked,
}

/// Every check that a report speaks of. What nobody looked at says so.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Checks {
    /// A trusted key signed the manifest.
    pub signature: Check,
    /// The seal is for the model that the verifier means.
    pub name: Check,
    /// The bytes are the ones that were sealed.
    pub digests: Check,
    /// Names, and what the file does with them; and that they are the ones that were sealed.
    pub content: Check,
    /// The estimator's own invariants.
    pub structure: Check,
    /// Class, features and labels are the ones that were sealed.
    pub schema: Check,
    /// The environment fits.
    pub environment: Check,
    /// No newer model of this name was accepted before.
    pub rollback: Check,
}

/// A signature or MAC of a seal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Signer {
    /// The algorithm, such as `ed25519`.
    pub kind: String,
    /// The key's id, in hexadecimal digits.
    pub id: String,
    /// What the verifier calls the key: the stem of its file.
    pub name: Option<String>,
    /// Whether the verifier trusts the key. One that is not trusted counts for nothing.
    pub trusted: bool,
}

/// What a model is: its identity, from the seal, and its nature, from the bytes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ModelInfo {
    /// The name under which it was sealed.
    pub name: Option<String>,
    /// The version under which it was sealed.
    pub version: Option<String>,
    /// The sequence number of the seal.
    pub sequence: Option<u64>,
    /// `module.qualname`, as in the file.
    pub class: Option<String>,
    /// `classifier`, `regressor`, …
    pub task: Option<String>,
    /// `pickle` or `joblib`.
    pub format: Option<String>,
    /// Compressors, outermost first.
    pub compressors: Vec<String>,
    /// Every scikit-learn version that the file names.
    pub sklearn_versions: Vec<String>,
    /// Features that it takes.
    pub n_features_in: Option<u64>,
    /// Labels that it gives.
    pub classes: Option<Labels>,
    /// Short facts, such as `100 trees`.
    pub facts: Vec<String>,
    /// Number of models, if it is a folder with several of them. What differs between them is left out.
    pub models: Option<u64>,
}

impl ModelInfo {
    /// The nature of a model, from its bytes; the identity is the seal's to say.
    pub fn observed(observation: &Observation) -> ModelInfo {
        let Observed { content, schema } = &observation.observed;
        ModelInfo {
            class: schema.class.clone(),
            task: observation.summary.task.clone(),
            format: Some(content.format.clone()),
            compressors: content.compressors.clone(),
            sklearn_versions: schema.sklearn_versions.clone(),
            n_features_in: schema.n_features_in,
            classes: schema.classes.clone(),
            facts: observation.summary.facts.clone(),
            ..ModelInfo::default()
        }
    }

    /// The nature of the models in a folder: of the only one, or what several have in common.
    pub fn several(models: &[&Observation]) -> ModelInfo {
        if let [model] = models {
            return ModelInfo::observed(model);
        }
        fn common<T: PartialEq>(mut of_each: impl Iterator<Item = Option<T>>) -> Option<T> {
            let first = of_each.next()??;
            of_each.all(|other| other.as_ref() == Some(&first)).then_some(first)
        }
        let content = |model: &&Observation| model.observed.content.clone();
        let versions: std::collections::BTreeSet<String> =
            models.iter().flat_map(|model| model.observed.schema.sklearn_versions.clone()).collect();
        ModelInfo {
            class: common(models.iter().map(|model| model.observed.schema.class.clone())),
            task: common(models.iter().map(|model| model.summary.task.clone())),
            format: common(models.iter().map(|model| Some(content(model).format))),
            compressors: common(models.iter().map(|model| Some(content(model).compressors))).unwrap_or_default(),
            sklearn_versions: versions.into_iter().collect(),
            n_features_in: common(models.iter().map(|model| model.observed.schema.n_features_in)),
            models: Some(models.len() as u64),
            ..ModelInfo::default()
        }
    }
}

/// What `inspect` shows beyond the verdict.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Inspected {
    /// A model: all that was found in its bytes.
    Model(Box<Observation>),
    /// A seal: what it says. No key was asked whether it may.
    Seal(Box<SealFacts>),
}

/// What a seal says.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct SealFacts {
    /// The name of the model.
    pub name: Option<String>,
    /// Its version.
    pub version: Option<String>,
    /// Its sequence number.
    pub sequence: Option<u64>,
    /// When it was made, by the signer's clock, in RFC 3339.
    pub created: Option<String>,
    /// Until when it is valid, in RFC 3339.
    pub expires: Option<String>,
    /// The tool that made it.
    pub by: Option<String>,
    /// The files that it covers.
    pub files: Vec<SealedFile>,
    /// What it says about the bytes of a single file, to be derived again and compared.
    pub observed: Option<Observed>,
    /// The same of each model in a folder.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub models: Option<Vec<ModelFile>>,
    /// Names of its statements that are only the signer's word.
    pub claims: Vec<String>,
    /// Names of the statements that a verifier must know.
    pub critical: Vec<String>,
    /// What the claims say, those that this version reads.
    pub statements: ClaimedStatements,
}

/// What a seal claims: the signer's word.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct ClaimedStatements {
    /// Where the model was made.
    #[serde(rename = "environment@1", skip_serializing_if = "Option::is_none")]
    pub environment: Option<Environment>,
    /// From what it was made.
    #[serde(rename = "provenance@1", skip_serializing_if = "Option::is_none")]
    pub provenance: Option<Provenance>,
    /// SHA-256 of each file.
    #[serde(rename = "digests@1", skip_serializing_if = "Option::is_none")]
    pub digests: Option<Vec<FileDigest>>,
}

/// A file that a seal covers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SealedFile {
    /// `.` for a single file, else the path below the folder.
    pub path: String,
    /// Its bytes.
    pub size: u64,
}

/// What is said of one model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResultEntry {
    /// The path, as it was named or found.
    pub path: String,
    /// Its bytes.
    pub size: Option<u64>,
    /// The verdict.
    pub verdict: Verdict,
    /// Why it could not be judged; with [`Verdict::Failed`] only.
    pub error: Option<ReportError>,
    /// How sure the verdict is; with [`Verdict::Accepted`] only.
    pub assurance: Option<Assurance>,
    /// What it is.
    pub model: ModelInfo,
    /// Who sealed it.
    pub signers: Vec<Signer>,
    /// How each check went.
    pub checks: Checks,
    /// Why it was refused.
    pub reasons: Vec<Finding>,
    /// Reasons beyond those, which were counted only.
    pub more: u64,
    /// What was checked, for a person: `signature`, `1 file of 27474 bytes`, …
    pub checked: Vec<String>,
    /// What was not, and why not: `rollback (no state)`, …
    pub not_checked: Vec<String>,
    /// What is only the signer's word.
    pub claimed: Vec<String>,
    /// What the user should be told besides.
    pub notes: Vec<String>,
    /// What `inspect` shows besides.
    pub inspected: Option<Inspected>,
    /// What the seal beside a model says, if `inspect` found one. No key was asked whether it may.
    pub seal: Option<Box<SealFacts>>,
    /// Time it took.
    pub milliseconds: u64,
}

impl ResultEntry {
    fn new(path: impl Into<String>, verdict: Verdict) -> ResultEntry {
        ResultEntry {
            path: path.into(),
            size: None,
            verdict,
            error: None,
            assurance: None,
            model: ModelInfo::default(),
            signers: Vec::new(),
            checks: Checks::default(),
            reasons: Vec::new(),
            more: 0,
            checked: Vec::new(),
            not_checked: Vec::new(),
            claimed: Vec::new(),
            notes: Vec::new(),
            inspected: None,
            seal: None,
            milliseconds: 0,
        }
    }

    /// An accepted model.
    pub fn accepted(path: impl Into<String>, assurance: Assurance, model: ModelInfo) -> ResultEntry {
        ResultEntry { assurance: Some(assurance), model, ..ResultEntry::new(path, Verdict::Accepted) }
    }

    /// A seal that could be read; whether to believe it is another question.
    pub fn seal(path: impl Into<String>, model: ModelInfo, facts: SealFacts) -> ResultEntry {
        let inspected = Some(Inspected::Seal(Box::new(facts)));
        ResultEntry { model, inspected, ..ResultEntry::new(path, Verdict::Accepted) }
    }

    /// A refused model. `more` findings were counted, but are not among the reasons.
    pub fn refused(path: impl Into<String>, reasons: Vec<Finding>, more: u64) -> ResultEntry {
        ResultEntry { reasons, more, ..ResultEntry::new(path, Verdict::Refused) }
    }

    /// A file below a folder that is no model.
    pub fn skipped(path: impl Into<String>) -> ResultEntry {
        ResultEntry::new(path, Verdict::Skipped)
    }

    /// A file that could not be judged.
    pub fn failed(path: impl Into<String>, error: impl Into<ReportError>) -> ResultEntry {
        ResultEntry { error: Some(error.into()), ..ResultEntry::new(path, Verdict::Failed) }
    }

    /// Whether a reason has this code.
    pub fn has(&self, code: Code) -> bool {
        self.reasons.iter().any(|reason| reason.code == code)
    }
}
