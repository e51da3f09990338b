//! The order in which the pieces of a page are read.
//!
//! The order of the stream is kept while it is geometrically coherent; else columns are rebuilt
//! by recursive cuts (XY-cut; Nagy & Seth 1984, with gutters found per vertical band).

use super::{
    gutter::{self, Gutter},
    rail,
    table::Rules,
    words::Piece,
};

/// More pieces than any page of a CV has; they stay in the order of the stream.
const MAX_PIECES: usize = 2_500;
/// So many jumps upwards a page drawn column by column may have.
const FEW_JUMPS: usize = 3;
/// How deep columns may lie within columns.
const DEEPEST: u32 = 6;

/// `pieces` in reading order, each with the number of its region: pieces of one row are joined
/// to one line only within a region.
pub fn reading_order(pieces: Vec<Piece>, rules: &Rules) -> Vec<(Piece, u32)> {
    ordered(rules.part(pieces), rules, true)
}

/// The same for pieces whose order says nothing, as that of recognition.
pub fn rebuilt_order(pieces: Vec<Piece>) -> Vec<(Piece, u32)> {
    ordered(pieces, &Rules::default(), false)
}

fn ordered(pieces: Vec<Piece>, rules: &Rules, streamed: bool) -> Vec<(Piece, u32)> {
    if pieces.len() > MAX_PIECES {
        return pieces.into_iter().map(|piece| (piece, 0)).collect();
    }
    let pieces = rail::with_whole_dates(pieces);
    let all: Vec<usize> = (0..pieces.len()).collect();
    let mut cut = Cut { pieces: &pieces, order: Vec::new(), region: 0, switches: 0 };
    cut.apart(all, DEEPEST);
    let rebuilt = cut.order;
    let coherent = streamed && cut.switches == 0 && jumps(&pieces) <= FEW_JUMPS && !interleaves(&pieces);
    let order = if coherent { by_stream(&pieces, rebuilt) } else { rebuilt };
    let mut pieces = pieces;
    let order = rules.by_cells(&mut pieces, order);
    let mut pieces: Vec<Option<Piece>> = pieces.into_iter().map(Some).collect();
    let taken = order
        .into_iter()
        .filter_map(|(at, region)| pieces.get_mut(at).and_then(Option::take).map(|piece| (piece, region)));
    taken.collect()
}

/// Rows with a label that the stream draws apart: as many of them are a rail.
const FEWEST_LABELS: usize = 3;
/// A label has at most so many letters.
const LONGEST_LABEL: usize = 30;

/// The stream's order; dates and labels that it draws apart from their row stand where the row stands.
fn by_stream(pieces: &[Piece], order: Vec<(usize, u32)>) -> Vec<(usize, u32)> {
    let short = |at: usize| pieces.get(at).is_some_and(|piece| piece.letters <= LONGEST_LABEL);
    let parted = |pair: &&[(usize, u32)]| match pair {
        [(a, one), (b, other)] => {
            one == other
                && a.abs_diff(*b) > 1
                && short(*a) != short(*b)
                && pieces.get(*a).zip(pieces.get(*b)).is_some_and(|(a, b)| same_row(a, b))
        }
        _ => false,
    };
    let railed = order.windows(2).filter(parted).count() >= FEWEST_LABELS;
    let dated = |at: usize| railed || pieces.get(at).is_some_and(rail::has_year);
    let beside = |a: usize, b: usize| pieces.get(a).zip(pieces.get(b)).is_some_and(|(a, b)| same_row(a, b));
    let mut keyed: Vec<(usize, usize, (usize, u32))> = Vec::new();
    for (place, (at, region)) in order.iter().enumerate() {
        let before = place.checked_sub(1).and_then(|place| order.get(place));
        let joins = before.filter(|(other, own)| own == region && (dated(*at) || dated(*other)) && beside(*other, *at));
        let key = joins.and_then(|_| keyed.last()).map_or(*at, |(key, _, _)| *key);
        keyed.push((key, place, (*at, *region)));
    }
    keyed.sort_by_key(|(key, place, _)| (*key, *place));
    keyed.into_iter().map(|(_, _, piece)| piece).collect()
}

