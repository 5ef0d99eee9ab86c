//! Writing a graph, node by node as it is met: no second copy of it is made.

use super::document::{DType, Data, Field, Name, Raw, Value as Inline};
use super::{Form, SCHEMA, SHORT};
use crate::bytes::{Budget, Exceeded};
use crate::graph::{self, ArrayData, BlobId, Bytes, DTypeId, DTypeKind, Heap, Items, Order, Value, View};
use serde::ser::{Error as _, SerializeMap, SerializeSeq};
use serde::{Serialize, Serializer};
use std::cell::{Cell, RefCell};
use std::collections::{HashMap, VecDeque};
use std::io::{self, Write};

/// What it costs to know a node that was met, in bytes.
const ENTRY: u64 = 64;

/// Why a graph was not written.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// The system could not write.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// There is no memory left to know what was met by.
    #[error(transparent)]
    Limit(#[from] Exceeded),
}

/// Writes all that can be reached from the roots. The bytes of arrays must have been kept.
pub fn write(
    heap: &Heap,
    roots: &[Value],
    form: Form,
    budget: &mut Budget,
    out: &mut dyn Write,
) -> Result<(), WriteError> {
    let walk = Walk {
        heap,
        met: RefCell::default(),
        queue: RefCell::default(),
        budget: RefCell::new(budget),
        exceeded: Cell::new(None),
    };
    let document = Whole { walk: &walk, roots };
    let written = match form {
        Form::Json => {
            serde_json::to_writer(&mut *out, &document).map_err(io::Error::from).and_then(|()| out.write_all(b"\n"))
        }
        Form::Cbor => ciborium::into_writer(&document, out).map_err(|error| match error {
            ciborium::ser::Error::Io(error) => error,
            ciborium::ser::Error::Value(text) => io::Error::other(text),
        }),
    };
    match walk.exceeded.get() {
        Some(exceeded) => Err(exceeded.into()),
        None => Ok(written?),
    }
}

/// What was met, and what of it is still to be written.
struct Walk<'h> {
    heap: &'h Heap,
    met: RefCell<HashMap<Value, u64>>,
    queue: RefCell<VecDeque<Value>>,
    budget: RefCell<&'h mut Budget>,
    /// Whether there was no more of it for a node: then no more of them are written.
    exceeded: Cell<Option<Exceeded>>,
}

impl Walk<'_> {
    /// The index of a node, a new one if it was not met before.
    fn node(&self, value: Value) -> u64 {
        let mut met = self.met.borrow_mut();
        let next = met.len() as u64;
        if let Some(known) = met.get(&value) {
            return *known;
        }
        if let Err(exceeded) = self.budget.borrow_mut().memory(ENTRY) {
            self.exceeded.set(Some(exceeded));
            return next;
        }
        met.insert(value, next);
        self.queue.borrow_mut().push_back(value);
        next
    }

    /// A value where it is used.
    fn inline(&self, value: Value) -> Inline {
        let value = self.heap.settled(value);
        let data = |bytes: &[u8]| Data(bytes.to_vec());
        match self.heap.view(value) {
            _ if self.heap.as_object(value).is_some() => Inline::Ref(self.node(value)),
            View::None => Inline::None,
            View::Bool(value) => Inline::Bool(value),
            View::Int(value) => Inline::Int(value),
            View::Long(bytes) => match (graph::long_to_i64(bytes), shortest(bytes)) {
                (Some(value), _) => Inline::Int(value),
                (None, bytes) if bytes.len() <= SHORT => Inline::Long(data(bytes)),
                _ => Inline::Ref(self.node(value)),
            },
            View::Float(value) => Inline::Float(value.to_bits()),
            View::Text(text) if text.bytes().len() <= SHORT => match text.as_str() {
                Some(text) => Inline::Text(text.to_owned()),
                None => Inline::Surrogates(data(text.bytes())),
            },
            View::Latin(bytes) if bytes.len() <= SHORT => Inline::Latin(data(bytes)),
            View::Bytes(blob) => match self.heap.blob_bytes(blob) {
                Bytes::Kept(bytes) if bytes.len() <= SHORT => Inline::Bytes(data(bytes)),
                _ => Inline::Ref(self.node(value)),
            },
            View::Name(name, _) => Inline::Name(name.0),
            View::DType(dtype, _) => Inline::DType(dtype.0),
            _ => Inline::Ref(self.node(value)),
        }
    }

    fn bytes<E: serde::ser::Error>(&self, blob: BlobId) -> Result<Raw<'_>, E> {
        match self.heap.blob_bytes(blob) {
            Bytes::Kept(bytes) => Ok(Raw(bytes)),
            Bytes::Passed => Err(E::custom("bytes that were not kept")),
        }
    }
}

