//! The reading process itself.

use std::{
    fs::{File, OpenOptions},
    io::{self, Read, Write},
    net::UdpSocket,
    process::{Command, ExitCode},
};

use domain::{Line, Refusal};
use rustix::process::{getppid, test_kill_process};

use super::{
    Overdone,
    answer::{Answer, Confinement, Found, Inspection, Probe},
    confine::confine,
    ocr, raw,
    request::{Find, Request},
    zygote,
};
use crate::{document::Document, facts, format, read, summary};

/// No larger file is looked at, in MiB.
pub const LARGEST_MIB: u64 = 32;
/// What is read once by a zygote, so that what reading needs is in memory: a CV of our own making.
const SAMPLE: &[u8] = include_bytes!("../../tests/fixtures/gen-en1-lo.pdf");
/// The lines of a card take at most so many bytes of an answer.
pub(super) const LINES: u64 = 1024 * 1024;

/// The whole life of a process that is not the server. `mode`: what the sandbox starts this program
/// with, after the arguments that it was given.
///
/// To be called first thing in `main`, before any thread runs.
#[must_use]
pub fn child_main(mode: &str) -> ExitCode {
    match mode.strip_prefix("recognise:") {
        Some(request) => ocr::become_recogniser(request),
        None if mode == zygote::MODE => zygote::zygote_main(),
        None => ExitCode::from(2),
    }
}

/// Loads the word lists and whatever else is made once.
pub(super) fn warm_up() {
    facts::warm_up();
    if let Ok(mut document) = format::sniff(SAMPLE).and_then(|format| read::read(SAMPLE, format)) {
        facts::mark_languages(&mut document);
        let _ = summary::summarise(&document, &["Rust".to_owned()], facts::YearMonth { year: 2026, month: 1 });
    }
}

/// Takes all rights from this process, then answers the question about standard input on standard
/// output. The exit code.
pub(super) fn read_and_answer(question: &[u8], no_files: bool) -> i32 {
    let Ok(confinement) = confine(no_files) else { return 2 };
    let Ok(request) = serde_json::from_slice(question) else { return 2 };
    let answer = answer(request, confinement).unwrap_or_else(Answer::Refused);
    let Ok(bytes) = answer.to_bytes() else { return 2 };
    match io::stdout().write_all(&bytes).and_then(|()| io::stdout().flush()) {
        Ok(()) => 0,
        Err(_) => 2,
    }
}

fn answer(request: Request, confinement: Confinement) -> Result<Answer, Refusal> {
    match request {
        Request::Probe => Ok(Answer::Probe(probe(confinement))),
        Request::Overdo { limit } => overdo(limit),
        Request::Read { find, most } => {
            let document = sayable(document()?, most)?;
            let found = find.map(|find| found(&document, find));
            Ok(Answer::Document { document: Box::new(document), found })
        }
        Request::Again { find } => {
            let mut document: Document = serde_json::from_slice(&take(u64::MAX)?).map_err(|_| Refusal::Damaged)?;
            facts::mark_languages(&mut document);
            let found = find.map(|find| found(&document, find));
            let written = document.transcript.pages.into_iter().map(|page| page.written).collect();
            Ok(Answer::Found { written, found })
        }
        Request::Inspect { most } => Ok(Answer::Inspection(inspection(&sayable(document()?, most)?, confinement))),
        Request::Render { page, width } => {
            let bytes = file()?;
            Ok(Answer::Picture(read::picture(&bytes, format::sniff(&bytes)?, page, width)?))
        }
        Request::Grey { page } => {
            let bytes = file()?;
            Ok(Answer::Picture(read::grey(&bytes, format::sniff(&bytes)?, page)?))
        }
    }
}

/// The document, with the languages of its sections.
fn document() -> Result<Document, Refusal> {
    let bytes = file()?;
    let mut document = read::read(&bytes, format::sniff(&bytes)?)?;
    facts::mark_languages(&mut document);
    Ok(document)
}

/// The document, if it can be said in `most` bytes beside its card.
fn sayable(document: Document, most: u64) -> Result<Document, Refusal> {
    let mut length = Length(0);
    serde_json::to_writer(&mut length, &document).map_err(|_| Refusal::Damaged)?;
    if length.0.saturating_add(LINES) > most { Err(Refusal::TooComplex) } else { Ok(document) }
}

/// Counts what is written.
struct Length(u64);

impl Write for Length {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 += bytes.len() as u64;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn found(document: &Document, find: Find) -> Found {
    match find {
        Find::Card { must_haves, as_of } => {
            Found::Lines(bounded(summary::summarise(document, &must_haves, as_of.into())))
        }
        Find::Facts { as_of } => Found::Facts(facts::resume(&facts::extract(document), as_of.into())),
    }
}

/// As many of `lines`, from the first on, as may be said.
fn bounded(lines: Vec<Line>) -> Vec<Line> {
    let mut length = Length(0);
    let mut fits = |line: &Line| serde_json::to_writer(&mut length, line).is_ok() && length.0 <= LINES;
    let kept = lines.iter().map_while(|line| Some(()).filter(|()| fits(line))).count();
    lines.into_iter().take(kept).collect()
}

fn file() -> Result<Vec<u8>, Refusal> {
    let most = LARGEST_MIB * 1024 * 1024;
    let bytes = take(most + 1)?;
    if bytes.len() as u64 > most {
        return Err(Refusal::TooLarge { limit_mib: LARGEST_MIB });
    }
    Ok(bytes)
}

fn take(most: u64) -> Result<Vec<u8>, Refusal> {
    let mut bytes = Vec::new();
    io::stdin().lock().take(most).read_to_end(&mut bytes).map_err(|_| Refusal::Damaged)?;
    Ok(bytes)
}

fn inspection(document: &Document, confinement: Confinement) -> Inspection {
    let pages = u32::try_from(document.transcript.pages.len()).unwrap_or(u32::MAX);
    let readable = !document.lines.is_empty();
    Inspection { format: document.format, pages, readable, confinement }
}

/// Goes over a limit until it is ended.
fn overdo(limit: Overdone) -> ! {
    match limit {
        Overdone::Time => spin(),
        Overdone::Memory => hog(),
        Overdone::Answer => flood(),
    }
}

/// Answers until it is ended.
fn flood() -> ! {
    loop {
        let _ = io::stdout().write_all(&[b'J'; 4096]);
    }
}

/// Computes until it is ended.
fn spin() -> ! {
    let mut n = 0_u64;
    loop {
        n = std::hint::black_box(n.wrapping_add(1));
    }
}

/// Takes memory until it is ended.
fn hog() -> ! {
    let mut all: Vec<Vec<u8>> = Vec::new();
    loop {
        all.push(std::hint::black_box(vec![1; 1024 * 1024]));
    }
}

/// Tries what must fail.
fn probe(confinement: Confinement) -> Probe {
    let path = std::env::temp_dir().join("cv-probe");
    Probe {
        opened_file: File::open("/etc/passwd").is_ok(),
        made_file: OpenOptions::new().create(true).append(true).open(path).is_ok(),
        opened_socket: UdpSocket::bind("127.0.0.1:0").is_ok(),
        started_program: Command::new("/bin/true").status().is_ok(),
        started_thread: std::thread::Builder::new().spawn(|| {}).is_ok(),
        signalled_parent: getppid().is_some_and(|parent| raw::may_signal(parent) || test_kill_process(parent).is_ok()),
        open_descriptors: raw::open_descriptors(),
        parent: std::os::unix::process::parent_id(),
        confinement,
    }
}
