//! Who vouches for a seal.
//!
//! The algorithm is that of the verifier's key, never the file's choice. A trusted key whose signature does not hold refuses
//! the whole seal, whoever else signed; a signer whom nobody trusts is listed and counts for nothing.

use super::cose::{self, Proof, Sealed, Signature};
use super::{Algorithm, KeyId, Keyring, SealError};

/// A seal that at least one trusted key made: the manifest's bytes, and who vouches for them.
#[derive(Debug)]
pub struct Attestation<'a> {
    manifest: &'a [u8],
    signers: Vec<Signer>,
    unknown: Vec<Signer>,
}

/// A key that signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Signer {
    /// Its kind.
    pub kind: Algorithm,
    /// Its id.
    pub id: KeyId,
}

impl<'a> Attestation<'a> {
    /// The bytes of the manifest.
    pub fn manifest(&self) -> &'a [u8] {
        self.manifest
    }

    /// The trusted keys that made the seal: at least one, each once, sorted by id.
    pub fn signers(&self) -> &[Signer] {
        &self.signers
    }

    /// Signers whom nobody trusts. Nothing about them was checked.
    pub fn unknown(&self) -> &[Signer] {
        &self.unknown
    }
}

impl Sealed {
    /// Checks the seal against the keys that are trusted.
    pub fn verify(&self, trusted: &Keyring) -> Result<Attestation<'_>, SealError> {
        if trusted.is_empty() {
            return Err(SealError::NoKeys);
        }
        match &self.proof {
            Proof::Signatures(_) if !trusted.has_signers() => Err(SealError::SignedNotMac),
            Proof::Mac(_) if !trusted.has_secrets() => Err(SealError::MacNotSigned),
            Proof::Signatures(signatures) => self.verify_signatures(signatures, trusted),
            Proof::Mac(mac) => self.verify_mac(mac, trusted),
        }
    }

    fn verify_signatures(&self, signatures: &[Signature], trusted: &Keyring) -> Result<Attestation<'_>, SealError> {
        let (mut signers, mut unknown) = (Vec::new(), Vec::new());
        for signature in signatures {
            let id = signature.id;
            let Some(key) = trusted.signer(id) else {
                unknown.push(Signer { kind: signature.algorithm, id });
                continue;
            };
            let kind = key.algorithm();
            if signature.algorithm != kind {
                return Err(SealError::OtherAlgorithm { id, said: signature.algorithm });
            }
            let message = cose::signed_bytes(kind, id, &self.payload);
            if !key.verifies(&message, &signature.bytes) {
                return Err(SealError::BadSignature(id));
            }
            signers.push(Signer { kind, id });
        }
        if signers.is_empty() {
            return Err(SealError::Untrusted(unknown.iter().map(|signer| signer.id).collect()));
        }
        Ok(Attestation { manifest: &self.payload, signers, unknown })
    }

    fn verify_mac(&self, mac: &Signature, trusted: &Keyring) -> Result<Attestation<'_>, SealError> {
        let id = mac.id;
        let key = trusted.secret(id).ok_or_else(|| SealError::Untrusted(vec![id]))?;
        if !key.verifies(&cose::mac_bytes(id, &self.payload), &mac.bytes) {
            return Err(SealError::BadSignature(id));
        }
        let signers = vec![Signer { kind: Algorithm::HmacSha256, id }];
        Ok(Attestation { manifest: &self.payload, signers, unknown: Vec::new() })
    }
}
