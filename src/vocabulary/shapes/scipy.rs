//! Objects of scipy's that take their state apart themselves: rotations, and interpolation by radial functions; and splines, whose
//! compiled code trusts that knots, coefficients and degree belong together.

use super::super::scene::{Functions, Misuse, Scene};
use super::super::shape::{Built, Shape};
use super::form::Form;
use super::record;
use crate::graph::{DTypeKind, ObjectId, Value, View};

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
        floats && array.shape.len() >= 2 && array.shape.last() == Some(&4)
    });
    if !four {
        return Err(Misuse::act("its array is not of four numbers for each rotation", ROTATION));
    }
    // A single one is taken from the first row, without a look at how many there are.
    let single =
        scene.heap.as_tuple(state).and_then(|parts| parts.at(1)).or_else(|| scene.heap.lookup(state, "_single"));
    let one = array.and_then(|array| scene.heap.as_array(array)).is_some_and(|array| *array.shape == [1, 4]);
    if !one && single.is_none_or(|single| !matches!(scene.heap.view(single), View::Bool(false))) {
        return Err(Misuse::act("it is a single rotation, and its array is not of one", ROTATION));
    }
    scene.settle(state, Functions::Refused)?;
    Ok(Built::State)
}

const RADIAL: &str = "an honest file gives it its points and values, and how it was fitted to them";

/// The state of an `RBFInterpolator` (`scipy/interpolate/_rbfinterp.py`): attributes; since scipy 1.17 a pair of tuples, of which its
/// `__setstate__` asks the arrays for the module that made them.
pub fn radial_state(scene: &mut Scene<'_>, object: ObjectId, state: Value) -> Result<Built, Misuse> {
    if scene.heap.as_tuple(state).is_none() {
        let parts = ["y", "d", "powers", "_shift", "_scale", "_coeffs"].map(|name| scene.heap.lookup(state, name));
        check_radial(scene, parts, scene.heap.lookup(state, "neighbors"))?;
        return record::state(scene, object, state);
    }
    const NUMBER: Form = Form::Either(&[Form::Whole, Form::Float, Form::Object(&[Shape::Scalar])]);
    const TYPE: Form = Form::Either(&[Form::Name(&[Shape::Type, Shape::Complex]), Form::DType]);
    const POINTS: Form = Form::Tuple(&[
        Form::Array,
        Form::Array,
        Form::Many(&Form::Whole),
        TYPE,
        Form::Either(&[Form::None, Form::Whole]),
        Form::Array,
        Form::Text,
        NUMBER,
        Form::Array,
    ]);
    // One that is fitted anew to the points around each has a tree of them.
    const FITTED: Form = Form::Either(&[
        Form::Tuple(&[Form::Array, Form::Array, Form::Array]),
        Form::Tuple(&[Form::Built(&[Shape::PointTree])]),
    ]);
    if !Form::Tuple(&[POINTS, FITTED]).fits(scene, state)? {
        return Err(Misuse::act("its state is something else", RADIAL));
    }
    let [points, fitted] = [0, 1].map(|at| scene.heap.as_tuple(state).and_then(|parts| parts.at(at)));
    let part = |of: Option<Value>, at| scene.heap.as_tuple(of?)?.at(at);
    let of_all = fitted.and_then(|fitted| scene.heap.as_tuple(fitted)).and_then(|parts| parts.exactly::<3>());
    let [shift, scale, coefficients] = of_all.map_or([None; 3], |parts| parts.map(Some));
    let parts = [part(points, 0), part(points, 1), part(points, 8), shift, scale, coefficients];
    check_radial(scene, parts, part(points, 4))?;
    scene.settle(state, Functions::Refused)?;
    Ok(Built::State)
}

/// Checks the points, values, powers, shift, scale and coefficients of an `RBFInterpolator`, of which all but the first two are there if it
/// was fitted to all points at once: compiled code makes a matrix of so many powers, in so many axes, for each point (`_rbfinterp_pythran.py`).
/// Else it is fitted to so many neighbors of each place that is asked for, at most all.
fn check_radial(scene: &Scene<'_>, parts: [Option<Value>; 6], neighbors: Option<Value>) -> Result<(), Misuse> {
    let [points, values, powers, shift, scale, coefficients] =
        parts.map(|part| part.and_then(|part| scene.heap.as_array(part)).map(|array| &*array.shape));
    // What the compiled code would make an array of may be as long as it likes.
    let arrays = parts.into_iter().flatten().all(|part| scene.heap.as_array(part).is_some());
    let honest = match (points, values) {
        (Some([count, axes]), Some([rows, width])) => {
            let terms = match powers {
                Some([terms, of]) if of == axes => Some(*terms),
                _ => None,
            };
            let line = |shape: Option<&[u64]>| shape.is_none_or(|shape| shape == [*axes]);
            let all = terms.and_then(|terms| terms.checked_add(*count));
            let fitted = coefficients.is_none_or(|shape| all.is_some_and(|all| shape == [all, *width]));
            let neighbors = neighbors.map(|neighbors| scene.heap.view(neighbors));
            let few = match neighbors.as_ref() {
                None | Some(View::None) => true,
                Some(view) => view
                    .int()
                    .and_then(|many| u64::try_from(many).ok())
                    .is_some_and(|many| (1..=*count).contains(&many)),
            };
            arrays && few && rows == count && terms.is_some() && line(shift) && line(scale) && fitted
        }
        _ => false,
    };
    if honest { Ok(()) } else { Err(Misuse::act("its points, values and powers do not belong together", RADIAL)) }
}

