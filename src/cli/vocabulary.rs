//! `coldload vocabulary`: which names a file may ask for.

use crate::gate::{self, NameEntry, Standing};
use crate::report::{Answer, Report};
use serde_json::{Value, json};

/// List the names that a file may ask for, and those that run code; or say what holds for one
#[derive(Debug, clap::Args)]
#[command(
    before_help = "Examples:\n  coldload vocabulary\n  coldload vocabulary joblib.numpy_pickle.NumpyArrayWrapper"
)]
pub(super) struct Args {
    /// One name, such as sklearn.pipeline.Pipeline
    name: Option<String>,
}

impl Args {
    pub(super) fn run(self) -> Report {
        let (names, text) = match &self.name {
            Some(name) => {
                let entry = gate::vocabulary_of(name);
                let text = one(&entry);
                (vec![entry], text)
            }
            None => {
                let names = gate::vocabulary();
                let text = names.iter().map(row).collect();
                (names, text)
            }
        };
        Report::answering(Answer { field: "vocabulary", json: names.iter().map(value).collect(), text })
    }
}

fn row(entry: &NameEntry) -> String {
    let rule = entry.shape.as_deref().unwrap_or_else(|| entry.standing.text());
    format!("{rule:16}  {}\n", entry.name)
}

fn one(entry: &NameEntry) -> String {
    let NameEntry { name, standing, shape, about, set } = entry;
    let name = crate::report::safe::line(name);
    let mut text = match (standing, shape) {
        (Standing::Known, Some(shape)) if let Some(set) = set => {
            format!("{name} is in the set {set}: --allow-set {set}, or --allow {name}; its rule is {shape}\n")
        }
        (Standing::Known, Some(shape)) => format!("{name} is known; its rule is {shape}\n"),
        (Standing::Known, None) => format!("{name} is known\n"),
        (Standing::Dangerous, _) => {
            format!("{name} is dangerous: a file that asks for it is refused, and --allow can not change that\n")
        }
        (Standing::Unknown, _) if !name.contains('.') => {
            format!("{name} is not known; a name has its module before it, such as sklearn.pipeline.Pipeline\n")
        }
        (Standing::Unknown, _) if gate::can_not_be_allowed(&entry.name) => {
            format!("{name} is not known: a file that asks for it is refused, and --allow can not change that\n")
        }
        (Standing::Unknown, _) => {
            format!("{name} is not known: a file that asks for it is refused, unless you say  --allow {name}\n")
        }
    };
    if *standing == Standing::Unknown {
        let last = entry.name.rsplit('.').next().unwrap_or_default();
        let alike = gate::vocabulary().into_iter().filter(|known| known.name.rsplit('.').next() == Some(last));
        let alike: Vec<String> = alike.map(|known| known.name).collect();
        if !alike.is_empty() {
            text.push_str(&format!("known are  {}\n", alike.join("  ")));
        }
    }
    if let Some(about) = about {
        text.push_str(&format!("{about}\n"));
    }
    text
}

fn value(entry: &NameEntry) -> Value {
    json!({
        "name": entry.name,
        "standing": entry.standing.text(),
        "shape": entry.shape,
        "about": entry.about,
        "set": entry.set,
    })
}
