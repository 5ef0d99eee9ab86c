//! Sets and dicts that are made by a call.

use super::super::scene::{CLASH, Functions, Misuse, Scene};
use super::super::shape::{Built, Made, Shape};
use super::arguments;
use super::dill::made_type;
use crate::graph::{Heap, NameId, ObjectId, Value, View};

const SET: &str = "an honest file calls it with one list of values that Python can hash";

/// `set([…])`, `frozenset([…])`.
pub fn set(scene: &mut Scene<'_>, args: Value, frozen: bool) -> Result<Made, Misuse> {
    let [list] = arguments(scene, args, SET)?;
    let View::List(items) = scene.heap.view(list) else {
        return Err(Misuse::act("it is not called with a list", SET));
    };
    let items: Vec<Value> = items.collect();
    scene.budget.memory((items.len() as u64).saturating_mul(8))?;
    scene.settle(list, Functions::Refused)?;
    let set = if frozen { scene.heap.frozenset(scene.budget)? } else { scene.heap.set(scene.budget)? };
    for item in items {
        if !scene.heap.is_hashable(item) {
            return Err(Misuse::act("it is called with a value that Python can not hash", SET));
        }
        if scene.heap.clashes(item, scene.budget)? {
            return Err(Misuse::act(CLASH, SET));
        }
        scene.heap.push(set, item, scene.budget)?;
    }
    Ok(Made::Is(set))
}

/// What a dict with [`is_array_interface`] is.
pub const INTERFACE: &str = "a dict says where in memory an array has its elements";

/// Whether a pair belongs to the array interface of numpy (`PyArray_FromInterface`): a dict that says what is at which address, and numpy
/// goes there, or takes bytes for pointers, as soon as it asks something for its `__array_interface__` that answers with what is in
/// it, as a `Series` does. Without a text or bytes for its `typestr`, Python's own or numpy's, it is none.
pub fn is_array_interface(heap: &Heap, key: Value, value: Value) -> bool {
    let is_type = || matches!(heap.view(value), View::Text(_) | View::Latin(_) | View::Bytes(_) | View::Object(..));
    heap.is_text(key, "typestr") && is_type()
}

const ORDERED: &str = "an honest file calls it without arguments, or with one list of pairs";

/// `OrderedDict()`; Python 2 and 3.4 write `OrderedDict([[key, value], …])`.
pub fn ordered_dict(scene: &mut Scene<'_>, args: Value) -> Result<Made, Misuse> {
    let items = scene.heap.as_tuple(args).ok_or_else(|| Misuse::act("it is called with no tuple", ORDERED))?;
    if items.is_empty() {
        return Ok(Made::Object(scene.name));
    }
    let [list] = arguments(scene, args, ORDERED)?;
    let View::List(items) = scene.heap.view(list) else {
        return Err(Misuse::act("it is not called with a list", ORDERED));
    };
    let items: Vec<Value> = items.collect();
    scene.budget.memory((items.len() as u64).saturating_mul(8))?;
    let dict = scene.heap.dict(scene.budget)?;
    for item in items {
        let pair = scene.heap.as_items(item).and_then(|pair| pair.exactly::<2>());
        let Some([key, value]) = pair.filter(|[key, _]| scene.heap.is_hashable(*key)) else {
            return Err(Misuse::act("an item is no pair of a key and a value", ORDERED));
        };
        if scene.heap.clashes(key, scene.budget)? {
            return Err(Misuse::act(CLASH, ORDERED));
        }
        if is_array_interface(scene.heap, key, value) {
            return Err(Misuse::act(INTERFACE, ORDERED));
        }
        scene.heap.push(dict, key, scene.budget)?;
        scene.heap.push(dict, value, scene.budget)?;
    }
    scene.settle(dict, Functions::Refused)?;
    Ok(Made::Is(dict))
}

/// `Bunch()`.
pub fn bunch(scene: &mut Scene<'_>, args: Value) -> Result<Made, Misuse> {
    if !scene.heap.as_tuple(args).is_some_and(|items| items.is_empty()) {
        return Err(Misuse::act("it is called with arguments", BUNCH));
    }
    Ok(Made::Object(scene.name))
}

/// `_reconstructor(Bunch, dict, {…})`: protocols 0 and 1 make a subclass of `dict` of a plain dict with its items.
pub fn reconstruct_bunch(scene: &mut Scene<'_>, class: NameId, base: Value, items: Value) -> Result<Made, Misuse> {
    if !is_dict(scene, base) {
        return Err(Misuse::act("it makes something else than a dict", BUNCH));
    }
    bunch_items(scene, items)?;
    Ok(Made::Object(class))
}

