//! Pickle opcodes as small functions, so that a test shows the attack where it is made.
//!
//! An `Ops` is opcodes that leave one value on the stack; `ops!` puts pieces one behind the other. What is not written here
//! as a function is written as its byte: `b"R"` is REDUCE (`Lib/pickletools.py` lists them).
#![allow(dead_code)] // Each test file uses its own part.

use coldload::bytes::{Input, Limits};
use coldload::job::{Decision, Emit, Job, Observation, Outcome, Task, run};
use coldload::reason::Finding;

pub type Ops = Vec<u8>;

/// Pieces one behind the other.
macro_rules! ops {
    ($($piece:expr),* $(,)?) => {{
        let mut all: Vec<u8> = Vec::new();
        $(all.extend_from_slice(AsRef::<[u8]>::as_ref(&$piece));)*
        all
    }};
}
#[allow(unused_imports)] // As above.
pub(crate) use ops;

// ---- values

pub const NONE: &[u8] = b"N";
pub const TRUE: &[u8] = b"\x88";
pub const FALSE: &[u8] = b"\x89";
pub const EMPTY_TUPLE: &[u8] = b")";

/// BINUNICODE, SHORT_BINUNICODE.
pub fn text(text: &str) -> Ops {
    match u8::try_from(text.len()) {
        Ok(length) => ops![[0x8c, length], text],
        Err(_) => ops![b"X", u32::try_from(text.len()).unwrap().to_le_bytes(), text],
    }
}

/// BINBYTES.
pub fn bytes(bytes: &[u8]) -> Ops {
    ops![b"B", u32::try_from(bytes.len()).unwrap().to_le_bytes(), bytes]
}

/// BININT.
pub fn int(number: i32) -> Ops {
    ops![b"J", number.to_le_bytes()]
}

pub fn float(number: f64) -> Ops {
    ops![b"G", number.to_be_bytes()]
}

/// MARK … TUPLE.
pub fn tuple(items: &[Ops]) -> Ops {
    ops![b"(", items.concat(), b"t"]
}

/// EMPTY_LIST, MARK … APPENDS.
pub fn list(items: &[Ops]) -> Ops {
    ops![b"](", items.concat(), b"e"]
}

/// EMPTY_DICT, MARK … SETITEMS, with text keys.
pub fn dict(pairs: &[(&str, Ops)]) -> Ops {
    let pairs: Vec<Ops> = pairs.iter().map(|(key, value)| ops![text(key), value]).collect();
    ops![b"}(", pairs.concat(), b"u"]
}

/// BINPUT: the value on top of the stack can be had again.
pub fn put(value: impl AsRef<[u8]>, index: u8) -> Ops {
    ops![value, b"q", [index]]
}

/// BINGET.
pub fn get(index: u8) -> Ops {
    vec![b'h', index]
}

// ---- names and acts

/// GLOBAL: imports a module and fetches a name from it.
pub fn global(module: &str, name: &str) -> Ops {
    ops![b"c", module, b"\n", name, b"\n"]
}

/// STACK_GLOBAL: the same, from two texts on the stack.
pub fn stack_global(module: &str, name: &str) -> Ops {
    ops![text(module), text(name), b"\x93"]
}

/// REDUCE: `callee(*arguments)`.
pub fn call(callee: impl AsRef<[u8]>, arguments: &[Ops]) -> Ops {
    ops![callee, tuple(arguments), b"R"]
}

/// NEWOBJ without arguments: `class.__new__(class)`.
pub fn new(class: impl AsRef<[u8]>) -> Ops {
    ops![class, b")\x81"]
}

/// BUILD: `object.__setstate__(state)`, or an update of its `__dict__`.
pub fn build(object: impl AsRef<[u8]>, state: impl AsRef<[u8]>) -> Ops {
    ops![object, state, b"b"]
}

/// `posix.system("echo PWNED")`: what every attack here tries to reach.
pub fn attack() -> Ops {
    call(global("posix", "system"), &[text("echo PWNED")])
}

// ---- pickles

/// PROTO … STOP.
pub fn pickle(protocol: u8, value: impl AsRef<[u8]>) -> Ops {
    ops![[0x80, protocol], value, b"."]
}

/// Protocol 4 without frames.
pub fn pickle4(value: impl AsRef<[u8]>) -> Ops {
    pickle(4, value)
}

/// FRAME: the opcodes in it, all of them.
pub fn frame(inside: impl AsRef<[u8]>) -> Ops {
    ops![b"\x95", (inside.as_ref().len() as u64).to_le_bytes(), inside]
}

// ---- numpy, joblib and scikit-learn, as their writers write them

pub fn ndarray() -> Ops {
    global("numpy", "ndarray")
}

