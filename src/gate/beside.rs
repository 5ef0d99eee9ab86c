//! Files beside a model that hold its arrays, as joblib before 0.10 wrote them: which of them a model may have.

use crate::bytes::{Absent, Expectation, Folder, Sibling, Siblings, Source, SourceError, model_of};
use crate::manifest::FileEntry;
use crate::reason::Code;

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

/// Whether a file that was refused for these reasons holds the bare elements of an array, and stands beside the model that they
/// belong to: then it is no model, whatever its name. One that asks for any name that it should not is judged as any other.
pub(super) fn is_part(path: &str, codes: impl IntoIterator<Item = Code>, stands: impl FnOnce(&str) -> bool) -> bool {
    let (_, name) = split(path);
    let no_pickle = |code| matches!(code, Code::Malformed | Code::TrailingData | Code::UnknownFormat);
    let model = model_of(name).filter(|_| name.ends_with(".z"));
    codes.into_iter().all(no_pickle) && model.is_some_and(stands)
}

/// The folder of a path, and the name in it.
fn split(path: &str) -> (&str, &str) {
    path.rsplit_once('/').unwrap_or(("", path))
}
