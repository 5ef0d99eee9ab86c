//! The container: COSE (RFC 9052), of which a seal uses two messages and nothing that is optional.
//!
//! `COSE_Sign` (tag 98, §4.1): `[{3: content type}, {}, manifest, [[{1: algorithm, 4: key id}, {}, signature], …]]`, one
//! signature a key, sorted by key id. `COSE_Mac0` (tag 17, §6.2): `[{1: 5, 3: content type, 4: key id}, {}, manifest, tag]`.
//! Protected headers are compared with the only bytes that they may be, so that there is no header to interpret.

use super::{Algorithm, KeyId, SealError};
use crate::manifest::cbor;
use ciborium::Value;

/// Largest seal that is written or read, in bytes.
pub const MAX_BYTES: usize = 16 << 20;

/// Most signatures of a seal.
pub const MAX_SIGNERS: usize = 64;

/// The content type of the payload, a manifest.
pub const CONTENT_TYPE: &str = "application/vnd.coldload.manifest+cbor";

/// What every signature and MAC covers besides the message, so that none made for another use fits.
const EXTERNAL: &[u8] = b"coldload/seal/v1";

/// The heads of tag 98 and tag 17.
const TAG_SIGN: &[u8] = &[0xd8, 98];
const TAG_MAC0: &[u8] = &[0xc0 | 17];

/// A seal whose form was checked, and nothing else: nobody vouches for it before [`Sealed::verify`](super::Sealed::verify).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sealed {
    pub(super) payload: Vec<u8>,
    pub(super) proof: Proof,
}

/// What is to be checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Proof {
    /// Signatures, at least one, in the order of their keys' ids.
    Signatures(Vec<Signature>),
    /// A MAC.
    Mac(Signature),
}

/// One signature or MAC, with what its header says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signature {
    /// The algorithm that the header names. A verifier goes by its key, and requires that this agrees.
    pub algorithm: Algorithm,
    /// The key that the header names.
    pub id: KeyId,
    pub(super) bytes: Vec<u8>,
}

impl Sealed {
    /// Reads a seal. The bytes must be exactly what they would be written as.
    pub fn decode(bytes: &[u8]) -> Result<Sealed, SealError> {
        if bytes.len() > MAX_BYTES {
            return Err(SealError::TooLarge(bytes.len()));
        }
        let sealed = if let Some(message) = bytes.strip_prefix(TAG_SIGN) {
            decode_sign(cbor::read(message)?)?
        } else if let Some(message) = bytes.strip_prefix(TAG_MAC0) {
            decode_mac0(cbor::read(message)?)?
        } else {
            return Err(SealError::Tag);
        };
        if sealed.encode() == bytes { Ok(sealed) } else { Err(cbor::Fault::Encoding.into()) }
    }

    /// The bytes of the seal.
    pub(crate) fn encode(&self) -> Vec<u8> {
        let mut seal = Vec::with_capacity(self.payload.len().saturating_add(FRAME));
        match &self.proof {
            Proof::Signatures(signatures) => {
                seal.extend_from_slice(TAG_SIGN);
                message(&mut seal, &body_header(), &self.payload);
                cbor::put_head(&mut seal, cbor::ARRAY, signatures.len() as u64);
                for Signature { algorithm, id, bytes } in signatures {
                    cbor::put_head(&mut seal, cbor::ARRAY, 3);
                    headers(&mut seal, &signer_header(*algorithm, *id));
                    cbor::put_string(&mut seal, cbor::BYTES, bytes);
                }
            }
            Proof::Mac(mac) => {
                seal.extend_from_slice(TAG_MAC0);
                message(&mut seal, &mac_header(mac.id), &self.payload);
                cbor::put_string(&mut seal, cbor::BYTES, &mac.bytes);
            }
        }
        seal
    }

    /// The signatures, or the one MAC, as the seal has them: claims, as long as nothing was verified.
    pub fn claimed_signers(&self) -> &[Signature] {
        match &self.proof {
            Proof::Signatures(signatures) => signatures,
            Proof::Mac(mac) => std::slice::from_ref(mac),
        }
    }

    /// The bytes of the manifest, for which nobody has vouched yet: to look at, not to rely on.
    pub fn unverified_manifest(&self) -> &[u8] {
        &self.payload
    }
}

