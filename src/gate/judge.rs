//! One file, read behind walls: what a worker found, as findings, an observation, or a failure.

use super::beside::Beside;
use super::crew::Recruits;
use super::request::Options;
use super::turn::Turn;
use crate::bytes::{Absent, Ahead, ChunkTable, Digest, Exceeded, Limit, Limits, ReadFault, Sibling, Source};
use crate::job::{Decision, Emit, Failure, FailureKind, Job, Observation, Outcome, Task, Written};
use crate::reason::Finding;
use crate::report::SandboxReport;
use crate::sandbox::{self, Death, Queued, Walls, Work, Worker};
use std::cell::{Cell, RefCell};
use std::fs::File;

/// What became of a file.
#[derive(Debug)]
pub(super) enum Judged<T> {
    /// All that was asked for holds.
    Holds(T),
    /// It is refused. What it holds is there if the worker came so far.
    Refused {
        /// Why.
        findings: Vec<Finding>,
        /// Findings beyond those.
        more: u64,
        /// What it holds.
        observation: Option<Box<Observation>>,
    },
    /// It could not be judged.
    Failed(Failure),
}

impl<T> Judged<T> {
    /// A refusal for one reason.
    pub fn refused(finding: Finding) -> Judged<T> {
        Judged::Refused { findings: vec![finding], more: 0, observation: None }
    }

    /// Makes something else of what holds.
    pub fn map<U>(self, make: impl FnOnce(T) -> U) -> Judged<U> {
        self.and_then(|held| Judged::Holds(make(held)))
    }

    /// Judges further what holds.
    pub fn and_then<U>(self, judge: impl FnOnce(T) -> Judged<U>) -> Judged<U> {
        match self {
            Judged::Holds(held) => judge(held),
            Judged::Refused { findings, more, observation } => Judged::Refused { findings, more, observation },
            Judged::Failed(failure) => Judged::Failed(failure),
        }
    }
}

/// Reads and hashes a whole file. Nothing is parsed. One that is larger than a file may be is not even hashed.
pub(super) fn hashed(source: &Source, limits: &Limits, ahead: Option<&Ahead>) -> Judged<(ChunkTable, Digest)> {
    let value = limits.value(Limit::File, source.size());
    if source.size() > value {
        return Judged::refused(crate::format::limit(Exceeded { limit: Limit::File, value }));
    }
    match source.table_and_digest(ahead) {
        Ok(hashed) => Judged::Holds(hashed),
        Err(fault @ ReadFault::Io { .. }) => Judged::Failed(Failure {
            kind: FailureKind::Io,
            message: fault.to_string(),
            next: "look at the disk".to_owned(),
        }),
        Err(fault) => Judged::refused(crate::format::of_read(&fault)),
    }
}

/// How files are read: the walls, and the opened files that a job needs beside the model.
#[derive(Debug)]
pub(super) struct Reading<'a> {
    options: &'a Options,
    worker: Option<&'a RefCell<Worker>>,
    rows: Option<&'a File>,
    out: Option<&'a File>,
    /// Workers that are being started for a folder's files.
    recruits: RefCell<Recruits>,
    /// Whether there are files with others beside them.
    careful: Cell<bool>,
    walls: RefCell<Option<Walls>>,
    others: RefCell<Option<SandboxReport>>,
    /// Names of the files beside the last one that were opened for it.
    opened: RefCell<Vec<String>>,
}

/// Says what to do once the file's contents are known, and why not to go on.
pub(super) type Compare<'a> = &'a mut dyn FnMut(&Observation) -> (Decision, Option<Finding>);

impl<'a> Reading<'a> {
    /// With a worker of its own for each file.
    pub fn new(options: &'a Options) -> Reading<'a> {
        Reading {
            options,
            worker: None,
            rows: None,
            out: None,
            recruits: RefCell::default(),
            careful: Cell::new(false),
            walls: RefCell::new(None),
            others: RefCell::new(None),
            opened: RefCell::default(),
        }
    }

    /// With one worker for many files.
    pub fn shared(options: &'a Options, worker: &'a RefCell<Worker>) -> Reading<'a> {
        Reading { worker: Some(worker), ..Reading::new(options) }
    }

    /// With opened files for rows and answers.
    pub fn with(options: &'a Options, rows: Option<&'a File>, out: Option<&'a File>) -> Reading<'a> {
        Reading { rows, out, ..Reading::new(options) }
    }

    /// The options under which files are read.
    pub fn options(&self) -> &'a Options {
        self.options
    }

    /// Starts workers for a folder of so many files.
    pub fn recruit(&self, files: usize) {
        self.recruits.replace(Recruits::start(self.options, files));
    }

    /// The workers that were started.
    pub fn recruits(&self) -> Recruits {
        self.recruits.take()
    }

    /// Remembers walls behind which others read for this reading.
    pub fn stood(&self, walls: Option<SandboxReport>) {
        if let Some(walls) = walls {
            self.others.replace(Some(walls));
        }
    }

    /// A job under the options.
    pub fn job(&self, task: Task) -> Job {
        self.options.job(task)
    }

    /// The walls behind which the last file was read.
    pub fn walls(&self) -> Option<SandboxReport> {
        self.walls.borrow().as_ref().map(report).or_else(|| self.others.borrow().clone())
    }

