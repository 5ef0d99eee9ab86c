//! What a rule has to be where an index of times goes by it (`_generate_range` in `pandas/core/arrays/datetimes.py`): pandas reckons the
//! end, by a rule that it makes anew of what this one says it counts, and then goes there by steps of this one. A step that is another one than
//! it says, or that goes back, may never come there.

use super::super::scene::{Misuse, Scene};
use super::plain;
use crate::graph::{Object, Value, View};

const RULE: &str = "an honest file has a rule there whose steps are what it says it counts";

/// Rules that count so many nanoseconds, of which pandas makes all times at once.
pub(super) const TICKS: [&str; 7] = ["Day", "Hour", "Minute", "Second", "Milli", "Micro", "Nano"];
/// Rules that add a time of their own to each step.
const BUSINESS: [&str; 7] = [
    "BusinessDay",
    "BDay",
    "BusinessHour",
    "CustomBusinessDay",
    "CustomBusinessHour",
    "CustomBusinessMonthEnd",
    "CustomBusinessMonthBegin",
];
const HOURS: [&str; 2] = ["BusinessHour", "CustomBusinessHour"];

/// Checks a rule that an index goes by.
pub(super) fn check(scene: &Scene<'_>, rule: &Object) -> Result<(), Misuse> {
    let class = scene.class_of(rule.name);
    if class == "DateOffset" {
        return check_step(scene, rule.state);
    }
    if BUSINESS.contains(&class) && !times_of(scene, rule).into_iter().all(|time| goes_on(scene, rule, time)) {
        return Err(Misuse::act("its rule adds a time that goes back", RULE));
    }
    if HOURS.contains(&class) {
        check_hours(scene, rule.state)?;
    }
    for (key, fits) in PARTS {
        let cached = scene.heap.lookup(rule.state, "_cache").and_then(|cache| scene.heap.lookup(cache, key));
        let parts = [scene.heap.lookup(rule.state, key), cached];
        if !parts.into_iter().flatten().all(|part| fits(scene, rule, part)) {
            return Err(Misuse::act(format!("the {key} of its rule is another one"), RULE));
        }
    }
    Ok(())
}

