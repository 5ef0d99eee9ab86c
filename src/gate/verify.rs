//! `verify`: models against their seals, or against a digest.

use super::copy::{self, Copied};
use super::entries::{
    claimed_signers, fails, is_standard_input, judged, judged_folder, open, refused, sealed, shown, unopened,
};
use super::folder::{self, Unopened};
use super::judge::{Judged, Reading, hashed};
use super::keys::TrustedKeys;
use super::request::{Options, Trust, VerifyRequest};
use super::stages::{Attested, Authorised, Subject, Unsealed};
use crate::bytes::{Ahead, ChunkTable, Digest, Expectation, Folder, Limit, Source, SourceError};
use crate::job::{FailureKind, Job, Task, Written};
use crate::manifest::Time;
use crate::reason::{Code, Finding};
use crate::report::safe::pasted;
use crate::report::{Check, Command, Report, ReportError, ResultEntry, WrittenFile};
use crate::seal::Sealed;
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
        let copy_to = request.copy_to.as_deref();
        let check =
            Candidate { trusted: &trusted, name: request.name.as_deref(), seal: request.seal.as_deref(), copy_to };
        let mut checked = check.run(model, &reading, &job);
        checked.entry.milliseconds = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
        report.sandbox = reading.walls().or(report.sandbox);
        match checked.copied {
            Some(Ok(copied)) => report.written.push(copied),
            Some(Err(Unopened::Failed(failure))) => report.error = Some(failure.into()),
            // It changed after it was judged.
            Some(Err(Unopened::Refused(finding))) => {
                let ResultEntry { path, size, milliseconds, signers, .. } = checked.entry;
                let mut entry =
                    ResultEntry { size, milliseconds, signers, ..ResultEntry::refused(path, vec![*finding], 0) };
                if let Some(finding) = entry.reasons.first() {
                    fails(&mut entry.checks, finding.code);
                }
                checked.entry = entry;
            }
            None => {}
        }
        report.results.push(checked.entry);
    }
    report
}

/// What came of one model.
pub(super) struct Checked {
    pub entry: ResultEntry,
    /// What the job wrote; only if the model was admitted.
    pub written: Option<Written>,
    /// The copy that was asked for, or why there is none.
    pub copied: Option<Result<WrittenFile, Unopened>>,
}

impl From<ResultEntry> for Checked {
    fn from(entry: ResultEntry) -> Checked {
        Checked { entry, written: None, copied: None }
    }
}

/// One model to check, and what against.
pub(super) struct Candidate<'a> {
    pub trusted: &'a Trusted,
    pub name: Option<&'a str>,
    pub seal: Option<&'a Path>,
    pub copy_to: Option<&'a Path>,
}

