//! A worker process as its parent holds it: started, greeted, watched, and always killed and reaped.
//!
//! Nothing here waits without a deadline.

use super::bundle;
use super::clock::Clock;
use super::conversation::{Breach, Conversation, Step};
use super::death::Death;
use super::descriptors::{self, ReadOnly};
use super::exit::{self, Exit};
use super::line::{Line, Ready};
use super::protocol::{self, BUILD, Found, FromWorker, Listener, Order, PROTOCOL, Setup, ToWorker};
use super::report::{Level, Walls};
use super::room::Room;
use super::spawn::{self, Spawned};
use super::status::{self, Inherited};
use super::{Queued, Work};
use super::{socket, worker};
use crate::bytes::{Absent, Exceeded, Limit, Sibling, cores};
use crate::job::{Decision, Emit, Job, Observation, Outcome, Written};
use serde_bytes::ByteBuf;
use std::collections::VecDeque;
use std::fs::File;
use std::io;
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// Seconds of a processor's time that this program, and so each worker, was started with.
fn started_with() -> u64 {
    rustix::process::getrlimit(rustix::process::Resource::Cpu).maximum.unwrap_or(u64::MAX)
}

/// How many times the time that processors worked for a process the kernel may count for the limit: it counts whole ticks, also those
/// of which others had the most.
const TICKS: u32 = 2;
/// How long a worker may take to lock itself in.
const GREETING: Duration = Duration::from_secs(10);
/// A worker that has more orders than these is not waited for at once.
const BUSY: usize = 8;
/// All that a worker has of an environment, a word to glibc's allocator: use one arena for all threads, whose memory is one run that
/// grows, and keep at hand what a small file is made of, a few hundred pieces of a size and not seven. Large pages would help where the
/// kernel has them ready, and take twice the time where a virtual machine gave them back to its host (`docs/performance.md`). Another
/// libc passes over it.
const ALLOCATOR: (&str, &str) = ("GLIBC_TUNABLES", "glibc.malloc.arena_max=1:glibc.malloc.tcache_count=500");

/// A worker process, locked in and greeted.
#[derive(Debug)]
pub(super) struct Process {
    line: Line,
    listener: Listener,
    walls: Walls,
    room: Room,
    /// Processor time that it can not have used yet.
    cpu_left: Duration,
    /// Since when it may have used more of it.
    busy: Instant,
    /// The job of the last order that it was sent.
    job: Option<Job>,
    /// The orders that it was sent before their turn, in their order.
    queue: VecDeque<Sent>,
    /// Judgements of the first of them, which came with that of the one before.
    judged: VecDeque<ByteBuf>,
}

/// An order that was sent before its turn.
#[derive(Debug)]
struct Sent {
    number: Queued,
    /// Size of the file.
    size: u64,
    /// Whether what came of the file may be said together with what came of others.
    together: bool,
}

/// What came of a file.
#[derive(Debug, PartialEq)]
pub(super) enum Answer {
    /// The worker came to an end with it.
    Ended(Outcome),
    /// The worker asked for a file beside the model, and reads orders that came before their turn instead of an answer.
    Alone,
    /// The worker died of this file, or of one of those behind it that it may speak of together: nothing was said of it.
    Lost,
}

impl Process {
    /// Starts `program` as a worker, and checks its walls against the level.
    pub(super) fn start(program: &Path, level: Level, setup: &Setup) -> Result<Process, Death> {
        let (ours, theirs) = socket::pair().map_err(|error| not_started(&error))?;
        let mut command = Command::new(program);
        command.arg0(worker::NAME).arg(worker::NAME).env_clear().env(ALLOCATOR.0, ALLOCATOR.1);
        command.stdin(theirs).stdout(Stdio::null()).stderr(Stdio::piped());
        let Spawned { child, inherited } = spawn::spawn(command).map_err(|error| not_started(&error))?;
        Process::greet(Line::new(ours, Some(child)), level, setup, inherited)
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
            Ok(Ready::Gone) => return Err(gone_before_hello(&mut line)),
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
        let seen = line.process().and_then(status::seen);
        let walls = status::compare(level, &setup.room, hello.walls, seen.as_ref(), inherited)?;
        // One that has less than its files are allowed begins none with what others left of that.
        let cpu_left = Duration::from_secs(setup.room.cpu_seconds.min(started_with()));
        Ok(Process {
            line,
            listener: Listener::default(),
            walls,
            room: setup.room,
            cpu_left,
            busy: Instant::now(),
            job: None,
            queue: VecDeque::new(),
            judged: VecDeque::new(),
        })
    }

