//! What the kernel says of a worker, in `/proc/PID/status` and `/proc/PID/limits`, and whether the walls that stand are the
//! walls that were demanded.

use super::death::Death;
use super::report::{Claim, ConfirmedBy, Level, Walls};
use super::room::Room;
use std::fs::File;
use std::os::unix::fs::FileExt;
use std::time::Duration;

/// Seccomp as the thread has it that starts workers, and they inherit it.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Inherited {
    mode: Option<u32>,
    filters: Option<u32>,
}

/// What the kernel says of a process: of all its threads, the one around which least stands.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Seen {
    seccomp: u32,
    filters: Option<u32>,
    no_new_privs: bool,
    capabilities: u64,
    limits: Room,
}

/// Seccomp of the calling thread.
pub(super) fn inherited() -> Inherited {
    let status = std::fs::read_to_string("/proc/thread-self/status").unwrap_or_default();
    Inherited { mode: number(&status, "Seccomp:", 10), filters: number(&status, "Seccomp_filters:", 10) }
}

/// What the kernel says of this process; `None` where there is no `/proc`, or it does not show other processes.
pub(super) fn seen(process: u32) -> Option<Seen> {
    let limits = std::fs::read_to_string(format!("/proc/{process}/limits")).ok()?;
    let threads = std::fs::read_dir(format!("/proc/{process}/task")).ok()?;
    let each = threads.map(|thread| {
        let status = std::fs::read_to_string(thread.ok()?.path().join("status")).ok()?;
        parse(&status, &limits)
    });
    each.reduce(|one, other| Some(one?.or_less(other?)))?
}

/// How long processors have worked for a process, which may have ended and waits to be reaped (proc_pid_stat(5), `utime` and `stime`).
pub(super) fn worked(process: u32) -> Option<Duration> {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    // A name in parentheses stands before the third field, and may hold anything.
    let (_, fields) = stat.rsplit_once(')')?;
    let mut times = fields.split_whitespace().skip(11).map(str::parse::<u64>);
    let ticks = times.next()?.ok()?.saturating_add(times.next()?.ok()?);
    let second = rustix::param::clock_ticks_per_second().max(1);
    Some(Duration::from_millis(ticks.saturating_mul(1000).checked_div(second)?))
}

/// Where the kernel says how the threads of a process are scheduled, if it does.
pub(super) fn schedules(process: u32) -> Vec<File> {
    let threads = std::fs::read_dir(format!("/proc/{process}/task")).into_iter().flatten().flatten();
    threads.filter_map(|thread| File::open(thread.path().join("schedstat")).ok()).collect()
}

/// How long the thread that had to wait longest was ready to go on and had no processor: other programs had them all.
pub(super) fn waited(schedules: &[File]) -> Duration {
    let waited = |schedule: &File| {
        let mut line = [0; 64];
        let read = schedule.read_at(&mut line, 0).ok()?;
        let text = std::str::from_utf8(line.get(..read)?).ok()?;
        text.split_whitespace().nth(1)?.parse().ok()
    };
    Duration::from_nanos(schedules.iter().filter_map(waited).max().unwrap_or(0))
}

impl Seen {
    /// What stands round both of two threads.
    fn or_less(self, other: Seen) -> Seen {
        Seen {
            seccomp: self.seccomp.min(other.seccomp),
            filters: self.filters.zip(other.filters).map(|(one, other)| one.min(other)),
            no_new_privs: self.no_new_privs && other.no_new_privs,
            capabilities: self.capabilities | other.capabilities,
            limits: self.limits,
        }
    }
}

fn parse(status: &str, limits: &str) -> Option<Seen> {
    let capabilities = ["CapEff:", "CapPrm:", "CapInh:", "CapAmb:"].map(|set| number::<u64>(status, set, 16));
    Some(Seen {
        seccomp: number(status, "Seccomp:", 10)?,
        filters: number(status, "Seccomp_filters:", 10),
        no_new_privs: number::<u32>(status, "NoNewPrivs:", 10)? == 1,
        capabilities: capabilities.into_iter().try_fold(0, |all, set| Some(all | set?))?,
        limits: Room {
            memory: limit(limits, "Max data size")?,
            output: limit(limits, "Max file size")?,
            cpu_seconds: limit(limits, "Max cpu time")?,
            descriptors: limit(limits, "Max open files")?,
        },
    })
}

/// The number behind `name` at the start of a line.
fn number<T: TryFrom<u64>>(text: &str, name: &str, base: u32) -> Option<T> {
    let value = text.lines().find_map(|line| line.strip_prefix(name))?;
    T::try_from(u64::from_str_radix(value.trim(), base).ok()?).ok()
}

