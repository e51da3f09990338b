//! Properties of the summaries of all CVs among the fixtures.

mod common;

use std::thread;

use common::{bytes, fixtures, read_bytes};
use cv::{Document, Format, facts::YearMonth, format, read, summary::summarize};
use domain::{Line, LineKind, Rect, Segment};

const NOW: YearMonth = YearMonth { year: 2026, month: 11 };

/// The fixtures that can be read.
fn documents() -> Vec<(String, Vec<u8>, Document)> {
    let cvs = ["adv-", "ctl-", "gen-"].into_iter().flat_map(fixtures);
    let read = cvs.filter_map(|name| {
        let bytes = bytes(&name);
        let document = read_bytes(&bytes).ok()?;
        (!document.lines.is_empty()).then_some((name, bytes, document))
    });
    read.collect()
}

fn summary(document: &Document) -> Vec<Line> {
    summarize(document, &["Python".to_owned(), "Leadership".to_owned()], NOW)
}

#[test]
fn every_quote_is_at_its_span_and_every_cv_has_a_name() {
    let documents = documents();
    assert!(documents.len() >= 40, "{}", documents.len());
    for (name, _, document) in documents {
        let lines = summary(&document);
        assert!(lines.iter().any(|line| line.kind() == LineKind::Name), "{name}");
        for quote in lines.iter().flat_map(Line::evidence) {
            assert_eq!(document.transcript.cite(quote.page(), quote.span()), Ok(quote.clone()), "{name}");
        }
    }
}

/// Earlier versions stored a line with its text instead of its segments; other versions' messages are in
/// `domain`'s tests.
#[test]
fn lines_that_were_stored_with_their_text_say_the_same() {
    let mut read = 0;
    for (name, _, document) in documents() {
        let is_message = |segment: &Segment| matches!(segment, Segment::Message(_));
        let lines = summary(&document).into_iter().filter(|line| {
            !line.evidence().is_empty()
                && (line.kind() == LineKind::MustHave || !line.segments().iter().any(is_message))
        });
        for line in lines {
            let mut json = serde_json::to_value(&line).unwrap();
            json.as_object_mut().unwrap().remove("segments");
            json["text"] = line.text().into();
            let stored: Line = serde_json::from_value(json).unwrap();
            assert_eq!(stored.text(), line.text(), "{name}");
            read += 1;
        }
    }
    assert!(read > 300, "{read}");
}

/// Whether `image`, a page with `scale` pixels a point, has more than one color within `rect`.
fn has_ink(page_image: &image::GrayImage, rect: Rect, scale: f32) -> bool {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "pixels of a page")]
    let pixel = |points: f32| (points * scale).max(0.0) as u32;
    let (x0, y0) = (pixel(rect.x), pixel(rect.y));
    let (x1, y1) = (pixel(rect.x + rect.w) + 1, pixel(rect.y + rect.h) + 1);
    let (mut dark, mut light) = (u8::MAX, u8::MIN);
    for y in y0..y1.min(page_image.height()) {
        for x in x0..x1.min(page_image.width()) {
            let value = page_image.get_pixel(x, y).0[0];
            (dark, light) = (dark.min(value), light.max(value));
        }
    }
    light.saturating_sub(dark) > 40
}

#[test]
fn the_boxes_of_every_quote_contain_ink_on_the_page() {
    let mut checked = 0;
    for (name, bytes, document) in documents().into_iter().filter(|(_, _, document)| document.format == Format::Pdf) {
        for page in &document.transcript.pages {
            let png = read::render_png(&bytes, Format::Pdf, page.number, 1_200).unwrap();
            let page_image = image::load_from_memory(&png).unwrap().into_luma8();
            #[expect(clippy::cast_precision_loss, reason = "pixels of a page")]
            let scale = page_image.width() as f32 / page.width;
            let quotes = summary(&document);
            for quote in quotes.iter().flat_map(Line::evidence).filter(|quote| quote.page() == page.number) {
                assert!(!quote.boxes().is_empty(), "{name}: {}", quote.quote());
                for rect in quote.boxes() {
                    assert!(has_ink(&page_image, *rect, scale), "{name}: {rect:?} of {:?}", quote.quote());
                    checked += 1;
                }
            }
        }
    }
    assert!(checked > 300, "{checked}");
}

