//! Reports: what every command answers with, as text for people and as one JSON document for programs.
//!
//! A [`Report`] holds verdicts, never decides them: the gate does. What can be derived (the counts, the exit status) is
//! derived, so that no report can contradict itself. The document is described by `docs/report.schema.json`.

mod claims;
mod details;
mod diff;
mod entry;
mod json;
pub mod safe;
mod schema;
mod text;

pub use diff::{Change, Difference, NotCompared, diff_answer, schema_changed};
pub use entry::{
    Check, Checks, ClaimedStatements, Inspected, ModelInfo, ResultEntry, SealFacts, SealedFile, Signer, Verdict,
};
pub use json::{Outputs, OutputsError, write_json, write_json_lines};
pub use schema::{SCHEMA_FILE, schema_file};
pub use text::{TextStyle, Verbosity, write_error, write_text};

use crate::job::{Failure, FailureKind};
use serde::Serialize;

/// Version of the document that [`write_json`] writes.
pub const SCHEMA: &str = "coldload.report/1";

/// Version of the vocabulary that verdicts rest on.
pub const VOCABULARY: &str = crate::vocabulary::VERSION;

/// The command that a report answers: people read the answer to each a little differently.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Command {
    /// Judge models.
    Scan,
    /// Show a model or a seal.
    Inspect,
    /// Write the data of a model.
    Dump,
    /// Compare two models.
    Diff,
    /// Make a key.
    Keygen,
    /// Seal a model.
    Sign,
    /// Check a seal.
    Verify,
    /// Answer rows.
    Predict,
    /// Attack this program, or make hostile twins of a model.
    Fuzz,
    /// Anything that judges no model.
    Help,
}

impl Command {
    /// Whether the command is about models, so that one without any has done nothing.
    const fn judges(self) -> bool {
        !matches!(self, Command::Keygen | Command::Fuzz | Command::Help)
    }
}

/// Why the work could not be done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ReportError {
    /// What kind of failure it is.
    pub kind: FailureKind,
    /// What happened.
    pub message: String,
    /// What to do next.
    pub next: String,
    /// Where it was looked for, if something is missing; for people.
    #[serde(skip)]
    pub looked_for: Option<String>,
}

impl ReportError {
    /// An error of this kind.
    pub fn new(kind: FailureKind, message: impl Into<String>, next: impl Into<String>) -> ReportError {
        ReportError { kind, message: message.into(), next: next.into(), looked_for: None }
    }

    /// What was asked makes no sense.
    pub fn usage(message: impl Into<String>, next: impl Into<String>) -> ReportError {
        ReportError::new(FailureKind::Usage, message, next)
    }

    /// The same error, with the places where something was looked for.
    #[must_use]
    pub fn looked_for(mut self, places: impl Into<String>) -> ReportError {
        self.looked_for = Some(places.into());
        self
    }
}

impl From<Failure> for ReportError {
    fn from(failure: Failure) -> ReportError {
        ReportError::new(failure.kind, failure.message, failure.next)
    }
}

/// The walls between a file's bytes and this machine, as the worker and the kernel reported them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct SandboxReport {
    /// What holds: `strict`, `required`, `process` (one of its own, with less than `required` asks for) or `none`.
    pub level: String,
    /// The bytes are read by a process of their own.
    pub process: bool,
    /// That process can gain no privileges.
    pub no_new_privs: bool,
    /// It is killed at any system call that it does not need.
    pub seccomp: bool,
    /// Version of the kernel's landlock that keeps it from all files, if it has one.
    pub landlock_abi: Option<u32>,
    /// Who says so: `kernel`, or only the worker itself (`self-reported`). Absent where there are no walls.
    pub confirmed_by: Option<String>,
}

impl std::fmt::Display for SandboxReport {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let walls = [
            self.process.then(|| "process".to_owned()),
            self.seccomp.then(|| "seccomp".to_owned()),
            self.landlock_abi.map(|abi| format!("landlock {abi}")),
            self.confirmed_by.as_ref().filter(|by| *by != "kernel").cloned(),
        ];
        let walls: Vec<String> = walls.into_iter().flatten().collect();
        f.write_str(if walls.is_empty() { "none" } else { "" })?;
        f.write_str(&walls.join(", "))
    }
}

/// A file that a command wrote.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct WrittenFile {
    /// Where.
    pub path: String,
    /// What it is: `seal`, `private-key`, `public-key`, `secret-key`, `answers`, `copy`, `dump`, `input`, `twins`.
    pub kind: String,
    /// What a person should know of it.
    pub about: String,
}

/// How many models came to which verdict.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// Accepted.
    pub accepted: u64,
    /// Refused.
    pub refused: u64,
    /// Files that are no models.
    pub skipped: u64,
    /// Could not be judged.
    pub failed: u64,
}

