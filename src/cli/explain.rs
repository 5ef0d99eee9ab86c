//! `coldload explain`: what a refusal means.

use crate::reason::Code;
use crate::report::{Answer, Command, Report, ReportError};

/// Explain a reason code: what it means, how an honest file comes to it, and what to do
#[derive(Debug, clap::Args)]
#[command(before_help = "Examples:\n  coldload explain dangerous-global\n  coldload explain unknown-global")]
pub(super) struct Args {
    /// The code, as reports print it
    code: String,
}

impl Args {
    pub(super) fn run(self) -> Report {
        let Some(code) = Code::from_text(&self.code) else {
            let all: Vec<&str> = Code::ALL.iter().map(|code| code.text()).collect();
            let next = format!("the codes are {}", all.join(", "));
            return Report::failed(
                Command::Help,
                ReportError::usage(format!("there is no code {:?}", self.code), next),
            );
        };
        Report::answering(Answer {
            field: "explain",
            json: serde_json::json!({
                "code": code.text(),
                "meaning": code.meaning(),
                "why": code.why(),
                "next": code.next(),
                "page": code.page(),
            }),
            text: code.page().to_owned(),
        })
    }
}
