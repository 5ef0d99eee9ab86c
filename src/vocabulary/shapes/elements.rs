//! What pandas asks of the objects that an index is made of (`pandas/_libs/lib.pyx`, `infer_dtype`, and `pandas/core/indexes/base.py`,
//! `Index.__new__`): each anew for each index that is made of them.

use super::super::scene::{CLASH, Misuse, Scene};
use super::super::shape::Shape;
use super::pandas::{INDEXED, MOST_INDEXES};
use super::times;
use crate::graph::{Array, ArrayData, NameId, Value, View};

/// What pandas takes to ask an object what it is, and to compare it with another one, in values read. Before 1.5 it makes times of spans and of
/// its own times in a zone: 3 to 5 µs.
const ASKED: u64 = 20;
const MADE_TIME: u64 = 100;
const COMPARED: u64 = 500;

/// Checks the elements of the array that an index is made of: those of numbers ask no objects for theirs, and of objects pandas may make a table
/// of hashes. Those of another index or column were looked at there, but pandas asks them once more.
pub(super) fn check(scene: &mut Scene<'_>, class: NameId, parts: Value, key: &str) -> Result<(), Misuse> {
    let Some(data) = scene.heap.lookup(parts, key) else { return Ok(()) };
    let Some(array) = array_in(scene, data) else { return Ok(()) };
    let (elements, numbers) = (array.data, scene.heap.has_numbers(array));
    let own = scene.heap.as_array(data).is_some();
    if own {
        // pandas before 1.5 looks for the categories of an array, by a table of hashes that are no secret.
        if scene.class_of(class) == "CategoricalIndex" {
            return Err(Misuse::act("its data are no categories", INDEXED));
        }
        if !numbers && matches!(scene.class_of(class), "Int64Index" | "UInt64Index" | "Float64Index") {
            return Err(Misuse::act("its data are no numbers", INDEXED));
        }
    }
    let ArrayData::Objects(list) = elements else { return Ok(()) };
    let View::List(items) = scene.heap.view(list) else { return Ok(()) };
    scene.budget.memory((items.len() as u64).saturating_mul(8))?;
    for item in items.collect::<Vec<_>>() {
        if own && scene.heap.clashes(item, scene.budget)? {
            return Err(Misuse::act(CLASH, INDEXED));
        }
        // pandas asks each what it is, and of the ends of intervals which is the larger.
        if scene.heap.as_object(item).is_some() {
            let price = if key == "data" { asked(scene, item) } else { COMPARED };
            scene.budget.values(price)?;
        }
    }
    Ok(())
}

/// The array that a value is, or that an index or a column of pandas' is made of.
fn array_in<'s>(scene: &'s Scene<'_>, mut of: Value) -> Option<&'s Array> {
    for _ in 0..=MOST_INDEXES {
        let (_, object) = match scene.heap.view(of) {
            View::Array(array) => return Some(array),
            _ => scene.heap.as_object(of)?,
        };
        of = match scene.roles.shape(object.name)? {
            Shape::IndexClass => {
                scene.heap.as_tuple(object.args)?.at(1).and_then(|parts| scene.heap.lookup(parts, "data"))?
            }
            Shape::Column => times::array_of(scene, object.state)?,
            _ => return None,
        };
    }
    None
}

/// What pandas takes to ask this object what it is.
fn asked(scene: &Scene<'_>, item: Value) -> u64 {
    let Some((_, object)) = scene.heap.as_object(item) else { return 0 };
    let in_a_zone = || {
        let zone = scene.heap.as_tuple(object.args).and_then(|args| args.at(2));
        zone.is_some_and(|zone| !matches!(scene.heap.view(zone), View::None))
    };
    match scene.class_of(object.name) {
        _ if scene.heap.is_slow_element(item) => COMPARED,
        "timedelta" | "Timedelta" | "_timedelta_unpickle" => MADE_TIME,
        "Timestamp" | "_unpickle_timestamp" if in_a_zone() => MADE_TIME,
        _ => ASKED,
    }
}
