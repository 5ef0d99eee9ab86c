//! Shadows: how another reader would take the same bytes.
//!
//! joblib files mean one thing to joblib, and another to whoever reads them with something else: `pickle.load` takes an
//! array's bytes for opcodes, joblib before 1.2 takes the padding of an array for its first elements, and an array of objects
//! shares its memo with the file around it; so do several pickles that are read by one `Unpickler`. Such a reader is nearly
//! always stopped by the first byte. A shadow follows it from where it parts from ours until it stops, and refuses the file if
//! it would fetch a name that can run code before that.
//!
//! A shadow knows kinds of values, and texts. It stops only where CPython certainly raises; where it merely does not know it
//! goes on, and refuses a name, or a state that is run, of which it does not know that it is harmless. It is fed as the bytes
//! come, so it may be ahead of the machine, and costs nothing once the other reader has stopped.

use crate::graph::{DTypeKind, Heap, Name, NameId, Value, View, is_text};
use crate::vocabulary::{Role, Roles, Shape, Vocabulary};
use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;

/// What a shadow found: where, and what the other reader would do.
pub type Found = Rc<RefCell<Option<(u64, String)>>>;

/// How the other reader parts from ours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Parts {
    /// It takes bytes that are none for opcodes.
    Opcodes,
    /// The same, and it takes the padding of later arrays for their elements.
    Elements,
    /// It takes the pickle inside an array for a part of the one around it, and what follows it for another one.
    Nested,
    /// It reads all pickles with one memo.
    Shared,
}

/// A value, as far as a shadow knows it.
#[derive(Debug, Clone)]
enum Val {
    None,
    /// Whether it comes from the memo, where the other reader may find another one than we do.
    Text(Rc<[u8]>, bool),
    /// A text that is too long to be kept.
    LongText,
    /// A number, bytes, an array of numbers: nothing that could stand for a mapping.
    Plain,
    Name(Option<Shape>),
    Object(Option<Shape>),
    Container,
    Other,
    /// Anything.
    Wild,
}

/// Longest text that is kept. A longer one stands for any name.
const TEXT: usize = 256;
/// Longest line that is looked at.
const LINE: usize = 64 << 10;
/// Most values and memo entries that are kept.
const MOST: usize = 100_000;

/// What a shadow begins with.
#[derive(Debug, Default)]
pub(super) struct Base {
    stack: Vec<Val>,
    marks: Vec<usize>,
    memo: HashMap<u64, Val>,
    /// Whether the stack goes on below, and the memo holds more.
    open: bool,
    distribution: bool,
}

impl Base {
    /// The stack's upper values, and the memo; `None` for a memo that is not looked at.
    pub fn new(
        heap: &Heap,
        roles: &Roles,
        stack: impl Iterator<Item = Value>,
        memo: Option<&mut dyn Iterator<Item = (u64, Value)>>,
    ) -> Base {
        let val = |value| Val::of(heap, roles, value);
        let distribution = heap.names.iter().any(|(id, _)| roles.shape(id) == Some(Shape::Distribution));
        let open = memo.is_none();
        let memo = memo.into_iter().flatten().map(|(index, value)| (index, val(value))).collect();
        Base { stack: stack.map(val).collect(), marks: Vec::new(), memo, open, distribution }
    }

    /// Nothing is known of the stack and the memo.
    pub fn unknown(distribution: bool) -> Base {
        Base { open: true, distribution, ..Base::default() }
    }

    /// Whether a distribution of scipy's was asked for.
    pub fn distribution(&self) -> bool {
        self.distribution
    }

    /// The same, with these marks on the stack.
    #[must_use]
    pub fn with_marks(mut self, marks: Vec<usize>) -> Base {
        self.marks = marks;
        self
    }

    /// The same, with an array of this kind of elements on the stack.
    #[must_use]
    pub fn with_an_array(mut self, kind: DTypeKind) -> Base {
        self.stack.push(if is_number(kind) { Val::Plain } else { Val::Other });
        self
    }
}

