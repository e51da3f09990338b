//! Times as text, in UTC and without a locale, so that the server and the browser render the same.

/// A Unix time in milliseconds to the minute: "23 Nov 2026, 18:05 UTC".
pub fn date_time(ms: i64) -> String {
    let (year, month, day) = civil_date(ms);
    let minutes = ms.div_euclid(60_000).rem_euclid(24 * 60);
    format!("{day} {} {year}, {:02}:{:02} UTC", MONTHS[month as usize - 1], minutes / 60, minutes % 60)
}

/// A Unix time in milliseconds to the millisecond: "23 Nov 2026, 18:05:09.041 UTC".
pub fn precise_date_time(ms: i64) -> String {
    let remainder = ms.rem_euclid(60_000);
    let minute = date_time(ms);
    let minute = minute.trim_end_matches(" UTC");
    format!("{minute}:{:02}.{:03} UTC", remainder / 1_000, remainder % 1_000)
}

/// A length of time in milliseconds for people: "12 ms", "1.5 s", "3 min". Negative lengths are zero.
pub fn duration(ms: i64) -> String {
    match ms {
        ..1_000 => format!("{} ms", ms.max(0)),
        1_000..60_000 => format!("{}.{} s", ms / 1_000, ms % 1_000 / 100),
        _ => format!("{} min", ms / 60_000),
    }
}

/// The date of a Unix time in milliseconds: "23 Nov 2026".
pub fn date(ms: i64) -> String {
    let (year, month, day) = civil_date(ms);
    format!("{day} {} {year}", MONTHS[month as usize - 1])
}

/// The date of a Unix time in milliseconds in ISO 8601: "2026-11-23". For `<time>` and schema.org.
pub fn iso_date(ms: i64) -> String {
    let (year, month, day) = civil_date(ms);
    format!("{year:04}-{month:02}-{day:02}")
}

const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// Year, month and day in the proleptic Gregorian calendar (Howard Hinnant, "chrono-Compatible
/// Low-Level Date Algorithms", `civil_from_days`).
fn civil_date(ms: i64) -> (i64, i64, i64) {
    let days = ms.div_euclid(24 * 60 * 60 * 1_000) + 719_468;
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    (year_of_era + era * 400 + i64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_in_utc() {
        assert_eq!(date_time(0), "1 Jan 1970, 00:00 UTC");
        assert_eq!(date_time(1_767_312_000_000), "2 Jan 2026, 00:00 UTC");
        assert_eq!(iso_date(951_782_400_000), "2000-02-29");
        assert_eq!(date(-1), "31 Dec 1969");
        assert_eq!(precise_date_time(1_767_312_009_041), "2 Jan 2026, 00:00:09.041 UTC");
        assert_eq!([0, 999, 1_500, 59_999, 180_000].map(duration), ["0 ms", "999 ms", "1.5 s", "59.9 s", "3 min"]);
    }
}
