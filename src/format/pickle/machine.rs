//! The machine: stack, marks and memo, and one step an opcode.

use super::super::ctx::Ctx;
use super::super::fault::{Fault, Malformed};
use super::literal::{self, Whole};
use super::memo::Memo;
use crate::bytes::{Limit, Line, Reader};
use crate::graph::{Paged, Value, View};
use crate::vocabulary::Raw;

/// What one pickle of a file has of its own. A nested pickle (joblib's arrays of objects) has a memo and a protocol of its
/// own, on the same stream.
#[derive(Debug)]
pub(super) struct Level {
    memo: Memo,
    /// Height of the stack below this pickle's values.
    base: usize,
    /// Number of marks below this pickle's own.
    marks: usize,
    /// Offset of its first opcode.
    start: u64,
    pub(super) protocol: u8,
    /// End of the frame that the next byte stands in.
    pub(super) frame_end: Option<u64>,
    /// The array in the stream that this pickle holds the objects of.
    pub(super) objects_of: Option<Raw>,
}

/// Reads pickles from a stream.
pub struct Machine<'m, 'r, 'c> {
    pub(super) reader: &'m mut Reader<'r>,
    pub(super) ctx: &'m mut Ctx<'c>,
    stack: Paged<Value>,
    marks: Paged<usize>,
    pub(super) levels: Vec<Level>,
}

impl std::fmt::Debug for Machine<'_, '_, '_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Machine")
            .field("reader", &self.reader)
            .field("stack", &self.stack.len())
            .finish_non_exhaustive()
    }
}

/// Longest line of protocol 0, in bytes.
const LINE: usize = 64 << 10;

