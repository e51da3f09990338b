//! What a reading process is asked, as JSON on the way to it.
//!
//! A question is made of our own data alone: nothing that a candidate sent is part of one.

use serde::{Deserialize, Serialize};

use super::Overdone;
use crate::facts::YearMonth;

/// The longest question in bytes; the must-haves of a posting are a few lines.
pub(super) const LONGEST: usize = 64 * 1024;

/// A question about a file.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) enum Request {
    /// What its text is, and what follows from that.
    Read {
        /// What is to be found in the text.
        find: Option<Find>,
        /// The longest answer in bytes.
        most: u64,
    },
    /// The file is a document that was read before, as JSON, to which recognised words were added:
    /// what follows from its text.
    Again {
        /// What is to be found in the text.
        find: Option<Find>,
    },
    /// Whether it can be read with an answer of so many bytes.
    Inspect {
        /// The longest answer in bytes.
        most: u64,
    },
    /// The picture of a page, counted from 1, so many pixels wide.
    Render {
        /// The page.
        page: u32,
        /// In pixels.
        width: u32,
    },
    /// The grey picture of a page, counted from 1.
    Grey {
        /// The page.
        page: u32,
    },
    /// What the process can still do.
    Probe,
    /// To go over a limit.
    Overdo {
        /// Which.
        limit: Overdone,
    },
}

/// What is to be found in a text.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) enum Find {
    /// The lines of the card.
    Card {
        /// Of the posting.
        must_haves: Vec<String>,
        /// What "present" means.
        as_of: Month,
    },
    /// The facts.
    Facts {
        /// What "present" means.
        as_of: Month,
    },
}

/// A month as it travels.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(super) struct Month {
    year: i32,
    month: u8,
}

impl From<YearMonth> for Month {
    fn from(YearMonth { year, month }: YearMonth) -> Self {
        Self { year, month }
    }
}

impl From<Month> for YearMonth {
    fn from(Month { year, month }: Month) -> Self {
        Self { year, month }
    }
}
