//! The tables of names: text files, read once.
//!
//! ```text
//! # a comment
//! [numpy.core.multiarray numpy._core.multiarray]  1.0..
//! array: _reconstruct
//! scalar: scalar
//! alias __builtin__ = builtins
//! alias __builtin__.xrange = builtins.range
//! ```
//!
//! A heading names one or more spellings of a module and the versions of its library that wrote them; each line below it
//! gives names their shape. An alias of a module, or of a name with its module, holds only below protocol 3, where Python maps
//! Python 2's.

use super::shape::Shape;
use std::collections::HashMap;
use std::sync::OnceLock;

/// A name of the vocabulary.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry {
    /// The module, as files write it.
    pub module: &'static str,
    /// The name in the module.
    pub name: &'static str,
    /// What may be done with it.
    pub shape: Shape,
    /// Versions of the library that write it, such as `0.22..` or `..1.5`.
    pub versions: &'static str,
    /// The table that it stands in, such as `numpy`.
    pub table: &'static str,
}

const TABLES: [(&str, &str); 7] = [
    ("python", include_str!("python.txt")),
    ("numpy", include_str!("numpy.txt")),
    ("scipy", include_str!("scipy.txt")),
    ("pandas", include_str!("pandas.txt")),
    ("joblib", include_str!("joblib.txt")),
    ("sklearn", include_str!("sklearn.txt")),
    ("sklearn", include_str!("estimators.txt")),
];

#[derive(Debug, Default)]
struct Tables {
    entries: HashMap<&'static str, HashMap<&'static str, Entry>>,
    aliases: HashMap<&'static str, &'static str>,
    names: HashMap<&'static str, HashMap<&'static str, &'static str>>,
}

fn tables() -> &'static Tables {
    static READ: OnceLock<Tables> = OnceLock::new();
    READ.get_or_init(|| {
        let mut tables = Tables::default();
        for (table, text) in TABLES {
            tables.read(table, text);
        }
        tables
    })
}

impl Tables {
    fn read(&mut self, table: &'static str, text: &'static str) {
        let (mut modules, mut versions) = (Vec::new(), "");
        for line in text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')) {
            if let Some((names, rest)) = line.strip_prefix('[').and_then(|heading| heading.split_once(']')) {
                modules = names.split_whitespace().collect();
                versions = rest.trim();
            } else if let Some((old, new)) = line.strip_prefix("alias ").and_then(|alias| alias.split_once(" = ")) {
                match old.rsplit_once('.') {
                    Some((module, name)) => self.names.entry(module).or_default().insert(name, new.trim()),
                    None => self.aliases.insert(old.trim(), new.trim()),
                };
            } else if let Some((shape, names)) = line.split_once(": ")
                && let Some(shape) = Shape::from_text(shape)
            {
                for name in names.split_whitespace() {
                    for module in modules.iter().copied() {
                        let names = self.entries.entry(module).or_default();
                        names.insert(name, Entry { module, name, shape, versions, table });
                    }
                }
            }
        }
    }
}

/// The module that Python 3 imports for a module's name, when names are mapped.
pub(super) fn python3_module(module: &str, mapped: bool) -> &str {
    if !mapped {
        return module;
    }
    tables().aliases.get(module).copied().unwrap_or(module)
}

/// The entry of a name. `mapped` says that it was asked for below protocol 3.
pub(super) fn find(module: &str, name: &str, mapped: bool) -> Option<&'static Entry> {
    let tables = tables();
    if mapped
        && let Some(name) = tables.names.get(module).and_then(|names| names.get(name))
        && let Some((module, name)) = name.rsplit_once('.')
    {
        return tables.entries.get(module)?.get(name);
    }
    tables.entries.get(python3_module(module, mapped))?.get(name)
}

/// Every entry, ordered by module and name.
pub fn entries() -> Vec<&'static Entry> {
    let mut all: Vec<&'static Entry> = tables().entries.values().flat_map(HashMap::values).collect();
    all.sort_by_key(|entry| (entry.module, entry.name));
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_of_every_table_is_understood() {
        for (table, text) in TABLES {
            for line in text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')) {
                let heading = line.starts_with('[') && line.contains(']');
                let alias = line.starts_with("alias ") && line.contains(" = ");
                let names = line.split_once(": ").is_some_and(|(shape, _)| Shape::from_text(shape).is_some());
                assert!(heading || alias || names, "{table}: {line}");
            }
        }
    }

    #[test]
    fn no_name_stands_twice() {
        let mut met = std::collections::HashSet::new();
        for (table, text) in TABLES {
            let mut modules = Vec::new();
            for line in text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')) {
                if let Some(heading) = line.strip_prefix('[') {
                    modules = heading.split(']').next().unwrap().split_whitespace().collect();
                } else if let Some((_, names)) = line.split_once(": ") {
                    for name in names.split_whitespace() {
                        for module in &modules {
                            assert!(met.insert((*module, name)), "{table}: {module}.{name} stands twice");
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn python_2_spellings_hold_only_where_python_maps_them() {
        assert!(find("__builtin__", "set", true).is_some());
        assert!(find("__builtin__", "set", false).is_none());
        assert!(find("builtins", "set", false).is_some());
    }
}
