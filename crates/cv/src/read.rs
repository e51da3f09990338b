//! Readers that turn the bytes of a file into a [`Document`].
//!
//! They have no side effects, but their libraries may crash on hostile bytes: files from outside are read
//! only in the child processes of [`crate::sandbox`].

mod archive;
mod color;
mod doc;
mod document_builder;
mod docx;
mod hidden_text;
mod html;
mod image;
mod letters;
pub(crate) mod ocr;
mod odt;
mod pdf;
mod rtf;
mod text;
mod xml;

use domain::Refusal;

use crate::{document::Document, format::Format};

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
        Format::Image => image::read(bytes),
    }
}

/// Renders page `number`, counted from 1, of a PDF or an image as a PNG image `width` pixels wide.
///
/// # Errors
/// The reason why the file is refused; [`Refusal::NoPages`] where there is no such page,
/// [`Refusal::WrongType`] for formats without pages.
pub fn render_png(bytes: &[u8], format: Format, number: u32, width: u32) -> Result<Vec<u8>, Refusal> {
    match format {
        Format::Pdf => pdf::render_png(bytes, number, width),
        Format::Image => image::render_png(bytes, number, width),
        _ => Err(Refusal::WrongType { found: "a document without pages".to_owned() }),
    }
}

/// Renders page `number`, counted from 1, of a PDF or an image in shades of gray at about 300 pixels an
/// inch, as OCR needs it: a portable graymap (PGM).
///
/// # Errors
/// As [`render_png`].
pub fn render_pgm(bytes: &[u8], format: Format, number: u32) -> Result<Vec<u8>, Refusal> {
    match format {
        Format::Pdf => pdf::render_pgm(bytes, number),
        Format::Image => image::render_pgm(bytes, number),
        _ => Err(Refusal::WrongType { found: "a document without pages".to_owned() }),
    }
}
