//! `coldload completions`: what a shell needs to complete command lines.

use super::{Cli, Ran, Stdout};
use crate::report::{Command, Report};
use clap::CommandFactory;
use clap_complete::Shell;

/// Print completions for a shell
#[derive(Debug, clap::Args)]
#[command(
    before_help = "Examples:\n  coldload completions bash > ~/.local/share/bash-completion/completions/coldload\n  coldload completions fish > ~/.config/fish/completions/coldload.fish"
)]
pub(super) struct Args {
    /// The shell
    shell: Shell,
}

impl Args {
    pub(super) fn run(self) -> Ran {
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut Cli::command(), "coldload", &mut script);
        Ran { report: Report::new(Command::Help), stdout: Stdout::Bytes(script) }
    }
}
