//! numpy's dtypes (`numpy/core/src/multiarray/descriptor.c`, `arraydescr_reduce` and `arraydescr_setstate`).
//!
//! Order, sizes, alignment and flags are computed again from the code and must be equal: a `u1` that claims to hold objects
//! makes joblib load a nested pickle where other readers see data.

use super::super::scene::{Functions, Misuse, Scene};
use super::super::shape::{Built, Made, Shape};
use super::numpy::{is_printable, use_dtype};
use super::structure::DEEPEST;
use super::{arguments, structure};
use crate::graph::{Bytes, DType, DTypeKind, ObjectId, Order, TimeUnit, Value, View};

const CALL: &str = "an honest file calls it with a type's code, False and True, such as ('f8', False, True)";

/// `dtype(code, align, copy)`: native order, until the state says more.
pub fn dtype_call(scene: &mut Scene<'_>, args: Value) -> Result<Made, Misuse> {
    let [code, align, copy] = arguments(scene, args, CALL)?;
    // A structure whose rows are records: its size stands in its state.
    if is_record(scene, code) {
        let record = DType::plain(DTypeKind::Void, Order::None, 0);
        if !is_flag(scene, align, false) || !is_flag(scene, copy, true) {
            return Err(Misuse::act("its second or third argument is another one", CALL));
        }
        return Ok(Made::Is(scene.heap.dtype(record, scene.budget)?));
    }
    if !is_flag(scene, align, false) || !is_flag(scene, copy, true) {
        return Err(Misuse::act("its second or third argument is another one", CALL));
    }
    let code = scene.heap.as_str(code).ok_or_else(|| Misuse::act("its code is no text", CALL))?;
    let dtype = dtype_of_code(code)
        .ok_or_else(|| Misuse::act(format!("its code is \"{}\"", crate::reason::escape(code)), CALL))?;
    Ok(Made::Is(scene.heap.dtype(dtype, scene.budget)?))
}

fn is_flag(scene: &Scene<'_>, value: Value, wanted: bool) -> bool {
    match scene.heap.view(value) {
        View::Bool(flag) => flag == wanted,
        View::Int(flag) => flag == i64::from(wanted),
        _ => false,
    }
}

/// Whether a value is the class of a record array's rows.
fn is_record(scene: &Scene<'_>, value: Value) -> bool {
    let name = scene.heap.as_name(value).map(|(_, name)| name.qualname.as_str());
    name == Some("record") && scene.shape_of(value).is_some_and(|(_, shape)| shape == Shape::Type)
}

/// A type from its code, such as `f8` or `U10`, in native (little-endian) order.
pub fn dtype_of_code(code: &str) -> Option<DType> {
    let (kind, digits) = code.split_at_checked(1)?;
    let canonical = !digits.starts_with('0') || (digits == "0" && matches!(kind, "S" | "U" | "V"));
    if digits.is_empty() || digits.len() > 9 || !canonical || !digits.bytes().all(|digit| digit.is_ascii_digit()) {
        return None;
    }
    let size: u64 = digits.parse().ok()?;
    let (kind, order, sizes): (_, _, &[u64]) = match kind {
        "b" => (DTypeKind::Bool, Order::None, &[1]),
        "i" => (DTypeKind::Int, Order::Little, &[1, 2, 4, 8]),
        "u" => (DTypeKind::Uint, Order::Little, &[1, 2, 4, 8]),
        "f" => (DTypeKind::Float, Order::Little, &[2, 4, 8, 16]),
        "c" => (DTypeKind::Complex, Order::Little, &[8, 16, 32]),
        "M" => (DTypeKind::Datetime, Order::Little, &[8]),
        "m" => (DTypeKind::Timedelta, Order::Little, &[8]),
        "O" => (DTypeKind::Object, Order::None, &[8, 4]),
        "S" => (DTypeKind::Bytes, Order::None, &[]),
        "V" => (DTypeKind::Void, Order::None, &[]),
        "U" => (DTypeKind::Text, Order::Little, &[]),
        _ => return None,
    };
    if !sizes.is_empty() && !sizes.contains(&size) {
        return None;
    }
    let order = if size == 1 { Order::None } else { order };
    let (size, order) = match kind {
        DTypeKind::Text => (size.checked_mul(4)?, Order::Little),
        DTypeKind::Object => (8, Order::None),
        _ => (size, order),
    };
    (size <= LARGEST).then_some(DType::plain(kind, order, size))
}

