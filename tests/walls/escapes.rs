//! The worker attacks its walls: each attempt has one exact end.

use super::*;
use coldload::bytes::{Exceeded, Limit};
use coldload::sandbox::{Breach, Wall};
use std::os::linux::net::SocketAddrExt;

/// Has a worker try something.
fn attempt_with(worker: &mut Worker, name: &str, out: Option<&File>) -> (Result<Outcome, Death>, Vec<Finding>) {
    let mut job = job(Task::Judge);
    let endless = ["loop", "sleep", "shout"].contains(&name) || name.starts_with("number-");
    job.limits.set(if endless { "time=1" } else { "time=30" }).unwrap();
    let bytes = format!("coldload-escape {name}");
    let (file, expectation) = (file(bytes.as_bytes()), Expectation::Once);
    let work = Work {
        beside: 0,
        job: &job,
        file: &file,
        size: bytes.len() as u64,
        expectation: &expectation,
        rows: None,
        out,
    };
    let mut told = Told { findings: Vec::new(), meanwhile: &mut || Decision::Proceed };
    (worker.run(&work, &mut told).map(|finished| finished.outcome), told.findings)
}

fn attempt(name: &str) -> Result<Outcome, Death> {
    let mut worker = Worker::start(&program(), Level::Required).unwrap();
    attempt_with(&mut worker, name, None).0
}

