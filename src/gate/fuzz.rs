//! `fuzz --target`: attacks this program's own readers, in a worker, so that a crash, a hang and too much memory are seen from
//! outside.
//!
//! A worker is given as many inputs as take about half a second. One that dies leaves the input that it died of in its output;
//! that is run again by itself, made smaller ([`super::shrink`]), and kept.

use super::entries::shown;
use super::judge::report as walls_of;
use super::request::{FuzzRequest, Options, ReplayRequest};
use super::shrink::shrink;
use crate::bytes::{Absent, Expectation, Limit, Sibling};
use crate::fuzz;
use crate::job::{Attack, Decision, Emit, Failure, FailureKind, Inputs, Job, Observation, Outcome, Task};
use crate::reason::Finding;
use crate::report::safe::pasted;
use crate::report::{Answer, Command, Report, ReportError, ResultEntry, WrittenFile};
use crate::sandbox::{Death, Level, Work, Worker};
use serde_json::json;
use std::cell::RefCell;
use std::fs::File;
use std::io::{self, Read, Seek, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// How long a worker is to be busy.
const TURN: Duration = Duration::from_millis(500);
/// Most inputs of one turn.
const MOST: u64 = 1 << 20;
/// Faults after which there are enough of them.
const ENOUGH: usize = 16;
/// Most bytes of seeds.
const SEEDS: u64 = 64 << 20;

/// Runs inputs that are made by chance, until the time is up.
pub fn fuzz(request: &FuzzRequest, options: &Options, watch: &dyn Fn(u64, Duration)) -> Report {
    let begun = (|| {
        let seeds = request.seeds.as_deref().map_or_else(|| Ok(Vec::new()), read_seeds)?;
        std::fs::create_dir_all(&request.output).map_err(|error| unwritten(&request.output, &error))?;
        Attacker::new(&request.target, &fuzz::pack(seeds.iter().map(Vec::as_slice)), options)
    })();
    let attacker = match begun {
        Ok(attacker) => attacker,
        Err(error) => return Report::failed(Command::Fuzz, error),
    };
    let begin = Instant::now();
    let (mut first, mut count, mut busy) = (0, 16, Duration::ZERO);
    let mut report = Report::new(Command::Fuzz);
    while begin.elapsed() < request.time && report.results.len() < ENOUGH && report.error.is_none() {
        let turn = Instant::now();
        match attacker.turn(request.seed, first, count) {
            Ok(Turn::Through) => {
                first += count;
                busy += turn.elapsed();
                count = next_count(count, turn.elapsed());
            }
            Ok(Turn::Slow) => count = (count / 8).max(1),
            Ok(Turn::Fell(fall)) => {
                first = fall.number + 1;
                busy += turn.elapsed();
                keep(&attacker, request, fall, &mut report);
            }
            Err(failure) => report.error = Some(failure.into()),
        }
        watch(first, begin.elapsed());
    }
    let seconds = busy.as_secs_f64();
    let rate = if seconds > 0.0 { (first as f64 / seconds).round() } else { 0.0 };
    let found = report.results.len();
    report.answer = Some(Answer {
        field: "fuzz",
        json: json!({"target": request.target, "seed": request.seed, "executions": first,
                     "seconds": (seconds * 1000.0).round() / 1000.0, "per_second": rate, "found": found}),
        text: format!("{}: {first} inputs, {rate} a second; {}\n", request.target, faults(found)),
    });
    report.sandbox = attacker.walls();
    report
}

/// How many inputs are run next, when so many took this long.
fn next_count(count: u64, took: Duration) -> u64 {
    let took = took.max(Duration::from_micros(100));
    let wanted = count.saturating_mul(TURN.as_micros() as u64) / took.as_micros() as u64;
    wanted.clamp(1, MOST).min(count.saturating_mul(8))
}

fn faults(found: usize) -> String {
    match found {
        0 => "no fault was found".to_owned(),
        1 => "1 fault was found".to_owned(),
        more => format!("{more} faults were found"),
    }
}

/// Runs inputs that were kept, each once.
pub fn replay(request: &ReplayRequest, options: &Options) -> Report {
    let attacker = match Attacker::new(&request.target, &[], options) {
        Ok(attacker) => attacker,
        Err(error) => return Report::failed(Command::Fuzz, error),
    };
    let mut report = Report::new(Command::Fuzz);
    for path in &request.inputs {
        let entry = match read_seed(path) {
            Err(error) => ResultEntry::failed(shown(path), error),
            Ok(input) => match attacker.once(&input) {
                Ok(None) => continue,
                Ok(Some(death)) => refused(path, &death, format!("report it, with {}", pasted(path))),
                Err(failure) => ResultEntry::failed(shown(path), failure),
            },
        };
        report.results.push(entry);
    }
    let through = request.inputs.len() - report.results.len();
    report.answer = Some(Answer {
        field: "fuzz",
        json: json!({"target": request.target, "executions": request.inputs.len(),
                     "found": report.counts().refused}),
        text: format!("{}: {through} of {} inputs went through\n", request.target, request.inputs.len()),
    });
    report.sandbox = attacker.walls();
    report
}

/// Makes an input small, keeps it, and says how to run it again.
fn keep(attacker: &Attacker<'_>, request: &FuzzRequest, fall: Fall, report: &mut Report) {
    let known =
        |death: &Death| report.results.iter().any(|entry| entry.reasons.iter().any(|r| r.message == death.to_string()));
    if known(&fall.death) {
        return;
    }
    let again = attacker.falls_so(&fall.input, &fall.death);
    let input = if again { shrink(fall.input, &mut |input| attacker.falls_so(input, &fall.death)) } else { fall.input };
    let digest = crate::bytes::Hasher::digest(&input);
    let short: String = digest.iter().take(8).map(|byte| format!("{byte:02x}")).collect();
    let path = request.output.join(format!("{}-{short}.bin", request.target));
    let written = match std::fs::read(&path) {
        Ok(there) if there == input => Ok(()),
        _ => super::release::write(&path, &input),
    };
    if let Err(error) = written {
        report.error = Some(unwritten(&path, &error));
        return;
    }
    let next = if again {
        format!("coldload fuzz --target {} {}", request.target, pasted(&path))
    } else {
        format!(
            "by itself the input goes through; coldload fuzz --target {} --seed {} comes to it again",
            request.target, request.seed
        )
    };
    let entry = refused(&path, &fall.death, next);
    report.written.push(WrittenFile {
        path: shown(&path),
        kind: "input".to_owned(),
        about: format!("an input of {} bytes that this program does not stand", input.len()),
    });
    report.results.push(entry);
}

fn refused(path: &Path, death: &Death, next: String) -> ResultEntry {
    let finding = match death.judged() {
        Ok(finding) => finding,
        Err(failure) => return ResultEntry::failed(shown(path), failure),
    };
    let finding = Finding::next(finding.because("a reader of this program does not keep its promises"), next);
    ResultEntry::refused(shown(path), vec![finding], 0)
}

fn unwritten(path: &Path, error: &io::Error) -> ReportError {
    let message = format!("{} can not be written: {error}", shown(path));
    ReportError::new(FailureKind::Io, message, "name a folder that can be written with -o")
}

fn read_seed(path: &Path) -> Result<Vec<u8>, ReportError> {
    let failed = |error: io::Error| {
        let kind = if error.kind() == io::ErrorKind::NotFound { FailureKind::NotFound } else { FailureKind::Io };
        ReportError::new(kind, format!("{} can not be read: {error}", shown(path)), "name an input that was kept")
    };
    let mut bytes = Vec::new();
    File::open(path).and_then(|file| file.take(SEEDS + 1).read_to_end(&mut bytes)).map_err(failed)?;
    if bytes.len() as u64 > SEEDS {
        let message = format!("{} is larger than {} MiB", shown(path), SEEDS >> 20);
        return Err(ReportError::usage(message, "name an input that was kept"));
    }
    Ok(bytes)
}

/// The files of a folder, in the order of their names. What is no file, or too long to be a seed, is left out.
fn read_seeds(folder: &Path) -> Result<Vec<Vec<u8>>, ReportError> {
    let failed = |error: io::Error| {
        let kind = if error.kind() == io::ErrorKind::NotFound { FailureKind::NotFound } else { FailureKind::Io };
        let message = format!("the folder of seeds {} can not be read: {error}", shown(folder));
        ReportError::new(kind, message, "name a folder with one file for each seed")
    };
    let entries = std::fs::read_dir(folder).and_then(|entries| entries.collect::<io::Result<Vec<_>>>());
    let mut paths: Vec<PathBuf> = entries.map_err(failed)?.into_iter().map(|entry| entry.path()).collect();
    paths.sort_unstable();
    let usable = |path: &&PathBuf| {
        std::fs::metadata(path).is_ok_and(|found| found.is_file() && found.len() <= fuzz::LONGEST as u64)
    };
    let (mut seeds, mut total) = (Vec::new(), 0);
    for path in paths.iter().filter(usable) {
        let seed = read_seed(path)?;
        total += seed.len() as u64;
        if total > SEEDS {
            let message = format!("the seeds in {} are larger than {} MiB together", shown(folder), SEEDS >> 20);
            return Err(ReportError::usage(message, "name a folder with fewer of them"));
        }
        seeds.push(seed);
    }
    if seeds.is_empty() {
        let message = format!("{} holds no file of at most {} KiB", shown(folder), fuzz::LONGEST >> 10);
        return Err(ReportError::usage(message, "name a folder with one file for each seed"));
    }
    Ok(seeds)
}

/// An input that a worker died of.
pub(super) struct Fall {
    number: u64,
    input: Vec<u8>,
    death: Death,
}

/// Whether two workers died in the same way. What a limit allows depends on what else they were given.
fn is_alike(one: &Death, other: &Death) -> bool {
    match (one, other) {
        (Death::Limit(one), Death::Limit(other)) => one.limit == other.limit,
        _ => one == other,
    }
}

/// What became of a turn.
enum Turn {
    Through,
    /// There were too many inputs for the time; none of them is to blame.
    Slow,
    Fell(Fall),
}

/// Gives inputs of one target to workers.
pub(super) struct Attacker<'a> {
    target: &'a str,
    options: &'a Options,
    seeds: File,
    size: u64,
    worker: RefCell<Worker>,
}

