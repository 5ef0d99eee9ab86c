//! What raises in every reader, before it does anything: the closed list of what honest files come to.
//!
//! A shadow ends where these say so, and what stands behind that is never looked at. So each is a claim about every version of Python,
//! numpy and pandas that reads the file, in C and in Python; `tests/interop/claims.py` runs them. What is not listed is refused.

use super::acts::How;
use super::states::has_no_dtype;
use super::values::{Item, Val};
use crate::vocabulary::Shape;

impl Val {
    /// Whether nothing is called: `self(*args)`, or `self.__new__(self, *args)`.
    pub(super) fn raises_when_called(&self, how: How, args: &Val) -> bool {
        // Python iterates the arguments before anything else.
        let no_items = args.is_not_iterated();
        match (how, args) {
            (How::Called, Val::Tuple(Some(args))) => self.can_not_be_called() || raises_with(self, args),
            // Their items are arguments, or it is an error at once that says of what class the thing is.
            (How::Called, Val::Numbers | Val::Bytes | Val::Text(_) | Val::LongText | Val::Set) => {
                self.can_not_be_called()
            }
            (How::Called, Val::Dict(args)) => args.pairs().plain && self.can_not_be_called(),
            (How::Called, args) => {
                self.is_written_out() && (no_items || matches!(args, Val::None | Val::Plain | Val::Few(_)))
            }
            // `list.__new__` and its like want a class, and so does that of a function. numpy has some that are written in Python,
            // which miss an argument.
            (How::Made, args) if self.is_of_python() || matches!(self, Val::Dict(_) | Val::Number) => {
                no_items || args.is_no_class()
            }
            (How::Made, args) if self.is_a_function() || matches!(self, Val::Object(Some(Shape::DType))) => {
                no_items || args.is_no_class()
            }
            (How::Made, _) if no_items && matches!(self, Val::Numbers | Val::Object(Some(Shape::Column))) => true,
            // numpy's wants a class, too; that of a `matrix` looks at its arguments before.
            (How::Made, Val::None | Val::Plain | Val::Few(_)) if matches!(self, Val::Numbers) => true,
            (How::Made, Val::Dict(args)) if matches!(self, Val::Numbers) => args.pairs().puts == 0,
            // pandas asks whether arguments are none, and of some versions a dtype says so.
            (How::Made, _) if args.is_a_function() && matches!(self, Val::Name(Some(Shape::Blocks))) => true,
            // Python's own `__new__` says that it is no class, before it looks at arguments.
            (How::Made, Val::Tuple(_)) if self.has_the_plain_new() => true,
            (How::Made, Val::Tuple(Some(args))) => args.is_empty() && self.is_made_of_something(),
            (How::Made, _) => false,
        }
    }

    /// Whether it can not be called, and is written out into the error without asking what is in it: since Python 3.9 arguments that can not be
    /// iterated are an error that says what was called.
    fn is_written_out(&self) -> bool {
        self.is_primitive() || matches!(self, Val::Mark | Val::Object(Some(Shape::DType)))
    }

    /// Whether it is one of the functions that honest files call to make arrays, blocks and indexes: what stands below the elements
    /// of an array that an older joblib takes otherwise.
    pub(super) fn is_a_function(&self) -> bool {
        matches!(self, Val::Name(Some(Shape::Array | Shape::ArrayBuffer | Shape::Block | Shape::Index)))
    }

    /// Whether Python raises that iterates it, or takes it for keywords. A dtype with fields has items.
    pub(super) fn is_not_iterated(&self) -> bool {
        self.is_a_function() || matches!(self, Val::Object(Some(Shape::ArrayWrapper | Shape::DType)))
    }

    /// Whether it is one of Python's own values, of exactly that class: what ours has as a dict may be an ordered one.
    pub(super) fn is_of_python(&self) -> bool {
        self.is_no_class() && !matches!(self, Val::Number | Val::Numbers | Val::Dict(_) | Val::Structure)
    }

