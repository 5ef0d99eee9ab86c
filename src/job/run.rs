//! Running a job: read, judge, tell, and only then build values and answer.

use super::output::Counted;
use super::reading::{Reading, observe};
use super::trace::Tracer;
use super::{Ask, Decision, Emit, Failure, FailureKind, Job, Outcome, Task, Written};
use crate::bytes::{Budget, Input, Limits};
use crate::dump;
use crate::format::{self, Ctx, Keep, Parsed};
use crate::graph::Heap;
use crate::model::{self, BuildError, Model, Rows};
use crate::reason::Finding;
use crate::twin::{self, Survey};
use crate::vocabulary::Vocabulary;
use std::fs::File;
use std::io::{Read, Write};

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
    let mut nobody = ();
    let reading = Reading::of(&mut input, &mut ctx).complete(job, &mut input, &mut ctx, &mut nobody);
    let Reading { parsed, failure, findings, mut more, structure } = reading;
    if let Some(message) = failure {
        return failed(FailureKind::Io, message, "look at the disk and the file's permissions");
    }
    let mut observation = observe(&ctx, &parsed, &structure);
    if matches!(job.task, Task::Inspect) {
        model::tell_parameters(&ctx.heap, &parsed.roots, &mut observation.summary);
    }
    let beside = ctx.beside_read.len();
    let Ctx { heap, mut budget, .. } = ctx;
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
    if emit.observed(Box::new(observation)) == Decision::Stop {
        return Outcome::Stopped;
    }
    let survey = tracer.survey;
    let ask = match &job.task {
        Task::Predict(ask) => ask,
        Task::Judge | Task::Inspect | Task::Trace | Task::Opcodes | Task::Attack(_) => return finished(out.finish()),
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
            return match dump::write(&heap, &parsed.roots, *form, &mut budget, &mut out) {
                Ok(()) => finished(out.finish()),
                Err(dump::WriteError::Io(error)) => finished(Err(error)),
                Err(dump::WriteError::Limit(exceeded)) => {
                    emit.finding(format::limit(exceeded));
                    Outcome::Refused { more: 0 }
                }
            };
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
