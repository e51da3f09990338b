//! The fold of a summary: whatever a crashed, fenced or repeated attempt writes, no line is lost
//! or duplicated.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use domain::{
    Fold, Line, LineKind, Page, Span, Summary, SummaryDelta, SummaryState, Transcript,
    application::{ApplicationEvent, ApplicationState},
};
use proptest::prelude::*;

fn line(n: u32) -> Line {
    let text = format!("passage number {n}");
    let length = text.chars().count();
    let page = Page { number: 1, text, ..Page::default() };
    let evidence = Transcript { pages: vec![page] }.cite(1, Span::new(0, length)).unwrap();
    Line::from_quote(LineKind::Highlight, evidence)
}

fn write(n: u32) -> SummaryDelta {
    SummaryDelta::Line { n, line: line(n) }
}

fn read() -> SummaryDelta {
    SummaryDelta::Read { pages: 1, hidden: Vec::new(), unread: Vec::new() }
}

fn ready() -> SummaryDelta {
    SummaryDelta::Ready { engine: "test/1".into() }
}

fn fold(deltas: impl IntoIterator<Item = SummaryDelta>) -> Summary {
    let mut summary = Summary::default();
    for delta in deltas {
        summary.apply(delta);
    }
    summary
}

#[test]
fn a_line_written_again_changes_nothing_and_one_too_far_ahead_is_ignored() {
    let once = fold([read(), write(0), write(1)]);
    assert_eq!(fold([read(), write(0), write(1), write(1), write(0), write(7)]), once);
}

#[test]
fn a_different_line_at_the_same_index_removes_the_lines_after_it() {
    let other = SummaryDelta::Line { n: 1, line: line(9) };
    let summary = fold([read(), write(0), write(1), write(2), other]);
    assert_eq!(summary.lines, [line(0), line(9)]);
}

#[test]
fn requesting_a_summary_again_resets_it() {
    assert_eq!(fold([read(), write(0), ready(), SummaryDelta::Queued]), Summary::default());
}

#[test]
fn every_state_has_one_name() {
    for state in SummaryState::ALL {
        assert_eq!(SummaryState::parse(state.as_str()), Some(state));
        assert_eq!(serde_json::to_value(state).unwrap(), state.as_str());
    }
}

proptest! {
    /// Attempts that die anywhere, each followed by one that continues where the log ended.
    #[test]
    fn attempts_that_die_anywhere_end_in_the_same_lines(total in 0_u32..20, cuts in prop::collection::vec(0_u32..20, 0..6)) {
        let mut summary = Summary::default();
        for (attempt, cut) in (1..).zip(cuts.iter().chain([&u32::MAX])) {
            summary.apply(SummaryDelta::Reading { attempt });
            summary.apply(read());
            let known = summary.lines.len() as u32;
            for n in (known..total).take(*cut as usize) {
                summary.apply(write(n));
            }
        }
        summary.apply(ready());
        let expected: Vec<_> = (0..total).map(line).collect();
        prop_assert_eq!(summary.lines, expected);
        prop_assert_eq!(summary.state, SummaryState::Ready);
    }

    /// A page opened at any moment ends in the same state as one that was open from the start.
    #[test]
    fn a_page_opened_midway_ends_like_one_open_from_the_start(total in 0_u32..12, opened in 0_usize..20) {
        let deltas = [SummaryDelta::Reading { attempt: 1 }, read()].into_iter().chain((0..total).map(write)).chain([ready()]);
        let events: Vec<_> = deltas.map(|delta| ApplicationEvent::Summary { delta }).collect();
        let opened = opened.min(events.len());
        let mut watched = ApplicationState::default();
        let mut html = String::new();
        for (n, event) in events.iter().cloned().enumerate() {
            if n == opened {
                html = serde_json::to_string(&watched).unwrap();
            }
            watched.apply(event);
        }
        let mut late: ApplicationState = if html.is_empty() { watched.clone() } else { serde_json::from_str(&html).unwrap() };
        if !html.is_empty() {
            for event in events.into_iter().skip(opened) {
                late.apply(event);
            }
        }
        prop_assert_eq!(late, watched);
    }
}
