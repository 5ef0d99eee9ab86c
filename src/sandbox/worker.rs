//! The worker: locks itself in, says so, and then serves orders that come through its one socket.
//!
//! It is the program itself, started again with the name `coldload-worker` as its only argument and a socket as its
//! standard input. Whatever else it finds there, it is not meant, and the program goes on as usual.

use super::perform::{Files, Run, Subject, perform};
use super::protocol::{
    self, BUILD, Bundled, Carried, Found, FromWorker, Hello, NOTES, OBSERVED, ORDER, Order, PACKET, PART, PROTOCOL,
    Pin, TEXT, ToWorker,
};
use super::{exit, socket, sys, walls};
use crate::bytes::{Absent, Ahead, First, Sibling};
use crate::job::{Decision, Emit, Observation, Outcome, Written};
use crate::reason::{Code, Finding};
use rustix::net::SendFlags;
use serde::Serialize;
use serde_bytes::ByteBuf;
use std::collections::VecDeque;
use std::fs::File;
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::panic::AssertUnwindSafe;

/// The argument that makes a program a worker.
pub(super) const NAME: &str = "coldload-worker";

/// Whether this process was started to be a worker.
pub(super) fn is_meant() -> bool {
    let mut arguments = std::env::args_os().skip(1);
    arguments.next().is_some_and(|argument| argument == NAME)
        && arguments.next().is_none()
        && socket::is_from_parent(io::stdin())
}

/// The worker's life.
pub(super) fn live(run: Run) -> ! {
    let stdin = io::stdin();
    let code = match serve(run, stdin.as_fd()) {
        Ok(()) => 0,
        Err(error) => {
            eprintln!("worker: {error}");
            3
        }
    };
    std::process::exit(code)
}

fn serve(run: Run, socket: BorrowedFd<'_>) -> io::Result<()> {
    sys::close_inherited()?;
    walls::die_with_parent()?;
    if !socket::is_from_parent(socket) {
        return Err(io::Error::other("the parent died"));
    }
    std::env::set_current_dir("/")?;
    let mut line = Line::new(socket);
    let Some((ToWorker::Setup(setup), _)) = line.next()? else { return Err(unexpected()) };
    if setup.protocol != PROTOCOL {
        return Err(io::Error::other(format!("the parent speaks protocol {}, not {PROTOCOL}", setup.protocol)));
    }
    #[cfg(feature = "escape-tests")]
    let without = &setup.without[..];
    #[cfg(not(feature = "escape-tests"))]
    let without = &[];
    let mut ahead = None;
    let walls = walls::put_up(&setup.room, without, || ahead = warm_up(setup.readers));
    line.say(&FromWorker::Hello(Hello { protocol: PROTOCOL, build: BUILD.to_owned(), walls }))?;
    crate::vocabulary::warm_up();
    let mut last = None;
    while let Some((order, files)) = line.order()? {
        let Order { job, size, pin } = order;
        last = job.or(last);
        let job = last.as_ref().ok_or_else(unexpected)?;
        let mut wire = Wire { line: &mut line, waits: job.task.waits(), held: None, notes: 0, dropped: 0 };
        let job = AssertUnwindSafe(|| perform(run, job, size, pin.into(), files, ahead.as_ref(), &mut wire));
        let Ok(outcome) = std::panic::catch_unwind(job) else { std::process::exit(exit::PANICKED) };
        let outcome = match outcome {
            Outcome::Refused { more } => Outcome::Refused { more: more.saturating_add(wire.dropped) },
            outcome => outcome,
        };
        match wire.held.take() {
            Some(held) if outcome == (Outcome::Done { written: Written::default() }) => line.judged(held.judged)?,
            Some(held) => {
                line.say_long(&held.observation, FromWorker::Observed)?;
                line.say_long(&outcome, FromWorker::End)?;
            }
            None => line.say_long(&outcome, FromWorker::End)?,
        }
    }
    Ok(())
}

/// Bytes that a worker keeps, once it used them, for the next file.
const KEPT: usize = 4 << 20;

