//! What scikit-learn calls when a model is used: methods by the names that attributes hold, whatever stands where an estimator belongs, and
//! functions with the arguments that the model keeps for them.

use super::super::scene::{Misuse, Scene};
use super::super::shape::Shape;
use super::function;
use crate::graph::{ArrayData, Value, View};
use std::collections::HashSet;

/// What it takes to know a container again.
const ENTRY: u64 = 32;

/// What an attribute holds of which methods or functions are called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Holds {
    /// How many tasks joblib makes at once.
    Tasks,
    /// The name of a method, or names of some.
    MethodNames,
    /// Estimators, whose methods are called: tables have some of the same name, which call what they are given.
    Estimators,
    /// The same, with columns behind each: these may be a table's.
    EstimatorsOfColumns,
    /// Arguments that are kept for a function.
    Arguments,
    /// Parameters that a search will set.
    Candidates,
}

/// What an attribute or a parameter of this name holds (`sklearn/ensemble/_stacking.py`, `sklearn/multioutput.py`, `sklearn/metrics/_scorer.py`,
/// `sklearn/model_selection/_classification_threshold.py`, `sklearn/preprocessing/_function_transformer.py`).
fn holds(name: &str) -> Option<Holds> {
    Some(match name {
        "pre_dispatch" => Holds::Tasks,
        "_response_method" | "chain_method" | "chain_method_" | "response_method" | "stack_method"
        | "stack_method_" => Holds::MethodNames,
        "base_estimator" | "base_estimator_" | "best_estimator_" | "classifier" | "classifier_" | "estimator"
        | "estimator_" | "estimators" | "estimators_" | "final_estimator" | "final_estimator_" | "init_"
        | "named_estimators_" | "regressor" | "regressor_" | "steps" | "transformer" | "transformer_"
        | "transformer_list" => Holds::Estimators,
        "transformers" | "transformers_" => Holds::EstimatorsOfColumns,
        "effective_metric_params_" | "inv_kw_args" | "kernel_params" | "kw_args" | "metric_params" => Holds::Arguments,
        "param_distributions" | "param_grid" => Holds::Candidates,
        _ => return None,
    })
}

/// Methods that answer for rows, and what stands for one of them.
const ANSWERS: &[&str] = &[
    "auto",
    "decision_function",
    "default",
    "predict",
    "predict_log_proba",
    "predict_proba",
    "score_samples",
    "transform",
];

/// Attributes of rows that are data of theirs, as a function asks for them.
const DATA: &[&str] = &[
    "A", "T", "columns", "dt", "dtype", "dtypes", "flat", "imag", "index", "name", "names", "ndim", "nnz", "real",
    "shape", "size", "str", "values",
];

const NAMES: &str = "an honest file has the name of a method there that answers for rows, such as predict_proba";
const MEMBER: &str = "an honest file has estimators there, or a text that says what stands for one";
const KEPT: &str = "an honest file keeps numbers, texts and plain arrays for a function, and columns by their names";
const COUNT: &str = "an honest file has a number, 'all', or a text such as '2*n_jobs' there";
const GETTER: &str = "an honest file asks rows for their data, and estimators for what was fitted";

/// Whether methods or functions are called of what an attribute of this name holds, in another way than by its own name.
pub(super) fn is_called(name: &str) -> bool {
    name.rsplit("__").next().and_then(holds).is_some()
}

/// Checks an attribute, or a parameter that a search will set, by its name: that of a member's parameter stands behind two underscores.
pub(super) fn check(scene: &mut Scene<'_>, name: &str, value: Value) -> Result<(), Misuse> {
    let own = name.rsplit("__").next().unwrap_or(name);
    match holds(own) {
        None => Ok(()),
        Some(Holds::Tasks) => each(scene, value, &mut |scene, value| {
            if is_count(scene, value) {
                return Ok(());
            }
            Err(Misuse::act("its pre_dispatch is no arithmetic on n_jobs, and joblib before 1.2 would run it", COUNT))
        }),
        Some(Holds::MethodNames) => each(scene, value, &mut |scene, value| match scene.heap.view(value) {
            View::None => Ok(()),
            View::Text(text) if text.as_str().is_some_and(|text| ANSWERS.contains(&text)) => Ok(()),
            _ => Err(Misuse::act(format!("its {own} is no method that answers for rows"), NAMES)),
        }),
        Some(Holds::Estimators) => each(scene, value, &mut |scene, value| member(scene, own, value)),
        Some(Holds::EstimatorsOfColumns) => {
            let Some(parts) = scene.heap.as_items(value) else {
                return each(scene, value, &mut |scene, value| member(scene, own, value));
            };
            let parts: Vec<Value> = parts.collect();
            pay(scene, parts.len())?;
            parts.into_iter().try_for_each(|part| {
                let estimator = scene.heap.as_items(part).and_then(|mut part| part.nth(1));
                each(scene, estimator.unwrap_or(part), &mut |scene, value| member(scene, own, value))
            })
        }
        Some(Holds::Arguments) => match scene.heap.view(value) {
            View::None | View::Dict(_) => arguments(scene, value),
            _ => Err(Misuse::act(format!("its {own} are no dict"), KEPT)),
        },
        Some(Holds::Candidates) => candidates(scene, value),
    }
}

