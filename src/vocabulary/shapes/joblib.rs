//! joblib's arrays: a wrapper whose elements follow in the stream (`joblib/numpy_pickle.py`, `NumpyArrayWrapper`), or one
//! whose array stands in a file beside the model (`joblib/numpy_pickle_compat.py`, `NDArrayWrapper` and `ZNDArrayWrapper`).

use super::super::scene::{Misuse, Scene};
use super::super::shape::{Beside, Built, Raw};
use super::numpy::{is_array_class, is_empty_shape, use_dtype};
use super::{arguments, closed_state};
use crate::bytes::model_of;
use crate::graph::{Field, Order, Value, View};

const HONEST: &str =
    "an honest file gives it subclass, shape, order, dtype, allow_mmap and numpy_array_alignment_bytes";
const MAPPED: &str = "joblib says True to allow_mmap only for arrays without objects";
const KEYS: &[&str] = &["subclass", "shape", "order", "dtype", "allow_mmap", "numpy_array_alignment_bytes"];
/// What it takes to turn a field round, in values read and in bytes.
const TURNED: (u64, u64) = (40, 220);
/// joblib's own alignment (`NUMPY_ARRAY_ALIGNMENT_BYTES`).
pub const ALIGNMENT: i64 = 16;

/// The state of a wrapper.
pub fn wrapper_state(scene: &mut Scene<'_>, state: Value) -> Result<Built, Misuse> {
    closed_state(scene, state, KEYS, HONEST)?;
    let part = |key: &str| {
        let missing = || Misuse::act(format!("its state has no {key}"), HONEST);
        scene.heap.lookup(state, key).ok_or_else(missing)
    };
    let subclass = part("subclass")?;
    if !is_array_class(scene, subclass) {
        return Err(Misuse::act("its subclass is not numpy.ndarray", HONEST));
    }
    let (order, shape, dtype) = (part("order")?, part("shape")?, part("dtype")?);
    // numpy 1 makes two axes of them.
    let is_matrix = scene.heap.as_name(subclass).is_some_and(|(_, class)| class.qualname == "matrix");
    if is_matrix && scene.heap.as_tuple(shape).is_none_or(|shape| shape.len() != 2) {
        return Err(Misuse::act("its subclass is numpy.matrix, and its shape has not two lengths", HONEST));
    }
    let fortran = match scene.heap.as_str(order) {
        Some("C") => false,
        Some("F") => true,
        _ => return Err(Misuse::act("its order is neither C nor F", HONEST)),
    };
    let View::Bool(mapped) = scene.heap.view(part("allow_mmap")?) else {
        return Err(Misuse::act("its allow_mmap is neither True nor False", HONEST));
    };
    let alignment = scene.heap.lookup(state, "numpy_array_alignment_bytes").map(|value| scene.heap.view(value));
    let padded = match alignment {
        None | Some(View::None) => false,
        Some(View::Int(ALIGNMENT)) => true,
        Some(_) => return Err(Misuse::act("its numpy_array_alignment_bytes is not 16", HONEST)),
    };
    // From here on it must not change: a state that came later would turn the array's elements round.
    let (dtype, found) = use_dtype(scene, dtype, HONEST)?;
    // Where they are turned round, joblib makes a dtype of its own for each array.
    let turned = |field: &Field| scene.heap.get_dtype(field.dtype).is_some_and(|dtype| dtype.order == Order::Big);
    if found.fields.iter().any(turned) {
        let fields = found.fields.len() as u64;
        scene.budget.values(fields.saturating_mul(TURNED.0))?;
        scene.budget.memory(fields.saturating_mul(TURNED.1))?;
    }
    // `joblib.load(file, mmap_mode=...)` would map pointers out of the file, and go on behind them in the pickle inside.
    if mapped && found.objects {
        return Err(Misuse::act("its objects may be mapped into memory, as if they were numbers", MAPPED));
    }
    // joblib divides by their size; where it maps them, numpy takes a size of one.
    if found.size == 0 {
        return Err(Misuse::act("its elements have no bytes, and joblib can not read them", HONEST));
    }
    Ok(Built::Follows(Raw { dtype, shape, fortran, padded }))
}

