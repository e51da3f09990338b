//! Facts are found in the many ways in which people write and lay out dates, headings, degrees and numbers.

mod common;

use cv::facts::{End, Facts, Level, extract};

fn facts(text: &str) -> Facts {
    extract(&common::plain(text))
}

/// The title, employer and years of each employment, "title / employer / start end".
fn jobs(facts: &Facts) -> Vec<String> {
    let end = |end: End| match end {
        End::Present => "now".to_owned(),
        End::Date(date) => date.year.to_string(),
    };
    let jobs = facts.employments.iter().map(|job| {
        let [title, employer] =
            [&job.title, &job.employer].map(|it| it.as_ref().map_or("?".to_owned(), |it| it.value.clone()));
        format!("{title} / {employer} / {} {}", job.start.value.year, end(job.end.value))
    });
    jobs.collect()
}

#[test]
fn dates_in_the_margin_belong_to_the_sentence_beside_them() {
    let text = "Appointments\n2019 – present\tSenior Lecturer in Economic History, University of Leeds, Leeds, England.\n2014 – 2019\tLecturer in Early Modern History, University of York, York.";
    let expected = [
        "Senior Lecturer in Economic History / University of Leeds / 2019 now",
        "Lecturer in Early Modern History / University of York / 2014 2019",
    ];
    assert_eq!(jobs(&facts(text)), expected);
}

#[test]
fn a_date_range_in_the_margin_may_continue_on_the_next_line() {
    let text = "Experience\nMay 2019 –\tPlanner, Acme Ltd\nto date\t• Plans lorries\nJan 2015 –\tClerk, Beta Ltd\nApril 2019\t• Sends parcels";
    assert_eq!(jobs(&facts(text)), ["Planner / Acme Ltd / 2019 now", "Clerk / Beta Ltd / 2015 2019"]);
}

#[test]
fn employments_follow_the_layout_of_most_others() {
    let text = "Experience\n2020 – present\tNorth Builders Ltd · Timaru\nProject Manager\n• Ran it\n2016 – 2020\tWest Civil Ltd · Rangiora\nSite Engineer\n• Built it\n2013 – 2015\tTasman Consulting Engineers · Nelson\nGraduate Engineer\n• Drew it";
    assert_eq!(jobs(&facts(text))[2], "Graduate Engineer / Tasman Consulting Engineers / 2013 2015");
}

#[test]
fn the_header_of_a_table_is_no_employment() {
    let text = "Experience\nDates\tPosition and employer\tDuties\n2021 – 2023\nNight nurse\nAcme Clinic\n2018 – 2021\nNurse\nBeta Hospital";
    assert_eq!(jobs(&facts(text)), ["Night nurse / Acme Clinic / 2021 2023", "Nurse / Beta Hospital / 2018 2021"]);
}

#[test]
fn an_uppercase_employer_begins_where_the_title_ends() {
    let text = "Experience\n2019 – 2021\tWard nurse CITY HOSPITAL\n2015 – 2019\tTheatre nurse SAINT ANTHONY CLINIC";
    let expected = ["Ward nurse / CITY HOSPITAL / 2019 2021", "Theatre nurse / SAINT ANTHONY CLINIC / 2015 2019"];
    assert_eq!(jobs(&facts(text)), expected);
}

#[test]
fn headings_with_mixed_case_from_small_capitals_are_recognized() {
    let text = "profESSional ExpEriEncE\nEngineer, Acme Ltd\t2020 – 2021\ncorE SkillS\nRust, Go";
    let facts = facts(text);
    assert_eq!(jobs(&facts), ["Engineer / Acme Ltd / 2020 2021"]);
    assert_eq!(facts.skills.len(), 2);
}

#[test]
fn informal_headings_open_their_sections() {
    for (heading, rest) in
        [("What I'm good at", "Baking, Butchery"), ("Toolbox", "Baking, Butchery"), ("專長", "烘焙, 屠宰")]
    {
        assert_eq!(facts(&format!("Ada Lovelace\n{heading}\n{rest}")).skills.len(), 2, "{heading}");
    }
    let text = "Contract assignments\nAnalyst, Acme Ltd\t2020 – 2021\nTraining & Qualifications\nBSc Physics, University of York";
    assert_eq!((facts(text).employments.len(), facts(text).education.len()), (1, 1));
}