impl Candidate<'_> {
    /// Takes a model through every step.
    pub fn run(&self, model: &Path, reading: &Reading<'_>, job: &Job) -> Checked {
        match (std::fs::metadata(model), self.trusted) {
            (Ok(found), Trusted::Keys(keys)) if found.is_dir() => match Folder::open(model) {
                Ok(folder) => self.folder(folder, keys, reading, job),
                Err(error) => unopened(model, &error).into(),
            },
            (_, trusted) => match (open(model, &job.limits), trusted) {
                (Ok(source), Trusted::Keys(keys)) => self.file(source, keys, reading, job),
                (Ok(source), Trusted::Digest(digest)) => self.by_digest(&source, digest, reading, job),
                (Err(error), _) => unopened(model, &error).into(),
            },
        }
    }

    fn file(&self, source: Source, keys: &TrustedKeys, reading: &Reading<'_>, job: &Job) -> Checked {
        let (path, size) = (source.path().to_owned(), source.size());
        if is_standard_input(&path) && self.seal.is_none() {
            let message = "standard input has no seal beside it";
            return ResultEntry::failed(shown(&path), ReportError::usage(message, "name the seal with --seal")).into();
        }
        let checked = (|| {
            let seal = self.read_seal(&path, &[beside(&path)], job)?;
            let authorised = self.authorise(source, &seal, keys, &path)?;
            let (authorised, held) = authorised.admit(reading, job);
            let attested = authorised.attested();
            let mut entry = judged(&path, size, &held, |admitted| admitted.observation());
            sealed(&mut entry, attested, &keys.names);
            self.steps(&mut entry, attested, &held);
            let mut checked = Checked::from(entry);
            if let Judged::Holds(admitted) = &held {
                checked.written = Some(admitted.written().clone());
                let table = attested.manifest().files.first().map(|file| &file.table);
                checked.copied = table.and_then(|table| self.copy_file(attested.source(), table, Some(&seal)));
            }
            Ok(checked)
        })();
        let mut checked = checked.unwrap_or_else(|entry: Box<ResultEntry>| Checked::from(*entry));
        checked.entry.size = Some(size);
        checked
    }

    fn folder(&self, source: Folder, keys: &TrustedKeys, reading: &Reading<'_>, job: &Job) -> Checked {
        let path = source.path().to_owned();
        reading.recruit(source.files().len());
        let checked = (|| {
            let seal = self.read_seal(&path, &[path.join(folder::SEAL), beside(&path)], job)?;
            let authorised = self.authorise(source, &seal, keys, &path)?;
            let (authorised, held) = authorised.admit(reading, job);
            let attested = authorised.attested();
            let mut entry = judged_folder(&path, &held, |admitted| admitted.contents());
            sealed(&mut entry, attested, &keys.names);
            self.steps(&mut entry, attested, &held);
            let mut checked = Checked::from(entry);
            if let (Judged::Holds(_), Some(to)) = (&held, self.copy_to) {
                let copied = copy::folder(attested.source(), &attested.manifest().files, &seal, to);
                checked.copied = Some(copied.map(Copied::written));
            }
            Ok(checked)
        })();
        checked.unwrap_or_else(|entry: Box<ResultEntry>| Checked::from(*entry))
    }

    /// Copies a file that was accepted, and its seal.
    fn copy_file(
        &self,
        source: &Source,
        table: &ChunkTable,
        seal: Option<&[u8]>,
    ) -> Option<Result<WrittenFile, Unopened>> {
        let to = self.copy_to?;
        Some(copy::file(source, table, seal, to).map(Copied::written))
    }

    /// Reads the seal that was named, else the first one that is there.
    fn read_seal(&self, model: &Path, places: &[PathBuf], job: &Job) -> Result<Vec<u8>, Box<ResultEntry>> {
        let named = self.seal.map(Path::to_owned);
        let most = job.limits.value(Limit::Seal, 0);
        for place in named.as_ref().map_or(places, std::slice::from_ref) {
            match read_seal(place, most) {
                Ok(Some(seal)) => return Ok(seal),
                Ok(None) => {}
                Err(Unread::Refused(finding)) => return Err(Box::new(refused(None, model, *finding))),
                Err(Unread::Failed(error)) => return Err(Box::new(ResultEntry::failed(shown(model), error))),
            }
        }
        if let Some(named) = named {
            let message = format!("there is no seal {}", shown(&named));
            let error = ReportError::new(FailureKind::NotFound, message, "check the path after --seal");
            return Err(Box::new(ResultEntry::failed(shown(model), error)));
        }
        let looked: Vec<String> = places.iter().map(|place| shown(place)).collect();
        let finding = Finding::new(Code::Unsigned, format!("there is no seal {}", looked.join(", and none at ")));
        let around = model.parent().filter(|folder| folder.join(folder::SEAL).is_file());
        let finding = finding.next(match around {
            Some(folder) => {
                format!("the folder around it is sealed as a whole:  coldload verify {} -k KEY", whole(folder))
            }
            None => format!(
                "ask whoever trained the model for its .seal file; if that was you:  coldload sign {} -k KEY",
                pasted(model)
            ),
        });
        Err(Box::new(refused(None, model, finding)))
    }

    /// Takes what was opened through the steps that need none of its bytes.
    fn authorise<S: Subject>(
        &self,
        source: S,
        seal: &[u8],
        keys: &TrustedKeys,
        path: &Path,
    ) -> Result<Authorised<S>, Box<ResultEntry>> {
        let attested = Attested::new(source, seal, &keys.ring).map_err(|finding| {
            let mut entry = refused(None, path, *finding);
            entry.signers =
                Sealed::decode(seal).map_or_else(|_| Vec::new(), |seal| claimed_signers(&seal, &keys.names));
            Box::new(entry)
        })?;
        attested.authorise(self.name, Time::now()).map_err(|refused_at| {
            let (attested, finding) = *refused_at;
            let mut entry = refused(None, path, *finding);
            sealed(&mut entry, &attested, &keys.names);
            entry.checks.signature = Check::Passed;
            Box::new(entry)
        })
    }

    /// What was checked, and what was not.
    fn steps<S, T>(&self, entry: &mut ResultEntry, attested: &Attested<S>, held: &Judged<T>) {
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
            let signed = &manifest.observed;
            if signed.schema.is_some() || signed.models.is_some() {
                entry.checks.schema = Check::Passed;
                checked.push("schema".to_owned());
            } else {
                entry.not_checked.push("schema (the seal says nothing of it that this version knows)".to_owned());
            }
            if signed.content.is_none() && signed.models.is_none() {
                entry.not_checked.push("content (the seal says nothing of it that this version knows)".to_owned());
            }
            entry.not_checked.push("rollback (no state)".to_owned());
            entry.not_checked.push("environment".to_owned());
            entry.not_checked.extend(manifest.unknown().into_iter().map(str::to_owned));
        }
        entry.checked = checked;
    }

    /// A file whose SHA-256 is known: all of it is hashed, and the very bytes that were hashed are the ones that are read.
    fn by_digest(&self, source: &Source, digest: &Digest, reading: &Reading<'_>, job: &Job) -> Checked {
        let hashed = hashed(source, &job.limits, Ahead::for_file(source.size()).as_ref());
        let held = hashed.and_then(|(table, found)| {
            if found != *digest {
                return Judged::refused(another_file(&found, digest));
            }
            let unsealed = Unsealed::read(source, &Expectation::Signed(table.clone()), reading, job);
            unsealed.map(|unsealed| (unsealed, table))
        });
        let mut entry = judged(source.path(), source.size(), &held, |(unsealed, _)| unsealed.observation());
        if let Judged::Holds(_) = held {
            entry.checks.digests = Check::Passed;
            entry.checked.insert(0, "digest".to_owned());
            entry.not_checked.insert(0, "signature, name (a digest says neither)".to_owned());
            entry.not_checked.push("environment".to_owned());
        }
        let mut checked = Checked::from(entry);
        if let Judged::Holds((unsealed, table)) = held {
            checked.written = Some(unsealed.written().clone());
            checked.copied = self.copy_file(source, &table, None);
        }
        checked
    }
}

