//! The seam between the two processes: a [`Job`] over the bytes of one file gives an [`Outcome`].
//!
//! [`run`] knows no process, key, clock or path. The worker, the in-process mode, the benches and the fuzz targets all call
//! it. What a file holds is reported ([`Emit::observed`]) and compared by the caller *before* any typed value is built, row
//! answered or output written.
#![deny(clippy::indexing_slicing, clippy::unwrap_used, clippy::expect_used)]
#![cfg_attr(not(test), deny(clippy::arithmetic_side_effects))]

mod output;
mod reading;
mod run;
mod trace;

pub use crate::model::{AnswerFormat, Method, RowsFormat, Summary};
pub use run::run;

use crate::bytes::{Absent, Limits, Sibling};
use crate::manifest::Observed;
use crate::reason::Finding;
use serde::{Deserialize, Serialize};

/// What to do with a file, and under which limits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Job {
    /// What to do once the file was judged.
    pub task: Task,
    /// What the file may cost.
    pub limits: Limits,
    /// Names outside the vocabulary that the user allows, as `module.qualname`.
    pub allow: Vec<String>,
    /// Named sets of the vocabulary that the user turns on, such as `xgboost`.
    pub allow_sets: Vec<String>,
}

/// What to do with a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub enum Task {
    /// Judge it: what `scan`, `verify` and `sign` need. Array bytes stream past.
    Judge,
    /// Judge it, and tell the parameters of its objects: what `inspect` and `diff` need.
    Inspect,
    /// Judge it, and write the machine's events as JSON lines.
    Trace,
    /// Judge it, and write its opcodes as JSON lines.
    Opcodes,
    /// Judge it, and write its graph as a document.
    Dump(crate::dump::Form),
    /// Judge it, build the typed model, and answer rows.
    Predict(Ask),
    /// Judge it, and make a hostile twin of it.
    Twin(crate::twin::Ask),
    /// Attack this program itself: the file is no model, but an input, or seeds for inputs. The input that is run stands in the
    /// output before it is run, for whoever outlives it.
    Attack(Attack),
}

impl Task {
    /// Whether something is made of the file beside what is told of it. Then whoever asked for it has to say first, once it is
    /// known what the file holds, that this may be done.
    pub const fn waits(&self) -> bool {
        !matches!(self, Task::Judge | Task::Inspect)
    }
}

/// An attack on this program.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Attack {
    /// The target, one of [`crate::fuzz::TARGETS`].
    pub target: String,
    /// What it is given.
    pub inputs: Inputs,
}

/// What a target is given.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub enum Inputs {
    /// The file, as it is.
    Given,
    /// Inputs that are made from the seeds in the file ([`crate::fuzz::pack`]), and from the target's own.
    Made {
        /// The same number makes the same inputs.
        seed: u64,
        /// Number of the first one.
        first: u64,
        /// How many.
        count: u64,
    },
}

/// Which answer is wanted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ask {
    /// The method; every one that the estimator has, if none is given.
    pub method: Option<Method>,
    /// Keys that lead from the top object to the model, such as `["model"]`.
    pub at: Option<Vec<String>>,
    /// Form of the rows.
    pub rows: RowsFormat,
    /// Form of the answer.
    pub answer: AnswerFormat,
}

/// How sure a report can be of what it says; see `SECURITY.md`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Assurance {
    /// Only names were judged: something with free arguments or state is in the file.
    Names,
    /// Names, arguments and state were judged.
    Shapes,
    /// The estimators' own invariants were checked too.
    Typed,
}

/// What was found in a file, before any value was built.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Observation {
    /// What is signed.
    pub observed: Observed,
    /// What is shown.
    pub summary: Summary,
    /// How sure it is.
    pub assurance: Assurance,
}

/// What the caller says to an [`Observation`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Decision {
    /// Go on to the values.
    Proceed,
    /// Stop here.
    Stop,
}

/// Where a job tells what it finds, as it finds it.
pub trait Emit {
    /// Something that refuses the file.
    fn finding(&mut self, finding: Finding);
    /// What the file holds; asked once, if the file was read to its end and nothing refuses it.
    fn observed(&mut self, observation: Box<Observation>) -> Decision;
    /// A file beside the model that holds one of its arrays: see [`crate::bytes::Siblings`]. Asked at most once for each name,
    /// and only before [`Emit::observed`].
    fn beside(&mut self, _name: &str) -> Result<Sibling, Absent> {
        Err(Absent::Alone)
    }
}

/// How a job ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub enum Outcome {
    /// The file was read to its end, and all that was asked for was done.
    Done {
        /// What was written to the output.
        written: Written,
    },
    /// The file is refused; the findings were emitted. More were found than are emitted, if `more` is not 0.
    Refused {
        /// Findings beyond the ones that were emitted.
        more: u64,
    },
    /// The caller decided to stop.
    Stopped,
    /// The work could not be done, for a reason that is no judgement of the model.
    Failed(Failure),
}

/// What was written to the output.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Written {
    /// Bytes.
    pub len: u64,
    /// Their SHA-256.
    #[serde(with = "serde_bytes")]
    pub sha256: Vec<u8>,
    /// Rows that were answered.
    pub rows: u64,
    /// Something that the user should be told, such as which of several objects was used.
    pub notes: Vec<String>,
}

/// Why the work could not be done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Failure {
    /// What kind of failure it is.
    pub kind: FailureKind,
    /// What happened.
    pub message: String,
    /// What to do next.
    pub next: String,
}

impl Failure {
    /// Something that can not happen did, and nobody can say why.
    pub fn unexplained() -> Failure {
        Failure {
            kind: FailureKind::Internal,
            message: "the work ended without a reason".to_owned(),
            next: "run it again; if it stays so, report it with the output of  coldload doctor".to_owned(),
        }
    }
}

/// Kinds of failures, as `error.kind` in reports.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FailureKind {
    /// What was asked makes no sense for this model or these rows.
    Usage,
    /// Something named is not there.
    NotFound,
    /// Reading or writing failed.
    Io,
    /// A key can not be used.
    Key,
    /// A policy can not be used.
    Policy,
    /// The walls could not be put up.
    Sandbox,
    /// The machine has too little memory.
    Memory,
    /// A fault of this program.
    Internal,
}
