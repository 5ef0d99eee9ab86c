//! Requirements files of pip: also what `pip freeze`, `pip-compile` and `uv export` write, and constraints.
//!
//! Lines are joined, and comments taken away, as pip does (`pip/_internal/req/req_file.py`); a requirement is PEP 508's. What
//! pins no version is noted, options too; no other file, index or address that is named is looked at.

use super::address;
use super::normalised;
use crate::manifest::claims::{MAX_LINE, MAX_PACKAGES, Pin};
use crate::reason::is_unsafe;
use std::collections::BTreeMap;

/// Longest line, in bytes.
const MAX_PHYSICAL: usize = 64 << 10;
/// Longest line once those that end in `\` are joined: a package with all its hashes.
const MAX_LOGICAL: usize = 1 << 20;
/// Longest name or version.
const MAX_WORD: usize = 200;
/// Endings of files that pip takes for packages.
const ARCHIVES: [&str; 5] = [".whl", ".zip", ".tar.gz", ".tgz", ".tar.bz2"];
/// PEP 440's operators; the longer ones first.
const OPERATORS: [&str; 8] = ["===", "==", "~=", "!=", "<=", ">=", "<", ">"];

/// What a file says.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Requirements {
    /// Sorted, each once.
    pub pins: Vec<Pin>,
    /// What else there is, in the file's order, without credentials.
    pub others: Vec<String>,
    /// Versions of packages that are pinned under no condition.
    fixed: BTreeMap<String, String>,
}

/// What is wrong with a line.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LineFault {
    /// It is no requirement.
    #[error("is no requirement, which are written name==1.0")]
    Requirement,
    /// A `--hash` that is none.
    #[error("has a hash that is not written sha256:… with hexadecimal digits")]
    Hash,
    /// The line is too long.
    #[error("is longer than a line may be")]
    Long,
    /// The line holds a control character, or one that nobody sees.
    #[error("holds a control character")]
    Control,
    /// A marker has an address in it, and with it perhaps a password.
    #[error("has an address in its marker, where versions and systems are compared")]
    Marker,
    /// A package was pinned to another version before.
    #[error("pins {name} to {version}, which is pinned to {before} above")]
    Contradiction {
        /// The package.
        name: String,
        /// The version here.
        version: String,
        /// The version above.
        before: String,
    },
    /// There are too many.
    #[error("is one requirement more than the {MAX_PACKAGES} that are read")]
    Many,
}

/// Reads a file. A fault comes with the number of its line, from 1 up.
pub(super) fn parse(text: &str) -> Result<Requirements, (usize, LineFault)> {
    let mut found = Requirements::default();
    let mut joined: Option<(usize, String)> = None;
    let mut number = 0usize;
    for line in text.split('\n') {
        number = number.saturating_add(1);
        let line = line.strip_suffix('\r').unwrap_or(line);
        if line.len() > MAX_PHYSICAL {
            return Err((number, LineFault::Long));
        }
        let comment = line.trim_start().starts_with('#');
        let (first, mut whole) = joined.take().unwrap_or((number, String::new()));
        match line.strip_suffix('\\').filter(|_| !comment) {
            Some(open) => {
                whole.push_str(open.trim_end_matches('\\'));
                joined = Some((first, whole));
            }
            None => {
                // A comment ends what was joined, and is none of it.
                whole.push_str(if comment { "" } else { line });
                found.line(&whole).map_err(|fault| (first, fault))?;
            }
        }
        if joined.as_ref().is_some_and(|(_, whole)| whole.len() > MAX_LOGICAL) {
            return Err((first, LineFault::Long));
        }
    }
    if let Some((first, whole)) = joined {
        found.line(&whole).map_err(|fault| (first, fault))?;
    }
    found.pins.sort();
    found.pins.dedup();
    Ok(found)
}

impl Requirements {
    fn line(&mut self, line: &str) -> Result<(), LineFault> {
        let line = without_comment(line).trim();
        if line.is_empty() {
            return Ok(());
        }
        if self.pins.len() >= MAX_PACKAGES || self.others.len() >= MAX_PACKAGES {
            return Err(LineFault::Many);
        }
        match requirement(line)? {
            Line::Pin(pin) => self.pin(pin),
            Line::Other(text) if text.len() > MAX_LINE => Err(LineFault::Long),
            Line::Other(text) if text.is_empty() || text.chars().any(is_unsafe) => Err(LineFault::Control),
            Line::Other(text) => {
                self.others.push(text);
                Ok(())
            }
        }
    }

