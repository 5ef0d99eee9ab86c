//! `coldload keygen`: a key to sign with.

use super::options::choice;
use crate::gate::{self, KeyAlgorithm, KeygenRequest};
use crate::report::Report;
use std::path::PathBuf;

/// Make a key: KEY to sign with, which stays secret, and KEY.pub to verify with
#[derive(Debug, clap::Args)]
#[command(before_help = "Examples:\n  coldload keygen -o ci\n  coldload keygen -o shared --algorithm hmac-sha256")]
pub(super) struct Args {
    /// Where to write the key; nothing is ever overwritten
    #[arg(short, long, value_name = "KEY")]
    output: PathBuf,
    /// Kind of key; an hmac-sha256 key has no public half, and whoever can verify with it can sign
    #[arg(long, default_value = "ed25519", value_parser = choice(&KeyAlgorithm::ALL, KeyAlgorithm::text))]
    algorithm: KeyAlgorithm,
}

impl Args {
    pub(super) fn run(self) -> Report {
        gate::keygen(&KeygenRequest { output: self.output, algorithm: self.algorithm })
    }
}
