//! Reading a file: its values, what refuses it, and what is told of it.

use super::{Assurance, Job, Observation};
use crate::bytes::{Budget, Input};
use crate::format::{self, Ctx, Parsed};
use crate::manifest::{Arrays, Content, Observed};
use crate::model::{self, Structure, StructureFault};
use crate::reason::Finding;
use crate::vocabulary::Role;

/// What a reading of a file found.
pub(super) struct Reading {
    pub parsed: Parsed,
    /// What the system says, if the file could not be read.
    pub failure: Option<String>,
    pub findings: Vec<Finding>,
    /// Findings that are not described.
    pub more: u64,
    pub structure: Structure,
}

impl Reading {
    /// Reads a file, and judges its estimators if nothing else refuses it.
    pub fn of(input: &mut Input, ctx: &mut Ctx<'_>) -> Reading {
        let mut parsed = Parsed::default();
        if let Err(fault) = format::read(input, ctx, &mut parsed) {
            return Reading::ended(ctx, parsed, Some(&fault));
        }
        let mut reading = Reading::ended(ctx, parsed, None);
        if reading.findings.is_empty() {
            reading.structure = model::check(&ctx.heap, &reading.parsed.roots);
            if let Structure::Faults { first, more } = &reading.structure {
                reading.findings = first.iter().map(model::StructureFault::finding).collect();
                reading.more = *more;
            }
        }
        reading
    }

    /// A reading that ended, without a look at the estimators.
    fn ended(ctx: &Ctx<'_>, parsed: Parsed, fault: Option<&format::Fault>) -> Reading {
        Reading {
            failure: fault.and_then(format::Fault::failure),
            findings: format::findings(ctx, &parsed.roots, fault),
            more: ctx.suspects.more(),
            structure: Structure::Shapes { because: String::new() },
            parsed,
        }
    }

    /// Reads the file once more, where arrays have to be judged whose bytes streamed past before their dtype was known. What happens in it
    /// was told before: now `nobody` is told. Files beside it were there but once; who writes such writes no such arrays.
    pub fn complete<'a>(mut self, job: &Job, input: &mut Input, ctx: &mut Ctx<'a>, nobody: &'a mut ()) -> Reading {
        let Structure::Unread(unread) = &self.structure else { return self };
        if !ctx.beside_read.is_empty() {
            self.findings.push(StructureFault { place: String::new(), fault: model::Fault::Unread }.finding());
            return self;
        }
        let mut budget = Budget::new(&job.limits, input.size()).ahead(input.threads());
        let wanted = ctx.heap.wanted(unread, &mut budget);
        *ctx = Ctx::new(ctx.vocabulary, budget, ctx.keep, nobody);
        match wanted {
            Ok(wanted) => ctx.wanted = wanted,
            Err(exceeded) => return Reading::ended(ctx, Parsed::default(), Some(&exceeded.into())),
        }
        let mut second = Reading::of(input, ctx);
        if matches!(second.structure, Structure::Unread(_)) {
            // Bytes that are the elements of too many kinds of arrays.
            let fault = StructureFault { place: String::new(), fault: model::Fault::Entangled };
            second.findings.push(fault.finding());
        }
        second
    }
}

/// What the file holds: a function of the graph alone, by the rule in `docs/seal.md`.
pub(super) fn observe(ctx: &Ctx<'_>, parsed: &Parsed, structure: &Structure) -> Observation {
    let compressors: Vec<String> = parsed.compressor.iter().map(|codec| (*codec).to_owned()).collect();
    let joblib = ctx.raw_arrays || !compressors.is_empty() || !ctx.beside_read.is_empty();
    let mut names: Vec<String> = ctx.heap.names.iter().map(|(_, name)| name.dotted()).collect();
    names.sort_unstable();
    names.dedup();
    let (count, bytes) = ctx.heap.array_totals();
    let content = Content {
        format: parsed.container.unwrap_or(if joblib { "joblib" } else { "pickle" }).to_owned(),
        compressors,
        protocols: ctx.protocols.iter().copied().collect(),
        pickles: ctx.pickles,
        names,
        arrays: Arrays { count, bytes },
    };
    let (schema, mut summary) = match parsed.roots.first() {
        Some(root) => (model::schema(&ctx.heap, *root), model::summarize(&ctx.heap, *root)),
        None => Default::default(),
    };
    match ctx.beside_read.len() {
        0 => {}
        1 => summary.facts.push("1 file beside it".to_owned()),
        more => summary.facts.push(format!("{more} files beside it")),
    }
    let opaque = ctx.heap.names.iter().any(|(id, _)| match ctx.roles.get(id) {
        Role::Known(entry) => entry.shape.is_opaque(),
        _ => true,
    });
    let assurance = match structure {
        _ if opaque => Assurance::Names,
        Structure::Typed => Assurance::Typed,
        _ => Assurance::Shapes,
    };
    Observation { observed: Observed { content, schema }, summary, assurance }
}
