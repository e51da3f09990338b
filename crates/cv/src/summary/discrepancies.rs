//! What a person should check: contradictions in the CV, and what the document hides or did not give.

use domain::{Evidence, Line, LineKind, Message, Notice};

use super::cite_beginning;
use crate::{
    document::Document,
    facts::{
        self, Employment, End, Experience, Facts, Gap, YearMonth,
        experience::{end_month, start_month},
        line_view::LineView,
    },
};

/// The most overlaps, and the most prompt injections, that get a line.
const MAX_LINES_PER_KIND: usize = 5;

/// Returns the lines of the discrepancies.
pub(super) fn lines(
    document: &Document,
    facts: &Facts,
    text_lines: &[LineView<'_>],
    experience: &Experience,
    as_of: YearMonth,
) -> Vec<Line> {
    let mut lines: Vec<Line> = experience.long_gaps().filter_map(|gap| gap_line(facts, gap)).collect();
    lines.extend(overlap_lines(&facts.employments, as_of));
    lines.extend(facts.employments.iter().filter_map(|employment| reversed_dates_line(employment, as_of)));
    lines.extend(text_lines.iter().filter_map(|line| stated_experience_line(line, experience)));
    lines.extend(notice_lines(document));
    let injections = text_lines.iter().filter(|line| facts::is_prompt_injection(line.text));
    let injections = injections.filter_map(cite_beginning).take(MAX_LINES_PER_KIND);
    lines.extend(
        injections.map(|quote| Line::from_message(LineKind::ToVerify, Message::AddressedToProgram, quote, vec![])),
    );
    lines.extend(facts.name.is_none().then(|| Line::notice(Notice::NoName)));
    lines.extend(facts.employments.is_empty().then(|| Line::notice(Notice::NoDatedEmployment)));
    lines
}

/// Returns a line about the contradiction of two passages.
fn contradiction(message: Message, first: &Evidence, second: &Evidence) -> Line {
    Line::from_message(LineKind::ToVerify, message, first.clone(), vec![second.clone()])
}

/// Returns the line of a period without an employment.
fn gap_line(facts: &Facts, gap: &Gap) -> Option<Line> {
    let (before, after) = (facts.employments.get(gap.after)?, facts.employments.get(gap.before)?);
    Some(contradiction(Message::EmploymentGap { gap: gap.to_message() }, &before.end.evidence, &after.start.evidence))
}

/// Returns the lines of the first pairs of employments that overlap by more than a month.
fn overlap_lines(employments: &[Employment], as_of: YearMonth) -> Vec<Line> {
    let pairs = employments
        .iter()
        .enumerate()
        .flat_map(|(n, employment)| employments.iter().skip(n + 1).map(move |other| (employment, other)));
    let overlaps = pairs.filter_map(|(one, other)| {
        let end = end_month(one, as_of).min(end_month(other, as_of));
        let months = end - start_month(one).max(start_month(other));
        let message = Message::Overlap { months };
        (months > 1).then(|| contradiction(message, &one.start.evidence, &other.start.evidence))
    });
    overlaps.take(MAX_LINES_PER_KIND).collect()
}

/// Returns the line of an employment that ends before it begins, or begins in the future.
fn reversed_dates_line(employment: &Employment, as_of: YearMonth) -> Option<Line> {
    let end = match employment.end.value {
        End::Present => as_of.index(),
        End::Date(date) => date.year * 12 + date.month.map_or(11, |month| i32::from(month) - 1),
    };
    let message = match employment.end.value {
        End::Present => Message::StartsInFuture,
        End::Date(_) => Message::EndsBeforeStart,
    };
    let reversed = end < start_month(employment);
    reversed.then(|| contradiction(message, &employment.start.evidence, &employment.end.evidence))
}

/// Words for years, each between spaces.
const YEAR_WORDS: &str = " years year jahre jahren ans années años anni anos jaar ";
/// Words for experience, separated by bars.
const EXPERIENCE_WORDS: &str = "experience|erfahrung|expérience|experiencia|esperienza|experiência|ervaring";

/// Returns the line of a total in years that the CV states and that differs from its dates by more than 18 months.
fn stated_experience_line(line: &LineView<'_>, experience: &Experience) -> Option<Line> {
    let text = line.text.to_lowercase();
    if experience.months == 0 || !EXPERIENCE_WORDS.split('|').any(|word| text.contains(word)) {
        return None;
    }
    let words: Vec<&str> = text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    let years = words.windows(2).find_map(|pair| match pair {
        [number, unit] if YEAR_WORDS.contains(&format!(" {unit} ")) => number.parse::<i32>().ok(),
        _ => None,
    })?;
    let differs = (1..80).contains(&years) && (years * 12 - experience.months).abs() > 18;
    let message = Message::StatedTotal { years, months: experience.months };
    cite_beginning(line).filter(|_| differs).map(|quote| Line::from_message(LineKind::ToVerify, message, quote, vec![]))
}

/// Returns the lines of hidden text, of pages that OCR read and of pages without text: one per page and reason.
fn notice_lines(document: &Document) -> Vec<Line> {
    let mut notices = Vec::new();
    for hidden in &document.hidden {
        let notice = Notice::HiddenText { page: hidden.page, reason: hidden.reason };
        if !notices.contains(&notice) {
            notices.push(notice);
        }
    }
    notices.extend(document.ocr_pages.iter().map(|page| Notice::OcrPage { page: *page }));
    let unread = document.unread.iter();
    notices.extend(unread.map(|unread| Notice::UnreadPage { page: unread.page, reason: unread.reason }));
    notices.into_iter().map(Line::notice).collect()
}