/// What the attempt said came of it.
fn says(outcome: Result<Outcome, Death>) -> String {
    match outcome {
        Ok(Outcome::Failed(failure)) => failure.message,
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_is_only_looking_around_is_answered_with_eacces() {
    let _others = among_others();
    for name in ["open", "open-to-write", "open-path", "read-proc", "stat", "ioctl", "prctl"] {
        assert_eq!(says(attempt(name)), format!("errno {}", libc::EACCES), "{name}");
    }
}

#[test]
fn what_is_more_kills_the_worker() {
    let _others = among_others();
    let bare = "socket connect accept4 sendto recvfrom execve execveat clone clone3 unshare setns ptrace process_vm_readv \
        process_vm_writev io_uring_setup memfd_create memfd_secret openat2 open_by_handle_at pidfd_open pidfd_getfd \
        prlimit64 seccomp bpf keyctl userfaultfd perf_event_open landlock_create_ruleset rt_sigaction setuid \
        chroot mount unlinkat renameat2 mkdirat ftruncate fchmod dup pipe2 shmget mlock getdents64 splice copy_file_range";
    let more = "kill-parent connect-tcp connect-abstract raise-limit change-root sendmsg-elsewhere fcntl-dup fcntl-owner thread process mmap-rwx mmap-shared mmap-growing mprotect-x kill \
        tgkill-other segfault";
    let old = if cfg!(target_arch = "x86_64") { "x32 i386 setrlimit" } else { "" };
    for name in [bare, more, old].iter().flat_map(|names| names.split_whitespace()) {
        assert_eq!(attempt(name), Err(Death::Crashed(Crash::Forbidden)), "{name}");
    }
}

#[test]
fn limits_are_met_by_name() {
    let _others = among_others();
    let size = "coldload-escape heap".len() as u64;
    let memory = Exceeded { limit: Limit::Memory, value: Limits::default().value(Limit::Memory, size) };
    assert_eq!(attempt("heap"), Err(Death::Limit(memory)));
    for name in ["mmap-much", "reserve-much"] {
        assert_eq!(says(attempt(name)), format!("errno {}", libc::ENOMEM), "{name}");
    }
    for name in ["loop", "sleep", "shout"] {
        let death = attempt(name).unwrap_err();
        assert_eq!(death, Death::Limit(Exceeded { limit: Limit::Time, value: 1 }), "{name}");
        assert_eq!(death.judged().unwrap().code, Code::LimitExceeded);
    }
    let out = file(b"");
    let mut worker = Worker::start(&program(), Level::Required).unwrap();
    let (death, _) = attempt_with(&mut worker, "write-too-much", Some(&out));
    assert!(matches!(death, Err(Death::Limit(Exceeded { limit: Limit::Decoded, .. }))), "{death:?}");
}

#[test]
fn each_death_has_its_name() {
    let _others = among_others();
    assert!(
        matches!(attempt("panic"), Err(Death::Crashed(Crash::Panic(text))) if text.starts_with("a fixed text at src/sandbox/escape.rs:"))
    );
    assert!(
        matches!(attempt("panic-with-bytes"), Err(Death::Crashed(Crash::Panic(text))) if text.starts_with("panic at "))
    );
    assert!(matches!(attempt("abort"), Err(Death::Crashed(Crash::Signal(text))) if text.contains("SIGABRT")));
    assert!(matches!(attempt("stack"), Err(Death::Crashed(Crash::Signal(text))) if text.contains("SIGABRT")));
    assert_eq!(attempt("exit"), Err(Death::Silent));
    assert_eq!(attempt("exit-5"), Err(Death::Crashed(Crash::Status(5))));
    assert_eq!(attempt("hang-up"), Err(Death::Protocol(Breach::HungUp)));
}

#[test]
fn variables_of_the_parent_change_no_death() {
    let _others = among_others();
    // With a backtrace, a panic would open files.
    let mut command = again(&["--exact", "escapes::each_death_has_its_name"]);
    command.env("RUST_BACKTRACE", "full").env("RUST_LIB_BACKTRACE", "1");
    assert_passed(&command.output().unwrap());
}

#[test]
fn descriptors_are_what_they_were_given_for() {
    let _others = among_others();
    assert_eq!(says(attempt("write-file")), format!("errno {}", libc::EBADF));
    assert_eq!(says(attempt("write-descriptors")), "[1, 2]", "/dev/null and the pipe of the standard error");
    assert_eq!(attempt("write-socket"), Err(Death::Protocol(Breach::Undecodable)));
    assert_eq!(says(attempt("lie-about-output")), format!("errno {}", libc::EBADF), "there is no output");
}

#[test]
fn findings_beyond_the_most_are_counted() {
    let _others = among_others();
    let (outcome, findings) = attempt_with(&mut Worker::start(&program(), Level::Required).unwrap(), "flood", None);
    assert_eq!(outcome, Ok(Outcome::Refused { more: 1000 }));
    assert_eq!(findings.len(), 1000);
}

#[test]
fn honest_work_goes_on_behind_the_walls() {
    let _others = among_others();
    assert_eq!(says(attempt("nothing")), "caught: true");
}

#[test]
fn one_wall_less_is_seen_and_refused() {
    let _others = among_others();
    let start = |level, wall| attempt_with(&mut Worker::without(&program(), level, &[wall]), "nothing", None).0;
    for wall in [Wall::SeccompSoft, Wall::SeccompHard, Wall::Limits] {
        assert!(matches!(start(Level::Required, wall), Err(Death::Unavailable(_))), "{wall:?}");
        assert!(start(Level::BestEffort, wall).is_ok(), "{wall:?}");
    }
    for wall in [Wall::Landlock, Wall::NotDumpable] {
        assert!(matches!(start(Level::Strict, wall), Err(Death::Unavailable(_))), "{wall:?}");
        assert!(start(Level::Required, wall).is_ok(), "{wall:?}");
    }
    if is_root() {
        assert!(matches!(start(Level::Strict, Wall::Capabilities), Err(Death::Unavailable(_))));
        // Anyone else has to set it to install a filter at all, and the crates that install filters always do.
        assert!(start(Level::Required, Wall::NoNewPrivileges).is_ok());
    }
}

#[test]
fn landlock_holds_alone() {
    let _others = among_others();
    let alone = |name: &str| {
        let left_out = [Wall::SeccompSoft, Wall::SeccompHard];
        says(attempt_with(&mut Worker::without(&program(), Level::BestEffort, &left_out), name, None).0)
    };
    let abi = Worker::start(&program(), Level::Required).unwrap().walls().landlock_abi.unwrap();
    for name in ["open", "open-to-write", "read-proc"] {
        assert_eq!(alone(name), format!("errno {}", libc::EACCES), "{name}");
    }
    if abi >= 4 {
        for name in ["connect-tcp", "bind-tcp"] {
            assert_eq!(alone(name), format!("errno {}", libc::EACCES), "{name}");
        }
    }
    if abi >= 6 {
        let address = std::os::unix::net::SocketAddr::from_abstract_name("coldload-escape").unwrap();
        // The other user's run of this test may listen there already.
        let _listener = std::os::unix::net::UnixListener::bind_addr(&address);
        for name in ["kill", "kill-parent", "connect-abstract"] {
            assert_eq!(alone(name), format!("errno {}", libc::EPERM), "{name}");
        }
    }
}

/// What a worker says that has these walls only.
fn behind_only(walls: &[Wall], name: &str) -> String {
    let all = [
        Wall::NotDumpable,
        Wall::Limits,
        Wall::Capabilities,
        Wall::NoNewPrivileges,
        Wall::Landlock,
        Wall::SeccompSoft,
        Wall::SeccompHard,
    ];
    let left_out: Vec<Wall> = all.into_iter().filter(|wall| !walls.contains(wall)).collect();
    says(attempt_with(&mut Worker::without(&program(), Level::BestEffort, &left_out), name, None).0)
}

#[test]
fn each_other_wall_holds_alone_too() {
    let _others = among_others();
    let errno = |number| format!("errno {number}");
    assert_eq!(behind_only(&[Wall::SeccompSoft], "open"), errno(libc::EACCES));
    assert_eq!(behind_only(&[Wall::SeccompSoft], "open-path"), errno(libc::EACCES));
    assert_eq!(behind_only(&[Wall::Limits], "mmap-much"), errno(libc::ENOMEM));
    assert_eq!(behind_only(&[Wall::Limits, Wall::Capabilities], "raise-limit"), errno(libc::EPERM));
    assert_eq!(behind_only(&[Wall::Capabilities], "change-root"), errno(libc::EPERM));
    // Without any of them the same attempts come through, so that it is the wall which answers.
    assert!(behind_only(&[], "open").starts_with("done: "));
    assert!(behind_only(&[], "open-path").starts_with("done: "));
    if is_root() {
        assert!(behind_only(&[], "change-root").starts_with("done: "));
    }
}

/// A call that no list names kills the worker, whatever its number is; these are the ones that do not, called without
/// arguments.
#[test]
fn every_other_system_call_kills() {
    let _others = among_others();
    #[rustfmt::skip]
    let mut known = vec![
        // Let through.
        libc::SYS_read, libc::SYS_pread64, libc::SYS_write, libc::SYS_writev, libc::SYS_pwrite64, libc::SYS_lseek,
        libc::SYS_ppoll, libc::SYS_close, libc::SYS_mremap, libc::SYS_munmap, libc::SYS_madvise, libc::SYS_brk,
        libc::SYS_futex, libc::SYS_sched_yield, libc::SYS_gettid, libc::SYS_getpid, libc::SYS_exit, libc::SYS_exit_group,
        libc::SYS_rt_sigprocmask, libc::SYS_sigaltstack, libc::SYS_clock_gettime,
        libc::SYS_clock_nanosleep, libc::SYS_nanosleep, libc::SYS_restart_syscall, libc::SYS_getrandom,
        // Let through with arguments that null happens to be among.
        libc::SYS_mprotect, libc::SYS_sendmsg, libc::SYS_recvmsg,
        // Answered with EACCES.
        libc::SYS_openat, libc::SYS_statx, libc::SYS_newfstatat, libc::SYS_fstat, libc::SYS_readlinkat,
        libc::SYS_faccessat, libc::SYS_getcwd, libc::SYS_ioctl, libc::SYS_sched_getaffinity, libc::SYS_prctl,
    ];
    #[cfg(target_arch = "x86_64")]
    #[rustfmt::skip]
    known.extend([
        libc::SYS_poll, libc::SYS_open, libc::SYS_stat, libc::SYS_lstat, libc::SYS_readlink, libc::SYS_access,
    ]);
    known.sort_unstable();
    let numbers = (0..600).chain([1000, 4096, 1 << 20, 1 << 29, 1 << 30, (1 << 30) + 512, u32::MAX.into()]);
    let number = |number: i64| {
        let mut worker = Worker::start(&program(), Level::Required).unwrap();
        attempt_with(&mut worker, &format!("number-{number}"), None).0
    };
    // It is let through, but goes on wherever the stack happens to say.
    let mut left_out = vec![libc::SYS_rt_sigreturn];
    if cfg!(target_arch = "x86_64") {
        // `uretprobe` and `uprobe`: newer kernels let them pass every filter, and they do nothing but for the kernel's own
        // probes (Linux 6.14, "seccomp: passthrough uretprobe systemcall without filtering").
        for probe in [335, 336] {
            let outcome = number(probe);
            let harmless = match &outcome {
                Err(Death::Crashed(Crash::Forbidden)) => true,
                Err(Death::Crashed(Crash::Signal(text))) => text.contains("SIGILL"),
                other => says(other.clone()) == format!("errno {}", libc::ENXIO),
            };
            assert!(harmless, "{probe}: {outcome:?}");
            left_out.push(probe);
        }
    }
    let survived: Vec<i64> = numbers
        .filter(|call| !left_out.contains(call) && number(*call) != Err(Death::Crashed(Crash::Forbidden)))
        .collect();
    assert_eq!(survived, known);
}

#[test]
fn a_worker_dies_with_its_parent() {
    let _alone = alone();
    let mut parent = again(&["--exact", "escapes::a_parent_with_a_sleeping_worker", "--ignored"]).spawn().unwrap();
    let children = format!("PPid:\t{}\n", parent.id());
    let processes = || -> Vec<u32> {
        let names = std::fs::read_dir("/proc").unwrap();
        names.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok()).collect()
    };
    let begin = std::time::Instant::now();
    let worker = loop {
        let locked = |process: &u32| status(*process).contains(&children) && status(*process).contains("Seccomp:\t2\n");
        if let Some(worker) = processes().into_iter().find(locked) {
            break worker;
        }
        assert!(begin.elapsed().as_secs() < 10, "no worker");
        std::thread::sleep(std::time::Duration::from_millis(5));
    };
    std::thread::sleep(std::time::Duration::from_millis(100));
    parent.kill().unwrap();
    parent.wait().unwrap();
    let begin = std::time::Instant::now();
    while status(worker).contains("Name:") && !status(worker).contains("State:\tZ") {
        assert!(begin.elapsed().as_secs() < 2, "the worker lives on");
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
}

#[test]
#[ignore = "run and killed by the test above"]
fn a_parent_with_a_sleeping_worker() {
    let mut job = job(Task::Judge);
    job.limits.set("time=60").unwrap();
    let bytes = b"coldload-escape sleep";
    let (file, expectation) = (file(bytes), Expectation::Once);
    let work = Work {
        beside: 0,
        job: &job,
        file: &file,
        size: bytes.len() as u64,
        expectation: &expectation,
        rows: None,
        out: None,
    };
    let mut told = Told { findings: Vec::new(), meanwhile: &mut || Decision::Proceed };
    let _ = sandbox::run(&program(), Level::Required, &work, &mut told);
}
