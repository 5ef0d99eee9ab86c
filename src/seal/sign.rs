//! Making seals.

use super::cose::{self, MAX_BYTES, MAX_SIGNERS, Proof, Sealed, Signature};
use super::{Algorithm, HmacKey, SignError, SigningKey};

/// Seals a manifest with one signature by each key. The order of the keys does not matter.
pub fn sign(manifest: &[u8], keys: &[&dyn SigningKey]) -> Result<Vec<u8>, SignError> {
    match keys.len() {
        0 => return Err(SignError::NoKeys),
        many if many > MAX_SIGNERS => return Err(SignError::TooManyKeys(many)),
        _ => {}
    }
    let mut signatures = Vec::with_capacity(keys.len());
    for key in keys {
        let (algorithm, id) = (key.algorithm(), key.id());
        let bytes = key.sign(&cose::signed_bytes(algorithm, id, manifest)).map_err(|_| SignError::Key(id))?;
        signatures.push(Signature { algorithm, id, bytes });
    }
    signatures.sort_by_key(|signature| signature.id);
    for pair in signatures.windows(2) {
        match pair {
            [before, signature] if before.id == signature.id => return Err(SignError::Twice(signature.id)),
            _ => {}
        }
    }
    finish(manifest, Proof::Signatures(signatures))
}

/// Seals a manifest with a secret that two sides share. Whoever can check such a seal can also make one.
pub fn mac(manifest: &[u8], key: &HmacKey) -> Result<Vec<u8>, SignError> {
    let id = key.id();
    let bytes = key.mac(&cose::mac_bytes(id, manifest));
    finish(manifest, Proof::Mac(Signature { algorithm: Algorithm::HmacSha256, id, bytes }))
}

fn finish(manifest: &[u8], proof: Proof) -> Result<Vec<u8>, SignError> {
    let seal = Sealed { payload: manifest.to_vec(), proof }.encode();
    if seal.len() > MAX_BYTES { Err(SignError::TooLarge(seal.len())) } else { Ok(seal) }
}
