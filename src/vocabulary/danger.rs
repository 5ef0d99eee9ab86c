//! The table of names that are known to run code. It only chooses the word that a refusal uses, and what can never be
//! allowed: a name that is in neither table is refused all the same.

use std::collections::HashMap;
use std::sync::OnceLock;

/// Why a name is dangerous.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Danger {
    /// What it can do, after "would": `run a command`.
    pub why: &'static str,
    /// Whether it is how functions are stored by value: code that is inside the file.
    pub embedded: bool,
    /// What to do next, if an honest file may well ask for it.
    pub next: Option<&'static str>,
}

/// Dangerous names by module; `*` stands for every name, and a module ending in `.*` for every module below it too.
struct Table {
    exact: HashMap<&'static str, HashMap<&'static str, Danger>>,
    below: HashMap<&'static str, Danger>,
    /// Length of the longest module in `below`.
    longest: usize,
}

fn table() -> &'static Table {
    static READ: OnceLock<Table> = OnceLock::new();
    READ.get_or_init(|| {
        let mut table = Table { exact: HashMap::new(), below: HashMap::new(), longest: 0 };
        let mut danger = Danger { why: "run code", embedded: false, next: None };
        for line in include_str!("danger.txt").lines().map(str::trim) {
            if let Some(why) = line.strip_prefix("== ") {
                danger = Danger { why, embedded: why.contains("code that is in the file"), next: None };
            } else if let Some(next) = line.strip_prefix("=> ") {
                danger.next = Some(next);
            } else if let Some((module, names)) = line.split_once(": ").filter(|_| !line.starts_with('#')) {
                if let Some(prefix) = module.strip_suffix(".*") {
                    table.below.insert(prefix, danger);
                    table.longest = table.longest.max(prefix.len());
                }
                let module = module.strip_suffix(".*").unwrap_or(module);
                for name in names.split_whitespace() {
                    table.exact.entry(module).or_default().insert(name, danger);
                }
            }
        }
        table
    })
}

/// Why this name is dangerous, if it is known to be.
pub(super) fn find(module: &str, name: &str) -> Option<&'static Danger> {
    let table = table();
    let first = name.split('.').next().unwrap_or(name);
    let names = table.exact.get(module);
    // What is said of an honest name holds for none of its attributes.
    let exact = names.and_then(|names| {
        let around = [first, "*"].into_iter().filter_map(|name| names.get(name)).find(|danger| danger.next.is_none());
        names.get(name).or(around)
    });
    exact.or_else(|| {
        // A module is as long as a file likes, and has a prefix for each of its dots.
        let mut prefix = module
            .get(..table.longest.saturating_add(1))
            .map_or(module, |cut| cut.rsplit_once('.').map_or("", |(prefix, _)| prefix));
        loop {
            if let Some(danger) = table.below.get(prefix) {
                return Some(danger);
            }
            prefix = prefix.rsplit_once('.')?.0;
        }
    })
}

/// Whether a module is of a package that has dangerous names.
pub(super) fn is_of_such_a_package(module: &str) -> bool {
    let package = |module: &'static str| module.split('.').next();
    let table = table();
    let wanted = module.split('.').next();
    table.exact.keys().chain(table.below.keys()).any(|module| package(module) == wanted)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_runners_are_known_and_data_is_not() {
        for (module, name) in [
            ("os", "system"),
            ("posix", "system"),
            ("builtins", "eval"),
            ("subprocess", "Popen"),
            ("joblib", "load"),
            ("mailcap", "findmatch"),
            ("_testcapi", "run_in_subinterp"),
            ("statsmodels.iolib.smpickle", "load_pickle"),
            ("keras.models", "load_model"),
            ("py_compile", "compile"),
            ("weakref", "finalize"),
            ("torch.storage", "_load_from_bytes"),
            ("numba.core.serialize", "_unpickle__CustomPickled"),
            ("pystan.model", "StanModel"),
            ("_osx_support", "_find_build_tool"),
            ("builtins", "getattr"),
            ("os", "path.join"),
            ("ctypes.util", "find_library"),
        ] {
            assert!(find(module, name).is_some(), "{module}.{name}");
        }
        let honest = |module, name| find(module, name).is_some_and(|danger| danger.next.is_some());
        assert!(honest("distutils.version", "LooseVersion"));
        assert!(honest("joblib._store_backends", "FileSystemStoreBackend"));
        for (module, name) in [
            ("distutils.version", "LooseVersion.__init__.__globals__"),
            ("joblib._store_backends", "FileSystemStoreBackend.load_item"),
            ("joblib._store_backends", "StoreBackendMixin"),
            ("pandas.io.formats.printing", "PrettyDict.__init__"),
        ] {
            assert!(find(module, name).is_some() && !honest(module, name), "{module}.{name}");
        }
        let by_value = [("dill._dill", "_create_function"), ("numba.core.serialize", "_rebuild_function")];
        for (module, name) in by_value {
            assert!(find(module, name).is_some_and(|danger| danger.embedded), "{module}.{name}");
        }
        let below = format!("ctypes.{}", ["a"; 400].join("."));
        assert!(find(&below, "x").is_some(), "however long the module is");
        assert!(find(&below.replace("ctypes", "ctypesx"), "x").is_none());
        for (module, name) in [("numpy", "dtype"), ("builtins", "set"), ("mypkg.os", "system")] {
            assert!(find(module, name).is_none(), "{module}.{name}");
        }
    }
}
