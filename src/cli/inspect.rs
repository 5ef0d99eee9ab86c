//! `coldload inspect`: what is it?

use super::options::Context;
use super::{Ran, Stdout};
use crate::gate::{self, Listing};
use crate::report::safe::SafeWriter;
use std::io::{self, BufWriter};
use std::path::PathBuf;

/// Show what a model is, even a refused one, or what a seal says
#[derive(Debug, clap::Args)]
#[command(before_help = "Examples:\n  coldload inspect model.pkl\n  coldload inspect model.pkl --trace")]
pub(super) struct Args {
    /// A model or a seal
    #[arg(value_name = "MODEL|SEAL")]
    path: PathBuf,
    /// Print what the file would do when loaded, one JSON line for each event; the report goes to standard error
    #[arg(long)]
    trace: bool,
    /// Print the file's opcodes, as pickletools names them, one JSON line for each; the report goes to standard error
    #[arg(long, conflicts_with_all = ["trace", "schema"])]
    opcodes: bool,
    /// Print what the model takes and gives, as JSON to be kept; the report goes to standard error
    #[arg(long, conflicts_with = "trace")]
    schema: bool,
}

impl Args {
    pub(super) fn run(self, context: &Context) -> Ran {
        if self.schema {
            let (report, file) = gate::schema(&self.path, &context.options);
            return Ran { report, stdout: Stdout::Bytes(file) };
        }
        let listing = match (self.trace, self.opcodes) {
            (true, _) => Listing::Events,
            (_, true) => Listing::Opcodes,
            _ => return gate::inspect(&self.path, &context.options).into(),
        };
        let mut lines = SafeWriter::new(BufWriter::new(io::stdout().lock()));
        let report = gate::list(&self.path, listing, &context.options, &mut lines);
        match lines.finish() {
            Err(error) if error.kind() != io::ErrorKind::BrokenPipe => super::output::unwritten(report, &error).into(),
            _ => Ran { report, stdout: Stdout::Taken },
        }
    }
}