#[test]
fn a_name_in_the_style_of_headings_does_not_end_the_preamble() {
    let text = "ADA LOVELACE\nada@example.com | 0491 570 156 | Geelong VIC\nEXPERIENCE\nEngineer, Acme Ltd\t2020 – 2021\nSKILLS\nRust";
    assert_eq!(facts(text).phones.len(), 1);
}

#[test]
fn a_year_above_a_heading_does_not_become_part_of_it() {
    let text = "Diplômes\n2017\tBTS Comptabilité\tLycée Lakanal\n2015\tBaccalauréat\tLycée Lakanal\nSavoir-faire\nSaisie\nPaie";
    let skills: Vec<_> = facts(text).skills.into_iter().map(|skill| skill.value).collect();
    assert_eq!(skills, ["Saisie", "Paie"]);
}

#[test]
fn parentheses_after_a_degree_belong_to_it() {
    let degree = |row: &str| facts(&format!("Education\n{row}")).education[0].degree.value.clone();
    assert_eq!(degree("BA (Hons) Accounting and Finance, University of York"), "BA (Hons) Accounting and Finance");
    assert_eq!(degree("Ing. (MSc) Electrical Engineering"), "Ing. (MSc) Electrical Engineering");
    assert_eq!(degree("会计学 学士"), "会计学 学士");
}

#[test]
fn national_degrees_have_their_level() {
    for (text, level) in [
        ("Baccalauréat en génie civil, Université Laval", Level::Bachelor),
        ("Baccalauréat, Lycée Lakanal", Level::Secondary),
        ("Diplôme d'État d'infirmier", Level::Bachelor),
        ("Diplôme d'État d'aide-soignant", Level::Vocational),
        ("DCG – Diplôme de comptabilité et de gestion", Level::Bachelor),
        ("Licence professionnelle Commerce", Level::Bachelor),
        ("Civilingenjör i kemiteknik", Level::Master),
        ("Специалист, Теплогазоснабжение", Level::Master),
        ("Fachweiterbildung Intensivpflege", Level::Vocational),
        ("Certificate of Higher Education", Level::Associate),
    ] {
        assert_eq!(facts(&format!("Education\n{text}")).education[0].level, Some(level), "{text}");
    }
}

#[test]
fn a_secondary_school_below_a_degree_is_its_school() {
    let text = "Formation\nBTS Comptabilité\nLycée Lakanal, Sceaux\n2010 – 2012\nBaccalauréat\nLycée Brizeux\n2010";
    assert_eq!(facts(text).education.len(), 2);
}

#[test]
fn the_years_of_a_skill_are_not_part_of_its_name() {
    let skills: Vec<_> =
        facts("Skills\nFreeRTOS 9 yrs\t2025\nVue 3\t2024").skills.into_iter().map(|skill| skill.value).collect();
    assert_eq!(skills, ["FreeRTOS", "Vue 3"]);
}

#[test]
fn a_level_below_a_language_belongs_to_the_language() {
    let facts = facts("Languages\nTamil\nnative\nGerman\nB1");
    let said: Vec<_> = facts.languages.iter().map(|language| language.description.value.as_str()).collect();
    assert_eq!(said, ["Tamil native", "German B1"]);
}

#[test]
fn phone_numbers_and_links_across_a_line_break_are_joined() {
    let facts = facts("Ada Lovelace\nPhone: +34 655\n501 234\ngithub.com/ada-\nlovelace\nExperience");
    assert_eq!(facts.phones[0].as_written.value, "+34 655 501 234");
    assert_eq!(facts.links[0].value, "github.com/ada-lovelace");
}

#[test]
fn a_phone_number_in_right_to_left_order_is_reversed() {
    assert_eq!(facts("Ada Lovelace\nTel. 0187 555 100 20+").phones[0].as_written.value, "+20 100 555 0187");
}

#[test]
fn form_labels_are_no_highlights() {
    let text = "Experience\nAnalyst\nAcme Ltd\n2019 – 2021\nHours per week: 40 hours of each week\nDuties and related skills of the post:\nWrote the rules that all offices follow";
    let said: Vec<String> =
        facts(text).employments[0].highlights.iter().map(|quote| quote.quote().to_owned()).collect();
    assert_eq!(said, ["Wrote the rules that all offices follow"]);
}

#[test]
fn a_bold_prefix_in_html_gets_a_space_only_between_words() {
    let html = "<html><body><p><b>Head Chef</b>Feb 2022 to date</p><p><b>J</b>ava</p></body></html>";
    let document = common::read_bytes(html.as_bytes()).unwrap();
    assert_eq!(common::text(&document), "Head Chef Feb 2022 to date\nJava");
}

