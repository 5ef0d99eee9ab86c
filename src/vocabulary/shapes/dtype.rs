//! numpy's dtypes (`numpy/core/src/multiarray/descriptor.c`, `arraydescr_reduce` and `arraydescr_setstate`).
//!
//! Order, sizes, alignment and flags are computed again from the code and must be equal: a `u1` that claims to hold objects
//! makes joblib load a nested pickle where other readers see data.

use super::super::scene::{Functions, Misuse, Scene};
use super::super::shape::{Built, Made};
use super::arguments;
use super::numpy::{use_dtype, use_field};
use crate::graph::{DType, DTypeKind, Field, ObjectId, Order, Value, View};

const CALL: &str = "an honest file calls it with a type's code, False and True, such as ('f8', False, True)";

/// `dtype(code, align, copy)`: native order, until the state says more.
pub fn dtype_call(scene: &mut Scene<'_>, args: Value) -> Result<Made, Misuse> {
    let [code, align, copy] = arguments(scene, args, CALL)?;
    let flag = |value: Value, wanted: bool| match scene.heap.view(value) {
        View::Bool(flag) => flag == wanted,
        View::Int(flag) => flag == i64::from(wanted),
        _ => false,
    };
    if !flag(align, false) || !flag(copy, true) {
        return Err(Misuse::act("its second or third argument is another one", CALL));
    }
    let code = scene.heap.as_str(code).ok_or_else(|| Misuse::act("its code is no text", CALL))?;
    let dtype = dtype_of_code(code)
        .ok_or_else(|| Misuse::act(format!("its code is \"{}\"", crate::reason::escape(code)), CALL))?;
    Ok(Made::Is(scene.heap.dtype(dtype, scene.budget)?))
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
    // numpy keeps the size of an element in a C int until version 2, and makes no larger one in any.
    (size <= i32::MAX.unsigned_abs().into()).then_some(DType { kind, order, size, fields: Vec::new() })
}

const STATE: &str = "an honest file gives it an order, fields and sizes that agree with its code";

