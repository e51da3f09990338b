//! Requests to a child process, sent as JSON.
//!
//! A request is made of our own data only and never contains bytes that a candidate sent.

use serde::{Deserialize, Serialize};

use crate::facts::YearMonth;

/// The maximum length of a serialized request in bytes; the must-haves of a posting are a few lines.
pub(super) const MAX_REQUEST_BYTES: usize = 64 * 1024;

/// A limit that a child process exceeds on purpose, to show that it is enforced.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum LimitProbe {
    /// The processor time.
    Time,
    /// The memory.
    Memory,
    /// The length of the response.
    Response,
}

/// A request about the file on the child's standard input.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) enum Request {
    /// Reads the file and optionally analyzes its text.
    Read {
        /// The analysis to run on the text.
        analysis: Option<Analysis>,
        /// The maximum length of the response in bytes.
        max_bytes: u64,
    },
    /// Analyzes a document that was read before: the file is its JSON, with OCR words added.
    Analyze {
        /// The analysis to run on the text.
        analysis: Option<Analysis>,
    },
    /// Checks that the file can be read and that the response to [`Request::Read`] would fit.
    Inspect {
        /// The maximum length of the response in bytes.
        max_bytes: u64,
    },
    /// Renders a page as a PNG image.
    Render {
        /// The page, counted from 1.
        page: u32,
        /// The width of the image in pixels.
        width: u32,
    },
    /// Renders a page as a grayscale image for OCR.
    Grayscale {
        /// The page, counted from 1.
        page: u32,
    },
    /// Tries operations that the sandbox must deny.
    Probe,
    /// Exceeds a resource limit on purpose.
    ExceedLimit {
        /// The limit to exceed.
        limit: LimitProbe,
    },
}

/// What to compute from a document's text.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) enum Analysis {
    /// The lines of the summary.
    Summary {
        /// The must-haves of the posting.
        must_haves: Vec<String>,
        /// The month that "present" stands for.
        as_of: Month,
    },
    /// The facts as JSON.
    Facts {
        /// The month that "present" stands for.
        as_of: Month,
    },
}

/// A serializable [`YearMonth`].
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
