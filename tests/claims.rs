//! What a signer says of a model besides its bytes, through the built program: environment, provenance, digests. It is shown as
//! the signer's word; and an environment that is not the one in the bytes is not sealed.

use coldload::manifest::{FileDigest, Manifest, Sha256};
use coldload::seal::{self, Sealed, Secret, read_secret};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use tempfile::TempDir;

#[path = "support/schema.rs"]
mod schema;

/// Variables by which a pipeline, or a test before this one, would change what is sealed.
const UNSET: [&str; 12] = [
    "COLDLOAD_KEY",
    "COLDLOAD_PUBLIC_KEY",
    "COLDLOAD_NAME",
    "COLDLOAD_OUTPUT_FORMAT",
    "NO_COLOR",
    "GITHUB_RUN_ID",
    "CI_JOB_URL",
    "CI_PIPELINE_URL",
    "BUILDKITE_BUILD_URL",
    "BUILD_URL",
    "GITHUB_SHA",
    "CI_COMMIT_SHA",
];

/// A folder with a model that scikit-learn 1.6.1 saved, and a key pair `ci`.
struct Desk {
    folder: TempDir,
    variables: Vec<(&'static str, String)>,
}

impl Desk {
    fn new() -> Desk {
        let desk = Desk { folder: tempfile::tempdir().unwrap(), variables: Vec::new() };
        let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/demo");
        std::fs::copy(data.join("iris_forest.pkl"), desk.path("model.pkl")).unwrap();
        desk.done(&["keygen", "-o", "ci"]);
        desk
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn write(&self, name: &str, bytes: impl AsRef<[u8]>) {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    }

    fn run(&self, args: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_coldload"));
        for name in UNSET {
            command.env_remove(name);
        }
        command.envs(self.variables.iter().map(|(name, value)| (name, value)));
        command.current_dir(self.folder.path()).args(args).output().unwrap()
    }

    #[track_caller]
    fn done(&self, args: &[&str]) -> String {
        let output = self.run(args);
        assert_eq!(output.status.code(), Some(0), "{args:?}: {output:?}");
        String::from_utf8(output.stdout).unwrap()
    }

    #[track_caller]
    fn json(&self, status: i32, args: &[&str]) -> Value {
        let output = self.run(&[args, &["--json"]].concat());
        assert_eq!(output.status.code(), Some(status), "{args:?}: {output:?}");
        let document: Value = serde_json::from_slice(&output.stdout).unwrap();
        let described = serde_json::from_str(include_str!("../docs/report.schema.json")).unwrap();
        assert_eq!(schema::faults(&described, &document), Vec::<String>::new());
        document
    }

    /// Signs with these options; the report.
    #[track_caller]
    fn sign(&self, status: i32, options: &[&str]) -> Value {
        self.json(status, &[&["sign", "model.pkl", "-k", "ci", "--name", "churn"], options].concat())
    }

    /// What the seal beside the model claims.
    #[track_caller]
    fn claimed(&self) -> Value {
        self.json(0, &["inspect", "model.pkl.seal"])["results"][0]["seal"]["statements"].clone()
    }

    /// Signing is refused by a usage error, and nothing is written.
    #[track_caller]
    fn usage(&self, options: &[&str], said: &str) {
        let error = self.sign(2, options)["error"].clone();
        assert_eq!(error["kind"], "usage", "{error}");
        assert!(error["message"].as_str().unwrap().contains(said), "{error}");
        assert!(!self.path("model.pkl.seal").exists());
    }

    fn has_seal(&self) -> bool {
        self.path("model.pkl.seal").exists()
    }

    /// Replaces the seal by one whose manifest was changed, validly signed by `ci`.
    fn forge(&self, change: impl FnOnce(&mut Manifest)) {
        let path = self.path("model.pkl.seal");
        let sealed = Sealed::decode(&std::fs::read(&path).unwrap()).unwrap();
        let mut manifest = Manifest::decode(sealed.unverified_manifest()).unwrap();
        change(&mut manifest);
        let Secret::Signing(key) = read_secret(&std::fs::read(self.path("ci")).unwrap()).unwrap() else {
            panic!("no key pair")
        };
        std::fs::write(path, seal::sign(&manifest.encode().unwrap(), &[key.as_ref()]).unwrap()).unwrap();
    }
}

const VERIFY: [&str; 6] = ["verify", "model.pkl", "-k", "ci.pub", "--name", "churn"];

// ---- an environment that disagrees

#[test]
fn an_environment_with_another_scikit_learn_is_refused_and_its_twin_sealed() {
    let desk = Desk::new();
    for other in ["scikit-learn==1.5.2", "Scikit_Learn == 1.6.10", "numpy==1.26.4\nscikit.learn==1.6.1rc1\n"] {
        desk.write("requirements.txt", other);
        let result = desk.sign(1, &["--env", "requirements.txt"])["results"][0].clone();
        assert_eq!((&result["verdict"], &result["checks"]["environment"]), (&json!("refused"), &json!("failed")));
        let reason = &result["reasons"][0];
        assert_eq!(reason["code"], "environment-mismatch");
        let message = reason["message"].as_str().unwrap();
        assert!(message.contains("scikit-learn 1.6.1 in the model's bytes"), "{message}");
        assert!(message.contains("in requirements.txt"), "{message}");
        assert!(reason["next"].as_str().unwrap().contains("pip freeze > requirements.txt"));
        assert!(!desk.has_seal());
    }
    desk.write("requirements.txt", "numpy==1.26.4\nscikit-learn==1.6.1\n");
    let result = desk.sign(0, &["--env", "requirements.txt"])["results"][0].clone();
    assert_eq!(result["checks"]["environment"], "passed");
    assert_eq!(result["claimed"], json!(["environment"]));
    let lock = &desk.claimed()["environment@1"]["locks"][0];
    assert_eq!((&lock["name"], &lock["kind"]), (&json!("requirements.txt"), &json!("requirements")));
    assert_eq!(lock["pins"][1], json!({"name": "scikit-learn", "version": "1.6.1"}));
    assert_eq!(lock["sha256"], sha256(b"numpy==1.26.4\nscikit-learn==1.6.1\n"));
}

#[test]
fn what_names_no_version_is_sealed_with_a_note() {
    let desk = Desk::new();
    desk.write("requirements.txt", "numpy==1.26.4\nscikit-learn>=1.5\n");
    desk.write("uv.lock", "version = 1\n\n[[package]]\nname = \"scikit-learn\"\nversion = \"1.5.2\"\n");
    let report = desk.sign(0, &["--env", "requirements.txt", "--env", "uv.lock"]);
    let notes = report["notes"].to_string();
    assert!(notes.contains("names no version of scikit-learn") && notes.contains("no pins of a uv-lock"), "{notes}");
    assert_eq!(report["results"][0]["checks"]["environment"], "not-checked");
    let locks = &desk.claimed()["environment@1"]["locks"];
    assert_eq!((&locks[0]["others"], &locks[1]["kind"]), (&json!(["scikit-learn>=1.5"]), &json!("uv-lock")));
}

#[test]
fn a_folder_is_held_against_every_model_in_it() {
    let desk = Desk::new();
    std::fs::create_dir(desk.path("bundle")).unwrap();
    std::fs::copy(desk.path("model.pkl"), desk.path("bundle/a.pkl")).unwrap();
    desk.write("bundle/readme.md", "words");
    desk.write("requirements.txt", "scikit-learn==1.5.2");
    let sign = |status| desk.json(status, &["sign", "bundle", "-k", "ci", "--env", "requirements.txt"]);
    assert_eq!(sign(1)["results"][0]["reasons"][0]["code"], "environment-mismatch");
    desk.write("requirements.txt", "scikit-learn==1.6.1");
    sign(0);
    let digests = &desk.json(0, &["inspect", "bundle/coldload.seal"])["results"][0]["seal"]["statements"]["digests@1"];
    assert_eq!(digests[1], json!({"path": "readme.md", "sha256": sha256(b"words")}));
    desk.done(&["verify", "bundle", "-k", "ci.pub"]);
}

#[test]
fn files_that_contradict_one_another_are_a_usage_error() {
    let desk = Desk::new();
    desk.write("a.txt", "numpy==1.26.4\nscikit-learn==1.6.1\n");
    desk.write("b.txt", "numpy==2.0.0\n");
    desk.usage(&["--env", "a.txt", "--env", "b.txt"], "numpy 1.26.4 in a.txt, and 2.0.0 in b.txt");
    desk.write("b.txt", "numpy==1.26.4.0\nnumpy==2.0.0 ; python_version >= '3.13'\n");
    desk.sign(0, &["--env", "a.txt", "--env", "b.txt"]);
}

#[test]
fn a_file_that_is_no_environment_is_refused_by_its_line() {
    let desk = Desk::new();
    for (text, said) in [
        (&b"numpy==1.26.4\nnumpy 1.26.4\n"[..], "requirements.txt: line 2 is no requirement"),
        (b"numpy==1.26.4\nscipy==\xff\n", "line 2 is not utf-8"),
        (b"numpy==1.26.4\n\n# \0\n", "line 3 holds a control character"),
        (b"numpy==1.26.4\nnumpy==2.0.0\n", "line 2 pins numpy to 2.0.0"),
    ] {
        desk.write("requirements.txt", text);
        desk.usage(&["--env", "requirements.txt"], said);
    }
    desk.write("requirements.txt", [b"numpy==1.26.4 #", &vec![b'x'; 100_000][..]].concat());
    desk.usage(&["--env", "requirements.txt"], "line 1 is longer");
    std::fs::File::create(desk.path("requirements.txt")).unwrap().set_len(1 << 40).unwrap();
    desk.usage(&["--env", "requirements.txt"], "larger than");
    desk.write("uv.lock", "numpy==1.26.4\n");
    desk.usage(&["--env", "uv.lock"], "by its content it is none");
    assert_eq!(desk.sign(2, &["--env", "nowhere.txt"])["error"]["kind"], "not-found");
    desk.usage(&["--env", "."], "folder");
}

#[test]
fn no_credential_reaches_a_seal() {
    let mut desk = Desk::new();
    desk.write(
        "requirements.txt",
        "--index-url https://me:SECRET@pypi.host.org/SECRET/simple\n-e git+https://SECRET@github.com/o/r.git@v1#egg=r\n\
         mine @ https://host/SECRET/mine-1.0.whl?token=SECRET\nscikit-learn==1.6.1 # SECRET\n",
    );
    desk.variables = vec![("CI_JOB_URL", "https://me:SECRET@gitlab.com/-/jobs/1?private_token=SECRET".to_owned())];
    desk.sign(0, &["--env", "requirements.txt"]);
    let seal = std::fs::read(desk.path("model.pkl.seal")).unwrap();
    assert!(!seal.windows(6).any(|window| window == b"SECRET"));
    let text = desk.done(&["inspect", "model.pkl.seal", "-v"]);
    assert!(text.contains("git+https://github.com/o/r.git@v1") && text.contains("gitlab"), "{text}");
}

// ---- provenance

#[test]
fn annotations_are_kept_and_wrong_ones_are_usage_errors() {
    let desk = Desk::new();
    let long = format!("a={}", "v".repeat(1001));
    for wrong in [&["novalue"][..], &["a b=c"], &["=c"], &["a=1", "a=2"], &["a=\u{1b}[2J"], &["a="], &[&long]] {
        let options: Vec<&str> = wrong.iter().flat_map(|option| ["--meta", option]).collect();
        desk.usage(&options, "--meta");
    }
    desk.sign(0, &["--meta", "team=risk", "--meta", "ticket.no=A-1=b"]);
    assert_eq!(desk.claimed()["provenance@1"]["annotations"], json!({"team": "risk", "ticket.no": "A-1=b"}));
}

#[test]
fn the_commit_is_read_from_files_and_no_git_is_run() {
    let desk = Desk::new();
    let commit = "0123456789abcdef0123456789abcdef01234567";
    // What git would run if it were run here.
    desk.write(".git/config", "[core]\n\tfsmonitor = touch git-was-run\n\tsshCommand = touch git-was-run\n");
    desk.write(".git/HEAD", "ref: refs/heads/main\n");
    desk.write(".git/packed-refs", format!("# pack-refs with: peeled \n{commit} refs/heads/main\n"));
    desk.sign(0, &[]);
    assert_eq!(desk.claimed()["provenance@1"]["source"], json!({"commit": commit, "found": "git"}));
    assert!(!desk.path("git-was-run").exists());
    desk.write(".git/HEAD", "ref: ../../secret\n");
    desk.write("secret", commit);
    desk.sign(0, &[]);
    assert_eq!(desk.claimed().get("provenance@1"), None);
}

#[test]
fn the_run_of_a_pipeline_is_taken_from_its_variables() {
    let mut desk = Desk::new();
    let commit = "a".repeat(40);
    desk.variables = vec![
        ("GITHUB_RUN_ID", "17".to_owned()),
        ("GITHUB_REPOSITORY", "o/r\u{1b}[2J".to_owned()),
        ("GITHUB_SERVER_URL", "https://github.com".to_owned()),
        ("GITHUB_SHA", commit.clone()),
    ];
    desk.usage(&[], "GITHUB_REPOSITORY");
    desk.variables[1].1 = "o/r".to_owned();
    desk.sign(0, &[]);
    let run = "https://github.com/o/r/actions/runs/17";
    let expected = json!({"system": "github", "run": run, "repository": "o/r", "commit": commit});
    assert_eq!(desk.claimed()["provenance@1"]["ci"], expected);
}

// ---- how it is shown

#[test]
fn a_verifier_sees_claims_as_claims() {
    let desk = Desk::new();
    desk.write("requirements.txt", "scikit-learn==1.6.1");
    desk.sign(0, &["--env", "requirements.txt", "--meta", "team=risk"]);
    let text = desk.done(&VERIFY);
    let line = |start: &str| text.lines().find(|line| line.trim_start().starts_with(start)).unwrap().to_owned();
    assert!(line("not checked").ends_with("; claimed by the signer: environment, provenance"), "{text}");
    assert!(!line("checked").contains("environment"), "{text}");
    let result = desk.json(0, &VERIFY)["results"][0].clone();
    assert_eq!(result["claimed"], json!(["environment", "provenance"]));
    assert_eq!(result["checks"]["environment"], "not-checked");
}

#[test]
fn digests_of_short_files_are_compared_and_those_of_long_ones_claimed() {
    let desk = Desk::new();
    desk.sign(0, &[]);
    let model = std::fs::read(desk.path("model.pkl")).unwrap();
    assert_eq!(desk.claimed()["digests@1"], json!([{"path": ".", "sha256": sha256(&model)}]));
    assert_eq!(desk.json(0, &VERIFY)["results"][0].get("claimed"), None);
    // A seal with a digest that its own table contradicts can not even be made.
    let path = desk.path("model.pkl.seal");
    let sealed = Sealed::decode(&std::fs::read(path).unwrap()).unwrap();
    let mut manifest = Manifest::decode(sealed.unverified_manifest()).unwrap();
    manifest.claims.digests = Some(vec![FileDigest { path: ".".to_owned(), sha256: Sha256([0; 32]) }]);
    assert!(manifest.encode().is_err());
    // A folder with a file of more than one chunk: what is signed of it is the signer's word.
    std::fs::create_dir(desk.path("bundle")).unwrap();
    std::fs::copy(desk.path("model.pkl"), desk.path("bundle/a.pkl")).unwrap();
    let long = vec![7; (4 << 20) + 1];
    desk.write("bundle/data.csv", &long);
    desk.done(&["sign", "bundle", "-k", "ci"]);
    let verified = desk.json(0, &["verify", "bundle", "-k", "ci.pub"]);
    assert_eq!(verified["results"][0]["claimed"], json!(["digests"]));
    let digests = &desk.json(0, &["inspect", "bundle/coldload.seal"])["results"][0]["seal"]["statements"]["digests@1"];
    assert_eq!(digests[1]["sha256"], sha256(&long));
}

#[test]
fn inspect_shows_model_and_seal_apart() {
    let desk = Desk::new();
    let bare = desk.done(&["inspect", "model.pkl"]);
    assert!(!bare.contains("observed in the bytes") && !bare.contains("claimed"), "{bare}");
    desk.write("requirements.txt", "scikit-learn==1.6.1");
    desk.sign(0, &["--env", "requirements.txt", "--meta", "team=risk"]);
    let text = desk.done(&["inspect", "model.pkl"]);
    let (observed, claimed) = text.split_once("claimed by the signer, not checked").unwrap();
    assert!(observed.contains("observed in the bytes") && observed.contains("RandomForestClassifier"), "{text}");
    assert!(!observed.contains("churn") && !observed.contains("team=risk"), "{text}");
    for said in ["churn", "signed by", "team=risk", "scikit-learn 1.6.1", "what was observed"] {
        assert!(claimed.contains(said), "{said}: {text}");
    }
    let result = desk.json(0, &["inspect", "model.pkl"])["results"][0].clone();
    assert_eq!(result["model"]["name"], Value::Null, "a name that no key vouches for");
    assert_eq!(result["seal"]["name"], "churn");
    assert_eq!(result["observed"]["schema"]["sklearn_versions"], json!(["1.6.1"]));
    // A seal that says something else, and one that is none.
    desk.forge(|manifest| manifest.observed.schema.as_mut().unwrap().n_features_in = Some(5));
    assert!(desk.done(&["inspect", "model.pkl"]).contains("something else than was observed"));
    desk.write("model.pkl.seal", "no seal");
    let text = desk.done(&["inspect", "model.pkl"]);
    assert!(text.contains("the seal model.pkl.seal is refused") && text.contains("manifest-invalid"), "{text}");
}

#[test]
fn the_schema_file_is_the_schema_and_a_refused_model_has_none() {
    let desk = Desk::new();
    let file: Value = serde_json::from_str(&desk.done(&["inspect", "model.pkl", "--schema"])).unwrap();
    let schema = &desk.json(0, &["inspect", "model.pkl"])["results"][0]["observed"]["schema"];
    assert_eq!(file["schema"], "coldload.schema/1");
    let keys: Vec<&str> = file.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(keys.len(), 8, "{keys:?}");
    for field in ["class", "n_features_in", "classes", "n_outputs", "steps", "sklearn_versions"] {
        assert_eq!(file[field], schema[field], "{field}");
    }
    assert_eq!(file["feature_names_in"], Value::Null);
    desk.write("evil.pkl", b"cposix\nsystem\n(S'true'\ntR.");
    let output = desk.run(&["inspect", "evil.pkl", "--schema"]);
    assert_eq!((output.status.code(), output.stdout.len()), (Some(1), 0), "{output:?}");
    assert!(String::from_utf8(output.stderr).unwrap().contains("dangerous-global"));
    desk.sign(0, &[]);
    let output = desk.run(&["inspect", "model.pkl.seal", "--schema"]);
    assert_eq!((output.status.code(), output.stdout.len()), (Some(2), 0), "{output:?}");
    assert_eq!(desk.run(&["inspect", "model.pkl", "--schema", "--trace"]).status.code(), Some(2));
}

// ---- the interpreter

#[cfg(unix)]
mod interpreter {
    use super::*;
    use std::os::unix::fs::PermissionsExt;
    use std::time::{Duration, Instant};

