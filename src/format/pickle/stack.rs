//! The machine's stack, marks and memo, and the arguments that it reads.

use super::super::fault::{Fault, Malformed};
use super::acts::GIVEN;
use super::literal;
use super::machine::Machine;
use super::memo::Spelling;
use crate::bytes::Line;
use crate::graph::{DTypeId, Value, View};
use crate::vocabulary::{CLASH, INTERFACE, Misuse, is_array_interface};

/// Longest line of protocol 0 that is no text, in bytes.
const LINE: usize = 64 << 10;

impl Machine<'_, '_, '_> {
    #[inline]
    pub(super) fn push(&mut self, value: Value) -> Result<(), Fault> {
        self.stack.push(value, &mut self.ctx.budget)?;
        Ok(())
    }

    #[inline]
    pub(super) fn push_int(&mut self, number: i64) -> Result<(), Fault> {
        let value = self.ctx.heap.int(number, &mut self.ctx.budget)?;
        self.push(value)
    }

    pub(super) fn push_long(&mut self, bytes: &[u8]) -> Result<(), Fault> {
        let value = self.ctx.heap.long(bytes, &mut self.ctx.budget)?;
        self.push(value)
    }

    #[inline]
    pub(super) fn push_float(&mut self, number: f64) -> Result<(), Fault> {
        let value = self.ctx.heap.float(number, &mut self.ctx.budget)?;
        self.push(value)
    }

    /// Height below which an opcode must not reach: the last mark, or the pickle's own base.
    #[inline]
    pub(super) fn fence(&self) -> usize {
        let Some(level) = self.levels.last() else { return 0 };
        match self.marks.len().checked_sub(1).filter(|last| *last >= level.marks) {
            Some(last) => self.marks.get(last).copied().unwrap_or(level.base),
            None => level.base,
        }
    }

    #[inline]
    pub(super) fn pop(&mut self, at: u64, opcode: &'static str) -> Result<Value, Fault> {
        if self.stack.len() <= self.fence() {
            return self.malformed(at, Malformed::Stack(opcode));
        }
        self.stack.pop().ok_or_else(|| Fault::Malformed { at, what: Malformed::Stack(opcode) })
    }

    #[inline]
    pub(super) fn top(&self, at: u64, opcode: &'static str) -> Result<Value, Fault> {
        let top = self.stack.len().checked_sub(1).filter(|_| self.stack.len() > self.fence());
        let top = top.and_then(|top| self.stack.get(top)).copied();
        top.ok_or_else(|| Fault::Malformed { at, what: Malformed::Stack(opcode) })
    }

    /// POP takes a value, or a mark if nothing stands on it (`load_pop` in `Modules/_pickle.c`).
    pub(super) fn pop_or_mark(&mut self, at: u64) -> Result<(), Fault> {
        let own_marks = self.levels.last().is_some_and(|level| self.marks.len() > level.marks);
        if own_marks && self.stack.len() == self.fence() {
            self.marks.pop();
            return Ok(());
        }
        let value = self.pop(at, "POP")?;
        self.leave(value)
    }

    /// POP_MARK.
    pub(super) fn pop_to_mark(&mut self, at: u64) -> Result<(), Fault> {
        let height = self.mark(at, "POP_MARK")?;
        while self.stack.len() > height {
            let Some(value) = self.stack.pop() else { break };
            self.leave(value)?;
        }
        Ok(())
    }

    /// Looks at a value that the file makes and leaves: Python takes it apart like any other, and some containers by a call for each
    /// level. No writer leaves more than a tuple, so that looking counts as making values.
    #[inline]
    fn leave(&mut self, value: Value) -> Result<(), Fault> {
        if !self.ctx.heap.holds_more(value) && self.ctx.heap.as_array(value).is_none() {
            return Ok(());
        }
        let steps = self.ctx.heap.steps_below(|| std::iter::once(value), &mut self.ctx.budget)?;
        self.ctx.budget.values(steps)?;
        Ok(())
    }

    /// Takes the last mark; gives the height that it marks.
    #[inline]
    pub(super) fn mark(&mut self, at: u64, opcode: &'static str) -> Result<usize, Fault> {
        let own = self.levels.last().is_some_and(|level| self.marks.len() > level.marks);
        let mark = if own { self.marks.pop() } else { None };
        mark.ok_or_else(|| Fault::Malformed { at, what: Malformed::Mark(opcode) })
    }

    /// The height below the last `count` values.
    #[inline]
    pub(super) fn below(&self, at: u64, opcode: &'static str, count: usize) -> Result<usize, Fault> {
        let start = self.stack.len().checked_sub(count).filter(|start| *start >= self.fence());
        start.ok_or_else(|| Fault::Malformed { at, what: Malformed::Stack(opcode) })
    }

    /// The value below height `start`, which items are put into: it may not stand below a mark.
    pub(super) fn target(&self, at: u64, opcode: &'static str, start: usize) -> Result<Value, Fault> {
        let below = start.checked_sub(1).filter(|below| *below >= self.fence());
        let target = below.and_then(|below| self.stack.get(below)).copied();
        target.ok_or_else(|| Fault::Malformed { at, what: Malformed::Stack(opcode) })
    }

    pub(super) fn height(&self) -> usize {
        self.stack.len()
    }

    pub(super) fn at_height(&self, height: usize) -> Option<Value> {
        self.stack.get(height).copied()
    }

    pub(super) fn truncate(&mut self, height: usize) {
        self.stack.truncate(height);
    }

    /// Makes a tuple of all values from `start` on.
    pub(super) fn take_tuple(&mut self, start: usize) -> Result<Value, Fault> {
        let (heap, budget) = (&mut self.ctx.heap, &mut self.ctx.budget);
        let tuple = match self.stack.run(start) {
            Some(items) => heap.tuple(items.iter().copied(), budget)?,
            None => heap.tuple(self.stack.tail(start).copied(), budget)?,
        };
        self.stack.truncate(start);
        Ok(tuple)
    }

    pub(super) fn push_tuple(&mut self, start: usize) -> Result<(), Fault> {
        let tuple = self.take_tuple(start)?;
        self.push(tuple)
    }

    pub(super) fn tuple(&mut self, at: u64, opcode: &'static str, count: usize) -> Result<(), Fault> {
        let start = self.below(at, opcode, count)?;
        self.push_tuple(start)
    }

    /// Puts all values from `start` on into a new container, and pushes it.
    pub(super) fn fill(&mut self, container: Value, start: usize) -> Result<(), Fault> {
        self.put_into(container, start)?;
        self.push(container)
    }

    /// Puts all values from `start` on into a container, and takes them from the stack.
    pub(super) fn put_into(&mut self, container: Value, start: usize) -> Result<(), Fault> {
        let (heap, budget) = (&mut self.ctx.heap, &mut self.ctx.budget);
        match self.stack.run(start) {
            Some(items) => heap.extend(container, items.iter().copied(), budget)?,
            None => heap.extend(container, self.stack.tail(start).copied(), budget)?,
        }
        self.stack.truncate(start);
        Ok(())
    }

    /// Checks that keys and values follow in turn.
    pub(super) fn check_pairs(&mut self, at: u64, opcode: &'static str, start: usize) -> Result<(), Fault> {
        if !self.stack.len().saturating_sub(start).is_multiple_of(2) {
            return self.malformed(at, Malformed::OddItems(opcode));
        }
        Ok(())
    }

    /// Checks that Python can hash every second value from `start` on.
    pub(super) fn check_keys(&mut self, at: u64, opcode: &'static str, start: usize) -> Result<(), Fault> {
        for height in (start..self.stack.len()).step_by(2) {
            self.check_hashable(at, opcode, height)?;
            let pair = [height, height.saturating_add(1)].map(|height| self.stack.get(height).copied());
            if let [Some(key), Some(value)] = pair
                && is_array_interface(&self.ctx.heap, key, value)
            {
                self.misused(at, None, Misuse::act(INTERFACE, "an honest file has no such dict"))?;
            }
        }
        Ok(())
    }

    /// Checks that Python can hash all values from `start` on.
    pub(super) fn check_items(&mut self, at: u64, opcode: &'static str, start: usize) -> Result<(), Fault> {
        (start..self.stack.len()).try_for_each(|height| self.check_hashable(at, opcode, height))
    }

    #[inline]
    pub(super) fn check_hashable(&mut self, at: u64, opcode: &'static str, height: usize) -> Result<(), Fault> {
        let value = self.stack.get(height).copied().unwrap_or(Value::NONE);
        if self.ctx.heap.is_hashable(value) {
            if self.ctx.heap.clashes(value, &mut self.ctx.budget)? {
                let misuse = Misuse::act(CLASH, "an honest file has no thousand keys of one hash");
                return Err(Fault::Misused { at, name: None, misuse });
            }
            return Ok(());
        }
        // Of what a refused name makes nobody knows whether Python can hash it.
        if !self.ctx.suspects.is_empty() {
            return Ok(());
        }
        self.malformed(at, Malformed::Unhashable(opcode, self.ctx.heap.view(value).kind()))
    }

    // ---- the memo

    pub(super) fn put(&mut self, at: u64, opcode: &'static str, index: u64, spelling: Spelling) -> Result<(), Fault> {
        let top = self.top(at, opcode)?;
        self.spelled(at, opcode, spelling)?;
        if self.levels.last().is_some_and(|level| !level.memo.is_reasonable(index)) {
            // Said at the end: what the file does with it says more of it.
            self.ctx.far.get_or_insert(Fault::Malformed { at, what: Malformed::FarIndex(opcode, index) });
        }
        if let Some(level) = self.levels.last_mut() {
            level.memo.put(index, top, &mut self.ctx.budget)?;
        }
        Ok(())
    }

    #[inline]
    pub(super) fn get(&mut self, at: u64, opcode: &'static str, index: u64, spelling: Spelling) -> Result<(), Fault> {
        self.spelled(at, opcode, spelling)?;
        let value = self.levels.last().and_then(|level| level.memo.get(index));
        match value {
            Some(value) => self.take_again(at, value),
            None => self.malformed(at, Malformed::Memo(index)),
        }
    }

    /// Pushes a value that is somewhere already.
    #[inline]
    pub(super) fn take_again(&mut self, at: u64, value: Value) -> Result<(), Fault> {
        if !self.ctx.heap.share(value) && !self.refused() {
            return self.misused(
                at,
                None,
                Misuse::act("a dict is taken that was given to an object, which may have changed it", GIVEN),
            );
        }
        self.push(value)
    }

    /// Checks that an index is written as all others of the pickle are.
    #[inline]
    fn spelled(&mut self, at: u64, opcode: &'static str, spelling: Spelling) -> Result<(), Fault> {
        if self.levels.last_mut().is_none_or(|level| level.memo.takes(spelling)) {
            return Ok(());
        }
        self.malformed(at, Malformed::MixedIndices(opcode))
    }

    // ---- arguments

    /// Checks that an argument of `length` bytes ends within its frame.
    #[inline]
    pub(super) fn inside_frame(&self, at: u64, opcode: &'static str, length: u64) -> Result<(), Fault> {
        match self.levels.last().and_then(|level| level.frame_end) {
            Some(end) if self.reader.offset().saturating_add(length) > end => {
                self.malformed(at, Malformed::CrossesFrame(opcode))
            }
            _ => Ok(()),
        }
    }

    /// An argument of fixed length.
    #[inline(always)]
    pub(super) fn argument<const N: usize>(&mut self, at: u64, opcode: &'static str) -> Result<[u8; N], Fault> {
        self.inside_frame(at, opcode, N as u64)?;
        self.reader.array()?.ok_or_else(|| Fault::Malformed { at, what: Malformed::Ended })
    }

    /// A length, if it is one that a file can have.
    pub(super) fn length(&self, at: u64, opcode: &'static str, length: i128) -> Result<u64, Fault> {
        let fits = u64::try_from(length).ok().filter(|length| i64::try_from(*length).is_ok());
        fits.ok_or_else(|| Fault::Malformed { at, what: Malformed::Length(opcode, length) })
    }

    /// An argument that ends with its line.
    pub(super) fn line(&mut self, at: u64, opcode: &'static str) -> Result<&[u8], Fault> {
        let frame_end = self.levels.last().and_then(|level| level.frame_end);
        let start = self.reader.offset();
        let line = match self.reader.line(LINE)? {
            Line::Whole(line) => line,
            Line::TooLong => return Err(Fault::Malformed { at, what: Malformed::Line(opcode) }),
            Line::Ended => return Err(Fault::Malformed { at, what: Malformed::EndedInLine }),
        };
        let end = start.saturating_add(line.len() as u64).saturating_add(1);
        if frame_end.is_some_and(|frame_end| end > frame_end) {
            return Err(Fault::Malformed { at, what: Malformed::CrossesFrame(opcode) });
        }
        if let Some(line) = line.strip_suffix(b"\r") {
            let module = std::str::from_utf8(line).ok().filter(|_| opcode == "GLOBAL");
            module.into_iter().for_each(|module| self.ctx.asks_for(module, None));
            return Err(Fault::Malformed { at, what: Malformed::LineEnd(opcode) });
        }
        self.ends_lines = true;
        Ok(line)
    }

    /// A line of text, of any length: below protocol 3, the bytes of arrays are text too. What is longer than other lines
    /// may be is paid for.
    pub(super) fn text_line(&mut self, at: u64, opcode: &'static str) -> Result<Vec<u8>, Fault> {
        let start = self.reader.offset();
        let (mut line, mut paid) = (Vec::new(), LINE);
        loop {
            let Some((piece, ended)) = self.reader.piece_of_line()? else {
                return Err(Fault::Malformed { at, what: Malformed::EndedInLine });
            };
            line.extend_from_slice(piece);
            if line.len() > paid {
                self.ctx.budget.memory(line.len().saturating_sub(paid) as u64)?;
                paid = line.len();
            }
            if ended {
                break;
            }
        }
        self.inside_line(at, opcode, start, &line)?;
        Ok(line)
    }

    /// Checks that a line ends in its frame, and was not changed by what changes line ends.
    fn inside_line(&mut self, at: u64, opcode: &'static str, start: u64, line: &[u8]) -> Result<(), Fault> {
        let end = start.saturating_add(line.len() as u64).saturating_add(1);
        let frame_end = self.levels.last().and_then(|level| level.frame_end);
        if frame_end.is_some_and(|frame_end| end > frame_end) {
            return Err(Fault::Malformed { at, what: Malformed::CrossesFrame(opcode) });
        }
        if !line.ends_with(b"\r") {
            self.ends_lines = true;
        } else if !self.ends_lines || opcode != "UNICODE" {
            return Err(Fault::Malformed { at, what: Malformed::LineEnd(opcode) });
        }
        Ok(())
    }

    pub(super) fn index_line(&mut self, at: u64, opcode: &'static str) -> Result<u64, Fault> {
        let index = literal::index(self.line(at, opcode)?);
        index.ok_or_else(|| Fault::Malformed { at, what: Malformed::Number(opcode) })
    }

    pub(super) fn long(&mut self, at: u64, opcode: &'static str, length: u64) -> Result<(), Fault> {
        let bytes = self.run(at, opcode, length)?;
        self.push_long(&bytes)
    }

    /// The state of an array that is being put together on the stack: its dtype and number of axes, when the value that
    /// comes next will be its bytes.
    pub(super) fn array_ahead(&self) -> Option<(DTypeId, usize)> {
        let below =
            |depth: usize| self.stack.len().checked_sub(depth).and_then(|height| self.stack.get(height)).copied();
        let heap = &self.ctx.heap;
        if !matches!(heap.view(below(1)?), View::Bool(_) | View::Int(0 | 1)) {
            return None;
        }
        let View::DType(dtype, _) = heap.view(below(2)?) else { return None };
        let axes = heap.as_tuple(below(3)?)?.len();
        matches!(heap.view(below(4)?), View::Int(1)).then_some((dtype, axes))
    }
}
