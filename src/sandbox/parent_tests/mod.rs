//! Hostile workers: a thread plays the worker's side of the socket, wrongly. Each gives a death of its own, in time.

mod processes;
mod queued;
mod words;

use super::*;
use crate::bytes::{Expectation, Limits};
use crate::job::{AnswerFormat, Ask, Decision, Job, Observation, RowsFormat, Task, Written};
use crate::reason::{Code, Finding};
use crate::sandbox::protocol::{Carried, Hello, PACKET};
use crate::sandbox::sample::{claim, observation};
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
    Hello { protocol: PROTOCOL, build: BUILD.to_owned(), walls: claim(ROOM) }
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

#[derive(Default)]
struct Heard(Vec<Finding>);

impl Emit for Heard {
    fn finding(&mut self, finding: Finding) {
        self.0.push(finding);
    }
    fn observed(&mut self, _: Box<Observation>) -> Decision {
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