    const ANSWER: &str = r#"{"implementation": "cpython", "version": "3.11.7", "system": "linux", "machine": "x86_64",
        "libc": "glibc 2.36", "packages": [["Scikit_Learn", "1.6.1"], ["numpy", "1.26.4"], ["numpy", "0.1"]]}"#;

    /// A program that stands for a Python.
    fn python(desk: &Desk, script: &str) {
        desk.write("python", format!("#!/bin/sh\n{script}\n"));
        std::fs::set_permissions(desk.path("python"), std::fs::Permissions::from_mode(0o755)).unwrap();
    }

    fn answering(desk: &Desk, answer: &str) {
        python(desk, &format!("cat <<'END'\n{answer}\nEND"));
    }

    #[test]
    fn an_interpreter_tells_what_is_installed() {
        let desk = Desk::new();
        answering(&desk, ANSWER);
        let result = desk.sign(0, &["--python", "./python"])["results"][0].clone();
        assert_eq!(result["checks"]["environment"], "passed");
        let environment = &desk.claimed()["environment@1"];
        assert_eq!(
            environment["python"],
            json!({"implementation": "cpython", "version": "3.11.7", "found": "interpreter"})
        );
        assert_eq!(environment["platform"]["libc"], "glibc 2.36");
        let installed = json!([{"name": "numpy", "version": "1.26.4"}, {"name": "scikit-learn", "version": "1.6.1"}]);
        assert_eq!(environment["packages"]["installed"], installed, "what comes first is what is imported");
        let text = desk.done(&["inspect", "model.pkl.seal"]);
        assert!(text.contains("cpython 3.11.7, said the interpreter"), "{text}");
    }

