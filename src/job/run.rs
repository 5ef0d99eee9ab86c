//! Running a job: read, judge, tell, and only then build values and answer.

use super::{Ask, Assurance, Decision, Emit, Failure, FailureKind, Job, Observation, Outcome, Task, Written};
use crate::bytes::{Budget, Hasher, Input, Limits};
use crate::dump;
use crate::format::{self, Act, Argument, Consumer, Ctx, Keep, Parsed};
use crate::graph::{self, Heap, Name, NameId};
use crate::manifest::{Arrays, Content, Observed};
use crate::model::{self, BuildError, Model, Rows, Structure, StructureFault};
use crate::reason::Finding;
use crate::twin::{self, Survey};
use crate::vocabulary::{Role, Vocabulary};
use std::fs::File;
use std::io::{BufWriter, Read, Write};

/// Most findings that are emitted of one file; the others are counted.
const EMITTED: usize = 100;

/// Does a job over the bytes of one file. `rows` and `out` are opened files; their offsets are where reading and writing
/// begin.
///
/// Nothing is written to `out`, and no typed value is built, before `emit` was told what the file holds and said to proceed;
/// but for a trace, whose events are the answer themselves.
pub fn run(job: &Job, mut input: Input, rows: Option<&File>, out: Option<&File>, emit: &mut dyn Emit) -> Outcome {
    if let Task::Attack(attack) = &job.task {
        return crate::fuzz::attack(attack, input, out, emit);
    }
    let vocabulary = match Vocabulary::new(&job.allow, &job.allow_sets) {
        Ok(vocabulary) => vocabulary,
        Err(error) => return failed(FailureKind::Usage, error.to_string(), "leave it out of --allow"),
    };
    let size = input.size();
    let mut out = Counted::new(out);
    let survey = if let Task::Twin(ask) = &job.task { Some(Survey::new(ask)) } else { None };
    let mut tracer = Tracer { out: &mut out, task: &job.task, survey, failed: None };
    let keep = if matches!(job.task, Task::Predict(_) | Task::Dump(_)) { Keep::Bytes } else { Keep::Shapes };
    let mut beside = |name: &str| emit.beside(name);
    let mut ctx = Ctx::new(&vocabulary, Budget::new(&job.limits, size).ahead(input.threads()), keep, &mut tracer);
    ctx.list_opcodes = matches!(job.task, Task::Opcodes | Task::Twin(_));
    ctx.beside = Some(&mut beside);
    let mut reading = Reading::of(&mut input, &mut ctx);
    let mut nobody = ();
    if let Structure::Unread(unread) = &reading.structure
        && ctx.beside_read.is_empty()
    {
        let mut budget = Budget::new(&job.limits, size).ahead(input.threads());
        let wanted = ctx.heap.wanted(unread, &mut budget);
        ctx = Ctx::new(&vocabulary, budget, keep, &mut nobody);
        reading = match wanted {
            Ok(wanted) => {
                ctx.wanted = wanted;
                Reading::of(&mut input, &mut ctx).settled()
            }
            Err(exceeded) => Reading::ended(&ctx, Parsed::default(), Some(&exceeded.into())),
        };
    }
    let Reading { parsed, failure, findings, mut more, structure } = reading;
    if let Some(message) = failure {
        return failed(FailureKind::Io, message, "look at the disk and the file's permissions");
    }
    let observation = observe(&ctx, &parsed, &structure);
    let beside = ctx.beside_read.len();
    let Ctx { heap, budget, .. } = ctx;
    if let Some(error) = tracer.failed {
        return failed(FailureKind::Io, format!("the trace can not be written: {error}"), "look at the disk");
    }
    if !findings.is_empty() {
        more = more.saturating_add(findings.len().saturating_sub(EMITTED) as u64);
        let written = out.finish();
        findings.into_iter().take(EMITTED).for_each(|finding| emit.finding(finding));
        return match written {
            Ok(_) => Outcome::Refused { more },
            Err(error) => {
                failed(FailureKind::Io, format!("the output can not be written: {error}"), "look at the disk")
            }
        };
    }
    if emit.observed(&observation) == Decision::Stop {
        return Outcome::Stopped;
    }
    let survey = tracer.survey;
    let ask = match &job.task {
        Task::Predict(ask) => ask,
        Task::Judge | Task::Trace | Task::Opcodes | Task::Attack(_) => return finished(out.finish()),
        Task::Twin(ask) => {
            // Pickles inside archives have offsets of their own.
            let survey = survey.filter(|_| parsed.container.is_none()).unwrap_or_else(|| Survey::new(ask));
            return match beside {
                0 => twin(ask, &survey, &mut input, &budget, parsed.roots.len(), out),
                _ => failed(
                    FailureKind::Usage,
                    "some of this model's arrays stand in files beside it, and twins are made of one file",
                    "save the model again with a newer joblib",
                ),
            };
        }
        Task::Dump(form) => {
            let written = dump::write(&heap, &parsed.roots, *form, &mut out);
            return finished(written.and_then(|()| out.finish()));
        }
    };
    match predict(ask, &heap, &parsed, rows, &job.limits, out) {
        Ok(written) => Outcome::Done { written },
        Err(Stop::Failed(failure)) => Outcome::Failed(failure),
        Err(Stop::Refused(finding)) => {
            emit.finding(*finding);
            Outcome::Refused { more: 0 }
        }
    }
}

