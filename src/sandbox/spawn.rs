//! Starting worker processes, from one thread that lives as long as the program.
//!
//! The parent-death signal follows the *thread* that started a process. Workers that a short-lived thread of a pool had
//! started would die with it, so none does: it asks this one.

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

type Request = (Command, Sender<io::Result<Spawned>>);

/// The thread, and the process that it belongs to: after a fork without exec it is not there.
static SPAWNER: Mutex<Option<(u32, Sender<Request>)>> = Mutex::new(None);

/// Starts a process.
pub(super) fn spawn(command: Command) -> io::Result<Spawned> {
    let (answer, answered) = channel();
    spawner()?.send((command, answer)).map_err(|_| gone())?;
    match answered.recv_timeout(PATIENCE) {
        Ok(spawned) => spawned,
        Err(RecvTimeoutError::Disconnected) => Err(gone()),
        // Such as a thread without memory, that waits for a lock to say so. What it still starts it ends itself.
        Err(RecvTimeoutError::Timeout) => {
            Err(io::Error::new(io::ErrorKind::TimedOut, "no process was started in time"))
        }
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
    for (mut command, answer) in requested {
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
