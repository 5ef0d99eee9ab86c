//! pandas' tables (`pandas/core/generic.py`, `NDFrame.__setstate__`), what they keep their values in
//! (`pandas/core/internals/managers.py`, `pandas/_libs/internals.pyx`), their indexes (`pandas/core/indexes/base.py`,
//! `_new_Index`), columns that are no arrays of numpy's (`pandas/_libs/arrays.pyx`) and the types of those.
//!
//! pandas sets attributes by the keys of a state, and calls classes with them as keywords: every state has a closed set of keys.
//! Times stand in `stamp.rs`.

use super::super::scene::{Functions, Misuse, Scene};
use super::super::shape::{Built, Made, Shape};
use super::arguments;
use super::form::{Form, arguments_of, state_of};
use crate::graph::{DTypeKind, NameId, ObjectId, Value, View};

pub(super) const OFFSET: Form = Form::Either(&[Form::None, Form::Object(&[Shape::Offset])]);
pub(super) const ZONE: Form = Form::Either(&[Form::None, Form::Object(&[Shape::TimeZone, Shape::Moment])]);
const INDEX: Form = Form::Object(&[Shape::IndexClass]);
/// What a table's values stand in.
const VALUES: Form = Form::Either(&[Form::Array, Form::Object(&[Shape::Column, Shape::IndexClass])]);
/// The columns that a block holds: an array or a slice, which dill makes in its own way. pandas raises on all else that dill makes so.
const PLACES: Form = Form::Either(&[Form::Array, Form::Object(&[Shape::Slice, Shape::DillType])]);
const CLOSED: Form = Form::Either(&[Form::None, Form::Word(&["left", "right", "both", "neither"])]);
const TYPE: Form = Form::Either(&[Form::DType, Form::Object(&[Shape::ColumnType])]);
/// What pandas remembers of an object. Who checks it settles it as data.
pub(super) const CACHE: Form = Form::Dict(&[
    ("dtype", TYPE),
    ("numpy_dtype", Form::DType),
    ("kind", Form::Text),
    ("unit", Form::Text),
    ("freqstr", Form::Text),
    ("inferred_type", Form::Text),
    ("name", Form::Text),
    ("rule_code", Form::Text),
    ("itemsize", Form::Whole),
    ("ndim", Form::Whole),
    ("_reso", Form::Whole),
    ("_creso", Form::Whole),
    ("_ndarray", Form::Array),
    ("_params", Form::Data),
]);
/// What a column's type remembers: only what has a form of its own here, for its class is a name.
const TYPE_CACHE: Form = Form::Dict(&[
    ("numpy_dtype", Form::DType),
    ("kind", Form::Text),
    ("itemsize", Form::Whole),
    ("name", Form::Text),
    ("is_signed_integer", Form::Bool),
    ("is_unsigned_integer", Form::Bool),
    ("type", Form::Name(&[Shape::Type])),
    ("index_class", Form::Name(&[Shape::IndexClass])),
]);

const INDEXED: &str = "an honest file calls it with the class of an index, and its data and name, its levels and codes, or its start, stop and step";
const INDEX_PARTS: &[(&str, Form)] = &[
    ("data", VALUES),
    ("name", Form::Label),
    ("start", Form::Whole),
    ("stop", Form::Whole),
    ("step", Form::Whole),
    ("levels", Form::Many(&INDEX)),
    ("codes", Form::Many(&Form::Array)),
    ("labels", Form::Many(&Form::Array)),
    ("sortorder", Form::Either(&[Form::None, Form::Whole])),
    ("names", Form::Many(&Form::Label)),
    ("freq", OFFSET),
    ("tz", ZONE),
    ("left", VALUES),
    ("right", VALUES),
    ("closed", CLOSED),
];

/// `_new_Index(class, {…})`, and those of single classes, such as `_new_DatetimeIndex`.
pub fn index(scene: &mut Scene<'_>, args: Value) -> Result<Made, Misuse> {
    let [class, parts] = arguments(scene, args, INDEXED)?;
    let own = scene.heap.get_name(scene.name).and_then(|name| name.qualname.strip_prefix("_new_")).unwrap_or("");
    let fits = scene.heap.as_name(class).is_some_and(|(_, class)| own == "Index" || own == class.qualname);
    let Some((class, Shape::IndexClass)) = scene.shape_of(class).filter(|_| fits) else {
        return Err(Misuse::act("its class is no index", INDEXED));
    };
    state_of(scene, parts, INDEX_PARTS, INDEXED)?;
    for part in ["data", "left", "right"] {
        if let Some(value) = scene.heap.lookup(parts, part) {
            index_data(scene, class, value)?;
        }
    }
    scene.settle(parts, Functions::Refused)?;
    Ok(Made::Object(class))
}

