//! Labels of classes: what a classifier answers with, and what the schema lists.

use super::error::Fault;
use super::repr;
use super::state::Flaw;
use crate::graph::{Array, ArrayData, Bytes, DType, DTypeKind, Heap, Object, Order, Value, View};

/// One label.
#[derive(Debug, Clone, PartialEq)]
pub enum Label {
    /// A whole number.
    Int(i64),
    /// A whole number beyond `i64`.
    Uint(u64),
    /// A float.
    Float(f64),
    /// A truth value.
    Bool(bool),
    /// A text.
    Text(String),
    /// `None`, which an array of Python objects can hold.
    None,
}

impl Label {
    /// The label as text: whole numbers in decimal, floats in Python's `repr`, `True` and `False`, texts as they are.
    pub fn text(&self) -> String {
        match self {
            Label::Int(value) => value.to_string(),
            Label::Uint(value) => value.to_string(),
            Label::Float(value) => repr::float(*value),
            Label::Bool(value) => if *value { "True" } else { "False" }.to_owned(),
            Label::Text(text) => text.clone(),
            Label::None => "None".to_owned(),
        }
    }
}

/// The labels of one output, in the order in which probabilities are given.
#[derive(Debug, Clone, PartialEq)]
pub struct Labels {
    /// numpy's name of their type.
    pub dtype: String,
    /// Each label.
    pub items: Vec<Label>,
}

/// The labels of an array with one dimension; `None` when their bytes were not kept, or they are of another kind.
pub(super) fn labels(heap: &Heap, array: &Array) -> Option<Labels> {
    let dtype = heap.get_dtype(array.dtype)?;
    if array.shape.len() != 1 {
        return None;
    }
    let items = match array.data {
        ArrayData::Objects(list) => match heap.view(list) {
            View::List(items) => items.map(|item| object(heap.view(item))).collect::<Option<Vec<_>>>()?,
            _ => return None,
        },
        ArrayData::Blob(_) => {
            let size = usize::try_from(dtype.size).ok().filter(|size| *size > 0)?;
            heap.array_bytes(array)?
                .chunks_exact(size)
                .map(|bytes| element(dtype, bytes))
                .collect::<Option<Vec<_>>>()?
        }
    };
    let whole = u64::try_from(items.len()) == Ok(array.len());
    whole.then(|| Labels { dtype: dtype.name(), items })
}

/// The counts that an array of whole numbers with one dimension holds.
pub(super) fn counts(heap: &Heap, attribute: &'static str, array: &Array) -> Result<Vec<u64>, Flaw> {
    let unkept = || Flaw::Unknown(format!("{attribute} was not kept"));
    let dtype = heap.get_dtype(array.dtype).ok_or_else(unkept)?;
    let wrong = || Fault::Elements { attribute, found: dtype.name(), wanted: "counts" };
    if !matches!(dtype.kind, DTypeKind::Int | DTypeKind::Uint) {
        return Err(wrong().into());
    }
    let found = labels(heap, array).ok_or_else(unkept)?;
    let count = |label: &Label| match label {
        Label::Int(count) => u64::try_from(*count).ok(),
        _ => None,
    };
    Ok(found.items.iter().map(count).collect::<Option<Vec<_>>>().ok_or_else(wrong)?)
}

fn object(view: View<'_>) -> Option<Label> {
    Some(match view {
        View::None => Label::None,
        View::Bool(value) => Label::Bool(value),
        View::Int(_) | View::Long(_) => Label::Int(view.int()?),
        View::Float(value) => Label::Float(value),
        View::Text(text) => Label::Text(String::from_utf8_lossy(text.bytes()).into_owned()),
        _ => return None,
    })
}

