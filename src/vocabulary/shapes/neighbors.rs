//! Compiled trees of neighbors and their distances (`sklearn/neighbors/_binary_tree.pxi.tp`,
//! `sklearn/metrics/_dist_metrics.pyx.tp`): `newObj(class)` makes one empty, and its `__setstate__` takes a tuple apart.

use super::super::scene::{Functions, Misuse, Scene};
use super::super::shape::{Built, Made, Shape};
use super::form::Form;
use super::{arguments, container, plain};
use crate::graph::{Value, View};

/// Bytes of a distance as it is made, and of a tree.
const MADE: u64 = 1400;
const MAKE: &str = "an honest file calls it with one class of its module";

/// `newObj(class)`: `class.__new__(class)`. The class is one of the function's own module.
pub fn make(scene: &mut Scene<'_>, args: Value, wanted: Shape) -> Result<Made, Misuse> {
    let [class] = arguments(scene, args, MAKE)?;
    let own = scene.heap.get_name(scene.name).map(|name| &name.module);
    match (scene.shape_of(class), scene.heap.as_name(class)) {
        (Some((id, shape)), Some((_, name))) if shape == wanted && own == Some(&name.module) => {
            scene.budget.memory(MADE)?;
            Ok(Made::Object(id))
        }
        _ => Err(Misuse::act("its argument is something else", MAKE)),
    }
}

fn is_array(scene: &Scene<'_>, value: Value) -> bool {
    scene.heap.as_array(value).is_some()
}

const TREE: &str = "an honest file gives it four arrays, seven counts, a distance and weights or None";

/// `BinaryTree.__setstate__`: data, order, nodes, bounds; leaf size, levels, nodes, and what was counted; the distance; the
/// weights of samples, since 0.20: it reads them without asking how many parts there are, so that only modules that
/// scikit-learn 0.19 has may leave them out.
pub fn tree_state(scene: &mut Scene<'_>, state: Value) -> Result<Built, Misuse> {
    let items = scene.heap.as_tuple(state).ok_or_else(|| Misuse::act("its state is no tuple", TREE))?;
    let module = scene.heap.get_name(scene.name).map(|name| &*name.module);
    let old = matches!(module, Some("sklearn.neighbors.kd_tree" | "sklearn.neighbors.ball_tree"));
    if items.len() != 13 && !(old && items.len() == 12) {
        return Err(Misuse::act(format!("its state has {} parts", items.len()), TREE));
    }
    for (at, item) in items.enumerate() {
        let view = scene.heap.view(item);
        let honest = match at {
            0..4 => is_array(scene, item),
            4..11 => matches!(view, View::Int(0..)),
            11 => {
                let shape = scene.heap.as_object(item).and_then(|(_, object)| scene.roles.shape(object.name));
                shape == Some(Shape::DistanceClass)
            }
            _ => matches!(view, View::None) || is_array(scene, item),
        };
        if !honest {
            return Err(Misuse::act(format!("part {at} of its state is {}", view.kind()), TREE));
        }
    }
    scene.settle(state, Functions::Refused)?;
    Ok(Built::State)
}

const DISTANCE: &str = "an honest file gives it its power, an array of weights and a matrix";

const FUNCTION_OF: &str = "an honest file gives it a function without side effects beside these, and keywords for it";

/// `DistanceMetric.__setstate__`. A distance that keeps a function has two parts more: the function, and keywords for it. It is called
/// when neighbors are asked for, and never before.
pub fn distance_state(scene: &mut Scene<'_>, state: Value) -> Result<Built, Misuse> {
    let [power, weights, matrix] = match scene.heap.as_tuple(state).and_then(|parts| parts.exactly::<5>()) {
        Some([parts @ .., function, keywords]) if plain::class(scene).starts_with("PyFuncDistance") => {
            const FUNCTION: Form = Form::Either(&[
                Form::Name(&[Shape::Function, Shape::Opaque]),
                Form::Object(&[Shape::Partial, Shape::Ufunc]),
            ]);
            if !FUNCTION.fits(scene, function)? || !container::has_text_keys(scene, keywords)? {
                return Err(Misuse::act(
                    "its function is none, or its keywords are no dict with text keys",
                    FUNCTION_OF,
                ));
            }
            scene.settle(function, Functions::Allowed)?;
            scene.settle(keywords, Functions::Refused)?;
            parts
        }
        _ => arguments(scene, state, DISTANCE)?,
    };
    let number = matches!(scene.heap.view(power), View::Float(_) | View::Int(_));
    if !number || !is_array(scene, weights) || !is_array(scene, matrix) {
        return Err(Misuse::act("its state holds something else", DISTANCE));
    }
    scene.settle(state, Functions::Checked)?;
    Ok(Built::State)
}
