//! The walls, from outside: real workers, looked at while they hold a model, and made to try every way out.
//!
//! `cargo test --test walls` looks at the walls; with `--features escape-tests` the worker attacks them.
#![cfg(target_os = "linux")]

use coldload::bytes::{ChunkTable, Expectation, Limits};
use coldload::job::{Decision, Emit, Job, Observation, Outcome, Task};
use coldload::reason::{Code, Finding};
use coldload::sandbox::{self, Crash, Death, Finished, Level, Sandbox, Work, Worker};
use std::fs::File;
use std::io::{Read, Write};
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::Command;
use std::sync::{RwLock, RwLockReadGuard, RwLockWriteGuard};

#[cfg(feature = "escape-tests")]
#[path = "walls/commands.rs"]
mod commands;
#[path = "walls/corpus.rs"]
mod corpus;
#[path = "walls/degraded.rs"]
mod degraded;
#[cfg(feature = "escape-tests")]
#[path = "walls/escapes.rs"]
mod escapes;
#[cfg(feature = "escape-tests")]
#[path = "walls/planted.rs"]
mod planted;
#[path = "support/schema.rs"]
mod schema;
#[path = "walls/secrets.rs"]
mod secrets;

/// All that a worker has of an environment. glibc ends each of its words where it reads it.
const ALLOCATOR: &str = "GLIBC_TUNABLES=glibc.malloc.arena_max=1\0glibc.malloc.tcache_count=500\0";

/// `None`, as Python pickles it.
const HONEST: &[u8] = b"\x80\x04N.";
/// `OrderedDict()`, as Python pickles it.
const EVENTFUL: &[u8] = b"\x80\x04ccollections\nOrderedDict\n)R.";
/// A command, as an attacker pickles it.
const HOSTILE: &[u8] = b"cposix\nsystem\n(S'echo PWNED'\ntR.";

fn program() -> Sandbox {
    Sandbox::Program(env!("CARGO_BIN_EXE_coldload").into())
}

fn job(task: Task) -> Job {
    Job { task, limits: Limits::default(), allow: Vec::new(), allow_sets: Vec::new() }
}

fn file(bytes: &[u8]) -> File {
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(bytes).unwrap();
    file
}

/// What a job told, and what is done while the worker waits for the decision.
struct Told<'a> {
    findings: Vec<Finding>,
    meanwhile: &'a mut dyn FnMut() -> Decision,
}

impl Emit for Told<'_> {
    fn finding(&mut self, finding: Finding) {
        self.findings.push(finding);
    }
    fn observed(&mut self, _: Box<Observation>) -> Decision {
        (self.meanwhile)()
    }
}

/// Workers are children of this process: a test that looks at its own must be alone.
static CHILDREN: RwLock<()> = RwLock::new(());

fn among_others() -> RwLockReadGuard<'static, ()> {
    CHILDREN.read().unwrap_or_else(|poisoned| poisoned.into_inner())
}

fn alone() -> RwLockWriteGuard<'static, ()> {
    CHILDREN.write().unwrap_or_else(|poisoned| poisoned.into_inner())
}

fn judge(worker: &mut Worker, bytes: &[u8]) -> (Result<Finished, Death>, Vec<Finding>) {
    perform(worker, &job(Task::Judge), bytes, None, &mut || Decision::Proceed)
}

/// Judges with an output, for which the worker waits for a decision; meanwhile it can be looked at.
fn judge_while(
    worker: &mut Worker,
    bytes: &[u8],
    meanwhile: &mut dyn FnMut() -> Decision,
) -> (Result<Finished, Death>, Vec<Finding>) {
    perform(worker, &job(Task::Trace), bytes, Some(&file(b"")), meanwhile)
}

fn perform(
    worker: &mut Worker,
    job: &Job,
    bytes: &[u8],
    out: Option<&File>,
    meanwhile: &mut dyn FnMut() -> Decision,
) -> (Result<Finished, Death>, Vec<Finding>) {
    let size = bytes.len() as u64;
    let (file, expectation) = (file(bytes), Expectation::unsigned(size));
    let work = Work { beside: 0, job, file: &file, size, expectation: &expectation, rows: None, out };
    let mut told = Told { findings: Vec::new(), meanwhile };
    (worker.run(&work, &mut told), told.findings)
}

