//! As much DER (X.690) as it takes to see what kind of key a file holds, so that a key that can not be used is named for what
//! it is. The key itself is read by its own type.

/// Kinds of keys that people have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Ed25519,
    Ed448,
    X25519,
    Ec,
    Rsa,
}

const INTEGER: u8 = 2;
const OID: u8 = 6;
const SEQUENCE: u8 = 0x30;

/// The kind of a private key in PKCS#8: `SEQUENCE { version, SEQUENCE { algorithm, … }, … }`.
pub(super) fn private_kind(pkcs8: &[u8]) -> Option<Kind> {
    let (inside, _) = value(pkcs8, SEQUENCE)?;
    let (_, rest) = value(inside, INTEGER)?;
    kind(rest)
}

/// The kind of a public key in SPKI: `SEQUENCE { SEQUENCE { algorithm, … }, … }`.
pub(super) fn public_kind(spki: &[u8]) -> Option<Kind> {
    kind(value(spki, SEQUENCE)?.0)
}

/// The kind with its article, for a message.
pub(super) fn article(kind: Option<Kind>) -> &'static str {
    match kind {
        Some(Kind::Ed25519) => "an ed25519",
        Some(Kind::Ed448) => "an ed448",
        Some(Kind::X25519) => "an x25519",
        Some(Kind::Ec) => "an ecdsa",
        Some(Kind::Rsa) => "an rsa",
        None => "an unknown kind of",
    }
}

fn kind(algorithm: &[u8]) -> Option<Kind> {
    let (inside, _) = value(algorithm, SEQUENCE)?;
    match value(inside, OID)?.0 {
        [0x2b, 0x65, 0x70] => Some(Kind::Ed25519),
        [0x2b, 0x65, 0x71] => Some(Kind::Ed448),
        [0x2b, 0x65, 0x6e] => Some(Kind::X25519),
        [0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01] => Some(Kind::Ec),
        [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01] => Some(Kind::Rsa),
        _ => None,
    }
}

/// The content of the value at the front, which must have this tag, and what follows it.
fn value(bytes: &[u8], tag: u8) -> Option<(&[u8], &[u8])> {
    let (first, rest) = bytes.split_first()?;
    let (short, rest) = rest.split_first()?;
    let (length, rest) = match short {
        0..=0x7f => (usize::from(*short), rest),
        0x81..=0x83 => {
            let (digits, rest) = rest.split_at_checked(usize::from(short & 0x7f))?;
            (digits.iter().fold(0usize, |length, digit| (length << 8) | usize::from(*digit)), rest)
        }
        _ => return None,
    };
    if *first == tag { rest.split_at_checked(length) } else { None }
}