pub(super) const STATE: &str = "an honest file gives it an order, fields and sizes that agree with its code";

/// `dtype.__setstate__`: `(3, order, None, names, fields, size, alignment, flags)`, and a ninth part for times (version 4).
pub fn dtype_state(scene: &mut Scene<'_>, object: ObjectId, state: Value) -> Result<Built, Misuse> {
    let Some(View::DType(_, dtype)) = scene.heap.get_object(object).map(|object| scene.heap.view(object.state)) else {
        return Err(Misuse::act("it has no code", STATE));
    };
    let mut dtype = dtype.clone();
    let times = matches!(dtype.kind, DTypeKind::Datetime | DTypeKind::Timedelta);
    let Parts { version, order, subarray, names, fields, size, alignment, flags, unit, notes } =
        parts(scene, state, times)?;
    // numpy keeps the very dicts of the fields and of the notes: nothing may come into them later.
    scene.settle(state, Functions::Refused)?;
    let noted = depth_of_notes(scene, notes)?;
    let int = |value: Value| scene.heap.view(value).int();
    let none = |value: Value| matches!(scene.heap.view(value), View::None);
    if int(version.0) != Some(version.1) {
        return Err(Misuse::act("its state has another version", STATE));
    }
    dtype.order = match (scene.heap.as_str(order), dtype.order) {
        (Some("|"), Order::None) => Order::None,
        (Some("<"), Order::Little) => Order::Little,
        (Some(">"), Order::Little) => Order::Big,
        _ => return Err(Misuse::act("its order does not belong to its code", STATE)),
    };
    dtype.unit = unit;
    let sizes = (int(size), int(alignment), int(flags));
    let record = scene.heap.get_object(object).and_then(|object| scene.heap.as_tuple(object.args)?.at(0));
    if record.is_some_and(|code| is_record(scene, code)) {
        let size = sizes.0.and_then(|size| u64::try_from(size).ok()).filter(|size| *size <= LARGEST);
        dtype.size = size.ok_or_else(|| Misuse::act("its size is none", STATE))?;
    }
    if !none(subarray) {
        let bare = dtype.kind == DTypeKind::Void && none(names) && none(fields);
        let element = check_elements(scene, subarray, dtype.size)?;
        if element.objects && element.kind != DTypeKind::Object {
            return Err(Misuse::act("its elements are structures that hold objects", STATE));
        }
        let wanted = if element.objects { &[63, 27, 155, -101][..] } else { &[0, 8, 16, 24, 144, 152, -112, -104] };
        let plain = matches!(sizes.1, Some(1 | 2 | 4 | 8 | 16)) && sizes.2.is_some_and(|flags| wanted.contains(&flags));
        if !bare || !plain || sizes.0 != i64::try_from(dtype.size).ok() {
            return Err(Misuse::act("its size, alignment or flags do not agree with its elements", STATE));
        }
        let DType { objects, parts, steps, depth, inside, .. } = element;
        let of = DType { kind: DTypeKind::Subarray, objects, parts, steps, depth: depth.max(noted), inside, ..dtype };
        return Ok(Built::Is(scene.heap.dtype(of, scene.budget)?));
    }
    if !none(names) || !none(fields) {
        if dtype.kind != DTypeKind::Void {
            return Err(Misuse::act("it has fields, and its code has none", STATE));
        }
        let mut dtype = structure::structure(scene, names, fields, dtype.size)?;
        // Bits above the seventh say that it is aligned. Texts are made of zeros first, and what holds one says so; what once
        // held objects goes on saying so, and is stored as if it did.
        let flags = sizes.2.filter(|flags| (-128..256).contains(flags)).map(|flags| flags & 0x7f);
        let fits = match flags {
            Some(27) => true,
            Some(24) => !dtype.objects && structure::holds_texts(scene, &dtype),
            Some(16) => !dtype.objects,
            _ => false,
        };
        dtype.objects = flags == Some(27);
        dtype.depth = dtype.depth.max(noted);
        // One of nothing that is aligned says 0 before numpy 2.
        let nothing = dtype.fields.is_empty() && dtype.size == 0;
        let alignment =
            sizes.1.filter(|alignment| matches!(alignment, 1 | 2 | 4 | 8 | 16) || nothing && *alignment == 0);
        if sizes.0 != i64::try_from(dtype.size).ok() || alignment.is_none() || !fits {
            return Err(Misuse::act("its size, alignment or flags do not agree with its fields", STATE));
        }
        return Ok(Built::Is(scene.heap.dtype(dtype, scene.budget)?));
    }
    let size = i64::try_from(dtype.size).ok();
    let wanted = match dtype.kind {
        DTypeKind::Object => (Some(-1), Some(-1), Some(63)),
        DTypeKind::Text => (size, Some(4), Some(8)),
        DTypeKind::Bytes | DTypeKind::Void => (size, Some(1), Some(0)),
        _ => (Some(-1), Some(-1), Some(0)),
    };
    // A void without fields carries the flags of a structure when it is what is left of one.
    let void = dtype.kind == DTypeKind::Void && sizes == (size, Some(1), Some(16));
    if sizes != wanted && !void {
        return Err(Misuse::act("its size, alignment or flags do not agree with its code", STATE));
    }
    dtype.depth = dtype.depth.max(noted);
    Ok(Built::Is(scene.heap.dtype(dtype, scene.budget)?))
}

