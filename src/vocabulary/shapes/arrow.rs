//! Columns of text that Arrow keeps (`pyarrow/array.pxi`, `_restore_array`): a type, counts and buffers. Arrow trusts their
//! lengths, so that they are compared here.

use super::super::scene::{Misuse, Scene};
use super::super::shape::{Made, Shape};
use super::arguments;
use super::form::{Form, arguments_of};
use crate::graph::{Value, View};

const TYPE: &str = "an honest file calls it with a type of text";

/// `type_for_alias('large_string')`.
pub fn type_for_alias(scene: &mut Scene<'_>, args: Value) -> Result<Made, Misuse> {
    arguments_of(scene, args, &[&[Form::Word(&["string", "large_string"])]], TYPE)?;
    Ok(Made::Object(scene.name))
}

const BUFFER: &str = "an honest file calls it with bytes";

/// `py_buffer(bytearray(…))`.
pub fn buffer(scene: &mut Scene<'_>, args: Value) -> Result<Made, Misuse> {
    let [bytes] = arguments(scene, args, BUFFER)?;
    if !matches!(scene.heap.view(bytes), View::Bytes(_) | View::ByteArray(_)) {
        return Err(Misuse::act("it is called with something else", BUFFER));
    }
    Ok(Made::Object(scene.name))
}

const ARRAY: &str =
    "an honest file calls it with a type of text, a length, a count of what is missing, and buffers of that length";

/// `_restore_array((type, length, missing, offset, buffers, children, dictionary))`, or `chunked_array([array], type)`.
pub fn array(scene: &mut Scene<'_>, args: Value) -> Result<Made, Misuse> {
    const CHUNK: Form = Form::Object(&[Shape::ArrowArray]);
    const OF: Form = Form::Object(&[Shape::ArrowType]);
    if scene.heap.get_name(scene.name).is_some_and(|name| name.qualname == "chunked_array") {
        arguments_of(scene, args, &[&[Form::Many(&CHUNK), OF]], ARRAY)?;
        return Ok(Made::Object(scene.name));
    }
    const BUFFERS: Form = Form::Object(&[Shape::ArrowBuffer]);
    const BITS: Form = Form::Either(&[Form::None, BUFFERS]);
    const PARTS: Form = Form::Many(&BITS);
    const EMPTY: Form = Form::Either(&[Form::None, Form::Tuple(&[]), Form::Many(&Form::None)]);
    arguments_of(
        scene,
        args,
        &[&[Form::Tuple(&[OF, Form::Whole, Form::Whole, Form::Whole, PARTS, EMPTY, Form::None])]],
        ARRAY,
    )?;
    let [parts] = arguments(scene, args, ARRAY)?;
    let [of, length, missing, offset, buffers, ..] = arguments::<7>(scene, parts, ARRAY)?;
    let wrong = || Misuse::act("its buffers are shorter than it is, or it is called with something else", ARRAY);
    let count = |value| scene.heap.view(value).int().and_then(|number| u64::try_from(number).ok());
    let (length, missing, offset) = match (count(length), scene.heap.view(missing).int(), count(offset)) {
        // Less than nothing: not counted yet.
        (Some(length), Some(-1..), Some(offset)) => (length, scene.heap.view(missing).int().unwrap_or(0), offset),
        _ => return Err(wrong()),
    };
    let width = match scene.heap.as_object(of).and_then(|(_, of)| scene.heap.as_tuple(of.args)?.at(0)) {
        Some(name) if scene.heap.is_text(name, "large_string") => 8,
        _ => 4,
    };
    let (View::List(items) | View::Tuple(items)) = scene.heap.view(buffers) else { return Err(wrong()) };
    let Some([valid, places, _]) = items.exactly() else { return Err(wrong()) };
    let end = offset.checked_add(length).ok_or_else(wrong)?;
    let needed = end.checked_add(1).and_then(|places| places.checked_mul(width)).ok_or_else(wrong)?;
    let bits = bytes_of(scene, valid);
    let places = bytes_of(scene, places).filter(|places| *places >= needed || length == 0);
    if places.is_none() || bits.is_some_and(|bits| bits < end.div_ceil(8)) || (bits.is_none() && missing > 0) {
        return Err(wrong());
    }
    Ok(Made::Object(scene.name))
}

/// How many bytes a buffer has.
fn bytes_of(scene: &Scene<'_>, buffer: Value) -> Option<u64> {
    let (_, object) = scene.heap.as_object(buffer)?;
    match scene.heap.view(scene.heap.as_tuple(object.args)?.at(0)?) {
        View::Bytes(blob) | View::ByteArray(blob) => scene.heap.blob(blob).map(|blob| blob.len),
        _ => None,
    }
}
