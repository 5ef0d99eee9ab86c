//! Honest models of what this build judges by shapes alone (`tests/data/held`): each is accepted as what it is, none by its
//! names alone. And every estimator that was seen in a scikit-learn is in the vocabulary.

use coldload::vocabulary::{Shape, entries};
use serde_json::Value;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::process::Command;

/// The models, with what was noted when they were saved.
fn held() -> BTreeMap<PathBuf, Value> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/held");
    let versions = std::fs::read_dir(root).unwrap().map(|version| version.unwrap().path());
    let files = versions.flat_map(|version| std::fs::read_dir(version).unwrap()).map(|file| file.unwrap().path());
    files
        .filter(|file| file.extension().is_some_and(|extension| extension == "json"))
        .map(|note| {
            let noted: Value = serde_json::from_slice(&std::fs::read(&note).unwrap()).unwrap();
            (note.with_file_name(noted["file"].as_str().unwrap()), noted)
        })
        .collect()
}

#[test]
fn every_model_is_accepted_as_what_it_is_by_more_than_its_names() {
    let held = held();
    assert!(held.len() > 400, "{}", held.len());
    let files: Vec<&PathBuf> = held.keys().collect();
    for part in files.chunks(200) {
        let scan = Command::new(env!("CARGO_BIN_EXE_coldload")).args(["scan", "--json"]).args(part).output().unwrap();
        let report: Value = serde_json::from_slice(&scan.stdout).unwrap();
        let results = report["results"].as_array().unwrap();
        assert_eq!(results.len(), part.len());
        for result in results {
            let path = result["path"].as_str().unwrap();
            let noted = &held[Path::new(path)];
            assert_eq!(result["verdict"], "accepted", "{path}: {}", result["reasons"]);
            assert!(
                result["assurance"] == "shapes" || result["assurance"] == "typed",
                "{path}: {}",
                result["assurance"]
            );
            assert_eq!(result["model"]["class"], noted["class"], "{path}");
        }
    }
}

#[test]
fn the_models_are_of_every_protocol_and_compressor() {
    let ways: HashSet<String> = held().values().map(|noted| noted["saved"].to_string()).collect();
    assert_eq!(ways.len(), 19, "{ways:?}");
}

#[test]
fn every_estimator_that_was_seen_is_in_the_vocabulary() {
    let shapes: HashMap<(&str, &str), Shape> =
        entries().into_iter().map(|entry| ((entry.module, entry.name), entry.shape)).collect();
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/interop/estimators.txt");
    let seen = std::fs::read_to_string(path).unwrap();
    let mut known = 0;
    for line in seen.lines().filter(|line| !line.starts_with('#')) {
        let words: Vec<&str> = line.split_whitespace().collect();
        let (module, name) = (words[0], words[1]);
        let for_tests = module.contains("mocking") || module == "sklearn.utils.metaestimators";
        let base =
            ["Base", "_Base", "_DPGMMBase", "_GMMBase", "_GeneralizedLinear"].iter().any(|base| name.starts_with(base));
        let never_saved = words.contains(&"abstract") || for_tests || base;
        match shapes.get(&(module, name)) {
            Some(shape) => assert_eq!(*shape, Shape::Estimator, "{module}.{name}"),
            None => assert!(never_saved, "{module}.{name}"),
        }
        known += usize::from(shapes.contains_key(&(module, name)));
    }
    assert!(known > 350, "{known}");
}

#[test]
fn a_function_of_numpys_has_one_shape_by_all_of_its_names() {
    let entries = entries();
    let of_numpy: HashMap<&str, Shape> =
        entries.iter().filter(|entry| entry.module == "numpy").map(|entry| (entry.name, entry.shape)).collect();
    // Those of texts are functions of `numpy.char`.
    let defining = |module: &str| {
        let places = ["numpy.core.", "numpy.lib."].iter().any(|place| module.starts_with(place));
        places && !module.ends_with("_multiarray_umath") && !module.ends_with("defchararray")
    };
    let kept = entries.iter().filter(|entry| defining(entry.module) && entry.shape == Shape::Function);
    let mut count = 0;
    for entry in kept {
        assert_eq!(of_numpy.get(entry.name), Some(&Shape::Function), "{}.{}", entry.module, entry.name);
        count += 1;
    }
    assert!(count > 100, "{count}");
}

#[test]
fn a_class_whose_state_holds_a_function_to_call_is_in_no_table() {
    let names: HashSet<(&str, &str)> = entries().into_iter().map(|entry| (entry.module, entry.name)).collect();
    for (module, name) in [
        ("joblib.memory", "MemorizedFunc"),
        ("numpy", "apply_along_axis"),
        ("sklearn.callback._scoring_monitor", "ScoringMonitor"),
        ("builtins", "setattr"),
        ("builtins", "map"),
        ("operator", "methodcaller"),
    ] {
        assert!(!names.contains(&(module, name)), "{module}.{name}");
    }
}

fn coldload(arguments: &[&str]) -> (Option<i32>, Value) {
    let run = Command::new(env!("CARGO_BIN_EXE_coldload")).args(arguments).arg("--json").output().unwrap();
    (run.status.code(), serde_json::from_slice(&run.stdout).unwrap())
}

#[test]
fn a_set_is_asked_for_by_its_name() {
    let model = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/sets/xgboost-classifier.pkl");
    assert_eq!(coldload(&["scan", model]).0, Some(1));
    let (status, report) = coldload(&["scan", model, "--allow-set", "xgboost"]);
    assert_eq!((status, &report["results"][0]["assurance"]), (Some(0), &Value::from("shapes")));
    assert_eq!(coldload(&["inspect", model, "--allow-set", "xgboost"]).0, Some(0));
    let (status, report) = coldload(&["scan", model, "--allow-set", "xgbost"]);
    assert_eq!((status, &report["error"]["kind"]), (Some(2), &Value::from("usage")));
    let message = report["error"]["message"].as_str().unwrap();
    assert!(coldload::vocabulary::sets().all(|set| message.contains(set)), "{message}");
}

#[test]
fn a_name_says_which_set_it_is_in() {
    let (_, report) = coldload(&["vocabulary", "xgboost.core.Booster"]);
    let entry = &report["vocabulary"][0];
    assert_eq!((&entry["set"], &entry["shape"]), (&Value::from("xgboost"), &Value::from("booster")));
    let (_, report) = coldload(&["vocabulary", "dill._dill._create_function"]);
    assert_eq!(report["vocabulary"][0]["standing"], "dangerous");
    let (_, report) = coldload(&["vocabulary", "pandas.core.frame.DataFrame"]);
    assert_eq!(report["vocabulary"][0]["set"], Value::Null);
}
