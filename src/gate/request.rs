//! What commands ask of the gate.

use crate::bytes::Limits;
use crate::job::{AnswerFormat, Job, Method, RowsFormat, Task};
use crate::sandbox::{Level, Sandbox};
use std::path::PathBuf;

/// What holds for every file that a command reads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// Which program reads the files.
    pub program: Sandbox,
    /// The walls around it.
    pub sandbox: Level,
    /// What a file may cost.
    pub limits: Limits,
    /// Names outside the vocabulary that the user allows, as `module.qualname`.
    pub allow: Vec<String>,
    /// Named sets of the vocabulary that the user turns on, such as `xgboost`.
    pub allow_sets: Vec<String>,
}

impl Options {
    /// A job under these options.
    pub(super) fn job(&self, task: Task) -> Job {
        Job { task, limits: self.limits.clone(), allow: self.allow.clone(), allow_sets: self.allow_sets.clone() }
    }
}

impl Default for Options {
    fn default() -> Options {
        Options {
            program: Sandbox::SelfExec,
            sandbox: Level::Required,
            limits: Limits::default(),
            allow: Vec::new(),
            allow_sets: Vec::new(),
        }
    }
}

/// Whom the verifier trusts: the holders of keys, or nobody but a digest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trust {
    /// Keys, as `-k` takes them: a path, `env:NAME` or `fd:N`. Never empty.
    Keys(Vec<String>),
    /// The file's SHA-256, as `sha256:` and 64 hexadecimal digits.
    Digest(String),
}

/// Models to verify.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifyRequest {
    /// The models. Never empty; one only where a name, a seal or a digest is given.
    pub models: Vec<PathBuf>,
    /// Whom to trust.
    pub trust: Trust,
    /// The name that the model must have been sealed under.
    pub name: Option<String>,
    /// Where the seal is, if not beside the model.
    pub seal: Option<PathBuf>,
    /// A new folder for a copy of what was checked; with one model only.
    pub copy_to: Option<PathBuf>,
}

/// What to scan.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ScanRequest {
    /// Files, folders and patterns.
    pub paths: Vec<PathBuf>,
    /// A list of more paths: a file with one a line, or `-` for standard input.
    pub files_from: Option<PathBuf>,
    /// Patterns of what is left out below folders, against the path below the folder and against the name.
    pub exclude: Vec<String>,
    /// Whether what is no model below a folder is refused, where it would be skipped.
    pub strict: bool,
}

/// Is told how many files are done, and of how many.
pub type Watch<'a> = dyn Fn(usize, usize) + Sync + 'a;

/// Two models to compare.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DiffRequest {
    /// The model that is there.
    pub before: PathBuf,
    /// The one that is to take its place.
    pub after: PathBuf,
}

/// A model whose data is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DumpRequest {
    /// The model.
    pub model: PathBuf,
    /// Where to write its data.
    pub output: PathBuf,
    /// In which form.
    pub form: crate::dump::Form,
}

/// Attacks on this program's own readers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FuzzRequest {
    /// What is attacked: one of [`crate::fuzz::names`].
    pub target: String,
    /// For how long.
    pub time: std::time::Duration,
    /// The same number makes the same inputs.
    pub seed: u64,
    /// A folder with more inputs to start from.
    pub seeds: Option<PathBuf>,
    /// The folder in which inputs are kept that something died of.
    pub output: PathBuf,
}

/// Hostile twins of a model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TwinsRequest {
    /// The model.
    pub model: PathBuf,
    /// A new folder for them.
    pub folder: PathBuf,
    /// How many.
    pub count: u32,
    /// The same number makes the same twins.
    pub seed: u64,
}

/// Inputs that were kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReplayRequest {
    /// What they are given to.
    pub target: String,
    /// The inputs. Never empty.
    pub inputs: Vec<PathBuf>,
}

/// A model to seal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignRequest {
    /// The model.
    pub model: PathBuf,
    /// Private keys, as `-k` takes them. Never empty.
    pub keys: Vec<String>,
    /// Its name; the file's stem if none is given.
    pub name: Option<String>,
    /// Its version.
    pub version: Option<String>,
    /// Its sequence number; Unix seconds if none is given.
    pub sequence: Option<u64>,
    /// Unix seconds from which the seal is no longer valid.
    pub expires: Option<u64>,
    /// Where to write the seal; beside the model if nowhere is given.
    pub output: Option<PathBuf>,
    /// Files that say what was installed where it was trained.
    pub env: Vec<PathBuf>,
    /// The interpreter with which it was trained; it is run, and asked what is installed.
    pub python: Option<PathBuf>,
    /// Annotations, as `KEY=VALUE`.
    pub meta: Vec<String>,
}

/// Why a model may be used at all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Warrant {
    /// Its seal, or its digest.
    Trusted {
        /// Whom to trust.
        trust: Trust,
        /// The name that the model must have been sealed under.
        name: Option<String>,
        /// Where the seal is, if not beside the model.
        seal: Option<PathBuf>,
    },
    /// None: the user said `--unverified`, and every report repeats it.
    Unverified,
}

/// Rows for a model to answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PredictRequest {
    /// The model.
    pub model: PathBuf,
    /// Why it may be used.
    pub warrant: Warrant,
    /// Where the rows are; nothing means standard input.
    pub rows: Option<PathBuf>,
    /// How they are written.
    pub rows_format: RowsFormat,
    /// The method; every one that the estimator has, if none is given.
    pub method: Option<Method>,
    /// Keys that lead from the top object to the model.
    pub at: Option<Vec<String>>,
    /// Form of the answer.
    pub answer: AnswerFormat,
    /// Where to write the answer; nothing means that it is given back.
    pub output: Option<PathBuf>,
}

/// What kind of key to make.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum KeyAlgorithm {
    /// A key pair: whoever has the public half can check, and can not sign.
    #[default]
    Ed25519,
    /// A secret that signer and verifier share: whoever can check can also sign.
    HmacSha256,
}

impl KeyAlgorithm {
    /// Every kind.
    pub const ALL: [KeyAlgorithm; 2] = [KeyAlgorithm::Ed25519, KeyAlgorithm::HmacSha256];

    /// The kind as options and reports write it.
    pub const fn text(self) -> &'static str {
        match self {
            KeyAlgorithm::Ed25519 => "ed25519",
            KeyAlgorithm::HmacSha256 => "hmac-sha256",
        }
    }
}

/// A key to make.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeygenRequest {
    /// Where to write it. The public half, if it has one, goes beside it, with `.pub` at its end.
    pub output: PathBuf,
    /// Its kind.
    pub algorithm: KeyAlgorithm,
}

/// What the vocabulary says of a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NameEntry {
    /// `module.qualname`.
    pub name: String,
    /// What a file may do with it.
    pub standing: Standing,
    /// The rule for its use, in a few words: `estimator`, `array`, …
    pub shape: Option<String>,
    /// More, in a sentence, where there is more to say.
    pub about: Option<String>,
    /// The named set that turns it on, if it is unknown without one.
    pub set: Option<&'static str>,
}

/// How a name stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// In the vocabulary.
    Known,
    /// It runs code, and can never be allowed.
    Dangerous,
    /// Not in the vocabulary.
    Unknown,
}

impl Standing {
    /// The standing as reports write it.
    pub const fn text(self) -> &'static str {
        match self {
            Standing::Known => "known",
            Standing::Dangerous => "dangerous",
            Standing::Unknown => "unknown",
        }
    }
}
