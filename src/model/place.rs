//! Where an object stands in a file: `steps[0] "scale".mean_`, `estimators_[17].tree_`.
//!
//! Asked for what is wrong, and whether there is an estimator at all, which the top object of nearly every file is: so a file
//! without fault pays next to nothing for it.

use super::table::class_of;
use crate::graph::{Heap, Items, Object, ObjectId, Pairs, Value, View};
use crate::reason::{escape, escape_bytes};
use std::collections::HashSet;

/// Most values that are looked at.
const LOOKED: usize = 1 << 20;

/// One step down from a value.
#[derive(Debug, Clone, Copy)]
pub(super) enum Down {
    Root,
    Attribute(Value),
    Key(Value),
    Index(u64),
    /// The estimator of a pair that begins with this name.
    Named(Value),
}

struct Seen {
    value: Value,
    parent: usize,
    down: Down,
}

/// The shortest way from a root to an object; `None` if none was found.
pub(super) fn place(heap: &Heap, roots: &[Value], wanted: ObjectId) -> Option<String> {
    let (seen, at) = find(heap, roots, |id, _| id == wanted)?;
    Some(write(heap, &seen, at))
}

/// Whether a root is, or leads to, an object of a class that this build types.
pub(super) fn leads_to_estimator(heap: &Heap, roots: &[Value]) -> bool {
    find(heap, roots, |_, object| heap.get_name(object.name).is_some_and(|name| class_of(name).is_some())).is_some()
}

/// What was looked at, and the index in it of the nearest object that is wanted.
fn find(heap: &Heap, roots: &[Value], wanted: impl Fn(ObjectId, &Object) -> bool) -> Option<(Vec<Seen>, usize)> {
    let mut seen: Vec<Seen> =
        roots.iter().map(|value| Seen { value: *value, parent: usize::MAX, down: Down::Root }).collect();
    let mut met: HashSet<Value> = roots.iter().copied().collect();
    let mut at = 0usize;
    while let Some(Seen { value, .. }) = seen.get(at) {
        let value = *value;
        if heap.as_object(value).is_some_and(|(id, object)| wanted(id, object)) {
            return Some((seen, at));
        }
        let mut visit = |child: Value, down: Down| {
            let deep = heap.as_object(child).is_some()
                || matches!(heap.view(child), View::List(_) | View::Tuple(_) | View::Dict(_) | View::Array(_));
            if deep && seen.len() < LOOKED && met.insert(child) {
                seen.push(Seen { value: child, parent: at, down });
            }
        };
        children(heap, value, &mut visit);
        at = at.saturating_add(1);
    }
    None
}

/// What a value leads to, one step down.
pub(super) fn children(heap: &Heap, value: Value, visit: &mut impl FnMut(Value, Down)) {
    if let Some((_, object)) = heap.as_object(value) {
        match heap.as_dict(object.state) {
            Some(pairs) => each_pair(pairs, Down::Attribute, visit),
            None => visit(object.state, Down::Root),
        }
        visit(object.args, Down::Root);
        match heap.as_dict(object.items) {
            Some(pairs) => each_pair(pairs, Down::Key, visit),
            None => visit(object.items, Down::Root),
        }
        return;
    }
    match heap.view(value) {
        View::List(items) | View::Set(items) | View::FrozenSet(items) => each_item(items, visit),
        View::Tuple(items) => match items.exactly() {
            Some([name, estimator]) if matches!(heap.view(name), View::Text(_)) => visit(estimator, Down::Named(name)),
            _ => each_item(items, visit),
        },
        View::Dict(pairs) => each_pair(pairs, Down::Key, visit),
        View::Array(array) => {
            if let crate::graph::ArrayData::Objects(list) = array.data {
                visit(list, Down::Root);
            }
        }
        _ => {}
    }
}

fn each_item(items: Items<'_>, visit: &mut impl FnMut(Value, Down)) {
    for (index, item) in (0u64..).zip(items) {
        visit(item, Down::Index(index));
    }
}

fn each_pair(pairs: Pairs<'_>, down: fn(Value) -> Down, visit: &mut impl FnMut(Value, Down)) {
    for (key, value) in pairs {
        visit(value, down(key));
    }
}

fn write(heap: &Heap, seen: &[Seen], mut at: usize) -> String {
    let mut downs = Vec::new();
    while let Some(step) = seen.get(at) {
        downs.push(step.down);
        at = step.parent;
    }
    let text = |value| match heap.view(value) {
        View::Text(text) => escape_bytes(text.bytes()),
        view => view.int().map_or_else(|| "…".to_owned(), |int| int.to_string()),
    };
    let mut out = String::new();
    for down in downs.iter().rev().filter(|down| !matches!(down, Down::Root)) {
        match down {
            Down::Attribute(key) if out.is_empty() => out.push_str(&text(*key)),
            Down::Attribute(key) => out.push_str(&format!(".{}", text(*key))),
            Down::Key(key) => out.push_str(&format!("[\"{}\"]", text(*key).replace('"', "\\\""))),
            Down::Index(index) => out.push_str(&format!("[{index}]")),
            Down::Named(name) => out.push_str(&format!(" \"{}\"", text(*name).replace('"', "\\\""))),
            Down::Root => {}
        }
        if out.len() > 400 {
            return escape(&out);
        }
    }
    out
}
