//! Columns of pandas: of categories (`pandas/core/arrays/categorical.py`, `__setstate__`), where taking the categories of codes is compiled
//! code (`pandas/_libs/algos_take_helper.pxi.in`), of numbers with a mask, and of few numbers among many.

use super::between;
use crate::graph::{Heap, Object, Value, View};
use crate::model::error::Fault;
use crate::model::state::{Flaw, State, Work, shaped};

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
        (codes.and_then(|codes| heap.as_array(codes)), categories.and_then(|all| size(heap, all)))
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

/// Length of an index that is made of an array or of a range: `_new_Index(class, {'data': array, …})`.
fn size(heap: &Heap, index: Value) -> Option<u64> {
    let (_, index) = heap.as_object(index)?;
    let [_, parts] = heap.as_tuple(index.args)?.exactly::<2>()?;
    if let Some(data) = heap.lookup(parts, "data") {
        return heap.as_array(data).map(|array| array.len());
    }
    let part = |key| heap.lookup(parts, key).and_then(|value| heap.view(value).int());
    let (start, stop, step) = (i128::from(part("start")?), i128::from(part("stop")?), i128::from(part("step")?));
    let length = stop.checked_sub(start)?.checked_add(step)?.checked_sub(step.signum())?.checked_div(step)?;
    u64::try_from(length.max(0)).ok()
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
    // One of blocks says so by their lengths.
    let places =
        heap.as_tuple(index.args).filter(|parts| parts.len() == 2).and_then(|parts| heap.as_array(parts.at(1)?));
    match places {
        Some(places) => Ok(shaped("_sparse_values", values, &[places.len()])?),
        None => Ok(()),
    }
}