    fn pin(&mut self, pin: Pin) -> Result<(), LineFault> {
        if pin.marker.is_none()
            && let Some(before) = self.fixed.insert(pin.name.clone(), pin.version.clone())
            && !super::agree(&before, &pin.version)
        {
            return Err(LineFault::Contradiction { name: pin.name, version: pin.version, before });
        }
        self.pins.push(pin);
        Ok(())
    }
}

/// What a line is.
enum Line {
    Pin(Pin),
    Other(String),
}

/// The line up to a `#` that begins it or follows white space.
fn without_comment(line: &str) -> &str {
    let mut before = ' ';
    for (at, c) in line.char_indices() {
        if c == '#' && before.is_whitespace() {
            return line.get(..at).unwrap_or_default();
        }
        before = c;
    }
    line
}

fn requirement(line: &str) -> Result<Line, LineFault> {
    if line.starts_with('-') {
        return Ok(Line::Other(option(line)));
    }
    let (line, options) = split_options(line);
    hashes(options)?;
    let named = line.find(|c: char| !c.is_ascii_alphanumeric() && !matches!(c, '-' | '_' | '.')).unwrap_or(line.len());
    let (name, rest) = line.split_at(named);
    let archive = rest.is_empty() && ARCHIVES.iter().any(|ending| line.to_ascii_lowercase().ends_with(ending));
    let Some(name) = normalised(name).filter(|name| name.len() <= MAX_WORD && !archive) else { return unnamed(line) };
    let Some((extras, rest)) = extras(rest.trim_start()) else { return unnamed(line) };
    let rest = rest.trim();
    if let Some(address) = rest.strip_prefix('@') {
        return Ok(Line::Other(format!("{name}{extras} @ {}", place(first_word(address)))));
    }
    let (wanted, marker) = match rest.split_once(';') {
        Some((wanted, marker)) => (wanted.trim(), marker_of(marker)?),
        None => (rest, None),
    };
    let Some(wanted) = specifiers(wanted) else { return unnamed(line) };
    let mut pins = wanted.iter().filter(|(operator, version)| match *operator {
        "===" => true,
        "==" => !version.contains('*'),
        _ => false,
    });
    if let Some((_, version)) = pins.next() {
        if let Some((_, other)) = pins.find(|(_, other)| !super::agree(version, other)) {
            let (version, before) = ((*other).to_owned(), (*version).to_owned());
            return Err(LineFault::Contradiction { name, version, before });
        }
        return Ok(Line::Pin(Pin { name, version: (*version).to_owned(), marker }));
    }
    let wanted: Vec<String> = wanted.iter().map(|(operator, version)| format!("{operator}{version}")).collect();
    let marker = marker.map(|marker| format!("; {marker}")).unwrap_or_default();
    Ok(Line::Other(format!("{name}{extras}{}{marker}", wanted.join(","))))
}

/// A line that does not begin with the name of a package: an address or a path, or nothing that pip takes.
fn unnamed(line: &str) -> Result<Line, LineFault> {
    let word = first_word(line);
    let path = word.starts_with('.') || word.contains(['/', '\\']) || ARCHIVES.iter().any(|end| word.ends_with(end));
    if is_address(word) || path { Ok(Line::Other(place(word))) } else { Err(LineFault::Requirement) }
}

fn is_address(word: &str) -> bool {
    // One letter and a colon is a drive.
    word.split_once(':')
        .is_some_and(|(scheme, rest)| scheme.len() > 1 && address::is_scheme(scheme) && !rest.is_empty())
}

/// Where something is, without credentials: what version control keeps, one file, or a path.
fn place(word: &str) -> String {
    let vcs = ["git+", "hg+", "svn+", "bzr+", "git:"].iter().any(|start| word.starts_with(start));
    match word {
        word if vcs => address::without_credentials(word),
        word if is_address(word) => address::file_only(word),
        word => address::local(word),
    }
}

