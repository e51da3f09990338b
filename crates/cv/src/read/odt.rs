//! ODT: body, headers, footers, tables cell by cell, text boxes.
//!
//! Never reads annotations, tracked deletions or metadata.

mod part;
mod styles;

use domain::Refusal;

use self::{part::Part, styles::Styles};
use super::{archive::Archive, flow::Flow};
use crate::{document::Document, format::Format};

/// Reads an ODT.
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
        styles.read(xml)?;
    }
    let mut flow = Flow::default();
    if let Some(common) = &common {
        Part::new(&styles, &mut flow, "header").read(common)?;
    }
    Part::new(&styles, &mut flow, "text").read(&content)?;
    if let Some(common) = &common {
        Part::new(&styles, &mut flow, "footer").read(common)?;
    }
    flow.finish(Format::Odt)
}
