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

#[test]
fn parameters_of_what_is_in_a_model_are_compared_under_the_names_that_get_params_gives() {
    let wanted: Value = serde_json::from_slice(&std::fs::read(data("parameters.json")).unwrap()).unwrap();
    for (pair, names) in wanted.as_object().unwrap() {
        let (status, schema, found) = changes(&format!("{pair}-a.pkl"), &format!("{pair}-b.pkl"));
        assert_eq!((status, schema), (0, false), "{pair}");
        let mut parameters: Vec<&str> = found.iter().filter_map(|(what, ..)| what.strip_prefix("parameter ")).collect();
        // What a search has found is compared too; `get_params` is not asked for it.
        parameters.retain(|name| !name.starts_with("best_estimator_"));
        parameters.sort_unstable();
        let names: Vec<&str> = names.as_array().unwrap().iter().map(|name| name.as_str().unwrap()).collect();
        assert_eq!(parameters, names, "{pair}");
    }
    let (.., found) = changes("steps-a.pkl", "steps-b.pkl");
    let strength = ("parameter model__C".to_owned(), json!("1.0"), json!("2.0"));
    assert!(found.contains(&strength), "{found:?}");
}

#[test]
fn what_the_files_do_not_say_is_not_called_the_same() {
    let answer = |pair: &str| {
        let (one, other) = (data(&format!("{pair}-a.pkl")), data(&format!("{pair}-b.pkl")));
        let report: Value = serde_json::from_slice(&diff(&one, &other, &["--json"]).stdout).unwrap();
        (report["diff"].clone(), String::from_utf8(diff(&one, &other, &[]).stdout).unwrap())
    };
    // A search asks the estimator that it found, and has no such attribute itself.
    let (json, text) = answer("search");
    assert_eq!(json["unknown"], json!(["n_features_in", "classes"]));
    assert!(text.contains("the schema is the same as far as it is known\n"), "{text}");
    assert!(text.contains("not known       how many features they take"), "{text}");
    let (json, text) = answer("steps");
    assert_eq!(json["unknown"], json!([]));
    assert!(text.contains("the schema is the same\n") && text.contains("not compared    what was learned"), "{text}");
}

/// A pickle of a dict, by its pairs' opcodes.
fn dict(pairs: &[(String, Vec<u8>)]) -> Vec<u8> {
    let text = |text: &str| [&b"X"[..], &u32::try_from(text.len()).unwrap().to_le_bytes(), text.as_bytes()].concat();
    let pairs = pairs.iter().flat_map(|(key, value)| [text(key), value.clone()].concat()).collect::<Vec<u8>>();
    [&b"\x80\x02}("[..], &pairs, b"u."].concat()
}

#[test]
fn what_is_not_compared_is_counted_and_what_is_long_is_compared_to_its_end() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, bytes: &[u8]| {
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        path
    };
    let json = |one: &Path, other: &Path| {
        let output = diff(one, other, &["--json"]);
        serde_json::from_slice::<Value>(&output.stdout).unwrap()["diff"].clone()
    };
    let number = |value: u8| vec![b'K', value];
    let many = |last: u8| {
        let pairs = (0..2000).map(|index| (format!("key{index}"), number(if index == 70 { last } else { 0 })));
        dict(&pairs.collect::<Vec<_>>())
    };
    let found = json(&write("many-a", &many(0)), &write("many-b", &many(1)));
    assert_eq!(found["changes"][0]["what"], "parameter key70", "{found}");
    assert_eq!(found["not_compared"], json!({"parameters": 2000 - 1024, "in_part": []}));
    assert_eq!(found["unknown"][0], "class");

    // Texts that differ in the last of very many letters; and where that is beyond what is read.
    for (letters, changed, in_part) in [(100_000u32, 1, json!([])), (2 << 20, 0, json!(["key"]))] {
        let long = |last: char| {
            let text = "a".repeat(letters as usize - 1) + &last.to_string();
            dict(&[("key".to_owned(), [&b"X"[..], &letters.to_le_bytes(), text.as_bytes()].concat())])
        };
        let found = json(&write("long-a", &long('y')), &write("long-b", &long('z')));
        assert_eq!(found["changes"].as_array().unwrap().len(), changed, "{found}");
        assert_eq!(found["not_compared"], json!({"parameters": 0, "in_part": in_part}));
    }
}
