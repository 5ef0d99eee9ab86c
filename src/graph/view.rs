//! What a value is.

use super::array::{Array, ArrayData, ArrayId, BlobId, Bytes, DType, DTypeId};
use super::heap::{Heap, Object, ObjectId, long_to_i64};
use super::names::{Name, NameId};
use super::sequence::{Items, Pairs};
use super::text::Text;
use super::value::{Tag, Value};

/// A value, seen.
#[derive(Debug, Clone)]
pub enum View<'h> {
    /// Python's `None`.
    None,
    /// `True` or `False`.
    Bool(bool),
    /// A whole number of at most 56 bits.
    Int(i64),
    /// A longer whole number: two's complement, little-endian.
    Long(&'h [u8]),
    /// A float.
    Float(f64),
    /// Text.
    Text(Text<'h>),
    /// A Python 2 `str` that is not ASCII.
    Latin(&'h [u8]),
    /// `bytes`.
    Bytes(BlobId),
    /// `bytearray`.
    ByteArray(BlobId),
    /// A tuple.
    Tuple(Items<'h>),
    /// A list.
    List(Items<'h>),
    /// A dict.
    Dict(Pairs<'h>),
    /// A set.
    Set(Items<'h>),
    /// A frozenset.
    FrozenSet(Items<'h>),
    /// A name, kept as a value.
    Name(NameId, &'h Name),
    /// What a call or a class made.
    Object(ObjectId, &'h Object),
    /// A numpy array.
    Array(&'h Array),
    /// A numpy dtype.
    DType(DTypeId, &'h DType),
}

impl Heap {
    /// What a value is.
    pub fn view(&self, value: Value) -> View<'_> {
        match value.tag() {
            Tag::None => View::None,
            Tag::Bool => View::Bool(value.payload() == 1),
            Tag::Int => View::Int(value.signed_payload()),
            Tag::Long => View::Long(self.run(value)),
            Tag::Float => View::Float(self.float_at(value)),
            Tag::Text => View::Text(self.text_at(value)),
            Tag::Latin => View::Latin(self.run(value)),
            Tag::Bytes => View::Bytes(BlobId(value.payload())),
            Tag::ByteArray => View::ByteArray(BlobId(value.payload())),
            Tag::Tuple => View::Tuple(self.tuple_at(value)),
            Tag::List => View::List(self.sequence_at(value)),
            Tag::Dict => View::Dict(Pairs(self.sequence_at(value))),
            Tag::Set => View::Set(self.sequence_at(value)),
            Tag::FrozenSet => View::FrozenSet(self.sequence_at(value)),
            Tag::Name => self.name_view(NameId(u32::try_from(value.payload()).unwrap_or(u32::MAX))),
            Tag::Object => {
                let id = ObjectId(value.payload());
                match self.get_object(id) {
                    Some(object) if object.is_state && object.state.tag() != Tag::Object => self.view(object.state),
                    Some(object) => View::Object(id, object),
                    None => View::None,
                }
            }
            Tag::Array => self.get_array(ArrayId(value.payload())).map_or(View::None, View::Array),
            Tag::DType => {
                let id = DTypeId(u32::try_from(value.payload()).unwrap_or(u32::MAX));
                self.get_dtype(id).map_or(View::None, |dtype| View::DType(id, dtype))
            }
        }
    }

    /// The array or dtype that an object is, in its place; any other value as it is.
    pub fn settled(&self, value: Value) -> Value {
        match self.as_object(value) {
            Some((_, object)) if object.is_state && matches!(object.state.tag(), Tag::Array | Tag::DType) => {
                object.state
            }
            _ => value,
        }
    }

    fn name_view(&self, id: NameId) -> View<'_> {
        self.get_name(id).map_or(View::None, |name| View::Name(id, name))
    }

    /// The items of a tuple, if the value is one.
    pub fn as_tuple(&self, value: Value) -> Option<Items<'_>> {
        match self.view(value) {
            View::Tuple(items) => Some(items),
            _ => None,
        }
    }

    /// The items of a list or a tuple.
    pub fn as_items(&self, value: Value) -> Option<Items<'_>> {
        match self.view(value) {
            View::List(items) | View::Tuple(items) => Some(items),
            _ => None,
        }
    }

    /// How many items a list or a tuple has; none if it is neither.
    pub fn items_in(&self, value: Value) -> u64 {
        self.as_items(value).map_or(0, |items| items.len() as u64)
    }

    /// The pairs of a dict, if the value is one.
    pub fn as_dict(&self, value: Value) -> Option<Pairs<'_>> {
        match self.view(value) {
            View::Dict(pairs) => Some(pairs),
            _ => None,
        }
    }

    /// The text, if the value is text without lone surrogates.
    pub fn as_str(&self, value: Value) -> Option<&str> {
        match self.view(value) {
            View::Text(text) => text.as_str(),
            _ => None,
        }
    }

    /// The name, if the value is a name.
    pub fn as_name(&self, value: Value) -> Option<(NameId, &Name)> {
        match self.view(value) {
            View::Name(id, name) => Some((id, name)),
            _ => None,
        }
    }

    /// The object, if the value is one: also one that is shown as what stands in its state.
    pub fn as_object(&self, value: Value) -> Option<(ObjectId, &Object)> {
        let id = ObjectId(value.payload());
        if value.tag() == Tag::Object { self.get_object(id).map(|object| (id, object)) } else { None }
    }

    /// The array, if the value is one.
    pub fn as_array(&self, value: Value) -> Option<&Array> {
        match self.view(value) {
            View::Array(array) => Some(array),
            _ => None,
        }
    }

    /// The bytes of an array's elements, if it has no Python objects and they were kept.
    pub fn array_bytes(&self, array: &Array) -> Option<&[u8]> {
        match array.data {
            ArrayData::Blob(blob) => match self.blob_bytes(blob) {
                Bytes::Kept(bytes) => Some(bytes),
                Bytes::Passed => None,
            },
            ArrayData::Objects(_) => None,
        }
    }

    /// The value of a text key in a dict; the last one, if it was set twice.
    pub fn lookup(&self, dict: Value, key: &str) -> Option<Value> {
        self.as_dict(dict)?.filter(|(found, _)| self.is_text(*found, key)).last().map(|(_, value)| value)
    }

    /// Whether Python can hash the value as coldload reads it: plain data, tuples and frozensets of it, names, dtypes and numbers of
    /// numpy's. Those are looked into four levels deep; no writer nests keys deeper, and Python's time to compare two grows with
    /// the power of the depth.
    #[inline]
    pub fn is_hashable(&self, value: Value) -> bool {
        match value.tag() {
            Tag::Tuple | Tag::FrozenSet | Tag::Object => self.hashed_parts(value).is_some(),
            Tag::List | Tag::Dict | Tag::Set | Tag::ByteArray | Tag::Array => false,
            _ => true,
        }
    }

    /// Whether a value is a name, or may hold others.
    #[inline]
    pub fn holds_more(&self, value: Value) -> bool {
        use Tag::{Dict, FrozenSet, List, Name, Object, Set, Tuple};
        matches!(value.tag(), Tuple | List | Dict | Set | FrozenSet | Name | Object)
    }

    /// How many values are looked at to see that it [can be hashed](Heap::is_hashable); `None` if it can not.
    pub fn hashed_parts(&self, value: Value) -> Option<u64> {
        let mut todo = vec![(value, 0u8)];
        let mut met = 0u64;
        while let Some((value, depth)) = todo.pop() {
            met = met.saturating_add(1);
            match self.view(value) {
                View::List(_) | View::Dict(_) | View::Set(_) | View::ByteArray(_) | View::Array(_) => return None,
                View::Tuple(items) | View::FrozenSet(items) => {
                    if depth == 4 || met > 256 || items.len() > 256 {
                        return None;
                    }
                    todo.extend(items.map(|item| (item, depth.saturating_add(1))));
                }
                View::Object(_, object) if !object.hashable => return None,
                _ => {}
            }
        }
        Some(met)
    }

    /// Whether the value is this text.
    pub fn is_text(&self, value: Value, text: &str) -> bool {
        match value.tag() {
            Tag::Text => self.text_at(value).is(text),
            // It may be shown as one.
            Tag::Object => matches!(self.view(value), View::Text(found) if found.is(text)),
            _ => false,
        }
    }
}

impl View<'_> {
    /// The whole number, if the value is one of at most 64 bits. `True` and `False` are not.
    pub fn int(&self) -> Option<i64> {
        match self {
            View::Int(value) => Some(*value),
            View::Long(bytes) => long_to_i64(bytes),
            _ => None,
        }
    }

    /// What Python calls the type, for messages.
    pub fn kind(&self) -> &'static str {
        match self {
            View::None => "None",
            View::Bool(_) => "a bool",
            View::Int(_) | View::Long(_) => "an int",
            View::Float(_) => "a float",
            View::Text(_) => "a str",
            View::Latin(_) => "a Python 2 str",
            View::Bytes(_) => "bytes",
            View::ByteArray(_) => "a bytearray",
            View::Tuple(_) => "a tuple",
            View::List(_) => "a list",
            View::Dict(_) => "a dict",
            View::Set(_) => "a set",
            View::FrozenSet(_) => "a frozenset",
            View::Name(..) => "a name",
            View::Object(..) => "an object",
            View::Array(_) => "an array",
            View::DType(..) => "a dtype",
        }
    }
}