/// About as much as a seal of one signer has around the manifest, in bytes.
const FRAME: usize = 256;

/// What both messages begin with: `[header, {}, manifest, …`, of four parts.
fn message(seal: &mut Vec<u8>, header: &[u8], payload: &[u8]) {
    cbor::put_head(seal, cbor::ARRAY, 4);
    headers(seal, header);
    cbor::put_string(seal, cbor::BYTES, payload);
}

/// A protected header, and that nothing is unprotected.
fn headers(seal: &mut Vec<u8>, protected: &[u8]) {
    cbor::put_string(seal, cbor::BYTES, protected);
    cbor::put_head(seal, cbor::MAP, 0);
}

fn decode_sign(message: Value) -> Result<Sealed, SealError> {
    let [header, unprotected, payload, signatures] = parts(message)?;
    if bytes(header)? != body_header() {
        return Err(SealError::Header);
    }
    nothing(unprotected)?;
    let Value::Array(signatures) = signatures else { return Err(SealError::Parts) };
    match signatures.len() {
        0 => return Err(SealError::NoSignature),
        many if many > MAX_SIGNERS => return Err(SealError::Signatures(many)),
        _ => {}
    }
    let signatures = signatures.into_iter().map(decode_signature).collect::<Result<Vec<_>, _>>()?;
    for pair in signatures.windows(2) {
        let [before, signature] = pair else { continue };
        match before.id.cmp(&signature.id) {
            std::cmp::Ordering::Less => {}
            std::cmp::Ordering::Equal => return Err(SealError::Twice(signature.id)),
            std::cmp::Ordering::Greater => return Err(SealError::Order),
        }
    }
    Ok(Sealed { payload: bytes(payload)?, proof: Proof::Signatures(signatures) })
}

fn decode_signature(signature: Value) -> Result<Signature, SealError> {
    let [header, unprotected, signature] = parts(signature)?;
    nothing(unprotected)?;
    let header = bytes(header)?;
    let known = Algorithm::SIGNATURES.into_iter();
    let mut named = known.filter_map(|algorithm| Some((algorithm, key_id(&header, &signer_header_start(algorithm))?)));
    let (algorithm, id) = named.next().ok_or(SealError::Header)?;
    Ok(Signature { algorithm, id, bytes: exactly(algorithm, bytes(signature)?)? })
}

fn decode_mac0(message: Value) -> Result<Sealed, SealError> {
    let [header, unprotected, payload, tag] = parts(message)?;
    let id = key_id(&bytes(header)?, &mac_header_start()).ok_or(SealError::Header)?;
    nothing(unprotected)?;
    let algorithm = Algorithm::HmacSha256;
    let mac = Signature { algorithm, id, bytes: exactly(algorithm, bytes(tag)?)? };
    Ok(Sealed { payload: bytes(payload)?, proof: Proof::Mac(mac) })
}

fn parts<const N: usize>(value: Value) -> Result<[Value; N], SealError> {
    let Value::Array(parts) = value else { return Err(SealError::Parts) };
    parts.try_into().map_err(|_| SealError::Parts)
}

fn bytes(value: Value) -> Result<Vec<u8>, SealError> {
    value.into_bytes().map_err(|_| SealError::Parts)
}

fn nothing(unprotected: Value) -> Result<(), SealError> {
    match unprotected {
        Value::Map(pairs) if pairs.is_empty() => Ok(()),
        Value::Map(_) => Err(SealError::Unprotected),
        _ => Err(SealError::Parts),
    }
}

fn exactly(algorithm: Algorithm, signature: Vec<u8>) -> Result<Vec<u8>, SealError> {
    let (wanted, found) = (algorithm.length(), signature.len());
    if found == wanted { Ok(signature) } else { Err(SealError::Length { algorithm, wanted, found }) }
}

/// The key id of a header that begins like this and ends with it.
fn key_id(header: &[u8], start: &[u8]) -> Option<KeyId> {
    Some(KeyId::from_bytes(header.strip_prefix(start)?.try_into().ok()?))
}

