//! In which language a text is written.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::transcript::Span;

/// A language as ISO 639-1 writes it: "de". Two small letters, so that it can stand in a page.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct LanguageCode([u8; 2]);

impl LanguageCode {
    /// The language of that code; `None` for anything but two small letters.
    #[must_use]
    pub fn parse(code: &str) -> Option<Self> {
        match *code.as_bytes() {
            [first @ b'a'..=b'z', second @ b'a'..=b'z'] => Some(Self([first, second])),
            _ => None,
        }
    }

    /// Its code.
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
    type Error = NoLanguage;

    fn try_from(code: String) -> Result<Self, NoLanguage> {
        Self::parse(&code).ok_or(NoLanguage)
    }
}

/// That is no code of a language.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a language is written with two small letters")]
pub struct NoLanguage;

/// A part of a page, and the language that it is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Written {
    /// The characters of the page's text.
    pub span: Span,
    /// The language.
    pub language: LanguageCode,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_two_small_letters_and_nothing_else() {
        let read = |json: &str| serde_json::from_str::<LanguageCode>(json).ok();
        assert_eq!(read("\"de\"").map(String::from), Some("de".to_owned()));
        for bad in ["\"DE\"", "\"deu\"", "\"d\"", "\"\"", "\"é\"", "\"\\\"x\"", "7"] {
            assert_eq!(read(bad), None, "{bad}");
        }
    }
}
