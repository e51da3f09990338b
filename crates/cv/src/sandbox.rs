//! A sandbox that reads untrusted files.
//!
//! Every request runs in a short-lived child process, forked from a zygote that has the word lists in
//! memory and never sees a file. The child gets the file and a pipe for its response and nothing else. It
//! gives up every other right before it looks at a byte, and then finds text, facts and summary lines. A
//! crash or a time-out inside is a property of the file and does not affect the parent. The parent checks
//! what comes back: a response that cites a passage which is not in the text is refused.

mod child;
mod confine;
mod entry;
mod error;
mod ocr;
mod permits;
mod raw;
mod request;
mod response;
mod zygote;
mod zygote_client;

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
use serde_json::Value;
use tokio::{
    process::{Child, Command},
    sync::OnceCell,
};

pub use self::{
    child::MAX_FILE_MIB,
    confine::Confinement,
    entry::child_main,
    error::ReadError,
    request::LimitProbe,
    response::{Inspection, Probe},
};
use self::{
    ocr::Tesseract,
    permits::{Permits, RequestKind},
    request::{Analysis, Request},
    response::{AnalysisResult, Response},
    zygote::ChildExit,
    zygote_client::{RawResponse, ZygoteClient},
};
use crate::{document::Document, facts::YearMonth, read::ocr as ocr_layer};

/// The limits of a sandbox and of each request to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The maximum wall-clock time from a request to its response.
    pub wall_time: Duration,
    /// The maximum length of a response in bytes.
    pub response_bytes: u64,
    /// The maximum number of processes for each of: checking, reading, rendering, OCR.
    pub concurrency: usize,
    /// How long a request waits for a process to become available.
    pub permit_timeout: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            wall_time: Duration::from_secs(10),
            response_bytes: 16 * 1024 * 1024,
            concurrency: 4,
            permit_timeout: Duration::from_secs(10),
        }
    }
}

/// A document with its summary.
#[derive(Clone, Debug, PartialEq)]
pub struct Summarized {
    /// The document as it was read.
    pub document: Document,
    /// The lines of the summary; the parent has cut each cited passage out of the document's text anew.
    pub lines: Vec<Line>,
}

/// Reads files in child processes.
#[derive(Debug)]
pub struct Sandbox {
    program: PathBuf,
    arguments: Vec<OsString>,
    limits: Limits,
    permits: Permits,
    /// Replaced when the zygote dies.
    zygote: Mutex<Arc<OnceCell<ZygoteClient>>>,
    tesseract: Option<Tesseract>,
}

impl Sandbox {
    /// Creates a sandbox that starts `program` with `arguments` followed by a mode, which the program
    /// must pass to [`child_main`]. Nothing is started until the first request.
    #[must_use]
    pub fn new(program: PathBuf, arguments: Vec<OsString>, limits: Limits) -> Self {
        let permits = Permits::new(limits.concurrency, limits.permit_timeout);
        let tesseract = Tesseract::installed();
        Self { program, arguments, limits, permits, zygote: Mutex::default(), tesseract }
    }

    /// Turns OCR off, so that scans stay unread.
    #[must_use]
    pub fn without_ocr(self) -> Self {
        Self { tesseract: None, ..self }
    }

    /// Returns whether Tesseract is installed, so that scans and photos can be read.
    #[must_use]
    pub fn has_ocr(&self) -> bool {
        self.tesseract.is_some()
    }

    /// Reads `file` from its beginning. Pages that are images go through OCR where Tesseract is
    /// installed.
    ///
    /// # Errors
    /// [`ReadError::Refused`] for anything that the file is to blame for: bombs, crashes,
    /// time-outs (see `tests/sandbox.rs`); [`ReadError::Busy`] when no permit became available in time;
    /// else [`ReadError::Unavailable`].
    pub async fn read(&self, file: File) -> Result<Document, ReadError> {
        Ok(self.analyze(file, None).await?.0)
    }

