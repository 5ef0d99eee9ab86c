//! What shadows found, some of it only if they met the machine at an opcode.
//!
//! A shadow that comes from bytes that are none of our opcodes into the middle of them reads on somewhere. If that is the
//! beginning of one, it reads ours from there on; but where they begin, and in which pickle, is known to the machine alone, which comes by later.
//! Until then the shadow is followed in both ways.

use super::{Parts, Shadow};
use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;

/// The opcode of a frame, as the first that is ours behind an array.
const FRAME: u8 = 0x95;
/// How many bytes it has.
const FRAME_LENGTH: u64 = 9;

/// Where a shadow is, and what the other reader would do there.
pub type Act = (u64, String);

/// Whose wrappers of arrays a file has. Scikit-learn 0.18 to 0.20 has a copy of joblib; each of the two takes the wrappers of the other
/// for objects, and the elements behind them for opcodes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Writer {
    Joblib,
    Sklearn,
}

impl Writer {
    /// Whose wrappers this module has.
    pub fn of(module: &str) -> Writer {
        if module.starts_with("sklearn.") { Writer::Sklearn } else { Writer::Joblib }
    }
}

/// What shadows of a file have found.
#[derive(Debug)]
pub struct Found {
    always: RefCell<Option<Act>>,
    if_met: RefCell<Option<Act>>,
    unless_met: RefCell<Option<Act>>,
    /// Where a shadow waits for the machine.
    waits_at: Cell<u64>,
    /// In which of our pickles, if it matters.
    waits_in: Cell<Option<u64>>,
    met: Cell<bool>,
    /// Where a shadow takes us to be back in the pickle around an array.
    back: RefCell<BTreeSet<u64>>,
    writer: Cell<Option<Writer>>,
}

/// When a finding of a shadow holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Holds {
    Always,
    IfMet,
    UnlessMet,
}

impl Default for Found {
    fn default() -> Found {
        Found {
            always: RefCell::default(),
            if_met: RefCell::default(),
            unless_met: RefCell::default(),
            waits_at: Cell::new(u64::MAX),
            waits_in: Cell::new(None),
            met: Cell::new(false),
            back: RefCell::default(),
            writer: Cell::new(None),
        }
    }
}

impl Found {
    /// Nothing yet, in a file with these wrappers.
    pub fn beside(other: &Found) -> Found {
        Found { writer: other.writer.clone(), ..Found::default() }
    }

    /// A wrapper of this writer's is fetched; `false` if the file has the other's.
    pub fn is_written_by(&self, writer: Writer) -> bool {
        let known = self.writer.get().unwrap_or(writer);
        self.writer.set(Some(known));
        known == writer
    }

    /// Whether the file has the wrappers of the other writer.
    pub(super) fn is_not_written_by(&self, writer: Writer) -> bool {
        self.writer.get().is_some_and(|known| known != writer)
    }

    /// Whether nothing was found.
    pub fn is_empty(&self) -> bool {
        [&self.always, &self.if_met, &self.unless_met].iter().all(|place| place.borrow().is_none())
    }

    /// The machine begins an opcode here, in the pickle of this number.
    #[inline]
    pub fn passes(&self, at: u64, pickle: u64) {
        if at == self.waits_at.get() {
            self.met.set(self.waits_in.get().is_none_or(|number| number == pickle));
        }
    }

    /// Whether a shadow takes us to be in the pickle around an array here, and with its memo.
    pub fn is_back(&self, at: u64) -> bool {
        self.back.borrow().contains(&at)
    }

    /// A shadow takes us to be back in the pickle around an array.
    pub(super) fn comes_back(&self, at: u64) {
        self.back.borrow_mut().insert(at);
    }

    /// What a shadow would do on the machine's way so far, which ends at this offset.
    pub fn reached(&self, offset: u64) -> Option<Act> {
        if self.waits_at.get() < offset {
            let settled = if self.met.get() { self.if_met.take() } else { self.unless_met.take() };
            let mut always = self.always.borrow_mut();
            match (&*always, settled) {
                (Some((at, _)), Some(settled)) if *at <= settled.0 => {}
                (_, Some(settled)) => *always = Some(settled),
                (_, None) => {}
            }
        }
        let mut always = self.always.borrow_mut();
        if always.as_ref().is_some_and(|(at, _)| *at < offset) { always.take() } else { None }
    }

