//! Models that are folders: every file is one that was sealed, every model in it is judged.

use super::beside::{Beside, Parts};
use super::crew;
use super::judge::{Judged, Reading};
use super::scan::is_model_name;
use super::stages::Refusal;
use super::turn::{Turn, Waiting};
use crate::bytes::{Ahead, Expectation, Folder, Input, Limits, Oddity, ReadFault, Source, SourceError};
use crate::job::{Assurance, Decision, Failure, FailureKind, Job, Observation};
use crate::manifest::{FileDigest, FileEntry, Sha256};
use crate::reason::{Code, Finding, escape};
use crate::report::SandboxReport;
use std::collections::BTreeSet;

/// Where a folder's seal stands in it. It is no part of the model.
pub(super) const SEAL: &str = "coldload.seal";
/// Findings of a folder that are listed; the others are counted.
const LISTED: usize = 100;

/// Paths of a folder's files, without its seal.
pub(super) fn files(folder: &Folder) -> impl Iterator<Item = &str> {
    folder.files().iter().map(String::as_str).filter(|path| *path != SEAL)
}

/// What a folder holds, once every file in it was read.
#[derive(Debug)]
pub(super) struct Contents {
    /// Each model, by its path.
    pub models: Vec<(String, Observation)>,
    /// Number of files.
    pub files: u64,
    /// Their bytes.
    pub size: u64,
}

impl Contents {
    /// How sure a judgement of the whole folder is: as sure as that of the model of which least is known.
    pub fn assurance(&self) -> Assurance {
        self.models.iter().map(|(_, observation)| observation.assurance).min().unwrap_or(Assurance::Names)
    }
}

/// What is to be said of a model in a folder, by its path, before anything is made of it.
pub(super) type CompareFile<'a> = &'a (dyn Fn(&str, &Observation) -> Option<Finding> + Sync);

/// Findings of a listing that is not the sealed one, and of whatever is no plain file.
pub(super) fn strays(folder: &Folder, sealed: Option<&[FileEntry]>) -> Vec<Finding> {
    let odd = folder.odd().iter().map(|odd| in_folder(&odd.path, unsafe_path(odd.what)));
    let seal = folder.files().iter().filter(|path| path.strip_prefix(SEAL).is_some_and(|rest| rest.starts_with('/')));
    let in_its_place = |path: &String| {
        let finding = Finding::new(Code::UnsafePath, format!("{}: in the place of the seal", escape(path)));
        finding.because("a folder's seal stands there, and nothing else").next("give it another name")
    };
    let seal = seal.map(in_its_place);
    let odd = odd.chain(seal);
    let Some(sealed) = sealed else { return odd.collect() };
    let found: BTreeSet<&str> = files(folder).collect();
    let wanted: BTreeSet<&str> = sealed.iter().map(|file| file.path.as_str()).collect();
    let of = |code, path: &str, what| Finding::new(code, format!("{} {what}", escape(path)));
    let extra = found.difference(&wanted).map(|path| of(Code::ExtraFile, path, "is in the folder, and was not sealed"));
    // What became a link or a pipe is not missing as well.
    let is_odd = |path: &str| folder.odd().iter().any(|odd| odd.path == escape(path));
    let missing = wanted.difference(&found).filter(|path| !is_odd(path));
    let missing = missing.map(|path| of(Code::MissingFile, path, "was sealed, and is not in the folder"));
    odd.chain(extra).chain(missing).collect()
}

/// The finding of something below a folder that can be no part of a model.
pub(super) fn unsafe_path(oddity: Oddity) -> Finding {
    let of = |message: &str| Finding::new(Code::UnsafePath, message);
    let otherwise =
        "other systems write or read a name like this in another way, and a seal names each file in one way";
    match oddity {
        Oddity::Link => of("a link below a folder is not followed"),
        Oddity::Special => of("this is a pipe, socket or device"),
        Oddity::NotUtf8 => of("its name is no UTF-8").because(otherwise).next("give it another name"),
        Oddity::Backslash => of("its name has a backslash in it").because(otherwise).next("give it another name"),
        Oddity::TooDeep => of("it stands in more than 128 folders")
            .because("nobody makes such folders but to keep a reader busy")
            .next("move it up"),
        Oddity::TooLong => of("its path is too long")
            .because("a seal names paths of at most 4096 bytes")
            .next("move it up, or give the folders above it shorter names"),
    }
}

/// The same finding, with the path below the folder before its message.
fn in_folder(path: &str, finding: Finding) -> Finding {
    Finding { message: format!("{path}: {}", finding.message), ..finding }
}