/// numpy keeps the size of an element in a C int until version 2, and makes no larger one in any.
const LARGEST: u64 = i32::MAX.unsigned_abs() as u64;

/// The parts of a dtype's state; of its version, what it has to be.
struct Parts {
    version: (Value, i64),
    order: Value,
    subarray: Value,
    names: Value,
    fields: Value,
    size: Value,
    alignment: Value,
    flags: Value,
    unit: Option<TimeUnit>,
    notes: Value,
}

/// Takes a state apart. Its ninth part, in version 4, is what its maker noted of it (`metadata`): a dict of data; of times also
/// their unit.
fn parts(scene: &Scene<'_>, state: Value, times: bool) -> Result<Parts, Misuse> {
    let noted = scene.heap.as_tuple(state).is_some_and(|parts| parts.len() == 9);
    let (mut unit, mut notes) = (None, Value::NONE);
    let [version, order, subarray, names, fields, size, alignment, flags] = if noted || times {
        let parts: [Value; 9] = arguments(scene, state, STATE)?;
        let [parts @ .., last] = parts;
        notes = last;
        if times {
            (notes, unit) = check_unit(scene, last)?;
        }
        if !matches!(scene.heap.view(notes), View::None | View::Dict(_)) {
            return Err(Misuse::act("what is noted of it is no dict", STATE));
        }
        parts
    } else {
        arguments(scene, state, STATE)?
    };
    let version = (version, if noted { 4 } else { 3 });
    Ok(Parts { version, order, subarray, names, fields, size, alignment, flags, unit, notes })
}

