//! Every honest model of `tests/data/models`: accepted by the built program as what it is, by all scikit-learn versions that
//! are there, with its structure checked; and judged the same in whatever pieces it is read.

mod opcodes;

use coldload::bytes::Limits;
use opcodes::{Judged, judge_with};
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Classes whose own invariants this build does not check: none of those that are there.
const NOT_TYPED: [&str; 0] = [];

/// A model, and what was noted when it was saved.
struct Case {
    path: PathBuf,
    noted: Value,
}

fn cases() -> Vec<Case> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/models");
    let mut cases = Vec::new();
    for version in std::fs::read_dir(root).unwrap() {
        let version = version.unwrap().path();
        for note in std::fs::read_dir(&version).unwrap() {
            let note = note.unwrap().path();
            if note.extension().is_some_and(|extension| extension == "json") {
                let noted: Value = serde_json::from_slice(&std::fs::read(&note).unwrap()).unwrap();
                cases.push(Case { path: version.join(noted["file"].as_str().unwrap()), noted });
            }
        }
    }
    cases.sort_by(|one, other| one.path.cmp(&other.path));
    cases
}

/// What stands in a report's `format` and `compressors` for how a file was saved. What joblib writes without an array and
/// uncompressed is a plain pickle.
fn format_of(saved: &Value, bytes: &[u8]) -> (&'static str, Vec<String>) {
    let compressor = match &saved["compress"] {
        Value::Array(pair) => pair[0].as_str().map(str::to_owned),
        Value::Number(level) if level.as_i64() != Some(0) => Some("zlib".to_owned()),
        Value::String(name) => Some(name.clone()),
        Value::Bool(true) => Some("zlib".to_owned()),
        _ => None,
    };
    let wrapper = b"NumpyArrayWrapper";
    let arrays = compressor.is_some() || bytes.windows(wrapper.len()).any(|window| window == wrapper);
    let joblib = saved["with"] == "joblib" && arrays;
    (if joblib { "joblib" } else { "pickle" }, compressor.into_iter().collect())
}

#[test]
fn every_honest_model_is_accepted_as_what_it_is() {
    let cases = cases();
    assert!(cases.len() > 500, "{}", cases.len());
    let mut results = BTreeMap::new();
    for part in cases.chunks(200) {
        let mut command = Command::new(env!("CARGO_BIN_EXE_coldload"));
        let output = command.args(["scan", "--json"]).args(part.iter().map(|case| &case.path)).output().unwrap();
        let document: Value = serde_json::from_slice(&output.stdout).unwrap();
        for result in document["results"].as_array().unwrap() {
            results.insert(PathBuf::from(result["path"].as_str().unwrap()), result.clone());
        }
    }
    let mut wrong = Vec::new();
    let mut versions = std::collections::BTreeSet::new();
    for Case { path, noted } in &cases {
        let (result, class) = (&results[path], &noted["class"]);
        let typed = class.as_str().is_some_and(|class| !NOT_TYPED.contains(&class));
        let (format, compressors) = format_of(&noted["saved"], &std::fs::read(path).unwrap());
        let version = noted["versions"]["scikit-learn"].as_str().unwrap();
        versions.insert(version);
        let model = &result["model"];
        let right = [
            (result["verdict"] == "accepted", "verdict"),
            (model["class"] == *class, "class"),
            (model["sklearn_versions"] == serde_json::json!([version]), "versions"),
            (model["format"] == format, "format"),
            (model["compressors"] == serde_json::json!(compressors), "compressors"),
            (result["assurance"] == if typed { "typed" } else { "shapes" }, "assurance"),
        ];
        if let Some((_, what)) = right.iter().find(|(right, _)| !right) {
            wrong.push(format!("{}: {what}: {result}", path.display()));
        }
    }
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), cases.len(), wrong[..wrong.len().min(5)].join("\n"));
    assert_eq!(versions.len(), 9, "{versions:?}");
}

#[test]
fn a_model_is_judged_the_same_in_whatever_pieces_it_is_read() {
    let cases = cases();
    let judged = |bytes: &[u8], window| {
        let Judged { findings, observation } = judge_with(bytes, &Limits::default(), window);
        (findings, observation)
    };
    // Every seventh: all formats, compressors and versions are among them.
    for Case { path, .. } in cases.iter().step_by(7) {
        let bytes = std::fs::read(path).unwrap();
        let whole = judged(&bytes, usize::MAX);
        assert!(whole.0.is_empty(), "{}: {:?}", path.display(), whole.0);
        for window in [1, 7, 4096] {
            assert_eq!(judged(&bytes, window), whole, "{} in pieces of {window}", path.display());
        }
    }
}

#[test]
fn a_hostile_file_is_judged_the_same_in_whatever_pieces_it_is_read() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/hostile");
    for entry in std::fs::read_dir(folder).unwrap() {
        let bytes = std::fs::read(entry.unwrap().path()).unwrap();
        let whole = judge_with(&bytes, &Limits::default(), usize::MAX);
        for window in [1, 7, 4096] {
            let pieces = judge_with(&bytes, &Limits::default(), window);
            assert_eq!((pieces.findings, pieces.observation), (whole.findings.clone(), whole.observation.clone()));
        }
    }
}

#[test]
fn a_model_that_is_cut_anywhere_is_refused() {
    let cases = cases();
    for Case { path, .. } in cases.iter().step_by(61) {
        let bytes = std::fs::read(path).unwrap();
        let step = (bytes.len() / 12).max(1);
        for length in (0..bytes.len()).step_by(step).chain([bytes.len() - 1]) {
            let judged = judge_with(&bytes[..length], &Limits::default(), usize::MAX);
            assert!(!judged.findings.is_empty(), "the first {length} bytes of {}", path.display());
        }
        let extended = [&bytes[..], b"\0"].concat();
        let judged = judge_with(&extended, &Limits::default(), usize::MAX);
        assert!(!judged.findings.is_empty(), "{} and one byte", path.display());
    }
}
