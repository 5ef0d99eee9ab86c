//! Linear models that learn row by row (`sklearn/utils/_weight_vector.pyx.tp`): `partial_fit` writes averages beside the weights, as many
//! as there are of these.

use super::no;
use crate::graph::View;
use crate::model::state::{Flaw, State, shaped};

/// Checks that averages and the weights that they are of are as many as the model's own.
pub(super) fn check_averages(state: &State<'_>) -> Result<(), Flaw> {
    let Some(View::Array(weights)) = state.view("coef_") else { return Ok(()) };
    for attribute in ["_standard_coef", "_average_coef", "standard_coef_", "average_coef_"] {
        match state.view(attribute) {
            None | Some(View::None) => {}
            // Of two classes or none, with or without an axis for them.
            Some(View::Array(own)) if own.len() == weights.len() && weights.shape.ends_with(&own.shape) => {}
            Some(View::Array(own)) => shaped(attribute, own, &weights.shape)?,
            Some(view) => return Err(no(attribute, &view, "an array").into()),
        }
    }
    Ok(())
}