/// Whether a rule may have such a part.
type Fits = fn(&Scene<'_>, &Object, Value) -> bool;

/// What rules are made up of, before pandas 0.21 in their state, and later in what they remember.
const PARTS: [(&str, Fits); 8] = [
    ("next_bday", |scene, rule, part| {
        let next = if counts(scene, rule).any(|count| count < 0) { -1 } else { 1 };
        let goes_on = if scene.class_of(rule.name) == "CustomBusinessHour" {
            is_plain(scene, part, CUSTOM_DAYS, Some(next)) && has_days_of(scene, part, rule)
        } else {
            is_plain(scene, part, &["BusinessDay", "BDay"], Some(next))
        };
        // Hours that begin at midnight again are never those of business.
        goes_on && !normalizes(scene, part)
    }),
    // How far this goes is not asked.
    ("cbday", |scene, rule, part| is_plain(scene, part, CUSTOM_DAYS, None) && has_days_of(scene, part, rule)),
    ("m_offset", |scene, _, part| is_plain(scene, part, &["MonthEnd", "MonthBegin"], Some(1))),
    ("_offset_lwom", |scene, _, part| is_plain(scene, part, &["LastWeekOfMonth"], Some(1))),
    ("_offset", |scene, rule, part| {
        let in_years = scene.class_of(rule.name) == "FY5253Quarter" && microseconds(scene, part).is_none();
        !in_years || is_plain(scene, part, &["FY5253"], Some(1))
    }),
    ("_rd_forward", |scene, _, part| is_weekday(scene, part)),
    ("_rd_backward", |scene, _, part| is_weekday(scene, part)),
    ("_inc", |scene, _, part| microseconds(scene, part) == Some(7 * DAY)),
];

/// Whether a part is a rule of these that counts so many, and adds no time.
fn is_plain(scene: &Scene<'_>, part: Value, classes: &[&str], count: Option<i64>) -> bool {
    let rule = scene.heap.as_object(part).filter(|(_, rule)| classes.contains(&scene.class_of(rule.name)));
    rule.is_some_and(|(_, rule)| {
        let counted = count.is_none_or(|count| counts(scene, rule).all(|own| own == count));
        counted && times_of(scene, rule).into_iter().all(|time| microseconds(scene, time) == Some(0))
    })
}

/// Whether a rule goes back to midnight, by its call or by its state.
fn normalizes(scene: &Scene<'_>, rule: Value) -> bool {
    let rule = scene.heap.as_object(rule);
    rule.is_some_and(|(_, rule)| {
        // Below protocol 2 its arguments are those of `_reconstructor`, of which the second is a class.
        said(scene, rule, 1, "normalize")
            .any(|flag| !matches!(scene.heap.view(flag), View::Bool(false) | View::Name(..)))
    })
}

const CUSTOM_DAYS: &[&str] = &["CustomBusinessDay"];

/// Whether a part has the week and the days off of its rule, wherever they stand: pandas counts by those of the part, and the rule pays
/// for its own.
fn has_days_of(scene: &Scene<'_>, part: Value, rule: &Object) -> bool {
    let Some((_, part)) = scene.heap.as_object(part) else { return false };
    let all = |argument, key| -> Vec<Value> {
        said(scene, part, argument, key).chain(said(scene, rule, argument, key)).collect()
    };
    let same = |all: &[Value], is: fn(&Scene<'_>, Value, Value) -> bool| {
        all.iter().zip(all.iter().skip(1)).all(|(one, other)| one == other || is(scene, *one, *other))
    };
    let is_text =
        |scene: &Scene<'_>, one, other| scene.heap.as_str(one).is_some_and(|one| scene.heap.as_str(other) == Some(one));
    same(&all(2, "weekmask"), is_text) && same(&all(3, "holidays"), are_same_days)
}

/// Whether two tuples or lists have the same days in the same order.
fn are_same_days(scene: &Scene<'_>, one: Value, other: Value) -> bool {
    let (Some(one), Some(other)) = (scene.heap.as_items(one), scene.heap.as_items(other)) else { return false };
    one.len() == other.len() && one.zip(other).all(|(one, other)| one == other || is_same_day(scene, one, other))
}

/// Whether two days are made by the same name of the same: of a type and bytes, or of bytes.
fn is_same_day(scene: &Scene<'_>, one: Value, other: Value) -> bool {
    let (Some((_, one)), Some((_, other))) = (scene.heap.as_object(one), scene.heap.as_object(other)) else {
        return false;
    };
    let parts = |object: &Object| scene.heap.as_tuple(object.args).into_iter().flatten().take(3).collect::<Vec<_>>();
    let (mine, others) = (parts(one), parts(other));
    let same = |one: Value, other: Value| {
        one == other || plain::packed(scene, one).is_some_and(|bytes| plain::packed(scene, other) == Some(bytes))
    };
    one.name == other.name
        && mine.len() == others.len()
        && mine.into_iter().zip(others).all(|(one, other)| same(one, other))
}

/// What a rule is given for something: by its call, by its state and by its keywords.
fn said<'s>(
    scene: &'s Scene<'_>,
    rule: &Object,
    argument: usize,
    key: &'static str,
) -> impl Iterator<Item = Value> + use<'s> {
    let called = scene.heap.as_tuple(rule.args).and_then(|args| args.at(argument));
    let named = scene.heap.lookup(rule.state, "kwds").and_then(|named| scene.heap.lookup(named, key));
    [called, scene.heap.lookup(rule.state, key), named].into_iter().flatten()
}

