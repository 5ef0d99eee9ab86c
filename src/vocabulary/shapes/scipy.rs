//! Objects of scipy's that take their state apart themselves: rotations, interpolation by radial functions, and trees of
//! neighbors.

use super::super::scene::{Functions, Misuse, Scene};
use super::super::shape::{Built, Shape};
use super::form::Form;
use super::record;
use crate::graph::{DTypeKind, ObjectId, Value};

const ROTATION: &str = "an honest file gives it an array, and whether it is a single one";

/// The state of a `Rotation` (`scipy/spatial/transform/_rotation.py`, `__setstate__`).
pub fn rotation_state(scene: &mut Scene<'_>, state: Value) -> Result<Built, Misuse> {
    // To scipy 1.5 it is a plain object.
    const OLD: Form = Form::Dict(&[("_quat", Form::Array), ("_single", Form::Bool)]);
    if !Form::Either(&[Form::Tuple(&[Form::Array, Form::Bool]), OLD]).fits(scene, state)? {
        return Err(Misuse::act("its state is something else", ROTATION));
    }
    let array = scene.heap.as_tuple(state).and_then(|parts| parts.at(0)).or_else(|| scene.heap.lookup(state, "_quat"));
    let four = array.and_then(|array| scene.heap.as_array(array)).is_some_and(|array| {
        let floats =
            scene.heap.get_dtype(array.dtype).is_some_and(|dtype| dtype.kind == DTypeKind::Float && dtype.size == 8);
        floats && array.shape.last() == Some(&4)
    });
    if !four {
        return Err(Misuse::act("its array is not of four numbers for each rotation", ROTATION));
    }
    scene.settle(state, Functions::Refused)?;
    Ok(Built::State)
}

const RADIAL: &str = "an honest file gives it its points and values, and how it was fitted to them";

/// The state of an `RBFInterpolator` (`scipy/interpolate/_rbfinterp.py`): attributes; since scipy 1.17 a pair of tuples, of which its
/// `__setstate__` asks the arrays for the module that made them.
pub fn radial_state(scene: &mut Scene<'_>, object: ObjectId, state: Value) -> Result<Built, Misuse> {
    if scene.heap.as_tuple(state).is_none() {
        return record::state(scene, object, state);
    }
    const NUMBER: Form = Form::Either(&[Form::Whole, Form::Float, Form::Object(&[Shape::Scalar])]);
    const TYPE: Form = Form::Either(&[Form::Name(&[Shape::Type, Shape::Complex]), Form::DType]);
    const POINTS: Form = Form::Tuple(&[
        Form::Array,
        Form::Array,
        Form::Many(&Form::Whole),
        TYPE,
        Form::None,
        Form::Array,
        Form::Text,
        NUMBER,
        Form::Array,
    ]);
    const FITTED: Form = Form::Tuple(&[Form::Array, Form::Array, Form::Array]);
    if !Form::Tuple(&[POINTS, FITTED]).fits(scene, state)? {
        return Err(Misuse::act("its state is something else", RADIAL));
    }
    scene.settle(state, Functions::Refused)?;
    Ok(Built::State)
}
