//! The command line: one file a command. Commands turn options into a request to the gate and give its report back; this
//! module prints it and chooses the exit status.

mod completions;
mod demo;
mod diff;
mod doctor;
mod dump;
mod ending;
mod explain;
mod fuzz;
mod inspect;
mod keygen;
mod options;
mod output;
mod predict;
mod progress;
mod scan;
mod sign;
mod trust;
mod usage;
mod verify;
mod vocabulary;

use crate::report::Report;
use clap::{Parser, Subcommand};
use options::{Context, Shared};
use std::ffi::OsString;
use std::process::ExitCode;

/// coldload makes saved scikit-learn models safe to accept: it judges, signs, verifies and uses them without Python, and
/// nothing in a file ever runs.
#[derive(Debug, Parser)]
#[command(
    name = "coldload",
    version,
    before_help = "Examples:\n  coldload scan model.pkl\n  coldload verify model.pkl -k ci.pub --name churn",
    after_help = "Exit status: 0 all accepted, 1 something refused, 2 the work could not be done, 3 nothing to check.",
    max_term_width = 110
)]
struct Cli {
    #[command(flatten)]
    shared: Shared,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    Scan(scan::Args),
    Inspect(inspect::Args),
    Dump(dump::Args),
    Diff(diff::Args),
    Keygen(keygen::Args),
    Sign(sign::Args),
    Verify(verify::Args),
    Predict(predict::Args),
    Explain(explain::Args),
    Doctor(doctor::Args),
    Fuzz(fuzz::Args),
    Demo(demo::Args),
    Vocabulary(vocabulary::Args),
    Completions(completions::Args),
}

/// What a command gives back.
#[derive(Debug)]
struct Ran {
    report: Report,
    stdout: Stdout,
}

/// What belongs on standard output.
#[derive(Debug)]
enum Stdout {
    /// The report.
    Report,
    /// These bytes, which are text; the report goes to standard error.
    Bytes(Vec<u8>),
    /// Something that was written there already; the report goes to standard error.
    Taken,
}

impl From<Report> for Ran {
    fn from(report: Report) -> Ran {
        Ran { report, stdout: Stdout::Report }
    }
}

impl Command {
    fn run(self, context: &Context) -> Ran {
        match self {
            Command::Scan(args) => args.run(context).into(),
            Command::Inspect(args) => args.run(context),
            Command::Dump(args) => args.run(context).into(),
            Command::Diff(args) => args.run(context).into(),
            Command::Keygen(args) => args.run().into(),
            Command::Sign(args) => args.run(context).into(),
            Command::Verify(args) => args.run(context).into(),
            Command::Predict(args) => args.run(context),
            Command::Explain(args) => args.run().into(),
            Command::Doctor(args) => args.run(context).into(),
            Command::Fuzz(args) => args.run(context).into(),
            Command::Demo(args) => args.run(context),
            Command::Vocabulary(args) => args.run().into(),
            Command::Completions(args) => args.run(),
        }
    }
}

/// Runs the program with these arguments, of which the first is its own name.
pub fn main(args: impl IntoIterator<Item = OsString>) -> ExitCode {
    let args: Vec<OsString> = args.into_iter().collect();
    let cli = match Cli::try_parse_from(&args) {
        Ok(cli) => cli,
        Err(error) => return usage::answer(&error, &args),
    };
    let context = cli.shared.context().and_then(|context| output::spares_inputs(&context, &args).map(|()| context));
    let context = match context {
        Ok(context) => context,
        Err(error) => return usage::fail(error, &args),
    };
    ending::tidy();
    match cli.command {
        Some(command) => output::emit(command.run(&context), &context),
        None => usage::no_command(&args),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_options_contradict_each_other_nowhere() {
        Cli::command().debug_assert();
    }

    #[test]
    fn every_help_starts_with_two_examples() {
        for command in std::iter::once(&mut Cli::command()).chain(Cli::command().get_subcommands_mut()) {
            let help = command.render_long_help().to_string();
            let mut lines = help.lines();
            assert_eq!(lines.next(), Some("Examples:"), "{help}");
            for _ in 0..2 {
                assert!(lines.next().is_some_and(|line| line.starts_with("  coldload ")), "{help}");
            }
            assert_eq!(lines.next(), Some(""), "{help}");
        }
    }

    /// Command lines in a text: after a prompt, or at the start of an indented line of help.
    fn lines(text: &str) -> impl Iterator<Item = Vec<String>> {
        let line = |line: &str| {
            let line = line.trim_start().trim_start_matches("$ ").split("  ").next().unwrap_or_default();
            let line = line.split(" > ").next().unwrap_or_default().to_owned();
            line.starts_with("coldload ").then(|| line.split(' ').map(|word| word.replace('\'', "")).collect())
        };
        text.lines().filter(|text| text.starts_with(['$', ' '])).filter_map(line).collect::<Vec<_>>().into_iter()
    }

    #[test]
    fn every_command_line_in_the_documents_is_one() {
        let mut texts = vec![
            include_str!("../../README.md").to_owned(),
            include_str!("../../docs/guide.md").to_owned(),
            usage::FIRST_DAY.to_owned(),
        ];
        texts.extend(crate::reason::Code::ALL.iter().map(|code| code.page().to_owned()));
        for command in std::iter::once(&mut Cli::command()).chain(Cli::command().get_subcommands_mut()) {
            texts.push(command.render_long_help().to_string().split("\n\n").next().unwrap_or_default().to_owned());
        }
        let mut count = 0;
        for text in &texts {
            for line in lines(text) {
                let parsed = Cli::try_parse_from(&line);
                assert!(parsed.is_ok_and(|cli| cli.command.is_some()), "{line:?}");
                count += 1;
            }
        }
        assert!(count > 60, "only {count} were found");
    }

    #[test]
    fn every_page_has_its_parts_and_an_example_as_it_is_printed() {
        for code in crate::reason::Code::ALL {
            let page = code.page();
            let count = page.lines().count();
            assert!((12..=30).contains(&count), "{code}: {count} lines");
            for part in ["**An honest file**", "**An attacker**", "**Next**", "## Example"] {
                assert!(page.contains(part), "{code}: {part}");
            }
            let row = format!("\n      {code}   ");
            assert!(
                page.contains(&row) && page.contains("\n        why   ") && page.contains("\n        next  "),
                "{code}"
            );
        }
    }
}