/// Whether a part goes to a day of the week and no further.
fn is_weekday(scene: &Scene<'_>, part: Value) -> bool {
    let parts = scene.heap.as_object(part).map_or(Value::NONE, |(_, part)| part.state);
    let zero = Counted::default();
    zero.is_about(Counted::of(scene, parts)) && SET.iter().all(|key| given(scene, parts, key).is_none())
}

/// How many a rule counts, by its call and by its state.
fn counts<'s>(scene: &'s Scene<'_>, rule: &Object) -> impl Iterator<Item = i64> + use<'s> {
    let argument = scene.heap.as_tuple(rule.args).and_then(|args| args.at(0));
    let counts = [argument, scene.heap.lookup(rule.state, "n")];
    counts.into_iter().flatten().filter_map(|count| scene.heap.view(count).int())
}

/// The times that a rule of business adds to a step, as it may be given one: all that it is called with but its days and hours.
fn times_of(scene: &Scene<'_>, rule: &Object) -> Vec<Value> {
    let args = scene.heap.as_tuple(rule.args).into_iter().flatten().skip(2);
    let state = [Some(rule.state), scene.heap.lookup(rule.state, "kwds")];
    let named = |part: Value| ["offset", "_offset"].map(|key| scene.heap.lookup(part, key));
    let named = state.into_iter().flatten().flat_map(named).flatten();
    let other =
        |value: &Value| !matches!(scene.heap.view(*value), View::None | View::Text(_) | View::Tuple(_) | View::List(_));
    // Rules of another kind are called with months and days.
    let added = BUSINESS.contains(&scene.class_of(rule.name));
    args.chain(named).filter(|_| added).filter(other).collect()
}

/// Whether a time that is added to a step goes on in the direction of the rule, or nowhere.
fn goes_on(scene: &Scene<'_>, rule: &Object, time: Value) -> bool {
    microseconds(scene, time).is_some_and(|time| {
        let direction = time.signum();
        direction == 0 || counts(scene, rule).all(|count| i128::from(count.signum()) == direction)
    })
}

/// A day in microseconds.
const DAY: i128 = 86_400_000_000;

/// How long a `timedelta` is.
fn microseconds(scene: &Scene<'_>, value: Value) -> Option<i128> {
    let (_, object) = scene.heap.as_object(value).filter(|_| plain::is_of(scene, value, "timedelta"))?;
    let part = |part: Value| scene.heap.view(part).int().map(i128::from);
    let [days, seconds, rest] = scene.heap.as_tuple(object.args)?.exactly::<3>()?.map(part);
    let seconds = seconds?.checked_mul(1_000_000)?;
    days?.checked_mul(DAY)?.checked_add(seconds)?.checked_add(rest?)
}

/// What a `DateOffset` counts: dateutil carries hours on to days and months on to years, so that only their sums stay.
#[derive(Default, Clone, Copy)]
struct Counted {
    months: f64,
    microseconds: f64,
}

impl Counted {
    /// What stands in attributes, or in the keywords of a call.
    fn of(scene: &Scene<'_>, parts: Value) -> Self {
        const MONTHS: [(&str, f64); 2] = [("years", 12.0), ("months", 1.0)];
        const TIMES: [(&str, f64); 7] = [
            ("weeks", 604_800e6),
            ("days", 86_400e6),
            ("hours", 3600e6),
            ("minutes", 60e6),
            ("seconds", 1e6),
            ("milliseconds", 1e3),
            ("microseconds", 1.0),
        ];
        let sum = |units: &[(&str, f64)]| units.iter().map(|(key, unit)| number(scene, parts, key) * unit).sum();
        // What is added in leap years alone is nothing that a rule says.
        let leapdays = number(scene, parts, "leapdays");
        let microseconds = if leapdays == 0.0 { sum(&TIMES) } else { f64::NAN };
        Counted { months: sum(&MONTHS), microseconds }
    }

    /// Whether both count the same, but for what floats lose.
    fn is_about(self, other: Counted) -> bool {
        let about = |one: f64, other: f64| (one - other).abs() <= 1.0 + one.abs() * 1e-9;
        (self.months - other.months).abs() < 1e-9 && about(self.microseconds, other.microseconds)
    }
}

