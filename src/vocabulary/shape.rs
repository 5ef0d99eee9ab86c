//! Shapes: what may be done with a name. Each is a function that checks the act and says what it makes; none runs anything.
//!
//! To add a shape: a variant here with its text, its checks in a file of `shapes/`, and a line in `docs/formats.md`.

use super::scene::{Functions, Misuse, Scene};
use super::shapes::{
    arrow, cloudpickle, container, dill, distribution, estimator, function, joblib, lookup, loss, masked, neighbors,
    numpy, old, opaque, pandas, plain, python, random, record, scipy, sets, sparse, stamp, values,
};
use crate::graph::{DTypeId, NameId, ObjectId, Value};

/// What a call makes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Made {
    /// An object of the name that was called, or of the class that it was called with.
    Object(NameId),
    /// What there is already, of this class: it takes neither a state nor items.
    Found(NameId),
    /// An object that is this value.
    Is(Value),
    /// An object that is read as this value, and is of another class than Python's own: numpy's texts.
    ReadAs(Value),
}

/// What setting a state makes of an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Built {
    /// The object keeps the state.
    State,
    /// The object is this value.
    Is(Value),
    /// The object is an array whose elements follow in the stream.
    Follows(Raw),
    /// The object is an array that stands in a file beside this one.
    Beside(Beside),
}

/// joblib's array in the stream (`joblib/numpy_pickle.py`, `NumpyArrayWrapper`); its shape stands in the state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Raw {
    /// Type of the elements.
    pub dtype: DTypeId,
    /// Its shape: a tuple of whole numbers.
    pub shape: Value,
    /// Whether the first axis changes fastest.
    pub fortran: bool,
    /// Whether a byte with the length of a padding, and the padding, stand before the elements.
    pub padded: bool,
}

/// An array in a file beside the model (`joblib/numpy_pickle_compat.py`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Beside {
    /// The file's name: a text of the right form.
    pub file: Value,
    /// What the array is, if the file holds its bare elements, compressed. Else it is a `.npy` that says so itself.
    pub elements: Option<Raw>,
    /// Whether it becomes a `numpy.matrix`, which has two axes.
    pub matrix: bool,
}

/// What may be put into an object after it was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Takes {
    /// Nothing.
    Nothing,
    /// Items at its end.
    Items,
    /// Keys and values.
    Pairs,
    /// Keys and values, or items at its end, before it is given a state: what is known of it is that the user allows it.
    PairsOrItems,
    /// Members.
    Members,
}

macro_rules! shapes {
    ($($variant:ident $text:literal $meaning:literal;)*) => {
        /// What may be done with a name.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Shape { $(#[doc = $meaning] $variant,)* }

        impl Shape {
            /// Every shape.
            pub const ALL: &'static [Shape] = &[$(Shape::$variant),*];
            /// Its name in the tables.
            pub const fn text(self) -> &'static str { match self { $(Shape::$variant => $text,)* } }
            /// What an honest file does with such a name.
            pub const fn meaning(self) -> &'static str { match self { $(Shape::$variant => $meaning,)* } }
        }
    };
}

