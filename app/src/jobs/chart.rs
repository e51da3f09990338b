//! A bar chart of a queue's last ten minutes.

use leptos::prelude::*;
use queue::views::QueueTick;

use crate::i18n::{self, jobs};

const BARS: i64 = 60;
/// The time that one bar covers, in milliseconds.
const TICK_MS: i64 = 10_000;
const HEIGHT: usize = 40;

/// One bar for ten seconds: completed attempts, with failed ones on top. `ends_at` is the start of the
/// newest bar, as Unix time in milliseconds.
#[component]
pub fn Chart(#[prop(into)] ticks: Signal<Vec<QueueTick>>, #[prop(into)] ends_at: Signal<i64>) -> impl IntoView {
    let max = Memo::new(move |_| ticks.with(|ticks| ticks.iter().map(total).max().unwrap_or(0)));
    let bars = move || {
        let end = ends_at.get();
        ticks.with(|ticks| ticks.iter().filter_map(|tick| bar(tick, end, max.get())).collect_view())
    };
    let description = move || {
        let (completed, failed) = ticks.with(|ticks| {
            (
                ticks.iter().map(|tick| tick.completed).sum::<usize>(),
                ticks.iter().map(|tick| tick.failed).sum::<usize>(),
            )
        });
        jobs::chart(&completed.to_string(), &failed.to_string())
    };
    view! {
        <figure class="chart">
            <svg viewBox="0 0 300 40" preserveAspectRatio="none" role="img" aria-label=description>
                {bars}
            </svg>
            <figcaption>
                <span>{jobs::ten_minutes()}</span>
                <span>{move || jobs::max_rate(&per_second(max.get()))}</span>
            </figcaption>
        </figure>
    }
}

fn total(tick: &QueueTick) -> usize {
    tick.completed + tick.failed
}

fn bar(tick: &QueueTick, end: i64, max: usize) -> Option<impl IntoView + use<>> {
    let column = BARS - 1 - (end - tick.at).div_euclid(TICK_MS);
    if !(0..BARS).contains(&column) || total(tick) == 0 {
        return None;
    }
    // Rounds up, so that a single attempt is visible.
    let bar_height = |n: usize| if n == 0 { 0 } else { (n * HEIGHT).div_ceil(max.max(1)) };
    let (completed, failed) = (bar_height(tick.completed), bar_height(tick.failed));
    let x = column * 5;
    let rect = move |class, y: usize, height: usize| {
        view! { <rect class=class x=x y=y.to_string() width="4" height=height.to_string() /> }
    };
    let failed = failed.min(HEIGHT);
    let completed = completed.min(HEIGHT - failed);
    Some(view! {
        {rect("completed", HEIGHT - completed, completed)}
        {rect("failed", HEIGHT - completed - failed, failed)}
    })
}

/// The rate of `n` attempts in ten seconds: "0.3/s", "12/s".
pub fn per_second(n: usize) -> String {
    let tenths = i64::try_from(n).unwrap_or(i64::MAX);
    match n {
        1..100 => jobs::rate(&i18n::decimal(tenths)),
        _ => jobs::rate(&i18n::integer(tenths / 10)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_below_ten_has_one_decimal() {
        let rates = [0, 3, 10, 99, 100, 123_456].map(per_second);
        assert_eq!(rates, ["0/s", "0.3/s", "1.0/s", "9.9/s", "10/s", "12,345/s"]);
    }
}
