//! Ed25519 (RFC 8032), by ring. Keys as RFC 8410 writes them.
//!
//! ring takes any 32 bytes for a public key, the identity point too, for which the signature `01 00 … 00` holds over every
//! message. So the points of small order are refused when a key is read, as are second spellings of a point.

use super::{Algorithm, KeyError, KeyId, SigningKey, VerifyingKey, pem, random};
use crate::bytes::Hasher;
use ring::signature::{ED25519, Ed25519KeyPair, KeyPair, UnparsedPublicKey};
use zeroize::Zeroizing;

/// `SEQUENCE { version 0, SEQUENCE { 1.3.101.112 }, OCTET STRING { OCTET STRING of 32 } }`, up to its last 32 bytes: what
/// `openssl genpkey` writes. (ring's own PKCS#8 is of version 2, which `openssl pkey` does not read.)
const PKCS8: [u8; 16] = [0x30, 46, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 4, 34, 4, 32];

/// `SEQUENCE { SEQUENCE { 1.3.101.112 }, BIT STRING of 32 bytes }`, up to its last 32 bytes.
const SPKI: [u8; 12] = [0x30, 42, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 3, 33, 0];

/// A private key.
pub struct Ed25519SigningKey {
    pair: Ed25519KeyPair,
    public: Ed25519VerifyingKey,
}

/// A public key.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Ed25519VerifyingKey {
    point: [u8; 32],
    id: KeyId,
}

impl Ed25519SigningKey {
    /// A new key, and its PKCS#8 PEM.
    pub fn generate() -> Result<(Ed25519SigningKey, Zeroizing<String>), KeyError> {
        let seed = random()?;
        let mut document = Zeroizing::new(Vec::with_capacity(48));
        document.extend_from_slice(&PKCS8);
        document.extend_from_slice(seed.as_slice());
        Ok((Ed25519SigningKey::from_pkcs8(&document)?, pem::encode(pem::PRIVATE, &document)))
    }

    /// Reads PKCS#8 of version 1, or of version 2, whose public half must then fit.
    pub fn from_pkcs8(document: &[u8]) -> Result<Ed25519SigningKey, KeyError> {
        let damaged = KeyError::Damaged(Algorithm::Ed25519);
        let pair = Ed25519KeyPair::from_pkcs8_maybe_unchecked(document).map_err(|_| damaged.clone())?;
        let point = pair.public_key().as_ref().try_into().map_err(|_| damaged)?;
        Ok(Ed25519SigningKey { pair, public: Ed25519VerifyingKey::from_point(point)? })
    }

    /// Its public half.
    pub fn verifying_key(&self) -> Ed25519VerifyingKey {
        self.public
    }
}

impl SigningKey for Ed25519SigningKey {
    fn algorithm(&self) -> Algorithm {
        Algorithm::Ed25519
    }

    fn id(&self) -> KeyId {
        self.public.id
    }

    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, KeyError> {
        Ok(self.pair.sign(message).as_ref().to_vec())
    }

    fn public(&self) -> Box<dyn VerifyingKey> {
        Box::new(self.public)
    }
}

impl std::fmt::Debug for Ed25519SigningKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Ed25519SigningKey({})", self.public.id)
    }
}

impl Ed25519VerifyingKey {
    /// Reads SPKI.
    pub fn from_spki(document: &[u8]) -> Result<Ed25519VerifyingKey, KeyError> {
        let point = document.strip_prefix(&SPKI).and_then(|point| point.try_into().ok());
        Ed25519VerifyingKey::from_point(point.ok_or(KeyError::Damaged(Algorithm::Ed25519))?)
    }

    /// The key that is this point, as RFC 8032 §5.1.2 writes it. Whether the bytes are a point of the curve at all shows when
    /// a signature is checked: none holds.
    pub fn from_point(point: [u8; 32]) -> Result<Ed25519VerifyingKey, KeyError> {
        if is_weak(&point) {
            return Err(KeyError::Weak);
        }
        if !is_canonical(&point) {
            return Err(KeyError::Damaged(Algorithm::Ed25519));
        }
        let id = KeyId::from_bytes(Hasher::digest(&[&SPKI[..], &point].concat()));
        Ok(Ed25519VerifyingKey { point, id })
    }
}

