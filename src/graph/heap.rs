//! The heap: everything that a file's values are made of.

use super::arena::Arena;
use super::array::{Array, ArrayData, ArrayId, Blob, BlobId, Bytes, DType, DTypeId, NOT_KEPT};
use super::bits::Bits;
use super::clash::Clashes;
use super::fold::{Fold, Folded, NodeFold, TreeNodes, Unfolded, Wanted};
use super::names::{Name, NameId, Names};
use super::paged::{Item, Paged};
use super::places::Tables;
use super::sequence::{Cells, Items, SequenceId};
use super::text::Text;
use super::value::{Tag, Value};
use super::view::View;
use crate::bytes::{Budget, Exceeded};
use std::collections::HashMap;

/// Where no bytes are kept: a reference to no page.
const NO_BYTES: u64 = NOT_KEPT - 1;

/// What it costs to know what a blob folded to, in bytes.
const FOLD: u64 = 160;

/// Index of an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ObjectId(pub(crate) u64);

/// What a call or a class made: the name that was called, and what it was given. Nothing was called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Object {
    /// Its class, or the function whose result it is.
    pub name: NameId,
    /// The name that was called to make it: another one than `name` for `copyreg._reconstructor` and its like.
    pub made_by: NameId,
    /// Whether the file has set its state.
    pub built: bool,
    /// Whether it was used as an argument or in a state, and must not change any more.
    pub frozen: bool,
    /// Whether it *is* what stands in `state`: an array, a dtype, a number. [`Heap::view`] then shows that.
    pub is_state: bool,
    /// Whether Python can hash it.
    pub hashable: bool,
    /// Arguments: a tuple.
    pub args: Value,
    /// State as the file set it; `None` before. Items that were appended to the object are in a list or dict here.
    pub state: Value,
    /// Items that were appended, set or added: a list or dict; `None` when there are none.
    pub items: Value,
}

impl Item for Object {}
impl Item for Blob {}
impl Item for Array {}

/// All values of a file.
#[derive(Debug)]
pub struct Heap {
    /// The names that were asked for.
    pub names: Names,
    cells: Cells,
    arena: Arena,
    /// The bits of floats, for pages of words are made ready.
    floats: Paged<u64>,
    blobs: Paged<Blob>,
    /// Which of them, and which objects and arrays, were given to something.
    used: [Bits; 3],
    objects: Paged<Object>,
    arrays: Paged<Array>,
    dtypes: Vec<DType>,
    dtype_index: HashMap<DType, DTypeId>,
    folds: HashMap<(BlobId, DTypeId), Folded>,
    guesses: HashMap<(BlobId, u64), TreeNodes>,
    pub(super) clashes: Clashes,
    pub(super) tables: Tables,
    /// How many times of zones were made that pytz keeps, and goes through for the next.
    pub zone_times: u64,
    /// Whether a container that may still change may stand in two places.
    shared: bool,
    /// The dicts that were taken a second time.
    taken_twice: Bits,
    /// The dicts that were given to something that may change them in Python.
    given: Bits,
}

impl Default for Heap {
    fn default() -> Heap {
        Heap {
            names: Names::default(),
            cells: Cells::new(),
            arena: Arena::default(),
            floats: Paged::default(),
            blobs: Paged::default(),
            used: Default::default(),
            objects: Paged::default(),
            arrays: Paged::default(),
            dtypes: Vec::new(),
            dtype_index: HashMap::new(),
            folds: HashMap::new(),
            guesses: HashMap::new(),
            clashes: Clashes::default(),
            tables: Tables::default(),
            zone_times: 0,
            shared: false,
            taken_twice: Bits::default(),
            given: Bits::default(),
        }
    }
}

/// What the parsers make values with. Each method pays before it allocates.
impl Heap {
    /// A whole number.
    #[inline]
    pub fn int(&mut self, value: i64, budget: &mut Budget) -> Result<Value, Exceeded> {
        match Value::small_int(value) {
            Some(small) => Ok(small),
            None => self.long(&value.to_le_bytes(), budget),
        }
    }

    /// A whole number of any size: two's complement, little-endian.
    pub fn long(&mut self, bytes: &[u8], budget: &mut Budget) -> Result<Value, Exceeded> {
        if let Some(small) = long_to_i64(bytes).and_then(Value::small_int) {
            return Ok(small);
        }
        Ok(Value::new(Tag::Long, self.arena.add(bytes, budget)?))
    }

