//! `coldload demo`: a minute's tour over real models, in a folder that is removed afterwards.
//!
//! Each step is a command line, parsed and run as if it had been typed, and its report is printed as it always is: the demo
//! knows what should come out, and says so only if something else does.

use super::options::{Context, Format};
use super::{Cli, Command, Ran, Stdout, output};
use crate::gate::Options;
use crate::job::FailureKind;
use crate::reason::Code;
use crate::report::safe::SafeWriter;
use crate::report::{Answer, Report, ReportError, TextStyle, write_error};
use clap::Parser;
use serde_json::{Value, json};
use std::io::{self, Write};
use std::path::PathBuf;
use std::{env, fs};

/// See it sign, verify and predict, and refuse three attacks, on models that are part of this program
#[derive(Debug, clap::Args)]
#[command(before_help = "Examples:\n  coldload demo\n  coldload demo --json")]
pub(super) struct Args {}

const FOREST: &[u8] = include_bytes!("../../tests/data/demo/iris_forest.pkl");
const LINEAR: &[u8] = include_bytes!("../../tests/data/demo/iris_linear.joblib.bz2");
const ROWS: &[u8] = include_bytes!("../../tests/data/demo/flowers.csv");
/// `pickle.load` of this runs `echo PWNED` in a shell.
const HOSTILE: &[u8] = b"cposix\nsystem\n(S'echo PWNED'\ntR.";