    /// Reads `file` as [`Sandbox::read`] does and summarizes it. The summary reports which of the
    /// posting's `must_haves` it finds; "present" stands for `as_of`.
    ///
    /// # Errors
    /// As [`Sandbox::read`].
    pub async fn summarize(
        &self,
        file: File,
        must_haves: &[String],
        as_of: YearMonth,
    ) -> Result<Summarized, ReadError> {
        let analysis = Analysis::Summary { must_haves: must_haves.to_vec(), as_of: as_of.into() };
        let (document, Some(AnalysisResult::Lines(lines))) = self.analyze(file, Some(analysis)).await? else {
            return Err(Refusal::Damaged.into());
        };
        let lines = verify_citations(lines, &document, must_haves).ok_or(Refusal::Damaged)?;
        Ok(Summarized { document, lines })
    }

    /// Reads `file` as [`Sandbox::read`] does and returns its facts in the format of
    /// [`crate::facts::json_resume`].
    ///
    /// # Errors
    /// As [`Sandbox::read`].
    pub async fn facts(&self, file: File, as_of: YearMonth) -> Result<Value, ReadError> {
        match self.analyze(file, Some(Analysis::Facts { as_of: as_of.into() })).await? {
            (_, Some(AnalysisResult::Facts(facts))) => Ok(facts),
            _ => Err(Refusal::Damaged.into()),
        }
    }

    /// Checks that `file` can be read, and returns what it is. The check is as thorough as
    /// [`Sandbox::read`], but does no OCR.
    ///
    /// # Errors
    /// As [`Sandbox::read`].
    pub async fn inspect(&self, file: File) -> Result<Inspection, ReadError> {
        let request = Request::Inspect { max_bytes: self.limits.response_bytes };
        match self.call(RequestKind::Check, &request, &file).await? {
            Response::Inspection(inspection) => Ok(inspection),
            other => Err(other.into()),
        }
    }

    /// Renders `page`, counted from 1, of a PDF or an image as a PNG image `width` pixels wide, at most
    /// 2,000.
    ///
    /// # Errors
    /// As [`Sandbox::read`]; [`Refusal::WrongType`] for other formats and
    /// [`Refusal::NoPages`] where there is no such page.
    pub async fn render(&self, file: File, page: u32, width: u32) -> Result<Vec<u8>, ReadError> {
        match self.call(RequestKind::Render, &Request::Render { page, width }, &file).await? {
            Response::Image(bytes) => Ok(bytes),
            other => Err(other.into()),
        }
    }

    /// Reports what a child process is still able to do after it confined itself.
    ///
    /// # Errors
    /// As [`Sandbox::read`].
    pub async fn probe(&self, file: File) -> Result<Probe, ReadError> {
        match self.call(RequestKind::Check, &Request::Probe, &file).await? {
            Response::Probe(probe) => Ok(probe),
            other => Err(other.into()),
        }
    }

    /// Has a child process exceed `limit` on purpose.
    ///
    /// # Errors
    /// Always, as [`Sandbox::read`] for a file that exceeds the limit.
    pub async fn exceed_limit(&self, limit: LimitProbe, file: File) -> Result<Infallible, ReadError> {
        Err(self.call(RequestKind::Check, &Request::ExceedLimit { limit }, &file).await?.into())
    }

    async fn analyze(
        &self,
        file: File,
        analysis: Option<Analysis>,
    ) -> Result<(Document, Option<AnalysisResult>), ReadError> {
        let request = Request::Read { analysis: analysis.clone(), max_bytes: self.limits.response_bytes };
        let (mut document, result) = match self.call(RequestKind::Read, &request, &file).await? {
            Response::Document { document, result } if document.is_sound() => (*document, result),
            other => return Err(other.into()),
        };
        if !self.add_ocr(&file, &mut document).await? {
            return Ok((document, result));
        }
        let json = to_memory_file(&document).map_err(ReadError::Unavailable)?;
        let (languages, result) = match self.call(RequestKind::Read, &Request::Analyze { analysis }, &json).await? {
            Response::Analyzed { languages, result } => (languages, result),
            other => return Err(other.into()),
        };
        for (page, languages) in document.transcript.pages.iter_mut().zip(languages) {
            page.languages = languages;
        }
        if document.is_sound() { Ok((document, result)) } else { Err(Refusal::Damaged.into()) }
    }

