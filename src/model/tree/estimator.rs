//! A single tree that answers rows (`sklearn/tree/_classes.py`).

use super::check::{Classes, TreeFacts, check_estimator, check_tree, inside, read_classes};
use super::nodes::{Leaves, Nodes, pack};
use crate::graph::Object;
use crate::model::Method;
use crate::model::answer::{Answer, Data, Numbers, Picks};
use crate::model::build::Allowance;
use crate::model::error::RunError;
use crate::model::labels::Label;
use crate::model::matrix::{Matrix, Missing};
use crate::model::numbers::{argmax, pairwise_sum};
use crate::model::state::{Flaw, State, Version};
use crate::model::table::{Class, Target};
use std::sync::Arc;

/// A tree estimator.
#[derive(Debug, Clone)]
pub(crate) struct Tree {
    pub nodes: Nodes,
    /// The values of the leaves as the file has them.
    pub leaves: Leaves,
    pub outputs: Outputs,
    /// What `predict_proba` answers for each leaf, where that is not its values as they are.
    pub shares: Option<Leaves>,
    pub missing: Missing,
}

/// Which values of a leaf belong to which output.
#[derive(Debug, Clone)]
pub(crate) struct Outputs {
    /// Classes of each output; 1 for a regressor.
    n_classes: Vec<usize>,
    widest: usize,
    /// The labels of a classifier.
    classes: Option<Vec<Arc<crate::model::Labels>>>,
}

impl Outputs {
    /// The outputs of trees, and the labels of the estimator that answers.
    pub fn new(facts: &TreeFacts, classes: Option<Classes>) -> Outputs {
        let size = |count: &u64| usize::try_from(*count).unwrap_or(usize::MAX);
        let n_classes: Vec<usize> = facts.n_classes.iter().map(size).collect();
        let widest = n_classes.iter().copied().max().unwrap_or(1);
        Outputs { n_classes, widest, classes: classes.map(|all| all.into_iter().map(Arc::new).collect()) }
    }

    /// Number of outputs.
    pub fn len(&self) -> usize {
        self.n_classes.len()
    }

    /// The part of a leaf's values that belongs to each output.
    pub fn split<'v>(&self, values: &'v [f64]) -> impl Iterator<Item = &'v [f64]> {
        let parts = values.chunks(self.widest.max(1)).zip(self.n_classes.clone());
        parts.map(|(part, count)| part.get(..count).unwrap_or(part))
    }

    /// The counts of leaves divided by their sum in each output.
    fn shares(&self, counts: &Leaves) -> Leaves {
        let mut shares = counts.clone();
        let parts = shares.values.chunks_mut(self.widest.max(1)).zip(self.n_classes.iter().cycle());
        for (part, count) in parts {
            let Some(part) = part.get_mut(..*count) else { continue };
            let sum = pairwise_sum(part);
            let sum = if sum == 0.0 { 1.0 } else { sum };
            for value in part {
                *value /= sum;
            }
        }
        shares
    }

    /// The most likely class of each output, for rows of values.
    pub fn labels<'v>(&self, rows: impl Iterator<Item = &'v [f64]>) -> Data {
        let mut picks: Vec<Vec<u32>> = vec![Vec::new(); self.len()];
        for row in rows {
            for (picks, values) in picks.iter_mut().zip(self.split(row)) {
                picks.push(argmax(values));
            }
        }
        let classes = self.classes.clone().unwrap_or_default();
        Data::Labels(picks.into_iter().zip(classes).map(|(rows, labels)| Picks { labels, rows }).collect())
    }

    /// The values of each row as they are: the answer of a regressor.
    pub fn numbers<'v>(&self, rows: impl Iterator<Item = &'v [f64]>) -> Data {
        let values: Vec<f64> = rows.flatten().copied().collect();
        match (self.len(), Matrix::new(values, self.len())) {
            (2.., Some(matrix)) => Data::Matrix(matrix, (0..self.len()).map(|index| index.to_string()).collect()),
            (_, matrix) => {
                let values = matrix.map(|matrix| matrix.values().to_vec()).unwrap_or_default();
                Data::Numbers(Numbers { values, single: false })
            }
        }
    }

    /// The probabilities of each row, a table for each output.
    pub fn probabilities<'v>(&self, rows: impl Iterator<Item = &'v [f64]>) -> Data {
        let mut tables: Vec<Vec<f64>> = vec![Vec::new(); self.len()];
        for row in rows {
            for (table, values) in tables.iter_mut().zip(self.split(row)) {
                table.extend_from_slice(values);
            }
        }
        let classes = self.classes.iter().flatten();
        let tables = tables.into_iter().zip(&self.n_classes).zip(classes);
        let mut all: Vec<_> = tables
            .filter_map(|((table, count), labels)| {
                Some((Matrix::new(table, *count)?, labels.items.iter().map(Label::text).collect()))
            })
            .collect();
        match (all.len(), all.pop()) {
            (1, Some((matrix, names))) => Data::Matrix(matrix, names),
            (_, last) => {
                all.extend(last);
                Data::Matrices(all)
            }
        }
    }
}

