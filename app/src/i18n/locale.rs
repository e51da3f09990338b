//! Which language a page is in.

use std::fmt;

/// The interface's languages.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Locale {
    /// English.
    #[default]
    En,
    /// German.
    De,
    /// French.
    Fr,
    /// Spanish.
    Es,
    /// English with accents (`en-XA`), which shows what was not translated. Offered to nobody; a browser that asks
    /// for it gets it.
    Pseudo,
}

impl Locale {
    /// The languages that people choose from.
    pub const OFFERED: [Self; 4] = [Self::En, Self::De, Self::Fr, Self::Es];

    /// The BCP 47 tag, as in `<html lang>`.
    pub fn tag(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::De => "de",
            Self::Fr => "fr",
            Self::Es => "es",
            Self::Pseudo => "en-XA",
        }
    }

    /// What its speakers call it.
    pub fn name(self) -> &'static str {
        match self {
            Self::En | Self::Pseudo => "English",
            Self::De => "Deutsch",
            Self::Fr => "Français",
            Self::Es => "Español",
        }
    }

    /// The language that a user's account can keep; the pseudo-locale is for tests.
    pub fn stored(self) -> Option<domain::Locale> {
        domain::Locale::parse(self.tag()).filter(|_| self != Self::Pseudo)
    }

    /// The language of a BCP 47 tag with or without a region: "de", "fr-CA"; `None` for others.
    pub fn parse(tag: &str) -> Option<Self> {
        if tag.eq_ignore_ascii_case("en-XA") {
            return Some(Self::Pseudo);
        }
        let language = tag.split(['-', '_']).next().unwrap_or_default().to_ascii_lowercase();
        Self::OFFERED.into_iter().find(|locale| locale.tag() == language)
    }
}

impl From<domain::Locale> for Locale {
    fn from(locale: domain::Locale) -> Self {
        match locale {
            domain::Locale::En => Self::En,
            domain::Locale::De => Self::De,
            domain::Locale::Fr => Self::Fr,
            domain::Locale::Es => Self::Es,
        }
    }
}

impl From<Locale> for domain::Locale {
    fn from(locale: Locale) -> Self {
        locale.stored().unwrap_or_default()
    }
}

impl fmt::Display for Locale {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.tag())
    }
}

/// The best language for an `Accept-Language` header (RFC 9110, section 12.5.4); English if it names none
/// that there is.
#[cfg(feature = "ssr")]
pub fn negotiate(accepted: &str) -> Locale {
    let mut wanted: Vec<_> = accepted.split(',').filter_map(weighted).collect();
    // Stable: of equal weights the first counts.
    wanted.sort_by(|(_, one), (_, other)| other.total_cmp(one));
    wanted.into_iter().find_map(|(tag, _)| Locale::parse(tag)).unwrap_or_default()
}

/// A language range and its weight; `None` for one that is refused by `q=0` or has no readable weight.
#[cfg(feature = "ssr")]
fn weighted(range: &str) -> Option<(&str, f32)> {
    let (tag, weight) = match range.split_once(';') {
        Some((tag, parameter)) => (tag, parameter.trim().strip_prefix("q=")?.parse().ok()?),
        None => (range, 1.0),
    };
    (weight > 0.0).then_some((tag.trim(), weight))
}

#[cfg(feature = "ssr")]
pub(super) fn current() -> Locale {
    use leptos::prelude::{Owner, use_context};
    SCOPED.get().unwrap_or_else(|| {
        // Outside of a render (a unit test) nobody has chosen.
        Owner::current().and_then(|_| use_context::<Locale>()).unwrap_or_default()
    })
}

#[cfg(feature = "ssr")]
thread_local! {
    static SCOPED: std::cell::Cell<Option<Locale>> = const { std::cell::Cell::new(None) };
}

/// Runs `render` in a language, where there is no page whose language counts.
#[cfg(feature = "ssr")]
pub fn with_locale<T>(locale: Locale, render: impl FnOnce() -> T) -> T {
    let before = SCOPED.replace(Some(locale));
    let rendered = render();
    SCOPED.set(before);
    rendered
}

#[cfg(not(feature = "ssr"))]
pub(super) fn current() -> Locale {
    super::table::language()
}

#[cfg(all(test, feature = "ssr"))]
mod tests {
    use super::*;

    #[test]
    fn the_language_of_highest_weight_that_there_is_counts() {
        assert_eq!(negotiate("pt-BR, de-AT;q=0.7, fr;q=0.8, *;q=0.1"), Locale::Fr);
        assert_eq!(negotiate("es, en;q=0.9"), Locale::Es);
        assert_eq!(negotiate("de;q=0, it"), Locale::En);
        assert_eq!(negotiate("en-XA"), Locale::Pseudo);
        assert_eq!(negotiate(""), Locale::En);
        assert_eq!(negotiate("de;q=x, fr;q=0.2"), Locale::Fr);
    }
}
