//! The algorithms of the format (RFC 9053), each bound to one kind of key: there is no negotiation and no fallback.

/// What a signature or a MAC of a seal was made with. The format has all of these; which ones a build has keys for is a
/// matter of its `keys/`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Algorithm {
    /// Ed25519 (RFC 8032).
    Ed25519,
    /// ECDSA over P-256 with SHA-256.
    EcdsaP256,
    /// ECDSA over P-384 with SHA-384.
    EcdsaP384,
    /// HMAC with SHA-256, not cut.
    HmacSha256,
}

impl Algorithm {
    /// The algorithms of signatures.
    pub(super) const SIGNATURES: [Algorithm; 3] = [Algorithm::Ed25519, Algorithm::EcdsaP256, Algorithm::EcdsaP384];

    /// The name that options and reports use.
    pub const fn text(self) -> &'static str {
        match self {
            Algorithm::Ed25519 => "ed25519",
            Algorithm::EcdsaP256 => "ecdsa-p256",
            Algorithm::EcdsaP384 => "ecdsa-p384",
            Algorithm::HmacSha256 => "hmac-sha256",
        }
    }

    /// The number in the registry "COSE Algorithms": EdDSA, ES256, ES384, HMAC 256/256.
    pub(super) const fn number(self) -> i64 {
        match self {
            Algorithm::Ed25519 => -8,
            Algorithm::EcdsaP256 => -7,
            Algorithm::EcdsaP384 => -35,
            Algorithm::HmacSha256 => 5,
        }
    }

    /// Bytes of its signature (for ECDSA r and s, RFC 9053 §2.1) or MAC.
    pub(super) const fn length(self) -> usize {
        match self {
            Algorithm::Ed25519 | Algorithm::EcdsaP256 => 64,
            Algorithm::EcdsaP384 => 96,
            Algorithm::HmacSha256 => 32,
        }
    }
}

impl std::fmt::Display for Algorithm {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.text())
    }
}
