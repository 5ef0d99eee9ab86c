//! Forests of trees (`sklearn/ensemble/_forest.py`): what each tree answers is added up in the order of the trees, and
//! divided by their number. scikit-learn does so too unless `n_jobs` makes it add in whichever order threads end.

use super::answer::Answer;
use super::build::{Allowance, shown};
use super::error::{Fault, RunError};
use super::matrix::{Matrix, Missing};
use super::needs;
use super::state::{Flaw, State, Version, kind, no};
use super::table::{CLASSES, Target, class_of};
use super::tree::{Leaves, Nodes, Outputs, Tree, TreeFacts, classes, features, inside, read_classes};
use crate::graph::{Object, ObjectId, View};
use crate::model::Method;
use std::collections::HashSet;

/// Rows that go through all trees before the next ones do.
const BLOCK: usize = 2048;

/// A forest.
#[derive(Debug, Clone)]
pub(crate) struct Forest {
    trees: Vec<(Nodes, Leaves)>,
    outputs: Outputs,
    target: Target,
    missing: Missing,
}

/// The trees of a forest: each an object of its own, of the class that the forest is made of.
fn members<'h>(state: &State<'h>, member: &'static str) -> Result<Vec<&'h Object>, Flaw> {
    let heap = state.heap;
    let value = state.needed("estimators_")?;
    let View::List(items) = heap.view(value) else {
        return Err(no("estimators_", &heap.view(value), "a list").into());
    };
    if items.is_empty() {
        return Err(Fault::Empty("estimators_").into());
    }
    state.work.spend(items.len() as u64)?;
    let mut seen: HashSet<ObjectId> = HashSet::new();
    let mut trees = Vec::with_capacity(items.len());
    for (index, item) in items.enumerate() {
        let attribute = || format!("estimators_[{index}]");
        let View::Object(id, tree) = heap.view(item) else {
            return Err(kind(&attribute(), &heap.view(item), member));
        };
        let known = heap.get_name(tree.name).and_then(class_of);
        if known.is_none_or(|known| known.qualname != member) {
            return Err(Fault::Class { attribute: attribute(), found: shown(heap, tree), wanted: member }.into());
        }
        if !seen.insert(id) {
            return Err(Fault::Shared(attribute()).into());
        }
        trees.push(tree);
    }
    Ok(trees)
}

/// Whether a forest was fitted. One of 0.18 has a list without trees from the beginning.
pub(super) fn is_fitted(state: &State<'_>) -> bool {
    let none_yet = matches!(state.view("estimators_"), Some(View::List(items)) if items.is_empty());
    state.fitted("estimators_") && (!none_yet || state.fitted("n_outputs_"))
}

/// The number of features that the first tree takes; `None` if it was never fitted.
pub(super) fn width(state: &State<'_>, member: &'static str) -> Result<Option<u64>, Flaw> {
    if !is_fitted(state) {
        return Ok(None);
    }
    let Some(tree) = members(state, member)?.into_iter().next() else { return Ok(None) };
    let own = State::of(state.heap, tree, state.work)?;
    Ok(Some(inside(&own)?.1.n_features))
}

/// Checks a forest against its trees. Returns `false` when it was never fitted.
pub(super) fn check(state: &State<'_>, target: Target, member: &'static str) -> Result<bool, Flaw> {
    if !is_fitted(state) {
        return Ok(false);
    }
    let heap = state.heap;
    let mut first: Option<TreeFacts> = None;
    for (index, tree) in members(state, member)?.into_iter().enumerate() {
        let own = State::of(heap, tree, state.work)?;
        let facts = match inside(&own) {
            Ok((_, facts)) => facts,
            Err(flaw @ Flaw::Unknown(_)) => return Err(flaw),
            Err(flaw) if !own.fitted("tree_") => return Err(flaw.inside(format!("estimators_[{index}]"))),
            // What is wrong with a tree itself is said where the tree is checked.
            Err(_) => continue,
        };
        let Some(wanted) = &first else {
            first = Some(facts);
            continue;
        };
        let found = i64::try_from(facts.n_features).unwrap_or(i64::MAX);
        if facts.n_features != wanted.n_features {
            let (attribute, wanted) = ("the n_features of a tree", wanted.n_features);
            return Err(Fault::Differs { attribute, found, other: "the first tree", wanted }.into());
        }
        if facts.n_classes != wanted.n_classes {
            let (found, wanted) = (facts.n_classes, wanted.n_classes.clone());
            return Err(Fault::Shape { attribute: "n_classes", found, wanted }.into());
        }
    }
    let Some(facts) = first else { return Ok(true) };
    features(state, "the trees", facts.n_features)?;
    state.agrees("n_outputs_", "the trees", facts.outputs())?;
    classes(state, target, "the trees", &facts.n_classes)?;
    Ok(true)
}