/// Checks the getter of an attribute where a function is called with rows, or with what another made of them.
pub(super) fn check_function(scene: &mut Scene<'_>, name: &str, value: Value) -> Result<(), Misuse> {
    let own = name.rsplit("__").next();
    if matches!(own, Some("dtype" | "dtype_exclude" | "dtype_include")) {
        return each(scene, value, &mut |scene, value| check_zone(scene, value));
    }
    if matches!(own, Some("func" | "inverse_func")) && makes_rows_anew(scene, value) {
        return Err(Misuse::act(format!("its {name} makes something else of rows than rows"), GETTER));
    }
    // Estimators are asked by the first; the others say what was tried.
    if matches!(own, Some("importance_getter" | "best_params_" | "cv_results_" | "grid_scores_")) {
        return Ok(());
    }
    each(scene, value, &mut |scene, value| {
        let Some((_, object)) = scene.heap.as_object(value) else { return Ok(()) };
        if scene.roles.shape(object.name) != Some(Shape::ItemGetter) || scene.class_of(object.name) != "attrgetter" {
            return Ok(());
        }
        let data = |value: Value| {
            let last = scene.heap.as_str(value).and_then(|names| names.rsplit('.').next());
            last.is_some_and(|last| DATA.contains(&last) || last.ends_with('_'))
        };
        if scene.heap.as_tuple(object.args).is_some_and(|mut names| names.all(data)) {
            return Ok(());
        }
        Err(Misuse::act(format!("its {name} asks rows for something else than data of theirs"), GETTER))
    })
}

/// Functions of numpy's that answer with a tuple whatever they are asked.
pub(super) const WITH_TUPLES: &[&str] = &["histogram", "nonzero", "slogdet"];

/// Whether a value is a class of Python's, or a function, that makes no rows of rows: of a tuple a sparse matrix is made that scipy follows
/// unseen.
fn makes_rows_anew(scene: &Scene<'_>, value: Value) -> bool {
    if function::of_numpy(scene, value).is_some_and(|name| WITH_TUPLES.contains(&name)) {
        return true;
    }
    let Some((_, name)) = scene.heap.as_name(value) else { return false };
    match scene.shape_of(value).map(|(_, shape)| shape) {
        Some(Shape::Type) => matches!(name.qualname.as_str(), "dict" | "tuple"),
        Some(Shape::Set | Shape::FrozenSet | Shape::Bytes | Shape::Range | Shape::Complex | Shape::BaseObject) => true,
        _ => false,
    }
}

/// Checks arguments that are kept for a function: what it is called with comes from who uses the model, or is nothing that it could call.
pub(super) fn arguments(scene: &mut Scene<'_>, value: Value) -> Result<(), Misuse> {
    if let View::Dict(pairs) = scene.heap.view(value) {
        scene.budget.values((pairs.len() as u64).saturating_mul(2))?;
        if let Some(name) = wrong_argument(scene, value) {
            return Err(Misuse::act(format!("it keeps the argument {name} for a function"), KEPT));
        }
    }
    each(scene, value, &mut |scene, value| {
        if let Some(shown) = with_methods(scene, value) {
            return Err(Misuse::act(format!("it keeps {shown} as an argument for a function"), KEPT));
        }
        check_zone(scene, value)
    })
}

