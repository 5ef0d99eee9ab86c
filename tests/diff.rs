//! `diff`: two models side by side. What they are, scikit-learn 1.9.1 said when it made them
//! (`tests/interop/make_diff.py`).

use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

fn data(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/diff").join(name)
}

fn diff(before: &Path, after: &Path, more: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_coldload")).arg("diff").args([before, after]).args(more).output().unwrap()
}

/// Exit status, whether the schema changed, and each change by its name.
fn changes(before: &str, after: &str) -> (i32, bool, Vec<(String, Value, Value)>) {
    let output = diff(&data(before), &data(after), &["--json"]);
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let list = report["diff"]["changes"].as_array().unwrap();
    let list = list.iter().map(|change| (text(&change["what"]), change["before"].clone(), change["after"].clone()));
    (output.status.code().unwrap(), report["diff"]["schema_changed"].as_bool().unwrap(), list.collect())
}

#[test]
fn the_same_model_does_not_differ() {
    assert_eq!(changes("shallow.pkl", "shallow.pkl"), (0, false, vec![]));
    let text = String::from_utf8(diff(&data("shallow.pkl"), &data("shallow.pkl"), &[]).stdout).unwrap();
    assert!(text.contains("no difference in class, schema"), "{text}");
}

#[test]
fn other_parameters_are_no_other_schema() {
    let (status, schema, found) = changes("shallow.pkl", "deep.pkl");
    assert_eq!((status, schema), (0, false));
    for wanted in [
        ("facts", json!(["2 trees"]), json!(["3 trees"])),
        ("parameter n_estimators", json!("2"), json!("3")),
        ("parameter max_depth", json!("2"), json!("None")),
        ("parameter criterion", json!("'gini'"), json!("'entropy'")),
    ] {
        assert!(found.contains(&(wanted.0.to_owned(), wanted.1, wanted.2)), "{}: {found:?}", wanted.0);
    }
    assert!(found.iter().any(|(what, ..)| what == "size"));
}

#[test]
fn other_features_and_labels_are_another_schema_and_status_1() {
    let (status, schema, found) = changes("shallow.pkl", "narrow.pkl");
    assert_eq!((status, schema), (1, true));
    assert!(found.contains(&("n_features_in".to_owned(), json!(4), json!(3))), "{found:?}");
    let labels = found.iter().find(|(what, ..)| what == "classes").unwrap();
    assert_eq!((&labels.1["data"], &labels.2["data"]), (&json!(["0", "1", "2"]), &json!(["0", "1"])));
    let (status, _, found) = changes("narrow.pkl", "scaler.pkl");
    assert_eq!(status, 1);
    let (class, scaler) =
        ("sklearn.ensemble._forest.RandomForestClassifier", "sklearn.preprocessing._data.StandardScaler");
    assert!(found.contains(&("class".to_owned(), json!(class), json!(scaler))), "{found:?}");
    let names = found.iter().find(|(what, ..)| what == "names").unwrap();
    assert!(names.1.as_array().unwrap().contains(&json!("sklearn.tree._tree.Tree")), "{names:?}");
    assert!(names.2.as_array().unwrap().contains(&json!(scaler)), "{names:?}");
}

#[test]
fn what_is_refused_or_not_there_is_not_compared() {
    let folder = tempfile::tempdir().unwrap();
    let evil = folder.path().join("evil.pkl");
    std::fs::write(&evil, b"cposix\nsystem\n(S'id'\ntR.").unwrap();
    for (other, status) in [(evil, 1), (folder.path().join("gone.pkl"), 2)] {
        let output = diff(&data("shallow.pkl"), &other, &["--json"]);
        assert_eq!(output.status.code(), Some(status), "{output:?}");
        let report: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert!(report.get("diff").is_none() && report["results"].as_array().unwrap().len() == 2);
    }
}
