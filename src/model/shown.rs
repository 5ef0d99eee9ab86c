//! Values as Python would show them, whole: two that are shown alike are alike, unless it is said that not all of one was shown.

use super::labels::{self, Label, labels};
use super::repr;
use super::schema::class;
use crate::bytes::Hasher;
use crate::graph::{Array, ArrayData, Bytes, Heap, Items, Object, Pairs, Value, View};
use crate::reason::{escape, escape_bytes};

/// Longest text that is given as it is, in bytes; of a longer one, its beginning, its length and its digest.
const LONGEST: usize = 120;
/// Characters of such a beginning.
const BEGINNING: usize = 50;
/// Most bytes of text that are made of one value.
const WHOLE: usize = 1 << 20;
/// Containers and objects inside one another that are shown. So the recursion here does not follow the input.
const DEEPEST: u8 = 12;

/// A value as text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Shown {
    /// The text, in which nothing has to be escaped any more.
    pub text: String,
    /// Whether the text stands for all of the value.
    pub whole: bool,
}

/// How much of an object is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Depth {
    /// Its class and arguments: its attributes are shown elsewhere.
    Class,
    /// All of it, but for attributes that begin or end with an underscore: those are learned, or its own affair.
    All,
}

/// A value as text. `room` is what may be written in all, and becomes less by what was.
pub(super) fn shown(heap: &Heap, value: Value, depth: Depth, room: &mut usize) -> Shown {
    let most = WHOLE.min(*room);
    let mut writer = Writer { heap, out: String::new(), most, whole: true };
    writer.value(value, depth, DEEPEST);
    let Writer { out, whole, .. } = writer;
    *room = room.saturating_sub(out.len());
    if out.len() <= LONGEST {
        return Shown { text: out, whole };
    }
    let beginning = out.char_indices().nth(BEGINNING).and_then(|(end, _)| out.get(..end)).unwrap_or(&out);
    let digest = hexadecimal(&Hasher::digest(out.as_bytes()));
    let more = if whole { "" } else { "more than " };
    Shown { text: format!("{beginning}… ({more}{} letters, sha256 {digest})", out.chars().count()), whole }
}

/// The first 16 bytes of a digest: nobody finds two values that share them.
fn hexadecimal(digest: &[u8]) -> String {
    digest.iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}

/// Whether an attribute is a parameter by its name: it neither begins nor ends with an underscore.
pub(super) fn is_parameter(name: &[u8]) -> bool {
    !name.starts_with(b"_") && !name.ends_with(b"_") && !name.is_empty()
}

struct Writer<'h> {
    heap: &'h Heap,
    out: String,
    most: usize,
    whole: bool,
}

impl<'h> Writer<'h> {
    fn write(&mut self, text: &str) {
        if self.out.len().saturating_add(text.len()) <= self.most {
            self.out.push_str(text);
        } else {
            self.whole = false;
        }
    }

    fn is_full(&self) -> bool {
        !self.whole && self.out.len() >= self.most.saturating_sub(LONGEST)
    }

    fn value(&mut self, value: Value, depth: Depth, deeper: u8) {
        let Some(deeper) = deeper.checked_sub(1).filter(|_| !self.is_full()) else {
            self.whole = false;
            return self.write("…");
        };
        match self.heap.view(value) {
            View::None => self.write("None"),
            View::Bool(value) => self.write(if value { "True" } else { "False" }),
            View::Int(value) => self.write(&value.to_string()),
            View::Long(bytes) => match self.heap.view(value).int() {
                Some(number) => self.write(&number.to_string()),
                None => {
                    let digest = hexadecimal(&Hasher::digest(bytes));
                    self.write(&format!("<int of {} bytes, sha256 {digest}>", bytes.len()));
                }
            },
            View::Float(value) => self.write(&repr::float(value)),
            View::Text(text) => self.text("", text.bytes()),
            View::Latin(bytes) => self.text("", bytes),
            View::Bytes(blob) => self.blob("b", blob),
            View::ByteArray(blob) => self.blob("bytearray ", blob),
            View::Name(_, name) => self.write(&escape_all(name.dotted().as_bytes())),
            View::DType(_, dtype) => self.write(&format!("dtype({})", escape(&dtype.name()))),
            View::Tuple(items) => {
                let close = if items.len() == 1 { ",)" } else { ")" };
                self.items("(", items, close, depth, deeper);
            }
            View::List(items) => self.items("[", items, "]", depth, deeper),
            View::Set(items) | View::FrozenSet(items) => self.set(items, deeper),
            View::Dict(pairs) => self.pairs(pairs, depth, deeper),
            View::Array(array) => self.array(array, deeper),
            View::Object(_, object) => self.object(object, depth, deeper),
        }
    }

    /// All of a text, with no two alike: a backslash is written twice.
    fn text(&mut self, before: &str, bytes: &[u8]) {
        let bytes = match bytes.get(..self.most) {
            Some(beginning) => {
                self.whole = false;
                beginning
            }
            None => bytes,
        };
        let escaped = escape_all(bytes);
        self.write(before);
        self.write(&repr::quoted(&escaped));
    }