shapes! {
    Estimator "estimator" "made empty, then given one dict of attributes: text keys, each once, none a method's name";
    Record "record" "made empty, then given one dict of attributes, of those that its class has, and at most its slots";
    Tree "tree" "called with (n_features, array of n_classes, n_outputs), then given max_depth, node_count, nodes and values";
    ObliqueTree "oblique-tree" "called as a tree is, then given the same and as many rows of projections as nodes";
    NamedTuple "named-tuple" "made of as many values as it has fields, and of what its class has beside them";
    Predictor "predictor" "made empty, then given its nodes and sets of categories, all arrays";
    LossFunction "loss-function" "called with at most one number; or kept as the class that its unpickler makes";
    LossUnpickler "loss-unpickler" "called with its own class, that class's checksum, and None or at most one number";
    NeighborsTree "neighbors-tree" "called with the class of a neighbors tree: makes it empty";
    NeighborsTreeClass "neighbors-tree-class" "kept as the class of a neighbors tree, which is given arrays, counts and a distance";
    Distance "distance" "called with the class of a distance: makes it empty";
    DistanceClass "distance-class" "kept as the class of a distance, which is given its power, weights and matrix";
    MaskedConstant "masked-constant" "called with nothing";
    Rotation "rotation" "made empty, then given an array, and whether it is a single one";
    Radial "radial" "made empty, then given its points and values, and how it was fitted to them";
    PointTree "point-tree" "made empty, then given its nodes as bytes, its points and their order, counts, bounds, and at most the box that it repeats";
    TypedArray "typed-array" "called with the code of a type and a list of numbers, or with a format and bytes";
    Address "address" "called with a whole number, or with the text of an address or network";
    PythonRandom "python-random" "called with nothing, then given the state of a Mersenne Twister";
    Pattern "pattern" "called with a short pattern and its flags";
    Logger "logger" "called with the name of a logger; what it finds is kept";
    Error "error" "called with data, then at most given attributes; or kept as a class";
    Sparse "sparse" "made empty, then given its arrays, shape and flags";
    Array "array" "called with (numpy.ndarray, (0,), b'b'), then given its version, shape, dtype, order and bytes";
    ArrayBuffer "array-buffer" "called with (bytes, dtype, shape, order)";
    ArrayClass "array-class" "kept as the class of an array; never called";
    MappedClass "mapped-class" "kept as the class of an array that was mapped from a file, where arrays are made and nowhere else; never called";
    ArrayWrapper "array-wrapper" "joblib's array: made empty, given its dtype, shape and order; its elements follow in the stream";
    ArrayFile "array-file" "an old joblib's array: made empty, given the name of the .npy file beside the model that holds it";
    ArrayZFile "array-zfile" "an old joblib's array: made empty, given its state and the name of the file beside the model that holds its elements";
    MaskedArray "masked-array" "called with (numpy.ma.MaskedArray, numpy.ndarray, (0,), b'b'), then given an array's state, a mask and a fill value";
    MaskedArrayClass "masked-array-class" "kept as the class of a masked array; never called";
    Index "index" "called with the class of an index, and its data and name, its levels and codes, or its start, stop and step";
    IndexClass "index-class" "kept as the class of an index; never called";
    Table "table" "made empty, then given its blocks, its name, and what is noted of it";
    Blocks "blocks" "called with its blocks and axes; or made empty, then given them as old pandas read them";
    Block "block" "called with values, the places of their columns, and one or two dimensions";
    Column "column" "made empty, then given its values, its type, and what is missing in it; or kept as the class that its unpickler makes";
    ColumnUnpickler "column-unpickler" "called with the class of a column, a checksum and None: makes it empty";
    ColumnType "column-type" "made empty, or called with its storage or period; then given its categories, zone or unit";
    SparseIndex "sparse-index" "called with a length, and the places of its values";
    Stamp "stamp" "called with whole numbers, a rule and a zone";
    Offset "offset" "called with how many of them, whether to midnight, and a day, week or month; or made empty, then given them";
    ArrowArray "arrow-array" "called with a type, counts, and buffers of that length";
    ArrowBuffer "arrow-buffer" "called with bytes";
    ArrowType "arrow-type" "called with the name of a type, or with its unit and zone, or with how many digits it has";
    DType "dtype" "called with a type's code such as ('f8', False, True), then given order, fields and sizes that agree with it";
    Scalar "scalar" "called with (dtype, bytes of exactly that size)";
    Type "type" "a type such as numpy.float64, kept as a value; never called";
    Function "function" "a function without side effects, kept in the attributes that hold functions; never called";
    Partial "partial" "called with a function or the type int, then given that and plain arguments, or with defaultdict and what makes its values; kept where functions are";
    Reconstructor "reconstructor" "called with (class, object, None): makes the class empty";
    BaseObject "base-object" "the base of a class that is made empty; never called";
    Latin1 "latin1" "called with (text, 'latin1'): bytes as protocols below 3 write them";
    Set "set" "called with one list";
    FrozenSet "frozenset" "called with one list";
    ByteArray "bytearray" "called with bytes, or with nothing";
    Bytes "bytes" "called with nothing, as protocols below 3 write empty bytes; or kept as a type";
    Slice "slice" "called with three numbers or None";
    Complex "complex" "called with two floats";
    OrderedDict "ordered-dict" "made empty, then given keys and values";
    Bunch "bunch" "a dict whose keys are attributes too: made empty, then given text keys and values, and an empty state";
    BitGeneratorClass "bit-generator-class" "kept as the class of a bit generator; never called";
    BitGenerator "bit-generator" "called with the class or the name of a bit generator, then given its state";
    RandomState "random-state" "called with a bit generator and at most numpy's own constructor, then given its state";
    SeedSequence "seed-sequence" "called with its class, a checksum and its members; then given the members if they were None";
    SeedSequenceClass "seed-sequence-class" "kept as the class of a seed sequence; never called";
    Dok "dok" "made empty, or of a dict of places and values, then given its shape and type";
    Spline "spline" "made empty, then given knots, coefficients and a degree; or another of these and an empty array";
    WarningDict "warning-dict" "a dict that warns: made empty, then given keys and values, and which warnings belong to which keys";
    NoMemory "no-memory" "called with None for a folder, or made empty and given none, so that it keeps nothing";
    Distribution "distribution" "made empty, then given attributes, with exactly scipy's own text for reading parameters";
    Frozen "frozen" "made empty, then given a distribution and its parameters";
    Moment "moment" "called with its parts in bytes or as whole numbers, and at most a time zone";
    TimeZone "time-zone" "called with nothing, or with the name of a zone, or with how far it is from Greenwich; or made empty and given that";
    Number "number" "called with the text of one number, or with two whole numbers";
    Uuid "uuid" "made empty, then given one whole number";
    Path "path" "called with its parts, all text";
    Range "range" "called with three whole numbers";
    Deque "deque" "called with nothing or a list, and at most its greatest length; then given items";
    Counter "counter" "called with one dict, or with nothing; then given keys and values";
    DefaultDict "default-dict" "called with a type of Python's own that makes empty values, an estimator's class, or a partial of itself; then given keys and values";
    Namespace "namespace" "called with nothing or made empty, then given one dict of attributes";
    Ufunc "ufunc" "called with numpy's own name for a function such as ('numpy', 'log1p'); kept where functions are";
    LegacyRandomState "legacy-random-state" "called with nothing, then given the state of a Mersenne Twister";
    RichResult "rich-result" "a dict whose keys are attributes too: made empty, then given keys and values, and at most an empty state";
    WrappedFunction "wrapped-function" "made empty, then given one function, which it calls when it is called; kept where functions are";
    Attribute "attribute" "called with an empty object or a class, and the name of one of its methods that is on a short list; what it finds is kept where functions are, and never called but to make a time zone";
    Vectorized "vectorized" "made empty, then given one method that was so found; kept by the object whose method it is";
    ItemGetter "item-getter" "called with texts and whole numbers, or with names of attributes; kept where functions are";
    NoneType "none-type" "called with None, for its type; what it makes is never called";
    Splitter "splitter" "called with a criterion, counts and a random state, then given an empty state";
    Criterion "criterion" "called with counts, then given an empty state";
    Repeated "repeated" "made empty, then given a splitter's class with how many splits, and how often";
    Booster "booster" "made empty, then given its model as bytes that xgboost reads, and what is noted of it";
    TextBooster "text-booster" "made empty, then given its model as text that lightgbm reads, and what is noted of it";
    BytesModel "bytes-model" "made empty, then given its model as bytes that catboost reads, and its parameters";
    FormulaData "formula-data" "made empty, then given attributes, but no formula that statsmodels would evaluate";
    Statespace "statespace" "called with its model or arrays, then numbers, and given more of them; or kept as a class";
    Arima "arima" "made of its series, three small numbers, and its dates; then given one dict of attributes";
    FileResource "file-resource" "made empty, then given a model as bytes, which it writes into a temporary file";
    Mapper "mapper" "made empty, then given one dict of attributes, with features of two or three parts";
    BuiltinType "builtin-type" "called with 'MethodType' or 'SimpleNamespace'; what it finds is called with a function of a class and an empty object of it, or with nothing";
    DillType "dill-type" "called with the name of a plain type such as 'int'; what it makes is kept, or called as that type";
    DillModule "dill-module" "called with the name of a module of numpy that has its array constructor; stands before that alone";
    DillAttribute "dill-attribute" "called with such a module and '_reconstruct' or 'scalar'; what it finds is called as that";
    DillArray "dill-array" "called with numpy's own constructor, its arguments, an array's state and nothing else";
    Enumeration "enumeration" "called with the value of one of its members: one whole number or text; or kept as the class whose member getattr fetches";
    Member "member" "a class of a named set: made empty, given items, then one dict of attributes or a state of its own form; never called";
    Opaque "opaque" "allowed by the user: made empty or of plain data, with plain state, or kept as a value; called for a member of an enumeration alone, by a whole number";
}

