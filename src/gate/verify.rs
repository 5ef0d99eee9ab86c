//! `verify`: models against their seals, or against a digest.

use super::entries::{judged, refused, sealed, shown, unopened};
use super::judge::{Judged, Reading};
use super::keys::TrustedKeys;
use super::request::{Options, Trust, VerifyRequest};
use super::stages::{Attested, Unsealed};
use crate::bytes::{Expectation, Limit, Source};
use crate::job::{FailureKind, Job, Task, Written};
use crate::manifest::Time;
use crate::reason::{Code, Finding};
use crate::report::safe::pasted;
use crate::report::{Check, Command, Report, ReportError, ResultEntry};
use std::ffi::OsString;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::time::Instant;

/// Whom to trust, once the keys were read.
pub(super) enum Trusted {
    Keys(TrustedKeys),
    Digest([u8; 32]),
}

impl Trusted {
    pub fn read(trust: &Trust) -> Result<Trusted, ReportError> {
        match trust {
            Trust::Keys(options) => TrustedKeys::read(options).map(Trusted::Keys),
            Trust::Digest(text) => digest(text).map(Trusted::Digest).ok_or_else(|| {
                let message = format!("{} is no digest", crate::reason::escape(text));
                ReportError::usage(message, "--digest sha256:  and 64 hexadecimal digits, as sha256sum prints them")
            }),
        }
    }

    pub fn notes(&self) -> Vec<String> {
        match self {
            Trusted::Keys(keys) => keys.notes.clone(),
            Trusted::Digest(_) => Vec::new(),
        }
    }
}

fn digest(text: &str) -> Option<[u8; 32]> {
    let digits = text.strip_prefix("sha256:")?;
    if digits.len() != 64 || !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
        return None;
    }
    let mut bytes = [0; 32];
    for (slot, pair) in bytes.iter_mut().zip(digits.as_bytes().chunks(2)) {
        *slot = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
    }
    Some(bytes)
}

/// Checks models against their seals, and judges them.
pub fn verify(request: &VerifyRequest, options: &Options) -> Report {
    let trusted = match Trusted::read(&request.trust) {
        Ok(trusted) => trusted,
        Err(error) => return Report::failed(Command::Verify, error),
    };
    let mut report = Report::new(Command::Verify);
    report.notes = trusted.notes();
    for model in &request.models {
        let began = Instant::now();
        let reading = Reading::new(options);
        let job = reading.job(Task::Judge);
        let check = Candidate { trusted: &trusted, name: request.name.as_deref(), seal: request.seal.as_deref() };
        let (mut entry, _) = check.run(model, &reading, &job);
        entry.milliseconds = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
        report.sandbox = reading.walls().or(report.sandbox);
        report.results.push(entry);
    }
    report
}

/// One model to check, and what against.
pub(super) struct Candidate<'a> {
    pub trusted: &'a Trusted,
    pub name: Option<&'a str>,
    pub seal: Option<&'a Path>,
}

