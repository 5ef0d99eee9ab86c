//! Splines in two and more variables (`scipy/interpolate/src/dfitpack.c`, `bispev`; `__fitpack.cc`, `_evaluate_ndbspline`): compiled code
//! looks for knots on both sides of each number, and takes so many coefficients, whatever there is.

use super::{agrees, between, index, no, signed};
use crate::graph::{Array, DTypeKind, Heap, Items, Value, View};
use crate::model::error::Fault;
use crate::model::labels::{Label, counts, element};
use crate::model::state::{Flaw, State, shaped, wrong_elements};

/// Largest degree for which `fpbisp` has room.
const LARGEST: u64 = 5;
/// Most axes that an array of numpy's has.
const AXES: u64 = 64;

/// Checks a spline in two variables, as classes of scipy keep it.
pub(super) fn check_surface(state: &State<'_>) -> Result<(), Flaw> {
    let parts = |name| state.get(name).and_then(|value| state.heap.as_tuple(value));
    let (Some(tck), Some(degrees)) = (parts("tck"), parts("degrees")) else { return Ok(()) };
    let (Some([x, y, coefficients]), Some(degrees)) = (tck.exactly::<3>(), degrees.exactly::<2>()) else {
        return Ok(());
    };
    Ok(surface(state.heap, [x, y], coefficients, degrees)?)
}

/// Checks a spline in two variables with its degrees beside its knots: `interp2d`, of scipy before 1.14.
pub(super) fn check_plane(state: &State<'_>) -> Result<(), Flaw> {
    let Some(tck) = state.view("tck") else { return Ok(()) };
    let (View::List(parts) | View::Tuple(parts)) = &tck else { return Err(no("tck", &tck, "a list").into()) };
    let Some([x, y, coefficients, across, down]) = parts.exactly::<5>() else {
        return Err(no("tck", &tck, "a list of five").into());
    };
    Ok(surface(state.heap, [x, y], coefficients, [across, down])?)
}

/// Checks knots along both axes, and coefficients for each pair.
fn surface(heap: &Heap, knots: [Value; 2], coefficients: Value, degrees: [Value; 2]) -> Result<(), Fault> {
    let length = |value| heap.as_array(value).filter(|array| array.shape.len() == 1).map(|array| array.len());
    let mut wanted = 1u64;
    for (knots, degree) in knots.into_iter().zip(degrees) {
        let (Some(knots), Some(degree)) = (length(knots), count(heap, degree)) else {
            return Err(Fault::Missing("tck"));
        };
        if degree > LARGEST {
            return Err(Fault::Above { attribute: "a degree", found: degree, most: LARGEST });
        }
        wanted = wanted.saturating_mul(between_knots(knots, degree)?);
    }
    at_least("the number of coefficients", length(coefficients).unwrap_or(0), wanted)
}

/// Checks an `NdBSpline`: knots for each axis, of which the longest say how many stand in a row, a degree for each, coefficients for all, and
/// (since scipy 1.13) a table of the places of a number's coefficients.
pub(super) fn check_many(state: &State<'_>) -> Result<(), Flaw> {
    let degrees = degrees(state)?;
    let knots = knots(state, degrees.len() as u64)?;
    agrees("the number of degrees", degrees.len() as u64, "t", knots.len() as u64)?;
    let coefficients = one_of(state, ["_c", "c"])?;
    let Some(coefficients) = state.heap.as_array(coefficients) else {
        return Err(no("c", &state.heap.view(coefficients), "an array").into());
    };
    // They are looked at as floats, whatever they are.
    let floats = |dtype: &crate::graph::DType| dtype.is(DTypeKind::Float, 8) || dtype.is(DTypeKind::Complex, 16);
    if !state.heap.get_dtype(coefficients.dtype).is_some_and(floats) {
        return Err(wrong_elements(state.heap, "c", coefficients, "floats").into());
    }
    at_least("the number of axes of c", coefficients.shape.len() as u64, knots.len() as u64)?;
    let mut places = 1u64;
    for ((knots, degree), found) in knots.iter().zip(&degrees).zip(&*coefficients.shape) {
        at_least("the number of coefficients", *found, between_knots(*knots, *degree)?)?;
        places = places.saturating_mul(degree.saturating_add(1));
    }
    if state.get("_indices_k1d").is_some() {
        let table = state.array("_indices_k1d")?;
        shaped("_indices_k1d", table, &[places, knots.len() as u64])?;
        check_table(state, table, &degrees)?;
    }
    Ok(())
}

