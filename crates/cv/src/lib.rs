//! Reads CVs: turns the bytes of a file into positioned text, facts and summary lines with evidence.
//!
//! It never scores, ranks or recommends, and never uses the network. Untrusted files must be read through
//! [`sandbox`].

pub mod document;
pub mod facts;
pub mod format;
mod headings;
mod lexicon;
mod limits;
pub mod read;
pub mod sandbox;
pub mod summary;

pub use document::{Document, TextLine};
pub use format::Format;
