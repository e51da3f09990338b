//! The reading process itself.

use std::{
    fs::{File, OpenOptions},
    io::{Read, Write},
    net::UdpSocket,
    process::{Command, ExitCode},
};

use domain::Refusal;

use super::{
    answer::{Answer, Confinement, Inspection, Probe},
    confine::confine,
};
use crate::{document::Document, format, read};

/// No larger file is looked at, in MiB.
pub const LARGEST_MIB: u64 = 32;

/// The whole life of a reading process: confines itself, reads standard input, answers on
/// standard output. `mode`: `read`, `inspect`, `render:PAGE:WIDTH`, `grey:PAGE`, `probe`, or what
/// shows that the limits hold: `spin`, `hog`. With `recognise:…` it becomes the program that
/// recognises text in our own pictures.
///
/// To be called first thing in `main`, before any thread runs.
#[must_use]
pub fn child_main(mode: &str) -> ExitCode {
    if let Some(request) = mode.strip_prefix("recognise:") {
        return super::ocr::become_recogniser(request);
    }
    let Ok(confinement) = confine() else {
        return ExitCode::from(2);
    };
    let answer = answer(mode, confinement).unwrap_or_else(|refusal| Answer::Refused { refusal });
    let Ok(bytes) = answer.to_bytes() else {
        return ExitCode::from(2);
    };
    match std::io::stdout().write_all(&bytes) {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::from(2),
    }
}

fn answer(mode: &str, confinement: Confinement) -> Result<Answer, Refusal> {
    match mode {
        "probe" => return Ok(Answer::Probe { probe: probe(confinement) }),
        "spin" => spin(),
        "hog" => hog(),
        _ => {}
    }
    let bytes = take()?;
    let format = format::sniff(&bytes)?;
    if let Some((page, width)) = picture(mode) {
        return Ok(Answer::Picture { bytes: read::picture(&bytes, format, page, width)? });
    }
    if let Some(page) = mode.strip_prefix("grey:") {
        let page = page.parse().map_err(|_| Refusal::NoPages)?;
        return Ok(Answer::Picture { bytes: read::grey(&bytes, format, page)? });
    }
    let document = read::read(&bytes, format)?;
    if mode == "inspect" {
        let inspection = inspection(&document, confinement);
        return Ok(Answer::Inspection { inspection });
    }
    Ok(Answer::Document { document: Box::new(document) })
}

fn take() -> Result<Vec<u8>, Refusal> {
    let mut bytes = Vec::new();
    let most = LARGEST_MIB * 1024 * 1024;
    let taken = std::io::stdin().lock().take(most + 1).read_to_end(&mut bytes);
    taken.map_err(|_| Refusal::Damaged)?;
    if bytes.len() as u64 > most {
        return Err(Refusal::TooLarge { limit_mib: LARGEST_MIB });
    }
    Ok(bytes)
}

fn inspection(document: &Document, confinement: Confinement) -> Inspection {
    let pages = u32::try_from(document.transcript.pages.len()).unwrap_or(u32::MAX);
    let readable = !document.lines.is_empty();
    Inspection { format: document.format, pages, readable, confinement }
}

fn picture(mode: &str) -> Option<(u32, u32)> {
    let (page, width) = mode.strip_prefix("render:")?.split_once(':')?;
    Some((page.parse().ok()?, width.parse().ok()?))
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
        confinement,
    }
}
