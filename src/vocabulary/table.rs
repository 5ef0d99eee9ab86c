//! The tables of names: text files, read once.
//!
//! ```text
//! # a comment
//! [numpy.core.multiarray numpy._core.multiarray]  1.0..
//! array: _reconstruct
//! scalar: scalar
//! methods: fit predict
//! alias __builtin__ = builtins
//! alias __builtin__.xrange = builtins.range
//! ```
//!
//! A heading names one or more spellings of a module and the versions of its library that wrote them; each line below it
//! gives names their shape. An alias of a module, or of a name with its module, holds only below protocol 3, where Python maps
//! Python 2's. The methods of a set's classes are no attributes of their states.

use super::danger;
use super::shape::Shape;
use memchr::memmem;
use std::collections::{HashMap, HashSet};
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
    /// The table that it stands in, such as `numpy`; for a name of a named set, the set.
    pub table: &'static str,
    /// Whether it is in a named set, and so unknown unless the user asks for the set or for the name.
    pub in_set: bool,
}

/// Tables of other libraries, each of which the user turns on by name.
const SETS: [(&str, &str); 16] = [
    ("catboost", include_str!("sets/catboost.txt")),
    ("category_encoders", include_str!("sets/category_encoders.txt")),
    ("chaid", include_str!("sets/chaid.txt")),
    ("dill", include_str!("sets/dill.txt")),
    ("hdbscan", include_str!("sets/hdbscan.txt")),
    ("imbalanced-learn", include_str!("sets/imbalanced-learn.txt")),
    ("lifelines", include_str!("sets/lifelines.txt")),
    ("lightgbm", include_str!("sets/lightgbm.txt")),
    ("nltk", include_str!("sets/nltk.txt")),
    ("optuna", include_str!("sets/optuna.txt")),
    ("prophet", include_str!("sets/prophet.txt")),
    ("sklearn-crfsuite", include_str!("sets/sklearn-crfsuite.txt")),
    ("sklearn-pandas", include_str!("sets/sklearn-pandas.txt")),
    ("statsmodels", include_str!("sets/statsmodels.txt")),
    ("treeple", include_str!("sets/treeple.txt")),
    ("xgboost", include_str!("sets/xgboost.txt")),
];

/// The names of the named sets, sorted.
pub fn sets() -> impl Iterator<Item = &'static str> {
    SETS.iter().map(|(name, _)| *name)
}

const TABLES: [(&str, &str); 8] = [
    ("python", include_str!("python.txt")),
    ("numpy", include_str!("numpy.txt")),
    ("scipy", include_str!("scipy.txt")),
    ("pandas", include_str!("pandas.txt")),
    ("joblib", include_str!("joblib.txt")),
    ("cloudpickle", include_str!("cloudpickle.txt")),
    ("sklearn", include_str!("sklearn.txt")),
    ("sklearn", include_str!("estimators.txt")),
];

/// About how many modules all tables name.
const MODULES: usize = 800;

/// A heading of a table, and the lines below it.
#[derive(Debug, Clone, Copy)]
struct Section {
    table: &'static str,
    in_set: bool,
    versions: &'static str,
    lines: &'static str,
}

/// What the tables say of a module. Its names are read when the first of them is asked for.
#[derive(Debug, Default)]
struct Module {
    sections: Vec<Section>,
    names: OnceLock<HashMap<&'static str, Entry>>,
}

impl Module {
    fn names(&self, module: &'static str) -> &HashMap<&'static str, Entry> {
        self.names.get_or_init(|| {
            let mut entries = HashMap::new();
            for Section { table, in_set, versions, lines } in self.sections.iter().copied() {
                for (shape, names) in lines.lines().filter_map(|line| line.trim().split_once(": ")) {
                    let Some(shape) = Shape::from_text(shape) else { continue };
                    let entry = |name| (name, Entry { module, name, shape, versions, table, in_set });
                    entries.extend(names.split_whitespace().map(entry));
                }
            }
            entries
        })
    }
}

#[derive(Debug, Default)]
struct Tables {
    modules: HashMap<&'static str, Module>,
    /// The packages of Python and of its libraries, without those of named sets.
    packages: HashSet<&'static str>,
    aliases: HashMap<&'static str, &'static str>,
    names: HashMap<&'static str, HashMap<&'static str, &'static str>>,
    methods: HashMap<&'static str, HashSet<&'static str>>,
}

fn tables() -> &'static Tables {
    static READ: OnceLock<Tables> = OnceLock::new();
    READ.get_or_init(|| {
        // Room for all of them: to grow by doubling, each would be hashed again and again in every worker that starts.
        let mut tables = Tables { modules: HashMap::with_capacity(MODULES), ..Tables::default() };
        for (table, text) in TABLES {
            tables.read(table, text, false);
        }
        for (set, text) in SETS {
            tables.read(set, text, true);
        }
        tables
    })
}

