//! Entries of reports, from what was judged.

use super::beside::Beside;
use super::folder::Contents;
use super::judge::{Judged, Reading};
use super::stages::{Attested, Unsealed};
use super::turn::Turn;
use crate::bytes::{Expectation, Limit, Limits, Source, SourceError};
use crate::job::{Assurance, Failure, FailureKind, Job, Observation, Task};
use crate::manifest::Manifest;
use crate::reason::{Code, Finding, Group};
use crate::report::safe::pasted;
use crate::report::{Check, Checks, ModelInfo, ResultEntry, Signer};
use crate::seal::{Algorithm, KeyId, Sealed};
use std::path::Path;
use std::time::Instant;

/// A path as reports show it.
pub(super) fn shown(path: &Path) -> String {
    crate::report::safe::path(path)
}

/// What to do if a temporary file can not be made.
pub(crate) const ROOM: &str = "make room in the folder for temporary files, or name another in TMPDIR";

/// What `-` stands for: standard input, which can be read only once.
pub(super) fn is_standard_input(path: &Path) -> bool {
    path.as_os_str() == "-"
}

/// Opens a file that a user named; standard input is copied first, as far as a file may be long.
pub(super) fn open(path: &Path, limits: &Limits) -> Result<Source, SourceError> {
    if is_standard_input(path) {
        Source::copied(path, &mut std::io::stdin().lock(), limits.value(Limit::File, 0))
    } else {
        Source::open(path)
    }
}

/// The entry of a file that could not be opened: a failure, or for what is no regular file a refusal.
pub(super) fn unopened(path: &Path, error: &SourceError) -> ResultEntry {
    let failure = |kind, next: &str| Failure { kind, message: error.to_string(), next: next.to_owned() };
    match error {
        SourceError::NotFound(_) => ResultEntry::failed(shown(path), failure(FailureKind::NotFound, "check the path")),
        SourceError::NotRegular(_, kind) => {
            let next = if *kind == "a folder" {
                "name a file in it".to_owned()
            } else {
                format!("coldload scan - < {}   reads it once, to its end", pasted(path))
            };
            ResultEntry::failed(shown(path), failure(FailureKind::Usage, &next))
        }
        SourceError::TooMany(..) => {
            ResultEntry::failed(shown(path), failure(FailureKind::Usage, "name a folder in it"))
        }
        SourceError::Temporary(_) => ResultEntry::failed(shown(path), failure(FailureKind::Io, ROOM)),
        SourceError::Io(..) => ResultEntry::failed(shown(path), failure(FailureKind::Io, "check its permissions")),
    }
}

/// The entry of a file that was judged. `seen` gives what a file that holds is.
pub(super) fn judged<T>(path: &Path, size: u64, judged: &Judged<T>, seen: impl Fn(&T) -> &Observation) -> ResultEntry {
    let path = shown(path);
    let mut entry = match judged {
        Judged::Holds(held) => {
            let observation = seen(held);
            let mut entry = ResultEntry::accepted(path, observation.assurance, ModelInfo::observed(observation));
            holds(&mut entry, observation, size);
            entry
        }
        Judged::Refused { findings, more, observation } => {
            let mut entry = ResultEntry::refused(path, findings.clone(), *more);
            entry.model = observation.as_deref().map(ModelInfo::observed).unwrap_or_default();
            for finding in findings {
                fails(&mut entry.checks, finding.code);
            }
            entry
        }
        Judged::Failed(failure) => ResultEntry::failed(path, failure.clone()),
    };
    entry.size = Some(size);
    entry
}

/// Judges a file that nobody vouches for, and makes its entry.
pub(super) fn unsealed(
    path: &Path,
    source: &Source,
    reading: &Reading<'_>,
    task: Task,
) -> (ResultEntry, Judged<Unsealed>) {
    let (expectation, beside) = (Expectation::unsigned(source.size()), Beside::around(source));
    let turn = Turn { source, expectation: &expectation, beside: &beside, queued: None };
    unsealed_in_turn(path, &turn, reading, &reading.job(task))
}

/// The same for a file whose turn has come.
pub(super) fn unsealed_in_turn(
    path: &Path,
    turn: &Turn<'_>,
    reading: &Reading<'_>,
    job: &Job,
) -> (ResultEntry, Judged<Unsealed>) {
    let began = Instant::now();
    let held = Unsealed::in_turn(turn, reading, job);
    let mut entry = judged(path, turn.source.size(), &held, Unsealed::observation);
    if let Judged::Holds(_) = held {
        entry.not_checked.insert(0, "signature".to_owned());
    }
    entry.milliseconds = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
    (entry, held)
}

