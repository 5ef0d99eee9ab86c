//! What a pattern names, as shells know it: `*`, `?` and `[abc]` in a name, `**` for folders and all that is below them.
//!
//! Who writes files must not decide what is looked at: a name that is no UTF-8 is matched like any other, a link below `**` is
//! not followed but listed, and a folder is walked once, whatever leads to it.

use glob::{MatchOptions, Pattern};
use std::collections::BTreeSet;
use std::fs::Metadata;
use std::io;
use std::path::{Component, Path, PathBuf};

/// A star stops at a slash, two of them do not.
pub(super) const MATCHING: MatchOptions =
    MatchOptions { case_sensitive: true, require_literal_separator: true, require_literal_leading_dot: false };

/// What a pattern has found.
#[derive(Debug, Default)]
pub(super) struct Matches {
    /// Files, links to them, and whatever else is no folder.
    pub files: BTreeSet<PathBuf>,
    /// Folders with all that is below them.
    pub folders: BTreeSet<PathBuf>,
    /// Links to folders, which are not followed.
    pub links: BTreeSet<PathBuf>,
    /// Folders that can not be read.
    pub unreadable: Vec<(PathBuf, io::Error)>,
}

/// A part of a pattern between two slashes.
enum Part {
    /// A name that stands for itself.
    Name(PathBuf),
    /// A pattern of names.
    Names(Pattern),
    /// Any number of folders.
    Folders,
}

/// Whether a path has a sign of a pattern in it.
pub(super) fn is_pattern(path: &Path) -> bool {
    path.to_string_lossy().contains(['*', '?', '['])
}

/// What a path with such signs matches; `None` if it is no pattern.
pub(super) fn matches(path: &Path) -> Option<Matches> {
    let mut parts = Vec::new();
    for component in path.components() {
        let text = Path::new(component.as_os_str());
        parts.push(match component {
            Component::Normal(name) if name == "**" => Part::Folders,
            Component::Normal(_) if is_pattern(text) => Part::Names(Pattern::new(&text.to_string_lossy()).ok()?),
            _ => Part::Name(text.to_owned()),
        });
    }
    let mut walk = Walk { parts, seen: BTreeSet::new(), matches: Matches::default() };
    walk.go(PathBuf::new());
    Some(walk.matches)
}

struct Walk {
    parts: Vec<Part>,
    /// Folders, by where they really are, and how much of the pattern had led to them.
    seen: BTreeSet<(PathBuf, usize)>,
    matches: Matches,
}

impl Walk {
    fn go(&mut self, start: PathBuf) {
        let mut todo = vec![(start, 0)];
        while let Some((path, at)) = todo.pop() {
            match self.parts.get(at) {
                None => self.matched(path),
                Some(Part::Name(name)) => {
                    let below = path.join(name);
                    if std::fs::symlink_metadata(&below).is_ok() {
                        todo.push((below, at + 1));
                    }
                }
                Some(Part::Folders) if at + 1 == self.parts.len() => self.matched(path),
                Some(Part::Folders) => {
                    todo.push((path.clone(), at + 1));
                    for (below, metadata) in self.children(&path, at) {
                        if metadata.is_dir() {
                            todo.push((below, at));
                        } else if metadata.is_symlink() && below.is_dir() {
                            self.matches.links.insert(below);
                        }
                    }
                }
                Some(Part::Names(pattern)) => {
                    let pattern = pattern.clone();
                    for (below, _) in self.children(&path, at) {
                        let name = below.file_name().unwrap_or_default().to_string_lossy();
                        if pattern.matches_with(&name, MATCHING) {
                            todo.push((below, at + 1));
                        }
                    }
                }
            }
        }
    }

    fn matched(&mut self, path: PathBuf) {
        let path = if path.as_os_str().is_empty() { PathBuf::from(".") } else { path };
        if path.is_dir() {
            self.matches.folders.insert(path);
        } else {
            self.matches.files.insert(path);
        }
    }

    /// What stands in a folder; nothing if it was listed before for this part of the pattern, or is none.
    fn children(&mut self, folder: &Path, at: usize) -> Vec<(PathBuf, Metadata)> {
        let listed = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
        let Ok(own) = std::fs::canonicalize(listed) else { return Vec::new() };
        if !own.is_dir() || !self.seen.insert((own, at)) {
            return Vec::new();
        }
        let entries = std::fs::read_dir(listed).and_then(|entries| {
            entries
                .map(|entry| entry.and_then(|entry| Ok((folder.join(entry.file_name()), entry.metadata()?))))
                .collect()
        });
        entries.unwrap_or_else(|error| {
            self.matches.unreadable.push((folder.to_owned(), error));
            Vec::new()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A folder with these files.
    fn folder(files: &[&str]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for file in files {
            let path = folder.path().join(file);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, b"").unwrap();
        }
        folder
    }

    fn found(folder: &tempfile::TempDir, pattern: &str) -> Vec<String> {
        let matches = matches(&folder.path().join(pattern)).unwrap();
        let names = |paths: &BTreeSet<PathBuf>, end: &str| -> Vec<String> {
            let name = |path: &PathBuf| path.strip_prefix(folder.path()).unwrap().to_string_lossy().into_owned() + end;
            paths.iter().map(name).collect()
        };
        [names(&matches.files, ""), names(&matches.folders, "/"), names(&matches.links, "@")].concat()
    }

    #[test]
    fn stars_stop_at_slashes_and_two_of_them_do_not() {
        let folder = folder(&["a.pkl", "b.txt", "x/c.pkl", "x/y/d.pkl"]);
        assert_eq!(found(&folder, "*.pkl"), ["a.pkl"]);
        assert_eq!(found(&folder, "**/*.pkl"), ["a.pkl", "x/c.pkl", "x/y/d.pkl"]);
        assert_eq!(found(&folder, "x/*/d.pk?"), ["x/y/d.pkl"]);
        assert_eq!(found(&folder, "x/**"), ["x/"]);
        assert_eq!(found(&folder, "[ab].*"), ["a.pkl", "b.txt"]);
        assert_eq!(found(&folder, "*.joblib"), [""; 0]);
        assert!(matches(Path::new("a[")).is_none());
    }

    #[cfg(unix)]
    #[test]
    fn names_are_matched_whatever_they_are_and_links_lead_nowhere_twice() {
        use std::os::unix::ffi::OsStrExt;
        let folder = folder(&["a/x.pkl", "b/y.pkl"]);
        std::fs::write(folder.path().join(std::ffi::OsStr::from_bytes(b"e\xff.pkl")), b"").unwrap();
        for (link, to) in [("a/up", ".."), ("b/up", ".."), ("l.pkl", "a/x.pkl")] {
            std::os::unix::fs::symlink(to, folder.path().join(link)).unwrap();
        }
        assert_eq!(found(&folder, "*.pkl"), ["e\u{fffd}.pkl", "l.pkl"]);
        assert_eq!(found(&folder, "**/*.pkl"), ["a/x.pkl", "b/y.pkl", "e\u{fffd}.pkl", "l.pkl", "a/up@", "b/up@"]);
        assert_eq!(found(&folder, "*/*/*/*/*/*/*/*/*/*/*/*/*/*/x.pkl"), [""; 0]);
    }
}
