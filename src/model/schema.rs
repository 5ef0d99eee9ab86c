//! `schema@1`: what a model takes and gives, by the fixed rule that [`Schema`] documents. It is a function of the graph
//! alone, whichever bytes of arrays were kept and whatever this build types; see `docs/seal.md`.

use super::labels::labels;
use crate::graph::{Array, ArrayData, Heap, Object, Value, View};
use crate::manifest::{Labels, Schema, Step};
use std::collections::{BTreeSet, HashSet};

/// Most bytes of an array whose labels are listed.
const LISTED: u64 = 16 << 10;
/// States with more attributes than this are looked at once, however many objects share them.
const SHARED: usize = 64;

/// What the object at the top of a file takes and gives.
pub fn schema(heap: &Heap, root: Value) -> Schema {
    let top = object(heap, root);
    let steps = top.map(|top| steps(heap, top)).unwrap_or_default();
    let own = top.map(|top| top.state);
    let first = own.into_iter().chain(steps.iter().filter_map(|(_, step)| step.map(|step| step.state)));
    let takes = first.filter_map(|state| Some((state, count(heap, state, "n_features_in_")?))).next();
    let last = steps.last().and_then(|(_, step)| *step).map(|step| step.state);
    let gives = |attribute| own.into_iter().chain(last).find(|state| heap.lookup(*state, attribute).is_some());
    let classes = gives("classes_").and_then(|state| heap.lookup(state, "classes_"));
    Schema {
        class: top.map(|top| class(heap, top)),
        sklearn_versions: versions(heap),
        n_features_in: takes.map(|(_, count)| count),
        feature_names_in: takes.and_then(|(state, _)| names(heap, heap.lookup(state, "feature_names_in_")?)),
        classes: classes.and_then(|classes| listed(heap, heap.as_array(classes)?)),
        n_outputs: gives("n_outputs_").and_then(|state| count(heap, state, "n_outputs_")),
        steps: steps.into_iter().map(|(name, step)| Step { name, class: step.map(|step| class(heap, step)) }).collect(),
    }
}

/// Parts of the schema that an object or its steps have, and that the rule does not list.
pub(super) fn unlisted(heap: &Heap, top: &Object) -> Vec<String> {
    let steps = steps(heap, top);
    let states = || std::iter::once(top.state).chain(steps.iter().filter_map(|(_, step)| step.map(|step| step.state)));
    let held = |attribute| states().find_map(|state| heap.lookup(state, attribute));
    let mut found = Vec::new();
    if held("feature_names_in_").is_some_and(|value| names(heap, value).is_none()) {
        found.push("feature_names_in".to_owned());
    }
    let data = |classes| heap.as_array(classes).and_then(|array| listed(heap, array)?.data);
    if held("classes_").is_some_and(|classes| data(classes).is_none()) {
        found.push("classes".to_owned());
    }
    found
}

/// The object, unless the value is an array, a number or other plain data.
pub(super) fn object(heap: &Heap, value: Value) -> Option<&Object> {
    match heap.view(value) {
        View::Object(_, object) => Some(object),
        _ => None,
    }
}

/// `module.qualname` of an object.
pub(super) fn class(heap: &Heap, object: &Object) -> String {
    heap.get_name(object.name).map(|name| name.dotted()).unwrap_or_default()
}

/// The steps of a pipeline: an object whose class is called `Pipeline`, and whose `steps` is a list of pairs.
pub(super) fn steps<'h>(heap: &'h Heap, top: &Object) -> Vec<(String, Option<&'h Object>)> {
    if heap.get_name(top.name).is_none_or(|name| name.qualname != "Pipeline") {
        return Vec::new();
    }
    let list = heap.lookup(top.state, "steps").map(|list| heap.view(list));
    let Some(View::List(items)) = list else { return Vec::new() };
    let step = |item| {
        let [name, estimator] = heap.as_items(item)?.exactly()?;
        let View::Text(name) = heap.view(name) else { return None };
        Some((String::from_utf8_lossy(name.bytes()).into_owned(), object(heap, estimator)))
    };
    items.filter_map(step).collect()
}

/// Every `_sklearn_version` of an object, sorted by bytes, each once.
fn versions(heap: &Heap) -> Vec<String> {
    let mut found = BTreeSet::new();
    let mut seen = HashSet::new();
    for object in heap.objects() {
        let Some(pairs) = heap.as_dict(object.state) else { continue };
        if pairs.len() > SHARED && !seen.insert(object.state) {
            continue;
        }
        let version = heap.lookup(object.state, "_sklearn_version").and_then(|version| heap.as_str(version));
        if let Some(version) = version.filter(|version| !found.contains(*version)) {
            found.insert(version.to_owned());
        }
    }
    found.into_iter().collect()
}

/// An attribute that is a whole number, not below zero.
fn count(heap: &Heap, state: Value, attribute: &str) -> Option<u64> {
    heap.view(heap.lookup(state, attribute)?).int().and_then(|count| u64::try_from(count).ok())
}

/// Names of features: an array of texts.
pub(super) fn names(heap: &Heap, value: Value) -> Option<Vec<String>> {
    let array = heap.as_array(value)?;
    let bytes = array.len().saturating_mul(heap.get_dtype(array.dtype)?.size);
    if matches!(array.data, ArrayData::Blob(_)) && bytes > LISTED {
        return None;
    }
    let found = labels(heap, array)?;
    let name = |label| match label {
        super::Label::Text(text) => Some(text),
        _ => None,
    };
    found.items.into_iter().map(name).collect()
}

/// The labels of a classifier with one output.
fn listed(heap: &Heap, array: &Array) -> Option<Labels> {
    let dtype = heap.get_dtype(array.dtype)?;
    let small = array.shape.len() == 1 && array.len().saturating_mul(dtype.size) <= LISTED;
    let data = if small { labels(heap, array) } else { None };
    let data = data.map(|labels| labels.items.iter().map(super::Label::text).collect());
    Some(Labels { dtype: dtype.name(), count: array.len(), data })
}
