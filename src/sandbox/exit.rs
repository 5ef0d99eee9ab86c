//! From the way a process ended to what that says: the signals, statuses and last words of a worker.

use super::conversation::Breach;
use super::death::{Crash, Death};
use crate::bytes::{Exceeded, Limit};

/// How a process ended, as its parent sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Exit {
    /// It went on although it had closed its socket, and was killed.
    WentOn,
    /// By a signal.
    Signal(i32),
    /// With a status.
    Status(i32),
}

/// What a worker's end means, given the last lines of its standard error, whether it had begun to answer, and the limits of
/// its job.
pub(super) fn classify(exit: Exit, errors: &[u8], begun: bool, limit: impl Fn(Limit) -> u64) -> Death {
    let exceeded = |name| Death::Limit(Exceeded { limit: name, value: limit(name) });
    match exit {
        Exit::WentOn => Death::Protocol(Breach::HungUp),
        Exit::Signal(libc::SIGXCPU) => exceeded(Limit::Time),
        Exit::Signal(libc::SIGXFSZ) => exceeded(Limit::Decoded),
        Exit::Signal(libc::SIGABRT) if out_of_memory(errors) => exceeded(Limit::Memory),
        Exit::Signal(libc::SIGKILL) => Death::Killed,
        Exit::Signal(libc::SIGSYS) => Death::Crashed(Crash::Forbidden),
        Exit::Signal(number) => Death::Crashed(Crash::Signal(signal(number))),
        Exit::Status(0) if begun => Death::Truncated,
        Exit::Status(0) => Death::Silent,
        Exit::Status(PANICKED) => Death::Crashed(Crash::Panic(last_line(errors))),
        Exit::Status(status) => Death::Crashed(Crash::Status(status)),
    }
}

/// Status of a worker that panicked.
pub(super) const PANICKED: i32 = 101;

/// Rust's last words when the allocator gets nothing more, written without allocating.
pub(super) fn out_of_memory(errors: &[u8]) -> bool {
    const WORDS: &[u8] = b"memory allocation of ";
    errors.windows(WORDS.len()).any(|window| window == WORDS)
}

/// The last line of a worker's standard error, escaped.
pub(super) fn last_line(errors: &[u8]) -> String {
    let line = errors.split(|byte| *byte == b'\n').rfind(|line| !line.is_empty()).unwrap_or(b"no message");
    crate::reason::escape_bytes(line)
}

fn signal(number: i32) -> String {
    let name = match number {
        libc::SIGABRT => "it aborted (SIGABRT)",
        libc::SIGSEGV => "it touched memory that is not its own (SIGSEGV)",
        libc::SIGBUS => "it touched memory that is not there (SIGBUS)",
        libc::SIGILL => "it met an instruction that does not exist (SIGILL)",
        libc::SIGFPE => "it met an impossible calculation (SIGFPE)",
        libc::SIGTERM => "it was asked to end (SIGTERM)",
        other => return format!("it got signal {other}"),
    };
    name.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reason::Code;

    fn of(exit: Exit, errors: &[u8], begun: bool) -> Death {
        classify(exit, errors, begun, |limit| if limit == Limit::Time { 4 } else { 1 << 20 })
    }

    #[test]
    fn each_end_has_its_own_code() {
        let code = |death: Death| death.judged().unwrap().code;
        assert_eq!(code(of(Exit::Status(0), b"", false)), Code::WorkerSilent);
        assert_eq!(of(Exit::Status(0), b"", true), Death::Truncated);
        assert_eq!(code(of(Exit::Signal(libc::SIGSYS), b"", false)), Code::WorkerCrashed);
        assert_eq!(code(of(Exit::Signal(libc::SIGKILL), b"", false)), Code::WorkerCrashed);
        assert_eq!(code(of(Exit::WentOn, b"", false)), Code::WorkerProtocol);
        let late = of(Exit::Signal(libc::SIGXCPU), b"", true).judged().unwrap();
        assert_eq!(
            (late.code, late.message.as_str()),
            (Code::LimitExceeded, "more than 4 seconds: the limit time (time to read the file)")
        );
        assert!(late.next.ends_with("--limit time=8"), "{}", late.next);
    }

    #[test]
    fn an_allocation_that_fails_is_the_memory_limit_and_another_abort_is_a_crash() {
        let words = b"memory allocation of 4096 bytes failed\n";
        let death = of(Exit::Signal(libc::SIGABRT), words, false);
        assert_eq!(death, Death::Limit(Exceeded { limit: Limit::Memory, value: 1 << 20 }));
        assert!(death.judged().unwrap().next.ends_with("--limit memory=2MiB"));
        assert_eq!(of(Exit::Signal(libc::SIGABRT), b"", false), Death::Crashed(Crash::Signal(signal(libc::SIGABRT))));
    }

    #[test]
    fn words_of_a_worker_are_escaped() {
        let death = of(Exit::Status(PANICKED), b"first\n\x1b[2Jpanic\n\n", false);
        assert_eq!(death, Death::Crashed(Crash::Panic(r"\x1b[2Jpanic".to_owned())));
    }
}