impl VerifyingKey for Ed25519VerifyingKey {
    fn algorithm(&self) -> Algorithm {
        Algorithm::Ed25519
    }

    fn id(&self) -> KeyId {
        self.id
    }

    fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        UnparsedPublicKey::new(&ED25519, &self.point).verify(message, signature).is_ok()
    }

    fn to_pem(&self) -> String {
        pem::encode(pem::PUBLIC, &[&SPKI[..], &self.point].concat()).to_string()
    }
}

impl std::fmt::Debug for Ed25519VerifyingKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Ed25519VerifyingKey({})", self.id)
    }
}

/// The y coordinates of the eight points whose order divides 8: order 1, 2, 4 (two points), and 8 (two and two), with the
/// sign of x left out; and the second spellings, y + p, of the first and the third.
const WEAK: [[u8; 32]; 7] = [
    little(1, 0, 0),
    little(0xec, 0xff, 0x7f),
    little(0, 0, 0),
    [
        0x26, 0xe8, 0x95, 0x8f, 0xc2, 0xb2, 0x27, 0xb0, 0x45, 0xc3, 0xf4, 0x89, 0xf2, 0xef, 0x98, 0xf0, 0xd5, 0xdf,
        0xac, 0x05, 0xd3, 0xc6, 0x33, 0x39, 0xb1, 0x38, 0x02, 0x88, 0x6d, 0x53, 0xfc, 0x05,
    ],
    [
        0xc7, 0x17, 0x6a, 0x70, 0x3d, 0x4d, 0xd8, 0x4f, 0xba, 0x3c, 0x0b, 0x76, 0x0d, 0x10, 0x67, 0x0f, 0x2a, 0x20,
        0x53, 0xfa, 0x2c, 0x39, 0xcc, 0xc6, 0x4e, 0xc7, 0xfd, 0x77, 0x92, 0xac, 0x03, 0x7a,
    ],
    little(0xee, 0xff, 0x7f),
    little(0xed, 0xff, 0x7f),
];

/// A number of 32 bytes, by its lowest, all its middle ones and its highest.
const fn little(low: u8, middle: u8, high: u8) -> [u8; 32] {
    let mut number = [middle; 32];
    number[0] = low;
    number[31] = high;
    number
}

fn without_sign(point: &[u8; 32]) -> [u8; 32] {
    let mut y = *point;
    if let Some(high) = y.last_mut() {
        *high &= 0x7f;
    }
    y
}

fn is_weak(point: &[u8; 32]) -> bool {
    WEAK.contains(&without_sign(point))
}

