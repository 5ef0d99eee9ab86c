//! Linear models that learn row by row (`sklearn/utils/_weight_vector.pyx.tp`): `partial_fit` writes averages beside the weights, as many
//! as there are of these.

use super::{Parts, no, sparse};
use crate::graph::View;
use crate::model::error::Fault;
use crate::model::state::shaped;

/// Checks that averages and the weights that they are of are as many as the model's own.
pub(super) fn check_averages(parts: &Parts<'_>) -> Result<(), Fault> {
    let weights = match parts.view("coef_") {
        None | Some(View::None) => return Ok(()),
        Some(View::Array(weights)) => weights,
        // Nothing is learned by weights that were made sparse.
        Some(View::Object(_, weights)) if sparse::is_sparse(parts.heap, weights) => return Ok(()),
        Some(view) => return Err(no("coef_", &view, "an array")),
    };
    for attribute in ["_standard_coef", "_average_coef", "standard_coef_", "average_coef_"] {
        match parts.array_if_fitted(attribute)? {
            // Of two classes or none, with or without an axis for them.
            Some(own) if own.len() == weights.len() && weights.shape.ends_with(&own.shape) => {}
            Some(own) => shaped(attribute, own, &weights.shape)?,
            None => {}
        }
    }
    Ok(())
}
