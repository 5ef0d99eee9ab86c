//! Manifests as a caller of the library meets them: one spelling is read, every other one is refused.

use ciborium::Value;
use coldload::bytes::ChunkTable;
use coldload::calendar::DAY;
use coldload::manifest::{
    Arrays, CiRun, Content, DataSet, Environment, FileDigest, FileEntry, Labels, Lock, Manifest, ManifestError,
    ModelFile, NameFault, Package, Packages, PathFault, Pin, Platform, Provenance, Python, SINGLE, Schema, Sha256,
    SourceCommit, Step, Time, cbor,
};
use coldload::reason::Code;

const CREATED: &str = "2026-11-24T16:00:00Z";

fn entry(path: &str, bytes: &[u8]) -> FileEntry {
    FileEntry { path: path.to_owned(), table: ChunkTable::of(bytes).unwrap() }
}

fn created() -> Time {
    CREATED.parse().unwrap()
}

fn small() -> Manifest {
    Manifest::new("churn", created(), vec![entry(SINGLE, b"bytes")], "coldload 0.1.0")
}

fn full() -> Manifest {
    let mut manifest = small();
    manifest.version = Some("1.4.0".to_owned());
    manifest.expires = Some("2027-11-24T16:00:00Z".parse().unwrap());
    manifest.files = vec![entry(SINGLE, &vec![7; (4 << 20) + 1])];
    manifest.observed.content = Some(Content {
        format: "joblib".to_owned(),
        compressors: vec!["zlib".to_owned()],
        protocols: vec![2, 4],
        pickles: 2,
        names: vec!["numpy.dtype".to_owned()],
        arrays: Arrays { count: 3, bytes: 1 << 40 },
    });
    manifest.observed.schema = Some(Schema {
        class: Some("sklearn.pipeline.Pipeline".to_owned()),
        sklearn_versions: vec!["1.6.1".to_owned()],
        n_features_in: Some(4),
        feature_names_in: None,
        classes: Some(Labels {
            dtype: "float64".to_owned(),
            count: 2,
            data: Some(vec!["0.0".to_owned(), "1.5".to_owned()]),
        }),
        n_outputs: Some(1),
        steps: vec![Step { name: "scale".to_owned(), class: None }],
    });
    manifest.observed.unknown.insert("content@2".to_owned(), Value::Array(vec![Value::Null, Value::from(-5)]));
    manifest.claims.unknown.insert("metrics@1".to_owned(), Value::Map(vec![("f1".into(), "0.93".into())]));
    manifest.critical = vec!["content@1".to_owned(), "schema@1".to_owned()];
    manifest
}

/// A folder with a model and another file.
fn folder() -> Manifest {
    let Manifest { observed, .. } = full();
    let mut manifest = small();
    manifest.files = vec![entry("a", b""), entry("b/c", b"a model"), entry("d", b"another")];
    let (content, schema) = (observed.content.unwrap(), observed.schema.unwrap());
    manifest.observed.models = Some(vec![
        ModelFile { path: "b/c".to_owned(), content: content.clone(), schema: schema.clone() },
        ModelFile { path: "d".to_owned(), content, schema },
    ]);
    manifest.critical = vec!["models@1".to_owned()];
    manifest
}

/// The fields of a small manifest, to be changed and encoded again.
fn fields() -> Vec<(Value, Value)> {
    let Value::Map(fields) = cbor::decode(&small().encode().unwrap()).unwrap() else { panic!("no map") };
    fields
}

fn with(name: &str, value: Value) -> Vec<u8> {
    let mut fields = fields();
    fields.retain(|(key, _)| key.as_text() != Some(name));
    fields.push((name.into(), value));
    cbor::encode(&Value::Map(fields)).unwrap()
}

fn refusal(bytes: &[u8]) -> ManifestError {
    Manifest::decode(bytes).unwrap_err()
}

#[test]
fn a_manifest_reads_back_and_its_bytes_are_the_only_ones() {
    for manifest in [small(), full(), folder()] {
        let bytes = manifest.encode().unwrap();
        let read = Manifest::decode(&bytes).unwrap();
        assert_eq!(read, manifest);
        assert_eq!(read.encode().unwrap(), bytes);
    }
}

