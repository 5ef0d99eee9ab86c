//! The last door before a terminal: nothing that could move a cursor, change a colour or turn a line round passes it.
//!
//! Texts of files are escaped where they are found ([`crate::reason::escape`]). What is here holds even if they were not:
//! a reader process that was taken over can put any text into its answer, and still can not reach the terminal with it.

use crate::reason::escape;
use std::borrow::Cow;
use std::ffi::OsStr;
use std::io::{self, Write};
use std::path::Path;

/// The text on one line: line ends, control characters and invisible ones are written as escapes, all else as it is.
///
/// ```
/// assert_eq!(coldload::report::safe::line("a\nb\x1b[2J \\d"), r"a\nb\x1b[2J \d");
/// ```
pub fn line(text: &str) -> Cow<'_, str> {
    if is_plain_ascii(text) || text.chars().all(is_plain) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if is_plain(c) {
            out.push(c);
        } else {
            out.push_str(&escape(c.encode_utf8(&mut [0; 4])));
        }
    }
    Cow::Owned(out)
}

/// The text on one line, cut where it is longer than anyone reads.
///
/// ```
/// assert_eq!(coldload::report::safe::brief(&"a".repeat(1000)).chars().count(), 121);
/// ```
pub fn brief(text: &str) -> Cow<'_, str> {
    // No text has more characters than bytes.
    let end = if text.len() > BRIEF { text.char_indices().nth(BRIEF) } else { None };
    end.map_or_else(|| line(text), |(end, _)| Cow::Owned(format!("{}…", line(&text[..end]))))
}

/// A path as text, so that no two paths look alike: as it is, if it is UTF-8; bytes that are not are written `\xNN`. Where such an escape
/// stands in the text, every backslash of the path itself is written twice, also in a path that only looks as if it had one.
///
/// ```
/// # use std::{ffi::OsStr, os::unix::ffi::OsStrExt, path::Path};
/// use coldload::report::safe::path;
/// assert_eq!(path(Path::new(r"a\b\x41.pkl")), r"a\b\x41.pkl");
/// assert_eq!(path(Path::new(OsStr::from_bytes(b"\xff.pkl"))), r"\xff.pkl");
/// assert_eq!(path(Path::new(r"\xff.pkl")), r"\\xff.pkl");
/// ```
pub fn path(path: &Path) -> String {
    let bytes = path.as_os_str().as_encoded_bytes();
    // Bytes below 0x80 are UTF-8 wherever they stand.
    let escaped = |text: &str| {
        escapes(text).any(|rest| matches!(rest, [b'x', b'8'..=b'9' | b'a'..=b'f', low, ..] if is_digit(*low)))
    };
    if let Some(text) = path.to_str().filter(|text| !escaped(text)) {
        return text.to_owned();
    }
    let mut out = String::new();
    for chunk in bytes.utf8_chunks() {
        out.push_str(&chunk.valid().replace('\\', r"\\"));
        chunk.invalid().iter().for_each(|byte| out.push_str(&format!("\\x{byte:02x}")));
    }
    out
}

/// What [`path`] gave, on one line: as it is, if a terminal shows it as it is; what would do more is written as an escape, and then
/// backslashes twice, by the same rule.
pub(super) fn path_line(path: &str) -> Cow<'_, str> {
    let escaped = |rest: &[u8]| match rest {
        [b'n' | b'r' | b't', ..] | [b'u', b'{', ..] => true,
        [b'x', b'0'..=b'7', low, ..] => is_digit(*low),
        _ => false,
    };
    if (is_plain_ascii(path) || path.chars().all(is_plain)) && !escapes(path).any(escaped) {
        return Cow::Borrowed(path);
    }
    let shown = |c: char| if c == '\\' { r"\\".to_owned() } else { line(c.encode_utf8(&mut [0; 4])).into_owned() };
    path.chars().map(shown).collect()
}

/// What stands behind each backslash of a text.
fn escapes(text: &str) -> impl Iterator<Item = &[u8]> {
    memchr::memchr_iter(b'\\', text.as_bytes()).map(|at| &text.as_bytes()[at + 1..])
}