#[test]
fn an_unknown_title_ends_at_the_comma_as_the_others_do() {
    let text = "Werkervaring\n2018 - heden: Verzorgende IG, Zorggroep De Linde, Enschede\n2013 - 2018: Helpende Zorg en Welzijn, Stichting Twentse Thuiszorg, Hengelo\n2010 - 2013: Caissière, Supermarkt Ter Horst, Almelo";
    assert_eq!(jobs(&facts(text))[1], "Helpende Zorg en Welzijn / Stichting Twentse Thuiszorg / 2013 2018");
}

#[test]
fn a_word_before_a_known_heading_qualifies_it() {
    let text = "Katrin Muster\n\nBerufserfahrung\n2019 – 2021\nIngenieurin\nAcme GmbH\n\nIT- und Fachkenntnisse\nMATLAB, HAZOP";
    let skills: Vec<String> = facts(text).skills.into_iter().map(|skill| skill.value).collect();
    assert_eq!(skills, ["MATLAB", "HAZOP"]);
}

#[test]
fn less_common_masters_have_the_level_of_a_master() {
    let level = |degree: &str| facts(&format!("Education\n{degree}, Royal Academy, 2014\n")).education[0].level;
    for degree in ["MMus Performance", "MPharm", "MPhys Physics", "MFA Painting"] {
        assert_eq!(level(degree), Some(Level::Master), "{degree}");
    }
}

#[test]
fn a_date_that_ends_with_an_abbreviation_does_not_end_a_sentence() {
    let text = "Опыт работы\nООО «Невский Фарфор»\nГлавный бухгалтер\tапрель 2017 – по н.в.\nПАО «Ладожский порт»\nБухгалтер\tоктябрь 2010 – март 2017 г.";
    assert_eq!(jobs(&facts(text)).len(), 2);
    assert_eq!(facts(text).employments[0].end.value, End::Present);
}

#[test]
fn a_two_digit_end_year_may_follow_a_spaced_dash() {
    let text = "Experience\n2015 – 19\tEngineer, Acme Ltd\n2012 – 15\tIntern, Beta Ltd";
    assert_eq!(jobs(&facts(text)), ["Engineer / Acme Ltd / 2015 2019", "Intern / Beta Ltd / 2012 2015"]);
}

#[test]
fn email_addresses_of_referees_are_not_the_applicants() {
    let mails = |text: &str| facts(text).emails.into_iter().map(|mail| mail.value).collect::<Vec<_>>();
    let text = "Ada Lovelace\nada@example.org\nReferees\nCharles Babbage (charles@example.com)";
    assert_eq!(mails(text), ["ada@example.org"]);
    assert_eq!(mails("Ada Lovelace\nReferences on request\nReferences\nada@example.org"), ["ada@example.org"]);
}

#[test]
fn at_in_the_name_of_a_university_does_not_split_it() {
    let text = "Experience\nTeaching Assistant\t2020 – 2021\nUniversity of Ohio at Lima\tLima, OH\nTutor\t2018 – 2020\nBeta College\tLima, OH";
    assert_eq!(jobs(&facts(text))[0], "Teaching Assistant / University of Ohio at Lima / 2020 2021");
}

#[test]
fn a_legal_form_in_parentheses_belongs_to_the_company_name() {
    let text = "Parcours\n2020 – 2021\tDéveloppeuse indépendante, Lumière Numérique (EURL), Lyon";
    assert_eq!(jobs(&facts(text)), ["Développeuse indépendante / Lumière Numérique (EURL) / 2020 2021"]);
    let text = "Experience\n2020 – 2021\tClerk, Acme (Sp. z o.o.), Kraków";
    assert_eq!(jobs(&facts(text)), ["Clerk / Acme (Sp. z o.o.) / 2020 2021"]);
}

#[test]
fn a_heading_may_state_a_total_duration() {
    let text = "Иванова Анна\nОпыт работы — 3 года 2 месяца\nМарт 2021 — Май 2024\nООО «Ромашка»\nМосква\nБухгалтер";
    assert_eq!(jobs(&facts(text)), ["Бухгалтер / ООО «Ромашка» / 2021 2024"]);
}

#[test]
fn a_career_break_is_no_employment() {
    let text = "Experience\nAcme Ltd\t2021 – present\nClerk\nCareer break\t2019 – 2021\nFull-time parent\nBeta Ltd\t2015 – 2019\nAccountant";
    assert_eq!(jobs(&facts(text)), ["Clerk / Acme Ltd / 2021 now", "Accountant / Beta Ltd / 2015 2019"]);
}

