//! What must hold of a tree and of the estimator around it, judged from shapes and from what was folded of the nodes.

use crate::graph::{Array, DTypeKind, Folded, Heap, Object, TreeKind, TreeNodes, Value, View};
use crate::model::error::Fault;
use crate::model::labels::{Labels, counts, labels};
use crate::model::numbers::elements;
use crate::model::state::{self, Flaw, State, Work, kind, length, shaped};
use crate::model::table::{Target, is_tree};

/// Features that a tree may have: its packed nodes keep one bit of 32 for themselves.
const FEATURES: u64 = 1 << 31;

/// What a tree says about itself where it is made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TreeFacts {
    pub n_features: u64,
    /// Classes of each output; 1 each for a regressor.
    pub n_classes: Vec<u64>,
}

impl TreeFacts {
    /// Values that a node has for each output.
    pub fn widest(&self) -> u64 {
        self.n_classes.iter().copied().max().unwrap_or(0)
    }

    /// Number of outputs.
    pub fn outputs(&self) -> u64 {
        self.n_classes.len() as u64
    }
}

/// What a tree says about itself, from its arguments.
pub(crate) fn facts(heap: &Heap, tree: &Object, work: &Work) -> Result<TreeFacts, Flaw> {
    let arguments = heap.as_tuple(tree.args).and_then(|args| args.exactly()).ok_or(Fault::Missing("n_features"))?;
    let [n_features, n_classes, n_outputs] = arguments;
    let number = |attribute: &str, value| {
        let view = heap.view(value);
        let count = view.int().and_then(|count| u64::try_from(count).ok());
        count.ok_or_else(|| kind(attribute, &view, "a count"))
    };
    let n_features = number("n_features", n_features)?;
    if n_features >= FEATURES {
        return Err(Flaw::Unknown(format!("a tree has {n_features} features")));
    }
    let n_outputs = number("n_outputs", n_outputs)?;
    let View::Array(array) = heap.view(n_classes) else {
        return Err(kind("n_classes", &heap.view(n_classes), "an array"));
    };
    if n_outputs == 0 {
        return Err(Fault::Empty("n_outputs").into());
    }
    shaped("n_classes", array, &[n_outputs])?;
    work.spend(n_outputs)?;
    let n_classes = counts(heap, "n_classes", array)?;
    if n_classes.contains(&0) {
        return Err(Fault::Empty("n_classes").into());
    }
    Ok(TreeFacts { n_features, n_classes })
}

/// The object behind an attribute, if its class is the tree structure's.
fn structure<'h>(state: &State<'h>) -> Result<&'h Object, Flaw> {
    let heap = state.heap;
    let value = state.needed("tree_")?;
    match heap.view(value) {
        View::Object(_, object) => match heap.get_name(object.name) {
            Some(name) if is_tree(name) => Ok(object),
            name => Err(Fault::Class {
                attribute: "tree_".to_owned(),
                found: name.map(ToString::to_string).unwrap_or_default(),
                wanted: "Tree",
            }
            .into()),
        },
        view => Err(kind("tree_", &view, "a Tree")),
    }
}

/// The tree inside an estimator, and what it says about itself.
pub(crate) fn inside<'h>(state: &State<'h>) -> Result<(&'h Object, TreeFacts), Flaw> {
    let tree = structure(state)?;
    Ok((tree, facts(state.heap, tree, state.work).map_err(|flaw| flaw.inside("tree_"))?))
}

/// Checks the structure inside a tree estimator. Returns its depth, if it is no more than 253.
pub(crate) fn check_tree(heap: &Heap, tree: &Object, work: &Work) -> Result<Option<u64>, Flaw> {
    let facts = facts(heap, tree, work)?;
    let state = State::of(heap, tree, work)?;
    // Without a state the tree has no nodes, and walking it crashes. A state that lacks an entry, as those of scikit-learn
    // before 0.16 do, is refused when it is loaded, which harms nobody.
    let absent = ["max_depth", "node_count", "nodes", "values"].into_iter().find(|name| state.get(name).is_none());
    if let Some(absent) = absent.filter(|_| tree.built) {
        return Err(Flaw::Unknown(format!("a tree has no {absent}: it is from before scikit-learn 0.16")));
    }
    let nodes = state.array("nodes")?;
    let count = length("nodes", nodes)?;
    state.agrees("node_count", "the length of nodes", count)?;
    let said = state.int("max_depth")?.unwrap_or(-1);
    let found = folded(heap, nodes, work)?;
    if let Some(fault) = found.fault {
        return Err(Fault::Nodes(fault).into());
    }
    if let Some(feature) = found.largest_feature.filter(|feature| *feature >= facts.n_features) {
        return Err(Fault::Feature { feature, features: facts.n_features }.into());
    }
    // `decision_path` makes room for as many nodes as max_depth says, and writes as many as there are.
    if let Some(found) = found.depth.filter(|depth| u64::try_from(said).is_ok_and(|said| said < *depth) || said < 0) {
        return Err(Fault::Depth { said, found }.into());
    }
    // And the room for all rows is counted with it: what no tree of so many nodes has makes that number overflow.
    if u64::try_from(said).is_ok_and(|said| said >= count.max(1)) {
        return Err(Fault::Differs {
            attribute: "max_depth",
            found: said,
            other: "the number of nodes",
            wanted: count,
        }
        .into());
    }
    let values = state.array("values")?;
    shaped("values", values, &[count, facts.outputs(), facts.widest()])?;
    let float = heap.get_dtype(values.dtype).is_some_and(|dtype| dtype.kind == DTypeKind::Float && dtype.size == 8);
    if !float {
        return Err(state::wrong_elements(heap, "values", values, "float64").into());
    }
    Ok(found.depth)
}

