//! `scan`: every model below some paths, on all cores.

use super::beside::{Beside, Parts};
use super::collect::{self, Found, Place};
use super::crew;
use super::entries::{open, refused, shown, unopened, unsealed_in_turn};
use super::folder::unsafe_path;
use super::inspect::is_seal;
use super::judge::Reading;
use super::request::{Options, ScanRequest, Watch};
use super::turn::{Turn, Waiting};
use crate::bytes::{Expectation, Limits, Oddity, Source};
use crate::job::{FailureKind, Job, Task};
use crate::reason::Code;
use crate::report::safe::pasted;
use crate::report::{Command, Report, ReportError, ResultEntry, Verdict};
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Endings that say that a file is meant to be a model.
const MODEL_SUFFIXES: &[&str] =
    &["pkl", "pickle", "joblib", "dill", "p", "pk", "sav", "model", "skops", "npy", "npz", "pt", "pth", "bin"];
/// Endings of compressors, behind those.
const COMPRESSED_SUFFIXES: &[&str] =
    &["z", "zlib", "gz", "gzip", "bz2", "xz", "lzma", "lz4", "zst", "zstd", "zip", "tar", "tgz", "tbz2", "txz"];

/// Judges every model below the paths. What is refused, or can not be read, hides nothing else. `watch` is told how far it is.
pub fn scan(request: &ScanRequest, options: &Options, watch: &Watch<'_>) -> Report {
    let mut report = Report::new(Command::Scan);
    // Workers start while folders are read.
    let folders = request.paths.iter().any(|path| path.is_dir());
    let recruits = if folders { crew::Recruits::start(options, usize::MAX) } else { crew::Recruits::default() };
    let collected = match collect::collect(request) {
        Ok(collected) => collected,
        Err(error) => return Report::failed(Command::Scan, error),
    };
    let total = collected.found.len();
    let done = AtomicUsize::new(0);
    let one_more = || watch(done.fetch_add(1, Ordering::Relaxed) + 1, total);
    let open = |found: &Found| {
        let entry = match found.place {
            Place::Named | Place::Below => match opened(found, &options.limits) {
                Ok(waiting) => return Ok(waiting),
                Err(entry) => entry,
            },
            Place::Odd { link } => Box::new(no_file(&found.path, link, request.strict)),
            Place::Unreadable(ref error) => Box::new(unreadable(&found.path, error)),
        };
        one_more();
        Err(entry)
    };
    let job = options.job(Task::Judge);
    let parts = Parts::default();
    let one = |found: &Found, turn: &Turn<'_>, reading: &Reading<'_>| {
        let entry = named(turn, reading, &job);
        let entry = if let Place::Below = found.place { below(turn, entry, request.strict) } else { entry };
        parts.add(&found.path, &reading.opened(), entry.verdict == Verdict::Refused);
        one_more();
        entry
    };
    if let [only] = &collected.found[..] {
        let reading = Reading::new(options);
        report.results.push(open(only).map_or_else(|entry| *entry, |waiting| one(only, &waiting.turn(), &reading)));
        report.sandbox = reading.walls();
    } else if total > 0 {
        match crew::each(&collected.found, options, &recruits, &job, open, one) {
            Ok(crew::Done { results, walls }) => {
                report.results = results;
                report.sandbox = walls;
            }
            Err(failure) => report.error = Some(failure.into()),
        }
    }
    for (found, entry) in collected.found.iter().zip(&mut report.results) {
        if matches!(found.place, Place::Below) && is_no_model(entry) && parts.holds(&found.path) {
            *entry = ResultEntry::skipped(shown(&found.path));
        }
    }
    for folder in &collected.folders {
        let found = report.results.get(folder.found.clone()).unwrap_or_default();
        if report.error.is_none() && found.iter().all(|entry| entry.verdict == Verdict::Skipped) {
            let message = "holds no model; a file that is named is judged whatever it is called";
            report.notes.push(format!("{} {message}", shown(&folder.path)));
        }
    }
    let is_link = |found: &Found| matches!(found.place, Place::Odd { link: true });
    let skipped = collected.found.iter().zip(&report.results).filter(|(_, entry)| entry.verdict == Verdict::Skipped);
    match skipped.filter(|(found, _)| is_link(found)).count() {
        0 => {}
        1 => report.notes.push("1 link was not followed; what it leads to is judged if you name it".to_owned()),
        more => {
            report.notes.push(format!("{more} links were not followed; what they lead to is judged if you name it"))
        }
    }
    match collected.excluded {
        0 => {}
        1 => report.notes.push("1 file or folder was left out by --exclude".to_owned()),
        more => report.notes.push(format!("{more} files and folders were left out by --exclude")),
    }
    report
}