    /// Waits here for the machine, in a certain pickle if one is named; `false` if another shadow does already.
    pub(super) fn wait_at(&self, at: u64, pickle: Option<u64>) -> bool {
        let free = self.waits_at.get() == u64::MAX;
        if free {
            self.waits_at.set(at);
            self.waits_in.set(pickle);
        }
        free
    }

    /// Notes what is found, if it is the first thing of its kind in the file: of two readers one may be ahead.
    pub(super) fn note(&self, holds: Holds, act: Act) {
        let place = match holds {
            Holds::Always => &self.always,
            Holds::IfMet => &self.if_met,
            Holds::UnlessMet => &self.unless_met,
        };
        let mut place = place.borrow_mut();
        if place.as_ref().is_none_or(|(at, _)| act.0 < *at) {
            *place = Some(act);
        }
    }
}

impl Shadow {
    /// The bytes that are none of our opcodes are behind it.
    pub(super) fn come_to_ours(&mut self, rest: &[u8]) {
        let exactly = self.at == self.foreign || self.parts == Parts::Opcodes;
        if !exactly {
            self.missed_ours();
        }
        if exactly || !self.found.wait_at(self.at, Some(self.pickle)) {
            self.aligned = Some(self.at == self.foreign);
            return;
        }
        let twin = self.met_by_nobody(self.at, rest);
        (self.aligned, self.holds, self.twin) = (Some(true), Holds::IfMet, Some(Box::new(twin)));
    }

    /// It read over opcodes of ours: those may have changed things of before, and put something into our memo.
    fn missed_ours(&mut self) {
        let base = self.base_is_ours && self.base_is_dense && !self.over_put;
        self.other_memo();
        self.base_is_ours = base;
        self.changes.of_before();
    }

    /// These bytes from this offset on were taken by one opcode of it, or are what that one skips.
    pub(super) fn reads_over(&mut self, at: u64, bytes: &[u8]) {
        if self.aligned.is_none() {
            let before = |offset: u64| usize::try_from(offset.saturating_sub(at)).unwrap_or(usize::MAX);
            // The length of a frame is no opcode.
            if at <= self.foreign && bytes.get(before(self.foreign)) == Some(&FRAME) {
                self.puts_from = self.foreign.saturating_add(FRAME_LENGTH);
            }
            let ours = bytes.get(before(self.puts_from)..).unwrap_or_default();
            self.over_put |= ours.iter().any(|byte| matches!(byte, b'p' | b'q' | b'r'));
        }
    }

    /// The same from this offset on, whose first bytes these are, if the machine begins no opcode there.
    fn met_by_nobody(&self, at: u64, rest: &[u8]) -> Shadow {
        Shadow {
            aligned: Some(false),
            holds: Holds::UnlessMet,
            at,
            waiting: rest.to_vec(),
            elder: None,
            ..self.apart()
        }
    }

    /// Goes on in both ways behind the opcode at the beginning of `bytes`, as the machine begins one there or not; `false` if that can
    /// not be followed.
    pub(super) fn fork(&mut self, at: u64, bytes: &[u8]) -> bool {
        let can = !self.in_step && self.holds == Holds::Always && self.twin.is_none() && self.found.wait_at(at, None);
        if can {
            let twin = self.met_by_nobody(at, bytes.get(1..).unwrap_or_default());
            (self.holds, self.twin) = (Holds::IfMet, Some(Box::new(twin)));
        }
        can
    }
}

#[cfg(test)]
mod tests {
    use super::{Found, Parts, Shadow};
    use crate::format::pickle::shadow::Base;
    use crate::vocabulary::Vocabulary;
    use std::rc::Rc;

    /// Whether a PUT was read over among these bytes, as they come in pieces of this length.
    fn over_put(bytes: &[u8], piece: usize) -> bool {
        let found = Rc::new(Found::default());
        let mut shadow = Shadow::new(Parts::Opcodes, 7, Base::unknown(), &Vocabulary::default(), &found).foreign(1, 0);
        for (at, piece) in (7..).step_by(piece).zip(bytes.chunks(piece)) {
            shadow.reads_over(at, piece);
        }
        shadow.over_put
    }

    #[test]
    fn the_length_of_a_frame_is_no_put_in_whatever_pieces_it_comes() {
        for piece in 1..12 {
            assert!(!over_put(b"q\x95pqrpqrpqN", piece), "in pieces of {piece}");
            assert!(over_put(b"q\x95pqrpqrpqq", piece), "in pieces of {piece}");
            assert!(over_put(b"qNq", piece), "in pieces of {piece}");
        }
    }
}
