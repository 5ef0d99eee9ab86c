//! What a file is, from its first bytes. Its name says nothing: extensions lie.

use super::fault::{Fault, Malformed};

/// What stands in for a model that was not downloaded, how such a file begins, and how the model is fetched.
const POINTERS: &[(&[u8], &str, &str)] = &[
    (b"version https://git-lfs.github.com/spec/", "a Git LFS pointer", LFS),
    (b"version https://hawser.github.com/spec/", "a Git LFS pointer", LFS),
    (b"outs:\n- ", "a DVC pointer", DVC),
    (b"outs:\r\n- ", "a DVC pointer", DVC),
    (b"md5: ", "a DVC pointer", DVC),
    (b"/annex/objects/", "a git-annex pointer", "fetch the real file, in its repository:  git annex get FILE"),
];
const LFS: &str = "fetch the real file, in its repository:  git lfs pull";
const DVC: &str = "fetch the real file, in its repository:  dvc pull";
const PAGE: &str =
    "download the file itself, not the page about it (of GitHub its raw address), and log in if that is needed";
const ERROR: &str = "read what the server says in it, then fetch the file again";

/// Bytes of a file in which the words of an error are looked for.
pub(super) const HEAD: usize = 512;
/// Largest file that is taken for the words of an error, in bytes.
const WORDS: u64 = 64 << 10;

/// Why there is no model in a file that begins like this: it was not downloaded, or the server sent something else.
pub(super) fn placeholder(head: &[u8], size: u64) -> Option<Fault> {
    let not_fetched = |what, next| Some(Fault::NotFetched { what, next });
    if head.is_empty() {
        return not_fetched("an empty file", "fetch the file, or save the model, again");
    }
    if let Some((_, what, next)) = POINTERS.iter().find(|(prefix, ..)| head.starts_with(prefix)) {
        return not_fetched(what, next);
    }
    // Neither of these is an opcode, so no pickle begins so.
    let text = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head).trim_ascii_start();
    if !text.starts_with(b"<") && !text.starts_with(b"{") {
        return None;
    }
    let text = String::from_utf8_lossy(text).to_lowercase();
    if text.starts_with("<!doctype html") || text.starts_with("<html") {
        return not_fetched("an HTML page", PAGE);
    }
    let words = size <= WORDS;
    if words && text.starts_with("<?xml") && (text.contains("<error>") || text.contains("<error ")) {
        return not_fetched("the error message of a server, in XML", ERROR);
    }
    let keys = ["error", "errors", "message", "detail"].map(|key| format!("\"{key}\""));
    let first_key = text.strip_prefix('{').map(str::trim_start);
    if words && first_key.is_some_and(|key| keys.iter().any(|known| key.starts_with(known))) {
        return not_fetched("the error message of a server, in JSON", ERROR);
    }
    None
}

/// What became of a pickle that was taken for text, if it begins so: 0x80, its first byte, is none of ASCII.
pub(super) fn converted(head: &[u8]) -> Option<Fault> {
    let what = match head {
        [0xef, 0xbf, 0xbd, 0..=5, ..] => Malformed::Replaced,
        [0xc2, 0x80, 2..=5, ..] => Malformed::Encoded,
        _ => return None,
    };
    Some(Fault::Malformed { at: 0, what })
}

/// Whether a whole file is a number of protocol 0 whose line end was changed: of other texts with such line ends, the first letter is an
/// opcode by chance.
pub(super) fn is_one_number(file: &[u8]) -> bool {
    let [b'I' | b'L' | b'F', line @ ..] = file.trim_ascii_end() else { return false };
    let Some(number) = line.strip_suffix(b"\r\n.") else { return false };
    !number.is_empty() && number.iter().all(|byte| matches!(byte, b'0'..=b'9' | b'-' | b'+' | b'.' | b'e' | b'L'))
}

/// Whether a line feed stands in these bytes only behind a carriage return, and that often enough to be no accident.
pub(super) fn has_only_crlf(bytes: &[u8]) -> bool {
    let mut before = 0;
    let mut feeds = 0u32;
    for byte in bytes {
        if *byte == b'\n' {
            if before != b'\r' {
                return false;
            }
            feeds = feeds.saturating_add(1);
        }
        before = *byte;
    }
    feeds >= 4
}
