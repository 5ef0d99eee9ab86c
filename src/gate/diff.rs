//! `diff`: what is another in a model than in the one before it.

use super::entries::{open, unopened, unsealed};
use super::judge::{Judged, Reading};
use super::request::{DiffRequest, Options};
use crate::job::{Observation, Task};
use crate::manifest::Schema;
use crate::report::{Change, Command, Difference, NotCompared, Report, ResultEntry, diff_answer, schema_changed};
use crate::sandbox::Worker;
use serde::Serialize;
use serde_json::Value;
use std::cell::RefCell;
use std::collections::BTreeSet;
use std::path::Path;

/// Judges two models and compares what they are. The report says `changed` if one can not take the other's place.
pub fn diff(request: &DiffRequest, options: &Options) -> Report {
    let mut report = Report::new(Command::Diff);
    let worker = match Worker::start(&options.program, options.sandbox) {
        Ok(worker) => RefCell::new(worker),
        Err(death) => {
            let failure = death.judged().err().unwrap_or_else(crate::job::Failure::unexplained);
            return Report::failed(Command::Diff, failure);
        }
    };
    let reading = Reading::shared(options, &worker);
    let [before, after] = [&request.before, &request.after].map(|path| {
        let (entry, seen) = one(path, &reading);
        report.results.push(entry);
        seen
    });
    report.sandbox = reading.walls();
    if let (Some(before), Some(after)) = (before, after) {
        let difference = Difference {
            changes: changes(&before, &after),
            unknown: unknown(&before, &after),
            not_compared: not_compared(&before, &after),
        };
        report.changed = schema_changed(&difference.changes);
        report.answer = Some(diff_answer(&difference));
    }
    report
}

/// What is compared of a model.
struct Seen {
    observation: Observation,
    size: u64,
}

fn one(path: &Path, reading: &Reading<'_>) -> (ResultEntry, Option<Seen>) {
    let source = match open(path, &reading.options().limits) {
        Ok(source) => source,
        Err(error) => return (unopened(path, &error), None),
    };
    let (entry, held) = unsealed(path, &source, reading, Task::Inspect);
    let Judged::Holds(unsealed) = held else { return (entry, None) };
    (entry, Some(Seen { observation: unsealed.observation().clone(), size: source.size() }))
}

/// What is compared, and whether it is part of what a model takes and gives.
type Part = (&'static str, bool, fn(&Seen) -> Value);

const PARTS: [Part; 12] = [
    ("class", true, |seen| json(&seen.schema().class)),
    ("steps", true, |seen| json(&seen.schema().steps)),
    ("n_features_in", true, |seen| json(&seen.schema().n_features_in)),
    ("feature_names_in", true, |seen| json(&seen.schema().feature_names_in)),
    ("classes", true, |seen| json(&seen.schema().classes)),
    ("n_outputs", true, |seen| json(&seen.schema().n_outputs)),
    ("task", true, |seen| json(&seen.observation.summary.task)),
    ("scikit-learn", false, |seen| json(&seen.schema().sklearn_versions)),
    ("facts", false, |seen| json(&seen.observation.summary.facts)),
    ("format", false, |seen| {
        let content = &seen.observation.observed.content;
        std::iter::once(&content.format).chain(&content.compressors).cloned().collect::<Vec<_>>().join("+").into()
    }),
    ("array bytes", false, |seen| seen.observation.observed.content.arrays.bytes.into()),
    ("size", false, |seen| seen.size.into()),
];

impl Seen {
    fn schema(&self) -> &Schema {
        &self.observation.observed.schema
    }
}

fn json(value: &impl Serialize) -> Value {
    serde_json::to_value(value).unwrap_or_default()
}

fn changes(before: &Seen, after: &Seen) -> Vec<Change> {
    let mut changes = Vec::new();
    let mut compare = |what: String, schema, before: Value, after: Value| {
        if before != after {
            changes.push(Change { what, before, after, schema });
        }
    };
    for (what, schema, part) in PARTS {
        compare(what.to_owned(), schema, part(before), part(after));
    }
    let (one, other) = (&before.observation.summary.parameters, &after.observation.summary.parameters);
    let value = |of: &[(String, String)], name: &str| {
        of.iter().find(|(found, _)| found == name).map_or(Value::Null, |(_, value)| Value::from(value.as_str()))
    };
    let mut met = BTreeSet::new();
    for (name, _) in one.iter().chain(other).filter(|(name, _)| met.insert(name)) {
        compare(format!("parameter {name}"), false, value(one, name), value(other, name));
    }
    // Of the names, those that only one of them asks for.
    let names = |seen: &Seen| seen.observation.observed.content.names.iter().cloned().collect::<BTreeSet<_>>();
    let (one, other) = (names(before), names(after));
    let only = |of: &BTreeSet<String>, without: &BTreeSet<String>| of.difference(without).cloned().collect::<Vec<_>>();
    compare("names".to_owned(), false, only(&one, &other).into(), only(&other, &one).into());
    changes
}

/// Parts of what the models take and give that the files do not say, or that are too long to be compared.
fn unknown(before: &Seen, after: &Seen) -> Vec<&'static str> {
    let both = [before, after];
    let nobody = |part: fn(&Schema) -> bool| both.iter().all(|seen| !part(seen.schema()));
    let unlisted =
        |name: &str| both.iter().any(|seen| seen.observation.summary.unlisted.iter().any(|part| part == name));
    let classifies = both.iter().any(|seen| seen.observation.summary.task.as_deref() == Some("classifier"));
    let unknown = [
        ("class", nobody(|schema| schema.class.is_some())),
        ("n_features_in", nobody(|schema| schema.n_features_in.is_some())),
        ("feature_names_in", unlisted("feature_names_in")),
        ("classes", unlisted("classes") || classifies && nobody(|schema| schema.classes.is_some())),
    ];
    unknown.into_iter().filter(|(_, unknown)| *unknown).map(|(part, _)| part).collect()
}

/// What of the parameters was not compared: those that were not told, and those that look the same as far as they were read.
fn not_compared(before: &Seen, after: &Seen) -> NotCompared {
    let [one, other] = [before, after].map(|seen| &seen.observation.summary);
    let same = |name: &&String| {
        let value = |of: &crate::job::Summary| of.parameters.iter().find(|(found, _)| found == *name).cloned();
        value(one) == value(other)
    };
    let unread: BTreeSet<&String> = one.unread.iter().chain(&other.unread).filter(same).collect();
    NotCompared { parameters: one.left_out.max(other.left_out), in_part: unread.into_iter().cloned().collect() }
}
