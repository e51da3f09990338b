//! The total experience: the union of the employments' periods, with its gaps and overlaps.

use domain::message::{self, Month};

use super::{
    date::{End, YearMonth},
    model::Employment,
};

/// The length of the experience, in months.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Experience {
    /// The number of months in at least one employment.
    pub months: i32,
    /// The periods between employments, in order.
    pub gaps: Vec<Gap>,
    /// The number of months in more than one employment, counted once for each further one.
    pub overlap: i32,
}

/// A period between two employments.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gap {
    /// The length in months.
    pub months: i32,
    /// The first month of the gap.
    pub from: YearMonth,
    /// The month in which the next employment begins.
    pub to: YearMonth,
    /// The index of the employment before the gap.
    pub after: usize,
    /// The index of the employment that ends the gap.
    pub before: usize,
}

impl Gap {
    /// Returns the gap as the messages of summary lines have it.
    pub(crate) fn to_message(&self) -> message::Gap {
        let month = |month: YearMonth| Month { year: month.year, month: month.month };
        message::Gap { months: self.months, from: month(self.from), to: month(self.to) }
    }
}

impl Experience {
    /// Adds up the periods of `employments`; `as_of` is the month that "present" stands for.
    ///
    /// Employments that end before they begin do not count.
    #[must_use]
    pub fn from_employments(employments: &[Employment], as_of: YearMonth) -> Self {
        let period = |(n, employment): (usize, &Employment)| (start_month(employment), end_month(employment, as_of), n);
        let mut periods: Vec<(i32, i32, usize)> = employments.iter().enumerate().map(period).collect();
        periods.retain(|(from, to, _)| from < to);
        periods.sort_unstable();
        let mut experience = Self { gaps: gaps(employments, &periods, as_of), ..Self::default() };
        let mut covered_until: Option<i32> = None;
        for (from, to, _) in periods {
            let edge = covered_until.unwrap_or(from);
            experience.overlap += (edge.min(to) - from).max(0);
            experience.months += (to - from.max(edge)).max(0);
            covered_until = Some(edge.max(to));
        }
        experience
    }

    /// Returns the gaps of more than six months.
    pub(crate) fn long_gaps(&self) -> impl Iterator<Item = &Gap> {
        self.gaps.iter().filter(|gap| gap.months > 6)
    }
}

/// Returns the index of the first month of `employment`: January if only the year is known.
pub(crate) fn start_month(employment: &Employment) -> i32 {
    let start = employment.start.value;
    YearMonth { year: start.year, month: start.month.unwrap_or(1) }.index()
}

/// Returns the index of the month after the last one of `employment`.
///
/// A year without a month counts until its January, so that "2018 – 2020" is two years.
pub(crate) fn end_month(employment: &Employment, as_of: YearMonth) -> i32 {
    match employment.end.value {
        End::Present => as_of.index() + 1,
        End::Date(date) => {
            YearMonth { year: date.year, month: date.month.unwrap_or(1) }.index() + i32::from(date.month.is_some())
        }
    }
}

/// Returns the index of the latest month after `employment` that its end date allows: a year without a month may mean
/// its December.
fn latest_end_month(employment: &Employment, as_of: YearMonth) -> i32 {
    match employment.end.value {
        End::Date(date) if date.month.is_none() => end_month(employment, as_of) + 12,
        _ => end_month(employment, as_of),
    }
}

/// Returns the gaps between `periods`, each a start, an end and the index of its employment, ordered by start.
fn gaps(employments: &[Employment], periods: &[(i32, i32, usize)], as_of: YearMonth) -> Vec<Gap> {
    let mut found = Vec::new();
    let mut covered_until: Option<(i32, usize)> = None;
    for (from, _, n) in periods {
        let until = employments.get(*n).map_or(*from, |employment| latest_end_month(employment, as_of));
        if let Some((edge, after)) = covered_until.filter(|(edge, _)| from > edge) {
            let (start, to) = (YearMonth::from_index(edge), YearMonth::from_index(*from));
            found.push(Gap { months: from - edge, from: start, to, after, before: *n });
        }
        covered_until = covered_until.max(Some((until, *n)));
    }
    found
}