/// A file that was opened, to be judged in its turn.
fn opened(found: &Found, limits: &Limits) -> Result<Waiting<'static>, Box<ResultEntry>> {
    let path = &found.path;
    let source = if let Place::Below = found.place { Source::listed(path) } else { open(path, limits) };
    let source = source.map_err(|error| Box::new(unopened(path, &error)))?;
    let (expectation, beside) = (Expectation::unsigned(source.size()), Beside::around(&source));
    Ok(Waiting { source, expectation, beside, queued: None })
}

/// A file that was named: it is always judged.
fn named(turn: &Turn<'_>, reading: &Reading<'_>, job: &Job) -> ResultEntry {
    let path = turn.source.path();
    let (mut entry, _) = unsealed_in_turn(path, turn, reading, job);
    if entry.has(Code::UnknownFormat) && is_seal(turn.source) {
        let next = format!("this is a seal:  coldload inspect {}", pasted(path));
        entry.reasons.iter_mut().for_each(|reason| reason.next.clone_from(&next));
    }
    entry
}

/// A file below a folder: skipped if neither its name nor its bytes are a model's.
fn below(turn: &Turn<'_>, entry: ResultEntry, strict: bool) -> ResultEntry {
    let path = turn.source.path();
    let is_other = is_no_model(&entry) && !is_model_name(path);
    // A seal is no model, and belongs to one.
    if is_other && (!strict || is_seal(turn.source)) { ResultEntry::skipped(shown(path)) } else { entry }
}

/// Whether a file is refused for being no model.
fn is_no_model(entry: &ResultEntry) -> bool {
    entry.reasons.iter().any(|reason| reason.code.is_no_model())
}

/// Something below a folder that is no regular file. It could lead anywhere, so it is not read.
fn no_file(path: &Path, link: bool, strict: bool) -> ResultEntry {
    if !strict && !is_model_name(path) {
        return ResultEntry::skipped(shown(path));
    }
    refused(None, path, unsafe_path(if link { Oddity::Link } else { Oddity::Special }))
}

/// Whether a name ends like a model's.
pub(super) fn is_model_name(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy().to_lowercase();
    let mut parts = name.rsplit('.').peekable();
    // One behind the other: `model.pkl.tar.gz`.
    while parts.next_if(|last| COMPRESSED_SUFFIXES.contains(last)).is_some() {}
    parts.next().is_some_and(|last| MODEL_SUFFIXES.contains(&last)) && parts.next().is_some()
}

fn unreadable(path: &Path, error: &std::io::Error) -> ResultEntry {
    let message = format!("{} can not be read: {error}", shown(path));
    let next = match error.kind() {
        std::io::ErrorKind::InvalidFilename => "change into a folder above it, and scan from there",
        _ => "check its permissions",
    };
    ResultEntry::failed(shown(path), ReportError::new(FailureKind::Io, message, next))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_models_are_told_from_others() {
        for name in ["a.pkl", "a.joblib", "a.joblib.gz", "A.PKL", "b.v1.pickle", "c.pkl.z"] {
            assert!(is_model_name(Path::new(name)), "{name}");
        }
        for name in ["pkl", "notes.txt", "a.tar.gz", "a.pkl.seal", "README"] {
            assert!(!is_model_name(Path::new(name)), "{name}");
        }
    }
}
