//! What other readers call with values that were not judged: the closed list of what honest files come to.
//!
//! Compiled code trusts its arguments in more ways than anybody knows of, and Python's own asks them for attributes, so that nothing is
//! called but what stands here. A name is added with the honest file that comes to it, and with what the code does with any such values.

use super::acts::How;
use super::dtypes::says_no_fields;
use super::fields::FIELD;
use super::values::Val;
use crate::vocabulary::Shape;
use std::rc::Rc;

/// What comes of a call.
pub(super) enum Outcome {
    /// This, and nothing else happens.
    Makes(Val),
    /// Python raises.
    Raises,
    /// Nobody knows.
    Unknown,
}

impl Shape {
    /// Whether honest files make an object of it without arguments, by its `__new__`.
    fn is_made_of_nothing(self) -> bool {
        matches!(
            self,
            Shape::Estimator
                | Shape::Record
                | Shape::ArrayWrapper
                | Shape::ArrayClass
                | Shape::Blocks
                | Shape::Bunch
                | Shape::WarningDict
                | Shape::ColumnType
                | Shape::Spline
                | Shape::Complex
                | Shape::Number
        )
    }

    /// A call with arguments that an honest file would not give it.
    pub(super) fn called_with(self, how: How, args: &Val) -> Outcome {
        let made = || Outcome::Makes(Val::Object(Some(self)));
        let args = match args {
            Val::Tuple(Some(args)) => args.clone(),
            // `Tree(n_features, n_classes, n_outputs)`, of which both numbers and the lengths are judged.
            Val::TreeArguments if self == Shape::Tree => return made(),
            Val::TreeArguments => Rc::from([Val::Plain, Val::Object(None), Val::Plain]),
            Val::Field(_) => Rc::from(FIELD),
            _ => return Outcome::Unknown,
        };
        // Numbers, texts and bytes.
        let plain = |val: &Val| matches!(val, Val::None | Val::Text(_) | Val::LongText | Val::Plain | Val::Bytes);
        // A class or function of the tables.
        let name = |val: &Val| matches!(val, Val::Name(Some(shape)) if !shape.is_opaque());
        let dtype = |val: &Val| matches!(val, Val::Object(Some(Shape::DType)) | Val::Structure);
        match (self, &*args) {
            // `object.__new__` and its like. `ndarray.__new__` raises without a shape.
            (shape, []) if how == How::Made && shape.is_made_of_nothing() => made(),
            // A tuple of these.
            (Shape::NamedTuple, _) => made(),
            // Estimators keep what they are given. A search asks a grid for its items, which numbers and texts have none of.
            (Shape::Estimator, args) if args.iter().all(|val| plain(val) || matches!(val, Val::Lengths(_))) => made(),
            // joblib's classes keep what they are given (`numpy_pickle.py`, `numpy_pickle_compat.py`).
            (Shape::ArrayWrapper, _) => made(),
            // Python's own, which ask for types first.
            (Shape::Range | Shape::Slice | Shape::Complex | Shape::Deque, args) if args.iter().all(plain) => made(),
            (Shape::Moment, args)
                if args.iter().all(|val| plain(val) || matches!(val, Val::Object(Some(Shape::Moment)))) =>
            {
                made()
            }
            // `dtype(code, align, copy)`.
            (Shape::DType, [Val::Text(code), Val::Plain] | [Val::Text(code), Val::Plain, Val::Plain])
                if says_no_fields(code) =>
            {
                made()
            }
            (Shape::DType, [Val::Name(Some(Shape::Type)), Val::Plain, Val::Plain]) => made(),
            // `_reconstruct(class, shape, type)`.
            (Shape::Array, [Val::Name(Some(Shape::ArrayClass)), Val::Tuple(_), of]) if of.is_plain_dtype() => made(),
            // Where numpy raises, `pandas.read_pickle` makes an object of the class.
            (
                Shape::Array,
                [Val::Name(Some(class @ (Shape::ArrayWrapper | Shape::ColumnType))), Val::Tuple(_), Val::None],
            ) => Outcome::Makes(Val::Object(Some(*class))),
            (Shape::Array, args) if !args.first().is_some_and(Val::may_be_a_class) => Outcome::Raises,
            // `_frombuffer(bytes, dtype, shape, order)`: numpy compares them, and makes no objects of bytes. Before 1.19 anything that is
            // true is an order.
            (Shape::ArrayBuffer, [Val::Plain | Val::Bytes, of, Val::Lengths(_), order])
                if (dtype(of) || of.is_plain_dtype() || matches!(of, Val::Numbers) || name(of))
                    && (order.is_no_class() || name(order)) =>
            {
                made()
            }
            (Shape::ArrayBuffer, args) if args.len() < 4 => Outcome::Raises,
            // `scalar(dtype, bytes)`: with a dtype of objects it is whatever it is made of, in older versions with one that has them in it.
            (Shape::Scalar, [Val::Object(Some(Shape::DType)), val])
                if plain(val) && !val.may_be_str() || matches!(val, Val::Object(Some(Shape::Latin1))) =>
            {
                made()
            }
            (Shape::Scalar, [of, ..]) if of.is_no_dtype() || name(of) => Outcome::Makes(Val::Wild),
            // `ndarray((0,), 'b', None)`, of bytes; `matrix` makes an array of the numbers.
            (Shape::ArrayClass, [Val::Tuple(Some(lengths)), Val::Text(code), Val::None])
                if **code == *b"b" && lengths.iter().all(|length| matches!(length, Val::Plain)) =>
            {
                made()
            }
            // A text is no shape, but `matrix` makes an array of numbers of one.
            (Shape::ArrayClass, [Val::Text(_), Val::Plain] | [Val::Text(_), Val::Plain, Val::Plain]) => made(),
            // `ndarray(shape, dtype, buffer, offset)`: nothing of this is a buffer, an itemsize, or a fourth argument of `matrix`.
            (Shape::ArrayClass, [_, Val::Tuple(_) | Val::Lengths(_), Val::Lengths(_), Val::Text(_)]) => Outcome::Raises,
            // `__bit_generator_ctor(class)`: the class is called with nothing. A generator is taken as it is.
            (Shape::BitGenerator, [Val::Name(Some(Shape::BitGeneratorClass))]) => made(),
            (Shape::RandomState, [Val::Object(Some(Shape::BitGenerator))]) => made(),
            (Shape::RandomState, [Val::Text(_), Val::Name(Some(Shape::BitGenerator))]) => made(),
            // Code that Cython wrote for `__reduce__`: `__pyx_unpickle_SeedSequence(class, checksum, state)`.
            (Shape::SeedSequence, [Val::Name(Some(Shape::SeedSequenceClass)), Val::Plain, Val::None])
            | (Shape::ColumnUnpickler, [Val::Name(Some(Shape::Column)), Val::Plain, Val::None]) => made(),
            // One of the three is an array, or nothing: then it reads what is not there.
            (Shape::Tree, args) if !matches!(args, [_, classes, _] if matches!(classes, Val::None) || classes.may_be_an_array()) => {
                Outcome::Raises
            }
            // `func(module, name)`: imports the one, gets the other.
            (Shape::Ufunc, args) if !matches!(args, [module, name] if module.may_be_str() && name.may_be_str()) => {
                Outcome::Raises
            }
            // `encode(text, codec)`: looks for a module of the codec's name.
            (Shape::Latin1, [_, codec, ..]) if args.len() > 3 || !codec.may_be_str() => Outcome::Raises,
            // `base.__new__(class, state)`, and then `base.__init__`: a value has both, too, for the classes of its type.
            (Shape::Reconstructor, args) if !matches!(args, [class, base, _] if !(base.is_no_class() && class.is_no_class_of_values())) => {
                Outcome::Raises
            }
            _ => Outcome::Unknown,
        }
    }
}
