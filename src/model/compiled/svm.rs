//! Support vector machines (`sklearn/svm/src/libsvm/libsvm_helper.c`, `set_model`): copies as many numbers as the shapes of other arrays say.

use super::{Parts, indices, lengths, no, range, rows};
use crate::graph::{Array, View};
use crate::model::error::Fault;
use crate::model::state::{length, shaped};

/// Checks a model of libsvm, which is of the kind that its class has. Those that tell classes apart have their vectors in the order of the
/// classes. All others have one line of factors; their counts are never read (`svm.cpp`, `predict_values`), and before scikit-learn 0.22 were
/// whatever was in memory, but there are two of them: room for that line is made by their number.
pub(super) fn check(parts: &Parts<'_>, own: &'static str) -> Result<(), Fault> {
    let labels = matches!(own, "c_svc" | "nu_svc");
    if parts.get("support_vectors_").is_none() {
        return Ok(());
    }
    let heap = parts.heap;
    // Before scikit-learn 0.20 it stood in the state.
    if parts.get("_impl").is_some() && parts.text("_impl") != Some(own) {
        return Err(Fault::Kind { attribute: "_impl".to_owned(), found: "something else", wanted: own });
    }
    let value = parts.needed("support_vectors_")?;
    if let View::Object(_, sparse) = heap.view(value)
        && !heap.get_name(sparse.name).is_some_and(|name| name.qualname.starts_with("csr_"))
    {
        return Err(no("support_vectors_", &heap.view(value), "an array, or a matrix by rows"));
    }
    let Some(rows) = rows(heap, value) else {
        return Err(no("support_vectors_", &heap.view(value), "an array, or a matrix by rows"));
    };
    if parts.get("class_weight_").is_some() {
        length("class_weight_", parts.array("class_weight_")?)?;
    }
    let of_rows = parts.array("support_")?;
    let vectors = length("support_", of_rows)?;
    // A kernel that was computed before, or is by a function, needs no vectors.
    let computed = parts.text("kernel").is_none_or(|kernel| kernel == "precomputed");
    if !(rows == 0 && computed) {
        shaped("support_", of_rows, &[rows])?;
    }
    // Such a kernel is looked up by these.
    let seen = parts.get("shape_fit_").map(|shape| lengths(heap, shape));
    match seen.as_ref().map(Option::as_deref) {
        Some(Some([seen, _])) => indices(heap, parts.work, "support_", of_rows, *seen)?,
        // A function as the kernel may have been given a list.
        Some(Some([seen])) if computed => indices(heap, parts.work, "support_", of_rows, *seen)?,
        None => {}
        Some(_) => {
            return Err(Fault::Kind {
                attribute: "shape_fit_".to_owned(),
                found: "something else",
                wanted: "two lengths",
            });
        }
    }
    let name = if parts.get("_n_support").is_some() { "_n_support" } else { "n_support_" };
    let of_classes = parts.array(name)?;
    let classes = length(name, of_classes)?;
    if labels {
        check_counts(parts, name, of_classes, vectors)?;
    } else {
        shaped(name, of_classes, &[2])?;
    }
    let pairs = (classes.saturating_mul(classes.saturating_sub(1)) / 2).max(1);
    let lines = classes.saturating_sub(1).max(1);
    for attribute in ["_dual_coef_", "dual_coef_"] {
        match parts.view(attribute) {
            None => {}
            Some(View::Array(array)) => shaped(attribute, array, &[lines, vectors])?,
            // All of its numbers are taken, by their places.
            Some(view @ View::Object(_, sparse)) => {
                let data = heap.lookup(sparse.state, "data").and_then(|data| heap.as_array(data));
                let data = data.ok_or_else(|| no(attribute, &view, "an array"))?;
                shaped(attribute, data, &[lines.saturating_mul(vectors)])?;
            }
            Some(view) => return Err(no(attribute, &view, "an array")),
        }
    }
    for attribute in ["_intercept_", "intercept_"] {
        if parts.get(attribute).is_some() {
            shaped(attribute, parts.array(attribute)?, &[pairs])?;
        }
    }
    let is_sparse = matches!(heap.view(value), View::Object(..));
    // A text says that it was not given.
    let says_probability = ["probability", "_effective_probability"]
        .into_iter()
        .any(|name| !matches!(parts.view(name), None | Some(View::Bool(false) | View::Text(_))));
    for attribute in ["_probA", "_probB", "probA_", "probB_"] {
        if parts.get(attribute).is_none() {
            continue;
        }
        let numbers = parts.array(attribute)?;
        // Sparse rows are given a model with probabilities if the parameter says so.
        if !numbers.is_empty() || (is_sparse && says_probability) {
            shaped(attribute, numbers, &[pairs])?;
        }
    }
    // Probabilities are made of both (`svm.cpp`, `svm_predict_probability`): whoever has one of them has the other.
    for (one, other) in [("_probA", "_probB"), ("probA_", "probB_")] {
        if labels && parts.get(one).is_some() && parts.get(other).is_some() {
            shaped(other, parts.array(other)?, &[parts.array(one)?.len()])?;
        }
    }
    Ok(())
}

/// Checks that the vectors of all classes are no more than there are.
fn check_counts(parts: &Parts<'_>, name: &'static str, counts: &Array, vectors: u64) -> Result<(), Fault> {
    let Some(range) = range(parts.heap, parts.work, name, counts)? else { return Ok(()) };
    if range.min < 0 {
        return Err(Fault::Below { attribute: name, found: range.min, least: 0 });
    }
    match u64::try_from(range.sum) {
        Ok(sum) if sum <= vectors => Ok(()),
        sum => Err(Fault::Above {
            attribute: "the sum of the vectors of each class",
            found: sum.unwrap_or(u64::MAX),
            most: vectors,
        }),
    }
}
