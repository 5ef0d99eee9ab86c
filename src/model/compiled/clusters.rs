//! Clusters: compiled code reads as many numbers of their centres as rows have (`sklearn/cluster/_k_means_lloyd.pyx`), counts their rows
//! (`_k_means_minibatch.pyx`), and joins those that a hierarchy says (`_hdbscan/_tree.pyx`, `labelling_at_cut`).

use super::{Parts, axes, index, indices, no, says_features};
use crate::graph::{Array, DTypeKind, Folded, Links, Value};
use crate::model::error::Fault;
use crate::model::state::{shaped, wrong_elements};
use std::collections::HashSet;

/// Checks a `Birch` (`sklearn/cluster/_birch.py`): a norm for each centre.
pub(super) fn check_norms(parts: &Parts<'_>) -> Result<(), Fault> {
    let Some(centers) = parts.array_if_fitted("subcluster_centers_")? else { return Ok(()) };
    let [count, features] = axes("subcluster_centers_", centers)?;
    if parts.get("_subcluster_norms").is_some() {
        shaped("_subcluster_norms", parts.array("_subcluster_norms")?, &[count])?;
    }
    parts.agrees("n_features_in_", "subcluster_centers_", features)?;
    check_leaves(parts)
}

/// Checks that its leaves, each of which leads to the next, come to an end: `partial_fit` goes along them.
fn check_leaves(parts: &Parts<'_>) -> Result<(), Fault> {
    let (mut next, mut met) = (parts.get("dummy_leaf_"), HashSet::new());
    while let Some((id, leaf)) = next.and_then(|leaf| parts.heap.as_object(leaf)) {
        parts.work.spend(1)?;
        if !met.insert(id) {
            return Err(Fault::Shared("next_leaf_".to_owned()));
        }
        next = parts.heap.lookup(leaf.state, "next_leaf_");
    }
    Ok(())
}

/// Checks a `KMeans` and its kin (`sklearn/cluster/_kmeans.py`): as many threads as it says, centres of as many features as rows have, and a
/// number of rows for each of them, to which `partial_fit` adds.
pub(super) fn check_centers(parts: &Parts<'_>) -> Result<(), Fault> {
    if let Some(found) = parts.int("_n_threads")?.filter(|threads| *threads < 1) {
        return Err(Fault::Below { attribute: "_n_threads", found, least: 1 });
    }
    let Some(centers) = parts.array_if_fitted("cluster_centers_")? else { return Ok(()) };
    says_features(parts)?;
    let [count, features] = axes("cluster_centers_", centers)?;
    parts.agrees("n_features_in_", "cluster_centers_", features)?;
    for attribute in ["_counts", "counts_"] {
        if let Some(counts) = parts.array_if_fitted(attribute)? {
            shaped(attribute, counts, &[count])?;
        }
    }
    Ok(())
}

/// Checks a `BisectingKMeans` (`_bisect_k_means.py`, `_predict_recursive`): each part of a cluster has a centre. That of all
/// rows is a matrix of one row, where they are sparse; both are stacked alike.
pub(super) fn check_parts(parts: &Parts<'_>) -> Result<(), Fault> {
    check_centers(parts)?;
    let (Some(root), Some(centers)) = (parts.get("_bisecting_tree"), parts.array_if_fitted("cluster_centers_")?) else {
        return Ok(());
    };
    let [_, features] = axes("cluster_centers_", centers)?;
    let (mut waiting, mut met) = (vec![root], HashSet::new());
    while let Some(node) = waiting.pop() {
        parts.work.spend(1)?;
        let Some((id, node)) = parts.heap.as_object(node) else {
            return Err(no("_bisecting_tree", &parts.heap.view(node), "a tree"));
        };
        // Rows are looked up by all ways to a part.
        if !met.insert(id) {
            return Err(Fault::Shared("a part of _bisecting_tree".to_owned()));
        }
        let node = Parts::of(parts.heap, node, parts.work)?;
        let center = node.array("center")?;
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
pub(super) fn check_hierarchy(parts: &Parts<'_>) -> Result<(), Fault> {
    const TREE: &str = "_single_linkage_tree_";
    match parts.array_if_fitted(TREE)? {
        Some(tree) => check_joined(parts, TREE, tree, tree.len()),
        None => Ok(()),
    }
}

/// Checks what the package hdbscan keeps: the same in rows of four floats (`_hdbscan_tree.pyx`, `labelling_at_cut`), and in which cluster each
/// row and each other cluster is (`outlier_scores`), of which the largest has some in it.
pub(super) fn check_package(parts: &Parts<'_>, joined: &'static str, condensed: &'static str) -> Result<(), Fault> {
    if let Some(tree) = parts.array_if_fitted(joined)? {
        let rows = tree.shape.first().copied().unwrap_or(0);
        shaped(joined, tree, &[rows, 4])?;
        if !parts.heap.get_dtype(tree.dtype).is_some_and(|dtype| dtype.is(DTypeKind::Float, 8)) || tree.fortran {
            return Err(wrong_elements(parts.heap, joined, tree, "rows of floats"));
        }
        check_joined(parts, joined, tree, rows)?;
    }
    let Some(tree) = parts.array_if_fitted(condensed)? else { return Ok(()) };
    let Some(links) = links(parts, condensed, tree)? else { return Ok(()) };
    let most = u64::try_from(links.top).unwrap_or(0).min(tree.len()).saturating_add(1);
    index(condensed, links.min, most)?;
    index(condensed, links.max, most)
}

fn links(parts: &Parts<'_>, attribute: &'static str, tree: &Array) -> Result<Option<Links>, Fault> {
    let found = parts.work.fold(parts.heap, attribute, tree, "joined clusters", |folded| match folded {
        Folded::Links(links) => Some(links),
        _ => None,
    })?;
    Ok(found.flatten())
}

/// Checks that so many joints are of rows, of which there is one more, and of clusters that they make, one each.
fn check_joined(parts: &Parts<'_>, attribute: &'static str, tree: &Array, joints: u64) -> Result<(), Fault> {
    let Some(links) = links(parts, attribute, tree)? else { return Ok(()) };
    let count = joints.saturating_mul(2).saturating_add(1);
    index(attribute, links.min, count)?;
    index(attribute, links.max, count)
}

/// Checks a `FeatureAgglomeration` (`sklearn/cluster/_feature_agglomeration.py`, `transform`): a feature is of one of as many groups as there are
/// features at most, for numpy counts by these labels (`numpy.bincount`), and makes room for the largest of them.
pub(super) fn check_groups(parts: &Parts<'_>) -> Result<(), Fault> {
    match parts.array_if_fitted("labels_")? {
        Some(labels) => indices(parts.heap, parts.work, "labels_", labels, labels.len()),
        None => Ok(()),
    }
}
