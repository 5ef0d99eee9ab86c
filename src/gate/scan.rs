//! `scan`: every model below some paths, on all cores.

use super::beside::is_part;
use super::collect::{self, Found, Place};
use super::crew;
use super::entries::{open, refused, shown, unopened, unsealed};
use super::folder::unsafe_path;
use super::inspect::is_seal;
use super::judge::Reading;
use super::request::{Options, ScanRequest, Watch};
use crate::bytes::{Oddity, Source};
use crate::job::{FailureKind, Task};
use crate::reason::Code;
use crate::report::safe::pasted;
use crate::report::{Command, Report, ReportError, ResultEntry, Verdict};
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Endings that say that a file is meant to be a model.
const MODEL_SUFFIXES: &[&str] =
    &["pkl", "pickle", "joblib", "dill", "p", "pk", "sav", "model", "skops", "npy", "npz", "pt", "pth", "bin"];
/// Endings of compressors, behind those.
const COMPRESSED_SUFFIXES: &[&str] = &["z", "zlib", "gz", "gzip", "bz2", "xz", "lzma", "lz4"];

/// Judges every model below the paths. What is refused, or can not be read, hides nothing else. `watch` is told how far it is.
pub fn scan(request: &ScanRequest, options: &Options, watch: &Watch<'_>) -> Report {
    let mut report = Report::new(Command::Scan);
    let collected = match collect::collect(request) {
        Ok(collected) => collected,
        Err(error) => return Report::failed(Command::Scan, error),
    };
    let total = collected.found.len();
    let done = AtomicUsize::new(0);
    let one = |found: &Found, reading: &Reading<'_>| {
        let entry = match &found.place {
            Place::Named => named(&found.path, reading),
            Place::Below => below(&found.path, request.strict, reading),
            Place::Odd { link } => no_file(&found.path, *link, request.strict),
            Place::Unreadable(error) => unreadable(&found.path, error),
        };
        watch(done.fetch_add(1, Ordering::Relaxed) + 1, total);
        entry
    };
    if let [only] = &collected.found[..] {
        let reading = Reading::new(options);
        report.results.push(one(only, &reading));
        report.sandbox = reading.walls();
    } else if total > 0 {
        match crew::each(&collected.found, options, one) {
            Ok(crew::Done { results, walls }) => {
                report.results = results;
                report.sandbox = walls;
            }
            Err(failure) => report.error = Some(failure.into()),
        }
    }
    for folder in &collected.folders {
        let found = report.results.get(folder.found.clone()).unwrap_or_default();
        if report.error.is_none() && found.iter().all(|entry| entry.verdict == Verdict::Skipped) {
            let message = "holds no model; a file that is named is judged whatever it is called";
            report.notes.push(format!("{} {message}", shown(&folder.path)));
        }
    }
    match collected.excluded {
        0 => {}
        1 => report.notes.push("1 file or folder was left out by --exclude".to_owned()),
        more => report.notes.push(format!("{more} files and folders were left out by --exclude")),
    }
    report
}

/// A file that was named: it is always judged.
fn named(path: &Path, reading: &Reading<'_>) -> ResultEntry {
    let source = match open(path, &reading.options().limits) {
        Ok(source) => source,
        Err(error) => return unopened(path, &error),
    };
    let (mut entry, _) = unsealed(path, &source, reading, Task::Judge);
    if entry.has(Code::UnknownFormat) && is_seal(&source) {
        let next = format!("this is a seal:  coldload inspect {}", pasted(path));
        entry.reasons.iter_mut().for_each(|reason| reason.next.clone_from(&next));
    }
    entry
}

/// A file below a folder: skipped if neither its name nor its bytes are a model's.
fn below(path: &Path, strict: bool, reading: &Reading<'_>) -> ResultEntry {
    let entry = named(path, reading);
    let no_model = entry.has(Code::UnknownFormat) || entry.has(Code::NotFetched);
    let stands = |model: &str| path.with_file_name(model).symlink_metadata().is_ok_and(|found| found.is_file());
    let codes = entry.reasons.iter().map(|reason| reason.code);
    if entry.verdict == Verdict::Refused && is_part(&path.to_string_lossy(), codes, stands) {
        return ResultEntry::skipped(shown(path));
    }
    // A seal is no model, and belongs to one.
    let strict = strict && !Source::open(path).is_ok_and(|source| is_seal(&source));
    if no_model && !strict && !is_model_name(path) { ResultEntry::skipped(shown(path)) } else { entry }
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
    let mut parts = name.rsplit('.');
    let last = parts.next().unwrap_or_default();
    let last = if COMPRESSED_SUFFIXES.contains(&last) { parts.next().unwrap_or_default() } else { last };
    MODEL_SUFFIXES.contains(&last) && parts.next().is_some()
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