#[test]
fn the_same_bytes_give_the_same_summary_on_one_thread_and_on_many() {
    let once = |bytes: &[u8]| summary(&read::read(bytes, format::sniff(bytes).unwrap()).unwrap());
    for name in ["gen-en2-chromium-right.pdf", "gen-es2.txt", "gen-pt1-textbox.docx"] {
        let bytes = bytes(name);
        let first = once(&bytes);
        assert!((0..50).all(|_| once(&bytes) == first), "{name}");
        thread::scope(|scope| {
            let runs: Vec<_> = (0..10).map(|_| scope.spawn(|| (0..5).all(|_| once(&bytes) == first))).collect();
            assert!(runs.into_iter().all(|run| run.join().unwrap()), "{name}");
        });
    }
}

/// The texts of the summary except the name and notices about the document itself.
fn texts(document: &Document) -> Vec<String> {
    let lines =
        summary(document).into_iter().filter(|line| !(line.kind() == LineKind::ToVerify && line.evidence().is_empty()));
    lines.filter(|line| line.kind() != LineKind::Name).map(|line| line.text()).collect()
}

#[test]
fn another_name_another_address_and_other_pronouns_change_nothing_else() {
    let people = [
        ("gen-es2.txt", "Javier Ruiz Molina", "javier.ruiz.molina"),
        ("gen-fr1.html", "Camille Lefèvre", "camille.lefevre"),
    ];
    let others =
        [("Fatima al-Sayed", "fatima.alsayed"), ("Max Osborne", "m.osborne"), ("Nguyễn Thị Hoa", "hoa.nguyen")];
    for (file, name, mail) in people {
        let text = String::from_utf8(bytes(file)).unwrap();
        assert!(text.contains(name) && text.contains(mail), "{file}");
        let expected = texts(&read_bytes(text.as_bytes()).unwrap());
        for (other, address) in others {
            for pronouns in ["", " (she/her)", " (they/them)"] {
                let changed = text.replace(name, &format!("{other}{pronouns}")).replace(mail, address);
                assert_eq!(texts(&read_bytes(changed.as_bytes()).unwrap()), expected, "{file}: {other}{pronouns}");
            }
        }
    }
}

#[test]
fn hidden_text_changes_no_byte_of_the_summary() {
    let clean = [(".pdf", "adv-metadata.pdf"), (".docx", "adv-coreprops.docx"), (".html", "adv-comment.html")];
    for (kind, honest) in clean {
        let expected = texts(&read_bytes(&bytes(honest)).unwrap());
        assert!(expected.len() > 5, "{honest}");
        let hiding = documents().into_iter().filter(|(name, _, _)| {
            name.starts_with("adv-") && name.ends_with(kind) && !name.starts_with("adv-visible")
        });
        let mut count = 0;
        for (name, _, document) in hiding {
            assert_eq!(texts(&document), expected, "{name}");
            count += 1;
        }
        assert!(count >= 3, "{kind}: {count}");
    }
}

#[test]
fn the_summary_never_mentions_age_gender_nationality_or_family() {
    let forbidden =
        ["born", "married", "nationality", "geboren", "verheiratet", "nacionalidad", "date of birth", "gender"];
    for (name, _, document) in documents() {
        for line in summary(&document) {
            let said = line.text().to_lowercase();
            assert!(
                !forbidden.iter().any(|word| said.split(|c: char| !c.is_alphabetic()).any(|part| part == *word)),
                "{name}: {said}"
            );
        }
    }
}

#[test]
fn at_most_five_highlights_are_quoted() {
    for (name, _, document) in documents() {
        let count = summary(&document).iter().filter(|line| line.kind() == LineKind::Highlight).count();
        assert!(count <= 5, "{name}: {count}");
    }
}
