//! Estimators whose answers compiled code takes without counting their rows: what gradient boosting begins with
//! (`sklearn/ensemble/_gb.py`, `_raw_predict_init`), and the members of `OneVsRestClassifier`, where a row has several labels
//! (`sklearn/multiclass.py`, `predict`). Each has to answer one row for each that it is given.

use super::parts::int;
use super::{Parts, class_of, no, shape};
use crate::graph::{Array, Heap, Name, Object, Value, View};
use crate::model::error::Fault;
use crate::model::place::children;
use crate::model::state::{Flaw, Work, shaped};
use crate::reason::escape;
use crate::vocabulary::elements;
use std::collections::HashSet;

/// Functions of numpy and scipy that make one number of each.
#[rustfmt::skip]
const OF_NUMBERS: &[&str] = &[
    "abs", "absolute", "arccos", "arccosh", "arcsin", "arcsinh", "arctan", "arctanh", "around", "cbrt", "ceil", "clip", "cos", "cosh",
    "deg2rad", "degrees", "exp", "exp2", "expit", "expm1", "fabs", "fix", "floor", "isfinite", "isinf", "isnan", "log", "log10", "log1p",
    "log2", "logical_not", "logit", "nan_to_num", "negative", "positive", "rad2deg", "radians", "reciprocal", "rint", "round", "round_",
    "sign", "sin", "sinh", "sqrt", "square", "tan", "tanh", "trunc",
];

/// What an honest estimator has without anything in it.
const MAY_BE_EMPTY: &[&str] =
    &["_probA", "_probB", "probA_", "probB_", "class_weight_", "train_score_", "validation_score_"];

/// Checks what gradient boosting begins with, which answers a number for each row, or one for each class.
pub(super) fn check_first(parts: &Parts<'_>) -> Result<(), Flaw> {
    let Some(first) = parts.get("init_") else { return Ok(()) };
    let View::Object(_, own) = parts.heap.view(first) else { return Ok(()) };
    answers_one(parts, first, own).map_err(|fault| Flaw::from(fault).inside("init_"))
}

fn answers_one(parts: &Parts<'_>, first: Value, own: &Object) -> Result<(), Fault> {
    match class_of(parts.heap, own) {
        class @ ("DummyClassifier" | "DummyRegressor") => {
            let own = Parts::of(parts.heap, own, parts.work)?;
            own.agrees("n_outputs_", "the model", 1)?;
            let constant = if class == "DummyRegressor" { own.array_if_fitted("constant_")? } else { None };
            match constant.filter(|constant| constant.len() != 1) {
                Some(constant) => shaped("constant_", constant, &[1, 1]),
                None => Ok(()),
            }
        }
        // They answer a column for each row, before 0.21.
        "LogOddsEstimator"
        | "MeanEstimator"
        | "PriorProbabilityEstimator"
        | "QuantileEstimator"
        | "ScaledLogOddsEstimator"
        | "ZeroEstimator" => Ok(()),
        _ => answers_each(parts.heap, first, parts.work),
    }
}

/// Checks that an estimator makes an answer of each row: nothing that answers are made of is empty, and no function of a library's makes them.
fn answers_each(heap: &Heap, first: Value, work: &Work) -> Result<(), Fault> {
    walk(heap, first, work, &mut |value| match heap.as_object(value) {
        Some((_, held)) if class_of(heap, held) == "FunctionTransformer" => of_single_numbers(heap, held),
        Some((_, held)) if is_of_sklearn(heap, held) => {
            heap.as_dict(held.state).into_iter().flatten().try_for_each(|(key, value)| made_of(heap, key, value))
        }
        _ => Ok(()),
    })
}

fn is_of_sklearn(heap: &Heap, object: &Object) -> bool {
    heap.get_name(object.name).is_some_and(|name| name.module.starts_with("sklearn."))
}

/// Checks what an estimator makes its answers of.
fn made_of(heap: &Heap, key: Value, value: Value) -> Result<(), Fault> {
    let (empty, function) = match heap.view(value) {
        View::Array(array) => (array.is_empty() && holds_numbers(heap, array), false),
        View::List(items) => (items.is_empty() && heap.is_text(key, "estimators_"), false),
        View::Name(_, name) => (false, is_of_a_library(name)),
        View::Object(_, object) => (false, class_of(heap, object) == "partial"),
        _ => (false, false),
    };
    // A search keeps by what it chose.
    let of_search = ["refit", "scorer_", "scoring"].iter().any(|name| heap.is_text(key, name));
    if function && !of_search {
        let attribute = heap.as_str(key).map(escape).unwrap_or_default();
        return Err(Fault::Kind { attribute, found: "a function", wanted: "data that answers can be made of" });
    }
    if empty && !MAY_BE_EMPTY.iter().any(|name| heap.is_text(key, name)) {
        return Err(Fault::Empty("what answers are made of"));
    }
    Ok(())
}

/// Checks the members of `OneVsRestClassifier`: none makes rows more or fewer before it answers.
pub(super) fn check_members(parts: &Parts<'_>) -> Result<(), Fault> {
    let heap = parts.heap;
    let kinds = parts.get("label_binarizer_").and_then(|labels| heap.as_object(labels));
    let kinds = kinds.and_then(|(_, labels)| heap.lookup(labels.state, "y_type_"));
    // Of labels that exclude each other the best is taken, and rows are counted.
    if kinds.is_some_and(|kinds| heap.is_text(kinds, "multiclass")) {
        return Ok(());
    }
    let Some(members) = parts.get("estimators_") else { return Ok(()) };
    walk(heap, members, parts.work, &mut |value| match heap.as_object(value) {
        Some((_, held)) => {
            of_single_numbers(heap, held)?;
            one_row(heap, held)?;
            one_answer(heap, held)
        }
        None => Ok(()),
    })
}

