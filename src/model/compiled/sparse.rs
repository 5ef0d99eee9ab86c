//! Sparse matrices (`scipy/sparse/_compressed.py`, `check_format`, which loading does not call): their C++ code goes where the indices say.

use super::{Parts, agrees, index, indices, items, lengths, no, parts, range};
use crate::graph::{Array, ArrayData, Heap, Object, Value, View};
use crate::model::error::Fault;
use crate::model::state::{length, shaped, wrong_elements};
use std::collections::HashSet;

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

/// Whether an object is a sparse matrix.
pub(super) fn is_sparse(heap: &Heap, object: &Object) -> bool {
    let name = heap.get_name(object.name);
    name.is_some_and(|name| name.module.starts_with("scipy.") && format_of(&name.qualname).is_some())
}

/// Checks a matrix; `items` are those that were set, of one that is a dict.
pub(super) fn check(parts: &Parts<'_>, format: Format, items: Value) -> Result<(), Fault> {
    let shape = parts.needed("_shape")?;
    let Some(shape) = lengths(parts.heap, shape) else {
        return Err(no("_shape", &parts.heap.view(shape), "a tuple of lengths"));
    };
    match (format, shape.as_slice()) {
        (Format::Rows, [rows, columns]) => compressed(parts, *rows, *columns, false),
        // An array of one axis is one row.
        (Format::Rows, [columns]) => compressed(parts, 1, *columns, false),
        (Format::Columns, [rows, columns]) => compressed(parts, *columns, *rows, false),
        (Format::Blocks, [rows, columns]) => compressed(parts, *rows, *columns, true),
        (Format::Coordinates, shape) => coordinates(parts, shape),
        (Format::Diagonals, [_, _]) => diagonals(parts),
        (Format::Lists, [rows, columns]) => lists(parts, *rows, *columns),
        (Format::Keys, shape) => {
            keys(parts, items, shape)?;
            parts.get("_dict").map_or(Ok(()), |dict| keys(parts, dict, shape))
        }
        _ => Err(Fault::Shape { attribute: "_shape", found: shape, wanted: vec![0, 0] }),
    }
}

