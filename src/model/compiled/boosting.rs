//! Ensembles that hand rows to the trees of their members without a look (`sklearn/ensemble/_gradient_boosting.pyx`, `predict_stages`;
//! `check_input=False` in `_iforest.py` and `_forest.py`).

use super::{Parts, agrees, answers, as_array, axes, class_of, no, range};
use crate::graph::{ArrayData, Heap, Object, Value, View};
use crate::model::error::Fault;
use crate::model::state::{Flaw, State, Work, length, shaped};
use crate::model::tree;

/// Checks gradient boosting: a row of trees for each stage, whose values are added to as many numbers a row as there are classes.
pub(super) fn check(parts: &Parts<'_>, labels: bool) -> Result<(), Flaw> {
    if !parts.fitted("estimators_") {
        return Ok(());
    }
    let array = parts.array("estimators_")?;
    // Before 0.19 it stood there from the beginning, without a stage.
    if *array.shape == [0, 0] {
        return Ok(());
    }
    let [stages, width] = axes("estimators_", array)?;
    let ArrayData::Objects(trees) = array.data else {
        return Err(Fault::Elements { attribute: "estimators_", found: "numbers".to_owned(), wanted: "trees" }.into());
    };
    let wanted = if labels { classes(parts)? } else { 1 };
    if width != wanted {
        return Err(Fault::Shape {
            attribute: "estimators_",
            found: vec![stages, width],
            wanted: vec![stages, wanted],
        }
        .into());
    }
    answers::check_first(parts)?;
    first_answers(parts, width, labels)?;
    let View::List(trees) = parts.heap.view(trees) else { return Ok(()) };
    members(parts, trees.map(|tree| (tree, None)), true)
}

/// Numbers a row: one for two classes, else one for each.
fn classes(parts: &Parts<'_>) -> Result<u64, Fault> {
    let count = parts.array("classes_")?.len();
    Ok(if count == 2 { 1 } else { count })
}

