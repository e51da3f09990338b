//! Extracts all facts of a document.

use std::collections::HashSet;

use super::{
    contact, education, employments, entry_header, languages,
    line_view::LineView,
    model::{Fact, Facts, Language, Method, fact_from_evidence},
    name, phone,
    prompt_injection::is_prompt_injection,
    sections::split_sections,
    skill_names, skills,
};
use crate::{
    document::Document,
    headings::{Section, section_of_heading},
    lexicon,
};

/// Extracts the facts of `document`.
#[must_use]
pub fn extract(document: &Document) -> Facts {
    let lines: Vec<LineView<'_>> =
        LineView::from_document(document).into_iter().filter(|line| !is_prompt_injection(line.text)).collect();
    let mut facts = Facts::default();
    let sectioned = split_sections(&lines);
    let of = |wanted: &[Section]| -> Vec<LineView<'_>> {
        sectioned.iter().filter(|(section, _)| wanted.contains(section)).map(|(_, line)| *line).collect()
    };
    let contact_sections = [Section::Preamble, Section::Contact, Section::Personal];
    let mut phone_numbers = Vec::new();
    let (mut referees, mut referee_numbers) = (Facts::default(), Vec::new());
    for (n, (section, line)) in sectioned.iter().enumerate() {
        let (target, numbers) = match section {
            Section::References => (&mut referees, &mut referee_numbers),
            _ => (&mut facts, &mut phone_numbers),
        };
        contact::collect_from_line(line, contact_sections.contains(section), target, numbers);
        if let Some((_, next)) = sectioned.get(n + 1).filter(|(other, _)| other == section) {
            contact::collect_from_broken_lines(line, next, contact_sections.contains(section), target, numbers);
        }
        let before = n.checked_sub(1).and_then(|n| sectioned.get(n)).filter(|(other, _)| other == section);
        collect_lists(*section, line, before.map(|(_, line)| line), &mut facts);
        let named = before.filter(|_| *section == Section::Languages).map(|(_, before)| before);
        if let Some(language) = named.zip(facts.languages.last_mut()) {
            languages::apply_level_below(language.1, language.0, line);
        }
    }
    // Contact data in the references is that of referees, unless the CV has no other.
    if facts.emails.is_empty() {
        facts.emails = referees.emails;
    }
    if phone_numbers.is_empty() {
        phone_numbers = referee_numbers;
    }
    facts.location = location(&of(&contact_sections));
    facts.phones = phone::normalize(phone_numbers, &facts);
    facts.name = name::find_name(&lines, &facts.emails);
    if let Some(name) = &facts.name {
        facts.skills.retain(|skill| !is_page_edge_text(&skill.value, &name.value));
    }
    facts.employments = employments::extract(&of(&[Section::Work]));
    if facts.employments.is_empty() {
        facts.employments =
            employments::extract(&of(&[Section::Preamble, Section::Other, Section::Summary, Section::Contact]));
    }
    facts.education = education::extract(&of(&[Section::Education]));
    if facts.skills.is_empty() {
        let lines = of(&[Section::Work, Section::Projects, Section::Summary]);
        add_new(&mut facts, lines.iter().flat_map(skill_names::find_skills));
    }
    facts.certificates = entry_titles(&of(&[Section::Certificates]));
    facts.projects = entry_titles(&of(&[Section::Projects]));
    facts.publications = entry_titles(&of(&[Section::Publications]));
    facts
}

/// The most entries of a list of facts. A hostile CV may list more.
const MAX_ITEMS: usize = 400;

/// Adds the skills and languages of `line`; `before` is the line before it in the same section.
fn collect_lists(section: Section, line: &LineView<'_>, before: Option<&LineView<'_>>, facts: &mut Facts) {
    // "Languages: English, German" is a list under any heading.
    let labeled = line.text.find([':', '：', '\t']).and_then(|end| {
        let after = end + line.text.get(end..)?.chars().next()?.len_utf8();
        Some((section_of_heading(line.text.get(..end)?)?, line.suffix_from(after)))
    });
    match (section, labeled) {
        (_, Some((Section::Languages, rest))) if !languages::find_languages(&rest).is_empty() => {
            add_languages(Section::Languages, &rest, facts)
        }
        (Section::Languages, _) => add_languages(section, line, facts),
        // "References: on request" below the skills is no skill.
        (Section::Skills, Some((Section::References, _))) => {}
        (Section::Skills, _) => {
            let skipped = join_wrapped_item(facts, before, line);
            add_skills(line, skipped, facts);
        }
        (Section::Preamble | Section::Other | Section::Summary | Section::Personal, Some((Section::Skills, rest))) => {
            add_skills(&rest, 0, facts);
        }
        _ => {}
    }
}

