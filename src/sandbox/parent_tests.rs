//! Hostile workers: a thread plays the worker's side of the socket, wrongly. Each gives a death of its own, in time.

use super::*;
use crate::bytes::{Expectation, Limits};
use crate::job::{AnswerFormat, Ask, Assurance, Decision, Job, Observation, RowsFormat, Summary, Task, Written};
use crate::manifest::{Arrays, Content, Observed, Schema};
use crate::reason::{Code, Finding};
use crate::sandbox::protocol::{Hello, PACKET};
use crate::sandbox::report::Claim;
use rustix::net::SendFlags;
use serde_bytes::ByteBuf;
use std::fs::File;
use std::io::{Read, Write};
use std::os::fd::OwnedFd;

const ROOM: Room = Room { memory: 1 << 30, output: 1 << 30, cpu_seconds: 1000, descriptors: 8 };

fn setup() -> Setup {
    Setup {
        protocol: PROTOCOL,
        room: ROOM,
        readers: 1,
        #[cfg(feature = "escape-tests")]
        without: Vec::new(),
    }
}

/// A task that makes something of the file, so that the worker waits for a decision.
fn waiting() -> Task {
    Task::Predict(Ask { method: None, at: None, rows: RowsFormat::Csv, answer: AnswerFormat::Csv })
}

fn hello() -> Hello {
    let walls = Claim {
        dumpable: false,
        limits: Some(ROOM),
        capabilities_dropped: true,
        no_new_privs: true,
        landlock_abi: Some(7),
        seccomp_filters: 2,
        open_refused: true,
        missing: Vec::new(),
    };
    Hello { protocol: PROTOCOL, build: BUILD.to_owned(), walls }
}

/// The worker's side.
struct Played(OwnedFd);

impl Played {
    fn raw(&self, packet: &[u8]) {
        let _ = rustix::net::send(&self.0, packet, SendFlags::NOSIGNAL);
    }

    fn say(&self, word: &FromWorker) {
        self.raw(&protocol::encode(word).unwrap());
    }

    fn say_long<T: serde::Serialize>(&self, value: &T, last: fn(ByteBuf) -> FromWorker) {
        let bytes = protocol::encode(value).unwrap();
        let (first, rest) = bytes.split_at(bytes.len() / 2);
        if !first.is_empty() {
            self.say(&FromWorker::Part(ByteBuf::from(first)));
        }
        self.say(&last(ByteBuf::from(rest)));
    }

    fn hear(&self) -> Option<ToWorker> {
        let mut buffer = vec![0; PACKET];
        let received = socket::receive_with_descriptors(&self.0, &mut buffer).ok()?;
        protocol::decode(buffer.get(..received.length)?).ok()
    }

    /// Everything up to the order, honestly.
    fn begin(&self) {
        self.say(&FromWorker::Hello(hello()));
        while !matches!(self.hear(), None | Some(ToWorker::Begin { .. })) {}
    }

    /// Everything up to the last of three orders.
    fn all_three(&self) {
        self.begin();
        assert!((0..2).all(|_| matches!(self.hear(), Some(ToWorker::Begin { .. }))));
    }

    fn observe(&self) -> Option<ToWorker> {
        self.say_long(&observation(), FromWorker::Observed);
        self.hear()
    }

    /// Goes on without a word until the parent hangs up.
    fn linger(&self) {
        while self.hear().is_some() {}
    }
}

fn observation() -> Observation {
    let content = Content {
        format: "pickle".to_owned(),
        compressors: Vec::new(),
        protocols: vec![4],
        pickles: 1,
        names: Vec::new(),
        arrays: Arrays::default(),
    };
    let observed = Observed { content, schema: Schema::default() };
    Observation { observed, summary: Summary::default(), assurance: Assurance::Shapes }
}

#[derive(Default)]
struct Heard(Vec<Finding>);

impl Emit for Heard {
    fn finding(&mut self, finding: Finding) {
        self.0.push(finding);
    }
    fn observed(&mut self, _: &Observation) -> Decision {
        std::thread::sleep(Duration::from_millis(50));
        Decision::Proceed
    }
    fn beside(&mut self, _: &str) -> Result<Sibling, Absent> {
        std::thread::sleep(Duration::from_millis(50));
        Err(Absent::Missing)
    }
}

