//! Finds the reading order of the fragments of a page.
//!
//! The order of the content stream is kept if it is geometrically coherent; else columns are rebuilt
//! by recursive cuts (XY-cut; Nagy & Seth 1984, with gutters found per vertical band).

use super::{
    gutter::{self, Gutter},
    label_column,
    table::Rulings,
    words::Fragment,
};

/// Pages with more fragments keep the order of the content stream.
const MAX_PIECES: usize = 2_500;
/// The maximum number of jumps upward in the stream of a page that is drawn column by column.
const MAX_JUMPS: usize = 3;
/// The maximum nesting depth of columns.
const MAX_DEPTH: u32 = 6;

/// Returns `fragments` in reading order, each with the number of its region. Fragments on the same row form
/// one line only within a region.
pub fn reading_order(fragments: Vec<Fragment>, rulings: &Rulings) -> Vec<(Fragment, u32)> {
    ordered(rulings.split(fragments), rulings, true)
}

/// As [`reading_order`] for fragments whose order means nothing, as those from OCR.
pub fn rebuilt_order(fragments: Vec<Fragment>) -> Vec<(Fragment, u32)> {
    ordered(fragments, &Rulings::default(), false)
}

fn ordered(fragments: Vec<Fragment>, rulings: &Rulings, is_stream: bool) -> Vec<(Fragment, u32)> {
    if fragments.len() > MAX_PIECES {
        return fragments.into_iter().map(|fragment| (fragment, 0)).collect();
    }
    let fragments = label_column::join_wrapped_dates(fragments);
    let all: Vec<usize> = (0..fragments.len()).collect();
    let mut cut = XyCut { fragments: &fragments, order: Vec::new(), region: 0, switches: 0 };
    cut.split(all, MAX_DEPTH);
    let rebuilt = cut.order;
    let coherent = is_stream && cut.switches == 0 && jumps(&fragments) <= MAX_JUMPS && !interleaves(&fragments);
    let order = if coherent { by_stream(&fragments, rebuilt) } else { rebuilt };
    let mut fragments = fragments;
    let order = rulings.by_cells(&mut fragments, order);
    let mut fragments: Vec<Option<Fragment>> = fragments.into_iter().map(Some).collect();
    let taken = order
        .into_iter()
        .filter_map(|(at, region)| fragments.get_mut(at).and_then(Option::take).map(|fragment| (fragment, region)));
    taken.collect()
}

/// The minimum number of rows whose label the stream draws separately for the labels to form a column.
const MIN_LABELS: usize = 3;
/// The maximum number of letters of a label.
const MAX_LABEL_LETTERS: usize = 30;

/// The order of the stream, except that dates and labels that it draws separately move to their row.
fn by_stream(fragments: &[Fragment], order: Vec<(usize, u32)>) -> Vec<(usize, u32)> {
    let short = |at: usize| fragments.get(at).is_some_and(|fragment| fragment.letters <= MAX_LABEL_LETTERS);
    let is_separate = |pair: &&[(usize, u32)]| match pair {
        [(a, one), (b, other)] => {
            one == other
                && a.abs_diff(*b) > 1
                && short(*a) != short(*b)
                && fragments.get(*a).zip(fragments.get(*b)).is_some_and(|(a, b)| same_row(a, b))
        }
        _ => false,
    };
    let has_labels = order.windows(2).filter(is_separate).count() >= MIN_LABELS;
    let dated = |at: usize| has_labels || fragments.get(at).is_some_and(label_column::has_year);
    let beside = |a: usize, b: usize| fragments.get(a).zip(fragments.get(b)).is_some_and(|(a, b)| same_row(a, b));
    let mut keyed: Vec<(usize, usize, (usize, u32))> = Vec::new();
    for (place, (at, region)) in order.iter().enumerate() {
        let before = place.checked_sub(1).and_then(|place| order.get(place));
        let joins = before.filter(|(other, own)| own == region && (dated(*at) || dated(*other)) && beside(*other, *at));
        let key = joins.and_then(|_| keyed.last()).map_or(*at, |(key, _, _)| *key);
        keyed.push((key, place, (*at, *region)));
    }
    keyed.sort_by_key(|(key, place, _)| (*key, *place));
    keyed.into_iter().map(|(_, _, fragment)| fragment).collect()
}

fn jumps(fragments: &[Fragment]) -> usize {
    fragments.windows(2).filter(|pair| matches!(pair, [a, b] if is_above(b, a))).count()
}

/// Whether `b` is on a row above that of `a`.
fn is_above(b: &Fragment, a: &Fragment) -> bool {
    b.baseline < a.baseline - 0.6 * a.size.max(b.size)
}

