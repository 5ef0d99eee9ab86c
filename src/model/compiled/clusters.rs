//! Clusters: compiled code reads as many numbers of their centres as rows have (`sklearn/cluster/_k_means_lloyd.pyx`), counts their rows
//! (`_k_means_minibatch.pyx`), and joins those that a hierarchy says (`_hdbscan/_tree.pyx`, `labelling_at_cut`).

use super::{index, indices, no, says_features};
use crate::graph::{Array, DTypeKind, Folded, Links, Value, View};
use crate::model::error::Fault;
use crate::model::state::{Flaw, State, shaped, wrong_elements};

/// Checks a `Birch` (`sklearn/cluster/_birch.py`): a norm for each centre.
pub(super) fn check_norms(state: &State<'_>) -> Result<(), Flaw> {
    let Some(View::Array(centers)) = state.view("subcluster_centers_") else { return Ok(()) };
    let [count, features] = *centers.shape else { return Ok(()) };
    if state.get("_subcluster_norms").is_some() {
        shaped("_subcluster_norms", state.array("_subcluster_norms")?, &[count])?;
    }
    state.agrees("n_features_in_", "subcluster_centers_", features)
}

/// Checks a `KMeans` and its kin (`sklearn/cluster/_kmeans.py`): as many threads as it says, centres of as many features as rows have, and a
/// number of rows for each of them, to which `partial_fit` adds.
pub(super) fn check_centers(state: &State<'_>) -> Result<(), Flaw> {
    if let Some(found) = state.int("_n_threads")?.filter(|threads| *threads < 1) {
        return Err(Fault::Below { attribute: "_n_threads", found, least: 1 }.into());
    }
    let Some(View::Array(centers)) = state.view("cluster_centers_") else { return Ok(()) };
    says_features(state)?;
    let count = centers.shape.first().copied().unwrap_or(0);
    if let Some(features) = state.int("n_features_in_")? {
        shaped("cluster_centers_", centers, &[count, u64::try_from(features).unwrap_or(0)])?;
    }
    for attribute in ["_counts", "counts_"] {
        if let Some(View::Array(counts)) = state.view(attribute) {
            shaped(attribute, counts, &[count])?;
        }
    }
    Ok(())
}

/// Checks a `BisectingKMeans` (`_bisect_k_means.py`, `_predict_recursive`): each part of a cluster has a centre. That of all
/// rows is a matrix of one row, where they are sparse; both are stacked alike.
pub(super) fn check_parts(state: &State<'_>) -> Result<(), Flaw> {
    check_centers(state)?;
    let (Some(root), Some(View::Array(centers))) = (state.get("_bisecting_tree"), state.view("cluster_centers_"))
    else {
        return Ok(());
    };
    let [_, features] = *centers.shape else { return Ok(()) };
    let mut waiting = vec![root];
    while let Some(node) = waiting.pop() {
        // What goes round in a circle never ends, and is paid for.
        state.work.spend(1)?;
        let View::Object(_, node) = state.heap.view(node) else {
            return Err(no("_bisecting_tree", &state.heap.view(node), "a tree").into());
        };
        let node = State::of(state.heap, node, state.work)?;
        let View::Array(center) = state.heap.view(node.needed("center")?) else {
            return Err(no("center", &state.heap.view(node.needed("center")?), "an array").into());
        };
        if *center.shape != [1, features] {
            shaped("center", center, &[features])?;
        }
        let parts: Vec<Value> =
            ["left", "right"].into_iter().filter(|part| node.fitted(part)).filter_map(|part| node.get(part)).collect();
        waiting.extend(parts);
    }
    Ok(())
}

/// Checks an `HDBSCAN`: what is joined are rows, or clusters that were made of rows before.
pub(super) fn check_hierarchy(state: &State<'_>) -> Result<(), Flaw> {
    const TREE: &str = "_single_linkage_tree_";
    match tree(state, TREE)? {
        Some(tree) => check_joined(state, TREE, tree, tree.len()),
        None => Ok(()),
    }
}

/// Checks what the package hdbscan keeps: the same in rows of four floats (`_hdbscan_tree.pyx`, `labelling_at_cut`), and in which cluster each
/// row and each other cluster is (`outlier_scores`), of which the largest has some in it.
pub(super) fn check_package(state: &State<'_>, joined: &'static str, condensed: &'static str) -> Result<(), Flaw> {
    if let Some(tree) = tree(state, joined)? {
        let rows = tree.shape.first().copied().unwrap_or(0);
        shaped(joined, tree, &[rows, 4])?;
        if !state.heap.get_dtype(tree.dtype).is_some_and(|dtype| dtype.is(DTypeKind::Float, 8)) || tree.fortran {
            return Err(wrong_elements(state.heap, joined, tree, "rows of floats").into());
        }
        check_joined(state, joined, tree, rows)?;
    }
    let Some(tree) = tree(state, condensed)? else { return Ok(()) };
    let Some(links) = links(state, condensed, tree)? else { return Ok(()) };
    let most = u64::try_from(links.top).unwrap_or(0).min(tree.len()).saturating_add(1);
    index(condensed, links.min, most)?;
    Ok(index(condensed, links.max, most)?)
}

/// An array of what is joined, if the model was fitted.
fn tree<'h>(state: &State<'h>, attribute: &'static str) -> Result<Option<&'h Array>, Flaw> {
    match state.view(attribute) {
        None | Some(View::None) => Ok(None),
        Some(View::Array(tree)) => Ok(Some(tree)),
        Some(view) => Err(no(attribute, &view, "an array").into()),
    }
}

fn links(state: &State<'_>, attribute: &'static str, tree: &Array) -> Result<Option<Links>, Fault> {
    let found = state.work.fold(state.heap, attribute, tree, "joined clusters", |folded| match folded {
        Folded::Links(links) => Some(links),
        _ => None,
    })?;
    Ok(found.flatten())
}

/// Checks that so many joints are of rows, of which there is one more, and of clusters that they make, one each.
fn check_joined(state: &State<'_>, attribute: &'static str, tree: &Array, joints: u64) -> Result<(), Flaw> {
    let Some(links) = links(state, attribute, tree)? else { return Ok(()) };
    let count = joints.saturating_mul(2).saturating_add(1);
    index(attribute, links.min, count)?;
    Ok(index(attribute, links.max, count)?)
}

/// Checks a `FeatureAgglomeration` (`sklearn/cluster/_feature_agglomeration.py`, `transform`): a feature is of one of as many groups as there are
/// features at most, for numpy counts by these labels (`numpy.bincount`), and makes room for the largest of them.
pub(super) fn check_groups(state: &State<'_>) -> Result<(), Flaw> {
    match state.view("labels_") {
        Some(View::Array(labels)) => Ok(indices(state.heap, state.work, "labels_", labels, labels.len())?),
        _ => Ok(()),
    }
}