/// The bytes of a manifest, fixed: a change of the format shows here.
#[test]
fn a_small_manifest_is_these_bytes() {
    let digest = ring::digest::digest(&ring::digest::SHA256, b"bytes");
    let mut bytes = b"\xa8\x64name\x65churn\x65files\x81\xa3\x64path\x61.\x64size\x05\x66chunks\x58\x20".to_vec();
    bytes.extend_from_slice(digest.as_ref());
    bytes.extend_from_slice(b"\x66claims\xa0\x66format\x73coldload.manifest/1\x67created\x74");
    bytes.extend_from_slice(CREATED.as_bytes());
    bytes
        .extend_from_slice(b"\x68critical\x80\x68observed\xa1\x62by\x6ecoldload 0.1.0\x68sequence\x1a\x6b\x05\xb4\x80");
    assert_eq!(small().encode().unwrap(), bytes);
}

#[test]
fn every_changed_bit_gives_another_manifest_or_none() {
    let honest = small();
    let bytes = honest.encode().unwrap();
    for at in 0..bytes.len() {
        for bit in 0..8 {
            let mut changed = bytes.clone();
            changed[at] ^= 1 << bit;
            if let Ok(other) = Manifest::decode(&changed) {
                assert_ne!(other, honest, "bit {bit} of byte {at}");
                assert_eq!(other.encode().unwrap(), changed);
            }
        }
        assert!(Manifest::decode(&bytes[..at]).is_err(), "cut at {at}");
    }
}

/// What ciborium alone accepts. Each differs in one thing from a manifest that is accepted.
#[test]
fn other_spellings_are_refused() {
    let honest = small().encode().unwrap();
    assert!(Manifest::decode(&honest).is_ok());
    let replaced = |from: &[u8], to: &[u8]| {
        let at = honest.windows(from.len()).position(|window| window == from).expect("the bytes to replace are there");
        [&honest[..at], to, &honest[at + from.len()..]].concat()
    };
    let sequence = b"\x68sequence\x1a\x6b\x05\xb4\x80";
    let cases: &[(&str, Vec<u8>)] = &[
        ("bytes behind the end", [&honest[..], &[0]].concat()),
        ("a field twice", replaced(b"\xa8\x64name\x65churn", b"\xa9\x64name\x65churn\x64name\x65fraud")),
        ("a map without an end", [&replaced(b"\xa8", b"\xbf")[..], &[0xff]].concat()),
        ("an array without an end", replaced(b"\x68critical\x80", b"\x68critical\x9f\xff")),
        ("a text in pieces", replaced(b"\x65churn", b"\x7f\x65churn\xff")),
        ("a long number", replaced(sequence, b"\x68sequence\x1b\0\0\0\0\x6b\x05\xb4\x80")),
        ("a long length", replaced(b"\x65churn", b"\x78\x05churn")),
        ("a big number", replaced(sequence, b"\x68sequence\xc2\x44\x6b\x05\xb4\x80")),
        ("a tag", replaced(b"\x65churn", b"\xd9\xd9\xf7\x65churn")),
        ("a field named by bytes", replaced(b"\x64name\x65churn", b"\x44name\x65churn")),
        (
            "fields in another order",
            replaced(
                b"\x66claims\xa0\x66format\x73coldload.manifest/1",
                b"\x66format\x73coldload.manifest/1\x66claims\xa0",
            ),
        ),
        ("a float", replaced(sequence, b"\x68sequence\xfb\x41\xda\xc1\x6d\x20\0\0\0")),
        ("null for an absent field", replaced(b"\xa8\x64name\x65churn", b"\xa9\x64name\x65churn\x67expires\xf6")),
    ];
    for (what, bytes) in cases {
        assert!(matches!(refusal(bytes), ManifestError::Cbor(_)), "{what}");
        assert_eq!(refusal(bytes).code(), Code::ManifestInvalid);
    }
}

