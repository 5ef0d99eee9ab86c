//! The machine: stack, marks and memo, and one step an opcode.

use super::super::ctx::Ctx;
use super::super::fault::{Fault, Malformed};
use super::literal::{self, Whole};
use super::memo::{Memo, Spelling};
use super::opcodes;
use crate::bytes::{Limit, Reader};
use crate::graph::{Paged, Value};
use crate::vocabulary::{Functions, Raw};

/// What one pickle of a file has of its own. A nested pickle (joblib's arrays of objects) has a memo and a protocol of its
/// own, on the same stream.
#[derive(Debug)]
pub(super) struct Level {
    /// Which pickle of the file it is.
    pub(super) number: u64,
    pub(super) memo: Memo,
    /// Height of the stack below this pickle's values.
    pub(super) base: usize,
    /// Number of marks below this pickle's own.
    pub(super) marks: usize,
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
    pub(super) stack: Paged<Value>,
    pub(super) marks: Paged<usize>,
    pub(super) levels: Vec<Level>,
    /// Whether another reader is followed already: the first array in the stream is where `pickle.load` parts from us.
    pub(super) followed: bool,
    /// The last bytes of the array that was read last.
    pub(super) tail: Vec<u8>,
    /// The memo of a pickle that has ended.
    pub(super) last: Option<Memo>,
    /// Whether a line ended without a carriage return: then line ends were not changed, and one at the end of a text belongs to it.
    pub(super) ends_lines: bool,
}

impl std::fmt::Debug for Machine<'_, '_, '_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Machine")
            .field("reader", &self.reader)
            .field("stack", &self.stack.len())
            .finish_non_exhaustive()
    }
}

