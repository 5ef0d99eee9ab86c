//! What a shadow knows of tuples. An array's state, a dtype's and that of one of its fields are such, and what stands in them says what
//! numpy does with memory.

use super::fields::Fields;
use super::values::{Item, Val};
use crate::vocabulary::Shape;

/// Most values of a tuple that are known.
pub(super) const FEW: usize = 8;

impl Val {
    /// A tuple of these; with `ours`, our own reader makes one of them, too.
    pub fn tuple_of(items: &[Item], ours: bool) -> Val {
        let special = if ours { Val::dtype_state(items).or_else(|| Val::array_state(items)) } else { None };
        special.or_else(|| Val::empty_array(items)).unwrap_or_else(|| Val::tuple(items.iter().map(|item| &item.val)))
    }

    /// The state of a dtype, `(version, order, elements, names, fields, size, alignment, flags)` and perhaps notes, or of one of
    /// its fields, `(dtype, place)` and perhaps its title, which says nothing of its place.
    fn dtype_state(items: &[Item]) -> Option<Val> {
        let number = |item: &Item| item.own && matches!(item.val, Val::Plain);
        match items {
            [version, order, elements, names, fields, size, alignment, flags]
                if elements.own && [version, size, alignment, flags].into_iter().all(number) =>
            {
                Some(Val::DTypeState(Fields::of(order, elements, names, fields, size.number)))
            }
            // With notes, which numpy writes out if they are none of a time.
            [version, order, elements, names, fields, size, alignment, flags, notes]
                if elements.own && [version, size, alignment, flags].into_iter().all(number) =>
            {
                let judged = notes.own || notes.val.is_primitive();
                match Fields::of(order, elements, names, fields, size.number) {
                    Fields::None if judged => None,
                    fields if judged => Some(Val::DTypeState(fields)),
                    _ => Some(Val::DTypeState(Fields::Anywhere)),
                }
            }
            [dtype, place] | [dtype, place, _] if number(place) && place.number.is_some() => {
                let end = place.number.zip(dtype.number).and_then(|(place, size)| place.checked_add(size));
                let end = match dtype.val {
                    Val::Object(Some(Shape::DType)) | Val::Structure if dtype.own => end.unwrap_or(0),
                    Val::Object(Some(Shape::DType)) => end?,
                    _ => return None,
                };
                Some(Val::Field(end))
            }
            _ => None,
        }
    }

    /// The state of an array, `(version, lengths, dtype, order, data)`, or what one is made of, `(bytes, dtype, lengths, order)`, if its
    /// lengths are own.
    fn array_state(items: &[Item]) -> Option<Val> {
        let lengths = |item: &Item| {
            if item.own && matches!(item.val, Val::Tuple(_)) { Some(Val::Lengths(item.number)) } else { None }
        };
        match items {
            [version, of, dtype, order, data] => {
                Some(Val::tuple([&version.val, &lengths(of)?, &dtype.val, &order.val, &data.val].into_iter()))
            }
            [data, dtype, of, order] => {
                Some(Val::tuple([&data.val, &dtype.val, &lengths(of)?, &order.val].into_iter()))
            }
            _ => None,
        }
    }

    /// What `_reconstruct` makes an array without elements of: its class, its lengths, its type.
    fn empty_array(items: &[Item]) -> Option<Val> {
        let [class, lengths, of] = items else { return None };
        (matches!(lengths.val, Val::Tuple(_)) && lengths.number == Some(0))
            .then(|| Val::tuple([&class.val, &Val::Lengths(Some(0)), &of.val].into_iter()))
    }

    /// A tuple of these values.
    pub fn tuple<'v>(values: impl ExactSizeIterator<Item = &'v Val>) -> Val {
        let flat = |val: &Val| {
            // Of numbers and texts it is kept, such as an array's lengths.
            let is_kept = matches!(val, Val::Tuple(Some(items)) if items.iter().all(Val::is_primitive));
            if matches!(val, Val::Tuple(_) | Val::Field(_)) && !is_kept { Val::Tuple(None) } else { val.clone() }
        };
        Val::Tuple((values.len() <= FEW).then(|| values.map(flat).collect()))
    }
}
