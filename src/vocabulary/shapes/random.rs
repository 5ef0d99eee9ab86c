//! numpy's random states (`numpy/random/_pickle.py`). Their constructors *call* their second argument: nothing but numpy's
//! own constructor may stand there.

use super::super::scene::{Functions, Misuse, Scene};
use super::super::shape::{Built, Made, Shape};
use super::{arguments, closed_state, shown};
use crate::graph::{ObjectId, Value, View};

const BIT: &str = "an honest file calls it with a bit generator's name or class";
const NAMES: &[&str] = &["MT19937", "PCG64", "PCG64DXSM", "Philox", "SFC64"];

/// The name of a bit generator, from that, its class, or the generator itself.
fn generator(scene: &Scene<'_>, value: Value) -> Option<&'static str> {
    let known = |text: &str| NAMES.iter().copied().find(|name| *name == text);
    match scene.heap.view(value) {
        View::Text(text) => known(text.as_str()?),
        View::Name(id, name) if scene.roles.shape(id) == Some(Shape::BitGeneratorClass) => known(&name.qualname),
        View::Object(_, object) if scene.roles.shape(object.name) == Some(Shape::BitGenerator) => {
            generator(scene, scene.heap.as_tuple(object.args)?.at(0)?)
        }
        _ => None,
    }
}

/// `__bit_generator_ctor(name or class)`.
pub fn bit_generator(scene: &mut Scene<'_>, args: Value) -> Result<Made, Misuse> {
    let [class] = arguments(scene, args, BIT)?;
    if generator(scene, class).is_none() || scene.heap.as_object(class).is_some() {
        return Err(Misuse::act("its argument is something else", BIT));
    }
    Ok(Made::Object(scene.name))
}

const BIT_STATE: &str = "an honest file gives it a dict of whole numbers, and at most a seed sequence beside it";
const STATE_KEYS: &[&str] =
    &["bit_generator", "state", "has_uint32", "uinteger", "has_gauss", "gauss", "buffer", "buffer_pos", "legacy"];
const INNER_KEYS: &[&str] = &["key", "pos", "state", "inc", "counter"];

/// The state of a bit generator: a dict, or (numpy 1.24 and later) a pair of a dict and a seed sequence.
pub fn bit_generator_state(scene: &mut Scene<'_>, object: ObjectId, state: Value) -> Result<Built, Misuse> {
    let dict = match scene.heap.view(state) {
        View::Tuple(items) => {
            let Some([dict, seed]) = items.exactly() else {
                return Err(Misuse::act("its state is no pair", BIT_STATE));
            };
            let shape = scene.heap.as_object(seed).and_then(|(_, seed)| scene.roles.shape(seed.name));
            if !matches!(scene.heap.view(seed), View::None) && shape != Some(Shape::SeedSequence) {
                return Err(Misuse::act("its state has something else than a seed sequence", BIT_STATE));
            }
            dict
        }
        _ => state,
    };
    let own =
        scene.heap.get_object(object).and_then(|object| generator(scene, scene.heap.as_tuple(object.args)?.at(0)?));
    state_dict(scene, dict, own)?;
    scene.settle(state, Functions::Refused)?;
    Ok(Built::State)
}

/// The state of a bit generator of this name: numpy refuses that of another one.
fn state_dict(scene: &Scene<'_>, dict: Value, own: Option<&'static str>) -> Result<(), Misuse> {
    closed_state(scene, dict, STATE_KEYS, BIT_STATE)?;
    let name = scene.heap.lookup(dict, "bit_generator");
    let name = name.filter(|name| matches!(scene.heap.view(*name), View::Text(_)));
    let Some(name) = name.and_then(|name| generator(scene, name)) else {
        return Err(Misuse::act("its state names no bit generator", BIT_STATE));
    };
    if own != Some(name) {
        return Err(Misuse::act(format!("its state is one of {name}, which it is not"), BIT_STATE));
    }
    let inner = scene.heap.lookup(dict, "state").filter(|inner| scene.heap.as_dict(*inner).is_some());
    if let Some(inner) = inner {
        closed_state(scene, inner, INNER_KEYS, BIT_STATE)?;
    }
    let parts = [Some(dict), inner].into_iter().flatten().filter_map(|dict| scene.heap.as_dict(dict)).flatten();
    for (key, value) in parts {
        if Some(value) != inner && !scene.heap.is_text(key, "bit_generator") && !is_of_numbers(scene, value) {
            return Err(Misuse::act(format!("{} is {}", shown(scene, key), scene.heap.view(value).kind()), BIT_STATE));
        }
    }
    Ok(())
}

/// Whether it is a number, an array of such, or several of the state as numpy 1.17 has them.
fn is_of_numbers(scene: &Scene<'_>, value: Value) -> bool {
    match scene.heap.view(value) {
        View::Bool(_) | View::Int(_) | View::Long(_) | View::Float(_) => true,
        View::Array(array) => scene.heap.has_numbers(array),
        View::Object(_, object) => scene.roles.shape(object.name) == Some(Shape::Scalar),
        _ => false,
    }
}

const RANDOM: &str = "an honest file calls it with a bit generator, and at most numpy's own constructor";

/// `__randomstate_ctor(bit generator, constructor)` and `__generator_ctor(bit generator, constructor)`.
pub fn random_state(scene: &mut Scene<'_>, args: Value) -> Result<Made, Misuse> {
    let items = scene.heap.as_tuple(args).ok_or_else(|| Misuse::act("it is called with no tuple", RANDOM))?;
    let count = items.len();
    let (first, second) = (items.at(0), items.at(1));
    let Some(first) = first.filter(|_| count <= 2) else {
        return Err(Misuse::act(format!("it is called with {count} arguments"), RANDOM));
    };
    if generator(scene, first).is_none() {
        return Err(Misuse::act("its first argument is no bit generator", RANDOM));
    }
    let constructor = second.map(|second| scene.shape_of(second).map(|(_, shape)| shape));
    if constructor.is_some_and(|shape| shape != Some(Shape::BitGenerator)) {
        return Err(Misuse::act("its second argument, which it calls, is another function", RANDOM));
    }
    if let Some((id, _)) = scene.heap.as_object(first)
        && let Some(object) = scene.heap.object_mut(id)
    {
        object.frozen = true;
    }
    Ok(Made::Object(scene.name))
}

/// The state of a random state: that of its bit generator, and the number that was kept.
pub fn random_state_state(scene: &mut Scene<'_>, object: ObjectId, state: Value) -> Result<Built, Misuse> {
    let own =
        scene.heap.get_object(object).and_then(|object| generator(scene, scene.heap.as_tuple(object.args)?.at(0)?));
    state_dict(scene, state, own)?;
    scene.settle(state, Functions::Refused)?;
    Ok(Built::State)
}

const SEED: &str = "an honest file calls it with its class, a checksum, and its members or None";

/// Of the names of its attributes, by the ways that Cython makes it: MD5 alone until version 3, then also SHA-1 and SHA-256.
const CHECKSUMS: [i64; 3] = [0xf88_304a, 0x3ea_a222, 0xc46_4c19];

/// `__pyx_unpickle_SeedSequence(class, checksum, state)` (Cython's `__reduce_cython__`).
pub fn seed_sequence(scene: &mut Scene<'_>, args: Value) -> Result<Made, Misuse> {
    let [class, checksum, state] = arguments(scene, args, SEED)?;
    if scene.shape_of(class).map(|(_, shape)| shape) != Some(Shape::SeedSequenceClass) {
        return Err(Misuse::act("its first argument is another class", SEED));
    }
    if !scene.heap.view(checksum).int().is_some_and(|checksum| CHECKSUMS.contains(&checksum)) {
        return Err(Misuse::act("its checksum is not one of numpy's", SEED));
    }
    if !matches!(scene.heap.view(state), View::None) {
        seed_members(scene, state)?;
    }
    Ok(Made::Object(scene.name))
}

/// The members of a seed sequence (`numpy/random/bit_generator.pyx`): entropy, children, pool, size of the pool, spawn key.
fn seed_members(scene: &mut Scene<'_>, state: Value) -> Result<(), Misuse> {
    if scene.heap.as_tuple(state).is_none() {
        return Err(Misuse::act("its state is no tuple", SEED));
    }
    scene.settle(state, Functions::Refused)?;
    // Many calls can be given one and the same list: looking at it again counts.
    let parts = scene.heap.as_tuple(state).into_iter().flatten();
    let lengths = parts.map(|part| scene.heap.items_in(part));
    scene.budget.values(lengths.fold(0, u64::saturating_add))?;
    let whole = |value| matches!(scene.heap.view(value), View::Int(_) | View::Long(_));
    let list = |value| match scene.heap.view(value) {
        View::Tuple(mut items) | View::List(mut items) => items.all(whole),
        View::None | View::Array(_) => true,
        _ => whole(value),
    };
    match scene.heap.as_tuple(state).and_then(|items| items.exactly()) {
        Some([entropy, children, pool, size, spawn])
            if list(entropy) && whole(children) && list(pool) && whole(size) && list(spawn) =>
        {
            Ok(())
        }
        _ => Err(Misuse::act("its state holds something else than its members", SEED)),
    }
}

/// `__setstate_cython__`: the members, of what was called with `None` for them.
pub fn seed_sequence_state(scene: &mut Scene<'_>, object: ObjectId, state: Value) -> Result<Built, Misuse> {
    let args = scene.heap.get_object(object).and_then(|object| scene.heap.as_tuple(object.args));
    let empty = args.and_then(|args| args.at(2)).is_some_and(|state| matches!(scene.heap.view(state), View::None));
    if !empty {
        return Err(Misuse::act("it is given its members twice", SEED));
    }
    seed_members(scene, state)?;
    Ok(Built::State)
}

const LEGACY: &str = "an honest file gives it ('MT19937', 624 words, position, whether a number is kept, that number), or a dict of them";

/// `__RandomState_ctor()`: what numpy before 1.17 makes random states with.
pub fn legacy(scene: &mut Scene<'_>, args: Value) -> Result<Made, Misuse> {
    let [] = arguments(scene, args, LEGACY)?;
    Ok(Made::Object(scene.name))
}

/// `RandomState.set_state`. Old numpy trusts the position.
pub fn legacy_state(scene: &mut Scene<'_>, state: Value) -> Result<Built, Misuse> {
    if let Some(items) = scene.heap.as_tuple(state) {
        let [name, key, position, ..] = arguments::<5>(scene, state, LEGACY)?;
        let words = scene.heap.as_array(key).filter(|array| *array.shape == [624] && scene.heap.has_numbers(array));
        let number =
            |at| items.at(at).is_some_and(|item| matches!(scene.heap.view(item), View::Int(0 | 1) | View::Float(_)));
        let position = matches!(scene.heap.view(position), View::Int(0..=624));
        if !scene.heap.is_text(name, "MT19937") || words.is_none() || !position || !number(3) || !number(4) {
            return Err(Misuse::act("its state is something else", LEGACY));
        }
    } else {
        state_dict(scene, state, Some("MT19937"))?;
    }
    scene.settle(state, Functions::Refused)?;
    Ok(Built::State)
}
