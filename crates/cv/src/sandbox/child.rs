//! The child process that reads a file.

use std::{
    fs::{File, OpenOptions},
    io::{self, Read, Write},
    net::UdpSocket,
    process::Command,
};

use domain::{Line, Refusal};
use rustix::process::{getppid, test_kill_process};

use super::{
    confine::{Confinement, confine},
    raw,
    request::{Analysis, LimitProbe, Request},
    response::{AnalysisResult, Inspection, Probe, Response},
};
use crate::{document::Document, facts, format, read, summary};

/// The maximum size of a file in MiB.
pub const MAX_FILE_MIB: u64 = 32;
/// A CV of a made-up person, which a zygote reads once so that everything that reading needs is loaded.
const SAMPLE: &[u8] = include_bytes!("../../tests/fixtures/gen-en1-lo.pdf");
/// The maximum length of the serialized summary lines in bytes, reserved in every response.
const MAX_SUMMARY_BYTES: u64 = 1024 * 1024;

/// Loads the word lists and initializes all lazy statics.
pub(super) fn warm_up() {
    facts::warm_up();
    if let Ok(mut document) = format::sniff(SAMPLE).and_then(|format| read::read(SAMPLE, format)) {
        facts::mark_languages(&mut document);
        let _ = summary::summarize(&document, &["Rust".to_owned()], facts::YearMonth { year: 2026, month: 1 });
    }
}

/// Confines this process, then answers `request` about the file on standard input on standard output.
/// Returns the exit code. `landlock`: whether the zygote has closed the file system.
pub(super) fn handle_request(request: &[u8], landlock: bool) -> i32 {
    let Ok(confinement) = confine(landlock) else { return 2 };
    let Ok(request) = serde_json::from_slice(request) else { return 2 };
    let response = respond(request, confinement).unwrap_or_else(Response::Refused);
    let Ok(bytes) = response.to_bytes() else { return 2 };
    match io::stdout().write_all(&bytes).and_then(|()| io::stdout().flush()) {
        Ok(()) => 0,
        Err(_) => 2,
    }
}

fn respond(request: Request, confinement: Confinement) -> Result<Response, Refusal> {
    match request {
        Request::Probe => Ok(Response::Probe(probe(confinement))),
        Request::ExceedLimit { limit } => exceed(limit),
        Request::Read { analysis, max_bytes } => {
            let document = check_length(read_document()?, max_bytes)?;
            let result = analysis.map(|analysis| analyze(&document, analysis));
            Ok(Response::Document { document: Box::new(document), result })
        }
        Request::Analyze { analysis } => {
            let mut document: Document =
                serde_json::from_slice(&read_stdin(u64::MAX)?).map_err(|_| Refusal::Damaged)?;
            facts::mark_languages(&mut document);
            let result = analysis.map(|analysis| analyze(&document, analysis));
            let languages = document.transcript.pages.into_iter().map(|page| page.languages).collect();
            Ok(Response::Analyzed { languages, result })
        }
        Request::Inspect { max_bytes } => {
            let document = check_length(read_document()?, max_bytes)?;
            Ok(Response::Inspection(inspection(&document, confinement)))
        }
        Request::Render { page, width } => {
            let bytes = read_file()?;
            Ok(Response::Image(read::render_png(&bytes, format::sniff(&bytes)?, page, width)?))
        }
        Request::Grayscale { page } => {
            let bytes = read_file()?;
            Ok(Response::Image(read::render_pgm(&bytes, format::sniff(&bytes)?, page)?))
        }
    }
}

/// Reads the document and marks the language of each of its sections.
fn read_document() -> Result<Document, Refusal> {
    let bytes = read_file()?;
    let mut document = read::read(&bytes, format::sniff(&bytes)?)?;
    facts::mark_languages(&mut document);
    Ok(document)
}

