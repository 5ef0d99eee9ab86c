//! `fuzz --emit`: hostile twins of a model, each judged before it is kept.
//!
//! A worker that has read and accepted the model writes a twin into a file that this side made; another worker judges that file
//! like any other. A twin that is not refused, or not for a reason that its kind deserves, is a fault of this program.

use super::copy::New;
use super::entries::{is_standard_input, open, shown, unopened, unsealed};
use super::folder::Unopened;
use super::judge::{Judged, Reading};
use super::request::{Options, TwinsRequest};
use super::stages::Unsealed;
use crate::bytes::{Digest, Expectation, Source};
use crate::job::{Failure, FailureKind, Task};
use crate::reason::{Code, Finding};
use crate::report::{Answer, Command, Report, WrittenFile};
use crate::twin::{Ask, Kind, MARKER};
use serde::Serialize;
use std::collections::BTreeSet;
use std::fs::File;
use std::path::Path;

/// Version of the index.
pub const INDEX: &str = "coldload.twins/1";
/// Rounds over all kinds in which no new twin was made, until there are no more.
const ROUNDS: u64 = 16;

/// The index of a folder of twins (`docs/fuzzing.md`).
#[derive(Serialize)]
struct Index<'a> {
    schema: &'static str,
    tool: &'static str,
    model: &'a str,
    sha256: String,
    seed: u64,
    reader: &'static str,
    marker: &'static str,
    twins: &'a [Twin],
}

/// One of them.
#[derive(Serialize)]
struct Twin {
    file: String,
    kind: Kind,
    about: &'static str,
    /// At least one of these has to be given.
    deserves: &'static [Code],
    /// What coldload says.
    reasons: Vec<Code>,
    /// Names that it says it of.
    names: Vec<String>,
    /// Whether the reader runs the payload.
    runs: bool,
}

/// Makes twins of a model in a new folder.
pub fn twins(request: &TwinsRequest, options: &Options, watch: &dyn Fn(usize, usize)) -> Report {
    let mut report = Report::new(Command::Fuzz);
    let source = match open(&request.model, &options.limits) {
        Ok(source) => source,
        Err(error) => {
            report.results.push(unopened(&request.model, &error));
            return report;
        }
    };
    let folder = match New::at(&request.folder, "--emit") {
        Ok(folder) => folder,
        Err(unopened) => return Report::failed(Command::Fuzz, failure(unopened)),
    };
    let reading = Reading::new(options);
    let (entry, held) = unsealed(&request.model, &source, &reading, Task::Judge);
    report.sandbox = reading.walls();
    report.results.push(entry);
    let Judged::Holds(model) = held else { return report };
    let content = &model.observation().observed.content;
    let reader = match content.format.as_str() {
        "npy" | "npz" => "numpy.load",
        "joblib" => "joblib.load",
        _ => "pickle.load",
    };
    let maker = Maker {
        source: &source,
        folder: &folder,
        options,
        seed: request.seed,
        ending: ending(&request.model),
        joblib: reader == "joblib.load",
    };
    match maker
        .all(request.count as usize, watch)
        .and_then(|made| index(request, &source, &folder, reader, &made).map(|()| made))
    {
        Ok(made) => release(request, folder, &made, &mut report),
        Err(failure) => report.error = Some(failure.into()),
    }
    report
}

fn index(
    request: &TwinsRequest,
    source: &Source,
    folder: &New,
    reader: &'static str,
    made: &[Twin],
) -> Result<(), Failure> {
    let (_, digest) = source.table_and_digest(None).map_err(|error| io_failure(&error))?;
    let model = if is_standard_input(&request.model) {
        "-"
    } else {
        &request.model.file_name().map(Path::new).map(shown).unwrap_or_default()
    };
    let index = Index {
        schema: INDEX,
        tool: concat!("coldload ", env!("CARGO_PKG_VERSION")),
        model,
        sha256: digest.iter().map(|byte| format!("{byte:02x}")).collect(),
        seed: request.seed,
        reader,
        marker: MARKER,
        twins: made,
    };
    let mut text = serde_json::to_vec_pretty(&index).map_err(|error| io_failure(&error))?;
    text.push(b'\n');
    std::fs::write(folder.path(Path::new("index.json")), text).map_err(|error| io_failure(&error))
}

