//! Small Python objects that estimators hold: losses, links, kernels, optimizers, scorers, splitters. None has a
//! `__setstate__` of its own but the predictor of histogram-based boosting, which asks its nodes for their dtype.

use super::super::scene::{Functions, Misuse, Scene};
use super::super::shape::{Built, Shape};
use super::estimator::{self, Known};
use super::form::{self, Form};
use super::{closed_state, scipy};
use crate::graph::{ObjectId, Value, View};
use std::collections::HashMap;
use std::sync::OnceLock;

const TABLES: [&str; 3] =
    [include_str!("../records.txt"), include_str!("../own_records.txt"), include_str!("../kept_records.txt")];

/// What objects of a class hold.
#[derive(Debug, Default)]
pub struct Names {
    /// Its attributes, or the fields of a named tuple.
    pub attributes: Vec<&'static str>,
    /// Its slots (`__slots__`), or what a named tuple has beside its fields.
    pub beside: Vec<&'static str>,
}

/// What objects of a class hold, by its name: `records.txt`, `own_records.txt`, `kept_records.txt`.
pub fn names_of(class: &str) -> &'static Names {
    static READ: OnceLock<HashMap<&'static str, Names>> = OnceLock::new();
    static NONE: Names = Names { attributes: Vec::new(), beside: Vec::new() };
    let classes = READ.get_or_init(|| {
        let lines = TABLES.into_iter().flat_map(str::lines).filter(|line| !line.starts_with('#'));
        let pairs = lines.filter_map(|line| line.split_once(':'));
        let names = |text: &'static str| text.split_whitespace().collect();
        let read = |(class, text): (&'static str, &'static str)| {
            let (attributes, beside) = text.split_once('/').unwrap_or((text, ""));
            (class, Names { attributes: names(attributes), beside: names(beside) })
        };
        pairs.map(read).collect()
    });
    classes.get(class).unwrap_or(&NONE)
}

/// The state of a record: attributes that its class has, or a pair of these and of its slots. A method's name is none of
/// them.
pub fn state(scene: &mut Scene<'_>, object: ObjectId, state: Value) -> Result<Built, Misuse> {
    let names = names_of(scene.class_of(scene.name));
    let pair = scene.heap.as_tuple(state).and_then(|parts| parts.exactly::<2>()).filter(|_| !names.beside.is_empty());
    let Some([attributes, slots]) = pair else {
        special(scene, state)?;
        scipy::fitpack_parts(scene, state)?;
        return estimator::attributes(scene, state, Known::Only(Some(object), &names.attributes), Functions::Refused);
    };
    if !matches!(scene.heap.view(attributes), View::None) {
        special(scene, attributes)?;
        estimator::attributes(scene, attributes, Known::Only(Some(object), &names.attributes), Functions::Refused)?;
    }
    estimator::attributes(scene, slots, Known::Only(Some(object), &names.beside), Functions::Refused)?;
    scene.heap.freeze(state, false);
    Ok(Built::State)
}

/// Attributes with which a class does more than to keep them: scipy asks what `_xp` is for the module that made it, and
/// closes `_qhull` when the object is dropped.
fn special(scene: &mut Scene<'_>, state: Value) -> Result<(), Misuse> {
    const SPECIAL: &[(&str, Form, &str)] = &[
        ("_xp", Form::Array, "an honest file has an array there"),
        ("_qhull", Form::None, "an honest file has None there"),
    ];
    for (key, form, honest) in SPECIAL {
        if let Some(value) = scene.heap.lookup(state, key)
            && !form.fits(scene, value)?
        {
            return Err(Misuse::act(format!("its {key} is {}", scene.heap.view(value).kind()), *honest));
        }
    }
    Ok(())
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
        assert_eq!(names_of("Interval").attributes, ["high", "high_inclusive", "low", "low_inclusive"]);
        assert_eq!(names_of("_PPoly").beside, ["axis", "c", "extrapolate", "x"]);
        assert!(names_of("NoSuchClass").attributes.is_empty());
    }
}
