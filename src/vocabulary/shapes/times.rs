//! Columns and indexes of times of pandas' (`pandas/core/arrays/datetimelike.py`): an array of whole numbers of eight bytes, of the kind
//! that the class has and of a unit that pandas counts in, and a type that agrees with it. pandas' compiled code
//! (`pandas/_libs/tslibs/vectorized.pyx`) takes the array for such a one, and looks no more.

use super::super::scene::{Misuse, Scene};
use super::super::shape::Shape;
use super::pandas::MOST_INDEXES;
use crate::graph::{Array, DType, DTypeKind, NameId, TimeUnit, Value, View};

/// A kind of times: what its index and its column are called, and the kind of their array.
struct Times {
    index: &'static str,
    column: &'static str,
    /// A column's type with a zone or a period, where it is none of numpy's.
    of: Option<&'static str>,
    kind: DTypeKind,
}

const ALL: [Times; 3] = [
    Times { index: "DatetimeIndex", column: "DatetimeArray", of: Some("DatetimeTZDtype"), kind: DTypeKind::Datetime },
    Times { index: "TimedeltaIndex", column: "TimedeltaArray", of: None, kind: DTypeKind::Timedelta },
    Times { index: "PeriodIndex", column: "PeriodArray", of: Some("PeriodDtype"), kind: DTypeKind::Int },
];

const INDEX: &str = "an honest file makes an index of times of such times: M8, m8, or of periods i8";

/// Checks what an index of times is made of: an array of their kind, or a column or index of the same times.
pub(super) fn index(scene: &Scene<'_>, class: NameId, parts: Value) -> Result<(), Misuse> {
    let class = scene.class_of(class);
    let Some(times) = ALL.into_iter().find(|times| times.index == class) else { return Ok(()) };
    let Some(data) = scene.heap.lookup(parts, "data") else { return Ok(()) };
    let fits = match scene.heap.view(data) {
        View::Array(array) => element(scene, array).is_some_and(|dtype| times.has(dtype)),
        View::Object(_, object) => {
            let class = scene.class_of(object.name);
            class == times.index || class == times.column
        }
        _ => false,
    };
    if fits { Ok(()) } else { Err(Misuse::act(format!("its data are {}", described(scene, data)), INDEX)) }
}

const COLUMN: &str = "an honest file gives it times of one or two axes, and a type of the same kind and unit";

/// Checks the state of a column, of which the form was checked, if it is one of times.
pub(super) fn column(scene: &Scene<'_>, state: Value) -> Result<(), Misuse> {
    let class = scene.class_of(scene.name);
    let Some(times) = ALL.into_iter().find(|times| times.column == class) else { return Ok(()) };
    let own = |state, key| scene.heap.lookup(state, key);
    let (dtype, array, rest) = parts_of(scene, state);
    let named = |key| rest.and_then(|rest| own(rest, key));
    let cached = named("_cache").and_then(|cache| own(cache, "_ndarray"));
    for array in [array, named("_ndarray"), named("_data"), cached].into_iter().flatten() {
        check(scene, &times, array, dtype)?;
    }
    Ok(())
}

/// Checks that what a column remembers as its data is what it has.
pub(super) fn remembered(scene: &Scene<'_>, state: Value) -> Result<(), Misuse> {
    let own = |state: Option<Value>, key| state.and_then(|state| scene.heap.lookup(state, key));
    let (_, array, rest) = parts_of(scene, state);
    let data = array.or_else(|| own(rest, "_ndarray"));
    match own(own(rest, "_cache"), "_data") {
        Some(cached) if !data.is_some_and(|data| is_same(scene, cached, data)) => {
            Err(Misuse::act("it remembers other data than its own", REMEMBERED))
        }
        _ => Ok(()),
    }
}

const REMEMBERED: &str = "an honest file has one array in both places, or two that are equal and short, as joblib writes one that stands twice";

/// Whether two values are one array, or two of the same bytes.
fn is_same(scene: &Scene<'_>, one: Value, other: Value) -> bool {
    let equal = |one: &Array, other: &Array| {
        one.shape == other.shape
            && scene.heap.get_dtype(one.dtype) == scene.heap.get_dtype(other.dtype)
            && scene.heap.array_bytes(one).is_some_and(|bytes| Some(bytes) == scene.heap.array_bytes(other))
    };
    one == other
        || scene.heap.as_array(one).zip(scene.heap.as_array(other)).is_some_and(|(one, other)| equal(one, other))
}

