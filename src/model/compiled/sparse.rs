//! Sparse matrices (`scipy/sparse/_compressed.py`, `check_format`, which loading does not call): their C++ code goes where the indices say.

use super::{agrees, index, indices, items, lengths, no, range};
use crate::graph::{Array, ArrayData, Value, View};
use crate::model::error::Fault;
use crate::model::state::{Flaw, State, kind, length, shaped, wrong_elements};

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

/// The farthest that a diagonal is from the first one.
const FARTHEST: u64 = 1 << 30;

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
    let shape = state.needed("_shape")?;
    let Some(shape) = lengths(state.heap, shape) else {
        return Err(no("_shape", &state.heap.view(shape), "a tuple of lengths").into());
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
    for (name, array) in [("indices", of_entries), ("indptr", starts)] {
        // scipy sums up and sorts in place.
        if array.data == data.data && !array.is_empty() {
            return Err(Fault::Shared(name.to_owned()).into());
        }
    }
    if blocks {
        let [count, height, width] = *data.shape else {
            let wanted = vec![entries, 1, 1];
            return Err(Fault::Shape { attribute: "data", found: data.shape.to_vec(), wanted }.into());
        };
        (rows, columns) = (divided("rows", rows, height)?, divided("columns", columns, width)?);
        agrees("data", count, "indices", entries)?;
    } else {
        agrees("data", length("data", data)?, "indices", entries)?;
    }
    shaped("indptr", starts, &[rows.saturating_add(1)])?;
    indices(heap, work, "indices", of_entries, columns)?;
    let Some(range) = range(heap, work, "indptr", starts)? else { return Ok(()) };
    if !range.rises {
        return Err(Fault::Falls("indptr").into());
    }
    // What is not between them is never set where a matrix is made of this one.
    for (found, wanted) in [(range.first, 0), (range.last, entries)] {
        if u64::try_from(found) != Ok(wanted) {
            return Err(Fault::Differs { attribute: "indptr", found, other: "indices", wanted }.into());
        }
    }
    Ok(())
}

/// Blocks in so many rows or columns.
fn divided(attribute: &'static str, found: u64, of: u64) -> Result<u64, Fault> {
    match (found.checked_div(of), found.checked_rem(of)) {
        (Some(count), Some(0)) => Ok(count),
        _ => Err(Fault::Multiple { attribute, found, of }),
    }
}

/// Entries, each with an index along every axis: `row` and `col` before scipy 1.13.
fn coordinates(state: &State<'_>, shape: &[u64]) -> Result<(), Flaw> {
    let entries = length("data", state.array("data")?)?;
    let pair = || Ok::<_, Flaw>(vec![("row", state.array("row")?), ("col", state.array("col")?)]);
    let along: Vec<(&'static str, &Array)> = match state.get("coords") {
        Some(coords) => {
            let arrays = state.heap.as_tuple(coords).and_then(|items| {
                items.map(|value| state.heap.as_array(value).map(|array| ("coords", array))).collect::<Option<Vec<_>>>()
            });
            arrays.ok_or_else(|| no("coords", &state.heap.view(coords), "a tuple of arrays"))?
        }
        None => pair()?,
    };
    // An older scipy reads these, whatever else there is.
    let older = if state.get("row").or(state.get("col")).is_some() { pair()? } else { Vec::new() };
    if along.len() != shape.len() {
        let wanted = shape.len() as u64;
        return Err(Fault::Shape { attribute: "coords", found: vec![along.len() as u64], wanted: vec![wanted] }.into());
    }
    let pairs = along.into_iter().zip(shape).chain(older.into_iter().zip(shape));
    for ((name, array), count) in pairs {
        shaped(name, array, &[entries])?;
        indices(state.heap, state.work, name, array, *count)?;
    }
    Ok(())
}

/// Diagonals, which scipy clips to the matrix.
fn diagonals(state: &State<'_>) -> Result<(), Flaw> {
    let (data, offsets) = (state.array("data")?, state.array("offsets")?);
    let count = length("offsets", offsets)?;
    // It adds lengths to them, in numbers of their own size.
    if let Some(range) = range(state.heap, state.work, "offsets", offsets)? {
        for found in [range.min, range.max] {
            if found.unsigned_abs() > FARTHEST {
                return Err(Fault::Index { attribute: "offsets", found, count: FARTHEST }.into());
            }
        }
    }
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
            ArrayData::Blob(_) => Err(wrong_elements(heap, name, array, "lists").into()),
        }
    };
    for (places, numbers) in lists("rows")?.into_iter().zip(lists("data")?) {
        let (View::List(places), View::List(numbers)) = (heap.view(places), heap.view(numbers)) else {
            return Err(Fault::Elements { attribute: "rows", found: "object".to_owned(), wanted: "lists" }.into());
        };
        state.work.spend(places.len() as u64)?;
        agrees("data", numbers.len() as u64, "rows", places.len() as u64)?;
        for place in places {
            let Some(found) = heap.view(place).int() else {
                return Err(kind("rows", &heap.view(place), "lists of whole numbers"));
            };
            index("rows", found, columns)?;
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
            index("a key", found, *count)?;
        }
    }
    Ok(())
}
