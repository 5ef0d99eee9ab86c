//! Columns that Arrow keeps (`pyarrow/array.pxi`, `_restore_array`): a type, counts and buffers. Arrow trusts their lengths, so that
//! they are compared here. Types with children, such as lists and dictionaries, are not read.

use super::super::scene::{Misuse, Scene};
use super::super::shape::{Made, Shape};
use super::form::{Form, arguments_of};
use super::{arguments, plain};
use crate::graph::{NameId, Value, View};

const TYPE: &str = "an honest file calls it with a type of text, numbers or times";

/// How long the parts of one element are.
#[derive(Debug, Clone, Copy)]
enum Layout {
    /// Places of this many bytes, each where an element begins, and behind them the elements' bytes.
    Places(u64),
    /// This many bits.
    Bits(u64),
}

/// Types by their names (`pyarrow/types.pxi`, `type_for_alias`).
const TYPES: &[(&str, Layout)] = &[
    ("string", Layout::Places(4)),
    ("large_string", Layout::Places(8)),
    ("binary", Layout::Places(4)),
    ("large_binary", Layout::Places(8)),
    ("bool", Layout::Bits(1)),
    ("int8", Layout::Bits(8)),
    ("uint8", Layout::Bits(8)),
    ("int16", Layout::Bits(16)),
    ("uint16", Layout::Bits(16)),
    ("halffloat", Layout::Bits(16)),
    ("int32", Layout::Bits(32)),
    ("uint32", Layout::Bits(32)),
    ("float", Layout::Bits(32)),
    ("date32[day]", Layout::Bits(32)),
    ("time32[s]", Layout::Bits(32)),
    ("time32[ms]", Layout::Bits(32)),
    ("int64", Layout::Bits(64)),
    ("uint64", Layout::Bits(64)),
    ("double", Layout::Bits(64)),
    ("date64[ms]", Layout::Bits(64)),
    ("time64[us]", Layout::Bits(64)),
    ("time64[ns]", Layout::Bits(64)),
    ("duration[s]", Layout::Bits(64)),
    ("duration[ms]", Layout::Bits(64)),
    ("duration[us]", Layout::Bits(64)),
    ("duration[ns]", Layout::Bits(64)),
];
/// Longest name of a zone, in bytes.
const ZONE: usize = 64;

/// `type_for_alias('large_string')`, `timestamp('us', 'UTC')`, `decimal128(10, 2)`.
pub fn data_type(scene: &mut Scene<'_>, args: Value) -> Result<Made, Misuse> {
    const UNIT: Form = Form::Word(&["s", "ms", "us", "ns"]);
    let forms: &[&'static [Form]] = match scene.heap.get_name(scene.name).map_or("", |name| name.qualname.as_str()) {
        "timestamp" => &[&[UNIT], &[UNIT, Form::Either(&[Form::None, Form::Text])]],
        "decimal128" => &[&[Form::Whole, Form::Whole]],
        _ => &[&[Form::Text]],
    };
    arguments_of(scene, args, forms, TYPE)?;
    let text = scene.heap.as_tuple(args).and_then(|items| items.last()).and_then(|text| scene.heap.as_str(text));
    // A zone may be written as how far it is: `+05:30`.
    let is_zone = |text: &str| plain::is_zone(&text.replace(':', ""));
    if text.is_some_and(|text| text.len() > ZONE || forms.len() == 2 && !is_zone(text))
        || layout(scene, scene.name, args).is_none()
    {
        return Err(Misuse::act("it asks for another type", TYPE));
    }
    Ok(Made::Object(scene.name))
}

/// The layout of a type, by what makes it.
fn layout(scene: &Scene<'_>, name: NameId, args: Value) -> Option<Layout> {
    match scene.heap.get_name(name)?.qualname.as_str() {
        "timestamp" => Some(Layout::Bits(64)),
        "decimal128" => Some(Layout::Bits(128)),
        _ => {
            let alias = scene.heap.as_tuple(args)?.at(0)?;
            TYPES.iter().find(|(known, _)| scene.heap.is_text(alias, known)).map(|(_, layout)| *layout)
        }
    }
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
    "an honest file calls it with a type, a length, a count of what is missing, and buffers of that length";

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
    let layout = scene.heap.as_object(of).and_then(|(_, of)| layout(scene, of.name, of.args)).ok_or_else(wrong)?;
    let items = scene.heap.as_items(buffers).ok_or_else(wrong)?;
    let end = offset.checked_add(length).ok_or_else(wrong)?;
    let (valid, main, needed) = match (layout, items.exactly::<3>(), items.exactly::<2>()) {
        (Layout::Places(width), Some([valid, places, _]), _) => {
            (valid, places, end.checked_add(1).and_then(|places| places.checked_mul(width)))
        }
        (Layout::Bits(bits), _, Some([valid, elements])) => {
            (valid, elements, end.checked_mul(bits).map(|bits| bits.div_ceil(8)))
        }
        _ => return Err(wrong()),
    };
    let needed = needed.ok_or_else(wrong)?;
    let bits = bytes_of(scene, valid);
    let main = bytes_of(scene, main).filter(|main| *main >= needed || length == 0);
    if main.is_none() || bits.is_some_and(|bits| bits < end.div_ceil(8)) || (bits.is_none() && missing > 0) {
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