fn jumps(pieces: &[Piece]) -> usize {
    pieces.windows(2).filter(|pair| matches!(pair, [a, b] if is_above(b, a))).count()
}

/// Whether `b` stands on a row above that of `a`.
fn is_above(b: &Piece, a: &Piece) -> bool {
    b.baseline < a.baseline - 0.6 * a.size.max(b.size)
}

/// So many rows between those of another run are no accident.
const FEWEST_BETWEEN: usize = 3;

/// Whether the stream draws rows of one column in two runs from the top: a browser draws text that it
/// was told to place after all text that it was not.
fn interleaves(pieces: &[Piece]) -> bool {
    let runs: Vec<&[Piece]> = pieces.chunk_by(|a, b| !is_above(b, a)).collect();
    let pairs = runs.iter().enumerate().flat_map(|(n, one)| runs.iter().skip(n + 1).map(move |other| (one, other)));
    pairs.into_iter().any(|(one, other)| {
        let between = other.iter().filter(|piece| lies_between(piece, one)).count();
        between >= FEWEST_BETWEEN && one.iter().any(|piece| lies_between(piece, other)) || fills_hole(other, one)
    })
}

/// Whether all of `run` stands in a hole that the rows of `other` leave below a heading.
fn fills_hole(run: &[Piece], other: &[Piece]) -> bool {
    if run.len() < FEWEST_BETWEEN {
        return false;
    }
    let top = run.iter().map(|piece| piece.baseline).fold(f64::MAX, f64::min);
    let bottom = run.iter().map(|piece| piece.baseline).fold(f64::MIN, f64::max);
    let (left, right) = run.iter().fold((f64::MAX, f64::MIN), |(a, b), it| (a.min(it.area.x0), b.max(it.area.x1)));
    let over = |piece: &&Piece| piece.area.x1 > left && piece.area.x0 < right;
    let above = other.iter().filter(|piece| piece.baseline < top).max_by(|a, b| a.baseline.total_cmp(&b.baseline));
    let below = other.iter().filter(over).any(|piece| piece.baseline > bottom);
    let within = other.iter().filter(over).any(|piece| (top..=bottom).contains(&piece.baseline));
    above.is_some_and(|piece| piece.heading && over(&piece)) && below && !within
}

/// Whether rows of `run` stand above and below `piece` and over most of its width.
fn lies_between(piece: &Piece, run: &[Piece]) -> bool {
    let over = |other: &&Piece| {
        let shared = piece.area.x1.min(other.area.x1) - piece.area.x0.max(other.area.x0);
        shared > 0.5 * piece.area.width().min(other.area.width())
    };
    let mut rows = run.iter().filter(over);
    rows.clone().any(|other| is_above(other, piece)) && rows.any(|other| is_above(piece, other))
}

struct Cut<'a> {
    pieces: &'a [Piece],
    order: Vec<(usize, u32)>,
    region: u32,
    /// How often the stream changes columns beyond once.
    switches: usize,
}