impl Shape {
    /// The shape with this name in the tables.
    pub fn from_text(text: &str) -> Option<Shape> {
        Shape::ALL.iter().copied().find(|shape| shape.text() == text)
    }

    /// Whether arguments or state are free, so that only names were judged.
    pub fn is_opaque(self) -> bool {
        matches!(self, Shape::Opaque | Shape::Member | Shape::Arima | Shape::FormulaData | Shape::Statespace)
    }

    /// Whether the name may stand anywhere as a value: calling it is harmless, or nothing ever calls it.
    pub fn is_plain_value(self) -> bool {
        matches!(
            self,
            Shape::Type
                | Shape::Bytes
                | Shape::Range
                | Shape::Set
                | Shape::FrozenSet
                | Shape::Complex
                | Shape::BaseObject
                | Shape::ArrayClass
                | Shape::Error
                | Shape::Opaque
        )
    }

    /// Whether it is such a name, and may be called with what the model is used on: of bytes `ndarray` would make pointers.
    pub fn makes_plain_values(self) -> bool {
        self.is_plain_value() && self != Shape::ArrayClass
    }

    /// Whether the name is the class of an array of numpy's, of which an empty one is made: its `__new__` is called by nobody.
    pub fn is_array_class(self) -> bool {
        matches!(self, Shape::ArrayClass | Shape::MappedClass)
    }

