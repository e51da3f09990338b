//! Claims about the facts of a CV.

mod common;

use cv::facts::{YearMonth, extract};

#[test]
fn moments_become_months() {
    let months = [(0, (1970, 1)), (-1, (1969, 12)), (951_782_400_000, (2000, 2)), (1_709_251_200_000, (2024, 3))];
    for (ms, (year, month)) in months {
        assert_eq!(YearMonth::of_unix_ms(ms), YearMonth { year, month });
    }
}

#[test]
fn a_pdf_gives_name_contact_and_employments() {
    let facts = extract(&common::read_fixture("gen-en1-lo.pdf"));
    assert_eq!(facts.name.map(|name| name.value).as_deref(), Some("Oluwaseun Adeyemi"));
    assert_eq!(facts.emails[0].value, "seun.adeyemi@example.co.uk");
    assert_eq!(facts.phones[0].value, "+44 7700 900 461");
    assert_eq!(facts.employments[0].employer.as_ref().map(|it| it.value.as_str()), Some("Pennine Parcel Hub"));
}

#[test]
fn a_name_below_a_sidebar_is_found_by_its_size() {
    let facts = extract(&common::read_fixture("gen-de1-chromium-left.pdf"));
    assert_eq!(facts.name.map(|name| name.value).as_deref(), Some("Katharina Brandt"));
}
