//! The limits of a document that all readers share.

/// The maximum number of pages of a document.
pub(crate) const MAX_PAGES: u32 = 30;
/// The maximum number of glyphs of a document.
pub(crate) const MAX_GLYPHS: usize = 300_000;
