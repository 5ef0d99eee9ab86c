//! `KDTree` and `BallTree` (`sklearn/neighbors/_binary_tree.pxi.tp`, `__setstate__`): queries walk their nodes, and read the points that the
//! nodes and `idx_array` say.

use super::parts::int;
use super::{Parts, agrees, as_array, axes, indices, no, rows, says_features, shape, sparse};
use crate::graph::{Array, Folded, Heap, Object, View};
use crate::model::error::Fault;
use crate::model::state::{Work, length, shaped};

/// What a node of a tree stands for, which decides how its bounds are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tree {
    /// A box, by its two corners.
    Boxes,
    /// A ball, by its centre.
    Balls,
}

/// Checks a tree's state: a tuple.
pub(super) fn check(heap: &Heap, object: &Object, tree: Tree, work: &Work) -> Result<(), Fault> {
    let Some(parts) = heap.as_tuple(object.state) else {
        // Its arrays are whatever was in memory.
        return Err(Fault::Missing("the state of a tree"));
    };
    let part = |at: usize, name: &'static str| parts.at(at).ok_or(Fault::Missing(name));
    let array = |at: usize, name: &'static str| as_array(heap, name, part(at, name)?);
    let number = |at: usize, name: &'static str| {
        let value = part(at, name)?;
        int(heap, value).ok_or_else(|| no(name, &heap.view(value), "a whole number"))
    };
    let [points, features] = axes("data", array(0, "data")?)?;
    let (of_points, nodes, bounds) = (array(1, "idx_array")?, array(2, "node_data")?, array(3, "node_bounds")?);
    shaped("idx_array", of_points, &[points])?;
    indices(heap, work, "idx_array", of_points, points)?;
    let count = length("node_data", nodes)?;
    let said = number(6, "n_nodes")?;
    if u64::try_from(said) != Ok(count) {
        return Err(Fault::Differs { attribute: "n_nodes", found: said, other: "node_data", wanted: count });
    }
    let leaf = number(4, "leaf_size")?;
    if leaf < 1 {
        return Err(Fault::Below { attribute: "leaf_size", found: leaf, least: 1 });
    }
    check_nodes(heap, nodes, points, work)?;
    let corners = if tree == Tree::Boxes { 2 } else { 1 };
    shaped("node_bounds", bounds, &[corners, count, features])?;
    if parts.at(12).is_some_and(|weights| !matches!(heap.view(weights), View::None)) {
        shaped("sample_weight", array(12, "sample_weight")?, &[points])?;
    }
    match heap.view(part(11, "dist_metric")?) {
        View::Object(_, metric) => check_metric(heap, metric, features),
        view => Err(no("dist_metric", &view, "a metric")),
    }
}

fn check_nodes(heap: &Heap, nodes: &Array, points: u64, work: &Work) -> Result<(), Fault> {
    let found = work.fold(heap, "node_data", nodes, "nodes", |folded| match folded {
        Folded::Spans(found) => Some(found),
        _ => None,
    })?;
    let Some(found) = found else { return Ok(()) };
    if found.count == 0 {
        return Err(Fault::Empty("node_data"));
    }
    if let Some(node) = found.childless {
        return Err(Fault::Childless(node));
    }
    if found.backwards.is_some() {
        return Err(Fault::Falls("node_data"));
    }
    for place in [found.begin, found.end] {
        if !u64::try_from(place).is_ok_and(|place| place <= points) {
            return Err(Fault::Index { attribute: "node_data", found: place, count: points });
        }
    }
    Ok(())
}

/// A metric that has a number for each feature, or for each pair (`sklearn/metrics/_dist_metrics.pyx.tp`). Up to scikit-learn 1.0 all had at
/// least one, and up to 1.2 that of Mahalanobis a place for each feature. What 1.0 saves stands in the module of later versions: 1.1 and 1.2 load it,
/// and take the one number of an unweighted metric for the first of as many weights as there are features.
fn check_metric(heap: &Heap, metric: &Object, features: u64) -> Result<(), Fault> {
    let Some(name) = heap.get_name(metric.name) else { return Ok(()) };
    let Some(parts) = heap.as_tuple(metric.state) else { return Err(Fault::Missing("the state of a metric")) };
    let array = |at: usize, name: &'static str| as_array(heap, name, parts.at(at).ok_or(Fault::Missing(name))?);
    let (vector, matrix) = (array(1, "vec")?, array(2, "mat")?);
    let class = name.qualname.trim_end_matches("32").trim_end_matches("64");
    let old = name.module.starts_with("sklearn.neighbors");
    match class {
        "HaversineDistance" => agrees("the number of features", features, "the metric", 2),
        "SEuclideanDistance" | "WMinkowskiDistance" => shaped("vec", vector, &[features]),
        "MinkowskiDistance" => match *vector.shape {
            [0] => Ok(()),
            [1] if old => Ok(()),
            [1] if features != 1 => Err(Fault::Unweighted { attribute: "vec", wanted: features }),
            _ => shaped("vec", vector, &[features]),
        },
        "MahalanobisDistance" => {
            // Since 1.3, which has a class for each size of float, it is not read.
            if name.qualname == class {
                shaped("vec", vector, &[features])?;
            }
            shaped("mat", matrix, &[features, features])
        }
        _ => Ok(()),
    }
}

