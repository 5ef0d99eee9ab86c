//! PEM (RFC 7468), strictly: one block, nothing before or behind it but white space, lines of 64 characters of which only the
//! last may be shorter, line ends of LF or CR LF, canonical base64 with its padding.

use super::KeyError;
use base64ct::{Base64, Encoding};
use zeroize::Zeroizing;

/// PKCS#8.
pub(super) const PRIVATE: &str = "PRIVATE KEY";
/// SPKI.
pub(super) const PUBLIC: &str = "PUBLIC KEY";
/// A shared secret. The label is our own, so that no other program takes it for a key of its kind, or the reverse.
pub(super) const HMAC: &str = "COLDLOAD HMAC KEY";

const LINE: usize = 64;
const BEGIN: &str = "-----BEGIN ";
const END: &str = "-----END ";
const DASHES: &str = "-----";

/// The label and the bytes of the one block in a text.
pub(super) fn decode(text: &[u8]) -> Result<(&str, Zeroizing<Vec<u8>>), KeyError> {
    let text = std::str::from_utf8(text).map_err(|_| KeyError::NotPem)?.trim_ascii();
    let (first, rest) = text.strip_prefix(BEGIN).ok_or(KeyError::NotPem)?.split_once('\n').ok_or(ONE_LINE)?;
    let (body, last) = rest.rsplit_once('\n').ok_or(KeyError::Pem("it has no content"))?;
    let label = strip_cr(first).strip_suffix(DASHES).ok_or(KeyError::Pem("its first line does not end in -----"))?;
    if body.contains(DASHES) {
        return Err(KeyError::Pem("there is more than one block"));
    }
    if last.strip_prefix(END).and_then(|last| last.strip_suffix(DASHES)) != Some(label) {
        return Err(KeyError::Pem("its last line does not match its first"));
    }
    // with room for all from the start, so that no smaller buffer is left behind
    let mut joined = Zeroizing::new(String::with_capacity(body.len()));
    let mut whole = true;
    for line in body.split('\n').map(strip_cr) {
        if !whole || line.is_empty() || line.len() > LINE {
            return Err(KeyError::Pem("its lines are not of 64 characters"));
        }
        whole = line.len() == LINE;
        joined.push_str(line);
    }
    let mut buffer = Zeroizing::new(vec![0; joined.len()]);
    let length = Base64::decode(joined.as_bytes(), &mut buffer).map_err(|_| KeyError::Pem("it is no base64"))?.len();
    buffer.truncate(length);
    Ok((label, buffer))
}

const ONE_LINE: KeyError = KeyError::Pem("its line ends are missing");

fn strip_cr(line: &str) -> &str {
    line.strip_suffix('\r').unwrap_or(line)
}

/// A text with one block.
pub(super) fn encode(label: &str, bytes: &[u8]) -> Zeroizing<String> {
    let mut buffer = Zeroizing::new(vec![0; Base64::encoded_len(bytes)]);
    let base64 = Base64::encode(bytes, &mut buffer).unwrap_or_default();
    let lines = base64.len().div_ceil(LINE);
    let room = base64.len().saturating_add(lines).saturating_add(label.len().saturating_add(20).saturating_mul(2));
    let mut text = Zeroizing::new(String::with_capacity(room));
    let mut rest = base64;
    text.extend([BEGIN, label, DASHES, "\n"]);
    while !rest.is_empty() {
        let (line, behind) = rest.split_at_checked(LINE).unwrap_or((rest, ""));
        text.extend([line, "\n"]);
        rest = behind;
    }
    text.extend([END, label, DASHES, "\n"]);
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_reads_back() {
        for length in [1, 32, 48, 49, 96, 1000] {
            let bytes: Vec<u8> = (0..length).map(|n| n as u8).collect();
            let text = encode(HMAC, &bytes);
            let (label, read) = decode(text.as_bytes()).unwrap();
            assert_eq!((label, &read[..]), (HMAC, &bytes[..]));
        }
    }

    #[test]
    fn line_ends_of_windows_and_white_space_around_are_accepted() {
        let text = "\r\n-----BEGIN A-----\r\nAAAA\r\n-----END A-----\r\n\n";
        assert_eq!(decode(text.as_bytes()).unwrap().1[..], [0, 0, 0]);
        assert!(decode(b"-----BEGIN A-----\nAAAA\n-----END A-----").is_ok());
    }

    #[test]
    fn every_other_text_is_refused() {
        let long = format!("-----BEGIN A-----\n{}\n-----END A-----\n", "A".repeat(68));
        let short = format!("-----BEGIN A-----\nAAAA\n{}\n-----END A-----\n", "A".repeat(64));
        for text in [
            "",
            "AAAA",
            "# a comment\n-----BEGIN A-----\nAAAA\n-----END A-----\n",
            "-----BEGIN A-----\nAAAA\n-----END A-----\nmore",
            "-----BEGIN A-----\nAAAA\n-----END B-----\n",
            "-----BEGIN A----\nAAAA\n-----END A----\n",
            "-----BEGIN A-----\n-----END A-----\n",
            "-----BEGIN A-----\n\n-----END A-----\n",
            "-----BEGIN A-----\n\nAAAA\n-----END A-----\n",
            "-----BEGIN A-----\nkey: value\n\nAAAA\n-----END A-----\n",
            "-----BEGIN A-----\nAAAA \n-----END A-----\n",
            "-----BEGIN A-----\nAAA\n-----END A-----\n",
            "-----BEGIN A-----\nAAB=\n-----END A-----\n",
            "-----BEGIN A-----\nAA-_\n-----END A-----\n",
            "-----BEGIN A----- AAAA -----END A-----",
            "-----BEGIN A-----\nAAAA\n-----END A-----\n-----BEGIN A-----\nAAAA\n-----END A-----\n",
            &long,
            &short,
        ] {
            assert!(decode(text.as_bytes()).is_err(), "{text:?}");
        }
        assert!(decode(b"-----BEGIN A-----\nAAA=\n-----END A-----\n").is_ok());
    }
}
