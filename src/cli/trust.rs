//! Whom to trust: the options that `verify` and `predict` share.

use super::options::variable;
use crate::gate::Trust;
use crate::report::ReportError;
use crate::report::safe::pasted;
use std::path::{Path, PathBuf};

const KEY: &str = "COLDLOAD_PUBLIC_KEY";
const NAME: &str = "COLDLOAD_NAME";

#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Whom to trust")]
pub(super) struct TrustArgs {
    /// Key whose signature counts: a file, env:NAME or fd:N; may be repeated [env: COLDLOAD_PUBLIC_KEY]
    #[arg(short, long = "key", value_name = "PUB", conflicts_with = "digest")]
    key: Vec<String>,
    /// Digest that the file must have, such as sha256:9f2c…, in place of a seal
    #[arg(long, value_name = "sha256:HEX", value_parser = digest, conflicts_with_all = ["name", "seal"])]
    digest: Option<String>,
    /// Name that the model must have been sealed under; without it, any model by these keys passes [env: COLDLOAD_NAME]
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
    /// Seal, if it is not beside the model
    #[arg(long, value_name = "FILE")]
    seal: Option<PathBuf>,
}

/// Whom to trust, for which model, by which seal.
#[derive(Debug)]
pub(super) struct Chosen {
    pub(super) trust: Trust,
    pub(super) name: Option<String>,
    pub(super) seal: Option<PathBuf>,
}

impl TrustArgs {
    /// Puts options and variables together. Options beat variables, and one source alone counts. `next` is a command line
    /// that would do.
    pub(super) fn choose(self, next: impl FnOnce() -> String) -> Result<Chosen, ReportError> {
        if let Some(digest) = self.digest {
            return Ok(Chosen { trust: Trust::Digest(digest), name: None, seal: None });
        }
        let keys = keys(self.key, KEY);
        if keys.is_empty() {
            return Err(ReportError::usage("no key says whose signature counts", next())
                .looked_for(format!("-k, --digest, {KEY}")));
        }
        Ok(Chosen { trust: Trust::Keys(keys), name: self.name.or_else(|| variable(NAME)), seal: self.seal })
    }
}

/// The keys that options name, else the one in a variable, which may hold a key itself.
pub(super) fn keys(given: Vec<String>, name: &str) -> Vec<String> {
    if !given.is_empty() {
        return given;
    }
    match variable(name) {
        Some(value) if value.trim_start().starts_with("-----BEGIN") => vec![format!("env:{name}")],
        Some(value) => vec![value],
        None => Vec::new(),
    }
}

/// The name that an option gives, else the one in the variable.
pub(super) fn name(given: Option<String>) -> Option<String> {
    given.or_else(|| variable(NAME))
}

/// Refuses what goes with one model only, when there are several.
pub(super) fn one_model(models: &[PathBuf], chosen: &Chosen) -> Result<(), ReportError> {
    let first = models.first().map_or(Path::new("MODEL"), PathBuf::as_path);
    let (what, such) = match chosen {
        _ if models.len() < 2 => return Ok(()),
        Chosen { trust: Trust::Digest(_), .. } => ("--digest", "--digest sha256:HEX"),
        Chosen { seal: Some(_), .. } => ("--seal", "-k ci.pub --seal FILE"),
        Chosen { name: Some(_), .. } => ("a name (--name, COLDLOAD_NAME)", "-k ci.pub --name NAME"),
        _ => return Ok(()),
    };
    let message = format!("{what} goes with one model, and {} are named", models.len());
    Err(ReportError::usage(message, format!("one command for each, such as  coldload verify {} {such}", pasted(first))))
}

fn digest(text: &str) -> Result<String, &'static str> {
    let hex = text.strip_prefix("sha256:").ok_or("a digest starts with sha256:")?;
    if hex.len() == 64 && hex.bytes().all(|b| b.is_ascii_hexdigit()) {
        Ok(text.to_ascii_lowercase())
    } else {
        Err("a SHA-256 has 64 hexadecimal digits")
    }
}
