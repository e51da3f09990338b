//! Title and employer, told apart among what stands around the dates of an employment.

use std::ops::Range;

use domain::Evidence;

use super::{Fact, fact, row::Row};

const TITLES: &str = "engineer|developer|manager|director|analyst|consultant|designer|architect|assistant|intern|lead|officer|specialist|scientist|researcher|teacher|nurse|technician|administrator|coordinator|head of|programmer|professor|accountant|clerk|editor|writer|advisor|adviser|apprentice|trainee|supervisor|representative|associate|fellow|lecturer|founder|entwickler|ingenieur|leiter|berater|mitarbeiter|praktikant|werkstudent|développeu|ingénieur|responsable|chef de|stagiaire|chargé|consultor|desarrollador|ingenier|gerente|técnic|sviluppatore|ingegnere|responsabile|tirocinante|desenvolvedor|engenheir|analista|estagiári|ontwikkelaar|medewerker|adviseur|stagiair|verpleeg|pflege|enfermer|infirmi|infermier|инженер|разработчик|менеджер|inżynier|programista|مهندس|מהנדס|מפתח|工程师|经理";
/// Between them a part ends. What follows the first of them is the employer.
const AT: [&str; 7] = [" at ", " @ ", " bei ", " chez ", " presso ", " bij ", " en la empresa "];
const CUTS: [&str; 8] = ["\t", " | ", " · ", ", ", " – ", " — ", " - ", "("];

/// The parts of a row's bytes `range`, as they are separated.
pub(super) fn parts(row: &Row<'_>, range: Range<usize>) -> Vec<Evidence> {
    let text = row.text.get(range.clone()).unwrap_or_default();
    let mut found = Vec::new();
    let mut from = 0;
    while from < text.len() {
        let rest = text.get(from..).unwrap_or_default();
        let cut = CUTS.iter().chain(&AT).filter_map(|cut| Some((rest.find(cut)?, cut.len()))).min();
        let (end, skip) = cut.unwrap_or((rest.len(), 0));
        let part = row.cite(range.start + from..range.start + from + end);
        found.extend(part.filter(|part| part.quote().chars().any(char::is_alphabetic)));
        from += end + skip.max(1);
    }
    found
}

/// The title is what is named like one, else what comes first. The employer stands before it in its
/// row, or first in another row, or after it.
pub(super) fn title_and_employer(mut rows: Vec<Vec<Evidence>>) -> (Option<Fact<String>>, Option<Fact<String>>) {
    rows.retain(|row| !row.is_empty());
    let named = rows.iter().enumerate().find_map(|(n, row)| Some((n, row.iter().position(is_title)?)));
    let Some((n, at)) = named.or((!rows.is_empty()).then_some((0, 0))) else { return (None, None) };
    let mut row = rows.remove(n);
    let title = row.remove(at);
    let before = (at > 0).then(|| row.remove(0));
    let elsewhere = || rows.iter().filter_map(|row| row.first()).find(|part| !is_title(part)).cloned();
    let employer = before.or_else(elsewhere).or_else(|| row.into_iter().next());
    (Some(fact(title)), employer.map(fact))
}

fn is_title(part: &Evidence) -> bool {
    let text = part.quote().to_lowercase();
    TITLES.split('|').any(|word| text.contains(word))
}