/// The answer of a command beside its verdicts: a field of the document, and text for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The field's name.
    pub field: &'static str,
    /// The field's value.
    pub json: serde_json::Value,
    /// The same, for people; ends in a line end.
    pub text: String,
}

/// What a command answers with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// The command.
    pub command: Command,
    /// The walls, if a file was read.
    pub sandbox: Option<SandboxReport>,
    /// What is said of each model, in the order in which they were named or found.
    pub results: Vec<ResultEntry>,
    /// Files that were written.
    pub written: Vec<WrittenFile>,
    /// What the user should be told besides, such as that a folder holds no model.
    pub notes: Vec<String>,
    /// What to do next, after something was done.
    pub next: Option<String>,
    /// An answer beside the verdicts.
    pub answer: Option<Answer>,
    /// Two models that were compared take or give something else.
    pub changed: bool,
    /// What a model answered to rows.
    pub outputs: Option<Outputs>,
    /// Why the work could not be done, where that is about no single model.
    pub error: Option<ReportError>,
}

impl Report {
    /// An empty report.
    pub const fn new(command: Command) -> Report {
        Report {
            command,
            sandbox: None,
            results: Vec::new(),
            written: Vec::new(),
            notes: Vec::new(),
            next: None,
            answer: None,
            changed: false,
            outputs: None,
            error: None,
        }
    }

    /// A report that says only why the work could not be done.
    pub fn failed(command: Command, error: impl Into<ReportError>) -> Report {
        Report { error: Some(error.into()), ..Report::new(command) }
    }

    /// A report that says only this.
    pub fn answering(answer: Answer) -> Report {
        Report { answer: Some(answer), ..Report::new(Command::Help) }
    }

    /// How many models came to which verdict.
    pub fn counts(&self) -> Counts {
        let mut counts = Counts::default();
        for entry in &self.results {
            match entry.verdict {
                Verdict::Accepted => counts.accepted += 1,
                Verdict::Refused => counts.refused += 1,
                Verdict::Skipped => counts.skipped += 1,
                Verdict::Failed => counts.failed += 1,
            }
        }
        counts
    }

    /// The exit status: 1 if something was refused or compared models differ in their schema, else 2 if something could not be done, else 3 if there was no model to
    /// judge, else 0.
    ///
    /// ```
    /// use coldload::report::{Command, Report, ResultEntry};
    /// let mut report = Report::new(Command::Scan);
    /// assert_eq!(report.exit_code(), 3);
    /// report.results.push(ResultEntry::refused("evil.pkl", Vec::new(), 0));
    /// assert_eq!(report.exit_code(), 1);
    /// ```
    pub fn exit_code(&self) -> u8 {
        let counts = self.counts();
        if counts.refused > 0 || self.changed {
            1
        } else if self.error.is_some() || counts.failed > 0 {
            2
        } else if counts.accepted == 0 && self.command.judges() {
            3
        } else {
            0
        }
    }

    /// The error that a program should look at first: the command's own, else the first model's.
    pub fn first_error(&self) -> Option<&ReportError> {
        self.error.as_ref().or_else(|| self.results.iter().find_map(|entry| entry.error.as_ref()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::job::Assurance;

    fn report(verdicts: &[Verdict]) -> Report {
        let entry = |verdict: &Verdict| match verdict {
            Verdict::Accepted => ResultEntry::accepted("a", Assurance::Typed, ModelInfo::default()),
            Verdict::Refused => ResultEntry::refused("r", Vec::new(), 0),
            Verdict::Skipped => ResultEntry::skipped("s"),
            Verdict::Failed => ResultEntry::failed("f", ReportError::new(FailureKind::Io, "it burns", "call for help")),
        };
        Report { results: verdicts.iter().map(entry).collect(), ..Report::new(Command::Scan) }
    }

    #[test]
    fn one_beats_two_beats_nothing_and_three_is_for_nothing_at_all() {
        use Verdict::{Accepted, Failed, Refused, Skipped};
        for (verdicts, status) in [
            (&[Accepted, Skipped][..], 0),
            (&[Accepted, Failed, Refused], 1),
            (&[Refused, Skipped], 1),
            (&[Accepted, Failed], 2),
            (&[Failed, Skipped], 2),
            (&[Skipped], 3),
            (&[], 3),
        ] {
            assert_eq!(report(verdicts).exit_code(), status, "{verdicts:?}");
        }
    }

    #[test]
    fn an_error_of_the_whole_command_is_two_unless_something_was_refused() {
        let error = Some(ReportError::usage("no", "yes"));
        assert_eq!(Report { error: error.clone(), ..report(&[Verdict::Accepted]) }.exit_code(), 2);
        assert_eq!(Report { error, ..report(&[Verdict::Refused]) }.exit_code(), 1);
    }

    #[test]
    fn a_command_without_models_is_done_when_it_is_done() {
        assert_eq!(Report::new(Command::Keygen).exit_code(), 0);
        assert_eq!(Report::new(Command::Help).exit_code(), 0);
    }
}
