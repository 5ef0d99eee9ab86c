//! The walls: every byte of a model is read by a worker process that is locked in before it sees the first one.
//!
//! The parent keeps the keys, the clock, the policy and the paths. The worker gets the file, the rows and the output, and the
//! files that belong to the model one at a time, through the one socket that it has, and can do nothing with the rest of the machine: no open, no
//! network, no new process or thread, no executable memory, bounded memory and time. It may still be taken over by a file
//! that finds a fault in a parser; then the walls protect the host, not the verdict.
//!
//! | file | what it does |
//! | --- | --- |
//! | `clock` | until when a worker may take |
//! | `bundle` | several small files in one packet |
//! | `protocol`, `conversation` | the words, and the parent's state machine over them |
//! | `worker`, `walls`, `filter` | the worker's side: lock-down, then orders |
//! | `parent`, `spawn`, `status` | the parent's side: start, check against the kernel's word, watch, kill and reap |
//! | `room` | resource limits from the limits of a job |
//! | `death`, `exit` | ways to end without an answer, told apart |
//!
//! ```no_run
//! // First in main: a process that was started to be a worker never comes back from here.
//! coldload::sandbox::init();
//! ```
#![deny(clippy::indexing_slicing, clippy::unwrap_used, clippy::expect_used)]
#![cfg_attr(not(target_os = "linux"), allow(dead_code))]

#[cfg(target_os = "linux")]
mod bundle;
mod clock;
mod conversation;
mod death;
pub(crate) mod fuzzed;
mod kept;
mod perform;
mod protocol;
mod report;
mod room;
#[cfg(test)]
mod sample;

#[cfg(target_os = "linux")]
mod descriptors;
#[cfg(target_os = "linux")]
mod exit;
#[cfg(target_os = "linux")]
mod filter;
#[cfg(target_os = "linux")]
mod line;
#[cfg(target_os = "linux")]
mod parent;
#[cfg(target_os = "linux")]
mod socket;
#[cfg(target_os = "linux")]
mod spawn;
#[cfg(target_os = "linux")]
mod status;
#[cfg(target_os = "linux")]
mod sys;
#[cfg(target_os = "linux")]
mod walls;
#[cfg(target_os = "linux")]
mod worker;

#[cfg(all(target_os = "linux", feature = "escape-tests"))]
mod escape;

use crate::bytes::Expectation;
use crate::job::{Emit, Job, Outcome};
use std::fs::File;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};

pub use conversation::Breach;
pub use death::{Crash, Death};
pub use kept::Worker;
pub use perform::Run;
pub use report::{Check, ConfirmedBy, Level, Wall, Walls};
pub use room::Room;

/// What runs the jobs.
#[cfg(not(all(target_os = "linux", feature = "escape-tests")))]
const RUN: Run = crate::job::run;
#[cfg(all(target_os = "linux", feature = "escape-tests"))]
const RUN: Run = escape::run;

/// Which program is the worker.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sandbox {
    /// The coldload binary of this version, at this path.
    Program(PathBuf),
    /// This program itself. Its `main` has to call [`init`] first.
    SelfExec,
    /// None: the job runs in this process, without walls. Goes with [`Level::Off`] and [`Level::BestEffort`].
    InProcess,
}

/// A job over one opened file.
#[derive(Debug, Clone, Copy)]
pub struct Work<'a> {
    /// What to do, and under which limits.
    pub job: &'a Job,
    /// The opened file. Its offset plays no part.
    pub file: &'a File,
    /// Size of the file when it was opened.
    pub size: u64,
    /// Bytes of the files beside it that may be asked for: limits grow with them.
    pub beside: u64,
    /// What its bytes have to be.
    pub expectation: &'a Expectation,
    /// Rows to answer.
    pub rows: Option<&'a File>,
    /// Where to write: an empty file that can be read and written, not yet where anyone looks for it.
    pub out: Option<&'a File>,
}

impl Work<'_> {
    #[cfg(target_os = "linux")]
    fn room(&self) -> Room {
        let rows = self.rows.map(|rows| rows.metadata().map_or(0, |metadata| metadata.len()));
        let all = self.size.saturating_add(self.beside);
        Room::of(self.job, all, rows, self.out.is_some()).with_file(self.beside)
    }
}

/// An order that was sent before its turn: see [`Worker::queue`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Queued(u64);

