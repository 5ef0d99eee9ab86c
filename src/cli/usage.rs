//! What is said to a command line that is none: what was wrong with it, and one that would do.

use super::options::{Context, Format, Shared, variable};
use super::{Cli, output};
use crate::report::safe::pasted;
use crate::report::{Answer, Command, Report, ReportError};
use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{CommandFactory, Parser};
use std::ffi::OsString;
use std::io::{self, Write};
use std::path::Path;
use std::process::ExitCode;

/// The commands of the first day.
pub(super) const FIRST_DAY: &str = "\
coldload makes saved scikit-learn models safe to accept. Nothing in a file ever runs.

  coldload demo                                  see it sign, verify, predict, and refuse three attacks
  coldload scan model.pkl                        is it safe to load, and what is it?
  coldload keygen -o ci                          make a key: ci to sign with, ci.pub to verify with
  coldload sign model.pkl -k ci                  this model is mine
  coldload verify model.pkl -k ci.pub            is it still that model?
  coldload predict model.pkl -k ci.pub -i x.csv  use it without Python
  coldload explain dangerous-global              what a refusal means

All commands and options: coldload --help
";

/// Answers what clap could not parse, which includes `--help` and `--version`.
pub(super) fn answer(error: &clap::Error, args: &[OsString]) -> ExitCode {
    match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => match error.print() {
            Err(failed) if failed.kind() != io::ErrorKind::BrokenPipe => ExitCode::from(2),
            _ => ExitCode::SUCCESS,
        },
        _ => fail(explain(error, args), args),
    }
}

/// Answers a command line without a command.
pub(super) fn no_command(args: &[OsString]) -> ExitCode {
    if args.len() > 1 {
        return fail(ReportError::usage("no command is named", "coldload --help"), args);
    }
    let answer = Answer { field: "help", json: FIRST_DAY.into(), text: FIRST_DAY.to_owned() };
    let report = Report::answering(answer);
    match context(args) {
        Some(context) => output::emit(report.into(), &context),
        None => io::stdout().write_all(FIRST_DAY.as_bytes()).map_or(ExitCode::from(2), |()| ExitCode::SUCCESS),
    }
}

/// Ends with an error about the command line, in the form that it asks for as far as that can be told.
pub(super) fn fail(error: ReportError, args: &[OsString]) -> ExitCode {
    let report = Report::failed(Command::Help, error);
    match context(args) {
        Some(context) => output::emit(report.into(), &context),
        None => ExitCode::from(2),
    }
}

/// The context of a command line that can not be parsed: what it says of the form of reports, and nothing else.
fn context(args: &[OsString]) -> Option<Context> {
    let format = if wants_json(args) { "json" } else { "text" };
    #[derive(Debug, Parser)]
    struct Only {
        #[command(flatten)]
        shared: Shared,
    }
    Only::try_parse_from(["coldload", "--output-format", format]).ok()?.shared.context().ok()
}

fn wants_json(args: &[OsString]) -> bool {
    let mut args = args.iter().map(|arg| arg.to_string_lossy()).take_while(|arg| arg != "--");
    let mut said = None;
    while let Some(arg) = args.next() {
        match arg.strip_prefix("--output-format") {
            Some("") => said = args.next().map(|value| value.into_owned()),
            Some(value) => said = value.strip_prefix('=').map(str::to_owned),
            None if arg == "--json" => return true,
            None => {}
        }
    }
    said.or_else(|| variable("COLDLOAD_OUTPUT_FORMAT")).and_then(|name| Format::named(&name)) == Some(Format::Json)
}

/// clap's finding in our words: one message, and what to do next.
fn explain(error: &clap::Error, args: &[OsString]) -> ReportError {
    let text = |kind| match error.get(kind) {
        Some(ContextValue::String(text)) => Some(text.clone()),
        Some(ContextValue::Strings(texts)) => texts.first().cloned(),
        _ => None,
    };
    match (error.kind(), text(ContextKind::InvalidSubcommand)) {
        (ErrorKind::InvalidSubcommand, Some(given)) => {
            let path = Path::new(&given);
            let next = match text(ContextKind::SuggestedSubcommand) {
                _ if path.exists() => format!("did you mean: coldload scan {}", pasted(path)),
                Some(near) => format!("did you mean: coldload {near}"),
                None => "coldload --help".to_owned(),
            };
            ReportError::usage(format!("there is no command {given:?}"), next)
        }
        _ => ReportError::usage(message(error), next(error, args)),
    }
}

/// The first paragraph of clap's text, on one line.
fn message(error: &clap::Error) -> String {
    let text = error.render().to_string();
    let first = text.trim_start_matches("error: ").split("\n\n").next().unwrap_or_default();
    first.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The command's own help, where its name is among the arguments; first what clap would put in place of the mistake.
fn next(error: &clap::Error, args: &[OsString]) -> String {
    let command = Cli::command();
    let named = args.iter().skip(1).filter_map(|arg| arg.to_str()).find(|arg| command.find_subcommand(arg).is_some());
    let help = named.map_or_else(|| "coldload --help".to_owned(), |name| format!("coldload help {name}"));
    match [ContextKind::SuggestedArg, ContextKind::SuggestedValue].into_iter().find_map(|kind| error.get(kind)) {
        Some(ContextValue::String(near)) => format!("did you mean: {near}\n{help}"),
        Some(ContextValue::Strings(near)) if !near.is_empty() => format!("did you mean: {}\n{help}", near.join(" or ")),
        _ => help,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_form_of_an_error_is_told_by_the_arguments() {
        let of = |args: &[&str]| wants_json(&args.iter().map(OsString::from).collect::<Vec<_>>());
        assert!(of(&["coldload", "scan", "--json"]));
        assert!(of(&["coldload", "--output-format", "json", "scan"]));
        assert!(of(&["coldload", "--output-format=json"]));
        assert!(!of(&["coldload", "scan", "--", "--json"]));
        assert!(!of(&["coldload", "--output-format=text"]));
    }
}
