//! A worker process as its parent holds it: started, greeted, watched, and always killed and reaped.
//!
//! Nothing here waits without a deadline. The worker's standard error is drained as it comes, and only its end is kept.

use super::Work;
use super::clock::Clock;
use super::conversation::{Breach, Conversation, Step};
use super::death::Death;
use super::exit::{self, Exit};
use super::protocol::{self, BUILD, Found, FromWorker, Order, PACKET, PROTOCOL, Setup, ToWorker};
use super::report::{Level, Walls};
use super::room::Room;
use super::spawn::{self, Spawned};
use super::status::{self, Inherited};
use super::{descriptors, socket, worker};
use crate::bytes::{Absent, Exceeded, Limit, Sibling, cores};
use crate::job::{Decision, Emit, Outcome};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::net::{RecvFlags, SendFlags};
use std::fs::File;
use std::io::{self, Read};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::Path;
use std::process::{Child, ChildStderr, Command, Stdio};
use std::time::{Duration, Instant};

/// How long a worker may take to lock itself in.
const GREETING: Duration = Duration::from_secs(10);
/// How long a process may take to end once it closed its socket.
const ENDING: Duration = Duration::from_secs(1);
/// All that a worker has of an environment, a word to glibc's allocator: ask the kernel for large pages, which saves a worker
/// that makes many values a quarter of its time. Another libc passes over it.
const ALLOCATOR: (&str, &str) = ("GLIBC_TUNABLES", "glibc.malloc.hugetlb=1");
/// Bytes of a worker's standard error that are kept.
const ERRORS: usize = 8 << 10;

/// A worker process, locked in and greeted.
#[derive(Debug)]
pub(super) struct Process {
    line: Line,
    walls: Walls,
    room: Room,
    /// Processor time that it can not have used yet.
    cpu_left: Duration,
}

impl Process {
    /// Starts `program` as a worker, and checks its walls against the level.
    pub(super) fn start(program: &Path, level: Level, setup: &Setup) -> Result<Process, Death> {
        let (ours, theirs) = socket::pair().map_err(|error| not_started(&error))?;
        let mut command = Command::new(program);
        command.arg0(worker::NAME).arg(worker::NAME).env_clear().env(ALLOCATOR.0, ALLOCATOR.1);
        command.stdin(theirs).stdout(Stdio::null()).stderr(Stdio::piped());
        let Spawned { mut child, inherited } = spawn::spawn(command).map_err(|error| not_started(&error))?;
        let errors = Errors { pipe: child.stderr.take(), tail: Vec::new() };
        Process::greet(Line::new(ours, Some(child), errors), level, setup, inherited)
    }

    /// The first words, before any byte of a model.
    fn greet(mut line: Line, level: Level, setup: &Setup, inherited: Inherited) -> Result<Process, Death> {
        let deadline = Instant::now() + GREETING;
        let packet = protocol::encode(&ToWorker::Setup(setup.clone())).map_err(|_| no_worker("said nothing"))?;
        let hello = match line.send(&packet, &[], deadline).and_then(|sent| match sent {
            Ready::Packet(length) => Ok(Ready::Packet(length)),
            Ready::Room => line.wait(deadline, false),
            other => Ok(other),
        }) {
            Ok(Ready::Packet(length)) => protocol::decode(line.packet(length)),
            Ok(Ready::Gone) => return Err(line.gone_before_hello()),
            Ok(Ready::Late | Ready::Room) => return Err(no_worker("did not say hello in time")),
            Err(breach) => return Err(no_worker(&breach.to_string())),
        };
        let hello = match hello {
            Ok(FromWorker::Hello(hello)) => hello,
            _ => return Err(no_worker("said something else than hello")),
        };
        if hello.protocol != PROTOCOL || hello.build != BUILD {
            let build = crate::reason::escape(&hello.build);
            return Err(no_worker(&format!("is {build:?} and not {BUILD:?}")));
        }
        let seen = line.child.as_ref().and_then(|child| status::seen(child.id()));
        let walls = status::compare(level, &setup.room, hello.walls, seen.as_ref(), inherited)?;
        Ok(Process { line, walls, room: setup.room, cpu_left: Duration::from_secs(setup.room.cpu_seconds) })
    }

    /// The walls around it.
    pub(super) fn walls(&self) -> &Walls {
        &self.walls
    }

    /// Whether it can do a job that needs this room: it has it still, and has not said anything unasked.
    pub(super) fn serves(&mut self, need: &Room) -> bool {
        let quiet = self.line.is_quiet();
        quiet && self.room.holds(need) && self.cpu_left >= Duration::from_secs(need.cpu_seconds)
    }

