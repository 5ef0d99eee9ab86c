//! Linear scores, and least squares (`sklearn/linear_model/_base.py`).

use super::answer::{Answer, Data, Numbers};
use super::error::{Fault, RunError};
use super::matrix::{Matrix, Missing};
use super::numbers::{dot, floats, numeric};
use super::state::{Flaw, State, kind, shaped};
use super::tree::features;
use crate::graph::View;
use crate::model::Method;

/// `X @ coef_.T + intercept_`.
#[derive(Debug, Clone)]
pub(crate) struct Scores {
    /// One row a target.
    coefficients: Matrix,
    /// One a target.
    intercepts: Vec<f64>,
    /// Whether `coef_` has one dimension only, and so an answer is one number.
    pub flat: bool,
}

/// What the shape of `coef_` says: targets, features, and whether it has one dimension only.
pub(super) fn check_scores(state: &State<'_>) -> Result<(u64, u64, bool), Flaw> {
    let heap = state.heap;
    let coefficients = state.array("coef_")?;
    numeric(heap, "coef_", coefficients)?;
    let (targets, width, flat) = match *coefficients.shape {
        [width] => (1, width, true),
        [targets, width] => (targets, width, false),
        _ => {
            let (found, wanted) = (coefficients.shape.to_vec(), vec![1, coefficients.len()]);
            return Err(Fault::Shape { attribute: "coef_", found, wanted }.into());
        }
    };
    if targets == 0 || width == 0 {
        return Err(Fault::Empty("coef_").into());
    }
    features(state, "coef_", width)?;
    match heap.view(state.needed("intercept_")?) {
        View::Float(_) | View::Int(_) => {}
        View::Array(array) => {
            numeric(heap, "intercept_", array)?;
            let single = targets == 1 && array.shape.is_empty();
            if !single {
                shaped("intercept_", array, &[targets])?;
            }
        }
        view => return Err(kind("intercept_", &view, "a number or an array")),
    }
    Ok((targets, width, flat))
}

impl Scores {
    /// Reads coefficients that [`check_scores`] has passed.
    pub fn read(state: &State<'_>) -> Result<Scores, Flaw> {
        let (targets, width, flat) = check_scores(state)?;
        let unknown = || Flaw::Unknown("coef_ is too large".to_owned());
        let found = floats(state.heap, "coef_", state.array("coef_")?)?;
        let matrix = Matrix::new(found.values, usize::try_from(width).map_err(|_| unknown())?).ok_or_else(unknown)?;
        let coefficients = if found.single { matrix.of_singles() } else { matrix };
        let intercepts = match state.view("intercept_") {
            Some(View::Array(array)) => floats(state.heap, "intercept_", array)?.values,
            Some(View::Float(value)) => vec![value; usize::try_from(targets).map_err(|_| unknown())?],
            Some(View::Int(value)) => vec![value as f64; usize::try_from(targets).map_err(|_| unknown())?],
            _ => return Err(Fault::Missing("intercept_").into()),
        };
        Ok(Scores { coefficients, intercepts, flat })
    }

    /// Number of targets.
    pub fn targets(&self) -> usize {
        self.coefficients.len()
    }

    /// The scores of every row, one a target.
    pub fn of(&self, rows: &Matrix, who: &str) -> Result<Matrix, RunError> {
        rows.finite(Missing::Refused, who)?;
        let mut scores = Vec::with_capacity(rows.len().saturating_mul(self.targets()));
        let single = rows.is_single() && self.coefficients.is_single();
        for row in rows.rows() {
            for (coefficients, intercept) in self.coefficients.rows().zip(&self.intercepts) {
                let score = dot(row, coefficients) + intercept;
                scores.push(if single { f64::from(score as f32) } else { score });
            }
        }
        let matrix = Matrix::new(scores, self.targets().max(1)).unwrap_or_else(|| rows.clone());
        Ok(if single { matrix.of_singles() } else { matrix })
    }
}

/// Checks a linear regression. Returns `false` when it was never fitted.
pub(super) fn check(state: &State<'_>) -> Result<bool, Flaw> {
    if !state.fitted("coef_") {
        return Ok(false);
    }
    check_scores(state)?;
    Ok(true)
}

/// Least squares.
#[derive(Debug, Clone)]
pub(crate) struct LinearRegression(Scores);

impl LinearRegression {
    /// Builds a linear regression; `None` if it was never fitted.
    pub fn build(state: &State<'_>) -> Result<Option<LinearRegression>, Flaw> {
        if !check(state)? {
            return Ok(None);
        }
        Ok(Some(LinearRegression(Scores::read(state)?)))
    }

    /// Answers rows.
    pub fn run(&self, method: Method, rows: &Matrix, who: &str) -> Result<Answer, RunError> {
        let scores = self.0.of(rows, who)?;
        let data = if self.0.flat {
            Data::Numbers(Numbers { values: scores.values().to_vec(), single: scores.is_single() })
        } else {
            let names = (0..self.0.targets()).map(|index| index.to_string()).collect();
            Data::Matrix(scores, names)
        };
        Ok(Answer { method, data })
    }
}
