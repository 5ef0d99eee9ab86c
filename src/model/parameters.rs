//! The parameters of an object and of the estimators in it, under the names that scikit-learn's `get_params(deep=True)` gives them:
//! `scale__with_mean` of a step, `estimator__max_depth` of what a search looks through.

use super::schema::object;
use super::shown::{Depth, Shown, is_parameter, shown};
use crate::graph::{Heap, Object, Value, View};
use crate::reason::escape_bytes;
use std::collections::{HashSet, VecDeque};

/// Most parameters that are told.
const MOST: usize = 1024;
/// Longest name of one, in bytes.
const LONGEST: usize = 240;
/// Most bytes of values that are read.
const READ: usize = 4 << 20;
/// Most bytes of names and values that are told.
const TOLD: usize = 1 << 20;
/// Most names in a name.
const DEEPEST: u8 = 16;

/// What was found.
#[derive(Debug, Default)]
pub(super) struct Parameters {
    /// Name and value, those of outer objects first, else in the file's order.
    pub told: Vec<(String, String)>,
    /// Names of those whose values were not read to their ends.
    pub unread: Vec<String>,
    /// How many more were met.
    pub left_out: u64,
}

/// The parameters of the values at the top of a file.
pub(super) fn parameters(heap: &Heap, roots: &[Value]) -> Parameters {
    let mut walk =
        Walk { heap, found: Parameters::default(), met: HashSet::new(), todo: VecDeque::new(), room: READ, told: 0 };
    for (index, root) in roots.iter().enumerate() {
        // Nearly every file has one value.
        let prefix = if index == 0 { String::new() } else { format!("[{index}]") };
        match object(heap, *root) {
            Some(top) if index == 0 => walk.object("", top, 0),
            _ => walk.top(&prefix, *root),
        }
        while let Some((prefix, value, depth)) = walk.todo.pop_front() {
            if let Some(object) = object(heap, value) {
                walk.object(&prefix, object, depth);
            }
        }
    }
    walk.found
}

struct Walk<'h> {
    heap: &'h Heap,
    found: Parameters,
    /// Names that were told: a step can bear the name of a parameter.
    met: HashSet<String>,
    /// Objects whose parameters are told later, with what stands before their names.
    todo: VecDeque<(String, Value, u8)>,
    room: usize,
    told: usize,
}

impl<'h> Walk<'h> {
    /// A value at the top that is no object: its items have names of their own.
    fn top(&mut self, prefix: &str, root: Value) {
        match self.heap.view(root) {
            View::Dict(mut pairs) => {
                while let Some((key, value)) = pairs.next() {
                    let name = match self.heap.view(key) {
                        View::Text(name) => escape_bytes(name.bytes()),
                        _ => {
                            self.leave_out(1);
                            continue;
                        }
                    };
                    self.value(&format!("{prefix}{name}"), value, 0);
                    if self.is_over() {
                        return self.leave_out(pairs.len());
                    }
                }
            }
            View::List(mut items) | View::Tuple(mut items) => {
                let mut index = 0u64;
                while let Some(item) = items.next() {
                    self.value(&format!("{prefix}[{index}]"), item, 0);
                    index = index.saturating_add(1);
                    if self.is_over() {
                        return self.leave_out(items.len());
                    }
                }
            }
            _ => self.value(if prefix.is_empty() { "value" } else { prefix }, root, 0),
        }
    }

    fn object(&mut self, prefix: &str, object: &Object, depth: u8) {
        let Some(pairs) = self.heap.as_dict(object.state) else { return };
        for (key, value) in pairs {
            let View::Text(name) = self.heap.view(key) else { continue };
            // What a search has found is learned, and is what answers.
            if is_parameter(name.bytes()) || name.is("best_estimator_") {
                self.value(&format!("{prefix}{}", escape_bytes(name.bytes())), value, depth);
                self.members(prefix, value, depth);
            }
        }
    }

    /// Estimators in a list of pairs, which have the names that stand before them: the steps of a pipeline, the columns of a
    /// `ColumnTransformer`, the members of a vote.
    fn members(&mut self, prefix: &str, list: Value, depth: u8) {
        for item in self.heap.as_items(list).into_iter().flatten() {
            let Some(mut member) = self.heap.as_items(item) else { return };
            let (2 | 3, Some(name), Some(estimator)) = (member.len(), member.next(), member.next()) else { return };
            let View::Text(name) = self.heap.view(name) else { return };
            // `drop` and `passthrough` stand in the list itself.
            if object(self.heap, estimator).is_some() {
                self.value(&format!("{prefix}{}", escape_bytes(name.bytes())), estimator, depth);
            }
        }
    }

    fn value(&mut self, name: &str, value: Value, depth: u8) {
        if self.is_over() || name.len() > LONGEST || !self.met.insert(name.to_owned()) {
            return self.leave_out(1);
        }
        let Shown { text, whole } = shown(self.heap, value, Depth::Class, &mut self.room);
        if !whole {
            self.found.unread.push(name.to_owned());
        }
        self.told = self.told.saturating_add(name.len()).saturating_add(text.len());
        self.found.told.push((name.to_owned(), text));
        if object(self.heap, value).is_some() {
            match depth < DEEPEST {
                true => self.todo.push_back((format!("{name}__"), value, depth.saturating_add(1))),
                false => self.leave_out(1),
            }
        }
    }

    fn is_over(&self) -> bool {
        self.found.told.len() >= MOST || self.told > TOLD
    }

    fn leave_out(&mut self, count: usize) {
        self.found.left_out = self.found.left_out.saturating_add(count as u64);
    }
}
