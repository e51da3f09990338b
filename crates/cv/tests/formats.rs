//! Formats are detected from the bytes, and files that cannot be a CV are refused.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod common;

use std::io::Write;

use common::{bytes, read_bytes};
use cv::format::{Format, sniff};
use domain::Refusal;
use zip::{ZipWriter, write::SimpleFileOptions};

fn found(bytes: &[u8]) -> String {
    match sniff(bytes) {
        Err(Refusal::WrongType { found }) => found,
        other => panic!("{other:?}"),
    }
}

#[test]
fn each_format_is_detected_from_its_bytes() {
    let formats = [
        ("gen-en1-lo.pdf", Format::Pdf),
        ("gen-pt1-textbox.docx", Format::Docx),
        ("gen-de1.odt", Format::Odt),
        ("gen-nl1.rtf", Format::Rtf),
        ("gen-fr1.html", Format::Html),
        ("gen-es2.txt", Format::Text),
    ];
    for (name, format) in formats {
        assert_eq!(sniff(&bytes(name)), Ok(format), "{name}");
    }
    let wide: Vec<u8> = "Jürgen Groß".encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert_eq!(sniff(&wide), Ok(Format::Text));
    assert_eq!(sniff("BMW engineer, MZ".as_bytes()), Ok(Format::Text));
}

#[test]
fn images_programs_and_archives_are_refused_with_the_name_of_their_format() {
    assert_eq!(found(b"GIF89a\x01\0\x01\0"), "a GIF picture");
    assert_eq!(found(b"MZ\x90\0\x03\0\0\0\x04\0\0\0\xFF\xFF\0\0"), "a Windows program");
    assert_eq!(found(b"\x7FELF\x02\x01\x01\0"), "a Linux program");
    assert_eq!(found(&archive(&[("readme.txt", b"hello")])), "a ZIP archive");
    assert_eq!(found(&archive(&[("mimetype", b"application/epub+zip")])), "an e-book");
    let table = b"<Types><Override ContentType=\"x.spreadsheetml.sheet\"/></Types>";
    assert_eq!(found(&archive(&[("[Content_Types].xml", table)])), "an Excel table");
}

#[test]
fn an_image_too_small_for_a_page_is_refused_with_the_name_of_its_format() {
    let mut small = std::io::Cursor::new(Vec::new());
    image::GrayImage::new(200, 300).write_to(&mut small, image::ImageFormat::Png).unwrap();
    for bytes in [b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec(), b"\xFF\xD8\xFF\xE0\0\x10JFIF".to_vec(), small.into_inner()]
    {
        let refused = read_bytes(&bytes).unwrap_err();
        assert!(matches!(&refused, Refusal::WrongType { found } if found.contains("picture")), "{refused:?}");
    }
}

#[test]
fn an_old_word_document_is_read() {
    let document = read_bytes(&bytes("gen-nl1.doc")).unwrap();
    assert_eq!(document.format, Format::Doc);
    let facts = cv::facts::extract(&document);
    assert_eq!(facts.name.map(|name| name.value).as_deref(), Some("Sanne de Vries"));
    assert_eq!(
        facts.employments.len(),
        cv::facts::extract(&read_bytes(&bytes("gen-nl1.docx")).unwrap()).employments.len()
    );
}

#[test]
fn an_empty_file_and_one_of_white_space_are_refused_as_empty() {
    assert_eq!(sniff(b""), Err(Refusal::Empty));
    assert_eq!(sniff(b" \r\n\t"), Err(Refusal::Empty));
}

#[test]
fn text_without_a_letter_is_refused() {
    assert_eq!(read_bytes(b"12345 --- 678"), Err(Refusal::NoText));
    assert_eq!(read_bytes(b"<!doctype html><html><body><script>abc()</script></body></html>"), Err(Refusal::NoText));
}

#[test]
fn an_encrypted_pdf_is_refused_and_one_with_an_owner_password_is_read() {
    assert_eq!(read_bytes(&bytes("bad-encrypted.pdf")), Err(Refusal::Encrypted));
    let document = common::read_fixture("ok-ownerpw.pdf");
    assert!(common::text(&document).contains("Experience") || document.lines.len() > 10);
}

#[test]
fn a_truncated_pdf_is_damaged_and_one_without_an_index_is_read() {
    assert_eq!(read_bytes(&bytes("bad-truncated.pdf")), Err(Refusal::Damaged));
    assert_eq!(read_bytes(b"%PDF-1.7\nrubbish"), Err(Refusal::Damaged));
    let whole = common::read_fixture("gen-en1-lo.pdf");
    for share in [3, 5, 8] {
        let cut = bytes("gen-en1-lo.pdf");
        let cut = &cut[..cut.len() * share / 9];
        assert_eq!(read_bytes(cut), Err(Refusal::Damaged), "{share}/9 of {}", whole.lines.len());
    }
    assert!(common::read_fixture("bad-noxref.pdf").lines.len() > 10);
}

#[test]
fn a_pdf_without_pages_and_one_whose_page_tree_is_a_loop_have_no_pages() {
    assert_eq!(read_bytes(&pdf_of_pages("[]", 0)), Err(Refusal::NoPages));
    assert_eq!(read_bytes(&bytes("bomb-pages-loop.pdf")), Err(Refusal::NoPages));
}

#[test]
fn a_pdf_with_too_many_pages_is_refused() {
    let kids: String = (4..40).map(|n| format!("{n} 0 R ")).collect();
    assert_eq!(read_bytes(&pdf_of_pages(&format!("[{kids}]"), 36)), Err(Refusal::TooManyPages { limit: 30 }));
}

#[test]
fn a_form_that_draws_itself_does_not_loop_forever() {
    let document = common::read_fixture("bomb-xobject-loop.pdf");
    assert!(document.lines.is_empty());
    assert_eq!(document.unread.len(), 1);
}

#[test]
fn entity_bombs_and_broken_archives_are_refused() {
    assert_eq!(read_bytes(&bytes("bomb-xml-entities.docx")), Err(Refusal::TooComplex));
    let whole = bytes("gen-pt1-textbox.docx");
    assert_eq!(read_bytes(&whole[..whole.len() / 2]), Err(Refusal::Damaged));
}

/// A PDF whose page tree has the children `kids`, with `count` pages from object 4 on.
fn pdf_of_pages(kids: &str, count: usize) -> Vec<u8> {
    let mut objects = vec![
        "<< /Type /Catalog /Pages 2 0 R >>".to_owned(),
        format!("<< /Type /Pages /Kids {kids} /Count {count} >>"),
        "<< >>".to_owned(),
    ];
    let page = "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] >>".to_owned();
    objects.extend(std::iter::repeat_n(page, count));
    common::pdf_of(&objects)
}

fn archive(entries: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, content) in entries {
        zip.start_file(*name, SimpleFileOptions::default()).unwrap();
        zip.write_all(content).unwrap();
    }
    zip.finish().unwrap().into_inner()
}
