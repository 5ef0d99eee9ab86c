//! Walks over a graph without recursion: how deep it is, and where in the model a value stands.

use super::bits::Bits;
use super::heap::Heap;
use super::value::{Tag, Value};
use super::view::View;
use crate::reason::escape_bytes;

/// How one leads from a value to one of its parts.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Step {
    /// An attribute of an object.
    Attribute(String),
    /// A key of a dict.
    Key(String),
    /// An index of a list or tuple.
    Index(usize),
    /// The estimator of a pair of a name and an estimator.
    Named(String),
    /// An argument of a call.
    Argument(usize),
}

/// A value whose parts are being walked.
struct Frame<'h> {
    parts: Box<dyn Iterator<Item = (Step, Value)> + 'h>,
    step: Option<Step>,
}

/// Containers that were met: one bit a cell or object, so that it costs a small part of what they do. Of arrays nothing is noted.
#[derive(Default)]
pub(super) struct Seen {
    cells: Bits,
    objects: Bits,
}

impl Seen {
    /// Notes it; whether it was not noted before.
    pub fn first_time(&mut self, value: Value) -> bool {
        self.bits_mut(value).is_none_or(|bits| bits.add(value.payload()))
    }

    /// Whether it was noted.
    pub fn has(&self, value: Value) -> bool {
        match value.tag() {
            Tag::Array => false,
            Tag::Object => self.objects.has(value.payload()),
            _ => self.cells.has(value.payload()),
        }
    }

    /// Forgets it.
    pub fn forget(&mut self, value: Value) {
        if let Some(bits) = self.bits_mut(value) {
            bits.remove(value.payload());
        }
    }

    fn bits_mut(&mut self, value: Value) -> Option<&mut Bits> {
        match value.tag() {
            Tag::Array => None,
            Tag::Object => Some(&mut self.objects),
            _ => Some(&mut self.cells),
        }
    }
}

impl Heap {
    /// Where the first value that is `wanted` stands below `root`, such as `steps[0] "scale"`; empty for the root itself.
    /// Stops below `depth` containers.
    pub fn place(&self, root: Value, depth: u64, wanted: &mut dyn FnMut(Value) -> bool) -> Option<String> {
        let mut found = None;
        self.walk(root, depth, &mut |path, value| {
            if wanted(value) {
                found = Some(show(path));
            }
            found.is_none()
        });
        found
    }

    /// Visits each value below `root`, each container once. `false` if it stopped: told to, or too deep.
    fn walk<'h>(&'h self, root: Value, depth: u64, visit: &mut dyn FnMut(&[Frame<'h>], Value) -> bool) -> bool {
        let mut seen = Seen::default();
        let mut path: Vec<Frame<'h>> =
            vec![Frame { parts: Box::new(std::iter::once((Step::Index(0), root))), step: None }];
        loop {
            let below_root = path.len() > 1;
            let Some(top) = path.last_mut() else { break };
            let Some((step, value)) = top.parts.next() else {
                path.pop();
                continue;
            };
            top.step = below_root.then_some(step);
            if !visit(&path, value) {
                return false;
            }
            if let Some(parts) = self.parts(value)
                && seen.first_time(value)
            {
                if path.len() as u64 > depth {
                    return false;
                }
                path.push(Frame { parts, step: None });
            }
        }
        true
    }

    /// The parts of a container or object, each with the step to it.
    fn parts(&self, value: Value) -> Option<Box<dyn Iterator<Item = (Step, Value)> + '_>> {
        if value.tag() == Tag::Object {
            let (_, object) = self.as_object(value)?;
            let arguments = self.as_tuple(object.args).into_iter().flatten().enumerate();
            let arguments = arguments.map(|(index, value)| (Step::Argument(index), value));
            let state = match self.view(object.state) {
                View::Dict(pairs) => Box::new(pairs.map(|(key, value)| (Step::Attribute(self.key(key)), value)))
                    as Box<dyn Iterator<Item = _>>,
                View::None => Box::new(std::iter::empty()),
                _ => Box::new(std::iter::once((Step::Index(0), object.state))),
            };
            let items = self.parts(object.items).into_iter().flatten();
            return Some(Box::new(state.chain(items).chain(arguments)));
        }
        match self.view(value) {
            View::Tuple(items) => {
                let name = items.at(0).filter(|_| items.len() >= 2).and_then(|name| self.as_str(name)).map(escape);
                let step = move |(index, value)| match (&name, index) {
                    (Some(name), 1) => (Step::Named(name.clone()), value),
                    _ => (Step::Index(index), value),
                };
                Some(Box::new(items.enumerate().map(step)))
            }
            View::List(items) | View::Set(items) | View::FrozenSet(items) => {
                Some(Box::new(items.enumerate().map(|(index, value)| (Step::Index(index), value))))
            }
            View::Dict(pairs) => Some(Box::new(pairs.flat_map(|(key, value)| {
                let step = Step::Key(self.key(key));
                [(step.clone(), key), (step, value)]
            }))),
            View::Array(array) => match array.data {
                super::array::ArrayData::Objects(list) => Some(Box::new(std::iter::once((Step::Index(0), list)))),
                super::array::ArrayData::Blob(_) => None,
            },
            _ => None,
        }
    }

    fn key(&self, key: Value) -> String {
        match self.view(key) {
            View::Text(text) => escape_bytes(text.bytes()),
            View::Int(number) => number.to_string(),
            other => other.kind().to_owned(),
        }
    }
}

fn escape(text: &str) -> String {
    escape_bytes(text.as_bytes())
}

fn show(path: &[Frame<'_>]) -> String {
    let mut shown = String::new();
    for step in path.iter().filter_map(|frame| frame.step.as_ref()) {
        match step {
            Step::Attribute(name) if shown.is_empty() => shown.push_str(name),
            Step::Attribute(name) => shown.push_str(&format!(".{name}")),
            Step::Key(key) => shown.push_str(&format!("[\"{key}\"]")),
            Step::Index(index) => shown.push_str(&format!("[{index}]")),
            Step::Named(name) => shown.push_str(&format!(" \"{name}\"")),
            Step::Argument(index) => shown.push_str(&format!("(argument {index})")),
        }
    }
    shown
}
