//! Files beside a model: joblib before 0.10 wrote each array into one of its own, which is named by the model's own name and a
//! number, `MODEL_01.npy`, or `MODEL_01.npy.z` if it is compressed (`joblib/numpy_pickle.py` of 0.9.4, `NumpyPickler.save`).

use super::folder::{Root, folder_of};
use super::input::Expectation;
use super::source::{Source, SourceError};
use serde::{Deserialize, Serialize};
use std::fs::File;
use std::path::{Path, PathBuf};

/// Most files that are looked for beside one model.
const MOST: u32 = 100_000;

/// A file beside a model, opened, and what its bytes have to be.
#[derive(Debug)]
pub struct Sibling {
    /// The opened file.
    pub file: File,
    /// Its size when it was opened.
    pub size: u64,
    /// What its bytes have to be.
    pub expectation: Expectation,
}

/// Why a file beside a model is not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Absent {
    /// There is none of this name.
    Missing,
    /// It is a link, or no regular file.
    NotPlain,
    /// Its name is not the model's own with a number.
    Foreign,
    /// The model came without a folder around it.
    Alone,
    /// What vouches for the model vouches for a single file.
    Single,
    /// The system could not open it.
    Unreadable,
}

/// What the name of a file beside a model has before its number, if it is one: the model's own name.
///
/// ```
/// use coldload::bytes::model_of;
/// assert_eq!(model_of("clf.pkl_01.npy"), Some("clf.pkl"));
/// assert_eq!(model_of("clf.pkl_120.npy.z"), Some("clf.pkl"));
/// assert_eq!(model_of("clf.pkl_1.npy"), None);
/// assert_eq!(model_of("../clf.pkl_01.npy"), None);
/// ```
pub fn model_of(name: &str) -> Option<&str> {
    let stem = name.strip_suffix(".z").unwrap_or(name).strip_suffix(".npy")?;
    let (model, number) = stem.rsplit_once('_')?;
    // `'%02i' % n`, from 1 on.
    let digits = number.len() >= 2 && number.len() <= 6 && number.bytes().all(|digit| digit.is_ascii_digit());
    let canonical = digits && number != "00" && (number.len() == 2 || !number.starts_with('0'));
    let plain = !model.is_empty() && !name.contains(['/', '\\', '\0']);
    (canonical && plain).then_some(model)
}

/// The files beside a model that the user named.
#[derive(Debug)]
pub struct Siblings {
    folder: PathBuf,
    model: String,
}

impl Siblings {
    /// Those of the model at a path, if its name is text.
    pub fn of(model: &Path) -> Option<Siblings> {
        let name = model.file_name()?.to_str()?;
        let folder = folder_of(model);
        Some(Siblings { folder: folder.to_owned(), model: name.to_owned() })
    }

    /// Bytes of all of them together, as far as they are numbered without a gap.
    pub fn size(&self) -> u64 {
        let length = |name: String| std::fs::symlink_metadata(self.folder.join(name)).ok().map(|found| found.len());
        let numbered = |number: u32| {
            let name = format!("{}_{number:02}.npy", self.model);
            length(format!("{name}.z")).or_else(|| length(name))
        };
        (1..=MOST).map_while(numbered).fold(0, u64::saturating_add)
    }

    /// Opens one of them. The model's folder is the one that the user named; in it no link is followed.
    pub fn open(&self, name: &str) -> Result<Source, Absent> {
        if model_of(name) != Some(&self.model) {
            return Err(Absent::Foreign);
        }
        let root = Root::open(&self.folder).map_err(|_| Absent::Missing)?;
        let file = root.file(name).map_err(|error| absent(&error))?;
        Source::opened(self.folder.join(name), file).map_err(|error| match error {
            SourceError::NotRegular(..) => Absent::NotPlain,
            _ => Absent::Unreadable,
        })
    }
}

fn absent(error: &std::io::Error) -> Absent {
    match error.kind() {
        std::io::ErrorKind::NotFound => Absent::Missing,
        std::io::ErrorKind::PermissionDenied => Absent::Unreadable,
        // A link, or something that can not be opened for reading.
        _ => Absent::NotPlain,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_names_that_joblib_makes_are_siblings() {
        for name in ["m_01.npy", "m_99.npy.z", "m_100.npy", "m_02_01.npy"] {
            assert!(model_of(name).is_some(), "{name}");
        }
        for name in
            ["m_00.npy", "m_1.npy", "m_001.npy", "m_0a.npy", "_01.npy", "m_01.npz", "m01.npy", "a/m_01.npy", "m_01.z"]
        {
            assert_eq!(model_of(name), None, "{name}");
        }
    }

    #[test]
    fn siblings_are_plain_files_in_the_models_own_folder() {
        let folder = tempfile::tempdir().unwrap();
        let model = folder.path().join("m.pkl");
        for (name, content) in
            [("m.pkl_01.npy", "abc"), ("m.pkl_02.npy.z", "de"), ("m.pkl_04.npy", "f"), ("o_01.npy", "g")]
        {
            std::fs::write(folder.path().join(name), content).unwrap();
        }
        std::fs::create_dir(folder.path().join("m.pkl_05.npy")).unwrap();
        let siblings = Siblings::of(&model).unwrap();
        assert_eq!(siblings.size(), 5);
        assert_eq!(siblings.open("m.pkl_04.npy").unwrap().size(), 1);
        let why = |name: &str| siblings.open(name).unwrap_err();
        assert_eq!(why("o_01.npy"), Absent::Foreign);
        assert_eq!(why("m.pkl_03.npy"), Absent::Missing);
        assert_eq!(why("m.pkl_05.npy"), Absent::NotPlain);
        #[cfg(unix)]
        {
            std::os::unix::fs::symlink("m.pkl_01.npy", folder.path().join("m.pkl_06.npy")).unwrap();
            assert_eq!(why("m.pkl_06.npy"), Absent::NotPlain);
        }
    }
}