#[test]
fn unknown_and_missing_fields_of_the_core_are_refused() {
    assert!(matches!(refusal(&with("extra", 1.into())), ManifestError::Cbor(cbor::Fault::Shape(_))));
    for (name, _) in fields() {
        let mut rest = fields();
        rest.retain(|(key, _)| *key != name);
        let error = refusal(&cbor::encode(&Value::Map(rest)).unwrap());
        assert!(matches!(error, ManifestError::Cbor(cbor::Fault::Shape(_))), "{name:?}: {error}");
    }
    let file = |field: &str| {
        Value::Map(vec![("path".into(), ".".into()), ("size".into(), 0.into()), (field.into(), Value::Bytes(vec![]))])
    };
    assert!(Manifest::decode(&with("files", Value::Array(vec![file("chunks")]))).is_ok());
    assert!(Manifest::decode(&with("files", Value::Array(vec![file("chunk")]))).is_err());
}

#[test]
fn another_format_is_named() {
    let newer = ManifestError::Format("coldload.manifest/2".to_owned());
    assert_eq!(refusal(&with("format", "coldload.manifest/2".into())), newer);
    let other_core = Value::Map(vec![("format".into(), "coldload.manifest/2".into()), ("models".into(), 3.into())]);
    assert_eq!(refusal(&cbor::encode(&other_core).unwrap()), newer);
    let odd = refusal(&with("format", "\u{1b}[31m".into())).to_string();
    assert!(odd.contains(r"\x1b[31m"), "{odd}");
}

#[test]
fn names_are_short_and_plain() {
    let named = |name: &str| Manifest { name: name.to_owned(), ..small() }.encode();
    let versioned = |version: &str| Manifest { version: Some(version.to_owned()), ..small() }.encode();
    for name in ["c", "größe 1", &"n".repeat(200)] {
        assert!(named(name).is_ok() && versioned(name).is_ok());
    }
    for (name, fault) in [
        ("", NameFault::Empty),
        (&"n".repeat(201), NameFault::Long),
        ("a\nb", NameFault::Control),
        ("\u{1b}[31m", NameFault::Control),
        ("a\u{85}b", NameFault::Control),
    ] {
        assert_eq!(named(name), Err(ManifestError::Name(fault)));
        assert_eq!(versioned(name), Err(ManifestError::Version(fault)));
        assert_eq!(refusal(&with("name", name.into())), ManifestError::Name(fault));
    }
}

#[test]
fn paths_are_plain_and_in_order() {
    let listed =
        |paths: &[&str]| Manifest { files: paths.iter().map(|path| entry(path, b"")).collect(), ..small() }.encode();
    assert!(listed(&["a", "b/c"]).is_ok());
    assert_eq!(listed(&[]), Err(ManifestError::NoFiles));
    for (paths, fault) in [
        (&["../a"][..], PathFault::NotCanonical),
        (&["/etc/passwd"], PathFault::NotCanonical),
        (&["b", "a"], PathFault::Order),
        (&["a", "a"], PathFault::Twice),
        (&["a", "a/b"], PathFault::InsideFile),
    ] {
        let path = paths[paths.len() - 1].to_owned();
        assert_eq!(listed(paths), Err(ManifestError::Path { path, fault }));
    }
}

#[test]
fn chunk_digests_fit_the_size() {
    let file = |size: u64, digests: usize| {
        let fields = [("path", ".".into()), ("size", size.into()), ("chunks", Value::Bytes(vec![7; digests]))];
        let file = fields.map(|(name, value): (&str, Value)| (name.into(), value));
        Manifest::decode(&with("files", Value::Array(vec![Value::Map(file.to_vec())])))
    };
    for (size, digests) in [(0, 0), (1, 32), (4 << 20, 32), ((4 << 20) + 1, 64)] {
        assert!(file(size, digests).is_ok(), "{size}");
    }
    for (size, digests) in [(0, 32), (1, 0), (1, 31), (1, 64), ((4 << 20) + 1, 32), (u64::MAX, 32)] {
        assert!(matches!(file(size, digests), Err(ManifestError::Chunks { .. })), "{size}");
    }
}

