//! Seals: what is read is the only spelling of what it says, and no edit of a seal is taken for what was signed.

use super::Bytes;
use crate::bytes::{ChunkTable, Input, Limits};
use crate::job::{self, Decision, Emit, Job, Observation, Outcome, Task};
use crate::manifest::{FileEntry, Manifest, SINGLE, Time};
use crate::reason::Finding;
use crate::seal::{self, Algorithm, Ed25519SigningKey, HmacKey, Keyring, Sealed};
use std::sync::LazyLock;

/// PKCS#8 of an Ed25519 key that signs nothing else (RFC 8410 §7); there is one for each number.
pub(super) const fn key(number: u8) -> [u8; 48] {
    let head = [0x30, 46, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 4, 34, 4, 32];
    let mut key = [0x5a ^ number; 48];
    let mut at = 0;
    while at < head.len() {
        key[at] = head[at];
        at += 1;
    }
    key
}

const KEY: [u8; 48] = key(0);

/// The manifest, its two seals, and who is trusted.
struct Ours {
    manifest: Vec<u8>,
    signed: Vec<u8>,
    authenticated: Vec<u8>,
    trusted: Keyring,
}

/// A manifest with nothing in it but what every manifest has.
pub(super) fn small() -> Option<Manifest> {
    let table = ChunkTable::of(&b"the bytes of a model"[..]).ok()?;
    let created: Time = "2026-11-24T16:00:00Z".parse().ok()?;
    let file = FileEntry { path: SINGLE.to_owned(), table };
    Some(Manifest::new("churn", created, vec![file], "coldload 0.1.0"))
}

static OURS: LazyLock<Option<Ours>> = LazyLock::new(|| {
    let key = Ed25519SigningKey::from_pkcs8(&KEY).ok()?;
    let secret = HmacKey::from_bytes(&[0x5a; 32]).ok()?;
    let manifest = small()?.encode().ok()?;
    let signed = seal::sign(&manifest, &[&key]).ok()?;
    let authenticated = seal::mac(&manifest, &secret).ok()?;
    let mut trusted = Keyring::default();
    trusted.trust(Box::new(key.verifying_key()));
    trusted.share(secret);
    Some(Ours { manifest, signed, authenticated, trusted })
});

/// A seal of each kind, and a manifest.
pub(super) fn seeds() -> Vec<Vec<u8>> {
    OURS.iter().flat_map(|ours| [&ours.manifest, &ours.signed, &ours.authenticated]).cloned().collect()
}

/// A seal or a manifest; and, described by the same bytes, an edit of a seal that holds.
pub fn seal(data: &[u8]) {
    let Some(ours) = OURS.as_ref() else { panic!("the key of this target makes no seal") };
    is_the_only_spelling(data);
    is_not_ours(ours, data);
    let mut edits = Bytes::new(data);
    for whole in [&ours.signed, &ours.authenticated] {
        let mut edited = whole.clone();
        for _ in 0..=edits.byte() % 3 {
            edits.damage(&mut edited);
        }
        if edited != *whole {
            is_the_only_spelling(&edited);
            is_not_ours(ours, &edited);
        }
    }
}

/// A manifest that is made of `data`, of a file or a folder: what encodes decodes to the same, and an edit of it is refused or
/// is another manifest in its only spelling.
pub fn manifest(data: &[u8]) {
    is_the_only_spelling(data);
    let mut data = Bytes::new(data);
    let mut text = |most: usize| {
        let length = data.choose(most);
        String::from_utf8_lossy(data.take(length)).into_owned()
    };
    let (name, version, by) = (text(16), text(16), text(16));
    let paths: Vec<String> = (0..3).map(|_| text(24)).filter(|path| !path.is_empty()).collect();
    let Ok(created) = "2026-11-24T16:00:00Z".parse::<Time>() else { return };
    let table = |bytes: &[u8]| ChunkTable::of(bytes).unwrap_or_else(|_| unreachable!("memory can be read"));
    let files = match paths.is_empty() {
        true => vec![FileEntry { path: SINGLE.to_owned(), table: table(b"a model") }],
        false => paths.iter().map(|path| FileEntry { path: path.clone(), table: table(path.as_bytes()) }).collect(),
    };
    let mut manifest = Manifest::new(name, created, files, by);
    manifest.version = Some(version).filter(|version| !version.is_empty());
    manifest.sequence = data.number().into();
    let Ok(bytes) = manifest.encode() else { return };
    assert_eq!(Manifest::decode(&bytes).as_ref(), Ok(&manifest), "a manifest does not read back");
    for path in &manifest.files {
        let plain = path.path == SINGLE || path.path.split('/').all(|part| !matches!(part, "" | "." | ".."));
        assert!(plain && !path.path.contains(['\\', '\0']), "{:?} is a path of a manifest", path.path);
    }
    let mut edited = bytes.clone();
    for _ in 0..=data.byte() % 3 {
        data.damage(&mut edited);
    }
    is_the_only_spelling(&edited);
    if let Ok(other) = Manifest::decode(&edited) {
        assert_eq!(other == manifest, edited == bytes, "two spellings of one manifest");
    }
}

