//! What numpy makes a dtype of.

use super::values::Val;
use crate::vocabulary::Shape;

impl Val {
    /// Whether numpy makes a dtype of this that has no fields, or raises. In every version so far the places of fields, and lengths of
    /// arrays in them, may be so large that their sum is not: then numpy writes beside the memory that it has.
    pub fn is_plain_dtype(&self) -> bool {
        match self {
            // Of a few bytes numpy makes one as of a text: none of them are that large.
            Val::None | Val::Plain => true,
            Val::Text(text) => says_no_fields(text),
            _ => false,
        }
    }

    /// Whether it is certain to be no dtype of numpy's.
    pub fn is_no_dtype(&self) -> bool {
        let others = [Shape::Estimator, Shape::ArrayClass, Shape::IndexClass];
        match self {
            Val::Structure => false,
            Val::Object(Some(shape)) => others.contains(shape),
            val => val.is_no_class(),
        }
    }
}

/// Whether a text is none of those that list fields or make an array of a field: `i4,O`, `2i4` (`_check_for_commastring` in numpy's
/// `descriptor.c`).
pub(super) fn says_no_fields(text: &[u8]) -> bool {
    let text = text.strip_prefix(b"<").or_else(|| text.strip_prefix(b">")).unwrap_or(text);
    let text = text.strip_prefix(b"=").or_else(|| text.strip_prefix(b"|")).unwrap_or(text);
    !text.first().is_some_and(u8::is_ascii_digit) && !text.iter().any(|byte| matches!(byte, b',' | b'('))
}

/// The bytes of a number of this dtype, if `numpy.dtype` is called with its code: `('f8', False, True)`.
pub(super) fn bytes_of_dtype(args: &Val) -> Option<u32> {
    let Val::Tuple(Some(args)) = args else { return None };
    let Some(Val::Text(code)) = args.first() else { return None };
    let [b'b' | b'i' | b'u' | b'f' | b'c', size @ ..] = &**code else { return None };
    std::str::from_utf8(size).ok()?.parse().ok().filter(|size| *size <= 32)
}
