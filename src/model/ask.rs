//! What is asked of a model, how rows and answers are written, and what a person wants to know of it.

use serde::{Deserialize, Serialize};

/// A method of an estimator.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Method {
    /// Labels or values, one a row.
    Predict,
    /// Probabilities of the classes, a row each.
    PredictProba,
    /// Scores, one or one a class for each row.
    DecisionFunction,
    /// Transformed rows.
    Transform,
}

impl Method {
    /// Every method, in the order in which answers list them.
    pub const ALL: [Method; 4] = [Method::Predict, Method::PredictProba, Method::DecisionFunction, Method::Transform];

    /// Its name in scikit-learn.
    pub const fn text(self) -> &'static str {
        match self {
            Method::Predict => "predict",
            Method::PredictProba => "predict_proba",
            Method::DecisionFunction => "decision_function",
            Method::Transform => "transform",
        }
    }
}

/// How rows are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RowsFormat {
    /// Comma-separated values with a header.
    Csv,
    /// numpy's `.npy`.
    Npy,
    /// `{"inputs": [[…]]}` or `{"dataframe_split": {…}}`.
    Json,
}

/// How an answer is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AnswerFormat {
    /// One JSON object: a list for each method. Floats read back to the same bits.
    Json,
    /// Comma-separated values with a header.
    Csv,
    /// numpy's `.npy`; one method only.
    Npy,
}

/// What a person wants to know about a file.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Summary {
    /// `classifier`, `regressor`, `transformer`, `clusterer`, … where the class says so.
    pub task: Option<String>,
    /// Short facts about the model, such as `100 trees`; without features and classes, which the schema has.
    pub facts: Vec<String>,
    /// Parameters of the object at the top and of the estimators in it, under the names that scikit-learn's `get_params` gives them
    /// (`scale__with_mean`); each value as Python would show it, a long one by its beginning and its digest. Like the next two, told
    /// by `inspect` and `diff` alone.
    pub parameters: Vec<(String, String)>,
    /// Names of those whose values were not read to their ends.
    pub unread: Vec<String>,
    /// How many more parameters were met, and are not told.
    pub left_out: u64,
    /// Parts of the schema that the model has, and that are too long to be listed.
    pub unlisted: Vec<String>,
}
