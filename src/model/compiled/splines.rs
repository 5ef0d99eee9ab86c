//! Splines in two and more variables (`scipy/interpolate/src/dfitpack.c`, `bispev`; `__fitpack.cc`, `_evaluate_ndbspline`): compiled code
//! looks for knots on both sides of each number, and takes so many coefficients, whatever there is.

use super::{Parts, agrees, as_array, between, index, no, signed};
use crate::graph::{Array, DTypeKind, Heap, Items, Value, View};
use crate::model::error::Fault;
use crate::model::labels::{Label, counts, element};
use crate::model::numbers::is_numeric;
use crate::model::state::{Flaw, length, shaped, wrong_elements};

/// Largest degree for which `fpbisp` has room.
const LARGEST: u64 = 5;
/// Most axes that an array of numpy's has.
const AXES: u64 = 64;

/// Checks a spline in two variables, as classes of scipy keep it.
pub(super) fn check_surface(parts: &Parts<'_>) -> Result<(), Fault> {
    let (Some(tck), Some(degrees)) = (parts.get("tck"), parts.get("degrees")) else { return Ok(()) };
    let items = |value| parts.heap.as_tuple(value);
    let Some([x, y, coefficients]) = items(tck).and_then(|tck| tck.exactly::<3>()) else {
        return Err(no("tck", &parts.heap.view(tck), "a tuple of three"));
    };
    let Some(both) = items(degrees).and_then(|degrees| degrees.exactly::<2>()) else {
        return Err(no("degrees", &parts.heap.view(degrees), "a tuple of two"));
    };
    surface(parts.heap, [x, y], coefficients, both)
}

/// Checks what a spline in one variable is fitted with once more (`fpcurf0` and `fpcurf1`): points, knots and coefficients, and room for them.
pub(super) fn check_curve(parts: &Parts<'_>) -> Result<(), Fault> {
    const DATA: &str = "_data";
    let Some(data) = parts.get(DATA) else { return Ok(()) };
    let items = parts.heap.as_tuple(data).filter(|items| items.len() == 14);
    let items = items.ok_or_else(|| no(DATA, &parts.heap.view(data), "a tuple of 14"))?;
    // A derivative and the like have neither points nor room for more knots.
    let line = |at: usize| -> Result<Option<u64>, Fault> {
        let value = items.at(at).ok_or(Fault::Missing(DATA))?;
        if matches!(parts.heap.view(value), View::None) {
            return Ok(None);
        }
        let array = as_array(parts.heap, DATA, value)?;
        // Room for what is not made yet is of `None` in scipy since 1.13.
        if at < 10 && !parts.heap.get_dtype(array.dtype).is_some_and(is_numeric) {
            return Err(wrong_elements(parts.heap, DATA, array, "numbers"));
        }
        length(DATA, array).map(Some)
    };
    let number = |at: usize| items.at(at).and_then(|value| count(parts.heap, value)).ok_or(Fault::Missing(DATA));
    let (points, degree) = (line(0)?, number(5)?);
    if points.is_some() && degree > LARGEST {
        return Err(Fault::Above { attribute: "a degree", found: degree, most: LARGEST });
    }
    let room = line(8)?.ok_or(Fault::Missing("the knots of _data"))?;
    for at in [1, 2] {
        if line(at)? != points {
            return Err(Fault::Missing("a number of each point in _data"));
        }
    }
    for at in [9, 11, 12] {
        match line(at)? {
            Some(found) => agrees("the number of coefficients", found, "_data", room)?,
            None if at == 9 => return Err(Fault::Missing("the coefficients of _data")),
            None => {}
        }
    }
    at_least("the number of knots", room, number(7)?)
}

