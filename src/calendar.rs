//! The Gregorian calendar, for whoever reads or writes a date: days in months, and days since 1970.
//!
//! Days are counted in eras of 400 years, after which the calendar repeats; years begin in March here, so that a leap day is the last of
//! its year. No table and no crate is needed.

/// Seconds in a day: there are no leap seconds, as Unix time counts.
pub const DAY: u64 = 86_400;
/// Days in 400 years.
const ERA: u64 = 146_097;
/// Days from 0000-03-01 to 1970-01-01.
const EPOCH: u64 = 719_468;

/// Days of a month; none if there is no such month.
pub fn days_in(year: u64, month: u64) -> u64 {
    let leaps = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    match month {
        2 if leaps => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => 0,
    }
}

/// Whether there is such a date.
pub fn is_date(year: u64, month: u64, day: u64) -> bool {
    day >= 1 && day <= days_in(year, month)
}

/// Days from 1970-01-01 to a date; `None` if it is before, or none.
pub fn days(year: u64, month: u64, day: u64) -> Option<u64> {
    if !is_date(year, month, day) {
        return None;
    }
    let (year, month) =
        if month > 2 { (year, month.checked_sub(3)?) } else { (year.checked_sub(1)?, month.checked_add(9)?) };
    let of_era = year % 400;
    let of_year = month.checked_mul(153)?.checked_add(2)?.checked_div(5)?.checked_add(day)?.checked_sub(1)?;
    let leaps = (of_era / 4).checked_sub(of_era / 100)?;
    let in_era = of_era.checked_mul(365)?.checked_add(leaps)?.checked_add(of_year)?;
    (year / 400).checked_mul(ERA)?.checked_add(in_era)?.checked_sub(EPOCH)
}

/// Year, month and day this many days after 1970-01-01, of a time in seconds: the inverse of [`days`].
#[allow(clippy::arithmetic_side_effects)]
pub fn date(seconds: u64) -> (u64, u64, u64) {
    // A sixtieth of a `u64` at most, so that nothing here comes near its end.
    let days = seconds / DAY + EPOCH;
    let of_era = days % ERA;
    let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let march = (5 * of_year + 2) / 153;
    let day = of_year - (153 * march + 2) / 5 + 1;
    let (month, next) = if march < 10 { (march + 3, 0) } else { (march - 9, 1) };
    (days / ERA * 400 + year + next, month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_day_until_the_year_10000_reads_back() {
        let (mut civil, mut at) = ((1970, 1, 1), 0);
        while civil.0 < 10_000 {
            assert_eq!(days(civil.0, civil.1, civil.2), Some(at));
            assert_eq!(date(at * DAY + at % DAY), civil);
            at += 1;
            civil.2 += 1;
            if civil.2 > days_in(civil.0, civil.1) {
                civil = if civil.1 == 12 { (civil.0 + 1, 1, 1) } else { (civil.0, civil.1 + 1, 1) };
            }
        }
        // datetime.date(9999, 12, 31) - datetime.date(1970, 1, 1)
        assert_eq!(at - 1, 2_932_896);
    }

    #[test]
    fn what_is_no_date_has_no_days() {
        for (year, month, day) in
            [(1970, 0, 1), (1970, 13, 1), (1970, 1, 0), (2100, 2, 29), (2027, 4, 31), (1969, 12, 31), (0, 1, 1)]
        {
            assert_eq!(days(year, month, day), None, "{year}-{month}-{day}");
        }
        assert!(is_date(2000, 2, 29) && is_date(1, 1, 1) && !is_date(1900, 2, 29));
    }
}