/// Rows (or columns, or rows of blocks), each with the indices of its entries.
fn compressed(parts: &Parts<'_>, mut rows: u64, mut columns: u64, blocks: bool) -> Result<(), Fault> {
    let (heap, work) = (parts.heap, parts.work);
    let (data, of_entries, starts) = (parts.array("data")?, parts.array("indices")?, parts.array("indptr")?);
    let entries = length("indices", of_entries)?;
    // scipy sums up and sorts in place.
    for (name, array, other) in
        [("indices", of_entries, data), ("indptr", starts, data), ("indptr", starts, of_entries)]
    {
        apart(name, array, other)?;
    }
    if blocks {
        let [count, height, width] = *data.shape else {
            let wanted = vec![entries, 1, 1];
            return Err(Fault::Shape { attribute: "data", found: data.shape.to_vec(), wanted });
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
        return Err(Fault::Falls("indptr"));
    }
    // What is not between them is never set where a matrix is made of this one.
    for (found, wanted) in [(range.first, 0), (range.last, entries)] {
        if u64::try_from(found) != Ok(wanted) {
            return Err(Fault::Differs { attribute: "indptr", found, other: "indices", wanted });
        }
    }
    Ok(())
}

/// Checks that an array is not another one of the same matrix: what is put into that would be indices.
fn apart(name: &'static str, array: &Array, other: &Array) -> Result<(), Fault> {
    if array.data == other.data && !array.is_empty() { Err(Fault::Shared(name.to_owned())) } else { Ok(()) }
}

/// Blocks in so many rows or columns.
fn divided(attribute: &'static str, found: u64, of: u64) -> Result<u64, Fault> {
    match (found.checked_div(of), found.checked_rem(of)) {
        (Some(count), Some(0)) => Ok(count),
        _ => Err(Fault::Multiple { attribute, found, of }),
    }
}

/// Entries, each with an index along every axis: `row` and `col` before scipy 1.13.
fn coordinates(parts: &Parts<'_>, shape: &[u64]) -> Result<(), Fault> {
    let data = parts.array("data")?;
    let entries = length("data", data)?;
    let pair = || Ok::<_, Fault>(vec![("row", parts.array("row")?), ("col", parts.array("col")?)]);
    let along: Vec<(&'static str, &Array)> = match parts.get("coords") {
        Some(coords) => {
            let arrays = parts.heap.as_tuple(coords).and_then(|items| {
                items.map(|value| parts.heap.as_array(value).map(|array| ("coords", array))).collect::<Option<Vec<_>>>()
            });
            arrays.ok_or_else(|| no("coords", &parts.heap.view(coords), "a tuple of arrays"))?
        }
        None => pair()?,
    };
    // An older scipy reads these, whatever else there is.
    let older = if parts.get("row").or(parts.get("col")).is_some() { pair()? } else { Vec::new() };
    if along.len() != shape.len() {
        let wanted = shape.len() as u64;
        return Err(Fault::Shape { attribute: "coords", found: vec![along.len() as u64], wanted: vec![wanted] });
    }
    let pairs = along.into_iter().zip(shape).chain(older.into_iter().zip(shape));
    for ((name, array), count) in pairs {
        shaped(name, array, &[entries])?;
        apart(name, array, data)?;
        indices(parts.heap, parts.work, name, array, *count)?;
    }
    Ok(())
}

/// Diagonals, which scipy clips to the matrix.
fn diagonals(parts: &Parts<'_>) -> Result<(), Fault> {
    let (data, offsets) = (parts.array("data")?, parts.array("offsets")?);
    let count = length("offsets", offsets)?;
    // It adds lengths to them, in numbers of their own size.
    if let Some(range) = range(parts.heap, parts.work, "offsets", offsets)? {
        for found in [range.min, range.max] {
            if found.unsigned_abs() > FARTHEST {
                return Err(Fault::Index { attribute: "offsets", found, count: FARTHEST });
            }
        }
    }
    match *data.shape {
        [rows, _] if rows == count => Ok(()),
        _ => Err(Fault::Shape {
            attribute: "offsets",
            found: vec![count],
            wanted: data.shape.first().copied().into_iter().collect(),
        }),
    }
}

/// For each row a list of the columns of its entries, and one of their numbers. What is put into one would stand in the other, or
/// elsewhere, if they were one list.
fn lists(parts: &Parts<'_>, rows: u64, columns: u64) -> Result<(), Fault> {
    let heap = parts.heap;
    let lists = |name| -> Result<Vec<_>, Fault> {
        let array = parts.array(name)?;
        shaped(name, array, &[rows])?;
        match array.data {
            ArrayData::Objects(objects) => Ok(items(heap, objects)),
            ArrayData::Blob(_) => Err(wrong_elements(heap, name, array, "lists")),
        }
    };
    let mut met = HashSet::new();
    for (places, numbers) in lists("rows")?.into_iter().zip(lists("data")?) {
        for (name, list) in [("a list of rows", places), ("a list of data", numbers)] {
            if !met.insert(list) {
                return Err(Fault::Shared(name.to_owned()));
            }
        }
        let (View::List(places), View::List(numbers)) = (heap.view(places), heap.view(numbers)) else {
            return Err(Fault::Elements { attribute: "rows", found: "object".to_owned(), wanted: "lists" });
        };
        parts.work.spend(places.len() as u64)?;
        agrees("data", numbers.len() as u64, "rows", places.len() as u64)?;
        for place in places {
            let found = parts::int(heap, place);
            index("rows", found.ok_or_else(|| no("rows", &heap.view(place), "lists of whole numbers"))?, columns)?;
        }
    }
    Ok(())
}

/// A dict whose keys are coordinates; of an array of one axis, numbers.
fn keys(parts: &Parts<'_>, dict: Value, shape: &[u64]) -> Result<(), Fault> {
    let Some(pairs) = parts.heap.as_dict(dict) else { return Ok(()) };
    parts.work.spend(pairs.len() as u64)?;
    for (key, _) in pairs {
        let places: Vec<Value> = parts.heap.as_tuple(key).map_or_else(|| vec![key], Iterator::collect);
        if places.len() != shape.len() {
            let (found, wanted) = (vec![places.len() as u64], vec![shape.len() as u64]);
            return Err(Fault::Shape { attribute: "a key", found, wanted });
        }
        for (place, count) in places.into_iter().zip(shape) {
            let found = parts::int(parts.heap, place);
            index("a key", found.ok_or_else(|| no("a key", &parts.heap.view(place), "whole numbers"))?, *count)?;
        }
    }
    Ok(())
}
