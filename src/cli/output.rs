//! Where reports go: standard output, or a file, or standard error where the answer itself takes standard output.

use super::options::{Context, Format};
use super::{Ran, Stdout};
use crate::gate::Pending;
use crate::job::FailureKind;
use crate::report::safe::SafeWriter;
use crate::report::safe::pasted;
use crate::report::{Report, ReportError, TextStyle, write_error, write_json, write_json_lines, write_text};
use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io::{self, BufWriter, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Prints what a command gave back, and turns it into the exit status.
pub(super) fn emit(ran: Ran, context: &Context) -> ExitCode {
    let Ran { report, stdout } = ran;
    let written = answer(&stdout).and_then(|()| match (&context.output_file, &stdout) {
        (Some(path), _) => to_file(path, &report, context),
        (None, Stdout::Report) => {
            render(&report, context.format, context.style(&io::stdout()), &mut io::stdout().lock())
        }
        (None, _) => render(&report, context.format, context.style(&io::stderr()), &mut io::stderr().lock()),
    });
    let report = match written {
        // Who stopped reading has read enough; the verdict stands.
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            let report = unwritten(report, &error);
            // A document that could not be put where it should be is still owed.
            if let (Format::Json | Format::JsonLines, Some(_), Stdout::Report) =
                (context.format, &context.output_file, &stdout)
            {
                let _ = render(&report, context.format, context.style(&io::stdout()), &mut io::stdout().lock());
            }
            report
        }
        _ => report,
    };
    if let Some(error) = report.error.as_ref().filter(|_| context.format == Format::Text) {
        // Nothing is left to be done if standard error is closed, too.
        let _ = write_error(error, context.style(&io::stderr()), &mut io::stderr().lock());
    }
    let code = report.exit_code();
    // The process ends here: to take a long report apart would take as long as to write it.
    std::mem::forget(report);
    ExitCode::from(code)
}

/// Refuses to write the report over anything that the command line names, or over the seal or public key beside it.
pub(super) fn spares_inputs(context: &Context, args: &[OsString]) -> Result<(), ReportError> {
    let Some(target) = &context.output_file else { return Ok(()) };
    let mut own = false;
    let mut named = Vec::new();
    for arg in args.iter().skip(1) {
        let text = arg.to_string_lossy();
        let value = text.split_once('=').filter(|(option, _)| option.starts_with('-'));
        match value {
            _ if std::mem::take(&mut own) => {}
            Some(("--output-file", _)) => {}
            Some((_, value)) => named.push(PathBuf::from(value)),
            None if text == "--output-file" => own = true,
            None => named.push(PathBuf::from(arg)),
        }
    }
    let beside = |path: &PathBuf| {
        [".seal", ".pub"].map(|ending| PathBuf::from([path.as_os_str(), ending.as_ref()].join(OsStr::new(""))))
    };
    let all: Vec<PathBuf> = named.iter().flat_map(beside).chain(named.iter().cloned()).collect();
    crate::gate::spare(target, all.iter().map(PathBuf::as_path))
}

/// Bytes of a report that are written at once.
const BUFFER: usize = 64 << 10;

/// Writes a report, without its error where it is text.
pub(super) fn render(report: &Report, format: Format, style: TextStyle, out: &mut dyn Write) -> io::Result<()> {
    let mut out = BufWriter::with_capacity(BUFFER, out);
    match format {
        Format::Text => write_text(report, style, &mut out)?,
        Format::Json => write_json(report, &mut out)?,
        Format::JsonLines => write_json_lines(report, &mut out)?,
    }
    out.flush()
}

/// The same report, which could not be written.
pub(super) fn unwritten(report: Report, error: &io::Error) -> Report {
    let message = format!("the output could not be written: {error}");
    let error =
        ReportError::new(FailureKind::Io, message, "make room, or name a file that can be written with --output-file");
    Report { error: Some(error), ..report }
}

fn answer(stdout: &Stdout) -> io::Result<()> {
    let Stdout::Bytes(bytes) = stdout else { return Ok(()) };
    let out = io::stdout();
    if out.is_terminal() {
        let mut safe = SafeWriter::new(out.lock());
        safe.write_all(bytes)?;
        safe.finish().map(drop)
    } else {
        let mut out = out.lock();
        out.write_all(bytes)?;
        out.flush()
    }
}

/// Writes beside the file and renames, so that nobody reads half a report; what is no regular file is written as it is.
fn to_file(path: &Path, report: &Report, context: &Context) -> io::Result<()> {
    let style = context.file_style();
    let written = if path.metadata().is_ok_and(|found| !found.is_file()) {
        let file = File::options().write(true).open(path);
        file.and_then(|mut file| render(report, context.format, style, &mut file))
    } else {
        let pending = Pending::new(path);
        pending.and_then(|pending| {
            render(report, context.format, style, &mut pending.file())?;
            pending.release()
        })
    };
    written.map_err(|error| io::Error::new(error.kind(), format!("{}: {error}", pasted(path))))
}
