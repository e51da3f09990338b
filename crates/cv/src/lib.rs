//! Bytes of a CV in; positioned text, facts and summary lines with evidence out.
//!
//! Refuses to score, rank or recommend, to use the network, and to read hostile bytes outside the
//! sandboxed process.

pub mod document;
pub mod facts;
pub mod format;
mod lexicon;
pub mod read;
pub mod sandbox;
pub mod summary;

pub use document::{Document, TextLine};
pub use format::Format;
