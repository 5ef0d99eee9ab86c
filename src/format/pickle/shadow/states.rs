//! What is given a state that was not judged: the closed list of what honest files come to.

use super::values::Val;
use crate::vocabulary::{Shape, Vocabulary};

/// What comes of a state.
pub(super) enum Given {
    /// It is kept, or Python raises; nothing else happens.
    Harmless,
    /// Nobody knows; what it is given to.
    Unknown(&'static str),
}

impl Shape {
    /// What becomes of what it made, with a state that an honest file would not give it.
    pub(super) fn given(self, state: &Val, vocabulary: &Vocabulary) -> Given {
        let has_no_hooks = matches!(state, Val::Dict(dict) if !dict.pairs().hooks);
        let is_plain = has_no_hooks && matches!(state, Val::Dict(dict) if dict.pairs().almost_bare);
        let is_bare = has_no_hooks && matches!(state, Val::Dict(dict) if dict.pairs().bare);
        let has_a_version = matches!(state, Val::Dict(dict) if !dict.pairs().version);
        match (self, state) {
            // It becomes attributes. scikit-learn writes its version out, if it is another one.
            (Shape::Estimator, _) if has_no_hooks && has_a_version => Given::Harmless,
            // The same, or it is looked into for its keys. What a name makes has methods that ask attributes for more, and call them: of texts, numbers
            // and arrays there is nothing to call.
            (Shape::Record | Shape::ColumnType | Shape::Sparse, _) if is_plain => Given::Harmless,
            // What is in it is asked for its type, and to be made another one (`astype`): arrays answer, and other objects what they were told.
            (Shape::Tree, _) if is_bare => Given::Harmless,
            // numpy takes what fits, and raises otherwise.
            (Shape::BitGenerator | Shape::RandomState, Val::Dict(_)) if is_bare => Given::Harmless,
            (Shape::BitGenerator, Val::Tuple(Some(parts))) if parts.iter().all(is_of_a_generator) => Given::Harmless,
            // In one another without end they would be let go of by calls without end.
            (Shape::SeedSequence, Val::Tuple(Some(parts))) if parts.iter().all(is_of_a_seed) => Given::Harmless,
            (Shape::SeedSequence, Val::List(_)) => Given::Harmless,
            // It has no attributes.
            (Shape::Complex, Val::Dict(_)) => Given::Harmless,
            // Estimators of other libraries take whatever `dict.update` takes.
            (Shape::Estimator, Val::Tuple(_) | Val::Numbers) if vocabulary.is_widened() => Given::Unknown("a thing"),
            (Shape::Estimator | Shape::Record, state) if is_no_state(state) => Given::Harmless,
            // scipy takes pairs, too, and makes code of what stands there then.
            (Shape::Distribution, Val::None) => Given::Harmless,
            (Shape::Distribution, _) => Given::Unknown("a distribution of scipy's"),
            _ => Given::Unknown("a thing"),
        }
    }
}

/// Whether it holds numbers alone, whatever it is given: nothing else can be changed by that.
pub(super) fn holds_numbers(shape: Shape) -> bool {
    matches!(shape, Shape::BitGenerator | Shape::RandomState | Shape::SeedSequence)
}

/// Whether this is a state that makes an array of bytes or objects, of a dtype that was made as ours makes one: numpy compares the
/// bytes with it, and puts objects where its fields are.
pub(super) fn is_state_of_an_array(state: &Val) -> bool {
    let Val::Tuple(Some(parts)) = state else { return false };
    // numpy before 1.22 does not see that lengths are too large for their product.
    let [Val::Plain, Val::Lengths(size), dtype, Val::Plain, data] = &**parts else { return false };
    match (dtype, data) {
        (Val::Object(Some(Shape::DType)) | Val::Namesake | Val::Structure, Val::Plain | Val::Bytes) => true,
        // What is followed as ours has our arguments and our state.
        (Val::Object(Some(Shape::DType)) | Val::Namesake, Val::List(length)) => length.is(*size),
        _ => false,
    }
}

/// Whether an array may take this for its state: any sequence of four or five, such as a list or an array of objects.
pub(super) fn may_be_state_of_an_array(state: &Val) -> bool {
    match state {
        Val::DTypeState(_) | Val::Field(_) => false,
        Val::Tuple(Some(parts)) => matches!(parts.len(), 4 | 5),
        Val::Object(Some(Shape::ArrayWrapper)) => false,
        Val::List(_) | Val::Object(_) => true,
        state => state.may_be_tuple(),
    }
}

/// Whether this is a part of a seed sequence's state: a number, an array of some, a tuple.
fn is_of_a_seed(part: &Val) -> bool {
    match part {
        Val::Object(shape) => shape.is_some_and(|shape| shape.has_memory()),
        part => part.is_no_class(),
    }
}

/// Whether this is a part of a bit generator's state: the same, a dict of such, or its seed sequence.
fn is_of_a_generator(part: &Val) -> bool {
    match part {
        Val::Dict(dict) => dict.pairs().bare && !dict.pairs().hooks,
        Val::Object(Some(Shape::SeedSequence)) => true,
        part => is_of_a_seed(part),
    }
}

/// Whether an object without a `__setstate__` of its own, or with scikit-learn's, is not given this: it is no mapping, and no
/// pair of one and of slots.
fn is_no_state(state: &Val) -> bool {
    match state {
        Val::None | Val::Text(_) | Val::LongText | Val::Plain | Val::Bytes | Val::Numbers | Val::Name(_) => true,
        Val::Tuple(Some(items)) => items.len() != 2,
        Val::DTypeState(_) => true,
        _ => false,
    }
}