/// Whether elements are numbers: no pairs of texts, of which a dict could be made.
fn is_number(kind: DTypeKind) -> bool {
    matches!(kind, DTypeKind::Bool | DTypeKind::Int | DTypeKind::Uint | DTypeKind::Float | DTypeKind::Complex)
}

impl Val {
    fn of(heap: &Heap, roles: &Roles, value: Value) -> Val {
        let shape = |id: NameId| roles.shape(id);
        if let Some((_, object)) = heap.as_object(value) {
            return Val::Object(shape(object.name));
        }
        match heap.view(value) {
            View::None => Val::None,
            View::Latin(_) => Val::LongText,
            View::Text(text) => Val::text(text.bytes()).tainted(),
            View::Name(id, _) => Val::Name(shape(id)),
            View::Tuple(_) | View::List(_) | View::Dict(_) | View::Set(_) | View::FrozenSet(_) => Val::Container,
            View::Array(array) => {
                let dtype = heap.get_dtype(array.dtype).map(|dtype| dtype.kind);
                if dtype.is_some_and(is_number) { Val::Plain } else { Val::Other }
            }
            View::Bool(_) | View::Int(_) | View::Long(_) | View::Float(_) | View::Bytes(_) | View::ByteArray(_) => {
                Val::Plain
            }
            _ => Val::Other,
        }
    }

    fn tainted(self) -> Val {
        match self {
            Val::Text(text, _) => Val::Text(text, true),
            other => other,
        }
    }

    fn text(bytes: &[u8]) -> Val {
        if bytes.len() <= TEXT { Val::Text(Rc::from(bytes), false) } else { Val::LongText }
    }
}

/// Whether Python's `int` might read a line that we do not.
fn is_near_number(line: &[u8]) -> bool {
    line.iter().any(u8::is_ascii_digit)
        && line.iter().all(|byte| byte.is_ascii_digit() || byte.is_ascii_whitespace() || b"+-_\x0bL".contains(byte))
}

/// Whether Python may read an argument that ends with its line as what the opcode asks for; a text in quotes, a number.
fn may_be_read(opcode: u8, line: &[u8], whole: bool) -> bool {
    match opcode {
        b'S' => {
            let quote = line.first().filter(|first| matches!(first, b'\'' | b'"'));
            quote.is_some() && (!whole || (line.len() > 1 && line.last() == quote))
        }
        b'I' | b'L' | b'F' => line
            .iter()
            .all(|byte| byte.is_ascii_alphanumeric() || byte.is_ascii_whitespace() || b"+-._\x0b".contains(byte)),
        _ => true,
    }
}

/// Whether the beginning of a line that is too long to be kept could be that of a module.
fn may_be_module(line: &[u8]) -> bool {
    let line = line.split(|byte| *byte == b'\n').next().unwrap_or_default();
    line.iter().all(|byte| byte.is_ascii_alphanumeric() || !byte.is_ascii() || b"._".contains(byte))
}

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

/// A reader that is followed.
pub(super) struct Shadow {
    parts: Parts,
    vocabulary: Vocabulary,
    stack: Vec<Val>,
    /// Values above those that are kept.
    lost: usize,
    /// Whether there may be values below those that are known.
    bottomless: bool,
    marks: Vec<usize>,
    base: Base,
    memo: HashMap<u64, (Val, bool)>,
    /// Whether an entry of the memo may be missing here, or stand at another index.
    blurred: bool,
    entries: u64,
    protocol: u8,
    /// End of the bytes that are none of our opcodes, if it is known.
    foreign: u64,
    /// Offset of the first byte of `waiting`, or of the next byte.
    at: u64,
    waiting: Vec<u8>,
    skip: u64,
    line: bool,
    found: Found,
    survived: Rc<Cell<bool>>,
}

