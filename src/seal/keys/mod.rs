//! Keys: one type a kind, and what all kinds that sign have in common.
//!
//! Private keys are PKCS#8 PEM, public ones SPKI PEM (RFC 5958, RFC 5280 §4.1), shared secrets 32 bytes in a PEM of our own
//! label. Secrets are wiped from the buffers here; ring keeps its own copy for as long as a key lives. Nothing that is
//! printed, and no error, has a secret in it.

mod der;
pub(super) mod ed25519;
pub(super) mod files;
pub(super) mod hmac;
pub(super) mod keyring;
mod pem;

use super::Algorithm;
use der::Kind;
use ed25519::{Ed25519SigningKey, Ed25519VerifyingKey};
use hmac::HmacKey;
use zeroize::Zeroizing;

/// The id of a key: SHA-256 of its SPKI in DER, or for a shared secret a MAC of a constant.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyId([u8; 32]);

impl KeyId {
    /// The id that these bytes are.
    pub const fn from_bytes(bytes: [u8; 32]) -> KeyId {
        KeyId(bytes)
    }

    /// Its bytes.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// Its first six digits, to be read by people: `9f2c41…`.
    pub fn short(&self) -> String {
        let [a, b, c, ..] = self.0;
        format!("{a:02x}{b:02x}{c:02x}…")
    }
}

impl std::fmt::Display for KeyId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl std::fmt::Debug for KeyId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "KeyId({self})")
    }
}

/// A private key that makes signatures of one algorithm.
pub trait SigningKey: std::fmt::Debug + Send + Sync {
    /// The one algorithm of this kind of key.
    fn algorithm(&self) -> Algorithm;
    /// The id of its public half.
    fn id(&self) -> KeyId;
    /// A signature over these bytes, of the algorithm's length.
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, KeyError>;
    /// Its public half.
    fn public(&self) -> Box<dyn VerifyingKey>;
}

/// A public key that checks signatures of one algorithm.
pub trait VerifyingKey: std::fmt::Debug + Send + Sync {
    /// The one algorithm of this kind of key.
    fn algorithm(&self) -> Algorithm;
    /// SHA-256 of its SPKI.
    fn id(&self) -> KeyId;
    /// Whether a signature over these bytes holds.
    fn verifies(&self, message: &[u8], signature: &[u8]) -> bool;
    /// The key as SPKI PEM.
    fn to_pem(&self) -> String;
}

/// A key that makes seals. The two kinds of seal say different things, so this is where they part.
#[derive(Debug)]
pub enum Secret {
    /// Makes signatures.
    Signing(Box<dyn SigningKey>),
    /// Makes MACs.
    Mac(HmacKey),
}

/// A public key or a secret, as it was read.
pub(super) enum Any {
    Secret(Secret),
    Public(Box<dyn VerifyingKey>),
}

