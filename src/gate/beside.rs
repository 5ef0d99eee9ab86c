//! Files beside a model that hold its arrays, as joblib before 0.10 wrote them: which of them a model may have.

use crate::bytes::{Absent, Expectation, Folder, Sibling, Siblings, Source, SourceError, model_of};
use crate::manifest::FileEntry;
use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Where the files of a model are looked for.
#[derive(Debug)]
pub(super) enum Beside<'a> {
    /// Nowhere, and why.
    Nowhere(Absent),
    /// In the folder of a model that a user named.
    Around(Siblings),
    /// In the folder that is read against its table.
    Sealed {
        /// The folder.
        folder: &'a Folder,
        /// Its files, in the order of their paths.
        sealed: &'a [FileEntry],
        /// The model's path in it.
        path: &'a str,
    },
}

impl Beside<'_> {
    /// Around a model that was named, if it has a name.
    pub fn around(source: &Source) -> Beside<'static> {
        if super::entries::is_standard_input(source.path()) {
            return Beside::Nowhere(Absent::Alone);
        }
        Siblings::of(source.path()).map_or(Beside::Nowhere(Absent::Alone), Beside::Around)
    }

    /// Bytes of all of them.
    pub fn size(&self) -> u64 {
        match self {
            Beside::Nowhere(_) => 0,
            Beside::Around(siblings) => siblings.size(),
            Beside::Sealed { sealed, path, .. } => {
                let first = sealed.partition_point(|file| file.path.as_str() < *path);
                let (folder, model) = split(path);
                let own = |file: &FileEntry| {
                    let (around, name) = split(&file.path);
                    around == folder && model_of(name) == Some(model)
                };
                // They bear the model's name and more, so they stand behind it, before what does not begin so.
                let behind = sealed.get(first..).unwrap_or_default();
                let begin = behind.iter().take_while(|file| file.path.starts_with(*path));
                begin.filter(|file| own(file)).fold(0, |all, file| all.saturating_add(file.table.size()))
            }
        }
    }

    /// Opens one of them.
    pub fn open(&self, name: &str) -> Result<Sibling, Absent> {
        let opened = |source: Source, expectation: Option<Expectation>| {
            let size = source.size();
            let file = source.file().try_clone().map_err(|_| Absent::Unreadable)?;
            Ok(Sibling { file, size, expectation: expectation.unwrap_or_else(|| Expectation::unsigned(size)) })
        };
        match self {
            Beside::Nowhere(why) => Err(*why),
            Beside::Around(siblings) => opened(siblings.open(name)?, None),
            Beside::Sealed { folder, sealed, path } => {
                let (around, model) = split(path);
                if model_of(name) != Some(model) {
                    return Err(Absent::Foreign);
                }
                let wanted = if around.is_empty() { name.to_owned() } else { format!("{around}/{name}") };
                let found = sealed.binary_search_by(|file| file.path.as_str().cmp(&wanted));
                let file = found.ok().and_then(|at| sealed.get(at)).ok_or(Absent::Missing)?;
                let source = folder.source(&wanted).map_err(|error| match error {
                    SourceError::NotFound(_) => Absent::Missing,
                    SourceError::Io(_, error) if error.kind() == std::io::ErrorKind::PermissionDenied => {
                        Absent::Unreadable
                    }
                    _ => Absent::NotPlain,
                })?;
                opened(source, Some(Expectation::Signed(file.table.clone())))
            }
        }
    }
}

/// The files beside models that these asked for, or would have: bare elements of arrays, and no models, whatever their names are.
#[derive(Debug, Default)]
pub(super) struct Parts {
    opened: Mutex<HashSet<PathBuf>>,
    /// Models that may have been to ask for more.
    refused: Mutex<HashSet<PathBuf>>,
}

impl Parts {
    /// Adds the files that were opened beside a model, and all that may be its own if it is refused.
    pub fn add(&self, model: &Path, opened: &[String], is_refused: bool) {
        locked(&self.opened).extend(opened.iter().map(|name| model.with_file_name(name)));
        locked(&self.refused).extend(is_refused.then(|| model.to_owned()));
    }

    /// Whether a file, which is no model, is one of them.
    pub fn holds(&self, path: &Path) -> bool {
        let model = path.file_name().and_then(|name| model_of(name.to_str()?));
        let is_refused = |model| locked(&self.refused).contains(&path.with_file_name(model));
        locked(&self.opened).contains(path) || model.is_some_and(is_refused)
    }
}

fn locked(paths: &Mutex<HashSet<PathBuf>>) -> MutexGuard<'_, HashSet<PathBuf>> {
    paths.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The folder of a path, and the name in it.
fn split(path: &str) -> (&str, &str) {
    path.rsplit_once('/').unwrap_or(("", path))
}
