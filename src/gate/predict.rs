//! `predict`: a model answers rows once it is verified, or with the loud `--unverified`.

use super::entries::{judged, shown, unopened};
use super::judge::{Judged, Reading};
use super::release::{Pending, spare};
use super::request::{Options, PredictRequest, Trust, Warrant};
use super::stages::Unsealed;
use super::verify::{Candidate, Trusted, beside};
use crate::bytes::{Expectation, Source};
use crate::job::{Ask, FailureKind, Job, Task, Written};
use crate::report::safe::pasted;
use crate::report::{Command, Report, ReportError, ResultEntry, WrittenFile};
use std::fs::File;
use std::io::{self, Read, Seek};
use std::path::Path;
use std::time::Instant;

/// Lets a model answer rows. The answer is given back if the model was accepted and no output was named.
pub fn predict(request: &PredictRequest, options: &Options) -> (Report, Option<Vec<u8>>) {
    match answer(request, options) {
        Ok(answered) => answered,
        Err(error) => (Report::failed(Command::Predict, error), None),
    }
}

/// Where an answer is written: beside its target, or nowhere that has a name.
enum Output {
    Pending(Pending),
    Nameless(File),
}

impl Output {
    fn new(request: &PredictRequest) -> Result<Output, ReportError> {
        let made = match &request.output {
            Some(target) => Pending::new(target).map(Output::Pending),
            None => tempfile::tempfile().map(Output::Nameless),
        };
        made.map_err(|error| {
            let message = format!("the answer can not be written: {error}");
            ReportError::new(FailureKind::Io, message, "check the folder and its permissions")
        })
    }

    fn file(&self) -> &File {
        match self {
            Output::Pending(pending) => pending.file(),
            Output::Nameless(file) => file,
        }
    }
}

fn answer(request: &PredictRequest, options: &Options) -> Result<(Report, Option<Vec<u8>>), ReportError> {
    let trusted = match &request.warrant {
        Warrant::Trusted { trust, .. } => Some(Trusted::read(trust)?),
        Warrant::Unverified => None,
    };
    if std::fs::metadata(&request.model).is_ok_and(|found| found.is_dir()) {
        let message = format!("{} is a folder, and one model answers", shown(&request.model));
        return Err(ReportError::usage(message, "name a file in it"));
    }
    if let Some(output) = &request.output {
        let (keys, seal) = match &request.warrant {
            Warrant::Trusted { trust: Trust::Keys(keys), seal, .. } => (&keys[..], seal.as_deref()),
            _ => (&[][..], None),
        };
        let keys = keys.iter().map(Path::new);
        let others = [Some(request.model.as_path()), request.rows.as_deref(), seal];
        spare(output, keys.chain(others.into_iter().flatten()).chain([beside(&request.model).as_path()]))?;
    }
    let rows = rows(request, options)?;
    let output = Output::new(request)?;
    let began = Instant::now();
    let reading = Reading::with(options, Some(&rows), Some(output.file()));
    let job = reading.job(Task::Predict(Ask {
        method: request.method,
        at: request.at.clone(),
        rows: request.rows_format,
        answer: request.answer,
    }));
    let mut report = Report::new(Command::Predict);
    let (mut entry, written) = match (&request.warrant, &trusted) {
        (Warrant::Trusted { name, seal, .. }, Some(trusted)) => {
            report.notes = trusted.notes();
            let candidate = Candidate { trusted, name: name.as_deref(), seal: seal.as_deref(), copy_to: None };
            let checked = candidate.run(&request.model, &reading, &job);
            (checked.entry, checked.written)
        }
        _ => {
            report.notes.push("--unverified: nobody vouches for this model".to_owned());
            unverified(request, &reading, &job)
        }
    };
    if let Some(error) = &mut entry.error {
        // The worker knows no paths.
        error.next = error.next.replace(" MODEL ", &format!(" {} ", pasted(&request.model)));
    }
    entry.milliseconds = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
    report.sandbox = reading.walls();
    let Some(written) = written else {
        report.results.push(entry);
        return Ok((report, None));
    };
    if let (Output::Nameless(_), Some(error)) = (&output, too_long(written.len)) {
        return Err(error);
    }
    entry.notes.extend(written.notes.iter().cloned());
    report.results.push(entry);
    let bytes = release(output, &written, &mut report, request).map_err(|error| {
        let message = format!("the answer can not be written: {error}");
        ReportError::new(FailureKind::Io, message, "check the folder and its permissions")
    })?;
    Ok((report, bytes))
}

