//! `dump`: the data of a model as a document.

use super::entries::{judged, open, shown, unopened};
use super::judge::{Judged, Reading};
use super::release::Pending;
use super::request::{DumpRequest, Options};
use super::stages::Unsealed;
use crate::bytes::Expectation;
use crate::job::{FailureKind, Task};
use crate::report::{Command, Report, ReportError, WrittenFile};
use std::io;
use std::time::Instant;

/// Judges a model and writes its graph. A refused one is not written.
pub fn dump(request: &DumpRequest, options: &Options) -> Report {
    let mut report = Report::new(Command::Dump);
    let source = match open(&request.model, &options.limits) {
        Ok(source) => source,
        Err(error) => {
            report.results.push(unopened(&request.model, &error));
            return report;
        }
    };
    let unwritten = |error: &io::Error| {
        let message = format!("{} can not be written: {error}", shown(&request.output));
        ReportError::new(FailureKind::Io, message, "check the folder and its permissions")
    };
    let output = match Pending::new(&request.output) {
        Ok(output) => output,
        Err(error) => return Report::failed(Command::Dump, unwritten(&error)),
    };
    let began = Instant::now();
    let reading = Reading::with(options, None, Some(output.file()));
    let job = reading.job(Task::Dump(request.form));
    let held = Unsealed::read(&source, &Expectation::unsigned(source.size()), &reading, &job);
    let mut entry = judged(&request.model, source.size(), &held, |unsealed| unsealed.observation());
    entry.milliseconds = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
    report.sandbox = reading.walls();
    if let Judged::Holds(unsealed) = &held {
        entry.not_checked.insert(0, "signature".to_owned());
        match output.release() {
            Ok(()) => {
                let about = format!("the data of {}, {} bytes", shown(&request.model), unsealed.written().len);
                report.written.push(WrittenFile { path: shown(&request.output), kind: "dump".to_owned(), about });
            }
            Err(error) => report.error = Some(unwritten(&error)),
        }
    }
    report.results.push(entry);
    report
}
