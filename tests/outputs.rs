//! No output takes the place of what a command reads: a model, a key, a seal, rows.

use std::path::Path;
use std::process::{Command, Output};

fn run(folder: &Path, args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_coldload")).current_dir(folder).args(args).output().unwrap()
}

/// A model with a seal, its key, and rows.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let demo = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/demo");
    std::fs::copy(demo.join("iris_forest.pkl"), folder.path().join("m.pkl")).unwrap();
    std::fs::copy(demo.join("flowers.csv"), folder.path().join("rows.csv")).unwrap();
    std::fs::copy(folder.path().join("m.pkl"), folder.path().join("m.json")).unwrap();
    std::fs::hard_link(folder.path().join("m.pkl"), folder.path().join("other name")).unwrap();
    for args in [&["keygen", "-o", "k"][..], &["sign", "m.pkl", "-k", "k", "--name", "m"]] {
        assert!(run(folder.path(), args).status.success());
    }
    folder
}

#[test]
fn what_is_read_is_not_written_over() {
    let folder = folder();
    let names = ["m.pkl", "m.json", "m.pkl.seal", "k", "k.pub", "rows.csv"];
    let read = || names.map(|name| std::fs::read(folder.path().join(name)).unwrap());
    let before = read();
    let sign = ["sign", "m.pkl", "-k", "k", "--name", "x", "-o"];
    let predict = ["predict", "m.pkl", "-k", "k.pub", "--name", "m", "-i", "rows.csv", "-o"];
    let scan = ["scan", "m.pkl", "--output-file"];
    let verify = ["verify", "m.pkl", "-k", "k.pub", "--name", "m"];
    for (args, outputs) in [
        (&sign[..], &["m.pkl", "k", "k.pub", "rows.csv", "m.json", "other name"][..]),
        (&predict, &["m.pkl", "rows.csv", "k.pub", "m.pkl.seal", "other name"]),
        (&["dump", "m.json", "-o"], &["m.json"]),
        (&scan, &["m.pkl", "m.pkl.seal", "other name"]),
        (&[&verify[..], &["--output-file"]].concat(), &["m.pkl", "k.pub", "m.pkl.seal"]),
        (&["verify", "m.pkl", "--key=k.pub", "--output-file"], &["k.pub"]),
    ] {
        for output in outputs {
            let ran = run(folder.path(), &[args, &[*output]].concat());
            assert_eq!(ran.status.code(), Some(2), "{args:?} {output}: {ran:?}");
            assert!(read() == before, "{args:?} {output}");
        }
    }
    let equals = run(folder.path(), &["scan", "m.pkl", "--output-file=m.pkl"]);
    assert_eq!(equals.status.code(), Some(2));
    assert!(read() == before);
}

#[test]
fn what_is_not_read_is_replaced() {
    let folder = folder();
    for args in [
        &["sign", "m.pkl", "-k", "k", "--name", "x", "-o", "m.pkl.seal"][..],
        &["scan", "m.pkl", "--output-file", "report.txt"],
        &["scan", "m.pkl", "--output-file", "report.txt"],
        &["scan", ".", "--exclude", "*.json", "--output-file", "report.txt"],
        &["dump", "m.pkl", "-o", "data.json"],
        &["dump", "m.pkl", "-o", "data.json"],
        &["predict", "m.pkl", "--unverified", "-i", "rows.csv", "-o", "answers.csv"],
        &["predict", "m.pkl", "--unverified", "-i", "rows.csv", "-o", "answers.csv"],
    ] {
        let ran = run(folder.path(), args);
        assert!(ran.status.success(), "{args:?}: {ran:?}");
    }
}

#[test]
fn a_signature_is_shown_under_the_name_of_its_key() {
    let folder = folder();
    let signed = run(folder.path(), &["sign", "m.pkl", "-k", "k", "--name", "x"]);
    let text = String::from_utf8(signed.stdout).unwrap();
    assert!(text.contains("signed by     k (ed25519 "), "{text}");
}

#[test]
fn predict_of_a_folder_asks_for_a_file_before_anything_else() {
    let folder = folder();
    for trust in [&["-k", "k.pub", "--name", "m"][..], &["--unverified"]] {
        let ran = run(folder.path(), &[&["predict", ".", "-i", "rows.csv"], trust].concat());
        assert_eq!(ran.status.code(), Some(2));
        let text = String::from_utf8(ran.stderr).unwrap();
        assert!(text.contains("is a folder") && text.contains("name a file in it"), "{text}");
    }
}