const FILE: &str = "an honest file gives it filename, subclass and allow_mmap, and the file stands beside the model";

/// The state of a wrapper whose array stands in a `.npy` file.
pub fn file_state(scene: &mut Scene<'_>, state: Value) -> Result<Built, Misuse> {
    closed_state(scene, state, &["filename", "subclass", "allow_mmap"], FILE)?;
    // joblib before 0.10 makes an empty array of any other class, and lets go of the one that it read (`numpy_pickle_compat.py`); later ones
    // read the matrices that it saved.
    let subclass = scene.heap.lookup(state, "subclass").filter(|class| is_array_class(scene, *class));
    let class = subclass.and_then(|class| scene.heap.as_name(class)).map(|(_, class)| &*class.qualname);
    if !matches!(class, Some("ndarray" | "memmap" | "matrix")) {
        return Err(Misuse::act("its subclass is not numpy.ndarray", FILE));
    }
    let matrix = class == Some("matrix");
    // joblib before 0.9 knows no allow_mmap.
    if let Some(allow) = scene.heap.lookup(state, "allow_mmap")
        && !matches!(scene.heap.view(allow), View::Bool(_))
    {
        return Err(Misuse::act("its allow_mmap is neither True nor False", FILE));
    }
    let file = file_of(scene, state, ".npy", FILE)?;
    Ok(Built::Beside(Beside { file, elements: None, matrix }))
}

const ZFILE: &str = "an honest file gives it filename, init_args and state, and the file stands beside the model";

/// The state of a wrapper whose elements stand in a compressed file: the arguments of `_reconstruct`, and the state of an array
/// without its data.
pub fn zfile_state(scene: &mut Scene<'_>, state: Value) -> Result<Built, Misuse> {
    closed_state(scene, state, &["filename", "init_args", "state"], ZFILE)?;
    let part = |scene: &Scene<'_>, key: &str| {
        let missing = || Misuse::act(format!("its state has no {key}"), ZFILE);
        scene.heap.lookup(state, key).ok_or_else(missing)
    };
    let args = part(scene, "init_args")?;
    let [class, empty, code] = arguments(scene, args, ZFILE)?;
    if !is_array_class(scene, class) || !is_empty_shape(scene, empty, code) {
        return Err(Misuse::act("its init_args are not those of an empty array", ZFILE));
    }
    let array = part(scene, "state")?;
    let [version, shape, dtype, order] = arguments(scene, array, ZFILE)?;
    if !matches!(scene.heap.view(version), View::Int(1)) {
        return Err(Misuse::act("the state of its array has another version than 1", ZFILE));
    }
    let fortran = match scene.heap.view(order) {
        View::Bool(fortran) => fortran,
        View::Int(0) => false,
        View::Int(1) => true,
        _ => return Err(Misuse::act("its order is neither True nor False", ZFILE)),
    };
    let (dtype, found) = use_dtype(scene, dtype, ZFILE)?;
    if found.objects {
        return Err(Misuse::act("its objects stand in a file of bare elements", ZFILE));
    }
    let file = file_of(scene, state, ".npy.z", ZFILE)?;
    Ok(Built::Beside(Beside { file, elements: Some(Raw { dtype, shape, fortran, padded: false }), matrix: false }))
}

/// The name of a file beside the model: joblib joins it to the model's folder as it is.
fn file_of(scene: &Scene<'_>, state: Value, ending: &str, honest: &'static str) -> Result<Value, Misuse> {
    let file = scene.heap.lookup(state, "filename");
    let file = file.ok_or_else(|| Misuse::act("its state has no filename", honest))?;
    let Some(name) = scene.heap.as_str(file) else { return Err(Misuse::act("its filename is no text", honest)) };
    if model_of(name).is_none() || !name.ends_with(ending) {
        let what = format!("its filename is \"{}\", which is none of joblib's", crate::reason::escape(name));
        return Err(Misuse::act(what, honest));
    }
    Ok(file)
}
