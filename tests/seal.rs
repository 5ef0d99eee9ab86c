//! Seals as a caller of the library meets them: what is signed verifies, and nothing else does.

use coldload::reason::Code;
use coldload::seal::{
    self, CONTENT_TYPE, Ed25519SigningKey, Ed25519VerifyingKey, HmacKey, Keyring, SealError, Sealed, SignError,
    SigningKey,
};

const MANIFEST: &[u8] = b"what a manifest says";

fn key() -> Ed25519SigningKey {
    Ed25519SigningKey::generate().unwrap().0
}

fn secret() -> HmacKey {
    HmacKey::generate().unwrap().0
}

fn trusting(keys: &[&Ed25519SigningKey]) -> Keyring {
    let mut trusted = Keyring::default();
    for key in keys {
        trusted.trust(key.public());
    }
    trusted
}

fn sharing(secret: &HmacKey) -> Keyring {
    let mut trusted = Keyring::default();
    trusted.share(secret.clone());
    trusted
}

/// The error with which a seal is refused, by its form or by the keys.
fn refusal(seal: &[u8], trusted: &Keyring) -> SealError {
    match Sealed::decode(seal) {
        Ok(sealed) => sealed.verify(trusted).map(|_| ()).unwrap_err(),
        Err(error) => error,
    }
}

fn accepts(seal: &[u8], trusted: &Keyring) -> bool {
    Sealed::decode(seal).is_ok_and(|sealed| sealed.verify(trusted).is_ok())
}

#[test]
fn a_signed_manifest_comes_back_with_its_signers() {
    let (a, b) = (key(), key());
    let seal = seal::sign(MANIFEST, &[&a, &b]).unwrap();
    assert_eq!(seal, seal::sign(MANIFEST, &[&b, &a]).unwrap(), "the order of the keys does not matter");
    let sealed = Sealed::decode(&seal).unwrap();
    let trusted = trusting(&[&a, &b]);
    let attestation = sealed.verify(&trusted).unwrap();
    assert_eq!(attestation.manifest(), MANIFEST);
    assert_eq!(attestation.signers().len(), 2);
    assert!(attestation.unknown().is_empty());
}

#[test]
fn a_mac_holds_for_its_secret() {
    let secret = secret();
    let seal = seal::mac(MANIFEST, &secret).unwrap();
    let sealed = Sealed::decode(&seal).unwrap();
    let attestation = sealed.verify(&sharing(&secret)).unwrap();
    assert_eq!((attestation.manifest(), attestation.signers()[0].id), (MANIFEST, secret.id()));
}

#[test]
fn a_private_key_serves_by_its_public_half() {
    let (key, pem) = Ed25519SigningKey::generate().unwrap();
    let mut trusted = Keyring::default();
    assert!(trusted.add_pem(pem.as_bytes()).unwrap().secret);
    assert!(accepts(&seal::sign(MANIFEST, &[&key]).unwrap(), &trusted));
    let mut public = Keyring::default();
    assert!(!public.add_pem(key.public().to_pem().as_bytes()).unwrap().secret);
    assert!(accepts(&seal::sign(MANIFEST, &[&key]).unwrap(), &public));
}

#[test]
fn a_seal_made_by_another_key_is_refused() {
    let (ours, theirs) = (key(), key());
    let seal = seal::sign(MANIFEST, &[&theirs]).unwrap();
    let error = refusal(&seal, &trusting(&[&ours]));
    assert_eq!((error.code(), error), (Code::UntrustedKey, SealError::Untrusted(vec![theirs.id()])));
    assert!(accepts(&seal, &trusting(&[&ours, &theirs])));

    let (ours, theirs) = (secret(), secret());
    let seal = seal::mac(MANIFEST, &theirs).unwrap();
    assert_eq!(refusal(&seal, &sharing(&ours)).code(), Code::UntrustedKey);
    assert!(accepts(&seal, &sharing(&theirs)));
}

#[test]
fn without_a_key_nothing_is_accepted() {
    assert_eq!(refusal(&seal::sign(MANIFEST, &[&key()]).unwrap(), &Keyring::default()), SealError::NoKeys);
    assert_eq!(refusal(&seal::mac(MANIFEST, &secret()).unwrap(), &Keyring::default()), SealError::NoKeys);
}

