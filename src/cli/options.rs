//! Options that every command takes, and what stands in for them in the environment.

use crate::bytes::Limits;
use crate::gate::{Level, Options};
use crate::reason::escape;
use crate::report::{ReportError, TextStyle, Verbosity};
use clap::builder::{PossibleValuesParser, TypedValueParser};
use std::io::IsTerminal;
use std::path::PathBuf;

const HEADING: &str = "Options for every command";
const FORMAT: &str = "COLDLOAD_OUTPUT_FORMAT";

#[derive(Debug, clap::Args)]
#[command(next_help_heading = HEADING)]
pub(super) struct Shared {
    /// Print the report as one JSON document
    #[arg(long, global = true, conflicts_with = "output_format")]
    json: bool,
    /// Print the report in this form [env: COLDLOAD_OUTPUT_FORMAT]
    #[arg(long, global = true, value_name = "FORMAT", value_parser = choice(&Format::ALL, Format::text))]
    output_format: Option<Format>,
    /// Write the report to a file
    #[arg(long, global = true, value_name = "FILE")]
    output_file: Option<PathBuf>,
    /// Show less: only what is not accepted; twice: nothing
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    quiet: u8,
    /// Show more: all reasons, what was skipped, what was checked and what was not
    #[arg(short, long, global = true, action = clap::ArgAction::Count, conflicts_with = "quiet")]
    verbose: u8,
    /// Use colours [env: NO_COLOR turns auto into never]
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto", value_parser = choice(&When::ALL, When::text))]
    color: When,
    /// Do not show on a terminal how far the work is
    #[arg(long, global = true)]
    no_progress: bool,
    /// Walls round the process that reads the file
    #[arg(long, global = true, value_name = "LEVEL", default_value = "required",
          value_parser = choice(&Level::ALL, Level::text))]
    sandbox: Level,
    /// Raise or lower a limit on what one file may cost, such as decoded=32GiB; may be repeated
    #[arg(long, global = true, value_name = "NAME=VALUE", value_parser = limit)]
    limit: Vec<String>,
    /// Allow a name outside the vocabulary, such as acme_ml.transforms.LogRatio; it stays data; may be repeated
    #[arg(long, global = true, value_name = "NAME", value_parser = dotted)]
    allow: Vec<String>,
    /// Read what other libraries save, each by its name: catboost, category_encoders, chaid, dill, hdbscan, imbalanced-learn, lifelines,
    /// lightgbm, nltk, optuna, prophet, sklearn-crfsuite, sklearn-pandas, statsmodels, treeple, xgboost; may be repeated
    #[arg(long, global = true, value_name = "SET")]
    allow_set: Vec<String>,
}

/// In which form a report is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    Text,
    Json,
    /// One result a line.
    JsonLines,
}

impl Format {
    const ALL: [Format; 3] = [Format::Text, Format::Json, Format::JsonLines];

    const fn text(self) -> &'static str {
        match self {
            Format::Text => "text",
            Format::Json => "json",
            Format::JsonLines => "jsonl",
        }
    }

    /// The form with this name.
    pub(super) fn named(name: &str) -> Option<Format> {
        Format::ALL.into_iter().find(|format| format.text() == name)
    }
}

/// When colours are used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum When {
    Auto,
    Always,
    Never,
}

impl When {
    const ALL: [When; 3] = [When::Auto, When::Always, When::Never];

    const fn text(self) -> &'static str {
        match self {
            When::Auto => "auto",
            When::Always => "always",
            When::Never => "never",
        }
    }

    fn allows(self, terminal: bool) -> bool {
        match self {
            When::Always => true,
            When::Never => false,
            When::Auto => {
                terminal && variable("NO_COLOR").is_none() && variable("TERM").is_none_or(|term| term != "dumb")
            }
        }
    }
}

/// What holds for the whole run.
#[derive(Debug, Clone)]
pub(super) struct Context {
    /// What holds for every file that is read.
    pub(super) options: Options,
    /// In which form the report is printed.
    pub(super) format: Format,
    /// Where it goes, if not to standard output.
    pub(super) output_file: Option<PathBuf>,
    verbosity: Verbosity,
    color: When,
    progress: bool,
}

impl Context {
    /// Whether a person wants to see on standard error how far the work is.
    pub(super) fn shows_progress(&self) -> bool {
        self.progress
            && matches!(self.verbosity, Verbosity::Normal | Verbosity::Verbose)
            && std::io::stderr().is_terminal()
    }

