//! Text on layers that are turned off: a viewer does not show it, but other programs may read it.
//!
//! Compares the page with one on which all layers are on, so it does not find text that is drawn only
//! while a layer is off.

use std::{collections::HashSet, sync::LazyLock};

use domain::Refusal;
use hayro_interpret::{
    InterpreterCache, RenderContent,
    hayro_syntax::{
        Pdf,
        object::{Array, Dict, Name},
        page::Page,
        xref::XRef,
    },
};

use super::{annotations, device::Canvas, draw, glyph::Glyph};

/// The catalog of a document turns layers off. This document's catalog turns none off.
static ALL_ON: LazyLock<Option<Pdf>> = LazyLock::new(|| Pdf::new(WITHOUT_LAYERS.to_vec()).ok());
const WITHOUT_LAYERS: &[u8] = b"%PDF-1.4\n1 0 obj\n<</Type/Catalog/Pages 2 0 R>>\nendobj\n\
    2 0 obj\n<</Type/Pages/Kids[3 0 R]/Count 1>>\nendobj\n3 0 obj\n<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>\nendobj\n\
    trailer\n<</Root 1 0 R/Size 4>>\n%%EOF\n";

/// Draws what a viewer shows of a page. The interpreter draws annotations whatever layer they are on; if any
/// annotation is on a layer and any layer is off, all annotations are left out.
pub(super) fn draw_visible<'a>(page: &'a Page<'a>, cache: &InterpreterCache<'a>, limit: usize) -> Canvas {
    let content = if any_off(page.xref()) && annotations::any_on_layer(page) {
        RenderContent::PAGE
    } else {
        RenderContent::all()
    };
    draw(page, page.xref(), content, cache, limit)
}

/// The glyphs that would be drawn on `page` in addition to those on the `visible` canvas if all layers
/// were on.
///
/// # Errors
/// [`Refusal::TooComplex`] when there are more than `limit`.
pub(super) fn draw_hidden<'a>(
    page: &'a Page<'a>,
    cache: &InterpreterCache<'a>,
    visible: &Canvas,
    limit: usize,
) -> Result<Vec<Glyph>, Refusal> {
    let all_on: Option<&'static XRef> = ALL_ON.as_ref().map(Pdf::xref);
    let Some(all_on) = all_on.filter(|_| any_off(page.xref())) else { return Ok(Vec::new()) };
    let known: HashSet<_> = visible.glyphs.iter().map(key).collect();
    let all = draw(page, all_on, RenderContent::all(), cache, visible.glyphs.len() + limit);
    if all.overflow {
        return Err(Refusal::TooComplex);
    }
    Ok(all.glyphs.into_iter().filter(|glyph| !known.contains(&key(glyph))).collect())
}

/// Whether a layer of `file` is off. Reads the catalog itself, because the library does not know the layers
/// of a file that it had to repair.
fn any_off(file: &XRef) -> bool {
    let catalog = file.get::<Dict<'_>>(file.root_id());
    let layers = catalog.and_then(|catalog| catalog.get::<Dict<'_>>(b"OCProperties"));
    let Some(state) = layers.and_then(|layers| layers.get::<Dict<'_>>(b"D")) else { return false };
    let base = state.get::<Name<'_>>(b"BaseState").is_some_and(|base| base.as_ref() == b"OFF");
    base || state.get::<Array<'_>>(b"OFF").is_some_and(|off| off.raw_iter().next().is_some())
}

/// Identifies a glyph between two drawings of the same page.
fn key(glyph: &Glyph) -> (Option<&str>, u64, u64) {
    (glyph.text.as_deref(), glyph.origin.x.to_bits(), glyph.origin.y.to_bits())
}
