//! The handle on a worker: kept for many files, and replaced after each model that is refused, each death, and each output.

use super::death::{Crash, Death};
use super::perform::{Files, Subject, perform};
use super::report::{Level, Walls};
use super::{Finished, Queued, RUN, Sandbox, Work};
use crate::bytes::{Absent, Ahead, Sibling};
use crate::job::{Emit, Failure, FailureKind, Outcome};
use std::panic::AssertUnwindSafe;

#[cfg(target_os = "linux")]
use super::parent::{Answer, Process};
#[cfg(target_os = "linux")]
use super::{protocol, room::Room};

/// A worker, or the promise of one.
///
/// A process that read a model which was refused reads no other, for it may have been taken over. A file that is no model, such
/// as a text, costs no process: it asked for no name, and one that took the process over would rather be accepted. A process
/// whose limits do not fit a job is replaced by one that has the room: limits can only be lowered.
#[derive(Debug)]
pub struct Worker {
    sandbox: Sandbox,
    level: Level,
    walls: Walls,
    #[cfg(target_os = "linux")]
    held: Option<Process>,
    /// Room beyond what the job at hand needs, so that the next one fits too.
    #[cfg(target_os = "linux")]
    spare: Option<Room>,
    /// Orders that were sent before their turn.
    #[cfg(target_os = "linux")]
    queued: u64,
    /// Whether each file is answered before the next one is looked at, for a process died of one of several.
    #[cfg(target_os = "linux")]
    apart: bool,
    #[cfg(all(target_os = "linux", feature = "escape-tests"))]
    without: Vec<super::Wall>,
}

impl Worker {
    /// Starts a worker that is kept for many files. The one error is [`Death::Unavailable`].
    pub fn start(sandbox: &Sandbox, level: Level) -> Result<Worker, Death> {
        #[cfg_attr(not(target_os = "linux"), allow(unused_mut))]
        let mut worker = Worker::once(sandbox, level);
        worker.check_level()?;
        #[cfg(target_os = "linux")]
        if !worker.is_in_process() {
            worker.spare = Some(Room::many());
            worker.held = Some(worker.fresh(&Room::many(), 0)?);
        }
        Ok(worker)
    }

    /// A worker that starts with the first job, and has room for that alone.
    pub(super) fn once(sandbox: &Sandbox, level: Level) -> Worker {
        Worker {
            sandbox: sandbox.clone(),
            level,
            walls: Walls::none(),
            #[cfg(target_os = "linux")]
            held: None,
            #[cfg(target_os = "linux")]
            spare: None,
            #[cfg(target_os = "linux")]
            queued: 0,
            #[cfg(target_os = "linux")]
            apart: false,
            #[cfg(all(target_os = "linux", feature = "escape-tests"))]
            without: Vec::new(),
        }
    }

    /// Leaves walls out, so that a test sees them missed.
    #[doc(hidden)]
    #[cfg(all(target_os = "linux", feature = "escape-tests"))]
    #[must_use]
    pub fn without(sandbox: &Sandbox, level: Level, walls: &[super::Wall]) -> Worker {
        Worker { without: walls.to_vec(), ..Worker::once(sandbox, level) }
    }

    /// The walls around the worker that was started last.
    pub fn walls(&self) -> &Walls {
        &self.walls
    }

    /// Does one job. What is found is told to `emit` as it is found, also if the worker dies later.
    pub fn run(&mut self, work: &Work<'_>, emit: &mut dyn Emit) -> Result<Finished, Death> {
        self.check_level()?;
        if self.is_in_process() {
            let outcome = in_process(work, emit)?;
            return Ok(Finished { outcome, walls: Walls::none() });
        }
        self.behind_walls(work, emit)
    }

    fn is_in_process(&self) -> bool {
        self.level == Level::Off
            || self.sandbox == Sandbox::InProcess
            || (cfg!(not(target_os = "linux")) && self.level == Level::BestEffort)
    }

