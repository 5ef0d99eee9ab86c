//! What the walls are: the levels that can be asked for, what a worker claims, and what a report says about them.
//!
//! A claim is what the worker found when it *tried* each wall. The parent compares it with the demand and with what the
//! kernel says of that process; [`Walls`] is the result, and goes into every report.

use super::room::Room;
use serde::{Deserialize, Serialize};

/// How much is demanded of the walls.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Level {
    /// No worker: the job runs in the caller's own process.
    Off,
    /// Whatever this machine offers, and a report of it.
    BestEffort,
    /// Own process, no new privileges, a seccomp allow list that kills, resource limits. The default.
    Required,
    /// All of that, landlock, no capabilities, not dumpable, and the kernel's own word for it.
    Strict,
}

impl Level {
    /// Every level, strictest first, as `--sandbox` lists them.
    pub const ALL: [Level; 4] = [Level::Strict, Level::Required, Level::BestEffort, Level::Off];

    /// The level as `--sandbox` takes it.
    pub const fn text(self) -> &'static str {
        match self {
            Level::Strict => "strict",
            Level::Required => "required",
            Level::BestEffort => "best-effort",
            Level::Off => "off",
        }
    }

    /// The level with this text.
    pub fn from_text(text: &str) -> Option<Level> {
        Level::ALL.into_iter().find(|level| level.text() == text)
    }
}

/// One wall, as tests take it away.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Wall {
    /// No ptrace, no core dump, `/proc/PID/mem` belongs to root.
    NotDumpable,
    /// Resource limits.
    Limits,
    /// No capabilities.
    Capabilities,
    /// No new privileges.
    NoNewPrivileges,
    /// Landlock.
    Landlock,
    /// The seccomp filter that answers EACCES.
    SeccompSoft,
    /// The seccomp filter that kills.
    SeccompHard,
}

/// The walls that a worker found standing when it tried them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Claim {
    pub dumpable: bool,
    pub limits: Option<Room>,
    pub capabilities_dropped: bool,
    pub no_new_privs: bool,
    pub landlock_abi: Option<u32>,
    pub seccomp_filters: u32,
    /// Opening `/` gave EACCES after lock-down.
    pub open_refused: bool,
    /// Why walls are missing.
    pub missing: Vec<String>,
}

/// Who says that the walls stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ConfirmedBy {
    /// The kernel, in `/proc/PID/status`. Landlock does not show there: the worker tried it.
    Kernel,
    /// Only the worker, before it read a byte of the model.
    SelfReported,
}

impl ConfirmedBy {
    /// The word that reports use.
    pub const fn text(self) -> &'static str {
        match self {
            ConfirmedBy::Kernel => "kernel",
            ConfirmedBy::SelfReported => "self-reported",
        }
    }
}

/// The walls around the process that read the model, as reports show them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Walls {
    /// `strict` or `required` when that was asked for and holds; for `best-effort` what holds, `required` or `process`;
    /// `none` in the caller's own process.
    pub level: String,
    /// A process of its own reads the model.
    pub process: bool,
    /// `no_new_privs` is set.
    pub no_new_privs: bool,
    /// The allow list that kills, and the one that answers EACCES, are in force.
    pub seccomp: bool,
    /// Number of seccomp filters, those that were there before included.
    pub seccomp_filters: u32,
    /// Version of landlock's interface that is in force.
    pub landlock_abi: Option<u32>,
    /// The worker has no capabilities.
    pub capabilities_dropped: bool,
    /// The worker can be traced and leaves core dumps.
    pub dumpable: bool,
    /// Its resource limits.
    pub limits: Option<Room>,
    /// Who says so; absent where there are no walls.
    pub confirmed_by: Option<ConfirmedBy>,
    /// Why walls are missing, one text each.
    pub missing: Vec<String>,
}

impl Walls {
    /// No walls: the job runs in the caller's own process.
    pub fn none() -> Walls {
        Walls {
            level: "none".to_owned(),
            process: false,
            no_new_privs: false,
            seccomp: false,
            seccomp_filters: 0,
            landlock_abi: None,
            capabilities_dropped: false,
            dumpable: true,
            limits: None,
            confirmed_by: None,
            missing: Vec::new(),
        }
    }
}

impl std::fmt::Display for Walls {
    /// `process, seccomp, landlock 7`, or `none`.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if !self.process {
            return f.write_str("none");
        }
        f.write_str("process")?;
        if self.seccomp {
            f.write_str(", seccomp")?;
        }
        if let Some(abi) = self.landlock_abi {
            write!(f, ", landlock {abi}")?;
        }
        if let Some(by @ ConfirmedBy::SelfReported) = self.confirmed_by {
            write!(f, ", {}", by.text())?;
        }
        Ok(())
    }
}

/// What `doctor` says about one wall.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Check {
    /// The wall, in a few words.
    pub name: String,
    /// It holds.
    pub holds: bool,
    /// Which level needs it.
    pub needed_for: Level,
    /// More about it: a number, or why it is missing.
    pub note: String,
}
