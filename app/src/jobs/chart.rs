//! Ten minutes of a queue as bars.

use domain::jobs::QueueTick;
use leptos::prelude::*;

const BARS: i64 = 60;
const TICK: i64 = 10_000;
const HEIGHT: usize = 40;

/// A bar for ten seconds: what completed, and on top of it what failed. `ends_at` is where the newest
/// bar begins.
#[component]
pub fn Chart(#[prop(into)] ticks: Signal<Vec<QueueTick>>, #[prop(into)] ends_at: Signal<i64>) -> impl IntoView {
    let most = Memo::new(move |_| ticks.with(|ticks| ticks.iter().map(total).max().unwrap_or(0)));
    let bars = move || {
        let end = ends_at.get();
        ticks.with(|ticks| ticks.iter().filter_map(|tick| bar(tick, end, most.get())).collect_view())
    };
    let words = move || {
        let (completed, failed) = ticks.with(|ticks| {
            (
                ticks.iter().map(|tick| tick.completed).sum::<usize>(),
                ticks.iter().map(|tick| tick.failed).sum::<usize>(),
            )
        });
        format!("In the last ten minutes {completed} attempts completed and {failed} failed.")
    };
    view! {
        <figure class="chart">
            <svg viewBox="0 0 300 40" preserveAspectRatio="none" role="img" aria-label=words>
                {bars}
            </svg>
            <figcaption>
                <span>"10 min"</span>
                <span>{move || format!("most: {}", per_second(most.get()))}</span>
            </figcaption>
        </figure>
    }
}

fn total(tick: &QueueTick) -> usize {
    tick.completed + tick.failed
}

fn bar(tick: &QueueTick, end: i64, most: usize) -> Option<impl IntoView + use<>> {
    let place = BARS - 1 - (end - tick.at).div_euclid(TICK);
    if !(0..BARS).contains(&place) || total(tick) == 0 {
        return None;
    }
    // What there is is seen, however little.
    let high = |n: usize| if n == 0 { 0 } else { (n * HEIGHT).div_ceil(most.max(1)) };
    let (completed, failed) = (high(tick.completed), high(tick.failed));
    let x = place * 5;
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

/// Of ten seconds: "0.3/s", "12/s".
pub fn per_second(n: usize) -> String {
    match n {
        0 => "0/s".to_owned(),
        1..100 => format!("{}.{}/s", n / 10, n % 10),
        _ => format!("{}/s", n / 10),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_is_written_with_as_many_digits_as_say_something() {
        let written = [0, 3, 10, 99, 100, 123_456].map(per_second);
        assert_eq!(written, ["0/s", "0.3/s", "1.0/s", "9.9/s", "10/s", "12345/s"]);
    }
}