/// Whether an escape writes a byte with it.
const fn is_digit(byte: u8) -> bool {
    matches!(byte, b'0'..=b'9' | b'a'..=b'f')
}

/// A path as it can be pasted into a shell behind a command's name: one word, and no option.
///
/// ```
/// assert_eq!(coldload::report::safe::pasted("my model.pkl"), "'my model.pkl'");
/// assert_eq!(coldload::report::safe::pasted("-k.pkl"), "./-k.pkl");
/// ```
pub fn pasted(path: impl AsRef<OsStr>) -> String {
    let path = path.as_ref();
    let is_option = path.len() > 1 && path.as_encoded_bytes().starts_with(b"-");
    if is_option { quoted(Path::new(".").join(path)) } else { quoted(path) }
}

/// Any word as it can be pasted into a shell.
pub fn quoted(word: impl AsRef<OsStr>) -> String {
    let Some(text) = word.as_ref().to_str() else { return quoted_bytes(word.as_ref().as_encoded_bytes()) };
    let plain = |c: char| c.is_ascii_alphanumeric() || "/._-+=:@%,".contains(c);
    if !text.is_empty() && text.chars().all(plain) {
        text.to_owned()
    } else {
        format!("'{}'", text.replace('\'', r"'\''"))
    }
}

/// A word that is no UTF-8, as bash, zsh, ksh and POSIX 2024 read it (`$'…'`).
fn quoted_bytes(bytes: &[u8]) -> String {
    let byte = |byte: &u8| match byte {
        b'\'' | b'\\' => format!("\\{}", char::from(*byte)),
        b' '..=b'~' => char::from(*byte).to_string(),
        _ => format!("\\{byte:03o}"),
    };
    format!("$'{}'", bytes.iter().map(byte).collect::<String>())
}

/// Longest text of a file that stands in a line with others.
const BRIEF: usize = 120;

/// Whether a text is what most texts are, and [plain](is_plain) in each character: that is seen at once.
fn is_plain_ascii(text: &str) -> bool {
    // Without an early end, many bytes are looked at in one step.
    text.bytes().fold(true, |plain, byte| plain & matches!(byte, b' '..=b'~'))
}

/// Whether a terminal shows the character and does nothing else. The list of those that do more is [`escape`]'s.
fn is_plain(c: char) -> bool {
    if c.is_ascii() {
        return !c.is_ascii_control();
    }
    let mut buffer = [0; 4];
    let text: &str = c.encode_utf8(&mut buffer);
    escape(text) == text
}

/// A writer that passes text on, and writes what is not plain as JSON escapes (`\u001b`).
///
/// A JSON document keeps its meaning, for outside ASCII and below the space such characters stand only in its strings; other
/// text, such as a table of answers, becomes harmless to look at. Line ends and tabs pass. Bytes that are not UTF-8 become
/// `U+FFFD`.
#[derive(Debug)]
pub struct SafeWriter<W: Write> {
    inner: W,
    /// Bytes of a character whose end was not written yet; at most three.
    partial: Vec<u8>,
}

impl<W: Write> SafeWriter<W> {
    /// A safe door before `inner`.
    pub const fn new(inner: W) -> SafeWriter<W> {
        SafeWriter { inner, partial: Vec::new() }
    }

    /// Flushes, and gives the writer back.
    pub fn finish(mut self) -> io::Result<W> {
        if !self.partial.is_empty() {
            self.inner.write_all("\u{fffd}".as_bytes())?;
        }
        self.inner.flush()?;
        Ok(self.inner)
    }

    fn pass(&mut self, text: &str) -> io::Result<()> {
        let mut from = 0;
        for (at, c) in text.char_indices() {
            if is_plain(c) || c == '\n' || c == '\t' {
                continue;
            }
            self.inner.write_all(&text.as_bytes()[from..at])?;
            for unit in c.encode_utf16(&mut [0; 2]) {
                write!(self.inner, "\\u{unit:04x}")?;
            }
            from = at + c.len_utf8();
        }
        self.inner.write_all(&text.as_bytes()[from..])
    }
}