#[test]
fn statements_stand_in_the_seal_of_what_they_are_of() {
    assert!(folder().encode().is_ok());
    let refused = |change: fn(&mut Manifest)| {
        let mut manifest = folder();
        change(&mut manifest);
        manifest.encode().unwrap_err()
    };
    let content = |manifest: &mut Manifest| manifest.observed.content = full().observed.content;
    assert!(matches!(refused(content), ManifestError::Misplaced { statement: "content@1", .. }));
    let schema = |manifest: &mut Manifest| manifest.observed.schema = full().observed.schema;
    assert!(matches!(refused(schema), ManifestError::Misplaced { statement: "schema@1", .. }));
    let single = |manifest: &mut Manifest| manifest.files = full().files;
    assert!(matches!(refused(single), ManifestError::Misplaced { statement: "models@1", .. }));
    let models = |manifest: &mut Manifest| manifest.observed.models.take().unwrap();
    for change in [
        |models: &mut Vec<ModelFile>| models.reverse(),
        |models: &mut Vec<ModelFile>| models[1] = models[0].clone(),
        |models: &mut Vec<ModelFile>| models[0].path = "b".to_owned(),
    ] {
        let mut manifest = folder();
        let mut changed = models(&mut manifest);
        change(&mut changed);
        manifest.observed.models = Some(changed);
        assert!(matches!(manifest.encode(), Err(ManifestError::ModelFile(_))));
    }
    let mut manifest = folder();
    manifest.observed.models = None;
    assert_eq!(manifest.encode(), Err(ManifestError::CriticalMissing("models@1".to_owned())));
}

#[test]
fn statements_of_other_versions_are_kept_and_listed() {
    let mut manifest = small();
    manifest.observed.unknown.insert("content@2".to_owned(), Value::from(1));
    manifest.claims.unknown.insert("lineage@1".to_owned(), Value::Map(vec![]));
    let read = Manifest::decode(&manifest.encode().unwrap()).unwrap();
    assert_eq!((&read.observed.content, &read.observed.schema), (&None, &None));
    assert_eq!(read.not_checked(), ["content@2", "lineage@1"]);
    assert_eq!(read, manifest);
}

#[test]
fn critical_statements_are_known_and_there() {
    let critical =
        |names: &[&str]| Manifest { critical: names.iter().map(|&name| name.into()).collect(), ..full() }.encode();
    assert!(critical(&[]).is_ok());
    assert!(critical(&["schema@1"]).is_ok());
    assert_eq!(critical(&["content@2"]), Err(ManifestError::CriticalUnknown("content@2".to_owned())));
    assert_eq!(critical(&["metrics@1"]), Err(ManifestError::CriticalUnknown("metrics@1".to_owned())));
    assert_eq!(critical(&["schema@1", "content@1"]), Err(ManifestError::CriticalOrder));
    assert_eq!(critical(&["schema@1", "schema@1"]), Err(ManifestError::CriticalOrder));
    let without = Manifest { critical: vec!["schema@1".to_owned()], ..small() }.encode();
    assert_eq!(without, Err(ManifestError::CriticalMissing("schema@1".to_owned())));
    let decoded = refusal(&with("critical", Value::Array(vec!["lineage@7".into()])));
    assert_eq!(
        (decoded.code(), decoded),
        (Code::ManifestInvalid, ManifestError::CriticalUnknown("lineage@7".to_owned()))
    );
}

