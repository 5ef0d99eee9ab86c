//! Every model of `tests/data/models`, nine scikit-learn versions in every protocol and compressor: accepted, named and typed;
//! and every file of `tests/data/hostile`: refused for one of the reasons it deserves.

mod opcodes;

use coldload::bytes::{Input, Limits};
use coldload::job::{self, Assurance, Job, Outcome, Task};
use opcodes::{Answer, judge};
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};

fn data(folder: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data").join(folder)
}

fn json(path: &Path) -> Value {
    serde_json::from_slice(&fs::read(path).unwrap()).unwrap()
}

/// Each model with what scikit-learn said of it.
fn models() -> Vec<(PathBuf, Value)> {
    let mut found = Vec::new();
    for version in fs::read_dir(data("models")).unwrap() {
        for entry in fs::read_dir(version.unwrap().path()).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_some_and(|ending| ending == "json") {
                let about = json(&path);
                found.push((path.with_file_name(about["file"].as_str().unwrap()), about));
            }
        }
    }
    found.sort_by(|a, b| a.0.cmp(&b.0));
    found
}

#[test]
fn every_honest_model_is_accepted_named_and_typed() {
    let models = models();
    assert!(models.len() > 500, "{} models", models.len());
    for (path, about) in models {
        let answer = judge(&fs::read(&path).unwrap(), &[], &[]);
        assert!(answer.findings.is_empty(), "{}: {:?}", path.display(), answer.findings);
        let observation = answer.observation.unwrap();
        assert_eq!(observation.assurance, Assurance::Typed, "{}", path.display());
        let schema = observation.observed.schema;
        assert_eq!(schema.class.as_deref(), about["class"].as_str(), "{}", path.display());
        let version = about["versions"]["scikit-learn"].as_str().unwrap();
        assert_eq!(schema.sklearn_versions, [version], "{}", path.display());
    }
}

#[test]
fn the_answer_does_not_depend_on_how_the_bytes_come() {
    for (path, _) in models().into_iter().step_by(11) {
        let content = fs::read(&path).unwrap();
        let whole = judge(&content, &[], &[]);
        for window in [1, 7, 4096] {
            let job = Job { task: Task::Judge, limits: Limits::default(), allow: Vec::new() };
            let mut answer = Answer::default();
            let outcome = job::run(&job, Input::from_bytes(&content, window), None, None, &mut answer);
            assert_eq!((Some(outcome), answer.observation), (whole.outcome.clone(), whole.observation.clone()));
        }
    }
}

#[test]
fn every_hostile_file_is_refused_for_a_reason_it_deserves() {
    let list = json(&data("hostile/list.json"));
    let entries = list.as_array().unwrap();
    assert!(entries.len() > 30);
    for entry in entries {
        let file = entry["file"].as_str().unwrap();
        let answer = judge(&fs::read(data("hostile").join(file)).unwrap(), &[], &[]);
        if entry["verdict"] == "accept" {
            assert!(answer.findings.is_empty(), "{file}: {:?}", answer.findings);
            continue;
        }
        if entry["verdict"] == "bounded" {
            continue;
        }
        let wanted: Vec<&str> = entry["codes"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
        assert!(matches!(answer.outcome, Some(Outcome::Refused { .. })), "{file}: {answer:?}");
        let known = answer.findings.iter().any(|finding| wanted.contains(&finding.code.text()));
        assert!(known, "{file}: {:?} and not one of {wanted:?}", answer.findings);
    }
}
