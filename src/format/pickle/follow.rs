//! Where other readers part from ours, and are followed from there on: see `shadow.rs`.

use super::super::fault::Fault;
use super::machine::Machine;
use super::memo::Memo;
use super::shadow::{Base, CameTo, Found, Parts, Shadow};
use crate::bytes::Shown;
use crate::graph::{DTypeKind, Value};
use std::rc::Rc;

/// Values of the stack that a shadow knows.
const KNOWN: usize = 512;
/// What a memo entry costs in a shadow, in bytes.
const ENTRY: u64 = 64;

impl Machine<'_, '_, '_> {
    /// The upper values of the stack, lowest first.
    fn upper(&self) -> impl Iterator<Item = Value> + '_ {
        (self.height().saturating_sub(KNOWN)..self.height()).filter_map(|height| self.at_height(height))
    }

    /// The marks among them, lowest first.
    fn upper_marks(&self) -> Vec<usize> {
        let start = self.height().saturating_sub(KNOWN);
        let mut marks: Vec<usize> = (0..self.marks.len())
            .rev()
            .map_while(|index| self.marks.get(index).and_then(|mark| mark.checked_sub(start)))
            .take(KNOWN)
            .collect();
        marks.reverse();
        marks
    }

    /// What a reader begins with that parts from ours here; see [`Base::new`] for the memo.
    fn base(&self, memo: Option<&mut dyn Iterator<Item = (u64, Value)>>) -> Base {
        let protocol = self.levels.last().map_or(0, |level| level.protocol);
        Base::new(&self.ctx.heap, &self.ctx.roles, self.is_read_by_python_2(), self.upper(), memo)
            .at_protocol(protocol)
            .with_marks(self.upper_marks())
            .spelled(self.levels.last().and_then(|level| level.memo.spelling()))
            .going_on_below(self.height() > KNOWN)
    }

    /// Whether Python 2 may have come here: it knows protocols 0 to 2.
    fn is_read_by_python_2(&self) -> bool {
        self.ctx.protocols.iter().all(|protocol| *protocol <= 2)
    }

    /// A reader that parts from ours at this offset.
    fn shadow(&self, parts: Parts, at: u64, base: Base) -> Shadow {
        self.shadow_finding(parts, at, base, &self.ctx.followed.found)
    }

    fn shadow_finding(&self, parts: Parts, at: u64, base: Base, found: &Rc<Found>) -> Shadow {
        let shadow = Shadow::new(parts, at, base, self.ctx.vocabulary, found);
        shadow.read_by_python_2(self.is_read_by_python_2())
    }

    /// `pickle.load` on a joblib file: the wrapper stays, and what follows are opcodes to it. Only the first array matters:
    /// there it stops, or goes on by itself.
    pub(super) fn follow_plain(&mut self, objects: bool, empty: bool) -> Result<(), Fault> {
        if !self.ctx.suspects.is_empty() {
            return Ok(());
        }
        // Each array may be where another reader begins that goes on to the end. A byte takes as long as a value of ours.
        let at = self.reader.offset();
        let ways = self.ctx.followed.ways.borrow_mut().up_to(at);
        self.ctx.budget.values(ways)?;
        let came = |to: &CameTo| to.borrow().contains(&at);
        let in_step = came(&self.ctx.followed.in_step);
        let parts = match (objects, empty) {
            (true, _) if in_step => Some(Parts::Nested),
            (false, false) if in_step || came(&self.ctx.followed.shared) => Some(Parts::Opcodes),
            _ => None,
        };
        if let Some(parts) = parts {
            // Who was followed to this array comes to bytes that are no opcodes of ours, or to a pickle with a memo of its own. One that read our
            // opcodes up to here has a stack of the same height.
            let read_ours = parts == Parts::Opcodes && !came(&self.ctx.followed.shared);
            let base = if read_ours { self.base(None).of_texts() } else { Base::unknown() };
            let shadow = self.shadow(parts, at, base);
            self.watch(shadow.sharing().telling(&self.ctx.followed.shared));
        }
        if self.followed {
            return Ok(());
        }
        self.followed = true;
        let entries = self.levels.last().map_or(0, |level| level.memo.len());
        self.ctx.budget.memory(entries.saturating_mul(ENTRY))?;
        // Behind an array without elements it reads our opcodes, and only has the wrapper on its stack.
        let parts = match (objects, empty) {
            (true, _) => Parts::Nested,
            (false, true) => Parts::Shared,
            (false, false) => Parts::Opcodes,
        };
        let mut memo = self.levels.last().map(|level| level.memo.iter()).into_iter().flatten();
        let base = self.base(Some(&mut memo));
        drop(memo);
        let in_step = parts == Parts::Shared;
        let shadow = self.shadow(parts, at, base);
        self.watch(if in_step {
            shadow.in_step().telling(&self.ctx.followed.in_step)
        } else {
            shadow.telling(&self.ctx.followed.shared)
        });
        Ok(())
    }

    /// joblib before 1.2 on a padded array that was just read: it took the padding for elements, and takes as many of the last
    /// bytes for opcodes, and one more.
    ///
    /// One such reader is followed at a time: it is followed anew from an array only where the one before says that it came there, and there
    /// that one stops, at the array or at the length of its padding, which is no opcode.
    pub(super) fn follow_old_joblib(&mut self, begins: u64, padding: u8, kind: DTypeKind) -> Result<(), Fault> {
        // Where it stopped at an array before this one, it never comes here.
        if std::mem::replace(&mut self.ctx.followed.padded, true) && !self.survived(begins) {
            return Ok(());
        }
        let length = usize::from(padding).saturating_add(1);
        // Of a shorter array a byte of the padding is left, which is no opcode.
        let Some(start) = self.tail.len().checked_sub(length) else { return Ok(()) };
        if !self.ctx.suspects.is_empty() {
            return Ok(());
        }
        let tail = self.tail.get(start..).unwrap_or_default().to_vec();
        let at = self.reader.offset().saturating_sub(length as u64);
        let pickle = self.levels.last().map_or(0, |level| level.number);
        let base = |memo: Option<&mut dyn Iterator<Item = (u64, Value)>>| {
            // A reader that lived through an array before this one comes here with another stack than ours.
            if self.survived(begins) { Base::unknown() } else { self.base(memo).with_an_array(kind) }
        };
        // Nearly always it stops within these bytes, whatever is in the memo.
        let found = Rc::new(Found::beside(&self.ctx.followed.found));
        let mut probe =
            Shadow::new(Parts::Elements, at, base(None), self.ctx.vocabulary, &found).foreign(length, pickle);
        if !probe.feed(at, &tail) && found.is_empty() {
            return Ok(());
        }
        let entries = self.levels.last().map_or(0, |level| level.memo.len());
        let mut memo = self.levels.last().map(|level| level.memo.iter()).into_iter().flatten();
        let base = base(Some(&mut memo));
        drop(memo);
        self.ctx.budget.memory(entries.saturating_mul(ENTRY))?;
        let shadow = self.shadow(Parts::Elements, at, base);
        let mut shadow = shadow.telling(&self.ctx.followed.survived).foreign(length, pickle);
        if shadow.feed(at, &tail) {
            self.watch(shadow);
        }
        Ok(())
    }

    /// Whether an old joblib that lived through the padding of another array comes as far as the one that begins here.
    fn survived(&self, begins: u64) -> bool {
        self.ctx.followed.survived.borrow().contains(&begins)
    }

    /// joblib before 1.2 that comes as far as an array without padding: it takes the same bytes for its elements, and goes on with
    /// a memo and a stack of its own.
    pub(super) fn follow_survivor(&mut self, begins: u64) -> Result<(), Fault> {
        if !self.ctx.suspects.is_empty() || !self.survived(begins) {
            return Ok(());
        }
        Err(Fault::Otherwise {
            at: begins,
            what: "goes on behind an array with other values than joblib's newest".to_owned(),
        })
    }

    /// One `Unpickler` on several pickles: its memo lives on behind the first that has one. A number has none.
    pub fn follow_shared_memo(&mut self) -> Result<(), Fault> {
        let memo = self.last.take().unwrap_or_default();
        if self.ctx.followed.found.is_back(self.reader.offset()) {
            // It is not where it was thought to be, and has read too much of what is here with our memo.
            let shadow = self.shadow(Parts::Shared, self.reader.offset(), Base::unknown());
            self.watch(shadow.telling(&self.ctx.followed.shared));
        }
        if self.ctx.followed.one_on_several || memo.len() == 0 {
            return Ok(());
        }
        self.ctx.followed.one_on_several = true;
        self.ctx.budget.memory(memo.len().saturating_mul(ENTRY))?;
        let at = self.reader.offset();
        let mut base = Base::new(
            &self.ctx.heap,
            &self.ctx.roles,
            self.is_read_by_python_2(),
            std::iter::empty(),
            Some(&mut Memo::iter(&memo)),
        )
        .spelled(memo.spelling())
        .at_protocol(0);
        if self.ctx.raw_arrays {
            // An array without elements is its wrapper to who knows nothing of arrays, and comes here none the less.
            let empty = |value| self.ctx.heap.as_array(value).is_some_and(|array| array.shape.contains(&0));
            Memo::iter(&memo).filter(|(_, value)| empty(*value)).for_each(|(index, _)| base.forget(index));
        }
        let shadow = self.shadow(Parts::Shared, at, base);
        self.watch(shadow.telling(&self.ctx.followed.shared));
        Ok(())
    }

    fn watch(&mut self, mut shadow: Shadow) {
        let begins = self.reader.offset();
        let ways = Rc::clone(&self.ctx.followed.ways);
        ways.borrow_mut().begin(begins);
        self.reader.watch(Box::new(move |offset, shown| match shown {
            Shown::Bytes(bytes) => {
                let goes_on = shadow.feed(offset, bytes);
                if !goes_on {
                    ways.borrow_mut().end(shadow.reached().max(begins));
                }
                goes_on
            }
            Shown::End => {
                shadow.end();
                false
            }
        }));
    }
}