    /// A float.
    #[inline]
    pub fn float(&mut self, value: f64, budget: &mut Budget) -> Result<Value, Exceeded> {
        Ok(Value::new(Tag::Float, self.floats.push(value.to_bits(), budget)? as u64))
    }

    /// Text; the bytes must hold to [`is_text`](super::text::is_text).
    pub fn text(&mut self, bytes: &[u8], budget: &mut Budget) -> Result<Value, Exceeded> {
        Ok(Value::new(Tag::Text, self.arena.add(bytes, budget)?))
    }

    /// Text that was paid for already.
    pub fn adopt_text(&mut self, bytes: Vec<u8>) -> Value {
        Value::new(Tag::Text, self.arena.adopt(bytes))
    }

    /// A Python 2 `str` that is not ASCII: bytes, or text in an encoding that only the reader knows.
    pub fn latin(&mut self, bytes: &[u8], budget: &mut Budget) -> Result<Value, Exceeded> {
        Ok(Value::new(Tag::Latin, self.arena.add(bytes, budget)?))
    }

    /// A run of bytes that was kept; it was paid for already.
    pub fn keep_blob(&mut self, at: u64, bytes: Vec<u8>, budget: &mut Budget) -> Result<BlobId, Exceeded> {
        let len = bytes.len() as u64;
        let kept = match bytes.len() {
            0 => NO_BYTES,
            1..=4096 => self.arena.add(&bytes, budget)?,
            _ => self.arena.adopt(bytes),
        };
        Ok(BlobId(self.blobs.push(Blob { at, len, kept }, budget)? as u64))
    }

    /// A run of bytes that streamed past.
    pub fn pass_blob(&mut self, at: u64, len: u64, budget: &mut Budget) -> Result<BlobId, Exceeded> {
        Ok(BlobId(self.blobs.push(Blob { at, len, kept: NOT_KEPT }, budget)? as u64))
    }

    /// What a blob's bytes folded to as elements of a dtype.
    pub fn set_fold(
        &mut self,
        blob: BlobId,
        dtype: DTypeId,
        folded: Folded,
        budget: &mut Budget,
    ) -> Result<(), Exceeded> {
        budget.memory(FOLD)?;
        self.folds.insert((blob, dtype), folded);
        Ok(())
    }

    /// What a blob's bytes would be if its elements were a decision tree's nodes of `size` bytes: guessed before its dtype was known.
    pub fn guess_fold(
        &mut self,
        blob: BlobId,
        size: u64,
        nodes: TreeNodes,
        budget: &mut Budget,
    ) -> Result<(), Exceeded> {
        budget.memory(FOLD)?;
        self.guesses.insert((blob, size), nodes);
        Ok(())
    }

    /// A `bytes`.
    pub fn bytes(&self, blob: BlobId) -> Value {
        Value::new(Tag::Bytes, blob.0)
    }

    /// A `bytearray`.
    pub fn bytearray(&self, blob: BlobId) -> Value {
        Value::new(Tag::ByteArray, blob.0)
    }

    /// A tuple.
    pub fn tuple(
        &mut self,
        items: impl ExactSizeIterator<Item = Value>,
        budget: &mut Budget,
    ) -> Result<Value, Exceeded> {
        budget.values(items.len() as u64)?;
        Ok(Value::new(Tag::Tuple, self.cells.tuple(items, budget)?))
    }

    /// An empty list.
    pub fn list(&mut self, budget: &mut Budget) -> Result<Value, Exceeded> {
        Ok(Value::new(Tag::List, self.cells.sequence(budget)?.0))
    }

    /// An empty dict.
    pub fn dict(&mut self, budget: &mut Budget) -> Result<Value, Exceeded> {
        Ok(Value::new(Tag::Dict, self.cells.sequence(budget)?.0))
    }

    /// An empty set.
    pub fn set(&mut self, budget: &mut Budget) -> Result<Value, Exceeded> {
        Ok(Value::new(Tag::Set, self.cells.sequence(budget)?.0))
    }