    /// Has it do the work.
    pub(super) fn judge(&mut self, work: &Work<'_>, emit: &mut dyn Emit) -> Result<Outcome, Death> {
        let begin = Instant::now();
        let outcome = self.talk(work, emit, begin);
        self.cpu_left =
            self.cpu_left.saturating_sub(begin.elapsed().saturating_mul(u32::try_from(cores()).unwrap_or(u32::MAX)));
        let outcome = outcome?;
        if let (Outcome::Done { written }, Some(out)) = (&outcome, work.out) {
            // Only a dead worker can no longer change what it wrote.
            self.line.stop();
            if !descriptors::holds(out, written) {
                return Err(Death::Protocol(Breach::Output));
            }
        }
        Ok(outcome)
    }

    fn talk(&mut self, work: &Work<'_>, emit: &mut dyn Emit, begin: Instant) -> Result<Outcome, Death> {
        let limit = |limit| work.job.limits.value(limit, work.size.saturating_add(work.beside));
        let mut clock = Clock::new(begin, limit(Limit::Time), self.line.waited());
        let mut talk = Conversation::new(work.job.task.waits());
        let mut ready = self.hand_over(work, clock.deadline)?;
        loop {
            // A worker that keeps talking does not get more time for it.
            let late = matches!(ready, Ready::Late) || Instant::now() >= clock.deadline;
            if late && !matches!(ready, Ready::Gone) && !clock.extend(self.line.waited()) {
                return Err(Death::Limit(Exceeded { limit: Limit::Time, value: clock.seconds }));
            }
            match ready {
                Ready::Packet(length) => match talk.packet(self.line.packet(length)).map_err(Death::Protocol)? {
                    Step::Piece => {}
                    Step::Note(finding) => emit.finding(finding),
                    Step::End(outcome) => return Ok(outcome),
                    Step::Judged(observation, outcome) => {
                        emit.observed(&observation);
                        return Ok(outcome);
                    }
                    Step::Beside(name) => {
                        let found = emit.beside(&name);
                        if found.is_err() {
                            talk.absent();
                        }
                        ready = self.hand_over_beside(found, clock.deadline)?;
                        if !matches!(ready, Ready::Room) {
                            continue;
                        }
                    }
                    Step::Observed(observation) => {
                        let asked = Instant::now();
                        let decision = emit.observed(&observation);
                        clock.deadline += asked.elapsed();
                        if !talk.waits() {
                            ready = self.line.wait(clock.deadline, false).map_err(Death::Protocol)?;
                            continue;
                        }
                        ready = self.decide(&mut talk, decision, clock.deadline).map_err(Death::Protocol)?;
                        if !matches!(ready, Ready::Room) {
                            continue;
                        }
                    }
                },
                Ready::Gone => {
                    let exit = self.line.end();
                    let death = exit::classify(exit, &self.line.errors.tail, talk.begun(), limit);
                    return Err(self.whose_limit(death));
                }
                Ready::Late | Ready::Room => {}
            }
            ready = self.line.wait(clock.deadline, false).map_err(Death::Protocol)?;
        }
    }

    /// A limit on memory is the file's only if the worker had the room that the file is allowed.
    fn whose_limit(&self, death: Death) -> Death {
        let given = rustix::process::getrlimit(rustix::process::Resource::Data).maximum.unwrap_or(u64::MAX);
        match death {
            Death::Limit(Exceeded { limit: Limit::Memory, .. }) if given < self.room.memory => {
                Death::no_memory(format!(
                    "this program was started with a limit of {} MiB of memory, and the worker met it",
                    given >> 20
                ))
            }
            death => death,
        }
    }

    /// Tells the worker whether to go on. One that did not wait for it has not said what it will do, but did it.
    fn decide(&mut self, talk: &mut Conversation, decision: Decision, deadline: Instant) -> Result<Ready, Breach> {
        match self.line.wait(Instant::now(), false)? {
            Ready::Packet(_) => return Err(Breach::Order("words before the decision")),
            Ready::Gone => return Ok(Ready::Gone),
            Ready::Late | Ready::Room => {}
        }
        talk.decided(decision);
        self.line.send(&protocol::encode(&ToWorker::Decide(decision))?, &[], deadline)
    }

    /// Sends a file beside the model, or why there is none. The worker waits for that, and says nothing until then.
    fn hand_over_beside(&mut self, found: Result<Sibling, Absent>, deadline: Instant) -> Result<Ready, Death> {
        match self.line.wait(Instant::now(), false).map_err(Death::Protocol)? {
            Ready::Packet(_) => return Err(Death::Protocol(Breach::Order("words before the answer"))),
            Ready::Gone => return Ok(Ready::Gone),
            Ready::Late | Ready::Room => {}
        }
        let word = match &found {
            Ok(found) => Found::Opened { size: found.size, pin: (&found.expectation).into() },
            Err(why) => Found::Absent(*why),
        };
        let word = protocol::encode(&word).map_err(|error| Death::Protocol(error.into()))?;
        let mut packets =
            protocol::parts(&word, ToWorker::Part, ToWorker::Beside).map_err(|error| Death::Protocol(error.into()))?;
        let last = packets.pop().unwrap_or_default();
        for packet in packets {
            match self.line.send(&packet, &[], deadline).map_err(Death::Protocol)? {
                Ready::Room => {}
                Ready::Packet(_) => return Err(Death::Protocol(Breach::Unasked)),
                other => return Ok(other),
            }
        }
        let opened = found.ok();
        let passed: Vec<BorrowedFd<'_>> = opened.iter().map(|found| found.file.as_fd()).collect();
        self.line.send(&last, &passed, deadline).map_err(Death::Protocol)
    }

