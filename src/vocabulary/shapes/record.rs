//! Small Python objects that estimators hold: losses, links, kernels, optimizers, scorers, splitters. None has a
//! `__setstate__` of its own but the predictor of histogram-based boosting, which asks its nodes for their dtype.

use super::super::scene::{Functions, Misuse, Scene};
use super::super::shape::Built;
use super::{closed_state, estimator};
use crate::graph::{Value, View};
use std::collections::HashMap;
use std::sync::OnceLock;

/// Attributes of a class, or the fields of a named tuple, by its name: `records.txt`.
pub fn attributes_of(class: &str) -> &'static [&'static str] {
    static READ: OnceLock<HashMap<&'static str, Vec<&'static str>>> = OnceLock::new();
    let classes = READ.get_or_init(|| {
        let lines = include_str!("../records.txt").lines().filter(|line| !line.starts_with('#'));
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
    use super::super::super::shape::Shape;
    use super::super::super::table;
    use super::*;

    #[test]
    fn every_record_has_its_line() {
        let lines = include_str!("../records.txt");
        for entry in
            table::entries().into_iter().filter(|entry| matches!(entry.shape, Shape::Record | Shape::NamedTuple))
        {
            assert!(lines.lines().any(|line| line.split(':').next() == Some(entry.name)), "{}", entry.name);
        }
        assert_eq!(attributes_of("Interval"), ["high", "high_inclusive", "low", "low_inclusive"]);
        assert!(attributes_of("NoSuchClass").is_empty());
    }
}