    /// An empty frozenset, to be filled at once.
    pub fn frozenset(&mut self, budget: &mut Budget) -> Result<Value, Exceeded> {
        Ok(Value::new(Tag::FrozenSet, self.cells.sequence(budget)?.0))
    }

    /// Adds an item (for a dict: a key, then its value) to a list, dict or set.
    pub fn push(&mut self, sequence: Value, item: Value, budget: &mut Budget) -> Result<(), Exceeded> {
        self.extend(sequence, std::iter::once(item), budget)
    }

    /// Adds items (for a dict: keys and values in turn) to a list, dict or set.
    pub fn extend(
        &mut self,
        sequence: Value,
        items: impl ExactSizeIterator<Item = Value> + Clone,
        budget: &mut Budget,
    ) -> Result<(), Exceeded> {
        budget.values(items.len() as u64)?;
        self.cells.extend(SequenceId(sequence.payload()), items.clone(), budget)?;
        self.pay_for_places(sequence, items, budget)
    }

    /// A name, kept as a value.
    pub fn name(&self, name: NameId) -> Value {
        Value::new(Tag::Name, u64::from(name.0))
    }

    /// An object of a class, made by calling a name with these arguments.
    pub fn object(
        &mut self,
        name: NameId,
        made_by: NameId,
        args: Value,
        budget: &mut Budget,
    ) -> Result<Value, Exceeded> {
        budget.values(1)?;
        let (state, items) = (Value::NONE, Value::NONE);
        let (built, frozen, is_state, hashable) = (false, false, false, false);
        let object = Object { name, made_by, built, frozen, is_state, hashable, args, state, items };
        Ok(Value::new(Tag::Object, self.objects.push(object, budget)? as u64))
    }

    /// Notes that a value is taken a second time; `false` if something has it that may have changed it in Python.
    #[inline]
    pub fn share(&mut self, value: Value) -> bool {
        self.shared |= matches!(value.tag(), Tag::List | Tag::Dict | Tag::Set | Tag::Object | Tag::Array);
        if value.tag() != Tag::Dict {
            return true;
        }
        self.taken_twice.add(value.payload());
        !self.given.has(value.payload())
    }

    /// Notes that a value is given to something that may change it, if it is a dict; `false` if it may stand elsewhere too.
    pub fn give(&mut self, value: Value) -> bool {
        value.tag() != Tag::Dict || (!self.taken_twice.has(value.payload()) && self.given.add(value.payload()))
    }

    /// Marks bytes, an object or an array as given to something; whether it was before.
    pub fn uses_again(&mut self, value: Value) -> bool {
        let (kind, index) = match (self.view(value), value.tag()) {
            (View::Bytes(blob) | View::ByteArray(blob), _) => (0, blob.0),
            (_, Tag::Object) => (1, value.payload()),
            (_, Tag::Array) => (2, value.payload()),
            _ => return false,
        };
        self.used.get_mut(kind).is_some_and(|used| !used.add(index))
    }

    /// Marks a list, dict, set or tuple as used: it must not change any more. `pure` says that no name is in it.
    pub fn freeze(&mut self, container: Value, pure: bool) {
        self.cells.freeze(container.payload(), pure);
    }

    /// Whether a list, dict, set or tuple was used.
    pub fn is_frozen(&self, container: Value) -> bool {
        self.cells.is_frozen(container.payload())
    }

    /// Whether a list, dict, set or tuple was found to hold no name.
    pub fn is_pure(&self, container: Value) -> bool {
        self.cells.is_pure(container.payload())
    }

    /// An array.
    pub fn array(&mut self, array: Array, budget: &mut Budget) -> Result<Value, Exceeded> {
        budget.memory((array.shape.len() as u64).saturating_mul(8))?;
        Ok(Value::new(Tag::Array, self.arrays.push(array, budget)? as u64))
    }

    /// A dtype; the same one for the same contents.
    pub fn dtype(&mut self, dtype: DType, budget: &mut Budget) -> Result<Value, Exceeded> {
        if let Some(known) = self.dtype_index.get(&dtype) {
            return Ok(Value::new(Tag::DType, u64::from(known.0)));
        }
        let fields: u64 = dtype.fields.iter().map(|field| (field.name.len() as u64).saturating_add(64)).sum();
        budget.memory(fields.saturating_add(128).saturating_mul(2))?;
        let id = DTypeId(u32::try_from(self.dtypes.len()).unwrap_or(u32::MAX));
        self.dtypes.push(dtype.clone());
        self.dtype_index.insert(dtype, id);
        Ok(Value::new(Tag::DType, u64::from(id.0)))
    }

