//! Everything that this repository holds of models and hostile files is judged, traced and asked for answers behind the
//! strictest walls, and the answer is the one that is given without walls. So are large files that are made here: the small
//! ones ask the kernel for less.
//!
//! This is also the proof that no call is missing in the filter's list. A filter that logs would tell of unlisted calls; the
//! one that is used *kills* at the first of them, so that a job which ends with an outcome made none. In debug builds and in
//! release builds, for the standard library does not call the same.

use super::*;
use coldload::job::{AnswerFormat, Ask, RowsFormat};

/// Rows of the width, and with the names, that the model asks for.
fn rows(observation: &Observation, count: usize) -> File {
    let schema = &observation.observed.schema;
    let width = usize::try_from(schema.n_features_in.unwrap_or(1)).unwrap_or(1).min(1000);
    let rows = match &schema.feature_names_in {
        Some(columns) => {
            serde_json::json!({"dataframe_split": {"columns": columns, "data": vec![vec![0.5; columns.len()]; count]}})
        }
        None => serde_json::json!({"inputs": vec![vec![0.5; width]; count]}),
    };
    file_at_start(rows.to_string().as_bytes())
}

/// The offset of rows plays a part.
fn file_at_start(bytes: &[u8]) -> File {
    use std::io::Seek;
    let mut file = file(bytes);
    file.rewind().unwrap();
    file
}

type Told = (Result<Outcome, Death>, Vec<Finding>, Option<Observation>);

fn answer(worker: &mut Worker, task: &Task, model: &File, rows: Option<&File>) -> Told {
    struct All(Vec<Finding>, Option<Observation>);
    impl Emit for All {
        fn finding(&mut self, finding: Finding) {
            self.0.push(finding);
        }
        fn observed(&mut self, observation: Box<Observation>) -> Decision {
            self.1 = Some(*observation);
            Decision::Proceed
        }
    }
    let size = model.metadata().unwrap().len();
    let (mut job, expectation) = (job(task.clone()), Expectation::unsigned(size));
    // However busy the machine is.
    job.limits.set("time=120").unwrap();
    let out = (*task != Task::Judge).then(|| file(b""));
    let work = Work { beside: 0, job: &job, file: model, size, expectation: &expectation, rows, out: out.as_ref() };
    let mut all = All(Vec::new(), None);
    let outcome = worker.run(&work, &mut all).map(|finished| finished.outcome);
    (outcome, all.0, all.1)
}

/// The files of `tests/data`, or of the folder that COLDLOAD_CORPUS names.
fn files() -> Vec<PathBuf> {
    let own = || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/data");
    let mut folders = vec![std::env::var_os("COLDLOAD_CORPUS").map_or_else(own, PathBuf::from)];
    let mut files = Vec::new();
    while let Some(folder) = folders.pop() {
        for path in std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            let beside = path.extension().is_some_and(|kind| kind == "json" || kind == "md" || kind == "py");
            if path.is_dir() {
                folders.push(path);
            } else if !beside {
                files.push(path);
            }
        }
    }
    files.sort();
    files
}

/// Files that make allocations grow and move, as the small ones of the corpus do not.
fn large() -> Vec<(&'static str, Vec<u8>)> {
    let pickle = |parts: &[&[u8]]| [b"\x80\x04", parts.concat().as_slice(), b"."].concat();
    let long =
        |opcode: u8, bytes: &[u8]| [&[opcode][..], &u32::try_from(bytes.len()).unwrap().to_le_bytes(), bytes].concat();
    let keys: Vec<u8> = (0..50_000u32)
        .flat_map(|key| format!("\u{8c}\u{9}k{key:08}N").chars().map(|c| c as u8).collect::<Vec<_>>())
        .collect();
    let refused: Vec<u8> = (0..3000u32).flat_map(|name| format!("cpackage\nName{name}\n0").into_bytes()).collect();
    vec![
        ("a long list", pickle(&[b"](", &vec![b'N'; 2 << 20], b"e"])),
        ("a long text", pickle(&[&long(b'X', &vec![b'a'; 6 << 20])])),
        ("many bytes, in more than one chunk", pickle(&[&long(b'B', &vec![0; 9 << 20])])),
        ("many keys", pickle(&[b"}(", &keys, b"u"])),
        ("many tuples, memoized", pickle(&[&b")\x94".repeat(1 << 20)])),
        ("many names", pickle(&[&refused, b"N"])),
        ("many events", pickle(&[b"(", &b"ccollections\nOrderedDict\n)R".repeat(20_000), b"t"])),
        ("more than is kept at once", pickle(&[&long(b'B', &vec![0; 33 << 20])])),
    ]
}

#[test]
fn the_answer_is_the_same_behind_walls() {
    let _others = among_others();
    let ask = Ask { method: None, at: None, rows: RowsFormat::Json, answer: AnswerFormat::Json };
    let mut workers = [Level::Off, Level::Strict].map(|level| Worker::start(&program(), level).unwrap());
    let (mut refused, mut accepted, mut answered) = (0, 0, 0);
    // A debug build takes a minute or two for all of them; what it asks of the kernel shows in some, and the release build is asked all.
    let every = if cfg!(debug_assertions) { 4 } else { 1 };
    let kept = files().into_iter().step_by(every).map(|path| (File::open(&path).unwrap(), path));
    let large = large().into_iter().map(|(name, bytes)| (file(&bytes), PathBuf::from(name)));
    for (model, path) in kept.chain(large) {
        // Enough of them here and there that an answer grows.
        let count = if path.parent().is_some_and(|folder| folder.ends_with("demo")) { 20_000 } else { 1 };
        let mut both = |task: &Task, rows: Option<&Observation>| {
            let [open, walled] = workers.each_mut().map(|worker| {
                let rows = rows.map(|observation| self::rows(observation, count));
                answer(worker, task, &model, rows.as_ref())
            });
            assert!(walled.0.is_ok(), "{task:?} {}: {:?}", path.display(), walled.0);
            assert_eq!(open, walled, "{task:?} {}", path.display());
            walled
        };
        let (outcome, _, observation) = both(&Task::Judge, None);
        let Ok(Outcome::Done { .. }) = outcome else {
            refused += 1;
            let _ = both(&Task::Trace, None);
            continue;
        };
        accepted += 1;
        if model.metadata().unwrap().len() > 100_000 {
            let _ = both(&Task::Trace, None);
        }
        let (outcome, ..) = both(&Task::Predict(ask.clone()), observation.as_ref());
        answered += u32::from(matches!(outcome, Ok(Outcome::Done { .. })));
    }
    println!("{accepted} accepted, of which {answered} answered, {refused} refused");
    assert!(refused > 0 && accepted > 0 && answered > 0, "too few of one kind to tell");
}