/// Whether `text` is a running header or footer: the person's name, the page number. One word of the name is not
/// enough: Ruby Chen may know Ruby.
fn is_page_edge_text(text: &str, name: &str) -> bool {
    const EDGE: [&str; 12] =
        ["page", "pagina", "seite", "strona", "sida", "curriculum", "vitae", "resume", "cv", "of", "dr", "prof"];
    let (folded, name) = (lexicon::fold(text), lexicon::fold(name));
    let named = |word: &str| lexicon::words(&name).any(|own| own == word);
    let number = |word: &str| word.chars().all(|letter| letter.is_ascii_digit());
    let all: Vec<&str> = lexicon::words(&folded).collect();
    let (edges, names) = (all.iter().filter(|word| EDGE.contains(word)), all.iter().filter(|word| named(word)));
    (edges.count() > 0 || names.count() >= 2)
        && all.iter().all(|word| EDGE.contains(word) || number(word) || named(word))
}

/// Adds the languages of `line` that are not in the list yet; in the languages section also those of unknown name.
fn add_languages(section: Section, line: &LineView<'_>, facts: &mut Facts) {
    let known = languages::find_languages(line);
    let items = skills::find_items(line).into_iter().filter(|_| section == Section::Languages);
    let unknown: Vec<Language> = items.filter_map(|item| languages::from_unknown_name(&item)).collect();
    let unknown = unknown.into_iter().filter(|language| !known.is_empty() || language.level.is_some());
    for language in known.clone().into_iter().chain(unknown.collect::<Vec<_>>()) {
        if facts.languages.len() < MAX_ITEMS
            && facts.languages.iter().all(|known| {
                known.code != language.code || known.code.is_none() && known.name.value != language.name.value
            })
        {
            facts.languages.push(language);
        }
    }
}

/// Joins the last skill with the first item of `line` if a line break separated them: "Patient / education". Returns
/// the number of items of `line` that were used.
fn join_wrapped_item(facts: &mut Facts, before: Option<&LineView<'_>>, line: &LineView<'_>) -> usize {
    let listed = |line: &LineView<'_>| line.text.contains([',', ';', '•', '·', '|', '、']);
    let open = |line: &LineView<'_>| !line.text.trim_end().ends_with([',', ';', '•', '·', '|', '、', '.', ':']);
    let wrapped = before.filter(|before| listed(before) && open(before) && before.layout.page == line.layout.page);
    let small = line.text.trim_start().starts_with(char::is_lowercase);
    let Some(first) = skills::find_items(line).into_iter().next().filter(|_| wrapped.is_some() && small) else {
        return 0;
    };
    let Some(last) = facts.skills.last_mut() else { return 0 };
    let joined = line
        .cite_between(&last.evidence, &first.evidence)
        .filter(|joined| joined.quote().split_whitespace().count() <= 5);
    let Some(joined) = joined else { return 0 };
    *last = fact_from_evidence(joined, Method::Section, 80);
    1
}

/// Adds the items of `line` but the first `skipped` ones; languages among them go to the languages.
fn add_skills(line: &LineView<'_>, skipped: usize, facts: &mut Facts) {
    let items = skills::find_items(line);
    if items.iter().any(|item| languages::is_language(&item.value)) {
        add_languages(Section::Skills, line, facts);
    }
    add_new(facts, items.into_iter().skip(skipped).filter(|item| !languages::is_language(&item.value)));
}

/// Adds the skills that are not in the list yet.
fn add_new(facts: &mut Facts, items: impl Iterator<Item = Fact<String>>) {
    let mut known: HashSet<String> = facts.skills.iter().map(|known| known.value.to_lowercase()).collect();
    for item in items {
        if known.insert(item.value.to_lowercase()) && facts.skills.len() < MAX_ITEMS {
            facts.skills.push(item);
        }
    }
}

/// Returns the first location in the lines with contact data.
fn location(lines: &[LineView<'_>]) -> Option<Fact<String>> {
    let segments = lines.iter().flat_map(|line| entry_header::split_segments(line, 0, 0..line.text.len()));
    let has_location = |segment: &entry_header::Segment<'_>| {
        let fields = entry_header::comma_fields(segment.text());
        let location = |range: std::ops::Range<usize>| {
            segment.text().get(range).is_some_and(|field| entry_header::is_location(&lexicon::fold(field)))
        };
        fields.len() <= 5 && fields.into_iter().any(location)
    };
    segments
        .into_iter()
        .find(|segment| has_location(segment))
        .and_then(|segment| segment.evidence())
        .map(|it| fact_from_evidence(it, Method::Lexicon, 75))
}

/// Returns the lines that begin an entry: short ones that do not begin in lowercase.
fn entry_titles(lines: &[LineView<'_>]) -> Vec<Fact<String>> {
    let begins = |line: &&LineView<'_>| {
        line.text.split_whitespace().count() <= 20 && !line.text.trim_start().starts_with(char::is_lowercase)
    };
    let titles = lines.iter().filter(begins).filter_map(LineView::cite_all);
    titles.map(|evidence| fact_from_evidence(evidence, Method::Section, 70)).take(MAX_ITEMS).collect()
}
