//! Moments as text: in UTC and without a locale, so that server and browser write the same.

/// "23 Nov 2026, 18:05 UTC".
pub fn moment(ms: i64) -> String {
    let (year, month, day) = date_of(ms);
    let minutes = ms.div_euclid(60_000).rem_euclid(24 * 60);
    format!("{day} {} {year}, {:02}:{:02} UTC", MONTHS[month as usize - 1], minutes / 60, minutes % 60)
}

/// "23 Nov 2026, 18:05:09.041 UTC".
pub fn precise(ms: i64) -> String {
    let within = ms.rem_euclid(60_000);
    let minute = moment(ms);
    let minute = minute.trim_end_matches(" UTC");
    format!("{minute}:{:02}.{:03} UTC", within / 1_000, within % 1_000)
}

/// "0 ms", "12 ms", "1.5 s", "3 min".
pub fn duration(ms: i64) -> String {
    match ms {
        ..1_000 => format!("{} ms", ms.max(0)),
        1_000..60_000 => format!("{}.{} s", ms / 1_000, ms % 1_000 / 100),
        _ => format!("{} min", ms / 60_000),
    }
}

/// "23 Nov 2026".
pub fn day(ms: i64) -> String {
    let (year, month, day) = date_of(ms);
    format!("{day} {} {year}", MONTHS[month as usize - 1])
}

/// "2026-11-23", for `<time>` and schema.org.
pub fn iso(ms: i64) -> String {
    let (year, month, day) = date_of(ms);
    format!("{year:04}-{month:02}-{day:02}")
}

const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// Year, month and day of the proleptic Gregorian calendar (Howard Hinnant, "chrono-compatible
/// low-level date algorithms", `civil_from_days`).
fn date_of(ms: i64) -> (i64, i64, i64) {
    let days = ms.div_euclid(24 * 60 * 60 * 1_000) + 719_468;
    let era = days.div_euclid(146_097);
    let of_era = days.rem_euclid(146_097);
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * of_year + 2) / 153;
    let day = of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    (year_of_era + era * 400 + i64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_written_in_utc() {
        assert_eq!(moment(0), "1 Jan 1970, 00:00 UTC");
        assert_eq!(moment(1_767_312_000_000), "2 Jan 2026, 00:00 UTC");
        assert_eq!(iso(951_782_400_000), "2000-02-29");
        assert_eq!(day(-1), "31 Dec 1969");
        assert_eq!(precise(1_767_312_009_041), "2 Jan 2026, 00:00:09.041 UTC");
        assert_eq!([0, 999, 1_500, 59_999, 180_000].map(duration), ["0 ms", "999 ms", "1.5 s", "59.9 s", "3 min"]);
    }
}
