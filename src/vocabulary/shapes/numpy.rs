//! numpy's arrays and scalars (`numpy/core/src/multiarray/methods.c`, `array_reduce_ex`; `numpy/core/numeric.py`,
//! `_frombuffer`). dtypes stand in `dtype.rs`.

use super::super::scene::{Functions, Misuse, Scene};
use super::super::shape::{Built, Made, Shape};
pub use super::dtype::{dtype_call, dtype_state};
use super::{arguments, structure};
use crate::bytes::Limit;
use crate::graph::push_code_point;
use crate::graph::{Array, ArrayData, BlobId, Bytes, DType, DTypeId, DTypeKind, MOST_OF_NOTHING, Order, Value, View};

const RECONSTRUCT: &str = "an honest file calls it with (numpy.ndarray, (0,), b'b')";

/// `_reconstruct(numpy.ndarray, (0,), b'b')`: an empty array, to be given its state.
pub fn reconstruct(scene: &mut Scene<'_>, args: Value) -> Result<Made, Misuse> {
    let [class, shape, code] = arguments(scene, args, RECONSTRUCT)?;
    if !is_array_class(scene, class) {
        return Err(Misuse::act("its first argument is not numpy.ndarray", RECONSTRUCT));
    }
    if !is_empty_shape(scene, shape, code) {
        return Err(Misuse::act("its shape or type code is another one", RECONSTRUCT));
    }
    Ok(Made::Object(scene.name))
}

/// Whether a value is the class of an array. That of a mapped one is read as any other: `_reconstruct` calls `ndarray.__new__`, and
/// `memmap.__array_finalize__` notes that there is no file (`numpy/core/memmap.py`); joblib makes an `ndarray` of it.
pub fn is_array_class(scene: &Scene<'_>, class: Value) -> bool {
    scene.shape_of(class).is_some_and(|(_, shape)| shape.is_array_class())
}

/// Whether these are `(0,)` and `b'b'`.
pub fn is_empty_shape(scene: &Scene<'_>, shape: Value, code: Value) -> bool {
    let code = match scene.heap.view(code) {
        View::Text(text) => text.is("b"),
        View::Bytes(blob) => scene.heap.blob_bytes(blob) == Bytes::Kept(b"b"),
        _ => false,
    };
    let length = scene.heap.as_tuple(shape).and_then(|items| items.exactly());
    code && length.is_some_and(|[length]| matches!(scene.heap.view(length), View::Int(0)))
}

const STATE: &str =
    "an honest file gives it (1, shape, dtype, order, data) with exactly the data that the shape asks for";

/// `ndarray.__setstate__`.
pub fn array_state(scene: &mut Scene<'_>, state: Value) -> Result<Built, Misuse> {
    let parts = arguments(scene, state, STATE)?;
    array_of_state(scene, parts, STATE).map(Built::Is)
}

/// The array that a state makes: version, shape, dtype, order and data.
pub fn array_of_state(scene: &mut Scene<'_>, parts: [Value; 5], honest: &'static str) -> Result<Value, Misuse> {
    let [version, shape, dtype, order, data] = parts;
    let fortran = match scene.heap.view(order) {
        View::Bool(fortran) => fortran,
        View::Int(0) => false,
        View::Int(1) => true,
        _ => return Err(Misuse::act("its order is neither True nor False", honest)),
    };
    if !matches!(scene.heap.view(version), View::Int(1)) {
        return Err(Misuse::act("its state has another version than 1", honest));
    }
    not_a_bytearray(scene, data, honest)?;
    array(scene, shape, dtype, fortran, data, honest)
}

const BUFFER: &str = "an honest file calls it with (bytes, dtype, shape, 'C', 'F' or 'K' and the order of its axes)";

