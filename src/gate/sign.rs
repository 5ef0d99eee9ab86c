//! `sign`: a model is judged, and sealed only if it holds.

use super::claims::{self, Agreement};
use super::entries::{claimed, judged, judged_folder, shown, signer, unopened};
use super::folder::{self, Contents, Hashed};
use super::inspect::is_seal;
use super::judge::{Judged, Reading, hashed};
use super::keys::{SealWith, signing_keys};
use super::release::{self, spare};
use super::request::{Options, SignRequest};
use super::stages::Unsealed;
use super::verify::beside;
use crate::bytes::{Ahead, Expectation, Folder, Source, folder_of};
use crate::job::{FailureKind, Task};
use crate::manifest::{Claims, FileDigest, FileEntry, Manifest, ManifestError, ModelFile, SINGLE, Sha256, Time, cbor};
use crate::report::safe::{pasted, quoted};
use crate::report::{Check, Command, Report, ReportError, ResultEntry, Signer, WrittenFile};
use crate::seal::{self, KeySource};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// The tool that makes seals.
pub(super) const TOOL: &str = concat!("coldload ", env!("CARGO_PKG_VERSION"));

/// Judges a model and seals it. The file is hashed first, and a fresh worker then reads exactly the bytes of that table: what
/// is sealed is what was judged.
pub fn sign(request: &SignRequest, options: &Options) -> Report {
    let (keys, notes) = match signing_keys(&request.keys) {
        Ok(keys) => keys,
        Err(error) => return Report::failed(Command::Sign, error),
    };
    if let Err(error) = check_output(request) {
        return Report::failed(Command::Sign, error);
    }
    let claims = match claims::gather(request) {
        Ok(claims) => claims,
        Err(error) => return Report::failed(Command::Sign, error),
    };
    let mut report = Report::new(Command::Sign);
    report.notes = notes;
    let reading = Reading::new(options);
    let looked = match std::fs::metadata(&request.model) {
        Ok(found) if found.is_dir() => look_at_folder(request, &reading, &mut report.notes),
        _ => look_at_file(request, &reading),
    };
    report.sandbox = reading.walls();
    let (mut entry, manifest) = match looked {
        Ok(looked) => looked,
        Err(error) => {
            report.error = Some(error);
            return report;
        }
    };
    let manifest = manifest.and_then(|manifest| claim(manifest, claims, entry.as_mut(), &mut report.notes));
    if let Some(manifest) = manifest {
        match seal(request, &manifest, &keys) {
            Ok((written, manifest)) => {
                if let Err(error) = manifest.check_clock(Time::now()) {
                    report.notes.push(format!("no verifier takes this seal now: {error}"));
                }
                report.next = Some(next(request, &keys, &manifest.name));
                if let Some(entry) = &mut entry {
                    entry.signers = signers(&keys, &request.keys);
                    entry.claimed = claimed(&manifest);
                    entry.model.name = Some(manifest.name);
                    entry.model.version = manifest.version;
                    entry.model.sequence = Some(manifest.sequence);
                }
                report.written.push(written);
            }
            Err(error) => report.error = Some(error),
        }
    }
    report.results.extend(entry);
    report
}

/// What is said of a model, and what is to be signed if it holds. No entry: there was nothing to judge.
type Looked = Result<(Option<ResultEntry>, Option<Manifest>), ReportError>;

fn look_at_file(request: &SignRequest, reading: &Reading<'_>) -> Looked {
    let source = match Source::open(&request.model) {
        Ok(source) => source,
        Err(error) => return Ok((Some(unopened(&request.model, &error)), None)),
    };
    let limits = &reading.options().limits;
    let hashed = hashed(&source, limits, Ahead::for_file(source.size()).as_ref());
    let held = hashed.and_then(|(table, whole)| {
        let unsealed = Unsealed::read(&source, &Expectation::Signed(table.clone()), reading, &reading.job(Task::Judge));
        unsealed.map(|unsealed| (unsealed, table, whole))
    });
    let entry = judged(&request.model, source.size(), &held, |(unsealed, ..)| unsealed.observation());
    let Judged::Holds((unsealed, table, whole)) = held else { return Ok((Some(entry), None)) };
    let mut manifest = manifest(request, vec![FileEntry { path: SINGLE.to_owned(), table }])?;
    let observed = &unsealed.observation().observed;
    manifest.claims.digests = Some(vec![FileDigest { path: SINGLE.to_owned(), sha256: Sha256(whole) }]);
    manifest.observed.content = Some(observed.content.clone());
    manifest.observed.schema = Some(observed.schema.clone());
    Ok((Some(entry), Some(manifest)))
}