struct Whole<'w, 'h> {
    walk: &'w Walk<'h>,
    roots: &'w [Value],
}

impl Serialize for Whole<'_, '_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let heap = self.walk.heap;
        let names: Vec<Name> = heap
            .names
            .iter()
            .map(|(_, name)| Name { module: name.module.clone(), name: name.qualname.clone() })
            .collect();
        let dtypes: Vec<DType> = (0..).map_while(|index| heap.get_dtype(DTypeId(index))).map(dtype).collect();
        let roots: Vec<Inline> = self.roots.iter().map(|root| self.walk.inline(*root)).collect();
        let mut map = serializer.serialize_map(Some(5))?;
        map.serialize_entry("schema", SCHEMA)?;
        map.serialize_entry("names", &names)?;
        map.serialize_entry("dtypes", &dtypes)?;
        map.serialize_entry("roots", &roots)?;
        map.serialize_entry("nodes", &Nodes(self.walk))?;
        map.end()
    }
}

/// All nodes, in the order in which they are met.
struct Nodes<'w, 'h>(&'w Walk<'h>);

impl Serialize for Nodes<'_, '_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut nodes = serializer.serialize_seq(None)?;
        loop {
            if self.0.exceeded.get().is_some() {
                return Err(S::Error::custom("there is no memory left"));
            }
            let next = self.0.queue.borrow_mut().pop_front();
            let Some(value) = next else { return nodes.end() };
            nodes.serialize_element(&Node { walk: self.0, value })?;
        }
    }
}

struct Node<'w, 'h> {
    walk: &'w Walk<'h>,
    value: Value,
}

impl Serialize for Node<'_, '_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Node { walk, value } = *self;
        let mut map = serializer.serialize_map(Some(1))?;
        let items = |items| Sequence { walk, items };
        if walk.heap.as_object(value).is_some() {
            map.serialize_entry("object", &Object(walk, value))?;
            return map.end();
        }
        match walk.heap.view(value) {
            View::Tuple(found) => map.serialize_entry("tuple", &items(found)),
            View::List(found) => map.serialize_entry("list", &items(found)),
            View::Set(found) => map.serialize_entry("set", &items(found)),
            View::FrozenSet(found) => map.serialize_entry("frozenset", &items(found)),
            View::Dict(pairs) => map.serialize_entry("dict", &Pairs { walk, pairs }),
            View::Text(text) => match text.as_str() {
                Some(text) => map.serialize_entry("text", text),
                None => map.serialize_entry("surrogates", &Raw(text.bytes())),
            },
            View::Latin(bytes) => map.serialize_entry("latin", &Raw(bytes)),
            View::Long(bytes) => map.serialize_entry("long", &Raw(shortest(bytes))),
            View::Bytes(blob) => map.serialize_entry("bytes", &walk.bytes(blob)?),
            View::ByteArray(blob) => map.serialize_entry("bytearray", &walk.bytes(blob)?),
            View::Array(array) => map.serialize_entry("array", &Array { walk, array }),
            _ => Err(S::Error::custom("a value that is no node")),
        }?;
        map.end()
    }
}

