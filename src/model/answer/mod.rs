//! What a model answers, and how it is written: JSON, CSV or `.npy`.

mod csv;
mod json;
mod npy;

use super::labels::Labels;
use super::matrix::Matrix;
use crate::model::{AnswerFormat, Method};
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Label;

    fn written(answers: &[Answer], format: AnswerFormat) -> Vec<u8> {
        let mut out = Vec::new();
        write(answers, format, &mut out).unwrap();
        out
    }

    fn labels(items: Vec<Label>, rows: &[u32]) -> Picks {
        Picks { labels: Arc::new(Labels { dtype: "object".to_owned(), items }), rows: rows.to_vec() }
    }

    fn all() -> Vec<Answer> {
        let picks = labels(vec![Label::Text("a,\"b".to_owned()), Label::Text("é".to_owned())], &[1, 0]);
        let matrix = Matrix::new(vec![0.1, f64::NAN, f64::INFINITY, -0.0], 2).unwrap();
        vec![
            Answer { method: Method::Predict, data: Data::Labels(vec![picks]) },
            Answer {
                method: Method::PredictProba,
                data: Data::Matrix(matrix, vec!["a,\"b".to_owned(), "é".to_owned()]),
            },
        ]
    }

    #[test]
    fn json_reads_back_and_says_what_it_has_no_number_for() {
        let text = String::from_utf8(written(&all(), AnswerFormat::Json)).unwrap();
        let wanted = r#"{"predict": ["é", "a,\"b"], "predict_proba": [[0.1, null], ["inf", -0.0]]}"#;
        assert_eq!(text.trim_end(), wanted);
        let pair = |one, other| Data::Labels(vec![one, other]);
        let data = pair(labels(vec![Label::Int(7)], &[0, 0]), labels(vec![Label::Bool(true), Label::None], &[1, 0]));
        let text = written(&[Answer { method: Method::Predict, data }], AnswerFormat::Json);
        assert_eq!(text, b"{\"predict\": [[7, null], [7, true]]}\n");
        for float in [5e-324, 1e308, 123456789012345680.0, 1.0 / 3.0] {
            let data = Data::Numbers(Numbers { values: vec![float], single: false });
            let text = written(&[Answer { method: Method::Predict, data }], AnswerFormat::Json);
            let document: serde_json::Value = serde_json::from_slice(&text).unwrap();
            assert_eq!(document["predict"][0].as_f64().unwrap().to_bits(), f64::to_bits(float));
        }
    }

    #[test]
    fn csv_has_a_header_and_quotes_what_needs_it() {
        let text = String::from_utf8(written(&all(), AnswerFormat::Csv)).unwrap();
        let header = "predict,\"predict_proba_a,\"\"b\",predict_proba_é";
        assert_eq!(text, format!("{header}\né,0.1,\n\"a,\"\"b\",inf,-0.0\n"));
    }

    #[test]
    fn npy_is_what_numpy_writes() {
        let text = written(&all()[..1], AnswerFormat::Npy);
        let header = String::from_utf8_lossy(&text[10..128]).into_owned();
        assert!(header.starts_with("{'descr': '<U4', 'fortran_order': False, 'shape': (2,), }"), "{header}");
        assert_eq!(text.len(), 128 + 2 * 4 * 4);
        assert_eq!((text[127], &text[128..132]), (b'\n', &[0xe9, 0, 0, 0][..]));
        let text = written(&all()[1..], AnswerFormat::Npy);
        assert_eq!(text[128..136], 0.1f64.to_le_bytes());
        assert!(matches!(write(&all(), AnswerFormat::Npy, &mut Vec::new()), Err(WriteError::OneMethod(_))));
        let mixed = labels(vec![Label::Int(1), Label::Text("a".to_owned())], &[0]);
        let mixed = [Answer { method: Method::Predict, data: Data::Labels(vec![mixed]) }];
        assert!(matches!(write(&mixed, AnswerFormat::Npy, &mut Vec::new()), Err(WriteError::Mixed)));
    }
}
