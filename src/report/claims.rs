//! The sentences in which a seal's claims are shown: always below a line that says whose word they are.

use super::ClaimedStatements;
use super::details::{counted, few};
use crate::manifest::{Environment, Lock, Pin, Provenance};

type Row = (&'static str, String);

/// The rows of all claims that this version reads.
pub(super) fn rows(claimed: &ClaimedStatements, all: bool) -> Vec<Row> {
    let mut rows = claimed.environment.as_ref().map_or_else(Vec::new, |environment| environment_rows(environment, all));
    rows.extend(claimed.provenance.iter().flat_map(|provenance| provenance_rows(provenance, all)));
    let digests = claimed.digests.iter().flatten();
    let digests: Vec<String> = digests.map(|digest| format!("{} sha256:{}", digest.path, digest.sha256)).collect();
    if !digests.is_empty() {
        rows.push(("digests", few(digests.into_iter(), all)));
    }
    rows
}

fn environment_rows(environment: &Environment, all: bool) -> Vec<Row> {
    let mut rows = Vec::new();
    if let Some(python) = &environment.python {
        rows.push(("python", format!("{} {}, said the {}", python.implementation, python.version, python.found)));
    }
    if let Some(platform) = &environment.platform {
        let libc = platform.libc.as_ref().map(|libc| format!(", {libc}")).unwrap_or_default();
        rows.push(("platform", format!("{} {}{libc}, said the {}", platform.system, platform.machine, platform.found)));
    }
    if let Some(packages) = &environment.packages {
        let installed = packages.installed.iter().map(|package| format!("{} {}", package.name, package.version));
        let count = packages.installed.len();
        rows.push(("packages", format!("{count}, said the {}: {}", packages.found, few(installed, all))));
    }
    rows.extend(environment.locks.iter().map(|lock| ("lock file", lock_text(lock, all))));
    rows
}

fn lock_text(lock: &Lock, all: bool) -> String {
    let digest = lock.sha256.to_string();
    let digest = if all { digest.as_str() } else { digest.get(..12).unwrap_or_default() };
    let cut = if all { "" } else { "…" };
    let mut text = format!("{} ({}, sha256:{digest}{cut})", lock.name, lock.kind);
    match &lock.pins {
        Some(pins) => {
            let pin = |pin: &Pin| {
                let marker = pin.marker.as_ref().map(|marker| format!(" if {marker}")).unwrap_or_default();
                format!("{} {}{marker}", pin.name, pin.version)
            };
            let count = counted(pins.len() as u64, "pin", "pins");
            text.push_str(&format!(", {count}: {}", few(pins.iter().map(pin), all)));
        }
        None => text.push_str(", pins not read"),
    }
    if !lock.others.is_empty() {
        text.push_str(&format!("; not followed: {}", few(lock.others.iter().cloned(), all)));
    }
    text
}

fn provenance_rows(provenance: &Provenance, all: bool) -> Vec<Row> {
    let mut rows = Vec::new();
    if let Some(source) = &provenance.source {
        rows.push(("commit", format!("{}, found by {}", source.commit, source.found)));
    }
    if let Some(ci) = &provenance.ci {
        let repository = ci.repository.as_ref().map(|repository| format!(" of {repository}")).unwrap_or_default();
        let commit = ci.commit.as_ref().map(|commit| format!(" for {commit}")).unwrap_or_default();
        rows.push(("pipeline", format!("{}{repository}{commit}: {}", ci.system, ci.run)));
    }
    rows.extend(provenance.parent.iter().map(|parent| ("parent", format!("manifest sha256:{parent}"))));
    let data = provenance.data.iter().map(|data| format!("{} sha256:{}", data.name, data.sha256));
    let pair = |(key, value): (&String, &String)| format!("{key}={value}");
    for (label, items) in [
        ("data", data.collect::<Vec<_>>()),
        ("metrics", provenance.metrics.iter().map(pair).collect()),
        ("annotations", provenance.annotations.iter().map(pair).collect()),
    ] {
        if !items.is_empty() {
            rows.push((label, few(items.into_iter(), all)));
        }
    }
    rows
}
