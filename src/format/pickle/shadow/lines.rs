//! Arguments that end with their line, as Python might read them.

/// Longest line that is looked at.
pub(super) const LINE: usize = 64 << 10;

/// The first `lines` lines behind the opcode, and the length of all; `None` if their ends are not among the bytes.
pub(super) fn lines(bytes: &[u8], lines: usize) -> Option<(Vec<&[u8]>, usize)> {
    let bytes = bytes.get(..LINE).unwrap_or(bytes);
    let (mut found, mut at) = (Vec::new(), 1usize);
    for _ in 0..lines {
        let rest = bytes.get(at..)?;
        let end = rest.iter().position(|byte| *byte == b'\n')?;
        found.push(rest.get(..end)?);
        at = at.saturating_add(end).saturating_add(1);
    }
    Some((found, at))
}

/// What C's reader takes a number from: a line up to its first NUL, whatever stands behind that.
pub(super) fn number(line: &[u8]) -> &[u8] {
    line.split(|byte| *byte == 0).next().unwrap_or_default()
}

/// Whether Python's `int` might read a line that we do not, or one that begins like this.
pub(super) fn is_near_number(line: &[u8], whole: bool) -> bool {
    (!whole || line.iter().any(u8::is_ascii_digit))
        && line.iter().all(|byte| byte.is_ascii_digit() || byte.is_ascii_whitespace() || b"+-_\x0bL".contains(byte))
}

/// Whether Python may read an argument that ends with its line as what the opcode asks for; a text in quotes, a number.
pub(super) fn may_be_read(opcode: u8, line: &[u8], whole: bool) -> bool {
    match opcode {
        b'S' => {
            let quote = line.first().filter(|first| matches!(first, b'\'' | b'"'));
            // Python 2 takes off what looks like space at the end: a byte above ASCII is less than a space to it.
            let length =
                line.iter().rposition(|byte| *byte > b' ' && byte.is_ascii()).map_or(0, |last| last.saturating_add(1));
            quote.is_some() && (!whole || (length > 1 && line.get(length.saturating_sub(1)) == quote))
        }
        b'I' | b'L' | b'F' => number(line)
            .iter()
            .all(|byte| byte.is_ascii_alphanumeric() || byte.is_ascii_whitespace() || b"+-._\x0b".contains(byte)),
        _ => true,
    }
}