fn start(part: impl FnOnce(Played) + Send + 'static) -> Result<Process, Death> {
    let (ours, theirs) = socket::pair().unwrap();
    std::thread::spawn(move || part(Played(theirs)));
    Process::greet(Line::new(ours, None), Level::Required, &setup(), Inherited::default())
}

fn judge_with(
    out: Option<&File>,
    part: impl FnOnce(Played) + Send + 'static,
) -> (Result<Outcome, Death>, Vec<Finding>) {
    judge_for(20, out, part)
}

fn judge_for(
    seconds: u64,
    out: Option<&File>,
    part: impl FnOnce(Played) + Send + 'static,
) -> (Result<Outcome, Death>, Vec<Finding>) {
    let mut limits = Limits::default();
    limits.set(&format!("time={seconds}")).unwrap();
    let job = Job { task: waiting(), limits, allow: Vec::new(), allow_sets: Vec::new() };
    let file = tempfile::tempfile().unwrap();
    let work = Work { beside: 0, job: &job, file: &file, size: 0, expectation: &Expectation::Once, rows: None, out };
    let mut heard = Heard::default();
    let outcome = start(part).and_then(|mut process| process.judge(&work, &mut heard));
    (outcome, heard.0)
}

fn judge(part: impl FnOnce(Played) + Send + 'static) -> Result<Outcome, Death> {
    judge_with(None, part).0
}

fn unavailable(result: Result<Process, Death>) -> String {
    match result.map(|_| ()) {
        Err(Death::Unavailable(failure)) => failure.message,
        other => panic!("{other:?}"),
    }
}

#[test]
fn an_honest_worker_is_believed() {
    let done = Outcome::Done { written: Written::default() };
    let outcome = judge(|worker| {
        worker.begin();
        assert_eq!(worker.observe(), Some(ToWorker::Decide(Decision::Proceed)));
        worker.say_long(&Outcome::Done { written: Written::default() }, FromWorker::End);
        worker.linger();
    });
    assert_eq!(outcome, Ok(done));
}

#[test]
fn a_worker_that_makes_nothing_of_the_file_does_not_wait() {
    let file = tempfile::tempfile().unwrap();
    let job = Job { task: Task::Judge, limits: Limits::default(), allow: Vec::new(), allow_sets: Vec::new() };
    let work =
        Work { beside: 0, job: &job, file: &file, size: 0, expectation: &Expectation::Once, rows: None, out: None };
    let done = Outcome::Done { written: Written::default() };
    let mut process = start(|worker| {
        worker.begin();
        worker.say_long(&observation(), FromWorker::Observed);
        worker.say_long(&Outcome::Done { written: Written::default() }, FromWorker::End);
        assert_eq!(worker.hear(), None, "no decision is told to one that does not wait");
    })
    .unwrap();
    assert_eq!(process.judge(&work, &mut Heard::default()), Ok(done));
}

#[test]
fn what_is_no_worker_of_this_build_gets_no_byte() {
    let build = Hello { build: "coldload 0.0.0".to_owned(), ..hello() };
    let message = unavailable(start(move |worker| {
        worker.say(&FromWorker::Hello(build));
        worker.linger();
    }));
    assert!(message.contains("coldload 0.0.0"), "{message}");
    let newer = Hello { protocol: PROTOCOL + 1, ..hello() };
    unavailable(start(move |worker| worker.say(&FromWorker::Hello(newer))));
    unavailable(start(|worker| worker.raw(b"GET / HTTP/1.1\r\n\r\n")));
    unavailable(start(|worker| worker.say(&FromWorker::Observed(ByteBuf::new()))));
    unavailable(start(|worker| worker.raw(&[7; PACKET + 1])));
    let ended = unavailable(start(drop));
    assert!(ended.contains("ended before"), "{ended}");
}

#[test]
fn a_worker_without_its_walls_gets_no_byte() {
    let mut weak = hello();
    weak.walls.seccomp_filters = 0;
    weak.walls.missing.push("seccomp: \x1b[2J".to_owned());
    let (heard, hears) = std::sync::mpsc::channel();
    let message = unavailable(start(move |worker| {
        worker.say(&FromWorker::Hello(weak));
        while let Some(word) = worker.hear() {
            heard.send(word).unwrap();
        }
    }));
    assert_eq!(hears.iter().collect::<Vec<_>>(), [ToWorker::Setup(setup())], "and no descriptor");
    assert!(message.contains(r"without seccomp (seccomp: \x1b[2J)"), "{message}");
}

