//! The names that a file asks for, each once.

use crate::bytes::{Budget, Exceeded};
use crate::reason::{escape, escape_whole};
use std::collections::HashMap;

/// Index of a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct NameId(pub(crate) u32);

/// A module and a name in it, as written in the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Name {
    /// The module, such as `sklearn.tree._tree`.
    pub module: String,
    /// The name in the module. Dots are part of it: it is one exact name, never walked.
    pub qualname: String,
    /// Whether it was asked for below protocol 3, where Python maps Python 2's names (`_compat_pickle`).
    pub mapped: bool,
    /// Offset of the opcode that first asked for it.
    pub at: u64,
}

impl Name {
    /// Module and name, as reports show them.
    pub fn dotted(&self) -> String {
        [&self.module, ".", &self.qualname].concat()
    }
}

impl Name {
    /// `module.qualname` in a form that is safe to show, not cut.
    pub fn whole(&self) -> String {
        escape_whole(&self.dotted())
    }
}

impl std::fmt::Display for Name {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&escape(&self.dotted()))
    }
}

/// How many names are looked through one by one: up to there that costs less than to hash one.
const FEW: usize = 8;

/// All names of a file.
#[derive(Debug, Default)]
pub struct Names {
    list: Vec<Name>,
    /// Of those behind the first few.
    index: HashMap<(String, String, bool), NameId>,
}

impl Names {
    /// The name's index, a new one if it was not met before (then `true`).
    pub(crate) fn intern(&mut self, name: Name, budget: &mut Budget) -> Result<(NameId, bool), Exceeded> {
        let same = |known: &Name| {
            known.mapped == name.mapped && known.qualname == name.qualname && known.module == name.module
        };
        if let Some((known, _)) = self.iter().take(FEW).find(|(_, known)| same(known)) {
            return Ok((known, false));
        }
        if self.list.len() < FEW {
            return Ok((self.add(name, budget)?, true));
        }
        let key = (name.module, name.qualname, name.mapped);
        if let Some(known) = self.index.get(&key) {
            return Ok((*known, false));
        }
        let name = Name { module: key.0.clone(), qualname: key.1.clone(), mapped: key.2, at: name.at };
        let id = self.add(name, budget)?;
        self.index.insert(key, id);
        Ok((id, true))
    }

    /// Adds a new name.
    fn add(&mut self, name: Name, budget: &mut Budget) -> Result<NameId, Exceeded> {
        let length = (name.module.len() as u64).saturating_add(name.qualname.len() as u64);
        budget.global()?;
        budget.memory(length.saturating_mul(2).saturating_add(200))?;
        let id = NameId(u32::try_from(self.list.len()).unwrap_or(u32::MAX));
        self.list.push(name);
        Ok(id)
    }

    /// Whether no name was asked for.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// The name behind an index.
    pub fn get(&self, id: NameId) -> Option<&Name> {
        self.list.get(id.0 as usize)
    }

    /// All names, in the order in which they were first asked for.
    pub fn iter(&self) -> impl Iterator<Item = (NameId, &Name)> {
        self.list.iter().zip(0u32..).map(|(name, id)| (NameId(id), name))
    }
}
