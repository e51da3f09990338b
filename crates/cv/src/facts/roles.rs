//! Decides which segments of an employment's header are title, employer and location.
//!
//! A CV lays out all its employments alike: where the words of one entry do not decide, the positions that title and
//! employer have in the other entries do.

use std::collections::HashMap;

use domain::Evidence;

use super::entry_header::{self, Position, Role, Segment};
use crate::lexicon::fold;

/// The title, employer and location of one entry.
#[derive(Clone, Debug, Default)]
pub(super) struct Roles {
    pub title: Option<Evidence>,
    pub employer: Option<Evidence>,
    pub location: Option<Evidence>,
}

/// Assigns roles to the header segments of each entry, in the order of the entries.
pub(super) fn assign_roles(entries: Vec<Vec<Segment<'_>>>) -> Vec<Roles> {
    // Below an employer with dates of its own are its positions: "Vice President, Finance".
    let grouped = entries.iter().any(|segments| {
        segments.len() <= 2
            && segments.first().is_some_and(|segment| segment.title_score == 0 && is_followed_by_location(segment))
    });
    let counts_before: Vec<usize> = entries.iter().map(Vec::len).collect();
    let entries: Vec<Vec<Segment<'_>>> =
        entries.into_iter().map(|segments| split_title_and_employer(segments, grouped)).collect();
    let entries = if grouped { entries } else { split_like_others(entries, &counts_before) };
    let alone = |segments: &Vec<Segment<'_>>| best_choice(segments, None);
    let first: Vec<Choice> = entries.iter().map(alone).collect();
    let prior = LayoutPrior::from_choices(&entries, &first);
    let chosen = entries.iter().map(|segments| (segments, best_choice(segments, Some(&prior))));
    chosen.map(|(segments, choice)| roles_from_choice(segments, &choice)).collect()
}

/// Splits the segments whose comma-separated fields are a title and an employer.
fn split_title_and_employer(segments: Vec<Segment<'_>>, grouped: bool) -> Vec<Segment<'_>> {
    let may_be_employer = |segment: &Segment<'_>| segment.title_score == 0 && !segment.is_location;
    let others = segments.iter().filter(|segment| may_be_employer(segment)).count();
    let employed = segments.iter().filter(|segment| segment.has_employer_word && segment.title_score == 0).count();
    let titled = segments.iter().any(|segment| {
        segment.title_score == 3 && !segment.in_brackets && entry_header::comma_fields(segment.text()).len() == 1
    });
    let mut found = Vec::new();
    for segment in segments {
        match split_pair(&segment, others == 0 && !grouped, employed > 0, titled).filter(|_| segment.role.is_none()) {
            Some((first, second)) => found.extend([first, second]),
            None => found.push(segment),
        }
    }
    found
}

/// Splits the entries of one segment at their first comma, if most entries were one segment of title, comma and
/// employer. `counts_before` has the number of segments that each entry had before they were split.
fn split_like_others<'d>(entries: Vec<Vec<Segment<'d>>>, counts_before: &[usize]) -> Vec<Vec<Segment<'d>>> {
    let usual = |(segments, counts_before): &(&Vec<Segment<'_>>, &usize)| {
        **counts_before < segments.len() && segments.first().is_some_and(Segment::is_title)
    };
    let split = entries.iter().zip(counts_before).filter(usual).count();
    if split == 0 || split * 2 < entries.len() {
        return entries;
    }
    let cut = |segments: Vec<Segment<'d>>| match segments.as_slice() {
        [segment] => split_at_first_comma(segment).unwrap_or(segments),
        _ => segments,
    };
    entries.into_iter().map(cut).collect()
}

/// Splits `segment` at its first comma, unless a location follows.
fn split_at_first_comma<'d>(segment: &Segment<'d>) -> Option<Vec<Segment<'d>>> {
    let text = segment.text();
    let next = entry_header::comma_fields(text).into_iter().nth(1)?;
    let location = entry_header::is_location(&fold(text.get(next.clone())?));
    let both = vec![segment.subsegment(0..next.start, 0)?, segment.subsegment(next.start..text.len(), 1)?];
    (!location && segment.role.is_none()).then_some(both)
}

/// Whether a known location follows the first field of `segment`: "DELOITTE, Chicago, IL".
fn is_followed_by_location(segment: &Segment<'_>) -> bool {
    let fields = entry_header::comma_fields(segment.text());
    let location = |range: &std::ops::Range<usize>| {
        segment.text().get(range.clone()).is_some_and(|field| entry_header::is_location(&fold(field)))
    };
    fields.iter().skip(1).any(location) && !segment.is_location
}

