//! The vocabulary: which names a file may ask for, and what may be done with each.
//!
//! Names stand in text tables (`*.txt`, one line a group of names), each with its *shape*: the Rust function that checks
//! the arguments and the state that the name is given, at the moment of the act. An allowed name is not an allowed act.
//! To add a name, add it to a table; to add a way of using names, add a shape to `shape.rs`.
#![deny(clippy::indexing_slicing, clippy::unwrap_used, clippy::expect_used)]
#![cfg_attr(not(test), deny(clippy::arithmetic_side_effects))]

mod danger;
mod scene;
mod shape;
mod shapes;
mod table;
mod weight;

pub use danger::Danger;
pub use scene::{CLASH, Functions, Misuse, Role, Roles, Scene};
pub use shape::{Beside, Built, Made, Raw, Shape, Takes};
pub use shapes::cloudpickle::{Called, call_of_type as call_of_builtin_type};
pub use shapes::dill::{call_of_attribute as call_of_dill_attribute, call_of_type as call_of_dill_type};
pub use shapes::function::result_of_partial;
pub use shapes::lookup::call_of_attribute;
pub use shapes::pandas::block_of_partial;
pub use shapes::{INTERFACE, dtype_of_code, elements, is_array_interface, is_printable};
pub use table::{Entry, entries, sets};

use crate::graph::Name;
use std::collections::HashSet;

/// Version of the tables, as reports show it.
pub const VERSION: &str = concat!(env!("CARGO_PKG_VERSION"), "-1");

/// The tables, and what the user allows beside them.
#[derive(Debug, Clone, Default)]
pub struct Vocabulary {
    allowed: HashSet<String>,
    sets: HashSet<String>,
}

/// A name that can not be allowed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotAllowable {
    /// It runs code, or loads what does.
    #[error("{0} can never be allowed: it would {1}")]
    Dangerous(String, &'static str),
    /// It is not written as `module.name`.
    #[error("{0:?} is not a name like mypkg.transforms.MyTransformer")]
    Form(String),
    /// It leads through what Python itself keeps in modules, classes and functions.
    #[error(
        "{0} can never be allowed: {1} is an attribute of Python's own, and no class or function that a file could honestly keep"
    )]
    Attribute(String, String),
    /// There is no set of this name.
    #[error("there is no set {0:?}; the sets are {sets}", sets = table::sets().collect::<Vec<_>>().join(", "))]
    Set(String),
}

/// Reads the tables, which is else done for the first name of the first file.
pub fn warm_up() {
    table::warm_up();
    shapes::estimator::warm_up();
}

/// The named set that a name is in, as `module.qualname`.
pub fn set_of(name: &str) -> Option<&'static str> {
    entry_in_set(name).map(|entry| entry.table)
}

/// The entry of a name that is in a named set.
pub fn entry_in_set(name: &str) -> Option<&'static Entry> {
    let (module, qualname) = name.rsplit_once('.')?;
    table::find(module, qualname, false).filter(|entry| entry.in_set)
}

/// Whether the tables have this name for classes of scikit-learn's alone that are made empty and keep the attributes that they are given.
pub fn keeps_attributes(name: &str) -> bool {
    table::keeps_attributes(name)
}

/// Whether every part of a name is one that Python code can be written with.
pub fn is_written_as_a_name(name: &str) -> bool {
    let is_identifier = |part: &str| {
        part.chars().all(|c| c.is_alphanumeric() || c == '_') && part.chars().next().is_some_and(|c| !c.is_numeric())
    };
    name.split('.').all(is_identifier)
}

/// The part of `module.qualname` that is an attribute of Python's own, such as `__globals__` of a function: from it a file gets what its
/// writer has defined nowhere. Modules may be called `__main__`, or be the `__init__` and `__main__` of a package.
pub fn own_attribute(name: &str) -> Option<&str> {
    let is_own = |part: &&str| part.len() > 4 && part.starts_with("__") && part.ends_with("__");
    let last = name.rsplit('.').next().filter(is_own);
    let module = |part: &&str| matches!(*part, "__main__" | "__init__");
    last.or_else(|| name.split('.').skip(1).find(|part| is_own(part) && !module(part)))
}

impl Vocabulary {
    /// The tables, these names as `module.qualname`, and the named sets.
    pub fn new(allow: &[String], sets: &[String]) -> Result<Vocabulary, NotAllowable> {
        if let Some(unknown) = sets.iter().find(|set| !table::sets().any(|known| known == *set)) {
            return Err(NotAllowable::Set(crate::reason::escape(unknown)));
        }
        for name in allow.iter().filter(|name| set_of(name).is_none()) {
            let form = || NotAllowable::Form(crate::reason::escape(name));
            let (module, qualname) = name.rsplit_once('.').ok_or_else(form)?;
            if module.is_empty() || qualname.is_empty() || name.contains(|c: char| c.is_whitespace() || c == ':') {
                return Err(form());
            }
            if let Some(part) = own_attribute(name) {
                let escape = crate::reason::escape;
                return Err(NotAllowable::Attribute(escape(name), escape(part)));
            }
            // The name may be split anywhere: `os.path.join` is `os` and `path.join`, or `os.path` and `join`.
            let splits = name.match_indices('.').map(|(at, _)| (name.get(..at), name.get(at.saturating_add(1)..)));
            for (module, qualname) in splits {
                if let (Some(module), Some(qualname)) = (module, qualname)
                    && let Some(danger) = danger::find(module, qualname)
                {
                    return Err(NotAllowable::Dangerous(name.clone(), danger.why));
                }
            }
        }
        Ok(Vocabulary { allowed: allow.iter().cloned().collect(), sets: sets.iter().cloned().collect() })
    }

    /// Whether the user has added to the tables that everybody has.
    pub fn is_widened(&self) -> bool {
        !self.allowed.is_empty() || !self.sets.is_empty()
    }

    /// What a name is to coldload.
    pub fn role(&self, name: &Name) -> Role {
        if let Some(entry) = table::find(&name.module, &name.qualname, name.mapped)
            && (!entry.in_set || self.sets.contains(entry.table) || self.allowed.contains(&name.dotted()))
        {
            return Role::Known(entry);
        }
        let module = table::python3_module(&name.module, name.mapped);
        if let Some(danger) =
            danger::find(module, &name.qualname).or_else(|| danger::find(&name.module, &name.qualname))
        {
            return Role::Dangerous(danger);
        }
        // `SVC.__init__` of a module is another name than `__init__` of one that is called `SVC`, and both are written alike.
        let own = || name.qualname.split('.').any(|part| own_attribute(part).is_some());
        if self.allowed.contains(&name.dotted()) && !own() { Role::Allowed } else { Role::Unknown }
    }
}
