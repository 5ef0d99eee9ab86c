//! What a person wants to know about a file: shown, never signed.

use super::parameters::{Parameters, parameters};
use super::schema::{object, steps, unlisted};
use super::table::{is_tree, task_of};
use crate::graph::{Folded, Heap, Object, Value, View};
use crate::model::Summary;

/// Adds the parameters of all values at the top of a file, which may be much longer than all the rest.
pub fn tell_parameters(heap: &Heap, roots: &[Value], summary: &mut Summary) {
    let Parameters { told, unread, left_out } = parameters(heap, roots);
    (summary.parameters, summary.unread, summary.left_out) = (told, unread, left_out);
}

/// A few facts about the object at the top of a file.
pub fn summarize(heap: &Heap, root: Value) -> Summary {
    let Some(top) = object(heap, root) else {
        let facts = match heap.view(root) {
            View::List(items) => vec![format!("a list of {}", items.len())],
            View::Tuple(items) => vec![format!("a tuple of {}", items.len())],
            View::Dict(pairs) => vec![format!("a dict of {}", pairs.len())],
            _ => Vec::new(),
        };
        return Summary { facts, ..Summary::default() };
    };
    Summary {
        task: task(heap, top).map(str::to_owned),
        facts: facts(heap, top),
        unlisted: unlisted(heap, top),
        ..Summary::default()
    }
}

/// What the object is for: what its class says, else its last step, else the estimator that a search has chosen.
fn task(heap: &Heap, top: &Object) -> Option<&'static str> {
    let named = |object: &Object| heap.get_name(object.name).and_then(task_of);
    let last = || steps(heap, top).into_iter().next_back().and_then(|(_, step)| named(step?));
    let chosen = || {
        let inner = ["best_estimator_", "estimator"].iter().find_map(|attribute| heap.lookup(top.state, attribute))?;
        named(object(heap, inner)?)
    };
    named(top).or_else(last).or_else(chosen)
}

fn facts(heap: &Heap, top: &Object) -> Vec<String> {
    let mut facts = Vec::new();
    let mut count = |count: u64, one: &str, many: &str| {
        facts.push(if count == 1 { format!("1 {one}") } else { format!("{count} {many}") });
    };
    let steps = steps(heap, top);
    if !steps.is_empty() {
        count(steps.len() as u64, "step", "steps");
    }
    match heap.lookup(top.state, "estimators_").map(|list| heap.view(list)) {
        Some(View::List(items)) => {
            let first = items.clone().next().and_then(|first| object(heap, first));
            let tree = first.is_some_and(|first| heap.lookup(first.state, "tree_").is_some());
            let (one, many) = if tree { ("tree", "trees") } else { ("estimator", "estimators") };
            count(items.len() as u64, one, many);
        }
        // Gradient boosting has a row of trees for each stage.
        Some(View::Array(array)) => count(array.len(), "tree", "trees"),
        _ => {}
    }
    if let Some(tree) = heap.lookup(top.state, "tree_").and_then(|tree| object(heap, tree)) {
        let known = heap.get_name(tree.name).is_some_and(is_tree);
        let nodes = heap.lookup(tree.state, "nodes").and_then(|nodes| heap.as_array(nodes)).filter(|_| known);
        if let Some(nodes) = nodes {
            count(nodes.len(), "node", "nodes");
            if let Ok(Folded::Nodes(found)) = heap.fold(nodes) {
                count(found.leaves, "leaf", "leaves");
            }
        }
    }
    facts
}