impl Shadow {
    /// A reader that takes the bytes from `at` on for opcodes.
    pub fn new(parts: Parts, at: u64, base: Base, vocabulary: &Vocabulary, found: &Found) -> Shadow {
        let (entries, bottomless) = (base.memo.len() as u64, parts != Parts::Shared);
        Shadow {
            parts,
            vocabulary: vocabulary.clone(),
            stack: base.stack.clone(),
            lost: 0,
            bottomless,
            marks: base.marks.clone(),
            blurred: base.open,
            base,
            memo: HashMap::new(),
            entries,
            protocol: 0,
            foreign: at,
            at,
            waiting: Vec::new(),
            skip: 0,
            line: false,
            found: found.clone(),
            survived: Rc::default(),
        }
    }

    /// The same, for which these many bytes are no opcodes of ours.
    #[must_use]
    pub fn foreign(mut self, length: usize) -> Shadow {
        self.foreign = self.at.saturating_add(length as u64);
        self
    }

    /// The same, which says here that it came as far as the next array.
    #[must_use]
    pub fn telling(mut self, survived: &Rc<Cell<bool>>) -> Shadow {
        self.survived = survived.clone();
        self
    }

    /// Takes bytes of the stream, the first of them at this offset. `false` when there is nothing more to follow.
    pub fn feed(&mut self, offset: u64, bytes: &[u8]) -> bool {
        let next = self.at.saturating_add(self.waiting.len() as u64);
        let before = usize::try_from(next.saturating_sub(offset)).unwrap_or(usize::MAX);
        let mut bytes = bytes.get(before..).unwrap_or_default();
        if self.skip > 0 {
            let skipped = bytes.len().min(usize::try_from(self.skip).unwrap_or(usize::MAX));
            self.skip = self.skip.saturating_sub(skipped as u64);
            self.at = self.at.saturating_add(skipped as u64);
            bytes = bytes.get(skipped..).unwrap_or_default();
        }
        if self.line {
            let end = bytes.iter().position(|byte| *byte == b'\n').map(|end| end.saturating_add(1));
            let skipped = end.unwrap_or(bytes.len());
            self.line = end.is_none();
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
            match self.step(rest) {
                Next::More => break,
                Next::Used(length) => {
                    used = used.saturating_add(length);
                    self.at = self.at.saturating_add(length as u64);
                }
                Next::Skip(more) => {
                    self.at = self.at.saturating_add(rest.len() as u64);
                    (self.skip, used) = (more, waiting.len());
                    break;
                }
                Next::Line => {
                    // What there is may reach beyond the end of the line.
                    let end = rest.iter().position(|byte| *byte == b'\n').map(|end| end.saturating_add(1));
                    let length = end.unwrap_or(rest.len());
                    self.line = end.is_none();
                    used = used.saturating_add(length);
                    self.at = self.at.saturating_add(length as u64);
                }
                Next::Stopped => return false,
                Next::Bad(what) => {
                    self.found.borrow_mut().get_or_insert((self.at, what));
                    return false;
                }
            }
        }
        waiting.drain(..used);
        self.waiting = waiting;
        true
    }

    fn push(&mut self, value: Val) {
        if self.stack.len() < MOST {
            self.stack.push(value);
        } else {
            self.lost = self.lost.saturating_add(1);
        }
    }

    fn height(&self) -> usize {
        self.stack.len().saturating_add(self.lost)
    }

    /// Takes a value; anything, if the stack goes on below what is known, or above what is kept.
    fn pop(&mut self) -> Option<Val> {
        let fence = self.marks.last().copied().unwrap_or(0);
        if self.height() > fence {
            return match self.lost.checked_sub(1) {
                Some(lost) => {
                    self.lost = lost;
                    Some(Val::Wild)
                }
                None => self.stack.pop(),
            };
        }
        // Below a mark of its own the reader finds nothing; below its known stack there may be more.
        if self.marks.is_empty() && self.bottomless { Some(Val::Wild) } else { None }
    }

