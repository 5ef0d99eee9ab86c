//! Gradient boosting with histograms (`sklearn/ensemble/_hist_gradient_boosting/_predictor.pyx`): prediction walks the nodes, reads the
//! features that they split on, and looks categories up in sets of bits.

use super::{Parts, index, no, preprocessor, says_features, signed};
use crate::graph::{DTypeKind, Folded, TreeKind, TreeNodes, View};
use crate::model::error::Fault;
use crate::model::state::{shaped, wrong_elements};

/// Words in a set of 256 categories.
const WORDS: u64 = 8;

/// Checks one tree: a `TreePredictor`.
pub(super) fn check_tree(parts: &Parts<'_>) -> Result<(), Fault> {
    let Some(found) = nodes(parts)? else { return Ok(()) };
    if let Some(fault) = found.fault {
        return Err(Fault::Nodes(fault));
    }
    let Some(set) = found.largest_set else { return Ok(()) };
    for attribute in ["raw_left_cat_bitsets", "binned_left_cat_bitsets"] {
        let sets = parts.array(attribute)?;
        let count = sets.shape.first().copied().unwrap_or(0);
        shaped(attribute, sets, &[count, WORDS])?;
        index("bitset_idx", signed(set), count)?;
    }
    Ok(())
}

/// What the nodes of a tree fold to; `None` if that is not known yet.
fn nodes(parts: &Parts<'_>) -> Result<Option<TreeNodes>, Fault> {
    parts.work.fold(parts.heap, "nodes", parts.array("nodes")?, "nodes", |folded| match folded {
        Folded::Nodes(found) if found.kind == TreeKind::Histogram => Some(found),
        _ => None,
    })
}

/// Checks a model against its trees: a list of them for each iteration.
pub(super) fn check(parts: &Parts<'_>) -> Result<(), Fault> {
    // While it is there, rows are taken for bins, and are not looked at.
    if parts.get("_in_fit").is_some() {
        return Err(Fault::Unfinished("_in_fit"));
    }
    let heap = parts.heap;
    let Some(iterations) = parts.view("_predictors") else { return Ok(()) };
    let View::List(iterations) = iterations else { return Err(no("_predictors", &iterations, "a list")) };
    let (mut feature, mut categories) = (None, false);
    for iteration in iterations {
        let View::List(trees) = heap.view(iteration) else {
            return Err(no("_predictors", &heap.view(iteration), "a list of lists"));
        };
        parts.work.spend(trees.len() as u64)?;
        for tree in trees {
            let View::Object(_, tree) = heap.view(tree) else {
                return Err(no("_predictors", &heap.view(tree), "trees"));
            };
            let Some(found) = nodes(&Parts::of(heap, tree, parts.work)?)? else { continue };
            feature = feature.max(found.largest_feature);
            categories |= found.largest_set.is_some();
        }
    }
    let Some(feature) = feature else { return Ok(()) };
    says_features(parts)?;
    for attribute in ["n_features_in_", "_n_features", "n_features_"] {
        let Some(count) = parts.int(attribute)? else { continue };
        index("feature_idx", signed(feature), u64::try_from(count).unwrap_or(0))?;
    }
    if categories {
        check_categories(parts, feature)?;
    }
    preprocessor::check(parts)
}

/// The bins know which features have categories: `make_known_categories_bitsets` in `binning.py`.
fn check_categories(parts: &Parts<'_>, feature: u64) -> Result<(), Fault> {
    let Some(View::Object(_, bins)) = parts.view("_bin_mapper") else {
        return Err(Fault::Missing("_bin_mapper"));
    };
    let bins = Parts::of(parts.heap, bins, parts.work)?;
    let categorical = bins.array("is_categorical_")?;
    let count = categorical.shape.first().copied().unwrap_or(0);
    shaped("is_categorical_", categorical, &[count])?;
    let flags =
        parts.heap.get_dtype(categorical.dtype).filter(|dtype| matches!(dtype.kind, DTypeKind::Bool | DTypeKind::Uint));
    if flags.is_none_or(|dtype| dtype.size != 1) {
        return Err(wrong_elements(parts.heap, "is_categorical_", categorical, "flags"));
    }
    index("feature_idx", signed(feature), count)?;
    let any = parts.work.fold(parts.heap, "is_categorical_", categorical, "flags", |folded| match folded {
        Folded::Flags(count) => Some(count > 0),
        Folded::Range(range) => Some(range.is_some_and(|range| range.max > 0)),
        _ => None,
    })?;
    if any.unwrap_or(true) { Ok(()) } else { Err(Fault::Empty("is_categorical_")) }
}
