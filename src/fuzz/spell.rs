//! A value as a pickle, in one of the many ways in which its opcodes can spell it.

use super::Bytes;
use super::values::Tree;

/// A pickle in the making.
struct Pen<'d, 'b> {
    data: &'d mut Bytes<'b>,
    out: Vec<u8>,
    /// Where opcodes begin: a frame may end there.
    ends: Vec<usize>,
    /// What was put into the memo.
    memo: Vec<Tree>,
    /// How many marks are written before an opcode that reaches below one, if there is to be one.
    until_broken: Option<u8>,
    broken: bool,
}

/// Opcodes that take more than they find just above a mark, whatever stands below it.
const REACHING: [&[u8]; 12] =
    [b"2", b"q\x00", b"r\0\0\0\0", b"\x94", b"\x85", b"N\x86", b"NN\x87", b"Na", b"NNs", b"}(NNNu", b"(Ne", b"."];

/// A pickle of `tree`; and whether it has an opcode that reaches below a mark, if it was to have one.
pub(super) fn pickle(tree: &Tree, data: &mut Bytes<'_>, broken: bool) -> (Vec<u8>, bool) {
    let choice = data.byte();
    let until_broken = broken.then(|| data.byte() % 4);
    let mut pen = Pen { data, out: Vec::new(), ends: Vec::new(), memo: Vec::new(), until_broken, broken: false };
    pen.value(tree);
    pen.op(b".");
    let (out, broken) = (pen.framed(choice), pen.broken);
    ([&[0x80, 4][..], &out].concat(), broken)
}

impl Pen<'_, '_> {
    fn op(&mut self, bytes: &[u8]) {
        self.out.extend_from_slice(bytes);
        self.ends.push(self.out.len());
    }

    /// An opcode, a length of so many bytes, and a run.
    fn run(&mut self, opcode: u8, width: usize, run: &[u8]) {
        let length = (run.len() as u64).to_le_bytes();
        self.op(&[&[opcode], &length[..width], run].concat());
    }

    fn mark(&mut self) {
        self.op(b"(");
        match self.until_broken {
            Some(0) => {
                let reaching = REACHING[self.data.choose(REACHING.len())];
                self.op(reaching);
                (self.broken, self.until_broken) = (true, None);
            }
            Some(more) => self.until_broken = Some(more - 1),
            None => {}
        }
    }

    fn value(&mut self, tree: &Tree) {
        match self.data.byte() {
            0xf8 => self.op(b"N0"),
            0xf9 => self.op(b"(0"),
            0xfa => self.op(b"(NK\x011"),
            0xfb => self.op(b"N200"),
            _ => {}
        }
        match tree {
            Tree::Tuple(items) => self.tuple(items),
            Tree::List(items) => self.grown(items, 1, b"]", b"a", b"e", Some(b"l")),
            Tree::Dict(items) => self.grown(items, 2, b"}", b"s", b"u", Some(b"d")),
            Tree::Set(items) => self.grown(items, 1, b"\x8f", b"", b"\x90", None),
            Tree::FrozenSet(items) => {
                self.mark();
                self.all(items);
                self.op(b"\x91");
            }
            _ => self.remembered(tree),
        }
    }

    fn all(&mut self, items: &[Tree]) {
        items.iter().for_each(|item| self.value(item));
    }

    fn tuple(&mut self, items: &[Tree]) {
        let short = self.data.byte() & 1 == 0;
        match items.len() {
            0 if short => self.op(b")"),
            1..=3 if short => {
                self.all(items);
                self.op(&[0x84 + items.len() as u8]);
            }
            _ => {
                self.mark();
                self.all(items);
                self.op(b"t");
            }
        }
    }

    /// A container that is made of the items that follow a mark, or is empty first and grows by one or more at a time.
    fn grown(&mut self, items: &[Tree], step: usize, empty: &[u8], one: &[u8], many: &[u8], whole: Option<&[u8]>) {
        let choice = self.data.byte();
        if let Some(whole) = whole.filter(|_| choice.is_multiple_of(4)) {
            self.mark();
            self.all(items);
            return self.op(whole);
        }
        self.op(empty);
        let batch = match choice % 4 {
            1 => 1000,
            2 => 1 + usize::from(self.data.number() % 5000),
            _ => usize::MAX / 2,
        };
        let singly = choice & 4 != 0 && !one.is_empty();
        for items in items.chunks(batch.saturating_mul(step)) {
            if singly && items.len() <= 100 {
                for item in items.chunks(step) {
                    self.all(item);
                    self.op(one);
                }
                continue;
            }
            self.mark();
            self.all(items);
            self.op(many);
        }
    }