#[test]
fn one_that_never_answers_meets_the_clock() {
    let late = Death::Limit(Exceeded { limit: Limit::Time, value: 1 });
    let begin = Instant::now();
    assert_eq!(judge_for(1, None, |worker| (worker.begin(), worker.linger()).1).0, Err(late.clone()));
    assert!(begin.elapsed() < Duration::from_secs(15), "it would have gone on for ever");
    // Nor does one get more time that talks, a byte at a time.
    let (talks, _) = judge_for(1, None, |worker| {
        worker.begin();
        loop {
            let piece = protocol::encode(&FromWorker::Part(ByteBuf::from(vec![0]))).unwrap();
            if rustix::net::send(&worker.0, &piece, SendFlags::NOSIGNAL).is_err() {
                break;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    });
    assert_eq!(talks, Err(late));
}

#[test]
fn one_that_ends_early_is_silent_or_truncated() {
    assert_eq!(judge(|worker| worker.begin()), Err(Death::Silent));
    let (death, heard) = judge_with(None, |worker| {
        worker.begin();
        worker.say(&FromWorker::Note(Finding::new(Code::Malformed, "at byte 3")));
    });
    assert_eq!(death, Err(Death::Truncated));
    assert_eq!(heard.len(), 1, "what was seen before is not lost");
    let half = judge(|worker| {
        worker.begin();
        worker.say(&FromWorker::Part(ByteBuf::from(vec![0; 10])));
    });
    assert_eq!(half, Err(Death::Truncated));
}

#[test]
fn words_that_are_huge_half_empty_or_out_of_turn_break_the_protocol() {
    let broken = |part: fn(&Played)| {
        let result = judge(move |worker| {
            worker.begin();
            part(&worker);
            worker.linger();
        });
        match result {
            Err(Death::Protocol(breach)) => breach,
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(broken(|worker| worker.raw(&[0; PACKET + 1])), Breach::Oversized);
    assert_eq!(broken(|worker| worker.raw(&[])), Breach::Empty);
    assert_eq!(
        broken(|worker| worker.raw(&protocol::encode(&FromWorker::End(ByteBuf::new())).unwrap()[..2])),
        Breach::Undecodable
    );
    assert_eq!(broken(|worker| worker.say(&FromWorker::Hello(hello()))), Breach::Order("a second hello"));
    let early = broken(|worker| worker.say_long(&Outcome::Done { written: Written::default() }, FromWorker::End));
    assert!(matches!(early, Breach::Outcome(_)));
    let impatient = broken(|worker| {
        worker.say_long(&observation(), FromWorker::Observed);
        worker.say_long(&Outcome::Done { written: Written::default() }, FromWorker::End);
    });
    assert_eq!(impatient, Breach::Order("words before the decision"));
    let flood = broken(|worker| {
        for _ in 0..=protocol::NOTES {
            worker.say(&FromWorker::Note(Finding::new(Code::Malformed, "x")));
        }
    });
    assert_eq!(flood, Breach::TooMany("findings"));
    let long = broken(|worker| {
        for _ in 0..200 {
            worker.say(&FromWorker::Part(ByteBuf::from(vec![0; 60_000])));
        }
    });
    assert_eq!(long, Breach::TooMany("pieces"));
    let passed = broken(|worker| {
        let word = protocol::encode(&FromWorker::End(ByteBuf::new())).unwrap();
        socket::send(&worker.0, &word, &[worker.0.as_fd()], SendFlags::empty()).unwrap();
    });
    assert_eq!(passed, Breach::Descriptors);
}

#[test]
fn a_file_beside_the_model_is_asked_for_in_turn_and_once() {
    let question = |name: &str| FromWorker::Beside(name.to_owned());
    let broken = |part: Box<dyn Fn(&Played) + Send>| {
        let result = judge(move |worker| {
            worker.begin();
            part(&worker);
            worker.linger();
        });
        match result {
            Err(Death::Protocol(breach)) => breach,
            other => panic!("{other:?}"),
        }
    };
    let out_of_turn = Breach::Order("a question for a file");
    let twice = broken(Box::new(move |worker| {
        worker.say(&question("m_01.npy"));
        assert!(matches!(worker.hear(), Some(ToWorker::Beside(_))));
        worker.say(&question("m_01.npy"));
    }));
    // The first one was not there.
    assert_eq!(twice, out_of_turn);
    let long = broken(Box::new(move |worker| worker.say(&question(&"m".repeat(protocol::NAME + 1)))));
    assert_eq!(long, Breach::TooMany("questions for files"));
    let behind_a_finding = broken(Box::new(move |worker| {
        worker.say(&FromWorker::Note(Finding::new(Code::Malformed, "x")));
        worker.say(&question("m_01.npy"));
    }));
    assert_eq!(behind_a_finding, out_of_turn);
    let between_pieces = broken(Box::new(move |worker| {
        worker.say(&FromWorker::Part(ByteBuf::from(vec![0; 10])));
        worker.say(&question("m_01.npy"));
    }));
    assert_eq!(between_pieces, out_of_turn);
    let behind_the_observation = broken(Box::new(move |worker| {
        assert!(worker.observe().is_some());
        worker.say(&question("m_01.npy"));
    }));
    assert_eq!(behind_the_observation, out_of_turn);
    let impatient = broken(Box::new(move |worker| {
        worker.say(&question("m_01.npy"));
        worker.say(&question("m_02.npy"));
    }));
    assert_eq!(impatient, Breach::Order("words before the answer"));
}

#[test]
fn words_that_come_twice_or_in_another_order_break_the_protocol() {
    let done = || Outcome::Done { written: Written::default() };
    let note = || FromWorker::Note(Finding::new(Code::Malformed, "x"));
    type Part = Box<dyn FnOnce(&Played) + Send>;
    let cases: Vec<(Part, Breach)> = vec![
        (Box::new(move |worker| worker.say(&FromWorker::Observed(ByteBuf::new()))), Breach::Undecodable),
        (
            Box::new(move |worker| {
                worker.observe();
                worker.say_long(&observation(), FromWorker::Observed);
            }),
            Breach::Order("a second observation"),
        ),
        (
            Box::new(move |worker| {
                worker.say(&note());
                worker.say_long(&observation(), FromWorker::Observed);
            }),
            Breach::Order("an observation of a refused file"),
        ),
        (
            Box::new(move |worker| {
                worker.say(&FromWorker::Part(ByteBuf::from(vec![0xf6])));
                worker.say(&note());
            }),
            Breach::Order("a finding between pieces"),
        ),
        (
            Box::new(move |worker| {
                // The second half before the first.
                let bytes = protocol::encode(&observation()).unwrap();
                let (first, second) = bytes.split_at(bytes.len() / 2);
                worker.say(&FromWorker::Part(ByteBuf::from(second)));
                worker.say(&FromWorker::Part(ByteBuf::from(first)));
                worker.say(&FromWorker::Observed(ByteBuf::new()));
            }),
            Breach::Undecodable,
        ),
        (
            Box::new(move |worker| {
                worker.observe();
                worker.say(&note());
                worker.say_long(&done(), FromWorker::End);
            }),
            Breach::Outcome("done with findings"),
        ),
        (
            Box::new(move |worker| {
                worker.observe();
                worker.say_long(&Outcome::Stopped, FromWorker::End);
            }),
            Breach::Outcome("stopped without being told to"),
        ),
    ];
    for (part, breach) in cases {
        let death = judge(move |worker| {
            worker.begin();
            part(&worker);
            worker.linger();
        })
        .unwrap_err();
        assert_eq!(death, Death::Protocol(breach));
        assert_eq!(death.judged().unwrap().code, Code::WorkerProtocol);
    }
}

#[test]
fn words_behind_the_end_are_not_about_the_next_file() {
    let file = tempfile::tempfile().unwrap();
    let job = Job { task: waiting(), limits: Limits::default(), allow: Vec::new(), allow_sets: Vec::new() };
    let work =
        Work { beside: 0, job: &job, file: &file, size: 0, expectation: &Expectation::Once, rows: None, out: None };
    let (said, all) = std::sync::mpsc::channel();
    let mut process = start(move |worker| {
        worker.begin();
        worker.observe();
        worker.say_long(&Outcome::Done { written: Written::default() }, FromWorker::End);
        worker.say_long(&Outcome::Done { written: Written::default() }, FromWorker::End);
        said.send(()).unwrap();
        worker.linger();
    })
    .unwrap();
    assert!(process.judge(&work, &mut Heard::default()).is_ok());
    all.recv().unwrap();
    assert!(!process.serves(&ROOM), "a worker that said something unasked serves no more");
}

#[test]
fn descriptors_that_come_unasked_are_closed() {
    let (reads, writes) = std::io::pipe().unwrap();
    let mut process = start(move |worker| {
        worker.begin();
        let word = protocol::encode(&FromWorker::End(ByteBuf::new())).unwrap();
        socket::send(&worker.0, &word, &[writes.as_fd()], SendFlags::empty()).unwrap();
        drop(writes);
        worker.linger();
    })
    .unwrap();
    let file = tempfile::tempfile().unwrap();
    let job = Job { task: waiting(), limits: Limits::default(), allow: Vec::new(), allow_sets: Vec::new() };
    let work =
        Work { beside: 0, job: &job, file: &file, size: 0, expectation: &Expectation::Once, rows: None, out: None };
    let death = process.judge(&work, &mut Heard::default());
    assert_eq!(death, Err(Death::Protocol(Breach::Descriptors)));
    assert_eq!({ reads }.read(&mut [0]).unwrap(), 0, "nobody holds the other end");
}

#[test]
fn words_before_the_order_are_about_no_file() {
    let (late, _) = judge_for(1, None, |worker| {
        worker.say(&FromWorker::Hello(hello()));
        worker.say(&FromWorker::Note(Finding::new(Code::Malformed, "x")));
        worker.linger();
    });
    // The order may be out already; then the note counts for the file, and no outcome follows.
    assert!(matches!(late, Err(Death::Protocol(Breach::Unasked) | Death::Limit(_))), "{late:?}");
    let mut process = start(|worker| {
        worker.say(&FromWorker::Hello(hello()));
        worker.say(&FromWorker::End(ByteBuf::new()));
        worker.linger();
    })
    .unwrap();
    std::thread::sleep(Duration::from_millis(50));
    assert!(!process.serves(&ROOM), "a worker that said something unasked serves no more");
}

#[test]
fn an_order_that_nobody_takes_meets_the_clock_too() {
    let expectation = crate::bytes::ChunkTable::new(1 << 40, vec![0; 32 << 18]).map(Expectation::Signed).unwrap();
    let mut limits = Limits::default();
    limits.set("time=1").unwrap();
    let job = Job { task: waiting(), limits, allow: Vec::new(), allow_sets: Vec::new() };
    let file = tempfile::tempfile().unwrap();
    let work =
        Work { beside: 0, job: &job, file: &file, size: 1 << 40, expectation: &expectation, rows: None, out: None };
    let (leave, left) = std::sync::mpsc::channel::<()>();
    let mut process = start(move |worker| {
        worker.say(&FromWorker::Hello(hello()));
        let _ = left.recv();
        drop(worker);
    })
    .unwrap();
    let death = process.judge(&work, &mut Heard::default());
    assert_eq!(death, Err(Death::Limit(Exceeded { limit: Limit::Time, value: 1 })));
    drop(leave);
}

#[test]
fn an_output_that_is_not_the_one_described_does_not_pass() {
    let written = |bytes: &[u8]| Written {
        len: bytes.len() as u64,
        sha256: crate::bytes::Hasher::digest(bytes).to_vec(),
        ..Written::default()
    };
    let mut out = tempfile::tempfile().unwrap();
    out.write_all(b"answer").unwrap();
    for (said, passes) in [(written(b"answer"), true), (written(b"anwser"), false), (Written::default(), false)] {
        let (outcome, _) = judge_with(Some(&out), move |worker| {
            worker.begin();
            worker.observe();
            worker.say_long(&Outcome::Done { written: said }, FromWorker::End);
            worker.linger();
        });
        assert_eq!(outcome.is_ok(), passes);
        assert!(passes || outcome == Err(Death::Protocol(Breach::Output)));
    }
}

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

/// Sends three orders before their turns, and asks for what came of them in their order.
fn three(part: impl FnOnce(Played) + Send + 'static) -> Answers {
    three_once(|| (), part)
}

type Answers = (Vec<Result<Option<Outcome>, Death>>, Vec<Finding>);

/// The same, asking not before `ready` says so.
fn three_once(ready: impl FnOnce(), part: impl FnOnce(Played) + Send + 'static) -> Answers {
    let file = tempfile::tempfile().unwrap();
    let job = Job { task: Task::Judge, limits: Limits::default(), allow: Vec::new(), allow_sets: Vec::new() };
    let work =
        Work { beside: 0, job: &job, file: &file, size: 0, expectation: &Expectation::Once, rows: None, out: None };
    let mut process = start(part).unwrap();
    let mut heard = Heard::default();
    assert!((0..3).all(|number| process.queue(&work, Queued(number))));
    ready();
    let mut answers = Vec::new();
    for number in 0..3 {
        assert!(process.is_next(Queued(number)) && !process.is_next(Queued(number + 1)));
        answers.push(process.answer(&work, &mut heard));
        if !matches!(answers.last(), Some(Ok(Some(Outcome::Done { .. })))) {
            break;
        }
    }
    (answers, heard.0)
}

fn judged() -> FromWorker {
    FromWorker::Judged {
        observed: ByteBuf::from(protocol::encode(&observation()).unwrap()),
        end: ByteBuf::from(protocol::encode(&Outcome::Done { written: Written::default() }).unwrap()),
    }
}

#[test]
fn orders_before_their_turn_are_answered_in_their_turn() {
    let done = || Ok(Some(Outcome::Done { written: Written::default() }));
    let (answers, heard) = three(|worker| {
        worker.begin();
        worker.say(&judged());
        for _ in 0..2 {
            let Some(ToWorker::Begin { order, .. }) = worker.hear() else { panic!("the next order is there") };
            let order: Order = protocol::decode(&order).unwrap();
            assert_eq!(order.job, None, "the same job is not sent again");
            worker.say(&judged());
        }
        worker.linger();
    });
    assert_eq!(answers, [done(), done(), done()]);
    assert!(heard.is_empty());
}

#[test]
fn what_was_said_before_a_death_or_a_breach_stands_and_the_next_file_has_it() {
    let done = || Ok(Some(Outcome::Done { written: Written::default() }));
    let (answers, _) = three(|worker| {
        worker.all_three();
        worker.say(&judged());
    });
    assert_eq!(answers, [done(), Err(Death::Silent)]);
    let (answers, heard) = three(|worker| {
        worker.all_three();
        worker.say(&judged());
        worker.say(&FromWorker::Note(Finding::new(Code::Malformed, "at byte 3")));
        worker.say(&judged());
        worker.linger();
    });
    assert_eq!(answers, [done(), Err(Death::Protocol(Breach::Order("an observation of a refused file")))]);
    assert_eq!(heard.len(), 1);
    // Nor is it lost if the worker ends before it read the orders that it was sent.
    let (ended, ends) = std::sync::mpsc::channel();
    let (answers, _) = three_once(
        || ends.recv().unwrap(),
        move |worker| {
            worker.begin();
            std::thread::sleep(Duration::from_millis(50));
            worker.say(&judged());
            drop(worker);
            ended.send(()).unwrap();
        },
    );
    assert_eq!(answers, [done(), Err(Death::Silent)]);
    // Two answers to one order are the answers to two, which a worker that was taken over can give anyway.
    let (answers, _) = three(|worker| {
        worker.all_three();
        (0..2).for_each(|_| worker.say(&judged()));
    });
    assert_eq!(answers, [done(), done(), Err(Death::Silent)]);
}

#[test]
fn a_file_beside_the_model_is_not_handed_to_a_worker_that_has_other_orders() {
    let (answers, heard) = three(|worker| {
        worker.all_three();
        worker.say(&FromWorker::Beside("m_01.npy".to_owned()));
        worker.linger();
    });
    assert_eq!(answers, [Ok(None)]);
    assert!(heard.is_empty());
}

#[test]
fn an_order_waits_for_its_turn_only_where_a_worker_has_room_and_kept_silent() {
    let file = tempfile::tempfile().unwrap();
    let job = Job { task: Task::Judge, limits: Limits::default(), allow: Vec::new(), allow_sets: Vec::new() };
    let work =
        |size| Work { beside: 0, job: &job, file: &file, size, expectation: &Expectation::Once, rows: None, out: None };
    let mut process = start(|worker| (worker.begin(), worker.linger()).1).unwrap();
    assert!(!process.queue(&work(1 << 30), Queued(0)), "this takes more memory than it has");
    assert!(process.is_idle() && process.queue(&work(1), Queued(1)));
    let mut talks = start(|worker| {
        worker.say(&FromWorker::Hello(hello()));
        worker.say(&judged());
        worker.linger();
    })
    .unwrap();
    std::thread::sleep(Duration::from_millis(50));
    assert!(!talks.queue(&work(1), Queued(0)), "it said something unasked");
}
