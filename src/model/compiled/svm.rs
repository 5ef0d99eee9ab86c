//! Support vector machines (`sklearn/svm/src/libsvm/libsvm_helper.c`, `set_model`): copies as many numbers as the shapes of other arrays say.

use super::{indices, lengths, rows};
use crate::graph::View;
use crate::model::error::Fault;
use crate::model::labels::counts;
use crate::model::state::{Flaw, State, length, shaped};

/// Checks a model of libsvm; `labels`: whether it tells classes apart, by vectors that stand in the order of the classes.
pub(super) fn check(state: &State<'_>, labels: bool) -> Result<(), Flaw> {
    if !state.fitted("support_vectors_") {
        return Ok(());
    }
    let heap = state.heap;
    let Some(rows) = rows(heap, state.needed("support_vectors_")?) else {
        return Err(Flaw::Unknown("support_vectors_ are of a kind that is not read".to_owned()));
    };
    let of_rows = state.array("support_")?;
    let vectors = length("support_", of_rows)?;
    // A kernel that was computed before, or is by a function, needs no vectors.
    let computed = state.text("kernel").is_none_or(|kernel| kernel == "precomputed");
    if !(rows == 0 && computed) {
        shaped("support_", of_rows, &[rows])?;
    }
    let name = if state.get("_n_support").is_some() { "_n_support" } else { "n_support_" };
    let of_classes = state.array(name)?;
    let classes = length(name, of_classes)?;
    if labels {
        let mut left = vectors;
        for count in counts(heap, name, of_classes)? {
            left = left.checked_sub(count).ok_or(Fault::Index {
                attribute: name,
                found: i64::try_from(count).unwrap_or(i64::MAX),
                count: left,
            })?;
        }
    }
    let pairs = (classes.saturating_mul(classes.saturating_sub(1)) / 2).max(1);
    let lines = classes.saturating_sub(1).max(1);
    // Such a kernel is looked up by these.
    if let Some([seen, _]) = state.get("shape_fit_").and_then(|shape| lengths(heap, shape)).as_deref() {
        indices(heap, state.work, "support_", of_rows, *seen)?;
    }
    for attribute in ["_dual_coef_", "dual_coef_"] {
        match state.view(attribute) {
            Some(View::Array(array)) => shaped(attribute, array, &[lines, vectors])?,
            // All of its numbers are taken, by their places.
            Some(View::Object(_, sparse)) => {
                let data = heap.lookup(sparse.state, "data").and_then(|data| heap.as_array(data));
                let data = data.ok_or(Flaw::Unknown(format!("{attribute} is of a kind that is not read")))?;
                shaped(attribute, data, &[lines.saturating_mul(vectors)])?;
            }
            _ => {}
        }
    }
    for attribute in ["_intercept_", "intercept_"] {
        if let Some(View::Array(array)) = state.view(attribute) {
            shaped(attribute, array, &[pairs])?;
        }
    }
    for attribute in ["_probA", "_probB", "probA_", "probB_"] {
        if let Some(View::Array(array)) = state.view(attribute).filter(|view| !is_empty(view)) {
            shaped(attribute, array, &[pairs])?;
        }
    }
    Ok(())
}

fn is_empty(view: &View<'_>) -> bool {
    matches!(view, View::Array(array) if array.is_empty())
}