/// The soft limit behind `name` at the start of a line.
fn limit(text: &str, name: &str) -> Option<u64> {
    match text.lines().find_map(|line| line.strip_prefix(name))?.split_whitespace().next()? {
        "unlimited" => Some(u64::MAX),
        value => value.parse().ok(),
    }
}

/// Compares what a worker claims and what the kernel says with what is demanded. The kernel's word counts more.
pub(super) fn compare(
    level: Level,
    room: &Room,
    claim: Claim,
    seen: Option<&Seen>,
    inherited: Inherited,
) -> Result<Walls, Death> {
    let counted = seen.map(|seen| match (seen.filters, inherited.filters) {
        (Some(now), Some(before)) => Some(now >= before.saturating_add(2)),
        // Kernels before 5.9 do not count; a first filter can still be told from none.
        _ if inherited.mode == Some(0) => Some(seen.seccomp == 2),
        _ => None,
    });
    let seccomp = claim.seccomp_filters == 2
        && claim.open_refused
        && seen.is_none_or(|seen| seen.seccomp == 2)
        && counted.flatten() != Some(false);
    let kernel = matches!(counted, Some(Some(_)));
    let mut walls = Walls {
        level: String::new(),
        process: true,
        no_new_privs: claim.no_new_privs && seen.is_none_or(|seen| seen.no_new_privs),
        seccomp,
        seccomp_filters: seen.and_then(|seen| seen.filters).unwrap_or(claim.seccomp_filters),
        landlock_abi: claim.landlock_abi,
        capabilities_dropped: claim.capabilities_dropped && seen.is_none_or(|seen| seen.capabilities == 0),
        dumpable: claim.dumpable,
        limits: claim.limits.map(|claimed| seen.map_or(claimed, |seen| seen.limits)).filter(|held| room.holds(held)),
        confirmed_by: Some(if kernel { ConfirmedBy::Kernel } else { ConfirmedBy::SelfReported }),
        missing: claim.missing,
    };
    for text in &mut walls.missing {
        *text = crate::reason::escape(text);
    }
    let required = lacking(Level::Required, &walls);
    walls.level = match level {
        Level::BestEffort | Level::Off if required.is_empty() => Level::Required.text(),
        Level::BestEffort | Level::Off => "process",
        Level::Required | Level::Strict => level.text(),
    }
    .to_owned();
    let lacking = lacking(level, &walls);
    if lacking.is_empty() { Ok(walls) } else { Err(too_low(level, &lacking, &walls.missing)) }
}

/// The walls that a level asks for and that do not stand.
fn lacking(level: Level, walls: &Walls) -> Vec<&'static str> {
    [
        (Level::Required, walls.no_new_privs, "no new privileges"),
        (Level::Required, walls.seccomp, "seccomp"),
        (Level::Required, walls.limits.is_some(), "resource limits"),
        (Level::Strict, walls.landlock_abi.is_some(), "landlock"),
        (Level::Strict, walls.capabilities_dropped, "dropped capabilities"),
        (Level::Strict, !walls.dumpable, "no dumps"),
        (Level::Strict, walls.confirmed_by == Some(ConfirmedBy::Kernel), "the kernel's confirmation in /proc"),
    ]
    .into_iter()
    .filter(|(needed_for, stands, _)| level >= *needed_for && !stands)
    .map(|(_, _, name)| name)
    .collect()
}

