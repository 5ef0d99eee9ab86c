//! `coldload doctor`: does this machine have what is needed?

use super::options::{Context, variable};
use crate::gate;
use crate::report::{Answer, Report, ReportError, VOCABULARY};
use serde_json::json;

/// Variables that take the place of options.
const VARIABLES: [&str; 5] =
    ["COLDLOAD_KEY", "COLDLOAD_PUBLIC_KEY", "COLDLOAD_NAME", "COLDLOAD_OUTPUT_FORMAT", "NO_COLOR"];

/// Check that the walls round a file's reader stand on this machine, and show what else matters
#[derive(Debug, clap::Args)]
#[command(before_help = "Examples:\n  coldload doctor\n  coldload doctor --sandbox strict")]
pub(super) struct Args {}

impl Args {
    pub(super) fn run(self, context: &Context) -> Report {
        let level = context.options.sandbox.text();
        let walls = gate::walls(&context.options);
        let set: Vec<&str> = VARIABLES.into_iter().filter(|name| variable(name).is_some()).collect();
        let stand = match &walls {
            Ok(walls) => walls.to_string(),
            Err(failure) => format!("down: {}", failure.message),
        };
        let rows = [
            ("version", format!("coldload {}, vocabulary {VOCABULARY}", env!("CARGO_PKG_VERSION"))),
            ("system", system()),
            ("walls", format!("{level}: {stand}")),
            ("variables", if set.is_empty() { "none is set".to_owned() } else { format!("{} set", set.join(", ")) }),
        ];
        let mut report = Report::answering(Answer {
            field: "doctor",
            json: json!({"system": system(), "walls": walls.is_ok(), "variables": set}),
            text: rows.into_iter().map(|(label, text)| format!("{label:11}{text}\n")).collect(),
        });
        match walls {
            Ok(walls) => report.sandbox = Some(walls),
            Err(failure) => report.error = Some(ReportError::from(failure)),
        }
        report
    }
}

fn system() -> String {
    let kernel = std::fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    let kernel = if kernel.is_empty() { String::new() } else { format!(", kernel {}", kernel.trim()) };
    format!("{} {}{kernel}", std::env::consts::OS, std::env::consts::ARCH)
}