impl Cut<'_> {
    fn apart(&mut self, members: Vec<usize>, depth: u32) {
        if members.is_empty() {
            return;
        }
        let found = if depth == 0 { None } else { gutter::best(self.pieces, &members) };
        match found {
            Some(gutter) => self.at(&gutter, members, depth - 1),
            None => self.leaf(members),
        }
    }

    fn at(&mut self, gutter: &Gutter, members: Vec<usize>, depth: u32) {
        let (mut above, mut below) = (Vec::new(), Vec::new());
        let (mut left, mut right) = (Vec::new(), Vec::new());
        for at in members {
            let piece = &self.pieces[at];
            let middle = piece.area.center();
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
        self.apart(above, depth);
        let (first, second) = if right_first { (right, left) } else { (left, right) };
        self.apart(first, depth);
        self.apart(second, depth);
        self.apart(below, depth);
    }

    /// A heading in the row right above two columns, over one of them, is of that one.
    fn bring_down_heading(
        &self,
        above: &mut Vec<usize>,
        gutter: &Gutter,
        left: &mut Vec<usize>,
        right: &mut Vec<usize>,
    ) {
        let Some(last) =
            above.iter().copied().max_by(|a, b| self.pieces[*a].baseline.total_cmp(&self.pieces[*b].baseline))
        else {
            return;
        };
        let row: Vec<usize> = above.iter().copied().filter(|at| self.same_row(*at, last)).collect();
        let area = self.pieces[last].area;
        match row.as_slice() {
            [_] if !self.pieces[last].heading => return,
            [_] if area.x1 < gutter.x => left.push(last),
            [_] if area.x0 > gutter.x => right.push(last),
            _ => return,
        }
        above.retain(|at| *at != last);
        left.sort_unstable();
        right.sort_unstable();
    }

    /// Takes the headings with which a column ends: what they are of stands below both columns.
    fn last_headings(&self, side: &mut Vec<usize>) -> std::vec::IntoIter<usize> {
        let level = |at: usize| self.pieces[at].baseline;
        let last = side.iter().copied().filter(|at| !self.pieces[*at].heading).map(level).fold(f64::MIN, f64::max);
        let (kept, last): (Vec<usize>, Vec<usize>) = side.iter().partition(|at| level(**at) <= last);
        *side = if kept.is_empty() { last.clone() } else { kept.clone() };
        if kept.is_empty() { Vec::new() } else { last }.into_iter()
    }

    /// Dates of the left column's rows over which the right column was laid: they stand on rows of the
    /// left one, and not at the edge of the right one.
    fn bring_back_dates(&self, left: &mut Vec<usize>, right: &mut Vec<usize>) {
        let edge = |at: usize| self.pieces[at].area.x0;
        let aligned = |x: f64| right.iter().filter(|at| (edge(**at) - x).abs() < 2.0).count();
        let Some(usual) = right.iter().map(|at| edge(*at)).max_by_key(|x| aligned(*x)) else { return };
        let stray = |at: &usize| {
            let piece = &self.pieces[*at];
            piece.area.x0 - usual > piece.size
                && piece.letters <= LONGEST_LABEL
                && rail::has_year(piece)
                && left.iter().any(|other| self.same_row(*other, *at))
                && !right.iter().any(|other| other != at && self.same_row(*other, *at))
        };
        let strays: Vec<usize> = right.iter().copied().filter(stray).collect();
        if strays.len() >= 2 {
            right.retain(|at| !strays.contains(at));
            left.extend(strays);
            left.sort_unstable();
        }
    }

    /// One column: from top to bottom, and rows from their beginning.
    fn leaf(&mut self, mut members: Vec<usize>) {
        members.sort_by(|a, b| self.pieces[*a].baseline.total_cmp(&self.pieces[*b].baseline));
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
        row.sort_by(|a, b| self.pieces[*a].area.x0.total_cmp(&self.pieces[*b].area.x0));
        if self.is_rtl(&row) {
            row.reverse();
        }
        let region = self.region;
        self.order.extend(row.into_iter().map(|at| (at, region)));
    }

    fn same_row(&self, a: usize, b: usize) -> bool {
        same_row(&self.pieces[a], &self.pieces[b])
    }

    fn is_rtl(&self, members: &[usize]) -> bool {
        let rtl = members.iter().filter(|at| self.pieces[**at].rtl).count();
        rtl * 2 > members.len()
    }

    /// Whether the stream draws the whole right column before the left one.
    fn stream_has_right_first(&self, left: &[usize], right: &[usize]) -> bool {
        switches(left, right) <= 1 && right.iter().min() < left.iter().min()
    }
}

/// Whether the two stand on one row.
pub fn same_row(a: &Piece, b: &Piece) -> bool {
    (a.baseline - b.baseline).abs() < 0.35 * a.size.min(b.size)
}

/// How often the stream goes from one side to the other.
fn switches(left: &[usize], right: &[usize]) -> usize {
    let sides = left.iter().map(|at| (*at, false)).chain(right.iter().map(|at| (*at, true)));
    let mut sides: Vec<(usize, bool)> = sides.collect();
    sides.sort_unstable();
    sides.windows(2).filter(|pair| matches!(pair, [a, b] if a.1 != b.1)).count()
}