    /// Whether the name is a class that a class may keep which the user allows: of data, made empty, or of what pandas and Python have.
    pub fn is_kept_class(self) -> bool {
        matches!(
            self,
            Shape::Estimator
                | Shape::Member
                | Shape::Statespace
                | Shape::Record
                | Shape::Table
                | Shape::IndexClass
                | Shape::Column
                | Shape::ColumnType
                | Shape::Stamp
                | Shape::Offset
                | Shape::Moment
                | Shape::Number
                | Shape::Sparse
                | Shape::OrderedDict
                | Shape::Enumeration
        )
    }

    /// Whether what the name makes can be called.
    pub fn makes_functions(self) -> bool {
        matches!(
            self,
            Shape::Partial
                | Shape::Ufunc
                | Shape::WrappedFunction
                | Shape::Attribute
                | Shape::BuiltinType
                | Shape::Vectorized
                | Shape::ItemGetter
        )
    }

    /// Whether what the name makes can be a key of a dict or a member of a set. Estimators and their like could, by their
    /// identity, unless their class compares them; no writer makes use of it. A class that was allowed by its name is hashed as it likes; of
    /// those of a named set some are hashed by what a file says.
    pub fn makes_keys(self) -> bool {
        matches!(
            self,
            Shape::Opaque
                | Shape::Scalar
                | Shape::Complex
                | Shape::DType
                | Shape::Moment
                | Shape::Path
                | Shape::Stamp
                | Shape::Number
                | Shape::Enumeration
        )
    }

    /// Whether what the name makes can be one once it has its state, by which it is hashed.
    pub fn makes_keys_of_its_state(self) -> bool {
        self == Shape::Uuid
    }

    /// Whether what the name makes leaves the dict that is its state as it is, and honest files have that dict elsewhere, too: results of
    /// tests are made with it and then given it, and `vars` of a namespace is it. Of all others some take something out of theirs, or may
    /// in another version.
    pub fn leaves_its_state(self) -> bool {
        matches!(self, Shape::NamedTuple | Shape::Namespace)
    }

    /// Whether the name may stand nowhere but where honest files have it: with other arguments it would look up or open something.
    pub fn is_bound(self) -> bool {
        self.looks_up() || self == Shape::MappedClass
    }

