//! Pages are read in natural reading order, and every word has its position.

mod common;

use common::{read_fixture, text};

/// Asserts that the lines that contain the texts `wanted` follow each other in that order.
fn assert_order(name: &str, wanted: &[&str]) {
    let text = text(&read_fixture(name));
    let mut from = 0;
    for part in wanted {
        let at = text[from..].find(part);
        let Some(at) = at else { panic!("{name}: no {part:?} after {:?} in\n{text}", &text[..from]) };
        from += at + part.len();
    }
}

#[test]
fn a_side_bar_is_read_before_or_after_the_main_column_and_never_across() {
    let side_first = ["Kenntnisse", "SolidWorks", "Lean Management", "Sprachen", "Polnisch", "Interessen", "Feuerwehr"];
    let main = [
        "Profil",
        "interdisziplinäre Teams",
        "Berufserfahrung",
        "Projektleiterin",
        "Hansen Automation",
        "Konstruktionsingenieurin",
        "Weserwerk",
        "Ausbildung",
        "Hochschule Bremen",
    ];
    for name in ["gen-de1-chromium-left.pdf", "gen-de1-rowmajor-left.pdf"] {
        assert_order(name, &side_first);
        assert_order(name, &main);
        let text = text(&read_fixture(name));
        let (side, profile) = (text.find("Kenntnisse"), text.find("Profil"));
        let feuerwehr = text.find("Feuerwehr");
        assert!(side < profile && feuerwehr < profile || side > text.find("Hochschule Bremen"), "{name}\n{text}");
    }
}

#[test]
fn a_content_stream_that_alternates_between_columns_reads_like_one_that_does_not() {
    let lines = |name: &str| -> Vec<String> {
        let document = read_fixture(name);
        let mut lines: Vec<String> = document.lines.iter().map(|line| document.text(line).to_owned()).collect();
        lines.sort();
        lines
    };
    assert_eq!(lines("gen-en2-rowmajor-right.pdf"), lines("gen-en2-chromium-right.pdf"));
    assert_eq!(lines("gen-de1-rowmajor-left.pdf"), lines("gen-de1-chromium-left.pdf"));
}

#[test]
fn dates_beside_an_employment_stay_on_its_line() {
    assert_order("gen-de1-chromium-left.pdf", &["Projektleiterin\t04/2019 – heute\nHansen Automation GmbH"]);
    assert_order(
        "gen-nl1-timeline.pdf",
        &["mei 2020 – heden\tMarketingmanager\nGroenblad BV", "sep. 2016 – apr. 2020\tOnline marketeer\n"],
    );
}

#[test]
fn right_to_left_lines_are_in_reading_order() {
    assert_order(
        "gen-he1-chromium.pdf",
        &[
            "נועה לוי",
            "מפתחת תוכנה עם שבע שנות ניסיון בפיתוח צד שרת ומערכות מבוזרות",
            "ב-Python ו-Go",
            "05/2017 – 01/2020",
            "API",
        ],
    );
    assert_order("gen-ar1-chromium.pdf", &["أحمد محمود الخطيب", "03/2017 – حتى الآن", "شركة الأفق للتجارة"]);
}

#[test]
fn spans_are_words_and_rectangles_are_on_the_page() {
    let files = [
        "gen-en1-lo.pdf",
        "gen-en4-typst.pdf",
        "gen-de1-rowmajor-left.pdf",
        "gen-he1-chromium.pdf",
        "gen-ar1-chromium.pdf",
        "adv-cropbox.pdf",
        "gen-de1-twocol-table.docx",
        "gen-de1.odt",
        "gen-nl1.rtf",
        "gen-fr1.html",
        "gen-es2.txt",
    ];
    for name in files {
        let document = read_fixture(name);
        for page in &document.transcript.pages {
            let words: Vec<&str> = page.words.iter().map(|word| page.slice(word.span).unwrap()).collect();
            let split: Vec<&str> = page.text.split_whitespace().collect();
            assert_eq!(words, split, "{name}");
            for rect in page.words.iter().filter_map(|word| word.rect) {
                assert!(rect.x >= 0.0 && rect.x + rect.w <= page.width + 0.01, "{name}: {rect:?}");
                assert!(rect.y >= 0.0 && rect.y + rect.h <= page.height + 0.01, "{name}: {rect:?}");
                assert!(rect.w > 0.0 && rect.h > 0.0, "{name}: {rect:?}");
            }
            let placed = page.words.iter().filter(|word| word.rect.is_some()).count();
            assert_eq!(placed, if page.width > 0.0 { page.words.len() } else { 0 }, "{name}");
        }
        for line in &document.lines {
            let text = document.text(line);
            assert!(!text.is_empty() && !text.contains('\n') && text.trim() == text, "{name}: {text:?}");
        }
        let blocks: Vec<u32> = document.lines.iter().map(|line| line.block).collect();
        assert!(blocks.is_sorted(), "{name}");
    }
}

