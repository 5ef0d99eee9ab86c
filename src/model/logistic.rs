//! Logistic regression (`sklearn/linear_model/_logistic.py`).

use super::answer::{Answer, Data, Numbers, Picks};
use super::error::{Fault, RunError};
use super::labels::{Label, Labels, labels};
use super::linear::{Scores, check_scores};
use super::matrix::Matrix;
use super::numbers::{argmax, pairwise_sum};
use super::state::{Flaw, State, Version, length};
use crate::model::Method;
use std::sync::Arc;

/// How scores become probabilities.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Link {
    /// A logistic function for each class; of several, divided by their sum.
    Logistic {
        /// Whether a row in which every class has probability zero gets equal ones, as since 1.9; before, it got NaN.
        even: bool,
    },
    /// Softmax over the classes.
    Softmax,
}

/// A logistic regression.
#[derive(Debug, Clone)]
pub(crate) struct LogisticRegression {
    scores: Scores,
    classes: Arc<Labels>,
    link: Link,
}

/// Checks a logistic regression. Returns `false` when it was never fitted.
pub(super) fn check(state: &State<'_>) -> Result<bool, Flaw> {
    if !state.fitted("coef_") {
        return Ok(false);
    }
    // scikit-learn before 0.16 kept the classes in an encoder of their own.
    if state.get("raw_coef_").is_some() && state.get("classes_").is_none() {
        return Err(Flaw::Unknown("it is a model of scikit-learn before 0.16".to_owned()));
    }
    let (targets, width, flat) = check_scores(state)?;
    let classes = length("classes_", state.array("classes_")?)?;
    let wanted = if classes == 2 { 1 } else { classes };
    if classes < 2 {
        return Err(Fault::Shape { attribute: "classes_", found: vec![classes], wanted: vec![2] }.into());
    }
    if flat || targets != wanted {
        let found = state.array("coef_")?.shape.to_vec();
        return Err(Fault::Shape { attribute: "coef_", found, wanted: vec![wanted, width] }.into());
    }
    Ok(true)
}

/// What `predict_proba` of the version that saved the model does, with the parameters that it has.
fn link(state: &State<'_>, classes: usize) -> Result<Link, Flaw> {
    let parameter = state.text("multi_class");
    let solver = state.text("solver").unwrap_or_default();
    // A file that does not say its version is read as the last one that writes what it has.
    let version = state.version().unwrap_or(match parameter {
        None => Version(1, 8),
        Some("deprecated") => Version(1, 7),
        Some(_) => Version(1, 4),
    });
    let binary = classes <= 2;
    let logistic = if version >= Version(1, 8) {
        binary
    } else if version < Version(0, 20) {
        binary || parameter == Some("ovr")
    } else {
        let one_by_one = solver == "liblinear" || (solver == "newton-cholesky" && version < Version(1, 6));
        match parameter {
            Some("ovr" | "warn") => true,
            Some("deprecated") if version < Version(1, 5) => {
                return Err(Flaw::Unknown(
                    "its multi_class is one that its version of scikit-learn has not".to_owned(),
                ));
            }
            Some("auto" | "deprecated") | None => binary || one_by_one,
            Some(_) => false,
        }
    };
    Ok(if logistic { Link::Logistic { even: version >= Version(1, 9) } } else { Link::Softmax })
}

impl LogisticRegression {
    /// Builds a logistic regression; `None` if it was never fitted.
    pub fn build(state: &State<'_>) -> Result<Option<LogisticRegression>, Flaw> {
        if !check(state)? {
            return Ok(None);
        }
        let found = labels(state.heap, state.array("classes_")?);
        let classes = found.ok_or_else(|| Flaw::Unknown("classes_ are of a kind that is not read".to_owned()))?;
        let link = link(state, classes.items.len())?;
        Ok(Some(LogisticRegression { scores: Scores::read(state)?, classes: Arc::new(classes), link }))
    }

    /// Answers rows.
    pub fn run(&self, method: Method, rows: &Matrix, who: &str) -> Result<Answer, RunError> {
        let scores = self.scores.of(rows, who)?;
        let names = || self.classes.items.iter().map(Label::text).collect();
        let data = match method {
            Method::PredictProba => Data::Matrix(self.probabilities(&scores), names()),
            Method::DecisionFunction if self.scores.targets() == 1 => {
                Data::Numbers(Numbers { values: scores.values().to_vec(), single: scores.is_single() })
            }
            Method::DecisionFunction => Data::Matrix(scores, names()),
            _ => {
                let best = |row: &[f64]| match row {
                    [score] => u32::from(*score > 0.0),
                    several => argmax(several),
                };
                Data::Labels(vec![Picks { labels: self.classes.clone(), rows: scores.rows().map(best).collect() }])
            }
        };
        Ok(Answer { method, data })
    }

    fn probabilities(&self, scores: &Matrix) -> Matrix {
        let mut out = Vec::with_capacity(scores.len().saturating_mul(self.classes.items.len()));
        for row in scores.rows() {
            match (self.link, row) {
                (Link::Logistic { .. }, [score]) => {
                    let positive = expit(*score);
                    out.extend([1.0 - positive, positive]);
                }
                (Link::Logistic { even }, several) => {
                    let all: Vec<f64> = several.iter().map(|score| expit(*score)).collect();
                    let sum = pairwise_sum(&all);
                    let equal = 1.0 / (all.len() as f64);
                    out.extend(all.iter().map(|value| if even && sum == 0.0 { equal } else { value / sum }));
                }
                (Link::Softmax, [score]) => out.extend(softmax(&[-score, *score])),
                (Link::Softmax, several) => out.extend(softmax(several)),
            }
        }
        let single = scores.is_single();
        if single {
            out.iter_mut().for_each(|value| *value = f64::from(*value as f32));
        }
        let matrix = Matrix::new(out, self.classes.items.len()).unwrap_or_else(|| scores.clone());
        if single { matrix.of_singles() } else { matrix }
    }
}

/// The logistic function, without overflow on either side (`scipy.special.expit`).
fn expit(score: f64) -> f64 {
    if score >= 0.0 {
        1.0 / (1.0 + (-score).exp())
    } else {
        let small = score.exp();
        small / (1.0 + small)
    }
}

/// `sklearn.utils.extmath.softmax`.
fn softmax(scores: &[f64]) -> Vec<f64> {
    let largest = scores.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let raised: Vec<f64> = scores.iter().map(|score| (score - largest).exp()).collect();
    let sum = pairwise_sum(&raised);
    raised.into_iter().map(|value| value / sum).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scores_far_from_zero_do_not_overflow() {
        assert_eq!(expit(-1000.0), 0.0);
        assert_eq!(expit(1000.0), 1.0);
        assert_eq!(expit(0.0), 0.5);
        assert!(expit(-700.0) > 0.0);
        assert_eq!(softmax(&[1000.0, 1000.0]), [0.5, 0.5]);
    }
}