impl<'a> Attacker<'a> {
    fn new(target: &'a str, seeds: &[u8], options: &'a Options) -> Result<Attacker<'a>, ReportError> {
        if options.sandbox == Level::Off {
            let message = "a worker has to run the inputs, for what kills it is looked for";
            return Err(ReportError::usage(message, "leave out --sandbox off"));
        }
        let worker = Worker::start(&options.program, options.sandbox);
        let worker = worker.map_err(|death| death.judged().err().unwrap_or_else(Failure::unexplained))?;
        let worker = RefCell::new(worker);
        let seeds_file = temporary(seeds).map_err(|error| scratch(&error))?;
        let size = seeds.len() as u64;
        Ok(Attacker { target, options, seeds: seeds_file, size, worker })
    }

    fn walls(&self) -> Option<crate::report::SandboxReport> {
        Some(walls_of(self.worker.borrow().walls()))
    }

    fn job(&self, inputs: Inputs) -> Job {
        let task = Task::Attack(Attack { target: self.target.to_owned(), inputs });
        Job { task, limits: self.options.limits.clone(), allow: Vec::new(), allow_sets: Vec::new() }
    }

    /// Runs one input in a worker that may have run others. How it died, if it did.
    fn once(&self, input: &[u8]) -> Result<Option<Death>, Failure> {
        let file = temporary(input).map_err(|error| scratch(&error))?;
        self.run(&self.job(Inputs::Given), &file, input.len() as u64, None)
    }

    /// Whether an input kills a worker in this very way.
    fn falls_so(&self, input: &[u8], death: &Death) -> bool {
        matches!(self.once(input), Ok(Some(found)) if is_alike(&found, death))
    }

    fn turn(&self, seed: u64, first: u64, count: u64) -> Result<Turn, Failure> {
        let out = tempfile::tempfile().map_err(|error| scratch(&error))?;
        let job = self.job(Inputs::Made { seed, first, count });
        let Some(death) = self.run(&job, &self.seeds, self.size, Some(&out))? else { return Ok(Turn::Through) };
        let record = contents(&out).map_err(|error| scratch(&error))?;
        let Some((number, input)) = fuzz::last(&record) else {
            return Err(Failure { message: format!("{death}, before it ran an input"), ..Failure::unexplained() });
        };
        let late = matches!(&death, Death::Limit(exceeded) if exceeded.limit == Limit::Time);
        if late && count > 1 && self.once(input)?.is_none() {
            return Ok(Turn::Slow);
        }
        Ok(Turn::Fell(Fall { number, input: input.to_vec(), death }))
    }

    fn run(&self, job: &Job, file: &File, size: u64, out: Option<&File>) -> Result<Option<Death>, Failure> {
        let work = Work { job, file, size, beside: 0, expectation: &Expectation::Once, rows: None, out };
        match self.worker.borrow_mut().run(&work, &mut Proceed) {
            Ok(finished) => match finished.outcome {
                Outcome::Failed(failure) => Err(failure),
                _ => Ok(None),
            },
            Err(Death::Unavailable(failure)) => Err(failure),
            Err(death) => Ok(Some(death)),
        }
    }
}

fn scratch(error: &io::Error) -> Failure {
    Failure {
        kind: FailureKind::Io,
        message: format!("the folder for temporary files can not be used: {error}"),
        next: "make room there, or name another in TMPDIR".to_owned(),
    }
}

fn temporary(bytes: &[u8]) -> io::Result<File> {
    let mut file = tempfile::tempfile()?;
    file.write_all(bytes)?;
    Ok(file)
}

fn contents(mut file: &File) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    file.rewind()?;
    file.take(2 * fuzz::LONGEST as u64).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Has nothing to compare: an attack is about no model.
struct Proceed;

impl Emit for Proceed {
    fn finding(&mut self, _: Finding) {}

    fn observed(&mut self, _: Box<Observation>) -> Decision {
        Decision::Proceed
    }

    fn beside(&mut self, _: &str) -> Result<Sibling, Absent> {
        Err(Absent::Alone)
    }
}
