//! The facts of a CV are found with their values.

mod common;

use cv::facts::{Level, YearMonth, extract};

#[test]
fn unix_timestamps_convert_to_months() {
    let months = [(0, (1970, 1)), (-1, (1969, 12)), (951_782_400_000, (2000, 2)), (1_709_251_200_000, (2024, 3))];
    for (ms, (year, month)) in months {
        assert_eq!(YearMonth::from_unix_ms(ms), YearMonth { year, month });
    }
}

#[test]
fn a_pdf_gives_name_contact_and_employments() {
    let facts = extract(&common::read_fixture("gen-en1-lo.pdf"));
    assert_eq!(facts.name.map(|name| name.value).as_deref(), Some("Oluwaseun Adeyemi"));
    assert_eq!(facts.emails[0].value, "seun.adeyemi@example.co.uk");
    assert_eq!(facts.phones[0].as_written.value, "+44 7700 900 461");
    assert_eq!(facts.employments[0].employer.as_ref().map(|it| it.value.as_str()), Some("Pennine Parcel Hub"));
}

#[test]
fn a_name_below_a_sidebar_is_found_by_its_size() {
    let facts = extract(&common::read_fixture("gen-de1-chromium-left.pdf"));
    assert_eq!(facts.name.map(|name| name.value).as_deref(), Some("Katharina Brandt"));
}

fn roles(text: &str) -> Vec<(String, String)> {
    let word = |fact: Option<cv::facts::Fact<String>>| fact.map(|fact| fact.value).unwrap_or_default();
    let jobs = extract(&common::plain(text)).employments;
    jobs.into_iter().map(|job| (word(job.title), word(job.employer))).collect()
}

#[test]
fn title_and_employer_are_assigned_in_every_header_layout() {
    let layouts = [
        "Experience\nSenior Engineer\nAcme Ltd, Porto\nMarch 2020 – Present\n• Built it\nEngineer\nBeta GmbH, Berlin\n2016 – 2020\n• Ran it",
        "Experience\nSenior Engineer\t2020 – Present\nAcme Ltd, Porto\n• Built it\nEngineer\t2016 – 2020\nBeta GmbH, Berlin\n• Ran it",
        "Experience\nAcme Ltd, Porto\t2020 – Present\nSenior Engineer\n• Built it\nBeta GmbH, Berlin\t2016 – 2020\nEngineer\n• Ran it",
        "Experience\nSenior Engineer at Acme Ltd (2020 – Present)\n• Built it\nEngineer at Beta GmbH (2016 – 2020)\n• Ran it",
        "Experience\nAcme Ltd – Senior Engineer\n2020 – Present\n• Built it\nBeta GmbH – Engineer\n2016 – 2020\n• Ran it",
        "Experience\n2020 – Present\nSenior Engineer\nAcme Ltd\n• Built it\n2016 – 2020\nEngineer\nBeta GmbH\n• Ran it",
    ];
    for text in layouts {
        let expected = [("Senior Engineer", "Acme Ltd"), ("Engineer", "Beta GmbH")];
        assert_eq!(roles(text), expected.map(|(title, employer)| (title.to_owned(), employer.to_owned())), "{text}");
    }
}

#[test]
fn header_lines_of_the_next_employment_are_no_highlights_of_this_one() {
    let text = "Experience\nEngineer\nAcme Ltd\n2020 – 2021\nWrote the timetable of forty railways\nClerk of the archive of maps and plans\nBeta Ltd\n2018 – 2019";
    let jobs = extract(&common::plain(text)).employments;
    let said: Vec<_> = jobs[0].highlights.iter().map(|quote| quote.quote()).collect();
    assert_eq!(said, ["Wrote the timetable of forty railways"]);
}

#[test]
fn a_highlight_includes_its_continuation_lines() {
    let text = "Experience\nEngineer, Acme\t2020 – 2021\n• Cut its memory from 12\nGB to 900 MB\n• Moved it to\nPostgreSQL\n• Ran it";
    let jobs = extract(&common::plain(text)).employments;
    let said: Vec<_> = jobs[0].highlights.iter().map(|quote| quote.quote()).collect();
    assert_eq!(said, ["Cut its memory from 12\nGB to 900 MB", "Moved it to\nPostgreSQL", "Ran it"]);
}

#[test]
fn a_continued_section_belongs_to_the_same_section() {
    let text =
        "Experience\nEngineer, Acme\t2020 – 2021\nInterests\nMaps\nExperience (continued)\nClerk, Beta\t2018 – 2019";
    assert_eq!(roles(text).len(), 2);
}

#[test]
fn a_degree_gets_its_school_and_years() {
    for text in [
        "Education\nBSc Physics\nUniversity of Leeds\n2008 – 2011\nMSc Computing\nUniversity of York\n2011 – 2013",
        "Education\nUniversity of Leeds\nBSc Physics\n2008 – 2011\nUniversity of York\nMSc Computing\n2011 – 2013",
    ] {
        let education = extract(&common::plain(text)).education;
        let level: Vec<_> = education.iter().map(|course| course.level).collect();
        assert_eq!(level, [Some(Level::Bachelor), Some(Level::Master)]);
        let course = &education[1];
        assert_eq!(
            course.institution.as_ref().map(|school| school.value.as_str()),
            Some("University of York"),
            "{text}"
        );
        assert_eq!(course.start.as_ref().map(|start| start.value.year), Some(2011), "{text}");
    }
}

#[test]
fn a_list_on_one_line_is_split_into_items() {
    let text = "Skills\nDatabases: PostgreSQL, Redis (streams, lists), SQLite\nRust | Go\n• Linux\nI am a quick learner who likes to work with all kinds of people\nLanguages\nGerman: C1\nFrench (B2), Dutch";
    let facts = extract(&common::plain(text));
    let skills: Vec<_> = facts.skills.iter().map(|skill| skill.value.as_str()).collect();
    assert_eq!(skills, ["PostgreSQL", "Redis (streams, lists)", "SQLite", "Rust", "Go", "Linux"]);
    let languages: Vec<_> = facts.languages.iter().map(|language| language.description.value.as_str()).collect();
    assert_eq!(languages, ["German: C1", "French (B2)", "Dutch"]);
}

#[test]
fn phone_numbers_are_normalized_with_the_country_that_the_cv_implies() {
    let dialled =
        |text: &str| extract(&common::plain(text)).phones.into_iter().map(|phone| phone.e164).collect::<Vec<_>>();
    let number = |text: &str| vec![Some(text.to_owned())];
    assert_eq!(dialled("Ada Lovelace\nada@example.de\nTel. 030 23125 014"), number("+493023125014"));
    assert_eq!(dialled("Ada Lovelace\nParis, France\n06 12 34 56 78"), number("+33612345678"));
    assert_eq!(dialled("Ada Lovelace\nSeattle, WA\n(206) 555-0164"), number("+12065550164"));
    assert_eq!(dialled("Ada Lovelace\nTel. 12345678"), [None]);
}

#[test]
fn without_a_skills_section_known_skills_are_found_in_sentences() {
    let skills =
        |text: &str| extract(&common::plain(text)).skills.into_iter().map(|skill| skill.value).collect::<Vec<_>>();
    let work = "Ada Lovelace\nExperience\nEngineer, Acme Ltd\t2019 – 2021\n• Moved it from PostgreSQL to AWS with C++ and access to lean teams";
    assert_eq!(skills(work), ["PostgreSQL", "AWS", "C++"]);
    assert_eq!(skills(&format!("{work}\nSkills\nKnitting")), ["Knitting"]);
}