/// The entry of a folder that was judged.
pub(super) fn judged_folder<T>(path: &Path, judged: &Judged<T>, seen: impl Fn(&T) -> &Contents) -> ResultEntry {
    let path = shown(path);
    match judged {
        Judged::Holds(held) => {
            let contents = seen(held);
            let models: Vec<&Observation> = contents.models.iter().map(|(_, observation)| observation).collect();
            let mut entry = ResultEntry::accepted(path, contents.assurance(), ModelInfo::several(&models));
            let names: std::collections::BTreeSet<&String> =
                models.iter().flat_map(|observation| &observation.observed.content.names).collect();
            holds_all(&mut entry, contents.assurance(), contents.files, contents.size, names.len());
            entry.size = Some(contents.size);
            entry
        }
        Judged::Refused { findings, more, .. } => {
            let mut entry = ResultEntry::refused(path, findings.clone(), *more);
            for finding in findings {
                fails(&mut entry.checks, finding.code);
            }
            entry
        }
        Judged::Failed(failure) => ResultEntry::failed(path, failure.clone()),
    }
}

/// What is said of an accepted file's contents.
fn holds(entry: &mut ResultEntry, observation: &Observation, size: u64) {
    holds_all(entry, observation.assurance, 1, size, observation.observed.content.names.len());
}

fn holds_all(entry: &mut ResultEntry, assurance: Assurance, files: u64, size: u64, names: usize) {
    entry.checks.content = Check::Passed;
    entry.checked.push(format!("{files} file{} of {size} bytes", if files == 1 { "" } else { "s" }));
    entry.checked.push(format!("{names} name{}", if names == 1 { "" } else { "s" }));
    match assurance {
        Assurance::Names => {
            entry.not_checked.push("shapes (a name that you allowed may be given anything)".to_owned());
            entry.not_checked.push("structure".to_owned());
        }
        Assurance::Shapes => {
            entry.checked.push("shapes".to_owned());
            let plain = entry.model.class.is_none() && entry.model.models.is_none();
            let which = if plain { "nothing in it is" } else { "not every estimator in it is" };
            entry.not_checked.push(format!("structure ({which} typed by this version)"));
        }
        Assurance::Typed => {
            entry.checks.structure = Check::Passed;
            entry.checked.extend(["shapes".to_owned(), "structure".to_owned()]);
        }
    }
}

/// Which check a code is a failure of.
pub(super) fn fails(checks: &mut Checks, code: Code) {
    let failed = Check::Failed;
    match code {
        Code::WrongModel => checks.name = failed,
        Code::DigestMismatch | Code::MissingFile | Code::ExtraFile => checks.digests = failed,
        Code::StructureInvalid => checks.structure = failed,
        Code::SchemaMismatch => checks.schema = failed,
        Code::ContentMismatch => checks.content = failed,
        Code::EnvironmentMismatch => checks.environment = failed,
        Code::Expired => {}
        code => match code.group() {
            Group::Trust => checks.signature = failed,
            Group::Content => checks.content = failed,
            Group::Bytes | Group::Model | Group::Environment | Group::Worker => {}
        },
    }
}

/// The entry of a model that was refused before its bytes were read.
pub(super) fn refused(source: Option<&Source>, path: &Path, finding: Finding) -> ResultEntry {
    let mut entry = ResultEntry::refused(shown(path), vec![finding], 0);
    entry.size = source.map(Source::size);
    if let Some(finding) = entry.reasons.first() {
        fails(&mut entry.checks, finding.code);
    }
    entry
}

/// A key that signed a seal, by what the verifier calls it.
pub(super) fn signer(kind: Algorithm, id: KeyId, names: &[(KeyId, String)], trusted: bool) -> Signer {
    let name = names.iter().find(|(known, _)| *known == id).map(|(_, name)| name.clone());
    Signer { kind: kind.to_string(), id: id.to_string(), name, trusted }
}

/// Who signed a seal, as it says of itself: none of them is believed.
pub(super) fn claimed_signers(sealed: &Sealed, names: &[(KeyId, String)]) -> Vec<Signer> {
    sealed.claimed_signers().iter().map(|one| signer(one.algorithm, one.id, names, false)).collect()
}

/// Adds what a seal says to an entry: the model's identity, and who vouches for it.
pub(super) fn sealed<S>(entry: &mut ResultEntry, attested: &Attested<S>, names: &[(KeyId, String)]) {
    let manifest = attested.manifest();
    entry.model.name = Some(manifest.name.clone());
    entry.model.version.clone_from(&manifest.version);
    entry.model.sequence = Some(manifest.sequence);
    let of = |one: &crate::seal::Signer, trusted| signer(one.kind, one.id, names, trusted);
    entry.signers = attested.signers().iter().map(|one| of(one, true)).collect();
    entry.signers.extend(attested.unknown().iter().map(|one| of(one, false)));
    entry.claimed = claimed(manifest);
}

/// What of a seal is only its signer's word, without the versions of the statements.
pub(super) fn claimed(manifest: &Manifest) -> Vec<String> {
    manifest.claimed().into_iter().map(|claim| claim.split('@').next().unwrap_or(claim).to_owned()).collect()
}
