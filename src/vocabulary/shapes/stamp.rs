//! pandas' times (`pandas/_libs/tslibs`): whole numbers since 1970 with a zone and a unit, spans, periods, and the rules by which
//! they repeat. Zones are those that are made without reading a file.

use super::super::scene::{Functions, Misuse, Scene};
use super::super::shape::{Built, Made, Shape};
use super::form::{Form, arguments_of, give, state_of};
use super::pandas::{CACHE, OFFSET, ZONE};
use super::{plain, rule};
use crate::graph::{Value, View};

const STAMP: &str = "an honest file calls it with whole numbers, a rule and a zone";
/// numpy's numbers for years to attoseconds.
const UNIT: Form = Form::One(&[0, 1, 2, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13]);
const RULE: Form = Form::Object(&[Shape::Offset]);
const END: Form = Form::Either(&[Form::Whole, Form::Float, Form::Object(&[Shape::Stamp])]);

/// `_unpickle_timestamp(value, rule, zone, unit)`, `_timedelta_unpickle(value, unit)`, `Period(None, rule, number)`,
/// `Interval(left, right, closed)`, `_nat_unpickle(None)`.
pub fn stamp(scene: &mut Scene<'_>, args: Value) -> Result<Made, Misuse> {
    const CLOSED: Form = Form::Word(&["left", "right", "both", "neither"]);
    let forms: &[&'static [Form]] = match scene.heap.get_name(scene.name).map_or("", |name| name.qualname.as_str()) {
        "Timestamp" | "_unpickle_timestamp" => &[&[Form::Whole, OFFSET, ZONE], &[Form::Whole, OFFSET, ZONE, UNIT]],
        "Timedelta" | "_timedelta_unpickle" => &[&[Form::Whole], &[Form::Whole, UNIT]],
        "Period" => &[&[Form::None, RULE, Form::Whole]],
        "Interval" => &[&[END, END, CLOSED]],
        _ => &[&[Form::None]],
    };
    arguments_of(scene, args, forms, STAMP)?;
    Ok(Made::Object(scene.name))
}

const RULES: &str = "an honest file gives it how many of them, whether to midnight, and a day, week or month";

/// `MonthEnd(2, False)`, `QuarterEnd(1, False, 3)`.
pub fn offset(scene: &mut Scene<'_>, args: Value) -> Result<Made, Misuse> {
    const LAST: Form = Form::Either(&[Form::None, Form::Whole, Form::Object(&[Shape::Moment])]);
    const LONG: &[Form] = &[Form::Whole, Form::Bool, LAST, LAST];
    // Days that are no business days, and hours of business.
    const DAYS: Form = Form::Many(&Form::Object(&[Shape::Scalar, Shape::Moment]));
    const TIMES: Form = Form::Many(&Form::Object(&[Shape::Moment]));
    const CUSTOM: &[Form] = &[Form::Whole, Form::Bool, Form::Text, DAYS, Form::None, LAST];
    const HOURS: &[Form] = &[Form::Whole, Form::Bool, TIMES, TIMES, LAST];
    const CUSTOM_HOURS: &[Form] =
        &[Form::Whole, Form::Bool, Form::Text, DAYS, Form::None, TIMES, TIMES, Form::Object(&[Shape::Moment])];
    // Years of 52 or 53 weeks, and their quarters.
    const WEEKS: Form = Form::Word(&["nearest", "last"]);
    const YEAR: &[Form] = &[Form::Whole, Form::Bool, Form::Whole, MONTH, WEEKS];
    const QUARTER: &[Form] = &[Form::Whole, Form::Bool, Form::Whole, MONTH, Form::Whole, WEEKS];
    let forms: &[&'static [Form]] = &[
        &[Form::Whole, Form::Bool],
        &[Form::Whole, Form::Bool, LAST],
        LONG,
        CUSTOM,
        HOURS,
        CUSTOM_HOURS,
        YEAR,
        QUARTER,
    ];
    // Since pandas 3 what is said of a DateOffset stands in its state alone.
    if plain::class(scene) == "DateOffset" {
        arguments_of(scene, args, &[&[]], RULES)?;
        return Ok(Made::Object(scene.name));
    }
    arguments_of(scene, args, forms, RULES)?;
    let argument = |scene: &Scene<'_>, at| scene.heap.as_tuple(args).and_then(|items| items.at(at));
    check_week(scene, argument(scene, 2))?;
    // Days off or hours of business, and those of hours with days off.
    for at in [3, 5, 6] {
        let days = argument(scene, at);
        pay_for_days(scene, days)?;
    }
    Ok(Made::Object(scene.name))
}