#[test]
fn an_unknown_signer_is_listed_and_counts_for_nothing() {
    let (ours, theirs) = (key(), key());
    let seal = seal::sign(MANIFEST, &[&ours, &theirs]).unwrap();
    let sealed = Sealed::decode(&seal).unwrap();
    let trusted = trusting(&[&ours]);
    let attestation = sealed.verify(&trusted).unwrap();
    assert_eq!(attestation.signers().iter().map(|signer| signer.id).collect::<Vec<_>>(), [ours.id()]);
    assert_eq!(attestation.unknown().iter().map(|signer| signer.id).collect::<Vec<_>>(), [theirs.id()]);
}

#[test]
fn a_trusted_key_with_a_bad_signature_refuses_the_whole_seal() {
    let (a, b) = (key(), key());
    let honest = seal::sign(MANIFEST, &[&a, &b]).unwrap();
    for key in [&a, &b] {
        let signature = key.sign(&signed_bytes(&body(), &signer(-8, &id(key)))).unwrap();
        let at = honest.windows(64).position(|window| window == signature).unwrap();
        let mut seal = honest.clone();
        seal[at + 5] ^= 1;
        let error = refusal(&seal, &trusting(&[&a, &b]));
        assert_eq!((error.code(), error), (Code::BadSignature, SealError::BadSignature(key.id())));
    }
    assert!(accepts(&honest, &trusting(&[&a, &b])));
}

#[test]
fn the_kind_of_key_decides_what_it_can_check() {
    let (key, secret) = (key(), secret());
    let (signed, maced) = (seal::sign(MANIFEST, &[&key]).unwrap(), seal::mac(MANIFEST, &secret).unwrap());
    assert_eq!(refusal(&signed, &sharing(&secret)), SealError::SignedNotMac);
    assert_eq!(refusal(&maced, &trusting(&[&key])), SealError::MacNotSigned);
    assert_eq!(refusal(&signed, &sharing(&secret)).code(), Code::WrongKeyKind);
    assert_eq!(refusal(&maced, &trusting(&[&key])).code(), Code::WrongKeyKind);
}

/// The classic: a MAC keyed with the 32 bytes that everybody knows, the public key.
#[test]
fn a_mac_keyed_with_a_public_key_is_refused() {
    let key = key();
    let point = point(&key);
    let seal = seal::mac(MANIFEST, &HmacKey::from_bytes(&point).unwrap()).unwrap();
    assert_eq!(refusal(&seal, &trusting(&[&key])).code(), Code::WrongKeyKind);
    // and with the id of the public key in the header
    let header = mac_header(&id(&key));
    let seal =
        [&[0xd1][..], &array(&[string(&header), map0(), string(MANIFEST), string(&mac(&point, &header))])].concat();
    assert_eq!(refusal(&seal, &trusting(&[&key])).code(), Code::WrongKeyKind);
}

#[test]
fn every_changed_bit_and_every_cut_of_a_seal_is_refused() {
    let (key, secret) = (key(), secret());
    let cases = [
        (seal::sign(MANIFEST, &[&key]).unwrap(), trusting(&[&key])),
        (seal::mac(MANIFEST, &secret).unwrap(), sharing(&secret)),
    ];
    for (seal, trusted) in cases {
        assert!(accepts(&seal, &trusted));
        for at in 0..seal.len() {
            for bit in 0..8 {
                let mut changed = seal.clone();
                changed[at] ^= 1 << bit;
                assert!(!accepts(&changed, &trusted), "bit {bit} of byte {at}");
            }
            assert!(!accepts(&seal[..at], &trusted), "cut at {at}");
            assert!(!accepts(&seal[at + 1..], &trusted), "cut before {at}");
        }
        for behind in 0..=255 {
            assert!(!accepts(&[&seal[..], &[behind]].concat(), &trusted), "{behind} behind the end");
        }
    }
}

#[test]
fn a_key_signs_once() {
    let key = key();
    assert_eq!(seal::sign(MANIFEST, &[&key, &key]), Err(SignError::Twice(key.id())));
    let one = signature(&key, &signer(-8, &id(&key)));
    let error = refusal(&sign_message(&body(), map0(), &[one.clone(), one.clone()]), &trusting(&[&key]));
    assert_eq!((error.code(), error), (Code::ManifestInvalid, SealError::Twice(key.id())));
    assert!(accepts(&sign_message(&body(), map0(), &[one]), &trusting(&[&key])));
}

