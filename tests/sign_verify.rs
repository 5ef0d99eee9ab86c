//! Signing, verifying and predicting through the built program: what a seal vouches for, what refuses it, and that nothing is
//! written or answered where something is refused. A valid signature is no reason to believe what was signed.

mod opcodes;

#[path = "sign_verify/outputs.rs"]
mod outputs;

use coldload::bytes::ChunkTable;
use coldload::calendar::DAY;
use coldload::manifest::{FileEntry, Labels, Manifest, SINGLE, Step, Time};
use coldload::seal::{self, Sealed, Secret, read_secret};
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use tempfile::TempDir;

/// A folder with a model, a key pair `ci`, a shared secret `mac`, and rows.
struct Desk {
    folder: TempDir,
}

impl Desk {
    fn new() -> Desk {
        let desk = Desk { folder: tempfile::tempdir().unwrap() };
        let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/demo");
        std::fs::copy(data.join("iris_forest.pkl"), desk.path("model.pkl")).unwrap();
        std::fs::copy(data.join("flowers.csv"), desk.path("rows.csv")).unwrap();
        desk.done(&["keygen", "-o", "ci"]);
        desk.done(&["keygen", "-o", "mac", "--algorithm", "hmac-sha256"]);
        desk
    }

    /// The same, with the model sealed as `churn` by `ci`.
    fn sealed() -> Desk {
        let desk = Desk::new();
        desk.done(&["sign", "model.pkl", "-k", "ci", "--name", "churn"]);
        desk
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn read(&self, name: &str) -> Vec<u8> {
        std::fs::read(self.path(name)).unwrap()
    }

    fn write(&self, name: &str, bytes: &[u8]) {
        std::fs::write(self.path(name), bytes).unwrap();
    }

    fn names(&self) -> Vec<String> {
        let entries = std::fs::read_dir(self.folder.path()).unwrap();
        let mut names: Vec<String> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    fn run(&self, args: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_coldload"));
        for name in ["COLDLOAD_KEY", "COLDLOAD_PUBLIC_KEY", "COLDLOAD_NAME", "COLDLOAD_OUTPUT_FORMAT", "NO_COLOR"] {
            command.env_remove(name);
        }
        command.current_dir(self.folder.path()).args(args).output().unwrap()
    }

    #[track_caller]
    fn done(&self, args: &[&str]) -> Output {
        let output = self.run(args);
        assert_eq!(output.status.code(), Some(0), "{args:?}: {output:?}");
        output
    }

    /// Runs with `--json`; the document.
    #[track_caller]
    fn json(&self, status: i32, args: &[&str]) -> Value {
        let output = self.run(&[args, &["--json"]].concat());
        assert_eq!(output.status.code(), Some(status), "{args:?}: {}", String::from_utf8_lossy(&output.stdout));
        serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {output:?}"))
    }

    /// Verification is refused for this reason alone.
    #[track_caller]
    fn refused(&self, args: &[&str], code: &str) -> Value {
        let result = self.json(1, &[&["verify", "model.pkl"], args].concat())["results"][0].clone();
        assert_eq!(result["verdict"], "refused");
        let codes: Vec<&Value> = result["reasons"].as_array().unwrap().iter().map(|reason| &reason["code"]).collect();
        assert_eq!(codes, [code], "{result}");
        result
    }

    #[track_caller]
    fn accepted(&self, args: &[&str]) -> Value {
        let result = self.json(0, &[&["verify", "model.pkl"], args].concat())["results"][0].clone();
        assert_eq!(result["verdict"], "accepted");
        result
    }

    fn secret(&self, name: &str) -> Secret {
        read_secret(&self.read(name)).unwrap()
    }

    /// Replaces the seal by one whose manifest was changed, validly signed by `ci`.
    fn forge(&self, change: impl FnOnce(&mut Manifest)) {
        let sealed = Sealed::decode(&self.read("model.pkl.seal")).unwrap();
        let mut manifest = Manifest::decode(sealed.unverified_manifest()).unwrap();
        change(&mut manifest);
        self.seal(&manifest);
    }

    fn seal(&self, manifest: &Manifest) {
        let Secret::Signing(key) = self.secret("ci") else { panic!("no key pair") };
        let bytes = manifest.encode().unwrap();
        self.write("model.pkl.seal", &seal::sign(&bytes, &[key.as_ref()]).unwrap());
    }
}

const CI: [&str; 2] = ["-k", "ci.pub"];

// ---- what an acceptance says

#[test]
fn an_acceptance_claims_what_was_checked_and_says_what_was_not() {
    let desk = Desk::sealed();
    let result = desk.accepted(&["-k", "ci.pub", "--name", "churn"]);
    let checks = &result["checks"];
    for check in ["signature", "name", "digests", "content", "structure", "schema"] {
        assert_eq!(checks[check], "passed", "{check} in {checks}");
    }
    for check in ["environment", "rollback"] {
        assert_eq!(checks[check], "not-checked", "{check} in {checks}");
    }
    let text =
        String::from_utf8(desk.done(&["verify", "model.pkl", "-k", "ci.pub", "--name", "churn"]).stdout).unwrap();
    let line = |start: &str| {
        text.lines().find(|line| line.trim_start().starts_with(start)).unwrap_or_else(|| panic!("{text}"))
    };
    assert!(line("not checked").contains("rollback") && line("not checked").contains("environment"), "{text}");
    assert!(line("checked").contains("signature, name"), "{text}");
    assert!(!line("checked").contains("rollback") && !line("checked").contains("environment"), "{text}");
}

#[test]
fn without_a_name_any_model_by_the_key_passes_and_the_report_says_so() {
    let desk = Desk::sealed();
    let result = desk.accepted(&CI);
    assert_eq!(result["checks"]["name"], "not-checked");
    let text = String::from_utf8(desk.done(&["verify", "model.pkl", "-k", "ci.pub"]).stdout).unwrap();
    assert!(text.contains("any model by this key passes"), "{text}");
}

#[test]
fn a_name_is_the_files_stem_unless_it_is_given() {
    let desk = Desk::new();
    desk.done(&["sign", "model.pkl", "-k", "ci"]);
    assert_eq!(desk.accepted(&["-k", "ci.pub", "--name", "model"])["model"]["name"], "model");
}

// ---- what was signed is false

#[test]
fn a_validly_signed_false_content_is_refused() {
    type Change = fn(&mut coldload::manifest::Content);
    let changes: [Change; 7] = [
        |content| content.format = "joblib".to_owned(),
        |content| content.compressors = vec!["zlib".to_owned()],
        |content| content.protocols = vec![0, 5],
        |content| content.pickles += 1,
        |content| content.names.push("zzz.Name".to_owned()),
        |content| drop(content.names.remove(0)),
        |content| content.arrays.bytes += 1,
    ];
    let desk = Desk::sealed();
    let honest = desk.read("model.pkl.seal");
    for (index, change) in changes.into_iter().enumerate() {
        desk.write("model.pkl.seal", &honest);
        desk.forge(|manifest| change(manifest.observed.content.as_mut().unwrap()));
        let result = desk.refused(&CI, "content-mismatch");
        assert_eq!(result["checks"]["content"], "failed", "{index}: {result}");
    }
    desk.write("model.pkl.seal", &honest);
    desk.forge(|_| ());
    desk.accepted(&CI);
}

#[test]
fn a_validly_signed_false_schema_is_refused() {
    type Change = fn(&mut coldload::manifest::Schema);
    let changes: [Change; 9] = [
        |schema| schema.class = Some("sklearn.ensemble._forest.RandomForestRegressor".to_owned()),
        |schema| schema.class = None,
        |schema| schema.sklearn_versions = vec!["9.9.9".to_owned()],
        |schema| schema.n_features_in = Some(5),
        |schema| schema.n_features_in = None,
        |schema| schema.feature_names_in = Some(vec!["a".to_owned()]),
        |schema| schema.classes = Some(Labels { dtype: "int64".to_owned(), count: 2, data: None }),
        |schema| schema.n_outputs = Some(7),
        |schema| schema.steps = vec![Step { name: "scale".to_owned(), class: None }],
    ];
    let desk = Desk::sealed();
    let honest = desk.read("model.pkl.seal");
    for (index, change) in changes.into_iter().enumerate() {
        desk.write("model.pkl.seal", &honest);
        desk.forge(|manifest| change(manifest.observed.schema.as_mut().unwrap()));
        let result = desk.refused(&CI, "schema-mismatch");
        assert_eq!(result["checks"]["schema"], "failed", "{index}: {result}");
    }
}

#[test]
fn a_seal_without_statements_is_accepted_for_its_bytes_alone() {
    let desk = Desk::sealed();
    desk.forge(|manifest| (manifest.observed.content, manifest.observed.schema) = (None, None));
    let text = String::from_utf8(desk.done(&["verify", "model.pkl", "-k", "ci.pub", "-v"]).stdout).unwrap();
    assert!(text.contains("schema (the seal says nothing of it"), "{text}");
    assert_eq!(desk.accepted(&CI)["checks"]["schema"], "not-checked");
}

#[test]
fn a_validly_signed_hostile_file_is_refused() {
    let desk = Desk::new();
    let seal_of = |bytes: &[u8]| {
        desk.write("model.pkl", bytes);
        let table = ChunkTable::of(bytes).unwrap();
        let file = FileEntry { path: SINGLE.to_owned(), table };
        desk.seal(&Manifest::new("churn", Time::now(), vec![file], "coldload 0.1.0"));
    };
    seal_of(&opcodes::pickle4(opcodes::attack()));
    let result = desk.refused(&["-k", "ci.pub", "--name", "churn"], "dangerous-global");
    assert_eq!(result["checks"]["signature"], "passed", "the signature holds, and is no reason");
    seal_of(&opcodes::pickle4(opcodes::array(&[1.0])));
    desk.accepted(&["-k", "ci.pub", "--name", "churn"]);
}

#[test]
fn a_statement_that_is_unknown_is_not_checked_and_a_critical_one_is_refused() {
    let desk = Desk::sealed();
    desk.forge(|manifest| drop(manifest.claims.unknown.insert("lineage@1".to_owned(), "by hand".into())));
    let text = String::from_utf8(desk.done(&["verify", "model.pkl", "-k", "ci.pub", "-v"]).stdout).unwrap();
    assert!(text.contains("lineage@1"), "{text}");
    desk.forge(|manifest| manifest.critical = vec!["content@1".to_owned(), "schema@1".to_owned()]);
    desk.accepted(&CI);
}

// ---- who, which, when

#[test]
fn another_name_is_another_model() {
    let desk = Desk::sealed();
    let result = desk.refused(&["-k", "ci.pub", "--name", "fraud"], "wrong-model");
    assert_eq!((&result["checks"]["signature"], &result["checks"]["name"]), (&"passed".into(), &"failed".into()));
    for near in ["Churn", "churn ", "chur", "churn\u{301}"] {
        desk.refused(&["-k", "ci.pub", "--name", near], "wrong-model");
    }
    desk.accepted(&["-k", "ci.pub", "--name", "churn"]);
}

#[test]
fn an_expired_seal_is_refused() {
    let desk = Desk::new();
    desk.done(&["sign", "model.pkl", "-k", "ci", "--expires", "2099-12-31"]);
    desk.accepted(&CI);
    let yesterday = Time::from_seconds(Time::now().seconds() - DAY);
    desk.forge(|manifest| manifest.expires = yesterday);
    desk.refused(&CI, "expired");
}

#[test]
fn a_sequence_from_the_future_is_refused() {
    let desk = Desk::sealed();
    let now = Time::now().seconds();
    desk.forge(|manifest| manifest.sequence = now + DAY - 60);
    desk.accepted(&CI);
    desk.forge(|manifest| manifest.sequence = now + DAY + 3600);
    desk.refused(&CI, "manifest-invalid");
    desk.forge(|manifest| (manifest.sequence, manifest.created) = (now, Time::from_seconds(now + 2 * DAY).unwrap()));
    desk.refused(&CI, "manifest-invalid");
}

#[test]
fn the_command_that_a_signer_is_told_can_be_pasted() {
    let desk = Desk::new();
    std::fs::rename(desk.path("model.pkl"), desk.path("my model.pkl")).unwrap();
    std::fs::rename(desk.path("ci"), desk.path("alone.pem")).unwrap();
    let output = desk.done(&["sign", "my model.pkl", "-k", "alone.pem"]);
    let text = String::from_utf8(output.stdout).unwrap();
    let next = text.lines().find_map(|line| line.strip_prefix("next   ")).unwrap();
    assert_eq!(next, "coldload verify 'my model.pkl' -k alone.pem --name 'my model'");
    desk.done(&["verify", "my model.pkl", "-k", "alone.pem", "--name", "my model"]);
}

#[test]
fn what_was_not_sealed_is_not_called_signed() {
    let desk = Desk::new();
    for args in [&["--name", ""][..], &["-k", "ci"], &["-o", "no/where.seal"]] {
        let output = desk.run(&[&["sign", "model.pkl", "-k", "ci"], args].concat());
        assert_eq!(output.status.code(), Some(2), "{args:?}");
        let text = String::from_utf8(output.stdout).unwrap();
        assert!(text.starts_with("model.pkl  not sealed"), "{text}");
    }
}

#[test]
fn a_renamed_model_is_still_what_its_seal_says() {
    let desk = Desk::sealed();
    std::fs::rename(desk.path("model.pkl"), desk.path("other.pkl")).unwrap();
    std::fs::rename(desk.path("model.pkl.seal"), desk.path("other.pkl.seal")).unwrap();
    let verify = |name| desk.run(&["verify", "other.pkl", "-k", "ci.pub", "--name", name]).status.code();
    assert_eq!((verify("churn"), verify("other")), (Some(0), Some(1)));
}

#[test]
fn the_seal_of_another_file_is_refused() {
    let desk = Desk::sealed();
    let honest = desk.read("model.pkl");
    desk.write("model.pkl", &opcodes::pickle4(opcodes::int(1)));
    desk.refused(&CI, "digest-mismatch");
    // The same length, one byte changed.
    let mut changed = honest.clone();
    let middle = changed.len() / 2;
    changed[middle] ^= 1;
    desk.write("model.pkl", &changed);
    desk.refused(&CI, "digest-mismatch");
    desk.write("model.pkl", &honest);
    desk.accepted(&CI);
}

#[test]
fn a_model_that_was_cut_or_extended_is_refused() {
    let desk = Desk::sealed();
    let honest = desk.read("model.pkl");
    for bytes in [&honest[..honest.len() - 1], &[&honest[..], b"\0"].concat(), &[&honest[..], &honest[..]].concat()] {
        desk.write("model.pkl", bytes);
        desk.refused(&CI, "digest-mismatch");
    }
}

#[test]
fn a_key_of_another_holder_is_refused() {
    let desk = Desk::sealed();
    desk.done(&["keygen", "-o", "other"]);
    desk.refused(&["-k", "other.pub"], "untrusted-key");
    desk.accepted(&["-k", "other.pub", "-k", "ci.pub"]);
}

#[test]
fn a_shared_secret_and_a_key_pair_do_not_stand_for_one_another() {
    let desk = Desk::sealed();
    desk.refused(&["-k", "mac"], "wrong-key-kind");
    desk.accepted(&CI);
    desk.done(&["sign", "model.pkl", "-k", "mac"]);
    desk.refused(&CI, "wrong-key-kind");
    desk.accepted(&["-k", "mac"]);
    desk.done(&["keygen", "-o", "mac2", "--algorithm", "hmac-sha256"]);
    desk.refused(&["-k", "mac2"], "untrusted-key");
}

#[test]
fn a_private_key_verifies_by_its_public_half() {
    let desk = Desk::sealed();
    desk.accepted(&["-k", "ci"]);
}

#[test]
fn a_model_without_a_seal_is_unsigned() {
    let desk = Desk::new();
    desk.refused(&CI, "unsigned");
    desk.done(&["sign", "model.pkl", "-k", "ci"]);
    desk.accepted(&CI);
}

#[test]
fn a_damaged_seal_is_a_refusal_wherever_the_damage_is() {
    let desk = Desk::sealed();
    let honest = desk.read("model.pkl.seal");
    let step = honest.len().div_ceil(40).max(1);
    for at in (0..honest.len()).step_by(step).chain([honest.len() - 1]) {
        let mut damaged = honest.clone();
        damaged[at] ^= 0x01;
        desk.write("model.pkl.seal", &damaged);
        let result = desk.json(1, &["verify", "model.pkl", "-k", "ci.pub"])["results"][0].clone();
        assert_eq!(result["verdict"], "refused", "the byte {at}");
        let code = result["reasons"][0]["code"].as_str().unwrap();
        assert!(
            ["bad-signature", "manifest-invalid", "untrusted-key", "wrong-key-kind"].contains(&code),
            "{at}: {code}"
        );
    }
    for damaged in [&honest[..honest.len() - 1], &[&honest[..], b"\0"].concat(), b"", b"no seal", &[0xff; 64]] {
        desk.write("model.pkl.seal", damaged);
        desk.refused(&CI, "manifest-invalid");
    }
    desk.write("model.pkl.seal", &honest);
    desk.accepted(&CI);
}

#[test]
fn a_digest_vouches_for_the_bytes_and_for_nothing_else() {
    let desk = Desk::new();
    let digest = coldload::bytes::Hasher::digest(&desk.read("model.pkl"));
    let hex: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    let result = desk.accepted(&["--digest", &format!("sha256:{hex}")]);
    assert_eq!(
        (&result["checks"]["digests"], &result["checks"]["signature"]),
        (&"passed".into(), &"not-checked".into())
    );
    let other = format!("sha256:{}{}", if hex.starts_with('0') { '1' } else { '0' }, &hex[1..]);
    desk.refused(&["--digest", &other], "digest-mismatch");
    // A digest of a hostile file makes it no better.
    desk.write("model.pkl", &opcodes::pickle4(opcodes::attack()));
    let digest = coldload::bytes::Hasher::digest(&desk.read("model.pkl"));
    let hex: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    desk.refused(&["--digest", &format!("sha256:{hex}")], "dangerous-global");
}

#[test]
fn who_signed_is_told_even_where_it_counts_for_nothing() {
    let desk = Desk::sealed();
    desk.done(&["keygen", "-o", "other"]);
    let result = desk.json(1, &["verify", "model.pkl", "-k", "other.pub"])["results"][0].clone();
    let signer = &result["signers"][0];
    assert_eq!(
        (&signer["trusted"], &signer["name"], &signer["kind"]),
        (&false.into(), &Value::Null, &"ed25519".into())
    );
    let accepted = desk.json(0, &["verify", "model.pkl", "-k", "ci.pub"])["results"][0]["signers"][0].clone();
    assert_eq!(accepted["trusted"], true);
    assert_eq!(accepted["id"], signer["id"]);
    let signed = desk.json(0, &["sign", "model.pkl", "-k", "ci"])["results"][0]["signers"][0].clone();
    assert_eq!(signed["id"], signer["id"]);
    // A known key whose signature does not hold is not trusted, and is named.
    let mut seal = desk.read("model.pkl.seal");
    let last = seal.len() - 1;
    seal[last] ^= 1;
    desk.write("model.pkl.seal", &seal);
    let result = desk.json(1, &["verify", "model.pkl", "-k", "ci.pub"])["results"][0].clone();
    assert_eq!(result["reasons"][0]["code"], "bad-signature");
    assert_eq!((&result["signers"][0]["trusted"], &result["signers"][0]["name"]), (&false.into(), &"ci".into()));
}