    /// A leaf, or the one that was put into the memo.
    fn remembered(&mut self, tree: &Tree) {
        let choice = self.data.byte();
        let known = if choice & 3 == 0 { self.memo.iter().position(|known| known == tree) } else { None };
        if let Some(index) = known {
            return match choice & 4 {
                0 => self.op(&[b'h', index as u8]),
                _ => self.op(&[&b"j"[..], &(index as u32).to_le_bytes()].concat()),
            };
        }
        self.leaf(tree, choice >> 5);
        if choice & 0x10 == 0 || self.memo.len() > 255 {
            return;
        }
        let index = self.memo.len();
        match choice & 3 {
            0 => self.op(b"\x94"),
            1 => self.op(&[&b"r"[..], &(index as u32).to_le_bytes()].concat()),
            _ => self.op(&[b'q', index as u8]),
        }
        self.memo.push(tree.clone());
    }

    fn leaf(&mut self, tree: &Tree, choice: u8) {
        match tree {
            Tree::None => self.op(b"N"),
            Tree::Bool(value) if choice & 1 == 0 => self.op(&[if *value { 0x88 } else { 0x89 }]),
            Tree::Bool(value) => self.op(if *value { b"I01\n" } else { b"I00\n" }),
            Tree::Whole(number) => self.whole(*number, choice),
            Tree::Float(number) if choice & 1 == 0 => self.op(&[&b"G"[..], &number.to_be_bytes()].concat()),
            Tree::Float(number) => self.op(format!("F{number:?}\n").as_bytes()),
            Tree::Text(text) => match choice {
                0 if text.is_ascii() => self.op(format!("V{text}\n").as_bytes()),
                1 if text.is_ascii() => self.op(format!("S'{text}'\n").as_bytes()),
                2 if text.is_ascii() => self.run(b'U', 1, text.as_bytes()),
                3 if text.is_ascii() => self.run(b'T', 4, text.as_bytes()),
                4 => self.run(0x8d, 8, text.as_bytes()),
                5 => self.run(b'X', 4, text.as_bytes()),
                _ => self.run(0x8c, 1, text.as_bytes()),
            },
            Tree::Latin(bytes) => {
                self.run(if choice & 1 == 0 { b'U' } else { b'T' }, [1, 4][usize::from(choice & 1)], bytes)
            }
            Tree::Bytes(bytes) => match choice % 3 {
                0 => self.run(b'C', 1, bytes),
                1 => self.run(b'B', 4, bytes),
                _ => self.run(0x8e, 8, bytes),
            },
            // What holds others is spelled by its own functions.
            _ => {}
        }
    }

    fn whole(&mut self, number: i128, choice: u8) {
        let fits = (u8::try_from(number), u16::try_from(number), i32::try_from(number));
        match (choice, fits) {
            (0, _) => self.op(format!("I{number}\n").as_bytes()),
            (1, _) => self.op(format!("L{number}L\n").as_bytes()),
            (3.., (Ok(number), ..)) => self.op(&[b'K', number]),
            (4.., (_, Ok(number), _)) => self.op(&[&b"M"[..], &number.to_le_bytes()].concat()),
            (5.., (.., Ok(number))) => self.op(&[&b"J"[..], &number.to_le_bytes()].concat()),
            _ => {
                let wide = number.to_le_bytes();
                // As few bytes as show the sign, as Python writes it.
                let fits = |length: &usize| {
                    let shift = 128 - 8 * *length as u32;
                    number << shift >> shift == number
                };
                let length = (1..16).find(fits).unwrap_or(16);
                match choice & 1 {
                    0 => self.run(0x8a, 1, &wide[..length]),
                    _ => self.run(0x8b, 4, &wide[..length]),
                }
            }
        }
    }

    /// The opcodes in no frame, in one, or in several.
    fn framed(&mut self, choice: u8) -> Vec<u8> {
        let frame = |run: &[u8]| [&[0x95][..], &(run.len() as u64).to_le_bytes(), run].concat();
        match choice % 4 {
            0 => self.out.clone(),
            1 => frame(&self.out),
            _ => {
                let (mut out, mut begin) = (Vec::new(), 0);
                let step = 1 + usize::from(choice >> 2);
                for end in self.ends.iter().copied().skip(step - 1).step_by(step) {
                    out.extend(frame(&self.out[begin..end]));
                    begin = end;
                }
                out.extend_from_slice(&self.out[begin..]);
                out
            }
        }
    }
}
