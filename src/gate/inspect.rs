//! `inspect`: what a model or a seal is.

use super::entries::{judged, refused, shown, unopened};
use super::judge::{Judged, Reading};
use super::request::Options;
use super::stages::Unsealed;
use super::verify::{Unread, read_seal};
use crate::bytes::{Expectation, Limit, Source};
use crate::job::{FailureKind, Task};
use crate::manifest::{Manifest, Time};
use crate::reason::Finding;
use crate::report::safe::pasted;
use crate::report::{Command, Inspected, ModelInfo, Report, ReportError, ResultEntry, SealFacts, SealedFile, Signer};
use crate::seal::Sealed;
use std::io::{self, Read, Seek, Write};
use std::path::Path;
use std::time::Instant;

/// The first bytes of a seal: its CBOR tags, COSE_Sign and COSE_Mac0 (RFC 9052 §2). No pickle begins with them.
const SEALS: [&[u8]; 2] = [b"\xd8\x62", b"\xd1"];

/// Judges a model and shows all that is in it, or shows what a seal says.
pub fn inspect(path: &Path, options: &Options) -> Report {
    let mut report = Report::new(Command::Inspect);
    let source = match Source::open(path) {
        Ok(source) => source,
        Err(error) => {
            report.results.push(unopened(path, &error));
            return report;
        }
    };
    if is_seal(&source) || path.extension().is_some_and(|ending| ending == "seal") {
        report.results.push(seal(path, options));
        return report;
    }
    let began = Instant::now();
    let reading = Reading::new(options);
    let expectation = Expectation::unsigned(source.size());
    let held = Unsealed::read(&source, &expectation, &reading, &reading.job(Task::Judge));
    let mut entry = judged(path, source.size(), &held, |unsealed| unsealed.observation());
    match held {
        Judged::Holds(unsealed) => {
            entry.not_checked.insert(0, "signature".to_owned());
            entry.inspected = Some(Inspected::Model(Box::new(unsealed.observation().clone())));
        }
        Judged::Refused { observation, .. } => entry.inspected = observation.map(Inspected::Model),
        Judged::Failed(_) => {}
    }
    entry.milliseconds = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
    report.results.push(entry);
    report.sandbox = reading.walls();
    report
}

/// Whether a file begins like a seal.
pub(super) fn is_seal(source: &Source) -> bool {
    source.head(2).is_ok_and(|head| SEALS.iter().any(|seal| head.starts_with(seal)))
}

/// What a seal says. No key is asked whether it may.
fn seal(path: &Path, options: &Options) -> ResultEntry {
    let bytes = match read_seal(path, options.limits.value(Limit::Seal, 0)) {
        Ok(bytes) => bytes.unwrap_or_default(),
        Err(Unread::Refused(finding)) => return refused(None, path, *finding),
        Err(Unread::Failed(error)) => return ResultEntry::failed(shown(path), error),
    };
    let sealed = match Sealed::decode(&bytes) {
        Ok(sealed) => sealed,
        Err(error) => return refused(None, path, Finding::new(error.code(), error.to_string())),
    };
    let manifest = match Manifest::decode(sealed.unverified_manifest()) {
        Ok(manifest) => manifest,
        Err(error) => return refused(None, path, Finding::new(error.code(), error.to_string())),
    };
    let file = |file: &crate::manifest::FileEntry| SealedFile { path: file.path.clone(), size: file.table.size() };
    let observed = match (&manifest.observed.content, &manifest.observed.schema) {
        (Some(content), Some(schema)) => {
            Some(crate::manifest::Observed { content: content.clone(), schema: schema.clone() })
        }
        _ => None,
    };
    let facts = SealFacts {
        created: Some(manifest.created.to_string()),
        expires: manifest.expires.as_ref().map(Time::to_string),
        by: Some(manifest.observed.by.clone()),
        files: manifest.files.iter().map(file).collect(),
        observed,
        claims: manifest.claims.names().into_iter().map(str::to_owned).collect(),
        critical: manifest.critical.clone(),
    };
    let model = ModelInfo {
        name: Some(manifest.name.clone()),
        version: manifest.version.clone(),
        sequence: Some(manifest.sequence),
        ..ModelInfo::default()
    };
    let mut entry = ResultEntry::seal(shown(path), model, facts);
    entry.size = Some(bytes.len() as u64);
    let signer = |signature: &crate::seal::Signature| Signer {
        kind: signature.algorithm.to_string(),
        id: signature.id.to_string(),
        name: None,
        trusted: false,
    };
    entry.signers = sealed.claimed_signers().iter().map(signer).collect();
    entry
}

/// Judges a model, and writes the machine's events as JSON lines, up to where it is refused.
pub fn trace(path: &Path, options: &Options, events: &mut dyn Write) -> Report {
    let mut report = Report::new(Command::Inspect);
    let failed = |error: &io::Error| {
        let message = format!("the trace can not be written: {error}");
        Report::failed(Command::Inspect, ReportError::new(FailureKind::Io, message, "look at the disk"))
    };
    let source = match Source::open(path) {
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
    let out = match tempfile::tempfile() {
        Ok(out) => out,
        Err(error) => return failed(&error),
    };
    let reading = Reading::with(options, None, Some(&out));
    let expectation = Expectation::unsigned(source.size());
    let held = Unsealed::read(&source, &expectation, &reading, &reading.job(Task::Trace));
    if let Err(error) = copy(&out, events) {
        return failed(&error);
    }
    report.results.push(judged(path, source.size(), &held, |unsealed| unsealed.observation()));
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