fn release(request: &TwinsRequest, folder: New, made: &[Twin], report: &mut Report) {
    if let Err(unopened) = folder.appear() {
        report.error = Some(failure(unopened).into());
        return;
    }
    let short = request.count as usize - made.len();
    if short > 0 {
        report.notes.push(format!("{short} fewer than were asked for: there are no more different ones of this seed"));
    }
    let running = made.iter().filter(|twin| twin.runs).count();
    let about = format!(
        "{} hostile twins, {running} of which run their payload in a reader that lets them, and index.json",
        made.len()
    );
    report.written.push(WrittenFile { path: shown(&request.folder), kind: "twins".to_owned(), about });
    report.answer = Some(Answer {
        field: "fuzz",
        json: serde_json::json!({"seed": request.seed, "twins": made}),
        text: String::new(),
    });
    report.next =
        Some(format!("load each of them with your loader in an empty folder: none may leave a file named {MARKER}"));
}

struct Maker<'a> {
    source: &'a Source,
    folder: &'a New,
    options: &'a Options,
    seed: u64,
    ending: String,
    joblib: bool,
}

impl Maker<'_> {
    /// So many twins, all of them different; fewer if there are no more.
    fn all(&self, count: usize, watch: &dyn Fn(usize, usize)) -> Result<Vec<Twin>, Failure> {
        let (mut made, mut seen, mut round, mut idle) = (Vec::new(), BTreeSet::new(), 0, 0);
        while made.len() < count && idle < ROUNDS {
            let before = made.len();
            for kind in Kind::ALL.iter().copied().filter(|kind| self.fits(*kind)) {
                if made.len() < count {
                    made.extend(self.one(kind, round, made.len(), &mut seen)?);
                    watch(made.len(), count);
                }
            }
            idle = if made.len() == before { idle + 1 } else { 0 };
            round += 1;
        }
        Ok(made)
    }

    /// Whether the model's own reader comes to what this kind does.
    fn fits(&self, kind: Kind) -> bool {
        kind != Kind::NestedObjects || self.joblib
    }

    /// A new twin of this kind, if there is one.
    fn one(&self, kind: Kind, number: u64, index: usize, seen: &mut BTreeSet<Digest>) -> Result<Option<Twin>, Failure> {
        let file = format!("{:04}-{}.{}", index + 1, kind.text(), self.ending);
        let path = self.folder.path(Path::new(&file));
        let out =
            File::options().read(true).write(true).create_new(true).open(&path).map_err(|error| io_failure(&error))?;
        let digest = self.make(Ask { kind, seed: self.seed, number }, &out)?;
        if !digest.is_some_and(|digest| seen.insert(digest)) {
            std::fs::remove_file(&path).map_err(|error| io_failure(&error))?;
            return Ok(None);
        }
        let found = self.judge(&path).map_err(|what| self.fault(kind, number, &what))?;
        let mut reasons: Vec<Code> = found.iter().map(|finding| finding.code).collect();
        let deserved = reasons.iter().any(|code| kind.deserves().contains(code));
        if let Some(met) = found.iter().find(|finding| finding.code == Code::LimitExceeded && !deserved) {
            return Err(Failure {
                kind: FailureKind::Usage,
                message: format!(
                    "a twin is larger than its model, and meets a limit that the model does not: {}",
                    met.message
                ),
                next: met.next.clone(),
            });
        }
        if !deserved {
            let codes: Vec<&str> = reasons.iter().map(|code| code.text()).collect();
            return Err(self.fault(kind, number, &format!("is refused for {}", codes.join(", "))));
        }
        reasons.sort_unstable();
        reasons.dedup();
        let mut names: Vec<String> = found.into_iter().filter_map(|finding| finding.name).collect();
        names.sort_unstable();
        names.dedup();
        Ok(Some(Twin { file, kind, about: kind.about(), deserves: kind.deserves(), reasons, names, runs: kind.runs() }))
    }

    /// Has a worker write a twin. What it wrote, if it wrote something.
    fn make(&self, ask: Ask, out: &File) -> Result<Option<Digest>, Failure> {
        let reading = Reading::with(self.options, None, Some(out));
        let job = reading.job(Task::Twin(ask));
        match Unsealed::read(self.source, &Expectation::unsigned(self.source.size()), &reading, &job) {
            Judged::Holds(unsealed) if unsealed.written().len == 0 => Ok(None),
            Judged::Holds(unsealed) => Ok(unsealed.written().sha256.as_slice().try_into().ok()),
            Judged::Failed(failure) => Err(failure),
            Judged::Refused { findings, .. } => {
                let why = findings.first().map(|finding| finding.message.clone()).unwrap_or_default();
                Err(Failure {
                    kind: FailureKind::Internal,
                    message: format!("no twin was made of a model that was accepted before: {why}"),
                    next: "report it; a copy of the model helps".to_owned(),
                })
            }
        }
    }

    /// Why the file is refused; or what else became of it.
    fn judge(&self, path: &Path) -> Result<Vec<Finding>, String> {
        let source = Source::open(path).map_err(|error| error.to_string())?;
        let reading = Reading::new(self.options);
        match Unsealed::read(&source, &Expectation::unsigned(source.size()), &reading, &reading.job(Task::Judge)) {
            Judged::Refused { findings, .. } => Ok(findings),
            Judged::Holds(_) => Err("is accepted".to_owned()),
            Judged::Failed(failure) => Err(format!("is not judged: {}", failure.message)),
        }
    }

    fn fault(&self, kind: Kind, number: u64, what: &str) -> Failure {
        let codes: Vec<&str> = kind.deserves().iter().map(|code| code.text()).collect();
        Failure {
            kind: FailureKind::Internal,
            message: format!(
                "a twin of the kind {} (seed {}, number {number}), which deserves {}, {what}",
                kind.text(),
                self.seed,
                codes.join(" or ")
            ),
            next: "report it as said in SECURITY.md; a copy of the model helps".to_owned(),
        }
    }
}

