//! Bytes become a pickle in which every opcode finds on the stack what it takes.

use super::Bytes;
use super::ops::{self, Kind, NAMES};

/// A pickle in the making.
struct Plan<'d, 'b> {
    data: &'d mut Bytes<'b>,
    out: Vec<u8>,
    stack: Vec<Kind>,
    marks: Vec<usize>,
    memo: Vec<Kind>,
    /// Whether indices of the memo are text, or bytes: they have one spelling in a pickle.
    text_indices: bool,
    /// An array's elements were written: they stand outside of every frame.
    raw: bool,
}

/// Most opcodes of a pickle.
const MOST: usize = 400;

/// One pickle, or two.
pub(super) fn pickle(data: &mut Bytes<'_>) -> Vec<u8> {
    let choice = data.byte();
    let mut out = one(data, choice % 6, choice & 0x40 != 0);
    if choice & 0x80 != 0 {
        out.extend(one(data, 4, false));
    }
    out
}

fn one(data: &mut Bytes<'_>, protocol: u8, framed: bool) -> Vec<u8> {
    let text_indices = protocol == 0;
    let mut plan = Plan {
        data,
        out: Vec::new(),
        stack: Vec::new(),
        marks: Vec::new(),
        memo: Vec::new(),
        text_indices,
        raw: false,
    };
    for _ in 0..MOST {
        if plan.data.is_empty() {
            break;
        }
        plan.step();
    }
    plan.finish();
    let head = if protocol >= 2 { vec![0x80, protocol] } else { Vec::new() };
    if !framed || protocol < 4 || plan.raw {
        return [head, plan.out].concat();
    }
    let length = (plan.out.len() as u64).to_le_bytes();
    [head, vec![0x95], length.to_vec(), plan.out].concat()
}

impl Plan<'_, '_> {
    /// The values above the last mark.
    fn above(&self) -> &[Kind] {
        self.stack.get(self.marks.last().copied().unwrap_or(0)..).unwrap_or_default()
    }

    fn top(&self, depth: usize) -> Option<Kind> {
        let above = self.above();
        above.len().checked_sub(depth + 1).and_then(|at| above.get(at)).copied()
    }

    fn write(&mut self, bytes: &[u8]) {
        self.out.extend_from_slice(bytes);
    }

    fn replace(&mut self, count: usize, kind: Kind) {
        self.stack.truncate(self.stack.len() - count);
        self.stack.push(kind);
    }

    fn value(&mut self, bytes: &[u8], kind: Kind) {
        self.write(bytes);
        self.stack.push(kind);
    }

    fn step(&mut self) {
        match self.data.byte() % 16 {
            0..=2 => self.leaf(),
            3 => self.container(),
            4 => {
                self.write(b"(");
                self.marks.push(self.stack.len());
            }
            5 => self.close(),
            6 => self.tuple(),
            7 => self.remember(),
            8 => self.recall(),
            9 => self.name(),
            10 => self.call(),
            11 => self.build(),
            12 => self.put_in(),
            13 => self.drop_one(),
            14 => self.template(),
            _ => self.stack_global(),
        }
    }

    fn leaf(&mut self) {
        let byte = self.data.byte();
        let run = self.data.take(usize::from(byte >> 5)).to_vec();
        let short = [&[run.len() as u8][..], &run].concat();
        match byte % 16 {
            0 => self.value(b"N", Kind::Plain),
            1 => self.value(&[0x88], Kind::Plain),
            2 => self.value(&[0x89], Kind::Plain),
            3 => self.value(&[b'K', byte], Kind::Plain),
            4 => self.value(&[b'M', byte, 1], Kind::Plain),
            5 => self.value(&[b'J', byte, 0, 0, byte], Kind::Plain),
            6 => self.value(&[&[0x8a], &short[..]].concat(), Kind::Plain),
            7 => self.value(&[&b"G"[..], &[byte; 8]].concat(), Kind::Plain),
            8 => self.value(format!("I{byte}\n").as_bytes(), Kind::Plain),
            9 => self.value(format!("L-{byte}L\n").as_bytes(), Kind::Plain),
            10 => self.value(format!("F{byte}.5\n").as_bytes(), Kind::Plain),
            11 => self.value(format!("S'{byte}'\n").as_bytes(), Kind::Text),
            12 => self.value(format!("Vu{byte}\n").as_bytes(), Kind::Text),
            13 => self.value(&[&b"C"[..], &short].concat(), Kind::Plain),
            14 => self.value(&[&b"U"[..], &short].concat(), Kind::Plain),
            _ => self.value(&ops::text(&crate::reason::escape_bytes(&run)), Kind::Text),
        }
    }

    fn container(&mut self) {
        match self.data.choose(5) {
            0 => self.value(b"]", Kind::List),
            1 => self.value(b"}", Kind::Dict),
            2 => self.value(b")", Kind::Key(0)),
            3 => self.value(&[0x8f], Kind::Set),
            _ => self.value(&[0x96, 2, 0, 0, 0, 0, 0, 0, 0, 1, 2], Kind::Opaque),
        }
    }

