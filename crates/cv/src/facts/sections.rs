//! Recognizes the headings of a CV and splits its lines into sections.
//!
//! A heading is a line, or the first cell of one, that is in the list of headings; or a line in the same style as such
//! headings.

use std::collections::{HashMap, HashSet};

use super::{date, education, entry_header, line_view::LineView};
use crate::{
    headings::{Section, ends_with_conjunction, ends_with_heading_word, section_by_words, section_of_heading},
    lexicon::fold,
};

/// Assigns each line to its section and leaves out the headings.
pub(super) fn split_sections<'d>(lines: &[LineView<'d>]) -> Vec<(Section, LineView<'d>)> {
    let headings = Headings::detect(lines);
    let mut section = Section::Preamble;
    let mut headings_seen: Vec<(f32, Section)> = Vec::new();
    let mut sectioned: Vec<(Section, LineView<'d>)> = Vec::new();
    let mut rest_of_label = None;
    for (n, line) in lines.iter().enumerate() {
        let line = &rest_of_label.take().map_or(*line, |from| line.suffix_from(from));
        let turned = sectioned.last().is_some_and(|(_, last)| last.layout.page != line.layout.page);
        let two = lines.get(n + 1).and_then(|next| two_line_heading(line, next));
        if let Some((heading, rest)) = two {
            section = heading.section;
            headings_seen.extend(line.layout.rect.map(|rect| (rect.x, section)));
            sectioned.extend(heading.rest.map(|from| (section, line.suffix_from(from))));
            rest_of_label = Some(rest);
            continue;
        }
        // The person's name may be in the style of the headings below it.
        let heading =
            headings.heading_of(line).filter(|it| section != Section::Preamble || it.section != Section::Other);
        if turned && heading.is_none() {
            section = section_of_column(&headings_seen, line).unwrap_or(section);
        }
        match heading {
            Some(heading) => {
                section = heading.section;
                headings_seen.extend(line.layout.rect.map(|rect| (rect.x, section)));
                sectioned.extend(heading.rest.map(|from| (section, line.suffix_from(from))));
            }
            None => sectioned.push((section, *line)),
        }
    }
    sectioned
}

/// Returns the section of the last heading in the column of `line`: columns continue on the next page.
fn section_of_column(headings_seen: &[(f32, Section)], line: &LineView<'_>) -> Option<Section> {
    /// In points.
    const COLUMN_TOLERANCE: f32 = 40.0;
    let x = line.layout.rect?.x;
    headings_seen.iter().rev().find(|(heading, _)| (heading - x).abs() < COLUMN_TOLERANCE).map(|(_, section)| *section)
}

/// Returns the section of a heading with a duration: "Work experience: 7+ years".
fn section_of_timed_heading(text: &str) -> Option<Section> {
    let (heading, rest) = text.split_once([':', '(', '–', '—'])?;
    let few = rest.split_whitespace().count() <= 3 || entry_header::is_duration(&fold(rest));
    let number = rest.chars().any(|c| c.is_ascii_digit()) && few;
    section_of_heading(heading).filter(|section| *section == Section::Work && number && !is_date(rest))
}

/// The style of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Style {
    heading: u8,
    half_points: u32,
    bold: bool,
    capitals: bool,
}

impl Style {
    fn from_line(line: &LineView<'_>) -> Self {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "sizes are small and positive")]
        let half_points = (line.layout.size * 2.0).round() as u32;
        let mut letters = line.text.chars().filter(|letter| letter.is_lowercase() || letter.is_uppercase());
        let capitals = letters.clone().next().is_some() && letters.all(char::is_uppercase);
        Self { heading: line.layout.heading, half_points, bold: line.layout.bold, capitals }
    }
}

/// A heading and the section that it opens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Heading {
    /// The section.
    section: Section,
    /// The byte at which the section's own text begins, if the line has some.
    rest: Option<usize>,
}

/// The style of the headings of one document.
struct Headings {
    /// The styles that most lines of are known headings.
    styles: HashSet<Style>,
    /// Whether headings stand in the first cell of lines, beside their sections.
    beside_sections: bool,
    /// Whether most headings begin with a lowercase letter.
    in_lowercase: bool,
}

impl Headings {
    /// Detects the styles of the known headings among `lines`.
    fn detect(lines: &[LineView<'_>]) -> Self {
        let known: Vec<&LineView<'_>> =
            lines.iter().filter(|line| !line.is_bullet() && section_of_heading(line.text).is_some()).collect();
        let mut counts: HashMap<Style, (usize, usize)> = HashMap::new();
        for line in lines {
            counts.entry(Style::from_line(line)).or_default().1 += 1;
        }
        for line in &known {
            counts.entry(Style::from_line(line)).or_default().0 += 1;
        }
        let own = |(known, all): &(usize, usize)| *known >= 2 && known * 2 >= *all;
        let styles = counts.into_iter().filter(|(_, counts)| own(counts)).map(|(style, _)| style).collect();
        let beside = |line: &&LineView<'_>| {
            line.text
                .split_once('\t')
                .is_some_and(|(label, rest)| section_of_heading(label).is_some() && !is_date(rest))
        };
        let in_lowercase = known.iter().filter(|line| begins_lowercase(line.text)).count() * 2 > known.len();
        Self { styles, beside_sections: lines.iter().filter(beside).count() >= 2, in_lowercase }
    }