impl<'m, 'r, 'c> Machine<'m, 'r, 'c> {
    /// A machine before the first opcode.
    pub fn new(reader: &'m mut Reader<'r>, ctx: &'m mut Ctx<'c>) -> Machine<'m, 'r, 'c> {
        Machine {
            reader,
            ctx,
            stack: Paged::default(),
            marks: Paged::default(),
            levels: Vec::new(),
            followed: false,
            tail: Vec::new(),
            last: None,
            ends_lines: false,
        }
    }

    /// Reads one pickle to its STOP, with all that is nested in it, and gives its value.
    pub fn load(&mut self) -> Result<Value, Fault> {
        self.stack.truncate(0);
        self.marks.truncate(0);
        self.levels.clear();
        self.begin(None)?;
        if self.ctx.list_opcodes {
            return self.load_listing();
        }
        loop {
            if let Some(value) = self.step()? {
                return Ok(value);
            }
        }
    }

    /// The same, and tells each opcode.
    fn load_listing(&mut self) -> Result<Value, Fault> {
        loop {
            let at = self.reader.offset();
            let head = self.reader.glance(opcodes::SHOWN).to_vec();
            let stepped = self.one_step();
            self.ctx.events.opcode(at, &head, self.reader.offset().saturating_sub(at));
            if let Some(value) = stepped? {
                return Ok(value);
            }
        }
    }

    /// Whether bytes follow the pickle that was read.
    pub fn more(&mut self) -> Result<bool, Fault> {
        Ok(self.reader.peek()?.is_some())
    }

    /// Begins a pickle at the stream's next byte.
    pub(super) fn begin(&mut self, objects_of: Option<Raw>) -> Result<(), Fault> {
        if self.levels.len() as u64 >= self.ctx.budget.limit(Limit::Nested) {
            return Err(self.ctx.budget.exceeded(Limit::Nested).into());
        }
        self.ctx.pickles = self.ctx.pickles.saturating_add(1);
        self.levels.push(Level {
            number: self.ctx.pickles,
            memo: Memo::default(),
            base: self.stack.len(),
            marks: self.marks.len(),
            protocol: 0,
            frame_end: None,
            objects_of,
        });
        Ok(())
    }

    /// The pickle that is being read.
    pub(super) fn level(&mut self) -> Result<&mut Level, Fault> {
        let at = self.reader.offset();
        self.levels.last_mut().ok_or_else(|| Fault::Malformed { at, what: Malformed::Ended })
    }

    /// One opcode, where it is not the only thing to do.
    #[inline(never)]
    fn one_step(&mut self) -> Result<Option<Value>, Fault> {
        self.step()
    }

    /// One opcode. The value, if it ends the outermost pickle. It stands in the loop: to call it takes as long as many an opcode.
    #[inline(always)]
    #[allow(clippy::too_many_lines)] // One table of opcodes reads better whole.
    fn step(&mut self) -> Result<Option<Value>, Fault> {
        let at = self.reader.offset();
        if let Some(level) = self.levels.last_mut() {
            self.ctx.followed.found.passes(at, level.number);
            if level.frame_end == Some(at) {
                level.frame_end = None;
            }
        }
        let Some(opcode) = self.reader.byte()? else { return Err(Fault::Malformed { at, what: Malformed::Ended }) };
        match opcode {
            // Stack and memo.
            b'(' => {
                self.marks.push(self.stack.len(), &mut self.ctx.budget)?;
            }
            b'0' => self.pop_or_mark(at)?,
            b'1' => self.pop_to_mark(at)?,
            b'2' => {
                let top = self.top(at, "DUP")?;
                self.take_again(at, top)?;
            }
            b'p' => {
                let index = self.index_line(at, "PUT")?;
                self.put(at, "PUT", index, Spelling::Text)?;
            }
            b'q' => {
                let [index] = self.argument(at, "BINPUT")?;
                self.put(at, "BINPUT", u64::from(index), Spelling::Bytes)?;
            }
            b'r' => {
                let index = u32::from_le_bytes(self.argument(at, "LONG_BINPUT")?);
                self.put(at, "LONG_BINPUT", u64::from(index), Spelling::Bytes)?;
            }
            0x94 => {
                let top = self.top(at, "MEMOIZE")?;
                if let Some(level) = self.levels.last_mut() {
                    level.memo.append(top, &mut self.ctx.budget)?;
                }
            }
            b'g' => {
                let index = self.index_line(at, "GET")?;
                self.get(at, "GET", index, Spelling::Text)?;
            }
            b'h' => {
                let [index] = self.argument(at, "BINGET")?;
                self.get(at, "BINGET", u64::from(index), Spelling::Bytes)?;
            }
            b'j' => {
                let index = u32::from_le_bytes(self.argument(at, "LONG_BINGET")?);
                self.get(at, "LONG_BINGET", u64::from(index), Spelling::Bytes)?;
            }

            // Numbers.
            b'N' => self.push(Value::NONE)?,
            0x88 => self.push(Value::bool(true))?,
            0x89 => self.push(Value::bool(false))?,
            b'I' => {
                let number = literal::int(self.line(at, "INT")?);
                match number.ok_or_else(|| Fault::Malformed { at, what: Malformed::Number("INT") })? {
                    Whole::Bool(value) => self.push(Value::bool(value))?,
                    Whole::Number(bytes) => self.push_long(&bytes)?,
                }
            }
            b'L' => {
                let number = literal::long(self.line(at, "LONG")?);
                self.push_long(&number.ok_or_else(|| Fault::Malformed { at, what: Malformed::Number("LONG") })?)?;
            }
            b'F' => {
                let number = literal::float(self.line(at, "FLOAT")?);
                self.push_float(number.ok_or_else(|| Fault::Malformed { at, what: Malformed::Number("FLOAT") })?)?;
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
                self.check_keys(at, "DICT", start)?;
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
        // In the middle too it changes which names are mapped from there on, as in CPython's readers.
        self.level()?.protocol = protocol;
        self.ctx.protocols.insert(protocol);
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

    /// Refuses a value that holds a name which may stand only where honest files have it.
    fn settle_given(&mut self, at: u64, value: Value) -> Result<(), Fault> {
        let Some(name) = self.ctx.roles.bound().filter(|_| self.ctx.suspects.is_empty()) else { return Ok(()) };
        let settled = self.ctx.scene(name).settle(value, Functions::Given);
        settled.or_else(|misuse| self.misused(at, Some(name), misuse))
    }

    fn stop(&mut self, at: u64) -> Result<Option<Value>, Fault> {
        let value = self.pop(at, "STOP")?;
        if !self.frame_is_used_up()? {
            return Err(Fault::Malformed { at, what: Malformed::FrameLeft });
        }
        let Some(mut level) = self.levels.pop() else { return Ok(Some(value)) };
        self.ctx.protocols.insert(level.protocol);
        // Python lets go of all that it made, of what is returned last.
        let made = || {
            let memo = level.memo.iter().map(|(_, value)| value);
            self.stack.tail(level.base).copied().chain(memo).chain([value])
        };
        self.ctx.heap.check_depth(made, &mut self.ctx.budget)?;
        self.stack.truncate(level.base);
        self.marks.truncate(level.marks);
        match level.objects_of {
            Some(raw) => {
                self.check_nested(at, raw, value)?;
                self.push(value)?;
                Ok(None)
            }
            None => {
                self.settle_given(at, value)?;
                self.last = Some(std::mem::take(&mut level.memo));
                Ok(Some(value))
            }
        }
    }

    /// A fault of the bytes at this opcode.
    pub(super) fn malformed<T>(&self, at: u64, what: Malformed) -> Result<T, Fault> {
        Err(Fault::Malformed { at, what })
    }
}