/// A model that nobody vouches for.
fn unverified(request: &PredictRequest, reading: &Reading<'_>, job: &Job) -> (ResultEntry, Option<Written>) {
    let source = match Source::open(&request.model) {
        Ok(source) => source,
        Err(error) => return (unopened(&request.model, &error), None),
    };
    let held = Unsealed::read(&source, &Expectation::unsigned(source.size()), reading, job);
    let mut entry = judged(&request.model, source.size(), &held, |unsealed| unsealed.observation());
    match held {
        Judged::Holds(unsealed) => {
            entry.not_checked.insert(0, "signature, name, digests (--unverified)".to_owned());
            (entry, Some(unsealed.written().clone()))
        }
        _ => (entry, None),
    }
}

/// The rows as an opened file; those of standard input are copied to one.
fn rows(request: &PredictRequest, options: &Options) -> Result<File, ReportError> {
    let Some(path) = &request.rows else {
        // One byte more than may be is kept: whoever reads them says that they are too many.
        let copied = Source::copied(Path::new("-"), &mut io::stdin().lock(), options.limits.kept(0));
        let file = copied.map_err(|error| error.to_string()).and_then(|source| {
            let file = source.file().try_clone().and_then(|mut file| file.rewind().map(|()| file));
            file.map_err(|error| error.to_string())
        });
        return file.map_err(|error| {
            let message = format!("the rows on standard input can not be kept: {error}");
            ReportError::new(FailureKind::Io, message, "name a file with -i")
        });
    };
    File::open(path).map_err(|error| {
        let kind = if error.kind() == io::ErrorKind::NotFound { FailureKind::NotFound } else { FailureKind::Io };
        ReportError::new(kind, format!("the rows {} can not be read: {error}", shown(path)), "check the path after -i")
    })
}

/// Why an answer of so many bytes does not go to standard output: all of it would be held in memory on its way, and a small
/// model can have very many classes.
fn too_long(length: u64) -> Option<ReportError> {
    const MOST: u64 = 256 << 20;
    (length > MOST).then(|| {
        let message = format!("the answer has {length} bytes, and at most {MOST} go to standard output");
        ReportError::usage(message, "name a file for it:  -o answers.csv")
    })
}

/// Puts the answer in its place, or gives it back.
fn release(
    output: Output,
    written: &Written,
    report: &mut Report,
    request: &PredictRequest,
) -> io::Result<Option<Vec<u8>>> {
    match (output, &request.output) {
        (Output::Pending(pending), Some(target)) => {
            pending.release()?;
            let about = format!("{} row{}", written.rows, if written.rows == 1 { "" } else { "s" });
            report.written.push(WrittenFile { path: shown(target), kind: "answers".to_owned(), about });
            Ok(None)
        }
        (Output::Pending(_), None) => Ok(None),
        (Output::Nameless(mut file), _) => {
            let mut bytes = Vec::new();
            file.rewind()?;
            file.take(written.len).read_to_end(&mut bytes)?;
            Ok(Some(bytes))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_that_memory_should_not_hold_asks_for_a_file() {
        assert!(too_long(256 << 20).is_none());
        let error = too_long((256 << 20) + 1).unwrap();
        assert_eq!((error.kind, error.next.as_str()), (FailureKind::Usage, "name a file for it:  -o answers.csv"));
    }
}