    /// Sends the order in pieces, and the descriptors with the last word.
    fn hand_over(&mut self, work: &Work<'_>, deadline: Instant) -> Result<Ready, Death> {
        let unsendable = |error: &dyn std::fmt::Display| {
            Death::unavailable(format!("the file can not be handed to the worker: {error}"), "try again")
        };
        let order = Order { job: work.job.clone(), size: work.size, pin: work.expectation.into() };
        let order = protocol::encode(&order).map_err(|error| unsendable(&error))?;
        let (rows, out) = (work.rows.is_some(), work.out.is_some());
        let begin = |order| ToWorker::Begin { order, rows, out };
        let mut packets = protocol::parts(&order, ToWorker::Part, begin).map_err(|error| unsendable(&error))?;
        let begin = packets.pop().unwrap_or_default();
        let readable = [Some(work.file), work.rows].into_iter().flatten().map(descriptors::read_only);
        let readable = readable.collect::<io::Result<Vec<_>>>().map_err(|error| unsendable(&error))?;
        let mut passed: Vec<BorrowedFd<'_>> = readable.iter().map(AsFd::as_fd).collect();
        passed.extend(work.out.map(AsFd::as_fd));
        for packet in packets {
            match self.line.send(&packet, &[], deadline).map_err(Death::Protocol)? {
                Ready::Room => {}
                Ready::Packet(_) => return Err(Death::Protocol(Breach::Unasked)),
                other => return Ok(other),
            }
        }
        self.line.send(&begin, &passed, deadline).map_err(Death::Protocol)
    }
}

fn not_started(error: &io::Error) -> Death {
    match error.kind() {
        io::ErrorKind::OutOfMemory => Death::no_memory(format!("the worker can not be started: {error}")),
        io::ErrorKind::NotFound => Death::unavailable(
            format!("the worker can not be started: {error}"),
            "name a program that is there; /proc has to be mounted for a program to start itself again",
        ),
        _ => Death::unavailable(
            format!("the worker can not be started: {error}"),
            "look at the limits on processes, and at the filters that this program runs under",
        ),
    }
}

fn no_worker(what: &str) -> Death {
    Death::unavailable(
        format!("the program that was started is no worker of this version: it {what}"),
        "start the coldload that this program was built with, or call coldload::sandbox::init() first in its main",
    )
}

/// What there is to do.
#[derive(Debug)]
enum Ready {
    /// A packet of this length came.
    Packet(usize),
    /// The socket takes more.
    Room,
    /// The other side is gone.
    Gone,
    /// The deadline has passed.
    Late,
}

/// The parent's ends of the socket and of the standard error, and the process at the other ends.
#[derive(Debug)]
struct Line {
    socket: OwnedFd,
    child: Option<Child>,
    schedule: Option<File>,
    errors: Errors,
    buffer: Vec<u8>,
}

/// The end of what a worker wrote to its standard error.
#[derive(Debug)]
struct Errors {
    pipe: Option<ChildStderr>,
    tail: Vec<u8>,
}

impl Errors {
    /// Takes what is there; after a poll that says so, this does not block.
    fn read(&mut self) {
        let mut buffer = [0; ERRORS / 2];
        match self.pipe.as_mut().map_or(Ok(0), |pipe| pipe.read(&mut buffer)) {
            Ok(read @ 1..) => {
                self.tail.extend_from_slice(buffer.get(..read).unwrap_or_default());
                let excess = self.tail.len().saturating_sub(ERRORS);
                self.tail.drain(..excess);
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            _ => self.pipe = None,
        }
    }
}

impl Line {
    fn new(socket: OwnedFd, child: Option<Child>, errors: Errors) -> Line {
        let schedule = child.as_ref().and_then(|child| status::schedule(child.id()));
        Line { socket, child, schedule, errors, buffer: vec![0; PACKET] }
    }

    /// The first `length` bytes of the last packet.
    fn packet(&self, length: usize) -> &[u8] {
        self.buffer.get(..length).unwrap_or_default()
    }

