//! How often a library goes through the members of an estimator, where it shares them.
//!
//! A kernel `k + k`, of which each is such a sum of the one below, is 20 kB of a file with 26 levels, and a hundred million
//! kernels to whoever calls it (`sklearn/gaussian_process/kernels.py`, `Sum.__call__`); so is a `VotingRegressor` of
//! one regressor twice. Each object is worked out once.

use super::place::children;
use crate::graph::{Heap, Object, ObjectId, Value, View};
use std::collections::HashMap;

/// Members beyond four times those that are there, each as often as something leads to it. Honest searches keep thousands of candidates
/// that share an estimator; what a library goes through more often than this takes it seconds.
const SHARED: u64 = 200_000;

/// The first object that leads far more often to members than there are of them.
pub(super) fn entangled(heap: &Heap) -> Option<ObjectId> {
    let members = || (0u64..).map(ObjectId).zip(heap.objects()).filter(|(_, object)| is_member(heap, object));
    let count = members().count() as u64;
    if count < 2 {
        return None;
    }
    let most = count.saturating_mul(4).saturating_add(SHARED);
    let mut sizes = Sizes { heap, known: HashMap::new() };
    let mut size = |object: &Object| {
        [object.state, object.args, object.items].into_iter().fold(0u64, |all, part| all.saturating_add(sizes.of(part)))
    };
    members().find(|(_, object)| size(object) > most).map(|(id, _)| id)
}

/// Whether an object is an estimator of scikit-learn, or something else that one calls. Nodes of its own trees, whose classes are not
/// public, lead to one another in chains.
fn is_member(heap: &Heap, object: &Object) -> bool {
    let package =
        |module: &str| module.split('.').next().is_some_and(|package| matches!(package, "sklearn" | "imblearn"));
    heap.get_name(object.name).is_some_and(|name| package(&name.module) && !name.qualname.starts_with('_'))
}

/// How many members each value is or leads to, by all ways.
struct Sizes<'h> {
    heap: &'h Heap,
    /// `None` while what stands below is looked at: what leads back to it ends in an error.
    known: HashMap<Value, Option<u64>>,
}

impl Sizes<'_> {
    fn of(&mut self, top: Value) -> u64 {
        let mut waiting = vec![top];
        while let Some(value) = waiting.last().copied() {
            if matches!(self.known.get(&value), Some(Some(_))) {
                waiting.pop();
                continue;
            }
            self.known.insert(value, None);
            let before = waiting.len();
            let own = self.heap.as_object(value).is_some_and(|(_, object)| is_member(self.heap, object));
            let mut size = u64::from(own);
            children(self.heap, value, &mut |child, _| {
                if self.leads_on(child) {
                    match self.known.get(&child) {
                        Some(below) => size = size.saturating_add(below.unwrap_or(0)),
                        None => waiting.push(child),
                    }
                }
            });
            // Else what was pushed comes first, and then this value again.
            if waiting.len() == before {
                self.known.insert(value, Some(size));
                waiting.pop();
            }
        }
        self.known.get(&top).copied().flatten().unwrap_or(0)
    }

    fn leads_on(&self, value: Value) -> bool {
        let view = self.heap.view(value);
        matches!(view, View::Object(..) | View::List(_) | View::Tuple(_) | View::Dict(_) | View::Array(_))
    }
}
