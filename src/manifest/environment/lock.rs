//! Lock files: which kind a file is, by its name and its content, and the pins in it where they are read.
//!
//! Pins are read from requirements files and `Pipfile.lock`; of every other kind only the digest and the kind are kept.

use super::normalised;
use super::requirements::{self, LineFault, has_address};
use crate::bytes::Hasher;
use crate::manifest::claims::{Lock, MAX_PACKAGES, Pin, Sha256};
use crate::reason::escape;
use serde::Deserialize;
use std::collections::BTreeMap;

/// Largest file that is read, in bytes.
pub const MAX_FILE: usize = 16 << 20;

/// Longest name of a file.
const MAX_NAME: usize = 200;

/// Why a file is no environment. The name is escaped.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{name}: {fault}")]
pub struct LockError {
    /// The file's name.
    pub name: String,
    /// What is wrong.
    pub fault: LockFault,
}

/// What is wrong with a file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LockFault {
    /// A line can not be used.
    #[error("line {line} {fault}")]
    Line {
        /// Its number, from 1 up.
        line: usize,
        /// What is wrong with it.
        fault: LineFault,
    },
    /// The file is too large.
    #[error("it is larger than {MAX_FILE} bytes")]
    Large,
    /// The text is not UTF-8.
    #[error("line {0} is not utf-8")]
    Utf8(usize),
    /// The name says one kind, the content does not.
    #[error("by its name it is a {0}, and by its content it is none")]
    Content(&'static str),
    /// The file's own name can not be kept.
    #[error("its name is empty, too long, or has a control character")]
    Name,
    /// What stands in a `Pipfile.lock` is no name or no version.
    #[error("its entry \"{0}\" is no package with a version")]
    Entry(String),
}

/// Reads a file that says what is to be installed. `name` is its name without the folders above it.
pub fn read(name: &str, bytes: &[u8]) -> Result<Lock, LockError> {
    let fault = |fault| LockError { name: escape(name), fault };
    if name.is_empty() || name.len() > MAX_NAME || name.chars().any(crate::reason::is_unsafe) {
        return Err(fault(LockFault::Name));
    }
    if bytes.len() > MAX_FILE {
        return Err(fault(LockFault::Large));
    }
    let text = text(bytes).map_err(fault)?;
    let kind = kind(name, &text).map_err(fault)?;
    let (pins, others) = match kind {
        "requirements" | "pip-compile" => {
            let found = requirements::parse(&text).map_err(|(line, of)| fault(LockFault::Line { line, fault: of }))?;
            (Some(found.pins), found.others)
        }
        "pipfile-lock" => (Some(pipfile(&text).map_err(fault)?), Vec::new()),
        _ => (None, Vec::new()),
    };
    let sha256 = Sha256(Hasher::digest(bytes));
    Ok(Lock { name: name.to_owned(), kind: kind.to_owned(), sha256, pins, others, found: "file".to_owned() })
}

/// The file's text. UTF-16 is what PowerShell writes for `pip freeze > requirements.txt`, and pip reads it.
fn text(bytes: &[u8]) -> Result<String, LockFault> {
    let text = match bytes {
        [0xff, 0xfe, rest @ ..] => wide(rest, u16::from_le_bytes)?,
        [0xfe, 0xff, rest @ ..] => wide(rest, u16::from_be_bytes)?,
        [0xef, 0xbb, 0xbf, rest @ ..] => utf8(rest)?.to_owned(),
        _ => utf8(bytes)?.to_owned(),
    };
    // Other readers end a line at some of these, and so read other lines.
    let odd = |c: char| (c.is_control() && !matches!(c, '\t' | '\n')) || matches!(c, '\u{2028}' | '\u{2029}');
    for (number, line) in text.split('\n').enumerate() {
        if line.strip_suffix('\r').unwrap_or(line).contains(odd) {
            return Err(LockFault::Line { line: number.saturating_add(1), fault: LineFault::Control });
        }
    }
    Ok(text)
}

fn utf8(bytes: &[u8]) -> Result<&str, LockFault> {
    std::str::from_utf8(bytes).map_err(|error| {
        let before = bytes.get(..error.valid_up_to()).unwrap_or_default();
        LockFault::Utf8(before.iter().filter(|byte| **byte == b'\n').count().saturating_add(1))
    })
}