    #[test]
    fn an_interpreter_with_another_scikit_learn_is_refused() {
        let desk = Desk::new();
        answering(&desk, &ANSWER.replace("1.6.1", "1.7.2"));
        let reason = desk.sign(1, &["--python", "./python"])["results"][0]["reasons"][0].clone();
        assert_eq!(reason["code"], "environment-mismatch");
        assert!(reason["message"].as_str().unwrap().contains("1.7.2 in the interpreter"), "{reason}");
        desk.write("requirements.txt", "scikit-learn==1.6.1");
        desk.usage(&["--python", "./python", "--env", "requirements.txt"], "contradicts itself");
        assert!(!desk.has_seal());
    }

    #[test]
    fn it_is_run_isolated_and_no_key_reaches_it() {
        let mut desk = Desk::new();
        desk.variables =
            vec![("SIGNING_KEY", std::fs::read_to_string(desk.path("ci")).unwrap()), ("PYTHONPATH", "x".to_owned())];
        python(&desk, &format!("env > seen; echo \"$1 $2\" >> seen; cat <<'END'\n{ANSWER}\nEND"));
        desk.json(0, &["sign", "model.pkl", "-k", "env:SIGNING_KEY", "--python", "./python"]);
        let seen = std::fs::read_to_string(desk.path("seen")).unwrap();
        assert!(seen.ends_with("-I -c\n"), "{seen}");
        assert!(!seen.contains("PRIVATE KEY") && !seen.contains("PYTHONPATH"), "{seen}");
    }

