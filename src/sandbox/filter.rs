//! The seccomp filters: what a worker may still ask of the kernel.
//!
//! Two filters, of which the kernel takes the stricter answer. The *soft* one answers EACCES to calls with which libraries
//! look around (open, stat, …), for they must be able to take no for an answer. The *hard* one kills the process at every
//! call that neither list names, and at a listed call with arguments of another purpose: memory is never executable, and
//! always of the kind that `RLIMIT_DATA` counts (not shared, not a growing stack); packets go through the one socket; a
//! signal goes to the worker itself. 32-bit calls and x32 numbers are killed.

use seccompiler::SeccompCmpArgLen::{Dword, Qword};
use seccompiler::{BpfProgram, SeccompAction, SeccompCmpOp, SeccompCondition, SeccompFilter, SeccompRule};
use std::collections::BTreeMap;

type Rules = BTreeMap<i64, Vec<SeccompRule>>;

/// Calls that are let through whatever their arguments are.
const FREE: &[i64] = &[
    // Bytes of the descriptors that were handed over, and the last words of a crash.
    libc::SYS_read,
    libc::SYS_pread64,
    libc::SYS_write,
    libc::SYS_writev,
    libc::SYS_pwrite64,
    libc::SYS_lseek,
    libc::SYS_ppoll,
    libc::SYS_close,
    // Memory.
    libc::SYS_mremap,
    libc::SYS_munmap,
    libc::SYS_madvise,
    libc::SYS_brk,
    // Threads that are there already, and the end of them.
    libc::SYS_futex,
    libc::SYS_sched_yield,
    libc::SYS_gettid,
    libc::SYS_getpid,
    libc::SYS_exit,
    libc::SYS_exit_group,
    // Signals, as panics and aborts use them.
    libc::SYS_rt_sigreturn,
    libc::SYS_rt_sigprocmask,
    libc::SYS_sigaltstack,
    // Time and chance.
    libc::SYS_clock_gettime,
    libc::SYS_clock_nanosleep,
    libc::SYS_nanosleep,
    libc::SYS_restart_syscall,
    libc::SYS_getrandom,
];

/// Calls that are answered with EACCES.
const SOFT: &[i64] = &[
    libc::SYS_openat,
    libc::SYS_statx,
    libc::SYS_newfstatat,
    libc::SYS_fstat,
    libc::SYS_readlinkat,
    libc::SYS_faccessat,
    libc::SYS_getcwd,
    libc::SYS_ioctl,
    libc::SYS_sched_getaffinity,
];

/// More of both, which only older architectures have.
#[cfg(target_arch = "x86_64")]
const OLD: (&[i64], &[i64]) =
    (&[libc::SYS_poll], &[libc::SYS_open, libc::SYS_stat, libc::SYS_lstat, libc::SYS_readlink, libc::SYS_access]);
#[cfg(not(target_arch = "x86_64"))]
const OLD: (&[i64], &[i64]) = (&[], &[]);

/// What can go wrong while filters are made or installed.
#[derive(Debug, thiserror::Error)]
pub(super) enum FilterError {
    #[error("{0}")]
    Backend(#[from] seccompiler::BackendError),
    #[error("{0}")]
    Install(#[from] seccompiler::Error),
}

/// Installs the filter that answers EACCES, for all threads.
pub(super) fn install_soft() -> Result<(), FilterError> {
    let mut rules: Rules = SOFT.iter().chain(OLD.1).map(|call| (*call, Vec::new())).collect();
    // The next filter can only be installed by a process that sets `no_new_privs`, which is set already.
    let other = condition(0, Dword, SeccompCmpOp::Ne, libc::PR_SET_NO_NEW_PRIVS as u64)?;
    rules.insert(libc::SYS_prctl, vec![SeccompRule::new(vec![other])?]);
    install(rules, SeccompAction::Allow, SeccompAction::Errno(libc::EACCES as u32))
}

/// Installs the filter that kills, for all threads.
pub(super) fn install_hard() -> Result<(), FilterError> {
    let free = FREE.iter().chain(SOFT).chain(OLD.0).chain(OLD.1).chain(&[libc::SYS_prctl]);
    let mut rules: Rules = free.map(|call| (*call, Vec::new())).collect();
    let no_execute = || {
        let other = SeccompCmpOp::MaskedEq(!((libc::PROT_READ | libc::PROT_WRITE) as u64));
        condition(2, Qword, other, 0)
    };
    let counted = SeccompCmpOp::MaskedEq((libc::MAP_TYPE | libc::MAP_GROWSDOWN) as u64);
    let counted = condition(3, Dword, counted, libc::MAP_PRIVATE as u64)?;
    let is = |argument, value| condition(argument, Dword, SeccompCmpOp::Eq, value);
    for (call, conditions) in [
        (libc::SYS_mmap, vec![no_execute()?, counted]),
        (libc::SYS_mprotect, vec![no_execute()?]),
        (libc::SYS_sendmsg, vec![is(0, 0)?]),
        (libc::SYS_recvmsg, vec![is(0, 0)?]),
        (libc::SYS_tgkill, vec![is(0, u64::from(std::process::id()))?]),
        // Debug builds look whether a descriptor is open before they close it.
        (libc::SYS_fcntl, vec![is(1, libc::F_GETFD as u64)?]),
    ] {
        rules.insert(call, vec![SeccompRule::new(conditions)?]);
    }
    install(rules, SeccompAction::KillProcess, SeccompAction::Allow)
}

fn condition(
    argument: u8,
    length: seccompiler::SeccompCmpArgLen,
    compare: SeccompCmpOp,
    value: u64,
) -> Result<SeccompCondition, FilterError> {
    Ok(SeccompCondition::new(argument, length, compare, value)?)
}

fn install(rules: Rules, otherwise: SeccompAction, matched: SeccompAction) -> Result<(), FilterError> {
    let architecture = std::env::consts::ARCH.try_into()?;
    let program: BpfProgram = SeccompFilter::new(rules, otherwise, matched, architecture)?.try_into()?;
    Ok(seccompiler::apply_filter_all_threads(&program)?)
}
