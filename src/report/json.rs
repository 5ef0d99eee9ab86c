//! Reports as one JSON document, `coldload.report/1`: see `docs/report.schema.json`. Fields come in a fixed order.
//!
//! Texts are given as they are in the file, so that a program can compare them; every character that a terminal would act
//! on is written as `\uXXXX` ([`SafeWriter`]), which means the same.

use super::safe::SafeWriter;
use super::{Counts, Inspected, ModelInfo, Report, ReportError, ResultEntry, SCHEMA, VOCABULARY};
use crate::manifest::Labels;
use serde::ser::{Serialize, SerializeMap, Serializer};
use std::io::{self, Write};

/// What a model answered to rows: one JSON value, as the worker wrote it.
///
/// It is checked to be one, for the worker is not trusted: nothing can hide behind a bracket that closes too early.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outputs(String);

/// What a worker wrote is no answer.
#[derive(Debug, thiserror::Error)]
pub enum OutputsError {
    /// It is no UTF-8.
    #[error("the answers are no text: {0}")]
    Text(#[from] std::string::FromUtf8Error),
    /// It is not one JSON object.
    #[error("the answers are no JSON object: {0}")]
    Json(#[from] serde_json::Error),
}

impl Outputs {
    /// Takes one JSON object.
    pub fn new(bytes: Vec<u8>) -> Result<Outputs, OutputsError> {
        let text = String::from_utf8(bytes)?;
        serde_json::from_str::<std::collections::HashMap<String, serde::de::IgnoredAny>>(&text)?;
        Ok(Outputs(text))
    }

    /// The JSON object.
    pub fn json(&self) -> &str {
        &self.0
    }
}

/// Writes the document, and a line end.
pub fn write_json(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let mut out = SafeWriter::new(out);
    write_with_outputs(&serde_json::to_vec(report)?, report, &mut out)?;
    out.finish().map(drop)
}

/// Writes each result in a line of its own, and last a line with the rest of the document.
pub fn write_json_lines(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let mut out = SafeWriter::new(out);
    for entry in &report.results {
        out.write_all(&serde_json::to_vec(entry)?)?;
        out.write_all(b"\n")?;
    }
    write_with_outputs(&serde_json::to_vec(&WithoutResults(report))?, report, &mut out)?;
    out.finish().map(drop)
}

/// Writes a document. The answers may be large, and are JSON already: they go in as they are, as the last field.
fn write_with_outputs(document: &[u8], report: &Report, out: &mut dyn Write) -> io::Result<()> {
    match &report.outputs {
        Some(outputs) => {
            out.write_all(document.strip_suffix(b"}").unwrap_or(document))?;
            out.write_all(b",\"outputs\":")?;
            out.write_all(outputs.json().trim().as_bytes())?;
            out.write_all(b"}\n")
        }
        None => {
            out.write_all(document)?;
            out.write_all(b"\n")
        }
    }
}

#[derive(serde::Serialize)]
struct Tool {
    name: &'static str,
    version: &'static str,
    vocabulary: &'static str,
}

impl Serialize for Report {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        document(self, serializer, true)
    }
}

/// All of a report but its results.
struct WithoutResults<'a>(&'a Report);

impl Serialize for WithoutResults<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        document(self.0, serializer, false)
    }
}

fn document<S: Serializer>(report: &Report, serializer: S, results: bool) -> Result<S::Ok, S::Error> {
    let counts: Counts = report.counts();
    let mut map = serializer.serialize_map(None)?;
    map.serialize_entry("schema", SCHEMA)?;
    let tool = Tool { name: "coldload", version: env!("CARGO_PKG_VERSION"), vocabulary: VOCABULARY };
    map.serialize_entry("tool", &tool)?;
    map.serialize_entry("summary", &counts)?;
    map.serialize_entry("policy", &())?;
    map.serialize_entry("sandbox", &report.sandbox)?;
    if results {
        map.serialize_entry("results", &report.results)?;
    }
    if let Some(answer) = &report.answer {
        map.serialize_entry(answer.field, &answer.json)?;
    }
    if !report.written.is_empty() {
        map.serialize_entry("written", &report.written)?;
    }
    if !report.notes.is_empty() {
        map.serialize_entry("notes", &report.notes)?;
    }
    if let Some(error) = report.first_error().filter(|_| report.exit_code() == 2 || report.error.is_some()) {
        map.serialize_entry("error", error)?;
    }
    map.end()
}

