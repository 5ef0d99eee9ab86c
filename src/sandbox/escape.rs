//! Attempts to get out of the worker, for the tests of the walls only (feature `escape-tests`): a file that begins with
//! `coldload-escape ` names one, and the outcome says what came of it. Any other file is judged as usual.
#![allow(clippy::indexing_slicing)]

use super::sys;
use crate::bytes::Input;
use crate::job::{Emit, Failure, FailureKind, Job, Outcome};
use crate::reason::{Code, Finding};
use std::fs::File;
use std::hint::black_box;
use std::io;
use std::os::fd::AsRawFd;
use std::time::Duration;

const MAGIC: &[u8] = b"coldload-escape ";

pub(super) fn run(
    job: &Job,
    mut input: Input,
    rows: Option<&File>,
    out: Option<&File>,
    emit: &mut dyn Emit,
) -> Outcome {
    let chunk = input.chunk(0).unwrap_or_default();
    let Some(name) = chunk.strip_prefix(MAGIC) else {
        return crate::job::run(job, input, rows, out, emit);
    };
    let name = String::from_utf8_lossy(name).into_owned();
    if name == "flood" {
        (0..2000).for_each(|_| emit.finding(Finding::new(Code::Malformed, "again")));
        return Outcome::Refused { more: 0 };
    }
    if name == "half" {
        emit.finding(Finding::new(Code::Malformed, "seen before"));
        std::process::exit(0)
    }
    let what = match attempt(&name, out) {
        Ok(text) => text,
        Err(error) => format!("errno {}", error.raw_os_error().unwrap_or(0)),
    };
    Outcome::Failed(Failure { kind: FailureKind::Internal, message: what, next: String::new() })
}

/// A system call with plain arguments.
fn call(number: i64, arguments: [i64; 6]) -> io::Result<String> {
    sys::attempt(number, arguments).map(|result| format!("done: {result}"))
}

/// Calls that need no sensible arguments to be refused.
const BARE: &[(&str, i64)] = &[
    ("socket", libc::SYS_socket),
    ("connect", libc::SYS_connect),
    ("accept4", libc::SYS_accept4),
    ("sendto", libc::SYS_sendto),
    ("recvfrom", libc::SYS_recvfrom),
    ("execve", libc::SYS_execve),
    ("execveat", libc::SYS_execveat),
    ("clone", libc::SYS_clone),
    ("clone3", libc::SYS_clone3),
    ("unshare", libc::SYS_unshare),
    ("setns", libc::SYS_setns),
    ("ptrace", libc::SYS_ptrace),
    ("process_vm_readv", libc::SYS_process_vm_readv),
    ("process_vm_writev", libc::SYS_process_vm_writev),
    ("io_uring_setup", libc::SYS_io_uring_setup),
    ("memfd_create", libc::SYS_memfd_create),
    ("memfd_secret", 447),
    ("openat2", libc::SYS_openat2),
    ("open_by_handle_at", libc::SYS_open_by_handle_at),
    ("pidfd_open", libc::SYS_pidfd_open),
    ("pidfd_getfd", libc::SYS_pidfd_getfd),
    #[cfg(target_arch = "x86_64")]
    ("setrlimit", libc::SYS_setrlimit),
    ("prlimit64", libc::SYS_prlimit64),
    ("seccomp", libc::SYS_seccomp),
    ("bpf", libc::SYS_bpf),
    ("keyctl", libc::SYS_keyctl),
    ("userfaultfd", libc::SYS_userfaultfd),
    ("perf_event_open", libc::SYS_perf_event_open),
    ("landlock_create_ruleset", libc::SYS_landlock_create_ruleset),
    ("rt_sigaction", libc::SYS_rt_sigaction),
    ("setuid", libc::SYS_setuid),
    ("chroot", libc::SYS_chroot),
    ("mount", libc::SYS_mount),
    ("unlinkat", libc::SYS_unlinkat),
    ("renameat2", libc::SYS_renameat2),
    ("mkdirat", libc::SYS_mkdirat),
    ("ftruncate", libc::SYS_ftruncate),
    ("fchmod", libc::SYS_fchmod),
    ("dup", libc::SYS_dup),
    ("pipe2", libc::SYS_pipe2),
    ("shmget", libc::SYS_shmget),
    ("mlock", libc::SYS_mlock),
    ("getdents64", libc::SYS_getdents64),
    ("splice", libc::SYS_splice),
    ("copy_file_range", libc::SYS_copy_file_range),
];