#[test]
fn signatures_in_another_order_are_refused() {
    let mut keys = [key(), key()];
    keys.sort_by_key(|key| key.id());
    let [a, b] = [&keys[0], &keys[1]].map(|key| signature(key, &signer(-8, &id(key))));
    let trusted = trusting(&[&keys[0], &keys[1]]);
    assert_eq!(refusal(&sign_message(&body(), map0(), &[b.clone(), a.clone()]), &trusted), SealError::Order);
    assert!(accepts(&sign_message(&body(), map0(), &[a, b]), &trusted));
}

#[test]
fn more_than_64_signers_are_refused() {
    let mut keys: Vec<_> = (0..65).map(|_| key()).collect();
    keys.sort_by_key(|key| key.id());
    let all: Vec<&dyn SigningKey> = keys.iter().map(|key| key as &dyn SigningKey).collect();
    assert_eq!(seal::sign(MANIFEST, &all), Err(SignError::TooManyKeys(65)));
    assert_eq!(seal::sign(MANIFEST, &[]), Err(SignError::NoKeys));
    assert!(accepts(&seal::sign(MANIFEST, &all[..64]).unwrap(), &trusting(&[&keys[0]])));
    let signatures: Vec<_> = keys.iter().map(|key| signature(key, &signer(-8, &id(key)))).collect();
    assert_eq!(refusal(&sign_message(&body(), map0(), &signatures), &trusting(&[&keys[0]])), SealError::Signatures(65));
    assert_eq!(refusal(&sign_message(&body(), map0(), &[]), &trusting(&[&keys[0]])), SealError::NoSignature);
}

#[test]
fn a_seal_has_at_most_16_mib() {
    let key = key();
    let large = vec![7; seal::MAX_BYTES];
    assert!(matches!(seal::sign(&large, &[&key]), Err(SignError::TooLarge(_))));
    let seal = seal::sign(&large[..large.len() - 1000], &[&key]).unwrap();
    assert!(accepts(&seal, &trusting(&[&key])));
    let error = refusal(&vec![0xd1; seal::MAX_BYTES + 1], &trusting(&[&key]));
    assert_eq!((error.code(), error), (Code::LimitExceeded, SealError::TooLarge(seal::MAX_BYTES + 1)));
}

/// Everything here is signed validly, so that only the strictness of the form can refuse it.
#[test]
fn headers_that_are_not_those_of_the_format_are_refused() {
    let key = key();
    let trusted = trusting(&[&key]);
    let id = id(&key);
    let refused = |body: &[u8], unprotected: Vec<u8>, header: &[u8]| {
        let structure = signed_bytes(body, header);
        let signature = array(&[string(header), map0(), string(&key.sign(&structure).unwrap())]);
        refusal(&sign_message(body, unprotected, &[signature]), &trusted)
    };
    let text = [&[0x78, CONTENT_TYPE.len() as u8][..], CONTENT_TYPE.as_bytes()].concat();
    let with_crit = [&[0xa2, 2, 0x81, 3, 3][..], &text].concat();
    let short_type = [&[0xa1, 3, 0x6a][..], b"text/plain"].concat();
    let long_label = [&[0xa1, 0x18, 3][..], &text].concat();
    for body in [&b""[..], &[0xa0], &with_crit, &short_type, &long_label] {
        assert_eq!(refused(body, map0(), &signer(-8, &id)), SealError::Header, "{body:02x?}");
    }
    let none = [&[0xa1, 4, 0x58, 32][..], &id].concat();
    let crit = [&[0xa3, 1, 0x27, 2, 0x81, 1, 4, 0x58, 32][..], &id].concat();
    let unsorted = [&[0xa2, 4, 0x58, 32][..], &id, &[1, 0x27]].concat();
    let long = [&[0xa2, 1, 0x38, 7, 4, 0x58, 32][..], &id].concat();
    let short_id = [&[0xa2, 1, 0x27, 4, 0x58, 31][..], &id[1..]].concat();
    for header in [&none, &crit, &unsorted, &long, &short_id, &signer(5, &id), &signer(-39, &id), &vec![]] {
        assert_eq!(refused(&body(), map0(), header), SealError::Header, "{header:02x?}");
    }
    let algorithm_outside = vec![0xa1, 1, 0x27];
    assert_eq!(refused(&body(), algorithm_outside.clone(), &signer(-8, &id)), SealError::Unprotected);
    let loose = array(&[string(&signer(-8, &id)), algorithm_outside, string(&[0; 64])]);
    assert_eq!(refusal(&sign_message(&body(), map0(), &[loose]), &trusted), SealError::Unprotected);
    assert!(accepts(&sign_message(&body(), map0(), &[signature(&key, &signer(-8, &id))]), &trusted));
}

