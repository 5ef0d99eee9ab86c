//! What other readers call with values that were not judged: the closed list of what honest files come to.
//!
//! Compiled code trusts its arguments in more ways than anybody knows of, and Python's own asks them for attributes, so that nothing is
//! called but what stands here, and nothing is taken to raise but what stands in `raises.rs`. A row is added with the honest file that
//! comes to it, and with what the code does with any such values.

use super::acts::How;
use super::dtypes::says_no_fields;
use super::raises::is_tried_again;
use super::values::Val;
use crate::vocabulary::Shape;

/// What comes of a call.
pub(super) enum Outcome {
    /// This, or Python raises; nothing else happens.
    Makes(Val),
    /// Python raises, and has done nothing before.
    Raises,
    /// Nobody knows.
    Unknown,
}

impl Val {
    /// What comes of calling it, with arguments that ours need not have there.
    pub(super) fn called_with(&self, how: How, args: &Val) -> Outcome {
        if how == How::Called && matches!(args, Val::Tuple(Some(args)) if is_tried_again(args.first())) {
            return Outcome::Unknown;
        }
        if self.raises_when_called(how, args) {
            return Outcome::Raises;
        }
        let Val::Name(Some(shape)) = self else { return Outcome::Unknown };
        let args = match args {
            Val::Tuple(Some(args)) => args,
            // pandas' makes a block of numbers since 3.1, and raises before.
            Val::Numbers if how == How::Called && *shape == Shape::Block => {
                return Outcome::Makes(Val::Object(Some(Shape::Block)));
            }
            _ => return Outcome::Unknown,
        };
        match made(*shape, how, args) {
            Some(made) => Outcome::Makes(made),
            None => Outcome::Unknown,
        }
    }

    /// Whether it is numpy's dtype, called with a code: `dtype(code, align, copy)`.
    pub(super) fn is_called_as_a_dtype(&self, args: &Val) -> bool {
        matches!(self, Val::Name(Some(Shape::DType)))
            && matches!(args, Val::Tuple(Some(args)) if made(Shape::DType, How::Called, args).is_some())
    }
}

/// What a name of this shape makes of these arguments, if it is known.
fn made(shape: Shape, how: How, args: &[Val]) -> Option<Val> {
    use Shape::{
        Array, ArrayBuffer, ArrayClass, ArrayWrapper, BitGenerator, BitGeneratorClass, Complex, DType, Deque,
        Estimator, Index, IndexClass, LossFunction, LossUnpickler, Moment, RandomState, Range, Record, Scalar,
        SeedSequence, SeedSequenceClass, Slice, Type,
    };
    let number = |val: &Val| matches!(val, Val::Plain | Val::Few(_));
    let made = match (how, shape, args) {
        // `object.__new__` and its like.
        (How::Made, ArrayWrapper | Complex | Estimator | Record, []) => shape,
        // joblib's classes keep what they are given (`numpy_pickle.py`, `numpy_pickle_compat.py`).
        (How::Called, ArrayWrapper, _) => shape,
        // Python's own, which ask for types first.
        (How::Called, Range | Slice | Complex | Deque | Moment, args) if args.iter().all(number) => shape,
        // A zone of a difference.
        (How::Called, Moment, [Val::Object(Some(Moment))]) => shape,
        // `dtype(code, align, copy)`.
        (How::Called, DType, [Val::Text(code), align] | [Val::Text(code), align, Val::Plain | Val::Few(_)])
            if number(align) && says_no_fields(code) =>
        {
            shape
        }
        (How::Called, DType, [Val::Name(Some(Type)), align, copy]) if number(align) && number(copy) => shape,
        // `_reconstruct(class, shape, type)`: an array without elements. Of a number numpy makes no dtype, and by bytes that are not ASCII numpy
        // before 1.19 crashes.
        (
            How::Called,
            Array,
            [Val::Name(Some(ArrayClass)), Val::Lengths(Some(0)), Val::Plain | Val::Few(Some(b'b'))],
        ) => shape,
        (How::Called, Array, [Val::Name(Some(ArrayClass)), Val::Lengths(Some(0)), Val::Text(of)]) if **of == *b"b" => {
            shape
        }
        // Where numpy raises, `pandas.read_pickle` makes an object of the class.
        (How::Called, Array, [Val::Name(Some(ArrayWrapper)), Val::Lengths(Some(0)), Val::None]) => ArrayWrapper,
        // `_frombuffer(bytes, dtype, shape, order)`: numpy compares them, and makes no objects of bytes. Before 1.19 anything that is true is an
        // order.
        (
            How::Called,
            ArrayBuffer,
            [Val::Few(_) | Val::Plain | Val::Bytes | Val::ByteArray, of, Val::Lengths(Some(_)), order],
        ) if order.is_no_class() && of.is_dtype_of_a_buffer() => shape,
        // `ndarray(shape, 'b', None)`, of bytes that nobody wrote; `matrix` makes an array of the numbers.
        (How::Called, ArrayClass, [Val::Tuple(Some(lengths)), Val::Text(code), Val::None])
            if **code == *b"b" && lengths.iter().all(number) =>
        {
            shape
        }
        // `_new_Index(class, keywords)`: of the other classes none is made of these.
        (How::Called, Index, [Val::Name(Some(IndexClass)), Val::Dict(dict)]) if dict.pairs().ranges => shape,
        // `scalar(dtype, bytes)`: with a dtype of objects it raises.
        (How::Called, Scalar, [Val::Object(Some(DType)), Val::Plain | Val::Few(_) | Val::Bytes]) => shape,
        // numpy raises: this is no dtype. What another module has under that name may make of it what it likes.
        (How::Called, Scalar, [of, Val::Plain | Val::Few(_)])
            if of.is_no_dtype() || matches!(of, Val::Name(Some(DType | ArrayClass))) =>
        {
            return Some(Val::Wild);
        }
        // A text is no shape, but `matrix` makes an array of numbers of one. pandas before 1.0 calls again with bytes for texts, which are one: of memory that is
        // looked at by nobody, or that the third argument has. Bytes would be a dtype, whose elements may be as large as they say.
        (How::Called, ArrayClass, [Val::Text(_), Val::Plain, Val::Plain]) => shape,
        // `__pyx_unpickle_X(class, checksum, state)`: one of a class that is its own, without members, or without a state.
        (How::Called, LossUnpickler, [Val::Name(Some(LossFunction)), Val::Plain | Val::Few(_), state])
            if matches!(state, Val::None) || matches!(state, Val::Tuple(Some(parts)) if parts.is_empty()) =>
        {
            shape
        }
        (How::Called, SeedSequence, [Val::Name(Some(SeedSequenceClass)), Val::Plain | Val::Few(_), Val::None]) => shape,
        // `__bit_generator_ctor(class)`: the class is called with nothing. A generator is taken as it is.
        (How::Called, BitGenerator, [Val::Name(Some(BitGeneratorClass))]) => shape,
        (How::Called, RandomState, [Val::Object(Some(BitGenerator))]) => shape,
        (How::Called, RandomState, [Val::Text(_), Val::Name(Some(BitGenerator))]) => shape,
        _ => return None,
    };
    Some(Val::Object(Some(made)))
}