    /// Whether the name is safe by its arguments alone, so that it may stand nowhere but before them.
    pub fn looks_up(self) -> bool {
        matches!(
            self,
            Shape::Attribute | Shape::BuiltinType | Shape::NoneType | Shape::DillModule | Shape::DillAttribute
        )
    }

    /// Checks a key that an item is put at: of some, items are attributes too.
    pub fn key(self, scene: &Scene<'_>, key: Value) -> Result<(), Misuse> {
        match self {
            Shape::Bunch | Shape::RichResult | Shape::WarningDict => container::check_key(scene, key),
            _ => Ok(()),
        }
    }

    /// Whether its items may be functions: those of a dict in which an old search keeps its results.
    pub fn items_hold(self) -> Functions {
        if self == Shape::WarningDict { Functions::Allowed } else { Functions::Refused }
    }

    /// What may be put into what the name makes.
    pub fn takes(self) -> Takes {
        match self {
            Shape::OrderedDict
            | Shape::Bunch
            | Shape::Counter
            | Shape::DefaultDict
            | Shape::RichResult
            | Shape::WarningDict => Takes::Pairs,
            Shape::Dok => Takes::Pairs,
            Shape::Deque => Takes::Items,
            Shape::Opaque | Shape::Member => Takes::PairsOrItems,
            _ => Takes::Nothing,
        }
    }

    /// Whether what the name makes stands for an array, until it is given its state.
    pub fn is_wrapper(self) -> bool {
        matches!(self, Shape::ArrayWrapper | Shape::ArrayFile | Shape::ArrayZFile)
    }

    /// Checks a call (`REDUCE`) with a tuple of arguments.
    pub fn call(self, scene: &mut Scene<'_>, args: Value) -> Result<Made, Misuse> {
        match self {
            Shape::Tree | Shape::ObliqueTree => estimator::tree_call(scene, args),
            Shape::LossFunction => loss::call(scene, args),
            Shape::LossUnpickler => loss::unpickle(scene, args),
            Shape::NeighborsTree => neighbors::make(scene, args, Shape::NeighborsTreeClass),
            Shape::Distance => neighbors::make(scene, args, Shape::DistanceClass),
            Shape::MaskedArray => masked::reconstruct(scene, args),
            Shape::MaskedConstant => masked::constant(scene, args),
            Shape::TypedArray => values::typed_array(scene, args),
            Shape::Address => values::address(scene, args),
            Shape::PythonRandom => values::random(scene, args),
            Shape::Pattern => values::pattern(scene, args),
            Shape::Logger => values::logger(scene, args),
            Shape::Error => values::error(scene, args),
            Shape::Index => pandas::index(scene, args),
            Shape::Array => numpy::reconstruct(scene, args),
            Shape::ArrayBuffer => numpy::from_buffer(scene, args),
            Shape::DType => numpy::dtype_call(scene, args),
            Shape::Scalar => numpy::scalar(scene, args),
            Shape::Partial => function::partial(scene, args),
            Shape::Reconstructor => python::reconstructor(scene, args),
            Shape::Latin1 => python::latin1(scene, args),
            Shape::Set | Shape::FrozenSet => container::set(scene, args, self == Shape::FrozenSet),
            Shape::ByteArray => python::bytearray(scene, args),
            Shape::Bytes => python::bytes(scene, args),
            Shape::Slice => python::slice(scene, args),
            Shape::Complex => python::complex(scene, args),
            Shape::OrderedDict => container::ordered_dict(scene, args),
            Shape::Bunch => container::bunch(scene, args),
            Shape::BitGenerator => random::bit_generator(scene, args),
            Shape::RandomState => random::random_state(scene, args),
            Shape::SeedSequence => random::seed_sequence(scene, args),
            Shape::Blocks => pandas::blocks(scene, args),
            Shape::Block => pandas::block(scene, args),
            Shape::ColumnUnpickler => pandas::unpickle_column(scene, args),
            Shape::ColumnType => pandas::column_type(scene, args),
            Shape::SparseIndex => pandas::sparse_index(scene, args),
            Shape::Stamp => stamp::stamp(scene, args),
            Shape::Offset => stamp::offset(scene, args),
            Shape::ArrowArray => arrow::array(scene, args),
            Shape::ArrowBuffer => arrow::buffer(scene, args),
            Shape::ArrowType => arrow::data_type(scene, args),
            Shape::Splitter => old::splitter(scene, args),
            Shape::Criterion => old::criterion(scene, args),
            Shape::Statespace => sets::statespace(scene, args),
            Shape::BuiltinType => cloudpickle::builtin_type(scene, args),
            Shape::DillType => dill::type_of(scene, args),
            Shape::DillModule => dill::module(scene, args),
            Shape::DillAttribute => dill::attribute(scene, args),
            Shape::DillArray => dill::array(scene, args),
            Shape::NoMemory => old::no_memory(scene, args),
            Shape::Moment => plain::moment(scene, args),
            Shape::TimeZone => plain::time_zone(scene, args),
            Shape::Number => plain::number(scene, args),
            Shape::Path => plain::path(scene, args),
            Shape::Range => plain::range(scene, args),
            Shape::Deque => plain::deque(scene, args),
            Shape::Counter => plain::counter(scene, args),
            Shape::DefaultDict => plain::default_dict(scene, args),
            Shape::Namespace => plain::namespace(scene, args),
            Shape::Ufunc => function::ufunc(scene, args),
            Shape::Attribute => lookup::attribute(scene, args),
            Shape::ItemGetter => lookup::item_getter(scene, args),
            Shape::NoneType => lookup::none_type(scene, args),
            Shape::Enumeration => sets::enumeration(scene, args),
            Shape::Opaque => opaque::member(scene, args),
            Shape::LegacyRandomState => random::legacy(scene, args),
            _ => Err(self.misuse("it is called")),
        }
    }