/// One element of an array, or a number by itself.
pub(super) fn element(dtype: &DType, bytes: &[u8]) -> Option<Label> {
    let big = dtype.order == Order::Big;
    Some(match dtype.kind {
        DTypeKind::Bool => Label::Bool(bytes.first() != Some(&0)),
        DTypeKind::Int | DTypeKind::Uint => {
            let unsigned = wide(bytes, big)?;
            let unused = 64u32.checked_sub(u32::try_from(bytes.len()).ok()?.checked_mul(8)?)?;
            match dtype.kind {
                DTypeKind::Int => Label::Int((unsigned << unused).cast_signed() >> unused),
                _ => i64::try_from(unsigned).map_or(Label::Uint(unsigned), Label::Int),
            }
        }
        DTypeKind::Float if bytes.len() == 8 => Label::Float(f64::from_bits(wide(bytes, big)?)),
        DTypeKind::Float if bytes.len() == 4 => {
            Label::Float(f64::from(f32::from_bits(u32::try_from(wide(bytes, big)?).ok()?)))
        }
        DTypeKind::Text => Label::Text(text(bytes, big)),
        _ => return None,
    })
}

/// A whole number, which may be one of numpy's.
pub(super) fn int(heap: &Heap, value: Value) -> Option<i64> {
    match heap.as_object(value) {
        Some((_, object)) => match scalar(heap, object) {
            Some((_, Label::Int(number))) => Some(number),
            _ => None,
        },
        None => heap.view(value).int(),
    }
}

/// A number of numpy's that stands by itself, and its type, however numpy called the function that makes it.
pub(super) fn scalar<'h>(heap: &'h Heap, object: &Object) -> Option<(&'h DType, Label)> {
    heap.get_name(object.name).filter(|name| name.qualname == "scalar")?;
    let [dtype, bytes] = heap.as_tuple(object.args)?.exactly()?;
    let (View::DType(_, dtype), View::Bytes(blob)) = (heap.view(dtype), heap.view(bytes)) else { return None };
    let Bytes::Kept(bytes) = heap.blob_bytes(blob) else { return None };
    Some((dtype, element(dtype, bytes)?))
}

/// At most 8 bytes as a number.
fn wide(bytes: &[u8], big: bool) -> Option<u64> {
    let mut out = [0u8; 8];
    let count = bytes.len();
    let slots = out.get_mut(..count)?;
    slots.copy_from_slice(bytes);
    if big {
        slots.reverse();
    }
    (count > 0).then(|| u64::from_le_bytes(out))
}

/// Text of fixed length: 4 bytes a code point, filled up with zeros.
fn text(bytes: &[u8], big: bool) -> String {
    let codes = bytes.as_chunks::<4>().0.iter().map(|code| match big {
        true => u32::from_be_bytes(*code),
        false => u32::from_le_bytes(*code),
    });
    let all: String = codes.map(|code| char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER)).collect();
    all.trim_end_matches('\0').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dtype(kind: DTypeKind, order: Order, size: u64) -> DType {
        DType::plain(kind, order, size)
    }

    #[test]
    fn elements_of_every_kind_are_read() {
        let int = dtype(DTypeKind::Int, Order::Little, 4);
        assert_eq!(element(&int, &[0xfe, 0xff, 0xff, 0xff]), Some(Label::Int(-2)));
        let big = dtype(DTypeKind::Uint, Order::Big, 8);
        assert_eq!(element(&big, &[0xff; 8]), Some(Label::Uint(u64::MAX)));
        let text = dtype(DTypeKind::Text, Order::Little, 12);
        assert_eq!(element(&text, b"a\0\0\0\xe9\0\0\0\0\0\0\0"), Some(Label::Text("aé".to_owned())));
        assert_eq!(element(&dtype(DTypeKind::Bool, Order::None, 1), &[1]), Some(Label::Bool(true)));
        assert_eq!(element(&dtype(DTypeKind::Complex, Order::Little, 16), &[0; 16]), None);
        let float = dtype(DTypeKind::Float, Order::Big, 8);
        assert_eq!(element(&float, &0.1f64.to_be_bytes()).map(|label| label.text()), Some("0.1".to_owned()));
    }
}
