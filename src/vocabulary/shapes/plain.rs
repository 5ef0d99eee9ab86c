//! Python's own data: times, exact numbers, identifiers, paths, ranges, and containers that are no plain list or dict.
//!
//! None of these calls what it is given. What takes text to make a number of takes only short text of one form: Python would
//! compute `Fraction('1e999999999')`.

use super::super::scene::{Functions, Misuse, Role, Scene};
use super::super::shape::{Built, Made, Shape};
use super::dill::made_type;
use super::form::{Form, arguments_of, state_of};
use super::{arguments, container};
use crate::calendar;
use crate::graph::{Bytes, NameId, Value, View};

/// The name that the act is on, without its module.
pub(super) fn class<'s>(scene: &'s Scene<'_>) -> &'s str {
    scene.heap.get_name(scene.name).map_or("", |name| name.qualname.as_str())
}

const MOMENT: &str = "an honest file calls it with its parts in bytes or as whole numbers, and at most a time zone";

/// `datetime(b'…', tzinfo)`, `date(b'…')`, `time(b'…', tzinfo)`, `timedelta(days, seconds, microseconds)` and
/// `timezone(timedelta, name)` (`Lib/_pydatetime.py`, `__reduce_ex__`). Python 2 has text for bytes.
pub fn moment(scene: &mut Scene<'_>, args: Value) -> Result<Made, Misuse> {
    let items: Vec<Value> = scene.heap.as_tuple(args).into_iter().flatten().take(4).collect();
    let first = items.first().copied().unwrap_or(Value::NONE);
    let bytes = match class(scene) {
        "date" => 4,
        "time" => 6,
        "datetime" => 10,
        "timedelta" => {
            arguments_of(scene, args, &[&[Form::Whole, Form::Whole, Form::Whole]], MOMENT)?;
            return Ok(Made::Object(scene.name));
        }
        _ => {
            let known = is_of(scene, first, "timedelta");
            let named = items.get(1).is_none_or(|name| matches!(scene.heap.view(*name), View::Text(_)));
            if !known || !named || items.len() > 2 {
                return Err(Misuse::act("it is called with something else", MOMENT));
            }
            return Ok(Made::Object(scene.name));
        }
    };
    if packed_length(scene, first) != Some(bytes) || items.len() > 2 || (bytes == 4 && items.len() > 1) {
        return Err(Misuse::act(format!("it is not called with {bytes} bytes"), MOMENT));
    }
    if !packed(scene, first).is_some_and(|bytes| is_time(&bytes)) {
        return Err(Misuse::act("its bytes are no time that there is", MOMENT));
    }
    if let Some(zone) = items.get(1).copied()
        && !is_of(scene, zone, "timezone")
        && !Form::Object(&[Shape::TimeZone]).fits(scene, zone)?
    {
        return Err(Misuse::act("its time zone is none", MOMENT));
    }
    Ok(Made::Object(scene.name))
}

/// Whether the bytes of a date, a time, or both are such as Python packs (`Lib/_pydatetime.py`, `_getstate`). Its own look at the month alone;
/// with a year of 0 it looks for the name of a day before the first.
fn is_time(bytes: &[u8]) -> bool {
    // Since Python 3.6 the highest bit of the month, or of the hour where there is none, says which of two equal times it is.
    const FOLD: u8 = 0x7f;
    let Some((date, time)) = bytes.split_at_checked(if bytes.len() == 6 { 0 } else { 4 }) else { return false };
    let is_date = match *date {
        [high, low, month, day] => {
            let month = if time.is_empty() { month } else { month & FOLD };
            let year = u16::from_be_bytes([high, low]).into();
            (1..=9999).contains(&year) && calendar::is_date(year, month.into(), day.into())
        }
        _ => date.is_empty(),
    };
    let is_clock = match *time {
        [hour, minute, second, high, middle, low] => {
            let hour = if date.is_empty() { hour & FOLD } else { hour };
            hour < 24 && minute < 60 && second < 60 && u32::from_be_bytes([0, high, middle, low]) < 1_000_000
        }
        _ => time.is_empty(),
    };
    is_date && is_clock
}

/// Whether a value is an object of this class of `datetime`.
pub(super) fn is_of(scene: &Scene<'_>, value: Value, class: &str) -> bool {
    scene.heap.as_object(value).is_some_and(|(_, object)| {
        scene.roles.shape(object.name) == Some(Shape::Moment)
            && scene.heap.get_name(object.name).is_some_and(|name| name.qualname == class)
    })
}

