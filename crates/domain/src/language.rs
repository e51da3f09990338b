//! Languages of parts of a text.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::geometry::Span;

/// An ISO 639-1 code such as "de": two lower-case letters, safe to use in an HTML attribute.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct LanguageCode([u8; 2]);

impl LanguageCode {
    /// Parses a code; `None` for anything but two lower-case ASCII letters.
    #[must_use]
    pub fn parse(code: &str) -> Option<Self> {
        match *code.as_bytes() {
            [first @ b'a'..=b'z', second @ b'a'..=b'z'] => Some(Self([first, second])),
            _ => None,
        }
    }

    /// Returns the code as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        str::from_utf8(&self.0).unwrap_or_default()
    }
}

impl fmt::Debug for LanguageCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl From<LanguageCode> for String {
    fn from(code: LanguageCode) -> Self {
        code.as_str().to_owned()
    }
}

impl TryFrom<String> for LanguageCode {
    type Error = InvalidLanguageCode;

    fn try_from(code: String) -> Result<Self, InvalidLanguageCode> {
        Self::parse(&code).ok_or(InvalidLanguageCode)
    }
}

/// The error of parsing a [`LanguageCode`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a language code has two lower-case letters")]
pub struct InvalidLanguageCode;

/// A part of a page and the language it is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LanguageSpan {
    /// The characters of the page's text.
    pub span: Span,
    /// The language of the part.
    pub language: LanguageCode,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_has_two_lower_case_letters_and_nothing_else() {
        let read = |json: &str| serde_json::from_str::<LanguageCode>(json).ok();
        assert_eq!(read("\"de\"").map(String::from), Some("de".to_owned()));
        for bad in ["\"DE\"", "\"deu\"", "\"d\"", "\"\"", "\"é\"", "\"\\\"x\"", "7"] {
            assert_eq!(read(bad), None, "{bad}");
        }
    }
}
