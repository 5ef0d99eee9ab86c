//! A document that was read back: the same graph, as plain data.

use super::{Form, SCHEMA};
use base64ct::{Base64, Encoding};
use serde::de::{Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::ser::SerializeMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::io::Read;

/// A graph.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Document {
    /// [`SCHEMA`].
    pub schema: String,
    /// The names that the file asks for.
    pub names: Vec<Name>,
    /// The dtypes of its arrays.
    pub dtypes: Vec<DType>,
    /// The value of each pickle in the file.
    pub roots: Vec<Value>,
    /// All that can be met more than once.
    pub nodes: Vec<Node>,
}

/// A name, as written in the file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Name {
    /// The module.
    pub module: String,
    /// The name in the module.
    pub name: String,
}

/// A numpy dtype.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DType {
    /// numpy's code of the type, with its byte order, such as `<f8`; `V` for fields.
    pub code: String,
    /// Bytes an element.
    pub size: u64,
    /// The fields of a structured type.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<Field>,
}

/// A field of a structured dtype.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Field {
    /// Its name.
    pub name: String,
    /// Index of its dtype.
    pub dtype: u32,
    /// Offset in the element, in bytes.
    pub offset: u64,
}

/// A value where it is used.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// `None`
    None,
    /// `True` or `False`
    Bool(bool),
    /// A whole number of at most 64 bits.
    Int(i64),
    /// A longer one: two's complement, little-endian.
    Long(Data),
    /// A float, by its bits: no NaN is equal to another otherwise.
    Float(u64),
    /// Text.
    Text(String),
    /// Text with lone surrogates, as CPython's `surrogatepass` writes it.
    Surrogates(Data),
    /// A Python 2 `str` that is not ASCII.
    Latin(Data),
    /// `bytes`
    Bytes(Data),
    /// A name, by its index.
    Name(u32),
    /// A dtype, by its index.
    DType(u32),
    /// A node, by its index.
    Ref(u64),
}

/// Something that can be met more than once.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Node {
    /// A tuple.
    Tuple(Vec<Value>),
    /// A list.
    List(Vec<Value>),
    /// A dict: its keys and values, in order.
    Dict(Vec<(Value, Value)>),
    /// A set.
    Set(Vec<Value>),
    /// A frozenset.
    FrozenSet(Vec<Value>),
    /// A long text.
    Text(String),
    /// A long text with lone surrogates.
    Surrogates(Data),
    /// A long Python 2 `str`.
    Latin(Data),
    /// A long whole number.
    Long(Data),
    /// Long `bytes`.
    Bytes(Data),
    /// A `bytearray`.
    ByteArray(Data),
    /// A numpy array.
    Array(Array),
    /// What a class or a call would make.
    Object(Made),
}

/// A numpy array.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Array {
    /// Index of its dtype.
    pub dtype: u32,
    /// Length along each axis.
    pub shape: Vec<u64>,
    /// Whether the first axis changes fastest.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub fortran: bool,
    /// Its elements.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data: Option<Data>,
    /// Its elements, where they are Python objects: a list.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub objects: Option<Value>,
}

/// What a class or a call would make. Nothing was called.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Made {
    /// Its class, or the function whose result it is.
    pub class: u32,
    /// The name that was called, if it is another.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub made_by: Option<u32>,
    /// Arguments: a tuple.
    pub args: Value,
    /// The state that it was given.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "there")]
    pub state: Option<Value>,
    /// What was put into it: a list or a dict.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub items: Option<Value>,
    /// What it is, if that is plain data: numpy's numbers and texts.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "there")]
    pub is: Option<Value>,
}

/// A value that is there, also if it is `None`.
fn there<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Value>, D::Error> {
    Value::deserialize(deserializer).map(Some)
}

/// Raw bytes: base64 in JSON.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Data(pub Vec<u8>);