    /// Checks that an empty object of the class is made (`NEWOBJ`, or `OBJ` and `INST` without arguments).
    pub fn make(self, scene: &mut Scene<'_>, args: Value) -> Result<Made, Misuse> {
        match self {
            Shape::Opaque => opaque::make(scene, args),
            _ if self.is_plain_object() => self.made_empty(scene, args),
            Shape::ArrayFile
            | Shape::ArrayZFile
            | Shape::OrderedDict
            | Shape::Bunch
            | Shape::RichResult
            | Shape::Dok
            | Shape::PointTree
            | Shape::WarningDict => self.made_empty(scene, args),
            Shape::NamedTuple => function::named_tuple(scene, args),
            Shape::Arima => sets::arima(scene, args),
            _ => Err(self.misuse("an empty object of it is made")),
        }
    }

    /// Checks the keywords that an object of the class is made with (`NEWOBJ_EX`), if there are any.
    pub fn keywords(self, scene: &mut Scene<'_>, keywords: Value) -> Result<(), Misuse> {
        match self {
            Shape::NamedTuple => function::tuple_keywords(scene, keywords),
            _ => Err(Misuse::act("it is made with keyword arguments", "an honest file gives it none")),
        }
    }

    /// Whether an object of it is made empty in whichever way Python has: `NEWOBJ`, or `copyreg._reconstructor` on `object`.
    pub fn is_plain_object(self) -> bool {
        matches!(
            self,
            Shape::Estimator
                | Shape::Record
                | Shape::Predictor
                | Shape::Sparse
                | Shape::ArrayWrapper
                | Shape::Distribution
                | Shape::Frozen
                | Shape::Uuid
                | Shape::TimeZone
                | Shape::Namespace
                | Shape::Rotation
                | Shape::Radial
                | Shape::WrappedFunction
                | Shape::Vectorized
                | Shape::Spline
                | Shape::Repeated
                | Shape::Booster
                | Shape::TextBooster
                | Shape::BytesModel
                | Shape::FormulaData
                | Shape::Mapper
                | Shape::NoMemory
                | Shape::FileResource
                | Shape::Member
                | Shape::Table
                | Shape::Blocks
                | Shape::Column
                | Shape::ColumnType
                | Shape::Offset
                | Shape::Opaque
        )
    }

    fn made_empty(self, scene: &Scene<'_>, args: Value) -> Result<Made, Misuse> {
        let empty = scene.heap.as_tuple(args).is_some_and(|items| items.is_empty());
        if empty { Ok(Made::Object(scene.name)) } else { Err(self.misuse("it is made with arguments")) }
    }

