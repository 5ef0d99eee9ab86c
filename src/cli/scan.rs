//! `coldload scan`: is it safe to load?

use super::options::Context;
use super::progress::Progress;
use crate::gate::{self, ScanRequest};
use crate::report::Report;
use std::path::PathBuf;

/// Judge every model below the paths; no key is needed
#[derive(Debug, clap::Args)]
#[command(
    before_help = "Examples:\n  coldload scan models/ --exclude archive\n  coldload scan --files-from models.txt --output-format jsonl"
)]
pub(super) struct Args {
    /// Files, folders and patterns, or - for standard input. A file named here is always judged; below a folder, what is no
    /// model is skipped
    #[arg(required_unless_present = "files_from", value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// Judge what this list names, too: one path a line, or each ended by a zero byte; - for standard input
    #[arg(long, value_name = "FILE")]
    files_from: Option<PathBuf>,
    /// Leave out what matches below a folder: a path below it, or a name; may be repeated
    #[arg(long, value_name = "GLOB")]
    exclude: Vec<String>,
    /// Refuse what is no model below a folder, where it would be skipped
    #[arg(long)]
    strict: bool,
}

impl Args {
    pub(super) fn run(self, context: &Context) -> Report {
        let Args { paths, files_from, exclude, strict } = self;
        let request = ScanRequest { paths, files_from, exclude, strict };
        let progress = Progress::on(context.shows_progress().then(std::io::stderr));
        gate::scan(&request, &context.options, &|done, total| progress.say(done, total))
    }
}
