//! The sentences of which reports for people are made: what a model is, who signed it, which walls stood.

use super::claims;
use super::safe::brief;
use super::{Inspected, ModelInfo, SealFacts, Signer};
use crate::job::{Assurance, Observation};
use crate::manifest::{Labels, Observed, Time};

/// Digits of a key's id that are shown where nobody asked for all.
const ID: usize = 6;
/// Names, labels, features and parameters that `inspect` shows without -v.
const FEW: usize = 12;

/// `churn 1.4.0, sequence 1763990000`, if a seal says so.
pub(super) fn identity(model: &ModelInfo) -> Option<String> {
    let mut text = brief(model.name.as_ref()?).into_owned();
    if let Some(version) = &model.version {
        text.push_str(&format!(" {}", brief(version)));
    }
    if let Some(sequence) = model.sequence {
        text.push_str(&format!(", sequence {sequence}"));
    }
    Some(text)
}

/// `RandomForestClassifier, 100 trees, 4 features, 3 classes; scikit-learn 1.6.1; joblib+zlib, 27 kB`.
pub(super) fn nature(model: &ModelInfo, size: Option<u64>) -> String {
    let class = model.class.as_deref().map(short);
    let mut text = match (model.models, class) {
        (Some(count), class) => {
            let count = counted(count, "model", "models");
            class.map_or_else(|| count.clone(), |class| format!("{count}, {}", brief(class)))
        }
        (None, class) => brief(class.unwrap_or("plain data")).into_owned(),
    };
    let mut add = |before: &str, part: &str| [before, part].iter().for_each(|part| text.push_str(part));
    model.facts.iter().for_each(|fact| add(", ", &brief(fact)));
    let features = model.n_features_in.map(|count| counted(count, "feature", "features"));
    let classes = model.classes.as_ref().map(|labels| counted(labels.count, "class", "classes"));
    features.iter().chain(&classes).for_each(|part| add(", ", part));
    if !model.sklearn_versions.is_empty() {
        add("; ", &brief(&["scikit-learn ", &model.sklearn_versions.join(" and ")].concat()));
    }
    let mut before = "; ";
    for part in format(model).into_iter().chain(size.map(human)) {
        add(std::mem::replace(&mut before, ", "), &part);
    }
    text
}

/// The class as people call it; of another package than scikit-learn, the whole name.
fn short(class: &str) -> &str {
    if class.starts_with("sklearn.") { class.rsplit('.').next().unwrap_or(class) } else { class }
}

fn format(model: &ModelInfo) -> Option<String> {
    let compressors = model.compressors.iter().flat_map(|name| ["+", name]);
    Some(std::iter::once(model.format.as_deref()?).chain(compressors).collect())
}

/// A count and its noun.
pub(super) fn counted(count: u64, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}

/// A size in the units that people know, with two or three digits: `27 kB`, `1.2 GB`.
pub(super) fn human(bytes: u64) -> String {
    if bytes < 1000 {
        return counted(bytes, "byte", "bytes");
    }
    let units = ["kB", "MB", "GB", "TB", "PB", "EB"];
    let (mut whole, mut tenths, mut unit) = (bytes / 1000, bytes % 1000 / 100, 0);
    while whole >= 1000 && unit + 1 < units.len() {
        (whole, tenths, unit) = (whole / 1000, whole % 1000 / 100, unit + 1);
    }
    if whole < 10 { format!("{whole}.{tenths} {}", units[unit]) } else { format!("{whole} {}", units[unit]) }
}

/// `ci (ed25519 9f2c41…)`.
pub(super) fn signer(signer: &Signer, whole: bool) -> String {
    let id = match signer.id.char_indices().nth(ID).filter(|_| !whole) {
        Some((end, _)) => format!("{}…", &signer.id[..end]),
        None => signer.id.clone(),
    };
    match &signer.name {
        Some(name) => format!("{name} ({} {id})", signer.kind),
        None => format!("an unknown key ({} {id})", signer.kind),
    }
}