/// A number of a dict: 0 if it has none there, and no number if it is too long.
fn number(scene: &Scene<'_>, parts: Value, key: &str) -> f64 {
    given(scene, parts, key).map_or(0.0, |value| match scene.heap.view(value) {
        View::Float(float) => float,
        other => other.int().map_or(f64::NAN, |number| number as f64),
    })
}

/// What a dict has that is not None.
fn given(scene: &Scene<'_>, parts: Value, key: &str) -> Option<Value> {
    scene.heap.lookup(parts, key).filter(|value| !matches!(scene.heap.view(*value), View::None))
}

/// What a `DateOffset` sets, beside a day of the week.
const SET: [&str; 7] = ["year", "month", "day", "hour", "minute", "second", "microsecond"];
/// What it counts, if only that.
const COUNTED: [&str; 9] =
    ["years", "months", "weeks", "days", "hours", "minutes", "seconds", "milliseconds", "microseconds"];

/// Checks that the step of a `DateOffset` is what it says: as its attributes, and before pandas 0.23 as its keywords. If it says nothing,
/// pandas counts days.
fn check_step(scene: &Scene<'_>, state: Value) -> Result<(), Misuse> {
    let step = scene.heap.lookup(state, "_offset");
    for said in said_of(scene, state) {
        if !goes_far(scene, said) {
            return Err(Misuse::act("its rule goes back nearly as far as it goes on", RULE));
        }
        let Some(step) = step else { continue };
        let mut keys = COUNTED.iter().chain(&SET).chain(&["weekday"]);
        let counts = keys.any(|key| given(scene, said, key).is_some());
        // Nanoseconds by themselves are added to no time, or (before pandas 1.4) not at all to a day.
        let nothing = given(scene, said, "nanoseconds").is_none() || matches!(microseconds(scene, step), Some(0 | DAY));
        if !(if counts { is_step(scene, step, said) } else { nothing }) {
            return Err(Misuse::act("the _offset of its rule is another step than it says", RULE));
        }
    }
    Ok(())
}

/// Where a rule says what it is.
pub(super) fn said_of(scene: &Scene<'_>, state: Value) -> impl Iterator<Item = Value> + use<> {
    [Some(state), scene.heap.lookup(state, "kwds")].into_iter().flatten()
}

const DAY_LONG: f64 = 86_400e6;
/// What is set, and what is counted beside it then comes in wholes of, in microseconds: a step that sets less of a time than it counts goes
/// as far each time, or nowhere (and pandas raises).
const WHOLES: [(&str, f64); 8] = [
    ("year", DAY_LONG),
    ("month", DAY_LONG),
    ("day", DAY_LONG),
    ("weekday", DAY_LONG),
    ("hour", DAY_LONG),
    ("minute", 3600e6),
    ("second", 60e6),
    ("microsecond", 1e6),
];
/// The how manyth day of the week anyone goes to.
const MOST_WEEKS: u64 = 5;
/// Days of a month that may be taken back from each that is counted.
const BACK: f64 = 20.0;

/// Whether each step goes on by a part of what is said, which is what pandas reckons the end by: not by a week and a microsecond, and back
/// to the Monday before.
fn goes_far(scene: &Scene<'_>, said: Value) -> bool {
    let all = Counted::of(scene, said);
    let nanoseconds = number(scene, said, "nanoseconds");
    let back = all.months * all.microseconds < 0.0 && all.microseconds.abs() > all.months.abs() * BACK * DAY_LONG;
    let tiny_back = nanoseconds * all.months < 0.0 || nanoseconds * all.microseconds < 0.0;
    let whole = |(key, unit): &(&str, f64)| {
        given(scene, said, key).is_none() || (all.microseconds % unit == 0.0 && nanoseconds == 0.0)
    };
    let near = given(scene, said, "weekday")
        .and_then(|day| weekday(scene, day)?.1)
        .is_none_or(|which| which.unsigned_abs() <= MOST_WEEKS);
    !back && !tiny_back && near && WHOLES.iter().all(whole)
}