struct Sequence<'w, 'h> {
    walk: &'w Walk<'h>,
    items: Items<'h>,
}

impl Serialize for Sequence<'_, '_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut items = serializer.serialize_seq(Some(self.items.len()))?;
        self.items.clone().try_for_each(|item| items.serialize_element(&self.walk.inline(item)))?;
        items.end()
    }
}

struct Pairs<'w, 'h> {
    walk: &'w Walk<'h>,
    pairs: graph::Pairs<'h>,
}

impl Serialize for Pairs<'_, '_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut pairs = serializer.serialize_seq(None)?;
        for (key, value) in self.pairs.clone() {
            let key = self.walk.inline(key);
            pairs.serialize_element(&(key, self.walk.inline(value)))?;
        }
        pairs.end()
    }
}

struct Array<'w, 'h> {
    walk: &'w Walk<'h>,
    array: &'h graph::Array,
}

impl Serialize for Array<'_, '_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("dtype", &self.array.dtype.0)?;
        map.serialize_entry("shape", &self.array.shape)?;
        if self.array.fortran {
            map.serialize_entry("fortran", &true)?;
        }
        match self.array.data {
            ArrayData::Blob(blob) => map.serialize_entry("data", &self.walk.bytes(blob)?)?,
            ArrayData::Objects(list) => map.serialize_entry("objects", &self.walk.inline(list))?,
        }
        map.end()
    }
}

struct Object<'w, 'h>(&'w Walk<'h>, Value);

impl Serialize for Object<'_, '_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Object(walk, value) = self;
        let Some((_, object)) = walk.heap.as_object(*value) else {
            return Err(S::Error::custom("an object that is none"));
        };
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("class", &object.name.0)?;
        if object.made_by != object.name {
            map.serialize_entry("made_by", &object.made_by.0)?;
        }
        map.serialize_entry("args", &walk.inline(object.args))?;
        if object.is_state {
            map.serialize_entry("is", &walk.inline(object.state))?;
        } else if object.built {
            map.serialize_entry("state", &walk.inline(object.state))?;
        }
        if object.items != Value::NONE {
            map.serialize_entry("items", &walk.inline(object.items))?;
        }
        map.end()
    }
}

/// A number in two's complement, without bytes that only repeat its sign.
fn shortest(mut bytes: &[u8]) -> &[u8] {
    while let [rest @ .., next, 0x00 | 0xff] = bytes
        && bytes.last() == Some(if next & 0x80 == 0 { &0x00 } else { &0xff })
    {
        bytes = bytes.get(..rest.len().saturating_add(1)).unwrap_or(bytes);
    }
    bytes
}

fn dtype(dtype: &graph::DType) -> DType {
    let order = match dtype.order {
        Order::Little => '<',
        Order::Big => '>',
        Order::None => '|',
    };
    let (kind, count) = match dtype.kind {
        DTypeKind::Bool => ('b', dtype.size),
        DTypeKind::Int => ('i', dtype.size),
        DTypeKind::Uint => ('u', dtype.size),
        DTypeKind::Float => ('f', dtype.size),
        DTypeKind::Complex => ('c', dtype.size),
        DTypeKind::Object => ('O', dtype.size),
        DTypeKind::Bytes => ('S', dtype.size),
        DTypeKind::Text => ('U', dtype.size / 4),
        DTypeKind::Void | DTypeKind::Struct | DTypeKind::Subarray => ('V', dtype.size),
        DTypeKind::Datetime => ('M', dtype.size),
        DTypeKind::Timedelta => ('m', dtype.size),
    };
    let field = |field: &graph::Field| Field { name: field.name.clone(), dtype: field.dtype.0, offset: field.offset };
    DType { code: format!("{order}{kind}{count}"), size: dtype.size, fields: dtype.fields.iter().map(field).collect() }
}
