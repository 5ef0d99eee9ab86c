//! Estimators and other plain Python objects: made empty, then given one dict of attributes (`sklearn/base.py`,
//! `BaseEstimator.__setstate__`); and the Cython tree (`sklearn/tree/_tree.pyx`, `Tree.__reduce__`).

use super::super::scene::{Functions, Misuse, Role, Scene};
use super::super::shape::{Built, Made, Shape};
use super::super::table;
use super::{arguments, called, closed_state, lookup};
use crate::graph::{DTypeKind, Heap, ObjectId, Text, Value, View};
use std::collections::HashSet;
use std::sync::OnceLock;

const HONEST: &str = "an honest file gives it one dict of attributes with text keys, each once";

/// Attributes that hold functions, classes, or names of them; sorted.
const FUNCTION_SLOTS: &[&str] = &[
    "_asarray",
    "_call",
    "_kmeans_single",
    "_metric",
    "_score_func",
    "_scorer",
    "_scorers",
    "activation",
    "affinity",
    "analyzer",
    "best_params_",
    "check_func",
    "check_inverse",
    "class_name",
    "connectivity",
    "corr",
    "covariance",
    "cv_results_",
    "dtype",
    "dtype_exclude",
    "dtype_include",
    "effective_metric_",
    "effective_metric_params_",
    "eval_metric",
    "feature_name_combiner",
    "fun",
    "func",
    "g",
    "grid_scores_",
    "importance_getter",
    "init",
    "inverse_func",
    "kernel",
    "loss",
    "max_features",
    "metric",
    "metric_params",
    "n_bins_func",
    "objective",
    "oob_score",
    "param_distributions",
    "param_grid",
    "pooling_func",
    "preprocessor",
    "refit",
    "reg",
    "regr",
    "score_func",
    "scorer",
    "scorer_",
    "scoring",
    "strategy",
    "strip_accents",
    "tokenizer",
    "weights",
];

/// Attributes in which scipy keeps a method of the very object.
const OWN_METHODS: &[&str] = &["_function", "covariance_factor"];
/// Attributes in which scipy keeps the class that an object gets: one of its kind.
const CLASS_SLOTS: &[&str] = &["_spline_class"];

/// Whether a value is a class of scipy's splines of one variable.
fn is_spline_class(scene: &Scene<'_>, value: Value) -> bool {
    let name = scene.heap.as_name(value).map(|(_, name)| name.qualname.as_str());
    let record = scene.shape_of(value).is_some_and(|(_, shape)| shape == Shape::Record);
    record && name.is_some_and(|name| name.ends_with("UnivariateSpline"))
}

/// Names of methods and properties of scikit-learn's estimators: an attribute of such a name would take the method's place.
fn is_method(name: &str) -> bool {
    static READ: OnceLock<HashSet<&'static str>> = OnceLock::new();
    let names = READ.get_or_init(|| {
        let lines = include_str!("../methods.txt").lines().map(str::trim);
        let mut names = HashSet::with_capacity(lines.clone().count());
        names.extend(lines.filter(|line| !line.is_empty() && !line.starts_with('#')));
        names
    });
    names.contains(name)
}

/// Reads the names of methods.
pub fn warm_up() {
    is_method("");
}

/// Longest version of scikit-learn, in bytes: it is written out into a warning for each estimator.
const VERSION: usize = 256;

/// The state of an estimator.
pub fn state(scene: &mut Scene<'_>, object: ObjectId, state: Value) -> Result<Built, Misuse> {
    if let Some(version) = scene.heap.lookup(state, "_sklearn_version")
        && scene.heap.as_str(version).is_none_or(|version| version.len() > VERSION)
    {
        return Err(Misuse::act("its _sklearn_version is no version", HONEST));
    }
    // xgboost before 1.0 opens the file whose name stands there.
    if let Some(booster) = scene.heap.lookup(state, "_Booster")
        && matches!(scene.heap.view(booster), View::Text(_) | View::Latin(_))
    {
        return Err(Misuse::act("its _Booster is a text, and xgboost would read a file of that name", HONEST));
    }
    if scene.class_of(scene.name) == "IsotonicRegression" {
        thresholds(scene, state)?;
    }
    attributes(scene, state, Known::Of(object), Functions::Refused)
}

const THRESHOLDS: &str = "an honest file gives it arrays of numbers for its thresholds, and a text for out_of_bounds";

