//! Reasons for refusing an uploaded file, each with a sentence and a next step.

use serde::{Deserialize, Serialize};

/// The reason for refusing an upload. Nothing of a refused file is kept. `Display` is the sentence
/// that the applicant sees.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(tag = "refusal", rename_all = "snake_case")]
pub enum Refusal {
    /// The file has no bytes.
    #[error("This file is empty. Please choose your CV.")]
    Empty,
    /// The file exceeds the size limit.
    #[error("This file is larger than {} MB. Please save a smaller version and try again.", megabytes(*limit_mib))]
    TooLarge {
        /// The limit in MiB.
        limit_mib: u64,
    },
    /// The bytes are of none of the formats that can be read.
    #[error(
        "We can't read this type of file ({found}). Please upload a PDF, DOCX, DOC, ODT, RTF, HTML or text file, or a photo (PNG or JPEG)."
    )]
    WrongType {
        /// What the bytes are, with an article: "a GIF picture".
        found: String,
    },
    /// Opening the file needs a password.
    #[error("This file is protected by a password. Please send a copy without one.")]
    Encrypted,
    /// The structure of the file is broken.
    #[error("This file is damaged or incomplete. Please export it again and retry.")]
    Damaged,
    /// The document has no page.
    #[error("This document has no pages. Please choose your CV.")]
    NoPages,
    /// The document exceeds the page limit.
    #[error("This document has more than {limit} pages. Please send a shorter CV.")]
    TooManyPages {
        /// The limit in pages.
        limit: u32,
    },
    /// The file decompresses to far more than its size, or reading it exceeds the time or memory limit.
    #[error("This file expands to more data than a CV can hold. Please export it again and retry.")]
    TooComplex,
    /// A file of a text-only format contains no letters.
    #[error("There is no text in this document. Please choose your CV.")]
    NoText,
}

/// A size for people, who count in decimal units: the whole megabytes of `mib` mebibytes.
fn megabytes(mib: u64) -> u64 {
    mib.saturating_mul(1024 * 1024) / 1_000_000
}

impl Refusal {
    /// Returns a stable code for programs.
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
