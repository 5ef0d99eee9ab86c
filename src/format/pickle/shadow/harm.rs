//! What of a name is certain to be harmless with values that were not judged, by its shape.

use super::fields::FIELD;
use super::values::Val;
use crate::vocabulary::Shape;
use std::rc::Rc;

/// What comes of a call.
pub(super) enum Outcome {
    /// Nothing but an object.
    Harmless,
    /// Python raises.
    Raises,
    /// Nobody knows.
    Unknown,
}

impl Shape {
    /// Whether calling it runs nothing of its arguments, whatever they are: code that Cython or C has, which looks at their types,
    /// and classes that keep what they are given, as estimators do.
    fn takes_anything(self) -> bool {
        matches!(
            self,
            Shape::Estimator
                | Shape::Array
                | Shape::ArrayBuffer
                | Shape::ArrayWrapper
                | Shape::BaseObject
                | Shape::LossFunction
                | Shape::DType
                | Shape::Scalar
                | Shape::Slice
                | Shape::NamedTuple
                | Shape::Moment
        )
    }

    /// Whether it makes something of bytes and a dtype, and compares the two.
    fn takes_bytes(self) -> bool {
        // `scalar` takes them for the addresses of objects, if a field is one (numpy before 1.21).
        self == Shape::ArrayBuffer
    }

    /// Whether numpy makes a dtype of one of its arguments.
    fn makes_dtypes(self) -> bool {
        matches!(self, Shape::DType | Shape::Array | Shape::ArrayBuffer | Shape::ArrayClass | Shape::Type)
    }

    /// Whether calling or making it runs nothing else and opens nothing, if its arguments are numbers and texts: what has
    /// attributes could be asked for them, and for its items.
    fn takes_plain_values(self) -> bool {
        matches!(
            self,
            Shape::Record
                | Shape::Predictor
                | Shape::Type
                | Shape::Bytes
                | Shape::Complex
                | Shape::OrderedDict
                | Shape::ArrayClass
                | Shape::BitGeneratorClass
                | Shape::SeedSequenceClass
        )
    }

    /// Whether what it is called with may be any numbers: it is written in Python, or is Python's own, which asks what it is given. Code
    /// that Cython made of a class may read beside an array, or one that is none (`Gini(255, None)`).
    fn checks_numbers(self) -> bool {
        matches!(
            self,
            Shape::ByteArray
                | Shape::Counter
                | Shape::DefaultDict
                | Shape::Deque
                | Shape::Error
                | Shape::FrozenSet
                | Shape::ItemGetter
                | Shape::Latin1
                | Shape::Namespace
                | Shape::NoneType
                | Shape::Number
                | Shape::Path
                | Shape::Pattern
                | Shape::Range
                | Shape::Set
                | Shape::TimeZone
                | Shape::Uuid
                | Shape::BitGenerator
                | Shape::RandomState
                | Shape::BitGeneratorClass
                | Shape::SeedSequenceClass
                | Shape::ArrayClass
                | Shape::Type
                | Shape::Complex
                | Shape::Bytes
                | Shape::OrderedDict
        )
    }

    /// Whether an object of it that was made without being called is none yet, and dies of a state.
    pub(super) fn has_to_be_called(self) -> bool {
        matches!(self, Shape::BitGeneratorClass | Shape::SeedSequenceClass)
    }

    /// Whether nothing can change what it makes, but itself when it is given its first state.
    pub(super) fn stays(self) -> bool {
        matches!(
            self,
            Shape::Array
                | Shape::ArrayBuffer
                | Shape::ArrayClass
                | Shape::DType
                | Shape::Scalar
                | Shape::Slice
                | Shape::Complex
                | Shape::Bytes
                | Shape::FrozenSet
                | Shape::Moment
                | Shape::Number
        )
    }

    /// Whether what it makes is an array, of which an item is written into memory.
    pub(super) fn has_memory(self) -> bool {
        matches!(self, Shape::Array | Shape::ArrayBuffer | Shape::ArrayClass)
    }

