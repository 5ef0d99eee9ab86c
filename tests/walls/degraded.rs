//! Kernels and machines that lack something: the program is started behind a filter of this test, which answers some calls
//! as such a kernel would, or in a mount namespace without `/proc`; workers inherit both.
//!
//! A filter belongs to a process for the rest of its life, so each case runs in a process of its own: the test starts itself
//! again, with the case in its environment, installs the filter, and becomes the program.

use super::*;
use coldload::sandbox::ConfirmedBy;
use seccompiler::SeccompCmpArgLen::{Dword, Qword};
use seccompiler::SeccompCmpOp::{MaskedEq, Ne};
use seccompiler::{BpfProgram, SeccompAction, SeccompCmpOp, SeccompCondition, SeccompFilter, SeccompRule};
use serde_json::Value;

/// What is taken away, and what each level makes of it.
const CASES: &[(&str, [Ends; 3])] = &[
    // Levels:              strict                         required                       best-effort
    ("nothing", [Accepts("strict", LANDLOCK), Accepts("required", LANDLOCK), Accepts("required", LANDLOCK)]),
    (
        "a call that nobody needs",
        [Accepts("strict", LANDLOCK), Accepts("required", LANDLOCK), Accepts("required", LANDLOCK)],
    ),
    (
        "calls that old kernels lack",
        [Accepts("strict", LANDLOCK), Accepts("required", LANDLOCK), Accepts("required", LANDLOCK)],
    ),
    ("landlock", [Refuses("without landlock (landlock: "), Accepts("required", NONE), Accepts("required", NONE)]),
    (
        "landlock, turned off at boot",
        [Refuses("without landlock (landlock: "), Accepts("required", NONE), Accepts("required", NONE)],
    ),
    ("landlock's last call", [Refuses("without landlock"), Accepts("required", NONE), Accepts("required", NONE)]),
    (
        "seccomp by EPERM",
        [Refuses("without seccomp (seccomp: "), Refuses("without seccomp (seccomp: "), Accepts("process", LANDLOCK)],
    ),
    (
        "seccomp by EINVAL",
        [Refuses("without seccomp (seccomp: "), Refuses("without seccomp (seccomp: "), Accepts("process", LANDLOCK)],
    ),
    (
        "seccomp by ENOSYS",
        [Refuses("without seccomp (seccomp: "), Refuses("without seccomp (seccomp: "), Accepts("process", LANDLOCK)],
    ),
    (
        "limits",
        [
            Refuses("without resource limits (limits: "),
            Refuses("without resource limits (limits: "),
            Accepts("process", LANDLOCK),
        ],
    ),
    ("no dumps", [Refuses("without no dumps"), Accepts("required", LANDLOCK), Accepts("required", LANDLOCK)]),
    (
        "death with the parent",
        [
            Refuses("ended before it said hello"),
            Refuses("ended before it said hello"),
            Refuses("ended before it said hello"),
        ],
    ),
    ("processes", [Refuses("can not be started"), Refuses("can not be started"), Refuses("can not be started")]),
    (
        "processes and threads",
        [Refuses("can not be started"), Refuses("can not be started"), Refuses("can not be started")],
    ),
    ("sockets", [Refuses("can not be started"), Refuses("can not be started"), Refuses("can not be started")]),
];