    /// Takes everything above the last mark.
    fn pop_mark(&mut self) -> bool {
        let Some(height) = self.marks.pop() else {
            self.stack.clear();
            self.lost = 0;
            return self.bottomless;
        };
        self.lost = height.saturating_sub(MOST);
        self.stack.truncate(height);
        true
    }

    /// Another call of the reader, with nothing but what follows.
    fn restart(&mut self) {
        (self.stack, self.marks, self.memo) = (Vec::new(), Vec::new(), HashMap::new());
        (self.lost, self.entries, self.protocol) = (0, 0, 0);
        (self.bottomless, self.blurred) = (false, false);
        (self.base.memo, self.base.open) = (HashMap::new(), false);
        if self.parts == Parts::Nested {
            self.parts = Parts::Opcodes;
        }
    }

    fn put(&mut self, index: Option<u64>) -> bool {
        let Some(top) = self.pop() else { return false };
        if index.is_none() && self.blurred {
            // It stands at an index that is not known, perhaps in the place of another entry.
            self.base.memo.clear();
            self.memo.clear();
            self.base.open = true;
            self.push(top);
            return true;
        }
        // An index that stands in the file is the same for both readers, a counted one is not.
        let (at, explicit) = (index.unwrap_or(self.entries), index.is_some());
        let new = !self.memo.contains_key(&at) && !self.base.memo.contains_key(&at);
        if self.memo.len() < MOST || self.memo.contains_key(&at) {
            self.memo.insert(at, (top.clone(), explicit));
        } else {
            self.base.memo.remove(&at);
            self.blurred = true;
        }
        self.entries = self.entries.saturating_add(u64::from(new));
        self.push(top);
        true
    }

    fn get(&mut self, index: u64) -> bool {
        let value = match (self.memo.get(&index), self.base.memo.get(&index)) {
            (Some((value, true)), _) => value.clone(),
            (Some((value, false)), _) | (None, Some(value)) => value.clone().tainted(),
            (None, None) if self.base.open || self.blurred => Val::Wild,
            (None, None) => return false,
        };
        self.push(value);
        true
    }

    /// Fetching a name. A module of which no part could be an identifier is none.
    fn find(&mut self, module: &[u8], name: &[u8], ours: bool) -> Result<Val, Next> {
        let (Ok(module), Ok(qualname)) = (std::str::from_utf8(module), std::str::from_utf8(name)) else {
            return Err(Next::Stopped);
        };
        let mapped = self.protocol < 3;
        let name = Name { module: module.to_owned(), qualname: qualname.to_owned(), mapped, at: self.at };
        match self.vocabulary.role(&name) {
            // What is safe by its arguments alone is not, with what another reader may find for them.
            Role::Known(entry) if entry.shape.looks_up() => Err(Next::Bad(format!("fetches {name}"))),
            Role::Known(entry) => {
                self.base.distribution |= entry.shape == Shape::Distribution;
                Ok(Val::Name(Some(entry.shape)))
            }
            Role::Allowed => Ok(Val::Name(None)),
            Role::Dangerous(_) => Err(Next::Bad(format!("fetches {name}"))),
            // The module is imported before the name is looked for. With our opcodes and another memo an honest file comes to
            // a name of the tables with some text for its module, such as `transformers.dtype`; there is no such name.
            Role::Unknown => {
                // So does one that lived through an array's end, in a pickle inside another: that has a memo of its own.
                let same = match self.parts {
                    Parts::Opcodes => false,
                    Parts::Elements => ours && self.at >= self.foreign,
                    Parts::Nested | Parts::Shared => ours,
                };
                let importable = super::acts::is_dotted(module) && !same;
                Err(if importable { Next::Bad(format!("fetches {name}")) } else { Next::Stopped })
            }
        }
    }