    /// Sends a packet; [`Ready::Room`] when it is sent, else what came instead.
    fn send(&mut self, packet: &[u8], passed: &[BorrowedFd<'_>], deadline: Instant) -> Result<Ready, Breach> {
        loop {
            match socket::send(&self.socket, packet, passed, SendFlags::DONTWAIT) {
                Ok(()) => return Ok(Ready::Room),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => match self.wait(deadline, true)? {
                    Ready::Room => {}
                    other => return Ok(other),
                },
                Err(_) => return Ok(Ready::Gone),
            }
        }
    }

    /// Whether the other side is there, and has said nothing.
    fn is_quiet(&mut self) -> bool {
        matches!(self.take(false), Ok(None))
    }

    /// Waits for a packet, or with `sending` for room for one.
    fn wait(&mut self, deadline: Instant, sending: bool) -> Result<Ready, Breach> {
        // What is there already needs no waiting for.
        if !sending && let Some(taken) = self.take(false)? {
            return Ok(taken);
        }
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            let (arrived, gone, room, words) = self.poll(left, sending);
            if words {
                self.errors.read();
            }
            if arrived {
                return Ok(self.take(gone)?.unwrap_or(Ready::Gone));
            }
            if gone {
                return Ok(Ready::Gone);
            }
            if left.is_zero() {
                return Ok(Ready::Late);
            }
            if room {
                return Ok(Ready::Room);
            }
        }
    }

    /// Whether a packet is there, the other side is gone, there is room to send, and the standard error has words.
    fn poll(&self, left: Duration, sending: bool) -> (bool, bool, bool, bool) {
        let wanted = if sending { PollFlags::IN | PollFlags::OUT } else { PollFlags::IN };
        let mut watched = vec![PollFd::new(&self.socket, wanted)];
        watched.extend(self.errors.pipe.as_ref().map(|pipe| PollFd::new(pipe, PollFlags::IN)));
        let timeout = Timespec { tv_sec: left.as_secs().cast_signed(), tv_nsec: i64::from(left.subsec_nanos()) };
        if poll(&mut watched, Some(&timeout)).is_err() {
            return (false, false, false, false);
        }
        let flags = |index: usize| watched.get(index).map_or(PollFlags::empty(), PollFd::revents);
        let gone = flags(0).intersects(PollFlags::HUP | PollFlags::ERR | PollFlags::NVAL);
        (flags(0).contains(PollFlags::IN), gone, flags(0).contains(PollFlags::OUT), !flags(1).is_empty())
    }

    /// The packet that is there, if one is.
    fn take(&mut self, gone: bool) -> Result<Option<Ready>, Breach> {
        match socket::receive(&self.socket, &mut self.buffer, RecvFlags::DONTWAIT) {
            Ok(received) if received.oversized => Err(Breach::Oversized),
            Ok(received) if received.unasked => Err(Breach::Descriptors),
            Ok(received) if received.length > 0 => Ok(Some(Ready::Packet(received.length))),
            Ok(_) if !gone && !self.poll(Duration::ZERO, false).1 => Err(Breach::Empty),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(None),
            _ => Ok(Some(Ready::Gone)),
        }
    }

    /// How long the process was kept from going on by other programs.
    fn waited(&self) -> Duration {
        self.schedule.as_ref().map_or(Duration::ZERO, status::waited)
    }

    /// How the process ended that closed its socket.
    fn end(&mut self) -> Exit {
        let exit = self.wait_for_exit();
        self.stop();
        // What it wrote last is still in the pipe. What another process may add is not waited for.
        for _ in 0..16 {
            if !self.poll(Duration::ZERO, false).3 {
                break;
            }
            self.errors.read();
        }
        exit
    }

    fn wait_for_exit(&mut self) -> Exit {
        let Some(child) = &mut self.child else { return Exit::Status(0) };
        let begin = Instant::now();
        let mut pause = Duration::from_micros(100);
        while begin.elapsed() < ENDING {
            match child.try_wait() {
                Ok(Some(status)) => {
                    return status.signal().map_or(Exit::Status(status.code().unwrap_or(-1)), Exit::Signal);
                }
                Ok(None) => std::thread::sleep(pause),
                Err(_) => break,
            }
            pause = (pause * 2).min(Duration::from_millis(20));
        }
        Exit::WentOn
    }

    fn gone_before_hello(&mut self) -> Death {
        let exit = self.end();
        let errors = &self.errors.tail;
        if exit::out_of_memory(errors) {
            return Death::no_memory("the worker has too little memory to start");
        }
        match exit {
            Exit::Signal(number) => no_worker(&format!("was killed by signal {number} before it said hello")),
            _ => no_worker(&format!("ended before it said hello: {}", exit::last_line(errors))),
        }
    }

    /// Kills and reaps the process.
    fn stop(&mut self) {
        if let Some(mut child) = self.child.take() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        self.stop();
    }
}

#[cfg(test)]
#[path = "parent_tests.rs"]
mod tests;
