//! Starting worker processes, from one thread that lives as long as the program.
//!
//! The parent-death signal follows the *thread* that started a process. Workers that a short-lived thread of a pool had
//! started would die with it, so none does: it asks this one. It also waits for the end of those that were killed and that nobody
//! else waits for.

use super::status::{self, Inherited};
use std::io;
use std::process::{Child, Command};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// How long starting a process may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// A process that was started, and the walls that the thread which started it has itself.
#[derive(Debug)]
pub(super) struct Spawned {
    pub child: Child,
    pub inherited: Inherited,
}

/// What the thread is asked for.
enum Request {
    /// To start a process.
    Start(Command, Sender<io::Result<Spawned>>),
    /// To wait for the end of one that was killed.
    Reap(Child),
    /// To say when all that it was asked for before is done.
    Tell(Sender<()>),
}

/// The thread, and the process that it belongs to: after a fork without exec it is not there.
static SPAWNER: Mutex<Option<(u32, Sender<Request>)>> = Mutex::new(None);

/// Starts a process.
pub(super) fn spawn(command: Command) -> io::Result<Spawned> {
    let (answer, answered) = channel();
    spawner()?.send(Request::Start(command, answer)).map_err(|_| gone())?;
    match answered.recv_timeout(PATIENCE) {
        Ok(spawned) => spawned,
        Err(RecvTimeoutError::Disconnected) => Err(gone()),
        // Such as a thread without memory, that waits for a lock to say so. What it still starts it ends itself.
        Err(RecvTimeoutError::Timeout) => {
            Err(io::Error::new(io::ErrorKind::TimedOut, "no process was started in time"))
        }
    }
}

/// Waits for the end of a process that was killed, but not here: to take its memory apart takes the kernel a while.
pub(super) fn reap(child: Child) {
    let unheard = match spawner() {
        Ok(spawner) => spawner.send(Request::Reap(child)).err().map(|unheard| unheard.0),
        Err(_) => Some(Request::Reap(child)),
    };
    if let Some(Request::Reap(mut child)) = unheard {
        let _ = child.wait();
    }
}

/// Waits until all processes that were left to the thread are reaped.
pub(super) fn reaped() {
    let started = SPAWNER.lock().unwrap_or_else(PoisonError::into_inner).clone();
    let Some((_, thread)) = started.filter(|(process, _)| *process == std::process::id()) else { return };
    let (told, all) = channel();
    if thread.send(Request::Tell(told)).is_ok() {
        let _ = all.recv_timeout(PATIENCE);
    }
}

fn gone() -> io::Error {
    io::Error::other("the thread that starts processes is gone")
}

fn spawner() -> io::Result<Sender<Request>> {
    let mut spawner = SPAWNER.lock().unwrap_or_else(PoisonError::into_inner);
    let own = std::process::id();
    match &*spawner {
        Some((process, requests)) if *process == own => Ok(requests.clone()),
        _ => {
            let (requests, requested) = channel();
            std::thread::Builder::new().name("coldload-spawn".to_owned()).spawn(move || serve(&requested))?;
            *spawner = Some((own, requests.clone()));
            Ok(requests)
        }
    }
}

fn serve(requested: &Receiver<Request>) {
    let inherited = status::inherited();
    for request in requested {
        let (mut command, answer) = match request {
            Request::Start(command, answer) => (command, answer),
            Request::Reap(mut child) => {
                let _ = child.wait();
                continue;
            }
            Request::Tell(told) => {
                let _ = told.send(());
                continue;
            }
        };
        let spawned = command.spawn().map(|child| Spawned { child, inherited });
        // The command holds the other end of the socket: it must be closed here for the worker's end to show.
        drop(command);
        if let Err(unheard) = answer.send(spawned)
            && let Ok(mut spawned) = unheard.0
        {
            let _ = spawned.child.kill();
            let _ = spawned.child.wait();
        }
    }
}
