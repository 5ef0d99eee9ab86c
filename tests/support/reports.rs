//! Reports made by hand, as the gate would make them, for the tests of what people and programs read.

use coldload::job::{Assurance, FailureKind, Observation, Summary};
use coldload::manifest::{
    Arrays, CiRun, Content, DataSet, Environment, FileDigest, Labels, Lock, Observed, Package, Packages, Pin, Platform,
    Provenance, Python, Schema, Sha256, SourceCommit, Step,
};
use coldload::reason::{Code, Finding};
use coldload::report::{
    Check, Checks, ClaimedStatements, Command, ModelInfo, Outputs, Report, ReportError, ResultEntry, SandboxReport,
    SealFacts, SealedFile, Signer, WrittenFile,
};

pub fn walls() -> Option<SandboxReport> {
    Some(SandboxReport {
        level: "required".into(),
        process: true,
        no_new_privs: true,
        seccomp: true,
        landlock_abi: Some(7),
        confirmed_by: Some("kernel".into()),
    })
}

pub fn observation() -> Observation {
    let text = |items: &[&str]| items.iter().map(|&item| item.to_owned()).collect::<Vec<_>>();
    Observation {
        observed: Observed {
            content: Content {
                format: "joblib".into(),
                compressors: text(&["zlib"]),
                protocols: vec![2, 4],
                pickles: 1,
                names: text(&["numpy.dtype", "sklearn.ensemble._forest.RandomForestClassifier"]),
                arrays: Arrays { count: 202, bytes: 41_000 },
            },
            schema: Schema {
                class: Some("sklearn.ensemble._forest.RandomForestClassifier".into()),
                sklearn_versions: text(&["1.6.1"]),
                n_features_in: Some(4),
                feature_names_in: Some(text(&["age", "income", "city", "tenure"])),
                classes: Some(Labels { dtype: "int64".into(), count: 3, data: Some(text(&["0", "1", "2"])) }),
                n_outputs: Some(1),
                steps: vec![Step { name: "scale".into(), class: None }],
            },
        },
        summary: Summary {
            task: Some("classifier".into()),
            facts: text(&["100 trees"]),
            parameters: vec![("n_estimators".into(), "100".into()), ("criterion".into(), "'gini'".into())],
            ..Summary::default()
        },
        assurance: Assurance::Typed,
    }
}

fn forest() -> ModelInfo {
    ModelInfo::observed(&observation())
}

fn churn() -> ModelInfo {
    ModelInfo { name: Some("churn".into()), version: Some("1.4.0".into()), sequence: Some(1_763_990_000), ..forest() }
}

fn ci() -> Signer {
    Signer { kind: "ed25519".into(), id: "9f2c41".repeat(10), name: Some("ci".into()), trusted: true }
}

fn accepted(path: &str) -> ResultEntry {
    ResultEntry { size: Some(27_474), milliseconds: 3, ..ResultEntry::accepted(path, Assurance::Typed, forest()) }
}

