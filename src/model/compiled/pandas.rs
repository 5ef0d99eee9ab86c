//! Columns of pandas: of categories (`pandas/core/arrays/categorical.py`, `__setstate__`), where taking the categories of codes is compiled
//! code (`pandas/_libs/algos_take_helper.pxi.in`), of numbers with a mask, and of few numbers among many.

use super::{agrees, between, range, tables};
use crate::graph::{Heap, Object, Value, View};
use crate::model::error::Fault;
use crate::model::state::{Flaw, State, Work, shaped};

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

/// The code of a value that is missing.
const MISSING: i64 = -1;

/// Checks the codes of a column, if it is known how many categories there are.
pub(super) fn check(heap: &Heap, object: &Object, work: &Work) -> Result<(), Flaw> {
    let own = |name| heap.lookup(object.state, name);
    let (codes, categories) = match heap.as_tuple(object.state) {
        Some(parts) => match (parts.at(0), parts.at(1), parts.len()) {
            (Some(dtype), Some(codes), 2 | 3) => (Some(codes), categories_of(heap, dtype)),
            _ => {
                let wanted = "one of two or three parts";
                return Err(Fault::Kind { attribute: "its state".to_owned(), found: "a tuple", wanted }.into());
            }
        },
        None => {
            let dtype = own("_dtype").and_then(|dtype| categories_of(heap, dtype));
            (own("_ndarray").or_else(|| own("_codes")), dtype.or_else(|| own("_categories")))
        }
    };
    let (Some(codes), Some(count)) =
        (codes.and_then(|codes| heap.as_array(codes)), categories.and_then(|all| tables::length(heap, all)))
    else {
        return Err(Flaw::Unknown("how many categories a column has is not known".to_owned()));
    };
    Ok(between(heap, work, "codes", codes, MISSING, count)?)
}

/// The categories that a `CategoricalDtype` has.
fn categories_of(heap: &Heap, dtype: Value) -> Option<Value> {
    let (_, dtype) = heap.as_object(dtype)?;
    heap.lookup(dtype.state, "categories").or_else(|| heap.lookup(dtype.state, "_categories"))
}

/// Checks a column with a mask (`pandas/core/arrays/masked.py`): it has a place for each number.
pub(super) fn check_masked(state: &State<'_>) -> Result<(), Flaw> {
    if state.get("_data").is_none() {
        return Ok(());
    }
    Ok(shaped("_mask", state.array("_mask")?, &state.array("_data")?.shape)?)
}

/// Checks a column of few numbers (`pandas/core/arrays/sparse/array.py`): one for each place of its index.
pub(super) fn check_few(state: &State<'_>) -> Result<(), Flaw> {
    let heap = state.heap;
    let (Some(View::Array(values)), Some(View::Object(_, index))) =
        (state.view("_sparse_values"), state.view("_sparse_index"))
    else {
        return Ok(());
    };
    let Some(args) = heap.as_tuple(index.args) else { return Ok(()) };
    let array = |at| args.at(at).and_then(|part| heap.as_array(part));
    let places = match (args.len(), array(1), array(2)) {
        (2, Some(places), _) => places.len(),
        (3, _, Some(lengths)) => match range(heap, state.work, "blengths", lengths)? {
            Some(range) => u64::try_from(range.sum).unwrap_or(0),
            None if lengths.is_empty() => 0,
            None => return Ok(()),
        },
        _ => return Ok(()),
    };
    Ok(shaped("_sparse_values", values, &[places])?)
}

/// Largest number of what pandas counts blocks with.
const LARGEST: u64 = i32::MAX as u64;

/// Checks where the blocks of an index are, as far as its constructor does not (`pandas/_libs/sparse.pyx`, `BlockIndex.check_integrity`): it
/// takes one of less than nothing, and adds where one begins and how long it is in 32 bits. As many places as all of them come to are made
/// room for, and those of each written.
pub(super) fn check_runs(heap: &Heap, object: &Object, work: &Work) -> Result<(), Flaw> {
    let Some([_, starts, lengths]) = heap.as_tuple(object.args).and_then(|args| args.exactly::<3>()) else {
        return Ok(());
    };
    let (Some(starts), Some(lengths)) = (heap.as_array(starts), heap.as_array(lengths)) else { return Ok(()) };
    agrees("the number of blengths", lengths.len(), "blocs", starts.len())?;
    let starts = range(heap, work, "blocs", starts)?;
    let lengths = range(heap, work, "blengths", lengths)?;
    let (Some(starts), Some(lengths)) = (starts, lengths) else { return Ok(()) };
    for (attribute, found, least) in [("blocs", starts.min, 0), ("blengths", lengths.min, 1)] {
        if u64::try_from(found).is_ok_and(|found| found >= least) {
            continue;
        }
        return Err(Fault::Below { attribute, found, least }.into());
    }
    let end = starts.max.unsigned_abs().saturating_add(lengths.max.unsigned_abs());
    if end > LARGEST {
        return Err(Fault::Above { attribute: "the end of a block", found: end, most: LARGEST }.into());
    }
    Ok(())
}
