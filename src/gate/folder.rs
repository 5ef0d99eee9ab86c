//! Models that are folders: every file is one that was sealed, every model in it is judged.

use super::crew;
use super::judge::{Judged, Reading};
use super::scan::is_model_name;
use super::stages::Refusal;
use crate::bytes::{
    CHUNK, ChunkTable, Exceeded, Expectation, Folder, Input, Limit, Limits, ReadFault, Source, SourceError,
};
use crate::job::{Assurance, Decision, Failure, FailureKind, Job, Observation};
use crate::manifest::{FileDigest, FileEntry, Sha256};
use crate::reason::{Code, Finding, escape};
use crate::report::SandboxReport;
use crate::sandbox::Death;
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
    let odd = folder.odd().iter().map(|odd| Finding::new(Code::UnsafePath, format!("{}: {}", odd.path, odd.what)));
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

/// Reads every file and compares it with its table; judges those that are models.
pub(super) fn judge(
    folder: &Folder,
    sealed: &[FileEntry],
    reading: &Reading<'_>,
    job: &Job,
    compare: CompareFile<'_>,
) -> (Judged<Contents>, Option<SandboxReport>) {
    let done = crew::each(sealed, reading.options(), |file, reading| one(folder, file, reading, job, compare));
    let done = match done {
        Ok(done) => done,
        Err(failure) => return (Judged::Failed(failure), None),
    };
    let (mut models, mut others, mut findings, mut more) = (Vec::new(), Vec::new(), Vec::new(), 0u64);
    for (file, one) in sealed.iter().zip(done.results) {
        match one {
            One::Model(observation) => models.push((file.path.clone(), *observation)),
            One::Other => others.push(file),
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

fn one(folder: &Folder, file: &FileEntry, reading: &Reading<'_>, job: &Job, compare: CompareFile<'_>) -> One {
    let source = match open(folder, &file.path) {
        Ok(source) => source,
        Err(Unopened::Refused(finding)) => return One::Refused(vec![*finding], 0),
        Err(Unopened::Failed(failure)) => return One::Failed(failure),
    };
    let expectation = Expectation::Signed(file.table.clone());
    let judged = reading.judge(&source, &expectation, job, &mut |observation| match compare(&file.path, observation) {
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

fn is_no_model(findings: &[Finding]) -> bool {
    findings.iter().all(|finding| matches!(finding.code, Code::UnknownFormat | Code::NotFetched))
}

/// Why a file of a folder was not opened.
enum Unopened {
    Refused(Refusal),
    Failed(Failure),
}

fn open(folder: &Folder, path: &str) -> Result<Source, Unopened> {
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
fn inside(path: &str, finding: Finding) -> Finding {
    let path = escape(path);
    let place = match &finding.place {
        Some(place) => format!("{path}: {place}"),
        None => path.clone(),
    };
    let message = format!("{path}: {}", finding.message);
    Finding { place: Some(place), message, ..finding }
}

/// A finding for each file that is larger than one may be: those are not even hashed.
pub(super) fn too_large(folder: &Folder, limits: &Limits) -> Vec<Finding> {
    let most = limits.value(Limit::File, 0);
    let large = files(folder).filter(|path| folder.source(path).is_ok_and(|source| source.size() > most));
    let refused = Death::Limit(Exceeded { limit: Limit::File, value: most }).judged();
    large.filter_map(|path| Some(inside(path, refused.clone().ok()?))).collect()
}

/// Hashes every file of a folder, on all cores.
pub(super) fn tables(folder: &Folder) -> Result<Vec<FileEntry>, Failure> {
    let paths: Vec<&str> = files(folder).collect();
    let failed = |path: &str, error: &dyn std::fmt::Display| unreadable(path, error);
    let sizes = crew::plainly(&paths, |path| folder.source(path).map(|source| source.size()));
    let mut chunks = Vec::new();
    for (path, size) in paths.iter().zip(sizes) {
        let size = size.map_err(|error| failed(path, &error))?;
        chunks.extend((0..size.div_ceil(CHUNK as u64).max(1)).map(|index| (*path, size, index)));
    }
    let digests = crew::plainly(&chunks, |(path, size, index)| digest(folder, path, *size, *index));
    let mut entries: Vec<(&str, u64, Vec<u8>)> = Vec::new();
    for ((path, size, _), digest) in chunks.iter().zip(digests) {
        let digest = digest.map_err(|error| failed(path, &error))?;
        match entries.last_mut().filter(|(last, ..)| last == path) {
            Some((_, _, digests)) => digests.extend(digest.into_iter().flatten()),
            None => entries.push((path, *size, digest.into_iter().flatten().collect())),
        }
    }
    let entry = |(path, size, digests): (&str, u64, Vec<u8>)| {
        let table = ChunkTable::new(size, digests).ok_or_else(|| failed(path, &"its chunks do not fit its size"))?;
        Ok(FileEntry { path: path.to_owned(), table })
    };
    entries.into_iter().map(entry).collect()
}

/// The SHA-256 of each file as a whole. The table says that of a file of one chunk; a longer one is read once more, and must be
/// what the table says.
pub(super) fn digests_of(folder: &Folder, files: &[FileEntry]) -> Result<Vec<FileDigest>, Failure> {
    let digest = |file: &FileEntry| {
        if let Some(sha256) = file.whole_digest() {
            return Ok(sha256);
        }
        let read = folder.source(&file.path).map_err(|error| unreadable(&file.path, &error))?.table_and_digest();
        let (table, sha256) = read.map_err(|error| unreadable(&file.path, &error))?;
        let same = table == file.table;
        same.then_some(Sha256(sha256)).ok_or_else(|| unreadable(&file.path, &"it changed while it was being read"))
    };
    let digests = crew::plainly(files, digest);
    let of = |(file, sha256): (&FileEntry, Result<Sha256, Failure>)| {
        Ok(FileDigest { path: file.path.clone(), sha256: sha256? })
    };
    files.iter().zip(digests).map(of).collect()
}

/// The digest of one chunk; none of an empty file.
fn digest(folder: &Folder, path: &str, size: u64, index: u64) -> Result<Option<[u8; 32]>, String> {
    let source = folder.source(path).map_err(|error| error.to_string())?;
    if source.size() != size {
        return Err("it changed while it was being read".to_owned());
    }
    let copy = source.file().try_clone().map_err(|error| error.to_string())?;
    let mut input = Input::new(copy, size, Expectation::FirstRead).map_err(|error| error.to_string())?;
    let bytes = input.chunk(index).map_err(|error| error.to_string())?;
    Ok((!bytes.is_empty()).then(|| crate::bytes::Hasher::digest(&bytes)))
}
