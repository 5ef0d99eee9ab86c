//! Addresses without what is secret in them.
//!
//! A requirements file may hold a token as user name, as password, in the query, in the fragment, or in the path of a private
//! index. A seal is given to others, so what comes out of here is what names a source, and nothing else.

/// An address without user, password, query and fragment; if it has no host that could be one, its scheme alone.
///
/// ```
/// use coldload::manifest::environment::without_credentials;
/// assert_eq!(without_credentials("git+https://me:pw@host.org/r.git@v1#egg=r"), "git+https://host.org/r.git@v1");
/// assert_eq!(without_credentials("https://host.org/a?token=secret"), "https://host.org/a");
/// ```
pub fn without_credentials(address: &str) -> String {
    match parts(address) {
        (scheme, _, path) if is_local(scheme) => format!("{scheme}:///…/{}", last(path)),
        (scheme, Some(host), path) => format!("{scheme}://{host}{path}"),
        (scheme, None, _) => format!("{scheme}://…"),
    }
}

/// The scheme and the host of an index: the path of a private one may hold a token.
pub(super) fn host_only(address: &str) -> String {
    let (scheme, host, _) = parts(address);
    format!("{scheme}://{}", host.unwrap_or("…"))
}

/// An address of one file: the host, and the last part of the path.
pub(super) fn file_only(address: &str) -> String {
    match parts(address) {
        (scheme, _, path) if is_local(scheme) => format!("{scheme}:///…/{}", last(path)),
        (scheme, host, path) => format!("{scheme}://{}/…/{}", host.unwrap_or("…"), last(path)),
    }
}

/// A path: its last part, for the folders above it are the signer's own.
pub(super) fn local(path: &str) -> String {
    // An address that lost its colon is a path, too.
    let last = last(path).split(['?', '#']).next().unwrap_or_default().rsplit('@').next().unwrap_or_default();
    if last == path { last.to_owned() } else { format!("…/{last}") }
}

/// The last part of a path.
pub(super) fn last(path: &str) -> &str {
    path.trim_end_matches(['/', '\\']).rsplit(['/', '\\']).next().unwrap_or_default()
}

/// Scheme, host and path of an address.
fn parts(address: &str) -> (&str, Option<&str>, &str) {
    let (scheme, rest) = address.split_once(':').unwrap_or(("", address));
    let scheme = if is_scheme(scheme) { scheme } else { "…" };
    let rest = rest.trim_start_matches('/');
    let rest = rest.split(['?', '#']).next().unwrap_or_default();
    let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let host = authority.rsplit('@').next().unwrap_or_default();
    (scheme, is_host(host).then_some(host), path)
}

/// Whether a text could be a scheme (RFC 3986 §3.1).
pub(super) fn is_scheme(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'.' | b'-');
    text.starts_with(|first: char| first.is_ascii_alphabetic()) && text.bytes().all(plain)
}

fn is_local(scheme: &str) -> bool {
    scheme == "file" || scheme.ends_with("+file")
}

/// Whether a text could be a host and a port. What stands there if a password holds a `/` is none.
fn is_host(text: &str) -> bool {
    let (name, port) = text.split_once(':').unwrap_or((text, ""));
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_');
    !name.is_empty() && name.bytes().all(plain) && port.bytes().all(|digit| digit.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_secret_is_left() {
        for (address, shown) in [
            ("https://index.example/simple", "https://index.example/simple"),
            ("https://SECRET@pypi.fury.io/me/", "https://pypi.fury.io/me/"),
            ("https://me:SECRET@host:8080/a/b", "https://host:8080/a/b"),
            ("https://me:SEC@RET@host/a", "https://host/a"),
            ("https://me:SEC/RET@host/a", "https://…"),
            ("git+ssh://git@github.com/o/r.git@SHA", "git+ssh://github.com/o/r.git@SHA"),
            ("git+https://oauth2:SECRET@host/r.git@main#egg=x&token=SECRET", "git+https://host/r.git@main"),
            ("https://host/a.whl?X-Amz-Signature=SECRET#sha256=00", "https://host/a.whl"),
            ("https:SECRET@host/a", "https://host/a"),
            ("git+git@github.com:o/r.git", "…://o/r.git"),
            ("git+file:///home/me/r@SHA", "git+file:///…/r@SHA"),
            ("TOKEN_9:x@host/a", "…://host/a"),
        ] {
            assert_eq!(without_credentials(address), shown);
        }
        assert_eq!((local("./a/b/"), local("b.txt")), ("…/b".to_owned(), "b.txt".to_owned()));
        assert_eq!(host_only("https://dl.host.io/SECRET/org/simple/"), "https://dl.host.io");
        assert_eq!(file_only("https://me:pw@host/SECRET/a-1.0.whl?x=SECRET"), "https://host/…/a-1.0.whl");
        assert_eq!(file_only("file:///home/me/a-1.0.whl"), "file:///…/a-1.0.whl");
    }
}
