//! The files that a scan is about: those that were named, and those below folders that were.

use super::entries::is_standard_input;
use super::pattern::{MATCHING, is_pattern, matches};
use super::request::ScanRequest;
use crate::job::FailureKind;
use crate::report::ReportError;
use crate::report::safe::pasted;
use glob::Pattern;
use std::collections::HashSet;
use std::ffi::OsString;
use std::io::Read;
use std::ops::Range;
use std::path::{Path, PathBuf};

/// Most bytes of a list of paths.
const LIST: u64 = 256 << 20;
/// Something to say a verdict of.
pub(super) struct Found {
    pub path: PathBuf,
    pub place: Place,
}

/// How it came to be looked at.
pub(super) enum Place {
    /// By its own name: it is judged whatever it is.
    Named,
    /// It is a regular file below a folder.
    Below,
    /// It is below a folder, and no regular file.
    Odd { link: bool },
    /// It is a folder, or stands in one, and could not be looked at.
    Unreadable(std::io::Error),
}

/// A folder that was named, and which of what was found is below it.
pub(super) struct Listed {
    pub path: PathBuf,
    pub found: Range<usize>,
}

/// All that a scan is about, in the order in which it was named; below a folder in the order of names.
#[derive(Default)]
pub(super) struct Collected {
    pub found: Vec<Found>,
    pub folders: Vec<Listed>,
    /// Files and folders that were left out.
    pub excluded: u64,
}

/// Finds the files. A path with `*`, `?` or `[` in it is a pattern, as shells know it, and the name of a file that is there, too.
pub(super) fn collect(request: &ScanRequest) -> Result<Collected, ReportError> {
    let exclude = patterns(&request.exclude)?;
    if request.files_from.as_deref().is_some_and(is_standard_input)
        && request.paths.iter().any(|path| is_standard_input(path))
    {
        let message = "standard input can not be a model and a list at once";
        return Err(ReportError::usage(message, "name one of them as a file"));
    }
    let mut collected = Collected::default();
    let listed = match &request.files_from {
        Some(list) => read_list(list)?,
        None => Vec::new(),
    };
    for path in request.paths.iter().chain(&listed) {
        let there = std::fs::metadata(path);
        match &there {
            Ok(metadata) if metadata.is_dir() && !is_standard_input(path) => {
                collected.folder(path, &exclude, |_| false)
            }
            Ok(_) => collected.found.push(Found { path: path.clone(), place: Place::Named }),
            Err(_) => {}
        }
        let before = collected.found.len() + collected.folders.len();
        if is_pattern(path) {
            collected.matching(path, &exclude, there.is_ok());
        }
        // Then the name is one of a file that is not there, and that is said of it.
        if there.is_err() && before == collected.found.len() + collected.folders.len() {
            collected.found.push(Found { path: path.clone(), place: Place::Named });
        }
    }
    Ok(collected)
}

impl Collected {
    /// Everything below a folder but what is known. The folder itself may be named by a link; below it no link is followed.
    fn folder(&mut self, folder: &Path, exclude: &[Pattern], known: impl Fn(&Path) -> bool) {
        let before = self.found.len();
        let mut todo = self.children(folder);
        while let Some((path, kind)) = todo.pop() {
            let left_out = path.strip_prefix(folder).is_ok_and(|relative| is_excluded(relative, exclude));
            match kind {
                _ if left_out => self.excluded += 1,
                _ if known(&path) => {}
                Ok(kind) if kind.is_dir() => todo.extend(self.children(&path)),
                Ok(kind) if kind.is_file() => self.found.push(Found { path, place: Place::Below }),
                Ok(kind) => self.found.push(Found { path, place: Place::Odd { link: kind.is_symlink() } }),
                Err(error) => self.found.push(Found { path, place: Place::Unreadable(error) }),
            }
        }
        self.folders.push(Listed { path: folder.to_owned(), found: before..self.found.len() });
    }

    /// What stands in a folder, last name first.
    fn children(&mut self, folder: &Path) -> Vec<(PathBuf, std::io::Result<std::fs::FileType>)> {
        let entries = std::fs::read_dir(folder).and_then(|entries| {
            entries.map(|entry| entry.map(|entry| (entry.path(), entry.file_type()))).collect::<Result<Vec<_>, _>>()
        });
        match entries {
            Ok(mut entries) => {
                // They differ in their names alone.
                entries.sort_unstable_by(|(one, _), (other, _)| other.as_os_str().cmp(one.as_os_str()));
                entries
            }
            Err(error) => {
                self.found.push(Found { path: folder.to_owned(), place: Place::Unreadable(error) });
                Vec::new()
            }
        }
    }