    /// Whether this sandbox can give that level at all.
    fn check_level(&self) -> Result<(), Death> {
        let level = self.level.text();
        if self.level < Level::Required {
            return Ok(());
        }
        if self.sandbox == Sandbox::InProcess {
            return Err(Death::unavailable(
                format!("{level:?} asks for a worker process, and the job is to run in this process"),
                "name a program for the worker, or ask for the level off",
            ));
        }
        if cfg!(not(target_os = "linux")) {
            return Err(Death::unavailable(
                format!("{level:?} asks for seccomp, which only Linux has"),
                "--sandbox best-effort  reads the file in this process, without walls, and says so",
            ));
        }
        Ok(())
    }

    /// Sends the orders of works for one job whose turns come later, as many of the first ones as can be, so that the worker need not
    /// wait for them: only to a worker that is there and has the room, and only if nothing is made of the files.
    /// [`Worker::answer`] has to be asked in the same order.
    #[cfg_attr(not(target_os = "linux"), allow(unused_variables))]
    pub fn queue(&mut self, works: &[Work<'_>]) -> Vec<Queued> {
        #[cfg(target_os = "linux")]
        if let Some(process) = &mut self.held
            && works.iter().all(|work| !work.job.task.waits() && work.out.is_none())
        {
            let first = self.queued;
            self.queued = first.wrapping_add(process.queue(works, Queued(first), !self.apart));
            return (first..self.queued).map(Queued).collect();
        }
        Vec::new()
    }

    /// Whether that order was sent, and is the next one to be answered.
    #[cfg_attr(not(target_os = "linux"), allow(unused_variables))]
    pub fn is_next(&self, queued: Queued) -> bool {
        #[cfg(target_os = "linux")]
        {
            self.held.as_ref().is_some_and(|process| process.is_next(queued))
        }
        #[cfg(not(target_os = "linux"))]
        false
    }

    /// What came of a work whose order was sent before. `None`: the order is void, for the worker was replaced, or the file
    /// needs a turn of its own because others stand beside it, or because a worker died and it is not known of which file. Then nothing
    /// was told, and the work is still to be run.
    pub fn answer(&mut self, queued: Queued, work: &Work<'_>, emit: &mut dyn Emit) -> Option<Result<Finished, Death>> {
        #[cfg(target_os = "linux")]
        {
            let process = self.held.take_if(|process| process.is_next(queued))?;
            let mut process = Some(process).filter(|process| process.has_room(&work.room()))?;
            let mut watched = Watched { emit, refused: false, other: false };
            match process.answer(work, &mut watched) {
                Ok(Answer::Ended(outcome)) => {
                    self.keep(process, work, &outcome, &watched);
                    Some(Ok(Finished { outcome, walls: self.walls.clone() }))
                }
                Ok(Answer::Alone) => None,
                Ok(Answer::Lost) => {
                    self.apart = true;
                    None
                }
                Err(death) => Some(Err(death)),
            }
        }
        #[cfg(not(target_os = "linux"))]
        None
    }

    #[cfg(not(target_os = "linux"))]
    fn behind_walls(&mut self, _: &Work<'_>, _: &mut dyn Emit) -> Result<Finished, Death> {
        Err(Death::unavailable("there are no walls on this system", "--sandbox best-effort"))
    }

    #[cfg(target_os = "linux")]
    fn behind_walls(&mut self, work: &Work<'_>, emit: &mut dyn Emit) -> Result<Finished, Death> {
        let need = work.room();
        let held = self.held.take().filter(|process| process.is_idle());
        let held = held.and_then(|mut process| process.serves(&need).then_some(process));
        let mut process = match held {
            Some(process) => process,
            None => self.fresh(&self.spare.map_or(need, |spare| spare.around(&need)), readers(work.size))?,
        };
        let mut watched = Watched { emit, refused: false, other: false };
        let outcome = process.judge(work, &mut watched)?;
        self.keep(process, work, &outcome, &watched);
        Ok(Finished { outcome, walls: self.walls.clone() })
    }

    /// Keeps the process for the next file, unless it may have been taken over.
    #[cfg(target_os = "linux")]
    fn keep(&mut self, process: Process, work: &Work<'_>, outcome: &Outcome, watched: &Watched<'_>) {
        let clean = match outcome {
            Outcome::Done { .. } | Outcome::Stopped => !watched.refused && !watched.other,
            Outcome::Refused { .. } => !watched.refused,
            Outcome::Failed(_) => false,
        };
        if self.spare.is_some() && clean && work.out.is_none() {
            self.held = Some(process);
        }
    }

    #[cfg(target_os = "linux")]
    fn fresh(&mut self, room: &Room, readers: u8) -> Result<Process, Death> {
        let setup = protocol::Setup {
            protocol: protocol::PROTOCOL,
            room: *room,
            readers,
            #[cfg(feature = "escape-tests")]
            without: self.without.clone(),
        };
        let process = Process::start(&self.program()?, self.level, &setup)?;
        self.walls = process.walls().clone();
        Ok(process)
    }

    #[cfg(target_os = "linux")]
    fn program(&self) -> Result<std::path::PathBuf, Death> {
        match &self.sandbox {
            // A bare name would be looked up in PATH, which is a guess.
            Sandbox::Program(path) if path.components().count() > 1 => Ok(path.clone()),
            Sandbox::Program(path) => Err(Death::unavailable(
                format!("{} is no path of a program", crate::reason::escape(&path.to_string_lossy())),
                "name the worker's program with its folder",
            )),
            Sandbox::SelfExec if super::ready() => Ok("/proc/self/exe".into()),
            Sandbox::SelfExec | Sandbox::InProcess => Err(Death::unavailable(
                "this program did not make itself able to be a worker",
                "call coldload::sandbox::init() first in main, or name the coldload program",
            )),
        }
    }
}

/// Passes on what is found, and remembers that something was.
struct Watched<'a> {
    emit: &'a mut dyn Emit,
    /// A model is refused.
    refused: bool,
    /// The file is no model.
    other: bool,
}

