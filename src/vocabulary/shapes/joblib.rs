//! joblib's arrays: a wrapper whose elements follow in the stream (`joblib/numpy_pickle.py`, `NumpyArrayWrapper`).

use super::super::scene::{Misuse, Scene};
use super::super::shape::{Built, Raw, Shape};
use super::closed_state;
use super::numpy::use_dtype;
use crate::graph::{Value, View};

const HONEST: &str =
    "an honest file gives it subclass, shape, order, dtype, allow_mmap and numpy_array_alignment_bytes";
const KEYS: &[&str] = &["subclass", "shape", "order", "dtype", "allow_mmap", "numpy_array_alignment_bytes"];
/// joblib's own alignment (`NUMPY_ARRAY_ALIGNMENT_BYTES`).
pub const ALIGNMENT: i64 = 16;

/// The state of a wrapper.
pub fn wrapper_state(scene: &mut Scene<'_>, state: Value) -> Result<Built, Misuse> {
    closed_state(scene, state, KEYS, HONEST)?;
    let part = |key: &str| {
        let missing = || Misuse::act(format!("its state has no {key}"), HONEST);
        scene.heap.lookup(state, key).ok_or_else(missing)
    };
    let subclass = part("subclass")?;
    if scene.shape_of(subclass).map(|(_, shape)| shape) != Some(Shape::ArrayClass) {
        return Err(Misuse::act("its subclass is not numpy.ndarray", HONEST));
    }
    let (order, shape, dtype) = (part("order")?, part("shape")?, part("dtype")?);
    let fortran = match scene.heap.as_str(order) {
        Some("C") => false,
        Some("F") => true,
        _ => return Err(Misuse::act("its order is neither C nor F", HONEST)),
    };
    if !matches!(scene.heap.view(part("allow_mmap")?), View::Bool(_)) {
        return Err(Misuse::act("its allow_mmap is neither True nor False", HONEST));
    }
    let alignment = scene.heap.lookup(state, "numpy_array_alignment_bytes").map(|value| scene.heap.view(value));
    let padded = match alignment {
        None | Some(View::None) => false,
        Some(View::Int(ALIGNMENT)) => true,
        Some(_) => return Err(Misuse::act("its numpy_array_alignment_bytes is not 16", HONEST)),
    };
    // From here on it must not change: a state that came later would turn the array's elements round.
    let (dtype, _) = use_dtype(scene, dtype, HONEST)?;
    Ok(Built::Follows(Raw { dtype, shape, fortran, padded }))
}
