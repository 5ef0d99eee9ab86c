//! Callables of Python itself that honest pickles use.

use super::super::scene::{Functions, Misuse, Scene};
use super::super::shape::{Made, Shape};
use super::dill::made_type;
use super::{arguments, container, function, opaque, plain, sparse};
use crate::graph::{Value, View};

const RECONSTRUCTOR: &str = "an honest file calls it with (class, object, None)";

/// `copyreg._reconstructor(class, base, state)`: what protocols 0 and 1 make objects with (`Lib/copyreg.py`).
pub fn reconstructor(scene: &mut Scene<'_>, args: Value) -> Result<Made, Misuse> {
    let [class, base, state] = arguments(scene, args, RECONSTRUCTOR)?;
    let Some((class, shape)) = scene.shape_of(class) else {
        return Err(Misuse::act("its first argument is no class of the vocabulary", RECONSTRUCTOR));
    };
    if shape == Shape::Bunch {
        return container::reconstruct_bunch(scene, class, base, state);
    }
    if shape == Shape::Dok {
        return sparse::reconstruct_dok(scene, class, base, state);
    }
    if matches!(shape, Shape::RichResult | Shape::WarningDict | Shape::Counter) {
        return container::reconstruct_dict(scene, class, base, state);
    }
    if shape == Shape::TimeZone {
        return plain::reconstruct_zone(scene, class, base, state);
    }
    if shape == Shape::NamedTuple {
        return function::reconstruct_tuple(scene, class, base, state);
    }
    // dill of Python 2 fetches the base, too, as a type.
    let object =
        matches!(scene.shape_of(base), Some((_, Shape::BaseObject))) || made_type(scene, base) == Some("object");
    if shape == Shape::Opaque && !object {
        return opaque::reconstruct(scene, class, base, state);
    }
    // The wrappers of joblib before 0.10 are as plain, but stand for arrays.
    let plain = shape.is_plain_object() || matches!(shape, Shape::ArrayFile | Shape::ArrayZFile);
    if !plain || !object || !matches!(scene.heap.view(state), View::None) {
        return Err(Misuse::act("it makes something else than an empty object", RECONSTRUCTOR));
    }
    Ok(Made::Object(class))
}

const LATIN1: &str = "an honest file calls it with (text, 'latin1')";

/// `_codecs.encode(text, 'latin1')`: bytes below protocol 3 (`Lib/pickle.py`, `save_bytes`).
pub fn latin1(scene: &mut Scene<'_>, args: Value) -> Result<Made, Misuse> {
    let [text, codec] = arguments(scene, args, LATIN1)?;
    if !scene.heap.is_text(codec, "latin1") {
        return Err(Misuse::act("its codec is not latin1", LATIN1));
    }
    let View::Text(text) = scene.heap.view(text) else {
        return Err(Misuse::act("its first argument is no text", LATIN1));
    };
    let text = text.as_str().ok_or_else(|| Misuse::act("its text has code points that latin1 lacks", LATIN1))?;
    scene.budget.memory(text.len() as u64)?;
    let bytes: Result<Vec<u8>, _> = text.chars().map(|c| u8::try_from(u32::from(c))).collect();
    let bytes = bytes.map_err(|_| Misuse::act("its text has code points that latin1 lacks", LATIN1))?;
    let blob = scene.heap.keep_blob(0, bytes, scene.budget)?;
    Ok(Made::Is(scene.heap.bytes(blob)))
}

const BYTEARRAY: &str = "an honest file calls it with bytes, or with nothing";

/// `bytearray(b'…')`; below protocol 3 `bytearray(text, 'latin-1')`.
pub fn bytearray(scene: &mut Scene<'_>, args: Value) -> Result<Made, Misuse> {
    let items = scene.heap.as_tuple(args).ok_or_else(|| Misuse::act("it is called with no tuple", BYTEARRAY))?;
    let blob = match (items.at(0).map(|first| scene.heap.view(first)), items.len()) {
        (None, _) => scene.heap.keep_blob(0, Vec::new(), scene.budget)?,
        (Some(View::Bytes(blob)), 1) => blob,
        (Some(View::Text(text)), 2) if items.at(1).is_some_and(|codec| scene.heap.is_text(codec, "latin-1")) => {
            let wrong = || Misuse::act("its text has code points that latin1 lacks", BYTEARRAY);
            let text = text.as_str().ok_or_else(wrong)?;
            let bytes: Option<Vec<u8>> = text.chars().map(|c| u8::try_from(u32::from(c)).ok()).collect();
            scene.budget.memory(text.len() as u64)?;
            scene.heap.keep_blob(0, bytes.ok_or_else(wrong)?, scene.budget)?
        }
        _ => return Err(Misuse::act("it is not called with bytes", BYTEARRAY)),
    };
    Ok(Made::Is(scene.heap.bytearray(blob)))
}

const BYTES: &str = "an honest file calls it with nothing";

/// `bytes()`: empty bytes below protocol 3 (`Lib/pickle.py`, `save_bytes`).
pub fn bytes(scene: &mut Scene<'_>, args: Value) -> Result<Made, Misuse> {
    let [] = arguments(scene, args, BYTES)?;
    let blob = scene.heap.keep_blob(0, Vec::new(), scene.budget)?;
    Ok(Made::Is(scene.heap.bytes(blob)))
}

const SLICE: &str = "an honest file calls it with three numbers or None";

/// `slice(start, stop, step)`.
pub fn slice(scene: &mut Scene<'_>, args: Value) -> Result<Made, Misuse> {
    let parts: [Value; 3] = arguments(scene, args, SLICE)?;
    let plain = |part: &Value| {
        matches!(scene.heap.view(*part), View::None | View::Int(_) | View::Long(_) | View::Bool(_) | View::Text(_))
    };
    if !parts.iter().all(plain) {
        return Err(Misuse::act("it is called with something else", SLICE));
    }
    Ok(Made::Object(scene.name))
}

const COMPLEX: &str = "an honest file calls it with two floats";

/// `complex(real, imaginary)`.
pub fn complex(scene: &mut Scene<'_>, args: Value) -> Result<Made, Misuse> {
    let parts: [Value; 2] = arguments(scene, args, COMPLEX)?;
    if !parts.iter().all(|part| matches!(scene.heap.view(*part), View::Float(_))) {
        return Err(Misuse::act("it is called with something else", COMPLEX));
    }
    scene.settle(args, Functions::Refused)?;
    Ok(Made::Object(scene.name))
}