fn claimed() -> Manifest {
    let text = str::to_owned;
    let sha256 = Sha256([7; 32]);
    let pin =
        |name: &str, marker: Option<&str>| Pin { name: text(name), version: text("1.0"), marker: marker.map(text) };
    let mut manifest = small();
    manifest.claims.environment = Some(Environment {
        python: Some(Python { implementation: text("cpython"), version: text("3.11.7"), found: text("interpreter") }),
        platform: Some(Platform {
            system: text("linux"),
            machine: text("x86_64"),
            libc: Some(text("glibc 2.36")),
            found: text("interpreter"),
        }),
        packages: Some(Packages {
            installed: vec![Package { name: text("numpy"), version: text("1.26.4") }],
            found: text("interpreter"),
        }),
        locks: vec![Lock {
            name: text("requirements.txt"),
            kind: text("requirements"),
            sha256,
            pins: Some(vec![pin("numpy", None), pin("scikit-learn", Some("os_name == 'posix'"))]),
            others: vec![text("-r base.txt")],
            found: text("file"),
        }],
    });
    manifest.claims.provenance = Some(Provenance {
        tool: text("coldload 0.1.0"),
        source: Some(SourceCommit { commit: "0f".repeat(20), found: text("git") }),
        ci: Some(CiRun { system: text("github"), run: text("https://host/run/1"), repository: None, commit: None }),
        parent: Some(sha256),
        data: vec![DataSet { name: text("train.csv"), sha256 }],
        metrics: [(text("f1"), text("0.93"))].into(),
        annotations: [(text("team"), text("risk"))].into(),
    });
    let digest = Sha256(coldload::bytes::Hasher::digest(b"bytes"));
    manifest.claims.digests = Some(vec![FileDigest { path: text(SINGLE), sha256: digest }]);
    manifest
}

#[test]
fn claims_read_back_and_their_bytes_are_the_only_ones() {
    let manifest = claimed();
    let bytes = manifest.encode().unwrap();
    assert_eq!(Manifest::decode(&bytes).unwrap(), manifest);
    assert_eq!(manifest.unknown(), Vec::<&str>::new());
    assert_eq!(manifest.not_checked(), ["digests@1", "environment@1", "provenance@1"]);
    // A short file's digest is compared with its table, and so is no mere claim.
    assert_eq!(manifest.claimed(), ["environment@1", "provenance@1"]);
    for at in 0..bytes.len() {
        let mut changed = bytes.clone();
        changed[at] ^= 1;
        if let Ok(other) = Manifest::decode(&changed) {
            assert_ne!(other, manifest, "byte {at}");
            assert_eq!(other.encode().unwrap(), changed);
        }
    }
}

#[test]
fn a_claim_that_breaks_its_rules_is_refused() {
    type Spoil = fn(&mut coldload::manifest::Claims);
    let spoils: [Spoil; 18] = [
        |c| c.environment.as_mut().unwrap().python.as_mut().unwrap().version = String::new(),
        |c| c.environment.as_mut().unwrap().platform.as_mut().unwrap().machine = "x\u{1b}".to_owned(),
        |c| c.environment.as_mut().unwrap().packages.as_mut().unwrap().installed[0].name = "NumPy".to_owned(),
        |c| c.environment.as_mut().unwrap().packages.as_mut().unwrap().installed[0].version = "1".repeat(201),
        |c| {
            let packages = c.environment.as_mut().unwrap().packages.as_mut().unwrap();
            packages.installed.push(packages.installed[0].clone());
        },
        |c| c.environment.as_mut().unwrap().locks[0].pins.as_mut().unwrap().reverse(),
        |c| c.environment.as_mut().unwrap().locks[0].pins.as_mut().unwrap()[0].marker = Some("\u{202e}".to_owned()),
        |c| c.environment.as_mut().unwrap().locks[0].others[0] = "a\nb".to_owned(),
        |c| c.environment.as_mut().unwrap().locks[0].name = String::new(),
        |c| {
            let locks = &mut c.environment.as_mut().unwrap().locks;
            *locks = vec![locks[0].clone(); 33];
        },
        |c| c.provenance.as_mut().unwrap().source.as_mut().unwrap().commit = "0F".repeat(20),
        |c| c.provenance.as_mut().unwrap().source.as_mut().unwrap().commit.truncate(39),
        |c| c.provenance.as_mut().unwrap().ci.as_mut().unwrap().run = "x\u{7}".to_owned(),
        |c| drop(c.provenance.as_mut().unwrap().annotations.insert("a b".to_owned(), "c".to_owned())),
        |c| drop(c.provenance.as_mut().unwrap().metrics.insert("a".to_owned(), String::new())),
        |c| c.digests.as_mut().unwrap()[0].path = "other".to_owned(),
        |c| c.digests.as_mut().unwrap()[0].sha256 = Sha256([0; 32]),
        |c| c.digests = Some(Vec::new()),
    ];
    for (index, spoil) in spoils.into_iter().enumerate() {
        let mut manifest = claimed();
        spoil(&mut manifest.claims);
        let error = manifest.encode().expect_err(&index.to_string());
        assert!(matches!(error, ManifestError::Claim { .. }), "{index}: {error}");
        assert_eq!(error.code(), Code::ManifestInvalid);
    }
}