    /// The walls around it.
    pub(super) fn walls(&self) -> &Walls {
        &self.walls
    }

    /// Whether it can do a job that needs this room: it has it still, and has not said anything unasked.
    pub(super) fn serves(&mut self, need: &Room) -> bool {
        (!self.queue.is_empty() || self.line.is_quiet()) && self.has_room(need)
    }

    /// Whether it has this room still.
    pub(super) fn has_room(&self, need: &Room) -> bool {
        self.room.holds(need) && self.cpu_left >= Duration::from_secs(need.cpu_seconds)
    }

    /// Sends the orders of works whose turns come later, as many of the first ones as one packet takes, if that can be done at once. How
    /// many there were; they are numbered from `first`. What comes of those in one packet may be said `together`: that costs less, and
    /// if the worker dies, nobody knows of which.
    pub(super) fn queue(&mut self, works: &[Work<'_>], first: Queued, together: bool) -> u64 {
        let Some(work) = works.first().filter(|work| self.serves(&work.room())) else { return 0 };
        let small = works.iter().take_while(|work| bundle::takes(work) && self.has_room(&work.room())).count();
        let bundle = bundle::of(works.get(..small).unwrap_or_default(), self.job.as_ref(), together);
        let together = together && bundle.is_some();
        let (count, job, sent) = match bundle {
            Some(bundle) => {
                let sent = self.line.sends_at_once(&bundle.packet, &bundle.passed());
                (bundle.count, bundle.job, sent)
            }
            None => {
                let Ok(hand_over) = HandOver::of(work, self.job.as_ref()) else { return 0 };
                let whole = hand_over.parts.is_empty();
                let sent = whole && self.line.sends_at_once(&hand_over.begin, &hand_over.passed());
                (1, hand_over.job, sent)
            }
        };
        if !sent {
            return 0;
        }
        if self.queue.is_empty() {
            self.busy = Instant::now();
        }
        self.job = job.or(self.job.take());
        let sent = (first.0..).map(Queued).zip(works).map(|(number, work)| Sent { number, size: work.size, together });
        self.queue.extend(sent.take(count));
        count as u64
    }

    /// Whether it was answered all that it was asked.
    pub(super) fn is_idle(&self) -> bool {
        self.queue.is_empty()
    }

    /// Whether the order was sent, and it is its turn.
    pub(super) fn is_next(&self, queued: Queued) -> bool {
        self.queue.front().is_some_and(|next| next.number == queued)
    }

    /// Has it do the work.
    pub(super) fn judge(&mut self, work: &Work<'_>, emit: &mut dyn Emit) -> Result<Outcome, Death> {
        self.busy = Instant::now();
        let answer = self.talk(&mut Conversation::new(work.job.task.waits()), work, emit, false);
        self.account();
        let Answer::Ended(outcome) = answer? else { return Err(Death::Protocol(Breach::Unasked)) };
        if let (Outcome::Done { written }, Some(out)) = (&outcome, work.out) {
            // Only a dead worker can no longer change what it wrote.
            self.line.stop();
            if !descriptors::holds(out, written) {
                return Err(Death::Protocol(Breach::Output));
            }
        }
        Ok(outcome)
    }

    /// What came of the work whose order was sent before, and is next. Of a file that needs a turn of its own nothing was told to `emit`.
    pub(super) fn answer(&mut self, work: &Work<'_>, emit: &mut dyn Emit) -> Result<Answer, Death> {
        let mut talk = Conversation::new(work.job.task.waits());
        let answer = self.talk(&mut talk, work, emit, true);
        self.account();
        let together = self.queue.pop_front().is_some_and(|sent| sent.together);
        match answer {
            Err(_) if together && !talk.begun() => Ok(Answer::Lost),
            answer => answer,
        }
    }

    /// About how long the worker takes for half of the files that it has the orders of.
    fn half_of_the_queue(&self) -> Duration {
        const FILE: u64 = 20_000;
        let bytes = self.queue.iter().fold(0u64, |all, sent| all.saturating_add(sent.size));
        let files = FILE.saturating_mul(self.queue.len() as u64);
        // A byte takes about a nanosecond.
        Duration::from_nanos(bytes.saturating_add(files) / 2)
    }

    /// Takes off the processor time that it can have used.
    fn account(&mut self) {
        let used = self.busy.elapsed().saturating_mul(u32::try_from(cores()).unwrap_or(u32::MAX));
        self.cpu_left = self.cpu_left.saturating_sub(used);
        self.busy = Instant::now();
    }

    /// The talk about one file, whose order was sent before if it is `queued`.
    fn talk(
        &mut self,
        talk: &mut Conversation,
        work: &Work<'_>,
        emit: &mut dyn Emit,
        queued: bool,
    ) -> Result<Answer, Death> {
        let done = |observation, emit: &mut dyn Emit| {
            emit.observed(observation);
            Ok(Answer::Ended(Outcome::Done { written: Written::default() }))
        };
        if let Some(observation) = self.judged(talk).map_err(Death::Protocol)? {
            return done(observation, emit);
        }
        let limit = |limit| work.job.limits.value(limit, work.size.saturating_add(work.beside));
        let mut clock = Clock::new(Instant::now(), limit(Limit::Time), self.line.waited_lately());
        let ready = match queued {
            true if self.queue.len() > BUSY => self.line.wait_at_rest(clock.deadline, self.half_of_the_queue()),
            true => self.line.wait(clock.deadline, false),
            false => Ok(self.hand_over(work, clock.deadline)?),
        };
        let mut ready = ready.map_err(Death::Protocol)?;
        loop {
            // A worker that keeps talking does not get more time for it.
            let late = matches!(ready, Ready::Late) || Instant::now() >= clock.deadline;
            if late && !matches!(ready, Ready::Gone) && !clock.extend(self.line.waited()) {
                return Err(Death::Limit(Exceeded { limit: Limit::Time, value: clock.seconds }));
            }
            match ready {
                Ready::Packet(length) => match self.step(talk, length).map_err(Death::Protocol)? {
                    Step::Piece => {}
                    Step::Note(finding) => emit.finding(finding),
                    Step::End(outcome) => return Ok(Answer::Ended(outcome)),
                    Step::Judged(observation) => return done(observation, emit),
                    Step::Beside(_) if queued => return Ok(Answer::Alone),
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
                        let decision = emit.observed(observation);
                        clock.deadline += asked.elapsed();
                        if !talk.waits() {
                            ready = self.line.wait(clock.deadline, false).map_err(Death::Protocol)?;
                            continue;
                        }
                        ready = self.decide(talk, decision, clock.deadline).map_err(Death::Protocol)?;
                        if !matches!(ready, Ready::Room) {
                            continue;
                        }
                    }
                },
                Ready::Gone => {
                    let exit = self.line.end();
                    let death = exit::classify(exit, self.line.words(), talk.begun(), limit);
                    return Err(self.whose_limit(death));
                }
                Ready::Late | Ready::Room => {}
            }
            ready = self.line.wait(clock.deadline, false).map_err(Death::Protocol)?;
        }
    }

