//! Pickles that are mostly legal: each byte of the input chooses one of the opcodes that a model of stack, marks and memo
//! allows, and the last bytes choose what is damaged.

/// Names that the machine knows, and some that it refuses.
const NAMES: &[&str] = &[
    "collections\nOrderedDict",
    "sklearn.preprocessing._data\nStandardScaler",
    "numpy\ndtype",
    "numpy\nndarray",
    "numpy.core.multiarray\n_reconstruct",
    "numpy.core.multiarray\nscalar",
    "sklearn.tree._tree\nTree",
    "copyreg\n_reconstructor",
    "builtins\nobject",
    "_codecs\nencode",
    "joblib.numpy_pickle\nNumpyArrayWrapper",
    "numpy.random._pickle\n__randomstate_ctor",
    "posix\nsystem",
    "mypkg\nThing",
];
const TEXTS: &[&[u8]] =
    &[b"latin1", b"b", b"f8", b"<", b"C", b"MT19937", b"subclass", b"shape", b"order", b"dtype", b"nodes", b"mean_"];

/// What an opcode needs and does.
#[derive(Default)]
struct Model {
    out: Vec<u8>,
    /// Values on the stack above each mark, the lowest first.
    stack: Vec<usize>,
    memo: u8,
}

impl Model {
    fn height(&self) -> usize {
        self.stack.last().copied().unwrap_or(0)
    }

    fn change(&mut self, takes: usize, gives: usize) {
        if let Some(top) = self.stack.last_mut() {
            *top = top.saturating_sub(takes).saturating_add(gives);
        }
    }

    /// Emits an opcode if the stack has what it takes.
    fn emit(&mut self, takes: usize, gives: usize, bytes: &[u8]) {
        if self.height() >= takes {
            self.out.extend_from_slice(bytes);
            self.change(takes, gives);
        }
    }

    /// Emits an opcode that takes everything above the last mark, and `below` values below it.
    fn emit_marked(&mut self, below: usize, gives: usize, opcode: u8) {
        if self.stack.len() > 1 && self.stack.iter().rev().nth(1).is_some_and(|height| *height >= below) {
            self.out.push(opcode);
            self.stack.pop();
            self.change(below, gives);
        }
    }

    fn step(&mut self, choice: u8, argument: u8) {
        let at = usize::from(argument);
        match choice % 34 {
            0 => self.emit(0, 1, b"N"),
            1 => self.emit(0, 1, &[b'K', argument]),
            2 => self.emit(0, 1, &[b'J', argument, 0xff, 0xff, 0xff]),
            3 => self.emit(0, 1, &[b'G', 0x3f, argument, 0, 0, 0, 0, 0, 0]),
            4 => self.emit(0, 1, &[0x8a, 2, argument, argument]),
            5 => self.emit(0, 1, if argument < 128 { &[0x88] } else { &[0x89] }),
            6 | 7 => {
                let text = TEXTS.get(at % TEXTS.len()).copied().unwrap_or_default();
                self.emit(0, 1, &[&[0x8c, u8::try_from(text.len()).unwrap_or(0)], text].concat());
            }
            8 => self.emit(0, 1, &[b'C', 2, argument, argument]),
            9 => self.emit(0, 1, b")"),
            10 => self.emit(0, 1, b"]"),
            11 => self.emit(0, 1, b"}"),
            12 => self.emit(0, 1, &[0x8f]),
            13..=15 => {
                let name = NAMES.get(at % NAMES.len()).copied().unwrap_or_default();
                self.emit(0, 1, format!("c{name}\n").as_bytes());
            }
            16 | 17 => {
                self.out.push(b'(');
                self.stack.push(0);
            }
            18 => self.emit_marked(0, 1, b't'),
            19 => self.emit_marked(0, 1, b'l'),
            20 => self.emit_marked(0, 1, b'd'),
            21 => self.emit_marked(1, 1, b'u'),
            22 => self.emit_marked(1, 1, b'e'),
            23 => self.emit_marked(1, 1, 0x90),
            24 => self.emit(1, 1, &[0x85]),
            25 => self.emit(2, 1, &[0x86]),
            26 => self.emit(3, 1, &[0x87]),
            27 => self.emit(2, 1, b"R"),
            28 => self.emit(2, 1, b"b"),
            29 => self.emit(2, 1, &[0x81]),
            30 => self.emit(3, 1, b"s"),
            31 if self.height() > 0 => {
                self.out.push(0x94);
                self.memo = self.memo.saturating_add(1);
            }
            32 if self.memo > 0 => self.emit(0, 1, &[b'h', argument % self.memo]),
            33 => self.emit(1, 2, b"2"),
            _ => {}
        }
    }
}

/// A pickle that `data` chooses, and up to three damages to it.
pub fn legal(data: &[u8]) -> Vec<u8> {
    let (steps, damages) = data.split_at(data.len().saturating_sub(6));
    let mut model = Model { stack: vec![0], ..Model::default() };
    model.out.extend_from_slice(&[0x80, data.first().copied().unwrap_or(4) % 6]);
    for pair in steps.chunks(2) {
        model.step(pair.first().copied().unwrap_or(0), pair.last().copied().unwrap_or(0));
    }
    while model.stack.len() > 1 {
        model.emit_marked(0, 1, b't');
    }
    model.emit(0, if model.height() == 0 { 1 } else { 0 }, if model.height() == 0 { b"N" } else { b"" });
    model.out.push(b'.');
    let length = model.out.len();
    for damage in damages.chunks_exact(2).filter(|damage| damage.first().is_some_and(|first| *first >= 128)) {
        let at = damage.first().map_or(0, |first| usize::from(*first).wrapping_mul(31) % length);
        if let (Some(byte), Some(change)) = (model.out.get_mut(at), damage.last()) {
            *byte ^= change;
        }
    }
    model.out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_damage_the_stack_always_has_what_an_opcode_takes() {
        for seed in 0u32..500 {
            let mut data: Vec<u8> =
                (0u32..200).map(|n| (n.wrapping_mul(2_654_435_761).wrapping_add(seed) >> 13) as u8).collect();
            data.extend([0; 6]);
            let answer = crate::fuzz::judge(&legal(&data), usize::MAX);
            let short = answer.findings.iter().find(|finding| finding.message.contains("from the stack"));
            assert_eq!(short, None, "seed {seed}");
        }
    }
}
