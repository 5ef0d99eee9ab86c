//! Shadows: how another reader would take the same bytes.
//!
//! joblib files mean one thing to joblib, and another to whoever reads them with something else: `pickle.load` takes an
//! array's bytes for opcodes, joblib before 1.2 takes the padding of an array for its first elements, and an array of objects
//! shares its memo with the file around it; so do several pickles that are read by one `Unpickler`. Such a reader is nearly
//! always stopped by the first byte. A shadow follows it from where it parts from ours until it stops, and refuses the file if
//! it would do anything before that of which it is not certain that it is harmless.
//!
//! A shadow knows kinds of values, and texts. It stops only where CPython certainly raises; where it merely does not know it
//! goes on. What both readers do in the same way, with the same values, is judged where ours does it: such values are called
//! *own* here. With any other value no function is called, and nothing but the plainest of objects is given a state
//! (`acts.rs`). A shadow is fed as the bytes come, so it may be ahead of the machine, and costs nothing once the other reader
//! has stopped.

mod acts;
mod apart;
mod calls;
mod dtypes;
mod fields;
mod followed;
mod harm;
mod lines;
mod lists;
mod marks;
mod meeting;
mod memo;
mod names;
mod ours;
mod pickles;
mod raises;
mod stack;
mod states;
mod step;
mod tuples;
mod values;

use crate::vocabulary::Vocabulary;
pub use followed::{CameTo, Followed};
use lists::Inert;
use marks::Python2;
use meeting::Holds;
pub use meeting::{Found, Writer};
use memo::Entry;
pub(super) use stack::Base;
use stack::Stack;
use std::collections::HashMap;
use std::rc::Rc;
use values::{Age, Changes, Held, Item, Val};

/// How the other reader parts from ours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Parts {
    /// It takes bytes that are none for opcodes.
    Opcodes,
    /// The same, and it takes the padding of later arrays for their elements.
    Elements,
    /// It takes the pickle inside an array for a part of the one around it, and what follows it for another one.
    Nested,
    /// It loads again behind the pickle inside an array, and reads what follows that as a pickle of its own.
    Again,
    /// It reads all pickles with one memo.
    Shared,
}

/// Longest text that is kept. A longer one stands for any name.
const TEXT: usize = 256;
/// Most values and memo entries that are kept.
const MOST: usize = 100_000;
/// No file is as long.
const NO_FILE: u64 = 1 << 48;

/// What becomes of a shadow at an opcode.
enum Next {
    /// More bytes are needed.
    More,
    /// The opcode and its argument have this length.
    Used(usize),
    /// The opcode's argument goes on for this many bytes behind what there is; then a value stands on the stack.
    Skip(u64),
    /// The line goes on.
    Line,
    /// The other reader has stopped.
    Stopped,
    /// It would run code; what it does.
    Bad(String),
}

/// What a value is made of.
#[derive(Debug, Clone, Copy)]
struct Made {
    /// Whether all of it is own.
    own: bool,
    /// `Holds`, if some of it is of before the parting.
    age: Age,
}

impl Made {
    /// Of values that were taken from the stack.
    fn of(items: &[&Item]) -> Made {
        // What can not be changed may as well be new.
        let new = items.iter().all(|item| item.age == Age::New || !item.val.is_mutable());
        Made { own: items.iter().all(|item| item.own), age: if new { Age::New } else { Age::Holds } }
    }
}

/// A reader that is followed.
#[derive(Clone)]
pub(super) struct Shadow {
    parts: Parts,
    vocabulary: Vocabulary,
    stack: Stack,
    base: Base,
    /// Entries that it made itself.
    memo: HashMap<u64, Entry>,
    /// Whether it has entries at what is no number, as Python 2 may.
    has_names: bool,
    /// Counts up whenever ours may have put something else at an index that is known.
    memo_age: u64,
    /// Whether an entry of the memo may be missing here, or stand at another index.
    blurred: bool,
    entries: u64,
    /// Whether both have had the same number of them.
    counts_as_ours: bool,
    protocol: Option<u8>,
    /// Offset of the first opcode that is ours again.
    foreign: u64,
    /// Offset of the first byte of ours that may be a PUT.
    puts_from: u64,
    /// Number of our pickle in which that stands.
    pickle: u64,
    /// Whether it reads our opcodes: it came to the first of them, and not into the middle of one. `None` before that.
    aligned: Option<bool>,
    changes: Changes,
    /// Whether something of before was put into something that was made since.
    holds_old: bool,
    /// Offset of the first byte of `waiting`, or of the next byte.
    at: u64,
    waiting: Vec<u8>,
    skip: u64,
    line: bool,
    found: Rc<Found>,
    holds: Holds,
    /// The same, as it is if it reads no opcodes of ours.
    twin: Option<Box<Shadow>>,
    /// Which readers of Python 2 it may be.
    python2: Python2,
    /// The same, as the reader of Python 2 to which marks are values.
    elder: Option<Box<Shadow>>,
    /// Whether it put something into a dict that ours did not put there.
    changed_dicts: bool,
    /// Whether there are marks in its memo.
    keeps_marks: bool,
    /// Whether a dict came to hold more than numbers and texts since the parting, in ours too perhaps: it may stand in one of which that is said.
    filled: bool,
    /// How much it did with values that were not judged.
    acts: u32,
    /// Where it says to which arrays it came.
    came_to: CameTo,
    /// Whether it reads what we read, with our memo.
    in_step: bool,
    /// Whether our own reader has the memo that it began with, too.
    base_is_ours: bool,
    /// Whether that has an entry at each index up to their number, so that a counted one never takes the place of another.
    base_is_dense: bool,
    /// The same, once we are behind the pickle inside an array, if we are in one.
    base_was_ours: bool,
    /// Whether ours may have put something into its memo at a place of its choice, in bytes that this one read over.
    over_put: bool,
    /// Where the frame ends that it read last.
    frame: Option<u64>,
    /// Whether what it reads behind an end it reads with the same memo.
    shared: bool,
    /// Where the last of those stopped that were followed beside it.
    stopped: u64,
}

