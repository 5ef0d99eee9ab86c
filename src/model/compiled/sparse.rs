//! Sparse matrices (`scipy/sparse/_compressed.py`, `check_format`, which loading does not call): their C++ code goes where the indices say.

use super::{indices, lengths, range};
use crate::graph::{Array, ArrayData, Heap, Value, View};
use crate::model::error::Fault;
use crate::model::state::{Flaw, State, kind, length, shaped};

/// How a sparse matrix is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    /// By rows.
    Rows,
    /// By columns.
    Columns,
    /// By rows of blocks.
    Blocks,
    /// Each number with its coordinates.
    Coordinates,
    /// Diagonals.
    Diagonals,
    /// A list for each row.
    Lists,
    /// A dict by coordinates.
    Keys,
}

/// The format of a class of `scipy.sparse`.
pub(super) fn format_of(class: &str) -> Option<Format> {
    Some(match class {
        "csr_matrix" | "csr_array" => Format::Rows,
        "csc_matrix" | "csc_array" => Format::Columns,
        "bsr_matrix" | "bsr_array" => Format::Blocks,
        "coo_matrix" | "coo_array" => Format::Coordinates,
        "dia_matrix" | "dia_array" => Format::Diagonals,
        "lil_matrix" | "lil_array" => Format::Lists,
        "dok_matrix" | "dok_array" => Format::Keys,
        _ => return None,
    })
}

/// Checks a matrix; `items` are those that were set, of one that is a dict.
pub(super) fn check(state: &State<'_>, format: Format, items: Value) -> Result<(), Flaw> {
    let Some(shape) = state.get("_shape").and_then(|shape| lengths(state.heap, shape)) else {
        return Err(Flaw::Unknown("the shape of a sparse matrix is not known".to_owned()));
    };
    match (format, shape.as_slice()) {
        (Format::Rows, [rows, columns]) => compressed(state, *rows, *columns, false),
        // An array of one axis is one row.
        (Format::Rows, [columns]) => compressed(state, 1, *columns, false),
        (Format::Columns, [rows, columns]) => compressed(state, *columns, *rows, false),
        (Format::Blocks, [rows, columns]) => compressed(state, *rows, *columns, true),
        (Format::Coordinates, shape) => coordinates(state, shape),
        (Format::Diagonals, [_, _]) => diagonals(state),
        (Format::Lists, [rows, columns]) => lists(state, *rows, *columns),
        (Format::Keys, shape) => {
            keys(state, items, shape)?;
            state.get("_dict").map_or(Ok(()), |dict| keys(state, dict, shape))
        }
        _ => Err(Fault::Shape { attribute: "_shape", found: shape, wanted: vec![0, 0] }.into()),
    }
}

/// Rows (or columns, or rows of blocks), each with the indices of its entries.
fn compressed(state: &State<'_>, mut rows: u64, mut columns: u64, blocks: bool) -> Result<(), Flaw> {
    let (heap, work) = (state.heap, state.work);
    let (data, of_entries, starts) = (state.array("data")?, state.array("indices")?, state.array("indptr")?);
    let entries = length("indices", of_entries)?;
    if blocks {
        let [count, height, width] = *data.shape else {
            return Err(
                Fault::Shape { attribute: "data", found: data.shape.to_vec(), wanted: vec![entries, 1, 1] }.into()
            );
        };
        let (Some(high), Some(wide)) = (rows.checked_div(height), columns.checked_div(width)) else {
            return Err(Fault::Empty("data").into());
        };
        (rows, columns) = (high, wide);
        at_least("data", count, "indices", entries)?;
    } else {
        at_least("data", length("data", data)?, "indices", entries)?;
    }
    shaped("indptr", starts, &[rows.saturating_add(1)])?;
    indices(heap, work, "indices", of_entries, columns)?;
    let Some(range) = range(heap, work, "indptr", starts)? else { return Ok(()) };
    if !range.rises {
        return Err(Fault::Falls("indptr").into());
    }
    for found in [range.first, range.last] {
        if !u64::try_from(found).is_ok_and(|found| found <= entries) {
            return Err(Fault::Index { attribute: "indptr", found, count: entries }.into());
        }
    }
    Ok(())
}

