//! What holds after each step, as types that exist only if the step held: private fields, no `Clone`.
//!
//! [`Source`] → [`Attested`] (signature and manifest hold) → [`Authorised`] (name and time hold) → [`Admitted`] (digests,
//! content, schema and structure hold). [`Unsealed`] is what `--unverified` makes: another type, so that nothing that wants
//! an [`Admitted`] model can take it.

use super::beside::Beside;
use super::folder::{self, Contents};
use super::judge::{Judged, Reading};
use super::turn::Turn;
use crate::bytes::{Absent, Expectation, Folder, Source};
use crate::job::{Decision, Job, Observation, Written};
use crate::manifest::{Content, FileEntry, Manifest, Schema, Time};
use crate::reason::{Code, Finding, escape};
use crate::seal::{Keyring, Sealed, Signer};

/// Why a step did not hold.
pub(super) type Refusal = Box<Finding>;

/// What a seal is of: a file or a folder that was opened.
pub(super) trait Subject {
    /// Whether it is a single file.
    const SINGLE: bool;
}

impl Subject for Source {
    const SINGLE: bool = true;
}

impl Subject for Folder {
    const SINGLE: bool = false;
}

/// A source whose seal is signed by a key that the verifier trusts.
#[derive(Debug)]
pub struct Attested<S = Source> {
    source: S,
    manifest: Manifest,
    signers: Vec<Signer>,
    unknown: Vec<Signer>,
}

impl<S> Attested<S> {
    /// Checks the seal's form and signatures, and that its manifest is of a file or of a folder, as the source is.
    pub(super) fn new(source: S, seal: &[u8], trusted: &Keyring) -> Result<Attested<S>, Refusal>
    where
        S: Subject,
    {
        let of_seal = |error: crate::seal::SealError| Box::new(Finding::new(error.code(), error.to_string()));
        let of_manifest =
            |error: crate::manifest::ManifestError| Box::new(Finding::new(error.code(), error.to_string()));
        let sealed = Sealed::decode(seal).map_err(of_seal)?;
        let attestation = sealed.verify(trusted).map_err(of_seal)?;
        let manifest = Manifest::decode(attestation.manifest()).map_err(of_manifest)?;
        if manifest.is_single() != S::SINGLE {
            let kind = |single| if single { "a single file" } else { "a folder" };
            let message =
                format!("the seal is of {}, and the model is {}", kind(manifest.is_single()), kind(S::SINGLE));
            return Err(Box::new(Finding::new(Code::ManifestInvalid, message)));
        }
        let (signers, unknown) = (attestation.signers().to_vec(), attestation.unknown().to_vec());
        Ok(Attested { source, manifest, signers, unknown })
    }
}

impl<S> Attested<S> {
    /// What was opened.
    pub(super) fn source(&self) -> &S {
        &self.source
    }

    /// What was signed.
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// The trusted keys that signed it; at least one.
    pub fn signers(&self) -> &[Signer] {
        &self.signers
    }

    /// Signers whom the verifier does not know; they count for nothing.
    pub fn unknown(&self) -> &[Signer] {
        &self.unknown
    }

    /// Checks that the model is the one that is expected, and that its seal holds at this time.
    pub(super) fn authorise(self, name: Option<&str>, now: Time) -> Result<Authorised<S>, Box<(Attested<S>, Refusal)>> {
        if let Some(wanted) = name.filter(|wanted| *wanted != self.manifest.name) {
            let message =
                format!("the seal is for \"{}\", and \"{}\" is expected", escape(&self.manifest.name), escape(wanted));
            let message = message + &alike(&self.manifest.name, wanted).unwrap_or_default();
            return Err(Box::new((self, Box::new(Finding::new(Code::WrongModel, message)))));
        }
        if let Err(error) = self.manifest.check_clock(now) {
            return Err(Box::new((self, Box::new(of_clock(&error)))));
        }
        Ok(Authorised { attested: self })
    }
}

