//! Ensembles that hand rows to the trees of their members without a look (`sklearn/ensemble/_gradient_boosting.pyx`, `predict_stages`;
//! `check_input=False` in `_iforest.py` and `_forest.py`).

use super::{agrees, answers, class_of, items, rows};
use crate::graph::{ArrayData, Object, Value, View};
use crate::model::error::Fault;
use crate::model::state::{Flaw, State, kind, shaped};
use crate::model::tree;

/// Checks gradient boosting: a row of trees for each stage, whose values are added to as many numbers a row as there are classes.
pub(super) fn check(state: &State<'_>, labels: bool) -> Result<(), Flaw> {
    if !state.fitted("estimators_") {
        return Ok(());
    }
    let array = state.array("estimators_")?;
    // Before 0.19 it stood there from the beginning, without a stage.
    if *array.shape == [0, 0] {
        return Ok(());
    }
    let [stages, width] = *array.shape else {
        return Err(Fault::Shape {
            attribute: "estimators_",
            found: array.shape.to_vec(),
            wanted: vec![array.len(), 1],
        }
        .into());
    };
    let ArrayData::Objects(trees) = array.data else {
        return Err(Fault::Elements { attribute: "estimators_", found: "numbers".to_owned(), wanted: "trees" }.into());
    };
    let wanted = if labels { classes(state)? } else { 1 };
    if width != wanted {
        return Err(Fault::Shape {
            attribute: "estimators_",
            found: vec![stages, width],
            wanted: vec![stages, wanted],
        }
        .into());
    }
    answers::check_first(state)?;
    first_answers(state, width, labels)?;
    let View::List(trees) = state.heap.view(trees) else { return Ok(()) };
    members(state, trees.map(|tree| (tree, None)), true)
}

/// Numbers a row: one for two classes, else one for each.
fn classes(state: &State<'_>) -> Result<u64, Flaw> {
    let count = match state.view("classes_") {
        Some(View::Array(array)) => array.len(),
        Some(view) => return Err(kind("classes_", &view, "an array")),
        None => return Err(Fault::Missing("classes_").into()),
    };
    Ok(if count == 2 { 1 } else { count })
}

/// What the trees' values are added to has as many numbers a row as there are classes, or one for two of them: what is made first says how
/// many (`_raw_predict_init`).
fn first_answers(state: &State<'_>, width: u64, labels: bool) -> Result<(), Flaw> {
    let heap = state.heap;
    if let Some(View::Object(_, first)) = state.view("init_") {
        let class = class_of(heap, first);
        let first = State::of(heap, first, state.work)?;
        let classes = if labels && width == 1 { 2 } else { width };
        // What it says of itself, in all of its forms.
        let said: &[(&'static str, u64)] = match class {
            "DummyClassifier" => &[("classes_", classes), ("class_prior_", classes)],
            "PriorProbabilityEstimator" => &[("priors", width)],
            _ if width == 1 || class == "ZeroEstimator" => &[],
            _ => &[("classes_", classes)],
        };
        for (attribute, wanted) in said {
            match first.view(attribute) {
                Some(View::Array(array)) => shaped(attribute, array, &[*wanted])?,
                _ => return Err(Fault::Missing(attribute).into()),
            }
        }
        if class == "DummyClassifier" || width > 1 {
            first.agrees("n_classes_", "classes_", classes)?;
        }
        return first.agrees("n_classes", "classes_", width);
    }
    for attribute in ["n_trees_per_iteration_", "_K"] {
        state.agrees(attribute, "classes_", width)?;
    }
    if width > 1 {
        state.agrees("n_classes_", "classes_", width)?;
    }
    // To scikit-learn 1.3 its loss says how many.
    for loss in ["_loss", "loss_"] {
        if let Some(View::Object(_, loss)) = state.view(loss) {
            State::of(heap, loss, state.work)?.agrees("K", "classes_", width)?;
        }
    }
    Ok(())
}

/// Checks an ensemble with a list of trees, each for all features or for those that `estimators_features_` says.
pub(super) fn check_list(state: &State<'_>) -> Result<(), Flaw> {
    let heap = state.heap;
    let Some(trees) = state.view("estimators_") else { return Ok(()) };
    let View::List(trees) = trees else { return Err(kind("estimators_", &trees, "a list")) };
    let of_trees = state.get("estimators_features_").map(|features| items(heap, features)).unwrap_or_default();
    let features = features(state)?;
    // All features are handed on as they stand.
    let all = of_trees.is_empty() || (features.is_some() && state.int("_max_features")? == features);
    let taken = of_trees.into_iter().map(|features| if all { None } else { rows(heap, features) });
    members(state, trees.zip(taken.chain(std::iter::repeat(None))), false)
}

/// How many features an ensemble takes, under each of the names that it had.
fn features(state: &State<'_>) -> Result<Option<i64>, Flaw> {
    Ok(state.int("n_features_in_")?.or(state.int("n_features_")?))
}

/// Checks trees against the features that they are handed: so many, or all that the ensemble has.
fn members(state: &State<'_>, trees: impl Iterator<Item = (Value, Option<u64>)>, numbers: bool) -> Result<(), Flaw> {
    let features = features(state)?.and_then(|count| u64::try_from(count).ok());
    for (index, (member, taken)) in trees.enumerate() {
        state.work.spend(1)?;
        let View::Object(_, member) = state.heap.view(member) else { continue };
        member_fits(state, member, taken.or(features), numbers)
            .map_err(|flaw| flaw.inside(format!("estimators_[{index}]")))?;
    }
    Ok(())
}

fn member_fits(state: &State<'_>, member: &Object, features: Option<u64>, numbers: bool) -> Result<(), Flaw> {
    let member = State::of(state.heap, member, state.work)?;
    if !member.fitted("tree_") {
        return Ok(());
    }
    let (_, facts) = tree::inside(&member)?;
    if let Some(wanted) = features {
        agrees("n_features", facts.n_features, "n_features_in_", wanted)?;
    }
    if numbers && facts.n_classes != [1] {
        return Err(Fault::Shape { attribute: "n_classes", found: facts.n_classes, wanted: vec![1] }.into());
    }
    Ok(())
}