/// Reads every file and compares it with its table; judges those that are models.
pub(super) fn judge(
    folder: &Folder,
    sealed: &[FileEntry],
    reading: &Reading<'_>,
    job: &Job,
    compare: CompareFile<'_>,
) -> (Judged<Contents>, Option<SandboxReport>) {
    let waits = |file| waiting(folder, sealed, file);
    let (recruits, parts) = (reading.recruits(), Parts::default());
    let done = crew::each(sealed, reading.options(), &recruits, job, waits, |file, turn, reading| {
        let one = one(file, turn, reading, job, compare);
        parts.add(file.path.as_ref(), &reading.opened(), matches!(one, One::Refused(..)));
        one
    });
    let done = match done {
        Ok(done) => done,
        Err(failure) => return (Judged::Failed(failure), None),
    };
    let (mut models, mut others, mut findings, mut more) = (Vec::new(), Vec::new(), Vec::new(), 0u64);
    for (file, one) in sealed.iter().zip(done.results) {
        match one {
            One::Model(observation) => models.push((file.path.clone(), *observation)),
            One::Other => others.push(file),
            One::Refused(found, _) if is_no_model(&found) && parts.holds(file.path.as_ref()) => others.push(file),
            One::Refused(found, uncounted) => {
                more += uncounted;
                findings.extend(found.into_iter().map(|finding| inside(&file.path, finding)));
            }
            One::Failed(failure) => return (Judged::Failed(failure), done.walls),
        }
    }
    match digests(folder, &others) {
        Ok(found) => findings.extend(found),
        Err(failure) => return (Judged::Failed(failure), done.walls),
    }
    if !findings.is_empty() {
        return (refused(findings, more), done.walls);
    }
    let size = sealed.iter().map(|file| file.table.size()).sum();
    (Judged::Holds(Contents { models, files: sealed.len() as u64, size }), done.walls)
}

/// A refusal for these reasons, of which not too many are listed.
pub(super) fn refused<T>(mut findings: Vec<Finding>, more: u64) -> Judged<T> {
    let beyond = findings.len().saturating_sub(LISTED) as u64;
    findings.truncate(LISTED);
    Judged::Refused { findings, more: more + beyond, observation: None }
}

/// What one file of a folder is.
enum One {
    Model(Box<Observation>),
    /// No model by its name or its bytes; its digests are still to be compared.
    Other,
    Refused(Vec<Finding>, u64),
    Failed(Failure),
}

fn waiting<'a>(folder: &'a Folder, sealed: &'a [FileEntry], file: &'a FileEntry) -> Result<Waiting<'a>, Box<One>> {
    match open(folder, &file.path) {
        Ok(source) => {
            let expectation = Expectation::Signed(file.table.clone());
            let beside = Beside::Sealed { folder, sealed, path: &file.path };
            Ok(Waiting { source, expectation, beside, queued: None })
        }
        Err(Unopened::Refused(finding)) => Err(Box::new(One::Refused(vec![*finding], 0))),
        Err(Unopened::Failed(failure)) => Err(Box::new(One::Failed(failure))),
    }
}

/// Whether a file is refused for being no model.
fn is_no_model(findings: &[Finding]) -> bool {
    findings.iter().all(|finding| finding.code.is_no_model())
}

fn one(file: &FileEntry, turn: &Turn<'_>, reading: &Reading<'_>, job: &Job, compare: CompareFile<'_>) -> One {
    let judged = reading.judge(turn, job, &mut |observation| match compare(&file.path, observation) {
        Some(finding) => (Decision::Stop, Some(finding)),
        None => (Decision::Proceed, None),
    });
    match judged {
        Judged::Holds((observation, _)) => One::Model(Box::new(observation)),
        Judged::Failed(failure) => One::Failed(failure),
        Judged::Refused { findings, .. } if is_no_model(&findings) && !is_model_name(file.path.as_ref()) => One::Other,
        Judged::Refused { findings, more, .. } => One::Refused(findings, more),
    }
}

/// Why a file of a folder was not opened.
pub(super) enum Unopened {
    Refused(Refusal),
    Failed(Failure),
}

pub(super) fn open(folder: &Folder, path: &str) -> Result<Source, Unopened> {
    let refused =
        |code, what: &str| Unopened::Refused(Box::new(Finding::new(code, format!("{}: {what}", escape(path)))));
    folder.source(path).map_err(|error| match error {
        SourceError::NotFound(_) => refused(Code::MissingFile, "it was here a moment ago, and is not any more"),
        SourceError::NotRegular(..) => refused(Code::UnsafePath, "this is no regular file any more"),
        SourceError::Io(_, error) if is_link(&error) => refused(Code::UnsafePath, "a link was put in its way"),
        error => Unopened::Failed(Failure {
            kind: FailureKind::Io,
            message: error.to_string(),
            next: "check its permissions".to_owned(),
        }),
    })
}