    fn blob(&mut self, before: &str, blob: crate::graph::BlobId) {
        match self.heap.blob_bytes(blob) {
            Bytes::Kept(bytes) => self.text(before, bytes),
            Bytes::Passed => {
                self.whole = false;
                self.write(&format!("<{} bytes>", self.heap.blob(blob).map_or(0, |blob| blob.len)));
            }
        }
    }

    fn items(&mut self, open: &str, items: Items<'_>, close: &str, depth: Depth, deeper: u8) {
        self.write(open);
        for (index, item) in items.enumerate() {
            if self.is_full() {
                break;
            }
            if index > 0 {
                self.write(", ");
            }
            self.value(item, depth, deeper);
        }
        self.write(close);
    }

    /// A set in an order of its own: the file's is another each time that Python writes it.
    fn set(&mut self, items: Items<'_>, deeper: u8) {
        let mut texts = Vec::new();
        let mut room = self.most.saturating_sub(self.out.len());
        for item in items {
            let mut item_writer = Writer { heap: self.heap, out: String::new(), most: room, whole: true };
            item_writer.value(item, Depth::All, deeper);
            self.whole &= item_writer.whole;
            room = room.saturating_sub(item_writer.out.len());
            texts.push(item_writer.out);
            if room == 0 {
                self.whole = false;
                break;
            }
        }
        texts.sort_unstable();
        self.write(&format!("{{{}}}", texts.join(", ")));
    }

    fn pairs(&mut self, pairs: Pairs<'_>, depth: Depth, deeper: u8) {
        self.write("{");
        for (index, (key, value)) in pairs.enumerate() {
            if self.is_full() {
                break;
            }
            if index > 0 {
                self.write(", ");
            }
            self.value(key, Depth::All, deeper);
            self.write(": ");
            self.value(value, depth, deeper);
        }
        self.write("}");
    }

    fn array(&mut self, array: &Array, deeper: u8) {
        let heap = self.heap;
        let dtype = heap.get_dtype(array.dtype).map(|dtype| escape(&dtype.name())).unwrap_or_default();
        let shape: Vec<String> = array.shape.iter().map(ToString::to_string).collect();
        self.write(&format!("{dtype} array of shape ({}) ", shape.join(", ")));
        if let ArrayData::Objects(list) = array.data {
            return self.value(list, Depth::All, deeper);
        }
        if let Some(labels) = labels(heap, array) {
            let texts: Vec<String> = labels.items.iter().map(of_label).collect();
            return self.write(&format!("[{}]", texts.join(", ")));
        }
        match heap.array_bytes(array) {
            Some(bytes) => self.write(&format!("sha256 {}", hexadecimal(&Hasher::digest(bytes)))),
            None => {
                self.whole = false;
                self.write("not read");
            }
        }
    }

    fn object(&mut self, object: &Object, depth: Depth, deeper: u8) {
        let heap = self.heap;
        if let Some(number) = scalar(heap, object) {
            return self.write(&number);
        }
        self.write(&escape_all(class(heap, object).as_bytes()));
        if let Some(args) = heap.as_tuple(object.args).filter(|args| !args.is_empty()) {
            self.items("(", args, ")", Depth::All, deeper);
        }
        match heap.as_dict(object.state) {
            Some(_) if depth == Depth::Class => {}
            Some(pairs) => {
                let parameters = pairs.filter(|(key, _)| match heap.view(*key) {
                    View::Text(name) => is_parameter(name.bytes()),
                    _ => true,
                });
                for (key, value) in parameters {
                    if self.is_full() {
                        return;
                    }
                    self.write(" ");
                    self.value(key, Depth::All, deeper);
                    self.write("=");
                    self.value(value, Depth::All, deeper);
                }
            }
            None if object.built => {
                self.write(" ");
                self.value(object.state, Depth::All, deeper);
            }
            None => {}
        }
        if object.items != Value::NONE {
            self.write(" ");
            self.value(object.items, Depth::All, deeper);
        }
    }
}

/// A number of numpy's, such as `float64(0.1)`.
fn scalar(heap: &Heap, object: &Object) -> Option<String> {
    let (dtype, number) = labels::scalar(heap, object)?;
    Some(format!("{}({})", escape(&dtype.name()), of_label(&number)))
}

fn of_label(label: &Label) -> String {
    let text = escape_all(label.text().as_bytes());
    if matches!(label, Label::Text(_)) { repr::quoted(&text) } else { text }
}

/// All of a text, escaped; [`escape_bytes`] cuts what is long.
fn escape_all(bytes: &[u8]) -> String {
    if bytes.iter().all(|byte| matches!(byte, b' '..=b'~') && *byte != b'\\') {
        return String::from_utf8_lossy(bytes).into_owned();
    }
    let mut out = String::new();
    for chunk in bytes.utf8_chunks() {
        chunk.valid().chars().for_each(|c| out.push_str(&escape(c.encode_utf8(&mut [0; 4]))));
        out.push_str(&escape_bytes(chunk.invalid()));
    }
    out
}