/// Checks the rows that a model was fitted with: there are as many as it says, by which matrices of neighbours are made, and in its tree;
/// they have as many features as it says, by which rows are checked.
pub(super) fn check_rows(parts: &Parts<'_>) -> Result<(), Fault> {
    counted_rows(parts).map(drop)
}

/// The same, and how many rows there are, if `_fit_X` says so.
fn counted_rows(parts: &Parts<'_>) -> Result<Option<u64>, Fault> {
    let heap = parts.heap;
    if let Some([_, features]) = parts.get("_fit_X").and_then(|fitted| shape(heap, fitted)).as_deref() {
        check_weights(parts, *features)?;
    }
    let fitted = parts.get("_fit_X").and_then(|fitted| rows(heap, fitted));
    let tree = parts.get("_tree").and_then(|tree| heap.as_object(tree)).and_then(|(_, tree)| heap.as_tuple(tree.state));
    let points = tree.and_then(|parts| rows(heap, parts.at(0)?));
    if let Some(count) = fitted {
        parts.agrees("n_samples_fit_", "_fit_X", count)?;
    }
    if let Some(points) = points {
        parts.agrees("n_samples_fit_", "_tree", points)?;
        if let Some(count) = fitted {
            agrees("the rows of _fit_X", count, "_tree", points)?;
        }
    }
    match parts.view("_fit_X") {
        None => Ok(fitted),
        // Before 0.22 it stood there from the beginning. Rows without one are measured against each other.
        Some(View::None) if !parts.fitted("_fit_method") => Ok(fitted),
        Some(View::Array(matrix)) => {
            let [_, found] = axes("_fit_X", matrix)?;
            says_features(parts)?;
            parts.agrees("n_features_in_", "_fit_X", found)?;
            Ok(fitted)
        }
        // Its features are compared where rows are multiplied with it.
        Some(View::Object(_, matrix)) if sparse::is_sparse(heap, matrix) => Ok(fitted),
        Some(view) => Err(no("_fit_X", &view, "an array or a sparse matrix")),
    }
}

/// Checks what a distance is given beside rows of so many features: scipy reads a weight for each, or for each pair, and does not ask how many
/// there are (`scipy/spatial/src/distance_wrap.c`).
fn check_weights(parts: &Parts<'_>, features: u64) -> Result<(), Fault> {
    let heap = parts.heap;
    for attribute in ["metric_params", "effective_metric_params_"] {
        let Some(given) = parts.get(attribute) else { continue };
        match heap.view(given) {
            View::Dict(_) | View::None => {}
            view => return Err(no(attribute, &view, "a dict")),
        }
        for (name, wanted) in [("VI", &[features, features][..]), ("V", &[features]), ("w", &[features])] {
            let Some(weights) = heap.lookup(given, name) else { continue };
            match (heap.view(weights), wanted) {
                (View::None, _) => {}
                // Mahalanobis' is made of variances, which numpy turns round.
                (View::Array(weights), _) if name == "V" && *weights.shape == [features, features] => {}
                (View::Array(weights), wanted) => shaped(name, weights, wanted)?,
                (View::List(weights) | View::Tuple(weights), [_]) => {
                    agrees(name, weights.len() as u64, "the number of features", features)?;
                }
                (view, _) => return Err(no(name, &view, "an array")),
            }
        }
    }
    Ok(())
}

/// Checks the labels of a classifier: one for each row that it was fitted with, each that of a class
/// (`sklearn/metrics/_pairwise_distances_reduction`, whose classes count by them).
pub(super) fn check_labels(parts: &Parts<'_>) -> Result<(), Fault> {
    let rows = counted_rows(parts)?;
    let Some(labels) = parts.view("_y") else { return Ok(()) };
    let View::Array(labels) = labels else { return Err(no("_y", &labels, "an array")) };
    if let Some(count) = rows {
        let mut wanted = labels.shape.to_vec();
        if let Some(first) = wanted.first_mut() {
            *first = count;
        }
        shaped("_y", labels, &wanted)?;
    }
    match parts.view("classes_") {
        Some(View::Array(classes)) => Ok(indices(parts.heap, parts.work, "_y", labels, classes.len())?),
        None => Ok(()),
        // One array for each output. Labels of several outputs are not counted by compiled code.
        Some(View::List(outputs)) => {
            let [_, found] = axes("_y", labels)?;
            agrees("the number of classes_", outputs.len() as u64, "_y", found)
        }
        Some(view) => Err(no("classes_", &view, "an array")),
    }
}
