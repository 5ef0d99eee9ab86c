//! HMAC with SHA-256 (RFC 2104), by ring: a secret of 32 bytes that two sides share.
//!
//! A shorter secret could be guessed, and one with zeros at its end is the same key as one without, so the length is fixed.

use super::{KeyError, KeyId, pem, random};
use zeroize::Zeroizing;

/// What the id of a key is a MAC of: a hash of the secret alone could be used to test guesses elsewhere.
const ID: &[u8] = b"coldload/key-id/v1";

/// A shared secret. It is no signature key and has none of their traits: whoever can check a MAC can also make one.
#[derive(Clone)]
pub struct HmacKey {
    key: ring::hmac::Key,
    id: KeyId,
}

impl HmacKey {
    /// A new key, and its PEM.
    pub fn generate() -> Result<(HmacKey, Zeroizing<String>), KeyError> {
        let secret = random()?;
        Ok((HmacKey::from_bytes(secret.as_slice())?, pem::encode(pem::HMAC, secret.as_slice())))
    }

    /// The key that is these 32 bytes.
    pub fn from_bytes(secret: &[u8]) -> Result<HmacKey, KeyError> {
        if secret.len() != 32 {
            return Err(KeyError::HmacLength(secret.len()));
        }
        let key = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, secret);
        let id = ring::hmac::sign(&key, ID).as_ref().try_into().map_err(|_| KeyError::Sign)?;
        Ok(HmacKey { key, id: KeyId::from_bytes(id) })
    }

    /// HMAC of a constant: says which key it is, and nothing about it.
    pub fn id(&self) -> KeyId {
        self.id
    }

    /// The MAC of these bytes.
    pub(crate) fn mac(&self, message: &[u8]) -> Vec<u8> {
        ring::hmac::sign(&self.key, message).as_ref().to_vec()
    }

    /// Whether a MAC holds, in a time that does not depend on it.
    pub(crate) fn verifies(&self, message: &[u8], mac: &[u8]) -> bool {
        ring::hmac::verify(&self.key, message, mac).is_ok()
    }
}

impl std::fmt::Debug for HmacKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "HmacKey({})", self.id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::seal::keys::{Secret, read_secret};

    #[test]
    fn a_written_key_reads_back() {
        let (key, pem) = HmacKey::generate().unwrap();
        assert!(pem.starts_with("-----BEGIN COLDLOAD HMAC KEY-----\n"));
        let Secret::Mac(read) = read_secret(pem.as_bytes()).unwrap() else { panic!("no shared secret") };
        assert_eq!(read.id(), key.id());
    }

    /// `printf coldload/key-id/v1 | openssl dgst -sha256 -mac HMAC -macopt hexkey:0707…`
    #[test]
    fn an_id_is_what_openssl_says() {
        let key = HmacKey::from_bytes(&[7; 32]).unwrap();
        assert_eq!(key.id().to_string(), "190f4aee47b42c889b0156d805538c25efd1c64e6d00905c4c734d928a0728eb");
        assert_eq!(format!("{key:?}"), format!("HmacKey({})", key.id()));
    }

    #[test]
    fn only_32_bytes_are_a_key() {
        for length in [0, 16, 31, 33, 64] {
            assert_eq!(HmacKey::from_bytes(&vec![7; length]).unwrap_err(), KeyError::HmacLength(length));
        }
    }

    #[test]
    fn a_mac_holds_for_its_message_only() {
        let key = HmacKey::from_bytes(&[7; 32]).unwrap();
        let mac = key.mac(b"message");
        assert!(key.verifies(b"message", &mac));
        assert!(!key.verifies(b"massage", &mac));
        assert!(!key.verifies(b"message", &mac[..16]));
    }
}
