//! Pipelines (`sklearn/pipeline.py`): steps that hand rows on, taken apart into one flat list.
//!
//! scikit-learn walks them by recursion, and a step that stands in several places once for each. So none may hold itself, and
//! all places together are in proportion to the file.

use super::build::{Allowance, placed};
use super::error::{BuildError, Fault};
use super::state::{Flaw, State, Work, kind};
use super::structure::width;
use super::table::{Family, class_of};
use crate::graph::{Heap, Object, ObjectId, Value, View};
use crate::reason::escape_bytes;
use std::collections::HashMap;

/// One step of a pipeline.
pub(super) struct Step<'h> {
    /// Where it stands in its pipeline, such as `steps[0] "scale"`.
    pub place: String,
    /// The estimator; none when rows pass as they are.
    pub estimator: Option<(ObjectId, &'h Object)>,
}

/// The steps of a pipeline: pairs of a name, and an estimator, `passthrough` or `None`.
pub(super) fn steps<'h>(state: &State<'h>) -> Result<Vec<Step<'h>>, Flaw> {
    let heap = state.heap;
    let value = state.needed("steps")?;
    // Until it is fitted a pipeline has what it was given; then it makes a list of it.
    let items = heap.as_items(value).ok_or_else(|| kind("steps", &heap.view(value), "a list"))?;
    if items.is_empty() {
        return Err(Fault::Empty("steps").into());
    }
    state.work.spend(items.len() as u64)?;
    items.enumerate().map(|(index, item)| step(heap, index, item)).collect()
}

fn step<'h>(heap: &'h Heap, index: usize, item: Value) -> Result<Step<'h>, Flaw> {
    let attribute = format!("steps[{index}]");
    let pair = heap.as_items(item).and_then(|pair| pair.exactly());
    let [name, estimator] = pair.ok_or_else(|| kind(&attribute, &heap.view(item), "a pair"))?;
    let View::Text(name) = heap.view(name) else {
        return Err(kind(&attribute, &heap.view(name), "a pair that begins with a name"));
    };
    let place = format!("{attribute} \"{}\"", escape_bytes(name.bytes()).replace('"', "\\\""));
    match heap.view(estimator) {
        View::None => Ok(Step { place, estimator: None }),
        View::Text(text) if text.is("passthrough") => Ok(Step { place, estimator: None }),
        View::Object(id, object) => Ok(Step { place, estimator: Some((id, object)) }),
        view => Err(kind(&place, &view, "an estimator")),
    }
}

/// What stands below a pipeline, counted as scikit-learn meets it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Extent {
    /// Steps and pipelines, each as often as it is met.
    steps: u64,
    /// Pipelines inside one another.
    depth: u64,
}

/// Steps that shared parts may make of a file that holds few, and pipelines that may stand in one another: far more than
/// anyone writes; CPython ends the recursion at 1000.
const STEPS: u64 = 10_000;
const DEEP: u64 = 100;

/// The extents of the pipelines of a file, each worked out once.
#[derive(Debug)]
pub(super) struct Extents {
    most: u64,
    /// `None` while what stands below is being looked at: to meet it again then is to meet it inside itself.
    known: HashMap<ObjectId, Option<Extent>>,
}

impl Extents {
    /// Nothing is known yet of the pipelines of this file.
    pub fn new(heap: &Heap) -> Extents {
        let objects = heap.objects().count() as u64;
        Extents { most: objects.saturating_mul(4).saturating_add(STEPS), known: HashMap::new() }
    }

    /// Checks that a pipeline does not hold itself, and is not made far larger than the file by steps that it shares.
    pub fn check(&mut self, heap: &Heap, top: ObjectId, work: &Work) -> Result<(), Flaw> {
        let mut todo = vec![top];
        while let Some(id) = todo.last().copied() {
            if matches!(self.known.get(&id), Some(Some(_))) {
                todo.pop();
                continue;
            }
            self.known.insert(id, None);
            let mut extent = Extent { steps: 1, depth: 1 };
            let before = todo.len();
            for inner in inside(heap, id, work) {
                match inner.map(|inner| (inner, self.known.get(&inner).copied())) {
                    None => extent.steps = extent.steps.saturating_add(1),
                    Some((_, Some(Some(below)))) => {
                        extent.steps = extent.steps.saturating_add(below.steps);
                        extent.depth = extent.depth.max(below.depth.saturating_add(1));
                    }
                    Some((_, Some(None))) => return Err(Fault::Entangled.into()),
                    Some((inner, None)) => todo.push(inner),
                }
            }
            // Else those that were pushed come first, and then this one again.
            if todo.len() == before {
                self.known.insert(id, Some(extent));
                todo.pop();
            }
        }
        let Some(Some(extent)) = self.known.get(&top) else { return Ok(()) };
        if extent.steps > self.most {
            return Err(Fault::Entangled.into());
        }
        if extent.depth > DEEP {
            return Err(Flaw::Unknown(format!("{} pipelines stand in one another", extent.depth)));
        }
        Ok(())
    }
}

/// The steps of a pipeline: `None` for one that is no pipeline itself. Steps that can not be read are said elsewhere.
fn inside(heap: &Heap, id: ObjectId, work: &Work) -> Vec<Option<ObjectId>> {
    let steps = heap.get_object(id).and_then(|object| {
        let state = State::of(heap, object, work).ok()?;
        steps(&state).ok()
    });
    let inner = |step: Step<'_>| {
        let (id, object) = step.estimator?;
        let class = heap.get_name(object.name).and_then(class_of)?;
        (class.family == Family::Pipeline).then_some(id)
    };
    steps.into_iter().flatten().map(inner).collect()
}

/// Checks a pipeline: its form, and that typed steps which stand side by side agree on the number of features.
pub(super) fn check(state: &State<'_>) -> Result<bool, Flaw> {
    let heap = state.heap;
    let mut gives: Option<u64> = None;
    for step in steps(state)? {
        let Some((_, object)) = step.estimator else { continue };
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
        let inner = State::of(heap, object, work).map_err(Flaw::from).and_then(|state| steps(&state)).map_err(wrong)?;
        let dot = if place.is_empty() { "" } else { "." };
        let prefix = place.get(..place.len().min(400)).unwrap_or_default();
        todo.extend(
            inner
                .into_iter()
                .rev()
                .map(|step| (format!("{prefix}{dot}{}", step.place), step.estimator.map(|(_, object)| object))),
        );
    }
    Ok(flat)
}
