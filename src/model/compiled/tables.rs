//! Indexes and tables of pandas: how many things an index has, and whether the blocks of a table (`pandas/core/internals/managers.py`, whose
//! `__setstate__` compares nothing) have a value for each of them. Taking values by their places is compiled code
//! (`pandas/_libs/algos_take_helper.pxi.in`), which looks at neither.

use super::{agrees, as_array, between, class_of, index, indices, no};
use crate::graph::{Heap, Items, Object, Value, View};
use crate::model::error::Fault;
use crate::model::state::Work;

/// The code of a value that is missing.
pub(super) const MISSING: i64 = -1;
/// Most objects that stand in each other where an index or a column is told.
const DEPTH: usize = 16;

/// The shape of an array, or of what stands for one: a column or an index.
fn shape(heap: &Heap, mut of: Value) -> Option<Vec<u64>> {
    for _ in 0..DEPTH {
        of = match heap.view(of) {
            View::Array(array) => return Some(array.shape.to_vec()),
            View::Object(_, object) => match inside(heap, object)? {
                Inside::Value(inner) => inner,
                Inside::Length(length) => return Some(vec![length]),
            },
            _ => return None,
        };
    }
    None
}

/// What says how long an object is.
enum Inside {
    /// Another one in it.
    Value(Value),
    /// It itself.
    Length(u64),
}

fn inside(heap: &Heap, object: &Object) -> Option<Inside> {
    if let Some(args) = heap.as_tuple(object.args) {
        let first = args.at(0);
        match class_of(heap, object) {
            "IntIndex" | "BlockIndex" => return Some(Inside::Length(whole(heap, first?)?)),
            "_restore_array" => return Some(Inside::Length(whole(heap, heap.as_tuple(first?)?.at(1)?)?)),
            "chunked_array" => return chunks(heap, first?),
            _ => {}
        }
        if let Some([_, parts]) = args.exactly::<2>().filter(|[_, parts]| heap.as_dict(*parts).is_some()) {
            return of_index(heap, parts);
        }
    }
    // A column's state: attributes, or its dtype and array in a tuple, which Cython's classes also have attributes in.
    let parts = match heap.as_tuple(object.state) {
        None => object.state,
        Some(parts) => match parts.into_iter().find(|part| heap.as_array(*part).is_some()) {
            Some(array) => return Some(Inside::Value(array)),
            None => heap.as_tuple(object.state)?.at(0)?,
        },
    };
    let names = ["_ndarray", "_codes", "_data", "_left", "_pa_array", "_sparse_index"];
    names.into_iter().find_map(|name| heap.lookup(parts, name)).map(Inside::Value)
}

/// An index is made of its data, of codes, of a range, or of the left ends of intervals.
fn of_index(heap: &Heap, parts: Value) -> Option<Inside> {
    if let Some(data) = ["data", "left"].into_iter().find_map(|name| heap.lookup(parts, name)) {
        return Some(Inside::Value(data));
    }
    if let Some(codes) = codes(heap, parts) {
        return codes.at(0).map(Inside::Value);
    }
    let part = |name, missing| heap.lookup(parts, name).map_or(missing, |value| heap.view(value).int());
    Some(Inside::Length(steps(part("start", Some(0))?, part("stop", None)?, part("step", Some(1))?)?))
}

/// The codes of a `MultiIndex`, which were called labels before pandas 0.24.
fn codes(heap: &Heap, parts: Value) -> Option<Items<'_>> {
    ["codes", "labels"].into_iter().find_map(|name| heap.lookup(parts, name)).and_then(|codes| heap.as_items(codes))
}

/// How many steps a range has.
fn steps(start: i64, stop: i64, step: i64) -> Option<u64> {
    let (start, stop, step) = (i128::from(start), i128::from(stop), i128::from(step));
    let length = stop.checked_sub(start)?.checked_add(step)?.checked_sub(step.signum())?.checked_div(step)?;
    u64::try_from(length.max(0)).ok()
}

/// The length of arrays of Arrow's behind each other.
fn chunks(heap: &Heap, chunks: Value) -> Option<Inside> {
    let lengths = heap.as_items(chunks)?.map(|chunk| {
        let (_, chunk) = heap.as_object(chunk)?;
        whole(heap, heap.as_tuple(heap.as_tuple(chunk.args)?.at(0)?)?.at(1)?)
    });
    lengths.sum::<Option<u64>>().map(Inside::Length)
}

/// A whole number that is not below nothing.
pub(super) fn whole(heap: &Heap, value: Value) -> Option<u64> {
    heap.view(value).int().and_then(|number| u64::try_from(number).ok())
}

/// Checks a `MultiIndex`: its codes are those of its levels, and as many on each (`pandas/core/indexes/multi.py`).
pub(super) fn check_levels(heap: &Heap, object: &Object, work: &Work) -> Result<(), Fault> {
    let Some([_, parts]) = heap.as_tuple(object.args).and_then(|args| args.exactly::<2>()) else { return Ok(()) };
    let levels =
        heap.lookup(parts, "levels").and_then(|levels| heap.as_items(levels)).ok_or(Fault::Missing("levels"))?;
    let codes = codes(heap, parts).ok_or(Fault::Missing("codes"))?;
    agrees("the number of codes", codes.len() as u64, "levels", levels.len() as u64)?;
    let mut first = None;
    for (codes, level) in codes.zip(levels) {
        work.spend(1)?;
        let codes = as_array(heap, "codes", codes)?;
        agrees("codes", codes.len(), "the first codes", *first.get_or_insert(codes.len()))?;
        between(heap, work, "codes", codes, MISSING, told(heap, "levels", level)?)?;
    }
    Ok(())
}