/// What has to happen before the last walls: threads can not be started behind them, and seeds are drawn.
fn warm_up(readers: u8) -> Option<Ahead> {
    std::hint::black_box(std::hash::RandomState::new());
    // The allocator learns from this that memory is worth keeping from one file to the next (`M_TRIM_THRESHOLD` in mallopt(3)).
    drop(std::hint::black_box(vec![0u8; KEPT]));
    Ahead::start(readers.into())
}

fn unexpected() -> io::Error {
    io::Error::other("an unexpected word from the parent")
}

/// Bytes that the head of one judgement among several takes at most.
const HEAD: usize = 5;

/// A file of a bundle.
struct Carriage {
    pin: Pin,
    size: u64,
    subject: Subject,
}

impl Carriage {
    /// A file, with the next of the descriptors if it goes by that.
    fn of(bundled: Bundled, passed: &mut impl Iterator<Item = File>) -> io::Result<Carriage> {
        let (size, subject) = match bundled.carried {
            Carried::Bytes(bytes) => (bytes.len() as u64, Subject::Held(bytes.into_vec())),
            Carried::Opened(size) => (size, Subject::Opened(passed.next().ok_or_else(unexpected)?, None)),
        };
        Ok(Carriage { pin: bundled.pin, size, subject })
    }

    /// The file and its size, and where its first chunk goes, if that is still to be read and to be hashed.
    fn unread(&mut self) -> Option<((&File, u64), &mut Option<First>)> {
        match (&self.pin, &mut self.subject) {
            (Pin::Signed(_), Subject::Opened(file, first @ None)) => Some(((file, self.size), first)),
            _ => None,
        }
    }
}

/// The worker's end of the socket.
struct Line<'a> {
    socket: BorrowedFd<'a>,
    buffer: Vec<u8>,
    pieces: Vec<u8>,
    /// Files that came with the one before, which have their turns first.
    bundled: VecDeque<Carriage>,
    /// Whether judgements of them may be said together.
    together: bool,
    /// Judgements that are still to be said.
    judged: Vec<ByteBuf>,
}