    /// Adds the text of pages that are images to `document`. Returns whether there was any.
    async fn add_ocr(&self, file: &File, document: &mut Document) -> Result<bool, ReadError> {
        let Some(tesseract) = &self.tesseract else { return Ok(false) };
        let mut any = false;
        for page in ocr_layer::image_pages(document) {
            let rendered = self.call(RequestKind::Read, &Request::Grayscale { page }, file).await?;
            let Response::Image(bytes) = rendered else { continue };
            if let Some(recognized) = tesseract.recognize(self, bytes).await? {
                ocr_layer::insert(document, page, recognized);
                any = true;
            }
        }
        Ok(any)
    }

    async fn call(&self, kind: RequestKind, request: &Request, file: &File) -> Result<Response, ReadError> {
        let request = serde_json::to_vec(request).map_err(|error| ReadError::Unavailable(error.into()))?;
        if request.len() > request::MAX_REQUEST_BYTES {
            return Err(ReadError::Unavailable(io::Error::new(io::ErrorKind::InvalidInput, "too many must-haves")));
        }
        let _permit = self.permits.acquire(kind).await?;
        // Retries once with a new zygote: the old one may have been killed from outside.
        for _ in 0..2 {
            io::Seek::rewind(&mut &*file).map_err(ReadError::Unavailable)?;
            match self.call_once(&request, file).await.map_err(ReadError::Unavailable)? {
                RawResponse::Complete(ChildExit::Exited(0), bytes) => {
                    return Response::parse(&bytes).ok_or(Refusal::Damaged.into());
                }
                RawResponse::Complete(ChildExit::NotForked, _) => break,
                RawResponse::Complete(exit, _) => return Err(refusal(exit).into()),
                RawResponse::LimitExceeded => return Err(Refusal::TooComplex.into()),
                RawResponse::ZygoteGone => {}
            }
        }
        Err(ReadError::Unavailable(io::ErrorKind::BrokenPipe.into()))
    }

    async fn call_once(&self, request: &[u8], file: &File) -> io::Result<RawResponse> {
        let cell = Arc::clone(&self.zygote.lock().unwrap_or_else(PoisonError::into_inner));
        let zygote = cell.get_or_try_init(|| ZygoteClient::start(&self.program, &self.arguments)).await?;
        let response = zygote.call(request, file, self.limits.response_bytes, self.limits.wall_time).await?;
        if matches!(response, RawResponse::ZygoteGone) {
            let mut current = self.zygote.lock().unwrap_or_else(PoisonError::into_inner);
            // Another request may have replaced it already.
            if Arc::ptr_eq(&current, &cell) {
                *current = Arc::default();
            }
        }
        Ok(response)
    }

    /// Starts an OCR process. It executes another program, which the zygote's children are not allowed to.
    fn spawn_ocr(&self, request: &str) -> io::Result<Child> {
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

/// Cuts every passage that `lines` cite out of the document's text anew. `None` when one is not there, or
/// when a line names a must-have that was not asked for: the process that wrote the lines has read
/// untrusted bytes.
fn verify_citations(lines: Vec<Line>, document: &Document, must_haves: &[String]) -> Option<Vec<Line>> {
    let cited = lines.into_iter().map(|line| line.revalidate(&document.transcript).ok());
    let known = |line: &Line| line.must_haves().all(|named| must_haves.iter().any(|must_have| must_have == named));
    cited.map(|line| line.filter(known)).collect()
}

fn to_memory_file(document: &Document) -> io::Result<File> {
    let mut file = File::from(memfd_create("document", MemfdFlags::CLOEXEC)?);
    file.write_all(&serde_json::to_vec(document)?)?;
    Ok(file)
}

/// The refusal for a file on which a child died: it aborts when it runs out of memory and is signaled when
/// it runs out of time; a panic ends it with an exit code.
fn refusal(exit: ChildExit) -> Refusal {
    match exit {
        ChildExit::Signaled(_) => Refusal::TooComplex,
        ChildExit::Exited(_) | ChildExit::NotForked => Refusal::Damaged,
    }
}