/// Bytes of what Python packs a time into.
fn packed_length(scene: &Scene<'_>, value: Value) -> Option<usize> {
    match scene.heap.view(value) {
        View::Bytes(blob) => match scene.heap.blob_bytes(blob) {
            Bytes::Kept(bytes) => Some(bytes.len()),
            Bytes::Passed => None,
        },
        View::Latin(bytes) => Some(bytes.len()),
        View::Text(text) if text.bytes().len() <= 20 => text.as_str().map(|text| text.chars().count()),
        _ => None,
    }
}

/// The bytes that a time is made of.
pub(super) fn packed(scene: &Scene<'_>, value: Value) -> Option<Vec<u8>> {
    packed_length(scene, value).filter(|length| *length <= 10)?;
    match scene.heap.view(value) {
        View::Bytes(blob) => match scene.heap.blob_bytes(blob) {
            Bytes::Kept(bytes) => Some(bytes.to_vec()),
            Bytes::Passed => None,
        },
        View::Latin(bytes) => Some(bytes.to_vec()),
        View::Text(text) => text.as_str()?.chars().map(|letter| u8::try_from(letter).ok()).collect(),
        _ => None,
    }
}

const NUMBER: &str = "an honest file calls it with the text of one number, or with two whole numbers";
/// Longest text of a number, in bytes: Python's own limit for whole numbers (`sys.int_info`).
const LONGEST: usize = 4300;
/// Largest exponent, of decimal128 (IEEE 754-2008): to make a whole number of a decimal takes the square of its exponent, and can not be interrupted.
const EXPONENT: u32 = 6176;
/// Python finds the greatest divisor of two numbers, by the square of their length: 4 ms for 4300 bytes, in which 100,000 values are read.
const SQUARE: u64 = 180;

/// `Decimal('1.5')`, `Fraction('3/2')`, `Fraction(3, 2)`.
pub fn number(scene: &mut Scene<'_>, args: Value) -> Result<Made, Misuse> {
    let items: Vec<Value> = scene.heap.as_tuple(args).into_iter().flatten().take(3).collect();
    let honest = match (class(scene), items.as_slice()) {
        ("Decimal", [text]) => scene.heap.as_str(*text).is_some_and(is_decimal),
        ("Fraction", [text]) => scene.heap.as_str(*text).is_some_and(is_fraction),
        ("Fraction", [over, under]) => {
            let whole = |value| match scene.heap.view(value) {
                View::Int(number) => Some(number != 0),
                View::Long(bytes) => (bytes.len() <= LONGEST).then_some(true),
                _ => None,
            };
            whole(*over).is_some() && whole(*under) == Some(true)
        }
        _ => false,
    };
    if !honest {
        return Err(Misuse::act("it is called with something else", NUMBER));
    }
    let length = items.iter().map(|item| written(scene, *item)).max().unwrap_or(0);
    scene.budget.values(if class(scene) == "Fraction" { length.saturating_mul(length) / SQUARE } else { length })?;
    Ok(Made::Object(scene.name))
}

/// Bytes of a text or long number.
fn written(scene: &Scene<'_>, value: Value) -> u64 {
    match scene.heap.view(value) {
        View::Text(text) => text.bytes().len() as u64,
        View::Long(bytes) => bytes.len() as u64,
        _ => 0,
    }
}

fn digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn unsigned(text: &str) -> &str {
    text.strip_prefix(['-', '+']).unwrap_or(text)
}

/// `-1.50E+3`, `NaN`, `sNaN12`, `-Infinity`: what `Decimal.__str__` writes.
fn is_decimal(text: &str) -> bool {
    let text = unsigned(text);
    if text.len() > LONGEST {
        return false;
    }
    let nan = text.strip_prefix("sNaN").or_else(|| text.strip_prefix("NaN"));
    if text == "Infinity" || nan.is_some_and(|rest| rest.is_empty() || digits(rest)) {
        return true;
    }
    let (number, exponent) = match text.split_once(['E', 'e']) {
        Some((number, exponent)) => (number, Some(unsigned(exponent))),
        None => (text, None),
    };
    let (whole, part) = number.split_once('.').unwrap_or((number, "0"));
    let known = |exponent: &str| digits(exponent) && exponent.parse().is_ok_and(|exponent: u32| exponent <= EXPONENT);
    digits(whole) && digits(part) && exponent.is_none_or(known)
}

/// `-3/2`, `5`: what `Fraction.__str__` writes.
fn is_fraction(text: &str) -> bool {
    let (over, under) = text.split_once('/').unwrap_or((text, "1"));
    text.len() <= LONGEST && digits(unsigned(over)) && digits(under) && under.bytes().any(|digit| digit != b'0')
}

