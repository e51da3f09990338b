//! What a person should look at: contradictions and what the document hides.

use domain::{Evidence, Line, LineKind, Notice, Phrase};

use super::{
    beginning,
    time::{self, Experience, Gap},
};
use crate::{
    document::Document,
    facts::{self, Employment, End, Facts, YearMonth, line_view::LineView},
};

/// The lines to verify.
pub(super) fn lines(
    document: &Document,
    facts: &Facts,
    text_lines: &[LineView<'_>],
    known: &Experience,
    as_of: YearMonth,
) -> Vec<Line> {
    let mut lines: Vec<Line> = known.long_gaps().filter_map(|gap| unemployed(facts, gap)).collect();
    lines.extend(overlaps(&facts.employments, as_of));
    lines.extend(facts.employments.iter().filter_map(|job| backwards(job, as_of)));
    lines.extend(text_lines.iter().filter_map(|line| stated(line, known)));
    lines.extend(notices(document));
    let spoken = text_lines.iter().filter(|line| facts::is_prompt_injection(line.text)).filter_map(beginning).take(5);
    lines.extend(spoken.map(|quote| Line::said(LineKind::ToVerify, Phrase::ToProgram, quote, vec![])));
    lines.extend(facts.name.is_none().then(|| Line::notice(Notice::NoName)));
    lines.extend(facts.employments.is_empty().then(|| Line::notice(Notice::NoDatedEmployment)));
    lines
}

fn said(phrase: Phrase, first: &Evidence, second: &Evidence) -> Line {
    Line::said(LineKind::ToVerify, phrase, first.clone(), vec![second.clone()])
}

fn unemployed(facts: &Facts, gap: &Gap) -> Option<Line> {
    let (before, after) = (facts.employments.get(gap.after)?, facts.employments.get(gap.before)?);
    Some(said(Phrase::Unemployed { blank: gap.blank() }, &before.end.evidence, &after.start.evidence))
}

/// Employments that share more than a month; the first five pairs.
fn overlaps(jobs: &[Employment], as_of: YearMonth) -> Vec<Line> {
    let pairs = jobs.iter().enumerate().flat_map(|(n, job)| jobs.iter().skip(n + 1).map(move |other| (job, other)));
    let shared = pairs.filter_map(|(job, other)| {
        let until = time::last(job, as_of).min(time::last(other, as_of));
        let months = until - time::first(job).max(time::first(other));
        (months > 1).then(|| said(Phrase::Overlap { months }, &job.start.evidence, &other.start.evidence))
    });
    shared.take(5).collect()
}

fn backwards(job: &Employment, as_of: YearMonth) -> Option<Line> {
    let end = match job.end.value {
        End::Present => as_of.index(),
        End::Date(date) => date.year * 12 + date.month.map_or(11, |month| i32::from(month) - 1),
    };
    let phrase = match job.end.value {
        End::Present => Phrase::Future,
        End::Date(_) => Phrase::Backwards,
    };
    (end < time::first(job)).then(|| said(phrase, &job.start.evidence, &job.end.evidence))
}

const YEARS: &str = " years year jahre jahren ans années años anni anos jaar ";
const EXPERIENCE: &str = "experience|erfahrung|expérience|experiencia|esperienza|experiência|ervaring";

/// A total that the CV states and its dates do not bear out by more than a year.
fn stated(line: &LineView<'_>, known: &Experience) -> Option<Line> {
    let text = line.text.to_lowercase();
    if known.months == 0 || !EXPERIENCE.split('|').any(|word| text.contains(word)) {
        return None;
    }
    let words: Vec<&str> = text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    let years = words.windows(2).find_map(|pair| match pair {
        [number, unit] if YEARS.contains(&format!(" {unit} ")) => number.parse::<i32>().ok(),
        _ => None,
    })?;
    let differs = (1..80).contains(&years) && (years * 12 - known.months).abs() > 18;
    let phrase = Phrase::Stated { years, months: known.months };
    beginning(line).filter(|_| differs).map(|quote| Line::said(LineKind::ToVerify, phrase, quote, vec![]))
}

/// One line a page and reason.
fn notices(document: &Document) -> Vec<Line> {
    let mut seen = Vec::new();
    for hidden in &document.hidden {
        let notice = Notice::HiddenText { page: hidden.page, reason: hidden.reason };
        if !seen.contains(&notice) {
            seen.push(notice);
        }
    }
    seen.extend(document.ocr_pages.iter().map(|page| Notice::RecognisedPage { page: *page }));
    let unread = document.unread.iter();
    seen.extend(unread.map(|unread| Notice::UnreadPage { page: unread.page, reason: unread.reason }));
    seen.into_iter().map(Line::notice).collect()
}
