//! What is told of a file beside the verdict: its graph as a document, and its opcodes.

use super::files::{WINDOWS, limits};
use crate::bytes::{Budget, Input};
use crate::dump::{self, Document, Form};
use crate::format::{self, Act, Consumer, Ctx, Fault, Keep, Parsed, show_opcode};
use crate::graph::{Name, NameId};
use crate::vocabulary::Vocabulary;

const FORMS: [Form; 2] = [Form::Json, Form::Cbor];

/// Any bytes as a document, and the documents of a file: a graph that is written reads back the same in both forms, whatever the
/// pieces in which the file is read.
pub fn dump(data: &[u8]) {
    for form in FORMS {
        if let Ok(document) = Document::read(data, form) {
            for again in FORMS {
                let written = write(&document, again);
                assert_eq!(
                    Document::read(&written[..], again).as_ref().ok(),
                    Some(&document),
                    "{form:?}, then {again:?}"
                );
            }
        }
    }
    let documents = dumped(data, WINDOWS[0]);
    for window in WINDOWS {
        assert!(dumped(data, window) == documents, "the document depends on the window, {window}");
    }
    let Some([json, cbor]) = documents else { return };
    let read = |bytes: &[u8], form| match Document::read(bytes, form) {
        Ok(document) => document,
        Err(error) => panic!("what was written does not read: {error}"),
    };
    let document = read(&json, Form::Json);
    assert_eq!(document, read(&cbor, Form::Cbor), "one graph, two documents");
    assert!(
        write(&document, Form::Json) == json.strip_suffix(b"\n").unwrap_or(&json),
        "another spelling of one document"
    );
}

fn write(document: &Document, form: Form) -> Vec<u8> {
    let mut bytes = Vec::new();
    let written = match form {
        Form::Json => serde_json::to_writer(&mut bytes, document).map_err(|error| error.to_string()),
        Form::Cbor => ciborium::into_writer(document, &mut bytes).map_err(|error| error.to_string()),
    };
    assert_eq!(written, Ok(()), "a document that was read can not be written");
    bytes
}

/// The graph of a file that is not refused, in both forms.
fn dumped(data: &[u8], window: usize) -> Option<[Vec<u8>; 2]> {
    let vocabulary = Vocabulary::default();
    let (mut nobody, mut parsed) = ((), Parsed::default());
    let mut input = Input::from_bytes(data, window);
    let budget = Budget::new(&limits(), input.size());
    let mut ctx = Ctx::new(&vocabulary, budget, Keep::Bytes, &mut nobody);
    let read = format::read(&mut input, &mut ctx, &mut parsed);
    if read.is_err() || !ctx.suspects.is_empty() {
        return None;
    }
    let mut documents = FORMS.map(|_| Vec::new());
    for (form, out) in FORMS.into_iter().zip(&mut documents) {
        match dump::write(&ctx.heap, &parsed.roots, form, &mut ctx.budget, out) {
            Err(dump::WriteError::Limit(_)) => return None,
            written => assert!(written.is_ok(), "a graph can not be written: {written:?}"),
        }
    }
    Some(documents)
}

/// What a listing says of one opcode: where, how long, which, and its argument in words.
type Line = (u64, u64, &'static str, String);

/// Takes the opcodes, and sees that each begins where the one before it ends, or behind it.
#[derive(Default)]
struct Lines {
    lines: Vec<Line>,
    end: u64,
}

impl Consumer for Lines {
    fn event(&mut self, _: u64, _: Act, _: NameId, _: &Name) {}

    fn opcode(&mut self, at: u64, head: &[u8], length: u64) {
        assert!(at >= self.end, "an opcode at {at} begins in the one before it, which ends at {}", self.end);
        self.end = at + length;
        let (name, argument) = said(head);
        self.lines.push((at, length, name, argument));
    }
}

fn said(bytes: &[u8]) -> (&'static str, String) {
    let Some(shown) = show_opcode(bytes) else { return ("", String::new()) };
    let argument = format!("{:?}", shown.argument);
    assert!(!argument.chars().any(char::is_control), "{argument:?} is not escaped");
    assert!(argument.len() <= 1000, "an argument of {} bytes is shown", argument.len());
    (shown.name, argument)
}

/// The opcodes of a file: each stands behind the one before it, their arguments are escaped and short, the list is the same
/// whatever the pieces, and listing them changes nothing in what becomes of the file.
pub fn opcodes(data: &[u8]) {
    for start in 0..data.len().min(64) {
        said(data.get(start..).unwrap_or_default());
    }
    let (lines, fault) = listed(data, WINDOWS[0], true);
    for window in WINDOWS {
        let (again, other) = listed(data, window, true);
        assert_eq!(again, lines, "the opcodes depend on the window, {window}");
        assert_eq!(other, fault, "the fault depends on the window, {window}");
    }
    assert_eq!(
        listed(data, WINDOWS[0], false),
        (Vec::new(), fault),
        "a file is read otherwise when its opcodes are listed"
    );
}

fn listed(data: &[u8], window: usize, list: bool) -> (Vec<Line>, Option<String>) {
    let vocabulary = Vocabulary::default();
    let (mut lines, mut parsed) = (Lines::default(), Parsed::default());
    let mut input = Input::from_bytes(data, window);
    let budget = Budget::new(&limits(), input.size());
    let mut ctx = Ctx::new(&vocabulary, budget, Keep::Shapes, &mut lines);
    ctx.list_opcodes = list;
    let fault = format::read(&mut input, &mut ctx, &mut parsed).err().as_ref().map(Fault::to_string);
    (lines.lines, fault)
}