    /// How text looks on a stream.
    pub(super) fn style(&self, stream: &impl IsTerminal) -> TextStyle {
        TextStyle { colour: self.color.allows(stream.is_terminal()), verbosity: self.verbosity }
    }

    /// How text looks in a file.
    pub(super) fn file_style(&self) -> TextStyle {
        TextStyle { colour: self.color == When::Always, verbosity: self.verbosity }
    }

    /// The same run, with a text report on standard output and no variables in play.
    pub(super) fn plain(&self, options: Options) -> Context {
        Context {
            options,
            format: Format::Text,
            output_file: None,
            verbosity: Verbosity::Normal,
            color: self.color,
            progress: false,
        }
    }
}

impl Shared {
    /// Puts options and variables together.
    pub(super) fn context(&self) -> Result<Context, ReportError> {
        let mut limits = Limits::default();
        for text in &self.limit {
            limits.set(text).map_err(|error| ReportError::usage(error.to_string(), "--limit decoded=32GiB"))?;
        }
        if let Some(unknown) = self.allow_set.iter().find(|set| !crate::gate::sets().any(|known| known == set.as_str()))
        {
            let sets: Vec<&str> = crate::gate::sets().collect();
            let message = format!("there is no set \"{}\"; the sets are {}", escape(unknown), sets.join(", "));
            return Err(ReportError::usage(message, "--allow-set xgboost"));
        }
        for name in &self.allow {
            if crate::gate::set_of(name).is_some() {
                continue;
            }
            let entry = crate::gate::vocabulary_of(name);
            if let (crate::gate::Standing::Dangerous, Some(about)) = (entry.standing, entry.about) {
                let would = about.trim_start_matches("a file that asks for it ");
                let message = format!("{} can never be allowed: it {would}", escape(name));
                return Err(ReportError::usage(message, "leave it out of --allow"));
            }
        }
        let format = match (self.json, self.output_format, variable(FORMAT)) {
            (true, ..) => Format::Json,
            (false, Some(format), _) => format,
            (false, None, Some(name)) => Format::named(&name).ok_or_else(|| {
                ReportError::usage(format!("{FORMAT} is {name:?}, which is no format"), format!("{FORMAT}=json"))
            })?,
            (false, None, None) => Format::Text,
        };
        let verbosity = match (self.quiet, self.verbose) {
            (0, 0) => Verbosity::Normal,
            (0, _) => Verbosity::Verbose,
            (1, _) => Verbosity::Quiet,
            _ => Verbosity::Silent,
        };
        Ok(Context {
            options: Options {
                sandbox: self.sandbox,
                limits,
                allow: self.allow.clone(),
                allow_sets: self.allow_set.clone(),
                ..Options::default()
            },
            format,
            output_file: self.output_file.clone(),
            verbosity,
            color: self.color,
            progress: !self.no_progress,
        })
    }
}

/// A variable that is set to something. What is not UTF-8 is shown as such, and is then no valid value of any of ours.
pub(super) fn variable(name: &str) -> Option<String> {
    std::env::var_os(name).filter(|value| !value.is_empty()).map(|value| value.to_string_lossy().into_owned())
}

/// One of the values of a small set.
pub(super) fn choice<T>(all: &'static [T], text: fn(T) -> &'static str) -> impl TypedValueParser<Value = T>
where
    T: Copy + Send + Sync + 'static,
{
    PossibleValuesParser::new(all.iter().map(|value| text(*value))).try_map(move |given| {
        all.iter().copied().find(|value| text(*value) == given).ok_or("not one of the possible values")
    })
}

fn limit(text: &str) -> Result<String, crate::bytes::LimitsError> {
    Limits::default().set(text).map(|()| text.to_owned())
}

fn dotted(text: &str) -> Result<String, String> {
    let whole = text.split('.').count() > 1 && text.split('.').all(|part| !part.is_empty());
    if whole {
        Ok(text.to_owned())
    } else {
        Err("a name is a module and what it holds, such as package.module.Name".into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_has_a_module() {
        assert!(dotted("acme.ml.Scaler").is_ok());
        for wrong in ["Scaler", ".Scaler", "acme.", "acme..Scaler", ""] {
            assert!(dotted(wrong).is_err(), "{wrong}");
        }
    }
}
