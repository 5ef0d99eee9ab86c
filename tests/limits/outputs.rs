//! What a file can make coldload write or hold: findings and texts are counted and cut, answers are as long as the rows ask
//! for, and the parent holds no more than it was told.

use super::*;

/// A file that asks for this many names that nobody knows, each this long.
fn unknown(names: usize, length: usize) -> Ops {
    let one = |number: usize| {
        let name = format!("Class{number}{}", "x".repeat(length));
        ops![text("package.module"), text(&name), b"\x930"]
    };
    pickle4(ops![(0..names).map(one).collect::<Vec<_>>().concat(), NONE])
}

fn written(file: &[u8], arguments: &[&str]) -> Output {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("model.pkl"), file).unwrap();
    let output = coldload(folder.path(), arguments);
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    output
}

#[test]
fn findings_beyond_the_first_are_counted() {
    let few = written(&unknown(20, 0), &["scan", "model.pkl", "--json"]);
    assert_eq!(first_result(&few)["reasons"].as_array().unwrap().len(), 20);
    assert_eq!(first_result(&few)["more_reasons"], Value::Null);
    let many = written(&unknown(5000, 0), &["scan", "model.pkl", "--json"]);
    let result = first_result(&many);
    let listed = result["reasons"].as_array().unwrap().len();
    assert!((20..=1000).contains(&listed), "{listed}");
    assert_eq!(listed as u64 + result["more_reasons"].as_u64().unwrap(), 5000);
    let text = String::from_utf8(written(&unknown(5000, 0), &["scan", "model.pkl"]).stdout).unwrap();
    assert!(text.lines().count() < 40, "{text}");
    assert!(text.contains("… 4995 more: -v"), "{text}");
}

#[test]
fn long_texts_of_a_file_are_cut() {
    // Twelve names of a quarter of a megabyte each.
    let file = unknown(12, 1 << 18);
    for arguments in [
        &["scan", "model.pkl", "--json"][..],
        &["scan", "model.pkl", "-v"],
        &["inspect", "model.pkl"],
        &["inspect", "model.pkl", "--trace"],
    ] {
        let output = written(&file, arguments);
        let written = output.stdout.len() + output.stderr.len();
        assert!(written < file.len() / 8, "{arguments:?}: {written} bytes for a file of {}", file.len());
    }
}

/// A step's name is part of what is observed, which is bounded as a whole.
#[test]
fn an_observation_that_is_too_long_is_refused() {
    let pipeline = |name: usize| {
        let step = ops![b"(", text(&"s".repeat(name)), estimator(scaler(), &[]), b"t"];
        pickle4(estimator(
            global("sklearn.pipeline", "Pipeline"),
            &[("steps", list(&[step])), ("memory", NONE.to_vec()), ("verbose", FALSE.to_vec())],
        ))
    };
    let honest = scan(&pipeline(1000), &[]);
    assert_eq!(honest["verdict"], "accepted", "{honest}");
    let refused = scan(&pipeline(9 << 20), &[]);
    assert_eq!(refused["reasons"][0]["code"], "limit-exceeded", "{refused}");
    assert!(refused["reasons"][0]["message"].as_str().unwrap().contains("more than 8 MiB together"), "{refused}");
}

/// Rows are bounded like what is decoded; and time, memory and the answer like any other work of a worker.
#[test]
fn rows_are_bounded() {
    let folder = tempfile::tempdir().unwrap();
    let model = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/demo/iris_forest.pkl");
    let row = "5.8,4.0,1.2,0.2\n";
    let header = "sepal length,sepal width,petal length,petal width\n";
    std::fs::write(folder.path().join("few.csv"), [header, row].concat()).unwrap();
    std::fs::write(folder.path().join("many.csv"), [header, &row.repeat(200_000)].concat()).unwrap();
    let predict = |rows: &str, limit: &str| {
        let output = coldload(
            folder.path(),
            &[
                "predict",
                model,
                "-i",
                rows,
                "--unverified",
                "-o",
                "answers.csv",
                "--json",
                "--output-file",
                "report.json",
                "--limit",
                limit,
            ],
        );
        let report: Value = serde_json::from_slice(&std::fs::read(folder.path().join("report.json")).unwrap()).unwrap();
        let answered = std::fs::remove_file(folder.path().join("answers.csv")).is_ok();
        assert_eq!(answered, output.status.success(), "{report}");
        (output.status.code(), report)
    };
    assert_eq!(predict("few.csv", "decoded=1MiB").0, Some(0));
    // Too many rows are what the caller asks, not what the model is: the work could not be done.
    let (status, report) = predict("many.csv", "decoded=1MiB");
    assert_eq!((status, &report["error"]["kind"]), (Some(2), &"usage".into()), "{report}");
    assert!(
        report["error"]["message"].as_str().unwrap().contains("the rows are larger than 1048576 bytes"),
        "{report}"
    );
    assert!(report["error"]["next"].as_str().unwrap().contains("--limit decoded"), "{report}");
    let (status, report) = predict("many.csv", "time=0");
    assert_eq!(status, Some(1), "{report}");
    assert!(report["results"][0]["reasons"][0]["message"].as_str().unwrap().contains("the limit time ("), "{report}");
}