/// Splits "Engineer, Acme Ltd" and "Acme Ltd, Engineer" into their two segments.
///
/// A name without the words of an employer counts as one only if it is `alone`: no other segment of the entry can be
/// the employer. What follows an employer is no title if another segment is (`titled`): "Iyengar & Co., Chartered
/// Accountants".
fn split_pair<'d>(
    segment: &Segment<'d>,
    alone: bool,
    employed: bool,
    titled: bool,
) -> Option<(Segment<'d>, Segment<'d>)> {
    let text = segment.text();
    let fields = entry_header::comma_fields(text);
    let folded: Vec<String> = fields.iter().map(|range| fold(text.get(range.clone()).unwrap_or_default())).collect();
    let self_employed =
        |n: usize| folded.get(n).is_some_and(|field| entry_header::SELF_EMPLOYED.contains(&field.as_str()));
    let title =
        |n: usize| !self_employed(n) && folded.get(n).is_some_and(|field| entry_header::title_score(field) >= 2);
    let other = |n: usize| {
        folded.get(n).is_some_and(|field| {
            entry_header::SELF_EMPLOYED.contains(&field.as_str())
                || !entry_header::is_location(field)
                    && entry_header::title_score(field) < 2
                    && (alone || !employed && entry_header::is_employer(field))
        })
    };
    let at = (1..fields.len()).find(|n| title(n - 1) && other(*n) || !titled && other(n - 1) && title(*n))?;
    let cut = fields.get(at)?.start;
    Some((segment.subsegment(0..cut, 0)?, segment.subsegment(cut..text.len(), 1)?))
}

/// The indices of the segments that are the title and the employer.
#[derive(Clone, Copy, Debug, Default)]
struct Choice {
    title: Option<usize>,
    employer: Option<usize>,
}

/// How often each position of a header held the title or the employer, as a share of the entries.
#[derive(Default)]
struct LayoutPrior {
    titles: HashMap<Position, f32>,
    employers: HashMap<Position, f32>,
    /// The same by the position relative to the dates.
    titles_by_dates: HashMap<(isize, usize), f32>,
    employers_by_dates: HashMap<(isize, usize), f32>,
}