#[test]
fn a_scan_with_a_text_layer_is_unread_without_ocr() {
    let document = read_fixture("gen-en4-ocrlayer.pdf");
    assert!(document.lines.is_empty());
    let reasons: Vec<_> = document.unread.iter().map(|unread| unread.reason).collect();
    assert_eq!(reasons, [domain::notice::UnreadReason::Picture]);
    assert_eq!(document.hidden, []);
}

#[test]
fn headings_that_a_format_marks_are_headings() {
    for (name, heading) in [
        ("gen-de1-dates-table.docx", "Berufserfahrung"),
        ("gen-de1.odt", "Berufserfahrung"),
        ("gen-fr1.html", "Formation"),
        ("gen-nl1.rtf", "Opleiding"),
    ] {
        let document = read_fixture(name);
        let line = document.lines.iter().find(|line| document.text(line) == heading);
        assert!(line.is_some_and(|line| line.heading > 0), "{name}: {line:?}");
    }
}

#[test]
fn headers_tables_and_text_boxes_of_a_docx_are_read() {
    let header = text(&read_fixture("gen-es2-header.docx"));
    assert!(header.contains('@'), "{header}");
    assert_order(
        "gen-pt1-textbox.docx",
        &["João Pedro Carvalho", "joao.carvalho@example.com.br", "Power BI", "Rede Bom Preço"],
    );
    assert_order(
        "gen-de1-dates-table.docx",
        &["04/2019 – heute", "Hansen Automation", "10/2014 – 03/2019", "Weserwerk"],
    );
}

#[test]
fn text_in_any_encoding_is_read() {
    let words = "Łukasz Żółć\nDoświadczenie zawodowe: inżynier\n";
    let encoded = [
        words.as_bytes().to_vec(),
        encoding_rs::WINDOWS_1250.encode(words).0.into_owned(),
        words.encode_utf16().flat_map(u16::to_le_bytes).collect(),
        [0xFE, 0xFF].into_iter().chain(words.encode_utf16().flat_map(u16::to_be_bytes)).collect(),
    ];
    for bytes in encoded {
        let document = common::read_bytes(&bytes).unwrap();
        assert_eq!(document.transcript.pages[0].text, words.trim_end());
    }
    let japanese = encoding_rs::SHIFT_JIS.encode("職務経歴書\n山田太郎\nソフトウェア開発者として勤務").0.into_owned();
    assert!(text(&common::read_bytes(&japanese).unwrap()).contains("山田太郎"));
}

#[test]
fn rtf_letters_are_decoded_from_every_escape() {
    let rtf = br"{\rtf1\ansi\ansicpg1252{\fonttbl{\f0\fcharset0 Arial;}{\f1\fcharset204 Arial;}}\f0 J\'fcrgen \u321?\uc1 uk \f1\'cf\'f0\'e8\'e2\'e5\'f2\par{\trowd A\cell B\cell\row}}";
    let document = common::read_bytes(rtf).unwrap();
    assert_eq!(document.transcript.pages[0].text, "Jürgen Łuk Привет\n\nA\n\nB");
}

#[test]
fn a_page_whose_font_has_no_mapping_to_text_is_unread() {
    let page = common::pdf_page("BT /F2 12 Tf 50 700 Td (aaaaaaaaaaaa) Tj ET");
    let document = common::read_bytes(&page).unwrap();
    assert!(document.lines.is_empty());
    let reasons: Vec<_> = document.unread.iter().map(|unread| unread.reason).collect();
    assert_eq!(reasons, [domain::notice::UnreadReason::UnmappedFont]);
    let blank = common::read_bytes(&common::pdf_page("")).unwrap();
    assert_eq!(blank.unread[0].reason, domain::notice::UnreadReason::Blank);
}

