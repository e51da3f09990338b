//! Finds annotations that a viewer does not draw. Those that it draws are read like the rest of the page.
//!
//! Ignores the comments that people add to a page; only annotations with a hidden flag are reported.

use encoding_rs::{UTF_16BE, WINDOWS_1252};
use hayro_interpret::hayro_syntax::{
    object::{Array, Dict, MaybeRef, Object, String as Bytes},
    page::Page,
};

/// The annotation flags Hidden and NoView (ISO 32000-2, table 167).
const HIDDEN_FLAGS: u32 = 1 << 1 | 1 << 5;
/// How many annotations of a page are examined at most.
const MAX_ANNOTATIONS: usize = 500;
/// How many bytes of an annotation's text are read at most.
const MAX_TEXT_BYTES: usize = 8_000;

/// The texts of the hidden annotations of `page`.
pub(super) fn hidden_text<'a>(page: &'a Page<'a>) -> impl Iterator<Item = String> {
    let is_hidden = |annotation: &Dict<'_>| annotation.get::<u32>(b"F").is_some_and(|flags| flags & HIDDEN_FLAGS != 0);
    let text = |annotation: Dict<'_>| {
        // The text of a note or the value of a form field.
        let text = annotation.get::<Bytes<'_>>(b"Contents").or_else(|| annotation.get::<Bytes<'_>>(b"V"))?;
        Some(decode(text.as_bytes()))
    };
    annotations(page).filter(is_hidden).filter_map(text)
}

/// Whether any annotation of `page` is on a layer, which decides whether it is visible.
pub(super) fn any_on_layer<'a>(page: &'a Page<'a>) -> bool {
    annotations(page).any(|annotation| annotation.contains_key(b"OC"))
}

fn annotations<'a>(page: &'a Page<'a>) -> impl Iterator<Item = Dict<'a>> {
    let all = page.raw().get::<Array<'_>>(b"Annots");
    let resolve = |annotation| match annotation {
        MaybeRef::Ref(at) => page.xref().get::<Dict<'_>>(at.into()),
        MaybeRef::NotRef(Object::Dict(annotation)) => Some(annotation),
        MaybeRef::NotRef(_) => None,
    };
    all.into_iter().flat_map(|all| all.raw_iter()).take(MAX_ANNOTATIONS).filter_map(resolve)
}

/// Decodes a PDF text string: UTF-16 or UTF-8 if it has a byte order mark, else approximately Latin-1.
fn decode(bytes: &[u8]) -> String {
    match bytes.get(..MAX_TEXT_BYTES).unwrap_or(bytes) {
        [0xFE, 0xFF, rest @ ..] => UTF_16BE.decode_without_bom_handling(rest).0.into_owned(),
        [0xEF, 0xBB, 0xBF, rest @ ..] => String::from_utf8_lossy(rest).into_owned(),
        rest => WINDOWS_1252.decode_without_bom_handling(rest).0.into_owned(),
    }
}