#[test]
fn a_subject_is_no_school() {
    let degree = |row: &str| facts(&format!("Ada\nEducation\n{row}")).education.remove(0).degree.value;
    assert_eq!(
        degree("M.Tech, Mechanics and Engineering – Delft University, 2014 – 2016"),
        "M.Tech, Mechanics and Engineering"
    );
    assert_eq!(
        degree("Master Informatique, parcours Technologies du web, Université de Lyon"),
        "Master Informatique, parcours Technologies du web"
    );
}

#[test]
fn a_line_with_title_and_employer_needs_no_line_below_its_dates() {
    let text = "Experience\nCare Assistant, Acme Home, Leeds\nMarch 2019 - May 2021\nRounds, plans, and looking after four people.\nKitchen Porter, Beta Hotel, York\nJuly 2017 - February 2019\nEducaton and more";
    assert_eq!(jobs(&facts(text))[1], "Kitchen Porter / Beta Hotel / 2017 2019");
}

#[test]
fn a_qualifier_in_parentheses_or_after_a_dash_belongs_to_the_title() {
    let text = "Experience\nSquad Leader (E-6)\tMarch 2015 – July 2019\nUnited States Army\nManager – Accounts\t2012 – 2015\nAcme Exports Ltd\nNurse (Leeds)\t2010 – 2012\nBeta Hospital";
    let expected = [
        "Squad Leader (E-6) / United States Army / 2015 2019",
        "Manager – Accounts / Acme Exports Ltd / 2012 2015",
        "Nurse / Beta Hospital / 2010 2012",
    ];
    assert_eq!(jobs(&facts(text)), expected);
}

#[test]
fn towns_of_several_words_are_not_part_of_the_employer() {
    let text = "Experience\nDriver, Dearne Haulage, Wath upon Dearne\nSince May 2020\nFitter, Acme Works, Stratford upon Avon\n2015 – 2020";
    assert_eq!(jobs(&facts(text)), ["Driver / Dearne Haulage / 2020 now", "Fitter / Acme Works / 2015 2020"]);
}

#[test]
fn a_sentence_after_the_location_is_not_part_of_the_employer() {
    let text = "Experience\n2017 – 2018\tLaboratory Assistant, Ninewells Research Hub, Dundee. Maternity cover.\n2015 – 2017\tCleaner, St. Mary Hospital, Perth.";
    let expected =
        ["Laboratory Assistant / Ninewells Research Hub / 2017 2018", "Cleaner / St. Mary Hospital / 2015 2017"];
    assert_eq!(jobs(&facts(text)), expected);
}

#[test]
fn a_line_with_employer_before_title_needs_no_line_below() {
    let text = "Berufserfahrung\nBergbahnen Piz AG, Leiterin Controlling\tJuli 2020 bis heute\nBudget und Planung\nRheintal Kunststoff AG, Sachbearbeiterin\tAugust 2013 bis Juni 2020\nKosten für drei Werke";
    let expected = [
        "Leiterin Controlling / Bergbahnen Piz AG / 2020 now",
        "Sachbearbeiterin / Rheintal Kunststoff AG / 2013 2020",
    ];
    assert_eq!(jobs(&facts(text)), expected);
}

#[test]
fn where_most_lines_have_title_and_employer_an_unknown_employer_is_split_off_too() {
    let text = "Jobs\nDriver, Acme Haulage, Wakefield\nSince May 2020\nNights and mentoring.\nDriver, Beta Logistics, Leeds\n2014 – 2020\nMulti-drop work.\nWarehouse Operative, Hoyle Mill, Barnsley\n2006 – 2014\nPicking, loading, counterbalance.";
    assert_eq!(jobs(&facts(text))[2], "Warehouse Operative / Hoyle Mill / 2006 2014");
}

#[test]
fn a_position_below_an_employer_is_found_where_the_other_titles_are() {
    let text = "Employment\nWelsh Homes Directorate, Cardiff\nDeputy Director | 2021 to date\nLed a division of 46 and took the Empty Homes Bill through all of its readings.\nGrade 6, Building Safety | 2018 to 2021\nSet up the remediation fund after the national review of all of its towers and houses.\nOffice for Passengers, London\nPolicy Adviser | 2013 to 2018";
    assert_eq!(jobs(&facts(text))[1], "Grade 6, Building Safety / Welsh Homes Directorate / 2018 2021");
}