/// What an index is made of: pandas looks at an array as at times without asking for its type, and writes out a range.
fn index_data(scene: &mut Scene<'_>, class: NameId, value: Value) -> Result<(), Misuse> {
    let name = scene.heap.get_name(class).map_or("", |name| name.qualname.as_str());
    if let Some(array) = scene.heap.as_array(value) {
        let kind = scene.heap.get_dtype(array.dtype).map(|dtype| dtype.kind);
        if array.shape.is_empty() || times_of(name).is_some_and(|kinds| !kind.is_some_and(|kind| kinds.contains(&kind)))
        {
            return Err(Misuse::act("its data are of another kind", INDEXED));
        }
        return Ok(());
    }
    let length = range_length(scene, value).unwrap_or(0);
    Ok(scene.budget.memory(length.saturating_mul(8))?)
}

/// The kinds of elements of an index or column of times. Older versions keep times as whole numbers.
fn times_of(class: &str) -> Option<&'static [DTypeKind]> {
    match class {
        "DatetimeIndex" | "DatetimeArray" => Some(&[DTypeKind::Datetime]),
        "TimedeltaIndex" | "TimedeltaArray" => Some(&[DTypeKind::Timedelta]),
        "PeriodIndex" | "PeriodArray" => Some(&[DTypeKind::Int]),
        _ => None,
    }
}

/// How many numbers a range has: `_new_Index(RangeIndex, {start, stop, step})`.
fn range_length(scene: &Scene<'_>, value: Value) -> Option<u64> {
    let (_, object) = scene.heap.as_object(value)?;
    let parts = scene.heap.as_tuple(object.args)?.at(1)?;
    let number = |part: &str| scene.heap.lookup(parts, part).and_then(|value| scene.heap.view(value).int());
    let (start, stop, step) = (number("start")?, number("stop")?, number("step")?);
    Some(start.abs_diff(stop).div_ceil(step.unsigned_abs().max(1)))
}

const TABLE: &str = "an honest file gives it its blocks, its name, and what is noted of it";
const TABLE_PARTS: &[(&str, Form)] = &[
    ("_mgr", Form::Object(&[Shape::Blocks])),
    ("_data", Form::Object(&[Shape::Blocks])),
    ("_typ", Form::Word(&["dataframe", "series"])),
    ("_metadata", Form::Many(&Form::Text)),
    ("attrs", Form::Pairs),
    ("_flags", Form::Dict(&[("allows_duplicate_labels", Form::Bool)])),
    ("_name", Form::Label),
    ("name", Form::Label),
];

/// The state of a `DataFrame` or `Series`.
pub fn table(scene: &mut Scene<'_>, state: Value) -> Result<Built, Misuse> {
    state_of(scene, state, TABLE_PARTS, TABLE)?;
    scene.settle(state, Functions::Refused)?;
    Ok(Built::State)
}

const BLOCKS: &str = "an honest file gives it its axes and its blocks";

/// `BlockManager((block, …), [axis, axis])`, since pandas 1.3.
pub fn blocks(scene: &mut Scene<'_>, args: Value) -> Result<Made, Misuse> {
    const BLOCK: Form = Form::Object(&[Shape::Block]);
    arguments_of(scene, args, &[&[Form::Many(&BLOCK), Form::Many(&INDEX)]], BLOCKS)?;
    scene.settle(args, Functions::Refused)?;
    Ok(Made::Object(scene.name))
}

/// The state of a manager before pandas 1.3, and of a series' since: axes, values and items as pandas 0.13 read them, then
/// all of it by name.
pub fn blocks_state(scene: &mut Scene<'_>, state: Value) -> Result<Built, Misuse> {
    const PART: Form = Form::Dict(&[("values", VALUES), ("mgr_locs", PLACES)]);
    const NAMED: Form = Form::Dict(&[("axes", Form::Many(&INDEX)), ("blocks", Form::Many(&PART))]);
    const STATE: Form =
        Form::Tuple(&[Form::Many(&INDEX), Form::Many(&VALUES), Form::Many(&INDEX), Form::Dict(&[("0.14.1", NAMED)])]);
    if !STATE.fits(scene, state)? {
        return Err(Misuse::act("its state is something else", BLOCKS));
    }
    scene.settle(state, Functions::Refused)?;
    Ok(Built::State)
}