const UUID: &str = "an honest file gives it one whole number, and at most how safely it was made";

/// The state of a `uuid.UUID`; Python 2's is the same dict.
pub fn uuid(scene: &mut Scene<'_>, state: Value) -> Result<Built, Misuse> {
    state_of(
        scene,
        state,
        &[("int", Form::Data), ("is_safe", Form::Either(&[Form::None, Form::One(&[0, -1])]))],
        UUID,
    )?;
    let number = scene.heap.lookup(state, "int").map(|number| scene.heap.view(number));
    let small = match number {
        Some(View::Int(number)) => number >= 0,
        Some(View::Long(bytes)) => match bytes {
            [.., 0] => bytes.len() <= 17,
            [.., last] => bytes.len() <= 16 && last & 0x80 == 0,
            [] => false,
        },
        _ => false,
    };
    if !small {
        return Err(Misuse::act("its number has not 128 bits", UUID));
    }
    scene.settle(state, Functions::Refused)?;
    Ok(Built::State)
}

/// Bytes that Python takes for each byte of a path.
const COMPONENT: u64 = 4;
/// What Python before 3.12 takes for a path, for each of its parts (1.3 µs, and 2.7 if it looks for a drive), and for what stands between two
/// separators in a part, in values read.
const MADE_PATH: u64 = 40;
const PART: u64 = 24;
const PART_WITH_DRIVE: u64 = 50;
const SEPARATOR: u64 = 8;
const PATH: &str = "an honest file calls it with its parts, all text";

/// `PosixPath('/', 'srv', 'data')`.
pub fn path(scene: &mut Scene<'_>, args: Value) -> Result<Made, Misuse> {
    if !Form::Many(&Form::Text).fits(scene, args)? {
        return Err(Misuse::act("it is called with something else", PATH));
    }
    // Before 3.12 Python takes a path apart at once.
    let each = if class(scene).contains("Posix") { PART } else { PART_WITH_DRIVE };
    let (mut length, mut values) = (0u64, MADE_PATH);
    for part in scene.heap.as_tuple(args).into_iter().flatten() {
        let View::Text(text) = scene.heap.view(part) else { continue };
        let separators = text.bytes().iter().filter(|byte| matches!(byte, b'/' | b'\\')).count() as u64;
        let bytes = text.bytes().len() as u64;
        values = values.saturating_add(each).saturating_add(bytes).saturating_add(separators.saturating_mul(SEPARATOR));
        length = length.saturating_add(bytes);
    }
    scene.budget.values(values)?;
    scene.budget.memory(length.saturating_mul(COMPONENT))?;
    Ok(Made::Object(scene.name))
}

const RANGE: &str = "an honest file calls it with three whole numbers";

/// `range(start, stop, step)`.
pub fn range(scene: &mut Scene<'_>, args: Value) -> Result<Made, Misuse> {
    let [start, stop, step] = arguments(scene, args, RANGE)?;
    // Python divides by the step, which takes time with the square of the digits.
    let whole = |part: Value| match scene.heap.view(part) {
        View::Int(_) => true,
        View::Long(bytes) => bytes.len() <= BOUND,
        _ => false,
    };
    let none = matches!(scene.heap.view(step), View::Int(0));
    if !whole(start) || !whole(stop) || !whole(step) || none {
        return Err(Misuse::act("it is called with something else", RANGE));
    }
    Ok(Made::Object(scene.name))
}

/// Longest number of a range, in bytes.
const BOUND: usize = 64;

const DEQUE: &str =
    "an honest file calls it with nothing or a list, and at most its greatest length; then puts items into it";

/// `deque([], maxlen)`.
pub fn deque(scene: &mut Scene<'_>, args: Value) -> Result<Made, Misuse> {
    const ITEMS: Form = Form::Many(&Form::Data);
    const LENGTH: Form = Form::Either(&[Form::None, Form::Whole]);
    arguments_of(scene, args, &[&[], &[ITEMS], &[ITEMS, LENGTH]], DEQUE)?;
    let length = scene.heap.as_tuple(args).and_then(|items| items.at(1)).map(|length| scene.heap.view(length));
    if matches!(length, Some(View::Int(..=-1))) {
        return Err(Misuse::act("its greatest length is less than nothing", DEQUE));
    }
    scene.settle(args, Functions::Refused)?;
    Ok(Made::Object(scene.name))
}

const COUNTER: &str = "an honest file calls it with one dict, or with nothing";

