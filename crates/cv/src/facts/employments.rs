//! Finds employments, each anchored at the line with its dates.

use domain::Evidence;

use super::{
    date::{self, DateRange, End, PartialDate},
    entry_header::{self, Segment},
    line_view::LineView,
    model::{Employment, Fact, Method, fact_from_evidence},
    roles::{self, Roles},
};
use crate::lexicon::fold;

/// The most lines above the dates that may name title, employer and location.
const MAX_HEADER_LINES: usize = 3;
/// The most lines below the dates that may name them.
const MAX_LINES_BELOW: usize = 5;
/// The most employments of one CV. A hostile CV may list more.
const MAX_EMPLOYMENTS: usize = 100;

/// Finds the employments in the lines of the work sections, in the order of the CV.
pub(crate) fn extract(lines: &[LineView<'_>]) -> Vec<Employment> {
    let lines: Vec<LineView<'_>> = lines.iter().filter(|line| !is_table_header(line)).copied().collect();
    let lines = lines.as_slice();
    let anchors = find_anchors(lines);
    let Some((first, _)) = anchors.first() else { return Vec::new() };
    // A CV lays out all its employments alike, and only the header of the first one stands above it.
    let above = lines
        .get(..*first)
        .map_or(0, |lines| lines.iter().rev().take(MAX_HEADER_LINES).take_while(is_header_line).count());
    let mut from = 0;
    let mut entries = Vec::new();
    for (k, (at, dates)) in anchors.iter().enumerate() {
        let next = anchors.get(k + 1).map_or(lines.len(), |(next, _)| *next);
        // The header lines above the next dates are no highlights of this employment.
        let taken = anchors.get(k + 1).map_or(0, |_| count_header_lines(lines, at + 1, next, above));
        let own = count_header_lines(lines, from, *at, above);
        entries.push(Entry { first: at - own, anchor: *at, end: next - taken, dates: dates.clone() });
        from = at + 1;
    }
    // All entries have as many header lines below their dates as the median entry needs.
    let first: Vec<_> = entries.iter().map(|entry| entry.header_segments(lines, HeaderLayout::default())).collect();
    let is_combined = |(segments, lines_below): &&(Vec<Segment<'_>>, usize)| {
        let named: Vec<_> = segments.iter().filter(|segment| !segment.may_be_unknown_location()).collect();
        *lines_below == 0 && matches!(named.as_slice(), [segment] if segment.has_title_and_employer())
    };
    let combined = first.iter().filter(is_combined).count() * 2 >= first.len();
    let mut needed: Vec<usize> = first.iter().map(|(_, lines_below)| *lines_below).collect();
    needed.sort_unstable();
    let lines_below = needed.get(needed.len().saturating_sub(1) / 2).copied().unwrap_or(0);
    let layout = HeaderLayout { lines_below, combined };
    let headers: Vec<Vec<Segment<'_>>> = entries.iter().map(|entry| entry.header_segments(lines, layout).0).collect();
    let mut roles = roles::assign_roles(headers);
    inherit_employers(&entries, &mut roles);
    entries.iter().zip(roles).filter_map(|(entry, roles)| entry.build(lines, roles)).collect()
}

/// Whether `line` names the columns of a table: "From", "To", "Employer", "Position".
fn is_table_header(line: &LineView<'_>) -> bool {
    let cells: Vec<&str> = line.text.split('\t').collect();
    let labels = cells.iter().filter(|cell| entry_header::is_label(cell)).count();
    cells.len() >= 2 && labels >= 2 && labels * 3 >= cells.len() * 2
}

/// Finds the lines with the dates of employments: their indices and date ranges, in order.
fn find_anchors(lines: &[LineView<'_>]) -> Vec<(usize, DateRange)> {
    let ranges = |bullets: bool| -> Vec<(usize, DateRange)> {
        let plain =
            lines.iter().enumerate().filter(|(_, line)| bullets || !line.is_bullet() || has_dates_in_last_cell(line));
        plain.filter_map(|(n, line)| Some((n, anchor_range(line)?))).take(MAX_EMPLOYMENTS).collect()
    };
    let mut found = ranges(false);
    if found.is_empty() {
        found = ranges(true);
    }
    let single = lines.iter().enumerate().filter(|(_, line)| !line.is_bullet() && is_lone_date(line));
    let known: Vec<usize> = found.iter().map(|(n, _)| *n).collect();
    let more = single.filter(|(n, _)| !known.contains(n)).filter_map(|(n, line)| {
        let (date, at) = date::find_single(line.text)?;
        Some((n, DateRange { start: (date, at.clone()), end: (End::Date(date), at) }))
    });
    let more: Vec<(usize, DateRange)> = more.collect();
    let more = merge_stacked_dates(lines, more);
    found.extend(more);
    found.sort_by_key(|(n, _)| *n);
    // "January 2015 –" at the end of a line or a cell continues on the next line.
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
    found.truncate(MAX_EMPLOYMENTS);
    found
}

/// Merges a lone date with the later date on the next line into one range: "03.2019" above "to date" in the margin.
fn merge_stacked_dates(lines: &[LineView<'_>], single: Vec<(usize, DateRange)>) -> Vec<(usize, DateRange)> {
    let mut found: Vec<(usize, DateRange)> = Vec::new();
    let mut used = usize::MAX;
    let index = |date: PartialDate| date.year * 12 + date.month.map_or(0, i32::from);
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

/// Whether the last cell of `line` is a date range.
fn has_dates_in_last_cell(line: &LineView<'_>) -> bool {
    let cell = line.text.rsplit_once('\t').map(|(before, cell)| (before.len(), cell));
    cell.is_some_and(|(at, cell)| {
        cell.chars().count() < 40 && date::find_range(line.text).is_some_and(|range| range.start.1.start > at)
    })
}

/// Returns the date range of `line`, unless `line` is a sentence that mentions one.
fn anchor_range(line: &LineView<'_>) -> Option<DateRange> {
    let range = date::find_range(line.text)?;
    let text = line.text.trim();
    let bytes = range_bytes(&range);
    let before = line.text.get(..bytes.start)?.trim();
    let after = line.text.get(bytes.end..)?.trim();
    let at_edge = before.is_empty() || after.chars().count() <= 40 || line.text.contains('\t');
    let words = text.split_whitespace().count();
    // "2014 – 2019" in the first cell, any text beside it.
    if before.is_empty()
        && line.text.get(bytes.end..).is_some_and(|rest| rest.trim_start_matches(')').starts_with('\t'))
    {
        return Some(range);
    }
    let sentence = text.ends_with('.') && words > 9
        || words > 22
        || text.starts_with(char::is_lowercase) && words > 7 && !before.is_empty();
    // "… deployed to / Afghanistan 2010-2011." ends a sentence that began on an earlier line.
    let ends = text.ends_with('.') && !text.contains('\t') && range.end.0 != End::Present;
    let tail = ends && !before.is_empty() && before.split_whitespace().count() <= 3 && after.len() <= 1;
    (at_edge && !sentence && !tail).then_some(range)
}

/// Whether the only date of `line` has a cell of its own: an employment of one year or month.
fn is_lone_date(line: &LineView<'_>) -> bool {
    let Some((_, at)) = date::find_single(line.text) else { return false };
    let cell = |segment: Option<&str>, end: bool| {
        let segment = segment.unwrap_or_default();
        segment.trim().is_empty() || if end { segment.starts_with('\t') } else { segment.ends_with('\t') }
    };
    // "Acme Desk – Legal Intern (Summer 2014)"
    let named = line.text.get(..at.start).and_then(|before| before.trim_end().strip_suffix('('));
    let closed = line.text.get(at.end..).is_some_and(|after| after.trim() == ")");
    if closed
        && named
            .is_some_and(|named| entry_header::split_segments(line, 0, 0..named.len()).iter().any(Segment::is_title))
    {
        return true;
    }
    // "2014:" and "2014" alone in a cell.
    let before = cell(line.text.get(..at.start), false);
    let after = line.text.get(at.end..);
    let labels = after.is_some_and(|after| after.trim_start().starts_with([':', '：']));
    before && (labels || cell(after, true)) && line.text.split_whitespace().count() < 14
}

/// Returns the bytes from the first to the last date of `range`.
fn range_bytes(range: &DateRange) -> std::ops::Range<usize> {
    range.start.1.start.min(range.end.1.start)..range.end.1.end.max(range.start.1.end)
}

/// How most employments of the CV lay out their headers.
#[derive(Clone, Copy, Debug, Default)]
struct HeaderLayout {
    /// The number of header lines below the dates.
    lines_below: usize,
    /// Whether one segment holds title and employer, separated by a comma.
    combined: bool,
}

/// The lines of one employment: `first..anchor` is the header, `anchor` has the dates, what follows ends at `end`.
struct Entry {
    first: usize,
    anchor: usize,
    end: usize,
    dates: DateRange,
}

/// Counts the header lines directly before `end`, at most `max` and none before `from`.
fn count_header_lines(lines: &[LineView<'_>], from: usize, end: usize, max: usize) -> usize {
    lines.get(from..end).map_or(0, |lines| lines.iter().rev().take(max).take_while(is_header_line).count())
}

impl Entry {
    /// Returns the segments that may be title, employer or location, and the number of lines below the dates that
    /// they come from.
    ///
    /// They come from the lines above the dates and the rest of the line with the dates; from lines below as long as
    /// title or employer is missing, or up to the number that `layout` gives.
    fn header_segments<'d>(&self, lines: &[LineView<'d>], layout: HeaderLayout) -> (Vec<Segment<'d>>, usize) {
        let mut segments = Vec::new();
        for (n, line) in lines.iter().enumerate().take(self.anchor).skip(self.first) {
            segments.extend(entry_header::split_segments(line, n - self.first, 0..line.text.len()));
        }
        let Some(anchor) = lines.get(self.anchor) else { return (segments, 0) };
        let bytes = range_bytes(&self.dates);
        let n = self.anchor - self.first;
        let before = if anchor.is_bullet() && has_dates_in_last_cell(anchor) { bytes.start } else { 0 };
        let beside = [before..bytes.start, bytes.end..anchor.text.len()];
        let start = segments.len();
        for range in beside {
            segments.extend(entry_header::split_segments(anchor, n, range));
        }
        for (column, segment) in segments.iter_mut().skip(start).enumerate() {
            segment.position.column = column;
        }
        let mut lines_below = 0;
        for (n, line) in lines.iter().enumerate().take(self.end).skip(self.anchor + 1).take(MAX_LINES_BELOW) {
            // The end date of a range that takes two lines stands in the first cell.
            let dated = line
                .text
                .split_once('\t')
                .filter(|(cell, _)| n == self.anchor + 1 && date::leading_end(cell).is_some());
            let line = &dated.map_or(*line, |(cell, _)| line.suffix_from(cell.len() + 1));
            let enough = segments.iter().any(|segment| segment.is_title())
                && segments.iter().any(|segment| !segment.is_title() && !segment.is_location && !segment.in_brackets)
                || matches!(segments.as_slice(), [segment] if segment.has_title_and_employer() || layout.combined && segment.may_have_title_and_employer())
                || layout.combined && segments.first().is_some_and(|segment| segment.has_title_and_employer());
            let labeled = entry_header::label(line.text).is_some();
            // "… low-resource language mod- / eling" continues the list item beside the dates.
            let item = n.checked_sub(1).and_then(|n| lines.get(n)).is_some_and(LineView::is_bullet);
            let continues = item && line.text.starts_with(char::is_lowercase);
            if !labeled && (enough && lines_below >= layout.lines_below || continues || !is_header_line(&line)) {
                break;
            }
            lines_below += 1;
            segments.extend(entry_header::split_segments(line, n - self.first, 0..line.text.len()));
        }
        for segment in &mut segments {
            segment.lines_below_dates = segment.position.line.cast_signed() - n.cast_signed();
            segment.is_location |= layout.combined && n > 0 && segment.may_be_unknown_location();
        }
        (segments, lines_below)
    }

    /// Builds the employment; `None` for a career break and where neither title, employer nor highlight is found.
    fn build(&self, lines: &[LineView<'_>], roles: Roles) -> Option<Employment> {
        let anchor = lines.get(self.anchor)?;
        let named: Vec<&Evidence> = [&roles.title, &roles.employer, &roles.location].into_iter().flatten().collect();
        let highlights = find_highlights(lines.get(self.anchor + 1..self.end)?, &named);
        let date =
            |value, at| Some(Fact { value, evidence: anchor.cite(at)?, method: Method::Pattern, confidence: 95 });
        let start = date(self.dates.start.0, self.dates.start.1.clone())?;
        let cited = anchor.cite(self.dates.end.1.clone()).or_else(|| anchor.cite(range_bytes(&self.dates)))?;
        let end = Fact { value: self.dates.end.0, evidence: cited, method: Method::Pattern, confidence: 95 };
        if roles.title.is_none() && roles.employer.is_none() && highlights.is_empty() {
            return None;
        }
        if [&roles.title, &roles.employer].into_iter().flatten().any(|segment| is_career_break(segment.quote())) {
            return None;
        }
        let fact = |evidence| fact_from_evidence(evidence, Method::Layout, 80);
        let [title, employer, location] = [roles.title, roles.employer, roles.location].map(|role| role.map(fact));
        Some(Employment { title, employer, location, start, end, highlights })
    }
}

/// Folded names of times without work.
const CAREER_BREAKS: [&str; 40] = [
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

/// Whether `text` names a time without work, alone or followed by brackets, a comma or a dash.
fn is_career_break(text: &str) -> bool {
    let folded = fold(text);
    let rest = |name: &&str| folded.strip_prefix(*name).map(str::trim_start);
    let alone = |rest: &str| rest.is_empty() || rest.starts_with(['(', ',', '–', '—', '-', ':', '/']);
    CAREER_BREAKS.iter().any(|name| rest(name).is_some_and(alone))
}

/// Gives positions without an employer the one above them: "Acme Ltd 2015 – 2022", "Lead 2018 – 2022", "Engineer
/// 2015 – 2018".
fn inherit_employers(entries: &[Entry], roles: &mut [Roles]) {
    let mut employer: Option<Evidence> = None;
    for own in roles.iter_mut() {
        match &own.employer {
            Some(evidence) => employer = Some(evidence.clone()),
            None if own.title.is_some() => own.employer = employer.clone(),
            None => {}
        }
    }
    // The entry of the employer itself, which spans its positions, is no position.
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
    /// Whether the years of this entry include those of `other`.
    fn spans(&self, other: &Self) -> bool {
        let first = |entry: &Self| entry.dates.start.0.year;
        let last = |entry: &Self| match entry.dates.end.0 {
            End::Present => i32::MAX,
            End::Date(date) => date.year,
        };
        first(self) <= first(other) && last(self) >= last(other)
    }
}

/// Finds the list items and sentences about an employment, each with its continuation lines. Lines that overlap
/// `named`, the passages of title, employer and location, are left out.
fn find_highlights(lines: &[LineView<'_>], named: &[&Evidence]) -> Vec<Evidence> {
    let in_header = |line: &LineView<'_>| {
        let whole = line.cite_all();
        whole.is_some_and(|own| named.iter().any(|it| it.page() == own.page() && it.span().overlaps(own.span())))
    };
    // "Duties:" and "Hours per week: 40" are labels of a form.
    let is_form_label = |line: &LineView<'_>| {
        let other = entry_header::label(line.text).is_some_and(|(role, _)| role == entry_header::Role::Other);
        line.text.trim_end().ends_with([':', '：']) || other && !entry_header::introduces_duties(line.text)
    };
    let begins = |line: &LineView<'_>| (line.is_bullet() || is_sentence(line.text)) && !is_form_label(line);
    let mut found = Vec::new();
    let mut n = 0;
    while let Some(first) = lines.get(n) {
        n += 1;
        if !begins(first) || in_header(first) {
            continue;
        }
        let mut last = first;
        while let Some(line) = lines.get(n).filter(|line| continues(first, last, line)) {
            last = line;
            n += 1;
        }
        found.extend(first.cite_through(last));
    }
    found
}

/// Whether `text` is long enough for a sentence: five words, or ten characters of a script without spaces.
fn is_sentence(text: &str) -> bool {
    let unspaced = text.chars().filter(|letter| crate::lexicon::is_unspaced_script(*letter)).count();
    text.split_whitespace().count() >= 5 || unspaced >= 10
}

/// Whether `line` continues the list item whose lines are `first` to `last`: it begins in lowercase, is indented to
/// the right of the bullet, or `last` cannot be the end of a sentence.
fn continues(first: &LineView<'_>, last: &LineView<'_>, line: &LineView<'_>) -> bool {
    if line.is_bullet()
        || line.layout.page != first.layout.page
        || line.text.contains("://")
        || entry_header::label(line.text).is_some()
    {
        return false;
    }
    let hangs = match (first.layout.rect, line.layout.rect) {
        (Some(first), Some(line)) => (2.0..40.0).contains(&(line.x - first.x)),
        _ => false,
    };
    line.text.trim_start().starts_with(char::is_lowercase) || first.is_bullet() && hangs || expects_more(last.text)
}

/// Words that end no sentence, each between spaces.
const OPEN_WORDS: &str = " a an and the of to in on at by for from with or as into over under via und oder der die das den dem ein eine mit von für zur zum im et ou le la les des de du un une pour avec dans sur y o el los las con para por en e il lo gli di da per een het van voor met op ";

/// Whether `text` cannot be the end of a sentence.
fn expects_more(text: &str) -> bool {
    let Some(word) = text.split_whitespace().next_back() else { return false };
    let number = !word.is_empty() && word.len() < 4 && word.chars().all(|c| c.is_ascii_digit());
    number || word.ends_with(',') || OPEN_WORDS.contains(&format!(" {} ", word.to_lowercase()))
}

/// Whether `line` may belong to the header of an entry: it is short, no list item, no sentence and has no dates.
fn is_header_line(line: &&LineView<'_>) -> bool {
    let text = line.text.trim_end();
    let words = text.split_whitespace().count();
    let folded = fold(text);
    !line.is_bullet()
        && text.chars().count() < 100
        && !(text.ends_with(['.', ';', '。']) && words > 3 && !entry_header::is_employer(&folded))
        && !(words > 4 && text.trim_start().starts_with(char::is_lowercase))
        && (words <= 9 || text.contains(['\t', '|', ',']))
        && date::find_range(text).is_none()
}
