//! Rows of numbers, and the checks that scikit-learn makes of them (`sklearn/utils/validation.py`, `check_array`).

use super::error::RunError;

/// Rows of numbers: at least one column, and a whole number of rows.
#[derive(Debug, Clone, PartialEq)]
pub struct Matrix {
    values: Vec<f64>,
    columns: usize,
    single: bool,
}

/// Whether an estimator takes values that are missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Missing {
    Refused,
    Allowed,
}

impl Matrix {
    /// Rows of `columns` values each; `None` if the values do not make whole rows.
    pub fn new(values: Vec<f64>, columns: usize) -> Option<Matrix> {
        let whole = values.len().checked_rem(columns)? == 0;
        whole.then_some(Matrix { values, columns, single: false })
    }

    /// The same rows, as `float32`; each value must be one.
    #[must_use]
    pub fn of_singles(mut self) -> Matrix {
        self.single = true;
        self
    }

    /// The values, row by row.
    pub fn values(&self) -> &[f64] {
        &self.values
    }

    /// Values a row.
    pub fn columns(&self) -> usize {
        self.columns
    }

    /// Number of rows.
    pub fn len(&self) -> usize {
        self.values.len().checked_div(self.columns).unwrap_or(0)
    }

    /// Whether there are no rows.
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// Whether the values are `float32`.
    pub fn is_single(&self) -> bool {
        self.single
    }

    /// Each row.
    pub fn rows(&self) -> std::slice::ChunksExact<'_, f64> {
        self.values.chunks_exact(self.columns)
    }

    pub(super) fn rows_mut(&mut self) -> std::slice::ChunksExactMut<'_, f64> {
        self.values.chunks_exact_mut(self.columns)
    }

    /// The columns at these places, in this order.
    pub(super) fn pick(&self, places: &[usize]) -> Option<Matrix> {
        let mut values = Vec::with_capacity(self.len().saturating_mul(places.len()));
        for row in self.rows() {
            for place in places {
                values.push(*row.get(*place)?);
            }
        }
        Some(Matrix { single: self.single, ..Matrix::new(values, places.len())? })
    }

    /// Checks that every value is finite, or missing where that is allowed. `who` is the estimator that reads them.
    pub(super) fn finite(&self, missing: Missing, who: &str) -> Result<(), RunError> {
        let dtype = if self.single { "float32" } else { "float64" };
        self.check(|value| value, missing, dtype, who)
    }

    /// The values as the `float32` that trees read, checked.
    pub(super) fn singles(&self, missing: Missing, who: &str) -> Result<Vec<f32>, RunError> {
        let single = |value| f64::from(value as f32);
        self.check(single, missing, "float32", who)?;
        Ok(self.values.iter().map(|value| *value as f32).collect())
    }

    fn check(
        &self,
        read: impl Fn(f64) -> f64,
        missing: Missing,
        dtype: &'static str,
        who: &str,
    ) -> Result<(), RunError> {
        for (row, values) in (1u64..).zip(self.rows()) {
            for (column, value) in (1u64..).zip(values) {
                let value = read(*value);
                if value.is_nan() && missing == Missing::Refused {
                    return Err(RunError::Nan { row, column, class: who.to_owned() });
                }
                if value.is_infinite() {
                    return Err(RunError::Infinite { row, column, dtype, class: who.to_owned() });
                }
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_float32_can_not_hold_is_refused() {
        let matrix = Matrix::new(vec![1.0, 1e39], 2).unwrap();
        assert!(matrix.finite(Missing::Refused, "x").is_ok());
        let error = matrix.singles(Missing::Allowed, "x").unwrap_err();
        assert_eq!(error, RunError::Infinite { row: 1, column: 2, dtype: "float32", class: "x".to_owned() });
        let gap = Matrix::new(vec![1.0, f64::NAN], 1).unwrap();
        assert!(gap.singles(Missing::Allowed, "x").unwrap()[1].is_nan());
        assert_eq!(
            gap.finite(Missing::Refused, "x").unwrap_err().to_string(),
            "row 2, column 1 is missing (NaN), and x takes no missing values"
        );
    }

    #[test]
    fn rows_are_whole() {
        assert_eq!(Matrix::new(vec![1.0; 5], 2), None);
        assert_eq!(Matrix::new(Vec::new(), 0), None);
    }
}
