//! Where the pickles of another reader begin and end, and the frames in them.

use super::lists::Inert;
use super::values::Changes;
use super::{NO_FILE, Next, Parts, Shadow};
use std::collections::HashMap;

impl Shadow {
    /// FRAME. Of Python's own readers, the one that is written in Python wants a frame to be used up before the next. The one
    /// that is written in C has read all of the frame around it, and goes on behind that.
    pub(super) fn frame_begins(&mut self, length: u64) -> Next {
        let begins = self.at.saturating_add(9);
        let around = self.frame.filter(|end| *end > begins);
        if (around.is_some() && self.parts == Parts::Elements) || i64::try_from(length).is_err() {
            return Next::Stopped;
        }
        let ends = begins.saturating_add(length);
        match around {
            Some(around) if around < NO_FILE && ends > around => {
                return Next::Bad("begins a frame that ends behind the one around it".to_owned());
            }
            Some(_) => {}
            None => self.frame = Some(ends),
        }
        Next::Used(9)
    }

    /// Whether bytes from here up to that offset go over the end of a frame. C's reader drops what it has of them, and takes as many
    /// from behind the frame.
    pub(super) fn goes_over_a_frame(&self, frame: Option<u64>, ends: u64) -> bool {
        self.parts != Parts::Elements && frame.is_some_and(|end| self.at < end && end < ends && end < NO_FILE)
    }

    /// STOP. Who loads again goes on behind it: with nothing, or, if it is the same `Unpickler`, with its memo.
    pub(super) fn stop(&mut self, bytes: &[u8]) -> Next {
        if self.frame.is_some_and(|end| end > self.at.saturating_add(1) && end < NO_FILE) {
            return Next::Bad("ends a pickle inside a frame, behind which other readers go on".to_owned());
        }
        let Some(returned) = self.pop() else { return Next::Stopped };
        // What stands in a thing may have been changed by another name.
        let intact = self.changes == Changes::NONE;
        let is_judged = intact && returned.own && self.is_ours();
        // One `Unpickler` is never used on pickles of several writers: what it makes of honest ones is of no use.
        let is_inert = match returned.inert {
            Inert::No => false,
            Inert::InDicts => !self.changed_dicts && !self.filled,
            Inert::Always => true,
        };
        let holds_no_model = is_inert || returned.val.holds_no_model(intact, self.filled);
        if !is_judged && self.parts != Parts::Shared && !holds_no_model {
            return Next::Bad("returns a thing that was not judged".to_owned());
        }
        if matches!(self.parts, Parts::Opcodes | Parts::Nested) && !self.shared && self.twin.is_none() {
            let mut twin = Shadow { elder: None, ..self.apart() };
            twin.shared = true;
            twin.at = self.at.saturating_add(1);
            twin.waiting = bytes.get(1..).unwrap_or_default().to_vec();
            // What stands behind the pickle inside an array is ours, with the memo that we had before it. Where that pickle only took the
            // place of some of its entries, the next ones are counted as ours are.
            let nested = twin.parts == Parts::Nested;
            if nested {
                (twin.parts, twin.base_was_ours) = (Parts::Shared, true);
            }
            twin.next_pickle(twin.at);
            twin.counts_as_ours = nested && twin.is_as_long_as_its_base();
            self.twin = Some(Box::new(twin));
        }
        if self.shared {
            self.next_pickle(self.at.saturating_add(1));
        } else {
            self.restart();
        }
        Next::Used(1)
    }

    /// The next pickle, read with the same memo; ours has another one, whatever the index, or is back in the pickle around this one.
    pub(super) fn next_pickle(&mut self, begins: u64) {
        (self.stack, self.protocol) = (self.stack.emptied(), Some(0));
        self.end_marks();
        let was_ours = std::mem::take(&mut self.base_was_ours);
        self.other_memo();
        self.base_is_ours = was_ours;
        if was_ours {
            self.found.comes_back(begins);
        }
    }

    /// Another call of the reader, with nothing but what follows.
    pub(super) fn restart(&mut self) {
        (self.stack, self.memo) = (self.stack.emptied(), HashMap::new());
        (self.entries, self.protocol, self.blurred, self.counts_as_ours) = (0, Some(0), false, false);
        (self.base.memo, self.base.open) = (HashMap::new(), false);
        (self.base_is_ours, self.base_was_ours) = (false, false);
        if self.parts == Parts::Nested {
            self.parts = Parts::Again;
        }
    }

    /// There are no more bytes. Python's own reader takes a line that the end cuts short without its last byte, whatever that is.
    pub fn end(&mut self) {
        let mut bytes = std::mem::take(&mut self.waiting);
        if let Some((b'c' | b'i', begun)) = bytes.split_first() {
            let lines = begun.iter().filter(|byte| **byte == b'\n').count();
            if !bytes.ends_with(b"\n") {
                bytes.pop();
            }
            bytes.extend_from_slice(if lines == 0 { b"\n\n" } else { b"\n" });
            if let Next::Bad(what) = self.step(&bytes) {
                self.found.note(self.holds, (self.at, what));
            }
        }
        for mut other in [self.twin.take(), self.elder.take()].into_iter().flatten() {
            other.end();
        }
    }
}