#[test]
fn text_after_the_comma_of_an_employer_is_no_title_if_the_entry_has_one() {
    let text = "Experience\nS. K. Iyengar & Co., Chartered Accountants\tArticle Assistant\t2016 – 2019\nBharani Textiles Ltd., Coimbatore\tSenior Accountant\t2019 – 2022";
    assert_eq!(jobs(&facts(text))[0], "Article Assistant / S. K. Iyengar & Co., Chartered Accountants / 2016 2019");
}

#[test]
fn self_employed_people_may_name_their_town() {
    let text = "Work\nFreelance Illustrator and Designer ’17 – present\nSelf-employed, Galway\nDesigner ’14 – ’16\nBlackrock Pictures, Dublin";
    let expected =
        ["Freelance Illustrator and Designer / Self-employed / 2017 now", "Designer / Blackrock Pictures / 2014 2016"];
    assert_eq!(jobs(&facts(text)), expected);
}

#[test]
fn a_main_activities_label_opens_no_section() {
    let text = "WORK EXPERIENCE\nDates\tJanuary 2020 – present\nOccupation or position held\tDeputy Principal\nName and address of employer\tAwahuri School\nMain activities\tTimetabling\nDates\tJanuary 2016 – December 2019\nOccupation or position held\tTeacher\nName and address of employer\tManawa School\nMain activities\tSports\nEDUCATION AND\nTRAINING\nDates\t2010 – 2013\nTitle of qualification awarded\tBachelor of Education\nSKILLS\nMother tongue(s)\tEnglish\nComputer skills\tCanva, Seesaw";
    let read = facts(text);
    assert_eq!(jobs(&read), ["Deputy Principal / Awahuri School / 2020 now", "Teacher / Manawa School / 2016 2019"]);
    assert_eq!(read.education.iter().map(|it| it.level).collect::<Vec<_>>(), [Some(Level::Bachelor)]);
}

#[test]
fn dates_alone_on_a_line_are_no_degree() {
    let read = facts("Ada\nFORMATION\n2003-2005\nBureautique et gestion\nCégep de Trois-Rivières\nLANGUES\nFrançais");
    assert_eq!(read.education[0].degree.value, "Bureautique et gestion");
}

#[test]
fn bold_type_alone_separates_labels_from_items_and_titles_from_employers() {
    let html = "<html><body><h1>Ada Byron</h1><h2>Experience</h2><p><b>Head nurse</b> Riverside House</p><p>2019 – 2021</p>\
        <p><b>Ward nurse</b> Saint Anthony</p><p>2015 – 2019</p><h2>Skills</h2><p><b>Techniques</b> PCR, ELISA</p></body></html>";
    let read = extract(&common::read_bytes(html.as_bytes()).unwrap());
    assert_eq!(jobs(&read), ["Head nurse / Riverside House / 2019 2021", "Ward nurse / Saint Anthony / 2015 2019"]);
    assert_eq!(read.skills.iter().map(|it| it.value.as_str()).collect::<Vec<_>>(), ["PCR", "ELISA"]);
}

#[test]
fn cells_before_personal_data_are_read() {
    let read = facts("Name\tAda Byron\tGender\tfemale\nDate of birth\t3 May 1990\tCity\tLeeds\nSkills\nRust, SQL");
    assert_eq!(read.name.map(|name| name.value).as_deref(), Some("Ada Byron"));
    assert!(read.location.is_none(), "what follows a date of birth may be of it");
}

#[test]
fn headings_in_the_first_person_open_their_sections() {
    let text = "Ada\nWhat I do now\nClerk, Acme Ltd\t2020 – present\nWhere I have cooked\nChef, Beta Hotel\t2015 – 2020\nWhere I trained\nNVQ Cookery, Avon College\t2015\nTools I know\nRust, SQL\nGiving back\nChoir, Leeds, 2019 – 2021";
    let read = facts(text);
    assert_eq!(jobs(&read), ["Clerk / Acme Ltd / 2020 now", "Chef / Beta Hotel / 2015 2020"]);
    assert_eq!((read.education.len(), read.skills.len()), (1, 2));
}

#[test]
fn a_town_beside_the_dates_is_no_title() {
    let text = "Experience\nPhysiotherapist, Port Hospital\n2021 – 2024, Perth WA\nCaseload of sixty in a week, with spines and knees and shoulders and hips.\nRotational Physiotherapist, Royal Peel Hospital\n2016 – 2019, Xandurah WA\nRan a group for falls and balance twice in a week for two years on end.";
    let expected =
        ["Physiotherapist / Port Hospital / 2021 2024", "Rotational Physiotherapist / Royal Peel Hospital / 2016 2019"];
    assert_eq!(jobs(&facts(text)), expected);
}

