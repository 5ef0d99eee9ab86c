//! Compiled parts of trees that scikit-learn before 0.18 saved with a model (`sklearn/tree/_tree.pyx`, `Splitter.__reduce__`,
//! `Criterion.__reduce__`). Their constructors allocate by the counts that they are given.

use super::super::scene::{Functions, Misuse, Scene};
use super::super::shape::{Built, Made, Shape};
use super::form::{Form, arguments_of};
use crate::graph::{Value, View};

const SPLITTER: &str = "an honest file calls it with a criterion, counts, a share, and a random state";
/// Largest count: more outputs or features than any honest model has.
const LARGEST: i64 = 1 << 24;

/// `BestSplitter(criterion, max_features, min_samples_leaf, min_weight_leaf, random_state, presort)`, in its older forms too.
pub fn splitter(scene: &mut Scene<'_>, args: Value) -> Result<Made, Misuse> {
    const CRITERION: Form = Form::Object(&[Shape::Criterion]);
    const RANDOM: Form = Form::Object(&[Shape::RandomState, Shape::LegacyRandomState]);
    const OLD: &[Form] = &[CRITERION, Form::Whole, Form::Whole, RANDOM];
    const WEIGHED: &[Form] = &[CRITERION, Form::Whole, Form::Whole, Form::Float, RANDOM];
    const SORTED: &[Form] = &[CRITERION, Form::Whole, Form::Whole, Form::Float, RANDOM, Form::Bool];
    arguments_of(scene, args, &[OLD, WEIGHED, SORTED], SPLITTER)?;
    small(scene, args, SPLITTER)?;
    Ok(Made::Object(scene.name))
}

const CRITERION: &str =
    "an honest file calls it with a number of outputs, and of samples or an array of numbers of classes";

/// `MSE(n_outputs)`, `MSE(n_outputs, n_samples)`, `Gini(n_outputs, n_classes)`.
pub fn criterion(scene: &mut Scene<'_>, args: Value) -> Result<Made, Misuse> {
    arguments_of(scene, args, &[&[Form::Whole], &[Form::Whole, Form::Whole], &[Form::Whole, Form::Array]], CRITERION)?;
    small(scene, args, CRITERION)?;
    let items = scene.heap.as_tuple(args).and_then(|items| items.exactly::<2>());
    if let Some([outputs, classes]) = items
        && let Some(array) = scene.heap.as_array(classes)
        && scene.heap.view(outputs).int() != i64::try_from(array.len()).ok()
    {
        return Err(Misuse::act("it has not one number of classes an output", CRITERION));
    }
    Ok(Made::Object(scene.name))
}

fn small(scene: &Scene<'_>, args: Value, honest: &'static str) -> Result<(), Misuse> {
    let mut numbers = scene.heap.as_tuple(args).into_iter().flatten().filter_map(|item| scene.heap.view(item).int());
    if numbers.all(|number| (0..=LARGEST).contains(&number)) {
        return Ok(());
    }
    Err(Misuse::act("a count is larger than any", honest))
}

/// The state of both, which is empty.
pub fn empty_state(scene: &mut Scene<'_>, state: Value) -> Result<Built, Misuse> {
    if !matches!(scene.heap.view(state), View::Dict(pairs) if pairs.len() == 0) {
        return Err(Misuse::act("its state is not empty", SPLITTER));
    }
    scene.settle(state, Functions::Refused)?;
    Ok(Built::State)
}