    /// What a pattern matches: files as if each had been named, folders with all that is below. A file whose name the pattern is was looked
    /// at before.
    fn matching(&mut self, pattern: &Path, exclude: &[Pattern], there: bool) {
        let Some(matches) = matches(pattern) else { return };
        let known = |path: &Path| matches.files.contains(path) || (there && path == pattern);
        for path in &matches.files {
            match is_excluded(path, exclude) {
                true => self.excluded += 1,
                false if there && path == pattern => {}
                false => self.found.push(Found { path: no_input(path), place: Place::Named }),
            }
        }
        let mut walked: HashSet<&Path> = HashSet::new();
        for path in &matches.folders {
            let known_already = there && path == pattern;
            if is_excluded(path, exclude) {
                self.excluded += 1;
            } else if !known_already && !path.ancestors().any(|folder| walked.contains(folder)) {
                self.folder(path, exclude, known);
                walked.insert(path);
            }
        }
        for path in matches.links.iter().filter(|path| !is_excluded(path, exclude)) {
            if !path.ancestors().any(|folder| walked.contains(folder)) {
                self.found.push(Found { path: path.clone(), place: Place::Odd { link: true } });
            }
        }
        let unreadable = matches.unreadable.into_iter();
        self.found.extend(unreadable.map(|(path, error)| Found { path, place: Place::Unreadable(error) }));
    }
}

/// A path of a pattern or a list: there `-` is a name as any other.
fn no_input(path: &Path) -> PathBuf {
    if is_standard_input(path) { Path::new(".").join(path) } else { path.to_owned() }
}

/// Whether a path, its name, or a folder above it is left out.
fn is_excluded(path: &Path, exclude: &[Pattern]) -> bool {
    let name = path.file_name().map(Path::new);
    exclude.iter().any(|pattern| {
        pattern.matches_path_with(path, MATCHING) || name.is_some_and(|name| pattern.matches_path_with(name, MATCHING))
    })
}

fn patterns(texts: &[String]) -> Result<Vec<Pattern>, ReportError> {
    texts
        .iter()
        .map(|text| Pattern::new(text.trim_end_matches('/')).map_err(|error| no_pattern(text, &error)))
        .collect()
}

fn no_pattern(text: &str, error: &glob::PatternError) -> ReportError {
    let message = format!("{} is no pattern: {error}", pasted(text));
    ReportError::usage(message, "a pattern is a path with *, ?, [abc] or ** in it, such as 'archive/**/*.pkl'")
}

/// The paths of a list, one a line, or each ended by a zero byte if there is one in it.
fn read_list(list: &Path) -> Result<Vec<PathBuf>, ReportError> {
    let failed = |error: std::io::Error| {
        let kind = if error.kind() == std::io::ErrorKind::NotFound { FailureKind::NotFound } else { FailureKind::Io };
        let message = format!("the list {} can not be read: {error}", pasted(list));
        ReportError::new(kind, message, "name a file with one path a line, or - for standard input")
    };
    let mut bytes = Vec::new();
    let read = if is_standard_input(list) {
        std::io::stdin().lock().take(LIST + 1).read_to_end(&mut bytes)
    } else {
        std::fs::File::open(list).and_then(|file| file.take(LIST + 1).read_to_end(&mut bytes))
    };
    read.map_err(failed)?;
    if bytes.len() as u64 > LIST {
        let message = format!("the list {} is longer than {} MiB", pasted(list), LIST >> 20);
        return Err(ReportError::usage(message, "scan the paths in parts"));
    }
    let end = if bytes.contains(&0) { 0 } else { b'\n' };
    let paths = bytes.split(|byte| *byte == end).map(|path| match path {
        [path @ .., b'\r'] if end == b'\n' => path,
        path => path,
    });
    paths.filter(|path| !path.is_empty()).map(|path| Ok(no_input(&path_of(path)?))).collect()
}

#[cfg(unix)]
fn path_of(bytes: &[u8]) -> Result<PathBuf, ReportError> {
    use std::os::unix::ffi::OsStringExt;
    Ok(PathBuf::from(OsString::from_vec(bytes.to_vec())))
}

#[cfg(not(unix))]
fn path_of(bytes: &[u8]) -> Result<PathBuf, ReportError> {
    let text = String::from_utf8(bytes.to_vec());
    let text = text.map_err(|_| ReportError::usage("a path in the list is no UTF-8", "write the list as UTF-8"))?;
    Ok(PathBuf::from(OsString::from(text)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_leave_out_paths_names_and_folders() {
        let excluded =
            |path: &str, pattern: &str| is_excluded(Path::new(path), &patterns(&[pattern.to_owned()]).unwrap());
        assert!(excluded("a/b/c.pkl", "*.pkl"), "a name anywhere");
        assert!(excluded("a/b/c.pkl", "a/**/*.pkl"));
        assert!(excluded("old", "old/"), "a folder");
        assert!(!excluded("a/b.pkl", "b"));
        assert!(!excluded("a/b/c.pkl", "a/*.pkl"), "a star stops at a slash");
        assert!(patterns(&["a[".to_owned()]).is_err());
    }
}