/// Whether y is below p = 2^255 − 19. (x = 0 with a sign is the other second spelling; those points are weak.)
fn is_canonical(point: &[u8; 32]) -> bool {
    const P: [u8; 32] = little(0xed, 0xff, 0x7f);
    without_sign(point).iter().rev().lt(P.iter().rev())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::seal::keys::{Secret, read_secret};

    fn hex<const N: usize>(text: &str) -> [u8; N] {
        let digits = |at: usize| u8::from_str_radix(&text[2 * at..2 * at + 2], 16).unwrap();
        std::array::from_fn(digits)
    }

    fn pkcs8(seed: &[u8; 32]) -> Vec<u8> {
        [&PKCS8[..], seed].concat()
    }

    /// RFC 8032 §7.1, TEST 1 to TEST 3.
    #[test]
    fn the_vectors_of_rfc_8032_hold() {
        for (seed, point, message, signature) in [
            (
                "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
                "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
                &b""[..],
                "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
            ),
            (
                "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
                "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
                b"\x72",
                "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
            ),
            (
                "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
                "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
                b"\xaf\x82",
                "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a",
            ),
        ] {
            let key = Ed25519SigningKey::from_pkcs8(&pkcs8(&hex(seed))).unwrap();
            assert_eq!(key.public.point, hex(point));
            assert_eq!(key.sign(message).unwrap(), hex::<64>(signature));
            assert!(key.public.verifies(message, &hex::<64>(signature)));
            assert!(!key.public.verifies(b"another", &hex::<64>(signature)));
        }
    }

    /// The identity, (0, −1), and the others of order 4 and 8, each with both signs, and all second spellings.
    #[test]
    fn points_of_small_order_and_second_spellings_are_refused() {
        for y in WEAK {
            for sign in [0, 0x80] {
                let mut point = y;
                point[31] |= sign;
                assert_eq!(Ed25519VerifyingKey::from_point(point), Err(KeyError::Weak), "{point:02x?}");
            }
        }
        for low in 0xed..=0xff {
            for sign in [0x7f, 0xff] {
                let mut point = [0xff; 32];
                (point[0], point[31]) = (low, sign);
                assert!(Ed25519VerifyingKey::from_point(point).is_err(), "{point:02x?}");
            }
        }
        let below = {
            let mut point = [0xff; 32];
            (point[0], point[31]) = (0xeb, 0x7f);
            point
        };
        assert!(Ed25519VerifyingKey::from_point(below).is_ok());
    }

    #[test]
    fn ring_itself_takes_the_identity_for_a_key() {
        let identity = {
            let mut point = [0; 32];
            point[0] = 1;
            point
        };
        let signature = [&identity[..], &[0; 32]].concat();
        assert!(UnparsedPublicKey::new(&ED25519, &identity).verify(b"anything", &signature).is_ok());
    }

    #[test]
    fn a_signature_with_s_plus_l_is_refused() {
        let key = Ed25519SigningKey::generate().unwrap().0;
        let honest = key.sign(b"message").unwrap();
        // L = 2^252 + 27742317777372353535851937790883648493, little endian
        let order: [u8; 32] = hex("edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010");
        let mut carry = 0u16;
        let mut other = honest.clone();
        for (digit, add) in other[32..].iter_mut().zip(order) {
            let sum = u16::from(*digit) + u16::from(add) + carry;
            (*digit, carry) = (sum as u8, sum >> 8);
        }
        assert_eq!(carry, 0);
        assert!(key.public.verifies(b"message", &honest));
        assert!(!key.public.verifies(b"message", &other));
    }

    #[test]
    fn a_key_and_a_signature_by_openssl_are_read() {
        let pem = include_bytes!("../../../tests/data/keys/ed25519.pem");
        let Secret::Signing(key) = read_secret(pem).unwrap() else { panic!("no signing key") };
        let message = include_bytes!("../../../tests/data/keys/message");
        let signature = include_bytes!("../../../tests/data/keys/message.sig");
        assert_eq!(key.sign(message).unwrap(), signature);
        assert!(key.public().verifies(message, signature));
        assert_eq!(key.public().to_pem(), include_str!("../../../tests/data/keys/ed25519.pub.pem"));
    }

    #[test]
    fn a_written_key_is_what_openssl_writes() {
        let (key, pem) = Ed25519SigningKey::generate().unwrap();
        assert_eq!(pem.len(), include_str!("../../../tests/data/keys/ed25519.pem").len());
        let Secret::Signing(read) = read_secret(pem.as_bytes()).unwrap() else { panic!("no signing key") };
        assert_eq!(read.id(), key.id());
    }

    /// RFC 5958: version 2 has the public half, in a context tag that old programs got wrong.
    #[test]
    fn version_2_is_read_if_its_halves_fit() {
        let key = Ed25519SigningKey::from_pkcs8(&pkcs8(&[7; 32])).unwrap();
        let version_2 = |tag: &[u8], point: &[u8]| {
            let mut document = pkcs8(&[7; 32]);
            document.extend_from_slice(&[tag, point].concat());
            (document[1], document[4]) = ((document.len() - 2) as u8, 1);
            Ed25519SigningKey::from_pkcs8(&document)
        };
        for tag in [&[0x81, 33, 0][..], &[0xa1, 35, 3, 33, 0]] {
            assert_eq!(version_2(tag, &key.public.point).unwrap().id(), key.id());
            assert!(version_2(tag, &[9; 32]).is_err());
        }
        assert!(Ed25519SigningKey::from_pkcs8(&[&pkcs8(&[7; 32])[..], &[0]].concat()).is_err());
    }

    #[test]
    fn debug_shows_the_id_and_nothing_else() {
        let key = Ed25519SigningKey::from_pkcs8(&pkcs8(&[7; 32])).unwrap();
        assert_eq!(format!("{key:?}"), format!("Ed25519SigningKey({})", key.id()));
    }
}