impl<'m, 'r, 'c> Machine<'m, 'r, 'c> {
    /// A machine before the first opcode.
    pub fn new(reader: &'m mut Reader<'r>, ctx: &'m mut Ctx<'c>) -> Machine<'m, 'r, 'c> {
        Machine { reader, ctx, stack: Paged::default(), marks: Paged::default(), levels: Vec::new() }
    }

    /// Reads one pickle to its STOP, with all that is nested in it, and gives its value.
    pub fn load(&mut self) -> Result<Value, Fault> {
        self.stack.truncate(0);
        self.marks.truncate(0);
        self.levels.clear();
        self.begin(None)?;
        loop {
            if let Some(value) = self.step()? {
                return Ok(value);
            }
        }
    }

    /// Begins a pickle at the stream's next byte.
    pub(super) fn begin(&mut self, objects_of: Option<Raw>) -> Result<(), Fault> {
        if self.levels.len() as u64 >= self.ctx.budget.limit(Limit::Nested) {
            return Err(self.ctx.budget.exceeded(Limit::Nested).into());
        }
        self.ctx.pickles = self.ctx.pickles.saturating_add(1);
        self.levels.push(Level {
            memo: Memo::default(),
            base: self.stack.len(),
            marks: self.marks.len(),
            start: self.reader.offset(),
            protocol: 0,
            frame_end: None,
            objects_of,
        });
        Ok(())
    }

    /// The pickle that is being read.
    pub(super) fn level(&mut self) -> Result<&mut Level, Fault> {
        let at = self.reader.offset();
        self.levels.last_mut().ok_or(Fault::Malformed { at, what: Malformed::Ended })
    }

    /// One opcode. The value, if it ends the outermost pickle.
    #[allow(clippy::too_many_lines)] // One table of opcodes reads better whole.
    fn step(&mut self) -> Result<Option<Value>, Fault> {
        let at = self.reader.offset();
        let level = self.level()?;
        if level.frame_end == Some(at) {
            level.frame_end = None;
        }
        let Some(opcode) = self.reader.byte()? else { return Err(Fault::Malformed { at, what: Malformed::Ended }) };
        match opcode {
            // Stack and memo.
            b'(' => {
                self.marks.push(self.stack.len(), &mut self.ctx.budget)?;
            }
            b'0' => self.pop_or_mark(at)?,
            b'1' => {
                let height = self.mark(at, "POP_MARK")?;
                self.stack.truncate(height);
            }
            b'2' => {
                let top = self.top(at, "DUP")?;
                self.push(top)?;
            }
            b'p' => {
                let index = self.index_line(at, "PUT")?;
                self.put(at, "PUT", index)?;
            }
            b'q' => {
                let [index] = self.argument(at, "BINPUT")?;
                self.put(at, "BINPUT", u64::from(index))?;
            }
            b'r' => {
                let index = u32::from_le_bytes(self.argument(at, "LONG_BINPUT")?);
                self.put(at, "LONG_BINPUT", u64::from(index))?;
            }
            0x94 => {
                let top = self.top(at, "MEMOIZE")?;
                if let Some(level) = self.levels.last_mut() {
                    level.memo.append(top, &mut self.ctx.budget)?;
                }
            }
            b'g' => {
                let index = self.index_line(at, "GET")?;
                self.get(at, index)?;
            }
            b'h' => {
                let [index] = self.argument(at, "BINGET")?;
                self.get(at, u64::from(index))?;
            }
            b'j' => {
                let index = u32::from_le_bytes(self.argument(at, "LONG_BINGET")?);
                self.get(at, u64::from(index))?;
            }

            // Numbers.
            b'N' => self.push(Value::NONE)?,
            0x88 => self.push(Value::bool(true))?,
            0x89 => self.push(Value::bool(false))?,
            b'I' => {
                let number = literal::int(self.line(at, "INT")?);
                match number.ok_or(Fault::Malformed { at, what: Malformed::Number("INT") })? {
                    Whole::Bool(value) => self.push(Value::bool(value))?,
                    Whole::Number(bytes) => self.push_long(&bytes)?,
                }
            }
            b'L' => {
                let number = literal::long(self.line(at, "LONG")?);
                self.push_long(&number.ok_or(Fault::Malformed { at, what: Malformed::Number("LONG") })?)?;
            }
            b'F' => {
                let number = literal::float(self.line(at, "FLOAT")?);
                self.push_float(number.ok_or(Fault::Malformed { at, what: Malformed::Number("FLOAT") })?)?;
            }
            b'J' => {
                let number = i32::from_le_bytes(self.argument(at, "BININT")?);
                self.push_int(i64::from(number))?;
            }
            b'K' => {
                let [number] = self.argument(at, "BININT1")?;
                self.push_int(i64::from(number))?;
            }
            b'M' => {
                let number = u16::from_le_bytes(self.argument(at, "BININT2")?);
                self.push_int(i64::from(number))?;
            }
            0x8a => {
                let [length] = self.argument(at, "LONG1")?;
                self.long(at, "LONG1", u64::from(length))?;
            }
            0x8b => {
                let length = i32::from_le_bytes(self.argument(at, "LONG4")?);
                let length = self.length(at, "LONG4", i128::from(length))?;
                self.long(at, "LONG4", length)?;
            }
            b'G' => {
                let number = f64::from_be_bytes(self.argument(at, "BINFLOAT")?);
                self.push_float(number)?;
            }

            // Text and bytes: `strings.rs`.
            b'S' => self.string_line(at)?,
            b'V' => self.unicode_line(at)?,
            b'U' => {
                let [length] = self.argument(at, "SHORT_BINSTRING")?;
                self.string(at, "SHORT_BINSTRING", u64::from(length))?;
            }
            b'T' => {
                let length = i32::from_le_bytes(self.argument(at, "BINSTRING")?);
                let length = self.length(at, "BINSTRING", i128::from(length))?;
                self.string(at, "BINSTRING", length)?;
            }
            0x8c => {
                let [length] = self.argument(at, "SHORT_BINUNICODE")?;
                self.text(at, "SHORT_BINUNICODE", u64::from(length))?;
            }
            b'X' => {
                let length = u32::from_le_bytes(self.argument(at, "BINUNICODE")?);
                self.text(at, "BINUNICODE", u64::from(length))?;
            }
            0x8d => {
                let length = u64::from_le_bytes(self.argument(at, "BINUNICODE8")?);
                let length = self.length(at, "BINUNICODE8", i128::from(length))?;
                self.text(at, "BINUNICODE8", length)?;
            }
            b'C' => {
                let [length] = self.argument(at, "SHORT_BINBYTES")?;
                self.bytes(at, "SHORT_BINBYTES", u64::from(length))?;
            }
            b'B' => {
                let length = u32::from_le_bytes(self.argument(at, "BINBYTES")?);
                self.bytes(at, "BINBYTES", u64::from(length))?;
            }
            0x8e => {
                let length = u64::from_le_bytes(self.argument(at, "BINBYTES8")?);
                let length = self.length(at, "BINBYTES8", i128::from(length))?;
                self.bytes(at, "BINBYTES8", length)?;
            }
            0x96 => {
                let length = u64::from_le_bytes(self.argument(at, "BYTEARRAY8")?);
                let length = self.length(at, "BYTEARRAY8", i128::from(length))?;
                self.bytearray(at, length)?;
            }

            // Containers.
            b')' => self.push_tuple(self.stack.len())?,
            0x85 => self.tuple(at, "TUPLE1", 1)?,
            0x86 => self.tuple(at, "TUPLE2", 2)?,
            0x87 => self.tuple(at, "TUPLE3", 3)?,
            b't' => {
                let start = self.mark(at, "TUPLE")?;
                self.push_tuple(start)?;
            }
            b']' => {
                let list = self.ctx.heap.list(&mut self.ctx.budget)?;
                self.push(list)?;
            }
            b'}' => {
                let dict = self.ctx.heap.dict(&mut self.ctx.budget)?;
                self.push(dict)?;
            }
            0x8f => {
                let set = self.ctx.heap.set(&mut self.ctx.budget)?;
                self.push(set)?;
            }
            b'l' => {
                let start = self.mark(at, "LIST")?;
                let list = self.ctx.heap.list(&mut self.ctx.budget)?;
                self.fill(list, start)?;
            }
            b'd' => {
                let start = self.mark(at, "DICT")?;
                self.check_pairs(at, "DICT", start)?;
                let dict = self.ctx.heap.dict(&mut self.ctx.budget)?;
                self.fill(dict, start)?;
            }
            0x91 => {
                let start = self.mark(at, "FROZENSET")?;
                self.check_items(at, "FROZENSET", start)?;
                let set = self.ctx.heap.frozenset(&mut self.ctx.budget)?;
                self.fill(set, start)?;
            }
            b'a' => {
                let start = self.below(at, "APPEND", 1)?;
                self.append(at, "APPEND", start)?;
            }
            b'e' => {
                let start = self.mark(at, "APPENDS")?;
                self.append(at, "APPENDS", start)?;
            }
            b's' => {
                let start = self.below(at, "SETITEM", 2)?;
                self.set_items(at, "SETITEM", start)?;
            }
            b'u' => {
                let start = self.mark(at, "SETITEMS")?;
                self.set_items(at, "SETITEMS", start)?;
            }
            0x90 => {
                let start = self.mark(at, "ADDITEMS")?;
                self.add_items(at, start)?;
            }

            // Names and objects: `acts.rs`.
            b'c' => self.global(at)?,
            0x93 => self.stack_global(at)?,
            b'R' => self.reduce(at)?,
            b'b' => self.build(at)?,
            b'i' => self.inst(at)?,
            b'o' => self.obj(at)?,
            0x81 => self.new_object(at, "NEWOBJ", None)?,
            0x92 => {
                let keywords = self.pop(at, "NEWOBJ_EX")?;
                self.new_object(at, "NEWOBJ_EX", Some(keywords))?;
            }

            // What asks for something from outside.
            b'P' => return Err(Fault::Outside { at, opcode: "PERSID", asks: "an object of its own" }),
            b'Q' => return Err(Fault::Outside { at, opcode: "BINPERSID", asks: "an object of its own" }),
            0x82 => return Err(Fault::Outside { at, opcode: "EXT1", asks: "a name that it has registered" }),
            0x83 => return Err(Fault::Outside { at, opcode: "EXT2", asks: "a name that it has registered" }),
            0x84 => return Err(Fault::Outside { at, opcode: "EXT4", asks: "a name that it has registered" }),
            0x97 => return Err(Fault::Outside { at, opcode: "NEXT_BUFFER", asks: "a buffer of its own" }),
            0x98 => return Err(Fault::Outside { at, opcode: "READONLY_BUFFER", asks: "a buffer of its own" }),

            // The pickle itself.
            0x80 => {
                let [protocol] = self.argument(at, "PROTO")?;
                self.protocol(at, protocol)?;
            }
            0x95 => {
                let length = u64::from_le_bytes(self.argument(at, "FRAME")?);
                self.frame(at, length)?;
            }
            b'.' => return self.stop(at),
            other => return Err(Fault::Malformed { at, what: Malformed::Opcode(other) }),
        }
        Ok(None)
    }

    fn protocol(&mut self, at: u64, protocol: u8) -> Result<(), Fault> {
        if protocol > 5 {
            return Err(Fault::Malformed { at, what: Malformed::Protocol(protocol) });
        }
        let level = self.level()?;
        if level.start != at {
            return Err(Fault::Malformed { at, what: Malformed::LateProtocol });
        }
        level.protocol = protocol;
        Ok(())
    }

    fn frame(&mut self, at: u64, length: u64) -> Result<(), Fault> {
        self.length(at, "FRAME", i128::from(length))?;
        let start = self.reader.offset();
        let level = self.level()?;
        if level.frame_end.is_some() {
            return Err(Fault::Malformed { at, what: Malformed::FrameInFrame });
        }
        level.frame_end = Some(start.saturating_add(length));
        Ok(())
    }

    /// Whether the frame, if there is one, ends at the stream's next byte.
    pub(super) fn frame_is_used_up(&mut self) -> Result<bool, Fault> {
        let next = self.reader.offset();
        Ok(self.level()?.frame_end.is_none_or(|end| end == next))
    }

    fn stop(&mut self, at: u64) -> Result<Option<Value>, Fault> {
        let value = self.pop(at, "STOP")?;
        if !self.frame_is_used_up()? {
            return Err(Fault::Malformed { at, what: Malformed::FrameLeft });
        }
        let Some(level) = self.levels.pop() else { return Ok(Some(value)) };
        self.ctx.protocols.insert(level.protocol);
        self.stack.truncate(level.base);
        self.marks.truncate(level.marks);
        match level.objects_of {
            Some(raw) => {
                self.check_nested(at, raw, value)?;
                self.push(value)?;
                Ok(None)
            }
            None => Ok(Some(value)),
        }
    }

    /// A fault of the bytes at this opcode.
    pub(super) fn malformed<T>(&self, at: u64, what: Malformed) -> Result<T, Fault> {
        Err(Fault::Malformed { at, what })
    }

    // ---- the stack

    pub(super) fn push(&mut self, value: Value) -> Result<(), Fault> {
        self.stack.push(value, &mut self.ctx.budget)?;
        Ok(())
    }

    fn push_int(&mut self, number: i64) -> Result<(), Fault> {
        let value = self.ctx.heap.int(number, &mut self.ctx.budget)?;
        self.push(value)
    }

    fn push_long(&mut self, bytes: &[u8]) -> Result<(), Fault> {
        let value = self.ctx.heap.long(bytes, &mut self.ctx.budget)?;
        self.push(value)
    }

    fn push_float(&mut self, number: f64) -> Result<(), Fault> {
        let value = self.ctx.heap.float(number, &mut self.ctx.budget)?;
        self.push(value)
    }

    /// Height below which an opcode must not reach: the last mark, or the pickle's own base.
    #[inline]
    fn fence(&self) -> usize {
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
        self.stack.pop().ok_or(Fault::Malformed { at, what: Malformed::Stack(opcode) })
    }

    #[inline]
    pub(super) fn top(&self, at: u64, opcode: &'static str) -> Result<Value, Fault> {
        let top = self.stack.len().checked_sub(1).filter(|_| self.stack.len() > self.fence());
        let top = top.and_then(|top| self.stack.get(top)).copied();
        top.ok_or(Fault::Malformed { at, what: Malformed::Stack(opcode) })
    }

    /// POP takes a value, or a mark if nothing stands on it (`load_pop` in `Modules/_pickle.c`).
    fn pop_or_mark(&mut self, at: u64) -> Result<(), Fault> {
        let own_marks = self.levels.last().is_some_and(|level| self.marks.len() > level.marks);
        if own_marks && self.stack.len() == self.fence() {
            self.marks.pop();
            return Ok(());
        }
        self.pop(at, "POP").map(|_| ())
    }

    /// Takes the last mark; gives the height that it marks.
    pub(super) fn mark(&mut self, at: u64, opcode: &'static str) -> Result<usize, Fault> {
        let own = self.levels.last().is_some_and(|level| self.marks.len() > level.marks);
        let mark = if own { self.marks.pop() } else { None };
        mark.ok_or(Fault::Malformed { at, what: Malformed::Mark(opcode) })
    }

    /// The height below the last `count` values.
    fn below(&self, at: u64, opcode: &'static str, count: usize) -> Result<usize, Fault> {
        let start = self.stack.len().checked_sub(count).filter(|start| *start >= self.fence());
        start.ok_or(Fault::Malformed { at, what: Malformed::Stack(opcode) })
    }

    /// The value below height `start`, which items are put into: it may not stand below a mark.
    pub(super) fn target(&self, at: u64, opcode: &'static str, start: usize) -> Result<Value, Fault> {
        let below = start.checked_sub(1).filter(|below| *below >= self.fence());
        let target = below.and_then(|below| self.stack.get(below)).copied();
        target.ok_or(Fault::Malformed { at, what: Malformed::Stack(opcode) })
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
        let stack = &self.stack;
        let items = (start..stack.len()).map(|height| stack.get(height).copied().unwrap_or(Value::NONE));
        let tuple = self.ctx.heap.tuple(items, &mut self.ctx.budget)?;
        self.stack.truncate(start);
        Ok(tuple)
    }

    fn push_tuple(&mut self, start: usize) -> Result<(), Fault> {
        let tuple = self.take_tuple(start)?;
        self.push(tuple)
    }

    fn tuple(&mut self, at: u64, opcode: &'static str, count: usize) -> Result<(), Fault> {
        let start = self.below(at, opcode, count)?;
        self.push_tuple(start)
    }

    /// Puts all values from `start` on into a new container, and pushes it.
    fn fill(&mut self, container: Value, start: usize) -> Result<(), Fault> {
        self.put_into(container, start)?;
        self.push(container)
    }

    /// Puts all values from `start` on into a container, and takes them from the stack.
    pub(super) fn put_into(&mut self, container: Value, start: usize) -> Result<(), Fault> {
        for height in start..self.stack.len() {
            let value = self.stack.get(height).copied().unwrap_or(Value::NONE);
            self.ctx.heap.push(container, value, &mut self.ctx.budget)?;
        }
        self.stack.truncate(start);
        Ok(())
    }

    /// Checks that keys and values follow in turn, and that Python can hash the keys.
    pub(super) fn check_pairs(&self, at: u64, opcode: &'static str, start: usize) -> Result<(), Fault> {
        if !self.stack.len().saturating_sub(start).is_multiple_of(2) {
            return self.malformed(at, Malformed::OddItems(opcode));
        }
        for height in (start..self.stack.len()).step_by(2) {
            self.check_hashable(at, opcode, height)?;
        }
        Ok(())
    }

    /// Checks that Python can hash all values from `start` on.
    pub(super) fn check_items(&self, at: u64, opcode: &'static str, start: usize) -> Result<(), Fault> {
        (start..self.stack.len()).try_for_each(|height| self.check_hashable(at, opcode, height))
    }

    #[inline]
    fn check_hashable(&self, at: u64, opcode: &'static str, height: usize) -> Result<(), Fault> {
        let value = self.stack.get(height).copied().unwrap_or(Value::NONE);
        if self.ctx.heap.is_hashable(value) {
            return Ok(());
        }
        self.malformed(at, Malformed::Unhashable(opcode, self.ctx.heap.view(value).kind()))
    }

    // ---- the memo

    fn put(&mut self, at: u64, opcode: &'static str, index: u64) -> Result<(), Fault> {
        let top = self.top(at, opcode)?;
        if let Some(level) = self.levels.last_mut() {
            level.memo.put(index, top, &mut self.ctx.budget)?;
        }
        Ok(())
    }

    fn get(&mut self, at: u64, index: u64) -> Result<(), Fault> {
        let value = self.levels.last().and_then(|level| level.memo.get(index));
        match value {
            Some(value) => self.push(value),
            None => self.malformed(at, Malformed::Memo(index)),
        }
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
    #[inline]
    fn argument<const N: usize>(&mut self, at: u64, opcode: &'static str) -> Result<[u8; N], Fault> {
        self.inside_frame(at, opcode, N as u64)?;
        self.reader.array()?.ok_or(Fault::Malformed { at, what: Malformed::Ended })
    }

    /// A length, if it is one that a file can have.
    fn length(&self, at: u64, opcode: &'static str, length: i128) -> Result<u64, Fault> {
        let fits = u64::try_from(length).ok().filter(|length| i64::try_from(*length).is_ok());
        fits.ok_or(Fault::Malformed { at, what: Malformed::Length(opcode, length) })
    }

    /// An argument that ends with its line.
    pub(super) fn line(&mut self, at: u64, opcode: &'static str) -> Result<&[u8], Fault> {
        let frame_end = self.levels.last().and_then(|level| level.frame_end);
        let start = self.reader.offset();
        let line = match self.reader.line(LINE)? {
            Line::Whole(line) => line,
            Line::TooLong => return Err(Fault::Malformed { at, what: Malformed::Line(opcode) }),
            Line::Ended => return Err(Fault::Malformed { at, what: Malformed::Ended }),
        };
        let end = start.saturating_add(line.len() as u64).saturating_add(1);
        if frame_end.is_some_and(|frame_end| end > frame_end) {
            return Err(Fault::Malformed { at, what: Malformed::CrossesFrame(opcode) });
        }
        if line.ends_with(b"\r") {
            return Err(Fault::Malformed { at, what: Malformed::LineEnd(opcode) });
        }
        Ok(line)
    }

    fn index_line(&mut self, at: u64, opcode: &'static str) -> Result<u64, Fault> {
        let index = literal::index(self.line(at, opcode)?);
        index.ok_or(Fault::Malformed { at, what: Malformed::Number(opcode) })
    }

    fn long(&mut self, at: u64, opcode: &'static str, length: u64) -> Result<(), Fault> {
        let bytes = self.run(at, opcode, length)?;
        self.push_long(&bytes)
    }

    /// The state of an array that is being put together on the stack: its dtype and number of axes, when the value that
    /// comes next will be its bytes.
    pub(super) fn array_ahead(&self) -> Option<(crate::graph::DTypeId, usize)> {
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
