//! The machine against Python's own readers: whole corpora as they are, then inputs made of them, until the time is up.
//!
//! ```sh
//! cargo run --release --example differential -- --python PYTHON [--seed N] [--seconds S] [--jobs N] [--keep DIR] [FILE-OR-FOLDER...]
//! ```
//!
//! PYTHON needs joblib and lz4; any CPython from 3.8 on will do. What is compared, and which inputs there are, is in
//! `src/fuzz/differential.rs` and `src/fuzz/inputs.rs`; Python's side is `oracle_child.py`. Without files all of `tests/data`
//! and `fuzz/seeds` is compared, and is what inputs are made of, for S seconds more. Given files are only compared. An input that fails is kept
//! in DIR (`target/differential`): compare it again by its name. The last line says `differential: N passed, N failed`.

mod oracle;

use coldload::format::Strictness;
use coldload::fuzz::differential::{Agreement, End, Trace, compare, trace};
use coldload::fuzz::inputs::{Corpus, Kind};
use coldload::fuzz::strictness::example;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, OnceLock};
use std::time::{Duration, Instant};

use oracle::{Failure, Oracle};

/// Folders of `tests/data` whose files stand alone.
const CORPORA: [&str; 7] = ["models", "held", "plain", "pandas", "sets", "dump", "hostile"];
/// Failing inputs after which a run ends.
const ENOUGH: u64 = 20;

fn script() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/interop/oracle_child.py")
}

struct Options {
    python: String,
    seed: u64,
    time: Duration,
    jobs: usize,
    keep: PathBuf,
    paths: Vec<PathBuf>,
}

fn options() -> Result<Options, Failure> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut options = Options {
        python: "python3".to_owned(),
        seed: 1,
        time: Duration::from_secs(20),
        jobs: 2,
        keep: root.join("target/differential"),
        paths: Vec::new(),
    };
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        let mut value = || arguments.next().ok_or_else(|| format!("{argument} needs a value"));
        match argument.as_str() {
            "--python" => options.python = value()?,
            "--seed" => options.seed = value()?.parse()?,
            "--seconds" => options.time = Duration::from_secs(value()?.parse()?),
            "--jobs" => options.jobs = value()?.parse()?,
            "--keep" => options.keep = value()?.into(),
            other if other.starts_with('-') => return Err(format!("there is no option {other}").into()),
            path => options.paths.push(path.into()),
        }
    }
    Ok(options)
}

/// What was seen so far, of all jobs.
#[derive(Default)]
struct Seen {
    passed: u64,
    failed: u64,
    /// Inputs that the readers died of, or about which none of them could say anything.
    unsaid: u64,
    accepted: u64,
    policy: u64,
    form: u64,
    /// How often a reader read on, by which rule.
    rules: BTreeMap<&'static str, u64>,
}

impl Seen {
    fn count(&mut self, end: &End) {
        match end {
            End::Accepted => self.accepted += 1,
            End::Policy(_) => self.policy += 1,
            End::Form(..) => self.form += 1,
        }
    }
}

/// Compares a file, and counts it. The difference, if there is one.
fn judge(oracle: &mut Oracle, data: &[u8], compressed: bool, seen: &Mutex<Seen>) -> Option<String> {
    let ours: Trace = trace(data);
    if ours.compressed.is_none_or(|is| is && !compressed) {
        return None;
    }
    let answers = oracle.ask(data);
    let mut seen = seen.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    seen.count(&ours.end);
    let compared = match answers {
        Ok(Some(answers)) if !answers.is_empty() => compare(&ours, &answers),
        Ok(_) => {
            seen.unsaid += 1;
            return None;
        }
        Err(error) => Err(error.to_string()),
    };
    match compared {
        Ok(agreement) => {
            seen.passed += 1;
            if let Agreement::By(rule) = agreement {
                *seen.rules.entry(rule.name()).or_default() += 1;
            }
            None
        }
        Err(difference) => {
            seen.failed += 1;
            Some(difference)
        }
    }
}

/// Each rule of the list of strictness: a reader reads on in the file that breaks it, and none parts from us in its twin.
fn rules(python: &str, seen: &Mutex<Seen>) -> Result<(), Failure> {
    let mut oracle = Oracle::start(python, &script())?;
    let mut examples = Seen::default();
    for rule in Strictness::ALL {
        let [strict, twin] = example(*rule).map(|file| (trace(&file), file));
        let answers = oracle.ask(&strict.1)?.unwrap_or_default();
        let compared = match compare(&strict.0, &answers) {
            Ok(Agreement::By(by)) if by == *rule => Ok(()),
            Ok(Agreement::Whole) if rule.is_pythons_too() => Ok(()),
            other => Err(format!("{other:?}")),
        };
        let answers = oracle.ask(&twin.1)?.unwrap_or_default();
        let same = compare(&twin.0, &answers) == Ok(Agreement::Whole) && twin.0.end == End::Accepted;
        let compared = compared.and(if same { Ok(()) } else { Err(format!("the twin: {:?}, {answers:?}", twin.0)) });
        match compared {
            Ok(()) => examples.passed += 1,
            Err(difference) => {
                examples.failed += 1;
                println!("rule {}: {difference}", rule.name());
            }
        }
    }
    println!("CPython {}: {} rules of strictness", oracle.version(), examples.passed + examples.failed);
    let mut seen = seen.lock().map_err(|_| "a job panicked")?;
    (seen.passed, seen.failed) = (seen.passed + examples.passed, seen.failed + examples.failed);
    Ok(())
}

