//! Ways for a worker to end without an answer, told apart, and what each means for the model.
//!
//! What happened before the worker said Hello is about the machine: no byte of the model was read, and the work could not
//! be done. What happened afterwards is about the file: it is refused, for without an answer there is no judgement.

use super::conversation::Breach;
use crate::bytes::Exceeded;
use crate::job::{Failure, FailureKind};
use crate::reason::{Code, Finding};

/// How a worker ended without an answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Death {
    /// It crashed while it read the file.
    #[error("the worker crashed: {0}")]
    Crashed(Crash),
    /// It ended without a word about the file.
    #[error("the worker ended without an answer")]
    Silent,
    /// It ended in the middle of its answer.
    #[error("the worker ended in the middle of its answer")]
    Truncated,
    /// It said something that no honest worker says.
    #[error("the worker broke the protocol: {0}")]
    Protocol(Breach),
    /// It met a limit that the walls set.
    #[error("{0}")]
    Limit(Exceeded),
    /// It was killed, and not by its parent.
    #[error("the worker was killed from outside, perhaps because the machine ran out of memory")]
    Killed,
    /// It could not be started, its walls do not hold what was asked for, or the machine does not give what the file is allowed.
    #[error("{}", .0.message)]
    Unavailable(Failure),
}

/// How a worker crashed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Crash {
    /// It called something that its walls forbid.
    #[error("it called something that its walls forbid (SIGSYS)")]
    Forbidden,
    /// It got a signal; what that means.
    #[error("{0}")]
    Signal(String),
    /// It panicked, and this is where; escaped.
    #[error("{0}")]
    Panic(String),
    /// It ended with a status of its own.
    #[error("it ended with status {0}")]
    Status(i32),
}

impl Death {
    /// The machine's fault: the walls can not be put up.
    pub(super) fn unavailable(message: impl Into<String>, next: impl Into<String>) -> Death {
        Death::Unavailable(Failure { kind: FailureKind::Sandbox, message: message.into(), next: next.into() })
    }

    /// The machine's fault: there is not enough memory to start.
    pub(super) fn no_memory(message: impl Into<String>) -> Death {
        let next = "free some memory, or raise the limit on it, and try again".to_owned();
        Death::Unavailable(Failure { kind: FailureKind::Memory, message: message.into(), next })
    }

    /// The machine's fault: an output may not become as long as it would.
    pub(super) fn no_output(message: impl Into<String>) -> Death {
        let next = "raise that limit (ulimit -f), and try again; nothing was left there".to_owned();
        Death::Unavailable(Failure { kind: FailureKind::Io, message: message.into(), next })
    }

    /// The machine's fault: a worker gets less time of a processor than its file is allowed.
    pub(super) fn no_time(seconds: u64) -> Death {
        let plural = if seconds == 1 { "" } else { "s" };
        let message = format!(
            "this program was started with a limit of {seconds} second{plural} of a processor's time, and the worker met it"
        );
        Death::unavailable(message, "raise that limit (ulimit -t), and try again")
    }

    /// What it means: the finding that refuses the file, or the failure that says why the work could not be done.
    pub fn judged(&self) -> Result<Finding, Failure> {
        let (code, next) = match self {
            Death::Unavailable(failure) => return Err(failure.clone()),
            Death::Crashed(_) => (Code::WorkerCrashed, None),
            Death::Killed => {
                (Code::WorkerCrashed, Some("look into the system's log for who killed it, and try again".to_owned()))
            }
            Death::Silent | Death::Truncated => (Code::WorkerSilent, None),
            Death::Protocol(_) => (Code::WorkerProtocol, None),
            Death::Limit(exceeded) => (Code::LimitExceeded, Some(raise(exceeded))),
        };
        let finding = Finding::new(code, self.to_string());
        Ok(next.into_iter().fold(finding, Finding::next))
    }
}

fn raise(exceeded: &Exceeded) -> String {
    let double = exceeded.value.saturating_mul(2).max(1);
    let (value, unit) = match exceeded.limit.unit() {
        "bytes" => (double.div_ceil(1 << 20), "MiB"),
        _ => (double, ""),
    };
    format!("if you expect a file like this: --limit {}={value}{unit}", exceeded.limit)
}
