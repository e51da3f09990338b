//! What a reading process answers: a letter, then JSON or a picture.

use domain::{Line, Refusal, Written};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::ReadError;
use crate::{document::Document, format::Format};

/// What the check of an arriving file finds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Inspection {
    /// Of which kind it is.
    pub format: Format,
    /// How many pages it has; 1 for formats without pages.
    pub pages: u32,
    /// Whether any page has text.
    pub readable: bool,
    /// What the process had taken from itself.
    pub confinement: Confinement,
}

/// Which walls stood while the file was read. The resource limits always stand.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Confinement {
    /// Landlock: no file can be opened.
    pub no_files: bool,
    /// Seccomp: no system call but those that compute.
    pub no_calls: bool,
}

/// What a reading process could do when it tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Probe {
    /// Open a file.
    pub opened_file: bool,
    /// Make a file.
    pub made_file: bool,
    /// Open a socket.
    pub opened_socket: bool,
    /// Start a program.
    pub started_program: bool,
    /// Start a thread.
    pub started_thread: bool,
    /// Send a signal to the process that started it, or ask whether it could.
    pub signalled_parent: bool,
    /// How many descriptors it had beside the file, the answer and the standard error.
    pub open_descriptors: u32,
    /// Which process forked it.
    pub parent: u32,
    /// What it had taken from itself.
    pub confinement: Confinement,
}

/// An answer.
#[derive(Debug, Serialize, Deserialize)]
pub(super) enum Answer {
    /// To "read".
    Document {
        /// The document.
        document: Box<Document>,
        /// What was found in its text, if that was asked for.
        found: Option<Found>,
    },
    /// To "again".
    Found {
        /// The languages of each page's parts.
        written: Vec<Vec<Written>>,
        /// What was found in the text, if that was asked for.
        found: Option<Found>,
    },
    /// To "inspect".
    Inspection(Inspection),
    /// To "probe".
    Probe(Probe),
    /// To "render" and "grey"; travels as bytes.
    #[serde(skip)]
    Picture(Vec<u8>),
    /// To anything.
    Refused(Refusal),
}

/// What was found in a text.
#[derive(Debug, Serialize, Deserialize)]
pub(super) enum Found {
    /// The lines of the card.
    Lines(Vec<Line>),
    /// The facts, as the command line prints them.
    Facts(Value),
}

const JSON: u8 = b'J';
const PICTURE: u8 = b'P';

impl Answer {
    /// As bytes.
    ///
    /// # Errors
    /// When there is no JSON for it.
    pub(super) fn to_bytes(&self) -> serde_json::Result<Vec<u8>> {
        if let Self::Picture(picture) = self {
            let mut bytes = vec![PICTURE];
            bytes.extend_from_slice(picture);
            return Ok(bytes);
        }
        let mut bytes = vec![JSON];
        serde_json::to_writer(&mut bytes, self)?;
        Ok(bytes)
    }

    /// From bytes; `None` if they are no answer.
    pub(super) fn parse(bytes: &[u8]) -> Option<Self> {
        match bytes.split_first()? {
            (&JSON, json) => serde_json::from_slice(json).ok(),
            (&PICTURE, picture) => Some(Self::Picture(picture.to_vec())),
            _ => None,
        }
    }
}

impl From<Answer> for ReadError {
    /// An answer to another question is as good as a crash.
    fn from(answer: Answer) -> Self {
        match answer {
            Answer::Refused(refusal) => Self::Refused(refusal),
            _ => Self::Refused(Refusal::Damaged),
        }
    }
}
