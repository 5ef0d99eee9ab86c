//! `fuzz`: twins that are refused for what they deserve, and attacks on the program's own readers.

use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

#[path = "support/schema.rs"]
mod schema;

fn coldload(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_coldload"));
    command.env_clear().current_dir(folder).args(arguments).output().unwrap()
}

/// The report, which is as the schema describes it.
fn report(folder: &Path, arguments: &[&str], status: i32) -> Value {
    let output = coldload(folder, &[arguments, &["--json"]].concat());
    assert_eq!(output.status.code(), Some(status), "{arguments:?}: {output:?}");
    let report = serde_json::from_slice(&output.stdout).unwrap();
    let described = serde_json::from_str(include_str!("../docs/report.schema.json")).unwrap();
    assert_eq!(schema::faults(&described, &report), Vec::<String>::new());
    report
}

fn data(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data").join(path)
}

fn texts(value: &Value) -> Vec<&str> {
    value.as_array().unwrap().iter().map(|text| text.as_str().unwrap()).collect()
}

/// Every file of a folder and its content, by name.
fn contents(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap());
    let file =
        |entry: std::fs::DirEntry| (entry.file_name().into_string().unwrap(), std::fs::read(entry.path()).unwrap());
    let mut found: Vec<_> = entries.map(file).collect();
    found.sort();
    found
}

/// Models of each format and compressor, and kinds of twins that there are of them and of no other.
const MODELS: &[(&str, &[&str])] = &[
    ("demo/iris_forest.pkl", &["frame-crossing", "dtype"]),
    ("models/1.6.1/forest_classifier.joblib", &["nested-objects"]),
    ("models/1.6.1/forest_classifier_pair.joblib.z", &["nested-objects", "checksum"]),
    ("models/1.6.1/forest_regressor_holes.joblib.gz", &["checksum"]),
    ("demo/iris_linear.joblib.bz2", &["checksum"]),
    ("models/1.6.1/forest_classifier_holes.joblib.xz", &["checksum"]),
    ("models/1.6.1/extra_trees_classifier_holes.joblib.lzma", &["nested-objects"]),
    ("models/1.6.1/forest_classifier_frame.joblib.lz4", &["checksum"]),
    ("old/compressed/model.pkl.z", &["checksum"]),
    ("plain/py27-containers-0.pkl", &["inst"]),
];

#[test]
fn every_twin_is_refused_for_what_it_deserves() {
    let folder = tempfile::tempdir().unwrap();
    for (number, (model, kinds)) in MODELS.iter().enumerate() {
        let to = number.to_string();
        let model = data(model);
        assert!(model.exists(), "{model:?}");
        let made = report(folder.path(), &["fuzz", model.to_str().unwrap(), "--emit", &to, "--count", "30"], 0);
        let twins = made["fuzz"]["twins"].as_array().unwrap();
        assert_eq!(twins.len(), 30, "{model:?}");
        for kind in ["call-first", "call-middle", "truncated", "trailing"].iter().chain(*kinds) {
            assert!(twins.iter().any(|twin| twin["kind"] == *kind), "{model:?}: no {kind}");
        }
        // What the command says of its own twins, another run of the program says too.
        let scanned = report(folder.path(), &["scan", &to, "--strict", "--exclude", "index.json"], 1);
        let results = scanned["results"].as_array().unwrap();
        assert_eq!(results.len(), twins.len());
        for (twin, result) in twins.iter().zip(results) {
            let name = twin["file"].as_str().unwrap();
            assert!(result["path"].as_str().unwrap().ends_with(name) && result["verdict"] == "refused", "{result}");
            let codes: Vec<&str> =
                result["reasons"].as_array().unwrap().iter().map(|reason| reason["code"].as_str().unwrap()).collect();
            let deserves = texts(&twin["deserves"]);
            assert!(codes.iter().any(|code| deserves.contains(code)), "{model:?}, {twin}: {codes:?}");
            assert!(texts(&twin["reasons"]).iter().all(|code| codes.contains(code)), "{twin}: {codes:?}");
        }
        let ending = |name: &str| name.split_once('.').map(|(_, ending)| ending.to_owned());
        let kept = ending(model.file_name().unwrap().to_str().unwrap());
        assert!(twins.iter().all(|twin| ending(twin["file"].as_str().unwrap()) == kept));
        let index: Value =
            serde_json::from_slice(&std::fs::read(folder.path().join(&to).join("index.json")).unwrap()).unwrap();
        assert_eq!(index["schema"], "coldload.twins/1");
        assert_eq!(index["twins"], made["fuzz"]["twins"]);
    }
}

