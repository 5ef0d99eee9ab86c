//! Keys as options name them: read, checked, and given a name for people.

use super::entries::shown;
use super::request::{KeyAlgorithm, KeygenRequest};
use crate::job::FailureKind;
use crate::report::safe::pasted;
use crate::report::{Command, Report, ReportError, WrittenFile};
use crate::seal::{
    Ed25519SigningKey, Exposure, HmacKey, KeyId, KeySource, KeyText, Keyring, Secret, SigningKey, SourceError,
    VerifyingKey, read_secret, write_pair, write_secret,
};
use std::ffi::OsStr;
use std::io;

/// The keys that a verifier trusts.
#[derive(Debug, Default)]
pub(super) struct TrustedKeys {
    pub ring: Keyring,
    /// What the verifier calls each.
    pub names: Vec<(KeyId, String)>,
    /// What the user should be told of them.
    pub notes: Vec<String>,
}

impl TrustedKeys {
    /// Reads the keys that `-k` names.
    pub fn read(options: &[String]) -> Result<TrustedKeys, ReportError> {
        let mut keys = TrustedKeys::default();
        for option in options {
            let (source, text) = read(option)?;
            let trusted = keys.ring.add_pem(&text.text).map_err(|error| unusable(option, &error.to_string()))?;
            keys.names.push((trusted.id, source.name()));
            if trusted.secret {
                keys.notes.extend(exposed(option, text.exposure.as_ref()));
            }
        }
        Ok(keys)
    }
}

/// What a seal is signed with.
pub(super) enum SealWith {
    /// One or more key pairs.
    Signatures(Vec<Box<dyn SigningKey>>),
    /// A shared secret.
    Mac(HmacKey),
}

/// Reads the private keys that `-k` names, and what the user should be told of them.
pub(super) fn signing_keys(options: &[String]) -> Result<(SealWith, Vec<String>), ReportError> {
    let (mut pairs, mut secrets, mut notes) = (Vec::new(), Vec::new(), Vec::new());
    for option in options {
        let (_, text) = read(option)?;
        match read_secret(&text.text).map_err(|error| unusable(option, &error.to_string()))? {
            Secret::Signing(key) => pairs.push(key),
            Secret::Mac(key) => secrets.push(key),
        }
        notes.extend(exposed(option, text.exposure.as_ref()));
    }
    match (pairs.is_empty(), secrets.len()) {
        (false, 0) => Ok((SealWith::Signatures(pairs), notes)),
        (true, 1) => Ok((SealWith::Mac(secrets.remove(0)), notes)),
        _ => Err(ReportError::usage(
            "a seal is signed by key pairs, or made with one shared secret, not both",
            "name keys of one kind with -k",
        )),
    }
}

fn read(option: &str) -> Result<(KeySource, KeyText), ReportError> {
    let failed = |error: SourceError| {
        let kind = match error {
            SourceError::NotFound | SourceError::NotSet => FailureKind::NotFound,
            _ => FailureKind::Key,
        };
        let next = match error {
            SourceError::OthersMayWrite { .. } => format!("chmod go-w {}", pasted(option)),
            SourceError::NotFound => {
                "check what stands after -k; a new key is made by  coldload keygen -o KEY".to_owned()
            }
            SourceError::NotSet => "set the variable to a key in PEM form, or name a file with -k".to_owned(),
            _ => "name a key file that you can read with -k".to_owned(),
        };
        ReportError::new(kind, format!("{}: {error}", crate::reason::escape(option)), next)
    };
    let source = KeySource::from_option(OsStr::new(option)).map_err(failed)?;
    let text = source.read().map_err(failed)?;
    Ok((source, text))
}

fn unusable(option: &str, error: &str) -> ReportError {
    let message = format!("{}: {error}", crate::reason::escape(option));
    let next = "name a key that can be used; a new one is made by  coldload keygen -o KEY";
    ReportError::new(FailureKind::Key, message, next)
}

fn exposed(option: &str, exposure: Option<&Exposure>) -> Option<String> {
    exposure.map(|exposure| format!("{}: {exposure}", crate::reason::escape(option)))
}

/// Makes a key. Nothing is ever overwritten.
pub fn keygen(request: &KeygenRequest) -> Report {
    let made = match request.algorithm {
        KeyAlgorithm::Ed25519 => pair(request),
        KeyAlgorithm::HmacSha256 => secret(request),
    };
    let mut report = Report::new(Command::Keygen);
    match made {
        Ok((written, next)) => {
            report.written = written;
            report.next = Some(next);
        }
        Err(error) => report.error = Some(error),
    }
    report
}

fn pair(request: &KeygenRequest) -> Result<(Vec<WrittenFile>, String), ReportError> {
    let (key, pem) = Ed25519SigningKey::generate().map_err(|error| no_key(&error.to_string()))?;
    let public = key.verifying_key();
    let public_path =
        write_pair(&request.output, &pem, &public.to_pem()).map_err(|error| not_written(request, &error))?;
    let path = shown(&request.output);
    let about = format!("signs; keep it secret (ed25519 {})", key.id().short());
    let written = vec![
        WrittenFile { path: path.clone(), kind: "private-key".to_owned(), about },
        WrittenFile {
            path: shown(&public_path),
            kind: "public-key".to_owned(),
            about: "verifies; give it to whoever checks your models".to_owned(),
        },
    ];
    Ok((written, format!("coldload sign MODEL -k {}", pasted(&request.output))))
}

fn secret(request: &KeygenRequest) -> Result<(Vec<WrittenFile>, String), ReportError> {
    let (key, pem) = HmacKey::generate().map_err(|error| no_key(&error.to_string()))?;
    write_secret(&request.output, &pem).map_err(|error| not_written(request, &error))?;
    let path = shown(&request.output);
    let about = format!("signs and verifies; keep it secret on both sides (hmac-sha256 {})", key.id().short());
    let written = vec![WrittenFile { path: path.clone(), kind: "secret-key".to_owned(), about }];
    Ok((written, format!("coldload sign MODEL -k {}", pasted(&request.output))))
}

fn no_key(error: &str) -> ReportError {
    ReportError::new(FailureKind::Key, format!("no key could be made: {error}"), "try again")
}

fn not_written(request: &KeygenRequest, error: &io::Error) -> ReportError {
    let path = shown(&request.output);
    if error.kind() == io::ErrorKind::AlreadyExists {
        let message = format!("{path} or {path}.pub exists, and a key is never overwritten");
        let other = pasted(format!("{path}-2"));
        return ReportError::new(FailureKind::Key, message, format!("coldload keygen -o {other}"));
    }
    let message = format!("{path} can not be written: {error}");
    ReportError::new(FailureKind::Io, message, "check the folder and its permissions")
}
