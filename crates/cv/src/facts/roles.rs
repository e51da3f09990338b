//! Which part of an employment's heads is the title and which is the employer.
//!
//! A CV sets all its employments alike: where the words of one entry do not tell, the places that
//! title and employer have in the other entries do.

use std::collections::HashMap;

use domain::Evidence;

use super::heads::{self, Part, Role};
use crate::lexicon::fold;

/// Title, employer and place of one entry.
#[derive(Clone, Debug, Default)]
pub(super) struct Roles {
    pub title: Option<Evidence>,
    pub employer: Option<Evidence>,
    pub place: Option<Evidence>,
}

type Slot = (usize, usize);

/// The roles of each entry's parts.
pub(super) fn tell(entries: Vec<Vec<Part<'_>>>) -> Vec<Roles> {
    // Under an employer with a time of its own stand positions: "Vice President, Finance".
    let grouped = entries
        .iter()
        .any(|parts| parts.len() <= 2 && parts.first().is_some_and(|part| part.title == 0 && placed(part)));
    let whole: Vec<usize> = entries.iter().map(Vec::len).collect();
    let entries: Vec<Vec<Part<'_>>> = entries.into_iter().map(|parts| apart(parts, grouped)).collect();
    let entries = if grouped { entries } else { apart_like_others(entries, &whole) };
    let alone = |parts: &Vec<Part<'_>>| best(parts, None);
    let first: Vec<Choice> = entries.iter().map(alone).collect();
    let habit = Habit::of(&entries, &first);
    let chosen = entries.iter().map(|parts| (parts, best(parts, Some(&habit))));
    chosen.map(|(parts, choice)| roles(parts, &choice)).collect()
}

/// Parts whose pieces between commas are a title and something else, taken apart.
fn apart(parts: Vec<Part<'_>>, grouped: bool) -> Vec<Part<'_>> {
    let whole = |part: &Part<'_>| part.title == 0 && !part.place;
    let others = parts.iter().filter(|part| whole(part)).count();
    let employed = parts.iter().filter(|part| part.employer && part.title == 0).count();
    let titled = parts.iter().any(|part| part.title == 3 && !part.bracketed && heads::pieces(part.text()).len() == 1);
    let mut found = Vec::new();
    for part in parts {
        match split(&part, others == 0 && !grouped, employed > 0, titled).filter(|_| part.role.is_none()) {
            Some((first, second)) => found.extend([first, second]),
            None => found.push(part),
        }
    }
    found
}

/// Where most entries were one part that begins with a title and had a comma behind it, the others that
/// are one part are taken apart at their first comma. `whole` counts each entry's parts before.
fn apart_like_others<'d>(entries: Vec<Vec<Part<'d>>>, whole: &[usize]) -> Vec<Vec<Part<'d>>> {
    let usual =
        |(parts, whole): &(&Vec<Part<'_>>, &usize)| **whole < parts.len() && parts.first().is_some_and(Part::is_title);
    let split = entries.iter().zip(whole).filter(usual).count();
    if split == 0 || split * 2 < entries.len() {
        return entries;
    }
    let cut = |parts: Vec<Part<'d>>| match parts.as_slice() {
        [part] => at_comma(part).unwrap_or(parts),
        _ => parts,
    };
    entries.into_iter().map(cut).collect()
}

/// What stands before the first comma of `part`, and what stands behind it if it is no place.
fn at_comma<'d>(part: &Part<'d>) -> Option<Vec<Part<'d>>> {
    let text = part.text();
    let next = heads::pieces(text).into_iter().nth(1)?;
    let place = heads::is_place(&fold(text.get(next.clone())?));
    let both = vec![part.sub(0..next.start, 0)?, part.sub(next.start..text.len(), 1)?];
    (!place && part.role.is_none()).then_some(both)
}

/// Whether an employer's name is followed by a place that is known: "DELOITTE, Chicago, IL".
fn placed(part: &Part<'_>) -> bool {
    let pieces = heads::pieces(part.text());
    let place = |range: &std::ops::Range<usize>| {
        part.text().get(range.clone()).is_some_and(|piece| heads::is_place(&fold(piece)))
    };
    pieces.iter().skip(1).any(place) && !part.place
}

