//! Seals: keys, and the signed container of a manifest (`docs/seal.md`).
//!
//! A seal is a COSE message (RFC 9052) around a manifest: a `COSE_Sign` with one signature a key, or a `COSE_Mac0`. What is
//! handed on: an [`Attestation`] exists only if every trusted key that signed has a signature that holds, and at least one
//! did. To add a kind of signature key, add a file to `keys/` that implements [`SigningKey`] and [`VerifyingKey`], and a line
//! to the two readers in `keys/mod.rs`; nothing else knows kinds of keys.
//!
//! ```
//! use coldload::seal::{self, Ed25519SigningKey, Keyring, Sealed, SigningKey};
//! let (key, _pem) = Ed25519SigningKey::generate().unwrap();
//! let seal = seal::sign(b"the bytes of a manifest", &[&key]).unwrap();
//! let mut trusted = Keyring::default();
//! trusted.trust(Box::new(key.verifying_key()));
//! let sealed = Sealed::decode(&seal).unwrap();
//! let attestation = sealed.verify(&trusted).unwrap();
//! assert_eq!(attestation.manifest(), b"the bytes of a manifest");
//! assert_eq!(attestation.signers()[0].id, key.id());
//! ```
#![deny(clippy::indexing_slicing, clippy::unwrap_used, clippy::expect_used)]
#![cfg_attr(not(test), deny(clippy::arithmetic_side_effects))]

mod algorithm;
mod cose;
mod error;
mod keys;
mod sign;
mod source;
mod verify;

pub use algorithm::Algorithm;
pub use cose::{CONTENT_TYPE, MAX_BYTES, MAX_SIGNERS, Sealed, Signature};
pub use error::{SealError, SignError};
pub use keys::ed25519::{Ed25519SigningKey, Ed25519VerifyingKey};
pub use keys::files::{PUBLIC_SUFFIX, write_pair, write_secret};
pub use keys::hmac::HmacKey;
pub use keys::keyring::{Keyring, Trusted};
pub use keys::{KeyError, KeyId, Secret, SigningKey, VerifyingKey, read_secret};
pub use sign::{mac, sign};
pub use source::{Exposure, KeySource, KeyText, SourceError};
pub use verify::{Attestation, Signer};