    /// Sends the orders of some files to the worker before their turns, as many of the first ones as can be. Turns have to come in the
    /// order of this. A file with others beside it is judged in a turn of its own, for the worker may ask for them.
    pub fn queue<'t>(&self, turns: impl IntoIterator<Item = Turn<'t>>, job: &Job) -> Vec<Queued> {
        let Some(worker) = self.worker.filter(|_| self.rows.is_none()) else { return Vec::new() };
        let alone = |turn: &Turn<'_>| !self.careful.get() || turn.beside.size() == 0;
        let turns: Vec<Turn<'_>> = turns.into_iter().take_while(alone).collect();
        let works: Vec<Work<'_>> = turns.iter().map(|turn| self.work(turn, job, 0)).collect();
        worker.borrow_mut().queue(&works)
    }

    /// Whether the worker has that order, and answers it next.
    pub fn is_next(&self, queued: Queued) -> bool {
        self.worker.is_some_and(|worker| worker.borrow().is_next(queued))
    }

    /// Names of the files beside the last one that were opened for it.
    pub fn opened(&self) -> Vec<String> {
        self.opened.take()
    }

    /// Reads a file. `compare` is asked before anything is made of what it holds.
    pub fn judge(&self, turn: &Turn<'_>, job: &Job, compare: Compare<'_>) -> Judged<(Observation, Written)> {
        let mut told =
            Told { findings: Vec::new(), observation: None, beside: turn.beside, opened: Vec::new(), compare };
        let ahead = self.worker.zip(turn.queued).and_then(|(worker, queued)| {
            let answer = worker.borrow_mut().answer(queued, &self.work(turn, job, 0), &mut told);
            self.careful.set(self.careful.get() || answer.is_none());
            answer
        });
        let finished = match (ahead, self.worker) {
            (Some(finished), _) => finished,
            (None, Some(worker)) => worker.borrow_mut().run(&self.work(turn, job, turn.beside.size()), &mut told),
            (None, None) => {
                let work = self.work(turn, job, turn.beside.size());
                sandbox::run(&self.options.program, self.options.sandbox, &work, &mut told)
            }
        };
        let Told { mut findings, observation, opened, .. } = told;
        self.opened.replace(opened);
        let finished = match finished {
            Ok(finished) => finished,
            Err(death) => return self.death(&death, findings, observation),
        };
        self.walls.replace(Some(finished.walls));
        match (finished.outcome, observation) {
            (Outcome::Done { written }, Some(observation)) if findings.is_empty() => {
                Judged::Holds((*observation, written))
            }
            (Outcome::Failed(failure), _) if findings.is_empty() => Judged::Failed(failure),
            (Outcome::Refused { more }, observation) => Judged::Refused { findings, more, observation },
            (_, observation) => {
                if findings.is_empty() {
                    findings.push(Finding::new(crate::reason::Code::WorkerSilent, "the worker gave no reason"));
                }
                Judged::Refused { findings, more: 0, observation }
            }
        }
    }

    fn work<'w>(&self, turn: &Turn<'w>, job: &'w Job, beside: u64) -> Work<'w>
    where
        'a: 'w,
    {
        let Turn { source, expectation, .. } = turn;
        Work { job, file: source.file(), size: source.size(), beside, expectation, rows: self.rows, out: self.out }
    }

    /// A death after the worker had seen the file refuses it; what was found before is not lost.
    fn death(
        &self,
        death: &Death,
        mut findings: Vec<Finding>,
        observation: Option<Box<Observation>>,
    ) -> Judged<(Observation, Written)> {
        match death.judged() {
            Ok(finding) => {
                findings.push(finding);
                Judged::Refused { findings, more: 0, observation }
            }
            Err(failure) => Judged::Failed(failure),
        }
    }
}

/// What a worker told.
struct Told<'c> {
    findings: Vec<Finding>,
    observation: Option<Box<Observation>>,
    beside: &'c Beside<'c>,
    /// Names of those that were opened.
    opened: Vec<String>,
    compare: Compare<'c>,
}

impl Emit for Told<'_> {
    fn finding(&mut self, finding: Finding) {
        self.findings.push(finding);
    }

    fn observed(&mut self, observation: Box<Observation>) -> Decision {
        let (decision, finding) = (self.compare)(&observation);
        self.observation = Some(observation);
        self.findings.extend(finding);
        decision
    }

    fn beside(&mut self, name: &str) -> Result<Sibling, Absent> {
        let found = self.beside.open(name)?;
        self.opened.push(name.to_owned());
        Ok(found)
    }
}

/// Walls, as reports show them.
pub(super) fn report(walls: &Walls) -> SandboxReport {
    SandboxReport {
        level: walls.level.clone(),
        process: walls.process,
        no_new_privs: walls.no_new_privs,
        seccomp: walls.seccomp,
        landlock_abi: walls.landlock_abi,
        confirmed_by: walls.confirmed_by.map(|by| by.text().to_owned()),
    }
}

/// Puts up the walls round a process that reads nothing, and tells which stand.
pub fn walls(options: &Options) -> Result<SandboxReport, Failure> {
    let internal = |message: String| Failure {
        kind: FailureKind::Sandbox,
        message,
        next: "coldload doctor shows what this machine offers".to_owned(),
    };
    match Worker::start(&options.program, options.sandbox) {
        Ok(worker) => Ok(report(worker.walls())),
        Err(death) => Err(death.judged().err().unwrap_or_else(|| internal(death.to_string()))),
    }
}