    /// What the packet that came, of this length, means in the talk.
    fn step(&mut self, talk: &mut Conversation, length: usize) -> Result<Step, Breach> {
        match self.listener.word(self.line.packet(length))? {
            FromWorker::Judgements(judged) => {
                let together = self.queue.iter().take_while(|sent| sent.together).count();
                if talk.begun() || judged.len() > together {
                    return Err(Breach::Order("judgements of several files"));
                }
                self.judged = judged.into();
                self.judged(talk)?.map(Step::Judged).ok_or(Breach::Empty)
            }
            word => talk.word(word),
        }
    }

    /// The judgement of the file, if it came with that of the one before.
    fn judged(&mut self, talk: &mut Conversation) -> Result<Option<Box<Observation>>, Breach> {
        let Some(packet) = self.judged.pop_front() else { return Ok(None) };
        match talk.word(self.listener.word(&packet)?)? {
            Step::Judged(observation) => Ok(Some(observation)),
            _ => Err(Breach::Order("another word among judgements")),
        }
    }

    /// A limit on memory, on time, or on how long an output may be, is the file's only if the worker had the room that the file is allowed.
    fn whose_limit(&self, death: Death) -> Death {
        use rustix::process::{Resource, getrlimit};
        // At the end of the time that the starter set the kernel kills, and at the end of that of the file it says so first.
        let time = started_with();
        let spent = self.line.worked().is_some_and(|worked| worked.saturating_mul(TICKS) >= Duration::from_secs(time));
        if death == Death::Killed && spent && time <= self.room.cpu_seconds {
            return Death::no_time(time);
        }
        let Death::Limit(Exceeded { limit, .. }) = death else { return death };
        let memory = getrlimit(Resource::Data).maximum.unwrap_or(u64::MAX);
        let output = getrlimit(Resource::Fsize).current.unwrap_or(u64::MAX);
        match limit {
            Limit::Memory if memory < self.room.memory => Death::no_memory(format!(
                "this program was started with a limit of {} MiB of memory, and the worker met it",
                memory >> 20
            )),
            Limit::Decoded if output < self.room.output => Death::no_output(format!(
                "the output can not be written: this program was started with a limit of {output} bytes on the size of files"
            )),
            _ => death,
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
        let hand_over = HandOver::of(work, self.job.as_ref()).map_err(|error| {
            Death::unavailable(format!("the file can not be handed to the worker: {error}"), "try again")
        })?;
        for packet in &hand_over.parts {
            match self.line.send(packet, &[], deadline).map_err(Death::Protocol)? {
                Ready::Room => {}
                Ready::Packet(_) => return Err(Death::Protocol(Breach::Unasked)),
                other => return Ok(other),
            }
        }
        let sent = self.line.send(&hand_over.begin, &hand_over.passed(), deadline).map_err(Death::Protocol)?;
        self.job = hand_over.job.or(self.job.take());
        Ok(sent)
    }
}

/// An order as it is sent.
struct HandOver<'a> {
    /// The job, if it is another one than that of the order before.
    job: Option<Job>,
    /// The packets before the last one.
    parts: Vec<Vec<u8>>,
    /// The last one, with which the descriptors travel.
    begin: Vec<u8>,
    readable: Vec<ReadOnly<'a>>,
    out: Option<&'a File>,
}