/// Refuses a document that does not fit into a response of `max_bytes` beside its summary.
fn check_length(document: Document, max_bytes: u64) -> Result<Document, Refusal> {
    let mut length = ByteCounter(0);
    serde_json::to_writer(&mut length, &document).map_err(|_| Refusal::Damaged)?;
    if length.0.saturating_add(MAX_SUMMARY_BYTES) > max_bytes { Err(Refusal::TooComplex) } else { Ok(document) }
}

/// A writer that only counts bytes.
struct ByteCounter(u64);

impl Write for ByteCounter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 += bytes.len() as u64;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn analyze(document: &Document, analysis: Analysis) -> AnalysisResult {
    match analysis {
        Analysis::Summary { must_haves, as_of } => {
            AnalysisResult::Lines(truncate(summary::summarize(document, &must_haves, as_of.into())))
        }
        Analysis::Facts { as_of } => AnalysisResult::Facts(facts::json_resume(&facts::extract(document), as_of.into())),
    }
}

/// Keeps the first lines that together take at most [`MAX_SUMMARY_BYTES`].
fn truncate(lines: Vec<Line>) -> Vec<Line> {
    let mut length = ByteCounter(0);
    let mut fits = |line: &Line| serde_json::to_writer(&mut length, line).is_ok() && length.0 <= MAX_SUMMARY_BYTES;
    let kept = lines.iter().map_while(|line| Some(()).filter(|()| fits(line))).count();
    lines.into_iter().take(kept).collect()
}

fn read_file() -> Result<Vec<u8>, Refusal> {
    let max = MAX_FILE_MIB * 1024 * 1024;
    let bytes = read_stdin(max + 1)?;
    if bytes.len() as u64 > max {
        return Err(Refusal::TooLarge { limit_mib: MAX_FILE_MIB });
    }
    Ok(bytes)
}

fn read_stdin(max: u64) -> Result<Vec<u8>, Refusal> {
    let mut bytes = Vec::new();
    io::stdin().lock().take(max).read_to_end(&mut bytes).map_err(|_| Refusal::Damaged)?;
    Ok(bytes)
}

fn inspection(document: &Document, confinement: Confinement) -> Inspection {
    let pages = u32::try_from(document.transcript.pages.len()).unwrap_or(u32::MAX);
    let readable = !document.lines.is_empty();
    Inspection { format: document.format, pages, readable, confinement }
}

/// Exceeds `limit` until this process is killed.
fn exceed(limit: LimitProbe) -> ! {
    match limit {
        LimitProbe::Time => compute_forever(),
        LimitProbe::Memory => allocate_forever(),
        LimitProbe::Response => respond_forever(),
    }
}

fn respond_forever() -> ! {
    loop {
        let _ = io::stdout().write_all(&[b'J'; 4096]);
    }
}

fn compute_forever() -> ! {
    let mut n = 0_u64;
    loop {
        n = std::hint::black_box(n.wrapping_add(1));
    }
}

fn allocate_forever() -> ! {
    let mut all: Vec<Vec<u8>> = Vec::new();
    loop {
        all.push(std::hint::black_box(vec![1; 1024 * 1024]));
    }
}

/// Tries operations that must fail in a confined process.
fn probe(confinement: Confinement) -> Probe {
    let path = std::env::temp_dir().join("cv-probe");
    Probe {
        opened_file: File::open("/etc/passwd").is_ok(),
        created_file: OpenOptions::new().create(true).append(true).open(path).is_ok(),
        opened_socket: UdpSocket::bind("127.0.0.1:0").is_ok(),
        started_program: Command::new("/bin/true").status().is_ok(),
        started_thread: std::thread::Builder::new().spawn(|| {}).is_ok(),
        signaled_parent: getppid().is_some_and(|parent| raw::may_signal(parent) || test_kill_process(parent).is_ok()),
        open_descriptors: raw::open_descriptors(),
        parent: std::os::unix::process::parent_id(),
        confinement,
    }
}
