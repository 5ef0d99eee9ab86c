//! pandas' tables (`pandas/core/generic.py`, `NDFrame.__setstate__`), what they keep their values in
//! (`pandas/core/internals/managers.py`, `pandas/_libs/internals.pyx`), their indexes (`pandas/core/indexes/base.py`,
//! `_new_Index`), columns that are no arrays of numpy's (`pandas/_libs/arrays.pyx`) and the types of those.
//!
//! pandas sets attributes by the keys of a state, and calls classes with them as keywords: every state has a closed set of keys.
//! Times stand in `stamp.rs`, and columns and indexes of many in `times.rs`.

use super::super::scene::{Functions, Misuse, Scene};
use super::super::shape::{Built, Made, Shape};
use super::form::{Form, arguments_of, give, state_of};
use super::times::Zone;
use super::{arguments, elements, levels, plain, rule, times};
use crate::graph::{NameId, Object, Value, View};

pub(super) const OFFSET: Form = Form::Either(&[Form::None, Form::Object(&[Shape::Offset])]);
pub(super) const ZONE: Form = Form::Either(&[Form::None, Form::Object(&[Shape::TimeZone, Shape::Moment])]);
const INDEX: Form = Form::Object(&[Shape::IndexClass]);
/// What a table's values stand in.
const VALUES: Form = Form::Either(&[Form::Array, Form::Built(&[Shape::Column]), INDEX]);
/// What an index is made of, or its ends.
const DATA: Form = Form::Either(&[Form::Axes, Form::Built(&[Shape::Column]), INDEX]);
/// The columns that a block holds: an array or a slice, which dill makes in its own way. pandas raises on all else that dill makes so.
const PLACES: Form = Form::Either(&[Form::Numbers, Form::Object(&[Shape::Slice, Shape::DillType])]);
const CLOSED: Form = Form::Either(&[Form::None, Form::Word(&["left", "right", "both", "neither"])]);
const TYPE: Form = Form::Either(&[Form::DType, Form::Object(&[Shape::ColumnType])]);
/// What pandas remembers of an object. Who checks it settles it as data.
pub(super) const CACHE: Form = Form::Dict(&[
    ("dtype", TYPE),
    ("numpy_dtype", Form::DType),
    ("kind", Form::Text),
    ("unit", Form::Text),
    ("_unit", Form::Text),
    ("freqstr", Form::Text),
    ("inferred_type", Form::Text),
    ("name", Form::Text),
    ("rule_code", Form::Text),
    ("itemsize", Form::Whole),
    ("ndim", Form::Whole),
    ("_reso", Form::Whole),
    ("_creso", Form::Whole),
    ("_ndarray", Form::Axes),
    ("_data", Form::Axes),
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

pub(super) const INDEXED: &str = "an honest file calls it with the class of an index, and its data and name, its levels and codes, or its start, stop and step";
const INDEX_PARTS: &[(&str, Form)] = &[
    ("data", DATA),
    ("name", Form::Label),
    ("start", Form::Whole),
    ("stop", Form::Whole),
    ("step", Form::Whole),
    ("levels", Form::Many(&INDEX)),
    ("codes", Form::Many(&Form::Numbers)),
    ("labels", Form::Many(&Form::Numbers)),
    ("sortorder", Form::Either(&[Form::None, Form::Whole])),
    ("names", Form::Many(&Form::Label)),
    ("freq", OFFSET),
    ("tz", ZONE),
    ("left", DATA),
    ("right", DATA),
    ("closed", CLOSED),
];

/// What pandas takes to make an index of intervals, in values read: 170 µs.
const INTERVALS: u64 = 3500;

/// What stands for the data of an index, or for its ends.
const MADE_OF: [&str; 3] = ["data", "left", "right"];

/// `_new_Index(class, {…})`, and those of single classes, such as `_new_DatetimeIndex`.
pub fn index(scene: &mut Scene<'_>, args: Value) -> Result<Made, Misuse> {
    let [class, parts] = arguments(scene, args, INDEXED)?;
    let own = scene.heap.get_name(scene.name).and_then(|name| name.qualname.strip_prefix("_new_")).unwrap_or("");
    let fits = scene.heap.as_name(class).is_some_and(|(_, class)| own == "Index" || own == class.qualname);
    let Some((class, Shape::IndexClass)) = scene.shape_of(class).filter(|_| fits) else {
        return Err(Misuse::act("its class is no index", INDEXED));
    };
    state_of(scene, parts, INDEX_PARTS, INDEXED)?;
    times::index(scene, class, parts)?;
    for key in MADE_OF {
        elements::check(scene, class, parts, key)?;
    }
    pay_for_ranges(scene, parts, &MADE_OF)?;
    levels::pay_for_levels(scene, parts)?;
    if scene.class_of(class) == "IntervalIndex" {
        scene.budget.values(INTERVALS)?;
    }
    pay_for_zone(scene, parts)?;
    pay_for_rule(scene, parts)?;
    scene.settle(parts, Functions::Refused)?;
    // pandas takes the data out of it.
    give(scene, Some(parts), "dict", INDEXED)?;
    Ok(Made::Object(class))
}

/// Most indexes in one another: an honest file has one in another.
pub(super) const MOST_INDEXES: usize = 16;

/// Pays for the numbers of each range that is a part of something else, which pandas makes an array of: a range is as long as it says.
fn pay_for_ranges(scene: &mut Scene<'_>, parts: Value, keys: &[&str]) -> Result<(), Misuse> {
    for key in keys {
        if let Some(part) = scene.heap.lookup(parts, key)
            && let Some(length) = range_in(scene, part)?
        {
            scene.budget.memory(length.saturating_mul(8))?;
        }
    }
    Ok(())
}

/// What pandas 1.0 takes for a time in the zone that a computer is set to, in values read.
const LOCAL: u64 = 70;

/// Pays for times in that zone, each of which pandas asks it for.
fn pay_for_zone(scene: &mut Scene<'_>, parts: Value) -> Result<(), Misuse> {
    if times::own_zone(scene, parts) == Zone::Local
        && let Some(data) = scene.heap.lookup(parts, "data")
    {
        let times = scene.columns_in(data)? / 8;
        scene.budget.values(times.saturating_mul(LOCAL))?;
    }
    Ok(())
}

/// What pandas takes for each of the steps that a `DateOffset` says it is, in values read: 7 µs in pandas 1.5.
const STEP_BY_RULE: u64 = 160;

/// How much longer pandas takes for a step in a zone: 60 µs for 14 to 21.
const IN_ZONE: u64 = 3;

/// What pandas takes for a day, an hour or less in a zone whose changes it knows: 0.1 µs. In one of `zoneinfo` 1.5 to 2 take 0.9 µs, and 2 for
/// a day 12.
const KNOWN_TICK: u64 = 2;
const INFO_TICK: u64 = 16;
const INFO_DAY: u64 = 300;

/// What pandas takes beside a step to ask the zone that a computer is set to, in values read: from and to it for days and hours, all of which
/// it makes at once (6 µs in pandas 3, 19 in 0.25), and for other rules several times (40 to 200 µs).
const LOCAL_TICK: u64 = 300;
const LOCAL_STEP: u64 = 2500;

/// Checks and pays for times that are said to go by a rule: pandas makes all of them anew to see whether they do.
fn pay_for_rule(scene: &mut Scene<'_>, parts: Value) -> Result<(), Misuse> {
    let rule = scene.heap.lookup(parts, "freq").and_then(|rule| scene.heap.as_object(rule));
    let data = scene.heap.lookup(parts, "data");
    let (Some((_, rule)), Some(data)) = (rule, data) else { return Ok(()) };
    let (rule, zone) = (*rule, times::zone(scene, parts));
    let times = scene.columns_in(data)? / 8;
    if rule::TICKS.contains(&scene.class_of(rule.name)) {
        let each = match zone {
            Zone::No => 0,
            Zone::Known => KNOWN_TICK,
            Zone::Info if scene.class_of(rule.name) == "Day" => INFO_DAY,
            Zone::Info => INFO_TICK,
            Zone::Local => LOCAL_TICK,
        };
        return Ok(scene.budget.values(times.saturating_mul(each))?);
    }
    rule::check(scene, &rule)?;
    let step = rule_steps(scene, &rule).saturating_mul(STEP_BY_RULE).saturating_add(rule::price(scene, &rule));
    let step = match zone {
        Zone::No => step,
        Zone::Known | Zone::Info => step.saturating_mul(IN_ZONE),
        Zone::Local => step.saturating_mul(IN_ZONE).saturating_add(LOCAL_STEP),
    };
    let steps = step.saturating_mul(rule::slowness(scene, &rule));
    let detours = rule::detours(scene, &rule, times);
    Ok(scene.budget.values(times.max(1).saturating_mul(steps).saturating_add(detours))?)
}

/// How often pandas before 2 counts on to come from a time to the next: a `DateOffset` is put to it as often as it says, all others
/// are reckoned.
fn rule_steps(scene: &Scene<'_>, rule: &Object) -> u64 {
    if scene.class_of(rule.name) != "DateOffset" {
        return 0;
    }
    let argument = scene.heap.as_tuple(rule.args).and_then(|args| args.at(0));
    let counts = [argument, scene.heap.lookup(rule.state, "n")];
    let steps = |count: Value| scene.heap.view(count).int().map_or(0, i64::unsigned_abs);
    counts.into_iter().flatten().map(steps).max().unwrap_or(0)
}

/// How long the range is that a value is made of, if it is made of one.
pub(super) fn range_in(scene: &Scene<'_>, mut of: Value) -> Result<Option<u64>, Misuse> {
    for _ in 0..MOST_INDEXES {
        let index =
            scene.heap.as_object(of).filter(|(_, object)| scene.roles.shape(object.name) == Some(Shape::IndexClass));
        let Some((_, index)) = index else { return Ok(None) };
        let Some(parts) = scene.heap.as_tuple(index.args).and_then(|args| args.at(1)) else { return Ok(None) };
        if scene.class_of(index.name) == "RangeIndex" {
            return Ok(Some(steps(scene, parts)));
        }
        match ["data", "left"].into_iter().find_map(|key| scene.heap.lookup(parts, key)) {
            Some(inner) => of = inner,
            None => return Ok(None),
        }
    }
    Err(Misuse::act("more indexes stand in one another than any honest file has", INDEXED))
}

/// How many numbers a range has, which starts at 0 and goes by 1 if nothing is said. Of a step of 0 pandas makes none.
fn steps(scene: &Scene<'_>, parts: Value) -> u64 {
    let part = |key| scene.heap.lookup(parts, key).and_then(|part| scene.heap.view(part).int()).map(i128::from);
    let (start, stop) = match (part("start"), part("stop")) {
        (start, Some(stop)) => (start.unwrap_or(0), stop),
        (start, None) => (0, start.unwrap_or(0)),
    };
    let step = part("step").unwrap_or(1);
    let (distance, step) = (stop.saturating_sub(start).saturating_mul(step.signum()), step.unsigned_abs());
    let steps =
        distance.max(0).unsigned_abs().checked_add(step).and_then(|end| end.saturating_sub(1).checked_div(step));
    steps.map_or(0, |steps| u64::try_from(steps).unwrap_or(u64::MAX))
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

/// What pandas takes to look at a block that was made before, in values read: 0.7 µs.
const LOOKED_AT: u64 = 30;

const BLOCKS: &str = "an honest file gives it its axes and its blocks";

/// `BlockManager((block, …), [axis, axis])`, since pandas 1.3.
pub fn blocks(scene: &mut Scene<'_>, args: Value) -> Result<Made, Misuse> {
    const BLOCK: Form = Form::Object(&[Shape::Block]);
    arguments_of(scene, args, &[&[Form::Many(&BLOCK), Form::Many(&INDEX)]], BLOCKS)?;
    let blocks = scene.heap.as_tuple(args).and_then(|args| args.at(0)).unwrap_or(Value::NONE);
    let count = scene.heap.as_tuple(blocks).map_or(0, |blocks| blocks.len() as u64);
    scene.budget.values(count.saturating_mul(LOOKED_AT))?;
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
    pay_for_blocks(scene, state)?;
    scene.settle(state, Functions::Refused)?;
    Ok(Built::State)
}

/// What pandas takes to make a block, in values read and in bytes: 20 to 50 µs.
const MADE_BLOCK: (u64, u64) = (1500, 300);

/// Pays for the blocks, axes and items in the state of a manager: a file may give the same tuple to many of them.
fn pay_for_blocks(scene: &mut Scene<'_>, state: Value) -> Result<(), Misuse> {
    let all: Vec<Value> = scene.heap.as_tuple(state).into_iter().flatten().collect();
    let named = all.last().and_then(|last| scene.heap.lookup(*last, "0.14.1"));
    let named = named.and_then(|named| scene.heap.lookup(named, "blocks"));
    let lengths = all.into_iter().chain(named).map(|value| scene.heap.items_in(value));
    let count = lengths.fold(0u64, u64::saturating_add);
    scene.budget.values(count.saturating_mul(MADE_BLOCK.0))?;
    scene.budget.memory(count.saturating_mul(MADE_BLOCK.1))?;
    // Places become numbers of eight bytes, and texts objects.
    let blocks: Vec<Value> = named.and_then(|named| scene.heap.as_items(named)).into_iter().flatten().collect();
    for block in blocks {
        for key in ["values", "mgr_locs"] {
            let array = scene.heap.lookup(block, key).unwrap_or(Value::NONE);
            scene.pay_for_copy(array)?;
        }
    }
    Ok(())
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

/// How many hashes are compared in the time that a value takes.
const HASHES: u64 = 100;
const COLUMN: &str = "an honest file gives it its values, its type, and what is missing in it";
const COLUMN_PARTS: &[(&str, Form)] = &[
    ("_data", Form::Either(&[Form::Axes, Form::Object(&[Shape::ArrowArray])])),
    ("_ndarray", Form::Axes),
    ("_codes", Form::Numbers),
    // Of categories before pandas 0.21.
    ("_categories", INDEX),
    ("_ordered", Form::Bool),
    ("_mask", Form::Axes),
    ("_dtype", TYPE),
    ("_freq", OFFSET),
    ("_cache", CACHE),
    ("_left", VALUES),
    ("_right", VALUES),
    ("_closed", CLOSED),
    ("_pa_array", Form::Object(&[Shape::ArrowArray])),
    ("_readonly", Form::Bool),
    ("_sparse_index", Form::Object(&[Shape::SparseIndex])),
    ("_sparse_values", Form::Axes),
];

/// The state of a column: a dict, or (since pandas 1.3) its type, its array, and the rest.
pub fn column(scene: &mut Scene<'_>, state: Value) -> Result<Built, Misuse> {
    const REST: Form = Form::Dict(&[("_freq", OFFSET), ("_cache", CACHE), ("_readonly", Form::Bool)]);
    // What Cython's classes without parts of their own are given: attributes, in a tuple.
    const ATTRIBUTES: Form = Form::Tuple(&[Form::Dict(COLUMN_PARTS)]);
    const SHORT: Form = Form::Tuple(&[TYPE, Form::Axes]);
    const LONG: Form = Form::Tuple(&[TYPE, Form::Axes, REST]);
    let packed = Form::Either(&[SHORT, LONG, ATTRIBUTES]);
    if scene.heap.as_tuple(state).is_some() {
        if !packed.fits(scene, state)? {
            return Err(Misuse::act("its state is something else", COLUMN));
        }
    } else {
        state_of(scene, state, COLUMN_PARTS, COLUMN)?;
    }
    times::column(scene, state)?;
    times::remembered(scene, state)?;
    let packed = scene.heap.as_tuple(state).and_then(|parts| parts.at(0));
    // pandas takes its array out of that, too.
    give(scene, packed, "dict", COLUMN)?;
    let attributes = packed.unwrap_or(state);
    pay_for_ranges(scene, attributes, &["_left", "_right"])?;
    // pandas looks whether each is there once, by a table of hashes that are no secret.
    if let Some(categories) = scene.heap.lookup(attributes, "_categories") {
        let count = scene.columns_in(categories)? / 8;
        scene.budget.values(count.saturating_mul(count) / HASHES)?;
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
    // pandas keeps the types of periods, for the next who asks.
    Ok(if plain::class(scene) == "PeriodDtype" { Made::Found(scene.name) } else { Made::Object(scene.name) })
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
    arguments_of(scene, args, &[&[Form::Whole, Form::Numbers], &[Form::Whole, Form::Numbers, Form::Numbers]], SPARSE)?;
    Ok(Made::Object(scene.name))
}