/// `{3: content type}`
fn body_header() -> Vec<u8> {
    let mut header = vec![0xa1];
    content_type(&mut header);
    header
}

/// `{1: algorithm, 4: key id}`
fn signer_header(algorithm: Algorithm, id: KeyId) -> Vec<u8> {
    [&signer_header_start(algorithm)[..], id.as_bytes()].concat()
}

fn signer_header_start(algorithm: Algorithm) -> Vec<u8> {
    let mut header = vec![0xa2, 1];
    number(&mut header, algorithm);
    header.extend_from_slice(KEY_ID);
    header
}

/// `{1: 5, 3: content type, 4: key id}`
fn mac_header(id: KeyId) -> Vec<u8> {
    [&mac_header_start()[..], id.as_bytes()].concat()
}

fn mac_header_start() -> Vec<u8> {
    let mut header = vec![0xa3, 1];
    number(&mut header, Algorithm::HmacSha256);
    content_type(&mut header);
    header.extend_from_slice(KEY_ID);
    header
}

/// The label 4, and the head of a byte string of 32.
const KEY_ID: &[u8] = &[4, 0x58, 32];

/// An algorithm's number.
fn number(header: &mut Vec<u8>, algorithm: Algorithm) {
    match algorithm.number() {
        number @ ..0 => cbor::put_head(header, cbor::NEGATIVE, number.unsigned_abs().saturating_sub(1)),
        number => cbor::put_head(header, cbor::UNSIGNED, number.unsigned_abs()),
    }
}

/// The label 3 and the content type.
fn content_type(header: &mut Vec<u8>) {
    header.push(3);
    cbor::put_string(header, cbor::TEXT, CONTENT_TYPE.as_bytes());
}

/// What a signature is made over (RFC 9052 §4.4): `["Signature", body header, signer's header, external, manifest]`.
pub(super) fn signed_bytes(algorithm: Algorithm, id: KeyId, payload: &[u8]) -> Vec<u8> {
    structure("Signature", &[&body_header(), &signer_header(algorithm, id), EXTERNAL, payload])
}

/// What a MAC is made over (RFC 9052 §6.3): `["MAC0", header, external, manifest]`.
pub(super) fn mac_bytes(id: KeyId, payload: &[u8]) -> Vec<u8> {
    structure("MAC0", &[&mac_header(id), EXTERNAL, payload])
}

/// An array of a text and byte strings.
fn structure(context: &str, strings: &[&[u8]]) -> Vec<u8> {
    let length = strings.iter().fold(FRAME, |length, bytes| length.saturating_add(bytes.len()));
    let mut bytes = Vec::with_capacity(length);
    cbor::put_head(&mut bytes, cbor::ARRAY, (strings.len() as u64).saturating_add(1));
    cbor::put_string(&mut bytes, cbor::TEXT, context.as_bytes());
    strings.iter().for_each(|string| cbor::put_string(&mut bytes, cbor::BYTES, string));
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_are_what_a_general_encoder_writes() {
        let id = KeyId::from_bytes([7; 32]);
        let text = || Value::from(CONTENT_TYPE);
        let kid = || Value::Bytes(vec![7; 32]);
        let map = |pairs: Vec<(i64, Value)>| {
            let pairs = pairs.into_iter().map(|(label, value)| (Value::from(label), value));
            cbor::encode(&Value::Map(pairs.collect())).unwrap()
        };
        assert_eq!(body_header(), map(vec![(3, text())]));
        assert_eq!(mac_header(id), map(vec![(1, 5.into()), (3, text()), (4, kid())]));
        for algorithm in Algorithm::SIGNATURES {
            assert_eq!(signer_header(algorithm, id), map(vec![(1, algorithm.number().into()), (4, kid())]));
        }
    }

    #[test]
    fn the_tags_are_those_of_the_registry() {
        let mut head = Vec::new();
        ciborium::into_writer(&Value::Tag(98, Box::new(Value::Null)), &mut head).unwrap();
        assert_eq!(head, [TAG_SIGN, &[0xf6]].concat());
        head.clear();
        ciborium::into_writer(&Value::Tag(17, Box::new(Value::Null)), &mut head).unwrap();
        assert_eq!(head, [TAG_MAC0, &[0xf6]].concat());
    }
}