impl<W: Write> Write for SafeWriter<W> {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        let mut bytes = std::mem::take(&mut self.partial);
        bytes.extend_from_slice(buf);
        let mut rest = bytes.as_slice();
        loop {
            match std::str::from_utf8(rest) {
                Ok(text) => {
                    self.pass(text)?;
                    return Ok(buf.len());
                }
                Err(error) => {
                    let (valid, after) = rest.split_at(error.valid_up_to());
                    self.pass(&String::from_utf8_lossy(valid))?;
                    let Some(wrong) = error.error_len() else {
                        self.partial = after.to_vec();
                        return Ok(buf.len());
                    };
                    self.inner.write_all("\u{fffd}".as_bytes())?;
                    rest = &after[wrong..];
                }
            }
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pasted_path_is_one_word() {
        let paths = [("a/b-1.pkl", "a/b-1.pkl"), ("my model.pkl", "'my model.pkl'"), ("it's", r"'it'\''s'")];
        for (path, word) in paths.into_iter().chain([("-", "-"), ("--to", "./--to"), ("- a", "'./- a'")]) {
            assert_eq!(pasted(path), word);
        }
        assert_eq!(quoted("-x y"), "'-x y'");
    }

    /// Whatever a file is called, no other file looks like it, where programs read the path and where people do.
    #[test]
    fn no_two_paths_look_alike() {
        use std::os::unix::ffi::OsStrExt;
        let parts: [&[u8]; 13] = [
            b"\\",
            b"x",
            b"ff",
            b"\xff",
            b"n",
            b"\n",
            b"u{202e}",
            "\u{202e}".as_bytes(),
            b"0a",
            b"\x1b",
            b"1b",
            "é".as_bytes(),
            b"\xc3",
        ];
        let mut names: Vec<Vec<u8>> = vec![Vec::new()];
        for _ in 0..4 {
            names = names
                .iter()
                .flat_map(|name| parts.iter().map(|part| [name, *part].concat()).chain([name.clone()]))
                .collect();
            names.sort_unstable();
            names.dedup();
        }
        let (mut shown, mut lines) = (std::collections::HashSet::new(), std::collections::HashSet::new());
        for name in &names {
            let text = path(Path::new(OsStr::from_bytes(name)));
            lines.insert(path_line(&text).into_owned());
            shown.insert(text);
        }
        assert!(names.len() > 10_000 && lines.iter().all(|line| line.chars().all(is_plain)));
        assert_eq!((shown.len(), lines.len()), (names.len(), names.len()));
    }

    #[test]
    fn bytes_that_are_no_text_can_be_pasted() {
        use std::os::unix::ffi::OsStrExt;
        assert_eq!(quoted(OsStr::from_bytes(b"a'\xff0\\ \n")), r"$'a\'\3770\\ \012'");
    }

    fn through(pieces: &[&[u8]]) -> String {
        let mut writer = SafeWriter::new(Vec::new());
        for piece in pieces {
            writer.write_all(piece).unwrap();
        }
        String::from_utf8(writer.finish().unwrap()).unwrap()
    }

    #[test]
    fn a_document_keeps_its_meaning() {
        let value = serde_json::json!({"a": "\u{7f}\u{9b}31m \u{202e} \u{e0041} é \\", "b": [1, null]});
        let text = serde_json::to_string_pretty(&value).unwrap();
        let safe = through(&[text.as_bytes()]);
        assert!(safe.chars().all(|c| c == '\n' || is_plain(c)), "{safe}");
        assert_eq!(serde_json::from_str::<serde_json::Value>(&safe).unwrap(), value);
    }

    #[test]
    fn a_character_may_come_in_pieces() {
        let bytes = "é\u{202e}!".as_bytes();
        for cut in 0..=bytes.len() {
            assert_eq!(through(&[&bytes[..cut], &bytes[cut..]]), "é\\u202e!");
        }
    }

    #[test]
    fn bytes_that_are_no_text_are_marked() {
        assert_eq!(through(&[b"a\xffb\x1b[0m\xe2\x80"]), "a\u{fffd}b\\u001b[0m\u{fffd}");
    }
}