fn wide(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Result<String, LockFault> {
    let units = bytes.chunks(2).map(|pair| pair.try_into().map_or(0xd800, unit));
    let mut text = String::with_capacity(bytes.len());
    for c in char::decode_utf16(units) {
        match c {
            Ok(c) => text.push(c),
            Err(_) => return Err(LockFault::Utf8(text.matches('\n').count().saturating_add(1))),
        }
    }
    Ok(text)
}

/// Which kind a file is. What is nothing else is a requirements file.
fn kind(name: &str, text: &str) -> Result<&'static str, LockFault> {
    let line = |start: &str| text.lines().any(|line| line.starts_with(start));
    let (package, packages) = (line("[[package]]"), line("[[packages]]"));
    let json = text.trim_start().starts_with('{');
    let yaml = !json && (line("dependencies:") || line("channels:"));
    let conda_lock = !json && line("package:") && line("metadata:");
    // A lock of a project without a dependency has no package in it.
    let by_name = match name.to_ascii_lowercase().as_str() {
        "pipfile.lock" => Some(("pipfile-lock", json)),
        "poetry.lock" => Some(("poetry-lock", package || line("[metadata]"))),
        "uv.lock" => Some(("uv-lock", package || line("version = "))),
        "conda-lock.yml" | "conda-lock.yaml" => Some(("conda-lock", conda_lock)),
        "environment.yml" | "environment.yaml" | "conda.yml" | "conda.yaml" => Some(("conda-env", yaml)),
        lower if lower == "pylock.toml" || (lower.starts_with("pylock.") && lower.ends_with(".toml")) => {
            Some(("pylock", packages || line("lock-version")))
        }
        _ => None,
    };
    match by_name {
        Some((kind, true)) => Ok(kind),
        Some((kind, false)) => Err(LockFault::Content(kind)),
        None if packages && line("lock-version") => Ok("pylock"),
        None if package && line("[metadata]") => Ok("poetry-lock"),
        None if package => Ok("uv-lock"),
        None if json => Ok("pipfile-lock"),
        None if conda_lock => Ok("conda-lock"),
        None if yaml => Ok("conda-env"),
        None if line("@EXPLICIT") => Ok("conda-explicit"),
        None if line("# This file may be used to create an environment using:") => Ok("conda-list"),
        None if text.lines().take(10).any(|line| line.starts_with('#') && line.contains("autogenerated by")) => {
            Ok("pip-compile")
        }
        None => Ok("requirements"),
    }
}

/// What is read of a `Pipfile.lock`: the packages that are not for development alone.
#[derive(Deserialize)]
struct Pipfile {
    default: BTreeMap<String, Entry>,
}

#[derive(Deserialize)]
struct Entry {
    version: Option<String>,
    markers: Option<String>,
}

fn pipfile(text: &str) -> Result<Vec<Pin>, LockFault> {
    let read: Pipfile = serde_json::from_str(text).map_err(|_| LockFault::Content("pipfile-lock"))?;
    let mut pins = Vec::new();
    for (name, entry) in read.default.into_iter().take(MAX_PACKAGES) {
        let Some(version) = entry.version else { continue };
        let bad = || LockFault::Entry(escape(&name));
        let version = version.strip_prefix("==").unwrap_or(&version).trim().to_owned();
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '+' | '!' | '_' | '-');
        if version == "*" {
            continue;
        }
        let short = name.len() <= MAX_NAME && version.len() <= MAX_NAME && !version.is_empty();
        let marker = entry.markers.filter(|marker| !marker.is_empty());
        let shown = |marker: &String| {
            marker.len() <= MAX_NAME * 5 && !marker.chars().any(crate::reason::is_unsafe) && !has_address(marker)
        };
        if !short || !version.chars().all(plain) || !marker.as_ref().is_none_or(shown) {
            return Err(bad());
        }
        pins.push(Pin { name: normalised(&name).ok_or_else(bad)?, version, marker });
    }
    pins.sort();
    pins.dedup();
    Ok(pins)
}