    fn stack_global(&mut self) -> Next {
        let (Some(name), Some(module)) = (self.pop(), self.pop()) else { return Next::Stopped };
        let found = match (&module, &name) {
            (Val::Text(module, _), Val::Text(name, tainted)) => self.find(module, name, !*tainted),
            (Val::Wild | Val::LongText | Val::Text(..), Val::Wild | Val::LongText | Val::Text(..)) => {
                Err(Next::Bad("fetches a name of which nothing is known".to_owned()))
            }
            _ => Err(Next::Stopped),
        };
        match found {
            Ok(name) => {
                self.push(name);
                Next::Used(1)
            }
            Err(next) => next,
        }
    }

    /// Calling a name, or making an object of it.
    fn call(&mut self, callee: Option<Val>) -> bool {
        let made = match callee {
            // What it makes is an object of the class that it is called with.
            Some(Val::Name(Some(Shape::Reconstructor))) => Val::Wild,
            Some(Val::Name(shape)) => Val::Object(shape),
            Some(Val::Wild | Val::Object(_)) => Val::Wild,
            _ => return false,
        };
        self.push(made);
        true
    }

    fn build(&mut self) -> Next {
        let (Some(state), Some(target)) = (self.pop(), self.pop()) else { return Next::Stopped };
        // A distribution runs a text of its state, which is any mapping; what is none stops it with an error.
        let mapping = !matches!(state, Val::None | Val::Text(..) | Val::LongText | Val::Plain | Val::Name(_));
        match &target {
            Val::Object(Some(Shape::Distribution)) if !mapping => return Next::Stopped,
            Val::Object(Some(Shape::Distribution)) => {
                return Next::Bad("gives a distribution of scipy's a state that it runs".to_owned());
            }
            Val::Wild if self.base.distribution && mapping => {
                return Next::Bad("gives what may be a distribution of scipy's a state that it would run".to_owned());
            }
            // If this is the wrapper of another padded array, it goes on behind that one, with whatever is on its stack.
            Val::Object(Some(Shape::ArrayWrapper)) | Val::Wild if self.parts == Parts::Elements => {
                self.survived.set(true);
            }
            _ => {}
        }
        self.push(target);
        Next::Used(1)
    }

    /// A value whose bytes do not matter.
    fn skip_value(&mut self, have: usize, head: usize, length: u64, value: Val) -> Next {
        self.push(value);
        let all = (head as u64).saturating_add(length);
        match all.checked_sub(have as u64) {
            Some(more) if more > 0 => Next::Skip(more),
            _ => Next::Used(usize::try_from(all).unwrap_or(usize::MAX)),
        }
    }

    /// An argument that ends with its line; `lines` of them.
    fn lines(bytes: &[u8], lines: usize) -> Option<(Vec<&[u8]>, usize)> {
        let bytes = bytes.get(..LINE).unwrap_or(bytes);
        let (mut found, mut at) = (Vec::new(), 1usize);
        for _ in 0..lines {
            let rest = bytes.get(at..)?;
            let end = rest.iter().position(|byte| *byte == b'\n')?;
            found.push(rest.get(..end)?);
            at = at.saturating_add(end).saturating_add(1);
        }
        Some((found, at))
    }