impl Forest {
    /// Builds a forest; `None` if it was never fitted.
    pub fn build(
        state: &State<'_>,
        target: Target,
        member: &'static str,
        allowance: &mut Allowance,
    ) -> Result<Option<Forest>, Flaw> {
        if !check(state, target, member)? {
            return Ok(None);
        }
        let heap = state.heap;
        let known = CLASSES.iter().find(|class| class.qualname == member);
        let class = known.ok_or_else(|| Flaw::Unknown(format!("{member} is not in the table")))?;
        let mut trees = Vec::new();
        let mut first = None;
        for (index, tree) in members(state, member)?.into_iter().enumerate() {
            let place = || format!("estimators_[{index}]");
            let own = State::of(heap, tree, state.work)?;
            allowance.step()?;
            let built = Tree::build(&own, class, target, allowance).map_err(|flaw| flaw.inside(place()))?;
            needs::refuse(&own, class).map_err(|flaw| flaw.inside(place()))?;
            let built = built.ok_or_else(|| Flaw::from(Fault::Missing("tree_")).inside(place()))?;
            let Tree { nodes, leaves, shares, missing, .. } = built;
            first.get_or_insert((missing, tree));
            trees.push((nodes, shares.unwrap_or(leaves)));
        }
        let (missing, tree) = first.ok_or(Fault::Empty("estimators_"))?;
        let own = State::of(heap, tree, state.work)?;
        let (_, facts) = inside(&own)?;
        let labels = match target {
            Target::Labels => Some(read_classes(state, facts.n_classes.len())?),
            Target::Values => None,
        };
        // Forests take missing values since 1.4, when their first tree does.
        let new = state.version().is_some_and(|version| version >= Version(1, 4));
        let missing = if new { missing } else { Missing::Refused };
        Ok(Some(Forest { trees, outputs: Outputs::new(&facts, labels), target, missing }))
    }

    /// Methods of the estimator.
    pub fn methods(&self) -> &'static [Method] {
        match self.target {
            Target::Labels => &[Method::Predict, Method::PredictProba],
            Target::Values => &[Method::Predict],
        }
    }

    /// Answers rows.
    pub fn run(&self, method: Method, rows: &Matrix, who: &str) -> Result<Answer, RunError> {
        let singles = rows.singles(self.missing, who)?;
        let width = rows.columns();
        let stride = self.trees.first().map_or(1, |(_, leaves)| leaves.stride).max(1);
        let mut sums = vec![0.0f64; rows.len().saturating_mul(stride)];
        let mut ends = vec![0u32; BLOCK.min(rows.len())];
        let blocks = singles.chunks(BLOCK.saturating_mul(width)).zip(sums.chunks_mut(BLOCK.saturating_mul(stride)));
        for (rows, sums) in blocks {
            for (nodes, leaves) in &self.trees {
                nodes.apply(rows, width, &mut ends);
                for (sums, leaf) in sums.chunks_exact_mut(stride).zip(&ends) {
                    for (sum, value) in sums.iter_mut().zip(leaves.at(*leaf)) {
                        *sum += value;
                    }
                }
            }
        }
        let count = self.trees.len() as f64;
        sums.iter_mut().for_each(|sum| *sum /= count);
        let means = sums.chunks_exact(stride);
        let data = match (method, self.target) {
            (Method::PredictProba, _) => self.outputs.probabilities(means),
            (_, Target::Labels) => self.outputs.labels(means),
            (_, Target::Values) => self.outputs.numbers(means),
        };
        Ok(Answer { method, data })
    }
}
