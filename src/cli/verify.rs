//! `coldload verify`: is it the model that it should be, by whom it should be?

use super::options::Context;
use super::trust::{self, TrustArgs};
use crate::gate::{self, VerifyRequest};
use crate::report::safe::pasted;
use crate::report::{Command, Report, ReportError};
use std::path::PathBuf;

/// Check models against their seals, and judge them
#[derive(Debug, clap::Args)]
#[command(
    before_help = "Examples:\n  coldload verify model.pkl -k ci.pub --name churn\n  coldload verify models/*.pkl -k ci.pub --json"
)]
pub(super) struct Args {
    /// The models: files, folders that were signed as a whole, or - with --seal
    #[arg(required = true, value_name = "MODEL")]
    models: Vec<PathBuf>,
    #[command(flatten)]
    trust: TrustArgs,
    /// New folder for a copy of exactly what was checked; what others do to the model afterwards does not reach it
    #[arg(long, value_name = "DIR")]
    to: Option<PathBuf>,
}

impl Args {
    pub(super) fn run(self, context: &Context) -> Report {
        let models = self.models;
        let next = || {
            let named: Vec<String> = models.iter().map(pasted).collect();
            format!("coldload verify {} -k ci.pub", named.join(" "))
        };
        let copy_to = self.to;
        let chosen = self.trust.choose(next).and_then(|chosen| {
            trust::one_model(&models, &chosen)?;
            match &copy_to {
                Some(to) if models.len() > 1 => {
                    let message = format!("--to goes with one model, and {} are named", models.len());
                    let next = format!(
                        "one command for each, such as  coldload verify {} -k ci.pub --to {}",
                        pasted(&models[0]),
                        pasted(to)
                    );
                    Err(ReportError::usage(message, next))
                }
                _ => Ok(chosen),
            }
        });
        match chosen {
            Ok(trust::Chosen { trust, name, seal }) => {
                gate::verify(&VerifyRequest { models, trust, name, seal, copy_to }, &context.options)
            }
            Err(error) => Report::failed(Command::Verify, error),
        }
    }
}
