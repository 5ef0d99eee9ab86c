//! How often a library goes through the members of an estimator, where it shares them.
//!
//! A kernel `k + k`, of which each is such a sum of the one below, is 20 kB of a file with 26 levels, and a hundred million
//! kernels to whoever calls it (`sklearn/gaussian_process/kernels.py`, `Sum.__call__`); so is a `VotingRegressor` of
//! one regressor twice. `clone` and `repr` do the same with lists in lists. Each value is worked out once.

use super::place::{Down, children};
use crate::graph::{Heap, Object, ObjectId, Value, View};
use std::collections::HashMap;

/// Members beyond four times those that are there, each as often as something leads to it. What a library goes through more often than
/// this takes it seconds.
const MEMBERS: u64 = 20_000;
/// Containers, likewise.
const CONTAINERS: u64 = 1_000_000;

/// Attributes in which a search keeps its candidates: thousands of them share the estimators of its grid, and no method goes through them.
const CANDIDATES: [&str; 2] = ["cv_results_", "grid_scores_"];
/// Nodes of trees that lead to one another in circles (`sklearn/cluster/_birch.py`).
const CHAINED: [&str; 2] = ["_CFNode", "_CFSubcluster"];
/// The module of what says which arguments a method asks for; since scikit-learn 1.9 it has the object whose method it is.
const REQUESTS: &str = "sklearn.utils._metadata_requests";

/// An object that leads far more often to members or containers than there are of them.
pub(super) fn entangled(heap: &Heap) -> Option<ObjectId> {
    let members = || (0u64..).map(ObjectId).zip(heap.objects()).filter(|(_, object)| is_member(heap, object));
    let mut sizes = Sizes { heap, known: HashMap::new() };
    let found: Vec<(ObjectId, Size)> = members().map(|(id, object)| (id, sizes.of_object(object))).collect();
    let there = |count: usize| (count as u64).saturating_mul(4);
    let most = Size {
        members: there(found.len()).saturating_add(MEMBERS),
        containers: there(sizes.known.len()).saturating_add(CONTAINERS),
    };
    let beyond = |size: &Size| size.members > most.members || size.containers > most.containers;
    // The least of them is the nearest to what is shared.
    let entangled = found.iter().filter(|(_, size)| beyond(size));
    entangled.min_by_key(|(_, size)| size.members.saturating_add(size.containers)).map(|(id, _)| *id)
}

/// Whether an object is an estimator of scikit-learn, or something else that one calls.
fn is_member(heap: &Heap, object: &Object) -> bool {
    let package =
        |module: &str| module.split('.').next().is_some_and(|package| matches!(package, "sklearn" | "imblearn"));
    heap.get_name(object.name).is_some_and(|name| package(&name.module) && !CHAINED.contains(&&*name.qualname))
}

/// Whether an attribute keeps the candidates of a search.
fn is_candidates(heap: &Heap, attribute: Value) -> bool {
    CANDIDATES.iter().any(|name| heap.is_text(attribute, name))
}

/// Whether a value may lead to others.
fn leads_on(heap: &Heap, value: Value) -> bool {
    matches!(heap.view(value), View::Object(..) | View::List(_) | View::Tuple(_) | View::Dict(_) | View::Array(_))
}

/// What a value is, and leads to by all ways.
#[derive(Debug, Clone, Copy, Default)]
struct Size {
    members: u64,
    containers: u64,
}

impl Size {
    fn and(self, other: Size) -> Size {
        Size {
            members: self.members.saturating_add(other.members),
            containers: self.containers.saturating_add(other.containers),
        }
    }
}

/// The sizes of values.
struct Sizes<'h> {
    heap: &'h Heap,
    /// `None` while what stands below is looked at.
    known: HashMap<Value, Option<Size>>,
}

impl Sizes<'_> {
    /// The size of all that an object leads to.
    fn of_object(&mut self, object: &Object) -> Size {
        let heap = self.heap;
        let attributes = heap.as_dict(object.state);
        let state = attributes.is_none().then_some(object.state);
        let kept = attributes.into_iter().flatten().filter(|(key, _)| !is_candidates(heap, *key));
        let parts: Vec<Value> = kept.map(|(_, value)| value).chain(state).chain([object.args, object.items]).collect();
        parts.into_iter().filter(|part| leads_on(heap, *part)).fold(Size::default(), |all, part| all.and(self.of(part)))
    }

    fn of(&mut self, top: Value) -> Size {
        let mut waiting = vec![top];
        while let Some(value) = waiting.last().copied() {
            if matches!(self.known.get(&value), Some(Some(_))) {
                waiting.pop();
                continue;
            }
            self.known.insert(value, None);
            let before = waiting.len();
            let mut size = self.own(value);
            if !self.is_owned(value) {
                children(self.heap, value, &mut |child, down| {
                    if self.is_last(child) {
                        size = size.and(Size { members: 0, containers: 1 });
                    } else if leads_on(self.heap, child)
                        && !matches!(down, Down::Attribute(key) if is_candidates(self.heap, key))
                    {
                        match self.known.get(&child) {
                            Some(below) => size = size.and(below.unwrap_or_else(|| self.again(child))),
                            None => waiting.push(child),
                        }
                    }
                });
            }
            // Else what was pushed comes first, and then this value again.
            if waiting.len() == before {
                self.known.insert(value, Some(size));
                waiting.pop();
            }
        }
        self.known.get(&top).copied().flatten().unwrap_or_default()
    }

    /// The size of a value without what it leads to.
    fn own(&self, value: Value) -> Size {
        let member = self.heap.as_object(value).is_some_and(|(_, object)| is_member(self.heap, object));
        Size { members: member.into(), containers: 1 }
    }

    /// What leads back to a value counts for: nothing where that is an object that no library goes through, or else more than there may be,
    /// for who goes through one may come round by other ways.
    fn again(&self, value: Value) -> Size {
        let object = self.heap.as_object(value);
        if object.is_some_and(|(_, object)| !is_member(self.heap, object) && object.items == Value::NONE) {
            return Size::default();
        }
        Size { members: u64::MAX, containers: 0 }
    }

    /// Whether a value leads back to its owner, and nobody goes there: a method that an object keeps of itself, made by `getattr` or by
    /// cloudpickle, or what says which arguments a method asks for.
    fn is_owned(&self, value: Value) -> bool {
        let name = self.heap.as_object(value).and_then(|(_, object)| self.heap.get_name(object.name));
        name.is_some_and(|name| matches!(&*name.qualname, "getattr" | "_builtin_type") || *name.module == *REQUESTS)
    }

    /// Whether a value is a container of few others that lead nowhere, as there are many of: it is not remembered.
    fn is_last(&self, value: Value) -> bool {
        const FEW: usize = 8;
        let mut items = match self.heap.view(value) {
            View::List(items) | View::Tuple(items) => items,
            View::Dict(pairs) => pairs.items(),
            _ => return false,
        };
        items.len() <= FEW && items.all(|item| !leads_on(self.heap, item))
    }
}