impl Serialize for ResultEntry {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("path", &self.path)?;
        map.serialize_entry("size", &self.size)?;
        map.serialize_entry("verdict", &self.verdict)?;
        if let Some(error) = &self.error {
            let error: &ReportError = error;
            map.serialize_entry("error", error)?;
        }
        map.serialize_entry("assurance", &self.assurance)?;
        map.serialize_entry("model", &self.model)?;
        map.serialize_entry("signers", &self.signers)?;
        map.serialize_entry("checks", &self.checks)?;
        map.serialize_entry("reasons", &self.reasons)?;
        if self.more > 0 {
            map.serialize_entry("more_reasons", &self.more)?;
        }
        if !self.claimed.is_empty() {
            map.serialize_entry("claimed", &self.claimed)?;
        }
        if !self.notes.is_empty() {
            map.serialize_entry("notes", &self.notes)?;
        }
        match &self.inspected {
            Some(Inspected::Model(observation)) => {
                map.serialize_entry("observed", &observation.observed)?;
                map.serialize_entry("parameters", &Parameters(&observation.summary.parameters))?;
                if observation.summary.left_out > 0 {
                    map.serialize_entry("more_parameters", &observation.summary.left_out)?;
                }
            }
            Some(Inspected::Seal(facts)) => map.serialize_entry("seal", facts)?,
            None => {}
        }
        if let Some(seal) = &self.seal {
            map.serialize_entry("seal", seal)?;
        }
        map.serialize_entry("milliseconds", &self.milliseconds)?;
        map.end()
    }
}

/// Parameters, in the file's order.
struct Parameters<'a>(&'a [(String, String)]);

impl Serialize for Parameters<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (name, value) in self.0 {
            map.serialize_entry(name, value)?;
        }
        map.end()
    }
}

impl Serialize for ModelInfo {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("name", &self.name)?;
        map.serialize_entry("version", &self.version)?;
        map.serialize_entry("sequence", &self.sequence)?;
        map.serialize_entry("class", &self.class)?;
        map.serialize_entry("task", &self.task)?;
        map.serialize_entry("format", &self.format)?;
        map.serialize_entry("compressors", &self.compressors)?;
        map.serialize_entry("sklearn_versions", &self.sklearn_versions)?;
        map.serialize_entry("n_features_in", &self.n_features_in)?;
        map.serialize_entry("classes", &self.classes.as_ref().and_then(labels))?;
        if let Some(models) = self.models {
            map.serialize_entry("models", &models)?;
        }
        map.end()
    }
}

/// Labels as the values that they are: numbers, truths, texts.
fn labels(labels: &Labels) -> Option<Vec<serde_json::Value>> {
    use serde_json::Value;
    let value = |text: &String| {
        let typed = match labels.dtype.as_str() {
            "bool" => text.to_lowercase().parse().map(Value::Bool).ok(),
            dtype if dtype.starts_with("int") => text.parse::<i64>().map(Value::from).ok(),
            dtype if dtype.starts_with("uint") => text.parse::<u64>().map(Value::from).ok(),
            dtype if dtype.starts_with("float") => {
                text.parse::<f64>().ok().filter(|number| number.is_finite()).map(Value::from)
            }
            _ => None,
        };
        typed.unwrap_or_else(|| Value::String(text.clone()))
    };
    labels.data.as_ref().map(|data| data.iter().map(value).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    #[test]
    fn labels_keep_their_type() {
        let of = |dtype: &str, data: &[&str]| {
            let data = Some(data.iter().map(|&text| text.to_owned()).collect());
            labels(&Labels { dtype: dtype.to_owned(), count: 0, data }).unwrap()
        };
        assert_eq!(of("int64", &["-1", "2"]), [json!(-1), json!(2)]);
        assert_eq!(of("uint64", &["18446744073709551615"]), [json!(u64::MAX)]);
        assert_eq!(of("float64", &["1.5", "nan"]), [json!(1.5), json!("nan")]);
        assert_eq!(of("bool", &["False", "True"]), [json!(false), json!(true)]);
        assert_eq!(of("<U4", &["1", "spam"]), [json!("1"), json!("spam")]);
    }

    #[test]
    fn outputs_are_one_object_or_nothing() {
        for wrong in ["", "[1]", "{\"a\":1}}", "{\"a\":1},\"verdict\":{}", "{\"a\":", "{\"a\":\"\u{1b}\"}"] {
            assert!(Outputs::new(wrong.as_bytes().to_vec()).is_err(), "{wrong}");
        }
        assert!(Outputs::new(b"{\"a\":\"\xff\"}".to_vec()).is_err());
        let report = Report {
            outputs: Some(Outputs::new(b" {\"predict\": [0.1, 1e-300]}\n".to_vec()).unwrap()),
            ..Report::new(super::super::Command::Predict)
        };
        let mut out = Vec::new();
        write_json(&report, &mut out).unwrap();
        let document: Value = serde_json::from_slice(&out).unwrap();
        assert_eq!(document["outputs"]["predict"], json!([0.1, 1e-300]));
        assert!(String::from_utf8(out).unwrap().contains("[0.1, 1e-300]"), "the digits are the worker's");
    }
}