/// A finding for a file that has not the digest that was given.
fn another_file(found: &Digest, wanted: &Digest) -> Finding {
    let hex = |digest: &Digest| digest.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    let message = format!("the file's digest is sha256:{}, not sha256:{}", hex(found), hex(wanted));
    let why = "this is another file than the one whose digest was given, or not all of it";
    Finding::new(Code::DigestMismatch, message).because(why)
}

/// A folder as it is typed: the one around a bare file name is `.`.
fn whole(folder: &Path) -> String {
    if folder.as_os_str().is_empty() { ".".to_owned() } else { pasted(folder) }
}

/// Where a seal stands beside its model: `MODEL.seal`, also if a folder is written `MODEL/`.
pub(super) fn beside(model: &Path) -> PathBuf {
    let mut name = model.components().collect::<PathBuf>().into_os_string();
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
    match Source::open(path) {
        Ok(source) => bytes_of_seal(&source, most).map(Some),
        Err(SourceError::NotFound(_)) => Ok(None),
        Err(error @ SourceError::NotRegular(..)) => Err(unreadable(&error, "name the file of the seal with --seal")),
        Err(error) => Err(unreadable(&error, "check its permissions")),
    }
}

fn unreadable(error: &dyn std::fmt::Display, next: &str) -> Unread {
    let message = format!("the seal can not be read: {error}");
    Unread::Failed(ReportError::new(FailureKind::Io, message, next))
}

/// All bytes of a seal that was opened, at most `most`.
pub(super) fn bytes_of_seal(source: &Source, most: u64) -> Result<Vec<u8>, Unread> {
    if source.size() > most {
        let finding = crate::format::limit(crate::bytes::Exceeded { limit: Limit::Seal, value: most });
        return Err(Unread::Refused(Box::new(finding)));
    }
    source.head(most.saturating_add(1)).map_err(|error| unreadable(&error, "look at the disk"))
}
