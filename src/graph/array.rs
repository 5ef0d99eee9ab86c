//! numpy's arrays and dtypes, and runs of raw bytes.
//!
//! A dtype is computed again from its state and must be equal to it (`numpy/core/src/multiarray/descriptor.c`), so that
//! item size, offsets and order can be relied on; an array has exactly as many bytes or elements as its shape says.

use super::value::Value;

/// Index of a run of bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BlobId(pub(crate) u64);

/// Index of an array.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ArrayId(pub(crate) u64);

/// Index of a dtype.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DTypeId(pub(crate) u32);

impl DTypeId {
    /// Whole numbers of four and of eight bytes, as Arrow writes places: there in every graph, though no file has them as a dtype.
    pub const PLACES: [DTypeId; 2] = [DTypeId(u32::MAX), DTypeId(u32::MAX - 1)];

    /// What they are, if this is one of them.
    pub(super) fn places(self) -> Option<&'static DType> {
        const fn int(size: u64) -> DType {
            DType::plain(DTypeKind::Int, Order::Little, size)
        }
        static INTS: [DType; 2] = [int(4), int(8)];
        DTypeId::PLACES.iter().zip(&INTS).find(|(id, _)| **id == self).map(|(_, dtype)| dtype)
    }
}

/// A run of raw bytes: where it stands in the decoded stream, and its bytes if they were kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Blob {
    /// Offset of the first byte in the decoded stream; of the opcode, when the bytes were written as text.
    pub at: u64,
    /// Number of bytes.
    pub len: u64,
    pub(super) kept: u64,
}

/// Says that a blob's bytes were not kept.
pub(super) const NOT_KEPT: u64 = u64::MAX;

/// The bytes of a blob.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bytes<'a> {
    /// They were kept.
    Kept(&'a [u8]),
    /// They streamed past.
    Passed,
}

/// Kind of an array's elements.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DTypeKind {
    /// `?`
    Bool,
    /// `i`
    Int,
    /// `u`
    Uint,
    /// `f`
    Float,
    /// `c`
    Complex,
    /// `O`: Python objects.
    Object,
    /// `S`: bytes of fixed length.
    Bytes,
    /// `U`: text of fixed length, 4 bytes a code point.
    Text,
    /// `V` without fields: raw bytes.
    Void,
    /// `V` with fields.
    Struct,
    /// `V` that is an array: of a field only.
    Subarray,
    /// `M`
    Datetime,
    /// `m`
    Timedelta,
}

/// What times are counted in, of what pandas counts them in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TimeUnit {
    /// `s`
    Seconds,
    /// `ms`
    Milliseconds,
    /// `us`
    Microseconds,
    /// `ns`
    Nanoseconds,
}

impl TimeUnit {
    const ALL: [TimeUnit; 4] =
        [TimeUnit::Seconds, TimeUnit::Milliseconds, TimeUnit::Microseconds, TimeUnit::Nanoseconds];

    /// numpy's and pandas' name of it.
    pub const fn name(self) -> &'static str {
        match self {
            TimeUnit::Seconds => "s",
            TimeUnit::Milliseconds => "ms",
            TimeUnit::Microseconds => "us",
            TimeUnit::Nanoseconds => "ns",
        }
    }

    /// The unit of this name.
    pub fn of_name(name: &[u8]) -> Option<TimeUnit> {
        TimeUnit::ALL.into_iter().find(|unit| unit.name().as_bytes() == name)
    }
}

/// Byte order of an array's elements.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Order {
    /// `<`
    Little,
    /// `>`
    Big,
    /// `|`: single bytes, or objects.
    None,
}

/// A numpy dtype.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct DType {
    /// Kind of the elements.
    pub kind: DTypeKind,
    /// Byte order.
    pub order: Order,
    /// Bytes an element.
    pub size: u64,
    /// What times are counted in, one by one; `None` for what are none, and for times of another unit, of several or of none.
    pub unit: Option<TimeUnit>,
    /// Fields, for [`DTypeKind::Struct`]; else empty.
    pub fields: Vec<Field>,
    /// Whether an element is or holds Python objects: then numpy stores a list, and joblib a pickle of the array.
    pub objects: bool,
    /// How many simple values an element has: the bytes of a mask of it.
    pub parts: u64,
    /// Steps of who goes along all of these: one for each, however few bytes it has, and one for what has none.
    pub steps: u64,
    /// How many dtypes stand in one another below it: 0 for a simple one.
    pub depth: u32,
    /// How many fields it has, those of its fields counted: numpy looks at all of them.
    pub inside: u64,
}

