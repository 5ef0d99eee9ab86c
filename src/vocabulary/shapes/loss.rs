//! Compiled loss functions of gradient boosting and stochastic gradient descent (`sklearn/_loss/_loss.pyx.tp`,
//! `sklearn/linear_model/_sgd_fast.pyx.tp`), and the functions that Cython makes to unpickle the former: they are called
//! with a class, a checksum of its members and their values.

use super::super::scene::{Functions, Misuse, Scene};
use super::super::shape::{Built, Made, Shape};
use super::arguments;
use crate::graph::{ObjectId, Value, View};

const CALL: &str = "an honest file calls it with at most one number";

/// `CyPinballLoss(0.5)`, `Hinge(1.0)`, `Log()`.
pub fn call(scene: &mut Scene<'_>, args: Value) -> Result<Made, Misuse> {
    if !is_members(scene, args, None) {
        return Err(Misuse::act("it is called with something else", CALL));
    }
    Ok(Made::Object(scene.name))
}

/// Whether a value is a tuple of as many numbers as there are members: none or one.
fn is_members(scene: &Scene<'_>, tuple: Value, members: Option<usize>) -> bool {
    let number = |item| matches!(scene.heap.view(item), View::Int(_) | View::Float(_));
    scene.heap.as_tuple(tuple).is_some_and(|mut items| {
        items.len() <= 1 && members.is_none_or(|members| items.len() == members) && items.all(number)
    })
}

/// Checksums of the members of a class: the first seven digits of MD5 (Cython 0.29), SHA-1 and SHA-256 (Cython 3) of their names.
const NONE: [i64; 3] = [0x0d41_d8cd, 0x0da3_9a3e, 0x0e3b_0c44];
const POWER: [i64; 3] = [103_600_757, 190_267_172, 8_221_022];
const QUANTILE: [i64; 3] = [38_356_578, 46_612_143, 232_784_418];
const DELTA: [i64; 3] = [104_581_823, 121_044_139, 83_142_977];

/// Checksums of a class, and how many members it has.
fn members(class: &str) -> ([i64; 3], usize) {
    match class {
        "CyHalfTweedieLoss" | "CyHalfTweedieLossIdentity" => (POWER, 1),
        "CyPinballLoss" => (QUANTILE, 1),
        "CyHuberLoss" => (DELTA, 1),
        _ => (NONE, 0),
    }
}

const UNPICKLE: &str = "an honest file calls it with its own class, that class's checksum, and None or its members";
const PREFIX: &str = "__pyx_unpickle_";

/// `__pyx_unpickle_CyPinballLoss(CyPinballLoss, checksum, (0.5,))`.
pub fn unpickle(scene: &mut Scene<'_>, args: Value) -> Result<Made, Misuse> {
    let [class, checksum, state] = arguments(scene, args, UNPICKLE)?;
    let own = scene.heap.get_name(scene.name).cloned();
    let class = match (scene.shape_of(class), scene.heap.as_name(class), own) {
        (Some((id, Shape::LossFunction)), Some((_, class)), Some(own))
            if own.module == class.module && own.qualname.strip_prefix(PREFIX) == Some(&*class.qualname) =>
        {
            id
        }
        _ => return Err(Misuse::act("its first argument is another class", UNPICKLE)),
    };
    let (checksums, count) = scene.heap.get_name(class).map_or((NONE, 0), |name| members(&name.qualname));
    if !scene.heap.view(checksum).int().is_some_and(|checksum| checksums.contains(&checksum)) {
        return Err(Misuse::act("its checksum is not that of its class", UNPICKLE));
    }
    if !matches!(scene.heap.view(state), View::None) && !is_members(scene, state, Some(count)) {
        return Err(Misuse::act("its third argument is something else", UNPICKLE));
    }
    Ok(Made::Object(class))
}

const STATE: &str = "an honest file gives a state only to what it unpickled without one";

/// `__setstate_cython__`: the members, of what was unpickled with `None` for them.
pub fn state(scene: &mut Scene<'_>, object: ObjectId, state: Value) -> Result<Built, Misuse> {
    let args = scene.heap.get_object(object).map(|object| object.args);
    let unpickled = args.and_then(|args| scene.heap.as_tuple(args)).and_then(|items| items.exactly::<3>());
    if !unpickled.is_some_and(|[_, _, state]| matches!(scene.heap.view(state), View::None)) {
        return Err(Misuse::act("it is given a state", STATE));
    }
    let count = scene.heap.get_name(scene.name).map_or(0, |name| members(&name.qualname).1);
    if !is_members(scene, state, Some(count)) {
        return Err(Misuse::act("its state is something else than its members", STATE));
    }
    scene.settle(state, Functions::Refused)?;
    Ok(Built::State)
}