    /// Ends what a mark began, as far as what stands above it allows.
    fn close(&mut self) {
        let Some(mark) = self.marks.pop() else { return };
        let items = self.stack.split_off(mark);
        let below = self.stack.get(self.marks.last().copied().unwrap_or(0)..).unwrap_or_default().last().copied();
        let keys = items.iter().all(|item| item.is_key());
        let pairs = items.len().is_multiple_of(2) && items.iter().step_by(2).all(|item| item.is_key());
        let made = match (self.data.byte() % 8, below) {
            (0, Some(Kind::List)) => (b'e', None),
            (1, Some(Kind::Dict)) if pairs => (b'u', None),
            (2, Some(Kind::Set)) if keys => (0x90, None),
            (3, _) => (b'l', Some(Kind::List)),
            (4, _) if pairs => (b'd', Some(Kind::Dict)),
            (5, _) if keys => (0x91, Some(Kind::Opaque)),
            (6, _) => (b'1', None),
            (7, _) if items.first() == Some(&Kind::Name) => (b'o', Some(Kind::Opaque)),
            _ => (b't', Some(Kind::tuple(&items))),
        };
        self.write(&[made.0]);
        self.stack.extend(made.1);
    }

    fn tuple(&mut self) {
        let count = 1 + self.data.choose(3);
        let above = self.above();
        let Some(start) = above.len().checked_sub(count) else { return };
        let kind = Kind::tuple(above.get(start..).unwrap_or_default());
        self.write(&[0x84 + count as u8]);
        self.replace(count, kind);
    }

    fn remember(&mut self) {
        let (index, Some(top)) = (self.memo.len(), self.top(0)) else { return };
        if index > 255 {
            return;
        }
        match self.data.choose(4) {
            3 => self.write(&[0x94]),
            _ if self.text_indices => self.write(format!("p{index}\n").as_bytes()),
            1 => self.write(&[&b"r"[..], &(index as u32).to_le_bytes()].concat()),
            _ => self.write(&[b'q', index as u8]),
        }
        self.memo.push(top);
    }

    fn recall(&mut self) {
        let index = self.data.choose(self.memo.len());
        let Some(kind) = self.memo.get(index).copied() else { return };
        let bytes = match self.data.choose(3) {
            _ if self.text_indices => format!("g{index}\n").into_bytes(),
            0 => [&b"j"[..], &(index as u32).to_le_bytes()].concat(),
            _ => vec![b'h', index as u8],
        };
        self.value(&bytes, kind);
    }

    fn name(&mut self) {
        let (module, name) = NAMES[self.data.choose(NAMES.len())];
        self.value(&ops::global(module, name), Kind::Name);
    }

    /// A name from two texts.
    fn stack_global(&mut self) {
        let (module, name) = NAMES[self.data.choose(NAMES.len())];
        if self.top(0) == Some(Kind::Text) && self.top(1) == Some(Kind::Text) {
            self.write(&[0x93]);
            return self.replace(2, Kind::Name);
        }
        self.value(&[ops::text(module), ops::text(name), vec![0x93]].concat(), Kind::Name);
    }

    fn call(&mut self) {
        match (self.top(1), self.top(0)) {
            (Some(Kind::Name), Some(args)) if args.is_tuple() => match self.data.choose(3) {
                0 => {
                    self.write(b"R");
                    self.replace(2, Kind::Opaque);
                }
                1 => {
                    self.write(&[0x81]);
                    self.replace(2, Kind::Opaque);
                }
                _ => {
                    self.write(&[b'}', 0x92]);
                    self.replace(2, Kind::Opaque);
                }
            },
            (_, Some(Kind::Name)) => {
                self.write(&[b')', 0x81]);
                self.replace(1, Kind::Object);
            }
            _ => {}
        }
    }

    /// A state. An object whose elements would follow gets none here.
    fn build(&mut self) {
        if self.top(1) == Some(Kind::Object) {
            self.write(b"b");
            self.stack.pop();
        }
    }

    fn put_in(&mut self) {
        let key = |kind: Option<Kind>| kind.is_some_and(Kind::is_key);
        if self.top(1) == Some(Kind::List) {
            self.write(b"a");
            self.stack.pop();
        } else if self.top(2) == Some(Kind::Dict) && key(self.top(1)) {
            self.write(b"s");
            self.stack.truncate(self.stack.len() - 2);
        }
    }

    fn drop_one(&mut self) {
        if self.above().is_empty() {
            return;
        }
        match self.data.choose(2) {
            0 => {
                self.write(b"0");
                self.stack.pop();
            }
            _ => {
                let top = self.stack.last().copied();
                self.write(b"2");
                self.stack.extend(top);
            }
        }
    }

    /// What honest files hold, whole.
    fn template(&mut self) {
        let (count, fill) = (self.data.byte() % 9, self.data.byte());
        match self.data.choose(5) {
            0 => self.value(&ops::array(count, "f8", fill), Kind::Opaque),
            1 => self.value(&ops::array(count, "i8", fill), Kind::Opaque),
            2 => self.value(&ops::dtype("f8", "<"), Kind::Opaque),
            3 => {
                self.raw = true;
                self.value(&ops::wrapper(count, fill), Kind::Opaque);
            }
            _ => {
                let (module, name) = NAMES[usize::from(count % 5)];
                let version = [ops::text("_sklearn_version"), ops::text("1.6.1")].concat();
                let start = [ops::global(module, name), b")\x81}(".to_vec(), version].concat();
                let width = [ops::text("n_features_in_"), vec![b'K', fill]].concat();
                self.value(&[start, width, b"ub".to_vec()].concat(), Kind::Opaque);
            }
        }
    }

    /// One value, and STOP.
    fn finish(&mut self) {
        while let Some(mark) = self.marks.pop() {
            self.write(b"l");
            self.stack.truncate(mark);
            self.stack.push(Kind::List);
        }
        if self.stack.is_empty() {
            self.write(b"N");
        }
        self.write(b".");
    }
}
