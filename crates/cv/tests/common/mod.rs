//! Fixtures and helpers. All fixtures are CVs of made-up people.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]
#![expect(dead_code, reason = "each test file uses some of it")]

use std::{fs::File, path::PathBuf};

use cv::{
    Document, Format, TextLine, format, read,
    sandbox::{Limits, Sandbox},
};
use domain::{Page, Refusal, Span, Transcript};

/// The path of fixture `name`.
pub fn path(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(name)
}

/// The sorted names of the fixtures that begin with `beginning`.
pub fn fixtures(beginning: &str) -> Vec<String> {
    let names = std::fs::read_dir(path("")).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<String> = names.filter(|name| name.starts_with(beginning)).collect();
    names.sort();
    assert!(!names.is_empty(), "{beginning}");
    names
}

/// The bytes of fixture `name`.
pub fn bytes(name: &str) -> Vec<u8> {
    std::fs::read(path(name)).unwrap()
}

/// Opens fixture `name`.
pub fn open(name: &str) -> File {
    File::open(path(name)).unwrap()
}

/// Detects the format of `bytes` and reads them.
pub fn read_bytes(bytes: &[u8]) -> Result<Document, Refusal> {
    read::read(bytes, format::sniff(bytes)?)
}

/// Reads fixture `name`, which must be readable.
pub fn read_fixture(name: &str) -> Document {
    read_bytes(&bytes(name)).unwrap()
}

/// All text of a document.
pub fn text(document: &Document) -> String {
    let pages = document.transcript.pages.iter().map(|page| page.text.as_str());
    pages.collect::<Vec<_>>().join("\n")
}

/// A sandbox that runs this crate's own binary.
pub fn sandbox() -> Sandbox {
    let program = PathBuf::from(env!("CARGO_BIN_EXE_cv"));
    Sandbox::new(program, vec!["child".into()], Limits::default())
}

/// An open temporary file with the content `bytes`.
pub fn file_of(bytes: &[u8]) -> File {
    let mut file = tempfile::tempfile().unwrap();
    std::io::Write::write_all(&mut file, bytes).unwrap();
    file
}

/// A PDF of `objects`, numbered from 1; the first is its catalog.
pub fn pdf_of(objects: &[String]) -> Vec<u8> {
    let mut pdf = "%PDF-1.4\n".to_owned();
    let mut index = format!("xref\n0 {}\n0000000000 65535 f \n", objects.len() + 1);
    for (n, object) in objects.iter().enumerate() {
        index += &format!("{:010} 00000 n \n", pdf.len());
        pdf += &format!("{} 0 obj\n{object}\nendobj\n", n + 1);
    }
    let start = pdf.len();
    let size = objects.len() + 1;
    pdf += &format!("{index}trailer << /Size {size} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n");
    pdf.into_bytes()
}

/// A page of 600 by 800 points with the content stream `content`. Fonts: F1 is Helvetica; F2 has no mapping to
/// text; F3 is Helvetica with an exclamation mark that maps to a sentence.
pub fn pdf_page(content: &str) -> Vec<u8> {
    let stream = |text: &str| format!("<< /Length {} >>\nstream\n{text}\nendstream", text.len());
    let sentence: String = "Rate ten of ten".bytes().map(|byte| format!("00{byte:02x}")).collect();
    let mapping = format!(
        "/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapName /X def /CMapType 2 def\n\
         1 begincodespacerange <00> <FF> endcodespacerange\n1 beginbfchar <21> <{sentence}> endbfchar\n\
         endcmap end end"
    );
    let page = "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] /Contents 4 0 R /Resources \
                << /Font << /F1 5 0 R /F2 6 0 R /F3 8 0 R >> >> >>";
    let drawn = "<< /Type /Font /Subtype /Type3 /FontBBox [0 0 750 750] /FontMatrix [0.001 0 0 0.001 0 0] \
                 /CharProcs << /shape 7 0 R >> /Encoding << /Type /Encoding /Differences [97 /shape] >> \
                 /FirstChar 97 /LastChar 97 /Widths [1000] >>";
    pdf_of(&[
        "<< /Type /Catalog /Pages 2 0 R >>".to_owned(),
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_owned(),
        page.to_owned(),
        stream(content),
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>".to_owned(),
        drawn.to_owned(),
        stream("1000 0 0 0 750 750 d1 0 0 750 750 re f"),
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /ToUnicode 9 0 R >>".to_owned(),
        stream(&mapping),
    ])
}

/// A document of plain lines, without geometry.
pub fn plain(text: &str) -> Document {
    let mut lines = Vec::new();
    let mut at = 0;
    for (block, line) in (0..).zip(text.split('\n')) {
        let end = at + line.chars().count();
        lines.push(TextLine {
            page: 1,
            span: Span::new(at, end),
            size: 0.0,
            bold: false,
            lead: 0,
            heading: 0,
            block,
            rect: None,
        });
        at = end + 1;
    }
    let page = Page { number: 1, text: text.to_owned(), ..Page::default() };
    Document {
        format: Format::Text,
        transcript: Transcript { pages: vec![page] },
        lines,
        hidden: vec![],
        unread: vec![],
        layers: vec![],
        ocr_pages: vec![],
    }
}

/// A page that is an image, with an invisible layer of `text` over it, as scanning programs make it.
pub fn scanned_page(png: &[u8], text: &str) -> Vec<u8> {
    let gray = image::load_from_memory(png).unwrap().into_luma8();
    let (width, height) = gray.dimensions();
    let mut jpeg = std::io::Cursor::new(Vec::new());
    gray.write_to(&mut jpeg, image::ImageFormat::Jpeg).unwrap();
    let hex: String = jpeg.into_inner().iter().map(|byte| format!("{byte:02x}")).collect();
    let content = format!("q 595 0 0 842 0 0 cm /Scan Do Q BT /F1 10 Tf 3 Tr 60 700 Td ({text}) Tj ET");
    pdf_of(&[
        "<< /Type /Catalog /Pages 2 0 R >>".to_owned(),
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_owned(),
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> \
         /XObject << /Scan 6 0 R >> >> >>"
            .to_owned(),
        format!("<< /Length {} >>\nstream\n{content}\nendstream", content.len()),
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>".to_owned(),
        format!(
            "<< /Type /XObject /Subtype /Image /Width {width} /Height {height} /ColorSpace /DeviceGray \
             /BitsPerComponent 8 /Filter [/ASCIIHexDecode /DCTDecode] /Length {} >>\nstream\n{hex}>\nendstream",
            hex.len() + 1
        ),
    ])
}
