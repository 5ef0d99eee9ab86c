//! Faults that were planted: each is found, made small, kept, and met again by the command that the report prints.

use super::*;
use serde_json::Value;
use std::path::Path;
use std::process::Output;

fn coldload(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_coldload"));
    command.env_clear().current_dir(folder).args(arguments).output().unwrap()
}

#[test]
fn a_fault_is_found_made_small_and_met_again() {
    for (target, code, words, limit) in [
        ("planted_panic", "worker-crashed", "a planted fault at src/fuzz/planted.rs", "time=4"),
        ("planted_abort", "worker-crashed", "SIGABRT", "time=4"),
        ("planted_memory", "limit-exceeded", "the limit memory (", "time=20"),
        ("planted_hang", "limit-exceeded", "the limit time (", "time=1"),
    ] {
        let _guard = among_others();
        let folder = tempfile::tempdir().unwrap();
        let output = coldload(
            folder.path(),
            &["fuzz", "--target", target, "--time", "2s", "--seed", "1", "-o", "kept", "--json", "--limit", limit],
        );
        assert_eq!(output.status.code(), Some(1), "{target}: {output:?}");
        let report: Value = serde_json::from_slice(&output.stdout).unwrap();
        let described = serde_json::from_str(include_str!("../../docs/report.schema.json")).unwrap();
        assert_eq!(schema::faults(&described, &report), Vec::<String>::new());
        assert_eq!((&report["fuzz"]["found"], report["results"].as_array().unwrap().len()), (&1.into(), 1), "{target}");
        let (result, reason) = (&report["results"][0], &report["results"][0]["reasons"][0]);
        assert_eq!((&result["verdict"], &reason["code"]), (&"refused".into(), &code.into()), "{target}");
        assert!(reason["message"].as_str().unwrap().contains(words), "{target}: {reason}");
        let kept = result["path"].as_str().unwrap();
        assert_eq!(report["written"][0]["path"], kept);
        let input = std::fs::read(folder.path().join(kept)).unwrap();
        let high = input.iter().position(|byte| *byte > 0xc0).unwrap();
        assert!(input[high..].iter().any(|byte| *byte < 0x10), "{target}: {input:?}");
        // A hang costs its limit each time, and all that memory its time: there is time for a few tries only.
        let slow = code == "limit-exceeded";
        assert!(input.len() == 2 || (slow && input.len() < 4096), "{target}: {input:?}");
        let next = reason["next"].as_str().unwrap();
        let command = next.strip_prefix("coldload ").unwrap_or_else(|| panic!("{target}: {reason}"));
        let command: Vec<&str> = command.split(' ').collect();
        let again = coldload(folder.path(), &[&command[..], &["--json", "--limit", limit]].concat());
        assert_eq!(again.status.code(), Some(1), "{target}: {again:?}");
        let again: Value = serde_json::from_slice(&again.stdout).unwrap();
        assert_eq!(again["results"][0]["reasons"][0]["code"], code, "{target}");
        // Nothing but the input is written, and an input without the fault goes through.
        assert_eq!(std::fs::read_dir(folder.path().join("kept")).unwrap().count(), 1);
        std::fs::write(folder.path().join("fine"), &input[..=high]).unwrap();
        assert!(coldload(folder.path(), &["fuzz", "--target", target, "fine"]).status.success(), "{target}");
    }
}
