//! numpy's masked arrays (`numpy/ma/core.py`, `_mareconstruct` and `MaskedArray.__setstate__`): an array, and a mask of one
//! byte an element.

use super::super::scene::{Functions, Misuse, Scene};
use super::super::shape::{Built, Made, Shape};
use super::form::Form;
use super::structure::holds_objects;
use super::{arguments, numpy};
use crate::graph::{Value, View};

const RECONSTRUCT: &str = "an honest file calls it with (numpy.ma.MaskedArray, numpy.ndarray, (0,), b'b')";

/// `_mareconstruct(MaskedArray, ndarray, (0,), b'b')`: an empty one, to be given its state.
pub fn reconstruct(scene: &mut Scene<'_>, args: Value) -> Result<Made, Misuse> {
    let [class, base, shape, code] = arguments(scene, args, RECONSTRUCT)?;
    let shape_of = |value| scene.shape_of(value).map(|(_, shape)| shape);
    if shape_of(class) != Some(Shape::MaskedArrayClass) || shape_of(base) != Some(Shape::ArrayClass) {
        return Err(Misuse::act("it is called with other classes", RECONSTRUCT));
    }
    if !numpy::is_empty_shape(scene, shape, code) {
        return Err(Misuse::act("its shape or type code is another one", RECONSTRUCT));
    }
    Ok(Made::Object(scene.name))
}

/// `MaskedConstant()`: the one value that is masked (`numpy/ma/core.py`, `MaskedConstant.__reduce__`).
pub fn constant(scene: &mut Scene<'_>, args: Value) -> Result<Made, Misuse> {
    let [] = arguments(scene, args, "an honest file calls it with nothing")?;
    Ok(Made::Object(scene.name))
}

const STATE: &str =
    "an honest file gives it (1, shape, dtype, order, data, mask, fill value) with as much as the shape asks for";

/// How many values take the time in which numpy makes the dtype of a field's mask.
const FIELD: u64 = 300;

/// `MaskedArray.__setstate__`.
pub fn state(scene: &mut Scene<'_>, state: Value) -> Result<Built, Misuse> {
    let [version, shape, dtype, order, data, mask, fill] = arguments(scene, state, STATE)?;
    let array = numpy::array_of_state(scene, [version, shape, dtype, order, data], STATE)?;
    let bytes = scene.heap.as_array(array).and_then(|array| {
        let parts = scene.heap.get_dtype(array.dtype)?.parts;
        array.len().checked_mul(parts)
    });
    // numpy makes a dtype of truth values anew, field by field.
    let inside =
        scene.heap.as_array(array).and_then(|array| scene.heap.get_dtype(array.dtype)).map(|dtype| dtype.inside);
    scene.budget.values(inside.unwrap_or(0).saturating_mul(FIELD))?;
    let blob = numpy::raw_bytes(scene, mask, STATE)?;
    if bytes.is_none() || scene.heap.blob(blob).map(|blob| blob.len) != bytes {
        return Err(Misuse::act("its mask has not one byte for each value", STATE));
    }
    let value = matches!(
        scene.heap.view(fill),
        View::None
            | View::Bool(_)
            | View::Int(_)
            | View::Long(_)
            | View::Float(_)
            | View::Text(_)
            | View::Bytes(_)
            | View::Array(_)
    ) || Form::Object(&[Shape::Scalar, Shape::Complex]).fits(scene, fill)?;
    if !value {
        return Err(Misuse::act(format!("its fill value is {}", scene.heap.view(fill).kind()), STATE));
    }
    let own = scene.heap.as_array(array).map(|array| array.dtype);
    if holds_objects(scene, fill).is_some_and(|held| own != Some(held)) {
        return Err(Misuse::act("its fill value is made of objects, and it is not", STATE));
    }
    // Its elements were looked at with its array.
    for part in [version, shape, dtype, order, mask, fill] {
        scene.settle(part, Functions::Refused)?;
    }
    scene.settle(state, Functions::Allowed)?;
    Ok(Built::State)
}
