//! What numpy makes a dtype of.

use super::values::Val;
use crate::vocabulary::Shape;

impl Val {
    /// Whether numpy makes a dtype of it that memory can be read by, or raises: of arrays it takes theirs.
    pub fn is_dtype_of_a_buffer(&self) -> bool {
        match self {
            Val::Object(Some(Shape::DType)) | Val::Name(Some(Shape::DType | Shape::ArrayClass)) => true,
            Val::Structure | Val::Numbers | Val::Plain | Val::ByteArray => true,
            Val::Text(text) => says_no_fields(text) || is_a_word(text),
            // Only of two parts it makes one.
            Val::Tuple(Some(parts)) => parts.len() != 2,
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
    let text = match text {
        [b'<' | b'>' | b'=' | b'|', rest @ ..] => rest,
        text => text,
    };
    let [kind, rest @ ..] = text else { return false };
    let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let (size, unit) = rest.split_at_checked(digits).unwrap_or((rest, &[]));
    // Of sizes beyond that numpy made negative ones.
    let fits = size.len() <= 8;
    let is_unit = match unit {
        [] => true,
        [b'[', unit @ .., b']'] => matches!(kind, b'M' | b'm') && unit.iter().all(u8::is_ascii_alphanumeric),
        _ => false,
    };
    b"?bBhHiIlLqQpPuefdgFDGSUVaOMmc".contains(kind) && fits && is_unit
}

/// Whether a text is a name such as `float`, or that of an attribute or a module, which is no dtype.
fn is_a_word(text: &[u8]) -> bool {
    let begins = |byte: &u8| byte.is_ascii_lowercase() || *byte == b'_';
    text.len() > 1
        && text.first().is_some_and(begins)
        && text.iter().all(|byte| byte.is_ascii_alphabetic() || matches!(byte, b'_' | b'.'))
}

/// The bytes of a number of this dtype, if `numpy.dtype` is called with its code: `('f8', False, True)`.
pub(super) fn bytes_of_dtype(args: &Val) -> Option<u32> {
    let Val::Tuple(Some(args)) = args else { return None };
    let Some(Val::Text(code)) = args.first() else { return None };
    let [b'b' | b'i' | b'u' | b'f' | b'c', size @ ..] = &**code else { return None };
    std::str::from_utf8(size).ok()?.parse().ok().filter(|size| *size <= 32)
}