/// Checks the table of places: along each axis as many as its degree has, and one more.
fn check_table(state: &State<'_>, table: &Array, degrees: &[u64]) -> Result<(), Fault> {
    const TABLE: &str = "_indices_k1d";
    let orders = degrees.iter().map(|degree| degree.saturating_add(1));
    let (Some(least), Some(most)) = (orders.clone().min(), orders.clone().max()) else { return Ok(()) };
    if least == most {
        return between(state.heap, state.work, TABLE, table, 0, most);
    }
    state.work.spend(table.len())?;
    let places = state.heap.get_dtype(table.dtype).zip(state.heap.array_bytes(table)).and_then(|(dtype, bytes)| {
        let size = usize::try_from(dtype.size).ok().filter(|size| *size > 0)?;
        bytes.chunks_exact(size).map(|place| whole(dtype, place)).collect::<Option<Vec<i64>>>()
    });
    match places {
        // They stand axis by axis if that is how numpy has them.
        Some(places) if !table.fortran => {
            places.iter().zip(orders.cycle()).try_for_each(|(place, order)| index(TABLE, *place, order))
        }
        // What is too long to be kept is that of five axes and more.
        _ => between(state.heap, state.work, TABLE, table, 0, least),
    }
}

/// A whole number of an array.
fn whole(dtype: &crate::graph::DType, bytes: &[u8]) -> Option<i64> {
    match element(dtype, bytes)? {
        Label::Int(number) => Some(number),
        _ => None,
    }
}

/// The degree of an `NdBSpline` along each axis.
fn degrees(state: &State<'_>) -> Result<Vec<u64>, Flaw> {
    let value = one_of(state, ["_k", "k"])?;
    let found = match state.heap.view(value) {
        View::Array(array) => return few(state, "_k", array),
        View::Tuple(items) => all(items, |item| count(state.heap, item)),
        _ => None,
    };
    Ok(found.ok_or_else(|| no("k", &state.heap.view(value), "whole numbers"))?)
}

/// How many knots an `NdBSpline` has along each of so many axes.
fn knots(state: &State<'_>, axes: u64) -> Result<Vec<u64>, Flaw> {
    let value = one_of(state, ["_t", "t"])?;
    match state.heap.view(value) {
        View::Tuple(items) => {
            let lengths = all(items, |item| state.heap.as_array(item).map(Array::len));
            Ok(lengths.ok_or_else(|| no("t", &state.heap.view(value), "a tuple of arrays"))?)
        }
        View::Array(array) => {
            let longest = array.shape.get(1).copied().unwrap_or(0);
            shaped("_t", array, &[axes, longest])?;
            let lengths = few(state, "_len_t", state.array("_len_t")?)?;
            agrees("the number of lengths", lengths.len() as u64, "_t", axes)?;
            for length in &lengths {
                at_least("the length of a row of _t", longest, *length)?;
            }
            Ok(lengths)
        }
        view => Err(no("t", &view, "an array").into()),
    }
}

/// The numbers of a short array.
fn few(state: &State<'_>, attribute: &'static str, array: &Array) -> Result<Vec<u64>, Flaw> {
    if array.len() > AXES {
        return Err(Fault::Above { attribute: "the number of axes", found: array.len(), most: AXES }.into());
    }
    counts(state.heap, attribute, array)
}

/// An attribute under the name that it has in one version or another, and not under both.
fn one_of(state: &State<'_>, names: [&'static str; 2]) -> Result<Value, Fault> {
    match names.map(|name| state.get(name)) {
        [Some(value), None] | [None, Some(value)] => Ok(value),
        [None, None] => Err(Fault::Missing(names[1])),
        [Some(_), Some(_)] => Err(Fault::Twice(names[1])),
    }
}

fn all(items: Items<'_>, each: impl Fn(Value) -> Option<u64>) -> Option<Vec<u64>> {
    items.map(each).collect()
}

fn count(heap: &Heap, value: Value) -> Option<u64> {
    heap.view(value).int().and_then(|count| u64::try_from(count).ok())
}

/// How many coefficients so many knots ask for; there are enough of these on both sides.
fn between_knots(knots: u64, degree: u64) -> Result<u64, Fault> {
    let order = degree.saturating_add(1);
    at_least("the number of knots", knots, order.saturating_mul(2))?;
    Ok(knots.saturating_sub(order))
}

fn at_least(attribute: &'static str, found: u64, least: u64) -> Result<(), Fault> {
    if found < least { Err(Fault::Below { attribute, found: signed(found), least }) } else { Ok(()) }
}
