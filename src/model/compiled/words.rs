//! Matrices that are made with the columns that a model says: `CountVectorizer` and `DictVectorizer` by a vocabulary, `OneHotEncoder` by the
//! categories of each feature, hashing by a number of columns. scipy believes the columns.

use super::{index, indices, items, no};
use crate::graph::View;
use crate::model::error::Fault;
use crate::model::state::{Flaw, State, shaped};

/// Checks that each word has a column of its matrix, which has as many as there are words
/// (`sklearn/feature_extraction/text.py`, `_count_vocab`; `_dict_vectorizer.py`, `_transform`).
pub(super) fn check_vocabulary(state: &State<'_>) -> Result<(), Flaw> {
    // What a user gives for a vocabulary is checked before it becomes this.
    let Some(words) = state.view("vocabulary_") else { return Ok(()) };
    let View::Dict(words) = words else { return Err(no("vocabulary_", &words, "a dict").into()) };
    let count = words.len() as u64;
    state.work.spend(count)?;
    for (_, column) in words {
        let view = state.heap.view(column);
        let found = view.int().ok_or_else(|| no("vocabulary_", &view, "a dict of whole numbers"))?;
        index("vocabulary_", found, count)?;
    }
    Ok(())
}

/// Checks the columns of each feature's categories (`sklearn/preprocessing/_encoders.py`, `OneHotEncoder.transform`).
pub(super) fn check_one_hot(state: &State<'_>) -> Result<(), Flaw> {
    let heap = state.heap;
    let Some(columns) = state.view("_n_features_outs") else { return Ok(()) };
    let View::List(columns) = columns else { return Err(no("_n_features_outs", &columns, "a list").into()) };
    let Some(categories) = state.view("categories_") else { return Ok(()) };
    let View::List(categories) = categories else { return Err(no("categories_", &categories, "a list").into()) };
    // Rare categories share a column: then a table says which each of them has.
    let tables = state.get("_default_to_infrequent_mappings").map(|tables| items(heap, tables)).unwrap_or_default();
    let dropped = u64::from(state.fitted("drop_idx_"));
    for (place, (columns, categories)) in columns.zip(categories).enumerate() {
        state.work.spend(1)?;
        let view = heap.view(columns);
        let found = view.int().ok_or_else(|| no("_n_features_outs", &view, "a list of whole numbers"))?;
        let count = u64::try_from(found).unwrap_or(0);
        let table = tables.get(place).and_then(|table| heap.as_array(*table));
        if let Some(table) = table {
            indices(heap, state.work, "_default_to_infrequent_mappings", table, count.saturating_add(dropped))?;
        }
        let Some(categories) = heap.as_array(categories) else {
            return Err(no("categories_", &heap.view(categories), "a list of arrays").into());
        };
        let least = categories.len().saturating_sub(dropped);
        if found < 0 || (table.is_none() && count < least) {
            return Err(Fault::Below { attribute: "_n_features_outs", found, least }.into());
        }
        if let Some(table) = table {
            shaped("_default_to_infrequent_mappings", table, &[categories.len()])?;
        }
    }
    Ok(())
}

/// Checks that there is a column to hash into (`sklearn/feature_extraction/_hashing_fast.pyx`, which divides by their number).
pub(super) fn check_hashing(state: &State<'_>) -> Result<(), Flaw> {
    match state.view("n_features").and_then(|view| view.int()) {
        Some(found) if found < 1 => Err(Fault::Below { attribute: "n_features", found, least: 1 }.into()),
        _ => Ok(()),
    }
}
