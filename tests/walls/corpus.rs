//! Everything that this repository holds of models and hostile files is judged, traced and asked for answers behind the
//! strictest walls, and the answer is the one that is given without walls.
//!
//! This is also the proof that no call is missing in the filter's list. A filter that logs would tell of unlisted calls; the
//! one that is used *kills* at the first of them, so that a job which ends with an outcome made none. In debug builds and in
//! release builds, for the standard library does not call the same.

use super::*;
use coldload::job::{AnswerFormat, Ask, RowsFormat};

/// One row of the width, and with the names, that the model asks for.
fn row(observation: &Observation) -> File {
    let schema = &observation.observed.schema;
    let width = usize::try_from(schema.n_features_in.unwrap_or(1)).unwrap_or(1).min(1000);
    let rows = match &schema.feature_names_in {
        Some(columns) => {
            serde_json::json!({"dataframe_split": {"columns": columns, "data": [vec![0.5; columns.len()]]}})
        }
        None => serde_json::json!({"inputs": [vec![0.5; width]]}),
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
        fn observed(&mut self, observation: &Observation) -> Decision {
            self.1 = Some(observation.clone());
            Decision::Proceed
        }
    }
    let size = model.metadata().unwrap().len();
    let (mut job, expectation) = (job(task.clone()), Expectation::unsigned(size));
    // However busy the machine is.
    job.limits.set("time=120").unwrap();
    let out = (*task != Task::Judge).then(|| file(b""));
    let work = Work { job: &job, file: model, size, expectation: &expectation, rows, out: out.as_ref() };
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
    files
}

#[test]
fn the_answer_is_the_same_behind_walls() {
    let _others = among_others();
    let ask = Ask { method: None, at: None, rows: RowsFormat::Json, answer: AnswerFormat::Json };
    let mut workers = [Level::Off, Level::Strict].map(|level| Worker::start(&program(), level).unwrap());
    let (mut refused, mut accepted, mut answered) = (0, 0, 0);
    for path in files() {
        let model = File::open(&path).unwrap();
        let mut both = |task: &Task, rows: Option<&Observation>| {
            let [open, walled] = workers.each_mut().map(|worker| {
                let rows = rows.map(row);
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
        let (outcome, ..) = both(&Task::Predict(ask.clone()), observation.as_ref());
        answered += u32::from(matches!(outcome, Ok(Outcome::Done { .. })));
    }
    println!("{accepted} accepted, of which {answered} answered, {refused} refused");
    assert!(refused > 0 && accepted > 0 && answered > 0, "too few of one kind to tell");
}