/// `_frombuffer(bytes, dtype, shape, order)`: what protocol 5 makes arrays with. Since numpy 2.3 its axes may be turned; such an
/// array is checked, and not read.
pub fn from_buffer(scene: &mut Scene<'_>, args: Value) -> Result<Made, Misuse> {
    let turned = scene.heap.as_tuple(args).and_then(|items| items.exactly::<5>());
    let [data, dtype, shape, order] = match turned {
        Some([data, dtype, shape, order, _]) => [data, dtype, shape, order],
        None => arguments(scene, args, BUFFER)?,
    };
    let axes = turned.map(|[.., axes]| axes).filter(|axes| !matches!(scene.heap.view(*axes), View::None));
    if let Some(axes) = axes {
        let (axes, shape) = (lengths(scene, axes, BUFFER)?, lengths(scene, shape, BUFFER)?);
        let mut sorted = axes;
        sorted.sort_unstable();
        let all = sorted.iter().copied().eq(0..shape.len() as u64);
        if !all || scene.heap.as_str(order) != Some("K") {
            return Err(Misuse::act("its axes are others than it has", BUFFER));
        }
    }
    let fortran = match scene.heap.as_str(order) {
        Some("C") => false,
        Some("K") if axes.is_some() => false,
        Some("F") => true,
        _ => return Err(Misuse::act("its order is neither C nor F", BUFFER)),
    };
    if !matches!(scene.heap.view(data), View::Bytes(_) | View::ByteArray(_)) {
        return Err(Misuse::act("its data are no bytes", BUFFER));
    }
    let array = array(scene, shape, dtype, fortran, data, BUFFER)?;
    Ok(if axes.is_some() { Made::Object(scene.name) } else { Made::Is(array) })
}

/// An array of exactly these data.
fn array(
    scene: &mut Scene<'_>,
    shape: Value,
    dtype: Value,
    fortran: bool,
    data: Value,
    honest: &'static str,
) -> Result<Value, Misuse> {
    let (id, dtype) = use_dtype(scene, dtype, honest)?;
    let shape = lengths(scene, shape, honest)?;
    let count = elements(&shape).ok_or_else(|| Misuse::act("its shape is too large", honest))?;
    let mut nested = 0;
    let data = if dtype.objects {
        let View::List(items) = scene.heap.view(data) else {
            return Err(Misuse::act("its objects are no list", honest));
        };
        if items.len() as u64 != count {
            return Err(Misuse::act(format!("it has {} objects, and its shape asks for {count}", items.len()), honest));
        }
        nested = 1;
        // numpy spreads a row over all objects of a field that is an array.
        if dtype.kind != DTypeKind::Object {
            scene.budget.memory(count.saturating_mul(dtype.size))?;
            scene.budget.values(count.saturating_mul(dtype.steps))?;
        }
        if scene.heap.leaves(data).is_none() {
            // Many arrays may share a list.
            scene.budget.values(count)?;
            nested = items.filter_map(|item| nested_in(scene, item)).max().unwrap_or(0).saturating_add(1);
        }
        if nested > MOST_NESTED {
            return Err(Misuse::act("more arrays stand in one another than any honest file has", honest));
        }
        // A search over functions keeps them in arrays (`cv_results_`); none of those that pass does harm when it is called.
        let rows = dtype.kind == DTypeKind::Struct;
        scene.settle(data, if rows { Functions::Refused } else { Functions::Allowed })?;
        if rows {
            structure::check_rows(scene, data, id)?;
        }
        ArrayData::Objects(data)
    } else {
        if dtype.size == 0 && count.saturating_mul(dtype.steps) > MOST_OF_NOTHING {
            return Err(Misuse::act(format!("it has {count} elements of no bytes"), honest));
        }
        let blob = raw_bytes(scene, data, honest)?;
        let wanted = count.checked_mul(dtype.size);
        let found = scene.heap.blob(blob).map_or(0, |blob| blob.len);
        if wanted != Some(found) {
            let wanted = wanted.map_or_else(|| "more than there can be".to_owned(), |wanted| wanted.to_string());
            return Err(Misuse::act(format!("it has {found} bytes, and its shape asks for {wanted}"), honest));
        }
        ArrayData::Blob(blob)
    };
    Ok(scene.heap.array(Array { dtype: id, shape: shape.into(), fortran, data, nested }, scene.budget)?)
}

/// Most arrays of objects in one another: numpy lets go of each by a call of its own, however many there are.
const MOST_NESTED: u32 = 64;

