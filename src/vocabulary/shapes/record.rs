//! Small Python objects that estimators hold: losses, links, kernels, optimizers, scorers, splitters. None has a
//! `__setstate__` of its own but the predictor of histogram-based boosting, which asks its nodes for their dtype.

use super::super::scene::{Functions, Misuse, Scene};
use super::super::shape::{Built, Shape};
use super::form::{self, Form};
use super::{closed_state, estimator};
use crate::graph::{Value, View};
use std::collections::HashMap;
use std::sync::OnceLock;

const TABLES: [&str; 2] = [include_str!("../records.txt"), include_str!("../own_records.txt")];

/// Attributes of a class, or the fields of a named tuple, by its name: `records.txt`, `own_records.txt`.
pub fn attributes_of(class: &str) -> &'static [&'static str] {
    static READ: OnceLock<HashMap<&'static str, Vec<&'static str>>> = OnceLock::new();
    let classes = READ.get_or_init(|| {
        let lines = TABLES.into_iter().flat_map(str::lines).filter(|line| !line.starts_with('#'));
        let pairs = lines.filter_map(|line| line.split_once(':'));
        pairs.map(|(class, names)| (class, names.split_whitespace().collect())).collect()
    });
    classes.get(class).map_or(&[], Vec::as_slice)
}

/// The state of a record: attributes that its class has. A method's name is none of them.
pub fn state(scene: &mut Scene<'_>, state: Value) -> Result<Built, Misuse> {
    let class = scene.heap.get_name(scene.name).map_or("", |name| name.qualname.as_str());
    let known = attributes_of(class);
    estimator::attributes(scene, state, estimator::Known::Only(known), Functions::Refused)
}

const REPEATED: &str =
    "an honest file gives it the class KFold or StratifiedKFold, with how many splits, and how often";

/// The state of `RepeatedKFold` and `RepeatedStratifiedKFold`, whose `split` calls the class with what stands beside it.
pub fn repeated_state(scene: &mut Scene<'_>, state: Value) -> Result<Built, Misuse> {
    let class = scene.heap.lookup(state, "cv").and_then(|class| scene.heap.as_name(class)).map(|(_, class)| class);
    if !class.is_some_and(|class| matches!(&*class.qualname, "KFold" | "StratifiedKFold")) {
        return Err(Misuse::act("it repeats another class", REPEATED));
    }
    const RANDOM: Form =
        Form::Either(&[Form::None, Form::Whole, Form::Object(&[Shape::RandomState, Shape::LegacyRandomState])]);
    const KEYS: &[(&str, Form)] = &[
        ("cv", Form::Name(&[Shape::Record])),
        ("n_repeats", Form::Whole),
        ("random_state", RANDOM),
        ("cvargs", Form::Dict(&[("n_splits", Form::Whole)])),
        ("_metadata_request", Form::Object(&[Shape::Record])),
    ];
    form::state_of(scene, state, KEYS, REPEATED)?;
    scene.settle(state, Functions::Checked)?;
    Ok(Built::State)
}

const PREDICTOR: &str = "an honest file gives it its nodes and sets of categories, all arrays";
const PREDICTOR_KEYS: &[&str] = &["nodes", "binned_left_cat_bitsets", "raw_left_cat_bitsets"];

/// The state of a tree of histogram-based boosting (`sklearn/ensemble/_hist_gradient_boosting/predictor.py`).
pub fn predictor_state(scene: &mut Scene<'_>, state: Value) -> Result<Built, Misuse> {
    closed_state(scene, state, PREDICTOR_KEYS, PREDICTOR)?;
    let mut values = scene.heap.as_dict(state).into_iter().flatten().map(|(_, value)| scene.heap.view(value));
    if !values.all(|value| matches!(value, View::Array(_))) {
        return Err(Misuse::act("a part of it is no array", PREDICTOR));
    }
    scene.settle(state, Functions::Refused)?;
    Ok(Built::State)
}

#[cfg(test)]
mod tests {
    use super::super::super::table;
    use super::*;

    #[test]
    fn every_record_has_its_line() {
        for entry in
            table::entries().into_iter().filter(|entry| matches!(entry.shape, Shape::Record | Shape::NamedTuple))
        {
            assert!(
                TABLES.into_iter().flat_map(str::lines).any(|line| line.split(':').next() == Some(entry.name)),
                "{}",
                entry.name
            );
        }
        assert_eq!(attributes_of("Interval"), ["high", "high_inclusive", "low", "low_inclusive"]);
        assert!(attributes_of("NoSuchClass").is_empty());
    }
}