#[test]
fn arrays_of_numpy_have_twins_too() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["npy", "npz"] {
        let found = std::fs::read_dir(data("npy/new")).unwrap().map(|entry| entry.unwrap().path());
        let model = found.filter(|path| path.extension().is_some_and(|ending| ending == name)).min().unwrap();
        let made = report(folder.path(), &["fuzz", model.to_str().unwrap(), "--emit", name, "--count", "5"], 0);
        let twins = made["fuzz"]["twins"].as_array().unwrap();
        assert_eq!(twins.len(), 5);
        assert!(twins.iter().all(|twin| twin["runs"] == false), "no opcode is in there to run anything");
    }
}

/// What CPython writes of small values in protocols 0 and 1, which do not begin with the opcode PROTO: with more behind it, such a file is
/// in no known form.
#[test]
fn small_pickles_of_the_first_protocols_have_twins_too() {
    let folder = tempfile::tempdir().unwrap();
    let dumps: [&[u8]; 5] = [
        b"(lp0\nI1\naF2.5\naVa\np1\na.",
        b"]q\x00(K\x01G@\x04\x00\x00\x00\x00\x00\x00X\x01\x00\x00\x00aq\x01e.",
        b"N.",
        b"L1000000000000000000000000000000L\n.",
        b"Vabc\np0\n.",
    ];
    for (number, dump) in dumps.iter().enumerate() {
        let (model, to) = (format!("{number}.pkl"), format!("{number}"));
        std::fs::write(folder.path().join(&model), dump).unwrap();
        let made = report(folder.path(), &["fuzz", &model, "--emit", &to, "--count", "60"], 0);
        let twins = made["fuzz"]["twins"].as_array().unwrap();
        for kind in ["call-first", "trailing", "truncated", "second-pickle"] {
            let twin = twins.iter().find(|twin| twin["kind"] == kind);
            // Half of the shortest ones is nothing.
            assert!(twin.is_some() || kind == "truncated", "{number}: no {kind}");
        }
    }
}

#[test]
fn the_same_seed_makes_the_same_twins() {
    let folder = tempfile::tempdir().unwrap();
    let model = data("demo/iris_linear.joblib.bz2");
    let make = |to: &str, seed: &str| {
        report(folder.path(), &["fuzz", model.to_str().unwrap(), "--emit", to, "--count", "30", "--seed", seed], 0);
        contents(&folder.path().join(to))
    };
    let one = make("one", "7");
    assert_eq!(one.len(), 31);
    assert!(one == make("again", "7"));
    let other = make("other", "8");
    let same = one.iter().filter(|file| other.contains(file)).count();
    assert!(same < 10, "{same} of 30 twins are the same with another seed");
    let mut bytes: Vec<&Vec<u8>> = one.iter().map(|(_, content)| content).collect();
    bytes.sort();
    bytes.dedup();
    assert_eq!(bytes.len(), 31, "two twins are one");
}

#[test]
fn a_twin_differs_from_its_model_in_the_attack_alone() {
    let folder = tempfile::tempdir().unwrap();
    let model = data("plain/py313-times-2.pkl");
    let made = report(folder.path(), &["fuzz", model.to_str().unwrap(), "--emit", "t", "--count", "40"], 0);
    let honest = std::fs::read(&model).unwrap();
    let mut looked = 0;
    for twin in made["fuzz"]["twins"].as_array().unwrap() {
        // A protocol without frames: what was put in is one piece.
        if !["call-first", "call-middle", "call-last", "memo", "inst", "obj", "partial", "build"]
            .contains(&twin["kind"].as_str().unwrap())
        {
            continue;
        }
        let bytes = std::fs::read(folder.path().join("t").join(twin["file"].as_str().unwrap())).unwrap();
        let start = honest.iter().zip(&bytes).take_while(|(one, other)| one == other).count();
        let end = honest.iter().rev().zip(bytes.iter().rev()).take_while(|(one, other)| one == other).count();
        assert!(start + end >= honest.len(), "{twin}");
        looked += 1;
    }
    assert!(looked >= 8, "{looked}");
}