/// Why bytes are no document.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// They are no JSON of this form.
    #[error("no dump in JSON: {0}")]
    Json(#[from] serde_json::Error),
    /// They are no CBOR of this form.
    #[error("no dump in CBOR: {0}")]
    Cbor(#[from] ciborium::de::Error<std::io::Error>),
    /// Another version.
    #[error("the document's schema is {0:?}, not {SCHEMA:?}")]
    Schema(String),
    /// An index of nothing.
    #[error("there is no {0} {1}")]
    Index(&'static str, u64),
}

impl Document {
    /// Reads a document, and checks that whatever it refers to is in it.
    pub fn read(mut from: impl Read, form: Form) -> Result<Document, ReadError> {
        let document: Document = match form {
            Form::Json => serde_json::from_reader(from)?,
            Form::Cbor => ciborium::from_reader(&mut from)?,
        };
        if document.schema != SCHEMA {
            return Err(ReadError::Schema(document.schema));
        }
        document.check()?;
        Ok(document)
    }

    fn check(&self) -> Result<(), ReadError> {
        let within = |what, index: u64, count: usize| {
            if index < count as u64 { Ok(()) } else { Err(ReadError::Index(what, index)) }
        };
        let name = |index: &u32| within("name", u64::from(*index), self.names.len());
        let dtype = |index: &u32| within("dtype", u64::from(*index), self.dtypes.len());
        let value = |value: &Value| match value {
            Value::Ref(index) => within("node", *index, self.nodes.len()),
            Value::Name(index) => name(index),
            Value::DType(index) => dtype(index),
            _ => Ok(()),
        };
        self.dtypes.iter().flat_map(|dtype| &dtype.fields).try_for_each(|field| dtype(&field.dtype))?;
        self.roots.iter().try_for_each(value)?;
        self.nodes.iter().try_for_each(|node| match node {
            Node::Tuple(items) | Node::List(items) | Node::Set(items) | Node::FrozenSet(items) => {
                items.iter().try_for_each(value)
            }
            Node::Dict(pairs) => pairs.iter().try_for_each(|(key, item)| value(key).and_then(|()| value(item))),
            Node::Array(array) => dtype(&array.dtype).and_then(|()| array.objects.iter().try_for_each(value)),
            Node::Object(made) => {
                name(&made.class)?;
                made.made_by.iter().try_for_each(name)?;
                let values = [&made.state, &made.items, &made.is].into_iter().flatten();
                values.chain([&made.args]).try_for_each(value)
            }
            _ => Ok(()),
        })
    }
}

impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        fn one<S: Serializer, T: Serialize + ?Sized>(serializer: S, key: &str, value: &T) -> Result<S::Ok, S::Error> {
            let mut map = serializer.serialize_map(Some(1))?;
            map.serialize_entry(key, value)?;
            map.end()
        }
        match self {
            Value::None => serializer.serialize_unit(),
            Value::Bool(value) => serializer.serialize_bool(*value),
            Value::Int(value) => serializer.serialize_i64(*value),
            Value::Float(bits) => match f64::from_bits(*bits) {
                // JSON has no word for these, and CBOR more than one for a NaN.
                value if value.is_finite() => serializer.serialize_f64(value),
                _ => one(serializer, "float", &format!("{bits:016x}")),
            },
            Value::Text(text) => serializer.serialize_str(text),
            Value::Long(data) => one(serializer, "long", data),
            Value::Surrogates(data) => one(serializer, "surrogates", data),
            Value::Latin(data) => one(serializer, "latin", data),
            Value::Bytes(data) => one(serializer, "bytes", data),
            Value::Name(index) => one(serializer, "name", index),
            Value::DType(index) => one(serializer, "dtype", index),
            Value::Ref(index) => one(serializer, "ref", index),
        }
    }
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(Values)
    }
}

struct Values;

impl<'de> Visitor<'de> for Values {
    type Value = Value;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a value")
    }
    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::None)
    }
    fn visit_none<E>(self) -> Result<Value, E> {
        Ok(Value::None)
    }
    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }
    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Int(value))
    }
    fn visit_u64<E: serde::de::Error>(self, value: u64) -> Result<Value, E> {
        i64::try_from(value).map(Value::Int).map_err(|_| E::custom("a whole number of more than 64 bits"))
    }
    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(Value::Float(value.to_bits()))
    }
    fn visit_str<E>(self, text: &str) -> Result<Value, E> {
        Ok(Value::Text(text.to_owned()))
    }
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let key: String = map.next_key()?.ok_or_else(|| A::Error::custom("an empty map is no value"))?;
        let value = match key.as_str() {
            "float" => {
                let text: String = map.next_value()?;
                let bits = u64::from_str_radix(&text, 16).ok().filter(|_| text.len() == 16);
                Value::Float(bits.ok_or_else(|| A::Error::custom("a float is 16 hexadecimal digits"))?)
            }
            "long" => Value::Long(map.next_value()?),
            "surrogates" => Value::Surrogates(map.next_value()?),
            "latin" => Value::Latin(map.next_value()?),
            "bytes" => Value::Bytes(map.next_value()?),
            "name" => Value::Name(map.next_value()?),
            "dtype" => Value::DType(map.next_value()?),
            "ref" => Value::Ref(map.next_value()?),
            _ => return Err(A::Error::custom("a map that is no value")),
        };
        match map.next_key::<IgnoredAny>()? {
            Some(_) => Err(A::Error::custom("a value has one key")),
            None => Ok(value),
        }
    }
}

/// Bytes as a serializer takes them: base64 in three-byte steps, so that no second copy of a large array is made.
pub(super) struct Raw<'a>(pub &'a [u8]);

impl std::fmt::Display for Raw<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut text = [0; 4 << 10];
        for piece in self.0.chunks(3 << 10) {
            f.write_str(Base64::encode(piece, &mut text).map_err(|_| std::fmt::Error)?)?;
        }
        Ok(())
    }
}

impl Serialize for Raw<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() { serializer.collect_str(self) } else { serializer.serialize_bytes(self.0) }
    }
}

impl Serialize for Data {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Raw(&self.0).serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Data {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Data, D::Error> {
        struct Bytes;
        impl<'de> Visitor<'de> for Bytes {
            type Value = Data;
            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("bytes, or their base64")
            }
            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Data, E> {
                Base64::decode_vec(text).map(Data).map_err(E::custom)
            }
            fn visit_bytes<E>(self, bytes: &[u8]) -> Result<Data, E> {
                Ok(Data(bytes.to_vec()))
            }
            fn visit_byte_buf<E>(self, bytes: Vec<u8>) -> Result<Data, E> {
                Ok(Data(bytes))
            }
            fn visit_seq<A: SeqAccess<'de>>(self, _: A) -> Result<Data, A::Error> {
                Err(A::Error::custom("a list is no bytes"))
            }
        }
        if deserializer.is_human_readable() {
            deserializer.deserialize_str(Bytes)
        } else {
            deserializer.deserialize_byte_buf(Bytes)
        }
    }
}