/// Reads the tables.
pub(super) fn warm_up() {
    tables();
}

impl Tables {
    fn read(&mut self, table: &'static str, text: &'static str, in_set: bool) {
        for line in lines_with(text, "\nmethods: ") {
            self.methods.entry(table).or_default().extend(line.split_whitespace());
        }
        for line in lines_with(text, "\nalias ") {
            let Some((old, new)) = line.split_once(" = ") else { continue };
            match old.rsplit_once('.') {
                Some((module, name)) => self.names.entry(module).or_default().insert(name, new.trim()),
                None => self.aliases.insert(old.trim(), new.trim()),
            };
        }
        for section in text.strip_prefix('[').into_iter().chain(behind(text, "\n[")) {
            let section = memmem::find(section.as_bytes(), b"\n[").map_or(section, |end| &section[..end]);
            let (heading, lines) = section.split_once('\n').unwrap_or((section, ""));
            let Some((modules, versions)) = heading.split_once(']') else { continue };
            let section = Section { table, in_set, versions: versions.trim(), lines };
            for module in modules.split_whitespace() {
                self.modules.entry(module).or_default().sections.push(section);
                if !in_set {
                    self.packages.extend(module.split('.').next());
                }
            }
        }
    }

    fn entry(&'static self, module: &str, name: &str) -> Option<&'static Entry> {
        let (module, found) = self.modules.get_key_value(module)?;
        found.names(module).get(name)
    }

    fn entries(&'static self) -> impl Iterator<Item = &'static Entry> {
        self.modules.iter().flat_map(|(module, found)| found.names(module).values())
    }
}

/// What stands behind each `mark` in a table: looked for in many bytes at once, for every worker reads the tables when it starts.
fn behind(text: &'static str, mark: &'static str) -> impl Iterator<Item = &'static str> {
    memmem::find_iter(text.as_bytes(), mark).filter_map(move |at| text.get(at.saturating_add(mark.len())..))
}

/// The rest of each line behind a `mark`, which begins with the end of the line before: no table begins with such a line.
fn lines_with(text: &'static str, mark: &'static str) -> impl Iterator<Item = &'static str> {
    behind(text, mark).filter_map(|rest| rest.lines().next())
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
        return tables.entry(module, name);
    }
    tables.entry(python3_module(module, mapped), name)
}

/// Whether the module is one of Python's or of the libraries whose names are in the tables, turned on by nobody.
pub(super) fn is_of_a_library(module: &str) -> bool {
    module.split('.').next().is_some_and(|package| tables().packages.contains(package))
}

/// Whether the module is of a package that any table knows, that of a named set or of dangerous names too.
pub(super) fn is_of_a_known_package(module: &str) -> bool {
    let wanted = module.split('.').next();
    tables().modules.keys().any(|module| module.split('.').next() == wanted) || danger::is_of_such_a_package(module)
}

/// Whether classes of a named set have a method of this name.
pub(super) fn is_method(table: &str, name: &str) -> bool {
    tables().methods.get(table).is_some_and(|methods| methods.contains(name))
}

/// Whether the tables have this name for classes of scikit-learn's alone that are made empty and keep the attributes that they are given.
pub(super) fn keeps_attributes(name: &str) -> bool {
    let mut found = tables().modules.iter().filter_map(|(module, found)| found.names(module).get(name)).peekable();
    found.peek().is_some()
        && found.all(|entry| entry.is_of_sklearn() && matches!(entry.shape, Shape::Estimator | Shape::Record))
}

impl Entry {
    /// Whether it is in a module of scikit-learn's.
    pub fn is_of_sklearn(&self) -> bool {
        self.module.split('.').next() == Some("sklearn")
    }
}

/// Every entry, ordered by module and name.
pub fn entries() -> Vec<&'static Entry> {
    let mut all: Vec<&'static Entry> = tables().entries().collect();
    all.sort_by_key(|entry| (entry.module, entry.name));
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_of_every_table_is_understood() {
        for (table, text) in TABLES.into_iter().chain(SETS) {
            for line in text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')) {
                let heading = line.starts_with('[') && line.contains(']');
                let alias = line.starts_with("alias ") && line.contains(" = ");
                let names = line.split_once(": ").is_some_and(|(shape, _)| Shape::from_text(shape).is_some());
                let methods = line.starts_with("methods: ");
                assert!(heading || alias || names || methods, "{table}: {line}");
            }
        }
    }

    #[test]
    fn no_name_stands_twice() {
        let mut met = std::collections::HashSet::new();
        for (table, text) in TABLES.into_iter().chain(SETS) {
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
