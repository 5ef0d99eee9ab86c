//! What a model answers, and how it is written: JSON, CSV or `.npy`.

mod csv;
mod json;
mod npy;

use super::labels::Labels;
use super::matrix::Matrix;
use crate::job::{AnswerFormat, Method};
use std::io::{self, Write};
use std::sync::Arc;

/// What a method answered for every row.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// The method.
    pub method: Method,
    /// The answer.
    pub data: Data,
}

/// The shapes that answers have in scikit-learn.
#[derive(Debug, Clone, PartialEq)]
pub enum Data {
    /// One number a row.
    Numbers(Numbers),
    /// One label a row, for each output; one output only gives a list, more a row of labels each.
    Labels(Vec<Picks>),
    /// Several numbers a row, and what each column is called.
    Matrix(Matrix, Vec<String>),
    /// A matrix for each output.
    Matrices(Vec<(Matrix, Vec<String>)>),
}

/// One number a row.
#[derive(Debug, Clone, PartialEq)]
pub struct Numbers {
    /// The numbers.
    pub values: Vec<f64>,
    /// Whether they are `float32`.
    pub single: bool,
}

/// One label a row.
#[derive(Debug, Clone, PartialEq)]
pub struct Picks {
    /// All labels.
    pub labels: Arc<Labels>,
    /// Index of each row's label.
    pub rows: Vec<u32>,
}

impl Picks {
    /// The label of each row.
    pub fn iter(&self) -> impl Iterator<Item = &super::Label> {
        self.rows.iter().map(|row| self.labels.items.get(*row as usize).unwrap_or(&super::Label::None))
    }
}

impl Answer {
    /// Number of rows.
    pub fn rows(&self) -> usize {
        match &self.data {
            Data::Numbers(numbers) => numbers.values.len(),
            Data::Labels(outputs) => outputs.first().map_or(0, |picks| picks.rows.len()),
            Data::Matrix(matrix, _) => matrix.len(),
            Data::Matrices(all) => all.first().map_or(0, |(matrix, _)| matrix.len()),
        }
    }
}

/// Why answers could not be written.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// The output failed.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// An array file holds one array. (usage)
    #[error(".npy holds the answer of one method; choose it with --method, one of {0}")]
    OneMethod(String),
    /// A list of arrays is no array. (usage)
    #[error("{0} answers one array for each output, and .npy holds one; ask for JSON or CSV")]
    OneArray(&'static str),
    /// The labels are of several types, which an array of numbers or texts can not hold. (usage)
    #[error("the labels are Python objects of more than one type, which .npy can not hold; ask for JSON or CSV")]
    Mixed,
}

/// Writes answers.
///
/// - **JSON**: one object, `{"predict": […], "predict_proba": [[…]]}`. Floats read back to the same bits; NaN is `null`, and
///   infinities, which JSON has no number for, are the texts `"inf"` and `"-inf"`. Several outputs of `predict` are a list a
///   row; of `predict_proba`, a list of tables.
/// - **CSV** (RFC 4180): a header, then a line a row; the methods' columns stand side by side. NaN is empty.
/// - **NPY**: one array of `<f8`, `<f4`, `<i8`, `<u8`, `|b1` or `<U…`.
pub fn write(answers: &[Answer], format: AnswerFormat, out: &mut dyn Write) -> Result<(), WriteError> {
    match format {
        AnswerFormat::Json => Ok(json::write(answers, out)?),
        AnswerFormat::Csv => Ok(csv::write(answers, out)?),
        AnswerFormat::Npy => npy::write(answers, out),
    }
}