/// Why a key can not be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KeyError {
    /// The text is no PEM.
    #[error("this is no pem file; a key begins with -----BEGIN")]
    NotPem,
    /// The text begins as a PEM, but is not one.
    #[error("the pem file is damaged: {0}")]
    Pem(&'static str),
    /// A PEM of something else. The label is escaped.
    #[error("the pem file is labelled \"{0}\", which is no key that coldload reads")]
    Label(String),
    /// A private key under a password.
    #[error("the key is encrypted; only keys without a password are read")]
    Encrypted,
    /// A key of another algorithm.
    #[error("this is {0} key; coldload reads ed25519 keys")]
    Kind(&'static str),
    /// The bytes are not those of a key of their kind.
    #[error("the {0} key is damaged")]
    Damaged(Algorithm),
    /// A public key with which anyone can sign anything.
    #[error("this public key is one of those for which anybody can make signatures")]
    Weak,
    /// A shared secret of another length.
    #[error("a hmac key has 32 bytes, not {0}")]
    HmacLength(usize),
    /// A public key where a private one is needed.
    #[error("this is a public key, and only a private one can sign")]
    PublicOnly,
    /// The system gave no random bytes.
    #[error("the system gives no random bytes")]
    Random,
    /// The key could not sign.
    #[error("the signature could not be made")]
    Sign,
}

/// Reads a key to sign with: a private key, or a shared secret.
pub fn read_secret(pem: &[u8]) -> Result<Secret, KeyError> {
    match read(pem)? {
        Any::Secret(secret) => Ok(secret),
        Any::Public(_) => Err(KeyError::PublicOnly),
    }
}

/// Reads a key of any kind.
pub(super) fn read(text: &[u8]) -> Result<Any, KeyError> {
    let (label, bytes) = pem::decode(text)?;
    match label {
        pem::PRIVATE => match der::private_kind(&bytes) {
            Some(Kind::Ed25519) => {
                let key = Ed25519SigningKey::from_pkcs8(&bytes)?;
                Ok(Any::Secret(Secret::Signing(Box::new(key))))
            }
            other => Err(KeyError::Kind(der::article(other))),
        },
        pem::PUBLIC => match der::public_kind(&bytes) {
            Some(Kind::Ed25519) => Ok(Any::Public(Box::new(Ed25519VerifyingKey::from_spki(&bytes)?))),
            other => Err(KeyError::Kind(der::article(other))),
        },
        pem::HMAC => Ok(Any::Secret(Secret::Mac(HmacKey::from_bytes(&bytes)?))),
        "ENCRYPTED PRIVATE KEY" => Err(KeyError::Encrypted),
        "EC PRIVATE KEY" => Err(KeyError::Kind(der::article(Some(Kind::Ec)))),
        "RSA PRIVATE KEY" | "RSA PUBLIC KEY" => Err(KeyError::Kind(der::article(Some(Kind::Rsa)))),
        "OPENSSH PRIVATE KEY" => Err(KeyError::Kind("an openssh")),
        other => Err(KeyError::Label(crate::reason::escape(other))),
    }
}

/// 32 bytes that nobody can guess.
fn random() -> Result<Zeroizing<[u8; 32]>, KeyError> {
    let mut bytes = Zeroizing::new([0; 32]);
    let system = ring::rand::SystemRandom::new();
    ring::rand::SecureRandom::fill(&system, bytes.as_mut_slice()).map_err(|_| KeyError::Random)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(pem: &str) -> KeyError {
        read_secret(pem.as_bytes()).unwrap_err()
    }

    #[test]
    fn other_keys_of_openssl_are_named_for_what_they_are() {
        let cases = [
            (include_str!("../../../tests/data/keys/p256.pem"), KeyError::Kind("an ecdsa")),
            (include_str!("../../../tests/data/keys/p256.pub.pem"), KeyError::Kind("an ecdsa")),
            (include_str!("../../../tests/data/keys/sec1.pem"), KeyError::Kind("an ecdsa")),
            (include_str!("../../../tests/data/keys/rsa.pem"), KeyError::Kind("an rsa")),
            (include_str!("../../../tests/data/keys/rsa.pub.pem"), KeyError::Kind("an rsa")),
            (include_str!("../../../tests/data/keys/x25519.pem"), KeyError::Kind("an x25519")),
            (include_str!("../../../tests/data/keys/ed25519-encrypted.pem"), KeyError::Encrypted),
            (include_str!("../../../tests/data/keys/ed25519.pub.pem"), KeyError::PublicOnly),
        ];
        for (pem, expected) in cases {
            assert_eq!(error(pem), expected);
        }
        assert_eq!(
            error("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"),
            KeyError::Label("CERTIFICATE".into())
        );
        assert_eq!(error("ssh-ed25519 AAAA"), KeyError::NotPem);
    }

    #[test]
    fn an_id_is_shown_long_and_short() {
        let id = KeyId::from_bytes([0x9f; 32]);
        assert_eq!(id.to_string(), "9f".repeat(32));
        assert_eq!(id.short(), "9f9f9f…");
    }
}
