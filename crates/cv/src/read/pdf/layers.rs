//! Text on layers that are off: a viewer does not show it, but other programs may read it.
//!
//! Refuses to say more than what appears when no layer is off: text that is drawn only while a layer
//! is off is not found.

use std::{collections::HashSet, sync::LazyLock};

use domain::Refusal;
use hayro_interpret::{
    InterpreterCache, RenderContent,
    hayro_syntax::{Pdf, object::Dict, page::Page, xref::XRef},
};

use super::{
    device::{Canvas, Drawn},
    draw, notes,
};

/// Which layers are off is said in a document's catalogue. In that of this one none are.
static ALL_ON: LazyLock<Option<Pdf>> = LazyLock::new(|| Pdf::new(WITHOUT_LAYERS.to_vec()).ok());
const WITHOUT_LAYERS: &[u8] = b"%PDF-1.4\n1 0 obj\n<</Type/Catalog/Pages 2 0 R>>\nendobj\n\
    2 0 obj\n<</Type/Pages/Kids[3 0 R]/Count 1>>\nendobj\n3 0 obj\n<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>\nendobj\n\
    trailer\n<</Root 1 0 R/Size 4>>\n%%EOF\n";

/// What a viewer shows of a page. The interpreter draws annotations whatever layer they are on, so none are seen
/// where that matters.
pub(super) fn shown<'a>(page: &'a Page<'a>, cache: &InterpreterCache<'a>, limit: usize) -> Canvas {
    let content = if notes::any_on_layer(page) { RenderContent::PAGE } else { RenderContent::all() };
    draw(page, page.xref(), content, cache, limit)
}

/// What would be drawn on `page` beside what is `shown`, if all layers were on; at most `limit` glyphs.
///
/// # Errors
/// [`Refusal::TooComplex`] when there are more.
pub(super) fn off<'a>(
    page: &'a Page<'a>,
    cache: &InterpreterCache<'a>,
    shown: &Canvas,
    limit: usize,
) -> Result<Vec<Drawn>, Refusal> {
    let all_on: Option<&'static XRef> = ALL_ON.as_ref().map(Pdf::xref);
    let Some(all_on) = all_on.filter(|_| has_layers(page.xref())) else { return Ok(Vec::new()) };
    let seen: HashSet<_> = shown.glyphs.iter().map(place).collect();
    let all = draw(page, all_on, RenderContent::all(), cache, shown.glyphs.len() + limit);
    if all.overflow {
        return Err(Refusal::TooComplex);
    }
    Ok(all.glyphs.into_iter().filter(|glyph| !seen.contains(&place(glyph))).collect())
}

/// Asked of the catalogue itself: of a file that had to be repaired nothing else knows.
fn has_layers(file: &XRef) -> bool {
    file.get::<Dict<'_>>(file.root_id()).is_some_and(|catalogue| catalogue.contains_key(b"OCProperties"))
}

/// Drawn once more, a glyph lies at the very same place.
fn place(glyph: &Drawn) -> (Option<&str>, u64, u64) {
    (glyph.text.as_deref(), glyph.origin.x.to_bits(), glyph.origin.y.to_bits())
}
