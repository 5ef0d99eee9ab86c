//! Points in time as RFC 3339 writes them, in UTC and whole seconds: `2026-11-24T16:00:00Z`.
//!
//! A manifest has exactly that form, so that one point in time has one spelling. Years are 1970 to 9999, and there are no
//! leap seconds: a day has 86,400 seconds, as Unix time counts them.

use crate::calendar::{self, DAY};
use serde::{Deserialize, Serialize};
use std::time::{SystemTime, UNIX_EPOCH};

/// The last second that has a spelling, `9999-12-31T23:59:59Z`.
const LAST: u64 = 253_402_300_799;

/// A point in time, in seconds since 1970-01-01T00:00:00Z.
///
/// ```
/// use coldload::manifest::Time;
/// let time: Time = "2026-11-24T16:00:00Z".parse().unwrap();
/// assert_eq!(time.seconds(), 1_795_536_000);
/// assert_eq!(time.to_string(), "2026-11-24T16:00:00Z");
/// assert_eq!(Time::from_option("2026-11-24").unwrap().to_string(), "2026-11-24T00:00:00Z");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Time(u64);

/// A text that is no point in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a time is written 2027-01-31T12:00:00Z, in utc")]
pub struct TimeError;

impl Time {
    /// The time this many seconds after 1970; `None` after the year 9999.
    pub fn from_seconds(seconds: u64) -> Option<Time> {
        (seconds <= LAST).then_some(Time(seconds))
    }

    /// Seconds since 1970.
    pub fn seconds(self) -> u64 {
        self.0
    }

    /// What the clock says. A clock before 1970 reads as 1970.
    pub fn now() -> Time {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Time(since.as_secs().min(LAST))
    }

    /// A time as an option takes it: `2027-01-31T12:00:00Z`, or `2027-01-31` for the first second of that day.
    pub fn from_option(text: &str) -> Result<Time, TimeError> {
        if text.len() == 10 { format!("{text}T00:00:00Z").parse() } else { text.parse() }
    }
}

impl std::str::FromStr for Time {
    type Err = TimeError;

    fn from_str(text: &str) -> Result<Time, TimeError> {
        parse(text.as_bytes()).map(Time).ok_or(TimeError)
    }
}

impl TryFrom<String> for Time {
    type Error = TimeError;

    fn try_from(text: String) -> Result<Time, TimeError> {
        text.parse()
    }
}

impl From<Time> for String {
    fn from(time: Time) -> String {
        time.to_string()
    }
}

impl std::fmt::Display for Time {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (year, month, day) = calendar::date(self.0);
        let (hour, minute, second) = (self.0 % DAY / 3600, self.0 % 3600 / 60, self.0 % 60);
        write!(f, "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
    }
}

/// Seconds since 1970 for exactly `YYYY-MM-DDThh:mm:ssZ`.
fn parse(text: &[u8]) -> Option<u64> {
    let punctuation = [(4, b'-'), (7, b'-'), (10, b'T'), (13, b':'), (16, b':'), (19, b'Z')];
    if text.len() != 20 || punctuation.iter().any(|(at, byte)| text.get(*at) != Some(byte)) {
        return None;
    }
    let field = |range: std::ops::Range<usize>| number(text.get(range)?);
    let (year, month, day) = (field(0..4)?, field(5..7)?, field(8..10)?);
    let (hour, minute, second) = (field(11..13)?, field(14..16)?, field(17..19)?);
    if hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    let clock = hour.checked_mul(3600)?.checked_add(minute.checked_mul(60)?)?.checked_add(second)?;
    calendar::days(year, month, day)?.checked_mul(DAY)?.checked_add(clock)
}

fn number(digits: &[u8]) -> Option<u64> {
    digits.iter().try_fold(0u64, |number, digit| {
        let digit = char::from(*digit).to_digit(10)?;
        number.checked_mul(10)?.checked_add(u64::from(digit))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_times_have_their_seconds() {
        for (text, seconds) in [
            ("1970-01-01T00:00:00Z", 0),
            ("2000-02-29T23:59:59Z", 951_868_799),
            ("2038-01-19T03:14:08Z", 1 << 31),
            ("9999-12-31T23:59:59Z", LAST),
        ] {
            assert_eq!(text.parse::<Time>().unwrap().seconds(), seconds);
            assert_eq!(Time(seconds).to_string(), text);
        }
        assert!(Time::from_seconds(LAST + 1).is_none());
    }

    #[test]
    fn other_spellings_are_refused() {
        for text in [
            "",
            "2026-11-24",
            "2026-11-24T16:00:00",
            "2026-11-24t16:00:00z",
            "2026-11-24 16:00:00Z",
            "2026-11-24T16:00:00.0Z",
            "2026-11-24T16:00:00+00:00",
            "2026-11-24T16:00:60Z",
            "2026-11-24T24:00:00Z",
            "2026-11-24T16:60:00Z",
            "2026-13-24T16:00:00Z",
            "2026-00-24T16:00:00Z",
            "2026-11-00T16:00:00Z",
            "2026-11-31T16:00:00Z",
            "2025-02-29T16:00:00Z",
            "2100-02-29T16:00:00Z",
            "1969-12-31T23:59:59Z",
            "+026-11-24T16:00:00Z",
            "2026-11-24T16:00:0\u{661}Z",
        ] {
            assert!(text.parse::<Time>().is_err(), "{text:?}");
        }
        assert!("2024-02-29T16:00:00Z".parse::<Time>().is_ok());
    }

    #[test]
    fn an_option_may_be_a_date() {
        assert_eq!(Time::from_option("1970-01-02").unwrap().seconds(), DAY);
        assert_eq!(Time::from_option("1970-01-02T00:00:01Z").unwrap().seconds(), DAY + 1);
        assert!(Time::from_option("2027-1-1").is_err());
        assert!(Time::from_option("tomorrow..").is_err());
    }
}
