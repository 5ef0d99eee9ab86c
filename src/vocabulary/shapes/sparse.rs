//! scipy's sparse matrices and arrays (`scipy/sparse/_base.py`, `_compressed.py`, `_coo.py`): attributes, and nothing else.

use super::super::scene::{Functions, Misuse, Scene};
use super::super::shape::Built;
use super::closed_state;
use crate::graph::{Value, View};

const HONEST: &str = "an honest file gives it its arrays, its shape and flags";
const KEYS: &[&str] = &[
    "_shape",
    "maxprint",
    "data",
    "indices",
    "indptr",
    "_has_sorted_indices",
    "_has_canonical_format",
    "row",
    "col",
    "coords",
    "has_canonical_format",
    "offsets",
    "rows",
    "dtype",
];

/// The state of a sparse matrix or array.
pub fn state(scene: &mut Scene<'_>, state: Value) -> Result<Built, Misuse> {
    closed_state(scene, state, KEYS, HONEST)?;
    for (key, value) in scene.heap.as_dict(state).into_iter().flatten() {
        let honest = match scene.heap.view(value) {
            View::Tuple(mut parts) => {
                parts.len() <= 64 && parts.all(|part| matches!(scene.heap.view(part), View::Int(0..) | View::Array(_)))
            }
            View::None | View::Bool(_) | View::Int(_) | View::Array(_) => true,
            View::DType(..) => scene.heap.is_text(key, "dtype"),
            _ => false,
        };
        if !honest {
            return Err(Misuse::act(
                format!("{} is {}", super::shown(scene, key), scene.heap.view(value).kind()),
                HONEST,
            ));
        }
    }
    scene.settle(state, Functions::Refused)?;
    Ok(Built::State)
}