/// `numpy.dtype(code, False, True)`: no state yet.
pub fn dtype_call(code: &str) -> Ops {
    call(global("numpy", "dtype"), &[text(code), FALSE.into(), TRUE.into()])
}

/// The state of a dtype: version, order, subarray, names, fields, size, alignment, flags.
pub fn dtype_state(order: &str, size: i32, alignment: i32, flags: i32) -> Ops {
    let none = || NONE.to_vec();
    tuple(&[int(3), text(order), none(), none(), none(), int(size), int(alignment), int(flags)])
}

/// A number's dtype: `f8`, `i4`, …
pub fn dtype(code: &str) -> Ops {
    let order = if code.ends_with('1') { "|" } else { "<" };
    build(dtype_call(code), dtype_state(order, -1, -1, 0))
}

/// The dtype of Python objects.
pub fn dtype_of_objects() -> Ops {
    build(dtype_call("O8"), dtype_state("|", -1, -1, 63))
}

pub fn reconstruct() -> Ops {
    global("numpy.core.multiarray", "_reconstruct")
}

/// `_reconstruct(numpy.ndarray, (0,), b'b')`: no state yet.
pub fn empty_array() -> Ops {
    call(reconstruct(), &[ndarray(), tuple(&[int(0)]), bytes(b"b")])
}

pub fn array_state(shape: &[i32], dtype: &Ops, data: Ops) -> Ops {
    let shape: Vec<Ops> = shape.iter().map(|length| int(*length)).collect();
    tuple(&[int(1), tuple(&shape), dtype.clone(), FALSE.into(), data])
}

/// `numpy.array(numbers)`.
pub fn array(numbers: &[f64]) -> Ops {
    let data: Vec<u8> = numbers.iter().flat_map(|number| number.to_le_bytes()).collect();
    build(empty_array(), array_state(&[numbers.len() as i32], &dtype("f8"), bytes(&data)))
}

/// An array of this shape, dtype and bytes.
pub fn array_of(shape: &[i32], dtype: &Ops, data: &[u8]) -> Ops {
    build(empty_array(), array_state(shape, dtype, bytes(data)))
}

/// The dtype of a structure without gaps: its fields' names and codes.
pub fn packed(fields: &[(&str, &str)]) -> Ops {
    let (mut places, mut size) = (Vec::new(), 0);
    for (name, code) in fields {
        places.push((*name, tuple(&[dtype(code), int(size)])));
        size += code[1..].parse::<i32>().unwrap();
    }
    let names: Vec<Ops> = fields.iter().map(|(name, _)| text(name)).collect();
    let state = [int(3), text("|"), NONE.into(), tuple(&names), dict(&places), int(size), int(1), int(16)];
    build(dtype_call(&format!("V{size}")), tuple(&state))
}

/// An estimator that this build knows, with this state and its version.
pub fn estimator(class: impl AsRef<[u8]>, state: &[(&str, Ops)]) -> Ops {
    let mut state = state.to_vec();
    state.push(("_sklearn_version", text("1.6.1")));
    build(new(class), dict(&state))
}

pub fn scaler() -> Ops {
    global("sklearn.preprocessing._data", "StandardScaler")
}

pub fn function_transformer() -> Ops {
    global("sklearn.preprocessing._function_transformer", "FunctionTransformer")
}

/// joblib's wrapper with its state, but without what follows it.
pub fn wrapper(shape: &[i32], dtype: &Ops) -> Ops {
    wrapper_with(&[], shape, dtype)
}

/// The same, with other parts of the state behind or in place of the usual ones.
pub fn wrapper_with(others: &[(&str, Ops)], shape: &[i32], dtype: &Ops) -> Ops {
    let shape: Vec<Ops> = shape.iter().map(|length| int(*length)).collect();
    let mut state = vec![
        ("subclass", ndarray()),
        ("shape", tuple(&shape)),
        ("order", text("C")),
        ("dtype", dtype.clone()),
        ("allow_mmap", if *dtype == dtype_of_objects() { FALSE } else { TRUE }.to_vec()),
    ];
    for (key, value) in others {
        state.retain(|(known, _)| known != key);
        state.push((key, value.clone()));
    }
    build(new(global("joblib.numpy_pickle", "NumpyArrayWrapper")), dict(&state))
}

/// The same wrapper by the copy of joblib that scikit-learn had until 0.20.
pub fn of_sklearn(wrapper: &[u8]) -> Ops {
    let head = global("joblib.numpy_pickle", "NumpyArrayWrapper");
    ops![global("sklearn.externals.joblib.numpy_pickle", "NumpyArrayWrapper"), wrapper.strip_prefix(&head[..]).unwrap()]
}