    /// Checks the state that an object is given (`BUILD`). The caller has checked that it is the first one.
    pub fn build(self, scene: &mut Scene<'_>, object: ObjectId, state: Value) -> Result<Built, Misuse> {
        match self {
            Shape::Estimator => estimator::state(scene, object, state),
            Shape::Record => record::state(scene, object, state),
            Shape::NamedTuple => function::tuple_state(scene, state),
            Shape::Opaque | Shape::Member | Shape::Arima => opaque::state(scene, object, state),
            Shape::Dok => sparse::dok_state(scene, state),
            Shape::Spline => sparse::spline_state(scene, state),
            Shape::WarningDict => old::warnings_state(scene, state),
            Shape::WrappedFunction => function::wrapped_state(scene, state),
            Shape::Vectorized => lookup::vectorized_state(scene, state),
            Shape::Splitter | Shape::Criterion => old::empty_state(scene, state),
            Shape::Repeated => record::repeated_state(scene, state),
            Shape::Booster => sets::booster(scene, state),
            Shape::TextBooster => sets::text_booster(scene, state),
            Shape::BytesModel => sets::bytes_model(scene, state),
            Shape::FormulaData => sets::formula_data(scene, object, state),
            Shape::Statespace => sets::statespace_state(scene, state),
            Shape::Mapper => sets::mapper(scene, object, state),
            Shape::FileResource => sets::file_resource(scene, state),
            Shape::DillAttribute => dill::attribute_state(scene, object, state),
            Shape::NoMemory => old::no_memory_state(scene, state),
            Shape::Partial => function::partial_state(scene, state),
            Shape::Predictor => record::predictor_state(scene, state),
            Shape::LossFunction => loss::state(scene, object, state),
            Shape::NeighborsTreeClass => neighbors::tree_state(scene, state),
            Shape::DistanceClass => neighbors::distance_state(scene, state),
            Shape::Sparse => sparse::state(scene, state),
            Shape::MaskedArray => masked::state(scene, state),
            Shape::Rotation => scipy::rotation_state(scene, state),
            Shape::Radial => scipy::radial_state(scene, object, state),
            Shape::PointTree => scipy::point_tree_state(scene, state),
            Shape::PythonRandom => values::random_state(scene, state),
            Shape::Error => values::error_state(scene, state),
            Shape::Tree => estimator::tree_state(scene, state),
            Shape::ObliqueTree => estimator::oblique_state(scene, state),
            Shape::Array => numpy::array_state(scene, state),
            Shape::ArrayWrapper => joblib::wrapper_state(scene, state),
            Shape::ArrayFile => joblib::file_state(scene, state),
            Shape::ArrayZFile => joblib::zfile_state(scene, state),
            Shape::DType => numpy::dtype_state(scene, object, state),
            Shape::Bunch => container::bunch_state(scene, state),
            Shape::RichResult => container::result_state(scene, object, state),
            Shape::BitGenerator => random::bit_generator_state(scene, object, state),
            Shape::RandomState => random::random_state_state(scene, object, state),
            Shape::SeedSequence => random::seed_sequence_state(scene, object, state),
            Shape::Distribution => distribution::state(scene, state),
            Shape::Frozen => distribution::frozen_state(scene, state),
            Shape::Table => pandas::table(scene, state),
            Shape::Blocks => pandas::blocks_state(scene, state),
            Shape::Column => pandas::column(scene, state),
            Shape::ColumnType => pandas::column_type_state(scene, state),
            Shape::Offset => stamp::offset_state(scene, state),
            Shape::Uuid => plain::uuid(scene, state),
            Shape::Namespace => plain::namespace_state(scene, state),
            Shape::TimeZone => plain::time_zone_state(scene, state),
            Shape::LegacyRandomState => random::legacy_state(scene, state),
            _ => Err(self.misuse("it is given a state")),
        }
    }

    /// A misuse of a name of this shape: what the file does, against what an honest file does.
    pub fn misuse(self, what: &'static str) -> Misuse {
        Misuse::act(what, format!("in an honest file it is {}", self.meaning()))
    }
}
