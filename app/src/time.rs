//! Points in time as elements, and durations as text.

use leptos::prelude::*;

use crate::i18n::{self, common};

/// How [`LocalTime`] shows a time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TimeFormat {
    /// "2 hours ago" for a week, then the day; it ages while the page is open.
    #[default]
    Relative,
    /// The day.
    Day,
    /// Day, hours, minutes and seconds.
    Second,
}

/// A time in Unix milliseconds. The server writes it in UTC; `public/time.js` shows it in the reader's time zone and
/// puts the exact time into the title.
#[component]
pub fn LocalTime(ms: i64, #[prop(optional)] format: TimeFormat) -> impl IntoView {
    let (name, text) = match format {
        TimeFormat::Relative => ("relative", i18n::minute(ms)),
        TimeFormat::Day => ("day", i18n::day(ms)),
        TimeFormat::Second => ("second", i18n::second(ms)),
    };
    view! {
        <local-time datetime=i18n::iso(ms) format=name>
            <time datetime=i18n::iso(ms)>{text}</time>
        </local-time>
    }
}

/// A duration in milliseconds: "12 ms", "1.5 s", "3 min". Negative durations count as none.
pub fn duration(ms: i64) -> String {
    match ms {
        ..1_000 => common::milliseconds(&i18n::integer(ms.max(0))),
        1_000..60_000 => common::seconds(&i18n::decimal(ms / 100)),
        _ => common::minutes(&i18n::integer(ms / 60_000)),
    }
}

#[cfg(all(test, feature = "ssr"))]
mod tests {
    use super::*;
    use crate::i18n::{Locale, with_locale};

    #[test]
    fn a_duration_is_written_in_the_unit_that_suits_it() {
        assert_eq!([0, 999, 1_500, 59_999, 180_000].map(duration), ["0 ms", "999 ms", "1.5 s", "59.9 s", "3 min"]);
        assert_eq!(with_locale(Locale::De, || duration(1_500)), "1,5 s");
    }
}
