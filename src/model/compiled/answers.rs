//! Estimators whose answers compiled code takes without counting their rows: what gradient boosting begins with
//! (`sklearn/ensemble/_gb.py`, `_raw_predict_init`), and the members of `OneVsRestClassifier`, where a row has several labels
//! (`sklearn/multiclass.py`, `predict`). Each has to answer one row for each that it is given.

use super::class_of;
use crate::graph::{Array, Heap, Name, Object, Value, View};
use crate::model::error::Fault;
use crate::model::place::children;
use crate::model::state::{Flaw, State, Work};
use crate::reason::escape;
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
pub(super) fn check_first(state: &State<'_>) -> Result<(), Flaw> {
    let Some(View::Object(_, first)) = state.view("init_") else { return Ok(()) };
    let (heap, class) = (state.heap, class_of(state.heap, first));
    let inside = |flaw: Flaw| flaw.inside("init_");
    match class {
        "DummyClassifier" | "DummyRegressor" => {
            let own = State::of(heap, first, state.work)?;
            own.agrees("n_outputs_", "the model", 1).map_err(inside)?;
            match own.view("constant_") {
                Some(View::Array(constant)) if class == "DummyRegressor" && constant.len() != 1 => {
                    let shape = |found: &[u64]| Fault::Shape {
                        attribute: "constant_",
                        found: found.to_vec(),
                        wanted: vec![1, 1],
                    };
                    Err(inside(shape(&constant.shape).into()))
                }
                _ => Ok(()),
            }
        }
        // They answer a column for each row, before 0.21.
        "LogOddsEstimator"
        | "MeanEstimator"
        | "PriorProbabilityEstimator"
        | "QuantileEstimator"
        | "ScaledLogOddsEstimator"
        | "ZeroEstimator" => Ok(()),
        _ => state.get("init_").map_or(Ok(()), |first| answers_each(heap, first, state.work)).map_err(inside),
    }
}

/// Checks that an estimator makes an answer of each row: nothing that answers are made of is empty, and no function of a library's makes them.
fn answers_each(heap: &Heap, first: Value, work: &Work) -> Result<(), Flaw> {
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
    if function {
        let attribute = heap.as_str(key).map(escape).unwrap_or_default();
        return Err(Fault::Kind { attribute, found: "a function", wanted: "data that answers can be made of" });
    }
    if empty && !MAY_BE_EMPTY.iter().any(|name| heap.is_text(key, name)) {
        return Err(Fault::Empty("what answers are made of"));
    }
    Ok(())
}

/// Checks the members of `OneVsRestClassifier`: none makes rows more or fewer before it answers.
pub(super) fn check_members(state: &State<'_>) -> Result<(), Flaw> {
    let heap = state.heap;
    let kinds = state.get("label_binarizer_").and_then(|labels| heap.as_object(labels));
    let kinds = kinds.and_then(|(_, labels)| heap.lookup(labels.state, "y_type_"));
    // Of labels that exclude each other the best is taken, and rows are counted.
    if kinds.is_some_and(|kinds| heap.is_text(kinds, "multiclass")) {
        return Ok(());
    }
    let Some(members) = state.get("estimators_") else { return Ok(()) };
    walk(heap, members, state.work, &mut |value| match heap.as_object(value) {
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
    let array = |attribute| heap.lookup(object.state, attribute).and_then(|value| heap.as_array(value));
    let (attribute, most) = match class_of(heap, object) {
        "DummyClassifier" => ("class_prior_", u64::MAX),
        "_ConstantPredictor" => ("y_", 1),
        _ => return Ok(()),
    };
    match array(attribute) {
        Some(array) if array.shape.len() != 1 || array.len() > most => {
            Err(Fault::Shape { attribute, found: array.shape.to_vec(), wanted: vec![array.len().min(most)] })
        }
        _ => Ok(()),
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
    let lines = |shape: &[u64]| if let [lines, _] = *shape { lines } else { 1 };
    for (attribute, most) in [("coef_", 1), ("estimators_", 1), ("intercept_", 1), ("classes_", 2)] {
        let Some(array) = heap.lookup(object.state, attribute).and_then(|value| heap.as_array(value)) else { continue };
        let count = match (attribute, &*array.shape) {
            ("estimators_", &[_, outputs]) => outputs,
            ("estimators_", _) => 1,
            ("coef_", shape) => lines(shape),
            _ => array.len(),
        };
        if count > most {
            return Err(Fault::Shape { attribute, found: array.shape.to_vec(), wanted: vec![most] });
        }
    }
    for (attribute, most) in [("n_outputs_", 1), ("n_classes_", 2), ("n_trees_per_iteration_", 1)] {
        let count = heap.lookup(object.state, attribute).and_then(|value| heap.view(value).int());
        if let Some(found) = count.filter(|count| *count > most) {
            return Err(Fault::Differs { attribute, found, other: "one label", wanted: most.unsigned_abs() });
        }
    }
    Ok(())
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
fn walk(heap: &Heap, value: Value, work: &Work, look: &mut dyn FnMut(Value) -> Result<(), Fault>) -> Result<(), Flaw> {
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