const BLOCK: &str = "an honest file calls it with values, the places of their columns, and one or two dimensions";

/// `_unpickle_block(values, places, ndim)`.
pub fn block(scene: &mut Scene<'_>, args: Value) -> Result<Made, Misuse> {
    arguments_of(scene, args, &[&[VALUES, PLACES, Form::One(&[1, 2])]], BLOCK)?;
    scene.settle(args, Functions::Refused)?;
    Ok(Made::Object(scene.name))
}

/// `partial(new_block, ndim=2)(values, places)`: how pandas 1.3 makes a block. `made` is the state of the partial.
pub fn block_of_partial(scene: &mut Scene<'_>, made: Value, args: Value) -> Result<NameId, Misuse> {
    let parts = scene.heap.as_tuple(made).and_then(|parts| parts.exactly::<4>());
    let function = parts.and_then(|[function, ..]| scene.shape_of(function));
    let (Some([_, positional, keywords, _]), Some((function, Shape::Block))) = (parts, function) else {
        return Err(Misuse::act("what it made is called", "an honest file calls names only, and what makes a block"));
    };
    let bound = Form::Tuple(&[]).fits(scene, positional)?;
    let keys = Form::Dict(&[("ndim", Form::One(&[1, 2]))]).fits(scene, keywords)?;
    if !bound || !keys {
        return Err(Misuse::act("it has other arguments of its own than ndim", BLOCK));
    }
    arguments_of(scene, args, &[&[VALUES, PLACES]], BLOCK)?;
    scene.settle(args, Functions::Refused)?;
    Ok(function)
}

const COLUMN: &str = "an honest file gives it its values, its type, and what is missing in it";
const COLUMN_PARTS: &[(&str, Form)] = &[
    ("_data", Form::Either(&[Form::Array, Form::Object(&[Shape::ArrowArray])])),
    ("_ndarray", Form::Array),
    ("_codes", Form::Array),
    // Of categories before pandas 0.21.
    ("_categories", INDEX),
    ("_ordered", Form::Bool),
    ("_mask", Form::Array),
    ("_dtype", TYPE),
    ("_freq", OFFSET),
    ("_cache", CACHE),
    ("_left", VALUES),
    ("_right", VALUES),
    ("_closed", CLOSED),
    ("_pa_array", Form::Object(&[Shape::ArrowArray])),
    ("_readonly", Form::Bool),
    ("_sparse_index", Form::Object(&[Shape::SparseIndex])),
    ("_sparse_values", Form::Array),
];

/// The state of a column: a dict, or (since pandas 1.3) its type, its array, and the rest.
pub fn column(scene: &mut Scene<'_>, object: ObjectId, state: Value) -> Result<Built, Misuse> {
    const REST: Form = Form::Dict(&[("_freq", OFFSET), ("_cache", CACHE), ("_readonly", Form::Bool)]);
    // What Cython's classes without parts of their own are given: attributes, in a tuple.
    const ATTRIBUTES: Form = Form::Tuple(&[Form::Dict(COLUMN_PARTS)]);
    const SHORT: Form = Form::Tuple(&[TYPE, Form::Array]);
    const LONG: Form = Form::Tuple(&[TYPE, Form::Array, REST]);
    let packed = Form::Either(&[SHORT, LONG, ATTRIBUTES]);
    if scene.heap.as_tuple(state).is_some() {
        if !packed.fits(scene, state)? {
            return Err(Misuse::act("its state is something else", COLUMN));
        }
    } else {
        state_of(scene, state, COLUMN_PARTS, COLUMN)?;
    }
    let class = scene.heap.get_object(object).and_then(|object| scene.heap.get_name(object.name));
    let name = class.map_or("", |class| class.qualname.as_str());
    let array = match scene.heap.as_tuple(state) {
        Some(parts) => parts.at(1),
        None => ["_ndarray", "_data"].iter().find_map(|part| scene.heap.lookup(state, part)),
    };
    let array = array.and_then(|array| scene.heap.as_array(array));
    if let (Some(kinds), Some(array)) = (times_of(name), array) {
        let kind = scene.heap.get_dtype(array.dtype).map(|dtype| dtype.kind);
        if !matches!(array.shape.len(), 1 | 2) || !kind.is_some_and(|kind| kinds.contains(&kind)) {
            return Err(Misuse::act("its array is of another kind", COLUMN));
        }
    }
    scene.settle(state, Functions::Refused)?;
    Ok(Built::State)
}