#[test]
fn self_employment_needs_no_line_below_its_dates() {
    let text = "Experience\nData Intern, Transport Authority, 2025 – 2026\nMaths Tutor, self-employed, 2022 – present\nTeach six pupils, online and at home\nSales Assistant, Marlowe’s Stationers, 2021 – 2022\nTill work, stock, a rush every August";
    let expected = [
        "Data Intern / Transport Authority / 2025 2026",
        "Maths Tutor / self-employed / 2022 now",
        "Sales Assistant / Marlowe’s Stationers / 2021 2022",
    ];
    assert_eq!(jobs(&facts(text)), expected);
}

#[test]
fn text_after_a_known_town_is_not_part_of_the_employer() {
    let text = "Experience\nKlinikum am Aasee, Münster, Station 3B Geriatrie\t2022 – 2024\nKrankenpfleger\nUnited States Army, Fort Carson, CO\t2020 – 2022\nFirst Sergeant";
    assert_eq!(
        jobs(&facts(text)),
        ["Krankenpfleger / Klinikum am Aasee / 2022 2024", "First Sergeant / United States Army / 2020 2022"]
    );
}

#[test]
fn a_preposition_may_separate_title_and_employer() {
    let text = "Experiencia\nJefa de rango en Hotel Brétema, Sanxenxo\t2016 – 2019\nServicio de desayunos y banquetes\nCamarera en Cafetería Dársena\t2013 – 2016\nBarra y terraza";
    assert_eq!(
        jobs(&facts(text)),
        ["Jefa de rango / Hotel Brétema / 2016 2019", "Camarera / Cafetería Dársena / 2013 2016"]
    );
}

#[test]
fn a_season_in_parentheses_dates_an_employment() {
    let text = "Experience\nSolicitor, Acme LLP\t2016 – 2020\nLegal Desk, Galway — Legal Intern (Summer 2014)\nResearched queries for duty solicitors";
    assert_eq!(jobs(&facts(text))[1], "Legal Intern / Legal Desk / 2014 2014");
}

#[test]
fn running_headers_and_footers_are_no_skills() {
    let read = facts(
        "Ada Byron\nada.byron@a.example\nSkills\nRust, SQL\nPage 2 of 3\nAda Byron\nReferences: gladly on request\n© European Union, 2002-2026",
    );
    assert_eq!(read.skills.iter().map(|it| it.value.as_str()).collect::<Vec<_>>(), ["Rust", "SQL"]);
}

#[test]
fn a_skill_with_the_name_of_the_person_is_a_skill() {
    let read = facts("Ruby Chen\nruby.chen@a.example\nSkills\nRuby, SQL\nRuby Chen");
    assert_eq!(read.skills.iter().map(|it| it.value.as_str()).collect::<Vec<_>>(), ["Ruby", "SQL"]);
}

#[test]
fn a_registration_number_is_no_phone_number() {
    assert_eq!(facts("Ada\nRegistration PHY0000000000; telephone 0491 570 006").phones.len(), 1);
}

#[test]
fn the_beginning_of_a_degree_decides_its_level_and_not_the_school() {
    let level = |row: &str| facts(&format!("Ada\nEducation\n{row}")).education.remove(0).level;
    assert_eq!(level("Máster en Ingeniería Industrial"), Some(Level::Master));
    assert_eq!(level("BTS Maintenance des systèmes, Lycée Lakanal"), Some(Level::Associate));
    assert_eq!(level("High School Diploma, Redwater School"), Some(Level::Secondary));
}

#[test]
fn names_with_quotes_or_in_lowercase_are_found() {
    let mut document = common::plain("lerato van wyk\nhello@leratovanwyk.example\nexperience");
    document.lines[0].size = 30.0;
    assert_eq!(extract(&document).name.map(|name| name.value).as_deref(), Some("lerato van wyk"));
    document.lines[0].size = 0.0;
    assert_eq!(extract(&document).name, None, "small and no larger than the rest");
    let name = |text: &str| facts(text).name.map(|name| name.value);
    assert_eq!(name("GORDON “GORD” TREMBLAY\ngord.tremblay@a.example").as_deref(), Some("GORDON “GORD” TREMBLAY"));
}