/// Whether a value is Python's own class of dicts.
pub fn is_dict(scene: &Scene<'_>, base: Value) -> bool {
    let named = scene.heap.as_name(base).is_some_and(|(_, base)| &*base.qualname == "dict")
        && scene.shape_of(base).is_some_and(|(_, shape)| shape == Shape::Type);
    named || made_type(scene, base) == Some("dict")
}

const DICT: &str = "an honest file makes it of a dict";

/// `_reconstructor(OptimizeResult, dict, {…})`: a dict with another name, at protocols 0 and 1.
pub fn reconstruct_dict(scene: &mut Scene<'_>, class: NameId, base: Value, items: Value) -> Result<Made, Misuse> {
    if !is_dict(scene, base) || scene.heap.as_dict(items).is_none() {
        return Err(Misuse::act("it makes something else than a dict", DICT));
    }
    if has_meant_key(scene, items)? {
        return Err(Misuse::act("it has a key that Python gives a meaning to", DICT));
    }
    let holds = scene.roles.shape(class).map_or(Functions::Refused, Shape::items_hold);
    scene.settle(items, holds)?;
    Ok(Made::Object(class))
}

/// Checks a key of a dict that shows its items as attributes.
pub fn check_key(scene: &Scene<'_>, key: Value) -> Result<(), Misuse> {
    match scene.heap.view(key) {
        View::Text(text) if is_meant(scene, key) => {
            Err(Misuse::act(format!("an item sets {text}"), "an honest file has no such attribute in it"))
        }
        _ => Ok(()),
    }
}

/// Whether a key is one that Python, or numpy (`__array_interface__`), looks for on objects.
fn is_meant(scene: &Scene<'_>, key: Value) -> bool {
    matches!(scene.heap.view(key), View::Text(text) if text.bytes().starts_with(b"__"))
}

/// Whether a dict has a key that Python looks for on objects.
fn has_meant_key(scene: &mut Scene<'_>, items: Value) -> Result<bool, Misuse> {
    let Some(mut pairs) = scene.heap.as_dict(items) else { return Ok(false) };
    scene.budget.values(pairs.len() as u64)?;
    Ok(pairs.any(|(key, _)| is_meant(scene, key)))
}

const RESULT: &str = "an honest file gives it nothing more, and no key that Python gives a meaning to";

/// The state of an `OptimizeResult`, which Python 2 writes though it is empty. Its attributes are its keys: Python would call what
/// stands at `__setstate__`.
pub fn result_state(scene: &mut Scene<'_>, object: ObjectId, state: Value) -> Result<Built, Misuse> {
    let empty = matches!(scene.heap.view(state), View::Dict(pairs) if pairs.len() == 0);
    let items = scene.heap.get_object(object).map_or(Value::NONE, |object| object.items);
    if !empty || has_meant_key(scene, items)? {
        return Err(Misuse::act("it is given a state", RESULT));
    }
    scene.settle(state, Functions::Refused)?;
    Ok(Built::State)
}

const BUNCH: &str = "an honest file makes it empty, and gives it its attributes once more, or nothing";

/// The state of a `Bunch`, which its `__setstate__` throws away (`sklearn/utils/_bunch.py`).
pub fn bunch_state(scene: &mut Scene<'_>, state: Value) -> Result<Built, Misuse> {
    match scene.heap.view(state) {
        View::None => Ok(Built::State),
        _ => bunch_items(scene, state).map(|()| Built::State),
    }
}

fn bunch_items(scene: &mut Scene<'_>, items: Value) -> Result<(), Misuse> {
    if !has_text_keys(scene, items)? {
        return Err(Misuse::act("its state is no dict with text keys", BUNCH));
    }
    if has_meant_key(scene, items)? {
        return Err(Misuse::act("it has a key that Python gives a meaning to", BUNCH));
    }
    scene.settle(items, Functions::Refused)
}

/// Whether a value is a dict whose keys are all text. Many objects can be given one and the same dict: looking at it again
/// counts.
pub fn has_text_keys(scene: &mut Scene<'_>, dict: Value) -> Result<bool, Misuse> {
    let Some(mut pairs) = scene.heap.as_dict(dict) else { return Ok(false) };
    scene.budget.values(pairs.len() as u64)?;
    Ok(pairs.all(|(key, _)| matches!(scene.heap.view(key), View::Text(_))))
}