/// Bytes that each of the numbers takes that are made into a function: two copies of eight bytes.
const COPIES: u64 = 16;

/// What `IsotonicRegression` makes its function of as soon as it has its state (`sklearn/isotonic.py`, `_build_f`): scipy makes arrays of it,
/// as long as whatever stands there says that it is.
fn thresholds(scene: &mut Scene<'_>, state: Value) -> Result<(), Misuse> {
    const ARRAYS: [&str; 6] = ["X_", "y_", "_necessary_X_", "_necessary_y_", "X_thresholds_", "y_thresholds_"];
    let is_numbers = |value| {
        let array = scene.heap.as_array(value).filter(|array| array.shape.len() == 1);
        let dtype = array.and_then(|array| scene.heap.get_dtype(array.dtype));
        dtype.is_some_and(|dtype| {
            matches!(dtype.kind, DTypeKind::Bool | DTypeKind::Int | DTypeKind::Uint | DTypeKind::Float)
        })
    };
    for key in ARRAYS {
        if scene.heap.lookup(state, key).is_some_and(|value| !is_numbers(value)) {
            return Err(Misuse::act(format!("its {key} is no array of numbers"), THRESHOLDS));
        }
    }
    // Many objects can be given one and the same array, and each copies it.
    let lengths = ARRAYS.iter().filter_map(|key| scene.heap.as_array(scene.heap.lookup(state, key)?)?.shape.first());
    let copied = lengths.fold(0u64, |sum, length| sum.saturating_add(*length)).saturating_mul(COPIES);
    scene.budget.memory(copied)?;
    let bounds = scene.heap.lookup(state, "out_of_bounds");
    if bounds.is_some_and(|bounds| scene.heap.as_str(bounds).is_none()) {
        return Err(Misuse::act("its out_of_bounds is no text", THRESHOLDS));
    }
    Ok(())
}

/// Which attributes a class has.
#[derive(Debug, Clone, Copy)]
pub enum Known {
    /// Any that are no methods of estimators.
    Open,
    /// The same, but for methods of this object that stand where they belong.
    Of(ObjectId),
    /// These, and methods of this object where its class keeps one.
    Only(Option<ObjectId>, &'static [&'static str]),
    /// Any, for it is not known which methods it has; and of Python's own these.
    Opaque(&'static [&'static str]),
}

/// Attributes up to which a state is looked through without being paid for: far more than any estimator has.
const MANY: usize = 1000;
/// What looking through a state takes for each attribute.
const ENTRY: u64 = 160;

