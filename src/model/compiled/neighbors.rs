//! `KDTree` and `BallTree` (`sklearn/neighbors/_binary_tree.pxi.tp`, `__setstate__`): queries walk their nodes, and read the points that the
//! nodes and `idx_array` say.

use super::{agrees, indices, no, rows, says_features};
use crate::graph::{Array, Folded, Heap, Object, Value, View};
use crate::model::error::Fault;
use crate::model::state::{Flaw, State, Work, kind, length, shaped};

/// What a node of a tree stands for, which decides how its bounds are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tree {
    /// A box, by its two corners.
    Boxes,
    /// A ball, by its centre.
    Balls,
}

/// Checks a tree's state: a tuple.
pub(super) fn check(heap: &Heap, object: &Object, tree: Tree, work: &Work) -> Result<(), Flaw> {
    let Some(parts) = heap.as_tuple(object.state) else {
        // Its arrays are whatever was in memory.
        return Err(Fault::Missing("the state of a tree").into());
    };
    let array = |at: usize, name: &'static str| -> Result<&Array, Flaw> {
        let value = parts.at(at).ok_or(Fault::Missing(name))?;
        heap.as_array(value).ok_or_else(|| kind(name, &heap.view(value), "an array"))
    };
    let data = array(0, "data")?;
    let [points, features] = *data.shape else {
        return Err(Fault::Shape { attribute: "data", found: data.shape.to_vec(), wanted: vec![data.len(), 1] }.into());
    };
    let (of_points, nodes, bounds) = (array(1, "idx_array")?, array(2, "node_data")?, array(3, "node_bounds")?);
    shaped("idx_array", of_points, &[points])?;
    indices(heap, work, "idx_array", of_points, points)?;
    let count = length("node_data", nodes)?;
    let said = parts.at(6).and_then(|said| heap.view(said).int()).ok_or(Fault::Missing("n_nodes"))?;
    if u64::try_from(said) != Ok(count) {
        return Err(Fault::Differs { attribute: "n_nodes", found: said, other: "node_data", wanted: count }.into());
    }
    if let Some(found) = parts.at(4).and_then(|leaf| heap.view(leaf).int()).filter(|leaf| *leaf < 1) {
        return Err(Fault::Below { attribute: "leaf_size", found, least: 1 }.into());
    }
    check_nodes(heap, nodes, points, work)?;
    let corners = if tree == Tree::Boxes { 2 } else { 1 };
    shaped("node_bounds", bounds, &[corners, count, features])?;
    if let Some(weights) = parts.at(12).and_then(|weights| heap.as_array(weights)) {
        shaped("sample_weight", weights, &[points])?;
    }
    match parts.at(11).map(|metric| heap.view(metric)) {
        Some(View::Object(_, metric)) => check_metric(heap, metric, features),
        _ => Ok(()),
    }
}

fn check_nodes(heap: &Heap, nodes: &Array, points: u64, work: &Work) -> Result<(), Flaw> {
    let found = work.fold(heap, "node_data", nodes, "nodes", |folded| match folded {
        Folded::Spans(found) => Some(found),
        _ => None,
    })?;
    let Some(found) = found else { return Ok(()) };
    if found.count == 0 {
        return Err(Fault::Empty("node_data").into());
    }
    if let Some(node) = found.childless {
        return Err(Fault::Childless(node).into());
    }
    if found.backwards.is_some() {
        return Err(Fault::Falls("node_data").into());
    }
    for place in [found.begin, found.end] {
        if !u64::try_from(place).is_ok_and(|place| place <= points) {
            return Err(Fault::Index { attribute: "node_data", found: place, count: points }.into());
        }
    }
    Ok(())
}