/// The minimum number of rows between those of another run for the two to count as interleaved.
const MIN_INTERLEAVED: usize = 3;

/// Whether the stream draws rows of one column in two runs from the top: a browser draws absolutely
/// positioned text after all other text.
fn interleaves(fragments: &[Fragment]) -> bool {
    let runs: Vec<&[Fragment]> = fragments.chunk_by(|a, b| !is_above(b, a)).collect();
    let pairs = runs.iter().enumerate().flat_map(|(n, one)| runs.iter().skip(n + 1).map(move |other| (one, other)));
    pairs.into_iter().any(|(one, other)| {
        let between = other.iter().filter(|fragment| lies_between(fragment, one)).count();
        between >= MIN_INTERLEAVED && one.iter().any(|fragment| lies_between(fragment, other)) || fills_hole(other, one)
    })
}

/// Whether all of `run` is in a hole that the rows of `other` leave below a heading.
fn fills_hole(run: &[Fragment], other: &[Fragment]) -> bool {
    if run.len() < MIN_INTERLEAVED {
        return false;
    }
    let top = run.iter().map(|fragment| fragment.baseline).fold(f64::MAX, f64::min);
    let bottom = run.iter().map(|fragment| fragment.baseline).fold(f64::MIN, f64::max);
    let (left, right) = run.iter().fold((f64::MAX, f64::MIN), |(a, b), it| (a.min(it.area.x0), b.max(it.area.x1)));
    let over = |fragment: &&Fragment| fragment.area.x1 > left && fragment.area.x0 < right;
    let above =
        other.iter().filter(|fragment| fragment.baseline < top).max_by(|a, b| a.baseline.total_cmp(&b.baseline));
    let below = other.iter().filter(over).any(|fragment| fragment.baseline > bottom);
    let within = other.iter().filter(over).any(|fragment| (top..=bottom).contains(&fragment.baseline));
    above.is_some_and(|fragment| fragment.heading && over(&fragment)) && below && !within
}

/// Whether rows of `run` are above and below `fragment` and overlap most of its width.
fn lies_between(fragment: &Fragment, run: &[Fragment]) -> bool {
    let over = |other: &&Fragment| {
        let shared = fragment.area.x1.min(other.area.x1) - fragment.area.x0.max(other.area.x0);
        shared > 0.5 * fragment.area.width().min(other.area.width())
    };
    let mut rows = run.iter().filter(over);
    rows.clone().any(|other| is_above(other, fragment)) && rows.any(|other| is_above(fragment, other))
}

struct XyCut<'a> {
    fragments: &'a [Fragment],
    order: Vec<(usize, u32)>,
    region: u32,
    /// How often the stream changes between columns, beyond once for each pair of columns.
    switches: usize,
}

