//! Why a file was not accepted, or a page not read; each with a sentence and a next step.

use serde::{Deserialize, Serialize};

/// Why an upload was refused. Nothing of a refused file is kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(tag = "refusal", rename_all = "snake_case")]
pub enum Refusal {
    /// No bytes.
    #[error("This file is empty. Please choose the file that holds your CV.")]
    Empty,
    /// Over the size limit.
    #[error("This file is larger than {limit_mib} MiB. Please save a smaller version and try again.")]
    TooLarge {
        /// The limit in MiB.
        limit_mib: u64,
    },
    /// The bytes are of another kind than the formats we read.
    #[error(
        "This is {found}, not a CV that can be read. Please send a PDF, DOCX, DOC, ODT, RTF, HTML or text file, or a photo (PNG or JPEG)."
    )]
    WrongType {
        /// What the bytes are, with an article: "a GIF picture".
        found: String,
    },
    /// Needs a password.
    #[error("This file is protected by a password. Please send a copy without one.")]
    Encrypted,
    /// The structure is broken.
    #[error("This file is damaged or incomplete. Please export it again and retry.")]
    Damaged,
    /// A document without a page.
    #[error("This document has no pages. Please choose the file that holds your CV.")]
    NoPages,
    /// More pages than we read.
    #[error("This document has more than {limit} pages. Please send a shorter CV.")]
    TooManyPages {
        /// The limit in pages.
        limit: u32,
    },
    /// It unpacks to far more than its size, or needs far more time or memory than a CV does.
    #[error("This file expands to more data than a CV can hold. Please export it again and retry.")]
    TooComplex,
    /// No letters in a format that is nothing but text.
    #[error("There is no text in this document. Please choose the file that holds your CV.")]
    NoText,
}

impl Refusal {
    /// A stable code for machines.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Empty => "file_empty",
            Self::TooLarge { .. } => "file_too_large",
            Self::WrongType { .. } => "file_wrong_type",
            Self::Encrypted => "file_encrypted",
            Self::Damaged => "file_damaged",
            Self::NoPages => "file_no_pages",
            Self::TooManyPages { .. } => "file_too_many_pages",
            Self::TooComplex => "file_too_complex",
            Self::NoText => "file_no_text",
        }
    }
}

/// Why a page of an accepted document could not be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UnreadReason {
    /// It is a picture: a scan or a photo, without text.
    Picture,
    /// Its fonts do not say which letters their shapes stand for.
    UnmappedFont,
    /// Its content is broken.
    Damaged,
    /// It is blank.
    Blank,
}

impl UnreadReason {
    /// What it is and what to do.
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