/// How many arrays stand in one another in an element, if it is one, or a row of objects, which is an array too.
fn nested_in(scene: &Scene<'_>, item: Value) -> Option<u32> {
    match scene.heap.view(item) {
        View::Array(array) => Some(array.nested),
        View::Object(_, object) if scene.roles.shape(object.name) == Some(Shape::Scalar) => {
            Some(scene.heap.as_array(scene.heap.as_tuple(object.args)?.at(1)?)?.nested)
        }
        _ => None,
    }
}

/// The bytes that an array's state holds: `bytes`, or the text of a Python 2 `str`.
pub fn raw_bytes(scene: &mut Scene<'_>, data: Value, honest: &'static str) -> Result<BlobId, Misuse> {
    let bytes = match scene.heap.view(data) {
        View::Bytes(blob) | View::ByteArray(blob) => return Ok(blob),
        View::Latin(bytes) => bytes.to_vec(),
        View::Text(text) if text.bytes().is_ascii() => text.bytes().to_vec(),
        _ => return Err(Misuse::act("its data are no bytes", honest)),
    };
    scene.budget.memory(bytes.len() as u64)?;
    Ok(scene.heap.keep_blob(0, bytes, scene.budget)?)
}

/// Only `_frombuffer` takes a `bytearray`.
fn not_a_bytearray(scene: &Scene<'_>, data: Value, honest: &'static str) -> Result<(), Misuse> {
    match scene.heap.view(data) {
        View::ByteArray(_) => Err(Misuse::act("its data are a bytearray", honest)),
        _ => Ok(()),
    }
}

/// The dtype of an array's elements: any but that of an array in a field, which numpy never gives to an array itself.
pub fn use_dtype(scene: &mut Scene<'_>, value: Value, honest: &'static str) -> Result<(DTypeId, DType), Misuse> {
    let (id, dtype) = use_field(scene, value, honest)?;
    if dtype.kind == DTypeKind::Subarray {
        return Err(Misuse::act("its dtype is that of an array in a field", honest));
    }
    Ok((id, dtype))
}

/// What it takes to write out a field again, with its name, in values read.
const FIELD: u64 = 4;

/// A dtype that an act relies on: from here on it must not change.
pub fn use_field(scene: &mut Scene<'_>, value: Value, honest: &'static str) -> Result<(DTypeId, DType), Misuse> {
    if let Some((object, _)) = scene.heap.as_object(value)
        && let Some(object) = scene.heap.object_mut(object)
    {
        object.frozen = true;
    }
    match scene.heap.view(value) {
        View::DType(id, dtype) => {
            scene.budget.values((dtype.fields.len() as u64).saturating_mul(FIELD))?;
            Ok((id, dtype.clone()))
        }
        other => Err(Misuse::act(format!("its dtype is {}", other.kind()), honest)),
    }
}

/// Most axes: numpy before 2.0 takes more from a state, and has no room for them.
const AXES: usize = 32;

/// A shape: a tuple of whole numbers, none below zero.
pub fn lengths(scene: &Scene<'_>, shape: Value, honest: &'static str) -> Result<Vec<u64>, Misuse> {
    let items = scene.heap.as_tuple(shape).ok_or_else(|| Misuse::act("its shape is no tuple", honest))?;
    if items.len() > AXES {
        return Err(Misuse::act("its shape has more axes than numpy knows", honest));
    }
    let length = |item| scene.heap.view(item).int().and_then(|length| u64::try_from(length).ok());
    let lengths: Option<Vec<u64>> = items.map(length).collect();
    lengths.ok_or_else(|| Misuse::act("its shape holds something else than lengths", honest))
}

/// Number of elements of a shape. A length of zero makes it zero only if the others do not overflow, as in numpy.
pub fn elements(shape: &[u64]) -> Option<u64> {
    let product =
        shape.iter().filter(|length| **length > 0).try_fold(1u64, |product, length| product.checked_mul(*length))?;
    (product <= i64::MAX.unsigned_abs()).then_some(if shape.contains(&0) { 0 } else { product })
}

