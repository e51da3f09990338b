//! The interface's texts in the reader's language.
//!
//! `locales/<language>/<feature>.ftl` become one function per message at build time ([`build.rs`]), so that
//! a missing key or argument does not compile. The server has every language; a browser fetches the
//! page's alone, and runs no parser.
//!
//! Refuses to translate what people or CVs say.
//!
//! [`build.rs`]: https://doc.rust-lang.org/cargo/reference/build-scripts.html

mod date;
mod format;
mod generated {
    #[cfg(feature = "ssr")]
    use super::table::Embedded;

    include!(concat!(env!("OUT_DIR"), "/messages.rs"));
}
mod locale;
mod number;
mod table;

pub use date::{day, iso, iso_day, minute, second};
pub use generated::*;
pub use locale::Locale;
#[cfg(feature = "ssr")]
pub use locale::{negotiate, with_locale};
pub use number::{decimal, integer};
#[cfg(feature = "hydrate")]
pub use table::load;
#[cfg(feature = "ssr")]
pub use table::{BrowserTable, served};

/// Stands for an element in a message with an argument; see [`around`].
pub const ELEMENT: &str = "\u{0}";

/// What a message's argument is.
pub(crate) enum Argument<'a> {
    /// Put in as it is.
    Text(&'a str),
    /// Put in with the language's digits grouping, and what a message may choose its variant by.
    Count(i64),
}

/// Message `number` of feature `feature`, which has no arguments.
pub(crate) fn text(feature: usize, number: usize) -> &'static str {
    table::message(current(), feature, number)
}

/// Message `number` of feature `feature` with its arguments in the order of their names.
pub(crate) fn format(feature: usize, number: usize, arguments: &[Argument<'_>]) -> String {
    let locale = current();
    format::message(table::message(locale, feature, number), arguments, locale)
}

/// The text before and after [`ELEMENT`], for messages that have an element inside:
/// `around(&page::open_original(ELEMENT))`.
pub fn around(message: &str) -> (String, String) {
    let (before, after) = message.split_once(ELEMENT).unwrap_or((message, ""));
    (before.to_owned(), after.to_owned())
}

/// The language of the page that is rendered or shown.
pub fn current() -> Locale {
    locale::current()
}
