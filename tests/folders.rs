//! Models that are folders, through the built program: every file is one that was sealed, every model in them is judged, and
//! a copy holds exactly what was checked.

mod opcodes;

use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// A folder `model` with two models and two other files, and a key pair `ci`.
struct Desk(tempfile::TempDir);

impl Desk {
    fn new() -> Desk {
        let desk = Desk(tempfile::tempdir().unwrap());
        let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/demo");
        std::fs::create_dir_all(desk.path("model/parts/notes")).unwrap();
        std::fs::copy(data.join("iris_forest.pkl"), desk.path("model/forest.pkl")).unwrap();
        std::fs::copy(data.join("iris_linear.joblib.bz2"), desk.path("model/parts/linear.joblib")).unwrap();
        desk.write("model/parts/notes/readme.txt", b"x\n");
        desk.write("model/config.json", b"{\"threshold\": 0.5}\n");
        desk.write("model/empty", b"");
        desk.done(&["keygen", "-o", "ci"]);
        desk
    }

    /// The same, sealed as `churn`.
    fn sealed() -> Desk {
        let desk = Desk::new();
        desk.done(&["sign", "model", "-k", "ci", "--name", "churn"]);
        desk
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn write(&self, name: &str, bytes: &[u8]) {
        std::fs::write(self.path(name), bytes).unwrap();
    }

    fn read(&self, name: &str) -> Vec<u8> {
        std::fs::read(self.path(name)).unwrap()
    }

    fn run(&self, args: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_coldload"));
        for name in ["COLDLOAD_KEY", "COLDLOAD_PUBLIC_KEY", "COLDLOAD_NAME", "COLDLOAD_OUTPUT_FORMAT", "NO_COLOR"] {
            command.env_remove(name);
        }
        command.current_dir(self.0.path()).args(args).output().unwrap()
    }

    #[track_caller]
    fn done(&self, args: &[&str]) {
        let output = self.run(args);
        assert_eq!(output.status.code(), Some(0), "{args:?}: {output:?}");
    }

    #[track_caller]
    fn json(&self, status: i32, args: &[&str]) -> Value {
        let output = self.run(&[args, &["--json"]].concat());
        assert_eq!(output.status.code(), Some(status), "{args:?}: {}", String::from_utf8_lossy(&output.stdout));
        serde_json::from_slice(&output.stdout).unwrap()
    }

    #[track_caller]
    fn accepted(&self) -> Value {
        self.json(0, &["verify", "model", "-k", "ci.pub", "--name", "churn"])["results"][0].clone()
    }

    /// Refused for these reasons, in this order.
    #[track_caller]
    fn refused(&self, codes: &[&str]) -> Value {
        let result = self.json(1, &["verify", "model", "-k", "ci.pub", "--name", "churn"])["results"][0].clone();
        let found: Vec<&str> =
            result["reasons"].as_array().unwrap().iter().map(|reason| reason["code"].as_str().unwrap()).collect();
        assert_eq!(found, codes, "{result}");
        result
    }
}

#[test]
fn a_folder_is_sealed_and_verified_as_a_whole() {
    let desk = Desk::sealed();
    let result = desk.accepted();
    assert_eq!(result["model"]["models"], 2);
    assert_eq!(result["model"]["class"], Value::Null, "there is no class of both");
    assert_eq!(result["assurance"], "typed");
    for check in ["signature", "name", "digests", "content", "structure", "schema"] {
        assert_eq!(result["checks"][check], "passed", "{check}");
    }
    // Whichever way it is written, and with its seal beside it.
    desk.done(&["verify", "model/", "-k", "ci.pub"]);
    std::fs::rename(desk.path("model/coldload.seal"), desk.path("model.seal")).unwrap();
    desk.accepted();
    desk.done(&["verify", "./model//", "-k", "ci.pub"]);
    std::fs::rename(desk.path("model.seal"), desk.path("elsewhere")).unwrap();
    desk.done(&["verify", "model", "-k", "ci.pub", "--seal", "elsewhere"]);
    desk.refused(&["unsigned"]);
}

#[test]
fn the_seal_of_a_folder_says_what_is_in_it() {
    let desk = Desk::sealed();
    let seal = desk.json(0, &["inspect", "model/coldload.seal"])["results"][0]["seal"].clone();
    let paths = |list: &str| -> Vec<String> {
        seal[list].as_array().unwrap().iter().map(|entry| entry["path"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(paths("files"), ["config.json", "empty", "forest.pkl", "parts/linear.joblib", "parts/notes/readme.txt"]);
    assert_eq!(paths("models"), ["forest.pkl", "parts/linear.joblib"]);
    assert_eq!(seal["models"][0]["schema"]["class"], "sklearn.ensemble._forest.RandomForestClassifier");
}

#[test]
fn a_file_that_is_more_less_or_another_is_refused() {
    let desk = Desk::sealed();
    desk.write("model/parts/extra.txt", b"more");
    let result = desk.refused(&["extra-file"]);
    assert_eq!(result["checks"]["digests"], "failed");
    assert!(result["reasons"][0]["message"].as_str().unwrap().contains("parts/extra.txt"));
    // Not even one in a folder of its own, with a name that hides it.
    std::fs::remove_file(desk.path("model/parts/extra.txt")).unwrap();
    std::fs::create_dir(desk.path("model/.hidden")).unwrap();
    desk.accepted(); // An empty folder holds nothing.
    desk.write("model/.hidden/coldload.seal", b"a seal elsewhere is a file like others");
    desk.refused(&["extra-file"]);
    std::fs::remove_dir_all(desk.path("model/.hidden")).unwrap();

    let config = desk.read("model/config.json");
    std::fs::remove_file(desk.path("model/config.json")).unwrap();
    desk.refused(&["missing-file"]);
    desk.write("model/config.json", b"{\"threshold\": 0.9}\n");
    let result = desk.refused(&["digest-mismatch"]);
    assert_eq!(result["reasons"][0]["place"], "config.json");
    desk.write("model/config.json", &[&config[..], b"\n"].concat());
    desk.refused(&["digest-mismatch"]);
    desk.write("model/config.json", &config);
    desk.write("model/empty", b"!");
    desk.refused(&["digest-mismatch"]);
    desk.write("model/empty", b"");
    desk.accepted();

    let forest = desk.read("model/forest.pkl");
    let mut changed = forest.clone();
    let last = changed.len() - 10;
    changed[last] ^= 1;
    desk.write("model/forest.pkl", &changed);
    desk.refused(&["digest-mismatch"]);
    // Two models that change places are each as they were signed, and neither stands where it should.
    let linear = desk.read("model/parts/linear.joblib");
    desk.write("model/forest.pkl", &linear);
    desk.write("model/parts/linear.joblib", &forest);
    desk.refused(&["digest-mismatch", "digest-mismatch"]);
}

#[test]
fn models_that_are_read_side_by_side_are_told_apart() {
    let desk = Desk::new();
    let forest = desk.read("model/forest.pkl");
    assert!((16 << 10..256 << 10).contains(&forest.len()), "of such the descriptors travel together");
    let names: Vec<String> = (0..9).map(|number| format!("model/f{number}.pkl")).collect();
    names.iter().for_each(|name| desk.write(name, &forest));
    desk.done(&["sign", "model", "-k", "ci", "--name", "churn"]);
    assert_eq!(desk.accepted()["model"]["models"], 11);
    let mut changed = forest.clone();
    changed[forest.len() / 2] ^= 1;
    for name in &names {
        for bytes in [&changed[..], &forest[..100], &[&forest[..], b"."].concat(), b""] {
            desk.write(name, bytes);
            let result = desk.refused(&["digest-mismatch"]);
            assert_eq!(result["reasons"][0]["place"], name["model/".len()..]);
        }
        desk.write(name, &forest);
    }
    desk.accepted();
}

#[cfg(unix)]
#[test]
fn a_link_or_a_pipe_in_a_folder_is_refused_to_signers_and_verifiers() {
    let desk = Desk::sealed();
    std::fs::rename(desk.path("model/config.json"), desk.path("config.json")).unwrap();
    std::os::unix::fs::symlink("../config.json", desk.path("model/config.json")).unwrap();
    // The very bytes that were sealed, by a link: the link could lead elsewhere a moment later.
    let result = desk.refused(&["unsafe-path"]);
    assert!(result["reasons"][0]["message"].as_str().unwrap().starts_with("config.json: a link"));
    assert_eq!(desk.json(1, &["sign", "model", "-k", "ci"])["results"][0]["reasons"][0]["code"], "unsafe-path");
    std::fs::rename(desk.path("config.json"), desk.path("model/config.json")).unwrap();
    desk.accepted();
    std::fs::rename(desk.path("model/parts"), desk.path("parts")).unwrap();
    std::os::unix::fs::symlink("../parts", desk.path("model/parts")).unwrap();
    desk.refused(&["unsafe-path", "missing-file", "missing-file"]);
    std::fs::remove_file(desk.path("model/parts")).unwrap();
    std::fs::rename(desk.path("parts"), desk.path("model/parts")).unwrap();
    let _socket = std::os::unix::net::UnixListener::bind(desk.path("model/socket")).unwrap();
    desk.refused(&["unsafe-path"]);
    // The folder itself may be named by a link.
    std::fs::remove_file(desk.path("model/socket")).unwrap();
    std::os::unix::fs::symlink("model", desk.path("current")).unwrap();
    desk.done(&["verify", "current", "-k", "ci.pub", "--name", "churn"]);
}

#[test]
fn what_scan_refuses_in_a_folder_is_not_sealed() {
    let desk = Desk::new();
    desk.write("model/parts/notes/readme.txt", &opcodes::pickle4(opcodes::attack()));
    let result = desk.json(1, &["sign", "model", "-k", "ci"])["results"][0].clone();
    assert_eq!(result["reasons"][0]["code"], "dangerous-global");
    assert_eq!(result["reasons"][0]["place"], "parts/notes/readme.txt");
    assert!(!desk.path("model/coldload.seal").exists());
    desk.write("model/parts/notes/readme.txt", b"harmless");
    desk.done(&["sign", "model", "-k", "ci"]);
}

#[test]
fn a_signer_can_not_hide_a_model_among_other_files() {
    use coldload::manifest::Manifest;
    use coldload::seal::{Sealed, Secret, read_secret, sign};
    let desk = Desk::sealed();
    let manifest = Manifest::decode(Sealed::decode(&desk.read("model/coldload.seal")).unwrap().unverified_manifest());
    let manifest = manifest.unwrap();
    let Secret::Signing(key) = read_secret(&desk.read("ci")).unwrap() else { panic!("another kind of key") };
    let seal = |change: fn(&mut Manifest)| {
        let mut changed = manifest.clone();
        change(&mut changed);
        let sealed = sign(&changed.encode().unwrap(), &[key.as_ref()]).unwrap();
        desk.write("model/coldload.seal", &sealed);
    };
    seal(|_| ());
    desk.accepted();
    seal(|manifest| drop(manifest.observed.models.as_mut().unwrap().remove(0)));
    desk.refused(&["content-mismatch"]);
    seal(|manifest| {
        let models = manifest.observed.models.as_mut().unwrap();
        let mut more = models[0].clone();
        more.path = "config.json".to_owned();
        models.insert(0, more);
    });
    desk.refused(&["content-mismatch"]);
    seal(|manifest| manifest.observed.models.as_mut().unwrap()[1].schema.n_features_in = Some(9));
    desk.refused(&["schema-mismatch"]);
    // Without the statement the files are judged all the same, and the report says what was not compared.
    seal(|manifest| manifest.observed.models = None);
    assert_eq!(desk.accepted()["checks"]["schema"], "not-checked");
}

#[test]
fn a_seal_of_a_file_is_none_of_a_folder() {
    let desk = Desk::sealed();
    desk.done(&["sign", "model/forest.pkl", "-k", "ci", "--name", "churn", "-o", "file.seal"]);
    for (model, seal) in [("model", "file.seal"), ("model/forest.pkl", "model/coldload.seal")] {
        let result = desk.json(1, &["verify", model, "-k", "ci.pub", "--seal", seal])["results"][0].clone();
        assert_eq!(result["reasons"][0]["code"], "manifest-invalid", "{result}");
    }
    // A file of a sealed folder has no seal of its own; the report says where the seal is.
    let result = desk.json(1, &["verify", "model/forest.pkl", "-k", "ci.pub"])["results"][0].clone();
    assert_eq!(result["reasons"][0]["code"], "unsigned");
    assert!(result["reasons"][0]["next"].as_str().unwrap().contains("coldload verify model -k"), "{result}");
}

#[test]
fn what_could_be_taken_for_a_seal_or_is_a_key_is_not_sealed() {
    let desk = Desk::new();
    std::fs::create_dir(desk.path("model/coldload.seal")).unwrap();
    desk.write("model/coldload.seal/x", b"x");
    let refused = desk.json(1, &["sign", "model", "-k", "ci", "-o", "out.seal"]);
    assert_eq!(refused["results"][0]["reasons"][0]["code"], "unsafe-path", "{refused}");
    std::fs::remove_dir_all(desk.path("model/coldload.seal")).unwrap();
    std::fs::copy(desk.path("ci"), desk.path("model/ci")).unwrap();
    let output = desk.run(&["sign", "model", "-k", "model/ci"]);
    assert_eq!(output.status.code(), Some(2), "{output:?}");
    assert!(!desk.path("model/coldload.seal").exists());
}

#[test]
fn a_copy_holds_exactly_what_was_checked() {
    let desk = Desk::sealed();
    std::fs::create_dir(desk.path("model/nothing")).unwrap();
    desk.done(&["verify", "model", "-k", "ci.pub", "--to", "out"]);
    for file in ["config.json", "empty", "forest.pkl", "parts/linear.joblib", "parts/notes/readme.txt", "coldload.seal"]
    {
        assert_eq!(desk.read(&format!("out/{file}")), desk.read(&format!("model/{file}")), "{file}");
    }
    assert!(!desk.path("out/nothing").exists());
    desk.done(&["verify", "out", "-k", "ci.pub", "--name", "churn"]);
    // Nothing is written over what is there, or where something is refused.
    let before = std::fs::read_dir(desk.0.path()).unwrap().count();
    assert_eq!(desk.run(&["verify", "model", "-k", "ci.pub", "--to", "out"]).status.code(), Some(2));
    desk.write("model/extra", b"x");
    assert_eq!(desk.run(&["verify", "model", "-k", "ci.pub", "--to", "other"]).status.code(), Some(1));
    assert_eq!(desk.run(&["verify", "model", "out", "-k", "ci.pub", "--to", "other"]).status.code(), Some(2));
    assert_eq!(std::fs::read_dir(desk.0.path()).unwrap().count(), before);
    // An empty folder may be there already.
    std::fs::remove_file(desk.path("model/extra")).unwrap();
    std::fs::create_dir(desk.path("empty")).unwrap();
    desk.done(&["verify", "model", "-k", "ci.pub", "--to", "empty"]);
    // A folder takes the place of an empty folder, and not of a link to one.
    std::fs::create_dir(desk.path("void")).unwrap();
    std::os::unix::fs::symlink("void", desk.path("link")).unwrap();
    for link in ["link", "link/"] {
        let refused = desk.run(&["verify", "model", "-k", "ci.pub", "--to", link]);
        assert_eq!(refused.status.code(), Some(2));
        assert!(String::from_utf8_lossy(&refused.stderr).contains("is there already"), "{refused:?}");
    }
    assert!(desk.path("empty/forest.pkl").exists());
    // In the model it would be a part of it, and break it.
    for inside in ["model/copy", "model/parts/copy"] {
        assert_eq!(desk.run(&["verify", "model", "-k", "ci.pub", "--to", inside]).status.code(), Some(2));
        assert!(!desk.path(inside).exists());
    }
    desk.done(&["verify", "model", "-k", "ci.pub", "--name", "churn"]);
}

#[test]
fn a_single_file_is_copied_with_its_seal() {
    let desk = Desk::new();
    desk.done(&["sign", "model/forest.pkl", "-k", "ci", "--name", "churn"]);
    desk.done(&["verify", "model/forest.pkl", "-k", "ci.pub", "--to", "out"]);
    assert_eq!(desk.read("out/forest.pkl"), desk.read("model/forest.pkl"));
    desk.done(&["verify", "out/forest.pkl", "-k", "ci.pub", "--name", "churn"]);
}

#[test]
fn a_folder_without_a_model_is_not_sealed() {
    let desk = Desk::new();
    std::fs::create_dir(desk.path("texts")).unwrap();
    desk.write("texts/readme.md", b"# nothing\n");
    assert_eq!(desk.run(&["sign", "texts", "-k", "ci"]).status.code(), Some(3));
    assert!(!desk.path("texts/coldload.seal").exists());
}

#[test]
fn a_seal_in_its_folder_has_one_name() {
    let desk = Desk::new();
    assert_eq!(desk.run(&["sign", "model", "-k", "ci", "-o", "model/other.seal"]).status.code(), Some(2));
    assert!(!desk.path("model/other.seal").exists());
    desk.done(&["sign", "model", "-k", "ci", "-o", "model/../model/coldload.seal"]);
    desk.done(&["sign", "model", "-k", "ci", "-o", "outside.seal"]);
    desk.done(&["verify", "model", "-k", "ci.pub", "--seal", "outside.seal"]);
}

#[test]
fn strict_refuses_what_would_be_skipped() {
    let desk = Desk::sealed();
    let scan = |args: &[&str], status| desk.json(status, args)["summary"].clone();
    let found = scan(&["scan", "model"], 0);
    assert_eq!((found["accepted"].as_u64(), found["skipped"].as_u64()), (Some(2), Some(4)));
    let strict = scan(&["scan", "model", "--strict"], 1);
    // The seal belongs to the model, and is no stranger.
    assert_eq!((strict["refused"].as_u64(), strict["skipped"].as_u64()), (Some(3), Some(1)));
}

#[test]
fn standard_input_is_judged_and_verified() {
    use std::io::Write;
    let desk = Desk::sealed();
    let piped = |bytes: &[u8], args: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_coldload"));
        command.current_dir(desk.0.path()).args(args).env_remove("COLDLOAD_PUBLIC_KEY");
        command.stdin(std::process::Stdio::piped()).stdout(std::process::Stdio::piped());
        command.stderr(std::process::Stdio::piped());
        let mut child = command.spawn().unwrap();
        child.stdin.take().unwrap().write_all(bytes).unwrap();
        child.wait_with_output().unwrap()
    };
    let forest = desk.read("model/forest.pkl");
    desk.done(&["sign", "model/forest.pkl", "-k", "ci", "-o", "forest.seal"]);
    let verify = ["verify", "-", "-k", "ci.pub", "--seal", "forest.seal"];
    for (bytes, args, status) in [
        (&forest[..], &["scan", "-"][..], 0),
        (&forest, &["inspect", "-"], 0),
        (&desk.read("forest.seal"), &["inspect", "-"], 0),
        (&opcodes::pickle4(opcodes::attack()), &["scan", "-"], 1),
        (&forest[..100], &["scan", "-"], 1),
        (b"", &["scan", "-"], 1),
        (&forest, &verify, 0),
        (&forest[..forest.len() - 1], &verify, 1),
        (&forest, &["verify", "-", "-k", "ci.pub"], 2),
        (&forest, &[&verify[..], &["--to", "out"]].concat(), 2),
        (&[0x80; 2000], &["scan", "-", "--limit", "file=1000"], 1),
    ] {
        let output = piped(bytes, args);
        assert_eq!(output.status.code(), Some(status), "{args:?}: {output:?}");
    }
    assert!(!desk.path("out").exists());
}