/// "Engineer, Acme Ltd" and "Acme Ltd, Engineer": where the title ends or begins. A name without the
/// words of an employer is one only if the entry has no other part for it, and what follows an employer is no
/// title where the entry is `titled`: "Iyengar & Co., Chartered Accountants".
fn split<'d>(part: &Part<'d>, alone: bool, employed: bool, titled: bool) -> Option<(Part<'d>, Part<'d>)> {
    let text = part.text();
    let pieces = heads::pieces(text);
    let folded: Vec<String> = pieces.iter().map(|range| fold(text.get(range.clone()).unwrap_or_default())).collect();
    let own = |n: usize| folded.get(n).is_some_and(|piece| heads::OWN.contains(&piece.as_str()));
    let title = |n: usize| !own(n) && folded.get(n).is_some_and(|piece| heads::title_points(piece) >= 2);
    let other = |n: usize| {
        folded.get(n).is_some_and(|piece| {
            heads::OWN.contains(&piece.as_str())
                || !heads::is_place(piece)
                    && heads::title_points(piece) < 2
                    && (alone || !employed && heads::is_employer(piece))
        })
    };
    let at = (1..pieces.len()).find(|n| title(n - 1) && other(*n) || !titled && other(n - 1) && title(*n))?;
    let cut = pieces.get(at)?.start;
    Some((part.sub(0..cut, 0)?, part.sub(cut..text.len(), 1)?))
}

/// Which parts are the title and the employer.
#[derive(Clone, Copy, Debug, Default)]
struct Choice {
    title: Option<usize>,
    employer: Option<usize>,
}

/// How often a place among the heads had a title or an employer.
#[derive(Default)]
struct Habit {
    titles: HashMap<Slot, f32>,
    employers: HashMap<Slot, f32>,
    /// The same by how many rows above the dates, or below, they stand.
    titles_at: HashMap<(isize, usize), f32>,
    employers_at: HashMap<(isize, usize), f32>,
}