/// An option, with what can be told of its value: nothing is followed, and much may be secret.
fn option(line: &str) -> String {
    let long = line.starts_with("--");
    let end = if long { line.find(|c: char| c == '=' || c.is_whitespace()) } else { Some(2) };
    let (name, rest) = line.split_at_checked(end.unwrap_or(line.len())).unwrap_or((line, ""));
    let name: String = name.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '-').take(40).collect();
    let value = first_word(rest.trim_start().trim_start_matches('='));
    let value = match name.as_str() {
        "-r" | "--requirement" | "-c" | "--constraint" | "-e" | "--editable" => place(value),
        "-i" | "--index-url" | "--extra-index-url" | "-f" | "--find-links" if is_address(value) => {
            address::host_only(value)
        }
        "-f" | "--find-links" => address::local(value),
        "--no-binary" | "--only-binary" => value.to_owned(),
        _ => String::new(),
    };
    format!("{name} {value}").trim_end().to_owned()
}

/// Splits at the first word that begins with `-`.
fn split_options(line: &str) -> (&str, &str) {
    let mut before = 'a';
    for (at, c) in line.char_indices() {
        if c == '-' && before.is_whitespace() {
            let (line, options) = line.split_at(at);
            return (line.trim_end(), options);
        }
        before = c;
    }
    (line, "")
}

fn hashes(options: &str) -> Result<(), LineFault> {
    let mut words = options.split_whitespace();
    while let Some(word) = words.next() {
        let hash = match word.strip_prefix("--hash") {
            Some("") => words.next(),
            Some(hash) => hash.strip_prefix('='),
            None => continue,
        };
        let hash = hash.and_then(|hash| hash.split_once(':')).filter(|(kind, digits)| {
            let plain = kind.bytes().all(|byte| byte.is_ascii_alphanumeric());
            !kind.is_empty() && plain && !digits.is_empty() && digits.bytes().all(|digit| digit.is_ascii_hexdigit())
        });
        hash.ok_or(LineFault::Hash)?;
    }
    Ok(())
}

/// `[a,b]`, if it stands here, and what follows.
fn extras(text: &str) -> Option<(String, &str)> {
    let Some(inside) = text.strip_prefix('[') else { return Some((String::new(), text)) };
    let (inside, rest) = inside.split_once(']')?;
    let names: Option<Vec<String>> = match inside.trim() {
        "" => Some(Vec::new()),
        inside => inside.split(',').map(|extra| normalised(extra.trim())).collect(),
    };
    Some((format!("[{}]", names?.join(",")), rest))
}

/// `==1.0, !=1.1` as operators and versions; empty for no condition at all, nothing if it is none.
fn specifiers(text: &str) -> Option<Vec<(&'static str, &str)>> {
    let text = text.strip_prefix('(').map_or(Some(text), |inside| inside.strip_suffix(')'))?;
    let mut found = Vec::new();
    for part in text.split(',').map(str::trim).filter(|part| !part.is_empty()) {
        let operator = OPERATORS.into_iter().find(|operator| part.starts_with(operator))?;
        let version = part.strip_prefix(operator)?.trim();
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '*' | '+' | '!' | '_' | '-');
        if version.is_empty() || version.len() > MAX_WORD || !version.chars().all(plain) {
            return None;
        }
        found.push((operator, version));
    }
    Some(found)
}

/// Whether a marker has an address in it. None of PEP 508's variables is one.
pub(super) fn has_address(marker: &str) -> bool {
    marker.contains("://") || marker.contains('@')
}

/// A condition, with one space between its words; none if nothing follows the `;`.
fn marker_of(text: &str) -> Result<Option<String>, LineFault> {
    let marker = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match marker {
        marker if marker.is_empty() => Ok(None),
        marker if marker.len() > MAX_LINE => Err(LineFault::Long),
        marker if marker.chars().any(is_unsafe) => Err(LineFault::Control),
        marker if has_address(&marker) => Err(LineFault::Marker),
        marker => Ok(Some(marker)),
    }
}

fn first_word(text: &str) -> &str {
    text.split_whitespace().next().unwrap_or_default()
}
