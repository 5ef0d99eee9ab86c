//! What a file is, from its first bytes. Its name says nothing: extensions lie.

/// Placeholders for a file that was not downloaded.
const POINTERS: &[(&[u8], &str)] = &[
    (b"version https://git-lfs.github.com/spec/", "a Git LFS pointer"),
    (b"version https://hawser.github.com/spec/", "a Git LFS pointer"),
    (b"outs:\n- md5:", "a DVC pointer"),
    (b"outs:\n- hash:", "a DVC pointer"),
    (b"outs:\n- etag:", "a DVC pointer"),
    (b"outs:\n- path:", "a DVC pointer"),
    (b"outs:\n- size:", "a DVC pointer"),
    (b"md5: ", "a DVC pointer"),
];

/// What a file without a byte is called.
pub(super) const EMPTY: &str = "an empty file";

/// What stands in for a model that was not downloaded, if the file begins like such a placeholder.
pub(super) fn placeholder(head: &[u8]) -> Option<&'static str> {
    if head.is_empty() {
        return Some(EMPTY);
    }
    POINTERS.iter().find(|(prefix, _)| head.starts_with(prefix)).map(|(_, what)| *what)
}