impl Line<'_> {
    fn new(socket: BorrowedFd<'_>) -> Line<'_> {
        Line {
            socket,
            buffer: vec![0; PACKET],
            pieces: Vec::new(),
            bundled: VecDeque::new(),
            together: false,
            judged: Vec::new(),
        }
    }

    /// The parent's next word and what came with it; `None` when it hung up.
    fn next(&mut self) -> io::Result<Option<(ToWorker, Vec<OwnedFd>)>> {
        let received = socket::receive_with_descriptors(self.socket, &mut self.buffer)?;
        if received.length == 0 {
            return Ok(None);
        }
        let packet = self.buffer.get(..received.length).filter(|_| !received.oversized).ok_or_else(unexpected)?;
        Ok(Some((protocol::decode(packet).map_err(io::Error::other)?, received.descriptors)))
    }

    /// The next order; `None` when there is no more to do.
    fn order(&mut self) -> io::Result<Option<(Order, Files)>> {
        let mut job = None;
        self.pieces.clear();
        loop {
            if let Some(Carriage { pin, size, subject }) = self.bundled() {
                return Ok(Some((Order { job, size, pin }, Files { subject, rows: None, out: None })));
            }
            match self.next()? {
                None => return Ok(None),
                Some((ToWorker::Bundle(bundle), descriptors)) if self.pieces.is_empty() && !bundle.files.is_empty() => {
                    (job, self.together) = (bundle.job, bundle.together);
                    let mut passed = descriptors.into_iter().map(File::from);
                    for file in bundle.files {
                        self.bundled.push_back(Carriage::of(file, &mut passed)?);
                    }
                }
                Some((ToWorker::Part(piece), _)) if self.pieces.len().saturating_add(piece.len()) <= ORDER => {
                    self.pieces.extend_from_slice(&piece);
                }
                Some((ToWorker::Begin { order, rows, out }, descriptors)) => {
                    let mut pieces = std::mem::take(&mut self.pieces);
                    pieces.extend_from_slice(&order);
                    let order = protocol::decode(&pieces).map_err(io::Error::other)?;
                    let mut passed = descriptors.into_iter().map(File::from);
                    let file = passed.next().ok_or_else(unexpected)?;
                    let rows = if rows { Some(passed.next().ok_or_else(unexpected)?) } else { None };
                    let out = if out { Some(passed.next().ok_or_else(unexpected)?) } else { None };
                    return Ok(Some((order, Files { subject: Subject::Opened(file, None), rows, out })));
                }
                Some(_) => return Err(unexpected()),
            }
        }
    }

    /// The next file that came in a bundle. Of two that are to be hashed both are read now: side by side they take less time.
    fn bundled(&mut self) -> Option<Carriage> {
        let mut next = self.bundled.pop_front()?;
        let behind = self.bundled.front_mut().and_then(Carriage::unread);
        if let (Some((file, first)), Some((other, second))) = (next.unread(), behind) {
            let read = First::of_two([file, other]);
            [*first, *second] = read.map(Some);
        }
        Some(next)
    }

    /// The answer to a question for a file beside the model.
    fn beside(&mut self) -> io::Result<Result<Sibling, Absent>> {
        let mut pieces = Vec::new();
        loop {
            match self.next()? {
                Some((ToWorker::Part(piece), _)) if pieces.len().saturating_add(piece.len()) <= ORDER => {
                    pieces.extend_from_slice(&piece);
                }
                Some((ToWorker::Beside(last), descriptors)) => {
                    pieces.extend_from_slice(&last);
                    return match protocol::decode(&pieces).map_err(io::Error::other)? {
                        Found::Absent(why) => Ok(Err(why)),
                        Found::Opened { size, pin } => {
                            let file = descriptors.into_iter().next().ok_or_else(unexpected)?.into();
                            Ok(Ok(Sibling { file, size, expectation: pin.into() }))
                        }
                    };
                }
                Some(_) => return Err(unexpected()),
                None => std::process::exit(0),
            }
        }
    }

    /// Sends a packet, behind the judgements that are still to be said.
    fn send(&mut self, packet: &[u8]) -> io::Result<()> {
        self.say_judgements()?;
        socket::send(self.socket, packet, &[], SendFlags::empty())
    }

    /// Says a judgement, or keeps it until the bundle is through, the packet is full, or there is something else to say.
    fn judged(&mut self, packet: Vec<u8>) -> io::Result<()> {
        let full = |judged: &[ByteBuf]| judged.iter().map(|word| word.len() + HEAD).sum::<usize>() + packet.len();
        if full(&self.judged) > PART {
            self.say_judgements()?;
        }
        self.judged.push(ByteBuf::from(packet));
        if self.together && !self.bundled.is_empty() { Ok(()) } else { self.say_judgements() }
    }

    fn say_judgements(&mut self) -> io::Result<()> {
        let several = match &mut self.judged[..] {
            [] => return Ok(()),
            [only] => std::mem::take(only).into_vec(),
            _ => {
                let judged = std::mem::take(&mut self.judged);
                protocol::encode(&FromWorker::Judgements(judged)).map_err(io::Error::other)?
            }
        };
        self.judged.clear();
        socket::send(self.socket, &several, &[], SendFlags::empty())
    }

    fn say(&mut self, word: &FromWorker) -> io::Result<()> {
        self.send(&protocol::encode(word).map_err(io::Error::other)?)
    }

    /// Says something that may be longer than a packet.
    fn say_long<T: Serialize>(&mut self, value: &T, last: fn(ByteBuf) -> FromWorker) -> io::Result<()> {
        self.say_pieces(&protocol::encode(value).map_err(io::Error::other)?, last)
    }

    fn say_pieces(&mut self, bytes: &[u8], last: fn(ByteBuf) -> FromWorker) -> io::Result<()> {
        for packet in protocol::parts(bytes, FromWorker::Part, last).map_err(io::Error::other)? {
            self.send(&packet)?;
        }
        Ok(())
    }
}

/// Where a job tells what it finds: the socket. Without a parent there is nobody to work for, and the worker ends.
struct Wire<'a, 'b> {
    line: &'a mut Line<'b>,
    waits: bool,
    /// An observation that nobody decides on: it goes with the outcome, which follows at once.
    held: Option<Held>,
    notes: u64,
    dropped: u64,
}