/// One step of the tour.
struct Step {
    /// What goes on, for a person.
    story: &'static str,
    /// What happens before the command, as if somebody else did it.
    before: fn() -> io::Result<()>,
    /// The command line.
    line: &'static str,
    /// What should come of it.
    outcome: Outcome,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outcome {
    /// Exit status 0.
    Done,
    /// Exit status 1, for this reason.
    Refused(Code),
}

const STEPS: &[Step] = &[
    Step {
        story: "a file from somewhere: is it safe to load?",
        before: || fs::write("iris.pkl", FOREST),
        line: "coldload scan iris.pkl",
        outcome: Outcome::Done,
    },
    Step {
        story: "make a key: one half signs, the other verifies",
        before: || Ok(()),
        line: "coldload keygen -o ci",
        outcome: Outcome::Done,
    },
    Step {
        story: "sign the model",
        before: || Ok(()),
        line: "coldload sign iris.pkl -k ci --name iris",
        outcome: Outcome::Done,
    },
    Step {
        story: "elsewhere, with the public half alone: is it that model?",
        before: || Ok(()),
        line: "coldload verify iris.pkl -k ci.pub --name iris",
        outcome: Outcome::Done,
    },
    Step {
        story: "use it, without Python",
        before: || fs::write("flowers.csv", ROWS),
        line: "coldload predict iris.pkl -k ci.pub --name iris -i flowers.csv --method predict",
        outcome: Outcome::Done,
    },
    Step {
        story: "an attacker changes one bit of the model",
        before: || {
            let mut bytes = FOREST.to_vec();
            let middle = bytes.len() / 2;
            bytes[middle] ^= 1;
            fs::write("iris.pkl", bytes)
        },
        line: "coldload verify iris.pkl -k ci.pub --name iris",
        outcome: Outcome::Refused(Code::DigestMismatch),
    },
    Step {
        story: "you sign another model, and the attacker puts it in the place of the first, with its valid seal",
        before: || fs::write("other.joblib", LINEAR),
        line: "coldload sign other.joblib -k ci --name other",
        outcome: Outcome::Done,
    },
    Step {
        story: "it is yours, and it is not the one",
        before: || {
            fs::rename("other.joblib", "iris.pkl").and_then(|()| fs::rename("other.joblib.seal", "iris.pkl.seal"))
        },
        line: "coldload verify iris.pkl -k ci.pub --name iris",
        outcome: Outcome::Refused(Code::WrongModel),
    },
    Step {
        story: "a file that runs a command when Python loads it",
        before: || fs::write("gift.pkl", HOSTILE),
        line: "coldload scan gift.pkl",
        outcome: Outcome::Refused(Code::DangerousGlobal),
    },
];

/// Goes to a new folder, and back when dropped: the commands show short paths that way.
struct Away {
    home: PathBuf,
    _folder: tempfile::TempDir,
}

impl Away {
    fn new() -> io::Result<Away> {
        let folder = tempfile::tempdir()?;
        let home = env::current_dir()?;
        env::set_current_dir(folder.path())?;
        Ok(Away { home, _folder: folder })
    }
}

impl Drop for Away {
    fn drop(&mut self) {
        // Should it fail, the program is about to end anyway.
        let _ = env::set_current_dir(&self.home);
    }
}

impl Args {
    pub(super) fn run(self, context: &Context) -> Ran {
        let style = match context.output_file {
            Some(_) => context.file_style(),
            None => context.style(&io::stdout()),
        };
        match tour(context, style) {
            Ok(report) => report.into(),
            Err(error) => {
                let message = format!("the demo could not write to its folder: {error}");
                let error = ReportError::new(FailureKind::Io, message, crate::gate::ROOM);
                Report::failed(crate::report::Command::Help, error).into()
            }
        }
    }
}

fn tour(context: &Context, style: TextStyle) -> io::Result<Report> {
    let away = Away::new()?;
    // Options of the demo itself, such as --sandbox, hold for its steps; what it reads is its own.
    let inner = context.plain(Options { allow: Vec::new(), allow_sets: Vec::new(), ..context.options.clone() });
    let mut text = Vec::new();
    let mut steps: Vec<Value> = Vec::new();
    let mut wrong = Vec::new();
    for step in STEPS {
        let ready = (step.before)();
        let ran = run(step.line, &inner);
        writeln!(text, "# {}\n$ {}", step.story, step.line)?;
        show(&ran, style, &mut text)?;
        writeln!(text)?;
        let status = ran.report.exit_code();
        let as_expected = match step.outcome {
            Outcome::Done => status == 0,
            Outcome::Refused(code) => status == 1 && ran.report.results.iter().any(|entry| entry.has(code)),
        };
        // What a step needs can be missing only if an earlier one did not do what it should.
        if !as_expected || ready.is_err() {
            wrong.push(step.line);
        }
        let report = serde_json::to_value(&ran.report)?;
        steps.push(json!({"command": step.line, "exit": status, "as_expected": as_expected, "report": report}));
    }
    drop(away);
    let mut report = Report::answering(Answer {
        field: "demo",
        json: json!({"steps": steps}),
        text: String::from_utf8_lossy(&text).into_owned(),
    });
    if wrong.is_empty() {
        report.next = Some("coldload scan on a model of your own".to_owned());
    } else {
        let message =
            format!("{} of {} steps did not end as they should: {}", wrong.len(), STEPS.len(), wrong.join("; "));
        report.error = Some(ReportError::new(FailureKind::Internal, message, "coldload doctor"));
    }
    Ok(report)
}

fn run(line: &str, context: &Context) -> Ran {
    match Cli::try_parse_from(line.split(' ')) {
        Ok(Cli { command: Some(command), .. }) if !matches!(command, Command::Demo(_)) => command.run(context),
        _ => Report::failed(crate::report::Command::Help, ReportError::usage("no such command line", line)).into(),
    }
}

fn show(ran: &Ran, style: TextStyle, text: &mut Vec<u8>) -> io::Result<()> {
    if let Stdout::Bytes(bytes) = &ran.stdout {
        let mut safe = SafeWriter::new(&mut *text);
        safe.write_all(bytes)?;
        safe.finish()?;
    }
    let style = TextStyle { verbosity: crate::report::Verbosity::Normal, ..style };
    output::render(&ran.report, Format::Text, style, text)?;
    if let Some(error) = &ran.report.error {
        write_error(error, style, text)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_step_is_a_command_line() {
        for step in STEPS {
            assert!(Cli::try_parse_from(step.line.split(' ')).is_ok(), "{}", step.line);
        }
    }

    #[test]
    fn every_attack_ends_in_another_reason() {
        let mut reasons: Vec<Code> = STEPS
            .iter()
            .filter_map(|step| match step.outcome {
                Outcome::Refused(code) => Some(code),
                Outcome::Done => None,
            })
            .collect();
        reasons.sort();
        reasons.dedup();
        assert_eq!(reasons.len(), 3);
    }
}