/// Every file below the folder is hashed, and then each of them read by fresh workers, against the table.
fn look_at_folder(request: &SignRequest, reading: &Reading<'_>, notes: &mut Vec<String>) -> Looked {
    let folder = match Folder::open(&request.model) {
        Ok(folder) => folder,
        Err(error) => return Ok((Some(unopened(&request.model, &error)), None)),
    };
    let inside = |key: &&String| {
        let (key, folder) = (Path::new(key).canonicalize(), request.model.canonicalize());
        key.is_ok_and(|key| folder.is_ok_and(|folder| key.starts_with(folder)))
    };
    if let Some(key) = request.keys.iter().find(inside) {
        let message = format!("the key {} is in the folder, and would be sealed as a part of the model", pasted(key));
        return Err(ReportError::usage(message, "keep keys away from models"));
    }
    let strays = folder::strays(&folder, None);
    let limits = &reading.options().limits;
    let hashed = if strays.is_empty() { folder::hashed(&folder, limits) } else { folder::refused(strays, 0) };
    let held: Judged<(Hashed, Contents)> = hashed.and_then(|hashed| {
        let job = reading.job(Task::Judge);
        let (held, walls) = folder::judge(&folder, &hashed.files, reading, &job, &|_, _| None);
        reading.stood(walls);
        held.map(|contents| (hashed, contents))
    });
    if let Judged::Holds((_, contents)) = &held
        && contents.models.is_empty()
    {
        notes.push(format!("{} holds no model, so there is nothing to seal", shown(&request.model)));
        return Ok((None, None));
    }
    let entry = judged_folder(&request.model, &held, |(_, contents)| contents);
    let Judged::Holds((hashed, contents)) = held else { return Ok((Some(entry), None)) };
    let mut manifest = manifest(request, hashed.files)?;
    let model = |(path, observation): (String, crate::job::Observation)| {
        let crate::manifest::Observed { content, schema } = observation.observed;
        ModelFile { path, content, schema }
    };
    manifest.observed.models = Some(contents.models.into_iter().map(model).collect());
    manifest.claims.digests = Some(hashed.digests);
    Ok((Some(entry), Some(manifest)))
}

/// Adds what the signer says, unless it contradicts what was observed: then the model is refused.
fn claim(
    mut manifest: Manifest,
    claims: Claims,
    entry: Option<&mut ResultEntry>,
    notes: &mut Vec<String>,
) -> Option<Manifest> {
    let signed = &manifest.observed;
    let schemas = signed.schema.iter().chain(signed.models.iter().flatten().map(|model| &model.schema));
    let versions: BTreeSet<String> = schemas.flat_map(|schema| schema.sklearn_versions.clone()).collect();
    let versions: Vec<String> = versions.into_iter().collect();
    match claims.environment.as_ref().map(|environment| claims::agreement(environment, &versions)) {
        Some(Agreement::Refused(finding)) => {
            let entry = entry?;
            let (path, size, model) = (entry.path.clone(), entry.size, entry.model.clone());
            *entry = ResultEntry { size, model, ..ResultEntry::refused(path, vec![*finding], 0) };
            entry.checks.environment = Check::Failed;
            return None;
        }
        Some(Agreement::Holds(checked)) => {
            if let Some(entry) = entry {
                entry.checks.environment = Check::Passed;
                entry.checked.push(checked);
            }
        }
        Some(Agreement::Unknown(of_environment)) => notes.extend(of_environment),
        None => {}
    }
    manifest.claims = Claims { digests: manifest.claims.digests, ..claims };
    Some(without_too_much(manifest))
}

/// Digests of whole files are left out where the manifest would not hold them besides all its files.
fn without_too_much(mut manifest: Manifest) -> Manifest {
    if matches!(manifest.encode(), Err(ManifestError::TooLarge(_) | ManifestError::Cbor(cbor::Fault::Many))) {
        manifest.claims.digests = None;
    }
    manifest
}