const UNPICKLE: &str = "an honest file calls it with the class of a column, a checksum and None";
/// Of `_dtype _ndarray`, by Cython's three ways to make it, and of no parts.
const CHECKSUMS: [i64; 5] = [223_698_104, 191_083_838, 82_904_607, 222_419_149, 238_750_788];

/// `__pyx_unpickle_NDArrayBacked(class, checksum, None)`; those of intervals and periods have no parts of their own.
pub fn unpickle_column(scene: &mut Scene<'_>, args: Value) -> Result<Made, Misuse> {
    let [class, checksum, state] = arguments(scene, args, UNPICKLE)?;
    let Some((class, Shape::Column)) = scene.shape_of(class) else {
        return Err(Misuse::act("its first argument is no column's class", UNPICKLE));
    };
    let known = scene.heap.view(checksum).int().is_some_and(|checksum| CHECKSUMS.contains(&checksum));
    if !known || !matches!(scene.heap.view(state), View::None) {
        return Err(Misuse::act("its checksum or state is another one", UNPICKLE));
    }
    Ok(Made::Object(class))
}

const COLUMN_TYPE: &str = "an honest file gives it its categories, unit, storage or value for what is missing";

/// `StringDtype('python', nan)`, `PeriodDtype('period[M]')` or `PeriodDtype(MonthEnd)`.
pub fn column_type(scene: &mut Scene<'_>, args: Value) -> Result<Made, Misuse> {
    const STORAGE: Form = Form::Word(&["python", "pyarrow", "pyarrow_numpy"]);
    const MISSING: Form = Form::Either(&[Form::None, Form::Float, Form::Name(&[Shape::Type])]);
    let class = scene.heap.get_name(scene.name).map_or("", |name| name.qualname.as_str());
    match class {
        "StringDtype" => arguments_of(scene, args, &[&[STORAGE], &[STORAGE, MISSING]], COLUMN_TYPE)?,
        "PeriodDtype" => {
            let [period] = arguments(scene, args, COLUMN_TYPE)?;
            let text = scene.heap.as_str(period).and_then(|text| text.strip_prefix("period[")?.strip_suffix(']'));
            let alias = text.is_some_and(|text| {
                text.len() <= 16 && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
            });
            if !alias && !Form::Object(&[Shape::Offset]).fits(scene, period)? {
                return Err(Misuse::act("it is called with something else", COLUMN_TYPE));
            }
        }
        _ => return Err(Misuse::act("it is called", COLUMN_TYPE)),
    }
    Ok(Made::Object(scene.name))
}

const COLUMN_TYPE_PARTS: &[(&str, Form)] = &[
    ("categories", Form::Either(&[Form::None, INDEX])),
    ("ordered", Form::Either(&[Form::None, Form::Bool])),
    // Of categories in pandas 0.25.
    ("_ordered_from_sentinel", Form::Either(&[Form::None, Form::Bool])),
    ("unit", Form::Word(&["s", "ms", "us", "ns"])),
    ("tz", ZONE),
    ("freq", OFFSET),
    ("subtype", Form::Either(&[Form::None, TYPE])),
    ("closed", CLOSED),
    ("storage", Form::Word(&["python", "pyarrow", "pyarrow_numpy"])),
    ("_dtype", Form::DType),
    ("_name", Form::Text),
    ("_type", Form::Name(&[Shape::Type])),
    ("_storage", Form::Word(&["pyarrow"])),
    ("pyarrow_dtype", Form::Object(&[Shape::ArrowType])),
    ("_fill_value", Form::Either(&[Form::None, Form::Bool, Form::Whole, Form::Float, Form::Name(&[Shape::Type])])),
    ("_cache", TYPE_CACHE),
];

/// The state of a column's type. Each of its parts has a form that leaves no name in it but an index' class.
pub fn column_type_state(scene: &mut Scene<'_>, state: Value) -> Result<Built, Misuse> {
    state_of(scene, state, COLUMN_TYPE_PARTS, COLUMN_TYPE)?;
    scene.settle(state, Functions::Checked)?;
    Ok(Built::State)
}

const SPARSE: &str = "an honest file calls it with a length, and the places of its values";

/// `IntIndex(length, places)`, `BlockIndex(length, places, lengths)`: their constructors check them.
pub fn sparse_index(scene: &mut Scene<'_>, args: Value) -> Result<Made, Misuse> {
    arguments_of(scene, args, &[&[Form::Whole, Form::Array], &[Form::Whole, Form::Array, Form::Array]], SPARSE)?;
    Ok(Made::Object(scene.name))
}