/// A model that is accepted as it was sealed, in one piece.
const MODEL: &[u8] = b"\x80\x04}(\x8c\x04coefG?\xf0\x00\x00\x00\x00\x00\x00\x8c\x05namesK\x01K\x02\x86u.";

/// A seal of [`MODEL`], and who is trusted.
static SEALED: LazyLock<Option<(Vec<u8>, Keyring)>> = LazyLock::new(|| {
    let key = Ed25519SigningKey::from_pkcs8(&KEY).ok()?;
    let created: Time = "2026-11-24T16:00:00Z".parse().ok()?;
    let file = FileEntry { path: SINGLE.to_owned(), table: ChunkTable::of(MODEL).ok()? };
    let manifest = Manifest::new("churn", created, vec![file], "coldload 0.1.0").encode().ok()?;
    let mut trusted = Keyring::default();
    trusted.trust(Box::new(key.verifying_key()));
    Some((seal::sign(&manifest, &[&key]).ok()?, trusted))
});

/// An edit of a model, of its seal, or of both, is never accepted as what was sealed, whatever the pieces in which it is read.
pub fn seal_mutate(data: &[u8]) {
    let Some((seal, trusted)) = SEALED.as_ref() else { panic!("the key of this target makes no seal") };
    assert!(accepts(MODEL, seal, trusted, usize::MAX), "the honest twin is refused");
    let mut edits = Bytes::new(data);
    let which = edits.byte();
    let window = [usize::MAX, 1, 7][usize::from(which) / 4 % 3];
    let (mut model, mut edited) = (MODEL.to_vec(), seal.clone());
    for _ in 0..=edits.byte() % 3 {
        if which & 1 == 0 {
            edits.damage(&mut model);
        }
        if which & 2 == 0 {
            edits.damage(&mut edited);
        }
    }
    if accepts(&model, &edited, trusted, window) {
        assert_eq!(model, MODEL, "another model is accepted");
        // Only signers whom nobody trusts may have been added.
        assert!(edited == *seal || edited.len() > seal.len(), "an edited seal holds");
    }
}

/// What a verifier does with a model and its seal.
fn accepts(model: &[u8], seal: &[u8], trusted: &Keyring, window: usize) -> bool {
    let Ok(sealed) = Sealed::decode(seal) else { return false };
    let Ok(attestation) = sealed.verify(trusted) else { return false };
    let Ok(manifest) = Manifest::decode(attestation.manifest()) else { return false };
    let Some(file) = manifest.files.first().filter(|_| manifest.is_single()) else { return false };
    let Ok(input) = Input::signed(model, &file.table, window) else { return false };
    let job = Job { task: Task::Judge, limits: Limits::default(), allow: Vec::new(), allow_sets: Vec::new() };
    matches!(job::run(&job, input, None, None, &mut Nothing), Outcome::Done { .. })
}

/// Nobody listens.
struct Nothing;

impl Emit for Nothing {
    fn finding(&mut self, _: Finding) {}

    fn observed(&mut self, _: Box<Observation>) -> Decision {
        Decision::Proceed
    }
}

fn is_the_only_spelling(bytes: &[u8]) {
    let sealed = Sealed::decode(bytes);
    assert_eq!(sealed, Sealed::decode(bytes));
    let mut manifests = vec![bytes];
    if let Ok(sealed) = &sealed {
        assert_eq!(sealed.encode(), bytes, "a seal has a second spelling");
        manifests.push(sealed.unverified_manifest());
    }
    for bytes in manifests {
        if let Ok(manifest) = Manifest::decode(bytes) {
            assert_eq!(manifest.encode().ok().as_deref(), Some(bytes), "a manifest has a second spelling");
        }
    }
}

/// Bytes that are none of our seals hold only as one of them with signers added whom nobody trusts.
fn is_not_ours(ours: &Ours, bytes: &[u8]) {
    let Ok(sealed) = Sealed::decode(bytes) else { return };
    let Ok(attestation) = sealed.verify(&ours.trusted) else { return };
    assert_eq!(attestation.manifest(), ours.manifest, "a manifest that nobody signed");
    let mac = attestation.signers().iter().any(|signer| signer.kind == Algorithm::HmacSha256);
    let whole = if mac { &ours.authenticated } else { &ours.signed };
    let added = bytes.len() > whole.len() && !attestation.unknown().is_empty();
    assert!(bytes == &whole[..] || added, "an edited seal holds");
}