/// A job that was done.
#[derive(Debug, Clone, PartialEq)]
pub struct Finished {
    /// How it ended. When it is `Done` and a worker wrote an output, the output has that length and digest, and the worker
    /// is dead.
    pub outcome: Outcome,
    /// The walls behind which it was done.
    pub walls: Walls,
}

static READY: AtomicBool = AtomicBool::new(false);

/// Makes this program able to be its own worker. Has to be the first call in `main`, before anything is opened or a thread
/// is started: in a process that was started to be a worker it does not return.
pub fn init() {
    READY.store(true, Ordering::Relaxed);
    #[cfg(target_os = "linux")]
    if worker::is_meant() {
        worker::live(RUN)
    }
}

fn ready() -> bool {
    READY.load(Ordering::Relaxed)
}

/// Keeps what this process holds from a program that is started while this lives: its descriptors for good, its memory and
/// its variables in `/proc` until this is dropped. A program that runs as root sees the latter all the same.
#[derive(Debug)]
pub struct Hidden {
    #[cfg(target_os = "linux")]
    before: rustix::process::DumpableBehavior,
}

impl Hidden {
    /// From now on.
    pub fn new() -> std::io::Result<Hidden> {
        #[cfg(target_os = "linux")]
        {
            use rustix::process::{DumpableBehavior, dumpable_behavior, set_dumpable_behavior};
            sys::keep_from_children()?;
            let before = dumpable_behavior()?;
            set_dumpable_behavior(DumpableBehavior::NotDumpable)?;
            Ok(Hidden { before })
        }
        #[cfg(not(target_os = "linux"))]
        Ok(Hidden {})
    }
}

impl Drop for Hidden {
    fn drop(&mut self) {
        #[cfg(target_os = "linux")]
        let _ = rustix::process::set_dumpable_behavior(self.before);
    }
}

/// Does one job in a worker of its own, with exactly the room that it needs.
pub fn run(sandbox: &Sandbox, level: Level, work: &Work<'_>, emit: &mut dyn Emit) -> Result<Finished, Death> {
    Worker::once(sandbox, level).run(work, emit)
}

/// What this machine offers: starts a worker and tries each wall.
pub fn doctor(sandbox: &Sandbox) -> Vec<Check> {
    let walls = match Worker::start(sandbox, Level::BestEffort) {
        Ok(worker) => worker.walls().clone(),
        Err(death) => Walls { missing: vec![death.to_string()], ..Walls::none() },
    };
    let missing = |wall: &str| walls.missing.iter().find_map(|why| why.strip_prefix(wall)?.strip_prefix(": "));
    let note = |text: Option<String>, wall| text.or_else(|| missing(wall).map(str::to_owned)).unwrap_or_default();
    let check = |name: &str, holds, needed_for, note| Check { name: name.to_owned(), holds, needed_for, note };
    let seccomp = walls.seccomp.then(|| format!("{} filters", walls.seccomp_filters));
    let landlock = walls.landlock_abi.map(|abi| format!("version {abi} of its interface"));
    let memory =
        walls.limits.map(|room| format!("memory, output, processor time, descriptors: {} MiB", room.memory >> 20));
    let confirmed = match walls.confirmed_by {
        Some(ConfirmedBy::Kernel) => "in /proc/PID/status",
        Some(ConfirmedBy::SelfReported) => "/proc does not show the worker, or whose filters they are",
        None => "there is no worker to ask about",
    };
    vec![
        check(
            "own process",
            walls.process,
            Level::Required,
            if walls.process { String::new() } else { walls.missing.join("; ") },
        ),
        check("no new privileges", walls.no_new_privs, Level::Required, note(None, "no new privileges")),
        check("seccomp", walls.seccomp, Level::Required, note(seccomp, "seccomp")),
        check("resource limits", walls.limits.is_some(), Level::Required, note(memory, "limits")),
        check("landlock", walls.landlock_abi.is_some(), Level::Strict, note(landlock, "landlock")),
        check("capabilities dropped", walls.capabilities_dropped, Level::Strict, note(None, "capabilities")),
        check("not dumpable", !walls.dumpable, Level::Strict, note(None, "not dumpable")),
        check(
            "confirmed by the kernel",
            walls.confirmed_by == Some(ConfirmedBy::Kernel),
            Level::Strict,
            confirmed.to_owned(),
        ),
    ]
}