#[test]
fn a_refused_model_has_no_twins_and_nothing_is_written_over() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("evil.pkl"), b"cposix\nsystem\n(S'true'\ntR.").unwrap();
    let refused = report(folder.path(), &["fuzz", "evil.pkl", "--emit", "twins"], 1);
    assert_eq!(refused["results"][0]["reasons"][0]["code"], "dangerous-global");
    let said = coldload(folder.path(), &["fuzz", "evil.pkl", "--emit", "twins"]).stdout;
    assert!(said.starts_with(b"evil.pkl  refused\n"), "{}", String::from_utf8_lossy(&said));
    let model = data("demo/iris_linear.joblib.bz2");
    std::fs::create_dir(folder.path().join("full")).unwrap();
    std::fs::write(folder.path().join("full/kept"), b"kept").unwrap();
    let taken = report(folder.path(), &["fuzz", model.to_str().unwrap(), "--emit", "full", "--count", "1"], 2);
    assert_eq!(taken["error"]["kind"], "usage");
    let absent = report(folder.path(), &["fuzz", "absent.pkl", "--emit", "twins"], 2);
    assert_eq!(absent["error"]["kind"], "not-found");
    let old = std::fs::read_dir(data("old/plain")).unwrap().map(|entry| entry.unwrap().path());
    let several = old.filter(|path| path.extension().is_some_and(|ending| ending == "pkl")).min().unwrap();
    let several = report(folder.path(), &["fuzz", several.to_str().unwrap(), "--emit", "twins"], 2);
    assert_eq!(several["error"]["kind"], "usage", "{several}");
    let names: Vec<String> = contents(&folder.path().join("full")).into_iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["kept"]);
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 2, "only what was there before");
}

#[test]
#[cfg(target_os = "linux")]
fn every_target_runs_behind_the_walls() {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    for target in coldload::fuzz::names() {
        let seeds = contents(&here.join("fuzz/seeds").join(target));
        let seeds: Vec<String> =
            seeds.into_iter().take(3).map(|(name, _)| format!("fuzz/seeds/{target}/{name}")).collect();
        let seeds: Vec<&str> = seeds.iter().map(String::as_str).collect();
        let replayed = report(here, &[&["fuzz", "--target", target][..], &seeds].concat(), 0);
        assert_eq!(replayed["fuzz"]["executions"], seeds.len(), "{target}");
        assert!(!seeds.is_empty());
        let attack = &["fuzz", "--target", target, "--time", "1s", "--seed", "1", "-o", env!("CARGO_TARGET_TMPDIR")];
        report(here, attack, 0);
    }
}

#[test]
#[cfg(target_os = "linux")]
fn an_attack_says_how_much_it_did_and_can_be_repeated() {
    let folder = tempfile::tempdir().unwrap();
    let attack = &["fuzz", "--target", "machine", "--time", "2s", "--seed", "5", "-o", "kept"];
    let done = report(folder.path(), attack, 0);
    assert_eq!((&done["fuzz"]["target"], &done["fuzz"]["seed"]), (&"machine".into(), &5.into()));
    assert!(done["fuzz"]["executions"].as_u64().unwrap() > 50 && done["fuzz"]["found"] == 0, "{done}");
    assert_eq!(done["sandbox"]["seccomp"], true);
    assert_eq!(contents(&folder.path().join("kept")), []);
    std::fs::write(folder.path().join("seed"), b"\x80\x04N.").unwrap();
    let replayed = report(folder.path(), &["fuzz", "--target", "machine", "seed"], 0);
    assert_eq!(replayed["fuzz"]["executions"], 1);
    std::fs::create_dir(folder.path().join("seeds")).unwrap();
    std::fs::copy(folder.path().join("seed"), folder.path().join("seeds/one")).unwrap();
    report(folder.path(), &["fuzz", "--target", "rows", "--time", "1s", "--seeds", "seeds"], 0);
    for (wrong, kind) in [
        (&["fuzz", "--target", "rows", "absent"][..], "not-found"),
        (&["fuzz", "--target", "rows", "--seeds", "kept", "--time", "1s"], "usage"),
        (&["fuzz", "--target", "rows", "--seeds", "absent", "--time", "1s"], "not-found"),
        (&["fuzz", "--target", "rows", "--time", "0s"], "usage"),
        (&["fuzz", "--target", "rows", "--sandbox", "off"], "usage"),
        (&["fuzz", "--target", "absent"], "usage"),
        (&["fuzz", "--target", "rows", "--emit", "t"], "usage"),
        (&["fuzz", "seed"], "usage"),
        (&["fuzz"], "usage"),
        (&["fuzz", "seed", "seed", "--emit", "t"], "usage"),
    ] {
        assert_eq!(report(folder.path(), wrong, 2)["error"]["kind"], kind, "{wrong:?}");
    }
}