    /// Whether a dict as its state becomes attributes, and nothing else happens.
    pub(super) fn takes_any_attributes(self) -> bool {
        matches!(self, Shape::Estimator | Shape::Record)
    }

    /// Whether a dict as its state becomes attributes or is looked into for its keys, and nothing else happens.
    pub(super) fn keeps_a_dict(self) -> bool {
        self.takes_any_attributes() || matches!(self, Shape::ColumnType | Shape::Sparse)
    }

    /// Whether all of its names are functions, or what is called like one: no classes, of which an object could be made.
    pub(super) fn is_function(self) -> bool {
        matches!(
            self,
            Shape::Function
                | Shape::Ufunc
                | Shape::Latin1
                | Shape::Scalar
                | Shape::Array
                | Shape::ArrayBuffer
                | Shape::Reconstructor
                | Shape::LossUnpickler
                | Shape::ColumnUnpickler
                | Shape::Block
        )
    }

    /// Whether its names have neither `append` nor `extend` nor `add`.
    pub(super) fn has_no_append(self) -> bool {
        self.is_function() || self == Shape::Blocks
    }

    /// Whether no item of it can be set: its class has no `__setitem__`.
    pub(super) fn has_no_items(self) -> bool {
        matches!(self, Shape::ArrayWrapper | Shape::LossFunction | Shape::Tree | Shape::SeedSequence)
    }

    /// Whether nothing can be put into an object of it: its class has neither `append` nor `extend` nor `add`, and its objects have no
    /// attributes of their own.
    pub(super) fn takes_nothing(self) -> bool {
        matches!(self, Shape::ArrayWrapper | Shape::SeedSequence)
    }

    /// Whether its state is asked for its type, and to be made another one (`astype`): arrays answer, and other objects what
    /// they were told.
    pub(super) fn takes_arrays(self) -> bool {
        matches!(self, Shape::Predictor | Shape::Tree)
    }

    /// Whether a class of it may have items of its own, as one of an enumeration has.
    pub(super) fn may_be_iterable(self) -> bool {
        matches!(self, Shape::Enumeration | Shape::Opaque)
    }

