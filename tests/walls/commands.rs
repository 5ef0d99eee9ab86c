//! Every way for a worker to die, met by every command: the model is refused for a reason of its own, the exit status is 1,
//! nothing is written, and a report stays short. And the other models of a folder are judged all the same.

use coldload::bytes::ChunkTable;
use coldload::manifest::{FileEntry, Manifest, SINGLE, Time};
use coldload::seal::{self, Secret, read_secret};
use serde_json::Value;
use std::path::Path;
use std::process::{Command, Output};

/// What the worker does, the code of the reason, and words of its message.
const DEATHS: &[(&str, &str, &str)] = &[
    ("socket", "worker-crashed", "its walls forbid"),
    ("panic", "worker-crashed", "a fixed text at src/"),
    ("abort", "worker-crashed", "SIGABRT"),
    ("stack", "worker-crashed", "SIGABRT"),
    ("exit-5", "worker-crashed", "status 5"),
    ("exit", "worker-silent", "ended without an answer"),
    ("half", "worker-silent", "in the middle of its answer"),
    ("write-socket", "worker-protocol", "do not decode"),
    ("hang-up", "worker-protocol", "hung up and went on"),
    ("heap", "limit-exceeded", "the limit memory ("),
    ("loop", "limit-exceeded", "the limit time ("),
    ("sleep", "limit-exceeded", "the limit time ("),
    ("shout", "limit-exceeded", "the limit time ("),
    ("flood", "malformed", "again"),
];

fn escape(name: &str) -> String {
    format!("coldload-escape {name}")
}

fn coldload(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_coldload"));
    command.env_clear().current_dir(folder).args(arguments).output().unwrap()
}

/// Seals files without asking whether they are models, as no command does.
fn seal(folder: &Path, files: &[(&str, &str)], to: &str) {
    let entry = |(path, bytes): &(&str, &str)| FileEntry {
        path: (*path).to_owned(),
        table: ChunkTable::of(bytes.as_bytes()).unwrap(),
    };
    let mut manifest = Manifest::new("model", Time::now(), files.iter().map(entry).collect(), "a test");
    if files[0].0 != SINGLE {
        manifest.observed.models = Some(Vec::new());
    }
    let Ok(Secret::Mac(key)) = read_secret(&std::fs::read(folder.join("shared")).unwrap()) else { panic!() };
    std::fs::write(folder.join(to), seal::mac(&manifest.encode().unwrap(), &key).unwrap()).unwrap();
}

fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("rows.csv"), "a\n1\n").unwrap();
    let made = coldload(folder.path(), &["keygen", "-o", "shared", "--algorithm", "hmac-sha256"]);
    assert!(made.status.success(), "{made:?}");
    folder
}

/// The report that a command wrote; what it may take in memory and on a terminal is short.
fn report(folder: &Path, seconds: u32, arguments: &[&str]) -> (Option<i32>, Value) {
    let time = format!("time={seconds}");
    let limits = ["--limit", &time, "--json", "--output-file", "report.json"];
    let output = coldload(folder, &[arguments, &limits].concat());
    let text = std::fs::read(folder.join("report.json")).unwrap();
    assert!(output.stdout.len() + output.stderr.len() < 100_000, "{arguments:?}");
    assert!(text.len() < 1 << 20, "{arguments:?}: a report of {} bytes", text.len());
    (output.status.code(), serde_json::from_slice(&text).unwrap())
}

#[track_caller]
fn assert_refused(result: &Value, code: &str, words: &str) {
    assert_eq!(result["verdict"], "refused", "{result}");
    // What was found before it died comes first, and is not lost.
    let reason = result["reasons"].as_array().unwrap().last().unwrap();
    assert_eq!(reason["code"], code, "{result}");
    assert!(reason["message"].as_str().unwrap().contains(words), "{reason}");
    assert!(!reason["why"].as_str().unwrap().is_empty() && !reason["next"].as_str().unwrap().is_empty(), "{reason}");
}