/// The worker processes of this process.
fn workers() -> Vec<u32> {
    let own = format!("PPid:\t{}\n", std::process::id());
    let processes =
        std::fs::read_dir("/proc").unwrap().filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok());
    processes
        .filter(|process| status(*process).contains(&own))
        .filter(|process| {
            std::fs::read(format!("/proc/{process}/cmdline")).unwrap_or_default().starts_with(b"coldload-worker\0")
        })
        .collect()
}

fn status(process: u32) -> String {
    std::fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default()
}

fn is_root() -> bool {
    status(std::process::id()).contains("Uid:\t0\t0\t")
}

fn done(result: Result<Finished, Death>) -> Finished {
    let finished = result.unwrap();
    assert!(matches!(finished.outcome, Outcome::Done { .. }), "{:?}", finished.outcome);
    finished
}

#[test]
fn the_kernel_sees_the_walls_while_the_worker_holds_a_model() {
    let _alone = alone();
    let mut worker = Worker::start(&program(), Level::Strict).unwrap();
    let mut seen = String::new();
    let mut look = || {
        let workers = workers();
        assert_eq!(workers.len(), 1, "{workers:?}");
        seen = status(workers[0]);
        Decision::Proceed
    };
    let finished = done(judge_while(&mut worker, HONEST, &mut look).0);
    for line in [
        "Seccomp:\t2\n",
        "NoNewPrivs:\t1\n",
        "CapEff:\t0000000000000000\n",
        "CapPrm:\t0000000000000000\n",
        "Threads:\t1\n",
    ] {
        assert!(seen.contains(line), "{line:?} is not in {seen}");
    }
    assert!(finished.walls.seccomp && finished.walls.no_new_privs && finished.walls.capabilities_dropped);
    assert_eq!(finished.walls.level, "strict");
    assert!(finished.walls.to_string().starts_with("process, seccomp, landlock "), "{}", finished.walls);
}

#[test]
fn the_walls_stand_round_every_thread_that_reads_ahead() {
    let _alone = alone();
    let length = u32::try_from(Expectation::ONCE).unwrap();
    let large = [&b"\x80\x03B"[..], &length.to_le_bytes(), &vec![7; length as usize], b"."].concat();
    let mut worker = Worker::start(&program(), Level::Strict).unwrap();
    let mut threads = Vec::new();
    let mut look = || {
        let tasks = std::fs::read_dir(format!("/proc/{}/task", workers()[0])).unwrap();
        threads = tasks.map(|task| std::fs::read_to_string(task.unwrap().path().join("status")).unwrap()).collect();
        Decision::Proceed
    };
    let finished = done(judge_while(&mut worker, &large, &mut look).0);
    assert!(threads.len() > 1, "{threads:?}");
    for line in ["Seccomp:\t2\n", "NoNewPrivs:\t1\n", "CapEff:\t0000000000000000\n", "CapPrm:\t0000000000000000\n"] {
        assert!(threads.iter().all(|thread| thread.contains(line)), "{line:?} is not in each of {threads:?}");
    }
    assert_eq!(finished.walls.level, "strict");
}

#[test]
fn a_worker_has_neither_the_environment_nor_the_memory_nor_the_descriptors_of_its_parent() {
    let _alone = alone();
    if !is_root() {
        return; // A process that is not dumpable shows these to root only, which is the point.
    }
    let mut secret = [0; 32];
    File::open("/dev/urandom").unwrap().read_exact(&mut secret).unwrap();
    let leaked = File::open("/etc/passwd").unwrap();
    rustix::io::fcntl_setfd(&leaked, rustix::io::FdFlags::empty()).unwrap();
    let mut worker = Worker::start(&program(), Level::Required).unwrap();
    let mut look = || {
        let process = workers()[0];
        // One word to the allocator, always the same.
        let environment = std::fs::read_to_string(format!("/proc/{process}/environ")).unwrap();
        assert_eq!(environment.replace(':', "\0"), ALLOCATOR);
        let descriptors = std::fs::read_dir(format!("/proc/{process}/fd")).unwrap();
        let mut targets: Vec<(String, PathBuf)> = descriptors
            .map(|entry| entry.unwrap())
            .map(|entry| (entry.file_name().into_string().unwrap(), std::fs::read_link(entry.path()).unwrap()))
            .collect();
        targets.sort();
        assert_eq!(targets.len(), 5, "{targets:?}"); // The last two are the file and the output.
        assert!(targets[0].1.to_string_lossy().starts_with("socket:"));
        assert_eq!(targets[1].1, PathBuf::from("/dev/null"));
        assert!(targets[2].1.to_string_lossy().starts_with("pipe:"));
        assert!(!holds(process, &secret), "the secret is in the worker's memory");
        assert!(holds(process, b"coldload-worker"), "its memory can be searched");
        Decision::Proceed
    };
    done(judge_while(&mut worker, HONEST, &mut look).0);
    assert!(holds(std::process::id(), &secret), "the parent has it");
}