impl Candidate<'_> {
    /// Takes a model through every step. What the job wrote is there only if the model was admitted.
    pub fn run(&self, model: &Path, reading: &Reading<'_>, job: &Job) -> (ResultEntry, Option<Written>) {
        let source = match Source::open(model) {
            Ok(source) => source,
            Err(error) => return (unopened(model, &error), None),
        };
        match self.trusted {
            Trusted::Keys(keys) => self.by_seal(source, keys, reading, job),
            Trusted::Digest(digest) => by_digest(&source, digest, reading, job),
        }
    }

    fn by_seal(
        &self,
        source: Source,
        keys: &TrustedKeys,
        reading: &Reading<'_>,
        job: &Job,
    ) -> (ResultEntry, Option<Written>) {
        let path = source.path().to_owned();
        let seal_path = self.seal.map_or_else(|| beside(&path), Path::to_owned);
        let seal = match read_seal(&seal_path, job.limits.value(Limit::Seal, 0)) {
            Ok(Some(seal)) => seal,
            Ok(None) if self.seal.is_some() => {
                let message = format!("there is no seal {}", shown(&seal_path));
                let error = ReportError::new(FailureKind::NotFound, message, "check the path after --seal");
                return (ResultEntry::failed(shown(&path), error), None);
            }
            Ok(None) => {
                let finding = Finding::new(Code::Unsigned, format!("there is no seal {}", shown(&seal_path)));
                let finding = finding.next(format!(
                    "ask whoever trained the model for its .seal file; if that was you:  coldload sign {} -k KEY",
                    pasted(&path)
                ));
                return (refused(Some(&source), &path, finding), None);
            }
            Err(Unread::Refused(finding)) => return (refused(Some(&source), &path, *finding), None),
            Err(Unread::Failed(error)) => return (ResultEntry::failed(shown(&path), error), None),
        };
        let size = source.size();
        let attested = match Attested::new(source, &seal, &keys.ring) {
            Ok(attested) => attested,
            Err(finding) => {
                let mut entry = refused(None, &path, *finding);
                entry.size = Some(size);
                return (entry, None);
            }
        };
        let authorised = match attested.authorise(self.name, Time::now()) {
            Ok(authorised) => authorised,
            Err(refused_at) => {
                let (attested, finding) = *refused_at;
                let mut entry = refused(None, &path, *finding);
                entry.size = Some(size);
                sealed(&mut entry, &attested, &keys.names);
                entry.checks.signature = Check::Passed;
                return (entry, None);
            }
        };
        let (authorised, held) = authorised.admit(reading, job);
        let attested = authorised.attested();
        let mut entry = judged(&path, size, &held, |admitted| admitted.observation());
        sealed(&mut entry, attested, &keys.names);
        self.steps(&mut entry, attested, &held);
        let written = match held {
            Judged::Holds(admitted) => Some(admitted.written().clone()),
            _ => None,
        };
        (entry, written)
    }

    /// What was checked, and what was not.
    fn steps<T>(&self, entry: &mut ResultEntry, attested: &Attested, held: &Judged<T>) {
        let manifest = attested.manifest();
        entry.checks.signature = Check::Passed;
        let mut checked = vec!["signature".to_owned()];
        if self.name.is_some() {
            entry.checks.name = Check::Passed;
            checked.push("name".to_owned());
        } else {
            entry.not_checked.insert(0, "name (any model by this key passes)".to_owned());
        }
        if let Judged::Holds(_) = held {
            entry.checks.digests = Check::Passed;
            checked.append(&mut entry.checked);
            if manifest.observed.schema.is_some() {
                entry.checks.schema = Check::Passed;
                checked.push("schema".to_owned());
            } else {
                entry.not_checked.push("schema (the seal says nothing of it that this version knows)".to_owned());
            }
            if manifest.observed.content.is_none() {
                entry.not_checked.push("content (the seal says nothing of it that this version knows)".to_owned());
            }
            entry.not_checked.push("rollback (no state)".to_owned());
            entry.not_checked.push("environment".to_owned());
            entry.not_checked.extend(manifest.not_checked().into_iter().map(str::to_owned));
        }
        entry.checked = checked;
    }
}

/// A file whose SHA-256 is known: all of it is hashed, and the very bytes that were hashed are the ones that are read.
fn by_digest(source: &Source, digest: &[u8; 32], reading: &Reading<'_>, job: &Job) -> (ResultEntry, Option<Written>) {
    let (table, found) = match source.table_and_digest() {
        Ok(read) => read,
        Err(error) => {
            let error =
                ReportError::new(FailureKind::Io, format!("the file can not be read: {error}"), "look at the disk");
            return (ResultEntry::failed(shown(source.path()), error), None);
        }
    };
    if found != *digest {
        let hex: String = found.iter().map(|byte| format!("{byte:02x}")).collect();
        let wanted: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
        let message = format!("the file's digest is sha256:{hex}, not sha256:{wanted}");
        let why = "this is another file than the one whose digest was given, or not all of it";
        let finding = Finding::new(Code::DigestMismatch, message).because(why);
        return (refused(Some(source), source.path(), finding), None);
    }
    let held = Unsealed::read(source, &Expectation::Signed(table), reading, job);
    let mut entry = judged(source.path(), source.size(), &held, |unsealed| unsealed.observation());
    if let Judged::Holds(_) = held {
        entry.checks.digests = Check::Passed;
        entry.checked.insert(0, "digest".to_owned());
        entry.not_checked.insert(0, "signature, name (a digest says neither)".to_owned());
        entry.not_checked.push("environment".to_owned());
    }
    let written = match held {
        Judged::Holds(unsealed) => Some(unsealed.written().clone()),
        _ => None,
    };
    (entry, written)
}

/// Where a file's seal stands: `MODEL.seal`.
pub(super) fn beside(model: &Path) -> PathBuf {
    let mut name = OsString::from(model.as_os_str());
    name.push(".seal");
    PathBuf::from(name)
}

/// Why a seal was not read.
pub(super) enum Unread {
    Refused(Box<Finding>),
    Failed(ReportError),
}

/// Reads a seal of at most `most` bytes; nothing if none is there.
pub(super) fn read_seal(path: &Path, most: u64) -> Result<Option<Vec<u8>>, Unread> {
    let failed = |error: &dyn std::fmt::Display| {
        let message = format!("the seal can not be read: {error}");
        Unread::Failed(ReportError::new(FailureKind::Io, message, "check its permissions"))
    };
    let source = match Source::open(path) {
        Ok(source) => source,
        Err(crate::bytes::SourceError::NotFound(_)) => return Ok(None),
        Err(error) => return Err(failed(&error)),
    };
    if source.size() > most {
        let finding = crate::format::limit(crate::bytes::Exceeded { limit: Limit::Seal, value: most });
        return Err(Unread::Refused(Box::new(finding)));
    }
    let mut bytes = Vec::new();
    let read = source.file().take(most.saturating_add(1)).read_to_end(&mut bytes);
    read.map_err(|error| failed(&error))?;
    Ok(Some(bytes))
}
