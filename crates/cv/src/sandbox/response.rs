//! Responses of a child process: one tag byte, then JSON or an image.

use domain::{LanguageSpan, Line, Refusal};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{confine::Confinement, error::ReadError};
use crate::{document::Document, format::Format};

/// What the check of an upload finds out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Inspection {
    /// The detected format.
    pub format: Format,
    /// How many pages it has; 1 for formats without pages.
    pub pages: u32,
    /// Whether any page has text.
    pub readable: bool,
    /// Which kernel protections were active while the file was read.
    pub confinement: Confinement,
}

/// What a child process was able to do when it tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Probe {
    /// It opened an existing file.
    pub opened_file: bool,
    /// It created a file.
    pub created_file: bool,
    /// It opened a socket.
    pub opened_socket: bool,
    /// It started a program.
    pub started_program: bool,
    /// It started a thread.
    pub started_thread: bool,
    /// It was permitted to send a signal to its parent process.
    pub signaled_parent: bool,
    /// How many descriptors it had besides the file, the response pipe and standard error.
    pub open_descriptors: u32,
    /// The process id of the zygote that forked it.
    pub parent: u32,
    /// Which kernel protections were active.
    pub confinement: Confinement,
}

/// A response to a [`Request`](super::Request).
#[derive(Debug, Serialize, Deserialize)]
pub(super) enum Response {
    /// To [`Request::Read`](super::Request::Read).
    Document {
        /// The document as it was read.
        document: Box<Document>,
        /// The result of the analysis, if one was requested.
        result: Option<AnalysisResult>,
    },
    /// To [`Request::Analyze`](super::Request::Analyze).
    Analyzed {
        /// The language spans of each page.
        languages: Vec<Vec<LanguageSpan>>,
        /// The result of the analysis, if one was requested.
        result: Option<AnalysisResult>,
    },
    /// To [`Request::Inspect`](super::Request::Inspect).
    Inspection(Inspection),
    /// To [`Request::Probe`](super::Request::Probe).
    Probe(Probe),
    /// To [`Request::Render`](super::Request::Render) and [`Request::Grayscale`](super::Request::Grayscale);
    /// sent as raw bytes.
    #[serde(skip)]
    Image(Vec<u8>),
    /// To any request, when the file is to blame.
    Refused(Refusal),
}

/// The result of an [`Analysis`](super::Analysis).
#[derive(Debug, Serialize, Deserialize)]
pub(super) enum AnalysisResult {
    /// The lines of the summary.
    Lines(Vec<Line>),
    /// The facts in the JSON format of [`crate::facts::json_resume`].
    Facts(Value),
}

const JSON_TAG: u8 = b'J';
const IMAGE_TAG: u8 = b'P';

impl Response {
    /// Serializes the response with its tag byte.
    ///
    /// # Errors
    /// When it cannot be represented as JSON.
    pub(super) fn to_bytes(&self) -> serde_json::Result<Vec<u8>> {
        if let Self::Image(image) = self {
            let mut bytes = vec![IMAGE_TAG];
            bytes.extend_from_slice(image);
            return Ok(bytes);
        }
        let mut bytes = vec![JSON_TAG];
        serde_json::to_writer(&mut bytes, self)?;
        Ok(bytes)
    }

    /// Parses what [`Response::to_bytes`] wrote; `None` for anything else.
    pub(super) fn parse(bytes: &[u8]) -> Option<Self> {
        match bytes.split_first()? {
            (&JSON_TAG, json) => serde_json::from_slice(json).ok(),
            (&IMAGE_TAG, image) => Some(Self::Image(image.to_vec())),
            _ => None,
        }
    }
}

impl From<Response> for ReadError {
    /// Treats a response to another request like a crash.
    fn from(response: Response) -> Self {
        match response {
            Response::Refused(refusal) => Self::Refused(refusal),
            _ => Self::Refused(Refusal::Damaged),
        }
    }
}