/// `Counter({…})`: a dict with another name.
pub fn counter(scene: &mut Scene<'_>, args: Value) -> Result<Made, Misuse> {
    let items = scene.heap.as_tuple(args).ok_or_else(|| Misuse::act("it is called with no tuple", COUNTER))?;
    match (items.len(), items.at(0)) {
        (0, _) => Ok(Made::Object(scene.name)),
        (1, Some(dict)) if scene.heap.as_dict(dict).is_some() => {
            scene.settle(args, Functions::Refused)?;
            Ok(Made::Object(scene.name))
        }
        _ => Err(Misuse::act("it is not called with a dict", COUNTER)),
    }
}

const DEFAULT: &str =
    "an honest file calls it with a type of Python's own that makes empty values, an estimator's class, or nothing";
/// What a missing key's value may be made by.
const FACTORIES: &[&str] = &[
    "int",
    "long",
    "unicode",
    "float",
    "str",
    "bool",
    "complex",
    "bytes",
    "list",
    "dict",
    "tuple",
    "set",
    "frozenset",
    "Counter",
    "OrderedDict",
    "defaultdict",
    "deque",
];

/// Whether a value is the class `defaultdict`: a partial of it makes the dicts that another one has for missing keys.
pub fn is_default_dict(scene: &Scene<'_>, value: Value) -> bool {
    scene.shape_of(value).is_some_and(|(_, shape)| shape == Shape::DefaultDict)
}

/// Whether a value is what the values of missing keys may be made by.
pub fn is_factory(scene: &Scene<'_>, value: Value) -> bool {
    match scene.heap.view(value) {
        View::None => true,
        View::Name(id, name) => {
            let python = matches!(&*name.module, "builtins" | "__builtin__" | "collections");
            // An estimator keeps what it is called with: here, nothing.
            let estimator = matches!(scene.roles.get(id), Role::Known(entry) if entry.shape == Shape::Estimator && entry.table == "sklearn");
            estimator || python && scene.roles.shape(id).is_some() && FACTORIES.contains(&&*name.qualname)
        }
        View::Object(_, object) if scene.roles.shape(object.name) == Some(Shape::Partial) => {
            let function = scene.heap.as_tuple(object.state).and_then(|state| state.at(0));
            function.is_some_and(|function| is_default_dict(scene, function))
        }
        _ => made_type(scene, value).is_some_and(|made| FACTORIES.contains(&made)),
    }
}

/// `defaultdict(int)`. What makes the values of missing keys is called by who asks for them.
pub fn default_dict(scene: &mut Scene<'_>, args: Value) -> Result<Made, Misuse> {
    let items = scene.heap.as_tuple(args).ok_or_else(|| Misuse::act("it is called with no tuple", DEFAULT))?;
    let (count, factory) = (items.len(), items.at(0));
    if !factory.is_none_or(|factory| is_factory(scene, factory)) || count > 1 {
        return Err(Misuse::act("what makes its missing values is something else", DEFAULT));
    }
    Ok(Made::Object(scene.name))
}

const NAMESPACE: &str = "an honest file calls it with nothing, then gives it attributes";

/// `SimpleNamespace()`; Python 3.13 also has its attributes as an argument.
pub fn namespace(scene: &mut Scene<'_>, args: Value) -> Result<Made, Misuse> {
    arguments_of(scene, args, &[&[]], NAMESPACE)?;
    Ok(Made::Object(scene.name))
}

/// The attributes of a namespace.
pub fn namespace_state(scene: &mut Scene<'_>, state: Value) -> Result<Built, Misuse> {
    if !container::has_text_keys(scene, state)? {
        return Err(Misuse::act("its state is no dict with text keys", NAMESPACE));
    }
    let dunder = |key| matches!(scene.heap.view(key), View::Text(text) if text.bytes().starts_with(b"__"));
    if scene.heap.as_dict(state).into_iter().flatten().any(|(key, _)| dunder(key)) {
        return Err(Misuse::act("its state sets an attribute that Python gives a meaning to", NAMESPACE));
    }
    scene.settle(state, Functions::Refused)?;
    Ok(Built::State)
}

/// What pytz takes to look at another time of the same zone, in values read.
const ZONE_TIME: u64 = 2;

const ZONE_CALL: &str = "an honest file calls it with the name of a zone, or with how far it is from Greenwich";

