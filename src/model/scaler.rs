//! Standard scaling (`sklearn/preprocessing/_data.py`, `StandardScaler`): subtract the mean, divide by the scale.

use super::error::{Fault, RunError};
use super::matrix::{Matrix, Missing};
use super::numbers::{floats, numeric};
use super::state::{Flaw, State, Version, length, shaped};
use super::tree::features;
use crate::graph::View;

/// A standard scaler.
#[derive(Debug, Clone)]
pub(crate) struct StandardScaler {
    mean: Option<Vec<f64>>,
    scale: Option<Vec<f64>>,
    missing: Missing,
    /// Whether mean and scale are rounded to `float32` first for rows of `float32`, as since 1.8.
    rounds: bool,
}

/// What a scaler says about its width: `None` when neither mean nor scale is used and nothing else tells.
pub(super) fn width(state: &State<'_>) -> Result<Option<u64>, Flaw> {
    let mut width = None;
    for (flag, attribute) in [("with_mean", "mean_"), ("with_std", "scale_")] {
        if state.flag(flag, true)? {
            let array = state.array(attribute)?;
            numeric(state.heap, attribute, array)?;
            let found = length(attribute, array)?;
            shaped(attribute, array, &[*width.get_or_insert(found)])?;
        }
    }
    for attribute in ["mean_", "var_", "scale_"] {
        if let (Some(View::Array(array)), Some(width)) = (state.view(attribute), width) {
            shaped(attribute, array, &[width])?;
        }
    }
    let said = state.int("n_features_in_")?.and_then(|said| u64::try_from(said).ok());
    Ok(width.or(said))
}

/// Checks a scaler. Returns `false` when it was never fitted.
pub(super) fn check(state: &State<'_>) -> Result<bool, Flaw> {
    if state.get("scale_").is_none() {
        return Ok(false);
    }
    match width(state)? {
        Some(0) => Err(Fault::Empty("scale_").into()),
        Some(width) => {
            features(state, "scale_", width)?;
            Ok(true)
        }
        None => Ok(true),
    }
}

impl StandardScaler {
    /// Builds a scaler; `None` if it was never fitted.
    pub fn build(state: &State<'_>) -> Result<Option<StandardScaler>, Flaw> {
        if !check(state)? {
            return Ok(None);
        }
        let read = |flag, attribute| {
            if !state.flag(flag, true)? {
                return Ok(None);
            }
            Ok::<_, Flaw>(Some(floats(state.heap, attribute, state.array(attribute)?)?.values))
        };
        let version = state.version();
        let old = version.is_none_or(|version| version < Version(0, 20));
        Ok(Some(StandardScaler {
            mean: read("with_mean", "mean_")?,
            scale: read("with_std", "scale_")?,
            missing: if old { Missing::Refused } else { Missing::Allowed },
            rounds: version.is_some_and(|version| version >= Version(1, 8)),
        }))
    }

    /// The scaled rows.
    pub fn transform(&self, rows: &Matrix, who: &str) -> Result<Matrix, RunError> {
        rows.finite(self.missing, who)?;
        let mut out = rows.clone();
        let single = rows.is_single();
        let narrow = |value: f64| if single { f64::from(value as f32) } else { value };
        let other = |value: f64| if single && self.rounds { f64::from(value as f32) } else { value };
        for row in out.rows_mut() {
            for (value, mean) in row.iter_mut().zip(self.mean.iter().flatten()) {
                *value = narrow(*value - other(*mean));
            }
            for (value, scale) in row.iter_mut().zip(self.scale.iter().flatten()) {
                *value = narrow(*value / other(*scale));
            }
        }
        Ok(out)
    }
}
