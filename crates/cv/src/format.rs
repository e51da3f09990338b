//! The supported file formats, detected from a file's bytes.

mod container;
mod unsupported;

use domain::Refusal;
use serde::{Deserialize, Serialize};

/// A supported file format.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Format {
    /// Portable Document Format.
    Pdf,
    /// Word's binary format of 1997 to 2003.
    Doc,
    /// Office Open XML text.
    Docx,
    /// OpenDocument text.
    Odt,
    /// Rich Text Format.
    Rtf,
    /// HTML.
    Html,
    /// Plain text in any encoding.
    Text,
    /// A photo or scan as PNG or JPEG.
    #[serde(rename = "picture")]
    Image,
}

/// A PDF's header may be preceded by other bytes, up to this offset (ISO 32000-2, annex I).
const MAX_PDF_HEADER_OFFSET: usize = 1024;

impl Format {
    /// The common name of the format, as stored and shown to people.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Pdf => "PDF",
            Self::Doc => "DOC",
            Self::Docx => "DOCX",
            Self::Odt => "ODT",
            Self::Rtf => "RTF",
            Self::Html => "HTML",
            Self::Text => "text",
            Self::Image => "Photo",
        }
    }
}

/// Detects the format of a file from its bytes, never from its name.
///
/// # Errors
/// [`Refusal::Empty`], [`Refusal::WrongType`], and [`Refusal::Damaged`] for what begins like a ZIP archive
/// but cannot be opened as one.
pub fn sniff(bytes: &[u8]) -> Result<Format, Refusal> {
    if bytes.iter().all(u8::is_ascii_whitespace) {
        return Err(Refusal::Empty);
    }
    if bytes.starts_with(b"PK") {
        return container::sniff(bytes);
    }
    if bytes.starts_with(&[0xD0, 0xCF, 0x11, 0xE0]) {
        return unsupported::sniff_compound(bytes);
    }
    if bytes.starts_with(b"\x89PNG\r\n") || bytes.starts_with(b"\xFF\xD8\xFF") {
        return Ok(Format::Image);
    }
    if let Some(found) = unsupported::kind(bytes) {
        return Err(Refusal::WrongType { found: found.to_owned() });
    }
    if find(head(bytes, MAX_PDF_HEADER_OFFSET), b"%PDF-").is_some() {
        return Ok(Format::Pdf);
    }
    if text_start(bytes).starts_with(b"{\\rtf") {
        return Ok(Format::Rtf);
    }
    if is_html(bytes) {
        return Ok(Format::Html);
    }
    if is_text(bytes) {
        return Ok(Format::Text);
    }
    Err(Refusal::WrongType { found: "a file of an unknown kind".to_owned() })
}

fn head(bytes: &[u8], length: usize) -> &[u8] {
    bytes.get(..length).unwrap_or(bytes)
}

/// The offset of the first occurrence of `needle`.
fn find(bytes: &[u8], needle: &[u8]) -> Option<usize> {
    bytes.windows(needle.len()).position(|window| window == needle)
}

/// `bytes` without a leading byte order mark and white space.
fn text_start(bytes: &[u8]) -> &[u8] {
    bytes.strip_prefix(&[0xEF, 0xBB, 0xBF]).unwrap_or(bytes).trim_ascii_start()
}

/// Looks for a document type, or one of the elements with which pages begin, near the start.
fn is_html(bytes: &[u8]) -> bool {
    // UTF-16 pages: every other byte is a zero.
    let plain: Vec<u8> = head(bytes, 2048).iter().copied().filter(|byte| *byte != 0).collect();
    let plain = plain.strip_prefix(&[0xFF, 0xFE]).or(plain.strip_prefix(&[0xFE, 0xFF])).unwrap_or(&plain);
    let start = text_start(plain).to_ascii_lowercase();
    if !start.starts_with(b"<") {
        return false;
    }
    let marks: [&[u8]; 6] = [b"<!doctype html", b"<html", b"<head", b"<body", b"<meta", b"<title"];
    marks.iter().any(|mark| find(&start, mark).is_some())
}

/// Text has no control characters but white space; UTF-16 and UTF-32 have a byte order mark, or zeros in
/// every other byte.
fn is_text(bytes: &[u8]) -> bool {
    if bytes.starts_with(&[0xFF, 0xFE]) || bytes.starts_with(&[0xFE, 0xFF]) || is_utf16(bytes) {
        return true;
    }
    let start = head(bytes, 64 * 1024);
    let control = |byte: &&u8| matches!(**byte, 0..=8 | 14..=26 | 28..=31 | 127);
    let strange = start.iter().filter(control).count();
    !start.contains(&0) && strange * 200 <= start.len()
}

/// Returns whether `bytes` look like UTF-16 without a byte order mark.
pub(crate) fn is_utf16(bytes: &[u8]) -> bool {
    let start = head(bytes, 4096);
    let zeros = |offset: usize| start.iter().skip(offset).step_by(2).filter(|b| **b == 0).count();
    let (even, odd) = (zeros(0), zeros(1));
    let half = start.len() / 2;
    half >= 4 && (odd * 10 > half * 7 && even == 0 || even * 10 > half * 7 && odd == 0)
}
