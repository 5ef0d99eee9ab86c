//! `dump`: the data of a model as a document.

use super::entries::{open, shown, unopened, unsealed};
use super::judge::{Judged, Reading};
use super::release::{Pending, spare};
use super::request::{DumpRequest, Options};
use crate::job::{FailureKind, Task};
use crate::report::{Command, Report, ReportError, WrittenFile};
use std::io;

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
    if let Err(error) = spare(&request.output, [request.model.as_path()]) {
        return Report::failed(Command::Dump, error);
    }
    let output = match Pending::new(&request.output) {
        Ok(output) => output,
        Err(error) => return Report::failed(Command::Dump, unwritten(&error)),
    };
    let reading = Reading::with(options, None, Some(output.file()));
    let (entry, held) = unsealed(&request.model, &source, &reading, Task::Dump(request.form));
    report.sandbox = reading.walls();
    if let Judged::Holds(unsealed) = &held {
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
