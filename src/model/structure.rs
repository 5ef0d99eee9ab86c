//! Whether the values of a file make valid estimators, judged without running any.
//!
//! Every object of the graph is looked at once, whether or not something refers to it; where it stands is worked out only
//! for what is wrong. Shapes and folds are enough: no large array's bytes are needed.

use super::build::shown;
use super::error::{Fault, StructureFault};
use super::pipeline::Extents;
use super::state::{Flaw, State, Work};
use super::table::{Class, Family, class_of, is_plain, is_tree};
use super::{compiled, forest, linear, logistic, needs, opened, pipeline, place, random, scaler, tree, unfolded};
use crate::graph::{BlobId, DTypeId, Heap, Name, Object, ObjectId, Value, View};

/// Most faults that are described.
const DESCRIBED: usize = 8;

/// What was found of the estimators in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Structure {
    /// The file hands out estimators, each is of a class that this build types, and each holds what it must.
    Typed,
    /// Nothing wrong was found, but not everything could be judged.
    Shapes {
        /// The first thing that could not be judged; empty when no estimator is handed out.
        because: String,
    },
    /// Nothing wrong was found so far, but these runs of bytes have to be read again, as elements of these dtypes.
    Unread(Vec<(BlobId, DTypeId)>),
    /// Something is wrong.
    Faults {
        /// The first ones.
        first: Vec<StructureFault>,
        /// How many more there are.
        more: u64,
    },
}

/// Judges every estimator of a graph.
pub fn check(heap: &Heap, roots: &[Value]) -> Structure {
    let work = Work::new(heap);
    let mut first = Vec::new();
    let (mut more, mut estimators) = (0u64, 0u64);
    let mut because = None;
    let mut extents = Extents::new(heap);
    for (id, object) in (0u64..).map(ObjectId).zip(heap.objects()) {
        if object.is_state && !matches!(heap.view(object.state), View::Object(..)) {
            continue;
        }
        let Some(name) = heap.get_name(object.name) else { continue };
        let flaw = match class_of(name) {
            Some(class) => {
                estimators = estimators.saturating_add(1);
                let checked = check_one(heap, object, class, &work);
                match class.family {
                    Family::Pipeline => checked.and_then(|_| extents.check(heap, id, &work)).err(),
                    _ => checked.err(),
                }
            }
            None if is_tree(name) => match tree::check_tree(heap, object, &work) {
                Ok(Some(_)) => None,
                Ok(None) => Some(Flaw::Unknown("a tree is more than 253 nodes deep".to_owned())),
                Err(flaw) => Some(flaw),
            },
            None if random::is_random(name) => random::check(heap, object, &work).err(),
            None if is_plain(name) => None,
            None => {
                let unknown = || Flaw::Unknown(format!("{} is not typed by this version", shown(heap, object)));
                Some(compiled::check(heap, object, name, &work).err().unwrap_or_else(unknown))
            }
        };
        match flaw {
            None => {}
            Some(flaw) if first.len() >= DESCRIBED && is_fault(&flaw) => more = more.saturating_add(1),
            Some(flaw) => {
                if let Some(fault) = unravel(flaw, &mut because, || place::place(heap, roots, id)) {
                    let entangled = fault.fault == Fault::Entangled;
                    first.push(fault);
                    if entangled {
                        break;
                    }
                }
            }
        }
    }
    if first.is_empty()
        && let Some(id) = unfolded::entangled(heap)
    {
        first.extend(unravel(Fault::Entangled.into(), &mut because, || place::place(heap, roots, id)));
    }
    if first.is_empty()
        && let Some(id) = opened::behind_another(heap, roots)
    {
        let attribute = "input".to_owned();
        let fault = Fault::Kind { attribute, found: "filename behind another step", wanted: "content" };
        first.extend(unravel(fault.into(), &mut because, || place::place(heap, roots, id)));
    }
    if !first.is_empty() {
        return Structure::Faults { first, more };
    }
    let unread = work.unread();
    if !unread.is_empty() {
        return Structure::Unread(unread);
    }
    let because = because.or_else(|| {
        let class = array_class(heap)?;
        Some(format!("an array may be a {class}, which is indexed and printed in its own way"))
    });
    match because {
        // What was made and dropped says nothing about what the file hands out.
        None if estimators > 0 && place::leads_to_estimator(heap, roots) => Structure::Typed,
        because => Structure::Shapes { because: because.unwrap_or_default() },
    }
}

/// A class of arrays that the file names beside numpy's own: `X * w` and `y[0]` are something else of a matrix.
pub(super) fn array_class(heap: &Heap) -> Option<&Name> {
    heap.names.iter().map(|(_, name)| name).find(|name| {
        let numpy = matches!(name.module.split('.').next(), Some("numpy" | "pandas"));
        numpy && matches!(&*name.qualname, "matrix" | "recarray" | "chararray" | "FrozenNDArray")
    })
}

fn is_fault(flaw: &Flaw) -> bool {
    let mut flaw = flaw;
    while let Flaw::Inside(_, inner) = flaw {
        flaw = inner;
    }
    matches!(flaw, Flaw::Fault(_))
}

/// The fault in a flaw, with its place; a flaw that is no fault is noted as what could not be judged.
fn unravel(
    mut flaw: Flaw,
    because: &mut Option<String>,
    place: impl FnOnce() -> Option<String>,
) -> Option<StructureFault> {
    let mut parts = Vec::new();
    loop {
        match flaw {
            Flaw::Inside(part, inner) => {
                parts.push(part);
                flaw = *inner;
            }
            Flaw::Unknown(what) => {
                because.get_or_insert(what);
                return None;
            }
            Flaw::Fault(fault) => {
                let own = place().unwrap_or_else(|| "an object that nothing refers to".to_owned());
                if !own.is_empty() {
                    parts.insert(0, own);
                }
                return Some(StructureFault { place: parts.join("."), fault });
            }
        }
    }
}

/// Checks one estimator. Returns `false` when it was never fitted: then there is nothing that could be wrong.
fn check_one(heap: &Heap, object: &Object, class: &Class, work: &Work) -> Result<bool, Flaw> {
    let state = State::of(heap, object, work)?;
    let fitted = match class.family {
        Family::Tree(target) => tree::check_estimator(&state, target),
        Family::Forest(target, member) => forest::check(&state, target, member),
        Family::LinearRegression => linear::check(&state),
        Family::LogisticRegression => logistic::check(&state),
        Family::StandardScaler => scaler::check(&state),
        Family::Pipeline => pipeline::check(&state),
    }?;
    needs::check(&state, class)?;
    Ok(fitted)
}

/// The number of features that an estimator takes, as its own arrays say; `None` when it takes any or was never fitted.
pub(super) fn width(state: &State<'_>, class: &Class) -> Result<Option<u64>, Flaw> {
    Ok(match class.family {
        Family::Tree(_) if state.fitted("tree_") => Some(tree::inside(state)?.1.n_features),
        Family::Forest(_, member) => forest::width(state, member)?,
        Family::LinearRegression | Family::LogisticRegression if state.fitted("coef_") => {
            Some(linear::check_scores(state)?.1)
        }
        Family::StandardScaler if state.get("scale_").is_some() => scaler::width(state)?,
        _ => None,
    })
}
