//! Every file of `tests/data/hostile` and `tests/data/structure`, through the built program: refused for one of the reasons that its list gives, or
//! accepted if the list says that it is honest.

use serde_json::Value;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

const FOLDERS: [&str; 2] = ["hostile", "structure"];

/// A folder of files, and its list.
fn listed(folder: &str) -> (PathBuf, Vec<Value>) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data").join(folder);
    let list = serde_json::from_slice(&std::fs::read(folder.join("list.json")).unwrap()).unwrap();
    (folder, list)
}

#[test]
fn every_listed_file_is_refused_for_its_reason_and_every_twin_accepted() {
    FOLDERS.into_iter().for_each(check);
}

fn check(folder: &str) {
    let (folder, list) = listed(folder);
    let files = list.iter().map(|entry| folder.join(entry["file"].as_str().unwrap()));
    let output = Command::new(env!("CARGO_BIN_EXE_coldload")).args(["scan", "--json"]).args(files).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    let results: BTreeMap<String, &Value> = report["results"]
        .as_array()
        .unwrap()
        .iter()
        .map(|result| {
            let path = Path::new(result["path"].as_str().unwrap());
            (path.file_name().unwrap().to_str().unwrap().to_owned(), result)
        })
        .collect();
    assert_eq!(results.len(), list.len());
    for entry in &list {
        let file = entry["file"].as_str().unwrap();
        let result = results[file];
        let codes: Vec<&str> =
            result["reasons"].as_array().into_iter().flatten().map(|reason| reason["code"].as_str().unwrap()).collect();
        if entry["verdict"] == "accept" {
            assert_eq!(result["verdict"], "accepted", "{file}: {codes:?}");
            continue;
        }
        let wanted: Vec<&str> = entry["codes"].as_array().unwrap().iter().map(|code| code.as_str().unwrap()).collect();
        assert_eq!(result["verdict"], "refused", "{file}");
        assert!(codes.iter().any(|code| wanted.contains(code)), "{file}: {codes:?}, and {wanted:?} is expected");
        if let Some(twin) = entry["twin"].as_str() {
            assert_eq!(results[twin]["verdict"], "accepted", "{twin}, the twin of {file}");
        }
    }
}

#[test]
fn the_list_and_the_folder_hold_the_same_files() {
    for folder in FOLDERS {
        let (folder, list) = self::listed(folder);
        let mut listed: Vec<String> = list.iter().map(|entry| entry["file"].as_str().unwrap().to_owned()).collect();
        let mut there: Vec<String> = std::fs::read_dir(&folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .filter(|name| name != "list.json")
            .collect();
        listed.sort();
        there.sort();
        assert_eq!(listed, there);
    }
}
