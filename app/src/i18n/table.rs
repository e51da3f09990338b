//! The tables of messages: every language in the server, the page's in a browser.

#[cfg(feature = "ssr")]
pub use server::{BrowserTable, Embedded, served};

#[cfg(feature = "hydrate")]
pub use browser::load;

#[cfg(not(feature = "ssr"))]
pub(super) use browser::{language, message};
#[cfg(feature = "ssr")]
pub(super) use server::message;

/// Between the tables of two features; see `build.rs`.
const FEATURE: char = '\u{c}';

/// By feature, then by message.
type Messages = Vec<Vec<&'static str>>;

fn split(table: &'static str) -> Messages {
    table.split(FEATURE).map(|feature| feature.split('\n').collect()).collect()
}

fn find(messages: &Messages, feature: usize, number: usize) -> &'static str {
    messages.get(feature).and_then(|table| table.get(number).copied()).unwrap_or_default()
}

#[cfg(feature = "ssr")]
mod server {
    use std::{collections::HashMap, sync::LazyLock};

    use super::{
        super::{Locale, VERSION, embedded},
        Messages, find, split,
    };

    /// The texts of one language.
    #[derive(Clone, Copy)]
    pub struct Embedded {
        pub(in super::super) all: &'static str,
        pub(in super::super) browser: &'static str,
        pub(in super::super) brotli: &'static [u8],
    }

    /// What a browser fetches of one language.
    #[derive(Clone, Copy, Debug)]
    pub struct BrowserTable {
        /// UTF-8 text.
        pub text: &'static str,
        /// The same compressed with brotli.
        pub brotli: &'static [u8],
    }

    static MESSAGES: LazyLock<HashMap<&'static str, Messages>> = LazyLock::new(|| {
        let tags = Locale::OFFERED.into_iter().chain([Locale::Pseudo]).map(Locale::tag);
        tags.filter_map(|tag| Some((tag, split(embedded(tag)?.all)))).collect()
    });

    pub(crate) fn message(locale: Locale, feature: usize, number: usize) -> &'static str {
        MESSAGES.get(locale.tag()).map(|messages| find(messages, feature, number)).unwrap_or_default()
    }

    /// The table of a file name like `de.txt`; `None` if there is none or `version` is not this build's.
    pub fn served(version: &str, file: &str) -> Option<BrowserTable> {
        let language = file.strip_suffix(".txt").filter(|_| version == VERSION)?;
        embedded(language).map(|Embedded { browser, brotli, .. }| BrowserTable { text: browser, brotli })
    }
}

#[cfg(not(feature = "ssr"))]
mod browser {
    use std::sync::OnceLock;

    use super::{super::Locale, Messages, find, split};

    static LOADED: OnceLock<(Locale, Messages)> = OnceLock::new();

    /// Takes the texts of the page's language as the server sent them. Called once, before hydration: another
    /// language is another page.
    #[cfg(feature = "hydrate")]
    pub fn load(language: &str, table: String) {
        LOADED.get_or_init(|| (Locale::parse(language).unwrap_or_default(), split(table.leak())));
    }

    pub(crate) fn language() -> Locale {
        LOADED.get().map(|(locale, _)| *locale).unwrap_or_default()
    }

    /// Empty before [`load`].
    pub(crate) fn message(_: Locale, feature: usize, number: usize) -> &'static str {
        LOADED.get().map(|(_, messages)| find(messages, feature, number)).unwrap_or_default()
    }
}
