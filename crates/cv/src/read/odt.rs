//! ODT: body, headers, footers, tables cell by cell, text boxes.
//!
//! Ignores annotations, tracked deletions and metadata.

mod content_reader;
mod styles;

use domain::Refusal;

use self::{content_reader::ContentReader, styles::Styles};
use super::{archive::Archive, document_builder::DocumentBuilder};
use crate::{document::Document, format::Format};

/// Reads an ODT file.
///
/// # Errors
/// [`Refusal::Damaged`], [`Refusal::Encrypted`], [`Refusal::NoText`] and [`Refusal::TooComplex`].
pub fn read(bytes: &[u8]) -> Result<Document, Refusal> {
    let mut archive = Archive::open(bytes)?;
    let manifest = archive.read("META-INF/manifest.xml")?.unwrap_or_default();
    if manifest.windows(16).any(|window| window == b":encryption-data") {
        return Err(Refusal::Encrypted);
    }
    let content = archive.read("content.xml")?.ok_or(Refusal::Damaged)?;
    let common = archive.read("styles.xml")?;
    let mut styles = Styles::default();
    for xml in common.iter().chain([&content]) {
        styles.add(xml)?;
    }
    let mut builder = DocumentBuilder::default();
    if let Some(common) = &common {
        ContentReader::new(&styles, &mut builder, "header").read(common)?;
    }
    ContentReader::new(&styles, &mut builder, "text").read(&content)?;
    if let Some(common) = &common {
        ContentReader::new(&styles, &mut builder, "footer").read(common)?;
    }
    builder.finish(Format::Odt)
}