/// What a reading of a file found.
struct Reading {
    parsed: Parsed,
    /// What the system says, if the file could not be read.
    failure: Option<String>,
    findings: Vec<Finding>,
    /// Findings that are not described.
    more: u64,
    structure: Structure,
}

impl Reading {
    /// Reads a file, and judges its estimators if nothing else refuses it.
    fn of(input: &mut Input, ctx: &mut Ctx<'_>) -> Reading {
        let mut parsed = Parsed::default();
        if let Err(fault) = format::read(input, ctx, &mut parsed) {
            return Reading::ended(ctx, parsed, Some(&fault));
        }
        let mut reading = Reading::ended(ctx, parsed, None);
        if reading.findings.is_empty() {
            reading.structure = model::check(&ctx.heap, &reading.parsed.roots);
            if let Structure::Faults { first, more } = &reading.structure {
                reading.findings = first.iter().map(model::StructureFault::finding).collect();
                reading.more = *more;
            }
        }
        reading
    }

    /// A reading that ended, without a look at the estimators.
    fn ended(ctx: &Ctx<'_>, parsed: Parsed, fault: Option<&format::Fault>) -> Reading {
        Reading {
            failure: fault.and_then(format::Fault::failure),
            findings: format::findings(ctx, &parsed.roots, fault),
            more: ctx.suspects.more(),
            structure: Structure::Shapes { because: String::new() },
            parsed,
        }
    }

    /// A second reading leaves nothing unread; but for bytes that are the elements of too many arrays.
    fn settled(mut self) -> Reading {
        if matches!(self.structure, Structure::Unread(_)) {
            let fault = StructureFault { place: String::new(), fault: model::Fault::Entangled };
            self.findings.push(fault.finding());
        }
        self
    }
}

/// Writes a twin; nothing, if this can not be done to the model.
fn twin(
    ask: &twin::Ask,
    survey: &Survey,
    input: &mut Input,
    budget: &Budget,
    pickles: usize,
    mut out: Counted<'_>,
) -> Outcome {
    match twin::make(ask, survey, input, budget, pickles) {
        Ok(twin) => finished(out.write_all(&twin.unwrap_or_default()).and_then(|()| out.finish())),
        Err(error) => failed(FailureKind::Usage, error.to_string(), "make twins of a smaller model"),
    }
}

fn finished(written: std::io::Result<Written>) -> Outcome {
    match written {
        Ok(written) => Outcome::Done { written },
        Err(error) => failed(FailureKind::Io, format!("the output can not be written: {error}"), "look at the disk"),
    }
}

fn failed(kind: FailureKind, message: impl Into<String>, next: impl Into<String>) -> Outcome {
    Outcome::Failed(Failure { kind, message: message.into(), next: next.into() })
}