/// Every file of these paths, in order.
fn files(paths: &[PathBuf]) -> Result<Vec<PathBuf>, Failure> {
    let (mut todo, mut found) = (paths.to_vec(), Vec::new());
    while let Some(path) = todo.pop() {
        if path.is_dir() {
            todo.extend(
                std::fs::read_dir(&path)?.collect::<Result<Vec<_>, _>>()?.into_iter().map(|entry| entry.path()),
            );
        } else {
            found.push(path);
        }
    }
    found.retain(|path| {
        !["json", "npy", "md", "txt"].iter().any(|ending| path.extension().is_some_and(|e| e == *ending))
    });
    found.sort();
    Ok(found)
}

/// What inputs are made of: small files, by what they are good for.
fn corpus(paths: &[PathBuf], seen_as_seeds: &Path) -> Result<Corpus, Failure> {
    let mut corpus = Corpus::default();
    for path in paths {
        let data = std::fs::read(path)?;
        let joblib = path.extension().is_some_and(|ending| ending != "pkl");
        match () {
            () if path.starts_with(seen_as_seeds) => corpus.add(Kind::Seed, data),
            () if joblib => corpus.add(Kind::Joblib, data),
            () => corpus.add(Kind::Honest, data),
        }
    }
    Ok(corpus)
}

fn run(options: &Options) -> Result<Seen, Failure> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let given = !options.paths.is_empty();
    let seeds = root.join("fuzz/seeds");
    let paths = if given {
        files(&options.paths)?
    } else {
        let mut paths = CORPORA.map(|folder| root.join("tests/data").join(folder)).to_vec();
        paths.extend(["machine", "joblib"].map(|target| seeds.join(target)));
        files(&paths)?
    };
    let corpus = corpus(&paths, &seeds)?;
    let (seen, next) = (Mutex::new(Seen::default()), AtomicU64::new(0));
    let (begin, made) = (Instant::now(), OnceLock::new());
    let job = || -> Result<(), Failure> {
        let mut oracle = Oracle::start(&options.python, &script())?;
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            match usize::try_from(number).ok().and_then(|number| paths.get(number)) {
                Some(path) => {
                    let difference = judge(&mut oracle, &std::fs::read(path)?, true, &seen);
                    difference.into_iter().for_each(|difference| println!("{}: {difference}", path.display()));
                }
                None if given => return Ok(()),
                None => {
                    let (kind, data) = corpus.input(options.seed, number);
                    if let Some(difference) = judge(&mut oracle, &data, false, &seen) {
                        std::fs::create_dir_all(&options.keep)?;
                        let path = options.keep.join(format!("{}-{number}", options.seed));
                        std::fs::write(&path, &data)?;
                        let version = oracle.version();
                        println!("{}: {kind:?}, CPython {version}, {difference}", path.display());
                    }
                    let enough = seen.lock().is_ok_and(|seen| seen.failed >= ENOUGH);
                    if enough || made.get_or_init(Instant::now).elapsed() >= options.time {
                        return Ok(());
                    }
                }
            }
        }
    };
    if !given {
        rules(&options.python, &seen)?;
    }
    std::thread::scope(|scope| {
        let jobs: Vec<_> = (0..options.jobs).map(|_| scope.spawn(job)).collect();
        jobs.into_iter().try_for_each(|job| job.join().unwrap_or_else(|_| Err("a job panicked".into())))
    })?;
    let seen = seen.into_inner()?;
    let done = seen.passed + seen.failed + seen.unsaid;
    let speed = done as f64 / begin.elapsed().as_secs_f64();
    println!("{done} files and inputs of seed {}, {speed:.0} a second", options.seed);
    println!("{} accepted, {} refused by policy, {} for their form", seen.accepted, seen.policy, seen.form);
    println!("rules by which Python read on: {:?}", seen.rules);
    Ok(seen)
}

fn main() -> ExitCode {
    match options().and_then(|options| run(&options)) {
        Ok(seen) => {
            let unsaid =
                if seen.unsaid > 0 { format!("; of {} Python says nothing", seen.unsaid) } else { String::new() };
            println!("differential: {} passed, {} failed{unsaid}", seen.passed, seen.failed);
            ExitCode::from(u8::from(seen.failed > 0 || seen.passed == 0))
        }
        Err(error) => {
            eprintln!("differential: {error}");
            ExitCode::from(2)
        }
    }
}
