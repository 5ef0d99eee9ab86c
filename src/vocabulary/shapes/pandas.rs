//! pandas' indexes (`pandas/core/indexes/base.py`, `_new_Index`): a class is made with a dict of keyword arguments.

use super::super::scene::{Functions, Misuse, Scene};
use super::super::shape::{Made, Shape};
use super::{arguments, closed_state};
use crate::graph::{Value, View};

const HONEST: &str =
    "an honest file calls it with the class of an index, and its data and name or its start, stop and step";

/// `_new_Index(class, {…})`.
pub fn index(scene: &mut Scene<'_>, args: Value) -> Result<Made, Misuse> {
    let [class, parts] = arguments(scene, args, HONEST)?;
    let Some((class, Shape::IndexClass)) = scene.shape_of(class) else {
        return Err(Misuse::act("its class is no index", HONEST));
    };
    closed_state(scene, parts, &["data", "name", "start", "stop", "step"], HONEST)?;
    for (key, value) in scene.heap.as_dict(parts).into_iter().flatten() {
        let honest = match scene.heap.view(value) {
            View::None | View::Text(_) | View::Int(_) => !scene.heap.is_text(key, "data"),
            View::Array(_) => scene.heap.is_text(key, "data"),
            _ => false,
        };
        if !honest {
            return Err(Misuse::act(format!("it is given {} with another value", super::shown(scene, key)), HONEST));
        }
    }
    scene.settle(parts, Functions::Refused)?;
    Ok(Made::Object(class))
}
