//! What Python imports for a name that a file asks for, before it looks for the name.

/// Fewest hexadecimal digits that are the digest of something: a file with nothing else begins with `c` as well as with `a`.
const DIGEST: usize = 14;

/// The parts of a name between its dots. To importlib a module that begins with a dot is one without a package.
fn parts(module: &str) -> impl Iterator<Item = &str> {
    module.strip_prefix('.').unwrap_or(module).split('.')
}

/// What Python imports before all that stands behind a dot, even if there is no such module.
pub fn outermost(module: &str) -> &str {
    parts(module).next().unwrap_or_default()
}

/// A name by which something can be imported: importlib looks for a file or a folder that is called like what stands before the first dot, whatever
/// that is, such as `site-packages`. None is called by control characters.
pub fn is_importable(module: &str) -> bool {
    let first = outermost(module);
    !first.is_empty() && !first.chars().any(|c| c.is_ascii_control())
}

/// A character that names of modules are written with. Beyond ASCII there are more than letters and digits: combining marks, what joins words.
fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_' || !(c.is_ascii() || c.is_whitespace() || c.is_control())
}

/// Whether there may be a module of this name, or one that Python imports on the way to it, from which a reader gets on.
///
/// Scripts and folders may be called anything, but hardly like a line of a text: with a hyphen, as scripts are, and as folders in which Python
/// finds modules (`site-packages`). Any other folder is a module, too, which has the attributes of Python's own and no others. From an archive
/// modules are imported by the paths that they have in it.
pub fn may_be_imported(module: &str, name: Option<&str>) -> bool {
    let is_written = |part: &str| !part.is_empty() && part.chars().all(|c| is_word(c) || c == '-');
    let (first, second) = (outermost(module), parts(module).nth(1));
    let is_digest = first.len() >= DIGEST && first.bytes().all(|byte| byte.is_ascii_hexdigit());
    if is_written(first) {
        let is_plain = first.chars().all(is_word);
        // Versions stand behind hyphens: `cryptography-38.0.4.dist-info`.
        let is_module = |part: &str| is_written(part) && !part.starts_with(|c: char| c.is_ascii_digit());
        if (!is_digest && (is_plain || second.is_none())) || second.is_some_and(is_module) {
            return true;
        }
    }
    let is_attribute = |name: &str| {
        let is_plain = !name.is_empty() && name.chars().all(|c| is_word(c) || c == '.');
        is_plain && (name.starts_with("__") || first.contains('/'))
    };
    is_importable(module) && name.is_some_and(is_attribute)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_of_any_name_is_a_module_with_attributes_of_pythons_own() {
        for (module, name) in [
            ("os", None),
            ("os.path", Some("x y")),
            (".this", None),
            ("81d243bd2c585b0f4821__mypyc", None),
            ("mark-x", Some("x y")),
            ("e\u{301}tude", None),
            ("\u{928}\u{92e}\u{938}\u{94d}\u{924}\u{947}", None),
            ("site-packages", Some("__name__")),
            ("site-packages.pip. x", None),
            ("deadbeefdeadbeef", Some("__name__")),
            ("deadbeefdeadbeef.first.", None),
            ("my models", Some("__path__")),
            ("encodings/aliases", Some("aliases")),
        ] {
            assert!(may_be_imported(module, name), "{module:?} {name:?}");
        }
        for (module, name) in [
            ("", Some("__name__")),
            (".", Some("__name__")),
            ("mport numpy as np", Some("mport pandas")),
            ("mport numpy as np", None),
            ("mport os.path", Some("")),
            ("mport os", Some("__all__ = ['a']")),
            ("make_minimum_required(VERSION 3.10)", Some("")),
            ("onst x = require('./x.js');", Some("")),
            ("nclude common.mk", Some("all")),
            ("lick==8.1.7", Some("numpy")),
            ("deadbeefdeadbeef", Some("deadbeefdeadbeef")),
            ("site-packages\r", Some("__name__")),
            ("onf/app", Some("src/app")),
            ("onf/app.conf", Some("")),
            ("ryptography-38.0.4.dist-info/METADATA,sha256=x", Some("cryptography-38.0.4.dist-info/RECORD,,")),
        ] {
            assert!(!may_be_imported(module, name), "{module:?} {name:?}");
        }
    }
}