/// Where two names part, if they may look the same: Unicode writes `é` in two ways, and has an `а` that is not Latin.
fn alike(one: &str, other: &str) -> Option<String> {
    let same = one.chars().zip(other.chars()).take_while(|(one, other)| one == other).count();
    let part = |name: &str| name.chars().skip(same).take(2).collect::<String>();
    let (one, other) = (part(one), part(other));
    let shown = |part: &str| if part.is_empty() { "the end".to_owned() } else { part.escape_default().to_string() };
    (!one.is_ascii() || !other.is_ascii()).then(|| format!("; they part at {} and {}", shown(&one), shown(&other)))
}

/// The finding of a seal that does not hold at this time.
fn of_clock(error: &crate::manifest::ManifestError) -> Finding {
    let finding = Finding::new(error.code(), error.to_string());
    match error.code() {
        Code::ManifestInvalid => finding
            .because("a seal from the future would outrank every later one")
            .next("compare both clocks with  date -u ; if this one is right, sign the model again without --sequence"),
        _ => finding,
    }
}

/// An attested source that is the model which the verifier means, at a time at which its seal holds.
#[derive(Debug)]
pub struct Authorised<S = Source> {
    attested: Attested<S>,
}

impl<S> Authorised<S> {
    /// The step before.
    pub fn attested(&self) -> &Attested<S> {
        &self.attested
    }
}

impl Authorised<Source> {
    /// Reads the file behind walls, and compares what it holds with what was signed before anything is made of it.
    pub(super) fn admit(self, reading: &Reading<'_>, job: &Job) -> (Self, Judged<Admitted>) {
        let Attested { source, manifest, .. } = &self.attested;
        let Some(FileEntry { table, .. }) = manifest.files.first() else {
            let finding = Finding::new(Code::ManifestInvalid, "the manifest names no file");
            return (self, folder::refused(vec![finding], 0));
        };
        let expectation = Expectation::Signed(table.clone());
        let single = Beside::Nowhere(Absent::Single);
        let signed = &manifest.observed;
        let turn = Turn { source, expectation: &expectation, beside: &single, queued: None };
        let judged = reading.judge(&turn, job, &mut |observation| match compare(
            signed.schema.as_ref(),
            signed.content.as_ref(),
            observation,
        ) {
            Some(finding) => (Decision::Stop, Some(finding)),
            None => (Decision::Proceed, None),
        });
        let judged = judged.map(|(observation, written)| Admitted { observation, written });
        (self, judged)
    }
}

impl Authorised<Folder> {
    /// Compares the folder's files with those that were sealed, and reads each of them behind walls.
    pub(super) fn admit(self, reading: &Reading<'_>, job: &Job) -> (Self, Judged<AdmittedFolder>) {
        let Attested { source: folder, manifest, .. } = &self.attested;
        let strays = folder::strays(folder, Some(&manifest.files));
        if !strays.is_empty() {
            return (self, folder::refused(strays, 0));
        }
        let signed = manifest.observed.models.as_deref();
        // Statements stand in the order of the files, which is that of their paths.
        let compare_one = |path: &str, observation: &Observation| {
            let models = signed?;
            match models.binary_search_by(|model| model.path.as_str().cmp(path)).ok().and_then(|at| models.get(at)) {
                Some(model) => compare(Some(&model.schema), Some(&model.content), observation),
                None => Some(Finding::new(
                    Code::ContentMismatch,
                    "this is a model, and the seal does not speak of it as one",
                )),
            }
        };
        let (judged, walls) = folder::judge(folder, &manifest.files, reading, job, &compare_one);
        reading.stood(walls);
        let judged = judged.and_then(|contents| {
            let found = |path: &str| contents.models.binary_search_by(|(model, _)| model.as_str().cmp(path)).is_ok();
            match signed.and_then(|models| models.iter().find(|model| !found(&model.path))) {
                Some(model) => {
                    let message = format!("{} is no model, and the seal speaks of it as one", escape(&model.path));
                    folder::refused(vec![Finding::new(Code::ContentMismatch, message)], 0)
                }
                None => Judged::Holds(AdmittedFolder { contents }),
            }
        });
        (self, judged)
    }
}

/// Compares what a file holds with the signed statements about it.
fn compare(schema: Option<&Schema>, content: Option<&Content>, observation: &Observation) -> Option<Finding> {
    let observed = &observation.observed;
    if let Some(schema) = schema.filter(|schema| **schema != observed.schema) {
        return Some(Finding::new(Code::SchemaMismatch, schema_difference(schema, &observed.schema)));
    }
    let content = content.filter(|content| **content != observed.content)?;
    Some(Finding::new(Code::ContentMismatch, content_difference(content, &observed.content)))
}