/// Attributes of a plain Python object, of those that are `known`; `elsewhere` says what may stand in those that hold no
/// functions.
pub fn attributes(scene: &mut Scene<'_>, state: Value, known: Known, elsewhere: Functions) -> Result<Built, Misuse> {
    let pairs = scene.heap.as_dict(state).ok_or_else(|| Misuse::act("its state is no dict", HONEST))?;
    // Many objects can be given one and the same dict: looking at it again counts, or it would cost the square of the file.
    scene.budget.values(pairs.len() as u64)?;
    if pairs.len() > MANY {
        scene.budget.memory((pairs.len() as u64).saturating_mul(ENTRY))?;
    }
    let pairs: Vec<(Value, Value)> = pairs.collect();
    if let Some(text) = twice(scene.heap, &pairs) {
        return Err(Misuse::act(format!("its state sets {text} twice"), HONEST));
    }
    let set = match scene.roles.get(scene.name) {
        Role::Known(entry) if entry.in_set => Some(entry.table),
        _ => None,
    };
    for (key, value) in pairs {
        let View::Text(text) = scene.heap.view(key) else {
            return Err(Misuse::act("its state has a key that is no text", HONEST));
        };
        let name = text.as_str().unwrap_or("__");
        let noted = match known {
            Known::Opaque(notes) => notes.contains(&name),
            Known::Only(_, known) => {
                let plain = matches!(scene.heap.view(value), View::Text(_) | View::None);
                name == "__doc__" && known.contains(&name) && plain
            }
            Known::Open | Known::Of(_) => false,
        };
        // Python itself looks for names that begin and end so. Of a class that the user allows nothing else is known; gensim's
        // classes note in `__numpys` what they stored elsewhere.
        let meant = name.starts_with("__") && (name.ends_with("__") || !matches!(known, Known::Opaque(_)));
        if meant && !noted {
            return Err(Misuse::act(
                format!("its state sets {text}"),
                "an honest file never sets an attribute that Python gives a meaning to",
            ));
        }
        // Some records of some versions are estimators too.
        let version = name == "_sklearn_version" && scene.heap.as_str(value).is_some();
        if matches!(known, Known::Only(_, known) if !known.contains(&name)) && !version {
            return Err(Misuse::act(
                format!("its state sets {text}, which its class does not have"),
                "an honest file sets the attributes that scikit-learn sets",
            ));
        }
        // What the methods of a set's classes are called stands in the set.
        let method = match known {
            Known::Only(..) => false,
            Known::Open | Known::Of(_) | Known::Opaque(_) => {
                set.map_or_else(|| is_method(name), |set| table::is_method(set, name))
            }
        };
        let own = match known {
            Known::Of(object) => lookup::is_own_method(scene, object, name, value),
            Known::Only(object, _) => {
                OWN_METHODS.contains(&name) && object.is_some_and(|object| lookup::is_own(scene, object, value))
                    || CLASS_SLOTS.contains(&name) && is_spline_class(scene, value)
            }
            // A class that the user allows may have none of these methods, and what is no function can not be called as one.
            Known::Opaque(_) => set.is_none() && is_data(scene, value),
            Known::Open => false,
        };
        if method && !own {
            return Err(Misuse::act(
                format!("its state sets {text}, which is a method"),
                "an honest file never puts something else in a method's place",
            ));
        }
        if super::sets::is_evaluated(name) && !is_opaque_or_none(scene, value) {
            return Err(Misuse::act(
                format!("its state sets {text}, which statsmodels would evaluate"),
                "an honest file has nothing there: what a formula became can not be saved",
            ));
        }
        if let Some(set) = set {
            super::sets::check_attribute(scene, set, name, value)?;
        }
        if takes_tables(scene, name, value) {
            called::check_tables(scene, state, value)?;
            continue;
        }
        let slot = elsewhere == Functions::Refused && (own || FUNCTION_SLOTS.binary_search(&name).is_ok());
        let functions = match (own, slot) {
            (true, _) => Functions::Checked,
            (false, true) => Functions::Allowed,
            (false, false) => elsewhere,
        };
        // Who allows a class by its name answers for what it calls.
        let judged = !matches!(known, Known::Opaque(_)) || set.is_some() || name == "pre_dispatch";
        let called =
            (slot && scene.heap.holds_more(value) || judged && called::is_called(name)).then(|| name.to_owned());
        scene.settle(value, functions)?;
        if let Some(name) = called {
            if judged {
                called::check(scene, &name, value)?;
            }
            if slot {
                called::check_function(scene, &name, value)?;
            }
        }
    }
    scene.heap.freeze(state, false);
    Ok(Built::State)
}

/// The first text that is a key of these pairs twice.
fn twice<'h>(heap: &'h Heap, pairs: &[(Value, Value)]) -> Option<Text<'h>> {
    // So few that to compare each with each costs less than to hash them.
    const FEW: usize = 12;
    let text = |(key, _): &(Value, Value)| match heap.view(*key) {
        View::Text(text) => Some(text),
        _ => None,
    };
    let texts: Vec<Text<'_>> = pairs.iter().filter_map(text).collect();
    if texts.len() <= FEW {
        return (0..)
            .zip(&texts)
            .find(|(at, text)| texts.iter().take(*at).any(|before| before == *text))
            .map(|(_, text)| *text);
    }
    let mut met = HashSet::with_capacity(texts.len());
    texts.into_iter().find(|text| !met.insert(*text))
}

/// Whether a value is a class of tables or of sparse matrices where a `FunctionTransformer` has its function: it is called with the
/// user's rows (`sklearn/preprocessing/_function_transformer.py`, `_transform`).
fn takes_tables(scene: &Scene<'_>, name: &str, value: Value) -> bool {
    matches!(name, "func" | "inverse_func")
        && scene.shape_of(value).is_some_and(|(_, shape)| matches!(shape, Shape::Table | Shape::Sparse))
        && scene.class_of(scene.name) == "FunctionTransformer"
}

/// Whether a value is none that could be called, whatever is in it.
fn is_data(scene: &Scene<'_>, value: Value) -> bool {
    match scene.heap.view(value) {
        View::Name(..) => false,
        View::Object(_, object) => {
            matches!(scene.roles.shape(object.name), Some(Shape::Scalar | Shape::Moment | Shape::Number | Shape::Table))
        }
        _ => true,
    }
}

