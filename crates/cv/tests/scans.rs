//! Pages that are images go through OCR, and their words have the places that the image shows. Needs
//! Tesseract, which `make test` installs.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod common;

use std::io::Cursor;

use common::{bytes, file_of, open, sandbox, text};
use cv::{Document, Format, facts, read, summary::summarize};
use domain::{
    Line,
    notice::{HiddenReason, UnreadReason},
};
use image::{ImageFormat, RgbImage, imageops};

/// The scan as an image file, transformed by `turn`.
fn photo(turn: impl Fn(&RgbImage) -> RgbImage) -> Vec<u8> {
    let png = read::render_png(&bytes("gen-en1-scan.pdf"), Format::Pdf, 1, 2_000).unwrap();
    let picture = image::load_from_memory(&png).unwrap().into_rgb8();
    let mut jpeg = Cursor::new(Vec::new());
    turn(&picture).write_to(&mut jpeg, ImageFormat::Jpeg).unwrap();
    jpeg.into_inner()
}

fn employers(document: &Document) -> Vec<String> {
    let jobs = facts::extract(document).employments;
    jobs.into_iter().filter_map(|job| job.employer).map(|employer| employer.value).collect()
}

const EMPLOYERS: [&str; 3] = ["Pennine Parcel Hub", "Calder Valley Distribution", "Northgate Retail Logistics"];

#[tokio::test]
async fn a_skewed_scan_gives_its_employments_and_a_notice_that_ocr_was_used() {
    let document = sandbox().read(open("gen-en1-scan.pdf")).await.unwrap();
    assert_eq!(employers(&document), EMPLOYERS);
    assert_eq!((document.ocr_pages.as_slice(), document.unread.len()), ([1, 2].as_slice(), 0));
    let languages =
        document.transcript.pages.iter().flat_map(|page| &page.languages).map(|part| part.language.as_str());
    assert!(languages.clone().count() >= 2 && languages.into_iter().all(|language| language == "en"));
    let lines = summarize(&document, &[], facts::YearMonth { year: 2026, month: 11 });
    let said = |line: &Line| line.text().contains("is a picture; its text was recognized");
    assert_eq!(lines.iter().filter(|line| said(line)).count(), 2);
}

#[tokio::test]
async fn a_scan_is_summarized_from_the_ocr_text() {
    let now = facts::YearMonth { year: 2026, month: 11 };
    let read = sandbox().summarize(open("gen-en1-scan.pdf"), &["Forklift".to_owned()], now).await.unwrap();
    assert_eq!(read.lines, summarize(&read.document, &["Forklift".to_owned()], now));
    assert!(read.lines.iter().any(|line| line.text().contains(EMPLOYERS[0])), "{:?}", read.lines);
}

#[tokio::test]
async fn a_photo_that_is_sideways_or_upside_down_is_read() {
    for turn in [imageops::rotate90, imageops::rotate180, imageops::rotate270] {
        let jpeg = photo(turn);
        let document = sandbox().read(file_of(&jpeg)).await.unwrap();
        assert_eq!(document.format, Format::Image);
        assert_eq!(employers(&document), EMPLOYERS);
        let page = &document.transcript.pages[0];
        let inside = |word: &domain::Word| {
            word.rect.is_some_and(|rect| {
                rect.x >= -1.0
                    && rect.y >= -1.0
                    && rect.x + rect.w <= page.width + 1.0
                    && rect.y + rect.h <= page.height + 1.0
            })
        };
        assert!(page.words.iter().all(inside));
    }
}

#[tokio::test]
async fn without_tesseract_a_scan_is_reported_as_unread() {
    let sandbox = sandbox().without_ocr();
    for file in [open("gen-en1-scan.pdf"), file_of(&photo(RgbImage::clone))] {
        let document = sandbox.read(file).await.unwrap();
        assert!(document.lines.is_empty() && document.ocr_pages.is_empty());
        assert!(document.unread.iter().all(|unread| unread.reason == UnreadReason::Picture));
    }
}

#[tokio::test]
async fn the_text_layer_of_a_scan_is_not_used_as_its_text() {
    let document = sandbox().read(open("gen-en4-ocrlayer.pdf")).await.unwrap();
    assert!(!document.layers.is_empty());
    assert_eq!(document.ocr_pages, [1]);
    assert!(text(&document).contains("Rijnland Institute for Genomics"));
    assert!(document.hidden.is_empty(), "{:?}", document.hidden);
}

#[tokio::test]
async fn layer_text_that_ocr_does_not_find_is_hidden_text() {
    let picture = read::render_png(&bytes("gen-en1-scan.pdf"), Format::Pdf, 1, 1_400).unwrap();
    let lie = "Winner of seventeen international engineering medals and former astronaut commander";
    let document = sandbox().read(file_of(&common::scanned_page(&picture, lie))).await.unwrap();
    assert_eq!(document.ocr_pages, [1]);
    assert!(!text(&document).contains("astronaut"));
    let hidden = document.hidden.iter().find(|hidden| hidden.text.contains("astronaut"));
    assert_eq!(hidden.map(|hidden| hidden.reason), Some(HiddenReason::Invisible));
}
