//! Text on layers that are off: a viewer does not show it, but other programs may read it.
//!
//! Refuses to say more than what appears when no layer is off: text that is drawn only while a layer
//! is off is not found.

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

use super::{
    device::{Canvas, Drawn},
    draw, notes,
};

/// Which layers are off is said in a document's catalogue. In that of this one none are.
static ALL_ON: LazyLock<Option<Pdf>> = LazyLock::new(|| Pdf::new(WITHOUT_LAYERS.to_vec()).ok());
const WITHOUT_LAYERS: &[u8] = b"%PDF-1.4\n1 0 obj\n<</Type/Catalog/Pages 2 0 R>>\nendobj\n\
    2 0 obj\n<</Type/Pages/Kids[3 0 R]/Count 1>>\nendobj\n3 0 obj\n<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>\nendobj\n\
    trailer\n<</Root 1 0 R/Size 4>>\n%%EOF\n";

/// What a viewer shows of a page. The interpreter draws annotations whatever layer they are on; where some are on
/// layers and layers are off, none are taken for seen.
pub(super) fn shown<'a>(page: &'a Page<'a>, cache: &InterpreterCache<'a>, limit: usize) -> Canvas {
    let content =
        if any_off(page.xref()) && notes::any_on_layer(page) { RenderContent::PAGE } else { RenderContent::all() };
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
    let Some(all_on) = all_on.filter(|_| any_off(page.xref())) else { return Ok(Vec::new()) };
    let seen: HashSet<_> = shown.glyphs.iter().map(place).collect();
    let all = draw(page, all_on, RenderContent::all(), cache, shown.glyphs.len() + limit);
    if all.overflow {
        return Err(Refusal::TooComplex);
    }
    Ok(all.glyphs.into_iter().filter(|glyph| !seen.contains(&place(glyph))).collect())
}

/// Whether a layer of `file` is off. Asked of the catalogue itself: of a file that had to be repaired nothing else
/// knows.
fn any_off(file: &XRef) -> bool {
    let catalogue = file.get::<Dict<'_>>(file.root_id());
    let layers = catalogue.and_then(|catalogue| catalogue.get::<Dict<'_>>(b"OCProperties"));
    let Some(state) = layers.and_then(|layers| layers.get::<Dict<'_>>(b"D")) else { return false };
    let base = state.get::<Name<'_>>(b"BaseState").is_some_and(|base| base.as_ref() == b"OFF");
    base || state.get::<Array<'_>>(b"OFF").is_some_and(|off| off.raw_iter().next().is_some())
}

/// Drawn once more, a glyph lies at the very same place.
fn place(glyph: &Drawn) -> (Option<&str>, u64, u64) {
    (glyph.text.as_deref(), glyph.origin.x.to_bits(), glyph.origin.y.to_bits())
}
