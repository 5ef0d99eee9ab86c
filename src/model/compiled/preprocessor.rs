//! What `HistGradientBoosting*` of scikit-learn 1.4 and later makes of rows before its trees read them
//! (`sklearn/ensemble/_hist_gradient_boosting/gradient_boosting.py`, `_preprocess_X`): nothing counts the columns that come out.

use super::{Parts, agrees, class_of, no};
use crate::graph::{Folded, Heap, Value, View};
use crate::model::error::Fault;

/// Checks that as many columns come out of it as the model has features: each goes in and comes out as one.
pub(super) fn check(parts: &Parts<'_>) -> Result<(), Fault> {
    let heap = parts.heap;
    let own = match parts.view("_preprocessor") {
        None | Some(View::None) => return Ok(()),
        Some(View::Object(_, own)) if class_of(heap, own) == "ColumnTransformer" => Parts::of(heap, own, parts.work)?,
        Some(view) => return Err(no("_preprocessor", &view, "a ColumnTransformer")),
    };
    let steps = own.needed("transformers_")?;
    let View::List(steps) = heap.view(steps) else {
        return Err(no("transformers_", &heap.view(steps), "a list"));
    };
    let mut columns = Some(0u64);
    for step in steps {
        parts.work.spend(1)?;
        let Some([name, transformer, taken]) = heap.as_tuple(step).and_then(|step| step.exactly::<3>()) else {
            return Err(no("transformers_", &heap.view(step), "tuples of three"));
        };
        if heap.is_text(transformer, "drop") {
            continue;
        }
        if !keeps_columns(heap, transformer) {
            return Err(no("transformers_", &heap.view(transformer), "what makes a column of each"));
        }
        let (listed, taken) = (listed(&own, name)?, taken_columns(&own, taken)?);
        // Rows that are a table's are taken by these.
        if let Some(taken) = taken {
            agrees("_transformer_to_input_indices", listed, "transformers_", taken)?;
        }
        columns = columns.zip(taken).map(|(columns, taken)| columns.saturating_add(taken));
    }
    parts.needed("n_features_in_")?;
    columns.map_or(Ok(()), |columns| parts.agrees("n_features_in_", "_preprocessor", columns))
}

/// Whether a transformer makes one column of each: categories become numbers, and numbers are looked at.
fn keeps_columns(heap: &Heap, transformer: Value) -> bool {
    let Some((_, object)) = heap.as_object(transformer) else { return false };
    match class_of(heap, object) {
        "OrdinalEncoder" => true,
        "FunctionTransformer" => heap.lookup(object.state, "func").is_some_and(|function| only_looks(heap, function)),
        _ => false,
    }
}

/// `partial(check_array, …)`, with nothing bound to what it looks at.
fn only_looks(heap: &Heap, function: Value) -> bool {
    let Some((_, partial)) = heap.as_object(function) else { return false };
    let Some([function, bound, ..]) = heap.as_tuple(partial.state).and_then(|parts| parts.exactly::<4>()) else {
        return false;
    };
    let looks = heap.as_name(function).is_some_and(|(_, name)| name.qualname == "check_array");
    looks && heap.as_tuple(bound).is_some_and(|bound| bound.is_empty())
}

/// How many columns a transformer is given: those that an array of truth values says.
fn taken_columns(own: &Parts<'_>, taken: Value) -> Result<Option<u64>, Fault> {
    let Some(flags) = own.heap.as_array(taken) else {
        return Err(no("transformers_", &own.heap.view(taken), "arrays of truth values"));
    };
    own.work.fold(own.heap, "transformers_", flags, "truth values", |folded| match folded {
        Folded::Flags(count) => Some(count),
        _ => None,
    })
}

/// How many columns are listed under the name of a transformer.
fn listed(own: &Parts<'_>, name: Value) -> Result<u64, Fault> {
    let of_all = own.needed("_transformer_to_input_indices")?;
    let listed = own.heap.as_str(name).and_then(|name| own.heap.lookup(of_all, name));
    match listed.map(|listed| own.heap.view(listed)) {
        Some(View::List(listed)) => Ok(listed.len() as u64),
        Some(view) => Err(no("_transformer_to_input_indices", &view, "lists")),
        None => Err(Fault::Missing("_transformer_to_input_indices")),
    }
}