/// A metric that has a number for each feature, or for each pair (`sklearn/metrics/_dist_metrics.pyx.tp`). Up to scikit-learn 1.0 all had at
/// least one, and that of Mahalanobis a place for each feature. What 1.0 saves stands in the module of later versions: 1.1 and 1.2 load it,
/// and take the one number of an unweighted metric for the first of as many weights as there are features.
fn check_metric(heap: &Heap, metric: &Object, features: u64) -> Result<(), Flaw> {
    let Some(name) = heap.get_name(metric.name) else { return Ok(()) };
    let Some(parts) = heap.as_tuple(metric.state) else { return Err(Fault::Missing("the state of a metric").into()) };
    let array = |at: usize| parts.at(at).and_then(|value: Value| heap.as_array(value));
    let class = name.qualname.trim_end_matches("32").trim_end_matches("64");
    let old = name.module.starts_with("sklearn.neighbors");
    match (class, array(1), array(2)) {
        ("HaversineDistance", ..) => Ok(agrees("the number of features", features, "the metric", 2)?),
        ("SEuclideanDistance" | "WMinkowskiDistance", Some(vector), _) => Ok(shaped("vec", vector, &[features])?),
        ("MinkowskiDistance", Some(vector), _) => match *vector.shape {
            [0] => Ok(()),
            [1] if old => Ok(()),
            [1] if features != 1 => Err(Fault::Unweighted { attribute: "vec", wanted: features }.into()),
            _ => Ok(shaped("vec", vector, &[features])?),
        },
        ("MahalanobisDistance", Some(vector), Some(matrix)) => {
            if old {
                shaped("vec", vector, &[features])?;
            }
            Ok(shaped("mat", matrix, &[features, features])?)
        }
        _ => Ok(()),
    }
}

/// Checks the rows that a model was fitted with: there are as many as it says, by which matrices of neighbours are made, and in its tree;
/// they have as many features as it says, by which rows are checked.
pub(super) fn check_rows(state: &State<'_>) -> Result<(), Flaw> {
    let heap = state.heap;
    let fitted = state.get("_fit_X").and_then(|fitted| rows(heap, fitted));
    let tree = state.get("_tree").and_then(|tree| heap.as_object(tree)).and_then(|(_, tree)| heap.as_tuple(tree.state));
    let points = tree.and_then(|parts| rows(heap, parts.at(0)?));
    if let Some(count) = fitted {
        state.agrees("n_samples_fit_", "_fit_X", count)?;
    }
    if let Some(points) = points {
        state.agrees("n_samples_fit_", "_tree", points)?;
        if let Some(count) = fitted {
            agrees("the rows of _fit_X", count, "_tree", points)?;
        }
    }
    let Some(View::Array(fitted)) = state.view("_fit_X") else { return Ok(()) };
    let [_, found] = *fitted.shape else {
        let wanted = vec![fitted.len(), 1];
        return Err(Fault::Shape { attribute: "_fit_X", found: fitted.shape.to_vec(), wanted }.into());
    };
    says_features(state)?;
    state.agrees("n_features_in_", "_fit_X", found)
}

/// Checks the labels of a classifier: one for each row that it was fitted with, each that of a class
/// (`sklearn/metrics/_pairwise_distances_reduction`, whose classes count by them).
pub(super) fn check_labels(state: &State<'_>) -> Result<(), Flaw> {
    check_rows(state)?;
    let Some(labels) = state.view("_y") else { return Ok(()) };
    let View::Array(labels) = labels else { return Err(no("_y", &labels, "an array").into()) };
    if let Some(count) = state.get("_fit_X").and_then(|fitted| rows(state.heap, fitted)) {
        let mut wanted = labels.shape.to_vec();
        if let Some(first) = wanted.first_mut() {
            *first = count;
        }
        shaped("_y", labels, &wanted)?;
    }
    match state.view("classes_") {
        Some(View::Array(classes)) => Ok(indices(state.heap, state.work, "_y", labels, classes.len())?),
        // One array for each output.
        Some(View::List(_)) | None => Ok(()),
        Some(view) => Err(no("classes_", &view, "an array").into()),
    }
}
