//! `sign`: a model is judged, and sealed only if it holds.

use super::entries::{judged, shown, unopened};
use super::judge::{Judged, Reading};
use super::keys::{SealWith, signing_keys};
use super::release;
use super::request::{Options, SignRequest};
use super::stages::Unsealed;
use super::verify::beside;
use crate::bytes::{Expectation, Source};
use crate::job::{FailureKind, Observation, Task};
use crate::manifest::{FileEntry, Manifest, SINGLE, Time};
use crate::report::safe::pasted;
use crate::report::{Command, Report, ReportError, WrittenFile};
use crate::seal;
use std::path::Path;

/// Judges a model and seals it. The file is hashed first, and a fresh worker then reads exactly the bytes of that table: what
/// is sealed is what was judged.
pub fn sign(request: &SignRequest, options: &Options) -> Report {
    let (keys, notes) = match signing_keys(&request.keys) {
        Ok(keys) => keys,
        Err(error) => return Report::failed(Command::Sign, error),
    };
    let mut report = Report::new(Command::Sign);
    report.notes = notes;
    let source = match Source::open(&request.model) {
        Ok(source) => source,
        Err(error) => {
            report.results.push(unopened(&request.model, &error));
            return report;
        }
    };
    let table = match source.table() {
        Ok(table) => table,
        Err(error) => {
            let message = format!("the file can not be read: {error}");
            report.error = Some(ReportError::new(FailureKind::Io, message, "look at the disk"));
            return report;
        }
    };
    let reading = Reading::new(options);
    let held = Unsealed::read(&source, &Expectation::Signed(table.clone()), &reading, &reading.job(Task::Judge));
    let mut entry = judged(&request.model, source.size(), &held, |unsealed| unsealed.observation());
    report.sandbox = reading.walls();
    if let Judged::Holds(unsealed) = &held {
        let file = FileEntry { path: SINGLE.to_owned(), table };
        match manifest(request, file, unsealed.observation()).and_then(|manifest| seal(request, &manifest, &keys)) {
            Ok((written, manifest)) => {
                if let Err(error) = manifest.check_clock(Time::now()) {
                    report.notes.push(format!("no verifier takes this seal now: {error}"));
                }
                entry.model.name = Some(manifest.name);
                entry.model.version = manifest.version;
                entry.model.sequence = Some(manifest.sequence);
                report.written.push(written);
                report.next = Some(next(request, &keys, entry.model.name.as_deref().unwrap_or_default()));
            }
            Err(error) => report.error = Some(error),
        }
    }
    report.results.push(entry);
    report
}

/// The name that a model gets when none is given: its file's, without the ending.
fn default_name(model: &Path) -> String {
    model.file_stem().unwrap_or(model.as_os_str()).to_string_lossy().into_owned()
}

fn manifest(request: &SignRequest, file: FileEntry, observation: &Observation) -> Result<Manifest, ReportError> {
    let name = request.name.clone().unwrap_or_else(|| default_name(&request.model));
    let by = concat!("coldload ", env!("CARGO_PKG_VERSION"));
    let mut manifest = Manifest::new(name, Time::now(), vec![file], by);
    manifest.version.clone_from(&request.version);
    if let Some(sequence) = request.sequence {
        manifest.sequence = sequence;
    }
    if let Some(expires) = request.expires {
        let outside = || ReportError::usage("--expires lies after the year 9999", "choose an earlier time");
        manifest.expires = Some(Time::from_seconds(expires).ok_or_else(outside)?);
    }
    manifest.observed.content = Some(observation.observed.content.clone());
    manifest.observed.schema = Some(observation.observed.schema.clone());
    Ok(manifest)
}

fn seal(request: &SignRequest, manifest: &Manifest, keys: &SealWith) -> Result<(WrittenFile, Manifest), ReportError> {
    let usage = |error: &dyn std::fmt::Display| {
        ReportError::usage(format!("the seal can not be made: {error}"), "coldload help sign  shows what can be given")
    };
    let bytes = manifest.encode().map_err(|error| usage(&error))?;
    // What no verifier would take is not made.
    Manifest::decode(&bytes).map_err(|error| usage(&error))?;
    let sealed = match keys {
        SealWith::Signatures(keys) => {
            let keys: Vec<&dyn seal::SigningKey> = keys.iter().map(AsRef::as_ref).collect();
            seal::sign(&bytes, &keys)
        }
        SealWith::Mac(key) => seal::mac(&bytes, key),
    };
    let sealed = sealed.map_err(|error| usage(&error))?;
    let path = request.output.clone().unwrap_or_else(|| beside(&request.model));
    release::write(&path, &sealed).map_err(|error| {
        let message = format!("{} can not be written: {error}", path.display());
        ReportError::new(FailureKind::Io, message, "check the folder and its permissions")
    })?;
    let about = format!("seals {} as \"{}\", sequence {}", shown(&request.model), manifest.name, manifest.sequence);
    Ok((WrittenFile { path: shown(&path), kind: "seal".to_owned(), about }, manifest.clone()))
}

/// How the seal is checked: the command that its verifier pastes.
fn next(request: &SignRequest, keys: &SealWith, name: &str) -> String {
    let key = request.keys.first().map_or("KEY", String::as_str);
    let public = format!("{key}.pub");
    let key = match keys {
        SealWith::Signatures(_) if key.starts_with("fd:") => "KEY.pub",
        SealWith::Signatures(_) if Path::new(&public).is_file() => &public,
        // The private key serves by its public half.
        SealWith::Signatures(_) | SealWith::Mac(_) => key,
    };
    let seal = request.output.as_ref().map(|path| format!(" --seal {}", pasted(path))).unwrap_or_default();
    format!("coldload verify {} -k {} --name {}{seal}", pasted(&request.model), pasted(key), pasted(name))
}