/// How deep dtypes stand in one another by what is noted of one: with notes it is as deep as a structure of others, and none with notes
/// stands in them. numpy takes notes apart by a call for each level.
fn depth_of_notes(scene: &mut Scene<'_>, notes: Value) -> Result<u32, Misuse> {
    const LEVELS: u8 = 8;
    const MOST: usize = 10_000;
    let wrong = || Misuse::act("more stands in what is noted of it than an honest file has", STATE);
    let (mut todo, mut met) = (vec![(notes, 0u8)], 0usize);
    while let Some((value, level)) = todo.pop() {
        met = met.saturating_add(1);
        let next = level.saturating_add(1);
        let items = match scene.heap.view(value) {
            View::Dict(pairs) => pairs.items(),
            View::List(items) | View::Tuple(items) | View::Set(items) | View::FrozenSet(items) => items,
            View::DType(_, dtype) if dtype.depth == 0 => continue,
            View::DType(..) | View::Array(_) | View::Object(..) => return Err(wrong()),
            _ => continue,
        };
        if next > LEVELS || met.saturating_add(items.len()) > MOST {
            return Err(wrong());
        }
        todo.extend(items.map(|item| (item, next)));
    }
    scene.budget.values(met as u64)?;
    Ok(u32::from(met > 1))
}

/// The elements of a field that is an array: `(dtype, shape)`, of exactly so many bytes.
fn check_elements(scene: &mut Scene<'_>, subarray: Value, size: u64) -> Result<DType, Misuse> {
    let [element, shape] = arguments(scene, subarray, STATE)?;
    let (_, element) = use_dtype(scene, element, STATE)?;
    let count = match scene.heap.view(shape) {
        View::Int(length) => u64::try_from(length).ok(),
        _ => {
            let (lengths, count) = scene.shape(shape)?;
            if !is_printable(&lengths) {
                return Err(Misuse::act("it has no elements, along an axis of more than there can be", STATE));
            }
            Some(count)
        }
    };
    let times = |each: u64| each.saturating_mul(count.unwrap_or(u64::MAX));
    if count.and_then(|count| count.checked_mul(element.size)) != Some(size) {
        return Err(Misuse::act("its elements have another size together", STATE));
    }
    if element.depth >= DEEPEST {
        return Err(Misuse::act("more dtypes stand in one another than any honest file has", STATE));
    }
    let (parts, steps) = (times(element.parts), times(element.steps).max(1));
    let of = DType { size, parts, steps, depth: element.depth.saturating_add(1), ..element };
    with_an_end(of)
}

/// It, unless who goes along an element would not come to an end.
pub(super) fn with_an_end(dtype: DType) -> Result<DType, Misuse> {
    let is_too_long = || Misuse::act("it has more elements of no bytes than an honest file has", STATE);
    dtype.has_an_end().then_some(dtype).ok_or_else(is_too_long)
}

/// What is noted of a time, and its unit: `({}, (b'ns', 1, 1, 1))`.
fn check_unit(scene: &Scene<'_>, metadata: Value) -> Result<(Value, Option<TimeUnit>), Misuse> {
    let [notes, unit] = arguments(scene, metadata, STATE)?;
    let [unit, numbers @ ..]: [Value; 4] = arguments(scene, unit, STATE)?;
    let known = |unit: &[u8]| {
        matches!(
            unit,
            b"Y" | b"M" | b"W" | b"D" | b"h" | b"m" | b"s" | b"ms" | b"us" | b"ns" | b"ps" | b"fs" | b"as" | b"generic"
        )
    };
    let unit = match scene.heap.view(unit) {
        View::Bytes(blob) => match scene.heap.blob_bytes(blob) {
            Bytes::Kept(unit) => Some(unit),
            Bytes::Passed => None,
        },
        View::Text(text) => Some(text.bytes()),
        _ => None,
    };
    let unit = unit.filter(|unit| known(unit));
    let small = |number: &Value| matches!(scene.heap.view(*number), View::Int(1..=1_000_000));
    let Some(unit) = unit.filter(|_| numbers.iter().all(small)) else {
        return Err(Misuse::act("its unit of time is none", STATE));
    };
    let single = numbers.iter().all(|number| matches!(scene.heap.view(*number), View::Int(1)));
    Ok((notes, TimeUnit::of_name(unit).filter(|_| single)))
}