/// What the trees' values are added to has as many numbers a row as there are classes, or one for two of them: what is made first says how
/// many (`_raw_predict_init`).
fn first_answers(parts: &Parts<'_>, width: u64, labels: bool) -> Result<(), Fault> {
    let heap = parts.heap;
    if let Some(View::Object(_, first)) = parts.view("init_") {
        let first = answering(heap, first);
        let class = class_of(heap, first);
        let first = Parts::of(heap, first, parts.work)?;
        let classes = if labels && width == 1 { 2 } else { width };
        // What it says of itself, in all of its forms.
        let said: &[(&'static str, u64)] = match class {
            "DummyClassifier" => &[("classes_", classes), ("class_prior_", classes)],
            "PriorProbabilityEstimator" => &[("priors", width)],
            _ if width == 1 || class == "ZeroEstimator" => &[],
            _ => &[("classes_", classes)],
        };
        for (attribute, wanted) in said {
            shaped(attribute, first.array(attribute)?, &[*wanted])?;
        }
        if class == "DummyClassifier" || width > 1 {
            first.agrees("n_classes_", "classes_", classes)?;
        }
        return first.agrees("n_classes", "classes_", width);
    }
    for attribute in ["n_trees_per_iteration_", "_K"] {
        parts.agrees(attribute, "classes_", width)?;
    }
    if width > 1 {
        parts.agrees("n_classes_", "classes_", width)?;
    }
    // To scikit-learn 1.3 its loss says how many.
    for loss in ["_loss", "loss_"] {
        if let Some(View::Object(_, loss)) = parts.view(loss) {
            Parts::of(heap, loss, parts.work)?.agrees("K", "classes_", width)?;
        }
    }
    Ok(())
}

/// Who answers for an estimator: the last step of a pipeline, and what a search found.
fn answering<'h>(heap: &'h Heap, mut estimator: &'h Object) -> &'h Object {
    /// Most that stand in one another.
    const DEEPEST: usize = 8;
    for _ in 0..DEEPEST {
        let inside = match class_of(heap, estimator) {
            "Pipeline" => {
                let last = heap.lookup(estimator.state, "steps").and_then(|steps| heap.as_items(steps)?.last());
                last.and_then(|step| heap.as_items(step)?.nth(1))
            }
            "GridSearchCV" | "HalvingGridSearchCV" | "HalvingRandomSearchCV" | "RandomizedSearchCV" => {
                heap.lookup(estimator.state, "best_estimator_")
            }
            _ => None,
        };
        let Some((_, inside)) = inside.and_then(|inside| heap.as_object(inside)) else { break };
        estimator = inside;
    }
    estimator
}

/// Checks an ensemble with a list of trees, each for all features or for those that `estimators_features_` says.
pub(super) fn check_list(parts: &Parts<'_>) -> Result<(), Flaw> {
    let heap = parts.heap;
    let Some(trees) = parts.view("estimators_") else { return Ok(()) };
    let View::List(trees) = trees else { return Err(no("estimators_", &trees, "a list").into()) };
    let of_trees = match parts.view("estimators_features_") {
        None => None,
        Some(View::List(of_trees)) => Some(of_trees),
        Some(view) => return Err(no("estimators_features_", &view, "a list").into()),
    };
    let features = features(parts)?;
    // All features are handed on as they stand.
    let all = features.is_some() && parts.int("_max_features")? == features;
    let taken: Vec<u64> = match of_trees {
        Some(of_trees) if !all => {
            of_trees.map(|features| taken(heap, features, parts.work)).collect::<Result<_, _>>()?
        }
        _ => Vec::new(),
    };
    members(parts, trees.zip(taken.into_iter().map(Some).chain(std::iter::repeat(None))), false)
}

/// How many features a tree is handed: those of these numbers.
fn taken(heap: &Heap, features: Value, work: &Work) -> Result<u64, Fault> {
    const TAKEN: &str = "estimators_features_";
    let array = as_array(heap, TAKEN, features)?;
    // Truth values would pick as many as are true.
    range(heap, work, TAKEN, array)?;
    length(TAKEN, array)
}

/// How many features an ensemble takes, under each of the names that it had.
fn features(parts: &Parts<'_>) -> Result<Option<i64>, Fault> {
    Ok(parts.int("n_features_in_")?.or(parts.int("n_features_")?))
}

/// Checks trees against the features that they are handed: so many, or all that the ensemble has.
fn members(parts: &Parts<'_>, trees: impl Iterator<Item = (Value, Option<u64>)>, numbers: bool) -> Result<(), Flaw> {
    let mut features = features(parts)?.and_then(|count| u64::try_from(count).ok());
    for (index, (member, taken)) in trees.enumerate() {
        parts.work.spend(1)?;
        let found = member_fits(parts, member, taken.or(features), numbers)
            .map_err(|flaw| flaw.inside(format!("estimators_[{index}]")))?;
        // Where the ensemble says nothing, all take what the first does.
        features = features.or(found.filter(|_| numbers));
    }
    Ok(())
}

/// How many features a member takes, if it is one of trees. That of gradient boosting has to be: its tree is taken without a look.
fn member_fits(parts: &Parts<'_>, member: Value, features: Option<u64>, numbers: bool) -> Result<Option<u64>, Flaw> {
    let own = match parts.heap.view(member) {
        View::Object(_, own) if !numbers || class_of(parts.heap, own) == "DecisionTreeRegressor" => own,
        _ if !numbers => return Ok(None),
        view => return Err(no("estimators_", &view, "trees").into()),
    };
    let member = State::of(parts.heap, own, parts.work)?;
    if !numbers && !member.fitted("tree_") {
        return Ok(None);
    }
    let (_, facts) = tree::inside(&member)?;
    if let Some(wanted) = features {
        agrees("n_features", facts.n_features, "n_features_in_", wanted)?;
    }
    if numbers && facts.n_classes != [1] {
        return Err(Fault::Shape { attribute: "n_classes", found: facts.n_classes, wanted: vec![1] }.into());
    }
    Ok(Some(facts.n_features))
}