/// The first of the arguments in a dict that is none that an honest file keeps: the function would answer with it instead of the user's rows.
fn wrong_argument(scene: &Scene<'_>, dict: Value) -> Option<&'static str> {
    let kept = |name: &str| scene.heap.lookup(dict, name);
    let first = |names: &[&'static str], wrong: &dyn Fn(Value) -> bool| {
        names.iter().copied().find(|name| kept(name).is_some_and(wrong))
    };
    let is_array = |value| matches!(scene.heap.view(value), View::Array(_));
    let is_text = |value| matches!(scene.heap.view(value), View::Text(_));
    let is_word = |text: &str| text.bytes().all(|byte| byte.is_ascii_lowercase());
    // Of no rows `max` and `sum` make the first two, and into the third numpy writes: it may be what a tree goes by.
    first(&["default", "start", "out"], &|_| true)
        // Of these scipy takes as many as the rows are wide.
        .or_else(|| first(&["VI", "w"], &|_| kept("metric").is_some()))
        // Of these rows are made, or parts of them.
        .or_else(|| first(&["choices", "choicelist", "fill_value", "values"], &|value| !are_numbers(scene, value)))
        // A sum over nothing gives this back as it is, and a table has the others for its labels.
        .or_else(|| first(&["initial"], &|value| is_array(value) || !is_number(scene, value)))
        .or_else(|| first(&["columns", "index"], &is_array))
        // By these a function answers with a tuple.
        .or_else(|| {
            let asked = |value| !matches!(scene.heap.view(value), View::Bool(false));
            first(&["retbins", "return_counts", "return_index", "return_inverse", "returned"], &asked)
        })
        // The name of a column is a text that xgboost takes for that of a file.
        .or_else(|| first(&["name"], &is_text))
        // nltk opens a file of that name, before version 3.9 as a pickle.
        .or_else(|| first(&["language"], &|value| !scene.heap.as_str(value).is_some_and(is_word)))
}

/// Whether a value is a number, nothing, or an array of numbers.
fn is_number(scene: &Scene<'_>, value: Value) -> bool {
    match scene.heap.view(value) {
        View::None | View::Bool(_) | View::Int(_) | View::Float(_) => true,
        View::Array(array) => matches!(array.data, ArrayData::Blob(_)) && scene.heap.has_numbers(array),
        View::Object(_, object) => matches!(scene.roles.shape(object.name), Some(Shape::Complex | Shape::Scalar)),
        _ => false,
    }
}

/// Whether a value is a number, nothing, an array of numbers, or a list or tuple of such.
pub(super) fn are_numbers(scene: &Scene<'_>, value: Value) -> bool {
    is_number(scene, value)
        || scene.heap.as_items(value).is_some_and(|mut items| items.all(|item| is_number(scene, item)))
}

/// A type of times names its zone, and pandas has dateutil open the file that stands there.
fn check_zone(scene: &Scene<'_>, value: Value) -> Result<(), Misuse> {
    match scene.heap.view(value) {
        View::Text(text) if text.as_str().is_some_and(|text| text.contains("dateutil")) => {
            Err(Misuse::act("a type in it has the zone of a file", KEPT))
        }
        _ => Ok(()),
    }
}

/// Checks the arguments of a class of sparse matrices, which is called with rows: with a shape it would take the places of numbers as they come.
pub(super) fn check_tables(scene: &Scene<'_>, state: Value, class: Value) -> Result<(), Misuse> {
    if scene.shape_of(class).is_none_or(|(_, shape)| shape != Shape::Sparse) {
        return Ok(());
    }
    for attribute in ["kw_args", "inv_kw_args"] {
        let Some(View::Dict(mut pairs)) = scene.heap.lookup(state, attribute).map(|value| scene.heap.view(value))
        else {
            continue;
        };
        if !pairs.all(|(key, _)| ["copy", "dtype"].into_iter().any(|name| scene.heap.is_text(key, name))) {
            return Err(Misuse::act("it keeps arguments for a class of sparse matrices", KEPT));
        }
    }
    Ok(())
}

/// Checks the parameters that a search will set: a dict of lists, or several of them.
fn candidates(scene: &mut Scene<'_>, value: Value) -> Result<(), Misuse> {
    let (mut todo, mut met) = (vec![value], HashSet::new());
    while let Some(value) = todo.pop() {
        let View::Dict(pairs) = scene.heap.view(value) else {
            if let Some(below) = below(scene, value).filter(|_| met.insert(value)) {
                pay(scene, below.len())?;
                todo.extend(below);
            }
            continue;
        };
        let pairs: Vec<(Value, Value)> = pairs.collect();
        pay(scene, pairs.len().saturating_mul(2))?;
        for (key, values) in pairs {
            let Some(name) = scene.heap.as_str(key).map(str::to_owned) else { continue };
            if name.rsplit("__").next().and_then(holds) != Some(Holds::Candidates) {
                check(scene, &name, values)?;
                check_function(scene, &name, values)?;
                continue;
            }
            // A search for what another search will search for.
            each(scene, values, &mut |scene, value| {
                let own = scene.heap.as_str(value).and_then(|name| name.rsplit("__").next());
                match own.and_then(holds) {
                    Some(Holds::Tasks | Holds::MethodNames) => Err(Misuse::act(
                        "a search in it would search for names of methods, or for a pre_dispatch",
                        "an honest file searches for numbers, texts and estimators there",
                    )),
                    _ => Ok(()),
                }
            })?;
        }
    }
    Ok(())
}

fn member(scene: &Scene<'_>, name: &str, value: Value) -> Result<(), Misuse> {
    let shown = match scene.heap.view(value) {
        // Members of these are compared with one another when all is read (`model/compiled/boosting.rs`).
        View::Array(_) if scene.class_of(scene.name).starts_with("GradientBoosting") => None,
        View::Array(_) => Some("an array".to_owned()),
        _ => with_methods(scene, value),
    };
    shown.map_or(Ok(()), |shown| Err(Misuse::act(format!("its {name} holds {shown}"), MEMBER)))
}

/// What a value is, if it is an object with methods of the names that are called: they call what they are given, or go to the disk.
fn with_methods(scene: &Scene<'_>, value: Value) -> Option<String> {
    use Shape::{Column, Dok, Index, Logger, Path, Sparse, Table};
    let (_, object) = scene.heap.as_object(value)?;
    let shape = scene.roles.shape(object.name)?;
    let named = || scene.heap.get_name(object.name).map(ToString::to_string).unwrap_or_default();
    matches!(shape, Column | Dok | Index | Logger | Path | Sparse | Table).then(|| format!("a {}", named()))
}

/// Has each value looked at in lists, tuples, sets, dicts and arrays of objects, however deep, with their keys. Each is paid for, and each
/// container is looked into once.
fn each(
    scene: &mut Scene<'_>,
    value: Value,
    look: &mut dyn FnMut(&Scene<'_>, Value) -> Result<(), Misuse>,
) -> Result<(), Misuse> {
    let (mut todo, mut met) = (vec![value], HashSet::new());
    while let Some(value) = todo.pop() {
        let below = below(scene, value);
        // An object is itself something, whatever stands in it.
        if below.is_none() || matches!(scene.heap.view(value), View::Object(..)) {
            look(scene, value)?;
        }
        if let Some(below) = below.filter(|_| met.insert(value)) {
            pay(scene, below.len())?;
            todo.extend(below);
        }
    }
    Ok(())
}

/// What stands in a container, however it was made: of an object what it was called with, what it was given, and what it wraps.
fn below(scene: &Scene<'_>, value: Value) -> Option<Vec<Value>> {
    Some(match scene.heap.view(value) {
        View::List(items) | View::Tuple(items) | View::Set(items) | View::FrozenSet(items) => items.collect(),
        View::Dict(pairs) => pairs.items().collect(),
        View::Array(array) => match array.data {
            ArrayData::Objects(list) => vec![list],
            ArrayData::Blob(_) => return None,
        },
        View::Object(_, object) => {
            let wraps = matches!(scene.class_of(object.name), "ChainMap" | "UserDict" | "UserList");
            let parts = [object.args, object.items, if wraps { object.state } else { Value::NONE }];
            parts.into_iter().filter(|part| scene.heap.holds_more(*part)).collect()
        }
        _ => return None,
    })
}

/// Pays for so many values that are looked at.
fn pay(scene: &mut Scene<'_>, count: usize) -> Result<(), Misuse> {
    scene.budget.values(count as u64)?;
    scene.budget.memory((count as u64).saturating_mul(8).saturating_add(ENTRY))?;
    Ok(())
}

/// Whether a `pre_dispatch` (`joblib/parallel.py`), which was given to `eval` before joblib 1.2, is a number of tasks.
fn is_count(scene: &Scene<'_>, value: Value) -> bool {
    match scene.heap.view(value) {
        View::None | View::Int(_) | View::Float(_) => true,
        View::Text(text) => text.as_str().filter(|text| text.len() <= 64 && !text.contains("**")).is_some_and(|text| {
            let mut rest = text.split("n_jobs").flat_map(str::bytes);
            text == "all" || rest.all(|byte| byte.is_ascii_digit() || b" +-*/.()".contains(&byte))
        }),
        _ => false,
    }
}
