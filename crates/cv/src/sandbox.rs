//! The process in which hostile bytes are read.
//!
//! A short-lived process per file, forked from a small one that has everything in memory and never
//! sees a file: it gets the file and the way of its answer and nothing else, takes every right from
//! itself before it looks at a byte, and finds text, facts and lines there. What goes wrong inside is
//! a property of the file; the parent goes on. What comes back is checked: a passage that is not in
//! the text is no answer.

mod answer;
mod child;
mod confine;
mod link;
mod ocr;
mod places;
mod raw;
mod request;
mod zygote;

use std::{
    convert::Infallible,
    ffi::OsString,
    fs::File,
    io::{self, Write},
    path::PathBuf,
    process::Stdio,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use domain::{Line, Refusal};
use rustix::fs::{MemfdFlags, memfd_create};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tokio::{
    process::{Child, Command},
    sync::OnceCell,
};

use self::{
    answer::{Answer, Found},
    link::{Heard, Link},
    ocr::Recogniser,
    places::{Places, Purpose},
    request::{Find, Request},
    zygote::End,
};
pub use self::{
    answer::{Confinement, Inspection, Probe},
    child::{LARGEST_MIB, child_main},
};
use crate::{document::Document, facts::YearMonth, read::recognised};

/// What one reading may use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Time by the clock, from start to answer.
    pub wall: Duration,
    /// Bytes of an answer.
    pub answer: u64,
    /// Processes at the same time for each of: checks, readings, pictures, recognition.
    pub at_once: usize,
    /// How long others wait for their turn.
    pub wait: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        let answer = 16 * 1024 * 1024;
        Self { wall: Duration::from_secs(10), answer, at_once: 4, wait: Duration::from_secs(10) }
    }
}

/// Why a file was not read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The file is the reason.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// Too many files are being read; try again.
    #[error("too many files are being read")]
    Busy,
    /// The machine is the reason; try again.
    #[error("the reading process could not be started or heard")]
    Unavailable(#[source] io::Error),
}

/// Which limit a process goes over, to show that it holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Overdone {
    /// Of processor time.
    Time,
    /// Of memory.
    Memory,
    /// Of the answer's length.
    Answer,
}

/// What a CV says, in the words of its card.
#[derive(Clone, Debug, PartialEq)]
pub struct Summarised {
    /// The document.
    pub document: Document,
    /// The lines of the card, each of whose passages was cut out of the document's text here.
    pub lines: Vec<Line>,
}

/// Starts reading processes.
#[derive(Debug)]
pub struct Sandbox {
    program: PathBuf,
    arguments: Vec<OsString>,
    limits: Limits,
    places: Places,
    /// Replaced when the zygote dies.
    zygote: Mutex<Arc<OnceCell<Link>>>,
    recogniser: Option<Recogniser>,
}

impl Sandbox {
    /// A sandbox that starts `program` with `arguments` and, after them, the mode that
    /// [`child_main`] gets.
    #[must_use]
    pub fn new(program: PathBuf, arguments: Vec<OsString>, limits: Limits) -> Self {
        let places = Places::new(limits.at_once, limits.wait);
        let recogniser = Recogniser::installed();
        Self { program, arguments, limits, places, zygote: Mutex::default(), recogniser }
    }

    /// The same, but scans stay unread.
    #[must_use]
    pub fn without_recognition(self) -> Self {
        Self { recogniser: None, ..self }
    }

    /// Whether the text of scans and photos can be recognised here.
    #[must_use]
    pub fn recognises(&self) -> bool {
        self.recogniser.is_some()
    }

    /// Reads `file`, from its beginning. Pages that are pictures are recognised, where Tesseract is
    /// installed.
    ///
    /// # Errors
    /// [`ReadError::Refused`] for anything that the file is to blame for: bombs, crashes,
    /// time-outs (see `tests/sandbox.rs`); [`ReadError::Busy`] when no place became free in time;
    /// else [`ReadError::Unavailable`].
    pub async fn read(&self, file: File) -> Result<Document, ReadError> {
        Ok(self.find(file, None).await?.0)
    }