/// Whether numpy comes to an end that prints a field of this shape: it goes along every axis, whether there is an element there or not.
pub fn is_printable(shape: &[u64]) -> bool {
    let lengths = shape.iter().map(|length| (*length).max(1));
    !shape.contains(&0) || lengths.fold(1u64, u64::saturating_mul) <= MOST_OF_NOTHING
}

const SCALAR: &str = "an honest file calls it with (dtype, bytes of exactly that size)";

/// `scalar(dtype, bytes)`: one element.
pub fn scalar(scene: &mut Scene<'_>, args: Value) -> Result<Made, Misuse> {
    let [dtype, data] = arguments(scene, args, SCALAR)?;
    let (id, dtype) = use_dtype(scene, dtype, SCALAR)?;
    if dtype.objects {
        // A row with objects in it is an array of one; pointers would be followed.
        let row = scene.heap.as_array(data).filter(|row| row.dtype == id && row.shape.is_empty());
        if dtype.kind == DTypeKind::Object || row.is_none() {
            return Err(Misuse::act(format!("it makes a {}", dtype.name()), SCALAR));
        }
        return Ok(Made::Object(scene.name));
    }
    not_a_bytearray(scene, data, SCALAR)?;
    let blob = raw_bytes(scene, data, SCALAR)?;
    let found = scene.heap.blob(blob).map_or(0, |blob| blob.len);
    if found != dtype.size {
        return Err(Misuse::act(format!("it has {found} bytes, and its dtype asks for {}", dtype.size), SCALAR));
    }
    let Bytes::Kept(bytes) = scene.heap.blob_bytes(blob) else {
        let exceeded = scene.budget.exceeded(Limit::Memory);
        return Err(Misuse::Limit(exceeded));
    };
    let bytes = bytes.to_vec();
    match element(scene, &dtype, &bytes)? {
        Some(value) if dtype.kind == DTypeKind::Text => Ok(Made::ReadAs(value)),
        Some(value) => Ok(Made::Is(value)),
        None => Ok(Made::Object(scene.name)),
    }
}

/// A number, bool or text from its bytes; `None` for what Python has no plain value for.
fn element(scene: &mut Scene<'_>, dtype: &DType, bytes: &[u8]) -> Result<Option<Value>, Misuse> {
    let mut little = bytes.to_vec();
    if dtype.order == Order::Big && dtype.kind != DTypeKind::Text {
        little.reverse();
    }
    let value = match (dtype.kind, little.as_slice()) {
        (DTypeKind::Bool, [byte]) => Value::bool(*byte != 0),
        (DTypeKind::Int, _) => scene.heap.long(&little, scene.budget)?,
        (DTypeKind::Uint, _) => {
            little.push(0);
            scene.heap.long(&little, scene.budget)?
        }
        (DTypeKind::Float, [a, b, c, d]) => {
            scene.heap.float(f64::from(f32::from_le_bytes([*a, *b, *c, *d])), scene.budget)?
        }
        (DTypeKind::Float, _) => match <[u8; 8]>::try_from(little.as_slice()) {
            Ok(bytes) => scene.heap.float(f64::from_le_bytes(bytes), scene.budget)?,
            Err(_) => return Ok(None),
        },
        (DTypeKind::Text, _) => match code_points(bytes, dtype.order) {
            Some(text) => scene.heap.text(&text, scene.budget)?,
            None => return Err(Misuse::act("its text holds no code points", SCALAR)),
        },
        _ => return Ok(None),
    };
    Ok(Some(value))
}

/// numpy's text: four bytes a code point, zeros at its end left out.
fn code_points(bytes: &[u8], order: Order) -> Option<Vec<u8>> {
    let mut text = Vec::new();
    let mut zeros = 0usize;
    for code in bytes.chunks_exact(4) {
        let code: [u8; 4] = code.try_into().ok()?;
        let code = if order == Order::Big { u32::from_be_bytes(code) } else { u32::from_le_bytes(code) };
        if code == 0 {
            zeros = zeros.saturating_add(1);
            continue;
        }
        text.extend(std::iter::repeat_n(0, std::mem::take(&mut zeros)));
        if !push_code_point(&mut text, code) {
            return None;
        }
    }
    Some(text)
}