/// Checks a spline in two variables with its degrees beside its knots: `interp2d`, of scipy before 1.14.
pub(super) fn check_plane(parts: &Parts<'_>) -> Result<(), Fault> {
    let Some(tck) = parts.view("tck") else { return Ok(()) };
    let (View::List(items) | View::Tuple(items)) = &tck else { return Err(no("tck", &tck, "a list")) };
    let Some([x, y, coefficients, across, down]) = items.exactly::<5>() else {
        return Err(no("tck", &tck, "a list of five"));
    };
    surface(parts.heap, [x, y], coefficients, [across, down])
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
pub(super) fn check_many(parts: &Parts<'_>) -> Result<(), Fault> {
    let degrees = degrees(parts)?;
    let knots = knots(parts, degrees.len() as u64)?;
    agrees("the number of degrees", degrees.len() as u64, "t", knots.len() as u64)?;
    let coefficients = one_of(parts, ["_c", "c"])?;
    let coefficients = as_array(parts.heap, "c", coefficients)?;
    // They are looked at as floats, whatever they are.
    let floats = |dtype: &crate::graph::DType| dtype.is(DTypeKind::Float, 8) || dtype.is(DTypeKind::Complex, 16);
    if !parts.heap.get_dtype(coefficients.dtype).is_some_and(floats) {
        return Err(wrong_elements(parts.heap, "c", coefficients, "floats"));
    }
    at_least("the number of axes of c", coefficients.shape.len() as u64, knots.len() as u64)?;
    let mut places = 1u64;
    for ((knots, degree), found) in knots.iter().zip(&degrees).zip(&*coefficients.shape) {
        at_least("the number of coefficients", *found, between_knots(*knots, *degree)?)?;
        places = places.saturating_mul(degree.saturating_add(1));
    }
    if parts.get("_indices_k1d").is_some() {
        let table = parts.array("_indices_k1d")?;
        shaped("_indices_k1d", table, &[places, knots.len() as u64])?;
        check_table(parts, table, &degrees)?;
    }
    Ok(())
}

/// Checks the table of places: along each axis as many as its degree has, and one more.
fn check_table(parts: &Parts<'_>, table: &Array, degrees: &[u64]) -> Result<(), Fault> {
    const TABLE: &str = "_indices_k1d";
    let orders = degrees.iter().map(|degree| degree.saturating_add(1));
    let (Some(least), Some(most)) = (orders.clone().min(), orders.clone().max()) else { return Ok(()) };
    if least == most {
        return between(parts.heap, parts.work, TABLE, table, 0, most);
    }
    parts.work.spend(table.len())?;
    let places = parts.heap.get_dtype(table.dtype).zip(parts.heap.array_bytes(table)).and_then(|(dtype, bytes)| {
        let size = usize::try_from(dtype.size).ok().filter(|size| *size > 0)?;
        bytes.chunks_exact(size).map(|place| whole(dtype, place)).collect::<Option<Vec<i64>>>()
    });
    match places {
        // They stand axis by axis if that is how numpy has them.
        Some(places) if !table.fortran => {
            places.iter().zip(orders.cycle()).try_for_each(|(place, order)| index(TABLE, *place, order))
        }
        // What is too long to be kept is that of five axes and more.
        _ => between(parts.heap, parts.work, TABLE, table, 0, least),
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
fn degrees(parts: &Parts<'_>) -> Result<Vec<u64>, Fault> {
    let value = one_of(parts, ["_k", "k"])?;
    let found = match parts.heap.view(value) {
        View::Array(array) => return few(parts, "_k", array),
        View::Tuple(items) => all(items, |item| count(parts.heap, item)),
        _ => None,
    };
    found.ok_or_else(|| no("k", &parts.heap.view(value), "whole numbers"))
}

/// How many knots an `NdBSpline` has along each of so many axes.
fn knots(parts: &Parts<'_>, axes: u64) -> Result<Vec<u64>, Fault> {
    let value = one_of(parts, ["_t", "t"])?;
    match parts.heap.view(value) {
        View::Tuple(items) => {
            let lengths = all(items, |item| parts.heap.as_array(item).map(Array::len));
            Ok(lengths.ok_or_else(|| no("t", &parts.heap.view(value), "a tuple of arrays"))?)
        }
        View::Array(array) => {
            let longest = array.shape.get(1).copied().unwrap_or(0);
            shaped("_t", array, &[axes, longest])?;
            let lengths = few(parts, "_len_t", parts.array("_len_t")?)?;
            agrees("the number of lengths", lengths.len() as u64, "_t", axes)?;
            for length in &lengths {
                at_least("the length of a row of _t", longest, *length)?;
            }
            Ok(lengths)
        }
        view => Err(no("t", &view, "an array")),
    }
}

/// The numbers of a short array.
fn few(parts: &Parts<'_>, attribute: &'static str, array: &Array) -> Result<Vec<u64>, Fault> {
    if array.len() > AXES {
        return Err(Fault::Above { attribute: "the number of axes", found: array.len(), most: AXES });
    }
    counts(parts.heap, attribute, array).map_err(|flaw| match flaw {
        Flaw::Fault(fault) => fault,
        _ => wrong_elements(parts.heap, attribute, array, "counts"),
    })
}

/// An attribute under the name that it has in one version or another, and not under both.
fn one_of(parts: &Parts<'_>, names: [&'static str; 2]) -> Result<Value, Fault> {
    match names.map(|name| parts.get(name)) {
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