    /// Reads `file` as [`Sandbox::read`] does, and writes its card: the must-haves of the posting
    /// are looked for, and "present" means `as_of`.
    ///
    /// # Errors
    /// As [`Sandbox::read`].
    pub async fn summarise(
        &self,
        file: File,
        must_haves: &[String],
        as_of: YearMonth,
    ) -> Result<Summarised, ReadError> {
        let find = Find::Card { must_haves: must_haves.to_vec(), as_of: as_of.into() };
        let (document, Some(Found::Lines(lines))) = self.find(file, Some(find)).await? else {
            return Err(Refusal::Damaged.into());
        };
        let lines = checked(lines, &document, must_haves).ok_or(Refusal::Damaged)?;
        Ok(Summarised { document, lines })
    }

    /// Reads `file` as [`Sandbox::read`] does; what it says as [`crate::facts::resume`] writes it.
    ///
    /// # Errors
    /// As [`Sandbox::read`].
    pub async fn facts(&self, file: File, as_of: YearMonth) -> Result<Value, ReadError> {
        match self.find(file, Some(Find::Facts { as_of: as_of.into() })).await? {
            (_, Some(Found::Facts(facts))) => Ok(facts),
            _ => Err(Refusal::Damaged.into()),
        }
    }

    /// Whether `file` can be read, and what it is: the check when a file arrives. It is as
    /// thorough as [`Sandbox::read`], but that pictures are not recognised.
    ///
    /// # Errors
    /// As [`Sandbox::read`].
    pub async fn inspect(&self, file: File) -> Result<Inspection, ReadError> {
        match self.ask(Purpose::Check, &Request::Inspect { most: self.limits.answer }, &file).await? {
            Answer::Inspection(inspection) => Ok(inspection),
            other => Err(other.into()),
        }
    }

    /// A PNG picture of `page`, counted from 1, of a PDF; `width` in pixels, at most 2,000.
    ///
    /// # Errors
    /// As [`Sandbox::read`]; [`Refusal::WrongType`] for other formats and
    /// [`Refusal::NoPages`] where there is no such page.
    pub async fn render(&self, file: File, page: u32, width: u32) -> Result<Vec<u8>, ReadError> {
        match self.ask(Purpose::Picture, &Request::Render { page, width }, &file).await? {
            Answer::Picture(bytes) => Ok(bytes),
            other => Err(other.into()),
        }
    }

    /// What a reading process is still able to do.
    ///
    /// # Errors
    /// As [`Sandbox::read`].
    pub async fn probe(&self, file: File) -> Result<Probe, ReadError> {
        match self.ask(Purpose::Check, &Request::Probe, &file).await? {
            Answer::Probe(probe) => Ok(probe),
            other => Err(other.into()),
        }
    }

    /// How a reading process ends that goes over a limit on purpose.
    ///
    /// # Errors
    /// Always; as [`Sandbox::read`].
    pub async fn overdo(&self, limit: Overdone, file: File) -> Result<Infallible, ReadError> {
        Err(self.ask(Purpose::Check, &Request::Overdo { limit }, &file).await?.into())
    }

    async fn find(&self, file: File, find: Option<Find>) -> Result<(Document, Option<Found>), ReadError> {
        let request = Request::Read { find: find.clone(), most: self.limits.answer };
        let (mut document, found) = match self.ask(Purpose::Reading, &request, &file).await? {
            Answer::Document { document, found } if document.is_sound() => (*document, found),
            other => return Err(other.into()),
        };
        if !self.recognise(&file, &mut document).await? {
            return Ok((document, found));
        }
        let again = as_file(&document).map_err(ReadError::Unavailable)?;
        let (written, found) = match self.ask(Purpose::Reading, &Request::Again { find }, &again).await? {
            Answer::Found { written, found } => (written, found),
            other => return Err(other.into()),
        };
        for (page, written) in document.transcript.pages.iter_mut().zip(written) {
            page.written = written;
        }
        if document.is_sound() { Ok((document, found)) } else { Err(Refusal::Damaged.into()) }
    }

