//! What the vocabulary says of names.

use super::request::{NameEntry, Standing};
use crate::graph::Name;
use crate::vocabulary::{self, Entry, Role, Vocabulary};
pub use crate::vocabulary::{set_of, sets};

/// Every name of the vocabulary, sorted.
pub fn vocabulary() -> Vec<NameEntry> {
    vocabulary::entries().into_iter().map(known).collect()
}

/// Whether `--allow` would not take a name.
pub fn can_not_be_allowed(name: &str) -> bool {
    !vocabulary::is_written_as_a_name(name) || Vocabulary::new(&[name.to_owned()], &[]).is_err()
}

fn known(entry: &Entry) -> NameEntry {
    let versions = if entry.versions.is_empty() { String::new() } else { format!(", versions {}", entry.versions) };
    NameEntry {
        name: format!("{}.{}", entry.module, entry.name),
        standing: Standing::Known,
        shape: Some(entry.shape.text().to_owned()),
        about: Some(format!("{}{versions}: {}", entry.table, entry.shape.meaning())),
        set: entry.in_set.then_some(entry.table),
    }
}

/// What the vocabulary says of this name. It may be split between module and name at any dot.
pub fn vocabulary_of(name: &str) -> NameEntry {
    if let Some(entry) = vocabulary::entry_in_set(name) {
        return known(entry);
    }
    let nothing = Vocabulary::default();
    let roles = name.match_indices('.').filter_map(|(at, _)| {
        let (module, qualname) = (name.get(..at)?, name.get(at + 1..)?);
        let (module, qualname) = (module.to_owned(), qualname.to_owned());
        Some(nothing.role(&Name { module, qualname, mapped: false, at: 0 }))
    });
    let mut dangerous = None;
    for role in roles {
        match role {
            Role::Known(entry) => return known(entry),
            Role::Dangerous(danger) => dangerous = Some(danger),
            Role::Allowed | Role::Unknown => {}
        }
    }
    let name = name.to_owned();
    match dangerous {
        Some(danger) => NameEntry {
            name,
            standing: Standing::Dangerous,
            shape: None,
            about: Some(format!("a file that asks for it would {}", danger.why)),
            set: None,
        },
        None => NameEntry { name, standing: Standing::Unknown, shape: None, about: None, set: None },
    }
}