/// What a report can be sure of, in a sentence.
pub(super) const fn assurance(assurance: Assurance) -> &'static str {
    match assurance {
        Assurance::Names => "names: something in it takes free arguments or state, so only names were judged",
        Assurance::Shapes => "shapes: names, arguments and state were judged; the estimator's own numbers were not",
        Assurance::Typed => "typed: names, arguments, state and the estimator's own numbers were judged",
    }
}

/// The rows that `inspect` shows.
pub(super) fn rows(inspected: &Inspected, model: &ModelInfo, all: bool) -> Vec<(&'static str, String)> {
    match inspected {
        Inspected::Model(observation) => model_rows(observation, all),
        Inspected::Seal(facts) => seal_rows(facts, model.sequence, all),
    }
}

/// The rows of a seal that was found beside a model, of which this was observed.
pub(super) fn beside(facts: &SealFacts, observed: Option<&Observed>, all: bool) -> Vec<(&'static str, String)> {
    let own = ModelInfo {
        name: facts.name.clone(),
        version: facts.version.clone(),
        sequence: facts.sequence,
        ..ModelInfo::default()
    };
    let mut rows: Vec<_> = identity(&own).map(|name| ("name", name)).into_iter().collect();
    let bare = SealFacts { observed: None, ..facts.clone() };
    rows.extend(seal_rows(&bare, facts.sequence, all));
    match (&facts.observed, observed) {
        (Some(said), Some(observed)) if said == observed => rows.push(("of the bytes", "what was observed".to_owned())),
        (Some(said), _) => {
            rows.push(("of the bytes", "something else than was observed:".to_owned()));
            rows.extend(observed_rows(said, all));
        }
        (None, _) => {}
    }
    rows
}

fn model_rows(observation: &Observation, all: bool) -> Vec<(&'static str, String)> {
    let Observation { observed, summary, .. } = observation;
    let mut rows = observed_rows(observed, all);
    if let Some(task) = &summary.task {
        rows.insert(1, ("task", task.clone()));
    }
    if !summary.parameters.is_empty() {
        let mut told = few(summary.parameters.iter().map(|(name, value)| format!("{name}={value}")), all);
        if summary.left_out > 0 {
            told.push_str(&format!("; {} more are not shown", summary.left_out));
        }
        rows.push(("parameters", told));
    }
    rows
}

fn observed_rows(observed: &Observed, all: bool) -> Vec<(&'static str, String)> {
    let Observed { content, schema } = observed;
    let mut rows = vec![("class", schema.class.clone().unwrap_or_else(|| "none: plain data".to_owned()))];
    if !schema.sklearn_versions.is_empty() {
        rows.push(("scikit-learn", schema.sklearn_versions.join(", ")));
    }
    if let Some(count) = schema.n_features_in {
        let names = schema.feature_names_in.iter().flatten().cloned();
        let names = if schema.feature_names_in.is_some() { format!(": {}", few(names, all)) } else { String::new() };
        rows.push(("takes", format!("{}{names}", counted(count, "feature", "features"))));
    }
    if let Some(labels) = &schema.classes {
        rows.push(("gives", labels_text(labels, all)));
    }
    if let Some(outputs) = schema.n_outputs.filter(|outputs| *outputs != 1) {
        rows.push(("outputs", outputs.to_string()));
    }
    if !schema.steps.is_empty() {
        let step = |step: &crate::manifest::Step| {
            format!("{} {}", step.name, step.class.as_deref().map_or("(no estimator)", short))
        };
        rows.push(("steps", few(schema.steps.iter().map(step), all)));
    }
    let protocols: Vec<String> = content.protocols.iter().map(u8::to_string).collect();
    let compressors: String = content.compressors.iter().map(|name| format!("+{name}")).collect();
    rows.push((
        "format",
        format!(
            "{}{compressors}, protocol {}, {}, {} of {}",
            content.format,
            protocols.join(" and "),
            counted(content.pickles, "pickle", "pickles"),
            counted(content.arrays.count, "array", "arrays"),
            human(content.arrays.bytes),
        ),
    ));
    rows.push(("names", format!("{}: {}", content.names.len(), few(content.names.iter().cloned(), all))));
    rows
}

