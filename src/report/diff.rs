//! What differs between two models, as text and JSON.

use super::Answer;
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

/// The answer to `diff`.
pub fn diff_answer(changes: &[Change]) -> Answer {
    let width = changes.iter().map(|change| brief(&change.what).chars().count()).max().unwrap_or(0).min(40);
    let mut text = String::new();
    for change in changes {
        let what = brief(&change.what);
        let mark = if change.schema { "  (schema)" } else { "" };
        text.push_str(&format!("  {what:width$}  {}  ->  {}{mark}\n", show(&change.before), show(&change.after)));
    }
    text.push_str(match (changes.is_empty(), schema_changed(changes)) {
        (true, _) => "no difference in class, schema, parameters, versions, names and size; what arrays and steps hold is not compared\n",
        (false, true) => "the schema changed: what takes the first model's place must take and give the same\n",
        (false, false) => "the schema is the same\n",
    });
    let json = serde_json::json!({"schema_changed": schema_changed(changes), "changes": changes});
    Answer { field: "diff", json, text }
}

/// A value as a person reads it, in one short line.
fn show(value: &Value) -> String {
    match value {
        Value::Null => "none".to_owned(),
        Value::String(text) => brief(text),
        Value::Array(items) => {
            let shown: Vec<String> = items.iter().map(show).collect();
            brief(&line(&shown.join(", ")))
        }
        // Labels, and the steps of a pipeline.
        Value::Object(fields) => match (fields.get("data"), fields.get("dtype")) {
            (Some(data), Some(dtype)) => format!("{} ({})", show(data), show(dtype)),
            _ => fields.values().map(show).collect::<Vec<_>>().join(" "),
        },
        other => brief(&other.to_string()),
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
        let answer = diff_answer(&[
            change("n_features_in", 4.into(), 5.into(), true),
            change("parameter x\u{1b}[2J", Value::Null, "a\nb".into(), false),
        ]);
        let lines: Vec<&str> = answer.text.lines().collect();
        assert_eq!(lines.len(), 3, "{answer:?}");
        assert!(lines[0].contains("4  ->  5  (schema)") && lines[1].contains("none  ->  a\\nb"), "{answer:?}");
        assert!(!answer.text.contains('\u{1b}'));
        assert_eq!(answer.json["schema_changed"], true);
        assert!(diff_answer(&[]).text.starts_with("no difference"));
    }
}