impl Tree {
    /// Builds a tree estimator; `None` if it was never fitted.
    pub fn build(
        state: &State<'_>,
        class: &Class,
        target: Target,
        allowance: &mut Allowance,
    ) -> Result<Option<Tree>, Flaw> {
        if !check_estimator(state, target)? {
            return Ok(None);
        }
        let (tree, facts) = inside(state)?;
        let packed = Self::pack(state, tree, &facts, allowance);
        let (nodes, leaves) = packed.map_err(|flaw| flaw.inside("tree_"))?;
        let classes = match target {
            Target::Labels => Some(read_classes(state, facts.n_classes.len())?),
            Target::Values => None,
        };
        let version = state.version();
        // Counts were kept to 1.3 and divided by their sum; shares are kept, and nothing is divided, since 1.4.
        let old = version.map_or(state.get("monotonic_cst").is_none(), |version| version < Version(1, 4));
        let outputs = Outputs::new(&facts, classes);
        let shares = (old && target == Target::Labels).then(|| outputs.shares(&leaves));
        Ok(Some(Tree { nodes, leaves, shares, outputs, missing: missing(state, class, target) }))
    }

    fn pack(
        state: &State<'_>,
        tree: &Object,
        facts: &TreeFacts,
        allowance: &mut Allowance,
    ) -> Result<(Nodes, Leaves), Flaw> {
        allowance.arrays(&State::of(state.heap, tree, state.work)?, &["nodes", "values"])?;
        check_tree(state.heap, tree, state.work)?;
        pack(state.heap, tree, facts, state.work)
    }

    /// Methods of the estimator.
    pub fn methods(&self) -> &'static [Method] {
        if self.outputs.classes.is_some() { &[Method::Predict, Method::PredictProba] } else { &[Method::Predict] }
    }

    /// Answers rows.
    pub fn run(&self, method: Method, rows: &Matrix, who: &str) -> Result<Answer, RunError> {
        let singles = rows.singles(self.missing, who)?;
        let mut ends = vec![0u32; rows.len()];
        self.nodes.apply(&singles, rows.columns(), &mut ends);
        let leaves = match method {
            Method::PredictProba => self.shares.as_ref().unwrap_or(&self.leaves),
            _ => &self.leaves,
        };
        let values = ends.iter().map(|leaf| leaves.at(*leaf));
        let data = match (method, &self.outputs.classes) {
            (Method::PredictProba, _) => self.outputs.probabilities(values),
            (_, Some(_)) => self.outputs.labels(values),
            (_, None) => self.outputs.numbers(values),
        };
        Ok(Answer { method, data })
    }
}

/// Whether a tree takes missing values: `_support_missing_values` of the version that saved it.
fn missing(state: &State<'_>, class: &Class, target: Target) -> Missing {
    let Some(version) = state.version().filter(|version| *version >= Version(1, 3)) else { return Missing::Refused };
    let extra = class.qualname.starts_with("Extra");
    let splitter = state.text("splitter").unwrap_or_default();
    let criterion = state.text("criterion").unwrap_or_default();
    let known = match target {
        Target::Labels => ["gini", "log_loss", "entropy"].contains(&criterion),
        Target::Values => ["squared_error", "friedman_mse", "poisson"].contains(&criterion),
    };
    let free = state.view("monotonic_cst").is_none_or(|view| matches!(view, crate::graph::View::None));
    let allowed = match version {
        Version(1, 3) => splitter == "best" && known,
        Version(1, 4 | 5) => splitter == "best" && known && free,
        Version(1, 6..=8) if extra => splitter == "random" && known && free,
        Version(1, 6..=8) => ["best", "random"].contains(&splitter) && known && free,
        _ if extra => splitter == "random",
        _ => true,
    };
    if allowed { Missing::Allowed } else { Missing::Refused }
}
