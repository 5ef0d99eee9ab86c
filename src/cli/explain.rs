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
            let near = all.iter().copied().min_by_key(|code| distance(code, &self.code));
            let near = near.filter(|code| distance(code, &self.code) <= 3);
            let meant = near.map(|code| format!("did you mean: coldload explain {code}\n")).unwrap_or_default();
            let next = format!("{meant}the codes are {}", all.join(", "));
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

/// How many letters have to be put in, taken out or exchanged to make one word of the other (Levenshtein).
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().take(64).collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut before = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let exchanged = before + usize::from(x != *y);
            before = row[j + 1];
            row[j + 1] = exchanged.min(before + 1).min(row[j] + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_words_are_told_from_far_ones() {
        for (a, b, far) in [("", "", 0), ("expired", "expird", 1), ("malformed", "malfromed", 2), ("unsigned", "", 8)] {
            assert_eq!(distance(a, b), far, "{a} {b}");
        }
    }
}