/// What a file holds, and the packet that says so and that all is done.
struct Held {
    observation: Box<Observation>,
    judged: Vec<u8>,
}

fn or_end<T>(result: io::Result<T>) -> T {
    result.unwrap_or_else(|error| {
        eprintln!("worker: {error}");
        std::process::exit(3)
    })
}

impl Emit for Wire<'_, '_> {
    fn finding(&mut self, mut finding: Finding) {
        if let Some(held) = self.held.take() {
            or_end(self.line.say_long(&held.observation, FromWorker::Observed));
        }
        if self.notes >= NOTES {
            self.dropped = self.dropped.saturating_add(1);
            return;
        }
        self.notes = self.notes.saturating_add(1);
        let texts = [&mut finding.message, &mut finding.why, &mut finding.next];
        for text in texts.into_iter().chain(&mut finding.place).chain(&mut finding.name) {
            shorten(text);
        }
        or_end(self.line.say(&FromWorker::Note(finding)));
    }

    fn beside(&mut self, name: &str) -> Result<Sibling, Absent> {
        if name.len() > protocol::NAME {
            return Err(Absent::Foreign);
        }
        or_end(self.line.say(&FromWorker::Beside(name.to_owned())));
        or_end(self.line.beside())
    }

    fn observed(&mut self, observation: Box<Observation>) -> Decision {
        let mut observation = observation;
        if !self.waits {
            let word = FromWorker::Judged(observation);
            let judged = or_end(protocol::encode(&word).map_err(io::Error::other));
            let FromWorker::Judged(back) = word else { return Decision::Stop };
            if judged.len() <= PACKET {
                self.held = Some(Held { observation: back, judged });
                return Decision::Proceed;
            }
            observation = back;
        }
        let bytes = or_end(protocol::encode(&observation).map_err(io::Error::other));
        if bytes.len() > OBSERVED {
            let limit = OBSERVED >> 20;
            self.finding(Finding::new(
                Code::LimitExceeded,
                format!("names, features and classes take more than {limit} MiB together"),
            ));
            or_end(self.line.say_long(&Outcome::Refused { more: 0 }, FromWorker::End));
            std::process::exit(0)
        }
        or_end(self.line.say_pieces(&bytes, FromWorker::Observed));
        if !self.waits {
            return Decision::Proceed;
        }
        match or_end(self.line.next()) {
            Some((ToWorker::Decide(decision), _)) => decision,
            Some(_) => or_end(Err(unexpected())),
            None => std::process::exit(0),
        }
    }
}

/// Cuts a text to what a finding may hold.
fn shorten(text: &mut String) {
    const MARK: &str = "…";
    if text.len() > TEXT {
        let mut end = TEXT.saturating_sub(MARK.len());
        while !text.is_char_boundary(end) {
            end = end.saturating_sub(1);
        }
        text.truncate(end);
        text.push_str(MARK);
    }
}

/// The orders that a worker reads from these packets, each with as many descriptors as its length modulo 4, up to the first
/// that it does not understand: what is fuzzed.
pub(super) fn read_orders(packets: &[Vec<u8>]) -> io::Result<Vec<Order>> {
    let (parent, worker) = socket::pair()?;
    let nothing = File::open("/dev/null")?;
    let descriptors = [nothing.as_fd(); 3];
    for packet in packets {
        let passed = descriptors.get(..packet.len() % 4).unwrap_or_default();
        if socket::send(&parent, packet, passed, SendFlags::DONTWAIT).is_err() {
            break;
        }
    }
    drop(parent);
    let mut line = Line::new(worker.as_fd());
    let mut orders = Vec::new();
    while let Ok(Some((order, _))) = line.order() {
        orders.push(order);
    }
    Ok(orders)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_texts_are_cut_between_characters() {
        let mut text = "ü".repeat(TEXT);
        shorten(&mut text);
        assert!(text.len() <= TEXT && text.ends_with("ü…"));
        let mut text = "short".to_owned();
        shorten(&mut text);
        assert_eq!(text, "short");
    }
}