impl LayoutPrior {
    /// Counts the positions of the choices made without a prior.
    fn from_choices(entries: &[Vec<Segment<'_>>], choices: &[Choice]) -> Self {
        let mut prior = Self::default();
        let share = 1.0 / f32::from(u16::try_from(entries.len().max(1)).unwrap_or(u16::MAX));
        for (segments, choice) in entries.iter().zip(choices) {
            let title = choice.title.and_then(|n| segments.get(n));
            let employer = choice.employer.and_then(|n| segments.get(n));
            if let Some(segment) = title.filter(|segment| segment.is_title()) {
                *prior.titles.entry(segment.position).or_default() += share;
                *prior.titles_by_dates.entry(segment.position_from_dates()).or_default() += share;
            }
            if let Some(segment) =
                employer.filter(|segment| segment.has_employer_word || title.is_some_and(|title| title.is_title()))
            {
                *prior.employers.entry(segment.position).or_default() += share;
                *prior.employers_by_dates.entry(segment.position_from_dates()).or_default() += share;
            }
        }
        prior
    }

    fn title(&self, segment: &Segment<'_>) -> f32 {
        self.titles.get(&segment.position).copied().unwrap_or_default()
    }

    fn employer(&self, segment: &Segment<'_>) -> f32 {
        self.employers.get(&segment.position).copied().unwrap_or_default()
    }
}

/// Whether `segment` says that the person was self-employed, perhaps with the town.
fn is_self_employed(segment: &Segment<'_>) -> bool {
    segment.folded.split(',').next().is_some_and(|first| entry_header::SELF_EMPLOYED.contains(&first.trim()))
}

/// Chooses the title and the employer with the most points.
fn best_choice(segments: &[Segment<'_>], prior: Option<&LayoutPrior>) -> Choice {
    let mut best = (f32::MIN, Choice::default());
    let title = |n: usize| title_points(&segments[n], prior);
    let employer = |n: usize| employer_points(&segments[n], prior);
    for a in 0..segments.len() {
        for b in (0..segments.len()).filter(|b| *b != a) {
            let order = if a < b { 0.2 } else { 0.0 };
            let points = title(a) + employer(b) + order;
            if points > best.0 {
                best = (points, Choice { title: Some(a), employer: Some(b) });
            }
        }
    }
    if let [segment] = segments {
        // The only segment is what the other entries have at this position.
        let usual = |of: &HashMap<(isize, usize), f32>| {
            2.0 * of.get(&segment.position_from_dates()).copied().unwrap_or_default()
        };
        let more = prior.map_or(0.0, |prior| usual(&prior.employers_by_dates) - usual(&prior.titles_by_dates));
        let is_employer = employer(0) + more > title(0);
        return if is_employer && segment.role != Some(Role::Title) {
            Choice { title: None, employer: Some(0) }
        } else {
            Choice { title: Some(0), employer: None }
        };
    }
    // A location, or text in parentheses, is neither.
    let (_, mut choice) = best;
    choice.employer = choice.employer.filter(|n| employer(*n) > -2.0);
    choice.title = choice.title.filter(|n| title(*n) > -2.0);
    choice
}

/// Returns the points of `segment` as the title.
fn title_points(segment: &Segment<'_>, prior: Option<&LayoutPrior>) -> f32 {
    let words = [0.0, 1.0, 2.2, 3.0];
    let known = usize::try_from(segment.title_score).ok().and_then(|n| words.get(n)).copied().unwrap_or(0.0);
    let employer = if segment.has_employer_word && known < 2.0 { -1.5 } else { 0.0 };
    let self_employed = if is_self_employed(segment) { -3.0 } else { 0.0 };
    known
        + employer
        + self_employed
        + common_points(segment, Role::Title)
        + prior.map_or(0.0, |prior| 2.0 * prior.title(segment))
        - position_penalty(segment)
}

/// Returns the points of `segment` as the employer.
fn employer_points(segment: &Segment<'_>, prior: Option<&LayoutPrior>) -> f32 {
    let known = if segment.has_employer_word { 2.0 } else { 0.0 };
    let title = match segment.title_score {
        0 => 0.0,
        1 => -0.5,
        _ if known > 0.0 => -1.0,
        _ => -2.0,
    };
    let town = if is_followed_by_location(segment) { 1.0 } else { 0.0 };
    let self_employed = if is_self_employed(segment) { 4.0 } else { 0.0 };
    known
        + title
        + town
        + self_employed
        + common_points(segment, Role::Employer)
        + prior.map_or(0.0, |prior| 2.0 * prior.employer(segment))
        - position_penalty(segment)
}

/// Returns the points of `segment` that do not depend on its words of titles or employers.
fn common_points(segment: &Segment<'_>, role: Role) -> f32 {
    let label = match segment.role {
        Some(labeled_role) if labeled_role == role => 6.0,
        Some(_) => -6.0,
        None => 0.0,
    };
    let location = if segment.is_location { -4.0 } else { 0.0 };
    let in_brackets = if segment.in_brackets { -1.5 } else { 0.0 };
    let number = if segment.folded.starts_with(|c: char| c.is_ascii_digit()) { -1.5 } else { 0.0 };
    let long = if segment.folded.split(' ').count() > 9 { -2.0 } else { 0.0 };
    label + location + in_brackets + number + long
}

/// Returns the penalty of a segment: the first ones are more likely title and employer.
fn position_penalty(segment: &Segment<'_>) -> f32 {
    let count = segment.position.line * 2 + segment.position.column;
    0.3 * f32::from(u8::try_from(count.min(20)).unwrap_or(20))
}

/// Cites the chosen segments, the title with its qualifier and the employer without its location.
fn roles_from_choice(segments: &[Segment<'_>], choice: &Choice) -> Roles {
    let taken = |n: usize| choice.title == Some(n) || choice.employer == Some(n);
    let location = segments.iter().enumerate().find(|(n, segment)| !taken(*n) && segment.is_location);
    let title = choice.title.and_then(|n| {
        let title = segments.get(n)?;
        let kind = segments.get(n + 1).filter(|_| !taken(n + 1));
        kind.and_then(|kind| title.with_qualifier(kind)).unwrap_or_else(|| title.clone()).evidence()
    });
    let employer = choice.employer.and_then(|n| segments.get(n));
    let kept = employer.map(|segment| entry_header::len_without_location(segment.text()));
    let bare = employer.zip(kept).and_then(|(segment, kept)| segment.subsegment(0..kept, 0));
    let behind = || employer.zip(kept).and_then(|(segment, kept)| segment.subsegment(kept..segment.text().len(), 1));
    let location = location.map(|(_, segment)| segment.clone()).or_else(behind).and_then(|segment| segment.evidence());
    Roles { title, employer: bare.and_then(|segment| segment.evidence()), location }
}
