//! Seals: what is read is the only spelling of what it says, and no edit of a seal is taken for what was signed.

use super::Bytes;
use crate::bytes::ChunkTable;
use crate::manifest::{FileEntry, Manifest, SINGLE, Time};
use crate::seal::{self, Algorithm, Ed25519SigningKey, HmacKey, Keyring, Sealed};
use std::sync::LazyLock;

/// PKCS#8 of an Ed25519 key that signs nothing else (RFC 8410 §7).
const KEY: [u8; 48] = {
    let head = [0x30, 46, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 4, 34, 4, 32];
    let mut key = [0x5a; 48];
    let mut at = 0;
    while at < head.len() {
        key[at] = head[at];
        at += 1;
    }
    key
};

/// The manifest, its two seals, and who is trusted.
struct Ours {
    manifest: Vec<u8>,
    signed: Vec<u8>,
    authenticated: Vec<u8>,
    trusted: Keyring,
}

static OURS: LazyLock<Option<Ours>> = LazyLock::new(|| {
    let key = Ed25519SigningKey::from_pkcs8(&KEY).ok()?;
    let secret = HmacKey::from_bytes(&[0x5a; 32]).ok()?;
    let table = ChunkTable::of(&b"the bytes of a model"[..]).ok()?;
    let created: Time = "2026-11-24T16:00:00Z".parse().ok()?;
    let file = FileEntry { path: SINGLE.to_owned(), table };
    let manifest = Manifest::new("churn", created, vec![file], "coldload 0.1.0").encode().ok()?;
    let signed = seal::sign(&manifest, &[&key]).ok()?;
    let authenticated = seal::mac(&manifest, &secret).ok()?;
    let mut trusted = Keyring::default();
    trusted.trust(Box::new(key.verifying_key()));
    trusted.share(secret);
    Some(Ours { manifest, signed, authenticated, trusted })
});

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

fn is_the_only_spelling(bytes: &[u8]) {
    let sealed = Sealed::decode(bytes);
    assert_eq!(sealed, Sealed::decode(bytes));
    let mut manifests = vec![bytes];
    if let Ok(sealed) = &sealed {
        assert_eq!(sealed.encode().as_deref(), Ok(bytes), "a seal has a second spelling");
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
