//! What is given a state that was not judged: the closed list of what honest files come to.

use super::fields::Pairs;
use super::lists::Inert;
use super::values::Val;
use crate::vocabulary::Shape;

/// Most attributes: the estimators of scikit-learn have a few dozen.
const MOST_ATTRIBUTES: u32 = 256;

/// Whether an object of this shape keeps the state, and nothing else happens.
/// `intact` says that no dict was changed since the parting.
pub(super) fn is_kept(shape: Shape, state: &Val, intact: bool) -> bool {
    match (shape, state) {
        // `(numbers, seeds)`: numpy looks into the first, and keeps the second.
        (Shape::BitGenerator, Val::Tuple(Some(parts))) => match &**parts {
            [Val::Dict(numbers), Val::Object(Some(Shape::SeedSequence))] => intact && numbers.pairs().plain,
            _ => false,
        },
        (shape, Val::Dict(dict)) => are_attributes(shape, dict.pairs()),
        // Code that Cython wrote: each part becomes a member.
        (Shape::SeedSequence, Val::Tuple(Some(parts))) => {
            let is_array = |part: &Val| matches!(part, Val::Object(Some(shape)) if shape.has_memory());
            parts.iter().all(|part| part.is_no_class() || is_array(part))
        }
        _ => false,
    }
}

/// Whether these become attributes of an object of this shape. Of scikit-learn's estimators and other classes `BaseEstimator`
/// does so, and looks at its version alone; scipy's matrices have no `__setstate__`, or one that
/// renames what is in the dict. Estimators of other libraries may do anything.
fn are_attributes(shape: Shape, pairs: Pairs) -> bool {
    match shape {
        // Each object gets a copy of all.
        _ if pairs.hooks || pairs.puts > MOST_ATTRIBUTES => false,
        Shape::Estimator | Shape::Record => !pairs.version,
        Shape::Sparse => true,
        _ => false,
    }
}

/// What is known of the elements of an array with such a state.
pub(super) fn inert_elements(state: &Val) -> Inert {
    let elements = if let Val::Tuple(Some(parts)) = state { parts.last() } else { None };
    if is_state_of_an_array(state)
        && let Some(Val::List(items)) = elements
    {
        return items.inert();
    }
    Inert::No
}

/// Whether this is the state of an array, but for its dtype, which is a text or a number.
pub(super) fn has_no_dtype(state: &Val) -> bool {
    let Val::Tuple(Some(parts)) = state else { return false };
    matches!(&**parts, [Val::Plain, Val::Lengths(_), dtype, Val::Plain, Val::Plain | Val::Few(_) | Val::Bytes] if dtype.is_primitive())
}

/// Whether this is a state that makes an array of bytes or objects, of a dtype that was made as ours makes one: numpy compares the
/// bytes with it, and puts objects where its fields are.
pub(super) fn is_state_of_an_array(state: &Val) -> bool {
    let Val::Tuple(Some(parts)) = state else { return false };
    // numpy before 1.22 does not see that lengths are too large for their product: it is known.
    let [Val::Plain, Val::Lengths(Some(size)), dtype, Val::Plain, data] = &**parts else { return false };
    match (dtype, data) {
        (Val::Object(Some(Shape::DType)) | Val::Namesake | Val::Structure, Val::Plain | Val::Few(_) | Val::Bytes) => {
            true
        }
        // What is followed as ours has our arguments and our state.
        (Val::Object(Some(Shape::DType)) | Val::Namesake, Val::List(items)) => items.are(*size),
        _ => false,
    }
}