impl Shadow {
    /// A reader that takes the bytes from `at` on for opcodes.
    pub fn new(parts: Parts, at: u64, base: Base, vocabulary: &Vocabulary, found: &Rc<Found>) -> Shadow {
        Shadow {
            vocabulary: vocabulary.clone(),
            stack: Stack::of(&base),
            memo: HashMap::new(),
            has_names: false,
            memo_age: 1,
            blurred: base.open,
            entries: base.memo.len() as u64,
            counts_as_ours: parts == Parts::Elements && !base.open,
            protocol: base.protocol,
            foreign: at,
            puts_from: at,
            pickle: 0,
            aligned: None,
            changes: Changes::NONE,
            holds_old: false,
            at,
            waiting: Vec::new(),
            skip: 0,
            line: false,
            found: found.clone(),
            holds: Holds::Always,
            twin: None,
            python2: Python2::Any,
            elder: None,
            changed_dicts: false,
            keeps_marks: false,
            filled: false,
            acts: 0,
            came_to: CameTo::default(),
            in_step: false,
            base_is_ours: parts == Parts::Elements,
            base_is_dense: base.memo.keys().all(|index| *index < base.memo.len() as u64),
            base_was_ours: false,
            over_put: false,
            frame: None,
            shared: parts == Parts::Shared,
            stopped: 0,
            parts,
            base,
        }
    }

    /// The same, for which these many bytes are no opcodes of ours, but behind them our pickle of this number goes on.
    #[must_use]
    pub fn foreign(mut self, length: usize, pickle: u64) -> Shadow {
        (self.foreign, self.pickle) = (self.at.saturating_add(length as u64), pickle);
        self.puts_from = self.foreign;
        self
    }

    /// The same, in a file of which Python 2 reads what is before it, or not.
    #[must_use]
    pub fn read_by_python_2(mut self, read: bool) -> Shadow {
        self.python2 = if read { Python2::Any } else { Python2::None };
        self
    }

    /// The same, which says here that it came as far as the next array.
    #[must_use]
    pub fn telling(mut self, came_to: &CameTo) -> Shadow {
        self.came_to = came_to.clone();
        self
    }

    /// The same, which reads our opcodes with our memo, and only has another value on its stack.
    #[must_use]
    pub fn in_step(mut self) -> Shadow {
        (self.in_step, self.base_is_ours, self.counts_as_ours, self.shared) = (true, true, true, false);
        self
    }

    /// The same, which reads what follows an end with the same memo.
    #[must_use]
    pub fn sharing(mut self) -> Shadow {
        self.shared = true;
        self
    }

    /// Takes bytes of the stream, the first of them at this offset. `false` when there is nothing more to follow.
    pub fn feed(&mut self, offset: u64, bytes: &[u8]) -> bool {
        let goes_on = self.follow(offset, bytes);
        let mut others = [self.twin.take(), self.elder.take()];
        for place in &mut others {
            let Some(stopped) = place.take_if(|other| !other.feed(offset, bytes)) else { continue };
            self.stopped = self.stopped.max(stopped.reached());
        }
        let [twin, elder] = others;
        if goes_on {
            (self.twin, self.elder) = (twin, elder);
            return true;
        }
        let (Some(mut next), last) = (if twin.is_some() { (twin, elder) } else { (elder, None) }) else { return false };
        next.stopped = next.stopped.max(self.reached());
        *self = *next;
        if let Some(last) = last {
            self.join(last);
        }
        true
    }

    /// How far it came, with all that were followed beside it.
    pub fn reached(&self) -> u64 {
        self.at.max(self.stopped)
    }

    /// Follows this one beside itself.
    fn join(&mut self, other: Box<Shadow>) {
        match &mut self.elder {
            Some(elder) => elder.join(other),
            place => *place = Some(other),
        }
    }

