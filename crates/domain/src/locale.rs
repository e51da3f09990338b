//! Languages of the interface and of the messages of summary lines.

use serde::{Deserialize, Serialize};

/// A language that messages can be rendered in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
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
}

impl Locale {
    /// Parses an ISO 639-1 code with an optional region, such as "de" or "fr-CA"; `None` for a
    /// language without messages.
    #[must_use]
    pub fn parse(code: &str) -> Option<Self> {
        let language = code.split(['-', '_']).next().unwrap_or_default().to_ascii_lowercase();
        match language.as_str() {
            "en" => Some(Self::En),
            "de" => Some(Self::De),
            "fr" => Some(Self::Fr),
            "es" => Some(Self::Es),
            _ => None,
        }
    }

    /// Returns the ISO 639-1 code.
    #[must_use]
    pub fn code(self) -> &'static str {
        self.select(["en", "de", "fr", "es"])
    }

    /// Returns the text of this locale.
    pub(crate) fn select(self, texts: [&str; 4]) -> &str {
        let [en, de, fr, es] = texts;
        match self {
            Self::En => en,
            Self::De => de,
            Self::Fr => fr,
            Self::Es => es,
        }
    }
}