fn schema_difference(signed: &crate::manifest::Schema, found: &crate::manifest::Schema) -> String {
    let text = |class: &Option<String>| class.as_deref().map_or_else(|| "no class".to_owned(), escape);
    let number = |number: Option<u64>| number.map_or_else(|| "none".to_owned(), |number| number.to_string());
    if signed.class != found.class {
        return format!("the seal says {}, and the file holds {}", text(&signed.class), text(&found.class));
    }
    if signed.n_features_in != found.n_features_in {
        let (signed, found) = (number(signed.n_features_in), number(found.n_features_in));
        return format!("the seal says {signed} features, and the file has {found}");
    }
    let part = [
        (signed.sklearn_versions != found.sklearn_versions, "scikit-learn versions"),
        (signed.feature_names_in != found.feature_names_in, "names of features"),
        (signed.classes != found.classes, "classes"),
        (signed.n_outputs != found.n_outputs, "number of outputs"),
        (signed.steps != found.steps, "steps"),
    ];
    let part = part.into_iter().find(|(differs, _)| *differs).map_or("schema", |(_, part)| part);
    format!("the seal says other {part} than the file has")
}

fn content_difference(signed: &crate::manifest::Content, found: &crate::manifest::Content) -> String {
    if let Some(name) = found.names.iter().find(|name| !signed.names.contains(name)) {
        return format!("the file asks for {}, of which the seal says nothing", escape(name));
    }
    if let Some(name) = signed.names.iter().find(|name| !found.names.contains(name)) {
        return format!("the seal speaks of {}, for which the file does not ask", escape(name));
    }
    let part = [
        (signed.format != found.format, "format"),
        (signed.compressors != found.compressors, "compressor"),
        (signed.protocols != found.protocols, "protocol"),
        (signed.pickles != found.pickles, "number of pickles"),
        (signed.arrays != found.arrays, "arrays"),
    ];
    let part = part.into_iter().find(|(differs, _)| *differs).map_or("content", |(_, part)| part);
    format!("the seal says another {part} than the file has")
}

/// A model that may be used: every step held. What was written, if something was asked for, is released by the caller.
#[derive(Debug)]
pub struct Admitted {
    observation: Observation,
    written: Written,
}

impl Admitted {
    /// What the file holds.
    pub fn observation(&self) -> &Observation {
        &self.observation
    }

    /// What was written to the output.
    pub fn written(&self) -> &Written {
        &self.written
    }
}

/// A folder that may be used: every step held for each of its files.
#[derive(Debug)]
pub struct AdmittedFolder {
    contents: Contents,
}

impl AdmittedFolder {
    /// What the folder holds.
    pub(super) fn contents(&self) -> &Contents {
        &self.contents
    }
}

/// A file that was judged without anybody's word for it.
#[derive(Debug)]
pub struct Unsealed {
    observation: Observation,
    written: Written,
}

impl Unsealed {
    /// Reads the file behind walls. `expectation` may be a digest's, or nothing.
    pub(super) fn read(
        source: &Source,
        expectation: &Expectation,
        reading: &Reading<'_>,
        job: &Job,
    ) -> Judged<Unsealed> {
        let beside = match expectation {
            Expectation::Signed(_) => Beside::Nowhere(Absent::Single),
            Expectation::Once | Expectation::FirstRead => Beside::around(source),
        };
        Unsealed::in_turn(&Turn { source, expectation, beside: &beside, queued: None }, reading, job)
    }

    /// The same for a file whose turn has come.
    pub(super) fn in_turn(turn: &Turn<'_>, reading: &Reading<'_>, job: &Job) -> Judged<Unsealed> {
        let judged = reading.judge(turn, job, &mut |_| (Decision::Proceed, None));
        judged.map(|(observation, written)| Unsealed { observation, written })
    }

    /// What the file holds.
    pub fn observation(&self) -> &Observation {
        &self.observation
    }

    /// What was written to the output.
    pub fn written(&self) -> &Written {
        &self.written
    }
}