    /// Returns the heading that `line` is, or begins with.
    fn heading_of(&self, line: &LineView<'_>) -> Option<Heading> {
        let whole_line = |section: Section| Some(Heading { section, rest: None });
        // The end of a sentence or of a list is no heading: "… used across / the service."
        let text = line.text.trim();
        let tail = text.ends_with(['.', ',', ';']) || !self.in_lowercase && begins_lowercase(text);
        if line.is_bullet() || tail {
            return None;
        }
        // "Selected projects:" within an employment, in a CV whose headings have another style.
        let within = text.ends_with(':') && !self.styles.is_empty() && !self.styles.contains(&Style::from_line(line));
        if let Some(section) =
            section_of_heading(line.text).or_else(|| section_of_timed_heading(line.text)).filter(|_| !within)
        {
            return whole_line(section);
        }
        if let Some((label, rest)) = line.text.split_once('\t') {
            let has_text = rest.chars().any(char::is_alphabetic) && !is_date(rest);
            let words = label.split_whitespace().count();
            let label_like = (1..=4).contains(&words) && !label.chars().any(|c| c.is_ascii_digit());
            let hint = || {
                section_by_words(label).filter(|_| self.beside_sections && label_like && !entry_header::is_label(label))
            };
            // "Main activities" is a label of an employment.
            let duties = entry_header::is_label(label) && entry_header::introduces_duties(label);
            let section = section_of_heading(label).or_else(hint).filter(|_| has_text && !duties);
            return section.map(|section| Heading { section, rest: Some(label.len() + 1) });
        }
        let short = line.text.split_whitespace().count() <= 5 && line.text.chars().count() < 50;
        let plain = !line.text.contains(['@', ',', ':']) && !line.text.chars().any(|c| c.is_ascii_digit());
        if short
            && plain
            && self.styles.contains(&Style::from_line(line))
            && (ends_with_heading_word(line.text) || !is_title_or_degree(line.text))
        {
            return whole_line(section_by_words(line.text).unwrap_or(Section::Other));
        }
        (line.layout.heading == 2 && short && plain && section_by_words(line.text).is_some())
            .then(|| section_by_words(line.text))
            .flatten()
            .and_then(whole_line)
    }
}

/// Whether the first word of `text` is in lowercase. One with uppercase letters within is set in small capitals.
fn begins_lowercase(text: &str) -> bool {
    let first = text.split_whitespace().next().unwrap_or_default();
    first.starts_with(char::is_lowercase) && !first.chars().skip(1).any(char::is_uppercase)
}

/// Whether a line in the style of a heading is a job title or a degree.
fn is_title_or_degree(text: &str) -> bool {
    entry_header::is_title(&fold(text)) || education::level_from_text(text).is_some()
}

/// Returns the heading that the first cells of two lines form, "Academic" and "appointments", and the byte of the
/// second line at which its own text begins.
fn two_line_heading(line: &LineView<'_>, next: &LineView<'_>) -> Option<(Heading, usize)> {
    let (first, rest) = line.text.split_once('\t').unwrap_or((line.text, ""));
    let (second, behind) = next.text.split_once('\t').unwrap_or((next.text, ""));
    let lettered = first.chars().any(char::is_alphabetic);
    let short = lettered && first.split_whitespace().count() <= 2 && second.split_whitespace().count() <= 2;
    // Most lines are longer, and the lookup is slow.
    let section = if short { section_of_heading(&format!("{first} {second}"))? } else { return None };
    // "Education and" continues on the next line, though "Training" there is a heading by itself.
    let open = ends_with_conjunction(first);
    let alone = section_of_heading(first).is_some() && !open || rest.is_empty() != behind.is_empty() && rest.is_empty();
    if alone || !open && section_of_heading(second).is_some() && rest.is_empty() {
        return None;
    }
    let from = next.text.len() - behind.len();
    Some((Heading { section, rest: (!rest.is_empty()).then(|| first.len() + 1) }, from))
}

/// Whether `text` is a date or a date range and hardly anything else.
fn is_date(text: &str) -> bool {
    let bytes = date::find_range(text).map(|range| range.start.1.start.min(range.end.1.start)..range.end.1.end);
    let bytes = bytes.or_else(|| date::find_single(text).map(|(_, at)| at));
    bytes.is_some_and(|at| text.len() - at.len() < 6)
}