/// The writable memory of a process in pieces, without the pages that repeat one word of 8 bytes.
fn memory(process: u32) -> Vec<Vec<u8>> {
    use std::os::unix::fs::FileExt;
    let maps = std::fs::read_to_string(format!("/proc/{process}/maps")).unwrap();
    let memory = File::open(format!("/proc/{process}/mem")).unwrap();
    let mut pieces = Vec::new();
    for line in maps.lines().filter(|line| line.contains(" rw")) {
        let (begin, end) = line.split_once(' ').unwrap().0.split_once('-').unwrap();
        let number = |text| u64::from_str_radix(text, 16).unwrap();
        let mut bytes = vec![0; (number(end) - number(begin)) as usize];
        if memory.read_exact_at(&mut bytes, number(begin)).is_ok() {
            pieces.extend(
                bytes
                    .chunks(4096)
                    .map(|page| page.to_vec())
                    .collect::<Vec<_>>()
                    .split(|page| repeats(page))
                    .map(<[_]>::concat),
            );
        }
    }
    pieces
}

fn repeats(page: &[u8]) -> bool {
    page[8..] == page[..page.len() - 8]
}

/// Which of these, none of them shorter than two bytes, are in the writable memory of a process.
fn held(process: u32, wanted: &[Vec<u8>]) -> Vec<&[u8]> {
    let mut begins = vec![false; 1 << 16];
    let begin = |bytes: &[u8]| usize::from(bytes[0]) << 8 | usize::from(bytes[1]);
    wanted.iter().for_each(|wanted| begins[begin(wanted)] = true);
    let mut found: Vec<&[u8]> = Vec::new();
    for piece in memory(process) {
        for at in (0..piece.len().saturating_sub(1)).filter(|at| begins[begin(&piece[*at..])]) {
            found.extend(wanted.iter().filter(|wanted| piece[at..].starts_with(wanted)).map(Vec::as_slice));
        }
    }
    found
}

fn holds(process: u32, wanted: &[u8]) -> bool {
    !held(process, &[wanted.to_vec()]).is_empty()
}

