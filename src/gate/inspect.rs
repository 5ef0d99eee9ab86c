//! `inspect`: what a model or a seal is.

use super::entries::{claimed_signers, is_standard_input, open, refused, shown, unopened, unsealed};
use super::judge::{Judged, Reading};
use super::request::Options;
use super::verify::{Unread, beside, bytes_of_seal};
use crate::bytes::{Limit, Source, SourceError};
use crate::job::{FailureKind, Task};
use crate::manifest::{Claims, Manifest, Time};
use crate::reason::Finding;
use crate::report::safe::pasted;
use crate::report::{
    ClaimedStatements, Command, Inspected, ModelInfo, Report, ReportError, ResultEntry, SealFacts, SealedFile, Signer,
    Verdict, schema_file,
};
use crate::seal::Sealed;
use std::io::{self, Read, Seek, Write};
use std::path::Path;

/// The first bytes of a seal: its CBOR tags, COSE_Sign and COSE_Mac0 (RFC 9052 §2). No pickle begins with them.
const SEALS: [&[u8]; 2] = [b"\xd8\x62", b"\xd1"];

/// Judges a model and shows all that is in it, or shows what a seal says.
pub fn inspect(path: &Path, options: &Options) -> Report {
    let mut report = Report::new(Command::Inspect);
    let source = match open(path, &options.limits) {
        Ok(source) => source,
        Err(error) => {
            report.results.push(unopened(path, &error));
            return report;
        }
    };
    if is_seal(&source) || path.extension().is_some_and(|ending| ending == "seal") {
        report.results.push(seal(path, &source, options));
        return report;
    }
    let reading = Reading::new(options);
    let (mut entry, held) = unsealed(path, &source, &reading, Task::Inspect);
    match held {
        Judged::Holds(unsealed) => {
            entry.inspected = Some(Inspected::Model(Box::new(unsealed.observation().clone())));
        }
        Judged::Refused { observation, .. } => entry.inspected = observation.map(Inspected::Model),
        Judged::Failed(_) => {}
    }
    add_seal_beside(&mut entry, path, options);
    report.results.push(entry);
    report.sandbox = reading.walls();
    report
}

/// Whether a file begins like a seal.
pub(super) fn is_seal(source: &Source) -> bool {
    source.head(2).is_ok_and(|head| SEALS.iter().any(|seal| head.starts_with(seal)))
}

/// A seal as a file of its own.
fn seal(path: &Path, source: &Source, options: &Options) -> ResultEntry {
    match seal_facts(source, options) {
        Ok(Seal { size, facts, signers }) => {
            let model = ModelInfo {
                name: facts.name.clone(),
                version: facts.version.clone(),
                sequence: facts.sequence,
                ..ModelInfo::default()
            };
            ResultEntry { size: Some(size), signers, ..ResultEntry::seal(shown(path), model, facts) }
        }
        Err(Unread::Refused(finding)) => refused(None, path, *finding),
        Err(Unread::Failed(error)) => ResultEntry::failed(shown(path), error),
    }
}

/// Adds what the seal beside a model says, if there is one; it says nothing about the model until a key was asked.
fn add_seal_beside(entry: &mut ResultEntry, model: &Path, options: &Options) {
    if is_standard_input(model) {
        return;
    }
    let place = beside(model);
    let source = match Source::open(&place) {
        Ok(source) => source,
        Err(SourceError::NotFound(_)) => return,
        Err(error) => return entry.notes.push(error.to_string()),
    };
    match seal_facts(&source, options) {
        Ok(Seal { facts, signers, .. }) => {
            entry.seal = Some(Box::new(facts));
            entry.signers = signers;
        }
        Err(Unread::Refused(finding)) => {
            entry.notes.push(format!("the seal {} is refused: {} ({})", shown(&place), finding.message, finding.code));
        }
        Err(Unread::Failed(error)) => entry.notes.push(error.message),
    }
}

/// What a seal says.
struct Seal {
    size: u64,
    facts: SealFacts,
    signers: Vec<Signer>,
}

/// Reads what a seal says. No key is asked whether it may.
fn seal_facts(source: &Source, options: &Options) -> Result<Seal, Unread> {
    let bytes = bytes_of_seal(source, options.limits.value(Limit::Seal, 0))?;
    let refused = |code, message: String| Unread::Refused(Box::new(Finding::new(code, message)));
    let sealed = Sealed::decode(&bytes).map_err(|error| refused(error.code(), error.to_string()))?;
    let manifest = Manifest::decode(sealed.unverified_manifest());
    let manifest = manifest.map_err(|error| refused(error.code(), error.to_string()))?;
    let signers = claimed_signers(&sealed, &[]);
    Ok(Seal { size: bytes.len() as u64, facts: facts(manifest), signers })
}

