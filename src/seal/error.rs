//! Why a seal is refused, and why one can not be made.

use super::{Algorithm, KeyId, MAX_BYTES, MAX_SIGNERS};
use crate::manifest::cbor;
use crate::reason::Code;

/// Why a seal is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SealError {
    /// More bytes than a seal may have.
    #[error("the seal has {0} bytes, more than the limit seal, {MAX_BYTES}")]
    TooLarge(usize),
    /// The bytes are no deterministic CBOR.
    #[error("the seal does not follow its format: {0}")]
    Cbor(#[from] cbor::Fault),
    /// Neither of the two tags begins it.
    #[error("the seal does not begin like a seal")]
    Tag,
    /// It is not made of the parts of a COSE message.
    #[error("the seal is not made of the parts that it has to have")]
    Parts,
    /// A protected header is not exactly the one of the format: another content type, another algorithm, `crit`, or more.
    #[error("a protected header of the seal is not the one of the format")]
    Header,
    /// Something stands where no signature covers it.
    #[error("an unprotected header of the seal is not empty")]
    Unprotected,
    /// A signature has not the length that its algorithm gives.
    #[error("a signature of the seal has {found} bytes, not the {wanted} of {algorithm}")]
    Length {
        /// The algorithm that its header names.
        algorithm: Algorithm,
        /// The algorithm's length.
        wanted: usize,
        /// The length that was found.
        found: usize,
    },
    /// No signature at all.
    #[error("the seal has no signature")]
    NoSignature,
    /// Too many signatures.
    #[error("the seal has {0} signatures; at most {MAX_SIGNERS} are read")]
    Signatures(usize),
    /// One key signed twice.
    #[error("the key {0} signed the seal twice")]
    Twice(KeyId),
    /// Signatures are not in the order of their keys' ids.
    #[error("the signatures are not in the order of their keys")]
    Order,
    /// A trusted key's signature does not hold.
    #[error("the signature by the key {0} does not fit the seal")]
    BadSignature(KeyId),
    /// A trusted key's signature names an algorithm that is not the key's.
    #[error("the signature by the key {id} says {said}, which that key does not make")]
    OtherAlgorithm {
        /// The key.
        id: KeyId,
        /// What the header says.
        said: Algorithm,
    },
    /// None of the trusted keys made it.
    #[error("the seal is by {}, which is none of the keys that you trust", list(.0))]
    Untrusted(Vec<KeyId>),
    /// The seal is signed, and only shared secrets are trusted.
    #[error("the seal is signed, but the key that was given is a shared secret (hmac)")]
    SignedNotMac,
    /// The seal is made with a shared secret, and only signers are trusted.
    #[error("the seal is made with a shared secret (hmac), but the key that was given is a signer's")]
    MacNotSigned,
    /// Nothing is trusted at all.
    #[error("no key says whose signature counts")]
    NoKeys,
}

/// The first few ids, short.
fn list(ids: &[KeyId]) -> String {
    const SHOWN: usize = 3;
    let mut text = ids.iter().take(SHOWN).map(|id| id.short()).collect::<Vec<_>>().join(", ");
    if ids.len() > SHOWN {
        text.push_str(&format!(" and {} more", ids.len().saturating_sub(SHOWN)));
    }
    text
}

impl SealError {
    /// The reason code of the refusal.
    pub fn code(&self) -> Code {
        match self {
            SealError::TooLarge(_) => Code::LimitExceeded,
            SealError::BadSignature(_) | SealError::OtherAlgorithm { .. } => Code::BadSignature,
            SealError::Untrusted(_) | SealError::NoKeys => Code::UntrustedKey,
            SealError::SignedNotMac | SealError::MacNotSigned => Code::WrongKeyKind,
            SealError::Cbor(_)
            | SealError::Tag
            | SealError::Parts
            | SealError::Header
            | SealError::Unprotected
            | SealError::Length { .. }
            | SealError::NoSignature
            | SealError::Signatures(_)
            | SealError::Twice(_)
            | SealError::Order => Code::ManifestInvalid,
        }
    }
}

/// Why a seal can not be made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SignError {
    /// No key was given.
    #[error("there is no key to sign with")]
    NoKeys,
    /// More keys than a seal may have signatures.
    #[error("there are {0} keys to sign with; a seal has at most {MAX_SIGNERS} signatures")]
    TooManyKeys(usize),
    /// One key was given twice.
    #[error("the key {0} was given twice")]
    Twice(KeyId),
    /// A key could not make a signature.
    #[error("the key {0} could not sign")]
    Key(KeyId),
    /// The seal would be larger than a seal may be.
    #[error("the seal would have {0} bytes; at most {MAX_BYTES} are read")]
    TooLarge(usize),
}