/// `dtype.__setstate__`: `(3, order, None, names, fields, size, alignment, flags)`, and a ninth part for times (version 4).
pub fn dtype_state(scene: &mut Scene<'_>, object: ObjectId, state: Value) -> Result<Built, Misuse> {
    let Some(View::DType(_, dtype)) = scene.heap.get_object(object).map(|object| scene.heap.view(object.state)) else {
        return Err(Misuse::act("it has no code", STATE));
    };
    let mut dtype = dtype.clone();
    let times = matches!(dtype.kind, DTypeKind::Datetime | DTypeKind::Timedelta);
    let [version, order, subarray, names, fields, size, alignment, flags] = if times {
        let parts: [Value; 9] = arguments(scene, state, STATE)?;
        let [parts @ .., metadata] = parts;
        check_unit(scene, metadata)?;
        parts
    } else {
        arguments(scene, state, STATE)?
    };
    // numpy keeps the very dict of the fields: nothing may come into it later.
    scene.settle(state, Functions::Refused)?;
    let int = |value: Value| scene.heap.view(value).int();
    let none = |value: Value| matches!(scene.heap.view(value), View::None);
    if int(version) != Some(if times { 4 } else { 3 }) {
        return Err(Misuse::act("its state has another version", STATE));
    }
    dtype.order = match (scene.heap.as_str(order), dtype.order) {
        (Some("|"), Order::None) => Order::None,
        (Some("<"), Order::Little) => Order::Little,
        (Some(">"), Order::Little) => Order::Big,
        _ => return Err(Misuse::act("its order does not belong to its code", STATE)),
    };
    let sizes = (int(size), int(alignment), int(flags));
    if !none(subarray) {
        let bare = dtype.kind == DTypeKind::Void && none(names) && none(fields);
        let plain = matches!(sizes.1, Some(1 | 2 | 4 | 8 | 16)) && matches!(sizes.2, Some(0 | 8 | 16));
        if !bare || !plain || sizes.0 != i64::try_from(dtype.size).ok() {
            return Err(Misuse::act("its size, alignment or flags do not agree with its elements", STATE));
        }
        check_elements(scene, subarray, dtype.size)?;
        dtype.kind = DTypeKind::Subarray;
        return Ok(Built::Is(scene.heap.dtype(dtype, scene.budget)?));
    }
    if !none(names) || !none(fields) {
        if dtype.kind != DTypeKind::Void {
            return Err(Misuse::act("it has fields, and its code has none", STATE));
        }
        dtype.fields = structure(scene, names, fields, dtype.size)?;
        dtype.kind = DTypeKind::Struct;
        // Texts are made of zeros first, and what holds one says so.
        let texts = dtype.fields.iter().any(|field| {
            let kind = scene.heap.get_dtype(field.dtype).map(|dtype| dtype.kind);
            matches!(kind, Some(DTypeKind::Text | DTypeKind::Struct | DTypeKind::Subarray))
        });
        let flags = sizes.2.map(|flags| if texts { flags & !8 } else { flags });
        let aligned = matches!(flags, Some(144 | -112));
        let alignment = sizes.1.filter(|alignment| matches!(alignment, 1 | 2 | 4 | 8 | 16));
        if sizes.0 != i64::try_from(dtype.size).ok() || alignment.is_none() || !(aligned || flags == Some(16)) {
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
    Ok(Built::Is(scene.heap.dtype(dtype, scene.budget)?))
}

/// The elements of a field that is an array: `(dtype, shape)`, of exactly so many bytes.
fn check_elements(scene: &mut Scene<'_>, subarray: Value, size: u64) -> Result<(), Misuse> {
    let [element, shape] = arguments(scene, subarray, STATE)?;
    let (_, element) = use_dtype(scene, element, STATE)?;
    let count = match scene.heap.view(shape) {
        View::Int(length) => u64::try_from(length).ok(),
        _ => Some(scene.shape(shape)?.1),
    };
    let whole = count.and_then(|count| count.checked_mul(element.size)) == Some(size);
    if !whole || element.kind == DTypeKind::Object {
        return Err(Misuse::act("its elements are objects, or have another size together", STATE));
    }
    Ok(())
}

/// The fields of a structure: names in order, and `{name: (dtype, offset)}`.
fn structure(scene: &mut Scene<'_>, names: Value, fields: Value, size: u64) -> Result<Vec<Field>, Misuse> {
    let wrong = |what: &'static str| Misuse::act(what, STATE);
    let names = scene.heap.as_tuple(names).ok_or_else(|| wrong("its names are no tuple"))?;
    let count = names.len();
    let names: Vec<Value> = names.take(1024).collect();
    let pairs = scene.heap.as_dict(fields).ok_or_else(|| wrong("its fields are no dict"))?;
    if count == 0 || count > 1024 || pairs.len() != count {
        return Err(wrong("its names and fields differ in number"));
    }
    // Each name is looked for among all: that counts, or many dtypes that share their fields would cost the square.
    scene.budget.values((count as u64).saturating_mul(count as u64))?;
    let mut structure: Vec<Field> = Vec::with_capacity(count);
    let mut spans: Vec<std::ops::Range<u64>> = Vec::with_capacity(count);
    for name in names {
        let name = scene.heap.as_str(name).ok_or_else(|| wrong("a field's name is no text"))?.to_owned();
        let field = scene.heap.lookup(fields, &name).ok_or_else(|| wrong("a name has no field"))?;
        let [dtype, offset] = arguments(scene, field, STATE)?;
        let (id, dtype) = use_field(scene, dtype, STATE)?;
        let offset = scene.heap.view(offset).int().and_then(|offset| u64::try_from(offset).ok());
        let end = offset.and_then(|offset| offset.checked_add(dtype.size));
        let (Some(offset), Some(end)) = (offset, end) else { return Err(wrong("a field's offset is none")) };
        if end > size || dtype.kind == DTypeKind::Object || structure.iter().any(|field| field.name == name) {
            return Err(wrong("a field lies outside, holds objects, or stands twice"));
        }
        structure.push(Field { name, dtype: id, offset });
        spans.push(offset..end);
    }
    spans.sort_by_key(|span| span.start);
    if spans.windows(2).any(|pair| matches!(pair, [one, next] if next.start < one.end)) {
        return Err(wrong("two fields lie over one another"));
    }
    if !structure.iter().all(|field| !holds_objects(scene, field)) {
        return Err(wrong("a field holds objects"));
    }
    Ok(structure)
}

/// Whether a field is of a structure with objects. Fields of fields were checked when they were made.
fn holds_objects(scene: &Scene<'_>, field: &Field) -> bool {
    scene.heap.get_dtype(field.dtype).is_none_or(|dtype| dtype.kind == DTypeKind::Object)
}

/// The unit of a time: `(None or {}, (b'ns', 1, 1, 1))`.
fn check_unit(scene: &Scene<'_>, metadata: Value) -> Result<(), Misuse> {
    let [dict, unit] = arguments(scene, metadata, STATE)?;
    let empty = match scene.heap.view(dict) {
        View::None => true,
        View::Dict(pairs) => pairs.len() == 0,
        _ => false,
    };
    let [unit, numbers @ ..]: [Value; 4] = arguments(scene, unit, STATE)?;
    let known = |unit: &[u8]| {
        matches!(
            unit,
            b"Y" | b"M" | b"W" | b"D" | b"h" | b"m" | b"s" | b"ms" | b"us" | b"ns" | b"ps" | b"fs" | b"as" | b"generic"
        )
    };
    let unit = match scene.heap.view(unit) {
        View::Bytes(blob) => matches!(scene.heap.blob_bytes(blob), crate::graph::Bytes::Kept(unit) if known(unit)),
        View::Text(text) => known(text.bytes()),
        _ => false,
    };
    let small = |number: &Value| matches!(scene.heap.view(*number), View::Int(1..=1_000_000));
    if !empty || !unit || !numbers.iter().all(small) {
        return Err(Misuse::act("its unit of time is none", STATE));
    }
    Ok(())
}
