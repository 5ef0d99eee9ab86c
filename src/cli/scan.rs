//! `coldload scan`: is it safe to load?

use super::options::Context;
use crate::gate::{self, ScanRequest};
use crate::report::Report;
use std::path::PathBuf;

/// Judge every model below the paths; no key is needed
#[derive(Debug, clap::Args)]
#[command(before_help = "Examples:\n  coldload scan model.pkl\n  coldload scan models/ --json")]
pub(super) struct Args {
    /// Files and folders, or - for standard input. A file named here is always judged; below a folder, what is no model is skipped
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// Refuse what is no model below a folder, where it would be skipped
    #[arg(long)]
    strict: bool,
}

impl Args {
    pub(super) fn run(self, context: &Context) -> Report {
        gate::scan(&ScanRequest { paths: self.paths, strict: self.strict }, &context.options)
    }
}