/// The header of another algorithm over an Ed25519 key's id, with that key's valid signature under it.
#[test]
fn the_algorithm_is_the_keys_and_the_header_must_agree() {
    let key = key();
    let seal = sign_message(&body(), map0(), &[signature(&key, &signer(-7, &id(&key)))]);
    let error = refusal(&seal, &trusting(&[&key]));
    assert!(matches!(error, SealError::OtherAlgorithm { .. }), "{error:?}");
    assert_eq!(error.code(), Code::BadSignature);
}

#[test]
fn a_signature_of_another_length_is_refused() {
    let key = key();
    for length in [0, 32, 63, 65, 96] {
        let short = array(&[string(&signer(-8, &id(&key))), map0(), string(&vec![7; length])]);
        let error = refusal(&sign_message(&body(), map0(), &[short]), &trusting(&[&key]));
        assert!(matches!(error, SealError::Length { wanted: 64, .. }), "{error:?}");
    }
}

/// COSE_Sign1, an untagged message, a tag around the tag, the long form of a tag, a detached payload.
#[test]
fn other_messages_of_cose_are_refused() {
    let key = key();
    let trusted = trusting(&[&key]);
    let honest = seal::sign(MANIFEST, &[&key]).unwrap();
    let message = &honest[2..];
    assert_eq!(refusal(message, &trusted), SealError::Tag);
    for tag in [&[0xd2][..], &[0xd9, 0, 98], &[0xd8, 17], &[0xd9, 0xd9, 0xf7, 0xd8, 98], &[]] {
        assert_eq!(refusal(&[tag, message].concat(), &trusted), SealError::Tag, "{tag:02x?}");
    }
    let detached = [
        &[0xd8, 98][..],
        &array(&[string(&body()), map0(), vec![0xf6], array(&[signature(&key, &signer(-8, &id(&key)))])]),
    ]
    .concat();
    assert_eq!(refusal(&detached, &trusted), SealError::Parts);
    for other in [&[0xd1][..], &[0xd8, 98]] {
        assert_eq!(refusal(&[other, &[0x80]].concat(), &trusted), SealError::Parts);
        assert_eq!(refusal(&[other, &[0xa0]].concat(), &trusted), SealError::Parts);
    }
    assert_eq!(refusal(b"", &trusted), SealError::Tag);
    assert!(accepts(&honest, &trusted));
}

/// Spellings that a general decoder takes for the same message. No signature covers them.
#[test]
fn other_spellings_of_a_seal_are_refused() {
    let key = key();
    let trusted = trusting(&[&key]);
    let one = signature(&key, &signer(-8, &id(&key)));
    let honest = sign_message(&body(), map0(), std::slice::from_ref(&one));
    assert!(accepts(&honest, &trusted));
    let open = [&[0xd8, 98, 0x9f][..], &honest[3..], &[0xff]].concat();
    let long = [&[0xd8, 98, 0x98, 4][..], &honest[3..]].concat();
    let open_map = sign_message(&body(), vec![0xbf, 0xff], std::slice::from_ref(&one));
    let long_map = sign_message(&body(), vec![0xb8, 0], std::slice::from_ref(&one));
    let tagged = sign_message(&body(), [&[0xc1][..], &map0()].concat(), std::slice::from_ref(&one));
    let chunks = [&[0x5f][..], &string(MANIFEST), &[0xff]].concat();
    let chunked = [&[0xd8, 98][..], &array(&[string(&body()), map0(), chunks, array(&[one])])].concat();
    for (what, seal) in [
        ("open", open),
        ("long", long),
        ("open map", open_map),
        ("long map", long_map),
        ("tagged", tagged),
        ("chunked", chunked),
    ] {
        assert!(matches!(refusal(&seal, &trusted), SealError::Cbor(_)), "{what}");
    }
}