/// A month, by which compiled code looks up how many days it has (`pandas/_libs/tslibs/ccalendar.pyx`, `get_days_in_month`), whatever it is.
const MONTH: Form = Form::One(&[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);

/// Longest text of a week: the names of seven days and what is between them.
const WEEK: usize = 27;
const NAMES: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

/// Checks the text that says which days are business days, if it is one: pandas asks numpy, which reads all of it.
fn check_week(scene: &Scene<'_>, week: Option<Value>) -> Result<(), Misuse> {
    match week.filter(|week| matches!(scene.heap.view(*week), View::Text(_))) {
        Some(week) if !scene.heap.as_str(week).is_some_and(is_week) => Err(Misuse::act(
            "its week is none",
            "an honest file has the names of days there, or a 0 or 1 for each of the seven",
        )),
        _ => Ok(()),
    }
}

/// Whether a text is `Mon Tue Wed`, or `1110000`.
fn is_week(week: &str) -> bool {
    let digits = week.len() == NAMES.len() && week.bytes().all(|digit| matches!(digit, b'0' | b'1'));
    let letters: Vec<u8> = week.bytes().take(WEEK).filter(|letter| *letter != b' ').collect();
    let named = letters.chunks(3).all(|day| NAMES.iter().any(|name| name.as_bytes() == day));
    week.len() <= WEEK && (digits || (named && !letters.is_empty()))
}

/// What numpy and pandas take for a day that is no business day, in values read: 48 µs in pandas 2.2.
const DAY_OFF: u64 = 2000;

/// Pays for days that are no business days, if these are some.
fn pay_for_days(scene: &mut Scene<'_>, days: Option<Value>) -> Result<(), Misuse> {
    if let Some(days) = days.and_then(|days| scene.heap.as_items(days)) {
        scene.budget.values((days.len() as u64).saturating_mul(DAY_OFF))?;
    }
    Ok(())
}

/// What a `DateOffset` counts, and what it sets.
const COUNT: Form = Form::Either(&[Form::None, Form::Whole, Form::Float, Form::Object(&[Shape::Record])]);

/// The state of a rule before pandas 1.1, and of a `DateOffset` in all versions.
pub fn offset_state(scene: &mut Scene<'_>, state: Value) -> Result<Built, Misuse> {
    const NAMED: &[(&str, Form)] = &[
        ("years", COUNT),
        ("months", COUNT),
        ("weeks", COUNT),
        ("days", COUNT),
        ("hours", COUNT),
        ("minutes", COUNT),
        ("seconds", COUNT),
        ("milliseconds", COUNT),
        ("microseconds", COUNT),
        ("nanoseconds", COUNT),
        ("year", COUNT),
        ("month", COUNT),
        ("day", COUNT),
        ("weekday", COUNT),
        ("hour", COUNT),
        ("minute", COUNT),
        ("second", COUNT),
        ("microsecond", COUNT),
        ("nanosecond", COUNT),
    ];
    const DATE: &[(&str, Form)] = &[
        ("n", Form::Whole),
        ("normalize", Form::Bool),
        ("_cache", CACHE),
        ("_offset", Form::Object(&[Shape::Moment, Shape::Record])),
        ("_use_relativedelta", Form::Bool),
        ("kwds", Form::Dict(NAMED)),
    ];
    const MOMENT: Form = Form::Object(&[Shape::Moment]);
    const TIME: Form = Form::Either(&[MOMENT, Form::Many(&MOMENT)]);
    const DAYS: Form = Form::Many(&Form::Object(&[Shape::Scalar, Shape::Moment]));
    const WORD: Form = Form::Word(&["nearest", "last"]);
    const DAY: Form = Form::Either(&[Form::None, Form::Whole]);
    const STEP: Form = Form::Object(&[Shape::Moment, Shape::Record]);
    // What a rule was made with, before pandas 0.23.
    const MADE: &[(&str, Form)] = &[
        ("offset", MOMENT),
        ("start", TIME),
        ("end", TIME),
        ("weekmask", Form::Text),
        ("holidays", DAYS),
        ("variation", WORD),
        ("qtr_with_extra_week", Form::Whole),
        ("startingMonth", MONTH),
        ("month", MONTH),
        ("week", Form::Whole),
        ("weekday", DAY),
        ("day_of_month", Form::Whole),
    ];
    // Every other rule has those as attributes, too.
    const RULE_PARTS: &[(&str, Form)] = &[
        ("kwds", Form::Dict(MADE)),
        ("n", Form::Whole),
        ("normalize", Form::Bool),
        ("_cache", CACHE),
        ("_offset", STEP),
        ("_inc", STEP),
        ("_use_relativedelta", Form::Bool),
        ("next_bday", RULE),
        // Of custom months and of years by weeks before pandas 0.21.
        ("m_offset", RULE),
        ("cbday", RULE),
        ("_offset_lwom", RULE),
        ("_rd_forward", STEP),
        ("_rd_backward", STEP),
    ];
    // Before pandas 0.21 quarters by weeks count in years by weeks.
    const QUARTERS: &[(&str, Form)] = &[("_offset", Form::Object(&[Shape::Moment, Shape::Record, Shape::Offset]))];
    // What hours of business remember, before pandas 1.1.
    const REMEMBERED: Form = Form::Dict(&[
        ("freqstr", Form::Text),
        ("name", Form::Text),
        ("rule_code", Form::Text),
        ("_params", Form::Data),
        ("next_bday", RULE),
        ("_get_daytime_flag", Form::Bool),
        ("_get_business_hours_by_sec", Form::Either(&[Form::Whole, Form::Float])),
    ]);
    const HOURS: &[(&str, Form)] = &[("_cache", REMEMBERED)];
    let (parts, made) = if plain::class(scene) == "DateOffset" { (DATE, NAMED) } else { (RULE_PARTS, MADE) };
    let own = match plain::class(scene) {
        "FY5253Quarter" => QUARTERS,
        "BusinessHour" | "CustomBusinessHour" => HOURS,
        _ => &[],
    };
    let all: Vec<(&str, Form)> = own.iter().chain(parts).chain(made).copied().collect();
    state_of(scene, state, &all, RULES)?;
    // Before pandas 1.1 a rule adds a calendar to what it was made with, and each writes what it reckoned into what it remembers.
    for key in ["kwds", "_cache"] {
        let part = scene.heap.lookup(state, key);
        give(scene, part, key, RULES)?;
    }
    for part in rule::said_of(scene, state) {
        check_week(scene, scene.heap.lookup(part, "weekmask"))?;
        let days = scene.heap.lookup(part, "holidays");
        pay_for_days(scene, days)?;
    }
    for key in ["_offset", "_inc"] {
        // Before pandas 1.1 it takes over what that has, and asks each of these whether it is true.
        let step = scene.heap.lookup(state, key).and_then(|step| scene.heap.as_object(step));
        let record = step.filter(|(_, step)| scene.roles.shape(step.name) == Some(Shape::Record));
        if record.is_some_and(|(_, step)| scene.class_of(step.name) != "relativedelta") {
            return Err(Misuse::act(format!("its {key} is no step of time"), RULES));
        }
    }
    scene.settle(state, Functions::Refused)?;
    Ok(Built::State)
}