/// The state of a `cKDTree` (`scipy/spatial/_ckdtree.pyx`, `__setstate__`): its nodes, its points, how many there are, in how many axes, most of
/// them in a leaf; their ends, and their order; and the box that it repeats, with its halves. What it says is looked at with the whole model.
pub fn point_tree_state(scene: &mut Scene<'_>, state: Value) -> Result<Built, Misuse> {
    const BOX: Form = Form::Either(&[Form::None, Form::Array]);
    const STATE: Form = Form::Tuple(&[
        Form::Array,
        Form::Array,
        Form::Whole,
        Form::Whole,
        Form::Whole,
        Form::Array,
        Form::Array,
        Form::Array,
        BOX,
        BOX,
    ]);
    if !STATE.fits(scene, state)? {
        return Err(Misuse::act(
            "its state is something else",
            "an honest file gives it its nodes, points, counts, ends and order, and a box or none",
        ));
    }
    scene.settle(state, Functions::Refused)?;
    Ok(Built::State)
}

const SPLINE: &str = "an honest file gives it at least twice as many knots as its degree and two more, and as many coefficients as knots \
                      without these";
const DEGREE: &str = "an honest file gives it a degree of at most 19, beyond which FITPACK has no room";

/// Largest degree for which FITPACK has room (`splev.f`, `fpbspl.f`).
const LARGEST: i64 = 19;

/// Checks the knots, coefficients and degree of a spline in one variable (`scipy/interpolate/_bsplines.py`, `BSpline.__init__`):
/// compiled code looks for knots on both sides of each number, and takes so many coefficients, without asking how many there are.
pub fn check_spline(scene: &Scene<'_>, knots: Value, coefficients: Value, degree: Value) -> Result<(), Misuse> {
    let rows = |value: Value| scene.heap.as_array(value).and_then(|array| array.shape.first().copied());
    let line = scene.heap.as_array(knots).is_some_and(|array| array.shape.len() == 1);
    let degree = scene.heap.view(degree).int().and_then(|degree| u64::try_from(degree).ok());
    let fits = match (rows(knots), rows(coefficients), degree.and_then(|degree| degree.checked_add(1))) {
        (Some(knots), Some(coefficients), Some(order)) => {
            let inner = knots.checked_sub(order);
            inner.is_some_and(|inner| inner >= order && coefficients >= inner)
        }
        _ => false,
    };
    if line && fits {
        Ok(())
    } else {
        Err(Misuse::act("its knots, coefficients and degree do not belong together", SPLINE))
    }
}

/// Checks what FITPACK is given of a state (`scipy/interpolate/_fitpack2.py`): `_eval_args` of splines in one variable, `degrees` of those
/// in two.
pub fn fitpack_parts(scene: &Scene<'_>, state: Value) -> Result<(), Misuse> {
    let small = |degree: Value| scene.heap.view(degree).int().is_some_and(|degree| (0..=LARGEST).contains(&degree));
    let part = |key: &str| scene.heap.lookup(state, key);
    if let Some(of) = part("_eval_args") {
        let parts = scene.heap.as_tuple(of).and_then(|parts| parts.exactly::<3>());
        let [knots, coefficients, degree] =
            parts.ok_or_else(|| Misuse::act("its knots, coefficients and degree are no tuple of three", SPLINE))?;
        check_spline(scene, knots, coefficients, degree)?;
        // scipy before 1.13 takes coefficients of two axes for those of a curve.
        if scene.heap.as_array(coefficients).is_none_or(|array| array.shape.len() != 1) {
            return Err(Misuse::act("its coefficients are no single row", SPLINE));
        }
        if !small(degree) {
            return Err(Misuse::act("its degree is larger than any", DEGREE));
        }
    }
    let Some(degrees) = part("degrees") else { return Ok(()) };
    let two = scene.heap.as_tuple(degrees).and_then(|degrees| degrees.exactly::<2>());
    if two.is_some_and(|two| two.into_iter().all(small)) {
        return Ok(());
    }
    Err(Misuse::act("its degrees are no two small numbers", DEGREE))
}