    /// One opcode at the beginning of `bytes`.
    #[allow(clippy::too_many_lines)] // One table of opcodes reads better whole.
    fn step(&mut self, bytes: &[u8]) -> Next {
        let Some(opcode) = bytes.first().copied() else { return Next::More };
        let number = |from: usize, width: usize| {
            let argument = bytes.get(from..from.saturating_add(width))?;
            Some(argument.iter().rev().fold(0u64, |number, byte| number << 8 | u64::from(*byte)))
        };
        let done = |alive: bool, length: usize| if alive { Next::Used(length) } else { Next::Stopped };
        match opcode {
            b'N' => {
                self.push(Val::None);
                Next::Used(1)
            }
            0x88 | 0x89 => {
                self.push(Val::Plain);
                Next::Used(1)
            }
            b')' | b']' | b'}' | 0x8f => {
                self.push(Val::Container);
                Next::Used(1)
            }
            b'(' => {
                self.marks.push(self.height());
                if self.marks.len() < MOST { Next::Used(1) } else { Next::Bad("opens marks without end".to_owned()) }
            }
            b'0' => {
                if self.marks.last() == Some(&self.height()) {
                    self.marks.pop();
                    return Next::Used(1);
                }
                done(self.pop().is_some(), 1)
            }
            b'1' => done(self.pop_mark(), 1),
            b'2' => match self.pop() {
                Some(top) => {
                    self.push(top.clone());
                    self.push(top);
                    Next::Used(1)
                }
                None => Next::Stopped,
            },
            b't' | b'l' | b'd' | 0x91 => {
                self.pop_mark();
                self.push(Val::Container);
                Next::Used(1)
            }
            b'e' | b'u' | 0x90 => done(self.pop_mark(), 1),
            b'a' => done(self.pop().is_some(), 1),
            b's' => done(self.pop().is_some() && self.pop().is_some(), 1),
            0x85..=0x87 => {
                let count = opcode.saturating_sub(0x84);
                let alive = (0..count).all(|_| self.pop().is_some());
                self.push(Val::Container);
                done(alive, 1)
            }
            b'K' | b'M' | b'J' | b'G' | 0x8a => {
                let length = match opcode {
                    b'K' => 1,
                    b'M' => 2,
                    b'J' => 4,
                    b'G' => 8,
                    _ => match number(1, 1) {
                        Some(length) => length.saturating_add(1),
                        None => return Next::More,
                    },
                };
                self.skip_value(bytes.len(), 1, length, Val::Plain)
            }
            b'C' | b'B' | 0x8e | 0x96 | b'T' | 0x8b => {
                let width = match opcode {
                    b'C' => 1,
                    b'B' | b'T' | 0x8b => 4,
                    _ => 8,
                };
                let Some(length) = number(1, width) else { return Next::More };
                let negative = matches!(opcode, b'T' | 0x8b) && length > i32::MAX.unsigned_abs().into();
                if negative || i64::try_from(length).is_err() {
                    return Next::Stopped;
                }
                // A Python 2 `str` is a text to Python 3.
                let value = if matches!(opcode, b'T') { Val::LongText } else { Val::Plain };
                self.skip_value(bytes.len(), width.saturating_add(1), length, value)
            }
            b'U' | 0x8c | b'X' | 0x8d => {
                let width = match opcode {
                    b'U' | 0x8c => 1,
                    b'X' => 4,
                    _ => 8,
                };
                let Some(length) = number(1, width) else { return Next::More };
                let head = width.saturating_add(1);
                if length > TEXT as u64 {
                    return if i64::try_from(length).is_ok() {
                        self.skip_value(bytes.len(), head, length, Val::LongText)
                    } else {
                        Next::Stopped
                    };
                }
                let end = head.saturating_add(usize::try_from(length).unwrap_or(0));
                let Some(text) = bytes.get(head..end) else { return Next::More };
                // Surrogates pass, as in CPython; a Python 2 `str` is ASCII unless the reader says another encoding.
                let wrong = if opcode == b'U' { !text.is_ascii() } else { !is_text(text) };
                if wrong {
                    return if opcode == b'U' {
                        self.skip_value(bytes.len(), end, 0, Val::LongText)
                    } else {
                        Next::Stopped
                    };
                }
                self.push(Val::text(text));
                Next::Used(end)
            }
            b'I' | b'L' | b'F' | b'S' | b'V' | b'p' | b'g' => {
                let Some((lines, length)) = Shadow::lines(bytes, 1) else {
                    let Some(begun) = bytes.get(1..LINE) else { return Next::More };
                    if matches!(opcode, b'p' | b'g') {
                        let near = is_near_number(begun);
                        let bad = || Next::Bad("uses the memo by a number in another spelling".to_owned());
                        return if near { bad() } else { Next::Stopped };
                    }
                    if !may_be_read(opcode, begun, false) {
                        return Next::Stopped;
                    }
                    self.push(if matches!(opcode, b'S' | b'V') { Val::LongText } else { Val::Plain });
                    return Next::Line;
                };
                let line = lines.first().copied().unwrap_or_default();
                if !may_be_read(opcode, line, true) {
                    return Next::Stopped;
                }
                match opcode {
                    b'p' | b'g' => match super::literal::index(line) {
                        Some(index) => {
                            done(if opcode == b'p' { self.put(Some(index)) } else { self.get(index) }, length)
                        }
                        None if is_near_number(line) => {
                            Next::Bad("uses the memo by a number in another spelling".to_owned())
                        }
                        None => Next::Stopped,
                    },
                    b'S' => {
                        let text = super::literal::string(line);
                        self.push(text.map_or(Val::LongText, |text| Val::text(&text)));
                        Next::Used(length)
                    }
                    b'V' => {
                        let text = super::literal::raw_unicode(line);
                        self.push(text.map_or(Val::LongText, |text| Val::text(&text)));
                        Next::Used(length)
                    }
                    _ => {
                        self.push(Val::Other);
                        Next::Used(length)
                    }
                }
            }
            b'q' | b'h' | b'r' | b'j' => {
                let width = if matches!(opcode, b'q' | b'h') { 1 } else { 4 };
                let Some(index) = number(1, width) else { return Next::More };
                let alive = if matches!(opcode, b'q' | b'r') { self.put(Some(index)) } else { self.get(index) };
                done(alive, width.saturating_add(1))
            }
            0x94 => done(self.put(None), 1),
            b'c' | b'i' => {
                let Some((lines, length)) = Shadow::lines(bytes, 2) else {
                    return match bytes.get(1..LINE) {
                        Some(begun) if may_be_module(begun) => {
                            Next::Bad("fetches a name that is longer than any".to_owned())
                        }
                        Some(_) => Next::Stopped,
                        None => Next::More,
                    };
                };
                let [module, name] = lines.as_slice() else { return Next::Stopped };
                match self.find(module, name, true) {
                    Ok(found) if opcode == b'i' => {
                        self.pop_mark();
                        done(self.call(Some(found)), length)
                    }
                    Ok(found) => {
                        self.push(found);
                        Next::Used(length)
                    }
                    Err(next) => next,
                }
            }
            0x93 => self.stack_global(),
            b'R' | 0x81 => {
                let _ = self.pop();
                let callee = self.pop();
                done(self.call(callee), 1)
            }
            0x92 => {
                let _ = (self.pop(), self.pop());
                let callee = self.pop();
                done(self.call(callee), 1)
            }
            b'o' => {
                let height = self.marks.last().copied();
                let callee = height.map_or(Some(Val::Wild), |height| self.stack.get(height).cloned());
                self.pop_mark();
                done(self.call(callee), 1)
            }
            b'b' => self.build(),
            0x80 => match number(1, 1) {
                None => Next::More,
                Some(protocol @ 0..=5) => {
                    self.protocol = u8::try_from(protocol).unwrap_or(0);
                    Next::Used(2)
                }
                Some(_) => Next::Stopped,
            },
            0x95 => {
                if bytes.len() < 9 {
                    Next::More
                } else {
                    Next::Used(9)
                }
            }
            b'.' if self.parts == Parts::Shared => {
                // The next pickle, read with the same memo.
                self.stack.clear();
                self.marks.clear();
                (self.lost, self.protocol) = (0, 0);
                Next::Used(1)
            }
            b'.' => {
                // Who loads again, from where this reader ended.
                self.restart();
                Next::Used(1)
            }
            // A view of the bytes on the stack; nothing else has one.
            0x98 => match self.pop() {
                Some(top) => {
                    self.push(top);
                    Next::Used(1)
                }
                None => Next::Stopped,
            },
            _ => Next::Stopped,
        }
    }
}