/// `pytz._UTC()`, `pytz.FixedOffset(60)`, `dateutil.tz.tzutc()`, `dateutil.tz.tzoffset('X', timedelta(…))`; and
/// `pytz._p('Europe/Paris', 3600, 0, 'CET')`, which reads the zone from pytz' own data, if it is in pytz' own list.
pub fn time_zone(scene: &mut Scene<'_>, args: Value) -> Result<Made, Misuse> {
    const OFFSET: Form = Form::Object(&[Shape::Moment]);
    const NAME: Form = Form::Either(&[Form::None, Form::Text]);
    let forms: &[&'static [Form]] = match class(scene) {
        "FixedOffset" => &[&[Form::Whole]],
        "tzoffset" => &[&[NAME, OFFSET]],
        "_p" => &[&[Form::Text], &[Form::Text, Form::Whole, Form::Whole, Form::Text]],
        _ => &[&[]],
    };
    arguments_of(scene, args, forms, ZONE_CALL)?;
    let zone = scene.heap.as_tuple(args).and_then(|items| items.at(0)).unwrap_or(Value::NONE);
    if class(scene) == "_p" && !scene.heap.as_str(zone).is_some_and(is_zone) {
        return Err(Misuse::act("its zone has no name that a zone can have", ZONE_CALL));
    }
    if class(scene) == "_p" && scene.heap.as_tuple(args).is_some_and(|args| args.len() > 1) {
        scene.heap.zone_times = scene.heap.zone_times.saturating_add(1);
        scene.budget.values(scene.heap.zone_times.saturating_mul(ZONE_TIME))?;
    }
    // All but the local one and the bare one are kept by who makes them, for the next who asks.
    Ok(if matches!(class(scene), "tzlocal" | "tzinfo") { Made::Object(scene.name) } else { Made::Found(scene.name) })
}

/// `_reconstructor(tzutc, tzinfo, tzinfo())`: a zone at protocols 0 and 1, without what its class keeps.
pub fn reconstruct_zone(scene: &Scene<'_>, class: NameId, base: Value, state: Value) -> Result<Made, Misuse> {
    let is_bare = |name: NameId| scene.class_of(name) == "tzinfo";
    let based = matches!(scene.shape_of(base), Some((name, Shape::TimeZone)) if is_bare(name));
    let bare = scene.heap.as_object(state).is_some_and(|(_, object)| {
        is_bare(object.name) && scene.roles.shape(object.name) == Some(Shape::TimeZone) && !object.built
    });
    if !based || !bare {
        return Err(Misuse::act("it makes something else than a zone", "an honest file makes it of a bare one"));
    }
    Ok(Made::Object(class))
}

/// `America/Argentina/Buenos_Aires`, `Etc/GMT+3`: no path that leads out of a folder of zones.
pub fn is_zone(name: &str) -> bool {
    let plain = |part: &str| {
        let mut bytes = part.bytes();
        !part.is_empty() && bytes.all(|byte| byte.is_ascii_alphanumeric() || b"_+-".contains(&byte))
    };
    name.len() <= 64 && name.split('/').all(plain)
}

/// The state of dateutil's `tzoffset` before version 2.9, and of its `tzlocal`: names, and how far it is.
pub fn time_zone_state(scene: &mut Scene<'_>, state: Value) -> Result<Built, Misuse> {
    const DELTA: Form = Form::Object(&[Shape::Moment]);
    const PARTS: &[(&str, Form)] = &[
        ("_name", Form::Either(&[Form::None, Form::Text])),
        ("_offset", DELTA),
        ("_std_offset", DELTA),
        ("_dst_offset", DELTA),
        ("_dst_saved", DELTA),
        ("_hasdst", Form::Bool),
        ("_tznames", Form::Many(&Form::Text)),
    ];
    state_of(scene, state, PARTS, ZONE_CALL)?;
    scene.settle(state, Functions::Refused)?;
    Ok(Built::State)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_decimals_and_fractions_write_themselves_is_read() {
        for text in ["1", "-1.50", "1E+3", "1.5E-10", "NaN", "sNaN12", "-Infinity", "0"] {
            assert!(is_decimal(text), "{text}");
        }
        for text in ["", "-", "1.", ".5", "1E", "inf", "nan", "1_0", " 1", "0x1", "1E1234567890123456789012"] {
            assert!(!is_decimal(text), "{text}");
        }
        assert!(is_fraction("-3/2") && is_fraction("5"));
        for text in ["1e999999999", "1/0", "1/", "/2", "1/-2", "1.5", "", "1/2/3"] {
            assert!(!is_fraction(text), "{text}");
        }
        assert!(!is_decimal(&"9".repeat(4301)) && !is_fraction(&"9".repeat(4301)));
    }
}