#[test]
fn a_known_claim_of_another_shape_is_refused() {
    for name in coldload::manifest::CLAIMS {
        for value in [Value::Null, 1.into(), "by hand".into(), Value::Map(vec![("extra".into(), 1.into())])] {
            let claims = |name: &str| with("claims", Value::Map(vec![(name.into(), value.clone())]));
            assert!(matches!(refusal(&claims(name)), ManifestError::Known { .. }), "{name} {value:?}");
            assert!(Manifest::decode(&claims("lineage@1")).is_ok());
        }
        // What is claimed is no observation, and what nothing compares is never critical.
        let observed = with("observed", Value::Map(vec![("by".into(), "x 1".into()), ((*name).into(), Value::Null)]));
        assert!(matches!(refusal(&observed), ManifestError::Statement(_)));
        let critical = Manifest { critical: vec![(*name).to_owned()], ..claimed() };
        assert_eq!(critical.encode(), Err(ManifestError::CriticalUnknown((*name).to_owned())));
    }
    // `null` is no absent field, and a list that is empty is not written.
    for (field, value) in [("python", Value::Null), ("surprise", 1.into())] {
        let environment = Value::Map(vec![("locks".into(), Value::Array(vec![])), (field.into(), value)]);
        assert!(Manifest::decode(&with("claims", Value::Map(vec![("environment@1".into(), environment)]))).is_err());
    }
    let honest = Value::Map(vec![("locks".into(), Value::Array(vec![]))]);
    assert!(Manifest::decode(&with("claims", Value::Map(vec![("environment@1".into(), honest)]))).is_ok());
}

#[test]
fn the_digest_of_a_long_file_is_only_claimed() {
    let mut manifest = small();
    manifest.files = vec![entry("a", b""), entry("b/c", &vec![7; (4 << 20) + 1])];
    let digest = |path: &str, bytes: &[u8]| FileDigest {
        path: path.to_owned(),
        sha256: Sha256(coldload::bytes::Hasher::digest(bytes)),
    };
    manifest.claims.digests = Some(vec![digest("a", b""), digest("b/c", b"whatever the signer says")]);
    assert!(manifest.encode().is_ok());
    assert_eq!(manifest.claimed(), ["digests@1"]);
    manifest.claims.digests = Some(vec![digest("a", b"not empty"), digest("b/c", b"")]);
    assert!(matches!(manifest.encode(), Err(ManifestError::Claim { name: "digests@1", .. })));
}

#[test]
fn statements_have_names_and_versions() {
    let claimed = |name: &str| {
        let mut manifest = small();
        manifest.claims.unknown.insert(name.to_owned(), Value::Null);
        manifest.encode()
    };
    assert!(claimed("cost-centre@12").is_ok());
    for name in [
        "",
        "by",
        "content",
        "content@",
        "@1",
        "Content@1",
        "a@0",
        "a@01",
        "a@1.0",
        "a b@1",
        "a@1@2",
        "-a@1",
        &format!("{}@1", "a".repeat(63)),
    ] {
        assert!(matches!(claimed(name), Err(ManifestError::Statement(_))), "{name}");
    }
    assert!(matches!(claimed("content@1"), Err(ManifestError::Statement(_))), "what is observed is no claim");
}

#[test]
fn a_statement_of_another_version_is_kept_as_it_is() {
    let lowest = ciborium::value::Integer::try_from(-(1i128 << 64)).unwrap();
    let kept = Value::Array(vec![lowest.into(), u64::MAX.into(), Value::Bytes(vec![0xff]), Value::Null, true.into()]);
    let observed = Value::Map(vec![("by".into(), "x 1".into()), ("content@2".into(), kept.clone())]);
    let bytes = with("observed", observed);
    let manifest = Manifest::decode(&bytes).unwrap();
    assert_eq!(manifest.observed.unknown.get("content@2"), Some(&kept));
    assert_eq!(manifest.encode().unwrap(), bytes);
}

