//! `coldload dump`: the data of a model, for other programs.

use super::options::Context;
use crate::dump::Form;
use crate::gate::{self, DumpRequest};
use crate::report::{Command, Report, ReportError};
use std::path::{Path, PathBuf};

/// Write the data of a model as JSON or CBOR; no key is needed
#[derive(Debug, clap::Args)]
#[command(
    before_help = "Examples:\n  coldload dump model.pkl -o model.json\n  coldload dump model.joblib -o model.cbor"
)]
pub(super) struct Args {
    /// The model, or - for standard input
    #[arg(value_name = "MODEL")]
    model: PathBuf,
    /// File to write; its ending says in which form: .json or .cbor
    #[arg(short, long, value_name = "OUT")]
    output: PathBuf,
}

impl Args {
    pub(super) fn run(self, context: &Context) -> Report {
        let Args { model, output } = self;
        let Some(form) = form(&output) else {
            let message = "the output's ending says in which form the data is written";
            return Report::failed(Command::Dump, ReportError::usage(message, "-o model.json, or -o model.cbor"));
        };
        gate::dump(&DumpRequest { model, output, form }, &context.options)
    }
}

fn form(path: &Path) -> Option<Form> {
    match path.extension()?.to_str()?.to_ascii_lowercase().as_str() {
        "json" => Some(Form::Json),
        "cbor" => Some(Form::Cbor),
        _ => None,
    }
}