#[test]
fn letter_spaced_words_are_one_word() {
    for content in [
        "BT /F1 12 Tf 6 Tc 50 700 Td (EDUCATION HISTORY) Tj ET",
        "BT /F1 12 Tf 50 700 Td (E D U C A T I O N   H I S T O R Y) Tj ET",
    ] {
        let document = common::read_bytes(&common::pdf_page(content)).unwrap();
        assert_eq!(text(&document), "EDUCATION HISTORY", "{content}");
    }
}

/// A page with `words` at positions from the top left corner, in 10 points.
fn page(words: &[(u32, u32, &str)], more: &str) -> String {
    let shown = words
        .iter()
        .map(|(x, y, word)| format!("BT /F1 10 Tf {x} {} Td ({word}) Tj ET\n", 800 - y))
        .collect::<String>();
    text(&common::read_bytes(&common::pdf_page(&format!("{shown}{more}"))).expect("it is a PDF"))
}

#[test]
fn dates_between_two_columns_stay_with_their_entries() {
    let read = page(
        &[
            (50, 100, "Experience"),
            (50, 120, "Studio Alpha Architects of the river"),
            (310, 120, "January 2020 to today"),
            (50, 135, "Senior architect"),
            (50, 160, "Studio Beta Planners"),
            (300, 160, "March 2016 to December 2019"),
            (50, 175, "Junior architect"),
            (50, 200, "Town of Gamma"),
            (290, 200, "September 2015 to February 2016"),
            (50, 215, "Trainee"),
            (50, 230, "Drew the plans of two schools"),
            (490, 100, "Skills"),
            (490, 118, "Revit"),
            (490, 136, "Rhino"),
            (490, 154, "Tenders"),
            (490, 172, "Languages"),
            (490, 190, "Italian"),
        ],
        "",
    );
    assert!(read.contains("Studio Beta Planners\tMarch 2016 to December 2019\nJunior architect"), "{read}");
    assert!(read.contains("Revit\nRhino\nTenders\n"), "{read}");
}

#[test]
fn a_date_above_a_place_in_the_margin_is_read_with_its_entry() {
    let read = page(
        &[
            (50, 100, "02/2019 - 03/2021"),
            (50, 112, "Bilbao"),
            (160, 100, "Ward nurse at the hospital"),
            (50, 130, "07/2015 - 01/2019"),
            (50, 142, "Vitoria"),
            (160, 130, "Theatre nurse of the clinic"),
            (50, 160, "06/2012 - 09/2013"),
            (50, 172, "Donostia"),
            (160, 160, "Helper in a home for old people"),
            (50, 190, "01/2010 - 02/2011"),
            (50, 202, "Madrid"),
            (160, 190, "Cleaner in a school"),
        ],
        "",
    );
    assert!(read.contains("07/2015 - 01/2019\tTheatre nurse of the clinic"), "{read}");
}

#[test]
fn labels_with_a_wide_gap_are_separate_even_if_one_space_is_drawn_between() {
    let read = page(&[(50, 100, "Revit"), (82, 100, " "), (92, 100, "Rhino")], "");
    assert_eq!(read, "Revit\tRhino");
}

#[test]
fn a_table_with_ruling_lines_is_read_cell_by_cell_where_cells_hold_several_lines() {
    let rules: String = [50, 115, 270, 400].iter().map(|x| format!("{x} 600 m {x} 720 l S ")).collect::<String>()
        + &[720, 700, 650, 600].iter().map(|y| format!("50 {y} m 400 {y} l S ")).collect::<String>();
    let read = page(
        &[
            (55, 95, "Dates"),
            (118, 95, "Post"),
            (275, 95, "Duties"),
            (55, 115, "2020 - 2022"),
            (118, 115, "Accountant"),
            (275, 115, "Reports for four"),
            (118, 127, "Tyne Coatings"),
            (275, 127, "plants"),
            (55, 165, "08/2017 -"),
            (118, 165, "Assistant"),
            (275, 165, "Costs"),
            (55, 177, "10/2020"),
        ],
        &format!("0.5 w {rules}"),
    );
    let lines: Vec<&str> = read.split('\n').filter(|line| !line.is_empty()).collect();
    let expected = [
        "Dates\tPost\tDuties",
        "2020 - 2022",
        "Accountant",
        "Tyne Coatings",
        "Reports for four",
        "plants",
        // The second line of its first cell had no room in the first.
        "08/2017 - 10/2020\tAssistant\tCosts",
    ];
    assert_eq!(lines, expected);
}

