//! Seals from end to end, with the real program behind its walls: what is accepted, and which lies are not, even when a
//! trusted key has signed them.

use coldload::bytes::{ChunkTable, Limits};
use coldload::gate::{self, Level, Options, Sandbox, SignRequest, Trust, VerifyRequest};
use coldload::manifest::{FileEntry, Manifest, SINGLE, Time};
use coldload::reason::Code;
use coldload::report::{Check, Report, ResultEntry, Verdict};
use coldload::seal::{self, Ed25519SigningKey, HmacKey, Sealed, SigningKey, VerifyingKey};
use std::fs;
use std::path::{Path, PathBuf};

const EVIL: &[u8] = b"cposix\nsystem\n(S'id'\ntR.";

/// A folder with a model, a key pair and a shared secret.
struct Place {
    folder: tempfile::TempDir,
    key: Ed25519SigningKey,
    secret: HmacKey,
}

impl Place {
    fn new() -> Place {
        let folder = tempfile::tempdir().unwrap();
        let model = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/demo/iris_forest.pkl");
        fs::copy(model, folder.path().join("m.pkl")).unwrap();
        let (key, pem) = Ed25519SigningKey::generate().unwrap();
        seal::write_pair(&folder.path().join("ci"), &pem, &key.verifying_key().to_pem()).unwrap();
        let (secret, pem) = HmacKey::generate().unwrap();
        seal::write_secret(&folder.path().join("shared"), &pem).unwrap();
        Place { folder, key, secret }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn text(&self, name: &str) -> String {
        self.path(name).to_str().unwrap().to_owned()
    }

    fn sign(&self, change: impl FnOnce(&mut SignRequest)) -> Report {
        let mut request = SignRequest {
            model: self.path("m.pkl"),
            keys: vec![self.text("ci")],
            name: Some("churn".to_owned()),
            version: Some("1.4.0".to_owned()),
            sequence: None,
            expires: None,
            output: None,
        };
        change(&mut request);
        gate::sign(&request, &options())
    }

    fn verify(&self, key: &str, name: Option<&str>) -> ResultEntry {
        self.verify_by(Trust::Keys(vec![self.text(key)]), name)
    }

    fn verify_by(&self, trust: Trust, name: Option<&str>) -> ResultEntry {
        let name = name.map(str::to_owned);
        let request = VerifyRequest { models: vec![self.path("m.pkl")], trust, name, seal: None };
        let mut report = gate::verify(&request, &options());
        assert_eq!(report.error, None);
        report.results.pop().unwrap()
    }

    /// The manifest that was signed, changed, and signed again with the same trusted key.
    fn sign_a_lie(&self, change: impl FnOnce(&mut Manifest)) {
        let sealed = Sealed::decode(&fs::read(self.path("m.pkl.seal")).unwrap()).unwrap();
        let mut manifest = Manifest::decode(sealed.unverified_manifest()).unwrap();
        change(&mut manifest);
        self.seal(&manifest);
    }

    fn seal(&self, manifest: &Manifest) {
        let signed = seal::sign(&manifest.encode().unwrap(), &[&self.key as &dyn SigningKey]).unwrap();
        fs::write(self.path("m.pkl.seal"), signed).unwrap();
    }

    fn files(&self) -> Vec<String> {
        let entries = fs::read_dir(self.folder.path()).unwrap();
        let mut names: Vec<String> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }
}

fn options() -> Options {
    Options {
        program: Sandbox::Program(env!("CARGO_BIN_EXE_coldload").into()),
        sandbox: Level::Required,
        limits: Limits::default(),
        allow: Vec::new(),
    }
}

#[track_caller]
fn assert_refused(entry: &ResultEntry, code: Code) {
    assert_eq!(entry.verdict, Verdict::Refused, "{entry:?}");
    assert_eq!(entry.reasons[0].code, code, "{:?}", entry.reasons);
}

#[test]
fn a_sealed_model_is_accepted_and_the_report_says_what_was_checked_and_what_was_not() {
    let place = Place::new();
    assert_eq!(place.sign(|_| ()).exit_code(), 0);
    let entry = place.verify("ci.pub", Some("churn"));
    assert_eq!(entry.verdict, Verdict::Accepted, "{:?}", entry.reasons);
    let checks = entry.checks;
    for check in [checks.signature, checks.name, checks.digests, checks.content, checks.schema, checks.structure] {
        assert_eq!(check, Check::Passed);
    }
    assert_eq!((checks.rollback, checks.environment), (Check::NotChecked, Check::NotChecked));
    assert!(entry.not_checked.iter().any(|text| text.starts_with("rollback")), "{:?}", entry.not_checked);
    assert!(entry.not_checked.iter().any(|text| text.starts_with("environment")), "{:?}", entry.not_checked);
    let nameless = place.verify("ci.pub", None);
    assert_eq!((nameless.verdict, nameless.checks.name), (Verdict::Accepted, Check::NotChecked));
    assert!(nameless.not_checked[0].contains("any model by this key passes"));
    assert_eq!(place.verify("ci", Some("churn")).verdict, Verdict::Accepted, "a private key serves by its public half");
}

#[test]
fn a_false_content_is_refused_although_it_is_signed() {
    let place = Place::new();
    place.sign(|_| ());
    place.sign_a_lie(|_| ());
    assert_eq!(place.verify("ci.pub", None).verdict, Verdict::Accepted, "the honest twin");
    let lies: [fn(&mut coldload::manifest::Content); 5] = [
        |content| content.names.truncate(1),
        |content| content.names.push("zz.unused".to_owned()),
        |content| content.pickles = 7,
        |content| content.protocols = vec![5],
        |content| content.arrays.bytes += 1,
    ];
    for lie in lies {
        place.sign_a_lie(|manifest| lie(manifest.observed.content.as_mut().unwrap()));
        let entry = place.verify("ci.pub", None);
        assert_refused(&entry, Code::ContentMismatch);
        assert_eq!(entry.checks.signature, Check::Passed);
        place.sign(|_| ());
    }
}

#[test]
fn a_false_schema_is_refused_although_it_is_signed() {
    let place = Place::new();
    let lies: [fn(&mut coldload::manifest::Schema); 5] = [
        |schema| schema.class = Some("sklearn.linear_model._logistic.LogisticRegression".to_owned()),
        |schema| schema.n_features_in = Some(5),
        |schema| schema.sklearn_versions = vec!["1.2.2".to_owned()],
        |schema| schema.classes = None,
        |schema| schema.n_outputs = Some(3),
    ];
    for lie in lies {
        place.sign(|_| ());
        place.sign_a_lie(|manifest| lie(manifest.observed.schema.as_mut().unwrap()));
        assert_refused(&place.verify("ci.pub", None), Code::SchemaMismatch);
    }
}

#[test]
fn a_hostile_file_is_refused_although_it_is_signed_and_is_never_sealed() {
    let place = Place::new();
    fs::write(place.path("m.pkl"), EVIL).unwrap();
    let before = place.files();
    assert_eq!(place.sign(|_| ()).exit_code(), 1);
    assert_eq!(place.files(), before, "a refused model leaves no seal and nothing half-written");
    let file = FileEntry { path: SINGLE.to_owned(), table: ChunkTable::of(EVIL).unwrap() };
    place.seal(&Manifest::new("churn", Time::now(), vec![file], "someone"));
    let entry = place.verify("ci.pub", Some("churn"));
    assert_refused(&entry, Code::DangerousGlobal);
    assert_eq!((entry.checks.signature, entry.checks.content), (Check::Passed, Check::Failed));
}

#[test]
fn the_name_the_time_and_the_key_count() {
    let place = Place::new();
    place.sign(|_| ());
    assert_refused(&place.verify("ci.pub", Some("fraud")), Code::WrongModel);
    assert_refused(&place.verify("shared", None), Code::WrongKeyKind);
    let (other, pem) = Ed25519SigningKey::generate().unwrap();
    seal::write_pair(&place.path("other"), &pem, &other.verifying_key().to_pem()).unwrap();
    assert_refused(&place.verify("other.pub", None), Code::UntrustedKey);
    place.sign(|request| request.expires = Some(1_577_836_800));
    assert_refused(&place.verify("ci.pub", None), Code::Expired);
    place.sign(|_| ());
    let ahead = |seconds| {
        place.sign_a_lie(|manifest| manifest.sequence = Time::now().seconds() + seconds);
        place.verify("ci.pub", None)
    };
    assert_refused(&ahead(2 * 86_400), Code::ManifestInvalid);
    assert_eq!(ahead(3_600).verdict, Verdict::Accepted, "an hour is a clock that is off");
    fs::remove_file(place.path("m.pkl.seal")).unwrap();
    assert_refused(&place.verify("ci.pub", None), Code::Unsigned);
}

#[test]
fn a_shared_secret_seals_too() {
    let place = Place::new();
    place.sign(|request| request.keys = vec![place.text("shared")]);
    assert_eq!(place.verify("shared", Some("churn")).verdict, Verdict::Accepted);
    assert_refused(&place.verify("ci.pub", None), Code::WrongKeyKind);
    let sealed = Sealed::decode(&fs::read(place.path("m.pkl.seal")).unwrap()).unwrap();
    let again = seal::mac(sealed.unverified_manifest(), &place.secret).unwrap();
    assert_eq!(again, fs::read(place.path("m.pkl.seal")).unwrap(), "a seal is a function of manifest and key");
}

#[test]
fn every_changed_byte_of_model_and_seal_is_refused() {
    let place = Place::new();
    place.sign(|_| ());
    for file in ["m.pkl", "m.pkl.seal"] {
        let honest = fs::read(place.path(file)).unwrap();
        for at in (0..honest.len()).step_by(honest.len() / 12 + 1) {
            let mut changed = honest.clone();
            changed[at] ^= 0x10;
            fs::write(place.path(file), &changed).unwrap();
            assert_eq!(place.verify("ci.pub", None).verdict, Verdict::Refused, "byte {at} of {file}");
        }
        for changed in [&honest[..honest.len() - 1], &[honest.as_slice(), b"\0"].concat()] {
            fs::write(place.path(file), changed).unwrap();
            assert_eq!(place.verify("ci.pub", None).verdict, Verdict::Refused, "{} bytes of {file}", changed.len());
        }
        fs::write(place.path(file), honest).unwrap();
    }
    assert_eq!(place.verify("ci.pub", None).verdict, Verdict::Accepted);
}

#[test]
fn a_digest_pins_the_bytes_and_nothing_else() {
    let place = Place::new();
    let digest: String = coldload::bytes::Hasher::digest(&fs::read(place.path("m.pkl")).unwrap())
        .iter()
        .map(|b| format!("{b:02x}"))
        .collect();
    let entry = place.verify_by(Trust::Digest(format!("sha256:{digest}")), None);
    assert_eq!((entry.verdict, entry.checks.digests), (Verdict::Accepted, Check::Passed));
    assert_eq!((entry.checks.signature, entry.checks.name), (Check::NotChecked, Check::NotChecked));
    let wrong = format!("sha256:{}", "0".repeat(64));
    assert_refused(&place.verify_by(Trust::Digest(wrong), None), Code::DigestMismatch);
}

#[test]
fn a_seal_is_replaced_whole_and_nothing_else_is_left() {
    let place = Place::new();
    place.sign(|_| ());
    let first = fs::read(place.path("m.pkl.seal")).unwrap();
    place.sign(|request| request.sequence = Some(7));
    assert_ne!(fs::read(place.path("m.pkl.seal")).unwrap(), first);
    assert_eq!(place.files(), ["ci", "ci.pub", "m.pkl", "m.pkl.seal", "shared"]);
}
