//! `--env` and `--python`: where a model was made, and whether that agrees with the model.

use super::super::entries::shown;
use super::interpreter;
use crate::bytes::{Source, SourceError};
use crate::job::FailureKind;
use crate::manifest::environment::{self, Found, agree};
use crate::manifest::{Environment, Lock};
use crate::reason::{Code, Finding, escape};
use crate::report::ReportError;
use std::io::Read;
use std::path::{Path, PathBuf};

const FREEZE: &str = "write it anew, where the model was trained:  pip freeze > requirements.txt";
const SKLEARN: &str = "scikit-learn";

/// Reads the files and asks the interpreter; nothing if neither is named.
pub(super) fn read(files: &[PathBuf], python: Option<&Path>) -> Result<Option<Environment>, ReportError> {
    if files.is_empty() && python.is_none() {
        return Ok(None);
    }
    let locks = files.iter().map(|file| lock(file)).collect::<Result<Vec<_>, _>>()?;
    let mut environment = Environment { locks, ..Environment::default() };
    if let Some(python) = python {
        interpreter::ask(python, &mut environment)?;
    }
    environment.validate().map_err(|fault| {
        ReportError::usage(format!("the environment can not be kept: {fault}"), "name the environment of the training")
    })?;
    if let Some(found) = environment::contradiction(&environment) {
        let message = format!("the environment contradicts itself: {} {}, and {}", found.name, found.one, found.other);
        return Err(ReportError::usage(message, "name only what the model was trained with"));
    }
    Ok(Some(environment))
}

fn lock(path: &Path) -> Result<Lock, ReportError> {
    let source = Source::open(path).map_err(|error| match error {
        SourceError::NotFound(_) => {
            ReportError::new(FailureKind::NotFound, error.to_string(), "check the path after --env")
        }
        SourceError::NotRegular(..) => ReportError::usage(error.to_string(), FREEZE),
        _ => ReportError::new(FailureKind::Io, error.to_string(), "check its permissions"),
    })?;
    let mut bytes = Vec::new();
    // One byte more than is read shows that there is more.
    source.file().take(environment::MAX_FILE as u64 + 1).read_to_end(&mut bytes).map_err(|error| {
        ReportError::new(FailureKind::Io, format!("{} can not be read: {error}", shown(path)), "look at the disk")
    })?;
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    environment::read(&name, &bytes).map_err(|error| ReportError::usage(error.to_string(), FREEZE))
}

/// How an environment stands to the versions of scikit-learn that a model names.
pub(in crate::gate) enum Agreement {
    /// It names the same one.
    Holds(String),
    /// Nothing could be compared, and why.
    Unknown(Vec<String>),
    /// It names another one.
    Refused(Box<Finding>),
}

/// Compares an environment with the versions of scikit-learn that were found in the bytes.
pub(in crate::gate) fn agreement(environment: &Environment, versions: &[String]) -> Agreement {
    let unread = environment.locks.iter().filter(|lock| lock.pins.is_none()).map(|lock| {
        format!("of {} only the digest is sealed: this version reads no pins of a {} file", lock.name, lock.kind)
    });
    let mut notes: Vec<String> = unread.collect();
    if versions.is_empty() {
        return Agreement::Unknown(notes);
    }
    let saved = versions.iter().map(|version| escape(version)).collect::<Vec<_>>().join(" and ");
    let found = environment::found(environment, SKLEARN);
    let other = |found: &&Found<'_>| versions.iter().any(|version| !agree(version, found.version));
    let fixed: Vec<&Found<'_>> = found.iter().filter(|found| found.marker.is_none()).collect();
    if let Some(other) = fixed.iter().copied().find(other) {
        return Agreement::Refused(Box::new(mismatch(&saved, other)));
    }
    if let Some(same) = fixed.first().copied().or_else(|| found.iter().find(|found| !other(found))) {
        return Agreement::Holds(format!("environment ({SKLEARN} {same})"));
    }
    notes.push(if found.is_empty() {
        format!("the environment names no version of {SKLEARN}, so nothing was compared with the model's {saved}")
    } else {
        format!("the environment names versions of {SKLEARN} under conditions only, and none is the model's {saved}")
    });
    Agreement::Unknown(notes)
}

fn mismatch(saved: &str, other: &Found<'_>) -> Finding {
    let message = format!("{SKLEARN} {saved} in the model's bytes, and {}", escape(&other.to_string()));
    let finding = Finding::new(Code::EnvironmentMismatch, message);
    match other.lock {
        Some(_) => finding.next("in the environment that saved the model:  pip freeze > requirements.txt"),
        None => finding.next("name the interpreter that saved the model:  --python .venv/bin/python"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str, versions: &[&str]) -> Agreement {
        let lock = environment::read("requirements.txt", text.as_bytes()).unwrap();
        let environment = Environment { locks: vec![lock], ..Environment::default() };
        agreement(&environment, &versions.iter().map(|&version| version.to_owned()).collect::<Vec<_>>())
    }

    #[test]
    fn the_versions_in_the_bytes_decide() {
        for (text, versions) in [
            ("scikit-learn==1.6.1", &["1.6.1"][..]),
            ("Scikit_Learn==1.6.1.0", &["1.6.1"]),
            ("scikit-learn==1.5.2 ; python_version<'3.9'\nscikit-learn==1.6.1 ; python_version>='3.9'", &["1.6.1"]),
        ] {
            assert!(matches!(of(text, versions), Agreement::Holds(_)), "{text}");
        }
        for (text, versions) in [
            ("scikit-learn==1.5.2", &["1.6.1"][..]),
            ("scikit-learn==1.6.1", &["1.5.2", "1.6.1"]),
            ("scikit-learn==1.6.10", &["1.6.1"]),
            ("scikit-learn==1.6.1", &["evil\u{1b}[2J"]),
        ] {
            let Agreement::Refused(finding) = of(text, versions) else { panic!("{text}") };
            assert_eq!(finding.code, Code::EnvironmentMismatch);
            assert!(finding.message.contains(&escape(versions[0])) && finding.message.contains("requirements.txt"));
        }
        for (text, versions, notes) in [
            ("numpy==1.26.4", &["1.6.1"][..], 1),
            ("scikit-learn>=1.7", &["1.6.1"], 1),
            ("scikit-learn==1.5.2 ; python_version<'3.9'", &["1.6.1"], 1),
            ("scikit-learn==1.5.2", &[], 0),
            ("version = 1\n[[package]]\nname = \"numpy\"", &["1.6.1"], 2),
        ] {
            assert!(matches!(of(text, versions), Agreement::Unknown(found) if found.len() == notes), "{text}");
        }
    }
}
