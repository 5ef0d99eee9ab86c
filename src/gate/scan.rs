//! `scan`: every model below some paths.

use super::crew;
use super::entries::{is_standard_input, judged, open, refused, shown, unopened};
use super::inspect::is_seal;
use super::judge::{Judged, Reading};
use super::request::{Options, ScanRequest};
use super::stages::Unsealed;
use crate::bytes::{Expectation, Source};
use crate::job::{FailureKind, Task};
use crate::reason::{Code, Finding};
use crate::report::safe::pasted;
use crate::report::{Command, Report, ReportError, ResultEntry, Verdict};
use std::path::{Path, PathBuf};
use std::time::Instant;

/// Endings that say that a file is meant to be a model.
const MODEL_SUFFIXES: &[&str] =
    &["pkl", "pickle", "joblib", "dill", "p", "pk", "sav", "model", "skops", "npy", "npz", "pt", "pth", "bin"];
/// Endings of compressors, behind those.
const COMPRESSED_SUFFIXES: &[&str] = &["z", "zlib", "gz", "gzip", "bz2", "xz", "lzma", "lz4"];

/// Judges every model below the paths.
pub fn scan(request: &ScanRequest, options: &Options) -> Report {
    let mut report = Report::new(Command::Scan);
    for path in &request.paths {
        match std::fs::metadata(path) {
            Ok(metadata) if metadata.is_dir() && !is_standard_input(path) => {
                folder(path, request.strict, options, &mut report)
            }
            _ => {
                let reading = Reading::new(options);
                report.results.push(named(path, &reading));
                report.sandbox = reading.walls().or(report.sandbox.take());
            }
        }
    }
    report
}

/// A file that was named: it is always judged.
fn named(path: &Path, reading: &Reading<'_>) -> ResultEntry {
    let source = match open(path, &reading.options().limits) {
        Ok(source) => source,
        Err(error) => return unopened(path, &error),
    };
    let began = Instant::now();
    let expectation = Expectation::unsigned(source.size());
    let held = Unsealed::read(&source, &expectation, reading, &reading.job(Task::Judge));
    let mut entry = judged(path, source.size(), &held, |unsealed| unsealed.observation());
    if let Judged::Holds(_) = held {
        entry.not_checked.insert(0, "signature".to_owned());
    }
    if entry.has(Code::UnknownFormat) && is_seal(&source) {
        let next = format!("this is a seal:  coldload inspect {}", pasted(path));
        entry.reasons.iter_mut().for_each(|reason| reason.next.clone_from(&next));
    }
    entry.milliseconds = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
    entry
}

/// Everything below a folder, in order of names, on all cores.
fn folder(path: &Path, strict: bool, options: &Options, report: &mut Report) {
    let before = report.results.len();
    let mut found: Vec<Found> = Vec::new();
    // The folder itself may be named by a link; below it no link is followed.
    let mut todo = children(path, &mut found);
    while let Some(path) = todo.pop() {
        match std::fs::symlink_metadata(&path).map(|metadata| metadata.file_type()) {
            Ok(kind) if kind.is_dir() => todo.extend(children(&path, &mut found)),
            Ok(kind) if kind.is_file() => found.push(Found::File(path)),
            Ok(kind) => found.push(Found::Known(Box::new(no_file(&path, kind.is_symlink(), strict)))),
            Err(error) => found.push(Found::Known(Box::new(unreadable(&path, &error)))),
        }
    }
    let judged = crew::each(&found, options, |found, reading| match found {
        Found::File(path) => below(path, strict, reading),
        Found::Known(entry) => ResultEntry::clone(entry),
    });
    match judged {
        Ok(done) => {
            report.results.extend(done.results);
            report.sandbox = done.walls.or(report.sandbox.take());
        }
        Err(failure) => report.results.push(ResultEntry::failed(shown(path), failure)),
    }
    if report.results.get(before..).is_none_or(|found| found.iter().all(|entry| entry.verdict == Verdict::Skipped)) {
        let message = "holds no model; a file that is named is judged whatever it is called";
        report.notes.push(format!("{} {message}", shown(path)));
    }
}

/// What stands below a folder: a file to judge, or something of which all is known.
enum Found {
    File(PathBuf),
    Known(Box<ResultEntry>),
}

/// The entries of a folder, last name first.
fn children(folder: &Path, found: &mut Vec<Found>) -> Vec<PathBuf> {
    let read = std::fs::read_dir(folder).and_then(|entries| entries.map(|entry| Ok(entry?.path())).collect());
    let mut entries: Vec<PathBuf> = match read {
        Ok(entries) => entries,
        Err(error) => {
            found.push(Found::Known(Box::new(unreadable(folder, &error))));
            Vec::new()
        }
    };
    entries.sort_unstable_by(|a, b| b.cmp(a));
    entries
}

/// A file below a folder: skipped if neither its name nor its bytes are a model's.
fn below(path: &Path, strict: bool, reading: &Reading<'_>) -> ResultEntry {
    let entry = named(path, reading);
    let no_model = entry.has(Code::UnknownFormat) || entry.has(Code::NotFetched);
    // A seal is no model, and belongs to one.
    let strict = strict && !Source::open(path).is_ok_and(|source| is_seal(&source));
    if no_model && !strict && !is_model_name(path) { ResultEntry::skipped(shown(path)) } else { entry }
}

/// Something below a folder that is no regular file. It could lead anywhere, so it is not read.
fn no_file(path: &Path, link: bool, strict: bool) -> ResultEntry {
    if !strict && !is_model_name(path) {
        return ResultEntry::skipped(shown(path));
    }
    let what = if link { "a link below a folder is not followed" } else { "this is a pipe, socket or device" };
    refused(None, path, Finding::new(Code::UnsafePath, what))
}

/// Whether a name ends like a model's.
pub(super) fn is_model_name(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy().to_lowercase();
    let mut parts = name.rsplit('.');
    let last = parts.next().unwrap_or_default();
    let last = if COMPRESSED_SUFFIXES.contains(&last) { parts.next().unwrap_or_default() } else { last };
    MODEL_SUFFIXES.contains(&last) && parts.next().is_some()
}

fn unreadable(path: &Path, error: &std::io::Error) -> ResultEntry {
    let message = format!("{} can not be read: {error}", shown(path));
    ResultEntry::failed(shown(path), ReportError::new(FailureKind::Io, message, "check its permissions"))
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
