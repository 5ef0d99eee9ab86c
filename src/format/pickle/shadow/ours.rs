//! What our own reader has, as a shadow knows it.

use super::fields::Pairs;
use super::lists::Items;
use super::tuples::FEW;
use super::values::{Item, Val};
use crate::graph::{Bytes, DTypeKind, Heap, Value, View};
use crate::vocabulary::{Role, Roles, Shape};

/// Most rows without elements.
const ROWS: u64 = 1000;
/// Most bytes of a number that LONG1 writes.
const LONG: usize = 255;

impl Val {
    /// An array with elements of this kind. Times and texts have nothing that numbers have not.
    pub fn array(kind: Option<DTypeKind>) -> Val {
        let other =
            |kind| matches!(kind, DTypeKind::Datetime | DTypeKind::Timedelta | DTypeKind::Text | DTypeKind::Bytes);
        let is_plain = kind.is_some_and(|kind| is_number(kind) || other(kind));
        if is_plain { Val::Numbers } else { Val::Object(Some(Shape::ArrayClass)) }
    }

    /// The same of a value in another one: not looked into.
    fn of_part(heap: &Heap, roles: &Roles, python2: bool, value: Value) -> Val {
        match heap.view(value) {
            View::Dict(_) => Val::dict(Pairs::ANY),
            View::Tuple(_) => Val::Tuple(None),
            _ => Val::of(heap, roles, python2, value),
        }
    }

    /// A value of ours, to a reader that may be Python 2, in which bytes are a text, or not.
    pub fn of(heap: &Heap, roles: &Roles, python2: bool, value: Value) -> Val {
        if let View::DType(_, dtype) = heap.view(value)
            && matches!(dtype.kind, DTypeKind::Struct | DTypeKind::Subarray)
        {
            return Val::Structure;
        }
        if let Some((_, object)) = heap.as_object(value) {
            let made = Val::Object(followed_shape(roles.get(object.name)));
            return if object.built { made.with_a_state() } else { made };
        }
        match heap.view(value) {
            View::None => Val::None,
            View::Latin(_) => Val::LongText,
            View::Text(text) => Val::text(text.bytes()),
            View::Bytes(blob) if python2 => match heap.blob_bytes(blob) {
                Bytes::Kept(bytes) => Val::text(bytes),
                Bytes::Passed => Val::LongText,
            },
            View::Name(id, _) => Val::Name(followed_shape(roles.get(id))),
            View::Dict(pairs) => {
                let of = |value| Item::old(Val::of_part(heap, roles, python2, value), false);
                let all = pairs.into_iter().map(|(key, value)| Pairs::of(Some(&[of(key), of(value)])));
                let plain = is_plain(heap, value, 2);
                // numpy keeps the very dict of a dtype's fields.
                let is_field = |value| {
                    let first = heap.as_tuple(value).and_then(|items| items.at(0));
                    first.is_some_and(|first| matches!(heap.view(first), View::DType(..)))
                };
                let kept = heap.as_dict(value).is_some_and(|mut pairs| pairs.any(|(_, value)| is_field(value)));
                Val::dict(Pairs { fields: None, plain, kept, ..all.fold(Pairs::NONE, Pairs::and) })
            }
            View::Tuple(items) => {
                let flat = |item: Value| Val::of_part(heap, roles, python2, item);
                Val::tuple(items.take(FEW.saturating_add(1)).map(flat).collect::<Vec<_>>().iter())
            }
            View::List(_) => Val::List(Items::of(None)),
            View::Set(_) | View::FrozenSet(_) => Val::Set,
            View::Array(array) => {
                let dtype = heap.get_dtype(array.dtype).map(|dtype| dtype.kind);
                // Rows of nothing are as many objects as one likes to who iterates them.
                let rows = array.shape.first().copied().unwrap_or(0);
                Val::array(dtype.filter(|_| rows <= ROWS || !array.shape.contains(&0)))
            }
            View::ByteArray(_) => Val::ByteArray,
            View::Bytes(blob) => {
                let begin = if let Bytes::Kept(bytes) = heap.blob_bytes(blob) { bytes } else { &[] };
                Val::bytes(heap.blob(blob).map_or(u64::MAX, |blob| blob.len), begin)
            }
            // Of long numbers the plainest of functions take minutes.
            View::Long(bytes) if bytes.len() > LONG => Val::Other,
            View::Bool(_) | View::Int(_) | View::Long(_) | View::Float(_) => Val::Number,
            _ => Val::Other,
        }
    }
}