/// What the file holds: a function of the graph alone, by the rule in `docs/seal.md`.
fn observe(ctx: &Ctx<'_>, parsed: &Parsed, structure: &Structure) -> Observation {
    let compressors: Vec<String> = parsed.compressor.iter().map(|codec| (*codec).to_owned()).collect();
    let joblib = ctx.raw_arrays || !compressors.is_empty() || !ctx.beside_read.is_empty();
    let mut names: Vec<String> = ctx.heap.names.iter().map(|(_, name)| name.dotted()).collect();
    names.sort_unstable();
    names.dedup();
    let (count, bytes) = ctx.heap.array_totals();
    let content = Content {
        format: parsed.container.unwrap_or(if joblib { "joblib" } else { "pickle" }).to_owned(),
        compressors,
        protocols: ctx.protocols.iter().copied().collect(),
        pickles: ctx.pickles,
        names,
        arrays: Arrays { count, bytes },
    };
    let (schema, mut summary) = match parsed.roots.first() {
        Some(root) => (model::schema(&ctx.heap, *root), model::summarize(&ctx.heap, *root)),
        None => Default::default(),
    };
    match ctx.beside_read.len() {
        0 => {}
        1 => summary.facts.push("1 file beside it".to_owned()),
        more => summary.facts.push(format!("{more} files beside it")),
    }
    let opaque = ctx.heap.names.iter().any(|(id, _)| match ctx.roles.get(id) {
        Role::Known(entry) => entry.shape.is_opaque(),
        _ => true,
    });
    let assurance = match structure {
        _ if opaque => Assurance::Names,
        Structure::Typed => Assurance::Typed,
        _ => Assurance::Shapes,
    };
    Observation { observed: Observed { content, schema }, summary, assurance }
}

/// Why a prediction was not made.
enum Stop {
    Refused(Box<Finding>),
    Failed(Failure),
}

fn usage(message: String, next: &str) -> Stop {
    Stop::Failed(Failure { kind: FailureKind::Usage, message, next: next.to_owned() })
}

fn io(message: String) -> Stop {
    Stop::Failed(Failure { kind: FailureKind::Io, message, next: "look at the disk and the permissions".to_owned() })
}

fn predict(
    ask: &Ask,
    heap: &Heap,
    parsed: &Parsed,
    rows: Option<&File>,
    limits: &Limits,
    mut out: Counted<'_>,
) -> Result<Written, Stop> {
    let Some(root) = parsed.roots.first().copied() else {
        return Err(usage("the file holds no value".to_owned(), "name a file that holds a model"));
    };
    let choice = model::choose(heap, root, ask.at.as_deref())
        .map_err(|error| usage(error.to_string(), "coldload inspect MODEL  shows what the file holds"))?;
    let built = Model::build(heap, choice.value).map_err(|error| match error {
        BuildError::Structure(fault) => Stop::Refused(Box::new(fault.finding())),
        error => usage(error.to_string(), "coldload inspect MODEL  shows what the file holds"),
    })?;
    let bytes = read_rows(rows, limits)?;
    let rows = Rows::read(&bytes, ask.rows)
        .map_err(|error| usage(error.to_string(), "coldload help predict  shows how rows are written"))?;
    let methods: Vec<super::Method> = match ask.method {
        Some(method) => vec![method],
        None => built.methods().to_vec(),
    };
    let mut answers = Vec::with_capacity(methods.len());
    for method in methods {
        let answer = built.run(method, &rows);
        answers.push(answer.map_err(|error| {
            usage(
                error.to_string(),
                "mend the rows, or leave --method out: then the model answers with all that it has",
            )
        })?);
    }
    model::write(&answers, ask.answer, &mut out).map_err(|error| match error {
        model::WriteError::Io(error) => io(format!("the answer can not be written: {error}")),
        error => usage(error.to_string(), "choose one --method, or another form of answer"),
    })?;
    let written = out.finish().map_err(|error| io(format!("the answer can not be written: {error}")))?;
    Ok(Written { rows: rows.len() as u64, notes: choice.note.into_iter().collect(), ..written })
}