impl<'a> HandOver<'a> {
    /// The order of a work for a worker whose last order had that job.
    fn of(work: &Work<'a>, last: Option<&Job>) -> io::Result<HandOver<'a>> {
        let job = (last != Some(work.job)).then(|| work.job.clone());
        let order = Order { job: job.clone(), size: work.size, pin: work.expectation.into() };
        let order = protocol::encode(&order).map_err(io::Error::other)?;
        let (rows, out) = (work.rows.is_some(), work.out.is_some());
        let begin = |order| ToWorker::Begin { order, rows, out };
        let mut parts = protocol::parts(&order, ToWorker::Part, begin).map_err(io::Error::other)?;
        let begin = parts.pop().unwrap_or_default();
        let readable = [Some(work.file), work.rows].into_iter().flatten().map(descriptors::read_only);
        Ok(HandOver { job, parts, begin, readable: readable.collect::<io::Result<_>>()?, out: work.out })
    }

    fn passed(&self) -> Vec<BorrowedFd<'_>> {
        let mut passed: Vec<BorrowedFd<'_>> = self.readable.iter().map(AsFd::as_fd).collect();
        passed.extend(self.out.map(AsFd::as_fd));
        passed
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

/// Why a worker ended before its first word.
fn gone_before_hello(line: &mut Line) -> Death {
    let exit = line.end();
    let errors = line.words();
    if exit::out_of_memory(errors) {
        return Death::no_memory("the worker has too little memory to start");
    }
    match exit {
        Exit::Signal(number) => no_worker(&format!("was killed by signal {number} before it said hello")),
        _ => no_worker(&format!("ended before it said hello: {}", exit::last_line(errors))),
    }
}

#[cfg(test)]
#[path = "parent_tests/mod.rs"]
mod tests;
