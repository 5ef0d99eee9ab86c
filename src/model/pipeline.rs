//! Pipelines (`sklearn/pipeline.py`): steps that hand rows on, taken apart into one flat list.

use super::build::{Allowance, placed};
use super::error::{BuildError, Fault};
use super::state::{Flaw, State, Work, kind};
use super::structure::width;
use super::table::{Family, class_of};
use crate::graph::{Heap, Object, Value, View};
use crate::reason::escape_bytes;

/// One step of a pipeline.
pub(super) struct Step<'h> {
    /// Where it stands in its pipeline, such as `steps[0] "scale"`.
    pub place: String,
    /// The estimator; none when rows pass as they are.
    pub estimator: Option<&'h Object>,
}

/// The steps of a pipeline: pairs of a name, and an estimator, `passthrough` or `None`.
pub(super) fn steps<'h>(state: &State<'h>) -> Result<Vec<Step<'h>>, Flaw> {
    let heap = state.heap;
    let value = state.needed("steps")?;
    let View::List(items) = heap.view(value) else {
        return Err(kind("steps", &heap.view(value), "a list"));
    };
    if items.is_empty() {
        return Err(Fault::Empty("steps").into());
    }
    state.work.spend(items.len() as u64)?;
    items.enumerate().map(|(index, item)| step(heap, index, item)).collect()
}

fn step<'h>(heap: &'h Heap, index: usize, item: Value) -> Result<Step<'h>, Flaw> {
    let attribute = format!("steps[{index}]");
    let pair = match heap.view(item) {
        View::Tuple(pair) | View::List(pair) => pair.exactly(),
        _ => None,
    };
    let [name, estimator] = pair.ok_or_else(|| kind(&attribute, &heap.view(item), "a pair"))?;
    let View::Text(name) = heap.view(name) else {
        return Err(kind(&attribute, &heap.view(name), "a pair that begins with a name"));
    };
    let place = format!("{attribute} \"{}\"", escape_bytes(name.bytes()).replace('"', "\\\""));
    match heap.view(estimator) {
        View::None => Ok(Step { place, estimator: None }),
        View::Text(text) if text.is("passthrough") => Ok(Step { place, estimator: None }),
        View::Object(_, object) => Ok(Step { place, estimator: Some(object) }),
        view => Err(kind(&place, &view, "an estimator")),
    }
}

/// Checks a pipeline: its form, and that typed steps which stand side by side agree on the number of features.
pub(super) fn check(state: &State<'_>) -> Result<bool, Flaw> {
    let heap = state.heap;
    let mut gives: Option<u64> = None;
    for step in steps(state)? {
        let Some(object) = step.estimator else { continue };
        let Some(class) = heap.get_name(object.name).and_then(class_of) else {
            gives = None;
            continue;
        };
        // What is wrong with a step itself is said where the step is checked.
        let own = State::of(heap, object, state.work)?;
        let Ok(takes) = width(&own, class) else { return Ok(true) };
        if let (Some(wanted), Some(found)) = (gives, takes.filter(|takes| Some(*takes) != gives)) {
            let found = i64::try_from(found).unwrap_or(i64::MAX);
            let fault = Fault::Differs { attribute: "n_features_in_", found, other: "the step before it", wanted };
            return Err(Flaw::from(fault).inside(step.place));
        }
        gives = if class.family == Family::StandardScaler { takes.or(gives) } else { None };
    }
    Ok(true)
}

/// A part of a model: where it stands, and its estimator; none where rows pass as they are.
pub(super) type Part<'h> = (String, Option<&'h Object>);

/// The estimators of a model in the order in which rows pass them: pipelines are replaced by their steps.
pub(super) fn flatten<'h>(
    heap: &'h Heap,
    top: &'h Object,
    work: &'h Work,
    allowance: &mut Allowance,
) -> Result<Vec<Part<'h>>, BuildError> {
    let mut flat = Vec::new();
    let mut todo: Vec<Part<'h>> = vec![(String::new(), Some(top))];
    while let Some((place, object)) = todo.pop() {
        let wrong = |flaw| placed(flaw, &place, heap, object);
        allowance.step().map_err(|fault| wrong(fault.into()))?;
        let class = object.and_then(|object| heap.get_name(object.name)).and_then(class_of);
        let Some(object) = object.filter(|_| class.is_some_and(|class| class.family == Family::Pipeline)) else {
            flat.push((place.clone(), object));
            continue;
        };
        let inner = State::of(heap, object, work).and_then(|state| steps(&state)).map_err(wrong)?;
        let dot = if place.is_empty() { "" } else { "." };
        let prefix = place.get(..place.len().min(400)).unwrap_or_default();
        todo.extend(inner.into_iter().rev().map(|step| (format!("{prefix}{dot}{}", step.place), step.estimator)));
    }
    Ok(flat)
}
