//! `coldload diff`: what is another in a model than in the one before it.

use super::options::Context;
use crate::gate::{self, DiffRequest};
use crate::report::Report;
use std::path::PathBuf;

/// Compare two models; exit status 1 if they take or give something else
#[derive(Debug, clap::Args)]
#[command(before_help = "Examples:\n  coldload diff old.pkl new.pkl\n  coldload diff old.pkl new.joblib --json")]
pub(super) struct Args {
    /// The model that is there
    #[arg(value_name = "A")]
    before: PathBuf,
    /// The one that is to take its place
    #[arg(value_name = "B")]
    after: PathBuf,
}

impl Args {
    pub(super) fn run(self, context: &Context) -> Report {
        gate::diff(&DiffRequest { before: self.before, after: self.after }, &context.options)
    }
}
