//! Dates and times in UTC in the page's language, for browsers without scripts; `public/time.js` puts them
//! into the reader's time zone.

use super::time;

const MS_PER_DAY: i64 = 24 * 60 * 60 * 1_000;

/// "Nov 23, 2026", of milliseconds since 1970.
pub fn day(ms: i64) -> String {
    let (year, month, day) = date_of(ms);
    time::date(&day.to_string(), month_name(month), &year.to_string())
}

/// "Nov 23, 2026, 18:05 UTC".
pub fn minute(ms: i64) -> String {
    moment(ms, &clock(ms))
}

/// "Nov 23, 2026, 18:05:09.041 UTC".
pub fn second(ms: i64) -> String {
    let within = ms.rem_euclid(60_000);
    moment(ms, &format!("{}:{:02}.{:03}", clock(ms), within / 1_000, within % 1_000))
}

/// "2026-11-23T18:05:09.041Z" (ISO 8601), for `datetime` attributes.
pub fn iso(ms: i64) -> String {
    let within = ms.rem_euclid(60_000);
    format!("{}T{}:{:02}.{:03}Z", iso_day(ms), clock(ms), within / 1_000, within % 1_000)
}

/// "2026-11-23" (ISO 8601).
pub fn iso_day(ms: i64) -> String {
    let (year, month, day) = date_of(ms);
    format!("{year:04}-{month:02}-{day:02}")
}

fn moment(ms: i64, clock: &str) -> String {
    time::moment(clock, &day(ms))
}

/// "18:05".
fn clock(ms: i64) -> String {
    let minutes = ms.div_euclid(60_000).rem_euclid(24 * 60);
    format!("{:02}:{:02}", minutes / 60, minutes % 60)
}

fn month_name(month: i64) -> &'static str {
    let number = usize::try_from(month - 1).unwrap_or_default();
    time::months().split(' ').nth(number).unwrap_or_default()
}

/// Year, month and day of the proleptic Gregorian calendar (Howard Hinnant, "chrono-compatible
/// low-level date algorithms", `civil_from_days`).
fn date_of(ms: i64) -> (i64, i64, i64) {
    let days = ms.div_euclid(MS_PER_DAY) + 719_468;
    let era = days.div_euclid(146_097);
    let of_era = days.rem_euclid(146_097);
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * of_year + 2) / 153;
    let day = of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    (year_of_era + era * 400 + i64::from(month <= 2), month, day)
}

#[cfg(all(test, feature = "ssr"))]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_written_in_utc() {
        assert_eq!(minute(0), "Jan 1, 1970, 00:00 UTC");
        assert_eq!(second(1_767_312_009_041), "Jan 2, 2026, 00:00:09.041 UTC");
        assert_eq!(day(-1), "Dec 31, 1969");
        assert_eq!(iso_day(951_782_400_000), "2000-02-29");
        assert_eq!(iso(1_767_312_009_041), "2026-01-02T00:00:09.041Z");
    }
}
