//! Notices about the document itself: unread pages, hidden text, OCR, missing facts.

use serde::{Deserialize, Serialize};

/// A statement about the document itself, for which there is no passage to quote. A closed list, so
/// that a line cannot say anything about the candidate without evidence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "notice", rename_all = "snake_case")]
pub enum Notice {
    /// A page could not be read.
    UnreadPage {
        /// Page number, counted from 1.
        page: u32,
        /// Why the page could not be read.
        reason: UnreadReason,
    },
    /// A page contains text that a reader cannot see.
    HiddenText {
        /// Page number, counted from 1.
        page: u32,
        /// How the text is hidden.
        reason: HiddenReason,
    },
    /// The text of a page is the result of OCR.
    #[serde(rename = "recognised_page")]
    OcrPage {
        /// Page number, counted from 1.
        page: u32,
    },
    /// The CV has no employment with dates, so there is no total experience.
    NoDatedEmployment,
    /// The CV has no recognizable name.
    NoName,
}

/// The reason why a page of an accepted document could not be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UnreadReason {
    /// The page is a scan or a photo without text.
    Picture,
    /// The page's fonts do not map their glyphs to Unicode.
    UnmappedFont,
    /// The page's content is broken.
    Damaged,
    /// The page has no content.
    Blank,
}

impl UnreadReason {
    /// Returns what is wrong with the page and what to do, in English.
    #[must_use]
    pub fn sentence(self) -> &'static str {
        match self {
            Self::Picture => "it is a picture without text. Open the original, or ask for a CV exported as text.",
            Self::UnmappedFont => {
                "its fonts do not say which letters they show. Open the original, or ask for another export."
            }
            Self::Damaged => "its content is damaged. Open the original, or ask for another export.",
            Self::Blank => "it is blank.",
        }
    }
}

/// The way in which text is hidden from a reader of the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HiddenReason {
    /// The text has (nearly) the color of its background, or something covers it.
    NoInk,
    /// The text is smaller than 3 points.
    Tiny,
    /// The text lies outside the visible page.
    OffPage,
    /// The text is drawn in the invisible render mode, fully transparent, clipped away, or marked
    /// as hidden.
    Invisible,
    /// A glyph maps to more characters than it shows, or characters have no glyph.
    #[serde(rename = "smuggled")]
    NoGlyph,
}

impl HiddenReason {
    /// Describes how the text is hidden, in English, to follow "Page 1: ".
    #[must_use]
    pub fn description(self) -> &'static str {
        match self {
            Self::NoInk => "it has the color of its background, or is covered",
            Self::Tiny => "it is smaller than 3 points",
            Self::OffPage => "it lies outside the visible page",
            Self::Invisible => "it is marked as invisible",
            Self::NoGlyph => "its characters have no visible shape",
        }
    }
}
