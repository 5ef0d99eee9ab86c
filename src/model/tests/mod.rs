//! What must be refused, each beside an honest twin; and what versions of scikit-learn do differently.

mod linear;
mod pipelines;
mod trees;
mod unfolded;
mod whole;

use super::sample::{LEAF, Sample, Tree, split};
use super::{BuildError, ChooseError, Data, Fault, Matrix, Model, Rows, Structure, check, choose, schema, summarize};
use crate::graph::{NodeFault, Value};
use crate::model::Method;

fn rows(values: &[f64], columns: usize) -> Rows {
    Rows::numbers(Matrix::new(values.to_vec(), columns).unwrap(), None).unwrap()
}

/// The first fault, as `place: message`; it must be found by the check and by the build.
fn fault(sample: &Sample, root: Value) -> String {
    let Structure::Faults { first, .. } = check(&sample.heap, &[root]) else { panic!("nothing is wrong") };
    let Err(BuildError::Structure(_)) = Model::build(&sample.heap, root) else { panic!("it can be built") };
    format!("{}: {}", first[0].place, first[0].fault)
}

fn probabilities(sample: &Sample, root: Value, row: &[f64]) -> Vec<f64> {
    let model = Model::build(&sample.heap, root).unwrap();
    match model.run(Method::PredictProba, &rows(row, row.len())).unwrap().data {
        Data::Matrix(matrix, _) => matrix.values().to_vec(),
        other => panic!("{other:?}"),
    }
}

const TREE: &str = "sklearn.tree._classes.DecisionTreeClassifier";

const FOREST: &str = "sklearn.ensemble._forest.RandomForestClassifier";