#[test]
fn a_known_statement_of_another_shape_is_refused() {
    let observed = |name: &str, value: Value| {
        with("observed", Value::Map(vec![("by".into(), "x 1".into()), (name.into(), value)]))
    };
    for value in [Value::Null, 1.into(), Value::Map(vec![]), Value::Map(vec![("extra".into(), 1.into())])] {
        assert!(matches!(
            refusal(&observed("content@1", value.clone())),
            ManifestError::Known { name: "content@1", .. }
        ));
        assert!(Manifest::decode(&observed("content@2", value)).is_ok());
    }
    let schema = |class: Option<Value>| {
        let mut fields =
            vec![("sklearn_versions".into(), Value::Array(vec![])), ("steps".into(), Value::Array(vec![]))];
        fields.extend(class.map(|class| ("class".into(), class)));
        observed("schema@1", Value::Map(fields))
    };
    assert!(Manifest::decode(&schema(None)).is_ok());
    assert!(Manifest::decode(&schema(Some("a.B".into()))).is_ok());
    assert_eq!(refusal(&schema(Some(Value::Null))), ManifestError::Cbor(cbor::Fault::Encoding));
    assert_eq!(refusal(&with("observed", Value::Map(vec![]))), ManifestError::By);
    assert_eq!(refusal(&with("observed", Value::Map(vec![("by".into(), 1.into())]))), ManifestError::By);
}

#[test]
fn the_clock_decides_over_expiry_and_the_future() {
    let now = created();
    let later = |seconds: u64| Time::from_seconds(now.seconds() + seconds).unwrap();
    assert_eq!(small().check_clock(now), Ok(()));
    let expires = |expires| Manifest { expires: Some(expires), ..small() };
    assert_eq!(expires(later(1)).check_clock(now), Ok(()));
    assert_eq!(expires(now).check_clock(now), Err(ManifestError::Expired(now)));
    assert_eq!(expires(now).check_clock(now).unwrap_err().code(), Code::Expired);
    let sequence = |sequence| Manifest { sequence, ..small() };
    assert_eq!(sequence(now.seconds() + DAY).check_clock(now), Ok(()));
    let error = sequence(now.seconds() + DAY + 1).check_clock(now).unwrap_err();
    assert_eq!(error.code(), Code::ManifestInvalid);
    assert!(sequence(u64::MAX).check_clock(now).is_err());
    let made = |created| Manifest { created, ..small() };
    assert_eq!(made(later(DAY)).check_clock(now), Ok(()));
    assert!(matches!(made(later(DAY + 1)).check_clock(now), Err(ManifestError::CreatedLater { .. })));
    assert!(Manifest::decode(&with("created", "2026-11-24".into())).is_err());
}

#[test]
fn sizes_and_numbers_are_bounded() {
    let error = refusal(&vec![0; (16 << 20) + 1]);
    assert_eq!((error.code(), error), (Code::LimitExceeded, ManifestError::TooLarge((16 << 20) + 1)));
    let files =
        |count: usize| Manifest { files: (0..count).map(|n| entry(&format!("{n:06}"), b"")).collect(), ..small() };
    assert_eq!(files(100_001).encode(), Err(ManifestError::Files(100_001)));
    let most = files(100_000).encode().unwrap();
    assert_eq!(Manifest::decode(&most).unwrap().files.len(), 100_000);
    let mut large = small();
    large.claims.unknown.insert("notes@1".to_owned(), Value::Text("n".repeat(16 << 20)));
    assert!(matches!(large.encode(), Err(ManifestError::TooLarge(_))));
    let nested = (0..100).fold(Value::Null, |inside, _| Value::Array(vec![inside]));
    let mut deep = small();
    deep.claims.unknown.insert("notes@1".to_owned(), nested);
    assert!(matches!(deep.encode(), Err(ManifestError::Cbor(cbor::Fault::Deep(_)))));
}