/// What the system says of a link that is not to be followed: as a file, or as a folder on the way.
fn is_link(error: &std::io::Error) -> bool {
    error.kind() == std::io::ErrorKind::NotADirectory || error.raw_os_error() == Some(rustix_loop())
}

#[cfg(target_os = "linux")]
fn rustix_loop() -> i32 {
    rustix::io::Errno::LOOP.raw_os_error()
}

#[cfg(not(target_os = "linux"))]
fn rustix_loop() -> i32 {
    i32::MIN
}

/// Compares the chunks of files that are no models with their tables, on all cores.
fn digests(folder: &Folder, files: &[&FileEntry]) -> Result<Vec<Finding>, Failure> {
    let chunks: Vec<(&FileEntry, u64)> =
        files.iter().flat_map(|file| (0..file.table.chunks().max(1)).map(move |index| (*file, index))).collect();
    let mut findings = Vec::new();
    let mut last = None;
    for result in crew::plainly(&chunks, |(file, index)| chunk(folder, file, *index)) {
        match result {
            Ok(()) => {}
            Err(Unopened::Failed(failure)) => return Err(failure),
            // One finding a file is enough.
            Err(Unopened::Refused(finding)) if last.as_ref() == Some(&finding.place) => {}
            Err(Unopened::Refused(finding)) => {
                last = Some(finding.place.clone());
                findings.push(*finding);
            }
        }
    }
    Ok(findings)
}

fn chunk(folder: &Folder, file: &FileEntry, index: u64) -> Result<(), Unopened> {
    let source = open(folder, &file.path)?;
    let fault = |fault: ReadFault| match fault {
        ReadFault::Io { .. } => Unopened::Failed(unreadable(&file.path, &fault)),
        fault => Unopened::Refused(Box::new(inside(&file.path, crate::format::of_read(&fault)))),
    };
    let io = |error| ReadFault::Io { at: 0, error };
    let copy = source.file().try_clone().map_err(|error| fault(io(error)))?;
    let mut input = Input::new(copy, source.size(), Expectation::Signed(file.table.clone())).map_err(fault)?;
    input.chunk(index).map(drop).map_err(fault)
}

fn unreadable(path: &str, error: &dyn std::fmt::Display) -> Failure {
    let message = format!("{} can not be read: {error}", escape(path));
    Failure { kind: FailureKind::Io, message, next: "look at the disk".to_owned() }
}

/// A finding in a file of the folder.
pub(super) fn inside(path: &str, finding: Finding) -> Finding {
    let path = escape(path);
    let place = match &finding.place {
        Some(place) => format!("{path}: {place}"),
        None => path.clone(),
    };
    let message = format!("{path}: {}", finding.message);
    Finding { place: Some(place), message, ..finding }
}

/// The digests of a folder's files.
#[derive(Debug)]
pub(super) struct Hashed {
    /// The table of each file.
    pub files: Vec<FileEntry>,
    /// The SHA-256 of each file as a whole.
    pub digests: Vec<FileDigest>,
}

/// Reads and hashes every file of a folder once, on all cores.
pub(super) fn hashed(folder: &Folder, limits: &Limits) -> Judged<Hashed> {
    let paths: Vec<&str> = files(folder).collect();
    let largest = paths.iter().filter_map(|path| folder.source(path).ok()).map(|source| source.size()).max();
    let ahead = Ahead::for_file(largest.unwrap_or(0));
    let each = crew::plainly(&paths, |path| match open(folder, path) {
        Ok(source) => super::judge::hashed(&source, limits, ahead.as_ref()),
        Err(Unopened::Refused(finding)) => Judged::refused(*finding),
        Err(Unopened::Failed(failure)) => Judged::Failed(failure),
    });
    let (mut hashed, mut findings) = (Hashed { files: Vec::new(), digests: Vec::new() }, Vec::new());
    for (path, one) in paths.into_iter().zip(each) {
        match one {
            Judged::Holds((table, whole)) => {
                hashed.files.push(FileEntry { path: path.to_owned(), table });
                hashed.digests.push(FileDigest { path: path.to_owned(), sha256: Sha256(whole) });
            }
            Judged::Refused { findings: found, .. } => {
                findings.extend(found.into_iter().map(|finding| inside(path, finding)));
            }
            Judged::Failed(failure) => {
                return Judged::Failed(Failure {
                    message: format!("{}: {}", escape(path), failure.message),
                    ..failure
                });
            }
        }
    }
    if findings.is_empty() { Judged::Holds(hashed) } else { refused(findings, 0) }
}
