//! What Python imports for a name that a file asks for, before it looks for the name.

/// Fewest hexadecimal digits that are the digest of something: a file with nothing else begins with `c` as well as with `a`.
const DIGEST: usize = 14;

/// What Python imports before all that stands behind a dot, even if there is no such module. To importlib a module that begins with a dot
/// is one without a package.
pub fn outermost(module: &str) -> &str {
    module.strip_prefix('.').unwrap_or(module).split('.').next().unwrap_or_default()
}

/// A name by which something can be imported: importlib looks for a file or a folder that is called like what stands before the first dot, whatever
/// that is, such as `site-packages`. None is called by control characters.
pub fn is_importable(module: &str) -> bool {
    let first = outermost(module);
    !first.is_empty() && !first.chars().any(|c| c.is_ascii_control())
}

/// Whether there may be a module of this name, or one that Python imports on the way to it, from which a reader gets on. No module is called
/// like a line of a text. But a folder is a module, too, whatever it is called: it has the attributes of Python's own, and leads to
/// modules in it. To Python 2 a slash does so.
pub fn may_be_imported(module: &str, name: Option<&str>) -> bool {
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    let is_written = |part: &str| !part.is_empty() && part.chars().all(|c| is_word(c) || c == '-');
    let (first, mut parts) = (outermost(module), module.strip_prefix('.').unwrap_or(module).split('.'));
    let is_digest = first.len() >= DIGEST && first.bytes().all(|byte| byte.is_ascii_hexdigit());
    if !first.is_empty() && first.chars().all(is_word) && !is_digest {
        return true;
    }
    let leads_on = module.contains(['.', '/', '\\']);
    let is_attribute = |name: &str| name.starts_with("__") || leads_on && name.chars().all(is_word);
    let is_inside = parts.clone().count() > 1 && parts.all(is_written);
    is_importable(module) && (is_inside || name.is_some_and(is_attribute))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_of_any_name_is_a_module_with_attributes_of_pythons_own() {
        for (module, name) in [
            ("os", None),
            ("os.path", Some("x y")),
            ("site-packages", Some("__name__")),
            ("site-packages.setuptools", None),
            ("my models.first", Some("model")),
            (".this", None),
            ("81d243bd2c585b0f4821__mypyc", None),
            ("deadbeefdeadbeef", Some("__name__")),
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
            ("deadbeefdeadbeef", Some("deadbeefdeadbeef")),
            ("site-packages\r", Some("__name__")),
            ("onf/app", Some("src/app")),
            ("ryptography-38.0.4.dist-info/METADATA,sha256=x", Some("cryptography-38.0.4.dist-info/RECORD,,")),
        ] {
            assert!(!may_be_imported(module, name), "{module:?} {name:?}");
        }
    }
}
