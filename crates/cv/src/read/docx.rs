//! DOCX: body, headers, footers, tables cell by cell, text boxes.
//!
//! Ignores comments, deleted text, field codes and core properties.

mod part_reader;
mod styles;
mod text_style;

use domain::Refusal;

use self::{part_reader::PartReader, styles::Styles};
use super::{archive::Archive, document_builder::DocumentBuilder};
use crate::{document::Document, format::Format};

/// Reads a DOCX file.
///
/// # Errors
/// [`Refusal::Damaged`], [`Refusal::Encrypted`], [`Refusal::NoText`] and [`Refusal::TooComplex`].
pub fn read(bytes: &[u8]) -> Result<Document, Refusal> {
    let mut archive = Archive::open(bytes)?;
    let main = main_part(&mut archive)?;
    let folder = main.rsplit_once('/').map_or("", |(folder, _)| folder).to_owned();
    let styles = archive.read(&format!("{folder}/styles.xml"))?;
    let styles = styles.map_or(Ok(Styles::default()), |xml| Styles::parse(&xml))?;
    let body = archive.read(&main)?.ok_or(Refusal::Damaged)?;
    let mut builder = DocumentBuilder::default();
    let mut margins = Vec::new();
    for name in archive.names(&format!("{folder}/header"), ".xml") {
        read_margin(&mut archive, &name, &styles, &mut builder, &mut margins)?;
    }
    PartReader::new(&styles, &mut builder).read(&body)?;
    for name in archive.names(&format!("{folder}/footer"), ".xml") {
        read_margin(&mut archive, &name, &styles, &mut builder, &mut margins)?;
    }
    builder.finish(Format::Docx)
}

/// Reads a header or footer unless an equal one was read before.
fn read_margin(
    archive: &mut Archive<'_>,
    name: &str,
    styles: &Styles,
    builder: &mut DocumentBuilder,
    margins: &mut Vec<Vec<u8>>,
) -> Result<(), Refusal> {
    let xml = archive.read(name)?.unwrap_or_default();
    if !margins.contains(&xml) {
        builder.end_block();
        PartReader::new(styles, builder).read(&xml)?;
        builder.end_block();
        margins.push(xml);
    }
    Ok(())
}

/// Finds the name of the main part, which is nearly always `word/document.xml`.
fn main_part(archive: &mut Archive<'_>) -> Result<String, Refusal> {
    let default = "word/document.xml";
    if !archive.names(default, "").is_empty() {
        return Ok(default.to_owned());
    }
    let relations = archive.read("_rels/.rels")?.ok_or(Refusal::Damaged)?;
    let mut found = None;
    super::xml::walk(&relations, |event| {
        if let super::xml::XmlEvent::Start(_, attributes) = event
            && attributes.get("Type").is_some_and(|kind| kind.ends_with("/officeDocument"))
        {
            found = attributes.get("Target").map(|name| name.trim_start_matches('/').to_owned());
        }
    })?;
    found.ok_or(Refusal::Damaged)
}