    /// Whether its class has no `__call__`.
    pub(super) fn can_not_be_called(&self) -> bool {
        use Shape::{ArrayClass, ArrayWrapper, DType, Deque, Estimator, Namespace, OrderedDict, SeedSequence};
        let shapes = [ArrayClass, ArrayWrapper, DType, Deque, Estimator, Namespace, OrderedDict, SeedSequence];
        self.is_no_class() || matches!(self, Val::Object(Some(shape)) if shapes.contains(shape))
    }

    /// Whether its `__new__` ends at that of `object`, `dict` or another class of Python's written in C, which wants a class: what scikit-learn puts
    /// before it warns of what is deprecated, and no file gives an object such an attribute.
    fn has_the_plain_new(&self) -> bool {
        use Shape::{Deque, Estimator, Namespace, OrderedDict};
        matches!(self, Val::Object(Some(Deque | Estimator | Namespace | OrderedDict)))
    }

    /// Whether its `__new__` raises with the value itself and nothing else: of a dtype, an array or its class, a function of
    /// numpy's.
    fn is_made_of_something(&self) -> bool {
        use Shape::{Array, ArrayBuffer, ArrayClass, BitGenerator, DType, Latin1, RandomState};
        match self {
            Val::Numbers | Val::Structure => true,
            Val::Object(Some(shape)) => matches!(shape, ArrayClass | BitGenerator | DType | RandomState),
            Val::Name(Some(shape)) => matches!(shape, Array | ArrayBuffer | ArrayClass | DType | Latin1),
            _ => false,
        }
    }

    /// Whether Python raises that takes it for keywords, or it is a dict.
    pub(super) fn has_no_keys(&self) -> bool {
        self.is_no_class() || self.is_not_iterated()
    }

    /// Whether it has neither `append` nor `extend`, and with `adds` no `add`.
    pub(super) fn has_no_append(&self, adds: bool) -> bool {
        use Val::{Bytes, Dict, Few, List, LongText, None, Number, Numbers, Object, Plain, Set, Text, Tuple};
        match self {
            List(_) => adds,
            Set => !adds,
            None | Text(_) | LongText | Plain | Few(_) | Number | Numbers | Bytes | Tuple(_) | Dict(_) => true,
            Object(Some(shape)) if shape.is_no_container() => true,
            val => val.is_not_iterated(),
        }
    }

    /// Whether no item of it can be set.
    pub(super) fn has_no_items(&self) -> bool {
        use Val::{Bytes, Few, LongText, Mark, None, Number, Plain, Text, Tuple};
        let is_object = self.is_not_iterated()
            || matches!(self, Val::Object(Some(Shape::Estimator)) | Val::Name(Some(Shape::Blocks)))
            || matches!(self, Val::Object(Some(shape)) if shape.is_no_container());
        is_object || matches!(self, None | Text(_) | LongText | Plain | Few(_) | Number | Bytes | Tuple(_) | Mark)
    }

    /// Whether Python raises that hashes it.
    pub(super) fn has_no_hash(&self) -> bool {
        match self {
            Val::List(_) | Val::Dict(_) | Val::Numbers | Val::ByteArray => true,
            Val::Object(shape) => shape.is_some_and(Shape::has_memory),
            Val::Tuple(Some(items)) => items.iter().any(Val::has_no_hash),
            _ => false,
        }
    }

    /// Whether Python raises that hashes these one after the other, before it asks one who may answer as it likes.
    pub(super) fn raise_when_hashed<'v>(mut vals: impl Iterator<Item = &'v Val>) -> bool {
        vals.find_map(|val| match val {
            Val::Tuple(Some(items)) if val.has_no_hash() => Some(Val::raise_when_hashed(items.iter())),
            val if val.has_no_hash() => Some(true),
            val => (!val.is_key()).then_some(false),
        })
        .unwrap_or(false)
    }

    /// Whether it is not given this state. Eight parts are none of an array, nor of one with a mask; to Python's own values a state is a
    /// dict, or a pair of one and of slots.
    pub(super) fn raises_when_given(&self, state: &Val) -> bool {
        let has_no_setstate = |val: &Val| val.is_of_python() || matches!(val, Val::Dict(_));
        match (self, state) {
            (Val::Object(Some(shape)), Val::DTypeState(_)) => shape.has_memory(),
            (Val::Object(Some(Shape::Array)), state) if has_no_dtype(state) => true,
            (Val::Numbers, Val::None | Val::Plain | Val::Few(_) | Val::Bytes) => true,
            (val, Val::Text(state)) => has_no_setstate(val) && !state.is_empty(),
            (val, Val::Tuple(Some(parts))) => has_no_setstate(val) && parts.len() > 2,
            (val, Val::Object(Some(Shape::ArrayWrapper))) => val.is_of_python(),
            _ => false,
        }
    }
}

