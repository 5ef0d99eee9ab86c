//! What numpy makes a dtype of.

use super::values::Val;
use crate::vocabulary::Shape;

impl Val {
    /// Whether numpy makes a dtype of it that memory can be read by, or raises: of arrays it takes theirs.
    pub fn is_dtype_of_a_buffer(&self) -> bool {
        match self {
            Val::Object(Some(Shape::DType)) | Val::Name(Some(Shape::DType | Shape::ArrayClass)) => true,
            Val::Structure | Val::Numbers | Val::Plain => true,
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
/// `descriptor.c`). In every version so far the places of fields, and lengths of arrays in them, may be so large that their sum is not: then
/// numpy writes beside the memory that it has. Of `T` numpy 2 makes texts of whatever it is given, and by one that is not
/// ASCII numpy before 1.19 crashes.
pub(super) fn says_no_fields(text: &[u8]) -> bool {
    let text = text.strip_prefix(b"<").or_else(|| text.strip_prefix(b">")).unwrap_or(text);
    let text = text.strip_prefix(b"=").or_else(|| text.strip_prefix(b"|")).unwrap_or(text);
    text.is_ascii()
        && !text.first().is_some_and(|first| first.is_ascii_digit() || *first == b'T')
        && !text.iter().any(|byte| matches!(byte, b',' | b'('))
}

/// The bytes of a number of this dtype, if `numpy.dtype` is called with its code: `('f8', False, True)`.
pub(super) fn bytes_of_dtype(args: &Val) -> Option<u32> {
    let Val::Tuple(Some(args)) = args else { return None };
    let Some(Val::Text(code)) = args.first() else { return None };
    let [b'b' | b'i' | b'u' | b'f' | b'c', size @ ..] = &**code else { return None };
    std::str::from_utf8(size).ok()?.parse().ok().filter(|size| *size <= 32)
}
