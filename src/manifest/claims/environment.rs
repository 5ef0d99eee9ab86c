//! `environment@1`: the Python, platform and packages with which a model was made, and lock files that name them.

use super::{ClaimFault, Sha256, sorted, text};
use crate::manifest::environment::is_normalised;
use crate::reason::escape;
use serde::{Deserialize, Serialize};

/// Longest text of an environment, in bytes.
const MAX_TEXT: usize = 200;
/// Longest marker, or requirement that is no pin.
pub(in crate::manifest) const MAX_LINE: usize = 1000;
/// Most packages, and most pins of one lock file.
pub(in crate::manifest) const MAX_PACKAGES: usize = 20_000;
/// Most lock files.
pub(in crate::manifest) const MAX_LOCKS: usize = 32;

/// Where a model was made, as its signer says.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Environment {
    /// The interpreter.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub python: Option<Python>,
    /// The machine.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub platform: Option<Platform>,
    /// What was installed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub packages: Option<Packages>,
    /// Files that say what was to be installed, in the order in which they were named.
    pub locks: Vec<Lock>,
}

/// An interpreter, in the words of PEP 508's markers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Python {
    /// `cpython`.
    pub implementation: String,
    /// `3.11.7`.
    pub version: String,
    /// How this is known: `interpreter`, which was asked.
    pub found: String,
}

/// A machine, in the words of PEP 508's markers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Platform {
    /// `linux`, `darwin`, `win32`.
    pub system: String,
    /// `x86_64`.
    pub machine: String,
    /// `glibc 2.36`, where there is one to tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub libc: Option<String>,
    /// How this is known: `interpreter`, which was asked.
    pub found: String,
}

/// Installed packages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Packages {
    /// Each once, sorted by name.
    pub installed: Vec<Package>,
    /// How this is known: `interpreter`, which was asked.
    pub found: String,
}

/// A package and its version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Package {
    /// As PEP 503 normalises it.
    pub name: String,
    /// As it was found.
    pub version: String,
}

/// A file that says what is to be installed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lock {
    /// The file's name, without the folders above it.
    pub name: String,
    /// `requirements`, `pip-compile`, `pipfile-lock`, `poetry-lock`, `uv-lock`, `pylock`, `conda-lock`, `conda-env`, …
    pub kind: String,
    /// SHA-256 of the file.
    pub sha256: Sha256,
    /// Its pins, sorted, each once; absent if the kind is one whose pins are not read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pins: Option<Vec<Pin>>,
    /// What else it says, in the file's order, without credentials: requirements that pin no version, and options, of which
    /// none was followed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub others: Vec<String>,
    /// How this is known: `file`, which the signer named.
    pub found: String,
}

/// A requirement for exactly one version.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pin {
    /// As PEP 503 normalises it.
    pub name: String,
    /// As it is written.
    pub version: String,
    /// The condition under which it holds, if there is one (PEP 508); nothing decides it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub marker: Option<String>,
}

impl Environment {
    /// Checks the rules that every environment obeys in a manifest.
    pub fn validate(&self) -> Result<(), ClaimFault> {
        let short = |field, value: &str| text(field, value, MAX_TEXT);
        if let Some(Python { implementation, version, found }) = &self.python {
            short("python.implementation", implementation)?;
            short("python.version", version)?;
            short("python.found", found)?;
        }
        if let Some(Platform { system, machine, libc, found }) = &self.platform {
            short("platform.system", system)?;
            short("platform.machine", machine)?;
            libc.as_deref().map_or(Ok(()), |libc| short("platform.libc", libc))?;
            short("platform.found", found)?;
        }
        if let Some(Packages { installed, found }) = &self.packages {
            sorted("packages", installed, MAX_PACKAGES, |a, b| a.name < b.name)?;
            installed.iter().try_for_each(|package| named(&package.name, &package.version))?;
            short("packages.found", found)?;
        }
        if self.locks.len() > MAX_LOCKS {
            return Err(ClaimFault::Many { field: "lock files", most: MAX_LOCKS });
        }
        self.locks.iter().try_for_each(Lock::validate)
    }
}

impl Lock {
    fn validate(&self) -> Result<(), ClaimFault> {
        text("a lock file's name", &self.name, MAX_TEXT)?;
        text("a lock file's kind", &self.kind, MAX_TEXT)?;
        text("a lock file's found", &self.found, MAX_TEXT)?;
        if self.others.len() > MAX_PACKAGES {
            return Err(ClaimFault::Many { field: "other lines", most: MAX_PACKAGES });
        }
        self.others.iter().try_for_each(|other| text("a line of a lock file", other, MAX_LINE))?;
        let pins = self.pins.as_deref().unwrap_or_default();
        sorted("pins", pins, MAX_PACKAGES, |a, b| a < b)?;
        pins.iter().try_for_each(|pin| {
            pin.marker.as_deref().map_or(Ok(()), |marker| text("a marker", marker, MAX_LINE))?;
            named(&pin.name, &pin.version)
        })
    }
}

fn named(name: &str, version: &str) -> Result<(), ClaimFault> {
    if name.len() > MAX_TEXT || !is_normalised(name) {
        return Err(ClaimFault::Package(escape(name)));
    }
    text("a package's version", version, MAX_TEXT)
}