/// A field of a structured dtype.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Field {
    /// Its name.
    pub name: String,
    /// Its dtype.
    pub dtype: DTypeId,
    /// Offset in the element, in bytes.
    pub offset: u64,
}

/// What the dtypes of a structure's fields come to together: see [`DType`].
#[derive(Debug, Clone, Copy, Default)]
pub struct Totals {
    /// Whether one of them holds objects.
    pub objects: bool,
    /// Their simple values.
    pub parts: u64,
    /// Steps along all of them.
    pub steps: u64,
    /// The deepest of them.
    pub depth: u32,
    /// The fields in them.
    pub inside: u64,
}

impl Totals {
    /// With one more.
    #[must_use]
    pub fn and(self, dtype: &DType) -> Totals {
        Totals {
            objects: self.objects || dtype.objects,
            parts: self.parts.saturating_add(dtype.parts),
            steps: self.steps.saturating_add(dtype.steps),
            depth: self.depth.max(dtype.depth),
            inside: self.inside.saturating_add(dtype.inside),
        }
    }
}

/// What an array holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ArrayData {
    /// Raw bytes.
    Blob(BlobId),
    /// Python objects: a list.
    Objects(Value),
}

/// A numpy array.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Array {
    /// Type of its elements.
    pub dtype: DTypeId,
    /// Length along each axis; none for a single element.
    pub shape: Box<[u64]>,
    /// Whether the first axis changes fastest.
    pub fortran: bool,
    /// Its elements.
    pub data: ArrayData,
    /// How many arrays stand in one another in it, itself counted: 0 if it holds no objects.
    pub nested: u32,
}

impl Array {
    /// Number of elements.
    pub fn len(&self) -> u64 {
        self.shape.iter().try_fold(1u64, |product, length| product.checked_mul(*length)).unwrap_or(u64::MAX)
    }

    /// Whether there are no elements.
    pub fn is_empty(&self) -> bool {
        self.shape.contains(&0)
    }
}

/// Most elements that take no bytes, in an array or along the axes of a field: numpy goes along each, and pandas makes an object of it.
pub const MOST_OF_NOTHING: u64 = 1 << 16;

impl DType {
    /// A type without fields.
    pub const fn plain(kind: DTypeKind, order: Order, size: u64) -> DType {
        let objects = matches!(kind, DTypeKind::Object);
        DType { kind, order, size, unit: None, fields: Vec::new(), objects, parts: 1, steps: 1, depth: 0, inside: 0 }
    }

    /// A structure of these fields, which come to so much together.
    pub fn structure(fields: Vec<Field>, size: u64, totals: Totals) -> DType {
        let Totals { objects, parts, steps, depth, inside } = totals;
        let steps = steps.max(1);
        let inside = inside.saturating_add(fields.len() as u64);
        let depth = depth.saturating_add(1);
        DType { fields, objects, parts, steps, depth, inside, ..DType::plain(DTypeKind::Struct, Order::None, size) }
    }

    /// Whether who goes along an element comes to an end: of what takes no bytes there may be as much as one likes.
    pub fn has_an_end(&self) -> bool {
        self.steps <= self.size.max(MOST_OF_NOTHING)
    }

    /// numpy's name of the type, such as `int64`, `<U10`, `datetime64[ns]` or `object`.
    pub fn name(&self) -> String {
        let bits = self.size.saturating_mul(8);
        let unit = self.unit.map_or_else(String::new, |unit| format!("[{}]", unit.name()));
        match self.kind {
            DTypeKind::Bool => "bool".to_owned(),
            DTypeKind::Int => format!("int{bits}"),
            DTypeKind::Uint => format!("uint{bits}"),
            DTypeKind::Float => format!("float{bits}"),
            DTypeKind::Complex => format!("complex{bits}"),
            DTypeKind::Object => "object".to_owned(),
            DTypeKind::Bytes => format!("|S{}", self.size),
            DTypeKind::Text => format!("{}U{}", if self.order == Order::Big { '>' } else { '<' }, self.size / 4),
            DTypeKind::Void | DTypeKind::Struct | DTypeKind::Subarray => format!("void{bits}"),
            DTypeKind::Datetime => format!("datetime64{unit}"),
            DTypeKind::Timedelta => format!("timedelta64{unit}"),
        }
    }

    /// Whether the type is this simple one, in little-endian or no order.
    pub fn is(&self, kind: DTypeKind, size: u64) -> bool {
        self.kind == kind && self.size == size && self.order != Order::Big && self.fields.is_empty()
    }
}