    fn follow(&mut self, offset: u64, bytes: &[u8]) -> bool {
        let next = self.at.saturating_add(self.waiting.len() as u64);
        let before = usize::try_from(next.saturating_sub(offset)).unwrap_or(usize::MAX);
        let mut bytes = bytes.get(before..).unwrap_or_default();
        if self.skip > 0 {
            let skipped = bytes.len().min(usize::try_from(self.skip).unwrap_or(usize::MAX));
            self.skip = self.skip.saturating_sub(skipped as u64);
            self.reads_over(self.at, bytes.get(..skipped).unwrap_or_default());
            self.at = self.at.saturating_add(skipped as u64);
            bytes = bytes.get(skipped..).unwrap_or_default();
        }
        if self.line {
            let end = bytes.iter().position(|byte| *byte == b'\n').map(|end| end.saturating_add(1));
            let skipped = end.unwrap_or(bytes.len());
            self.line = end.is_none();
            self.reads_over(self.at, bytes.get(..skipped).unwrap_or_default());
            self.at = self.at.saturating_add(skipped as u64);
            bytes = bytes.get(skipped..).unwrap_or_default();
        }
        let mut waiting = std::mem::take(&mut self.waiting);
        waiting.extend_from_slice(bytes);
        let mut used = 0usize;
        loop {
            let rest = waiting.get(used..).unwrap_or_default();
            if rest.is_empty() {
                break;
            }
            if self.aligned.is_none() && self.at >= self.foreign {
                self.come_to_ours(rest);
            }
            if !self.is_known_to_it(rest) {
                return false;
            }
            let (frame, next) = (self.frame, self.step(rest));
            let length = match &next {
                Next::Used(length) => *length as u64,
                Next::Skip(more) => (rest.len() as u64).saturating_add(*more),
                // Nobody knows yet where it ends.
                Next::Line => NO_FILE,
                _ => 0,
            };
            if self.goes_over_a_frame(frame, self.at.saturating_add(length)) {
                self.found.note(self.holds, (self.at, "reads over the end of a frame".to_owned()));
                return false;
            }
            match next {
                Next::More => break,
                Next::Used(length) => {
                    self.reads_over(self.at, rest.get(..length).unwrap_or_default());
                    used = used.saturating_add(length);
                    self.at = self.at.saturating_add(length as u64);
                }
                Next::Skip(more) => {
                    self.reads_over(self.at, rest);
                    self.at = self.at.saturating_add(rest.len() as u64);
                    (self.skip, used) = (more, waiting.len());
                    break;
                }
                Next::Line => {
                    // What there is may reach beyond the end of the line.
                    let end = rest.iter().position(|byte| *byte == b'\n').map(|end| end.saturating_add(1));
                    let length = end.unwrap_or(rest.len());
                    self.reads_over(self.at, rest.get(..length).unwrap_or_default());
                    self.line = end.is_none();
                    used = used.saturating_add(length);
                    self.at = self.at.saturating_add(length as u64);
                }
                Next::Stopped => return false,
                Next::Bad(what) => {
                    self.found.note(self.holds, (self.at, what));
                    return false;
                }
            }
        }
        waiting.drain(..used);
        self.waiting = waiting;
        true
    }

    /// Whether the opcode that is read now is ours, too.
    fn is_ours(&self) -> bool {
        self.parts != Parts::Opcodes && self.aligned == Some(true)
    }

    /// Whether our own reader has this very value here.
    fn is_own(&self, item: &Item) -> bool {
        let may_hold_old = item.age != Age::New || self.holds_old;
        let Changes { all, old } = item.seen;
        let changed = all != self.changes.all || (may_hold_old && old != self.changes.old);
        item.own && !(item.val.is_mutable() && changed)
    }

    /// A value that the opcode makes of nothing else.
    fn push(&mut self, val: Val) {
        let own = self.is_ours();
        self.stack.push(self.made(val, own, Age::New));
    }

    /// A value that the opcode makes of these others.
    fn push_made(&mut self, val: Val, of: Made) {
        let own = of.own && self.is_ours();
        self.stack.push(self.made(val, own, of.age));
    }

    /// A value that is made now.
    fn made(&self, val: Val, own: bool, age: Age) -> Item {
        Item { val, own, age, seen: self.changes, number: None, inert: Inert::No, held: Held::Alone }
    }

    /// Takes a value, and says whether it is own.
    fn pop(&mut self) -> Option<Item> {
        let item = self.stack.pop()?;
        let own = self.is_own(&item);
        Some(Item { own, ..item })
    }

    /// Takes everything above the last mark.
    fn pop_mark(&mut self) -> Option<(Option<Vec<Item>>, Made)> {
        let (items, mark) = self.stack.pop_mark()?;
        let known = |item: Item| Item { own: self.is_own(&item), ..item };
        let items: Option<Vec<Item>> = items.map(|items| items.into_iter().map(known).collect());
        let made = match &items {
            Some(items) => {
                Made { own: mark && items.iter().all(|item| item.own), ..Made::of(&items.iter().collect::<Vec<_>>()) }
            }
            None => Made { own: false, age: Age::Holds },
        };
        Some((items, made))
    }
}