/// ring itself would accept this seal: the identity point, and the signature that holds over everything.
#[test]
fn a_seal_by_the_identity_point_finds_no_key() {
    let mut point = [0; 32];
    point[0] = 1;
    assert!(Ed25519VerifyingKey::from_point(point).is_err());
    let pem = "-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEAAQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n-----END PUBLIC KEY-----\n";
    assert!(Keyring::default().add_pem(pem.as_bytes()).is_err());
}

/// The bytes of a seal, fixed: a change of the format shows here.
#[test]
fn the_wire_format_is_what_the_documentation_says() {
    let seal::Secret::Signing(key) = seal::read_secret(include_bytes!("data/keys/ed25519.pem")).unwrap() else {
        panic!()
    };
    let header = signer(-8, key.id().as_bytes());
    let signature = key.sign(&signed_bytes(&body(), &header)).unwrap();
    let by_hand = sign_message(&body(), map0(), &[array(&[string(&header), map0(), string(&signature)])]);
    assert_eq!(seal::sign(MANIFEST, &[key.as_ref()]).unwrap(), by_hand);

    let secret = HmacKey::from_bytes(&[7; 32]).unwrap();
    let header = mac_header(secret.id().as_bytes());
    let tag = mac(&[7; 32], &header);
    let by_hand = [&[0xd1][..], &array(&[string(&header), map0(), string(MANIFEST), string(&tag)])].concat();
    assert_eq!(seal::mac(MANIFEST, &secret).unwrap(), by_hand);
}

// RFC 9052 by hand, so that what the library writes is compared with something else than itself.

fn head(major: u8, length: usize) -> Vec<u8> {
    let major = major << 5;
    match length {
        0..24 => vec![major | length as u8],
        24..256 => vec![major | 24, length as u8],
        _ => vec![major | 25, (length >> 8) as u8, length as u8],
    }
}

fn string(bytes: &[u8]) -> Vec<u8> {
    [&head(2, bytes.len())[..], bytes].concat()
}

fn array(items: &[Vec<u8>]) -> Vec<u8> {
    [head(4, items.len()), items.concat()].concat()
}

fn map0() -> Vec<u8> {
    vec![0xa0]
}

fn content_type() -> Vec<u8> {
    [&[3, 0x78, CONTENT_TYPE.len() as u8][..], CONTENT_TYPE.as_bytes()].concat()
}

fn body() -> Vec<u8> {
    [&[0xa1][..], &content_type()].concat()
}

fn signer(algorithm: i64, id: &[u8; 32]) -> Vec<u8> {
    let algorithm = if algorithm < 0 { head(1, (-1 - algorithm) as usize) } else { head(0, algorithm as usize) };
    [&[0xa2, 1][..], &algorithm, &[4, 0x58, 32], id].concat()
}

fn mac_header(id: &[u8; 32]) -> Vec<u8> {
    [&[0xa3, 1, 5][..], &content_type(), &[4, 0x58, 32], id].concat()
}

fn signed_bytes(body: &[u8], header: &[u8]) -> Vec<u8> {
    let context = [&[0x69][..], b"Signature"].concat();
    array(&[context, string(body), string(header), string(b"coldload/seal/v1"), string(MANIFEST)])
}

fn mac(secret: &[u8], header: &[u8]) -> Vec<u8> {
    let key = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, secret);
    let context = [&[0x64][..], b"MAC0"].concat();
    let structure = array(&[context, string(header), string(b"coldload/seal/v1"), string(MANIFEST)]);
    ring::hmac::sign(&key, &structure).as_ref().to_vec()
}

fn signature(key: &Ed25519SigningKey, header: &[u8]) -> Vec<u8> {
    array(&[string(header), map0(), string(&key.sign(&signed_bytes(&body(), header)).unwrap())])
}

fn sign_message(body: &[u8], unprotected: Vec<u8>, signatures: &[Vec<u8>]) -> Vec<u8> {
    [&[0xd8, 98][..], &array(&[string(body), unprotected, string(MANIFEST), array(signatures)])].concat()
}

fn id(key: &Ed25519SigningKey) -> [u8; 32] {
    *key.id().as_bytes()
}

/// The 32 bytes of a public key, out of its PEM.
fn point(key: &Ed25519SigningKey) -> Vec<u8> {
    use base64ct::Encoding;
    let pem = key.public().to_pem();
    let spki = base64ct::Base64::decode_vec(pem.lines().nth(1).unwrap()).unwrap();
    spki[12..].to_vec()
}