#[test]
fn every_command_says_how_a_worker_died() {
    let folder = folder();
    let commands: &[&[&str]] = &[
        &["scan", "model.pkl"],
        &["inspect", "model.pkl"],
        &["inspect", "model.pkl", "--trace"],
        &["sign", "model.pkl", "-k", "shared", "-o", "made.seal"],
        &["verify", "model.pkl", "-k", "shared", "--name", "model"],
        &["predict", "model.pkl", "-i", "rows.csv", "--unverified", "-o", "answers.csv"],
        &["predict", "model.pkl", "-i", "rows.csv", "-k", "shared", "--name", "model", "-o", "answers.csv"],
        &["fuzz", "model.pkl", "--emit", "twins", "--count", "2"],
    ];
    for (name, code, words) in DEATHS {
        std::fs::write(folder.path().join("model.pkl"), escape(name)).unwrap();
        seal(folder.path(), &[(SINGLE, &escape(name))], "model.pkl.seal");
        for (number, command) in commands.iter().enumerate() {
            let endless = words.contains("the limit time");
            if (endless || *name == "hang-up") && ![0, 5].contains(&number) {
                continue; // The clock is the parent's and the same for all; see tests/limits.rs.
            }
            let (status, report) = report(folder.path(), if endless { 1 } else { 60 }, command);
            assert_eq!(status, Some(1), "{name}, {command:?}: {report}");
            assert_refused(&report["results"][0], code, words);
            for output in ["made.seal", "answers.csv", "twins"] {
                assert!(!folder.path().join(output).exists(), "{output} of {name}, {command:?}");
            }
        }
    }
    let left: Vec<_> = std::fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert!(left.iter().all(|name| !name.to_string_lossy().starts_with(".coldload-")), "{left:?}");
}

#[test]
fn one_death_in_a_folder_is_no_other_files() {
    let folder = folder();
    let models = folder.path().join("models");
    std::fs::create_dir(&models).unwrap();
    let once = DEATHS.iter().filter(|(name, ..)| !["heap", "sleep", "shout"].contains(name));
    let deaths: Vec<_> = once.map(|(name, code, words)| (format!("{name}.pkl"), escape(name), *code, *words)).collect();
    for (path, bytes, ..) in &deaths {
        std::fs::write(models.join(path), bytes).unwrap();
        std::fs::write(models.join(format!("{path}-honest.pkl")), "I1\n.").unwrap();
    }
    let (status, scanned) = report(folder.path(), 5, &["scan", "models"]);
    assert_eq!(status, Some(1), "{scanned}");
    let result = |report: &Value, path: &str| {
        let path = format!("models/{path}");
        report["results"].as_array().unwrap().iter().find(|result| result["path"] == path.as_str()).unwrap().clone()
    };
    for (path, _, code, words) in &deaths {
        assert_refused(&result(&scanned, path), code, words);
        assert_eq!(result(&scanned, &format!("{path}-honest.pkl"))["verdict"], "accepted");
    }
    // Signed or verified as a whole, a folder is refused for each of them.
    let files: Vec<(&str, &str)> = deaths
        .iter()
        .map(|(path, bytes, ..)| (path.as_str(), bytes.as_str()))
        .filter(|(path, _)| *path != "flood.pkl")
        .collect();
    for path in std::fs::read_dir(&models).unwrap().map(|entry| entry.unwrap().path()) {
        if !files.iter().any(|(known, _)| path.ends_with(known)) {
            std::fs::remove_file(path).unwrap();
        }
    }
    let mut sorted = files.clone();
    sorted.sort_unstable();
    seal(folder.path(), &sorted, "models/coldload.seal");
    for command in [
        &["sign", "models", "-k", "shared", "-o", "made.seal"][..],
        &["verify", "models", "-k", "shared", "--name", "model"],
    ] {
        let (status, report) = report(folder.path(), 5, command);
        assert_eq!(status, Some(1), "{report}");
        let reasons = report["results"][0]["reasons"].as_array().unwrap();
        for (path, _, code, words) in deaths.iter().filter(|(path, ..)| path != "flood.pkl") {
            let told = reasons.iter().any(|reason| {
                let message = reason["message"].as_str().unwrap();
                let place = reason["place"].as_str().unwrap_or_default();
                reason["code"] == *code && message.contains(words) && (message.contains(path) || place.contains(path))
            });
            assert!(told, "{path}: {report:#}");
        }
    }
    assert!(!folder.path().join("made.seal").exists());
}
