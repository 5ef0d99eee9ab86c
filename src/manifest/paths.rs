//! The paths of a manifest: one spelling each, in one order, none inside another that is a file.

/// The path of a model that is a single file.
pub const SINGLE: &str = ".";

/// Longest path, in bytes; Linux opens none that is longer.
const MAX_BYTES: usize = 4096;

/// Why the paths of a manifest are refused. Paths are escaped where they are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PathFault {
    /// Empty, `/a`, `a//b`, `a/`, `./a`, `a/../b`.
    #[error("it is not a plain relative path")]
    NotCanonical,
    /// A zero byte, or a backslash, which separates folders on some systems.
    #[error("it has a character that not every system keeps")]
    Character,
    /// More than 4,096 bytes.
    #[error("it is longer than {MAX_BYTES} bytes")]
    Long,
    /// `.` stands for the whole model, so nothing can stand beside it.
    #[error("it is the whole model, but there are other files")]
    NotSingle,
    /// The path stands there twice.
    #[error("it stands there twice")]
    Twice,
    /// The path is not in the order of the paths' bytes.
    #[error("it is out of order")]
    Order,
    /// A file can not be a folder as well.
    #[error("it is inside another file")]
    InsideFile,
}

/// Checks all paths of a manifest; gives the place of the first bad one.
pub(super) fn check(paths: &[&str]) -> Result<(), (usize, PathFault)> {
    for (place, path) in paths.iter().enumerate() {
        one(path).map_err(|fault| (place, fault))?;
        if *path == SINGLE && paths.len() > 1 {
            return Err((place, PathFault::NotSingle));
        }
    }
    for (place, pair) in paths.windows(2).enumerate() {
        let [before, path] = pair else { continue };
        let place = place.saturating_add(1);
        match before.as_bytes().cmp(path.as_bytes()) {
            std::cmp::Ordering::Less => {}
            std::cmp::Ordering::Equal => return Err((place, PathFault::Twice)),
            std::cmp::Ordering::Greater => return Err((place, PathFault::Order)),
        }
    }
    inside_file(paths)
}

fn one(path: &str) -> Result<(), PathFault> {
    if path.len() > MAX_BYTES {
        return Err(PathFault::Long);
    }
    if path.contains(['\0', '\\']) {
        return Err(PathFault::Character);
    }
    let plain = |component: &str| !matches!(component, "" | "." | "..");
    if path == SINGLE || path.split('/').all(plain) { Ok(()) } else { Err(PathFault::NotCanonical) }
}

/// With `/` before every other character, what is inside a file follows right behind it.
fn inside_file(paths: &[&str]) -> Result<(), (usize, PathFault)> {
    let key = |path: &str| path.bytes().map(|byte| if byte == b'/' { 0 } else { byte }).collect::<Vec<u8>>();
    let mut order: Vec<(usize, &str)> = paths.iter().copied().enumerate().collect();
    order.sort_by_cached_key(|(_, path)| key(path));
    for pair in order.windows(2) {
        let [(_, outer), (place, inner)] = pair else { continue };
        if inner.strip_prefix(outer).is_some_and(|rest| rest.starts_with('/')) {
            return Err((*place, PathFault::InsideFile));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_paths_in_order_are_accepted() {
        for paths in [&["."][..], &["a"], &["a-b", "a.b", "ab/c", "a\u{e9}"], &["...", "a/..b/c..", "z\nz"], &[]] {
            assert_eq!(check(paths), Ok(()), "{paths:?}");
        }
    }

    #[test]
    fn every_other_path_is_refused() {
        use PathFault::*;
        let long = "a".repeat(MAX_BYTES + 1);
        let cases: &[(&[&str], (usize, PathFault))] = &[
            (&[""], (0, NotCanonical)),
            (&["/a"], (0, NotCanonical)),
            (&["a/"], (0, NotCanonical)),
            (&["a//b"], (0, NotCanonical)),
            (&["./a"], (0, NotCanonical)),
            (&["a/."], (0, NotCanonical)),
            (&[".."], (0, NotCanonical)),
            (&["a/../b"], (0, NotCanonical)),
            (&["a\0b"], (0, Character)),
            (&["a\\..\\b"], (0, Character)),
            (&[&long], (0, Long)),
            (&[".", "a"], (0, NotSingle)),
            (&["a", "a"], (1, Twice)),
            (&["b", "a"], (1, Order)),
            (&["a", "a-b", "a/b"], (2, InsideFile)),
            (&["x/y", "x/y.z", "x/y/z/w"], (2, InsideFile)),
        ];
        for (paths, fault) in cases {
            assert_eq!(check(paths), Err(*fault), "{paths:?}");
        }
    }
}