/// A file with one array of single bytes, not padded, as joblib before 1.2 writes it.
pub fn elements(bytes: &[u8]) -> Ops {
    let shape = i32::try_from(bytes.len()).unwrap();
    ops![b"\x80\x03", wrapper(&[shape], &dtype_bytes()), bytes, b"."]
}

/// Single bytes.
pub fn dtype_bytes() -> Ops {
    build(dtype_call("u1"), dtype_state("|", -1, -1, 0))
}

/// `before`, a padded array of 64 bytes, of which the last ones are `tail`: a joblib that takes the padding for elements takes
/// them, and as many DUP before them as there is padding, for opcodes.
pub fn padded(before: &[u8], least: usize, tail: &[u8]) -> Ops {
    let aligned = wrapper_with(&[("numpy_array_alignment_bytes", int(16))], &[64], &dtype_bytes());
    // As many NONE, POP as it takes for a padding of that length at least.
    let (filler, padding) = (0..8)
        .map(|count| (b"N0".repeat(count), 16 - (before.len() + 2 * count + aligned.len() + 1) % 16))
        .find(|(_, padding)| *padding >= least)
        .unwrap();
    let last = [vec![b'2'; 1 + padding - tail.len()], tail.to_vec()].concat();
    let elements = [vec![0; 64 - last.len()], last].concat();
    ops![before, filler, aligned, [padding as u8], vec![0xff; padding], elements]
}

// ---- judging

/// What a job told.
#[derive(Debug, Default)]
pub struct Judged {
    pub findings: Vec<Finding>,
    pub observation: Option<Observation>,
}

impl Emit for Judged {
    fn finding(&mut self, finding: Finding) {
        self.findings.push(finding);
    }
    fn observed(&mut self, observation: Box<Observation>) -> Decision {
        self.observation = Some(*observation);
        Decision::Proceed
    }
}

impl Judged {
    pub fn codes(&self) -> Vec<&'static str> {
        self.findings.iter().map(|finding| finding.code.text()).collect()
    }
}

/// Judges bytes of which a parser sees at most `window` at once.
pub fn judge_with(bytes: &[u8], limits: &Limits, window: usize) -> Judged {
    let job = Job { task: Task::Judge, limits: limits.clone(), allow: Vec::new(), allow_sets: Vec::new() };
    let mut judged = Judged::default();
    let outcome = run(&job, Input::from_bytes(bytes, window), None, None, &mut judged);
    let refused = matches!(outcome, Outcome::Refused { .. });
    assert!(refused || matches!(outcome, Outcome::Done { .. }), "{outcome:?}");
    assert_eq!(refused, !judged.findings.is_empty());
    judged
}

pub fn judge(bytes: &[u8]) -> Judged {
    judge_with(bytes, &Limits::default(), usize::MAX)
}

/// Judges bytes with names and named sets that the user allows.
pub fn judge_allowing(bytes: &[u8], names: &[&str], sets: &[&str]) -> Judged {
    let owned = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
    let job = Job { task: Task::Judge, limits: Limits::default(), allow: owned(names), allow_sets: owned(sets) };
    let mut judged = Judged::default();
    run(&job, Input::from_bytes(bytes, usize::MAX), None, None, &mut judged);
    judged
}

pub fn limits(texts: &[&str]) -> Limits {
    let mut limits = Limits::default();
    texts.iter().for_each(|text| limits.set(text).unwrap());
    limits
}

/// The file is accepted.
#[track_caller]
pub fn accepted(bytes: &[u8]) -> Observation {
    let judged = judge(bytes);
    assert!(judged.findings.is_empty(), "an honest file is refused: {:?}\n{}", judged.findings, shown(bytes));
    judged.observation.unwrap()
}

/// The file is refused for this reason alone, in these words.
#[track_caller]
pub fn refused(bytes: &[u8], code: &str, words: &str) -> Finding {
    let judged = judge(bytes);
    let [finding] = judged.findings.as_slice() else {
        panic!("one finding {code} is expected: {:?}\n{}", judged.findings, shown(bytes));
    };
    assert_eq!(finding.code.text(), code, "{finding:?}\n{}", shown(bytes));
    assert!(finding.message.contains(words), "{words:?} is not in {:?}", finding.message);
    finding.clone()
}

/// The twins: one is refused for this reason, the other is accepted.
#[track_caller]
pub fn told_apart(hostile: &[u8], code: &str, words: &str, honest: &[u8]) {
    accepted(honest);
    refused(hostile, code, words);
}

fn shown(bytes: &[u8]) -> String {
    coldload::reason::escape_bytes(bytes.get(..400).unwrap_or(bytes))
}