#[test]
fn rows_of_a_table_whose_cells_wrap_are_lines() {
    let rules: String = [50, 90, 200, 300, 400].iter().map(|x| format!("{x} 590 m {x} 720 l S ")).collect::<String>()
        + &[720, 700, 670, 640, 610, 590].iter().map(|y| format!("50 {y} m 400 {y} l S ")).collect::<String>();
    let read = page(
        &[
            (55, 95, "No."),
            (95, 95, "Organisation"),
            (205, 95, "Designation"),
            (305, 95, "Period"),
            (55, 115, "1"),
            (95, 115, "Coromandel Exports"),
            (95, 127, "Limited"),
            (205, 115, "Manager"),
            (305, 115, "2022 - 2024"),
            (55, 145, "2"),
            (95, 145, "Bharani Textiles"),
            (205, 145, "Senior Accountant"),
            (205, 157, "of the group"),
            (305, 145, "2019 - 2022"),
            (55, 175, "3"),
            (95, 175, "Iyengar Partners"),
            (205, 175, "Article Assistant"),
            (305, 175, "2016 - 2019"),
            (55, 203, "4"),
            (95, 203, "Madras Mills"),
            (205, 203, "Trainee"),
            (305, 203, "2015 - 2016"),
        ],
        &format!("0.5 w {rules}"),
    );
    let expected = "No.\tOrganisation\tDesignation\tPeriod
1\tCoromandel Exports Limited\tManager\t2022 - 2024
2\tBharani Textiles\tSenior Accountant of the group\t2019 - 2022
3\tIyengar Partners\tArticle Assistant\t2016 - 2019
4\tMadras Mills\tTrainee\t2015 - 2016";
    let lines: Vec<&str> = read.split('\n').filter(|line| !line.is_empty()).collect();
    assert_eq!(lines.join("\n"), expected);
}

#[test]
fn labels_before_aligned_narrow_gaps_are_split_off() {
    let read = page(
        &[
            (60, 100, "Techniques"),
            (121, 100, "PCR and ELISA in soil"),
            (62, 114, "Instruments"),
            (121, 114, "HPLC and a microscope"),
            (76, 128, "Systems"),
            (121, 128, "LIMS and a planner"),
        ],
        "",
    );
    assert_eq!(
        read,
        "Techniques\tPCR and ELISA in soil\nInstruments\tHPLC and a microscope\nSystems\tLIMS and a planner"
    );
}

#[test]
fn a_heading_below_two_columns_applies_to_the_text_below_both() {
    let read = page(
        &[
            (50, 100, "Speaks for the wards of a city clinic,"),
            (300, 100, "Born by the sea and at home in the"),
            (50, 115, "plans what the kitchens of its houses"),
            (300, 115, "mountains, fond of old machines and of"),
            (50, 130, "need, and teaches those who cook there"),
            (300, 130, "whoever repairs them, in the choir of"),
            (50, 145, "how to keep a store without any waste."),
            (300, 145, "the village and in its fire brigade."),
            (50, 160, "Experience"),
            (50, 175, "2020 - 2024 Acme Works and Foundries of the North, product manager for all of its pumps"),
            (50, 190, "2017 - 2020 Beta Works and Foundries of the South, product manager for all of its valves"),
        ],
        "",
    );
    assert!(read.contains("in its fire brigade.\n\nExperience\n2020"), "{read}");
}

/// A side bar and a main column whose rows are level.
const TWO_COLUMNS: [(u32, u32, &str); 20] = [
    (50, 100, "Contact"),
    (220, 100, "Experience"),
    (50, 114, "+44 7700 900129"),
    (220, 114, "Senior Consultant"),
    (50, 128, "Edinburgh"),
    (220, 128, "Lothian Climate Advisers"),
    (50, 142, "Skills"),
    (220, 142, "Feb 2021 - Present"),
    (50, 156, "Life cycle assessment"),
    (220, 156, "Wrote inventories"),
    (50, 170, "SimaPro"),
    (220, 170, "Analyst"),
    (50, 184, "Languages"),
    (220, 184, "Forth Ports Authority"),
    (50, 198, "Hungarian"),
    (220, 198, "Oct 2017 - Jan 2021"),
    (50, 212, "English"),
    (220, 212, "Education"),
    (50, 226, "French"),
    (220, 226, "MSc Geography"),
];

