//! Pickles as opcodes, so that a reader of a test sees the attack; and the in-process judge that they are shown to.
#![allow(dead_code)] // Each test uses a part of it.

use coldload::bytes::{Input, Limits};
use coldload::job::{self, Decision, Emit, Job, Observation, Outcome, Task};
use coldload::reason::{Code, Finding};

/// Protocol 4, then these opcodes, then STOP.
pub fn pickle(parts: &[&[u8]]) -> Vec<u8> {
    [b"\x80\x04", parts.concat().as_slice(), b"."].concat()
}

/// GLOBAL.
pub fn name(module: &str, qualname: &str) -> Vec<u8> {
    format!("c{module}\n{qualname}\n").into_bytes()
}

/// SHORT_BINUNICODE.
pub fn text(text: &str) -> Vec<u8> {
    [&[0x8c, u8::try_from(text.len()).unwrap()], text.as_bytes()].concat()
}

/// BINUNICODE, for long texts.
pub fn long_text(text: &str) -> Vec<u8> {
    [b"X", u32::try_from(text.len()).unwrap().to_le_bytes().as_slice(), text.as_bytes()].concat()
}

/// SHORT_BINBYTES.
pub fn bytes(bytes: &[u8]) -> Vec<u8> {
    [&[b'C', u8::try_from(bytes.len()).unwrap()], bytes].concat()
}

/// BININT.
pub fn int(number: i32) -> Vec<u8> {
    [b"J".as_slice(), &number.to_le_bytes()].concat()
}

pub const NONE: &[u8] = b"N";
pub const TRUE: &[u8] = b"\x88";
pub const FALSE: &[u8] = b"\x89";
pub const EMPTY: &[u8] = b")";
pub const REDUCE: &[u8] = b"R";
pub const BUILD: &[u8] = b"b";
pub const NEWOBJ: &[u8] = b"\x81";

/// A tuple of these values.
pub fn tuple(items: &[&[u8]]) -> Vec<u8> {
    [b"(", items.concat().as_slice(), b"t"].concat()
}

/// A list of these values.
pub fn list(items: &[&[u8]]) -> Vec<u8> {
    [b"](", items.concat().as_slice(), b"e"].concat()
}

/// A dict of these keys and values in turn.
pub fn dict(items: &[&[u8]]) -> Vec<u8> {
    [b"}(", items.concat().as_slice(), b"u"].concat()
}

/// `callee(*args)`.
pub fn call(callee: &[u8], args: &[&[u8]]) -> Vec<u8> {
    [callee, &tuple(args), REDUCE].concat()
}

/// An empty object of a class.
pub fn new(class: &[u8]) -> Vec<u8> {
    [class, EMPTY, NEWOBJ].concat()
}

/// An object, given a state.
pub fn build(object: &[u8], state: &[u8]) -> Vec<u8> {
    [object, state, BUILD].concat()
}

/// `StandardScaler`, empty.
pub fn scaler() -> Vec<u8> {
    new(&name("sklearn.preprocessing._data", "StandardScaler"))
}

/// A dtype of little-endian numbers, such as `f8`.
pub fn dtype(code: &str) -> Vec<u8> {
    let order = if code == "u1" || code == "b1" { "|" } else { "<" };
    dtype_with(code, order, -1, -1, 0)
}

/// A dtype with this order, size, alignment and flags in its state.
pub fn dtype_with(code: &str, order: &str, size: i32, alignment: i32, flags: i32) -> Vec<u8> {
    let made = call(&name("numpy", "dtype"), &[&text(code), FALSE, TRUE]);
    let (size, alignment, flags) = (int(size), int(alignment), int(flags));
    build(&made, &tuple(&[&int(3), &text(order), NONE, NONE, NONE, &size, &alignment, &flags]))
}

/// An array with this state, which may lie.
pub fn array_with(shape: &[i32], dtype: &[u8], data: &[u8]) -> Vec<u8> {
    let args = [name("numpy", "ndarray"), tuple(&[&int(0)]), bytes(b"b")];
    let made = call(&name("numpy._core.multiarray", "_reconstruct"), &[&args[0], &args[1], &args[2]]);
    let lengths: Vec<Vec<u8>> = shape.iter().map(|length| int(*length)).collect();
    let lengths: Vec<&[u8]> = lengths.iter().map(Vec::as_slice).collect();
    build(&made, &tuple(&[&int(1), &tuple(&lengths), dtype, FALSE, data]))
}

/// What a job told, and how it ended.
#[derive(Debug, Default)]
pub struct Answer {
    pub findings: Vec<Finding>,
    pub observation: Option<Observation>,
    pub outcome: Option<Outcome>,
}

impl Emit for Answer {
    fn finding(&mut self, finding: Finding) {
        self.findings.push(finding);
    }
    fn observed(&mut self, observation: &Observation) -> Decision {
        self.observation = Some(observation.clone());
        Decision::Proceed
    }
}

/// Judges bytes in this process.
pub fn judge(content: &[u8], limits: &[&str], allow: &[&str]) -> Answer {
    let mut chosen = Limits::default();
    limits.iter().for_each(|limit| chosen.set(limit).unwrap());
    let allow = allow.iter().map(|name| (*name).to_owned()).collect();
    let job = Job { task: Task::Judge, limits: chosen, allow };
    let mut answer = Answer::default();
    let outcome = job::run(&job, Input::from_bytes(content, usize::MAX), None, None, &mut answer);
    answer.outcome = Some(outcome);
    answer
}

/// Asserts that a file is refused for this reason, first of all.
#[track_caller]
pub fn refused(content: &[u8], code: Code) -> Finding {
    let answer = judge(content, &[], &[]);
    let finding = answer.findings.first().unwrap_or_else(|| panic!("accepted, and {code} was expected: {answer:?}"));
    assert_eq!(finding.code, code, "{finding:?}");
    assert!(matches!(answer.outcome, Some(Outcome::Refused { .. })), "{answer:?}");
    finding.clone()
}

/// Asserts that a file is accepted.
#[track_caller]
pub fn accepted(content: &[u8]) -> Observation {
    let answer = judge(content, &[], &[]);
    assert!(answer.findings.is_empty(), "{:?}", answer.findings);
    assert!(matches!(answer.outcome, Some(Outcome::Done { .. })), "{answer:?}");
    answer.observation.unwrap()
}