/// `struct sockaddr_in` of 127.0.0.1, port 1, as little-endian machines have it.
static LOOPBACK: [u8; 16] = [libc::AF_INET as u8, 0, 0, 1, 127, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0];
/// `struct sockaddr_un` of the abstract name `coldload-escape`, on which a test listens.
static ABSTRACT: [u8; 18] = *b"\x01\0\0coldload-escape";
/// `struct rlimit64` without a limit.
static UNLIMITED: [u64; 2] = [u64::MAX; 2];

/// A socket, and an address that a call should do something with.
fn with_socket(family: i32, number: i64, address: &'static [u8]) -> io::Result<String> {
    let socket = sys::attempt(libc::SYS_socket, [family.into(), libc::SOCK_STREAM.into(), 0, 0, 0, 0])?;
    call(number, [socket, address.as_ptr() as i64, address.len() as i64, 0, 0, 0])
}

fn attempt(name: &str, out: Option<&File>) -> io::Result<String> {
    if let Some((_, number)) = BARE.iter().find(|(bare, _)| *bare == name) {
        return call(*number, [0; 6]);
    }
    if let Some(number) = name.strip_prefix("number-").and_then(|number| number.parse().ok()) {
        return call(number, [0; 6]);
    }
    let path = |text: &'static core::ffi::CStr| text.as_ptr() as i64;
    let here = i64::from(libc::AT_FDCWD);
    let memory = |protection: i32, flags: i32| {
        let flags = flags | if flags & libc::MAP_TYPE == 0 { libc::MAP_PRIVATE } else { 0 };
        [0, 1 << 16, protection.into(), (flags | libc::MAP_ANONYMOUS).into(), -1, 0]
    };
    let (read_write, execute) = (libc::PROT_READ | libc::PROT_WRITE, libc::PROT_EXEC);
    match name {
        "open" => call(libc::SYS_openat, [here, path(c"/etc/passwd"), 0, 0, 0, 0]),
        "open-to-write" => call(libc::SYS_openat, [here, path(c"/tmp/coldload-out"), 0o1101, 0o600, 0, 0]),
        "open-path" => call(libc::SYS_openat, [here, path(c"/"), libc::O_PATH.into(), 0, 0, 0]),
        "read-proc" => call(libc::SYS_openat, [here, path(c"/proc/self/environ"), 0, 0, 0, 0]),
        "stat" => std::fs::metadata("/etc/passwd").map(|_| "done".to_owned()),
        "ioctl" => call(libc::SYS_ioctl, [0, libc::FIONREAD as i64, 0, 0, 0, 0]),
        "prctl" => call(libc::SYS_prctl, [libc::PR_SET_DUMPABLE.into(), 1, 0, 0, 0, 0]),
        "sendmsg-elsewhere" => call(libc::SYS_sendmsg, [3, 0, 0, 0, 0, 0]),
        "fcntl-dup" => call(libc::SYS_fcntl, [0, libc::F_DUPFD.into(), 100, 0, 0, 0]),
        "fcntl-owner" => call(libc::SYS_fcntl, [0, libc::F_SETOWN.into(), 1, 0, 0, 0]),
        "thread" => std::thread::Builder::new().spawn(|| ()).map(|_| "done".to_owned()),
        "process" => std::process::Command::new("/bin/true").spawn().map(|_| "done".to_owned()),
        "mmap-rwx" => call(libc::SYS_mmap, memory(read_write | execute, 0)),
        "mmap-shared" => call(libc::SYS_mmap, memory(read_write, libc::MAP_SHARED)),
        "mmap-growing" => call(libc::SYS_mmap, memory(read_write, libc::MAP_GROWSDOWN)),
        "mprotect-x" => {
            call(libc::SYS_mmap, memory(read_write, 0))?;
            call(libc::SYS_mprotect, [0, 1 << 16, (libc::PROT_READ | execute).into(), 0, 0, 0])
        }
        // Signal 0 harms nobody, should it get through.
        "kill" => call(libc::SYS_kill, [1, 0, 0, 0, 0, 0]),
        "kill-parent" => {
            let parent = rustix::process::getppid().map_or(0, |parent| parent.as_raw_nonzero().get());
            call(libc::SYS_kill, [parent.into(), 0, 0, 0, 0, 0])
        }
        "connect-tcp" => with_socket(libc::AF_INET, libc::SYS_connect, &LOOPBACK),
        "bind-tcp" => with_socket(libc::AF_INET, libc::SYS_bind, &LOOPBACK),
        "connect-abstract" => with_socket(libc::AF_UNIX, libc::SYS_connect, &ABSTRACT),
        "raise-limit" => {
            let limit = UNLIMITED.as_ptr() as i64;
            call(libc::SYS_prlimit64, [0, libc::RLIMIT_DATA.into(), limit, 0, 0, 0])
        }
        "change-root" => call(libc::SYS_chroot, [path(c"/"), 0, 0, 0, 0, 0]),
        "tgkill-other" => call(libc::SYS_tgkill, [1, 1, 0, 0, 0, 0]),
        #[cfg(target_arch = "x86_64")]
        "x32" => call(0x4000_0000 | libc::SYS_getpid, [0; 6]),
        #[cfg(target_arch = "x86_64")]
        "i386" => Ok(format!("done: {}", sys::attempt_32_bit())),
        "write-file" => call(libc::SYS_pwrite64, [3, path(c"x"), 1, 0, 0, 0]),
        "write-descriptors" => {
            let taken = (1..1024).filter(|number| call(libc::SYS_write, [*number, path(c"x"), 1, 0, 0, 0]).is_ok());
            Ok(format!("{:?}", taken.collect::<Vec<_>>()))
        }
        "write-socket" => call(libc::SYS_write, [0, path(c"x"), 1, 0, 0, 0]),
        "write-too-much" => {
            let out = out.map_or(-1, |out| i64::from(out.as_raw_fd()));
            call(libc::SYS_pwrite64, [out, path(c"x"), 1, 1 << 60, 0, 0])
        }
        "lie-about-output" => {
            let out = out.map_or(-1, |out| i64::from(out.as_raw_fd()));
            call(libc::SYS_pwrite64, [out, path(c"x"), 1, 0, 0, 0])
        }
        "heap" => {
            let mut held: Vec<Vec<u8>> = Vec::new();
            loop {
                held.push(black_box(vec![0; 1 << 20]));
            }
        }
        "mmap-much" => (0..1 << 20).try_fold(String::new(), |_, _| {
            call(
                libc::SYS_mmap,
                [0, 1 << 24, read_write.into(), (libc::MAP_PRIVATE | libc::MAP_ANONYMOUS).into(), -1, 0],
            )
        }),
        "reserve-much" => (0..1 << 20).try_fold(String::new(), |_, _| {
            call(libc::SYS_mmap, [0, 1 << 28, 1, (libc::MAP_PRIVATE | libc::MAP_ANONYMOUS).into(), -1, 0])
        }),
        "stack" => Ok(format!("{}", overflow(1))),
        "loop" => loop {
            black_box(());
        },
        "sleep" => loop {
            std::thread::sleep(Duration::from_secs(60));
        },
        "shout" => loop {
            eprintln!("{}", "x".repeat(1000));
        },
        "hang-up" => {
            call(libc::SYS_close, [0; 6])?;
            loop {
                std::thread::sleep(Duration::from_secs(60));
            }
        }
        "panic" => panic!("a fixed text"),
        "panic-with-bytes" => panic!("bytes of a file: {}", black_box(name)),
        "abort" => std::process::abort(),
        "exit" => std::process::exit(0),
        "exit-5" => std::process::exit(5),
        "segfault" => {
            sys::crash();
            Ok("done".to_owned())
        }
        // What must still work behind the walls.
        "nothing" => {
            drop(black_box(vec![0u8; 100 << 20]));
            let caught = std::panic::catch_unwind(|| std::panic::resume_unwind(Box::new(())));
            std::thread::sleep(Duration::from_millis(1));
            let _ = black_box(std::hash::RandomState::new());
            Ok(format!("caught: {}", caught.is_err()))
        }
        other => Ok(format!("no attempt is called {other}")),
    }
}

#[allow(unconditional_recursion)]
fn overflow(depth: u64) -> u64 {
    let frame = black_box([depth; 512]);
    overflow(depth.wrapping_add(1)).wrapping_add(black_box(frame)[0])
}
