//! Python text: Unicode code points, which may be lone surrogates, kept as UTF-8 with surrogates encoded as if they were
//! code points (what CPython's `surrogatepass` reads and writes).

use crate::reason::escape_bytes;

/// Text of a file.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Text<'a>(pub(super) &'a [u8]);

impl<'a> Text<'a> {
    /// The text as bytes.
    pub fn bytes(self) -> &'a [u8] {
        self.0
    }

    /// The text, unless it has lone surrogates.
    pub fn as_str(self) -> Option<&'a str> {
        std::str::from_utf8(self.0).ok()
    }

    /// Whether the text is this one.
    pub fn is(self, text: &str) -> bool {
        self.0 == text.as_bytes()
    }
}

impl std::fmt::Debug for Text<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{self}")
    }
}

impl std::fmt::Display for Text<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&escape_bytes(self.0))
    }
}

/// Whether bytes are UTF-8 in which surrogates may stand too (`utf-8` with `surrogatepass`, `Objects/unicodeobject.c`).
pub fn is_text(mut bytes: &[u8]) -> bool {
    loop {
        let Err(error) = std::str::from_utf8(bytes) else { return true };
        let Some(rest) = bytes.get(error.valid_up_to()..) else { return false };
        match rest {
            [0xed, 0xa0..=0xbf, 0x80..=0xbf, after @ ..] => bytes = after,
            _ => return false,
        }
    }
}

/// Appends a code point, surrogates too.
pub fn push_code_point(out: &mut Vec<u8>, code: u32) -> bool {
    if let Some(c) = char::from_u32(code) {
        out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
        return true;
    }
    let Ok(code) = u16::try_from(code) else { return false };
    let [high, low] = code.to_be_bytes();
    out.extend_from_slice(&[0xed, 0x80 | (high & 0xf) << 2 | low >> 6, 0x80 | low & 0x3f]);
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn surrogates_are_text_and_other_broken_bytes_are_not() {
        let mut bytes = b"a".to_vec();
        assert!(push_code_point(&mut bytes, 0xdc80) && push_code_point(&mut bytes, 0x1f600));
        assert_eq!(bytes, b"a\xed\xb2\x80\xf0\x9f\x98\x80");
        assert!(is_text(&bytes) && Text(&bytes).as_str().is_none());
        assert!(!push_code_point(&mut bytes, 0x11_0000));
        for broken in [&b"\xff"[..], b"\xc0\x80", b"\xed\xa0", b"\xf4\x90\x80\x80", b"\xe2\x82"] {
            assert!(!is_text(broken), "{broken:x?}");
        }
    }
}