impl Emit for Watched<'_> {
    fn finding(&mut self, finding: crate::reason::Finding) {
        if finding.code.is_no_model() {
            self.other = true;
        } else {
            self.refused = true;
        }
        self.emit.finding(finding);
    }

    fn observed(&mut self, observation: Box<crate::job::Observation>) -> crate::job::Decision {
        self.emit.observed(observation)
    }

    fn beside(&mut self, name: &str) -> Result<Sibling, Absent> {
        self.emit.beside(name)
    }
}

/// Threads that read a file of `size` bytes ahead.
fn readers(size: u64) -> u8 {
    u8::try_from(Ahead::threads(size)).unwrap_or(1)
}

/// Does a job in this process. A panic is a crash, as it is in a worker.
fn in_process(work: &Work<'_>, emit: &mut dyn Emit) -> Result<Outcome, Death> {
    let clone = |file: Option<&std::fs::File>| file.map(std::fs::File::try_clone).transpose();
    let files = || -> std::io::Result<Files> {
        let subject = Subject::Opened(work.file.try_clone()?, None);
        Ok(Files { subject, rows: clone(work.rows)?, out: clone(work.out)? })
    };
    let files = files().map_err(|error| {
        let message = format!("the file can not be opened a second time: {error}");
        Death::Unavailable(Failure { kind: FailureKind::Io, message, next: "close some files".to_owned() })
    })?;
    let ahead = Ahead::start(readers(work.size).into());
    let run = || perform(RUN, work.job, work.size, work.expectation.clone(), files, ahead.as_ref(), emit);
    let run = AssertUnwindSafe(run);
    std::panic::catch_unwind(run).map_err(|payload| {
        let text = payload.downcast_ref::<&'static str>().copied().unwrap_or("panic");
        Death::Crashed(Crash::Panic(text.to_owned()))
    })
}