/// How many steps of a rule go as far as one is said to, at most: one that sets a day may go on by one of them alone.
pub(super) fn slowness(scene: &Scene<'_>, rule: &Object) -> u64 {
    if scene.class_of(rule.name) != "DateOffset" {
        return 1;
    }
    let days = said_of(scene, rule.state)
        .filter(|said| ["year", "month", "day", "weekday"].iter().any(|key| given(scene, *said, key).is_some()));
    let days = days.map(|said| {
        let all = Counted::of(scene, said);
        (all.months * 31.0 + all.microseconds / DAY_LONG).abs()
    });
    days.fold(1.0, f64::max).min(366.0) as u64
}

/// Whether a step, a `timedelta` or dateutil's `relativedelta`, counts and sets what is said.
fn is_step(scene: &Scene<'_>, step: Value, said: Value) -> bool {
    let all = Counted::of(scene, said);
    if let Some(time) = microseconds(scene, step) {
        let sets = SET.iter().chain(&["weekday"]).any(|key| given(scene, said, key).is_some());
        return !sets && all.is_about(Counted { months: 0.0, microseconds: time as f64 });
    }
    let parts = scene.heap.as_object(step).map_or(Value::NONE, |(_, step)| step.state);
    let whole = |of: Value, key: &str| given(scene, of, key).map(|value| scene.heap.view(value).int());
    let sets = SET.iter().all(|key| whole(parts, key) == whole(said, key));
    sets && all.is_about(Counted::of(scene, parts)) && is_same_weekday(scene, parts, said)
}

/// Whether a step goes to the day of the week that is said: dateutil's own, or its number.
fn is_same_weekday(scene: &Scene<'_>, step: Value, said: Value) -> bool {
    let days = [step, said].map(|of| given(scene, of, "weekday").map(|day| weekday(scene, day)));
    match days {
        [None, None] => true,
        [Some(Some(own)), Some(Some(said))] => own == said,
        _ => false,
    }
}

/// A day of the week and the how manyth it is, of a number or of dateutil's `weekday(1, None)`, whose slots are its state.
fn weekday(scene: &Scene<'_>, day: Value) -> Option<(i64, Option<i64>)> {
    if let Some(number) = scene.heap.view(day).int() {
        return Some((number, None));
    }
    let (_, object) = scene.heap.as_object(day)?;
    let slots = scene.heap.as_tuple(object.state).and_then(|state| state.at(1)).unwrap_or(object.state);
    let number = |key| scene.heap.view(scene.heap.lookup(slots, key)?).int();
    Some((number("weekday")?, given(scene, slots, "n").and_then(|_| number("n"))))
}

/// Checks hours of business in a state, of which only the constructor of their class would.
fn check_hours(scene: &Scene<'_>, state: Value) -> Result<(), Misuse> {
    let own = hours(scene, state);
    let said = scene.heap.lookup(state, "kwds").map_or(Ok(Vec::new()), |said| hours(scene, said));
    let (Ok(own), Ok(said)) = (own, said) else {
        return Err(Misuse::act("the hours of its rule are no hours and minutes", RULE));
    };
    if !(own.is_empty() || are_of_a_day(&own)) || !(said.is_empty() || said == own) {
        return Err(Misuse::act("the hours of its rule are not one after another", RULE));
    }
    let cache = scene.heap.lookup(state, "_cache").unwrap_or(Value::NONE);
    let seconds =
        given(scene, cache, "_get_business_hours_by_sec").map(|_| number(scene, cache, "_get_business_hours_by_sec"));
    let daytime = given(scene, cache, "_get_daytime_flag").map(|flag| scene.heap.view(flag));
    let length = own.first().map_or(0, |(start, end)| between(*start, *end));
    let by_day = own.first().is_some_and(|(start, end)| start < end);
    let remembered = seconds.is_none_or(|seconds| (seconds - f64::from(length) * 60.0).abs() < 1.0);
    if !remembered || daytime.is_some_and(|flag| !matches!(flag, View::Bool(flag) if flag == by_day)) {
        return Err(Misuse::act("the hours of its rule are others than it remembers", RULE));
    }
    Ok(())
}