impl Shape {
    /// Whether its objects have no items, no `append`, `extend` or `add`, and no attribute that a file gives them.
    fn is_no_container(self) -> bool {
        matches!(self, Shape::Blocks | Shape::LegacyRandomState | Shape::RandomState)
    }
}

/// Whether a function of numpy's or scikit-learn's raises with these arguments, which it converts in turn.
fn raises_with(callee: &Val, args: &[Val]) -> bool {
    let Val::Name(Some(shape)) = callee else { return false };
    match (shape, args) {
        // `_reconstruct(class, shape, type)`
        (Shape::Array, [class, ..]) => class.is_no_class() || matches!(class, Val::Object(Some(Shape::DType))),
        // `_frombuffer(bytes, dtype, shape, order)`
        (Shape::ArrayBuffer, args) => args.len() < 4,
        // `dtype(code, align, copy)`
        (Shape::DType, [Val::ByteArray, rest @ ..]) => {
            rest.iter().all(|arg| arg.is_primitive() || matches!(arg, Val::Lengths(_)))
        }
        // `encode(text, codec)`
        (Shape::Latin1, [_, codec, ..]) => {
            matches!(codec, Val::Tuple(_) | Val::Lengths(_) | Val::List(_) | Val::Dict(_))
        }
        // `Tree(n_features, n_classes, n_outputs)`: the second is an array.
        (Shape::Tree, [features, classes, outputs]) => {
            let number = |val: &Val| matches!(val, Val::Plain | Val::Few(_));
            let array = |val: &Val| matches!(val, Val::Object(Some(Shape::ArrayWrapper)));
            (number(features) || matches!(features, Val::Text(_)))
                && (number(classes) || array(classes))
                && number(outputs)
        }
        _ => false,
    }
}

/// Whether `pandas.read_pickle` may go on where a call raises, if this is its first argument: it makes an object of the class of an offset
/// or of a column of periods (`pandas/compat/pickle_compat.py`, `load_reduce`).
pub(super) fn is_tried_again(first: Option<&Val>) -> bool {
    match first {
        Some(Val::Name(Some(shape))) => shape.is_opaque() || matches!(shape, Shape::Offset | Shape::Column),
        // Of an object it asks what class it is of: some look for that in what they were given.
        Some(Val::Object(Some(shape))) => {
            !(shape.stays()
                || matches!(shape, Shape::ArrayWrapper | Shape::BitGenerator | Shape::Estimator | Shape::Tree))
        }
        first => first.is_some_and(|first| first.may_be_a_class() || matches!(first, Val::Object(None))),
    }
}

/// Whether the first of these keys is neither a number nor a slice of a list's, and is not asked for one.
pub(super) fn begins_with_no_index(pairs: Option<&[Item]>) -> bool {
    use Val::{ByteArray, Bytes, Dict, List, LongText, None, Set, Text, Tuple};
    let first = pairs.and_then(<[Item]>::first).map(|key| &key.val);
    matches!(first, Some(ByteArray | Bytes | Dict(_) | List(_) | LongText | None | Set | Text(_) | Tuple(_)))
}

/// Whether none of these keys is a slice, or may be asked for a number.
pub(super) fn has_no_slices(pairs: Option<&[Item]>) -> bool {
    pairs.is_some_and(|pairs| pairs.iter().step_by(2).all(|key| key.val.is_primitive()))
}
