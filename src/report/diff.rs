//! What differs between two models, as text and JSON.

use super::Answer;
use super::details::{counted, few};
use super::safe::{brief, line};
use serde::Serialize;
use serde_json::Value;

/// Something that is not the same in both models. What a model does not have is `null`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Change {
    /// What it is: `class`, `n_features_in`, `parameter max_depth`, …
    pub what: String,
    /// In the first model.
    pub before: Value,
    /// In the second one.
    pub after: Value,
    /// Whether it is part of what the model takes and gives.
    pub schema: bool,
}

/// Whether the models take or give something else.
pub fn schema_changed(changes: &[Change]) -> bool {
    changes.iter().any(|change| change.schema)
}

/// What was found where two models were compared, and what was not compared.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Difference {
    /// What is not the same in both.
    pub changes: Vec<Change>,
    /// Parts of the schema that the files do not say, or that are too long to be compared.
    pub unknown: Vec<&'static str>,
    /// Parameters that were not compared.
    pub not_compared: NotCompared,
}

/// Parameters that were not compared.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct NotCompared {
    /// How many there are beyond those that were.
    pub parameters: u64,
    /// Names of those that look the same, and were not read to their ends.
    pub in_part: Vec<String>,
}

/// The answer to `diff`.
pub fn diff_answer(difference: &Difference) -> Answer {
    let Difference { changes, unknown, not_compared } = difference;
    let width = changes.iter().map(|change| brief(&change.what).chars().count()).max().unwrap_or(0).min(40);
    let mut text = String::new();
    for change in changes {
        let what = brief(&change.what);
        let mark = if change.schema { "  (schema)" } else { "" };
        text.push_str(&format!("  {what:width$}  {}  ->  {}{mark}\n", show(&change.before), show(&change.after)));
    }
    text.push_str(match (changes.is_empty(), schema_changed(changes), unknown.is_empty()) {
        (_, true, _) => "the schema changed: what takes the first model's place must take and give the same\n",
        (true, false, true) => "no difference in class, schema, parameters, versions, names and size\n",
        (true, false, false) => {
            "no difference in class, parameters, versions, names and size, nor in what is known of the schema\n"
        }
        (false, false, true) => "the schema is the same\n",
        (false, false, false) => "the schema is the same as far as it is known\n",
    });
    if !unknown.is_empty() {
        let parts: Vec<String> = unknown.iter().map(|part| said(part).to_owned()).collect();
        text.push_str(&format!("  not known       {}\n", parts.join("; ")));
    }
    let mut rest = vec!["what was learned: arrays, and attributes that begin or end with an underscore".to_owned()];
    if not_compared.parameters > 0 {
        rest.push(format!("{} beyond the first", counted(not_compared.parameters, "parameter", "parameters")));
    }
    if !not_compared.in_part.is_empty() {
        let names = few(not_compared.in_part.iter().cloned(), false);
        let count = counted(not_compared.in_part.len() as u64, "value", "values");
        rest.push(format!("the rest of {count}: {names}"));
    }
    text.push_str(&format!("  not compared    {}\n", rest.join("; ")));
    let json = serde_json::json!({
        "schema_changed": schema_changed(changes), "changes": changes, "unknown": unknown, "not_compared": not_compared,
    });
    Answer { field: "diff", json, text }
}

/// What it means that a part of the schema is not known.
fn said(part: &str) -> &str {
    match part {
        "class" => "what the models are (no estimator stands at the top)",
        "n_features_in" => "how many features they take (no n_features_in_)",
        "feature_names_in" => "names of features (too many)",
        "classes" => "labels (no classes_, too many, or of several outputs)",
        other => other,
    }
}

/// A value as a person reads it, in one short line.
fn show(value: &Value) -> String {
    match value {
        Value::Null => "none".to_owned(),
        Value::String(text) => brief(text).into_owned(),
        Value::Array(items) => {
            let shown: Vec<String> = items.iter().map(show).collect();
            brief(&line(&shown.join(", "))).into_owned()
        }
        // Labels, and the steps of a pipeline.
        Value::Object(fields) => match (fields.get("data"), fields.get("dtype")) {
            (Some(data), Some(dtype)) => format!("{} ({})", show(data), show(dtype)),
            _ => fields.values().map(show).collect::<Vec<_>>().join(" "),
        },
        other => brief(&other.to_string()).into_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_and_steps_are_shown_as_they_are_read() {
        let labels = serde_json::json!({"dtype": "int64", "count": 2, "data": ["0", "1"]});
        assert_eq!(show(&labels), "0, 1 (int64)");
        let steps = serde_json::json!([{"name": "scale", "class": "a.B"}, {"name": "model", "class": "c.D"}]);
        assert_eq!(show(&steps), "a.B scale, c.D model");
        assert!(show(&vec!["long"; 1000].into()).chars().count() < 200);
    }

    #[test]
    fn a_change_is_one_line_and_nothing_in_it_reaches_a_terminal() {
        let change = |what: &str, before, after, schema| Change { what: what.to_owned(), before, after, schema };
        let answer = diff_answer(&Difference {
            changes: vec![
                change("n_features_in", 4.into(), 5.into(), true),
                change("parameter x\u{1b}[2J", Value::Null, "a\nb".into(), false),
            ],
            not_compared: NotCompared { parameters: 2, in_part: vec!["y\u{1b}[2J".to_owned()] },
            ..Difference::default()
        });
        let lines: Vec<&str> = answer.text.lines().collect();
        assert_eq!(lines.len(), 4, "{answer:?}");
        assert!(lines[0].contains("4  ->  5  (schema)") && lines[1].contains("none  ->  a\\nb"), "{answer:?}");
        assert!(lines[3].contains("2 parameters beyond the first; the rest of 1 value: y"), "{answer:?}");
        assert!(!answer.text.contains('\u{1b}'));
        assert_eq!(answer.json["schema_changed"], true);
        assert!(diff_answer(&Difference::default()).text.starts_with("no difference"));
    }
}