/// What is no hours.
struct NoHours;

/// The hours of business in a dict, in minutes of the day; none if it has none.
fn hours(scene: &Scene<'_>, parts: Value) -> Result<Vec<(u32, u32)>, NoHours> {
    hours_of(scene, ["start", "end"].map(|key| scene.heap.lookup(parts, key)))
}

/// Hours of business by their starts and ends.
fn hours_of(scene: &Scene<'_>, ends: [Option<Value>; 2]) -> Result<Vec<(u32, u32)>, NoHours> {
    let [Some(starts), Some(ends)] = ends else {
        return if ends == [None, None] { Ok(Vec::new()) } else { Err(NoHours) };
    };
    let minutes = |times: Value| match scene.heap.view(times) {
        View::Tuple(times) | View::List(times) => times.map(|time| minute(scene, time)).collect::<Option<Vec<_>>>(),
        _ => minute(scene, times).map(|minute| vec![minute]),
    };
    let (starts, ends) = (minutes(starts).ok_or(NoHours)?, minutes(ends).ok_or(NoHours)?);
    if starts.len() == ends.len() && !starts.is_empty() {
        Ok(starts.into_iter().zip(ends).collect())
    } else {
        Err(NoHours)
    }
}

/// The minute of the day of a `time` that has no seconds and no zone.
fn minute(scene: &Scene<'_>, time: Value) -> Option<u32> {
    let (_, object) = scene.heap.as_object(time).filter(|_| plain::is_of(scene, time, "time"))?;
    let [packed] = scene.heap.as_tuple(object.args)?.exactly::<1>()?;
    match plain::packed(scene, packed)?.as_slice() {
        [hour @ 0..24, minute @ 0..60, 0, 0, 0, 0] => {
            Some(u32::from(*hour).saturating_mul(60).saturating_add(u32::from(*minute)))
        }
        _ => None,
    }
}

/// Minutes from one time of the day to the next other one.
fn between(start: u32, end: u32) -> u32 {
    let end = if start < end { end } else { end.saturating_add(24 * 60) };
    end.saturating_sub(start)
}

/// Whether hours are sorted, and fill a day with the pauses between them, as `BusinessHour.__init__` asks.
fn are_of_a_day(hours: &[(u32, u32)]) -> bool {
    let next = hours.iter().cycle().skip(1);
    let all = hours.iter().zip(next).fold(0u32, |all, ((start, end), (next, _))| {
        all.saturating_add(between(*start, *end)).saturating_add(between(*end, *next))
    });
    hours.is_sorted_by(|(one, _), (other, _)| one < other) && all == 24 * 60
}

/// What pandas takes for a step, in values read: 25 µs at most, for some rules up to 65, for quarters by weeks 280, for months with days
/// off 90 to 200, and for hours with days off up to 150 if they are few.
const STEP: u64 = 500;
const SLOW_STEP: u64 = 1000;
const QUARTER: u64 = 6000;
const CUSTOM_MONTH: u64 = 3500;
const CUSTOM_HOUR: u64 = 3000;
/// And for each day off, which numpy passes over one by one: 0.2 µs.
const DAY_OFF: u64 = 4;

/// Hours of business that pandas looks at in the time of a step.
const LOOKED_AT: u64 = 16;

