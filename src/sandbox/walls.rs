//! The walls as a worker puts them up around itself, in the order in which each can still be put up.
//!
//! Nothing is believed that was not tried: what the worker claims at the end is what it saw when it ran against the wall.

use super::filter;
use super::report::{Claim, Wall};
use super::room::Room;
use crate::bytes::cores;
use rustix::fs::{Mode, OFlags};
use rustix::process::{DumpableBehavior, Resource, Rlimit, Signal};
use rustix::thread::{CapabilitySet, CapabilitySets};

/// Dies with the parent. A worker whose parent died before this is none.
pub(super) fn die_with_parent() -> rustix::io::Result<()> {
    rustix::process::set_parent_process_death_signal(Some(Signal::KILL))
}

/// Puts up every wall but the ones in `without`, and says which stand.
pub(super) fn put_up(room: &Room, without: &[Wall], warm: impl FnOnce()) -> Claim {
    let mut builder = Builder { without, missing: Vec::new() };
    builder.raise(Wall::NotDumpable, "not dumpable", || {
        Ok(rustix::process::set_dumpable_behavior(DumpableBehavior::NotDumpable)?)
    });
    let limits = builder.raise(Wall::Limits, "limits", || limit(room)).then(in_force);
    builder.raise(Wall::Capabilities, "capabilities", || {
        let none = CapabilitySet::empty();
        let none = CapabilitySets { effective: none, permitted: none, inheritable: none };
        Ok(rustix::thread::set_capabilities(None, none)?)
    });
    builder.raise(Wall::NoNewPrivileges, "no new privileges", || Ok(rustix::thread::set_no_new_privs(true)?));
    let mut abi = None;
    builder.raise(Wall::Landlock, "landlock", || {
        let in_force = landlock_everything()?;
        if !open_is_refused(OFlags::RDONLY) {
            return Err("it is said to be in force, and / can be opened".into());
        }
        abi = Some(in_force);
        Ok(())
    });
    quiet_panics();
    warm();
    let capabilities = rustix::thread::capabilities(None);
    let mut claim = Claim {
        dumpable: rustix::process::dumpable_behavior() != Ok(DumpableBehavior::NotDumpable),
        limits,
        capabilities_dropped: capabilities.is_ok_and(|held| held.effective.is_empty() && held.permitted.is_empty()),
        no_new_privs: rustix::thread::no_new_privs() == Ok(true),
        landlock_abi: abi,
        seccomp_filters: 0,
        open_refused: false,
        missing: Vec::new(),
    };
    for (wall, name, install) in [
        (Wall::SeccompSoft, "seccomp", filter::install_soft as fn() -> Result<(), filter::FilterError>),
        (Wall::SeccompHard, "seccomp", filter::install_hard),
    ] {
        let stands = builder.raise(wall, name, || Ok(install()?));
        claim.seccomp_filters = claim.seccomp_filters.saturating_add(u32::from(stands));
    }
    // A path descriptor is what landlock alone would hand out.
    claim.open_refused = open_is_refused(OFlags::PATH);
    claim.missing = builder.missing;
    claim
}

struct Builder<'a> {
    without: &'a [Wall],
    missing: Vec<String>,
}

impl Builder<'_> {
    fn raise(
        &mut self,
        wall: Wall,
        name: &str,
        put_up: impl FnOnce() -> Result<(), Box<dyn std::error::Error>>,
    ) -> bool {
        let raised = if self.without.contains(&wall) { Err("left out".into()) } else { put_up() };
        if let Err(error) = &raised {
            self.missing.push(format!("{name}: {error}"));
        }
        raised.is_ok()
    }
}

/// The limits of a room, as the kernel knows them.
fn resources(room: &Room) -> [(Resource, u64, u64); 6] {
    // What is reserved and never written costs only page tables: 2 MiB a GiB. Each thread's heap reserves 128 MiB.
    let reserved = (cores() as u64).saturating_mul(128 << 20).saturating_add(2 << 30);
    let address_space = room.memory.saturating_add(reserved);
    [
        (Resource::As, address_space, address_space),
        (Resource::Data, room.memory, room.memory),
        (Resource::Fsize, room.output, room.output),
        (Resource::Core, 0, 0),
        // The first second too many says so (SIGXCPU), the next one kills.
        (Resource::Cpu, room.cpu_seconds, room.cpu_seconds.saturating_add(1)),
        (Resource::Nofile, room.descriptors, room.descriptors),
    ]
}

/// Lowers the limits; one that is lower already stays.
fn limit(room: &Room) -> Result<(), Box<dyn std::error::Error>> {
    for (resource, soft, hard) in resources(room) {
        let found = rustix::process::getrlimit(resource);
        let highest = found.maximum.unwrap_or(u64::MAX);
        // How long a file may become is said by the lower one of the two: the program that writes it holds to that as well.
        let soft = if resource == Resource::Fsize { soft.min(found.current.unwrap_or(u64::MAX)) } else { soft };
        let wanted = Rlimit { current: Some(soft.min(highest)), maximum: Some(hard.min(highest)) };
        rustix::process::setrlimit(resource, wanted)?;
    }
    Ok(())
}

/// The limits that are in force.
fn in_force() -> Room {
    let read = |resource| rustix::process::getrlimit(resource).current.unwrap_or(u64::MAX);
    Room {
        memory: read(Resource::Data),
        output: read(Resource::Fsize),
        cpu_seconds: read(Resource::Cpu),
        descriptors: read(Resource::Nofile),
    }
}

/// Forbids all that the kernel's landlock can forbid: files, TCP, abstract sockets, signals. The ABI that is in force.
fn landlock_everything() -> Result<u32, Box<dyn std::error::Error>> {
    use landlock::{ABI, Access, AccessFs, AccessNet, LandlockStatus, Ruleset, RulesetAttr, RulesetStatus, Scope};
    const NEWEST: ABI = ABI::V10;
    let status = Ruleset::default()
        .handle_access(AccessFs::from_all(NEWEST))?
        .handle_access(AccessNet::from_all(NEWEST))?
        .scope(Scope::from_all(NEWEST))?
        .create()?
        .restrict_self()?;
    match (status.ruleset, status.landlock) {
        (RulesetStatus::NotEnforced, _) | (_, LandlockStatus::NotEnabled | LandlockStatus::NotImplemented) => {
            Err("this kernel does not have it, or has it turned off".into())
        }
        (_, LandlockStatus::Available { effective_abi, .. }) => Ok(effective_abi as u32),
    }
}

/// Whether opening the root folder is refused with EACCES, which is not how it fails for want of anything else.
fn open_is_refused(how: OFlags) -> bool {
    let opened = rustix::fs::open("/", how | OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty());
    opened.err() == Some(rustix::io::Errno::ACCESS)
}

/// A panic says where it happened, and its text only if that was written in the program: any other may hold bytes of a file.
fn quiet_panics() {
    std::panic::set_hook(Box::new(|panic| {
        let text = panic.payload().downcast_ref::<&'static str>().copied().unwrap_or("panic");
        match panic.location() {
            Some(at) => eprintln!("{text} at {}:{}", at.file(), at.line()),
            None => eprintln!("{text}"),
        }
    }));
}
