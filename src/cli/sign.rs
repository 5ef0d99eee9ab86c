//! `coldload sign`: this model is mine, and this is what it is.

use super::options::Context;
use super::trust;
use crate::gate::{self, SignRequest};
use crate::manifest::Time;
use crate::report::safe::pasted;
use crate::report::{Command, Report, ReportError};
use std::path::PathBuf;

const KEY: &str = "COLDLOAD_KEY";

/// Judge a model and seal it: its bytes, its name, its version, and what it is
#[derive(Debug, clap::Args)]
#[command(
    before_help = "Examples:\n  coldload sign model.pkl -k ci --name churn\n  coldload sign model.pkl -k ci --name churn --model-version 1.4.0 --env requirements.txt",
    after_help = SAID
)]
pub(super) struct Args {
    /// The model, a file or a folder; what scan refuses can not be signed
    model: PathBuf,
    /// Private key: a file, env:NAME or fd:N; may be repeated [env: COLDLOAD_KEY]
    #[arg(short, long = "key", value_name = "KEY")]
    key: Vec<String>,
    /// Name of the model, which verifiers will ask for; the file's stem or the folder's name if none is given [env: COLDLOAD_NAME]
    #[arg(long)]
    name: Option<String>,
    /// Version of the model
    #[arg(long, value_name = "VERSION")]
    model_version: Option<String>,
    /// Number that grows from one release of this model to the next; the time in seconds if none is given
    #[arg(long, value_name = "NUMBER", value_parser = number, allow_negative_numbers = true)]
    sequence: Option<u64>,
    /// When the seal stops being valid, such as 2027-12-31 or 2027-12-31T12:00:00Z
    #[arg(long, value_name = "TIME", value_parser = moment)]
    expires: Option<u64>,
    /// Where to write the seal; MODEL.seal, or coldload.seal in a folder, if nowhere is given
    #[arg(short, long, value_name = "SEAL")]
    output: Option<PathBuf>,
    /// What was installed where the model was trained: requirements.txt, pip freeze, or a lock file; may be repeated
    #[arg(long, value_name = "FILE", help_heading = CLAIMS)]
    env: Vec<PathBuf>,
    /// Interpreter with which the model was trained; it is run, and asked which packages it has
    #[arg(long, value_name = "EXE", help_heading = CLAIMS)]
    python: Option<PathBuf>,
    /// Anything else to say, such as team=risk; may be repeated
    #[arg(long, value_name = "KEY=VALUE", help_heading = CLAIMS)]
    meta: Vec<String>,
}

const CLAIMS: &str = "What you say of it";

/// What is said without an option.
const SAID: &str = "Where they are found, the seal also says the commit of the repository around the working directory and \
the run of the pipeline (GitHub, GitLab, Buildkite, Jenkins). Verifiers see all this as your word, not as a fact; but an \
environment whose scikit-learn is not the one that saved the model is refused here.";

impl Args {
    pub(super) fn run(self, context: &Context) -> Report {
        let keys = trust::keys(self.key, KEY);
        if keys.is_empty() {
            let next = format!("coldload keygen -o ci\ncoldload sign {} -k ci", pasted(&self.model));
            let error = ReportError::usage("no key to sign with", next).looked_for(format!("-k, {KEY}"));
            return Report::failed(Command::Sign, error);
        }
        let request = SignRequest {
            model: self.model,
            keys,
            name: trust::name(self.name),
            version: self.model_version,
            sequence: self.sequence,
            expires: self.expires,
            output: self.output,
            env: self.env,
            python: self.python,
            meta: self.meta,
        };
        gate::sign(&request, &context.options)
    }
}

fn number(text: &str) -> Result<u64, &'static str> {
    text.parse().map_err(|_| "a sequence is a whole number from 0 up")
}

fn moment(text: &str) -> Result<u64, &'static str> {
    Time::from_option(text).map(Time::seconds).map_err(|_| "a time is written 2027-12-31 or 2027-12-31T12:00:00Z")
}