/// Whether a value is nothing, or an object of a class that the user allows and answers for.
fn is_opaque_or_none(scene: &Scene<'_>, value: Value) -> bool {
    match scene.heap.view(value) {
        View::None => true,
        View::Object(_, object) => scene.roles.shape(object.name) == Some(Shape::Opaque),
        _ => false,
    }
}

const TREE: &str = "an honest file calls it with (n_features, array of n_classes, n_outputs)";

/// `Tree(n_features, n_classes, n_outputs)`. Its constructor allocates by these numbers, so they are small here; the
/// model's own checks compare them with the arrays.
pub fn tree_call(scene: &mut Scene<'_>, args: Value) -> Result<Made, Misuse> {
    let [features, classes, outputs] = arguments(scene, args, TREE)?;
    let small = |value: Value| scene.heap.view(value).int().filter(|number| (0..=1 << 31).contains(number));
    let (Some(_), Some(outputs)) = (small(features), small(outputs)) else {
        return Err(Misuse::act("n_features or n_outputs is no small whole number", TREE));
    };
    let array = scene.heap.as_array(classes).ok_or_else(|| Misuse::act("n_classes is no array", TREE))?;
    let dtype = scene.heap.get_dtype(array.dtype);
    let whole = dtype.is_some_and(|dtype| dtype.kind == DTypeKind::Int && (dtype.size == 8 || dtype.size == 4));
    if !whole || array.shape.len() != 1 || array.len() != outputs.unsigned_abs() {
        return Err(Misuse::act("n_classes is not one whole number an output", TREE));
    }
    Ok(Made::Object(scene.name))
}

const TREE_STATE: &str = "an honest file gives it max_depth, node_count, nodes and values";

/// `Tree.__setstate__`.
pub fn tree_state(scene: &mut Scene<'_>, state: Value) -> Result<Built, Misuse> {
    tree_parts(scene, state, &["nodes", "values"])
}

/// `ObliqueTree.__setstate__` (`treeple/tree/_oblique_tree.pyx`), which writes the projection of each of so many nodes into a vector
/// with a place for each element of `nodes`.
pub fn oblique_state(scene: &mut Scene<'_>, state: Value) -> Result<Built, Misuse> {
    let built = tree_parts(scene, state, &["nodes", "values", "proj_vecs"])?;
    let rows = |key: &str| {
        let array = scene.heap.lookup(state, key).and_then(|value| scene.heap.as_array(value));
        array.and_then(|array| array.shape.first().copied())
    };
    let axes =
        scene.heap.lookup(state, "proj_vecs").and_then(|value| scene.heap.as_array(value)).map(|it| it.shape.len());
    let count = scene.heap.lookup(state, "node_count").and_then(|value| scene.heap.view(value).int());
    let count = count.and_then(|count| u64::try_from(count).ok());
    if axes != Some(2) || count.is_none() || rows("nodes") != count || rows("proj_vecs") != count {
        return Err(Misuse::act("its arrays are not of one row a node", TREE_STATE));
    }
    Ok(built)
}

fn tree_parts(scene: &mut Scene<'_>, state: Value, arrays: &[&str]) -> Result<Built, Misuse> {
    let keys = [&["max_depth", "node_count"], arrays].concat();
    closed_state(scene, state, &keys, TREE_STATE)?;
    for key in ["max_depth", "node_count"] {
        let found = scene.heap.lookup(state, key);
        // scikit-learn before 0.17 does not write its depth.
        if key == "max_depth" && found.is_none() {
            continue;
        }
        let number = found.and_then(|value| scene.heap.view(value).int());
        if number.is_none_or(|number| !(0..=1 << 40).contains(&number)) {
            return Err(Misuse::act(format!("its {key} is no whole number that a tree can have"), TREE_STATE));
        }
    }
    for key in arrays {
        let array = scene.heap.lookup(state, key).filter(|value| scene.heap.as_array(*value).is_some());
        let Some(array) = array else {
            return Err(Misuse::act(format!("its {key} are no array"), TREE_STATE));
        };
        // Each tree has a copy.
        scene.pay_for_copy(array)?;
    }
    scene.settle(state, Functions::Refused)?;
    Ok(Built::State)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slots_are_sorted_for_the_search() {
        assert!(FUNCTION_SLOTS.is_sorted());
        assert!(FUNCTION_SLOTS.iter().all(|slot| FUNCTION_SLOTS.binary_search(slot).is_ok()));
    }
}
