//! numpy's structures: fields by name, and rows of them that hold Python objects (`numpy/core/src/multiarray/arraytypes.c.src`,
//! `VOID_setitem`).

use super::super::scene::{Misuse, Scene};
use super::super::shape::Shape;
use super::arguments;
use super::dtype::{STATE, with_an_end};
use super::form::Form;
use super::numpy::use_field;
use crate::graph::{DType, DTypeId, DTypeKind, Field, Totals, Value, View};

/// Most fields of a structure.
const MOST: usize = 1024;
/// Most fields in one another, which numpy hashes and compares one by one.
const MOST_INSIDE: u64 = 100_000;
/// Most dtypes in one another.
pub const DEEPEST: u32 = 16;

/// The structure of these fields: names in order, and `{name: (dtype, offset)}`. A field may have a title, by which it stands in
/// the dict once more.
pub fn structure(scene: &mut Scene<'_>, names: Value, fields: Value, size: u64) -> Result<DType, Misuse> {
    let wrong = |what: &'static str| Misuse::act(what, STATE);
    let names = scene.heap.as_tuple(names).ok_or_else(|| wrong("its names are no tuple"))?;
    let count = names.len();
    let names: Vec<Value> = names.take(MOST).collect();
    let pairs = scene.heap.as_dict(fields).ok_or_else(|| wrong("its fields are no dict"))?.len();
    if count > MOST || pairs < count || pairs > count.saturating_mul(2) {
        return Err(wrong("its names and fields differ in number"));
    }
    // Each name is looked for among all: that counts, or many dtypes that share their fields would cost the square.
    scene.budget.values((count as u64).saturating_mul(pairs as u64))?;
    let mut made: Vec<Field> = Vec::with_capacity(count);
    let (mut spans, mut titles) = (Vec::with_capacity(count), Vec::<String>::new());
    let mut totals = Totals::default();
    for name in names {
        let name = scene.heap.as_str(name).ok_or_else(|| wrong("a field's name is no text"))?.to_owned();
        let field = scene.heap.lookup(fields, &name).ok_or_else(|| wrong("a name has no field"))?;
        let (dtype, offset, title) = field_of(scene, field)?;
        let (id, dtype) = use_field(scene, dtype, STATE)?;
        if let Some(title) = title {
            let same = scene.heap.lookup(fields, &title).map(|field| field_of(scene, field)).transpose()?;
            if !same.is_some_and(|(dtype, at, same)| {
                matches!(scene.heap.view(dtype), View::DType(other, _) if other == id)
                    && at == offset
                    && same.as_ref() == Some(&title)
            }) {
                return Err(wrong("a title stands for another field than its own"));
            }
            titles.push(title);
        }
        // numpy goes into each of them by a call of its own, and has no end of them.
        if dtype.depth >= DEEPEST {
            return Err(wrong("more dtypes stand in one another than any honest file has"));
        }
        let Some(end) = offset.checked_add(dtype.size) else { return Err(wrong("a field's offset is none")) };
        if end > size || made.iter().any(|field| field.name == name) {
            return Err(wrong("a field lies outside, or stands twice"));
        }
        totals = totals.and(&dtype);
        made.push(Field { name, dtype: id, offset });
        spans.push(offset..end);
    }
    if totals.inside > MOST_INSIDE {
        return Err(wrong("more fields stand in one another than any honest file has"));
    }
    titles.sort_unstable();
    titles.dedup();
    if pairs != count.saturating_add(titles.len()) || made.iter().any(|field| titles.binary_search(&field.name).is_ok())
    {
        return Err(wrong("its names and fields differ in number"));
    }
    let objects = totals.objects;
    // numpy knows a title by its identity, and would let go of an object twice.
    if objects && !titles.is_empty() {
        return Err(wrong("it has titles, and holds objects"));
    }
    spans.sort_by_key(|span: &std::ops::Range<u64>| span.start);
    if objects && spans.windows(2).any(|pair| matches!(pair, [one, next] if next.start < one.end)) {
        return Err(wrong("two fields lie over one another, and there are objects in it"));
    }
    with_an_end(DType::structure(made, size, totals))
}