fn facts(manifest: Manifest) -> SealFacts {
    let file = |file: &crate::manifest::FileEntry| SealedFile { path: file.path.clone(), size: file.table.size() };
    let claims = manifest.claims.names().into_iter().map(str::to_owned).collect();
    let observed = match (manifest.observed.content, manifest.observed.schema) {
        (Some(content), Some(schema)) => Some(crate::manifest::Observed { content, schema }),
        _ => None,
    };
    let Claims { environment, provenance, digests, .. } = manifest.claims;
    SealFacts {
        name: Some(manifest.name),
        version: manifest.version,
        sequence: Some(manifest.sequence),
        created: Some(manifest.created.to_string()),
        expires: manifest.expires.as_ref().map(Time::to_string),
        by: Some(manifest.observed.by),
        files: manifest.files.iter().map(file).collect(),
        observed,
        models: manifest.observed.models,
        claims,
        critical: manifest.critical,
        statements: ClaimedStatements { environment, provenance, digests },
    }
}

/// Judges a model, and gives the schema file that `--schema` prints; none of a refused one.
pub fn schema(path: &Path, options: &Options) -> (Report, Vec<u8>) {
    let mut report = inspect(path, options);
    let mut file = Vec::new();
    for entry in &mut report.results {
        match &entry.inspected {
            Some(Inspected::Model(observation)) if entry.verdict == Verdict::Accepted => {
                match schema_file(&observation.observed.schema) {
                    Ok(bytes) => file = bytes,
                    Err(error) => {
                        report.error =
                            Some(ReportError::new(FailureKind::Internal, error.to_string(), "please report it"));
                    }
                }
            }
            Some(Inspected::Seal(_)) => {
                let message = format!("{} is a seal, and a schema is derived from a model's bytes", shown(path));
                let error = ReportError::usage(message, "coldload inspect MODEL --schema");
                *entry = ResultEntry::failed(shown(path), error);
            }
            _ => {}
        }
    }
    (report, file)
}

/// What the machine tells of a file, line by line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Listing {
    /// What loading the file would do.
    Events,
    /// Its opcodes.
    Opcodes,
}

/// Judges a model, and writes what the machine tells of it as JSON lines, up to where it is refused.
pub fn list(path: &Path, listing: Listing, options: &Options, lines: &mut dyn Write) -> Report {
    let mut report = Report::new(Command::Inspect);
    let failed = |error: &io::Error| {
        let message = format!("the lines can not be written: {error}");
        Report::failed(Command::Inspect, ReportError::new(FailureKind::Io, message, "look at the disk"))
    };
    let source = match open(path, &options.limits) {
        Ok(source) => source,
        Err(error) => {
            report.results.push(unopened(path, &error));
            return report;
        }
    };
    if is_seal(&source) {
        let next = format!("coldload inspect {}", pasted(path));
        let error = ReportError::usage(format!("{} is a seal, and loading a seal does nothing", shown(path)), next);
        report.results.push(ResultEntry::failed(shown(path), error));
        return report;
    }
    let task = match listing {
        Listing::Events => Task::Trace,
        Listing::Opcodes => Task::Opcodes,
    };
    let out = match tempfile::tempfile() {
        Ok(out) => out,
        Err(error) => return failed(&error),
    };
    let reading = Reading::with(options, None, Some(&out));
    let (entry, _) = unsealed(path, &source, &reading, task);
    if let Err(error) = copy(&out, lines) {
        return failed(&error);
    }
    report.results.push(entry);
    report.sandbox = reading.walls();
    report
}

/// Copies lines that a worker wrote. Whatever it wrote, only printable ASCII and line feeds come out.
fn copy(mut from: &std::fs::File, to: &mut dyn Write) -> io::Result<()> {
    from.rewind()?;
    let mut buffer = vec![0; 64 << 10];
    loop {
        let read = from.read(&mut buffer)?;
        if read == 0 {
            return to.flush();
        }
        let piece = &mut buffer[..read];
        piece.iter_mut().filter(|byte| !matches!(byte, b' '..=b'~' | b'\n')).for_each(|byte| *byte = b'?');
        to.write_all(piece)?;
    }
}
