//! What the walls cost: the same tiny pickle judged in this process, by a worker of its own, and by a kept worker.
//!
//! `cargo bench --bench walls`

use coldload::bytes::{Expectation, Limits};
use coldload::job::{Decision, Emit, Job, Observation, Task};
use coldload::reason::Finding;
use coldload::sandbox::{Level, Sandbox, Work, Worker};
use std::fs::File;
use std::io::Write;
use std::time::{Duration, Instant};

/// Times that each is done.
const RUNS: usize = 200;
/// `None`, as Python pickles it.
const PICKLE: &[u8] = b"\x80\x04N.";

struct Quiet;

impl Emit for Quiet {
    fn finding(&mut self, finding: Finding) {
        panic!("{}", finding.message);
    }
    fn observed(&mut self, _: Box<Observation>) -> Decision {
        Decision::Proceed
    }
}

fn judge(worker: &mut Worker, file: &File) {
    let job = Job { task: Task::Judge, limits: Limits::default(), allow: Vec::new(), allow_sets: Vec::new() };
    let (size, expectation) = (PICKLE.len() as u64, Expectation::Once);
    let work = Work { beside: 0, job: &job, file, size, expectation: &expectation, rows: None, out: None };
    worker.run(&work, &mut Quiet).expect("the worker answers");
}

fn median(mut run: impl FnMut()) -> Duration {
    let mut times: Vec<Duration> = (0..RUNS)
        .map(|_| {
            let began = Instant::now();
            run();
            began.elapsed()
        })
        .collect();
    times.sort();
    times[RUNS / 2]
}

fn main() {
    let program = Sandbox::Program(env!("CARGO_BIN_EXE_coldload").into());
    let mut file = tempfile::tempfile().expect("a temporary file");
    file.write_all(PICKLE).expect("room for four bytes");
    let start = |level| Worker::start(&program, level).expect("the walls stand");
    let mut kept = start(Level::Required);
    println!("in this process      {:?}", median(|| judge(&mut start(Level::Off), &file)));
    println!("a worker of its own  {:?}", median(|| judge(&mut start(Level::Required), &file)));
    println!("a kept worker        {:?}", median(|| judge(&mut kept, &file)));
}