impl Habit {
    fn of(entries: &[Vec<Part<'_>>], choices: &[Choice]) -> Self {
        let mut habit = Self::default();
        let share = 1.0 / f32::from(u16::try_from(entries.len().max(1)).unwrap_or(u16::MAX));
        for (parts, choice) in entries.iter().zip(choices) {
            let title = choice.title.and_then(|n| parts.get(n));
            let employer = choice.employer.and_then(|n| parts.get(n));
            if let Some(part) = title.filter(|part| part.is_title()) {
                *habit.titles.entry(part.slot).or_default() += share;
                *habit.titles_at.entry(part.seen_from_dates()).or_default() += share;
            }
            if let Some(part) = employer.filter(|part| part.employer || title.is_some_and(|title| title.is_title())) {
                *habit.employers.entry(part.slot).or_default() += share;
                *habit.employers_at.entry(part.seen_from_dates()).or_default() += share;
            }
        }
        habit
    }

    fn title(&self, part: &Part<'_>) -> f32 {
        self.titles.get(&part.slot).copied().unwrap_or_default()
    }

    fn employer(&self, part: &Part<'_>) -> f32 {
        self.employers.get(&part.slot).copied().unwrap_or_default()
    }
}

/// Whether `part` stands for the employer of those who have none, perhaps with their town.
fn is_own(part: &Part<'_>) -> bool {
    part.folded.split(',').next().is_some_and(|first| heads::OWN.contains(&first.trim()))
}

fn best(parts: &[Part<'_>], habit: Option<&Habit>) -> Choice {
    let mut best = (f32::MIN, Choice::default());
    let title = |n: usize| as_title(&parts[n], habit);
    let employer = |n: usize| as_employer(&parts[n], habit);
    for a in 0..parts.len() {
        for b in (0..parts.len()).filter(|b| *b != a) {
            let order = if a < b { 0.2 } else { 0.0 };
            let points = title(a) + employer(b) + order;
            if points > best.0 {
                best = (points, Choice { title: Some(a), employer: Some(b) });
            }
        }
    }
    if let [part] = parts {
        // What stands at the dates of others is what stands at these.
        let usual =
            |of: &HashMap<(isize, usize), f32>| 2.0 * of.get(&part.seen_from_dates()).copied().unwrap_or_default();
        let more = habit.map_or(0.0, |habit| usual(&habit.employers_at) - usual(&habit.titles_at));
        let is_employer = employer(0) + more > title(0);
        return if is_employer && part.role != Some(Role::Title) {
            Choice { title: None, employer: Some(0) }
        } else {
            Choice { title: Some(0), employer: None }
        };
    }
    // A place or an aside is no employer.
    let (_, mut choice) = best;
    choice.employer = choice.employer.filter(|n| employer(*n) > -2.0);
    choice.title = choice.title.filter(|n| title(*n) > -2.0);
    choice
}

fn as_title(part: &Part<'_>, habit: Option<&Habit>) -> f32 {
    let words = [0.0, 1.0, 2.2, 3.0];
    let known = usize::try_from(part.title).ok().and_then(|n| words.get(n)).copied().unwrap_or(0.0);
    let employer = if part.employer && known < 2.0 { -1.5 } else { 0.0 };
    let own = if is_own(part) { -3.0 } else { 0.0 };
    known + employer + own + aside(part, Role::Title) + habit.map_or(0.0, |habit| 2.0 * habit.title(part)) - late(part)
}

fn as_employer(part: &Part<'_>, habit: Option<&Habit>) -> f32 {
    let known = if part.employer { 2.0 } else { 0.0 };
    let title = match part.title {
        0 => 0.0,
        1 => -0.5,
        _ if known > 0.0 => -1.0,
        _ => -2.0,
    };
    let town = if placed(part) { 1.0 } else { 0.0 };
    let own = if is_own(part) { 4.0 } else { 0.0 };
    known + title + town + own + aside(part, Role::Employer) + habit.map_or(0.0, |habit| 2.0 * habit.employer(part))
        - late(part)
}

fn aside(part: &Part<'_>, role: Role) -> f32 {
    let labelled = match part.role {
        Some(said) if said == role => 6.0,
        Some(_) => -6.0,
        None => 0.0,
    };
    let place = if part.place { -4.0 } else { 0.0 };
    let bracketed = if part.bracketed { -1.5 } else { 0.0 };
    let number = if part.folded.starts_with(|c: char| c.is_ascii_digit()) { -1.5 } else { 0.0 };
    let long = if part.folded.split(' ').count() > 9 { -2.0 } else { 0.0 };
    labelled + place + bracketed + number + long
}

/// What stands first is more likely meant.
fn late(part: &Part<'_>) -> f32 {
    let count = part.slot.0 * 2 + part.slot.1;
    0.3 * f32::from(u8::try_from(count.min(20)).unwrap_or(20))
}

fn roles(parts: &[Part<'_>], choice: &Choice) -> Roles {
    let taken = |n: usize| choice.title == Some(n) || choice.employer == Some(n);
    let place = parts.iter().enumerate().find(|(n, part)| !taken(*n) && part.place);
    let title = choice.title.and_then(|n| {
        let title = parts.get(n)?;
        let kind = parts.get(n + 1).filter(|_| !taken(n + 1));
        kind.and_then(|kind| title.with_kind(kind)).unwrap_or_else(|| title.clone()).evidence()
    });
    let employer = choice.employer.and_then(|n| parts.get(n));
    let kept = employer.map(|part| heads::without_place(part.text()));
    let bare = employer.zip(kept).and_then(|(part, kept)| part.sub(0..kept, 0));
    let behind = || employer.zip(kept).and_then(|(part, kept)| part.sub(kept..part.text().len(), 1));
    let place = place.map(|(_, part)| part.clone()).or_else(behind).and_then(|part| part.evidence());
    Roles { title, employer: bare.and_then(|part| part.evidence()), place }
}