/// What a node array folds to.
fn folded(heap: &Heap, nodes: &Array, work: &Work) -> Result<TreeNodes, Flaw> {
    let found = work.fold(heap, "nodes", nodes, "nodes", |folded| match folded {
        Folded::Nodes(found) if found.kind == TreeKind::Decision => Some(found),
        _ => None,
    })?;
    found.ok_or_else(|| Flaw::Unknown("the nodes of a tree were not read".to_owned()))
}

/// Checks a tree estimator against the tree inside it. Returns `false` when it was never fitted.
pub(crate) fn check_estimator(state: &State<'_>, target: Target) -> Result<bool, Flaw> {
    if !state.fitted("tree_") {
        return Ok(false);
    }
    let tree = structure(state)?;
    // What is wrong with the tree's own arguments is said where the tree is checked.
    let facts = match facts(state.heap, tree, state.work) {
        Ok(facts) => facts,
        Err(Flaw::Fault(_)) => return Ok(true),
        Err(unknown) => return Err(unknown),
    };
    features(state, "tree_", facts.n_features)?;
    state.agrees("n_outputs_", "tree_", facts.outputs())?;
    classes(state, target, "tree_", &facts.n_classes)?;
    Ok(true)
}

/// Checks the number of features under each of the names that it had (`n_features_` to 0.24).
pub(crate) fn features(state: &State<'_>, other: &'static str, wanted: u64) -> Result<(), Flaw> {
    state.agrees("n_features_in_", other, wanted)?;
    state.agrees("n_features_", other, wanted)
}

/// The labels of each output of a classifier.
pub(crate) type Classes = Vec<Labels>;

/// Checks `n_classes_` and `classes_` of a classifier, for one output or several, against what the trees say.
pub(crate) fn classes(state: &State<'_>, target: Target, other: &'static str, wanted: &[u64]) -> Result<(), Flaw> {
    if target == Target::Values {
        return match wanted.iter().find(|count| **count != 1) {
            Some(count) => {
                let found = i64::try_from(*count).unwrap_or(i64::MAX);
                Err(Fault::Differs { attribute: "n_classes", found, other: "a regressor", wanted: 1 }.into())
            }
            None => Ok(()),
        };
    }
    if let [one] = wanted {
        state.agrees("n_classes_", other, *one)?;
        let array = state.array("classes_")?;
        return Ok(shaped("classes_", array, &[*one])?);
    }
    let heap = state.heap;
    let counts: Vec<u64> = match state.view("n_classes_") {
        None => wanted.to_vec(),
        Some(View::Array(array)) => counts(heap, "n_classes_", array)?,
        Some(View::List(items)) => items
            .map(|item| heap.view(item).int().and_then(|count| u64::try_from(count).ok()).unwrap_or(u64::MAX))
            .collect(),
        Some(view) => return Err(kind("n_classes_", &view, "a list")),
    };
    if counts != wanted {
        return Err(Fault::Shape { attribute: "n_classes_", found: counts, wanted: wanted.to_vec() }.into());
    }
    let View::List(items) = heap.view(state.needed("classes_")?) else {
        return Err(kind("classes_", &heap.view(state.needed("classes_")?), "a list"));
    };
    if items.len() != wanted.len() {
        let (found, wanted) = (vec![items.len() as u64], vec![wanted.len() as u64]);
        return Err(Fault::Shape { attribute: "classes_", found, wanted }.into());
    }
    for (item, wanted) in items.zip(wanted) {
        match heap.view(item) {
            View::Array(array) => shaped("classes_", array, &[*wanted])?,
            view => return Err(kind("classes_", &view, "an array")),
        }
    }
    Ok(())
}

/// The labels of every output, once [`classes`] has passed.
pub(crate) fn read_classes(state: &State<'_>, outputs: usize) -> Result<Classes, Flaw> {
    let heap = state.heap;
    let value = state.needed("classes_")?;
    let arrays: Vec<Value> = match heap.view(value) {
        View::List(items) if outputs > 1 => items.collect(),
        _ => vec![value],
    };
    let read = |value| heap.as_array(value).and_then(|array| labels(heap, array));
    let found: Option<Classes> = arrays.into_iter().map(read).collect();
    found
        .filter(|found| found.len() == outputs)
        .ok_or_else(|| Flaw::Unknown("classes_ are of a kind that is not read".to_owned()))
}

/// The values of every node, in C order, once [`check_tree`] has passed.
pub(crate) fn values(heap: &Heap, array: &Array) -> Result<Vec<f64>, Flaw> {
    let unknown = || Flaw::Unknown("the values of a tree were not kept".to_owned());
    let (Some(dtype), Some(bytes)) = (heap.get_dtype(array.dtype), heap.array_bytes(array)) else {
        return Err(unknown());
    };
    let read = crate::model::numbers::reader(dtype).ok_or_else(unknown)?;
    elements(bytes, dtype.size, &array.shape, array.fortran, read).ok_or_else(unknown)
}
