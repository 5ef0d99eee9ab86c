//! Gradient boosting with histograms (`sklearn/ensemble/_hist_gradient_boosting/_predictor.pyx`): prediction walks the nodes, reads the
//! features that they split on, and looks categories up in sets of bits.

use super::no;
use crate::graph::{DTypeKind, Folded, TreeKind, TreeNodes, View};
use crate::model::error::Fault;
use crate::model::state::{Flaw, State, Version, shaped};

/// Since when every model says how many features it takes.
const SAYS_FEATURES: Version = Version(0, 24);
/// Words in a set of 256 categories.
const WORDS: u64 = 8;

/// Checks one tree: a `TreePredictor`.
pub(super) fn check_tree(state: &State<'_>) -> Result<(), Flaw> {
    let found = nodes(state)?;
    if let Some(fault) = found.fault {
        return Err(Fault::Nodes(fault).into());
    }
    let Some(set) = found.largest_set else { return Ok(()) };
    for attribute in ["raw_left_cat_bitsets", "binned_left_cat_bitsets"] {
        let sets = state.array(attribute)?;
        let count = sets.shape.first().copied().unwrap_or(0);
        shaped(attribute, sets, &[count, WORDS])?;
        if set >= count {
            let found = i64::try_from(set).unwrap_or(i64::MAX);
            return Err(Fault::Index { attribute: "bitset_idx", found, count }.into());
        }
    }
    Ok(())
}

fn nodes(state: &State<'_>) -> Result<TreeNodes, Flaw> {
    let nodes = state.array("nodes")?;
    match state.work.fold(state.heap, "nodes", nodes)? {
        Some(Folded::Nodes(found)) if found.kind == TreeKind::Histogram => Ok(found),
        _ => {
            let found = state.heap.get_dtype(nodes.dtype).map(|dtype| dtype.name()).unwrap_or_default();
            Err(Fault::Elements { attribute: "nodes", found, wanted: "nodes" }.into())
        }
    }
}

/// Checks a model against its trees: a list of them for each iteration.
pub(super) fn check(state: &State<'_>) -> Result<(), Flaw> {
    let heap = state.heap;
    let Some(iterations) = state.view("_predictors") else { return Ok(()) };
    let View::List(iterations) = iterations else { return Err(no("_predictors", &iterations, "a list").into()) };
    let (mut feature, mut categories) = (None, false);
    for iteration in iterations {
        let View::List(trees) = heap.view(iteration) else {
            return Err(no("_predictors", &heap.view(iteration), "a list of lists").into());
        };
        state.work.spend(trees.len() as u64)?;
        for tree in trees {
            let View::Object(_, tree) = heap.view(tree) else {
                return Err(no("_predictors", &heap.view(tree), "trees").into());
            };
            // What is wrong with a tree's own nodes is said where the tree is checked.
            let found = match nodes(&State::of(heap, tree, state.work)?) {
                // To be read again.
                Err(Flaw::Unknown(_)) => continue,
                found => found?,
            };
            feature = feature.max(found.largest_feature);
            categories |= found.largest_set.is_some();
        }
    }
    let Some(feature) = feature else { return Ok(()) };
    // Rows are checked by this one, and where it is missing by nothing.
    if state.get("n_features_in_").is_none() && state.version().is_some_and(|version| version >= SAYS_FEATURES) {
        return Err(Fault::Missing("n_features_in_").into());
    }
    for attribute in ["n_features_in_", "_n_features", "n_features_"] {
        let Some(count) = state.int(attribute)? else { continue };
        within("feature_idx", feature, u64::try_from(count).unwrap_or(0))?;
    }
    if categories { check_categories(state, feature) } else { Ok(()) }
}

/// The bins know which features have categories: `make_known_categories_bitsets` in `binning.py`.
fn check_categories(state: &State<'_>, feature: u64) -> Result<(), Flaw> {
    let Some(View::Object(_, bins)) = state.view("_bin_mapper") else {
        return Err(Fault::Missing("_bin_mapper").into());
    };
    let bins = State::of(state.heap, bins, state.work)?;
    let categorical = bins.array("is_categorical_")?;
    let count = categorical.shape.first().copied().unwrap_or(0);
    shaped("is_categorical_", categorical, &[count])?;
    let flags =
        state.heap.get_dtype(categorical.dtype).filter(|dtype| matches!(dtype.kind, DTypeKind::Bool | DTypeKind::Uint));
    if flags.is_none_or(|dtype| dtype.size != 1) {
        let found = state.heap.get_dtype(categorical.dtype).map(|dtype| dtype.name()).unwrap_or_default();
        return Err(Fault::Elements { attribute: "is_categorical_", found, wanted: "flags" }.into());
    }
    within("feature_idx", feature, count)?;
    let any = state.heap.array_bytes(categorical).is_none_or(|bytes| bytes.iter().any(|byte| *byte != 0));
    if any { Ok(()) } else { Err(Fault::Empty("is_categorical_").into()) }
}

fn within(attribute: &'static str, found: u64, count: u64) -> Result<(), Fault> {
    if found < count {
        return Ok(());
    }
    Err(Fault::Index { attribute, found: i64::try_from(found).unwrap_or(i64::MAX), count })
}