    /// A call with arguments that an honest file would not give it.
    pub(super) fn called_with(self, args: &Val) -> Outcome {
        let args = match args {
            Val::Tuple(Some(args)) => args.clone(),
            // `Tree(n_features, n_classes, n_outputs)`; whatever else is called with these knows neither of them.
            Val::TreeArguments if self == Shape::Tree => return Outcome::Harmless,
            Val::Field(_) => Rc::from(FIELD),
            // The reader that is written in Python calls it with the elements, as many as there are.
            Val::Numbers => Rc::from([Val::Numbers]),
            Val::TreeArguments => Rc::from([Val::Plain, Val::Object(None), Val::Plain]),
            _ if self.takes_anything() && self != Shape::Estimator && !self.makes_dtypes() => return Outcome::Harmless,
            _ => return Outcome::Unknown,
        };
        // numpy puts None wherever a dtype says that there are objects; it compares bytes with its size.
        let taken = |val: &Val| matches!(val, Val::Structure) && !self.takes_bytes();
        // A view of an array looks at memory that is freed when the array is given its state.
        let viewed = |val: &Val| matches!(self, Shape::ArrayBuffer | Shape::ArrayClass) && val.may_be_an_array();
        if args.iter().any(|val| taken(val) || viewed(val)) {
            return Outcome::Unknown;
        }
        // A search asks its grid for `items`, which an attribute may be.
        if self == Shape::Estimator && !args.iter().all(Val::is_bare) {
            return Outcome::Unknown;
        }
        // `_reconstruct(class, shape, type)`.
        if self == Shape::Array && !args.first().is_some_and(Val::may_be_a_class) {
            return Outcome::Raises;
        }
        if self == Shape::ArrayClass && args.len() > 2 {
            return of_memory(&args);
        }
        // What was made by `dtype` is taken for one without fields, and `O,O` is short enough for anything.
        let plain = |val: &Val| val.is_plain_dtype() && !(self == Shape::DType && matches!(val, Val::Plain));
        if !self.dtypes_of(&args).iter().all(plain) {
            return Outcome::Unknown;
        }
        if self == Shape::Tree {
            // It takes three, of which one is an array.
            let takes = matches!(&*args, [_, classes, _] if classes.may_be_an_array());
            return if takes { Outcome::Unknown } else { Outcome::Raises };
        }
        if self.takes_anything() {
            return Outcome::Harmless;
        }
        // No honest file calls a record with anything, and some are compiled, such as scipy's hulls.
        if self == Shape::Record && !args.is_empty() {
            return Outcome::Unknown;
        }
        if self.takes_plain_values() && args.iter().all(|val| val.is_plain() || matches!(val, Val::Name(_))) {
            return Outcome::Harmless;
        }
        let is_number = |val: &Val| matches!(val, Val::None | Val::Plain | Val::Bytes | Val::Numbers);
        match (self, &*args) {
            (Shape::Opaque | Shape::Member | Shape::Statespace | Shape::FormulaData, _) => Outcome::Unknown,
            // `func(module, name)`: imports the one, gets the other.
            (Shape::Ufunc, [module, name]) if module.may_be_str() && name.may_be_str() => Outcome::Unknown,
            (Shape::Ufunc, _) => Outcome::Raises,
            // `encode(text, codec)`: looks for a module of the codec's name.
            (Shape::Latin1, [_, codec] | [_, codec, _]) if codec.may_be_str() => Outcome::Unknown,
            (Shape::Latin1, [_, _, ..]) => Outcome::Raises,
            // `base.__new__(class, state)`, and then `base.__init__`: a value has both, too, for the classes of its type.
            (Shape::Reconstructor, [class, base, _]) if !(base.is_no_class() && class.is_no_class_of_values()) => {
                Outcome::Unknown
            }
            (Shape::Reconstructor, _) => Outcome::Raises,
            // Numbers and nothing ask for no names and no files.
            (shape, args) if (shape.checks_numbers() || args.is_empty()) && args.iter().all(is_number) => {
                Outcome::Harmless
            }
            // The second argument is called, the first one too if it is a type.
            (Shape::BitGenerator | Shape::RandomState, args) => {
                // numpy's own constructor looks its argument up among the names of generators.
                let own = |val: &Val| {
                    // The classes are called with nothing; what they make is taken as it is.
                    let (Val::Name(Some(shape)) | Val::Object(Some(shape))) = val else { return false };
                    matches!(shape, Shape::BitGenerator | Shape::BitGeneratorClass)
                };
                let passes = |val: &Val| is_number(val) || matches!(val, Val::Text(_) | Val::LongText) || own(val);
                if args.iter().all(passes) { Outcome::Harmless } else { Outcome::Unknown }
            }
            // Code that Cython wrote for `__reduce__`: the class has to be its own, the checksum right.
            (
                Shape::LossUnpickler | Shape::ColumnUnpickler | Shape::SeedSequence,
                [Val::Name(_), Val::Plain, Val::None],
            ) => Outcome::Harmless,
            // Only this one asks how many members it is given.
            (Shape::SeedSequence, [Val::Name(_), Val::Plain, Val::Tuple(_)]) => Outcome::Harmless,
            (Shape::NeighborsTree | Shape::Distance, [Val::Name(Some(shape))])
                if shape.takes_anything() || shape.takes_plain_values() =>
            {
                Outcome::Harmless
            }
            (Shape::Set | Shape::FrozenSet, [Val::List(_) | Val::Set | Val::Dict(_) | Val::Tuple(_)]) => {
                Outcome::Harmless
            }
            _ => Outcome::Unknown,
        }
    }

