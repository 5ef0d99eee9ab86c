//! What every parser of a format works on.

use super::event::Consumer;
use super::fault::Fault;
use super::pickle::may_be_imported;
use super::suspects::Suspects;
use crate::bytes::{Absent, Budget, Input, Limit, Sibling};
use crate::graph::{Heap, Wanted};
use crate::vocabulary::{Roles, Scene, Vocabulary};
use std::collections::BTreeSet;

/// What is kept of arrays.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keep {
    /// Their dtypes, shapes and byte ranges; the bytes of small ones, and what was folded from trees' nodes.
    Shapes,
    /// All of their bytes.
    Bytes,
}

/// Whose reader the file is meant for: it decides which wrappers are arrays.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reads {
    /// `joblib.load`: elements may follow in the stream, or stand in a file beside it.
    Joblib,
    /// joblib's reader of the files of joblib before 0.10: arrays only stand in files beside it.
    OldJoblib,
    /// `pickle.load`, as numpy reads arrays of objects with: no wrapper is an array.
    Plain,
}

/// Asks for a file beside the one that is read.
pub type Ask<'a> = &'a mut dyn FnMut(&str) -> Result<Sibling, Absent>;

/// The state of reading one file.
pub struct Ctx<'a> {
    /// The values read so far.
    pub heap: Heap,
    /// What is left of the limits.
    pub budget: Budget,
    /// Which names a file may ask for.
    pub vocabulary: &'a Vocabulary,
    /// What each name of the file is.
    pub roles: Roles,
    /// What is kept of arrays.
    pub keep: Keep,
    /// What arrays are folded to whose dtype an earlier reading of the file has shown.
    pub wanted: Wanted,
    /// Whether each opcode is told, too.
    pub list_opcodes: bool,
    /// Which wrappers are arrays.
    pub reads: Reads,
    /// Takes the machine's events.
    pub events: &'a mut dyn Consumer,
    /// Names that refuse the file, and what it does with them.
    pub suspects: Suspects,
    /// Protocols that were met.
    pub protocols: BTreeSet<u8>,
    /// Pickles that were read, nested ones too.
    pub pickles: u64,
    /// Names whose module Python may import: what tells a broken pickle from bytes that never were one.
    pub imports: u64,
    /// What is known of readers that take the file otherwise.
    pub followed: super::pickle::Followed,
    /// A memo index that no writer comes to, which refuses the file if nothing else does.
    pub far: Option<Fault>,
    /// Where the files beside this one are asked for; if nowhere, there is none.
    pub beside: Option<Ask<'a>>,
    /// Names of those that were read.
    pub beside_read: BTreeSet<String>,
    /// Whether an array stood in the stream, as joblib writes it.
    pub raw_arrays: bool,
}

impl std::fmt::Debug for Ctx<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Ctx").field("keep", &self.keep).field("pickles", &self.pickles).finish_non_exhaustive()
    }
}

impl<'a> Ctx<'a> {
    /// The state before the first byte.
    pub fn new(vocabulary: &'a Vocabulary, budget: Budget, keep: Keep, events: &'a mut dyn Consumer) -> Ctx<'a> {
        Ctx {
            heap: Heap::default(),
            budget,
            vocabulary,
            roles: Roles::default(),
            keep,
            wanted: Wanted::default(),
            list_opcodes: false,
            reads: Reads::Joblib,
            events,
            suspects: Suspects::default(),
            protocols: BTreeSet::new(),
            pickles: 0,
            imports: 0,
            followed: super::pickle::Followed::default(),
            far: None,
            beside: None,
            beside_read: BTreeSet::new(),
            raw_arrays: false,
        }
    }

    /// Notes that a module was asked for, and this name in it if it can be read, if there may be such a module: its first part is imported
    /// first, whatever follows.
    pub(super) fn asks_for(&mut self, module: &str, name: Option<&str>) {
        if may_be_imported(module, name) {
            self.imports = self.imports.saturating_add(1);
        }
    }

    /// Opens a file beside this one, and adds what the limits allow for it.
    pub(super) fn open_beside(&mut self, file: &str) -> Result<Input, Fault> {
        let asked = self.beside.as_mut().map_or(Err(Absent::Alone), |ask| ask(file));
        let Sibling { file: opened, size, expectation } =
            asked.map_err(|why| Fault::Absent { file: file.to_owned(), why })?;
        if size > self.budget.limit(Limit::File) {
            return Err(self.budget.exceeded(Limit::File).into());
        }
        self.budget.grow(size);
        Ok(Input::new(opened, size, expectation)?)
    }

    /// What a shape works on, for an act on `name`.
    pub fn scene(&mut self, name: crate::graph::NameId) -> Scene<'_> {
        Scene { heap: &mut self.heap, budget: &mut self.budget, roles: &self.roles, name }
    }
}
