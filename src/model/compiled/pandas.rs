//! Columns of pandas: of categories (`pandas/core/arrays/categorical.py`, `__setstate__`), where taking the categories of codes is compiled
//! code (`pandas/_libs/algos_take_helper.pxi.in`), of numbers with a mask, and of few numbers among many.

use super::tables::{self, MISSING};
use super::{Parts, agrees, as_array, between, no, range};
use crate::graph::{Heap, Object, Value, View};
use crate::model::error::Fault;
use crate::model::state::{Work, shaped};

/// Whether a column is of a class whose parts are those of a compiled one (`pandas/_libs/arrays.pyx`, `NDArrayBacked`): it looks at its array
/// where there is none before it was given its state.
pub(super) fn is_compiled(class: &str) -> bool {
    matches!(
        class,
        "Categorical"
            | "DatetimeArray"
            | "TimedeltaArray"
            | "PeriodArray"
            | "StringArray"
            | "StringArrayNumpySemantics"
            | "PandasArray"
            | "NumpyExtensionArray"
    )
}

/// Checks the codes of a column, under all names that they and the categories have had: each version reads its own.
pub(super) fn check(heap: &Heap, object: &Object, work: &Work) -> Result<(), Fault> {
    let own = |name| heap.lookup(object.state, name);
    let (codes, categories) = match heap.as_tuple(object.state) {
        Some(parts) => match (parts.at(0), parts.at(1), parts.len()) {
            (Some(dtype), Some(codes), 2 | 3) => (vec![codes], Vec::from_iter(categories_of(heap, dtype))),
            _ => {
                let wanted = "one of two or three parts";
                return Err(Fault::Kind { attribute: "its state".to_owned(), found: "a tuple", wanted });
            }
        },
        None => {
            let dtype = own("_dtype").and_then(|dtype| categories_of(heap, dtype));
            let categories = [dtype, own("_categories"), own("_levels")];
            let codes = ["_ndarray", "_codes", "labels"].into_iter().filter_map(own);
            (codes.collect(), categories.into_iter().flatten().collect())
        }
    };
    // Without any, pandas raises.
    for all in categories {
        let count = tables::told(heap, "categories", all)?;
        for codes in &codes {
            between(heap, work, "codes", as_array(heap, "codes", *codes)?, MISSING, count)?;
        }
    }
    Ok(())
}

/// The categories that a `CategoricalDtype` has.
fn categories_of(heap: &Heap, dtype: Value) -> Option<Value> {
    let (_, dtype) = heap.as_object(dtype)?;
    heap.lookup(dtype.state, "categories").or_else(|| heap.lookup(dtype.state, "_categories"))
}

/// Checks a column with a mask (`pandas/core/arrays/masked.py`): it has a place for each number.
pub(super) fn check_masked(parts: &Parts<'_>) -> Result<(), Fault> {
    if parts.get("_data").is_none() {
        return Ok(());
    }
    shaped("_mask", parts.array("_mask")?, &parts.array("_data")?.shape)
}

/// Checks a column of few numbers (`pandas/core/arrays/sparse/array.py`): one for each place of its index.
pub(super) fn check_few(parts: &Parts<'_>) -> Result<(), Fault> {
    let heap = parts.heap;
    let (Some(values), Some(index)) = (parts.array_if_fitted("_sparse_values")?, parts.view("_sparse_index")) else {
        return Ok(());
    };
    let View::Object(_, index) = index else { return Err(no("_sparse_index", &index, "an index")) };
    let Some(args) = heap.as_tuple(index.args) else { return Ok(()) };
    let array = |at| args.at(at).and_then(|part| heap.as_array(part));
    let places = match (args.len(), array(1), array(2)) {
        (2, Some(places), _) => places.len(),
        (3, _, Some(lengths)) => match range(heap, parts.work, "blengths", lengths)? {
            Some(range) => u64::try_from(range.sum).unwrap_or(0),
            None if lengths.is_empty() => 0,
            None => return Ok(()),
        },
        _ => return Ok(()),
    };
    shaped("_sparse_values", values, &[places])
}

/// Largest number of what pandas counts blocks with.
const LARGEST: u64 = i32::MAX as u64;

/// Checks where the blocks of an index are, as far as its constructor does not (`pandas/_libs/sparse.pyx`, `BlockIndex.check_integrity`): it
/// takes one of less than nothing, and adds where one begins and how long it is in 32 bits. As many places as all of them come to are made
/// room for, and those of each written.
pub(super) fn check_runs(heap: &Heap, object: &Object, work: &Work) -> Result<(), Fault> {
    let Some([_, starts, lengths]) = heap.as_tuple(object.args).and_then(|args| args.exactly::<3>()) else {
        return Ok(());
    };
    let (starts, lengths) = (as_array(heap, "blocs", starts)?, as_array(heap, "blengths", lengths)?);
    agrees("the number of blengths", lengths.len(), "blocs", starts.len())?;
    let starts = range(heap, work, "blocs", starts)?;
    let lengths = range(heap, work, "blengths", lengths)?;
    let (Some(starts), Some(lengths)) = (starts, lengths) else { return Ok(()) };
    for (attribute, found, least) in [("blocs", starts.min, 0), ("blengths", lengths.min, 1)] {
        if u64::try_from(found).is_ok_and(|found| found >= least) {
            continue;
        }
        return Err(Fault::Below { attribute, found, least });
    }
    let end = starts.max.unsigned_abs().saturating_add(lengths.max.unsigned_abs());
    if end > LARGEST {
        return Err(Fault::Above { attribute: "the end of a block", found: end, most: LARGEST });
    }
    Ok(())
}
