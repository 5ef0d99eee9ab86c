//! A job over opened files, behind walls or not: the same few lines for the worker and for the in-process mode.

use crate::bytes::{Ahead, Expectation, First, Input, ReadFault};
use crate::job::{Emit, Failure, FailureKind, Job, Outcome};
use crate::reason::{Code, Finding};
use std::fs::File;

/// What runs a job over checked bytes, rows and an output.
pub type Run = fn(&Job, Input, Option<&File>, Option<&File>, &mut dyn Emit) -> Outcome;

/// The file that a job is about.
#[derive(Debug)]
pub(super) enum Subject {
    /// Opened, and its first chunk, if that was read before its turn.
    Opened(File, Option<First>),
    /// Its bytes, all of which are here.
    Held(Vec<u8>),
}

/// The files of a job.
#[derive(Debug)]
pub(super) struct Files {
    pub subject: Subject,
    pub rows: Option<File>,
    pub out: Option<File>,
}

/// Runs a job.
pub(super) fn perform(
    run: Run,
    job: &Job,
    size: u64,
    expectation: Expectation,
    files: Files,
    ahead: Option<&Ahead>,
    emit: &mut dyn Emit,
) -> Outcome {
    let input = match files.subject {
        Subject::Opened(file, first) => Input::new(file, size, expectation).map(|input| input.begun(first)),
        Subject::Held(bytes) => Input::held(&bytes, &expectation),
    };
    match input {
        Ok(input) => run(job, input.ahead(ahead), files.rows.as_ref(), files.out.as_ref(), emit),
        Err(ReadFault::Io { error, .. }) => Outcome::Failed(Failure {
            kind: FailureKind::Io,
            message: format!("the file can not be read: {error}"),
            next: "look at the disk and the file's permissions".to_owned(),
        }),
        Err(fault) => {
            let code = match fault {
                ReadFault::Changed { .. } => Code::ChangedWhileReading,
                _ => Code::DigestMismatch,
            };
            emit.finding(Finding::new(code, fault.to_string()));
            Outcome::Refused { more: 0 }
        }
    }
}