/// Entries, each with an index along every axis: `row` and `col` before scipy 1.13.
fn coordinates(state: &State<'_>, shape: &[u64]) -> Result<(), Flaw> {
    let entries = length("data", state.array("data")?)?;
    let along: Vec<(&'static str, &Array)> = match state.get("coords") {
        Some(coords) => {
            let Some(items) = state.heap.as_tuple(coords) else {
                return Err(kind("coords", &state.heap.view(coords), "a tuple"));
            };
            let array = |value| state.heap.as_array(value).map(|array| ("coords", array));
            items.map(array).collect::<Option<_>>().ok_or(Fault::Missing("coords"))?
        }
        None => vec![("row", state.array("row")?), ("col", state.array("col")?)],
    };
    if along.len() != shape.len() {
        let wanted = shape.len() as u64;
        return Err(Fault::Shape { attribute: "coords", found: vec![along.len() as u64], wanted: vec![wanted] }.into());
    }
    for ((name, array), count) in along.into_iter().zip(shape) {
        shaped(name, array, &[entries])?;
        indices(state.heap, state.work, name, array, *count)?;
    }
    Ok(())
}

/// Diagonals, which scipy clips to the matrix.
fn diagonals(state: &State<'_>) -> Result<(), Flaw> {
    let (data, offsets) = (state.array("data")?, state.array("offsets")?);
    let count = length("offsets", offsets)?;
    match *data.shape {
        [rows, _] if rows == count => Ok(()),
        _ => Err(Fault::Shape {
            attribute: "offsets",
            found: vec![count],
            wanted: data.shape.first().copied().into_iter().collect(),
        }
        .into()),
    }
}

/// For each row a list of the columns of its entries, and one of their numbers.
fn lists(state: &State<'_>, rows: u64, columns: u64) -> Result<(), Flaw> {
    let heap = state.heap;
    let lists = |name| -> Result<Vec<_>, Flaw> {
        let array = state.array(name)?;
        shaped(name, array, &[rows])?;
        match array.data {
            ArrayData::Objects(objects) => Ok(items(heap, objects)),
            ArrayData::Blob(_) => {
                let found = heap.get_dtype(array.dtype).map(|dtype| dtype.name()).unwrap_or_default();
                Err(Fault::Elements { attribute: name, found, wanted: "lists" }.into())
            }
        }
    };
    for (places, numbers) in lists("rows")?.into_iter().zip(lists("data")?) {
        let (View::List(places), View::List(numbers)) = (heap.view(places), heap.view(numbers)) else {
            return Err(Fault::Elements { attribute: "rows", found: "object".to_owned(), wanted: "lists" }.into());
        };
        state.work.spend(places.len() as u64)?;
        at_least("data", numbers.len() as u64, "rows", places.len() as u64)?;
        at_least("rows", places.len() as u64, "data", numbers.len() as u64)?;
        for place in places {
            let Some(found) = heap.view(place).int() else {
                return Err(kind("rows", &heap.view(place), "lists of whole numbers"));
            };
            if !u64::try_from(found).is_ok_and(|found| found < columns) {
                return Err(Fault::Index { attribute: "rows", found, count: columns }.into());
            }
        }
    }
    Ok(())
}

/// A dict whose keys are coordinates; of an array of one axis, numbers.
fn keys(state: &State<'_>, dict: Value, shape: &[u64]) -> Result<(), Flaw> {
    let Some(pairs) = state.heap.as_dict(dict) else { return Ok(()) };
    state.work.spend(pairs.len() as u64)?;
    for (key, _) in pairs {
        let places: Vec<Value> = state.heap.as_tuple(key).map_or_else(|| vec![key], Iterator::collect);
        if places.len() != shape.len() {
            let (found, wanted) = (vec![places.len() as u64], vec![shape.len() as u64]);
            return Err(Fault::Shape { attribute: "a key", found, wanted }.into());
        }
        for (place, count) in places.into_iter().zip(shape) {
            let Some(found) = state.heap.view(place).int() else {
                return Err(kind("a key", &state.heap.view(place), "whole numbers"));
            };
            if !u64::try_from(found).is_ok_and(|found| found < *count) {
                return Err(Fault::Index { attribute: "a key", found, count: *count }.into());
            }
        }
    }
    Ok(())
}

fn items(heap: &Heap, list: Value) -> Vec<Value> {
    match heap.view(list) {
        View::List(items) => items.collect(),
        _ => Vec::new(),
    }
}

/// Checks that an array is no shorter than another part asks for.
fn at_least(attribute: &'static str, found: u64, other: &'static str, wanted: u64) -> Result<(), Fault> {
    if found >= wanted {
        return Ok(());
    }
    let found = i64::try_from(found).unwrap_or(i64::MAX);
    Err(Fault::Differs { attribute, found, other, wanted })
}