/// Checks what answers the same whatever it is given: it has one row of it.
fn one_row(heap: &Heap, object: &Object) -> Result<(), Fault> {
    let (attribute, most) = match class_of(heap, object) {
        "DummyClassifier" => ("class_prior_", u64::MAX),
        "_ConstantPredictor" => ("y_", 1),
        _ => return Ok(()),
    };
    let Some(shape) = shape_of(heap, object, attribute)? else { return Ok(()) };
    match *shape {
        [length] if length <= most => Ok(()),
        _ => Err(Fault::Shape { attribute, wanted: vec![count_of(&shape).min(most)], found: shape }),
    }
}

/// Checks that a member answers one number for each row: it tells two classes apart, and has one line of factors for that. What it answers is
/// laid out in one line (`numpy.ravel`), whatever it is.
fn one_answer(heap: &Heap, object: &Object) -> Result<(), Fault> {
    // A transformer, whose factors have a line for each feature.
    const OF_FEATURES: &[&str] = &["PLSRegression", "PLSCanonical", "CCA"];
    if !is_of_sklearn(heap, object) || OF_FEATURES.contains(&class_of(heap, object)) {
        return Ok(());
    }
    for (attribute, most) in [("coef_", 1), ("estimators_", 1), ("intercept_", 1), ("classes_", 2)] {
        let Some(shape) = shape_of(heap, object, attribute)? else { continue };
        let count = match (attribute, &*shape) {
            ("coef_", [lines, _]) => *lines,
            ("estimators_", [_, outputs]) => *outputs,
            ("coef_" | "estimators_", _) => 1,
            _ => count_of(&shape),
        };
        if count > most {
            return Err(Fault::Shape { attribute, found: shape, wanted: vec![most] });
        }
    }
    for (attribute, most) in [("n_outputs_", 1), ("n_classes_", 2), ("n_trees_per_iteration_", 1)] {
        let count = heap.lookup(object.state, attribute).and_then(|value| int(heap, value));
        if let Some(found) = count.filter(|count| *count > most) {
            return Err(Fault::Differs { attribute, found, other: "one label", wanted: most.unsigned_abs() });
        }
    }
    Ok(())
}

/// The shape of an attribute that is an array or a sparse matrix; `None` of a list, or of nothing.
fn shape_of(heap: &Heap, object: &Object, attribute: &'static str) -> Result<Option<Vec<u64>>, Fault> {
    let Some(value) = heap.lookup(object.state, attribute) else { return Ok(None) };
    match heap.view(value) {
        View::Object(..) => shape(heap, value).map(Some).ok_or_else(|| no(attribute, &heap.view(value), "an array")),
        _ => Ok(shape(heap, value)),
    }
}

fn count_of(shape: &[u64]) -> u64 {
    elements(shape).unwrap_or(u64::MAX)
}

/// Checks that an object, if it is a `FunctionTransformer`, makes one number of each.
fn of_single_numbers(heap: &Heap, object: &Object) -> Result<(), Fault> {
    if class_of(heap, object) != "FunctionTransformer" {
        return Ok(());
    }
    for attribute in ["func", "inverse_func"] {
        let function = heap.lookup(object.state, attribute);
        if function.is_some_and(|function| !is_of_single_numbers(heap, function)) {
            let found = "a function that may make rows more or fewer";
            return Err(Fault::Kind { attribute: attribute.to_owned(), found, wanted: "one of single numbers" });
        }
    }
    Ok(())
}

fn is_of_single_numbers(heap: &Heap, function: Value) -> bool {
    match heap.view(function) {
        View::None => true,
        // Who allowed one that is no library's answers for it.
        View::Name(_, name) => !is_of_a_library(name) || OF_NUMBERS.contains(&name.qualname.as_str()),
        // How numpy before 1.20 kept them.
        View::Object(_, made) if class_of(heap, made) == "_ufunc_reconstruct" => {
            let name = heap.as_tuple(made.args).and_then(|args| heap.as_str(args.at(1)?));
            name.is_some_and(|name| OF_NUMBERS.contains(&name))
        }
        _ => false,
    }
}

/// Whether a name is Python's own, or one of the libraries that everybody has.
fn is_of_a_library(name: &Name) -> bool {
    let package = name.module.split('.').next().unwrap_or_default();
    matches!(package, "numpy" | "scipy" | "pandas" | "sklearn" | "operator" | "builtins" | "__builtin__" | "functools")
}

/// Whether an array's elements are what answers are made of: sets of categories are bits, and often empty.
fn holds_numbers(heap: &Heap, array: &Array) -> bool {
    heap.get_dtype(array.dtype).is_some_and(|dtype| dtype.name() != "uint32")
}

/// Looks at a value and at all that it leads to.
fn walk(heap: &Heap, value: Value, work: &Work, look: &mut dyn FnMut(Value) -> Result<(), Fault>) -> Result<(), Fault> {
    let (mut todo, mut met) = (vec![value], HashSet::new());
    while let Some(value) = todo.pop() {
        work.spend(1)?;
        look(value)?;
        if !heap.holds_more(value) && heap.as_array(value).is_none() || !met.insert(value) {
            continue;
        }
        children(heap, value, &mut |child, _| todo.push(child));
    }
    Ok(())
}