    /// An object, to change it.
    pub fn object_mut(&mut self, id: ObjectId) -> Option<&mut Object> {
        usize::try_from(id.0).ok().and_then(|index| self.objects.get_mut(index))
    }
}

/// What readers see.
impl Heap {
    /// The number of arrays, and the bytes that their elements have, Python objects not counted.
    pub fn array_totals(&self) -> (u64, u64) {
        let bytes = |array: &Array| match array.data {
            super::array::ArrayData::Blob(blob) => self.blob(blob).map_or(0, |blob| blob.len),
            super::array::ArrayData::Objects(_) => 0,
        };
        let total = self.arrays.iter().map(bytes).fold(0u64, u64::saturating_add);
        (self.arrays.len() as u64, total)
    }

    /// All objects, in the order in which they were made.
    pub fn objects(&self) -> impl Iterator<Item = &Object> {
        self.objects.iter()
    }

    /// An object.
    pub fn get_object(&self, id: ObjectId) -> Option<&Object> {
        usize::try_from(id.0).ok().and_then(|index| self.objects.get(index))
    }

    /// An array.
    pub fn get_array(&self, id: ArrayId) -> Option<&Array> {
        usize::try_from(id.0).ok().and_then(|index| self.arrays.get(index))
    }

    /// A dtype.
    pub fn get_dtype(&self, id: DTypeId) -> Option<&DType> {
        self.dtypes.get(id.0 as usize).or_else(|| id.places())
    }

    /// Whether an array's elements are numbers or truth values.
    pub fn has_numbers(&self, array: &Array) -> bool {
        use super::array::DTypeKind::{Bool, Complex, Float, Int, Uint};
        let kind = self.get_dtype(array.dtype).map(|dtype| dtype.kind);
        matches!(kind, Some(Bool | Int | Uint | Float | Complex))
    }

    /// A name.
    pub fn get_name(&self, id: NameId) -> Option<&Name> {
        self.names.get(id)
    }

    /// A run of bytes.
    pub fn blob(&self, id: BlobId) -> Option<&Blob> {
        usize::try_from(id.0).ok().and_then(|index| self.blobs.get(index))
    }

