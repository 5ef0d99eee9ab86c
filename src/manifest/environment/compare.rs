//! Whether what is said of an environment agrees: one source with another, and each with the model.

use super::agree;
use crate::manifest::claims::Environment;
use std::collections::BTreeMap;

/// One version of a package, and who says so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found<'a> {
    /// The version.
    pub version: &'a str,
    /// The lock file, or nothing for the interpreter.
    pub lock: Option<&'a str>,
    /// The condition under which it holds.
    pub marker: Option<&'a str>,
}

impl std::fmt::Display for Found<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.lock {
            Some(lock) => write!(f, "{} in {lock}", self.version),
            None => write!(f, "{} in the interpreter", self.version),
        }
    }
}

/// Two sources that name different versions of one package.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contradiction<'a> {
    /// The package.
    pub name: &'a str,
    /// What one says.
    pub one: Found<'a>,
    /// What another says.
    pub other: Found<'a>,
}

/// All that an environment says of a package's version.
pub fn found<'a>(environment: &'a Environment, name: &str) -> Vec<Found<'a>> {
    all(environment).filter(|(package, _)| *package == name).map(|(_, found)| found).collect()
}

/// The first two sources that contradict one another. What holds under a condition contradicts nothing.
pub fn contradiction(environment: &Environment) -> Option<Contradiction<'_>> {
    let mut first: BTreeMap<&str, Found<'_>> = BTreeMap::new();
    for (name, other) in all(environment).filter(|(_, found)| found.marker.is_none()) {
        match first.get(name) {
            Some(one) if !agree(one.version, other.version) => {
                return Some(Contradiction { name, one: one.clone(), other });
            }
            Some(_) => {}
            None => drop(first.insert(name, other)),
        }
    }
    None
}

fn all(environment: &Environment) -> impl Iterator<Item = (&str, Found<'_>)> {
    let pins = environment.locks.iter().flat_map(|lock| {
        let found = |version, marker| Found { version, lock: Some(lock.name.as_str()), marker };
        lock.pins
            .iter()
            .flatten()
            .map(move |pin| (pin.name.as_str(), found(pin.version.as_str(), pin.marker.as_deref())))
    });
    let installed = environment.packages.iter().flat_map(|packages| &packages.installed);
    pins.chain(
        installed.map(|package| (package.name.as_str(), Found { version: &package.version, lock: None, marker: None })),
    )
}
