//! Trust, as far as there are no policies: whom a verifier trusts, which time it is, and what a seal says of itself.

use super::Bytes;
use crate::bytes::ChunkTable;
use crate::manifest::{FileEntry, Manifest, SINGLE, Time};
use crate::seal::{self, Ed25519SigningKey, Keyring, Sealed, SigningKey};
use std::sync::LazyLock;

const KEYS: usize = 4;

const DAY: u64 = 24 * 3600;

static SIGNERS: LazyLock<Vec<Ed25519SigningKey>> = LazyLock::new(|| {
    (0..KEYS as u8).filter_map(|index| Ed25519SigningKey::from_pkcs8(&super::seals::key(index)).ok()).collect()
});

/// A seal, a set of trusted keys, and a time, all made from `data`: the seal holds exactly if one of its signers is trusted and
/// the time is right; and with fewer signers, with fewer trusted keys, or later once it has expired, none comes to hold.
pub fn verify(data: &[u8]) {
    assert_eq!(SIGNERS.len(), KEYS, "the keys of this target are none");
    let mut data = Bytes::new(data);
    let (signers, trusted) = (usize::from(data.byte() & 15), usize::from(data.byte() & 15));
    let mut time = || Time::from_seconds(1_700_000_000 + u64::from(data.number()) * 60);
    let (Some(created), Some(expires), Some(now), Some(later)) = (time(), time(), time(), time()) else { return };
    let ahead = u64::from(data.number());
    // Half of the times are those at which a comparison turns.
    let now = match data.byte() % 4 {
        0 => Some(expires),
        1 => Time::from_seconds(created.seconds() + ahead - DAY + u64::from(data.byte() % 2)),
        _ => Some(now),
    };
    let Some(now) = now else { return };
    let Some(sealed) = sealed(signers, created, (expires > created).then_some(expires), ahead) else {
        assert_eq!(signers, 0, "a manifest can not be sealed");
        return;
    };
    let known = signers & trusted != 0;
    let holds = |seal: &[u8], trusted, now| attested(seal, trusted).is_some_and(|found| found.check_clock(now).is_ok());
    assert_eq!(attested(&sealed, trusted).is_some(), known, "signed by {signers:04b}, trusted are {trusted:04b}");
    for bit in (0..KEYS).map(|index| 1 << index) {
        if !holds(&sealed, trusted, now) {
            assert!(!holds(&sealed, trusted & !bit, now), "a seal holds once fewer keys are trusted");
        }
    }
    if let Some(manifest) = attested(&sealed, trusted) {
        let over = manifest.expires.is_some_and(|expires| expires <= now);
        if over {
            assert!(!holds(&sealed, trusted, now) && !holds(&sealed, trusted, later.max(now)), "an expired seal holds");
        }
        let early = manifest.sequence.max(manifest.created.seconds()) > now.seconds() + DAY;
        assert_eq!(holds(&sealed, trusted, now), !over && !early);
    }
}

/// What trusted keys signed, if they did.
fn attested(seal: &[u8], trusted: usize) -> Option<Manifest> {
    let mut keyring = Keyring::default();
    for (index, key) in SIGNERS.iter().enumerate().filter(|(index, _)| trusted & (1 << index) != 0) {
        assert!(index < KEYS);
        keyring.trust(Box::new(key.verifying_key()));
    }
    let sealed = Sealed::decode(seal).ok()?;
    let attestation = sealed.verify(&keyring).ok()?;
    Manifest::decode(attestation.manifest()).ok()
}

fn sealed(signers: usize, created: Time, expires: Option<Time>, sequence: u64) -> Option<Vec<u8>> {
    let file = FileEntry { path: SINGLE.to_owned(), table: ChunkTable::of(&b"a model"[..]).ok()? };
    let mut manifest = Manifest::new("churn", created, vec![file], "coldload 0.1.0");
    manifest.expires = expires;
    manifest.sequence = created.seconds() + sequence;
    let keys = SIGNERS.iter().enumerate().filter(|(index, _)| signers & (1 << index) != 0);
    let keys: Vec<&dyn SigningKey> = keys.map(|(_, key)| key as &dyn SigningKey).collect();
    let bytes = manifest.encode().ok();
    assert!(bytes.is_some(), "a manifest can not be written");
    seal::sign(&bytes?, &keys).ok()
}