    /// Whether what it makes may be something that can be called. Of scikit-learn's own objects kernels, losses and scorers can,
    /// which are records; its estimators can not. scipy's splines can, and the offsets of pandas before 2.
    pub(super) fn may_make_functions(self) -> bool {
        self.makes_functions()
            || self.is_opaque()
            || self.looks_up()
            || matches!(
                self,
                Shape::Record
                    | Shape::Type
                    | Shape::Distribution
                    | Shape::Frozen
                    | Shape::Spline
                    | Shape::Radial
                    | Shape::Offset
                    | Shape::LossFunction
                    | Shape::LossUnpickler
                    | Shape::Reconstructor
                    | Shape::DillType
            )
    }
}

/// A call of an array's class with more than a shape and a dtype: numpy makes an array of the memory that it is given, and neither asks
/// whether there are objects in it, nor for the sign of an offset. `ndarray` and `recarray` take it as their third, `chararray` as its fourth
/// argument, whose second is a number; `matrix` takes three.
fn of_memory(args: &[Val]) -> Outcome {
    let memory = |at: usize| args.get(at).is_some_and(|val| !val.has_no_memory());
    let given = |at: usize| args.get(at).is_some_and(|val| !matches!(val, Val::None));
    let has_lengths = matches!(args.get(1), Some(Val::Lengths(_) | Val::Tuple(_)));
    let plain = |val: &Val| match val {
        Val::Lengths(_) => true,
        Val::Tuple(Some(items)) => items.iter().all(Val::is_plain),
        val => val.is_plain(),
    };
    if args.len() > 3 && given(2) && !memory(2) && (has_lengths || given(3) && !memory(3)) {
        return Outcome::Raises;
    }
    // Behind them `recarray` takes formats, which may have fields. A text is no shape, but `matrix` makes one of it.
    let is_fresh =
        args.len() < 5 && !given(2) && !given(3) || matches!(args.first(), Some(Val::Text(_) | Val::LongText));
    let is_plain = args.iter().all(plain) && args.get(1).is_some_and(Val::is_plain_dtype);
    if is_fresh && is_plain { Outcome::Harmless } else { Outcome::Unknown }
}

/// Whether this is code of numpy's that takes what fits as a state, and raises otherwise.
pub(super) fn takes_numbers(shape: Shape) -> bool {
    matches!(
        shape,
        Shape::BitGenerator
            | Shape::BitGeneratorClass
            | Shape::RandomState
            | Shape::SeedSequence
            | Shape::SeedSequenceClass
    )
}

/// Whether this is a state that it takes, or raises at: numpy before 1.26 reads three parts of a random state's tuple.
pub(super) fn is_state_of_numbers(shape: Shape, state: &Val) -> bool {
    takes_numbers(shape) && (shape != Shape::RandomState || matches!(state, Val::Dict(_)))
}

/// Whether this is a state that makes an array of bytes or objects, of a dtype that was made as ours makes one: numpy compares the
/// bytes with it, and puts objects where its fields are.
pub(super) fn is_state_of_an_array(state: &Val) -> bool {
    let Val::Tuple(Some(parts)) = state else { return false };
    // numpy before 1.22 does not see that lengths are too large for their product.
    let [Val::Plain, Val::Lengths(size), dtype, Val::Plain, data] = &**parts else { return false };
    let bytes = matches!(data, Val::Plain | Val::Bytes | Val::Text(_) | Val::LongText);
    match dtype {
        // What is followed as ours has our arguments and our state.
        Val::Object(Some(Shape::DType)) | Val::Namesake => match data {
            Val::List(length) => length.is(*size),
            data => bytes || matches!(data, Val::Set),
        },
        Val::Structure => bytes,
        _ => false,
    }
}

/// Whether an object without a `__setstate__` of its own, or with scikit-learn's, is not given this: it is no mapping, and no
/// pair of one and of slots.
pub(super) fn is_no_state(state: &Val) -> bool {
    match state {
        Val::None | Val::Text(_) | Val::LongText | Val::Plain | Val::Bytes | Val::Numbers | Val::Name(_) => true,
        Val::Tuple(Some(items)) => items.len() != 2,
        Val::DTypeState(_) => true,
        _ => false,
    }
}
