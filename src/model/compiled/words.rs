//! Matrices that are made with the columns that a model says: `CountVectorizer` and `DictVectorizer` by a vocabulary, `OneHotEncoder` by the
//! categories of each feature, hashing by a number of columns. scipy believes the columns.

use crate::graph::View;
use crate::model::error::Fault;
use crate::model::state::{Flaw, State, kind};

/// Checks that each word has a column of its matrix, which has as many as there are words
/// (`sklearn/feature_extraction/text.py`, `_count_vocab`; `_dict_vectorizer.py`, `_transform`).
pub(super) fn check_vocabulary(state: &State<'_>) -> Result<(), Flaw> {
    for attribute in ["vocabulary_", "vocabulary"] {
        let Some(View::Dict(words)) = state.view(attribute) else { continue };
        let count = words.len() as u64;
        state.work.spend(count)?;
        for (_, column) in words {
            let view = state.heap.view(column);
            let Some(found) = view.int() else { return Err(kind(attribute, &view, "a dict of whole numbers")) };
            if !u64::try_from(found).is_ok_and(|found| found < count) {
                return Err(Fault::Index { attribute, found, count }.into());
            }
        }
    }
    Ok(())
}

/// Checks the columns of each feature's categories (`sklearn/preprocessing/_encoders.py`, `OneHotEncoder.transform`).
pub(super) fn check_one_hot(state: &State<'_>) -> Result<(), Flaw> {
    let heap = state.heap;
    let Some(View::List(columns)) = state.view("_n_features_outs") else { return Ok(()) };
    let Some(View::List(categories)) = state.view("categories_") else { return Ok(()) };
    // Rare categories share a column; which they are is worked out again.
    if state.flag("_infrequent_enabled", false)? {
        return Ok(());
    }
    let dropped = u64::from(state.fitted("drop_idx_"));
    for (columns, categories) in columns.zip(categories) {
        state.work.spend(1)?;
        let (Some(found), Some(categories)) = (heap.view(columns).int(), heap.as_array(categories)) else { continue };
        let least = categories.len().saturating_sub(dropped);
        if !u64::try_from(found).is_ok_and(|found| found >= least) {
            let attribute = "_n_features_outs";
            return Err(Fault::Below { attribute, found, least }.into());
        }
    }
    Ok(())
}

/// Checks that there is a column to hash into (`sklearn/feature_extraction/_hashing_fast.pyx`, which divides by their number).
pub(super) fn check_hashing(state: &State<'_>) -> Result<(), Flaw> {
    match state.int("n_features")? {
        Some(found) if found < 1 => Err(Fault::Below { attribute: "n_features", found, least: 1 }.into()),
        _ => Ok(()),
    }
}
