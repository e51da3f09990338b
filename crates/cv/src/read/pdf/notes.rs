//! Annotations that are marked as hidden. Those that a viewer draws are read like the rest of the page.

use encoding_rs::{UTF_16BE, WINDOWS_1252};
use hayro_interpret::hayro_syntax::{
    object::{Array, Dict, String as Bytes},
    page::Page,
};

/// "Hidden" and "no view" (ISO 32000-2, table 167).
const UNSEEN: u32 = 1 << 1 | 1 << 5;

/// What the hidden annotations of `page` say.
pub(super) fn unseen(page: &Page<'_>) -> Vec<String> {
    let all = page.raw().get::<Array<'_>>(b"Annots");
    let unseen = |note: &Dict<'_>| note.get::<u32>(b"F").is_some_and(|flags| flags & UNSEEN != 0);
    let said = |note: Dict<'_>| note.get::<Bytes<'_>>(b"Contents").map(|text| text_of(text.as_bytes()));
    all.iter().flat_map(Array::iter::<Dict<'_>>).filter(unseen).filter_map(said).collect()
}

/// A text string: UTF-16 or UTF-8 by its first bytes, else nearly Latin letters.
fn text_of(bytes: &[u8]) -> String {
    match bytes {
        [0xFE, 0xFF, rest @ ..] => UTF_16BE.decode_without_bom_handling(rest).0.into_owned(),
        [0xEF, 0xBB, 0xBF, rest @ ..] => String::from_utf8_lossy(rest).into_owned(),
        _ => WINDOWS_1252.decode_without_bom_handling(bytes).0.into_owned(),
    }
}