fn too_low(level: Level, lacking: &[&str], missing: &[String]) -> Death {
    let why = if missing.is_empty() { String::new() } else { format!(" ({})", missing.join("; ")) };
    let next = match level {
        Level::Strict => "--sandbox required  does without landlock; --sandbox best-effort  takes what there is",
        _ => "run it where seccomp is allowed; --sandbox best-effort  takes what there is and says so",
    };
    Death::unavailable(
        format!(
            "this machine does not give the sandbox that {:?} asks for: without {}{why}",
            level.text(),
            lacking.join(", ")
        ),
        next,
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sandbox::sample;

    const ROOM: Room = Room { memory: 100, output: 0, cpu_seconds: 9, descriptors: 8 };
    const NONE: Inherited = Inherited { mode: Some(0), filters: Some(0) };

    fn claim() -> Claim {
        sample::claim(ROOM)
    }

    fn kernel() -> Seen {
        Seen { seccomp: 2, filters: Some(2), no_new_privs: true, capabilities: 0, limits: ROOM }
    }

    #[test]
    fn all_walls_are_strict() {
        let walls = compare(Level::Strict, &ROOM, claim(), Some(&kernel()), NONE).unwrap();
        assert_eq!((walls.level.as_str(), walls.confirmed_by), ("strict", Some(ConfirmedBy::Kernel)));
        assert_eq!(walls.to_string(), "process, seccomp, landlock 7");
    }

    #[test]
    fn required_refuses_when_one_of_its_walls_is_missing() {
        for take in [
            |claim: &mut Claim| claim.no_new_privs = false,
            |claim: &mut Claim| claim.seccomp_filters = 1,
            |claim: &mut Claim| claim.open_refused = false,
            |claim: &mut Claim| claim.limits = None,
            |claim: &mut Claim| claim.limits = Some(Room { memory: 101, ..ROOM }),
        ] {
            let mut claim = claim();
            take(&mut claim);
            assert!(matches!(compare(Level::Required, &ROOM, claim.clone(), None, NONE), Err(Death::Unavailable(_))));
            let walls = compare(Level::BestEffort, &ROOM, claim, None, NONE).unwrap();
            assert_eq!(walls.level, "process");
        }
    }

    #[test]
    fn the_kernel_is_believed_more_than_the_worker() {
        for take in [
            |seen: &mut Seen| seen.seccomp = 0,
            |seen: &mut Seen| seen.filters = Some(1),
            |seen: &mut Seen| seen.no_new_privs = false,
            |seen: &mut Seen| seen.limits.memory = u64::MAX,
        ] {
            let mut seen = kernel();
            take(&mut seen);
            assert!(compare(Level::Required, &ROOM, claim(), Some(&seen), NONE).is_err());
        }
        let container = Inherited { mode: Some(2), filters: Some(1) };
        assert!(
            compare(Level::Required, &ROOM, claim(), Some(&kernel()), container).is_err(),
            "one filter is not ours"
        );
        let three = Seen { filters: Some(3), ..kernel() };
        assert!(compare(Level::Strict, &ROOM, claim(), Some(&three), container).is_ok());
    }

    #[test]
    fn strict_asks_for_more() {
        for take in [
            |claim: &mut Claim| claim.landlock_abi = None,
            |claim: &mut Claim| claim.capabilities_dropped = false,
            |claim: &mut Claim| claim.dumpable = true,
        ] {
            let mut claim = claim();
            take(&mut claim);
            assert!(compare(Level::Strict, &ROOM, claim.clone(), Some(&kernel()), NONE).is_err());
            assert_eq!(compare(Level::Required, &ROOM, claim, Some(&kernel()), NONE).unwrap().level, "required");
        }
        let unseen = compare(Level::Required, &ROOM, claim(), None, NONE).unwrap();
        assert_eq!(unseen.confirmed_by, Some(ConfirmedBy::SelfReported));
        assert!(compare(Level::Strict, &ROOM, claim(), None, NONE).is_err());
        let old = Seen { filters: None, ..kernel() };
        let container = Inherited { mode: Some(2), filters: None };
        let walls = compare(Level::Required, &ROOM, claim(), Some(&old), container).unwrap();
        assert_eq!(walls.confirmed_by, Some(ConfirmedBy::SelfReported), "that filter may be the container's");
    }

    #[test]
    fn one_thread_outside_the_walls_is_enough() {
        for take in [
            |seen: &mut Seen| seen.seccomp = 0,
            |seen: &mut Seen| seen.filters = Some(1),
            |seen: &mut Seen| seen.no_new_privs = false,
            |seen: &mut Seen| seen.capabilities = 1,
        ] {
            let mut outside = kernel();
            take(&mut outside);
            for seen in [kernel().or_less(outside.clone()), outside.clone().or_less(kernel())] {
                assert_eq!(seen, outside);
                assert!(compare(Level::Strict, &ROOM, claim(), Some(&seen), NONE).is_err());
            }
        }
        assert_eq!(kernel().or_less(kernel()), kernel());
    }

    #[test]
    fn the_kernels_own_text_is_read() {
        // Threads of other tests come and go meanwhile; those of a worker do not.
        let own = (0..1000).find_map(|_| seen(std::process::id())).unwrap();
        assert!(own.limits.descriptors > 8);
        let status = "Name:\tSeccomp:\t2\nCapInh:\t0\nCapPrm:\t0\nCapEff:\t00000000a80425fb\nCapAmb:\t0\nNoNewPrivs:\t1\nSeccomp:\t2\n";
        let limits = "Max cpu time     5   6  seconds\nMax file size  unlimited unlimited bytes\nMax data size 7 7 bytes\nMax open files 8 8 files\n";
        let seen = parse(status, limits).unwrap();
        assert_eq!((seen.seccomp, seen.filters, seen.capabilities), (2, None, 0xa804_25fb));
        assert_eq!(seen.limits, Room { memory: 7, output: u64::MAX, cpu_seconds: 5, descriptors: 8 });
    }
}
