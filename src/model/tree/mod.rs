//! Decision trees: the structure inside them (`sklearn/tree/_tree.pyx`, `Tree`) and the estimators around it
//! (`sklearn/tree/_classes.py`).
//!
//! What is handed on: the nodes are a tree whose walks end, every split is on a feature that there is, and every leaf has
//! as many values as the estimator has outputs and classes.

mod check;
mod estimator;
mod nodes;

pub(super) use check::{TreeFacts, check_estimator, check_tree, classes, features, inside, read_classes};
pub(super) use estimator::{Outputs, Tree};
pub(super) use nodes::{Leaves, Nodes};