#[derive(Debug, Clone, Copy)]
enum Ends {
    /// The model is accepted behind this level, with or without landlock.
    Accepts(&'static str, bool),
    /// Exit 2, of kind `sandbox`, and these words.
    Refuses(&'static str),
}
use Ends::{Accepts, Refuses};
const LANDLOCK: bool = true;
const NONE: bool = false;

/// Answers calls with an errno from here on, in all threads and all programs that are started.
fn refuse(calls: &[(i64, Vec<SeccompRule>)], errno: i32) {
    let rules = calls.iter().cloned().collect();
    let architecture = std::env::consts::ARCH.try_into().unwrap();
    let refuse = SeccompAction::Errno(errno.cast_unsigned());
    let filter = SeccompFilter::new(rules, SeccompAction::Allow, refuse, architecture).unwrap();
    seccompiler::apply_filter_all_threads(&BpfProgram::try_from(filter).unwrap()).unwrap();
}

/// A call whatever its arguments are.
fn any(call: i64) -> (i64, Vec<SeccompRule>) {
    (call, Vec::new())
}

/// A call with an argument that compares so.
fn when(call: i64, argument: u8, compare: SeccompCmpOp, value: u64) -> (i64, Vec<SeccompRule>) {
    let length = if matches!(compare, Ne) { Qword } else { Dword };
    let condition = SeccompCondition::new(argument, length, compare, value).unwrap();
    (call, vec![SeccompRule::new(vec![condition]).unwrap()])
}

fn prctl(option: i32) -> (i64, Vec<SeccompRule>) {
    when(libc::SYS_prctl, 0, SeccompCmpOp::Eq, option.cast_unsigned().into())
}

#[cfg(target_arch = "x86_64")]
fn forks() -> Vec<(i64, Vec<SeccompRule>)> {
    vec![any(libc::SYS_fork), any(libc::SYS_vfork)]
}

#[cfg(not(target_arch = "x86_64"))]
fn forks() -> Vec<(i64, Vec<SeccompRule>)> {
    Vec::new()
}

fn take_away(what: &str) {
    match what {
        "nothing" => {}
        "a call that nobody needs" => refuse(&[any(libc::SYS_reboot)], libc::EPERM),
        "calls that old kernels lack" => {
            refuse(&[any(libc::SYS_clone3), any(libc::SYS_close_range), any(libc::SYS_statx)], libc::ENOSYS);
        }
        "landlock" => refuse(&[any(libc::SYS_landlock_create_ruleset)], libc::ENOSYS),
        "landlock, turned off at boot" => refuse(&[any(libc::SYS_landlock_create_ruleset)], libc::EOPNOTSUPP),
        "landlock's last call" => refuse(&[any(libc::SYS_landlock_restrict_self)], libc::E2BIG),
        "seccomp by EPERM" => refuse(&[any(libc::SYS_seccomp)], libc::EPERM),
        "seccomp by EINVAL" => refuse(&[any(libc::SYS_seccomp)], libc::EINVAL),
        "seccomp by ENOSYS" => refuse(&[any(libc::SYS_seccomp)], libc::ENOSYS),
        // Looking at limits is still allowed, setting them is not.
        "limits" => refuse(&[when(libc::SYS_prlimit64, 2, Ne, 0)], libc::EPERM),
        "no dumps" => refuse(&[prctl(libc::PR_SET_DUMPABLE)], libc::EINVAL),
        "death with the parent" => refuse(&[prctl(libc::PR_SET_PDEATHSIG)], libc::EPERM),
        "capabilities" => refuse(&[any(libc::SYS_capset)], libc::EPERM),
        "processes" => {
            // As a limit on processes does: threads go on, as far as the filter can tell them apart.
            refuse(&[any(libc::SYS_clone3)], libc::ENOSYS);
            let process = when(libc::SYS_clone, 0, MaskedEq(libc::CLONE_THREAD as u64), 0);
            refuse(&[forks(), vec![process]].concat(), libc::EAGAIN);
        }
        "processes and threads" => {
            refuse(&[forks(), vec![any(libc::SYS_clone), any(libc::SYS_clone3)]].concat(), libc::EAGAIN);
        }
        "programs" => refuse(&[any(libc::SYS_execve), any(libc::SYS_execveat)], libc::EPERM),
        "sockets" => refuse(&[any(libc::SYS_socketpair)], libc::EMFILE),
        other => panic!("no case is called {other}"),
    }
}

const CASE: &str = "COLDLOAD_TEST_TAKES_AWAY";
const ARGUMENTS: &str = "COLDLOAD_TEST_ARGUMENTS";

/// The program with something taken away: its exit status, and its report.
fn scan_without(what: &str, level: &str) -> (Option<i32>, Value) {
    let folder = tempfile::tempdir().unwrap();
    let (models, report) = (folder.path().join("models"), folder.path().join("report.json"));
    std::fs::create_dir(&models).unwrap();
    // Two, so that threads are wanted as well.
    for name in ["one.pkl", "two.pkl"] {
        std::fs::write(models.join(name), HONEST).unwrap();
    }
    let arguments = ["scan", models.to_str().unwrap(), "--sandbox", level, "--json", "--output-file"];
    let arguments = [&arguments[..], &[report.to_str().unwrap()]].concat().join("\n");
    let mut command = again(&["--exact", "degraded::become_the_program", "--ignored"]);
    let output = command.env(CASE, what).env(ARGUMENTS, arguments).output().unwrap();
    let report = std::fs::read(&report).unwrap_or_else(|error| panic!("{what}, {level}: {error}; {output:?}"));
    let report: Value = serde_json::from_slice(&report).unwrap();
    let described = include_str!("../../docs/report.schema.json");
    let faults = schema::faults(&serde_json::from_str(described).unwrap(), &report);
    assert!(faults.is_empty(), "{what}, {level}: {faults:#?}");
    (output.status.code(), report)
}

#[test]
#[ignore = "becomes the program: run by the tests of this file"]
fn become_the_program() {
    take_away(&std::env::var(CASE).unwrap());
    let mut program = Command::new(env!("CARGO_BIN_EXE_coldload"));
    panic!("{}", program.args(std::env::var(ARGUMENTS).unwrap().lines()).exec());
}

#[track_caller]
fn assert_ends(what: &str, level: &str, expected: Ends, (status, report): (Option<i32>, Value)) {
    let told = format!("without {what}, {level}: {report:#}");
    match expected {
        Accepts(stands, landlock) => {
            assert_eq!(status, Some(0), "{told}");
            let walls = &report["sandbox"];
            assert_eq!((&walls["level"], &walls["process"]), (&stands.into(), &true.into()), "{told}");
            assert_eq!(walls["landlock_abi"].is_number(), landlock, "{told}");
        }
        Refuses(words) => {
            assert_eq!(status, Some(2), "{told}");
            assert_eq!(report["error"]["kind"], "sandbox", "{told}");
            assert!(report["error"]["message"].as_str().unwrap().contains(words), "{told}");
            assert!(!report["error"]["next"].as_str().unwrap().is_empty(), "{told}");
            assert!(report["results"].as_array().unwrap().iter().all(|result| result["verdict"] == "failed"), "{told}");
        }
    }
}

#[test]
fn each_level_says_what_a_degraded_kernel_gives_or_refuses() {
    let _others = among_others();
    for (what, ends) in CASES {
        for (level, expected) in ["strict", "required", "best-effort"].into_iter().zip(ends) {
            assert_ends(what, level, *expected, scan_without(what, level));
        }
    }
    // Nothing is ever taken down because it is missing: only the name of no walls takes them all down.
    let (status, report) = scan_without("seccomp by EPERM", "off");
    assert_eq!((status, &report["sandbox"]["level"]), (Some(0), &"none".into()), "{report}");
    if is_root() {
        // Any other user has none to lose.
        for (level, expected) in
            [("strict", Refuses("without dropped capabilities")), ("required", Accepts("required", LANDLOCK))]
        {
            assert_ends("capabilities", level, expected, scan_without("capabilities", level));
        }
    }
}

/// Runs a test of this file in a process of its own.
#[track_caller]
fn assert_passes(case: &str) {
    assert_passed(&again(&["--exact", &format!("degraded::{case}"), "--ignored"]).output().unwrap());
}

#[test]
fn a_machine_that_starts_no_program_is_said_to_be_one() {
    assert_passes("where_no_program_starts");
}

#[test]
#[ignore = "changes its process: run by the test above"]
fn where_no_program_starts() {
    take_away("programs");
    for level in [Level::Strict, Level::Required, Level::BestEffort] {
        let death = Worker::start(&program(), level).unwrap_err();
        assert!(death.to_string().contains("can not be started"), "{death}");
    }
}

#[test]
fn a_container_with_a_filter_of_its_own_is_no_wall_of_ours() {
    assert_passes("behind_a_filter");
}

#[test]
#[ignore = "changes its process: run by the test above"]
fn behind_a_filter() {
    take_away("a call that nobody needs");
    let walls = Worker::start(&program(), Level::Strict).unwrap().walls().clone();
    assert_eq!((walls.level.as_str(), walls.seccomp_filters), ("strict", 3));
    assert_eq!(walls.confirmed_by, Some(ConfirmedBy::Kernel));
}

/// Runs a command in a mount namespace of its own, behind another `/proc`; `None`, and a note, where that is not allowed.
fn behind_proc(mount: &str, then: &str, command: &Command) -> Option<std::process::Output> {
    let allowed = Command::new("unshare").args(["-m", "sh", "-c", mount]).output();
    if !allowed.is_ok_and(|output| output.status.success()) {
        eprintln!("skipped: this user may not mount another /proc");
        return None;
    }
    let script = format!("{mount} && exec {then} \"$@\"");
    let mut unshare = Command::new("unshare");
    unshare.args(["-m", "sh", "-c", &script, "sh"]).arg(command.get_program()).args(command.get_args());
    unshare.envs(command.get_envs().filter_map(|(name, value)| Some((name, value?)))).current_dir("/");
    Some(unshare.output().unwrap())
}

const NO_PROC: &str = "mount -t tmpfs none /proc";
/// A process that is not dumpable belongs to root here, and is not shown to anybody else.
const HIDDEN: (&str, &str) =
    ("mount -t proc -o hidepid=2 proc /proc", "setpriv --reuid 65534 --regid 65534 --clear-groups --");

#[test]
fn without_proc_the_program_can_not_start_itself_again() {
    let _others = among_others();
    let folder = tempfile::tempdir().unwrap();
    let (model, report) = (folder.path().join("model.pkl"), folder.path().join("report.json"));
    std::fs::write(&model, HONEST).unwrap();
    for level in ["strict", "required", "best-effort"] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_coldload"));
        command.arg("scan").arg(&model).args(["--sandbox", level, "--json", "--output-file"]).arg(&report);
        let Some(output) = behind_proc(NO_PROC, "", &command) else { return };
        let report = serde_json::from_slice(&std::fs::read(&report).unwrap()).unwrap();
        assert_ends("/proc", level, Refuses("can not be started"), (output.status.code(), report));
    }
}

#[test]
fn what_proc_does_not_show_is_only_the_workers_word() {
    let _others = among_others();
    let case = again(&["--exact", "degraded::where_proc_shows_no_worker", "--ignored"]);
    for (mount, then) in [(NO_PROC, ""), HIDDEN] {
        let Some(output) = behind_proc(mount, then, &case) else { return };
        assert_passed(&output);
    }
}

#[test]
#[ignore = "needs another /proc: run by the test above"]
fn where_proc_shows_no_worker() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("model.pkl");
    std::fs::write(&path, HONEST).unwrap();
    let (job, file, expectation) = (job(Task::Judge), File::open(&path).unwrap(), Expectation::Once);
    let size = HONEST.len() as u64;
    let work = Work { beside: 0, job: &job, file: &file, size, expectation: &expectation, rows: None, out: None };
    let mut told = Told { findings: Vec::new(), meanwhile: &mut || Decision::Proceed };
    let walls = done(sandbox::run(&program(), Level::Required, &work, &mut told)).walls;
    assert_eq!((walls.level.as_str(), walls.confirmed_by), ("required", Some(ConfirmedBy::SelfReported)), "{walls:?}");
    assert!(walls.to_string().ends_with(", self-reported"), "{walls}");
    let death = Worker::start(&program(), Level::Strict).unwrap_err();
    assert!(death.to_string().contains("without the kernel's confirmation in /proc"), "{death}");
}