/// The values of a block, and the places of its columns.
type Block = (Value, Value);

/// Checks what a table keeps its values in: its blocks, as it is made with them, and as they are set.
pub(super) fn check_blocks(heap: &Heap, object: &Object, work: &Work) -> Result<(), Fault> {
    if let Some([blocks, axes]) = heap.as_tuple(object.args).and_then(|args| args.exactly::<2>()) {
        let block = |block| -> Option<Block> {
            let args = heap.as_tuple(heap.as_object(block)?.1.args)?;
            Some((args.at(0)?, args.at(1)?))
        };
        check_all(heap, work, axes, blocks, block)?;
    }
    let named = heap.as_tuple(object.state).and_then(|parts| parts.at(3));
    let Some(named) = named.and_then(|named| heap.lookup(named, "0.14.1")) else { return Ok(()) };
    match (heap.lookup(named, "axes"), heap.lookup(named, "blocks")) {
        (Some(axes), Some(blocks)) => check_all(heap, work, axes, blocks, |block| {
            Some((heap.lookup(block, "values")?, heap.lookup(block, "mgr_locs")?))
        }),
        _ => Ok(()),
    }
}

fn check_all(
    heap: &Heap,
    work: &Work,
    axes: Value,
    blocks: Value,
    parts: impl Fn(Value) -> Option<Block>,
) -> Result<(), Fault> {
    let all =
        |attribute, value| heap.as_items(value).ok_or_else(|| no(attribute, &heap.view(value), "a list or a tuple"));
    let (axes, blocks) = (all("axes", axes)?, all("blocks", blocks)?);
    // The one axis of a series, or the columns and rows of a frame.
    let (columns, rows) = match (axes.exactly::<1>(), axes.exactly::<2>()) {
        (Some([rows]), _) => (None, told(heap, "axes", rows)?),
        (_, Some([columns, rows])) => (Some(told(heap, "axes", columns)?), told(heap, "axes", rows)?),
        _ => return Err(Fault::Above { attribute: "the number of axes", found: axes.len() as u64, most: 2 }),
    };
    let mut held = 0u64;
    for block in blocks {
        work.spend(1)?;
        let (values, places) = parts(block).ok_or(Fault::Missing("a part of a block"))?;
        let (count, length) = match shape(heap, values).as_deref() {
            Some([count, length]) => (*count, *length),
            // A column that is no array of numpy's stands alone.
            Some([length]) => (1, *length),
            _ => return Err(no("values", &heap.view(values), "values whose length can be told")),
        };
        agrees("the length of values", length, "the index", rows)?;
        let Some(columns) = columns else { continue };
        let placed = check_places(heap, work, places, columns)?;
        agrees("mgr_locs", placed.unwrap_or(count), "values", count)?;
        held = held.saturating_add(count);
    }
    columns.map_or(Ok(()), |columns| agrees("the number of columns in blocks", held, "the index", columns))
}

/// How many things an index has, which can be told of each that pandas makes.
pub(super) fn told(heap: &Heap, attribute: &'static str, index: Value) -> Result<u64, Fault> {
    match shape(heap, index).as_deref() {
        Some([length]) => Ok(*length),
        _ => Err(no(attribute, &heap.view(index), "an index whose length can be told")),
    }
}

/// Checks the places of a block's columns, and says how many they are: an array, or a slice.
fn check_places(heap: &Heap, work: &Work, places: Value, columns: u64) -> Result<Option<u64>, Fault> {
    let slice = match heap.view(places) {
        View::Array(array) => {
            indices(heap, work, "mgr_locs", array, columns)?;
            return Ok(Some(array.len()));
        }
        View::Object(_, slice) => heap.as_tuple(slice.args).and_then(|args| args.exactly::<3>()),
        _ => None,
    };
    // pandas raises on all else.
    let Some(slice) = slice else { return Ok(None) };
    let Some((start, count, step)) = steps_of(slice.map(|part| heap.view(part))) else {
        return Err(no("mgr_locs", &heap.view(places), "a slice from one place to another"));
    };
    if let Some(others) = count.checked_sub(1) {
        let last = i128::from(others).saturating_mul(step.into()).saturating_add(start.into());
        for place in [start, i64::try_from(last).unwrap_or(i64::MAX)] {
            index("mgr_locs", place, columns)?;
        }
    }
    Ok(Some(count))
}

/// Where a slice starts, how many places it has, and by how many it steps; `None` where that depends on what is sliced, which here is as
/// long as can be. One without a step goes by one; one that goes backwards to the first place has no end.
fn steps_of([start, stop, step]: [View<'_>; 3]) -> Option<(i64, u64, i64)> {
    let step = if matches!(step, View::None) { 1 } else { step.int()? };
    let start = start.int().filter(|start| *start >= 0)?;
    let stop = match stop {
        View::None if step < 0 => -1,
        stop => stop.int().filter(|stop| *stop >= 0)?,
    };
    Some((start, steps(start, stop, step)?, step))
}
