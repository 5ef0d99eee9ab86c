//! scipy's sparse matrices and arrays (`scipy/sparse/_base.py`, `_compressed.py`, `_coo.py`): attributes, and nothing else.

use super::super::scene::{Functions, Misuse, Scene};
use super::super::shape::{Built, Made, Shape};
use super::form::{Form, state_of};
use super::{closed_state, container, scipy};
use crate::graph::{NameId, Value, View};

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
    // scipy 0.17 and before wrote it into each object.
    "format",
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
            // Others tell compiled code to look for other arrays.
            View::Text(format) if scene.heap.is_text(key, "format") => {
                if !scene.class_of(scene.name).get(..3).is_some_and(|own| format.is(own)) {
                    return Err(Misuse::act("its format is not that of its class", HONEST));
                }
                true
            }
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

const DOK: &str = "an honest file makes it of a dict of places and values, and gives it its shape and type";

/// `_reconstructor(dok_matrix, dict, {…})` (`scipy/sparse/_dok.py`): a dict, at every protocol. In scipy 1.12 an array is no dict any more
/// and is written the same way, as an object that is made empty.
pub fn reconstruct_dok(scene: &mut Scene<'_>, class: NameId, base: Value, items: Value) -> Result<Made, Misuse> {
    if scene.shape_of(base).is_some_and(|(_, shape)| shape == Shape::BaseObject) {
        return match scene.heap.view(items) {
            View::None if scene.class_of(class) == "dok_array" => Ok(Made::Object(class)),
            _ => Err(Misuse::act("it makes something else than an empty array", DOK)),
        };
    }
    if !container::is_dict(scene, base) || scene.heap.as_dict(items).is_none() {
        return Err(Misuse::act("it makes something else than a dict", DOK));
    }
    scene.settle(items, Functions::Refused)?;
    Ok(Made::Object(class))
}

/// The state of a matrix that is a dict: newer ones keep their items in a dict of their own.
pub fn dok_state(scene: &mut Scene<'_>, state: Value) -> Result<Built, Misuse> {
    const KEYS: &[(&str, Form)] = &[
        ("_shape", Form::Many(&Form::Whole)),
        ("maxprint", Form::Either(&[Form::None, Form::Whole])),
        ("dtype", Form::DType),
        ("_dict", Form::Data),
        ("format", Form::Word(&["dok"])),
    ];
    state_of(scene, state, KEYS, DOK)?;
    if scene.heap.lookup(state, "_dict").is_some_and(|items| scene.heap.as_dict(items).is_none()) {
        return Err(Misuse::act("its items are no dict", DOK));
    }
    scene.settle(state, Functions::Refused)?;
    Ok(Built::State)
}

const SPLINE: &str = "an honest file gives it knots, coefficients, a degree, an axis, and how it goes on beyond them";

/// The state of a `BSpline` (`scipy/interpolate/_bsplines.py`): in scipy 1.17 knots and coefficients have other names, and stand beside the
/// function that makes them arrays; since 1.18 it hands its work to another.
pub fn spline_state(scene: &mut Scene<'_>, state: Value) -> Result<Built, Misuse> {
    const KEYS: &[(&str, Form)] = &[
        ("t", Form::Array),
        ("c", Form::Array),
        ("_t", Form::Array),
        ("_c", Form::Array),
        ("_asarray", Form::Name(&[Shape::Function])),
        ("k", Form::Whole),
        ("axis", Form::Whole),
        ("extrapolate", Form::Either(&[Form::Bool, Form::Word(&["periodic"])])),
        ("_delegate_to", Form::None),
    ];
    if scene.heap.as_tuple(state).is_some() {
        if !Form::Tuple(&[Form::Object(&[Shape::Spline]), Form::Array]).fits(scene, state)? {
            return Err(Misuse::act("its state is something else", SPLINE));
        }
    } else {
        state_of(scene, state, KEYS, SPLINE)?;
        let part = |key: &str| scene.heap.lookup(state, key);
        let [knots, coefficients, degree] = [("t", "_t"), ("c", "_c"), ("k", "k")]
            .map(|(key, other)| part(key).or_else(|| part(other)).unwrap_or(Value::NONE));
        scipy::check_spline(scene, knots, coefficients, degree)?;
        if part("t").and(part("_t")).or(part("c").and(part("_c"))).is_some() {
            return Err(Misuse::act("it has knots or coefficients twice", SPLINE));
        }
    }
    scene.settle(state, Functions::Checked)?;
    Ok(Built::State)
}