#[test]
fn columns_with_headings_of_their_own_are_not_read_across_though_their_rows_are_level() {
    let read = page(&TWO_COLUMNS, "");
    assert!(!read.contains('\t'), "{read}");
    assert!(read.contains("Senior Consultant\nLothian Climate Advisers\nFeb 2021 - Present"), "{read}");
}

#[test]
fn a_cell_of_html_with_two_lines_is_not_read_across() {
    let html = "<!DOCTYPE html><html><body><table><tr><td>2021 - 2023</td><td>Nurse<br>Acme Clinic</td><td>Wards</td></tr><tr><td>2019 - 2021</td><td>Helper</td></tr></table></body></html>";
    let read = text(&common::read_bytes(html.as_bytes()).unwrap());
    let lines: Vec<&str> = read.split('\n').filter(|line| !line.is_empty()).collect();
    assert_eq!(lines, ["2021 - 2023", "Nurse", "Acme Clinic", "Wards", "2019 - 2021\tHelper"]);
}

#[test]
fn headings_of_markdown_are_read_without_their_marks() {
    let read =
        common::read_bytes(b"# Ezra Lindholm\n**Designer**\n\n## Experience\nAcme\n\n## Skills\nCAD, steel\n").unwrap();
    assert!(text(&read).starts_with("Ezra Lindholm\nDesigner\n"), "{}", text(&read));
    let marked: Vec<&str> = read.lines.iter().filter(|line| line.heading > 0).map(|line| read.text(line)).collect();
    assert_eq!(marked, ["Ezra Lindholm", "Experience", "Skills"]);
    let once = common::read_bytes(b"Jane Roe\n# of patients: 5\nWard nurse of the clinic\n").unwrap();
    assert!(text(&once).contains("# of patients"), "{}", text(&once));
}

#[test]
fn items_that_a_browser_draws_last_stay_below_their_headings() {
    let heads = [(50, 100, "Clerk"), (50, 142, "Porter"), (50, 184, "Cook"), (50, 226, "Education")];
    let items = [
        (60, 114, "Kept the books of the house"),
        (60, 128, "Wrote the letters"),
        (60, 156, "Carried the bags"),
        (60, 170, "Met the guests"),
        (60, 198, "Made the soup"),
    ];
    let shown: Vec<(u32, u32, &str)> = heads.into_iter().chain(items).collect();
    let read = page(&shown, "");
    let lines: Vec<&str> = read.split('\n').filter(|line| !line.is_empty()).collect();
    assert_eq!(lines[..5], [heads[0].2, items[0].2, items[1].2, heads[1].2, items[2].2], "{read}");
    assert_eq!(lines.last(), Some(&"Education"));
}

#[test]
fn dates_between_two_columns_belong_to_the_one_with_level_rows() {
    let shown = [
        (20, 100, "Kontakt"),
        (20, 117, "Lindenallee 9"),
        (20, 134, "04277 Leipzig am Wasser"),
        (20, 151, "ada@example.com"),
        (20, 168, "Sprachen"),
        (20, 185, "Deutsch als Muttersprache"),
        (20, 202, "Englisch"),
        (20, 219, "Polnisch"),
        (200, 108, "seit 04/2021"),
        (300, 108, "Leiterin der Station"),
        (300, 125, "Klinikum am See in Leipzig"),
        (200, 142, "10/2014"),
        (300, 142, "Krankenpflegerin"),
        (200, 159, "03/2021"),
        (300, 159, "Krankenhaus am Markt"),
        (200, 176, "07/2010"),
        (300, 176, "Krankenpflegerin"),
        (200, 193, "09/2014"),
        (300, 193, "Stift in Werdau"),
        (200, 210, "2009"),
        (300, 210, "Helferin"),
    ];
    let read = page(&shown, "");
    assert!(read.contains("seit 04/2021\tLeiterin der Station\nKlinikum"), "{read}");
    assert!(read.contains("Kontakt\nLindenallee 9\n04277 Leipzig am Wasser\nada@example.com"), "{read}");
}