/// A field's dtype, its offset, and its title.
fn field_of(scene: &Scene<'_>, field: Value) -> Result<(Value, u64, Option<String>), Misuse> {
    let titled = scene.heap.as_tuple(field).and_then(|parts| parts.exactly::<3>());
    let [dtype, offset] = match titled {
        Some([dtype, offset, _]) => [dtype, offset],
        None => arguments(scene, field, STATE)?,
    };
    let title = match titled {
        Some([.., title]) => {
            let plain = scene.heap.as_object(title).is_none();
            let title = scene.heap.as_str(title).filter(|_| plain);
            Some(title.ok_or_else(|| Misuse::act("a title is no text", STATE))?.to_owned())
        }
        None => None,
    };
    let offset = scene.heap.view(offset).int().and_then(|offset| u64::try_from(offset).ok());
    Ok((dtype, offset.ok_or_else(|| Misuse::act("a field's offset is none", STATE))?, title))
}

/// Whether a field is of text, or may hold one.
pub fn holds_texts(scene: &Scene<'_>, dtype: &DType) -> bool {
    dtype.fields.iter().any(|field| {
        let kind = scene.heap.get_dtype(field.dtype).map(|dtype| dtype.kind);
        matches!(kind, Some(DTypeKind::Text | DTypeKind::Struct | DTypeKind::Subarray))
    })
}

/// The dtype of an array or scalar that holds Python objects. Where it is not the one that is asked for, numpy asks the objects how
/// they look as text or as a number, and so calls what is in them.
pub fn holds_objects(scene: &Scene<'_>, value: Value) -> Option<DTypeId> {
    let id = match scene.heap.view(value) {
        View::Object(_, object) if scene.roles.shape(object.name) == Some(Shape::Scalar) => {
            let dtype = scene.heap.as_tuple(object.args)?.at(0)?;
            let View::DType(id, _) = scene.heap.view(dtype) else { return None };
            id
        }
        _ => scene.heap.as_array(value)?.dtype,
    };
    scene.heap.get_dtype(id).filter(|dtype| dtype.objects).map(|_| id)
}

const ROW: &str = "an honest file has a tuple with a plain value for each field there";

/// What is paid for a value of a row, which is looked at in several ways.
const PART: u64 = 3;

/// Checks the rows of an array whose structure holds objects: numpy asks a value that is none of its own kind how it looks as text
/// or as a number.
pub fn check_rows(scene: &mut Scene<'_>, rows: Value, dtype: DTypeId) -> Result<(), Misuse> {
    const PLAIN: Form = Form::Either(&[
        Form::None,
        Form::Bool,
        Form::Whole,
        Form::Float,
        Form::Text,
        Form::Array,
        Form::Object(&[Shape::Scalar, Shape::Complex, Shape::Moment]),
    ]);
    let View::List(rows) = scene.heap.view(rows) else { return Ok(()) };
    let mut todo: Vec<(Value, DTypeId)> = Vec::new();
    for row in rows.collect::<Vec<_>>() {
        todo.push((row, dtype));
        while let Some((value, dtype)) = todo.pop() {
            let Some(dtype) = scene.heap.get_dtype(dtype) else { continue };
            scene.budget.values(PART)?;
            if dtype.kind == DTypeKind::Struct {
                let fields: Vec<DTypeId> = dtype.fields.iter().map(|field| field.dtype).collect();
                let parts = scene.heap.as_tuple(value).filter(|parts| parts.len() == fields.len());
                let parts = parts.ok_or_else(|| Misuse::act("a row has not one value a field", ROW))?;
                todo.extend(parts.zip(fields));
                continue;
            }
            if dtype.kind == DTypeKind::Object {
                continue;
            }
            // Elements of its own that are objects are objects alone (`dtype.rs`).
            let several = dtype.kind == DTypeKind::Subarray;
            let held = holds_objects(scene, value).and_then(|id| scene.heap.get_dtype(id));
            if held.is_some_and(|held| !(several && dtype.objects && held.kind == DTypeKind::Object)) {
                return Err(Misuse::act("a field of a row is made of objects that are not of its kind", ROW));
            }
            if !several && scene.heap.as_array(value).is_some_and(|array| !array.shape.is_empty()) {
                return Err(Misuse::act("a field of a row is an array of several values", ROW));
            }
            let number = matches!(scene.heap.view(value), View::Long(_) | View::Bytes(_) | View::Latin(_));
            if !number && !PLAIN.fits(scene, value)? {
                return Err(Misuse::act(format!("a field of a row is {}", scene.heap.view(value).kind()), ROW));
            }
        }
    }
    Ok(())
}
