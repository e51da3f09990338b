//! Text on layers that are off: a viewer does not show it, but other programs may read it.

use std::{collections::HashSet, sync::LazyLock};

use hayro_interpret::{
    InterpreterCache,
    hayro_syntax::{Pdf, page::Page, xref::XRef},
};

use super::{
    device::{Canvas, Drawn},
    draw,
};

/// Which layers are off is said in a document's catalogue. In that of this one none are.
static ALL_ON: LazyLock<Option<Pdf>> = LazyLock::new(|| Pdf::new(WITHOUT_LAYERS.to_vec()).ok());
const WITHOUT_LAYERS: &[u8] = b"%PDF-1.4\n1 0 obj\n<</Type/Catalog/Pages 2 0 R>>\nendobj\n\
    2 0 obj\n<</Type/Pages/Kids[3 0 R]/Count 1>>\nendobj\n3 0 obj\n<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>\nendobj\n\
    trailer\n<</Root 1 0 R/Size 4>>\n%%EOF\n";

/// What would be drawn on `page` beside what is `shown`, if all layers were on; at most `limit` glyphs are drawn.
pub(super) fn off<'a>(page: &'a Page<'a>, cache: &InterpreterCache<'a>, shown: &Canvas, limit: usize) -> Vec<Drawn> {
    let all_on: Option<&'static XRef> = ALL_ON.as_ref().map(Pdf::xref);
    let Some(all_on) = all_on.filter(|_| page.xref().has_optional_content_groups()) else { return Vec::new() };
    let seen: HashSet<_> = shown.glyphs.iter().map(place).collect();
    let all = draw(page, all_on, cache, limit);
    all.glyphs.into_iter().filter(|glyph| !seen.contains(&place(glyph))).collect()
}

/// Drawn once more, a glyph lies at the very same place.
fn place(glyph: &Drawn) -> (Option<&str>, u64, u64) {
    (glyph.text.as_deref(), glyph.origin.x.to_bits(), glyph.origin.y.to_bits())
}