/// How the names of twins end: as the model's does, with its compressor.
fn ending(model: &Path) -> String {
    let name = model.file_name().unwrap_or_default().to_string_lossy();
    let parts: Vec<&str> = name.split('.').skip(1).collect();
    let plain =
        |part: &str| !part.is_empty() && part.len() <= 10 && part.bytes().all(|byte| byte.is_ascii_alphanumeric());
    let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    // A compressor's ending says little without the one before it.
    let mut kept: Vec<&str> =
        parts.iter().rev().take(2).copied().take_while(|part| plain(part) && !digits(part)).collect();
    kept.reverse();
    if kept.is_empty() { "pkl".to_owned() } else { kept.join(".") }
}

fn io_failure(error: &dyn std::fmt::Display) -> Failure {
    Failure {
        kind: FailureKind::Io,
        message: format!("the twins can not be written: {error}"),
        next: "check the folder and its permissions; nothing was left there".to_owned(),
    }
}

fn failure(unopened: Unopened) -> Failure {
    match unopened {
        Unopened::Failed(failure) => failure,
        Unopened::Refused(finding) => io_failure(&finding.message),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn twins_are_named_like_their_model() {
        for (model, kept) in [
            ("m.pkl", "pkl"),
            ("a/m.joblib.gz", "joblib.gz"),
            ("model.v1.2.pkl", "pkl"),
            ("model", "pkl"),
            ("-", "pkl"),
            ("m.pkl.", "pkl"),
            ("m.\u{1b}[2J", "pkl"),
        ] {
            assert_eq!(ending(Path::new(model)), kept, "{model}");
        }
    }
}
