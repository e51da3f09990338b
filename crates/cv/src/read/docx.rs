//! DOCX: body, headers, footers, tables cell by cell, text boxes.
//!
//! Never reads comments, deleted text, field codes or core properties.

mod look;
mod part;
mod styles;

use domain::Refusal;

use self::{part::Part, styles::Styles};
use super::{archive::Archive, flow::Flow};
use crate::{document::Document, format::Format};

/// Reads a DOCX.
///
/// # Errors
/// [`Refusal::Damaged`], [`Refusal::Encrypted`], [`Refusal::NoText`] and [`Refusal::TooComplex`].
pub fn read(bytes: &[u8]) -> Result<Document, Refusal> {
    let mut archive = Archive::open(bytes)?;
    let main = main_part(&mut archive)?;
    let folder = main.rsplit_once('/').map_or("", |(folder, _)| folder).to_owned();
    let styles = archive.read(&format!("{folder}/styles.xml"))?;
    let styles = styles.map_or(Ok(Styles::default()), |xml| Styles::read(&xml))?;
    let body = archive.read(&main)?.ok_or(Refusal::Damaged)?;
    let mut flow = Flow::default();
    let mut seen = Vec::new();
    for name in archive.names(&format!("{folder}/header"), ".xml") {
        margin(&mut archive, &name, &styles, &mut flow, &mut seen)?;
    }
    Part::new(&styles, &mut flow).read(&body)?;
    for name in archive.names(&format!("{folder}/footer"), ".xml") {
        margin(&mut archive, &name, &styles, &mut flow, &mut seen)?;
    }
    flow.finish(Format::Docx)
}

/// Reads a header or footer, once if several are alike.
fn margin(
    archive: &mut Archive<'_>,
    name: &str,
    styles: &Styles,
    flow: &mut Flow,
    seen: &mut Vec<Vec<u8>>,
) -> Result<(), Refusal> {
    let xml = archive.read(name)?.unwrap_or_default();
    if !seen.contains(&xml) {
        flow.end_block();
        Part::new(styles, flow).read(&xml)?;
        flow.end_block();
        seen.push(xml);
    }
    Ok(())
}

/// The name of the main part; nearly always `word/document.xml`.
fn main_part(archive: &mut Archive<'_>) -> Result<String, Refusal> {
    let usual = "word/document.xml";
    if !archive.names(usual, "").is_empty() {
        return Ok(usual.to_owned());
    }
    let relations = archive.read("_rels/.rels")?.ok_or(Refusal::Damaged)?;
    let mut found = None;
    super::xml::walk(&relations, |step| {
        if let super::xml::Step::Start(_, attributes) = step
            && attributes.of("Type").is_some_and(|kind| kind.ends_with("/officeDocument"))
        {
            found = attributes.of("Target").map(|name| name.trim_start_matches('/').to_owned());
        }
    })?;
    found.ok_or(Refusal::Damaged)
}