/// What pandas takes to count on by a rule once, in values read. It goes from hour of business to hour, and looks at all of them for each.
pub(super) fn price(scene: &Scene<'_>, rule: &Object) -> u64 {
    let class = scene.class_of(rule.name);
    let custom = class.starts_with("Custom");
    let step = match class {
        "FY5253" | "Easter" | "LastWeekOfMonth" | "BQuarterEnd" | "BQuarterBegin" => SLOW_STEP,
        "FY5253Quarter" => QUARTER,
        "CustomBusinessMonthEnd" | "CustomBusinessMonthBegin" => CUSTOM_MONTH,
        "CustomBusinessHour" => CUSTOM_HOUR,
        _ => STEP,
    };
    let hours = if HOURS.contains(&class) { most(scene, rule, if custom { 5 } else { 2 }, "start") } else { 1 };
    let days = if custom { most(scene, rule, 3, "holidays") } else { 0 };
    let looks = hours.div_ceil(LOOKED_AT).max(1);
    step.saturating_mul(hours.max(1)).saturating_mul(looks).saturating_add(days.saturating_mul(DAY_OFF))
}

/// What pandas takes to look at an hour of business, in values read.
const LOOK: u64 = 20;
/// Minutes of business in a day, if nothing is said.
const OPEN: u64 = 8 * 60;
/// Days from one business day to the next that a day off adds at most, with those of a weekend, and those of a week that has other business
/// days than the usual.
const APART: u64 = 4;
const WEEK: u64 = 7;

/// What pandas 0.25 takes beside its steps where hours with days off count for a day or more: it goes there by the usual business days, and
/// where it comes to a day off, it goes back to the business day before, and counts the time from there hour of business by hour. Each step
/// goes past the days off where it was, so that it comes to each once.
pub(super) fn detours(scene: &Scene<'_>, rule: &Object, times: u64) -> u64 {
    let open = open(scene, rule);
    let most_counted = counts(scene, rule).map(i64::unsigned_abs).max().unwrap_or(1);
    if scene.class_of(rule.name) != "CustomBusinessHour" || most_counted.saturating_mul(60) < open {
        return 0;
    }
    let usual = said(scene, rule, 2, "weekmask").all(|week| has_usual_days(scene, week));
    let (days, hours) = (most(scene, rule, 3, "holidays"), most(scene, rule, 5, "start").max(1));
    let weeks = if usual { 0 } else { times.max(1).saturating_mul(WEEK) };
    let minutes = days.saturating_mul(APART).saturating_add(weeks).saturating_mul(24 * 60);
    let counted = minutes.saturating_mul(hours).checked_div(open).unwrap_or(u64::MAX);
    let each = CUSTOM_HOUR.saturating_add(days.saturating_mul(DAY_OFF)).saturating_add(hours.saturating_mul(LOOK));
    counted.saturating_mul(each)
}

/// Minutes of business in a day: where it is said twice, whichever are fewer.
fn open(scene: &Scene<'_>, rule: &Object) -> u64 {
    let called = [5, 6].map(|at| scene.heap.as_tuple(rule.args).and_then(|args| args.at(at)));
    let said = [hours_of(scene, called), hours(scene, rule.state)];
    let minutes = |hours: Result<Vec<(u32, u32)>, NoHours>| match hours {
        Ok(hours) if hours.is_empty() => OPEN,
        Ok(hours) => hours.into_iter().map(|(start, end)| u64::from(between(start, end))).sum(),
        Err(NoHours) => 0,
    };
    said.into_iter().map(minutes).min().unwrap_or(0)
}

/// Whether a week has all usual business days.
fn has_usual_days(scene: &Scene<'_>, week: Value) -> bool {
    let usual = |week: &str| {
        week.starts_with("11111") || ["Mon", "Tue", "Wed", "Thu", "Fri"].iter().all(|day| week.contains(day))
    };
    scene.heap.as_str(week).is_some_and(usual)
}

/// How many stand in an argument or a part of the state, whichever are more.
fn most(scene: &Scene<'_>, rule: &Object, argument: usize, key: &'static str) -> u64 {
    said(scene, rule, argument, key).map(|value| scene.heap.items_in(value)).max().unwrap_or(0)
}
