//! The schema file that `inspect --schema` prints: what a model takes and gives, to be kept beside the program that uses it.

use super::safe::SafeWriter;
use crate::manifest::{Labels, Schema, Step};
use serde::Serialize;
use std::io::Write;

/// Version of the file.
pub const SCHEMA_FILE: &str = "coldload.schema/1";

/// The fields, in their order. What a model does not say is `null`.
#[derive(Serialize)]
struct File<'a> {
    schema: &'static str,
    class: Option<&'a str>,
    n_features_in: Option<u64>,
    feature_names_in: Option<&'a [String]>,
    classes: Option<&'a Labels>,
    n_outputs: Option<u64>,
    steps: &'a [Step],
    sklearn_versions: &'a [String],
}

/// The schema file of a model: JSON, with a line end.
pub fn schema_file(schema: &Schema) -> std::io::Result<Vec<u8>> {
    let file = File {
        schema: SCHEMA_FILE,
        class: schema.class.as_deref(),
        n_features_in: schema.n_features_in,
        feature_names_in: schema.feature_names_in.as_deref(),
        classes: schema.classes.as_ref(),
        n_outputs: schema.n_outputs,
        steps: &schema.steps,
        sklearn_versions: &schema.sklearn_versions,
    };
    let mut out = SafeWriter::new(Vec::new());
    out.write_all(&serde_json::to_vec_pretty(&file)?)?;
    out.write_all(b"\n")?;
    out.finish()
}
