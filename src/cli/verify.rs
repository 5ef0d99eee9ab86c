//! `coldload verify`: is it the model that it should be, by whom it should be?

use super::options::Context;
use super::trust::{self, TrustArgs};
use crate::gate::{self, VerifyRequest};
use crate::report::safe::pasted;
use crate::report::{Command, Report};
use std::path::PathBuf;

/// Check models against their seals, and judge them
#[derive(Debug, clap::Args)]
#[command(
    before_help = "Examples:\n  coldload verify model.pkl -k ci.pub --name churn\n  coldload verify models/*.pkl -k ci.pub --json"
)]
pub(super) struct Args {
    /// The models
    #[arg(required = true, value_name = "MODEL")]
    models: Vec<PathBuf>,
    #[command(flatten)]
    trust: TrustArgs,
}

impl Args {
    pub(super) fn run(self, context: &Context) -> Report {
        let models = self.models;
        let next = || {
            let named: Vec<String> = models.iter().map(pasted).collect();
            format!("coldload verify {} -k ci.pub", named.join(" "))
        };
        let chosen = self.trust.choose(next).and_then(|chosen| trust::one_model(&models, &chosen).map(|()| chosen));
        match chosen {
            Ok(trust::Chosen { trust, name, seal }) => {
                gate::verify(&VerifyRequest { models, trust, name, seal }, &context.options)
            }
            Err(error) => Report::failed(Command::Verify, error),
        }
    }
}
