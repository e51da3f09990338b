//! Annotations that a viewer does not draw. Those that it draws are read like the rest of the page.
//!
//! Refuses to read what people noted beside a page: only annotations that are there and made unseen
//! are reported.

use encoding_rs::{UTF_16BE, WINDOWS_1252};
use hayro_interpret::hayro_syntax::{
    object::{Array, Dict, MaybeRef, Object, String as Bytes},
    page::Page,
};

/// "Hidden" and "no view" (ISO 32000-2, table 167).
const UNSEEN: u32 = 1 << 1 | 1 << 5;
/// More annotations of a page than this are not looked at, and no more bytes of one.
const MOST: usize = 500;
const LONGEST: usize = 8_000;

/// What the hidden annotations of `page` say.
pub(super) fn unseen<'a>(page: &'a Page<'a>) -> impl Iterator<Item = String> {
    let unseen = |note: &Dict<'_>| note.get::<u32>(b"F").is_some_and(|flags| flags & UNSEEN != 0);
    let said = |note: Dict<'_>| {
        // The text of a note, the value of a field.
        let text = note.get::<Bytes<'_>>(b"Contents").or_else(|| note.get::<Bytes<'_>>(b"V"))?;
        Some(text_of(text.as_bytes()))
    };
    notes(page).filter(unseen).filter_map(said)
}

/// Whether an annotation of `page` is on a layer, which decides whether it is seen.
pub(super) fn any_on_layer<'a>(page: &'a Page<'a>) -> bool {
    notes(page).any(|note| note.contains_key(b"OC"))
}

fn notes<'a>(page: &'a Page<'a>) -> impl Iterator<Item = Dict<'a>> {
    let all = page.raw().get::<Array<'_>>(b"Annots");
    let note = |note| match note {
        MaybeRef::Ref(at) => page.xref().get::<Dict<'_>>(at.into()),
        MaybeRef::NotRef(Object::Dict(note)) => Some(note),
        MaybeRef::NotRef(_) => None,
    };
    all.into_iter().flat_map(|all| all.raw_iter()).take(MOST).filter_map(note)
}

/// A text string: UTF-16 or UTF-8 by its first bytes, else nearly Latin letters.
fn text_of(bytes: &[u8]) -> String {
    match bytes.get(..LONGEST).unwrap_or(bytes) {
        [0xFE, 0xFF, rest @ ..] => UTF_16BE.decode_without_bom_handling(rest).0.into_owned(),
        [0xEF, 0xBB, 0xBF, rest @ ..] => String::from_utf8_lossy(rest).into_owned(),
        rest => WINDOWS_1252.decode_without_bom_handling(rest).0.into_owned(),
    }
}
