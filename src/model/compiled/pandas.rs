//! Columns of pandas: of categories (`pandas/core/arrays/categorical.py`, `__setstate__`), where taking the categories of codes is compiled
//! code (`pandas/_libs/algos_take_helper.pxi.in`), of numbers with a mask, and of few numbers among many.

use super::{between, tables};
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
    // One of blocks says so by their lengths.
    let places =
        heap.as_tuple(index.args).filter(|parts| parts.len() == 2).and_then(|parts| heap.as_array(parts.at(1)?));
    match places {
        Some(places) => Ok(shaped("_sparse_values", values, &[places.len()])?),
        None => Ok(()),
    }
}
