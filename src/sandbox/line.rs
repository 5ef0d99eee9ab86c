//! The parent's ends of a worker's socket and standard error, and the process at the other ends. Nothing here waits without a
//! deadline, and the standard error is drained as it comes.

use super::conversation::Breach;
use super::exit::Exit;
use super::protocol::PACKET;
use super::{socket, status};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::net::{RecvFlags, SendFlags};
use std::fs::File;
use std::io::{self, Read};
use std::os::fd::{BorrowedFd, OwnedFd};
use std::os::unix::process::ExitStatusExt;
use std::process::{Child, ChildStderr};
use std::time::{Duration, Instant};

/// How long a process may take to end once it closed its socket.
const ENDING: Duration = Duration::from_secs(1);
/// For how long a clock may begin with what the kernel said before.
const LATELY: Duration = Duration::from_millis(10);
/// How long a worker is left alone at most that has enough to do.
const REST: Duration = Duration::from_millis(2);
/// Bytes of a worker's standard error that are kept.
const ERRORS: usize = 8 << 10;

/// What there is to do.
#[derive(Debug)]
pub(super) enum Ready {
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
pub(super) struct Line {
    socket: OwnedFd,
    child: Option<Child>,
    /// Where the kernel says how the process's threads are scheduled: all of them have been started by the first words.
    schedules: Option<Vec<File>>,
    /// When it was asked for that last, and what it said.
    asked: Option<(Instant, Duration)>,
    /// How long processors had worked for the process when it ended.
    worked: Option<Duration>,
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

fn timespec(time: Duration) -> Timespec {
    Timespec { tv_sec: time.as_secs().cast_signed(), tv_nsec: i64::from(time.subsec_nanos()) }
}

impl Line {
    /// A line to a process, if there is one: a thread can play it.
    pub(super) fn new(socket: OwnedFd, mut child: Option<Child>) -> Line {
        let errors = Errors { pipe: child.as_mut().and_then(|child| child.stderr.take()), tail: Vec::new() };
        Line { socket, child, schedules: None, asked: None, worked: None, errors, buffer: vec![0; PACKET] }
    }

    /// The process's number, while it is held.
    pub(super) fn process(&self) -> Option<u32> {
        self.child.as_ref().map(Child::id)
    }

    /// The end of what the process wrote to its standard error.
    pub(super) fn words(&self) -> &[u8] {
        &self.errors.tail
    }

    /// The first `length` bytes of the last packet.
    pub(super) fn packet(&self, length: usize) -> &[u8] {
        self.buffer.get(..length).unwrap_or_default()
    }

    /// Sends a packet; [`Ready::Room`] when it is sent, else what came instead.
    pub(super) fn send(
        &mut self,
        packet: &[u8],
        passed: &[BorrowedFd<'_>],
        deadline: Instant,
    ) -> Result<Ready, Breach> {
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

    /// Sends a packet if there is room for it.
    pub(super) fn sends_at_once(&self, packet: &[u8], passed: &[BorrowedFd<'_>]) -> bool {
        socket::send(&self.socket, packet, passed, SendFlags::DONTWAIT).is_ok()
    }

    /// Whether the other side is there, and has said nothing.
    pub(super) fn is_quiet(&mut self) -> bool {
        matches!(self.take(false), Ok(None))
    }

    /// The same as [`Line::wait`] for a packet of a worker that has more to do than what is waited for. If the packet is not
    /// there yet, the worker is left alone for a while: to be woken for each of its words would cost more than the words do.
    pub(super) fn wait_at_rest(&mut self, deadline: Instant, rest: Duration) -> Result<Ready, Breach> {
        if let Some(taken) = self.take(false)? {
            return Ok(taken);
        }
        // Without any event that is asked for, this ends early only if the other side is gone.
        let _ = poll(&mut [PollFd::new(&self.socket, PollFlags::empty())], Some(&timespec(rest.min(REST))));
        self.wait(deadline, false)
    }

    /// Waits for a packet, or with `sending` for room for one.
    pub(super) fn wait(&mut self, deadline: Instant, sending: bool) -> Result<Ready, Breach> {
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
        let timeout = timespec(left);
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
    pub(super) fn waited(&mut self) -> Duration {
        let process = self.process();
        let schedules = self.schedules.get_or_insert_with(|| process.map(status::schedules).unwrap_or_default());
        let waited = status::waited(schedules);
        self.asked = Some((Instant::now(), waited));
        waited
    }

    /// The same as of a moment ago, where many small files are read in that time.
    pub(super) fn waited_lately(&mut self) -> Duration {
        match self.asked {
            Some((at, waited)) if at.elapsed() < LATELY => waited,
            _ => self.waited(),
        }
    }

    /// How long processors worked for the process, once it is known how it ended.
    pub(super) fn worked(&self) -> Option<Duration> {
        self.worked
    }

    /// How the process ended that closed its socket.
    pub(super) fn end(&mut self) -> Exit {
        self.worked = self.process().and_then(status::worked);
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

    /// Kills and reaps the process.
    pub(super) fn stop(&mut self) {
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