/// Whether a value is a number, a text, an array of numbers or a dict of such, so many in one another.
fn is_plain(heap: &Heap, value: Value, dicts: u8) -> bool {
    match heap.view(value) {
        View::Dict(pairs) => {
            dicts.checked_sub(1).is_some_and(|dicts| pairs.into_iter().all(|(_, value)| is_plain(heap, value, dicts)))
        }
        View::Array(array) => heap.get_dtype(array.dtype).is_some_and(|dtype| is_number(dtype.kind)),
        View::None | View::Bool(_) | View::Int(_) | View::Long(_) | View::Float(_) | View::Text(_) => true,
        _ => false,
    }
}

/// Estimators that do more with their state than to keep it.
pub(super) const ASKING: [&str; 2] = ["IsotonicRegression", "FrozenEstimator"];

/// The shape of a name, if what is known of the shape is all that there is to know: `IsotonicRegression` calls an attribute as soon as
/// it has its state, and `FrozenEstimator` looks for its own in another one. What Python's own types make can be anything that a text or a tuple can, and `numpy.object_` makes nothing, but
/// gives what it is given.
pub(super) fn followed_shape(role: Role) -> Option<Shape> {
    const WITH_MEMBERS: [&str; 4] = [
        "__pyx_unpickle_CyHalfTweedieLoss",
        "__pyx_unpickle_CyHalfTweedieLossIdentity",
        "__pyx_unpickle_CyHuberLoss",
        "__pyx_unpickle_CyPinballLoss",
    ];
    const ANYTHING: [&str; 5] = ["str", "tuple", "list", "dict", "object_"];
    match role {
        Role::Known(entry) if entry.shape == Shape::Type && ANYTHING.contains(&entry.name) => Some(Shape::Opaque),
        // Those of others may have a `__setstate__`: numpy's polynomials keep the very dict that they are given, xgboost opens a file.
        Role::Known(entry) if !entry.is_of_sklearn() && matches!(entry.shape, Shape::Estimator | Shape::Record) => None,
        // Of an empty state these read a member that is not there (`sklearn/_loss/_loss.pyx.tp`); the other losses have none.
        Role::Known(entry) if WITH_MEMBERS.contains(&entry.name) => None,
        Role::Known(entry) => (!ASKING.contains(&entry.name)).then_some(entry.shape),
        Role::Allowed => Some(Shape::Opaque),
        Role::Unknown | Role::Dangerous(_) => None,
    }
}

/// What an [`Item`](super::Item) knows of this value as a number, or as a dtype of numbers.
pub(super) fn number_of(heap: &Heap, value: Value) -> Option<u32> {
    match heap.view(value) {
        View::Int(number) => u32::try_from(number).ok(),
        View::DType(_, dtype) if is_number(dtype.kind) => u32::try_from(dtype.size).ok(),
        View::Tuple(items) if items.len() <= FEW => {
            let number = |item| match heap.view(item) {
                View::Int(number) => u32::try_from(number).ok(),
                _ => None,
            };
            items.map(number).try_fold(1u32, |product, number| product.checked_mul(number?))
        }
        _ => None,
    }
}

/// Whether elements are numbers: no pairs of texts, of which a dict could be made.
fn is_number(kind: DTypeKind) -> bool {
    matches!(kind, DTypeKind::Bool | DTypeKind::Int | DTypeKind::Uint | DTypeKind::Float | DTypeKind::Complex)
}
