//! Total experience: the union of the employments' intervals.

use domain::phrase::{Blank, Month};

use crate::facts::{Employment, End, YearMonth};

/// Experience in months.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Experience {
    /// Months in at least one employment.
    pub months: i32,
    /// The time between employments.
    pub gaps: Vec<Gap>,
    /// Months in more than one employment.
    pub overlap: i32,
}

/// A time in which no employment is dated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gap {
    /// How long.
    pub months: i32,
    /// Its first month.
    pub from: YearMonth,
    /// The month of the next employment.
    pub to: YearMonth,
    /// The place of the employment before it.
    pub after: usize,
    /// The place of the employment that ends it.
    pub before: usize,
}

impl Gap {
    /// As the card says it.
    pub(crate) fn blank(&self) -> Blank {
        let month = |month: YearMonth| Month { year: month.year, month: month.month };
        Blank { months: self.months, from: month(self.from), to: month(self.to) }
    }
}

impl Experience {
    /// The gaps of more than six months.
    pub(crate) fn long_gaps(&self) -> impl Iterator<Item = &Gap> {
        self.gaps.iter().filter(|gap| gap.months > 6)
    }
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

/// The month after the last that a date can mean: a bare year lasts until its December.
fn latest(job: &Employment, as_of: YearMonth) -> i32 {
    match job.end.value {
        End::Date(date) if date.month.is_none() => last(job, as_of) + 12,
        _ => last(job, as_of),
    }
}

/// The union of the intervals, their gaps and overlaps.
#[must_use]
pub fn experience(employments: &[Employment], as_of: YearMonth) -> Experience {
    let mut order: Vec<(i32, i32, usize)> =
        employments.iter().enumerate().map(|(n, job)| (first(job), last(job, as_of), n)).collect();
    order.retain(|(from, to, _)| from < to);
    order.sort_unstable();
    let mut known = Experience { gaps: gaps(employments, &order, as_of), ..Experience::default() };
    let mut reached: Option<i32> = None;
    for (from, to, _) in order {
        let edge = reached.unwrap_or(from);
        known.overlap += (edge.min(to) - from).max(0);
        known.months += (to - from.max(edge)).max(0);
        reached = Some(edge.max(to));
    }
    known
}

fn gaps(employments: &[Employment], order: &[(i32, i32, usize)], as_of: YearMonth) -> Vec<Gap> {
    let mut found = Vec::new();
    let mut reached: Option<(i32, usize)> = None;
    for (from, _, n) in order {
        let until = employments.get(*n).map_or(*from, |job| latest(job, as_of));
        if let Some((edge, after)) = reached.filter(|(edge, _)| from > edge) {
            let (start, to) = (YearMonth::from_index(edge), YearMonth::from_index(*from));
            found.push(Gap { months: from - edge, from: start, to, after, before: *n });
        }
        reached = reached.max(Some((until, *n)));
    }
    found
}
