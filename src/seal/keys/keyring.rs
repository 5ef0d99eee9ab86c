//! The keys that a verifier trusts. Signers' keys and shared secrets are kept apart, so that one never stands for the other.

use super::hmac::HmacKey;
use super::{Algorithm, Any, KeyError, KeyId, Secret, VerifyingKey, read};
use std::collections::BTreeMap;

/// The keys that a verifier trusts.
#[derive(Debug, Default)]
pub struct Keyring {
    signers: BTreeMap<KeyId, Box<dyn VerifyingKey>>,
    secrets: BTreeMap<KeyId, HmacKey>,
}

/// A key that was added.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Trusted {
    /// Its kind.
    pub kind: Algorithm,
    /// Its id.
    pub id: KeyId,
    /// Whether what was read must be kept secret: a private key, of which only the public half is kept, or a shared secret.
    pub secret: bool,
}

impl Keyring {
    /// Trusts the key in a PEM text. A private key serves by its public half.
    pub fn add_pem(&mut self, pem: &[u8]) -> Result<Trusted, KeyError> {
        match read(pem)? {
            Any::Public(key) => Ok(self.trust(key)),
            Any::Secret(Secret::Signing(key)) => Ok(Trusted { secret: true, ..self.trust(key.public()) }),
            Any::Secret(Secret::Mac(key)) => Ok(self.share(key)),
        }
    }

    /// Trusts a signer.
    pub fn trust(&mut self, key: Box<dyn VerifyingKey>) -> Trusted {
        let (kind, id) = (key.algorithm(), key.id());
        self.signers.insert(id, key);
        Trusted { kind, id, secret: false }
    }

    /// Trusts whoever has this shared secret.
    pub fn share(&mut self, key: HmacKey) -> Trusted {
        let id = key.id();
        self.secrets.insert(id, key);
        Trusted { kind: Algorithm::HmacSha256, id, secret: true }
    }

    /// Whether no key at all is trusted.
    pub fn is_empty(&self) -> bool {
        self.signers.is_empty() && self.secrets.is_empty()
    }

    pub(in crate::seal) fn has_signers(&self) -> bool {
        !self.signers.is_empty()
    }

    pub(in crate::seal) fn has_secrets(&self) -> bool {
        !self.secrets.is_empty()
    }

    pub(in crate::seal) fn signer(&self, id: KeyId) -> Option<&dyn VerifyingKey> {
        self.signers.get(&id).map(AsRef::as_ref)
    }

    pub(in crate::seal) fn secret(&self, id: KeyId) -> Option<&HmacKey> {
        self.secrets.get(&id)
    }
}
