//! What a signer says of a model besides what its bytes show: environment and provenance, gathered before the model is read.

mod ci;
mod environment;
mod git;
mod interpreter;
mod meta;

pub(super) use environment::{Agreement, agreement};

use super::request::SignRequest;
use crate::manifest::{Claims, Provenance};
use crate::report::ReportError;

/// The claims of a seal that is to be made; without digests, which come with the bytes.
pub(super) fn gather(request: &SignRequest) -> Result<Claims, ReportError> {
    let environment = environment::read(&request.env, request.python.as_deref())?;
    let annotations = meta::annotations(&request.meta)?;
    let variable = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty());
    let provenance = Provenance {
        tool: super::sign::TOOL.to_owned(),
        source: std::env::current_dir().ok().and_then(|here| git::commit(&here)),
        ci: ci::run(&variable)?,
        annotations,
        ..Provenance::default()
    };
    let says = provenance.source.is_some() || provenance.ci.is_some() || !provenance.annotations.is_empty();
    Ok(Claims { environment, provenance: says.then_some(provenance), ..Claims::default() })
}
