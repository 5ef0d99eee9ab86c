//! Moments as people write them (RFC 3339, always UTC) and as programs count them (seconds since 1970).
//!
//! Days are counted by the proleptic Gregorian calendar, in eras of 400 years, so that no table and no crate is needed.

const DAY: u64 = 86_400;
/// Days from 0000-03-01 to 1970-01-01.
const EPOCH: u64 = 719_468;
/// Days in 400 years.
const ERA: u64 = 146_097;
/// The first second of the year 10000, where RFC 3339 ends.
const END: u64 = 253_402_300_800;

/// Seconds since 1970 of `2027-01-31T12:00:00Z`, or of `2027-01-31`, which means its first second.
///
/// ```
/// use coldload::report::time;
/// assert_eq!(time::parse("2027-01-31T00:00:01Z"), Some(1_801_353_601));
/// assert_eq!(time::text(1_801_353_601), "2027-01-31T00:00:01Z");
/// assert_eq!(time::parse("2027-02-29"), None);
/// ```
pub fn parse(text: &str) -> Option<u64> {
    let (date, clock) = match text.split_once(['T', ' ']) {
        Some((date, clock)) => (date, clock.strip_suffix('Z')?),
        None => (text, "00:00:00"),
    };
    let [year, month, day] = numbers(date, '-', [4, 2, 2])?;
    let [hour, minute, second] = numbers(clock, ':', [2, 2, 2])?;
    if hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    let days = days_of(year, month, day)?;
    let seconds = days * DAY + hour * 3600 + minute * 60 + second;
    // One way to write each moment: what does not come back as it went in is no date.
    (civil(days) == (year, month, day)).then_some(seconds)
}

/// The moment in RFC 3339; one that RFC 3339 can not say is said as a number.
pub fn text(seconds: u64) -> String {
    if seconds >= END {
        return format!("second {seconds} since 1970");
    }
    let (year, month, day) = civil(seconds / DAY);
    let clock = seconds % DAY;
    format!("{year:04}-{month:02}-{day:02}T{:02}:{:02}:{:02}Z", clock / 3600, clock / 60 % 60, clock % 60)
}

/// Numbers of exactly these widths between separators.
fn numbers(text: &str, separator: char, widths: [usize; 3]) -> Option<[u64; 3]> {
    let mut parts = text.split(separator);
    let mut out = [0; 3];
    for (number, width) in out.iter_mut().zip(widths) {
        let part = parts.next().filter(|part| part.len() == width && part.bytes().all(|b| b.is_ascii_digit()))?;
        *number = part.parse().ok()?;
    }
    parts.next().is_none().then_some(out)
}

/// Days since 1970 of a date; years begin in March here, so that a leap day is the last of its year.
fn days_of(year: u64, month: u64, day: u64) -> Option<u64> {
    if !(1..=12).contains(&month) || !(1..=31).contains(&day) {
        return None;
    }
    let year = if month <= 2 { year.checked_sub(1)? } else { year };
    let month = (month + 9) % 12;
    let of_era = year % 400;
    let day_of_year = (153 * month + 2) / 5 + day - 1;
    (year / 400 * ERA + of_era * 365 + of_era / 4 - of_era / 100 + day_of_year).checked_sub(EPOCH)
}

/// Year, month and day of a number of days since 1970.
fn civil(days: u64) -> (u64, u64, u64) {
    let shifted = days + EPOCH;
    let day_of_era = shifted % ERA;
    let of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * of_era + of_era / 4 - of_era / 100);
    let month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month + 2) / 5 + 1;
    let year = shifted / ERA * 400 + of_era + u64::from(month >= 10);
    (year, if month < 10 { month + 3 } else { month - 9 }, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_day_goes_out_and_comes_back() {
        let mut seconds = 0;
        while seconds < END {
            assert_eq!(parse(&text(seconds)), Some(seconds), "{}", text(seconds));
            seconds += 13 * DAY + 3_601;
        }
        assert_eq!(text(951_782_400), "2000-02-29T00:00:00Z");
        assert_eq!(text(END - 1), "9999-12-31T23:59:59Z");
        assert_eq!(text(u64::MAX), "second 18446744073709551615 since 1970");
    }

    #[test]
    fn what_is_no_moment_is_refused() {
        let wrong = ["", "2027", "2027-1-1", "2027-13-01", "2027-04-31", "1969-12-31", "2027-01-01T24:00:00Z"];
        for text in
            wrong.into_iter().chain(["2027-01-01T00:00:00", "2027-01-01T00:00:00+01:00", "2100-02-29", "+027-01-01"])
        {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
