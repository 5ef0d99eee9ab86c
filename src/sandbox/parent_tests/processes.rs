//! What a process does that is no worker, or not one any more.

use super::*;

/// A line to a process of which only the end matters.
fn line(script: &str) -> Line {
    let (ours, theirs) = socket::pair().unwrap();
    let mut command = Command::new("/bin/sh");
    command.args(["-c", script]).stdin(theirs).stdout(Stdio::null()).stderr(Stdio::piped());
    Line::new(ours, Some(spawn::spawn(command).unwrap().child))
}

#[test]
fn a_process_that_hangs_up_and_goes_on_is_killed_and_reaped() {
    let mut line = line("exec 0<&-; sleep 100");
    let process = line.process().unwrap();
    assert!(matches!(line.wait(Instant::now() + Duration::from_secs(5), false), Ok(Ready::Gone)));
    assert_eq!(line.end(), Exit::WentOn);
    assert!(!Path::new(&format!("/proc/{process}")).exists(), "neither alive nor a zombie");
}

#[test]
fn what_a_process_leaves_behind_holds_up_nobody() {
    // What it started holds its socket: nobody hung up, so it is the clock that ends this.
    let mut held = line("exec 4<&0; sleep 20 & exit 0");
    assert!(matches!(held.wait(Instant::now() + Duration::from_millis(300), false), Ok(Ready::Late)));
    // What it started holds only its standard error: its own end is seen.
    let begin = Instant::now();
    let mut left = line("sleep 20 & exec 0<&-; echo last words >&2; exit 7");
    assert!(matches!(left.wait(Instant::now() + Duration::from_secs(10), false), Ok(Ready::Gone)));
    assert_eq!(left.end(), Exit::Status(7));
    assert_eq!(left.words(), b"last words\n");
    drop((held, left));
    assert!(begin.elapsed() < Duration::from_secs(15), "nothing waits for the sleepers");
}

#[test]
fn too_little_memory_to_start_is_about_the_machine() {
    let kind = |script: &str| match gone_before_hello(&mut line(script)).judged() {
        Err(failure) => (failure.kind, failure.message),
        Ok(finding) => panic!("{finding:?}"),
    };
    let (memory, _) = kind("echo memory allocation of 4096 bytes failed >&2; kill -ABRT $$");
    assert_eq!(memory, crate::job::FailureKind::Memory);
    let (sandbox, killed) = kind("kill -KILL $$");
    assert_eq!(sandbox, crate::job::FailureKind::Sandbox);
    assert!(killed.contains("killed by signal 9 before it said hello"), "{killed}");
    assert!(kind("printf '\\033[2J' >&2; exit 3").1.ends_with(r"hello: \x1b[2J"));
}

#[test]
fn the_end_of_a_long_standard_error_is_kept() {
    let mut line = line("head -c 1000000 /dev/zero >&2; echo last words >&2; exit 7");
    assert!(matches!(line.wait(Instant::now() + Duration::from_secs(5), false), Ok(Ready::Gone)));
    assert_eq!(line.end(), Exit::Status(7));
    assert!(line.words().len() <= 8 << 10 && line.words().ends_with(b"last words\n"));
}

#[test]
fn a_program_that_is_no_worker_is_said_to_be_none() {
    let failed = Process::start(Path::new("/bin/false"), Level::Required, &setup());
    assert!(unavailable(failed).contains("ended before it said hello"));
    let absent = Process::start(Path::new("/nowhere/coldload"), Level::Required, &setup());
    assert!(unavailable(absent).contains("can not be started"));
}
