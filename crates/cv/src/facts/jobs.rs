//! Employments, anchored at their ranges of dates.

use domain::Evidence;

use super::{
    Employment, End, Fact, Method,
    date::{self, DateRange},
    heads,
    line_view::LineView,
    roles::{self, Roles},
};
use crate::lexicon::fold;

/// Rows of title, employer and place above the dates of one employment.
const MOST_HEADS: usize = 3;
/// Rows below the dates that may still name them.
const MOST_BELOW: usize = 5;
/// A CV has at most so many employments; what a hostile one lists beyond is left out.
const MOST_JOBS: usize = 100;

/// The employments among the rows of the work sections.
pub(crate) fn employments(lines: &[LineView<'_>]) -> Vec<Employment> {
    let lines: Vec<LineView<'_>> = lines.iter().filter(|line| !is_header(line)).copied().collect();
    let lines = lines.as_slice();
    let anchors = anchors(lines);
    let Some((first, _)) = anchors.first() else { return Vec::new() };
    // A CV sets all its employments alike, and above the first there is nothing but its own heads.
    let above = lines.get(..*first).map_or(0, |lines| lines.iter().rev().take(MOST_HEADS).take_while(is_head).count());
    let mut from = 0;
    let mut entries = Vec::new();
    for (k, (at, dates)) in anchors.iter().enumerate() {
        let next = anchors.get(k + 1).map_or(lines.len(), |(next, _)| *next);
        // The heads above the next dates are not sentences of this employment.
        let taken = anchors.get(k + 1).map_or(0, |_| heads_before(lines, at + 1, next, above));
        let own = heads_before(lines, from, *at, above);
        entries.push(Entry { first: at - own, at: *at, end: next - taken, dates: dates.clone() });
        from = at + 1;
    }
    // What most entries need of the rows below their dates, all have there.
    let first: Vec<_> = entries.iter().map(|entry| entry.heads(lines, Usual::default())).collect();
    let both = |(parts, below): &&(Vec<heads::Part<'_>>, usize)| {
        let named: Vec<_> = parts.iter().filter(|part| !part.is_beside_dates()).collect();
        *below == 0 && matches!(named.as_slice(), [part] if part.tells_both())
    };
    let in_one = first.iter().filter(both).count() * 2 >= first.len();
    let mut needed: Vec<usize> = first.iter().map(|(_, below)| *below).collect();
    needed.sort_unstable();
    let below = needed.get(needed.len().saturating_sub(1) / 2).copied().unwrap_or(0);
    let usual = Usual { below, in_one };
    let heads: Vec<Vec<heads::Part<'_>>> = entries.iter().map(|entry| entry.heads(lines, usual).0).collect();
    let mut roles = roles::tell(heads);
    share_employers(&entries, &mut roles);
    entries.iter().zip(roles).filter_map(|(entry, roles)| entry.employment(lines, roles)).collect()
}

/// Whether `row` names the columns of a table: "From", "To", "Employer", "Position".
fn is_header(line: &LineView<'_>) -> bool {
    let cells: Vec<&str> = line.text.split('\t').collect();
    let labels = cells.iter().filter(|cell| heads::is_label(cell)).count();
    cells.len() >= 2 && labels >= 2 && labels * 3 >= cells.len() * 2
}

/// The rows with the dates of employments.
fn anchors(lines: &[LineView<'_>]) -> Vec<(usize, DateRange)> {
    let ranges = |bullets: bool| -> Vec<(usize, DateRange)> {
        let plain = lines.iter().enumerate().filter(|(_, line)| bullets || !line.is_bullet() || ends_in_cell(line));
        plain.filter_map(|(n, line)| Some((n, anchor(line)?))).take(MOST_JOBS).collect()
    };
    let mut found = ranges(false);
    if found.is_empty() {
        found = ranges(true);
    }
    let single = lines.iter().enumerate().filter(|(_, line)| !line.is_bullet() && stands_alone(line));
    let known: Vec<usize> = found.iter().map(|(n, _)| *n).collect();
    let more = single.filter(|(n, _)| !known.contains(n)).filter_map(|(n, line)| {
        let (date, at) = date::find_single(line.text)?;
        Some((n, DateRange { start: (date, at.clone()), end: (End::Date(date), at) }))
    });
    let more: Vec<(usize, DateRange)> = more.collect();
    let more = over_rows(lines, more);
    found.extend(more);
    found.sort_by_key(|(n, _)| *n);
    // "January 2015 –" at the end of a line or a cell goes on in the next one.
    for at in 0..found.len() {
        let Some((n, range)) = found.get_mut(at) else { break };
        let cell = lines.get(*n).and_then(|line| line.text.get(..range.end.1.end)).filter(|text| !text.ends_with('\t'));
        let open = cell.is_some_and(|text| text.ends_with(['-', '–', '—']));
        let next = lines.get(*n + 1).filter(|line| open && !line.is_bullet());
        let first = next.map(|next| next.text.split('\t').next().unwrap_or_default());
        if let Some(end) = first.and_then(date::leading_end).filter(|_| range.end.0 == End::Present) {
            range.end.0 = end;
            let used = *n + 1;
            found.retain(|(other, _)| *other != used);
        }
    }
    found.truncate(MOST_JOBS);
    found
}

/// Two dates that stand below each other in the margin are the beginning and the end of one
/// employment, if that is the order of all of them; "03.2019" above "to date" too.
fn over_rows(lines: &[LineView<'_>], single: Vec<(usize, DateRange)>) -> Vec<(usize, DateRange)> {
    let mut found: Vec<(usize, DateRange)> = Vec::new();
    let mut used = usize::MAX;
    let index = |date: super::PartialDate| date.year * 12 + date.month.map_or(0, i32::from);
    for (n, range) in single {
        if n == used {
            continue;
        }
        let next = lines.get(n + 1).and_then(|next| {
            let (first, _) = next.text.split_once('\t').unwrap_or((next.text, ""));
            date::leading_end(first)
        });
        let end = next.filter(|end| match end {
            End::Present => true,
            End::Date(end) => index(*end) > index(range.start.0),
        });
        match end {
            Some(end) => {
                used = n + 1;
                found.push((n, DateRange { end: (end, range.end.1), ..range }));
            }
            None => found.push((n, range)),
        }
    }
    found
}

/// Whether a range of dates stands at the margin beside the item that `row` is.
fn ends_in_cell(line: &LineView<'_>) -> bool {
    let cell = line.text.rsplit_once('\t').map(|(before, cell)| (before.len(), cell));
    cell.is_some_and(|(at, cell)| {
        cell.chars().count() < 40 && date::find_range(line.text).is_some_and(|range| range.start.1.start > at)
    })
}

/// The range of `row`, unless it is a sentence that mentions one.
fn anchor(line: &LineView<'_>) -> Option<DateRange> {
    let range = date::find_range(line.text)?;
    let text = line.text.trim();
    let bytes = bytes(&range);
    let before = line.text.get(..bytes.start)?.trim();
    let after = line.text.get(bytes.end..)?.trim();
    let at_edge = before.is_empty() || after.chars().count() <= 40 || line.text.contains('\t');
    let words = text.split_whitespace().count();
    // "2014 – 2019", a wide gap and whatever is said beside it.
    if before.is_empty()
        && line.text.get(bytes.end..).is_some_and(|rest| rest.trim_start_matches(')').starts_with('\t'))
    {
        return Some(range);
    }
    let sentence = text.ends_with('.') && words > 9
        || words > 22
        || text.starts_with(char::is_lowercase) && words > 7 && !before.is_empty();
    // "… deployed to / Afghanistan 2010-2011." ends a sentence that began above.
    let ends = text.ends_with('.') && !text.contains('\t') && range.end.0 != End::Present;
    let tail = ends && !before.is_empty() && before.split_whitespace().count() <= 3 && after.len() <= 1;
    (at_edge && !sentence && !tail).then_some(range)
}

/// Whether the only date of `row` stands in a cell of its own: an employment of one year or month.
fn stands_alone(line: &LineView<'_>) -> bool {
    let Some((_, at)) = date::find_single(line.text) else { return false };
    let cell = |part: Option<&str>, end: bool| {
        let part = part.unwrap_or_default();
        part.trim().is_empty() || if end { part.starts_with('\t') } else { part.ends_with('\t') }
    };
    // "Acme Desk – Legal Intern (Summer 2014)"
    let named = line.text.get(..at.start).and_then(|before| before.trim_end().strip_suffix('('));
    let closed = line.text.get(at.end..).is_some_and(|after| after.trim() == ")");
    if closed && named.is_some_and(|named| heads::parts(line, 0, 0..named.len()).iter().any(heads::Part::is_title)) {
        return true;
    }
    let before = cell(line.text.get(..at.start), false);
    let after = line.text.get(at.end..);
    let labels = after.is_some_and(|after| after.trim_start().starts_with([':', '：']));
    before && (labels || cell(after, true)) && line.text.split_whitespace().count() < 14
}

fn bytes(range: &DateRange) -> std::ops::Range<usize> {
    range.start.1.start.min(range.end.1.start)..range.end.1.end.max(range.start.1.end)
}

/// How most employments of the CV are set.
#[derive(Clone, Copy, Debug, Default)]
struct Usual {
    /// Rows below the dates that name them.
    below: usize,
    /// Whether title and employer stand in one part, with a comma between.
    in_one: bool,
}

/// Where the rows of one employment are.
struct Entry {
    first: usize,
    at: usize,
    end: usize,
    dates: DateRange,
}

fn heads_before(lines: &[LineView<'_>], from: usize, end: usize, most: usize) -> usize {
    lines.get(from..end).map_or(0, |lines| lines.iter().rev().take(most).take_while(is_head).count())
}

impl Entry {
    /// What may be its title or employer: the rows above the dates, what stands beside them, and the
    /// rows below where that is not enough, or as many of them as is usual; and how many rows below were taken.
    fn heads<'d>(&self, lines: &[LineView<'d>], usual: Usual) -> (Vec<heads::Part<'d>>, usize) {
        let mut parts = Vec::new();
        for (n, line) in lines.iter().enumerate().take(self.at).skip(self.first) {
            parts.extend(heads::parts(line, n - self.first, 0..line.text.len()));
        }
        let Some(anchor) = lines.get(self.at) else { return (parts, 0) };
        let bytes = bytes(&self.dates);
        let n = self.at - self.first;
        let before = if anchor.is_bullet() && ends_in_cell(anchor) { bytes.start } else { 0 };
        let beside = [before..bytes.start, bytes.end..anchor.text.len()];
        let start = parts.len();
        for range in beside {
            parts.extend(heads::parts(anchor, n, range));
        }
        for (column, part) in parts.iter_mut().skip(start).enumerate() {
            part.slot.1 = column;
        }
        let mut below = 0;
        for (n, line) in lines.iter().enumerate().take(self.end).skip(self.at + 1).take(MOST_BELOW) {
            // The end of a time that takes two rows stands in front.
            let dated =
                line.text.split_once('\t').filter(|(cell, _)| n == self.at + 1 && date::leading_end(cell).is_some());
            let line = &dated.map_or(*line, |(cell, _)| line.suffix_from(cell.len() + 1));
            let enough = parts.iter().any(|part| part.is_title())
                && parts.iter().any(|part| !part.is_title() && !part.place && !part.bracketed)
                || matches!(parts.as_slice(), [part] if part.tells_both() || usual.in_one && part.may_tell_both())
                || usual.in_one && parts.first().is_some_and(|part| part.tells_both());
            let labelled = heads::label(line.text).is_some();
            // "… low-resource language mod- / eling" goes on with the item beside the dates.
            let item = n.checked_sub(1).and_then(|n| lines.get(n)).is_some_and(LineView::is_bullet);
            let goes_on = item && line.text.starts_with(char::is_lowercase);
            if !labelled && (enough && below >= usual.below || goes_on || !is_head(&line)) {
                break;
            }
            below += 1;
            parts.extend(heads::parts(line, n - self.first, 0..line.text.len()));
        }
        for part in &mut parts {
            part.level = part.slot.0.cast_signed() - n.cast_signed();
            part.place |= usual.in_one && n > 0 && part.is_beside_dates();
        }
        (parts, below)
    }

    fn employment(&self, lines: &[LineView<'_>], roles: Roles) -> Option<Employment> {
        let anchor = lines.get(self.at)?;
        let named: Vec<&Evidence> = [&roles.title, &roles.employer, &roles.place].into_iter().flatten().collect();
        let highlights = sentences(lines.get(self.at + 1..self.end)?, &named);
        let date =
            |value, at| Some(Fact { value, evidence: anchor.cite(at)?, method: Method::Pattern, confidence: 95 });
        let start = date(self.dates.start.0, self.dates.start.1.clone())?;
        let cited = anchor.cite(self.dates.end.1.clone()).or_else(|| anchor.cite(bytes(&self.dates)))?;
        let end = Fact { value: self.dates.end.0, evidence: cited, method: Method::Pattern, confidence: 95 };
        if roles.title.is_none() && roles.employer.is_none() && highlights.is_empty() {
            return None;
        }
        if [&roles.title, &roles.employer].into_iter().flatten().any(|part| is_break(part.quote())) {
            return None;
        }
        let fact = |evidence| super::fact(evidence, Method::Layout, 80);
        let [title, employer, place] = [roles.title, roles.employer, roles.place].map(|role| role.map(fact));
        Some(Employment { title, employer, place, start, end, highlights })
    }
}

/// What people call a time without work.
const BREAKS: [&str; 40] = [
    "career break",
    "planned career break",
    "family career break",
    "employment gap",
    "career gap",
    "career pause",
    "parental leave",
    "maternity leave",
    "paternity leave",
    "family leave",
    "family care",
    "full-time parent",
    "full time parent",
    "stay-at-home parent",
    "stay at home parent",
    "raising children",
    "gap year",
    "elternzeit",
    "mutterschutz",
    "babypause",
    "familienphase",
    "familienzeit",
    "erziehungsurlaub",
    "arbeitssuchend",
    "conge parental",
    "conge maternite",
    "conge de maternite",
    "pause carriere",
    "excedencia",
    "baja maternal",
    "baja por maternidad",
    "pausa profesional",
    "congedo parentale",
    "congedo di maternita",
    "licenca maternidade",
    "licenca de maternidade",
    "pausa na carreira",
    "ouderschapsverlof",
    "urlop macierzynski",
    "декретныи отпуск",
];

/// Whether `text` names a time without work, alone or with what follows in brackets, behind a comma or
/// a dash.
fn is_break(text: &str) -> bool {
    let folded = fold(text);
    let rest = |name: &&str| folded.strip_prefix(*name).map(str::trim_start);
    let alone = |rest: &str| rest.is_empty() || rest.starts_with(['(', ',', '–', '—', '-', ':', '/']);
    BREAKS.iter().any(|name| rest(name).is_some_and(alone))
}

/// Positions below one employer: "Acme Ltd 2015 – 2022", "Lead 2018 – 2022", "Engineer 2015 – 2018".
fn share_employers(entries: &[Entry], roles: &mut [Roles]) {
    let mut employer: Option<Evidence> = None;
    for own in roles.iter_mut() {
        match &own.employer {
            Some(evidence) => employer = Some(evidence.clone()),
            None if own.title.is_some() => own.employer = employer.clone(),
            None => {}
        }
    }
    // An employer whose time only spans that of its positions is no position.
    for n in 0..entries.len().saturating_sub(1) {
        let spans = entries.get(n).zip(entries.get(n + 1)).is_some_and(|(all, one)| all.spans(one));
        let shared = roles
            .get(n)
            .zip(roles.get(n + 1))
            .is_some_and(|(all, one)| all.title.is_none() && all.employer == one.employer);
        if let Some(own) = roles.get_mut(n).filter(|_| spans && shared) {
            *own = Roles::default();
        }
    }
}

impl Entry {
    fn spans(&self, other: &Self) -> bool {
        let first = |entry: &Self| entry.dates.start.0.year;
        let last = |entry: &Self| match entry.dates.end.0 {
            End::Present => i32::MAX,
            End::Date(date) => date.year,
        };
        first(self) <= first(other) && last(self) >= last(other)
    }
}

/// The items of the list below an employment, each with the lines that go on with it.
fn sentences(lines: &[LineView<'_>], named: &[&Evidence]) -> Vec<Evidence> {
    let taken = |line: &LineView<'_>| {
        let whole = line.cite_all();
        whole.is_some_and(|own| named.iter().any(|it| it.page() == own.page() && it.span().overlaps(own.span())))
    };
    // "Duties:" and "Hours per week: 40" are the form's words.
    let asked = |line: &LineView<'_>| {
        let aside = heads::label(line.text).is_some_and(|(role, _)| role == heads::Role::Aside);
        line.text.trim_end().ends_with([':', '：']) || aside && !heads::tells_duties(line.text)
    };
    let begins = |line: &LineView<'_>| (line.is_bullet() || is_sentence(line.text)) && !asked(line);
    let mut found = Vec::new();
    let mut n = 0;
    while let Some(first) = lines.get(n) {
        n += 1;
        if !begins(first) || taken(first) {
            continue;
        }
        let mut last = first;
        while let Some(line) = lines.get(n).filter(|line| goes_on(first, last, line)) {
            last = line;
            n += 1;
        }
        found.extend(first.cite_through(last));
    }
    found
}

fn is_sentence(text: &str) -> bool {
    let unspaced = text.chars().filter(|letter| crate::lexicon::is_unspaced_script(*letter)).count();
    text.split_whitespace().count() >= 5 || unspaced >= 10
}

/// Whether `row` is a further line of the item that `first` begins and `last` ends so far: it begins
/// with a small letter, hangs to the right of the bullet, or `last` cannot have been the end.
fn goes_on(first: &LineView<'_>, last: &LineView<'_>, line: &LineView<'_>) -> bool {
    if line.is_bullet()
        || line.layout.page != first.layout.page
        || line.text.contains("://")
        || heads::label(line.text).is_some()
    {
        return false;
    }
    let hangs = match (first.layout.rect, line.layout.rect) {
        (Some(first), Some(line)) => (2.0..40.0).contains(&(line.x - first.x)),
        _ => false,
    };
    line.text.trim_start().starts_with(char::is_lowercase) || first.is_bullet() && hangs || is_open(last.text)
}

/// Words after which no sentence ends.
const OPEN: &str = " a an and the of to in on at by for from with or as into over under via und oder der die das den dem ein eine mit von für zur zum im et ou le la les des de du un une pour avec dans sur y o el los las con para por en e il lo gli di da per een het van voor met op ";

fn is_open(text: &str) -> bool {
    let Some(word) = text.split_whitespace().next_back() else { return false };
    let number = !word.is_empty() && word.len() < 4 && word.chars().all(|c| c.is_ascii_digit());
    number || word.ends_with(',') || OPEN.contains(&format!(" {} ", word.to_lowercase()))
}

fn is_head(line: &&LineView<'_>) -> bool {
    let text = line.text.trim_end();
    let words = text.split_whitespace().count();
    let folded = fold(text);
    !line.is_bullet()
        && text.chars().count() < 100
        && !(text.ends_with(['.', ';', '。']) && words > 3 && !heads::is_employer(&folded))
        && !(words > 4 && text.trim_start().starts_with(char::is_lowercase))
        && (words <= 9 || text.contains(['\t', '|', ',']))
        && date::find_range(text).is_none()
}