/// The type of a column, its array if it stands in a tuple, and its attributes.
fn parts_of(scene: &Scene<'_>, state: Value) -> (Option<Value>, Option<Value>, Option<Value>) {
    let named = |attributes| scene.heap.lookup(attributes, "_dtype");
    match scene.heap.as_tuple(state).map(|parts| (parts.at(0), parts.at(1), parts.at(2))) {
        Some((dtype, array @ Some(_), rest)) => (dtype.or_else(|| rest.and_then(named)), array, rest),
        // Attributes, by themselves or in a tuple.
        Some((attributes, None, _)) => (attributes.and_then(named), None, attributes),
        None => (named(state), None, Some(state)),
    }
}

/// The array of a column of one.
pub(super) fn array_of(scene: &Scene<'_>, state: Value) -> Option<Value> {
    let (_, array, rest) = parts_of(scene, state);
    array.or_else(|| ["_ndarray", "_data"].into_iter().find_map(|key| scene.heap.lookup(rest?, key)))
}

/// What times are reckoned in.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Zone {
    /// In none.
    No,
    /// In one that pandas knows, or asks once.
    Known,
    /// In one of `zoneinfo`, which some versions of pandas ask for each time.
    Info,
    /// In the one that a computer is set to, which pandas asks for each time.
    Local,
}

/// The zone of an index by its parts: its own, or that of the index or column that it is made of.
pub(super) fn zone(scene: &Scene<'_>, mut parts: Value) -> Zone {
    let mut found = Zone::No;
    // Where more of them stand in one another, no times are made of them.
    for _ in 0..=MOST_INDEXES {
        found = found.max(own_zone(scene, parts));
        let data = scene.heap.lookup(parts, "data").and_then(|data| scene.heap.as_object(data));
        let Some((_, data)) = data else { break };
        if scene.roles.shape(data.name) != Some(Shape::IndexClass) {
            let dtype = parts_of(scene, data.state).0.and_then(|dtype| scene.heap.as_object(dtype));
            return found.max(dtype.map_or(Zone::No, |(_, dtype)| own_zone(scene, dtype.state)));
        }
        parts = scene.heap.as_tuple(data.args).and_then(|args| args.at(1)).unwrap_or(Value::NONE);
    }
    found
}

/// The zone that parts of an index, or of a column's type, say themselves.
pub(super) fn own_zone(scene: &Scene<'_>, parts: Value) -> Zone {
    match scene.heap.lookup(parts, "tz").map(|zone| scene.heap.view(zone)) {
        None | Some(View::None) => Zone::No,
        Some(View::Object(_, zone)) if scene.class_of(zone.name) == "tzlocal" => Zone::Local,
        Some(View::Object(_, zone)) if scene.class_of(zone.name) == "ZoneInfo" => Zone::Info,
        Some(_) => Zone::Known,
    }
}

/// Checks an array of times against the type of its column, which old pandas may leave out.
fn check(scene: &Scene<'_>, times: &Times, values: Value, dtype: Option<Value>) -> Result<(), Misuse> {
    let array = scene.heap.as_array(values).filter(|array| matches!(array.shape.len(), 1 | 2));
    let array = array.ok_or_else(|| Misuse::act("its values are no array of one or two axes", COLUMN))?;
    let Some(element) = element(scene, array).filter(|dtype| times.has(dtype)) else {
        return Err(Misuse::act(format!("its values are {}", described(scene, values)), COLUMN));
    };
    let agrees = match dtype.map(|dtype| scene.heap.view(dtype)) {
        None => true,
        Some(View::DType(_, dtype)) => dtype == element && times.kind != DTypeKind::Int,
        Some(View::Object(_, object)) => {
            let unit = scene.heap.lookup(object.state, "unit").and_then(|unit| scene.heap.as_str(unit));
            let is_of = times.of == Some(scene.class_of(object.name));
            is_of && (times.kind == DTypeKind::Int || unit == element.unit.map(TimeUnit::name))
        }
        Some(_) => false,
    };
    if agrees { Ok(()) } else { Err(Misuse::act("its type is another one than its values have", COLUMN)) }
}

impl Times {
    /// Whether an array of these elements can hold such times.
    fn has(&self, dtype: &DType) -> bool {
        dtype.kind == self.kind && dtype.size == 8 && (dtype.unit.is_some() || self.kind == DTypeKind::Int)
    }
}

fn element<'s>(scene: &'s Scene<'_>, array: &Array) -> Option<&'s DType> {
    scene.heap.get_dtype(array.dtype)
}

/// What a value is, for messages.
fn described(scene: &Scene<'_>, value: Value) -> String {
    match scene.heap.view(value) {
        View::Array(array) => {
            format!("an array of {}", element(scene, array).map_or_else(String::new, DType::name))
        }
        View::Object(_, object) => format!("of {}", scene.class_of(object.name)),
        other => other.kind().to_owned(),
    }
}
