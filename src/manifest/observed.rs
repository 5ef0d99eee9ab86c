//! What a file holds, derived from its bytes alone: the statements `content@1` and `schema@1`; and `models@1`, both of each
//! model in a folder.
//!
//! They are functions of the data-only graph by the fixed rule in `docs/seal.md`, never of which typed models this build
//! knows: an old seal stays verifiable when the parser learns more. A changed rule is a new statement, `content@2`. What is
//! absent is not written: a field is there, or it is not, and never `null`. Fields stand in the order in which they are written
//! ([`super::cbor`]), so that none has to be sorted: a seal of a folder has a thousand of them.

use serde::{Deserialize, Serialize};

/// `content@1`: what the file is made of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Content {
    /// Names asked for, as `module.qualname`, sorted by bytes, each once.
    pub names: Vec<String>,
    /// Arrays of numbers, and the bytes that they hold.
    pub arrays: Arrays,
    /// `pickle` or `joblib`.
    pub format: String,
    /// Number of pickles, nested ones too.
    pub pickles: u64,
    /// Pickle protocols that were met, ascending, each once.
    pub protocols: Vec<u8>,
    /// Compressors, outermost first: `zlib`, `gzip`, `bz2`, `xz`, `lzma`, `lz4`.
    pub compressors: Vec<String>,
}

/// How many arrays a file holds, and how many bytes of data they have together.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Arrays {
    /// Their bytes.
    pub bytes: u64,
    /// Number of arrays.
    pub count: u64,
}

/// `schema@1`: what the model takes and gives.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Schema {
    /// `module.qualname` of the top object, as in the file; absent for plain data.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub class: Option<String>,
    /// The steps of a pipeline, in order; empty for anything else.
    pub steps: Vec<Step>,
    /// `classes_` of the top object, or of its last step.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub classes: Option<Labels>,
    /// `n_outputs_` of the same object.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub n_outputs: Option<u64>,
    /// `n_features_in_` of the top object, or of its first step that has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub n_features_in: Option<u64>,
    /// `feature_names_in_` of the same object.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub feature_names_in: Option<Vec<String>>,
    /// Every `_sklearn_version` that was found, sorted by bytes, each once.
    pub sklearn_versions: Vec<String>,
}

/// One step of a pipeline.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// Its name.
    pub name: String,
    /// `module.qualname` of its estimator; absent when it is a text such as `passthrough`, or plain data.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub class: Option<String>,
}

/// The labels of a classifier.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Labels {
    /// Each as text: whole numbers in decimal, floats in Python's `repr`, `True` and `False`, texts as they are. Absent
    /// when the array has more than one dimension, or holds more than 16 KiB.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data: Option<Vec<String>>,
    /// How many there are.
    pub count: u64,
    /// numpy's name of their type: `int64`, `float64`, `bool`, `object`, `<U10`.
    pub dtype: String,
}

/// One entry of `models@1`: a model in a folder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ModelFile {
    /// Its path, as among the files of the manifest.
    pub path: String,
    /// What the model takes and gives.
    pub schema: Schema,
    /// What the file is made of.
    pub content: Content,
}

/// What was derived from a file's bytes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Observed {
    /// What the file is made of.
    pub content: Content,
    /// What the model takes and gives.
    pub schema: Schema,
}
