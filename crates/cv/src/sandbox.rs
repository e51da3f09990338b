//! The process in which hostile bytes are read.
//!
//! A short-lived process per file: it gets the file as its standard input and nothing else, takes
//! every right from itself before it looks at a byte, and answers on its standard output. What
//! goes wrong inside is a property of the file; the parent goes on.

mod answer;
mod child;
mod confine;
mod ocr;

use std::{
    convert::Infallible,
    ffi::OsString,
    fs::File,
    io,
    os::unix::process::ExitStatusExt,
    path::PathBuf,
    process::{ExitStatus, Stdio},
    time::Duration,
};

use domain::Refusal;
use tokio::{
    io::AsyncReadExt,
    process::{Child, Command},
    sync::Semaphore,
};

use self::{answer::Answer, ocr::Recogniser};
pub use self::{
    answer::{Confinement, Inspection, Probe},
    child::{LARGEST_MIB, child_main},
};
use crate::{document::Document, read::recognised};

/// What one reading may use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Time by the clock, from start to answer.
    pub wall: Duration,
    /// Bytes of an answer.
    pub answer: u64,
    /// Readings at the same time; others wait.
    pub at_once: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { wall: Duration::from_secs(10), answer: 16 * 1024 * 1024, at_once: 4 }
    }
}

/// Why a file was not read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The file is the reason.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The machine is the reason; try again.
    #[error("the reading process could not be started or heard")]
    Unavailable(#[source] io::Error),
}

/// Which limit a process goes over, to show that it holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Overdone {
    /// Of processor time.
    Time,
    /// Of memory.
    Memory,
}

/// Starts reading processes.
#[derive(Debug)]
pub struct Sandbox {
    program: PathBuf,
    arguments: Vec<OsString>,
    limits: Limits,
    places: Semaphore,
    recogniser: Option<Recogniser>,
}

impl Sandbox {
    /// A sandbox that starts `program` with `arguments` and, after them, the mode that
    /// [`child_main`] gets.
    #[must_use]
    pub fn new(program: PathBuf, arguments: Vec<OsString>, limits: Limits) -> Self {
        let places = Semaphore::new(limits.at_once.max(1));
        Self { program, arguments, limits, places, recogniser: Recogniser::installed() }
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
    /// time-outs (see `tests/sandbox.rs`); else [`ReadError::Unavailable`].
    pub async fn read(&self, file: File) -> Result<Document, ReadError> {
        let again = file.try_clone().map_err(ReadError::Unavailable)?;
        match self.ask("read", file).await? {
            Answer::Document { document } => self.recognise(again, *document).await,
            other => Err(other.into()),
        }
    }

    /// Whether `file` can be read, and what it is: the check when a file arrives. It is as
    /// thorough as [`Sandbox::read`].
    ///
    /// # Errors
    /// As [`Sandbox::read`].
    pub async fn inspect(&self, file: File) -> Result<Inspection, ReadError> {
        match self.ask("inspect", file).await? {
            Answer::Inspection { inspection } => Ok(inspection),
            other => Err(other.into()),
        }
    }

    /// A PNG picture of `page`, counted from 1, of a PDF; `width` in pixels, at most 2,000.
    ///
    /// # Errors
    /// As [`Sandbox::read`]; [`Refusal::WrongType`] for other formats and
    /// [`Refusal::NoPages`] where there is no such page.
    pub async fn render(&self, file: File, page: u32, width: u32) -> Result<Vec<u8>, ReadError> {
        match self.ask(&format!("render:{page}:{width}"), file).await? {
            Answer::Picture { bytes } => Ok(bytes),
            other => Err(other.into()),
        }
    }

    /// What a reading process is still able to do.
    ///
    /// # Errors
    /// As [`Sandbox::read`].
    pub async fn probe(&self, file: File) -> Result<Probe, ReadError> {
        match self.ask("probe", file).await? {
            Answer::Probe { probe } => Ok(probe),
            other => Err(other.into()),
        }
    }

    /// How a reading process ends that goes over a limit on purpose.
    ///
    /// # Errors
    /// Always; as [`Sandbox::read`].
    pub async fn overdo(&self, limit: Overdone, file: File) -> Result<Infallible, ReadError> {
        let mode = match limit {
            Overdone::Time => "spin",
            Overdone::Memory => "hog",
        };
        Err(self.ask(mode, file).await?.into())
    }

    /// Whether `file` holds anything but pictures is known; what they show is read here.
    async fn recognise(&self, file: File, mut document: Document) -> Result<Document, ReadError> {
        let Some(recogniser) = &self.recogniser else { return Ok(document) };
        for number in recognised::pictures(&document) {
            let Answer::Picture { bytes } = self.ask(&format!("grey:{number}"), clone(&file)?).await? else { continue };
            if let Some(words) = recogniser.words(self, bytes).await? {
                recognised::insert(&mut document, number, words);
            }
        }
        Ok(document)
    }

    async fn ask(&self, mode: &str, mut file: File) -> Result<Answer, ReadError> {
        let place = self.places.acquire().await;
        let _place = place.map_err(|closed| ReadError::Unavailable(io::Error::other(closed)))?;
        io::Seek::rewind(&mut file).map_err(ReadError::Unavailable)?;
        let mut child = self.spawn(mode, file).map_err(ReadError::Unavailable)?;
        let listening = listen(&mut child, self.limits.answer);
        let heard = tokio::time::timeout(self.limits.wall, listening).await;
        let Ok(heard) = heard else {
            child.kill().await.map_err(ReadError::Unavailable)?;
            return Err(Refusal::TooComplex.into());
        };
        let (status, bytes) = heard.map_err(ReadError::Unavailable)?;
        if bytes.len() as u64 > self.limits.answer {
            return Err(Refusal::TooComplex.into());
        }
        if !status.success() {
            return Err(blame(status).into());
        }
        Answer::parse(bytes).ok_or_else(|| Refusal::Damaged.into())
    }

    fn spawn(&self, mode: &str, file: impl Into<Stdio>) -> io::Result<Child> {
        Command::new(&self.program)
            .args(&self.arguments)
            .arg(mode)
            .env_clear()
            .current_dir("/")
            .stdin(file)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
    }
}

fn clone(file: &File) -> Result<File, ReadError> {
    file.try_clone().map_err(ReadError::Unavailable)
}

/// Reads the answer up to `limit` and a byte, then ends and reaps the process.
async fn listen(child: &mut Child, limit: u64) -> io::Result<(ExitStatus, Vec<u8>)> {
    let mut bytes = Vec::new();
    if let Some(output) = child.stdout.take() {
        output.take(limit + 1).read_to_end(&mut bytes).await?;
    }
    if bytes.len() as u64 > limit {
        child.start_kill()?;
    }
    Ok((child.wait().await?, bytes))
}

/// What a process that died says about its file: without memory it aborts, over its time it is
/// signalled; a panic ends it with an exit code.
fn blame(status: ExitStatus) -> Refusal {
    match status.signal() {
        Some(libc::SIGABRT | libc::SIGKILL | libc::SIGXCPU | libc::SIGSEGV | libc::SIGBUS) => Refusal::TooComplex,
        _ => Refusal::Damaged,
    }
}