pub fn dangerous() -> Finding {
    Finding::new(Code::DangerousGlobal, r#"posix.system at byte 186769, called with ("echo PWNED",)"#)
        .at(186_769)
        .about("posix.system")
        .because("loading this file would run a command")
}

pub fn scan() -> Report {
    let unknown = Finding::new(Code::UnknownGlobal, "__main__.MyTransformer at byte 104, a class that is given state")
        .at(104)
        .in_place(r#"steps[0] "mytransformer""#)
        .about("__main__.MyTransformer")
        .because("coldload does not know this class; Python would take it from whatever program is running")
        .next("only this once: --allow __main__.MyTransformer\n(it stays data: that step can not predict)");
    Report {
        sandbox: walls(),
        results: vec![
            accepted("models/rf_model.joblib"),
            ResultEntry::refused("models/custom.joblib", vec![unknown], 0),
            ResultEntry::refused("models/evil.joblib", vec![dangerous()], 0),
            ResultEntry::skipped("models/readme.md"),
        ],
        ..Report::new(Command::Scan)
    }
}

pub fn verify() -> Report {
    let passed = Check::Passed;
    let checks = Checks {
        signature: passed,
        name: passed,
        digests: passed,
        content: passed,
        structure: passed,
        schema: passed,
        ..Checks::default()
    };
    let text = |items: &[&str]| items.iter().map(|&item| item.to_owned()).collect::<Vec<_>>();
    let entry = ResultEntry {
        model: churn(),
        signers: vec![ci()],
        checks,
        checked: text(&["signature", "name", "1 file of 27474 bytes", "14 names", "shapes", "schema"]),
        not_checked: text(&["rollback", "environment"]),
        claimed: text(&["environment", "metrics"]),
        ..accepted("rf_model.joblib")
    };
    Report { sandbox: walls(), results: vec![entry], ..Report::new(Command::Verify) }
}

pub fn wrong_model() -> Report {
    let reason = Finding::new(Code::WrongModel, r#"the seal is for "fraud", and "churn" was asked for"#);
    let stranger = Signer { kind: "ed25519".into(), id: "00ff".into(), name: None, trusted: false };
    let entry = ResultEntry { signers: vec![ci(), stranger], ..ResultEntry::refused("m.pkl", vec![reason], 0) };
    Report { sandbox: walls(), results: vec![entry], ..Report::new(Command::Verify) }
}

pub fn inspect() -> Report {
    let entry = ResultEntry {
        inspected: Some(coldload::report::Inspected::Model(Box::new(observation()))),
        ..accepted("rf_model.joblib")
    };
    Report { sandbox: walls(), results: vec![entry], ..Report::new(Command::Inspect) }
}

pub fn inspect_seal() -> Report {
    let facts = SealFacts {
        statements: statements("requirements.txt"),
        created: Some("2025-11-24T13:13:20Z".into()),
        expires: None,
        by: Some("coldload 0.1.0".into()),
        files: vec![SealedFile { path: ".".into(), size: 27_474 }],
        observed: Some(observation().observed),
        claims: vec!["environment@1".into()],
        ..SealFacts::default()
    };
    let entry = ResultEntry { signers: vec![ci()], ..ResultEntry::seal("rf_model.joblib.seal", churn(), facts) };
    Report { sandbox: walls(), results: vec![entry], ..Report::new(Command::Inspect) }
}

pub fn statements(name: &str) -> ClaimedStatements {
    let text = str::to_owned;
    let pin =
        |name: &str, marker: Option<&str>| Pin { name: text(name), version: text("1.26.4"), marker: marker.map(text) };
    let lock = Lock {
        name: text(name),
        kind: text("requirements"),
        sha256: Sha256([0xab; 32]),
        pins: Some(vec![pin("numpy", None), pin("scipy", Some("python_version >= '3.9'"))]),
        others: vec![text("-r base.txt")],
        found: text("file"),
    };
    ClaimedStatements {
        environment: Some(Environment {
            python: Some(Python {
                implementation: text("cpython"),
                version: text("3.11.7"),
                found: text("interpreter"),
            }),
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
            locks: vec![
                lock.clone(),
                Lock { name: text("uv.lock"), kind: text("uv-lock"), pins: None, others: Vec::new(), ..lock },
            ],
        }),
        provenance: Some(Provenance {
            tool: text("coldload 0.1.0"),
            source: Some(SourceCommit { commit: "0f".repeat(20), found: text("git") }),
            ci: Some(CiRun {
                system: text("github"),
                run: text("https://github.com/o/r/actions/runs/17"),
                repository: Some(text("o/r")),
                commit: Some("0f".repeat(20)),
            }),
            parent: Some(Sha256([1; 32])),
            data: vec![DataSet { name: text("train.csv"), sha256: Sha256([2; 32]) }],
            metrics: [(text("f1"), text("0.93"))].into(),
            annotations: [(text("team"), text(name))].into(),
        }),
        digests: Some(vec![FileDigest { path: text("."), sha256: Sha256([3; 32]) }]),
    }
}

/// A model with a seal beside it.
pub fn inspect_sealed() -> Report {
    let mut report = inspect();
    let seal = SealFacts {
        name: Some("churn".into()),
        version: Some("1.4.0".into()),
        sequence: Some(1_763_990_000),
        created: Some("2025-11-24T13:13:20Z".into()),
        by: Some("coldload 0.1.0".into()),
        files: vec![SealedFile { path: ".".into(), size: 27_474 }],
        observed: Some(observation().observed),
        claims: vec!["environment@1".into(), "provenance@1".into()],
        statements: statements("requirements.txt"),
        ..SealFacts::default()
    };
    report.results[0].signers = vec![Signer { name: None, trusted: false, ..ci() }];
    report.results[0].seal = Some(Box::new(seal));
    report
}

pub fn keygen() -> Report {
    let file =
        |path: &str, kind: &str, about: &str| WrittenFile { path: path.into(), kind: kind.into(), about: about.into() };
    Report {
        written: vec![
            file("ci", "private-key", "private key (ed25519 9f2c41…): keep it secret"),
            file("ci.pub", "public-key", "public key: give it to whoever verifies"),
        ],
        next: Some("coldload sign MODEL -k ci".into()),
        ..Report::new(Command::Keygen)
    }
}

pub fn predict() -> Report {
    let mut entry = accepted("m.pkl");
    entry.notes.push("used although nobody vouches for it (--unverified)".into());
    Report {
        sandbox: walls(),
        results: vec![entry],
        outputs: Some(Outputs::new(br#"{"predict":[0,1],"predict_proba":[[0.1,0.9],[1e-300,1.0]]}"#.to_vec()).unwrap()),
        ..Report::new(Command::Predict)
    }
}

pub fn failures() -> Report {
    let error = ReportError::new(FailureKind::Io, "permission denied", "ls -l models/locked.pkl");
    Report {
        results: vec![accepted("models/a.pkl"), ResultEntry::failed("models/locked.pkl", error)],
        notes: vec!["models/empty holds no model".into()],
        ..Report::new(Command::Scan)
    }
}

/// A report in which every text that could stem from a file or from its reader tries to take over the terminal.
pub fn hostile() -> Report {
    let evil = "\u{1b}[2J\u{7}\u{202e}\r\nevil.pkl  accepted";
    let finding = Finding::new(Code::DangerousGlobal, evil).in_place(evil).about(evil).because(evil).next(evil);
    let mut observation = observation();
    observation.summary.facts = vec![evil.into()];
    observation.summary.parameters = vec![(evil.into(), evil.into())];
    observation.observed.schema.class = Some(evil.into());
    observation.observed.content.names = vec![evil.into()];
    let model = ModelInfo { name: Some(evil.into()), version: Some(evil.into()), ..ModelInfo::observed(&observation) };
    let signer = Signer { kind: evil.into(), id: evil.into(), name: Some(evil.into()), trusted: true };
    let entry = ResultEntry {
        signers: vec![signer],
        checked: vec![evil.into()],
        not_checked: vec![evil.into()],
        claimed: vec![evil.into()],
        notes: vec![evil.into()],
        inspected: Some(coldload::report::Inspected::Model(Box::new(observation))),
        seal: Some(Box::new(SealFacts {
            name: Some(evil.into()),
            claims: vec![evil.into()],
            statements: statements(evil),
            ..SealFacts::default()
        })),
        ..ResultEntry::accepted(evil, Assurance::Names, model)
    };
    Report {
        results: vec![
            entry,
            ResultEntry::refused(evil, vec![finding], 0),
            ResultEntry::failed(evil, ReportError::new(FailureKind::Io, evil, evil)),
        ],
        notes: vec![evil.into()],
        next: Some(evil.into()),
        error: Some(ReportError::new(FailureKind::Io, evil, evil).looked_for(evil)),
        outputs: Some(Outputs::new("{\"predict\":[\"\u{9b}2J\u{202e}\"]}".as_bytes().to_vec()).unwrap()),
        ..Report::new(Command::Inspect)
    }
}