    /// Whether `file` holds anything but pictures is known; what they show is read here. Whether
    /// anything was.
    async fn recognise(&self, file: &File, document: &mut Document) -> Result<bool, ReadError> {
        let Some(recogniser) = &self.recogniser else { return Ok(false) };
        let mut any = false;
        for page in recognised::pictures(document) {
            let drawn = self.ask(Purpose::Reading, &Request::Grey { page }, file).await?;
            let Answer::Picture(bytes) = drawn else { continue };
            if let Some(words) = recogniser.words(self, bytes).await? {
                recognised::insert(document, page, words);
                any = true;
            }
        }
        Ok(any)
    }

    async fn ask(&self, purpose: Purpose, request: &Request, file: &File) -> Result<Answer, ReadError> {
        let question = serde_json::to_vec(request).map_err(|error| ReadError::Unavailable(error.into()))?;
        if question.len() > request::LONGEST {
            return Err(ReadError::Unavailable(io::Error::new(io::ErrorKind::InvalidInput, "too many must-haves")));
        }
        let _place = self.places.take(purpose).await?;
        // A zygote that died is replaced once: it may have been ended from outside.
        for _ in 0..2 {
            io::Seek::rewind(&mut &*file).map_err(ReadError::Unavailable)?;
            match self.ask_once(&question, file).await.map_err(ReadError::Unavailable)? {
                Heard::Answer(End::Exited(0), bytes) => return Answer::parse(&bytes).ok_or(Refusal::Damaged.into()),
                Heard::Answer(End::NotForked, _) => break,
                Heard::Answer(end, _) => return Err(blame(end).into()),
                Heard::TooMuch => return Err(Refusal::TooComplex.into()),
                Heard::Gone => {}
            }
        }
        Err(ReadError::Unavailable(io::ErrorKind::BrokenPipe.into()))
    }

    async fn ask_once(&self, question: &[u8], file: &File) -> io::Result<Heard> {
        let cell = Arc::clone(&self.zygote.lock().unwrap_or_else(PoisonError::into_inner));
        let zygote = cell.get_or_try_init(|| Link::start(&self.program, &self.arguments)).await?;
        let heard = zygote.ask(question, file, self.limits.answer, self.limits.wall).await?;
        if matches!(heard, Heard::Gone) {
            let mut kept = self.zygote.lock().unwrap_or_else(PoisonError::into_inner);
            // Another question may have replaced it already.
            if Arc::ptr_eq(&kept, &cell) {
                *kept = Arc::default();
            }
        }
        Ok(heard)
    }

    /// Recognition runs another program, which a zygote could not start.
    fn start_recogniser(&self, request: &str) -> io::Result<Child> {
        Command::new(&self.program)
            .args(&self.arguments)
            .arg(request)
            .env_clear()
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
    }
}

/// `lines` with every passage cut anew out of the document's text; `None` when one is not there, or
/// a must-have is no must-have of ours. The process that wrote them has read hostile bytes.
fn checked(lines: Vec<Line>, document: &Document, must_haves: &[String]) -> Option<Vec<Line>> {
    let again = lines.into_iter().map(|line| line.cited_again(&document.transcript).ok());
    let known = |line: &Line| !line.is_not_found() || must_haves.iter().any(|need| Line::not_found(need) == *line);
    again.map(|line| line.filter(known)).collect()
}

fn as_file(document: &Document) -> io::Result<File> {
    let mut file = File::from(memfd_create("document", MemfdFlags::CLOEXEC)?);
    file.write_all(&serde_json::to_vec(document)?)?;
    Ok(file)
}

/// What a process that died says about its file: without memory it aborts, over its time it is
/// signalled; a panic ends it with an exit code.
fn blame(end: End) -> Refusal {
    match end {
        End::Signalled(_) => Refusal::TooComplex,
        End::Exited(_) | End::NotForked => Refusal::Damaged,
    }
}