/// A seal inside the folder that it seals has one name: under another it would be a file that was not sealed.
fn check_output(request: &SignRequest) -> Result<(), ReportError> {
    let Some(output) = &request.output else { return Ok(()) };
    let public: Vec<PathBuf> = request.keys.iter().map(|key| PathBuf::from(format!("{key}.pub"))).collect();
    let keys = request.keys.iter().map(Path::new).chain(public.iter().map(PathBuf::as_path));
    spare(output, keys.chain([request.model.as_path()]).chain(request.env.iter().map(PathBuf::as_path)))?;
    if let Ok(source) = Source::open(output)
        && source.size() > 0
        && !is_seal(&source)
    {
        let message = format!("{} is there, and is no seal", shown(output));
        return Err(ReportError::usage(message, "name another file with -o, or move this one away"));
    }
    let parent = folder_of(output);
    let (Ok(parent), Ok(folder)) = (parent.canonicalize(), request.model.canonicalize()) else { return Ok(()) };
    if !parent.starts_with(&folder) || parent.join(output.file_name().unwrap_or_default()) == folder.join(folder::SEAL)
    {
        return Ok(());
    }
    let message = format!("in the folder that it seals, a seal is called {}", folder::SEAL);
    Err(ReportError::usage(message, "leave -o out, or name a file outside of the folder"))
}

/// The name that a model gets when none is given: its file's, without the ending, or its folder's.
fn default_name(model: &Path) -> String {
    let named = model.file_name().is_some();
    // `.` and `..` have no name of their own.
    let whole = if named { model.to_owned() } else { model.canonicalize().unwrap_or_else(|_| model.to_owned()) };
    let name = if whole.is_dir() { whole.file_name() } else { whole.file_stem() };
    name.unwrap_or(whole.as_os_str()).to_string_lossy().into_owned()
}

fn manifest(request: &SignRequest, files: Vec<FileEntry>) -> Result<Manifest, ReportError> {
    let name = request.name.clone().unwrap_or_else(|| default_name(&request.model));
    let mut manifest = Manifest::new(name, Time::now(), files, TOOL);
    manifest.version.clone_from(&request.version);
    if let Some(sequence) = request.sequence {
        manifest.sequence = sequence;
    }
    if let Some(expires) = request.expires {
        let outside = || ReportError::usage("--expires lies after the year 9999", "choose an earlier time");
        manifest.expires = Some(Time::from_seconds(expires).ok_or_else(outside)?);
    }
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
    let own = || if manifest.is_single() { beside(&request.model) } else { request.model.join(folder::SEAL) };
    let path = request.output.clone().unwrap_or_else(own);
    release::write(&path, &sealed).map_err(|error| {
        let message = format!("{} can not be written: {error}", shown(&path));
        ReportError::new(FailureKind::Io, message, "check the folder and its permissions")
    })?;
    let about = format!("seals {} as \"{}\", sequence {}", shown(&request.model), manifest.name, manifest.sequence);
    Ok((WrittenFile { path: shown(&path), kind: "seal".to_owned(), about }, manifest.clone()))
}

/// The keys that signed, for a report.
fn signers(keys: &SealWith, sources: &[String]) -> Vec<Signer> {
    match keys {
        SealWith::Signatures(keys) => {
            let names: Vec<(seal::KeyId, String)> =
                keys.iter().zip(sources).map(|(key, source)| (key.id(), called(source))).collect();
            keys.iter().map(|key| signer(key.algorithm(), key.id(), &names, false)).collect()
        }
        SealWith::Mac(key) => {
            let names: Vec<(seal::KeyId, String)> = sources.iter().map(|source| (key.id(), called(source))).collect();
            vec![signer(seal::Algorithm::HmacSha256, key.id(), &names, false)]
        }
    }
}

/// What people call a key, by where it came from.
fn called(source: &str) -> String {
    KeySource::from_option(source.as_ref()).map_or_else(|_| source.to_owned(), |source| source.name())
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
    let name =
        if name.starts_with('-') { format!("--name={}", quoted(name)) } else { format!("--name {}", quoted(name)) };
    format!("coldload verify {} -k {} {name}{seal}", pasted(&request.model), pasted(key))
}