#[test]
fn a_worker_is_kept_while_files_are_honest_and_replaced_after_a_refusal() {
    let _alone = alone();
    let mut worker = Worker::start(&program(), Level::Required).unwrap();
    let first = workers();
    for _ in 0..3 {
        done(judge(&mut worker, HONEST).0);
        assert_eq!(workers(), first);
    }
    for no_model in
        [&b"these are notes"[..], b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n", b""]
    {
        let (result, findings) = judge(&mut worker, no_model);
        assert_eq!(result.unwrap().outcome, Outcome::Refused { more: 0 });
        assert!(matches!(findings[..], [Finding { code: Code::UnknownFormat | Code::NotFetched, .. }]), "{findings:?}");
        assert_eq!(workers(), first, "what is no model costs no process");
    }
    let (result, findings) = judge(&mut worker, HOSTILE);
    assert_eq!(result.unwrap().outcome, Outcome::Refused { more: 0 });
    assert_eq!(findings[0].code, Code::DangerousGlobal);
    assert_eq!(workers(), [] as [u32; 0], "neither alive nor a zombie");
    done(judge(&mut worker, HONEST).0);
    assert!(workers().len() == 1 && workers() != first);
    drop(worker);
    assert_eq!(workers(), [] as [u32; 0]);
}

#[test]
fn a_worker_that_is_ended_from_outside_is_no_verdict_on_the_file() {
    use rustix::process::{Pid, Signal, kill_process};
    let _alone = alone();
    let term = Crash::Signal("it was asked to end (SIGTERM)".to_owned());
    for (signal, death) in [(Signal::KILL, Death::Killed), (Signal::TERM, Death::Crashed(term))] {
        let mut worker = Worker::start(&program(), Level::Required).unwrap();
        let mut end = || {
            let process = workers()[0];
            kill_process(Pid::from_raw(process.cast_signed()).unwrap(), signal).unwrap();
            while !status(process).contains("State:\tZ") {
                std::thread::sleep(std::time::Duration::from_millis(1));
            }
            Decision::Proceed
        };
        let died = judge_while(&mut worker, HONEST, &mut end).0.unwrap_err();
        assert_eq!(died, death);
        assert_eq!(died.judged().unwrap().code, Code::WorkerCrashed);
        done(judge(&mut worker, HONEST).0);
    }
}

#[test]
fn a_worker_outlives_the_thread_that_asked_for_it() {
    let _others = among_others();
    let mut worker = std::thread::spawn(|| Worker::start(&program(), Level::Required).unwrap()).join().unwrap();
    std::thread::sleep(std::time::Duration::from_millis(50));
    done(judge(&mut worker, HONEST).0);
}

#[test]
fn an_output_is_the_one_that_the_worker_describes() {
    let _others = among_others();
    let (trace, file, expectation) = (job(Task::Trace), file(EVENTFUL), Expectation::Once);
    for decision in [Decision::Stop, Decision::Proceed] {
        let out = self::file(b"");
        let size = EVENTFUL.len() as u64;
        let work =
            Work { beside: 0, job: &trace, file: &file, size, expectation: &expectation, rows: None, out: Some(&out) };
        let mut told = Told { findings: Vec::new(), meanwhile: &mut || decision };
        let outcome = sandbox::run(&program(), Level::Required, &work, &mut told).unwrap().outcome;
        match (decision, outcome) {
            (Decision::Stop, Outcome::Stopped) => {}
            (Decision::Proceed, Outcome::Done { written }) => {
                assert!(written.len > 0 && written.len == out.metadata().unwrap().len(), "{written:?}");
            }
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn bytes_that_were_not_signed_are_refused() {
    let _others = among_others();
    let job = job(Task::Judge);
    let signed = Expectation::Signed(ChunkTable::of(HONEST).unwrap());
    for (bytes, accepted) in [(HONEST, true), (b"\x80\x04K\x01.", false), (b"\x80\x04J.", false)] {
        let file = file(bytes);
        let size = bytes.len() as u64;
        let work = Work { beside: 0, job: &job, file: &file, size, expectation: &signed, rows: None, out: None };
        let mut told = Told { findings: Vec::new(), meanwhile: &mut || Decision::Proceed };
        let outcome = sandbox::run(&program(), Level::Required, &work, &mut told).unwrap().outcome;
        assert_eq!(matches!(outcome, Outcome::Done { .. }), accepted, "{outcome:?}");
        assert_eq!(told.findings.iter().any(|finding| finding.code == Code::DigestMismatch), !accepted);
    }
}

#[test]
fn an_order_may_be_longer_than_a_packet() {
    let _others = among_others();
    let mut job = job(Task::Judge);
    job.allow = (0..20_000).map(|number| format!("package.module.Class{number}")).collect();
    let (file, expectation) = (file(HONEST), Expectation::Once);
    let size = HONEST.len() as u64;
    let work = Work { beside: 0, job: &job, file: &file, size, expectation: &expectation, rows: None, out: None };
    let mut told = Told { findings: Vec::new(), meanwhile: &mut || Decision::Proceed };
    done(sandbox::run(&program(), Level::Required, &work, &mut told));
}

#[test]
fn without_walls_the_report_says_so_and_required_refuses() {
    let _others = among_others();
    let mut worker = Worker::start(&program(), Level::Off).unwrap();
    let finished = done(judge(&mut worker, HONEST).0);
    assert_eq!((finished.walls.level.as_str(), finished.walls.to_string().as_str()), ("none", "none"));
    let mut worker = Worker::start(&Sandbox::InProcess, Level::BestEffort).unwrap();
    assert_eq!(done(judge(&mut worker, HONEST).0).walls.level, "none");
    for (sandbox, level) in [
        (Sandbox::InProcess, Level::Required),
        (Sandbox::SelfExec, Level::Required),
        (Sandbox::Program("coldload".into()), Level::BestEffort),
        (Sandbox::Program("/bin/false".into()), Level::BestEffort),
        (Sandbox::Program("/nowhere/coldload".into()), Level::Strict),
    ] {
        let death = Worker::start(&sandbox, level).unwrap_err();
        let failure = death.judged().unwrap_err();
        assert_eq!(failure.kind, coldload::job::FailureKind::Sandbox);
        assert!(!failure.message.is_empty() && !failure.next.is_empty());
    }
}

#[test]
fn doctor_names_every_wall() {
    let _others = among_others();
    let checks = sandbox::doctor(&program());
    assert!(checks.iter().filter(|check| check.needed_for == Level::Required).all(|check| check.holds), "{checks:#?}");
    let absent = sandbox::doctor(&Sandbox::Program("/nowhere/coldload".into()));
    assert!(!absent[0].holds && absent[0].note.contains("can not be started"), "{absent:#?}");
}

#[test]
fn a_name_alone_makes_no_worker() {
    let _others = among_others();
    // The socket must come from the parent: a person who types the name gets the usual program.
    let output = Command::new(env!("CARGO_BIN_EXE_coldload")).arg("coldload-worker").output().unwrap();
    assert!(!String::from_utf8_lossy(&output.stderr).contains("worker:"));
}

/// A command that runs tests of this file in a process of its own.
fn again(arguments: &[&str]) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(arguments).current_dir("/");
    command
}

fn assert_passed(output: &std::process::Output) {
    let text = String::from_utf8_lossy(&output.stdout);
    // A name that fits no test would pass as well.
    let passed = text.contains("test result: ok. ") && !text.contains("test result: ok. 0 passed");
    assert!(output.status.success() && passed, "{text}");
}

#[test]
fn all_of_this_holds_for_another_user_too() {
    if !is_root() {
        return;
    }
    // The corpus meets the same filter whoever runs it.
    let mut command = again(&["--skip", "another_user", "--skip", "corpus::"]);
    command.uid(65534).gid(65534);
    match command.output() {
        Err(_) => eprintln!("skipped: another user may not start this program"),
        Ok(output) => assert_passed(&output),
    }
}

type Answers = Vec<(Result<Finished, Death>, Vec<Finding>)>;

/// Judges files whose orders were sent before their turns, so many at once; the number of those whose order was void.
fn judge_ahead(worker: &mut Worker, all: &[&[u8]], at_once: usize) -> (Answers, usize) {
    let job = job(Task::Judge);
    let opened: Vec<(File, Expectation)> =
        all.iter().map(|bytes| (file(bytes), Expectation::unsigned(bytes.len() as u64))).collect();
    let works: Vec<Work<'_>> = std::iter::zip(&opened, all)
        .map(|((file, expectation), bytes)| {
            let size = bytes.len() as u64;
            Work { beside: 0, job: &job, file, size, expectation, rows: None, out: None }
        })
        .collect();
    let queued: Vec<_> = works.chunks(at_once).flat_map(|works| worker.queue(works)).collect();
    assert_eq!(queued.len(), works.len());
    let mut void = 0;
    let judge = |(work, queued): (&Work<'_>, _)| {
        let mut told = Told { findings: Vec::new(), meanwhile: &mut || Decision::Proceed };
        let answer = worker.answer(queued, work, &mut told).unwrap_or_else(|| {
            void += 1;
            assert!(told.findings.is_empty(), "nothing is said of a file whose order is void");
            worker.run(work, &mut told)
        });
        (answer, told.findings)
    };
    (std::iter::zip(&works, queued).map(judge).collect(), void)
}

#[test]
fn a_worker_that_read_a_refused_file_does_not_answer_the_orders_that_it_has() {
    let _others = among_others();
    // One by one, and in bundles.
    for at_once in [1, 3, 8] {
        let mut worker = Worker::start(&program(), Level::Required).unwrap();
        let (answers, void) = judge_ahead(&mut worker, &[HONEST; 8], at_once);
        assert!(void == 0 && answers.iter().all(|(answer, _)| matches!(answer, Ok(finished) if is_done(finished))));
        // Behind the hostile one the orders are void, and another worker has the files.
        let (answers, void) = judge_ahead(&mut worker, &[HONEST, HOSTILE, HONEST, HOSTILE, HONEST], at_once);
        assert_eq!(void, 3);
        for (index, (answer, findings)) in answers.iter().enumerate() {
            let refused = index % 2 == 1;
            assert_eq!(is_done(answer.as_ref().unwrap()), !refused, "{index}");
            assert_eq!(findings.iter().any(|finding| finding.code == Code::DangerousGlobal), refused, "{index}");
        }
    }
    // A file that makes something, or asks for its neighbours, has a turn of its own.
    let trace = job(Task::Trace);
    let (file, expectation) = (file(HONEST), Expectation::Once);
    let size = HONEST.len() as u64;
    let waits = Work { beside: 0, job: &trace, file: &file, size, expectation: &expectation, rows: None, out: None };
    let mut worker = Worker::start(&program(), Level::Required).unwrap();
    assert_eq!(worker.queue(&[waits]), []);
}

fn is_done(finished: &Finished) -> bool {
    matches!(finished.outcome, Outcome::Done { .. })
}