impl XyCut<'_> {
    fn split(&mut self, members: Vec<usize>, depth: u32) {
        if members.is_empty() {
            return;
        }
        let found = if depth == 0 { None } else { gutter::best(self.fragments, &members) };
        match found {
            Some(gutter) => self.split_at(&gutter, members, depth - 1),
            None => self.leaf(members),
        }
    }

    fn split_at(&mut self, gutter: &Gutter, members: Vec<usize>, depth: u32) {
        let (mut above, mut below) = (Vec::new(), Vec::new());
        let (mut left, mut right) = (Vec::new(), Vec::new());
        for at in members {
            let fragment = &self.fragments[at];
            let middle = fragment.area.center();
            match () {
                () if middle.y < gutter.top => above.push(at),
                () if middle.y > gutter.bottom => below.push(at),
                () if middle.x < gutter.x => left.push(at),
                () => right.push(at),
            }
        }
        self.bring_back_dates(&mut left, &mut right);
        self.bring_down_heading(&mut above, gutter, &mut left, &mut right);
        if gutter.bottom < f64::MAX {
            below.extend(self.last_headings(&mut left).chain(self.last_headings(&mut right)).collect::<Vec<_>>());
        }
        self.switches += switches(&left, &right).saturating_sub(2);
        let rtl = self.is_rtl(&left) && self.is_rtl(&right);
        let right_first = rtl || self.stream_has_right_first(&left, &right);
        self.split(above, depth);
        let (first, second) = if right_first { (right, left) } else { (left, right) };
        self.split(first, depth);
        self.split(second, depth);
        self.split(below, depth);
    }

    /// Moves a heading in the row right above two columns into the column that it is over.
    fn bring_down_heading(
        &self,
        above: &mut Vec<usize>,
        gutter: &Gutter,
        left: &mut Vec<usize>,
        right: &mut Vec<usize>,
    ) {
        let Some(last) =
            above.iter().copied().max_by(|a, b| self.fragments[*a].baseline.total_cmp(&self.fragments[*b].baseline))
        else {
            return;
        };
        let row: Vec<usize> = above.iter().copied().filter(|at| self.same_row(*at, last)).collect();
        let area = self.fragments[last].area;
        match row.as_slice() {
            [_] if !self.fragments[last].heading => return,
            [_] if area.x1 < gutter.x => left.push(last),
            [_] if area.x0 > gutter.x => right.push(last),
            _ => return,
        }
        above.retain(|at| *at != last);
        left.sort_unstable();
        right.sort_unstable();
    }

    /// Removes the headings at the end of a column: their text is below both columns.
    fn last_headings(&self, side: &mut Vec<usize>) -> std::vec::IntoIter<usize> {
        let level = |at: usize| self.fragments[at].baseline;
        let last = side.iter().copied().filter(|at| !self.fragments[*at].heading).map(level).fold(f64::MIN, f64::max);
        let (kept, last): (Vec<usize>, Vec<usize>) = side.iter().partition(|at| level(**at) <= last);
        *side = if kept.is_empty() { last.clone() } else { kept.clone() };
        if kept.is_empty() { Vec::new() } else { last }.into_iter()
    }

    /// Moves dates into the left column that belong to its rows but are beyond the gutter: they are level with
    /// rows of the left column and are not aligned with the right one.
    fn bring_back_dates(&self, left: &mut Vec<usize>, right: &mut Vec<usize>) {
        let edge = |at: usize| self.fragments[at].area.x0;
        let aligned = |x: f64| right.iter().filter(|at| (edge(**at) - x).abs() < 2.0).count();
        let Some(usual) = right.iter().map(|at| edge(*at)).max_by_key(|x| aligned(*x)) else { return };
        let is_stray = |at: &usize| {
            let fragment = &self.fragments[*at];
            fragment.area.x0 - usual > fragment.size
                && fragment.letters <= MAX_LABEL_LETTERS
                && label_column::has_year(fragment)
                && left.iter().any(|other| self.same_row(*other, *at))
                && !right.iter().any(|other| other != at && self.same_row(*other, *at))
        };
        let strays: Vec<usize> = right.iter().copied().filter(is_stray).collect();
        if strays.len() >= 2 {
            right.retain(|at| !strays.contains(at));
            left.extend(strays);
            left.sort_unstable();
        }
    }

    /// Reads one column from top to bottom, and each row from its beginning.
    fn leaf(&mut self, mut members: Vec<usize>) {
        members.sort_by(|a, b| self.fragments[*a].baseline.total_cmp(&self.fragments[*b].baseline));
        let mut row: Vec<usize> = Vec::new();
        for at in members {
            let apart = row.first().is_some_and(|first| !self.same_row(*first, at));
            if apart {
                self.row(std::mem::take(&mut row));
            }
            row.push(at);
        }
        self.row(row);
        self.region += 1;
    }

    fn row(&mut self, mut row: Vec<usize>) {
        row.sort_by(|a, b| self.fragments[*a].area.x0.total_cmp(&self.fragments[*b].area.x0));
        if self.is_rtl(&row) {
            row.reverse();
        }
        let region = self.region;
        self.order.extend(row.into_iter().map(|at| (at, region)));
    }

    fn same_row(&self, a: usize, b: usize) -> bool {
        same_row(&self.fragments[a], &self.fragments[b])
    }

    fn is_rtl(&self, members: &[usize]) -> bool {
        let rtl = members.iter().filter(|at| self.fragments[**at].rtl).count();
        rtl * 2 > members.len()
    }

    /// Whether the stream draws the whole right column before the left one.
    fn stream_has_right_first(&self, left: &[usize], right: &[usize]) -> bool {
        switches(left, right) <= 1 && right.iter().min() < left.iter().min()
    }
}

/// Returns whether the two fragments are on the same row.
pub fn same_row(a: &Fragment, b: &Fragment) -> bool {
    (a.baseline - b.baseline).abs() < 0.35 * a.size.min(b.size)
}

/// Counts how often the stream goes from one side to the other.
fn switches(left: &[usize], right: &[usize]) -> usize {
    let sides = left.iter().map(|at| (*at, false)).chain(right.iter().map(|at| (*at, true)));
    let mut sides: Vec<(usize, bool)> = sides.collect();
    sides.sort_unstable();
    sides.windows(2).filter(|pair| matches!(pair, [a, b] if a.1 != b.1)).count()
}
