//! Rows that a model is asked to answer: CSV with a header, `.npy`, or JSON.
//!
//! What is handed on: every row has as many values as there are columns, and there is at least one of both.

mod csv;
mod json;
mod npy;

use super::error::RunError;
use super::matrix::Matrix;
use crate::model::RowsFormat;
use crate::reason::escape;
use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

/// Rows, and what their columns are called if they say so.
#[derive(Debug, Clone, PartialEq)]
pub struct Rows {
    columns: Option<Vec<String>>,
    cells: Cells,
}

/// The values of rows.
#[derive(Debug, Clone, PartialEq)]
pub enum Cells {
    /// Numbers; NaN where one is missing.
    Numbers(Matrix),
    /// One text a row.
    Texts(Vec<String>),
}

/// Why rows could not be read. All are the user's to mend (`usage`, exit 2).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RowsError {
    /// The form is broken.
    #[error("the rows can not be read as {format}: {what}")]
    Form {
        /// `CSV`, `.npy` or `JSON`.
        format: &'static str,
        /// What is wrong, and where.
        what: String,
    },
    /// There is no row, or no column.
    #[error("there are no rows")]
    Empty,
    /// A row is longer or shorter than the others.
    #[error("row {row} has {has} value{s}, and {wanted} are named or stand in the rows before it", s = if *has == 1 { "" } else { "s" })]
    Ragged {
        /// The row, counted from 1.
        row: u64,
        /// Its values.
        has: u64,
        /// Values of the others.
        wanted: u64,
    },
    /// A value is no number.
    #[error("row {row}, column {column} is \"{text}\", which is no number")]
    NotNumber {
        /// The row, counted from 1.
        row: u64,
        /// The column, counted from 1.
        column: u64,
        /// The value, escaped.
        text: String,
    },
    /// Two columns have the same name.
    #[error("two columns are called \"{0}\"")]
    TwoColumns(String),
    /// The values of an array are of a type that is no number.
    #[error("the array holds {0}, and rows are numbers: float32, float64, whole numbers or bool")]
    Elements(String),
}

impl Rows {
    /// Reads rows.
    pub fn read(bytes: &[u8], format: RowsFormat) -> Result<Rows, RowsError> {
        match format {
            RowsFormat::Csv => csv::read(bytes),
            RowsFormat::Npy => npy::read(bytes),
            RowsFormat::Json => json::read(bytes),
        }
    }

    /// Rows of numbers whose columns may have names.
    pub fn numbers(matrix: Matrix, columns: Option<Vec<String>>) -> Result<Rows, RowsError> {
        if matrix.is_empty() {
            return Err(RowsError::Empty);
        }
        if let Some(columns) = &columns {
            let mut sorted: Vec<&String> = columns.iter().collect();
            sorted.sort_unstable();
            let twice = sorted.iter().zip(sorted.iter().skip(1)).find(|(one, other)| one == other);
            if let Some((twice, _)) = twice {
                return Err(RowsError::TwoColumns(escape(twice)));
            }
        }
        Ok(Rows { columns, cells: Cells::Numbers(matrix) })
    }

    /// Number of rows.
    pub fn len(&self) -> usize {
        match &self.cells {
            Cells::Numbers(matrix) => matrix.len(),
            Cells::Texts(texts) => texts.len(),
        }
    }

    /// Whether there are no rows; there always are.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The values.
    pub fn cells(&self) -> &Cells {
        &self.cells
    }

    /// The rows as a model with these feature names, or else this number of features, takes them. Columns with names are
    /// put into the model's order, where it has names too.
    pub(super) fn aligned(&self, names: Option<&[String]>, width: Option<u64>) -> Result<Cow<'_, Matrix>, RunError> {
        let Cells::Numbers(matrix) = &self.cells else { return Err(RunError::Texts) };
        let rows = match (names, &self.columns) {
            (Some(names), Some(columns)) if names != columns => Cow::Owned(by_name(matrix, names, columns)?),
            _ => Cow::Borrowed(matrix),
        };
        let has = rows.columns() as u64;
        match width {
            Some(takes) if takes != has => Err(RunError::Width { takes, row: 1, has }),
            _ => Ok(rows),
        }
    }
}

fn by_name(matrix: &Matrix, names: &[String], columns: &[String]) -> Result<Matrix, RunError> {
    let index: HashMap<&str, usize> = columns.iter().enumerate().map(|(index, name)| (name.as_str(), index)).collect();
    let missing = |name: &String| RunError::MissingColumn(escape(name));
    let place = |name: &String| index.get(name.as_str()).copied().ok_or_else(|| missing(name));
    let places = names.iter().map(place).collect::<Result<Vec<usize>, _>>()?;
    let known: HashSet<&String> = names.iter().collect();
    if let Some(unknown) = columns.iter().find(|column| !known.contains(column)) {
        return Err(RunError::UnknownColumn(escape(unknown)));
    }
    let width = RunError::Width { takes: names.len() as u64, row: 1, has: columns.len() as u64 };
    matrix.pick(&places).ok_or(width)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    fn rows(columns: &[&str]) -> Rows {
        let values = (0..columns.len()).map(|index| index as f64).collect();
        Rows::numbers(Matrix::new(values, columns.len()).unwrap(), Some(names(columns))).unwrap()
    }

    #[test]
    fn columns_are_put_into_the_models_order() {
        let found = rows(&["b", "a"]);
        let aligned = found.aligned(Some(&names(&["a", "b"])), Some(2)).unwrap();
        assert_eq!(aligned.values(), [1.0, 0.0]);
        assert_eq!(found.aligned(None, Some(2)).unwrap().values(), [0.0, 1.0]);
    }

    #[test]
    fn missing_unknown_and_repeated_columns_are_named() {
        let model = names(&["a", "b"]);
        let error = rows(&["a", "c"]).aligned(Some(&model), Some(2)).unwrap_err();
        assert_eq!(error, RunError::MissingColumn("b".to_owned()));
        let error = rows(&["a", "b", "id"]).aligned(Some(&model), Some(2)).unwrap_err();
        assert_eq!(error, RunError::UnknownColumn("id".to_owned()));
        let matrix = Matrix::new(vec![1.0, 2.0], 2).unwrap();
        let error = Rows::numbers(matrix, Some(names(&["a", "a"]))).unwrap_err();
        assert_eq!(error, RowsError::TwoColumns("a".to_owned()));
    }

    #[test]
    fn a_wrong_number_of_features_is_said_plainly() {
        let error = rows(&["a", "b", "c"]).aligned(None, Some(4)).unwrap_err();
        assert_eq!(error.to_string(), "the model takes 4 features, row 1 has 3");
    }
}
