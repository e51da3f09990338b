//! Formats to documents.
//!
//! Pure, but not trusted: bytes from outside are read only in the process of [`crate::sandbox`].

mod archive;
mod colour;
mod doc;
mod docx;
mod flow;
mod hidden;
mod html;
mod letters;
mod odt;
mod pdf;
mod photo;
pub(crate) mod recognised;
mod rtf;
mod text;
mod xml;

use domain::Refusal;

use crate::{document::Document, format::Format};

/// A CV has at most so many pages.
pub const MOST_PAGES: u32 = 30;
/// A CV has at most so many glyphs.
pub const MOST_GLYPHS: usize = 300_000;

/// Reads `bytes` as `format`.
///
/// # Errors
/// The reason why the file is refused.
pub fn read(bytes: &[u8], format: Format) -> Result<Document, Refusal> {
    match format {
        Format::Pdf => pdf::read(bytes),
        Format::Doc => doc::read(bytes),
        Format::Docx => docx::read(bytes),
        Format::Text => text::read(bytes),
        Format::Odt => odt::read(bytes),
        Format::Rtf => rtf::read(bytes),
        Format::Html => html::read(bytes),
        Format::Picture => photo::read(bytes),
    }
}

/// Page `number`, counted from 1, of a PDF or a picture as a PNG `width` pixels wide.
///
/// # Errors
/// The reason why the file is refused; [`Refusal::NoPages`] where there is no such page,
/// [`Refusal::WrongType`] for formats without pages.
pub fn picture(bytes: &[u8], format: Format, number: u32, width: u32) -> Result<Vec<u8>, Refusal> {
    match format {
        Format::Pdf => pdf::render(bytes, number, width),
        Format::Picture => photo::render(bytes, number, width),
        _ => Err(Refusal::WrongType { found: "a document without pages".to_owned() }),
    }
}

/// The page as a grey picture of that many pixels an inch: a portable graymap (PGM).
///
/// # Errors
/// As [`picture`].
pub fn grey(bytes: &[u8], format: Format, number: u32) -> Result<Vec<u8>, Refusal> {
    match format {
        Format::Pdf => pdf::grey(bytes, number),
        Format::Picture => photo::grey(bytes, number),
        _ => Err(Refusal::WrongType { found: "a document without pages".to_owned() }),
    }
}