/// All bytes of the rows, as far as the limit for what is kept allows.
fn read_rows(rows: Option<&File>, limits: &Limits) -> Result<Vec<u8>, Stop> {
    let Some(rows) = rows else {
        return Err(usage("there are no rows".to_owned(), "name them with -i"));
    };
    let most = limits.kept(0);
    let mut bytes = Vec::new();
    let read = rows.take(most.saturating_add(1)).read_to_end(&mut bytes);
    read.map_err(|error| io(format!("the rows can not be read: {error}")))?;
    if bytes.len() as u64 > most {
        return Err(usage(
            format!("the rows are larger than {most} bytes"),
            "answer them in parts, or raise --limit decoded",
        ));
    }
    Ok(bytes)
}

/// An output whose length and digest are known when it is done.
struct Counted<'a> {
    out: Option<BufWriter<&'a File>>,
    hasher: Hasher,
    len: u64,
}

impl<'a> Counted<'a> {
    fn new(out: Option<&'a File>) -> Counted<'a> {
        Counted { out: out.map(BufWriter::new), hasher: Hasher::default(), len: 0 }
    }

    fn finish(mut self) -> std::io::Result<Written> {
        self.flush()?;
        Ok(Written { len: self.len, sha256: self.hasher.finish().to_vec(), ..Written::default() })
    }
}

impl Write for Counted<'_> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let out = self.out.as_mut().ok_or_else(|| std::io::Error::other("there is no output"))?;
        out.write_all(bytes)?;
        self.hasher.update(bytes);
        self.len = self.len.saturating_add(bytes.len() as u64);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.out.as_mut().map_or(Ok(()), Write::flush)
    }
}

/// Writes events as JSON lines.
struct Tracer<'t, 'a> {
    out: &'t mut Counted<'a>,
    task: &'t Task,
    survey: Option<Survey>,
    failed: Option<std::io::Error>,
}

impl Consumer for Tracer<'_, '_> {
    fn event(&mut self, at: u64, act: Act, _: NameId, name: &Name) {
        if *self.task == Task::Trace && self.failed.is_none() {
            let name = json_text(&name.dotted());
            self.failed = writeln!(self.out, "{{\"at\":{at},\"event\":\"{}\",\"name\":{name}}}", act.text()).err();
        }
    }

    fn opcode(&mut self, at: u64, head: &[u8], length: u64) {
        if let Some(survey) = &mut self.survey {
            survey.opcode(at, head, length);
        } else if self.failed.is_none() {
            self.failed = self.write_opcode(at, head, length).err();
        }
    }
}

impl Tracer<'_, '_> {
    fn write_opcode(&mut self, at: u64, head: &[u8], length: u64) -> std::io::Result<()> {
        let shown = format::show_opcode(head);
        let name = shown.as_ref().map_or("unknown", |shown| shown.name);
        write!(self.out, "{{\"at\":{at},\"opcode\":\"{name}\"")?;
        match shown.and_then(|shown| shown.argument) {
            Some(Argument::Int(number)) => write!(self.out, ",\"argument\":{number}")?,
            Some(Argument::Float(number)) if number.is_finite() => write!(self.out, ",\"argument\":{number:?}")?,
            Some(Argument::Float(number)) => write!(self.out, ",\"argument\":\"{}\"", graph::show_float(number))?,
            Some(Argument::Text(text)) => write!(self.out, ",\"argument\":{}", json_text(&text))?,
            None => {}
        }
        writeln!(self.out, ",\"bytes\":{length}}}")
    }
}

/// A JSON text of ASCII alone, so that nothing of a file reaches a terminal as it stands.
fn json_text(text: &str) -> String {
    let mut out = String::with_capacity(text.len().saturating_add(2));
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            ' '..='~' => out.push(c),
            c => c.encode_utf16(&mut [0; 2]).iter().for_each(|unit| out.push_str(&format!("\\u{unit:04x}"))),
        }
    }
    out.push('"');
    out
}
