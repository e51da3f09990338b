//! Total experience: the union of the employments' intervals.

use crate::facts::{Employment, End, YearMonth};

/// Experience in months.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Experience {
    /// Months in at least one employment.
    pub months: i32,
    /// The months of each gap between employments.
    pub gaps: Vec<i32>,
    /// Months in more than one employment.
    pub overlap: i32,
}

/// The first month; January where only a year is known.
pub(crate) fn first(job: &Employment) -> i32 {
    YearMonth { year: job.start.value.year, month: job.start.value.month.unwrap_or(1) }.index()
}

/// The month after the last; a bare year counts until its January, so that two years' difference is two years.
pub(crate) fn last(job: &Employment, as_of: YearMonth) -> i32 {
    match job.end.value {
        End::Present => as_of.index() + 1,
        End::Date(date) => {
            YearMonth { year: date.year, month: date.month.unwrap_or(1) }.index() + i32::from(date.month.is_some())
        }
    }
}

/// The union of the intervals, their gaps and overlaps.
#[must_use]
pub fn experience(employments: &[Employment], as_of: YearMonth) -> Experience {
    let mut spans: Vec<(i32, i32)> =
        employments.iter().map(|job| (first(job), last(job, as_of))).filter(|(from, to)| from < to).collect();
    spans.sort_unstable();
    let mut known = Experience::default();
    let mut reached: Option<i32> = None;
    for (from, to) in spans {
        let edge = reached.unwrap_or(from);
        if from > edge {
            known.gaps.push(from - edge);
        }
        known.overlap += (edge.min(to) - from).max(0);
        known.months += (to - from.max(edge)).max(0);
        reached = Some(edge.max(to));
    }
    known
}