fn seal_rows(facts: &SealFacts, sequence: Option<u64>, all: bool) -> Vec<(&'static str, String)> {
    let mut rows = vec![("signature", "not checked: inspect asks no key".to_owned())];
    rows.extend(facts.created.iter().map(|when| ("created", format!("{when}, by the signer's clock"))));
    rows.extend(facts.expires.iter().map(|when| ("expires", when.clone())));
    rows.extend(facts.by.iter().map(|tool| ("made by", tool.clone())));
    if let Some(sequence) = sequence.filter(|sequence| (1_000_000_000..10_000_000_000).contains(sequence))
        && let Some(time) = Time::from_seconds(sequence)
    {
        rows.push(("sequence", format!("{sequence}, which as a time is {time}")));
    }
    rows.push(("files", few(facts.files.iter().map(|file| format!("{} ({})", file.path, human(file.size))), all)));
    if let Some(observed) = &facts.observed {
        rows.extend(observed_rows(observed, all));
    }
    for model in facts.models.iter().flatten() {
        let versions = model.schema.sklearn_versions.join(" and ");
        let class = model.schema.class.as_deref().map_or("plain data", short);
        let versions = if versions.is_empty() { versions } else { format!("; scikit-learn {versions}") };
        rows.push(("model", brief(&format!("{}: {class}{versions}", model.path)).into_owned()));
    }
    if !facts.claims.is_empty() {
        rows.push(("claims", format!("{}: the signer's word", facts.claims.join(", "))));
        rows.extend(claims::rows(&facts.statements, all));
    }
    if !facts.critical.is_empty() {
        rows.push(("critical", facts.critical.join(", ")));
    }
    rows
}

fn labels_text(labels: &Labels, all: bool) -> String {
    let data = labels.data.iter().flatten().cloned();
    let data = if labels.data.is_some() { format!(": {}", few(data, all)) } else { String::new() };
    format!("{} ({}){data}", counted(labels.count, "class", "classes"), labels.dtype)
}

/// The first few of a list, or all of it.
pub(super) fn few(items: impl Iterator<Item = String>, all: bool) -> String {
    let mut items = items.peekable();
    let mut shown: Vec<String> =
        items.by_ref().take(if all { usize::MAX } else { FEW }).map(|item| brief(&item).into_owned()).collect();
    if items.peek().is_some() {
        shown.push(format!("… {} more: -v", items.count()));
    }
    shown.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_short() {
        for (bytes, text) in [
            (0, "0 bytes"),
            (1, "1 byte"),
            (999, "999 bytes"),
            (1000, "1.0 kB"),
            (27_474, "27 kB"),
            (999_999, "999 kB"),
            (1_250_000, "1.2 MB"),
            (347_000_000, "347 MB"),
            (u64::MAX, "18 EB"),
        ] {
            assert_eq!(human(bytes), text);
        }
    }

    #[test]
    fn a_class_of_another_package_keeps_its_whole_name() {
        assert_eq!(short("sklearn.ensemble._forest.RandomForestClassifier"), "RandomForestClassifier");
        assert_eq!(short("evil.RandomForestClassifier"), "evil.RandomForestClassifier");
    }

    #[test]
    fn an_id_is_cut_between_characters() {
        let unknown = Signer { kind: "ed25519".into(), id: "ééééééé".into(), name: None, trusted: false };
        assert_eq!(signer(&unknown, false), "an unknown key (ed25519 éééééé…)");
    }
}