    /// The bytes of a run.
    pub fn blob_bytes(&self, id: BlobId) -> Bytes<'_> {
        match self.blob(id) {
            Some(blob) if blob.kept != NOT_KEPT => Bytes::Kept(self.arena.get(blob.kept)),
            _ => Bytes::Passed,
        }
    }

    /// What an array's elements fold to: as they streamed past, or now, if they were kept. The time that the latter takes grows with their
    /// number.
    pub fn fold(&self, array: &Array) -> Result<Folded, Unfolded> {
        let (ArrayData::Blob(blob), Some(dtype)) = (array.data, self.get_dtype(array.dtype)) else {
            return Err(Unfolded::Other);
        };
        if let Some(found) = self.folds.get(&(blob, array.dtype)) {
            return Ok(found.clone());
        }
        let field = |id| self.get_dtype(id);
        if let Some(nodes) = self.guesses.get(&(blob, dtype.size)).filter(|_| NodeFold::guessed(dtype, field)) {
            return Ok(Folded::Nodes(nodes.clone()));
        }
        match self.blob_bytes(blob) {
            Bytes::Kept(bytes) => {
                let mut fold = Fold::new(dtype, array.len(), field).ok_or(Unfolded::Other)?;
                fold.push(bytes);
                Ok(fold.finish())
            }
            Bytes::Passed if Fold::has(dtype, field) => Err(Unfolded::Passed(blob, array.dtype)),
            Bytes::Passed => Err(Unfolded::Other),
        }
    }

    /// Folds for runs of bytes as elements of dtypes, to be made when the file is read again.
    pub fn wanted(&self, unread: &[(BlobId, DTypeId)], budget: &mut Budget) -> Result<Wanted, Exceeded> {
        let mut wanted = Wanted::default();
        for (blob, id) in unread {
            let (Some(dtype), Some(length)) = (self.get_dtype(*id), self.blob(*blob).map(|blob| blob.len)) else {
                continue;
            };
            budget.memory(FOLD)?;
            if let Some(fold) = Fold::paid(dtype, length, |id| self.get_dtype(id), budget)? {
                wanted.add(*blob, *id, fold);
            }
        }
        Ok(wanted)
    }

    /// The run of bytes that will be the next one.
    pub fn next_blob(&self) -> BlobId {
        BlobId(self.blobs.len() as u64)
    }

    pub(super) fn float_at(&self, value: Value) -> f64 {
        self.floats.get(value.index()).map_or(f64::NAN, |bits| f64::from_bits(*bits))
    }

    pub(super) fn run(&self, value: Value) -> &[u8] {
        self.arena.get(value.payload())
    }

    /// Whether a text is of more than a few thousand bytes.
    #[inline]
    pub(super) fn is_long(&self, text: Value) -> bool {
        Arena::is_whole(text.payload())
    }

    pub(super) fn text_at(&self, value: Value) -> Text<'_> {
        Text(self.run(value))
    }

    /// How many containers there are at most: each takes a cell, or is an object, an array or the empty tuple.
    pub(super) fn containers(&self) -> u64 {
        let counts = [self.cells.len(), self.objects.len(), self.arrays.len(), 1];
        counts.iter().fold(0, |all, count| all.saturating_add(*count as u64))
    }

    /// How deep containers stand in one another at most, where it is known without a look at them: nothing was called, and each list,
    /// dict and set was filled before it came to stand in another one.
    pub(super) fn deepest(&self) -> Option<u64> {
        self.cells.deepest().filter(|_| !self.shared && self.names.is_empty())
    }

    pub(super) fn height_of(&self, value: Value) -> Option<u64> {
        self.cells.height_of(value)
    }

    /// How many items a list, dict or set has, if none of them holds values.
    pub fn leaves(&self, value: Value) -> Option<u64> {
        match value.tag() {
            Tag::List | Tag::Dict | Tag::Set | Tag::FrozenSet => self.cells.leaves(SequenceId(value.payload())),
            _ => None,
        }
    }

    pub(super) fn tuple_at(&self, value: Value) -> Items<'_> {
        self.cells.tuple_items(value.payload())
    }

    pub(super) fn sequence_at(&self, value: Value) -> Items<'_> {
        self.cells.items(SequenceId(value.payload()))
    }
}

/// A number in two's complement, little-endian, if it fits into 64 bits.
pub fn long_to_i64(bytes: &[u8]) -> Option<i64> {
    let Some(last) = bytes.last() else { return Some(0) };
    let sign = if last & 0x80 == 0 { 0x00 } else { 0xff };
    let mut wide = [sign; 8];
    for (index, byte) in bytes.iter().enumerate() {
        match wide.get_mut(index) {
            Some(slot) => *slot = *byte,
            None if *byte == sign => {}
            None => return None,
        }
    }
    let value = i64::from_le_bytes(wide);
    ((value < 0) == (sign == 0xff)).then_some(value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bytes::Limits;
    use crate::graph::View;

    #[test]
    fn long_numbers_are_twos_complement() {
        let cases: [(&[u8], Option<i64>); 7] = [
            (b"", Some(0)),
            (b"\xff\x00", Some(255)),
            (b"\xff\x7f", Some(32767)),
            (b"\x00\xff", Some(-256)),
            (b"\x80", Some(-128)),
            (b"\0\0\0\0\0\0\0\x80\0", None),
            (b"\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", Some(-1)),
        ];
        for (bytes, value) in cases {
            assert_eq!(long_to_i64(bytes), value, "{bytes:x?}");
        }
    }

    #[test]
    fn whole_numbers_that_need_64_bits_come_back() {
        let mut budget = Budget::new(&Limits::default(), 1000);
        let mut heap = Heap::default();
        for number in [i64::MIN, i64::MAX, 1 << 55, 7] {
            let value = heap.int(number, &mut budget).unwrap();
            assert_eq!(heap.view(value).int(), Some(number));
        }
        let value = heap.long(&[0; 20], &mut budget).unwrap();
        assert!(matches!(heap.view(value), View::Int(0)));
    }
}