    #[test]
    fn a_key_that_came_by_a_descriptor_does_not_reach_it() {
        let desk = Desk::new();
        python(&desk, &format!("ls -l /proc/self/fd > seen; cat <<'END'\n{ANSWER}\nEND"));
        let sign = format!(
            "exec '{}' sign model.pkl -k fd:3 --name x --python ./python -q 3<ci",
            env!("CARGO_BIN_EXE_coldload")
        );
        let folder = desk.path("ci").parent().unwrap().to_owned();
        let ran = std::process::Command::new("/bin/sh").args(["-c", &sign]).current_dir(folder).output().unwrap();
        assert!(ran.status.success(), "{ran:?}");
        let seen = std::fs::read_to_string(desk.path("seen")).unwrap();
        assert!(seen.contains(" 1 -> ") && !seen.contains("/ci\n"), "{seen}");
    }

    #[test]
    fn an_answer_that_is_none_seals_nothing() {
        let desk = Desk::new();
        let wrong = |said: &str| {
            let began = Instant::now();
            let error = desk.sign(2, &["--python", "./python"])["error"].clone();
            assert!(error["message"].as_str().unwrap().contains(said), "{said}: {error}");
            assert!(!desk.has_seal() && began.elapsed() < Duration::from_secs(15), "{said}");
        };
        for answer in ["", "{}", "[]", &ANSWER.replace("\"libc\"", "\"surprise\""), &format!("{ANSWER} {ANSWER}")] {
            answering(&desk, answer);
            wrong("gave an answer that is none");
        }
        answering(&desk, &ANSWER.replace("Scikit_Learn", "a b"));
        wrong("which is no name");
        answering(&desk, &ANSWER.replace("1.26.4", r"\u001b[2J"));
        wrong("a package's version is empty, longer");
        python(&desk, "echo Traceback >&2; echo 'ModuleNotFoundError: No module' >&2; exit 1");
        wrong("ModuleNotFoundError");
        python(&desk, "yes");
        wrong("answered with more than 4194304 bytes");
        std::fs::remove_file(desk.path("python")).unwrap();
        wrong("is not there");
        desk.write("python", "no program");
        wrong("can not be run");
        // What the interpreter leaves behind keeps nobody waiting, if it does not hold the answer open.
        python(&desk, &format!("sleep 30 >/dev/null 2>&1 & cat <<'END'\n{ANSWER}\nEND"));
        desk.sign(0, &["--python", "./python"]);
    }

    #[test]
    fn an_interpreter_that_does_not_answer_is_not_waited_for() {
        let desk = Desk::new();
        // A process of its own holds the answer open.
        python(&desk, "sleep 100 & echo $! > pid; sleep 100");
        let began = Instant::now();
        let error = desk.sign(2, &["--python", "./python"])["error"].clone();
        assert!(error["message"].as_str().unwrap().contains("no answer within 20 seconds"), "{error}");
        assert!((20..40).contains(&began.elapsed().as_secs()));
        let pid = std::fs::read_to_string(desk.path("pid")).unwrap();
        std::thread::sleep(Duration::from_millis(200));
        let state = std::fs::read_to_string(format!("/proc/{}/stat", pid.trim())).unwrap_or_default();
        assert!(!cfg!(target_os = "linux") || state.is_empty() || state.contains(") Z "), "{state}");
    }
}

fn sha256(bytes: &[u8]) -> String {
    coldload::bytes::Hasher::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}
