//! The reading process: what it may not do, and what the parent learns of its end.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod common;

use std::{
    io::Write,
    path::PathBuf,
    time::{Duration, Instant},
};

use common::{bytes, file_of, open, sandbox};
use cv::{
    format::Format,
    sandbox::{Limits, Overdone, ReadError, Sandbox},
};
use domain::Refusal;
use zip::{CompressionMethod, ZipWriter, write::SimpleFileOptions};

fn refusal(error: ReadError) -> Refusal {
    match error {
        ReadError::Refused(refusal) => refusal,
        ReadError::Unavailable(error) => panic!("unavailable: {error}"),
    }
}

#[tokio::test]
async fn a_reading_process_can_open_no_file_no_socket_and_no_program() {
    let probe = sandbox().probe(file_of(b"")).await.unwrap();
    // Every kernel that we name as supported filters calls; Landlock may be switched off.
    assert!(probe.confinement.no_calls, "{probe:?}");
    let modules = std::fs::read_to_string("/sys/kernel/security/lsm").unwrap_or_default();
    assert!(probe.confinement.no_files || !modules.contains("landlock"), "{probe:?}");
    assert!(!probe.opened_file && !probe.made_file, "{probe:?}");
    assert!(!probe.opened_socket, "{probe:?}");
    assert!(!probe.started_program, "{probe:?}");
    assert!(!probe.started_thread, "{probe:?}");
}

#[tokio::test]
async fn every_bomb_is_refused_in_bounded_time_and_the_parent_goes_on() {
    let sandbox = sandbox();
    for bomb in ["bomb-flate2.pdf", "bomb-xml-entities.docx", "bomb-alloc.doc"] {
        let began = Instant::now();
        let refused = refusal(sandbox.read(open(bomb)).await.unwrap_err());
        assert_eq!(refused, Refusal::TooComplex, "{bomb}");
        assert!(began.elapsed() < Duration::from_secs(15), "{bomb}: {:?}", began.elapsed());
    }
    let document = sandbox.read(open("gen-en1-lo.pdf")).await.unwrap();
    assert_eq!(document.format, Format::Pdf);
}

#[tokio::test]
async fn memory_and_processor_time_have_limits_of_their_own() {
    // The time by the clock is no limit here.
    let limits = Limits { wall: Duration::from_secs(120), ..Limits::default() };
    let sandbox = Sandbox::new(PathBuf::from(env!("CARGO_BIN_EXE_cv")), vec!["child".into()], limits);
    for limit in [Overdone::Memory, Overdone::Time] {
        let refused = refusal(sandbox.overdo(limit, file_of(b"")).await.unwrap_err());
        assert_eq!(refused, Refusal::TooComplex, "{limit:?}");
    }
}

#[tokio::test]
async fn a_docx_that_inflates_to_five_gigabytes_is_refused() {
    let began = Instant::now();
    let refused = refusal(sandbox().inspect(file_of(&zip_bomb())).await.unwrap_err());
    assert_eq!(refused, Refusal::TooComplex);
    assert!(began.elapsed() < Duration::from_secs(15), "{:?}", began.elapsed());
}

/// A DOCX of a few megabytes whose body inflates to 5 GiB.
fn zip_bomb() -> Vec<u8> {
    let mut zip = ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    zip.start_file("[Content_Types].xml", options).unwrap();
    zip.write_all(b"<Types><Override ContentType=\"wordprocessingml.document.main\"/></Types>").unwrap();
    zip.start_file("word/document.xml", options).unwrap();
    zip.write_all(&five_gigabytes_deflated()).unwrap();
    let mut bytes = zip.finish().unwrap().into_inner();
    // The body was written as it is; both of its headers are told that it is deflated, and the
    // largest size that they can tell.
    let name = b"word/document.xml";
    let places: Vec<usize> = (0..bytes.len()).filter(|at| bytes[*at..].starts_with(name)).collect();
    assert_eq!(places.len(), 2);
    let (local, central) = (places[0] - 30, places[1] - 46);
    bytes[local + 8] = 8;
    bytes[central + 10] = 8;
    let size = (u32::MAX - 1).to_le_bytes();
    bytes[local + 22..local + 26].copy_from_slice(&size);
    bytes[central + 24..central + 28].copy_from_slice(&size);
    bytes
}

/// After a full flush a deflated block stands for itself, so that one block can be repeated.
fn five_gigabytes_deflated() -> Vec<u8> {
    let spaces = vec![b' '; 1024 * 1024];
    let mut deflater = flate2::Compress::new(flate2::Compression::best(), false);
    let mut block = || {
        let mut block = Vec::with_capacity(1024 * 1024);
        deflater.compress_vec(&spaces, &mut block, flate2::FlushCompress::Full).unwrap();
        block
    };
    let (first, second) = (block(), block());
    [first, second.repeat(5 * 1024 - 1)].concat()
}

#[tokio::test]
async fn a_process_that_does_not_answer_is_ended() {
    let limits = Limits { wall: Duration::from_millis(300), ..Limits::default() };
    let sandbox = Sandbox::new(PathBuf::from("/bin/sleep"), vec![], limits);
    // The mode is no number of seconds, so another program is needed that never ends.
    let endless = Sandbox::new(PathBuf::from("/bin/sh"), vec!["-c".into(), "while :; do :; done".into()], limits);
    let began = Instant::now();
    assert_eq!(refusal(endless.read(file_of(b"x")).await.unwrap_err()), Refusal::TooComplex);
    assert!(began.elapsed() < Duration::from_secs(5));
    assert_eq!(refusal(sandbox.read(file_of(b"x")).await.unwrap_err()), Refusal::Damaged);
}

#[tokio::test]
async fn an_answer_over_the_limit_is_cut_off() {
    let limits = Limits { answer: 1024, ..Limits::default() };
    let program = PathBuf::from("/bin/sh");
    let flood = vec!["-c".into(), "while :; do echo xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx; done".into()];
    let refused = Sandbox::new(program, flood, limits).read(file_of(b"x")).await.unwrap_err();
    assert_eq!(refusal(refused), Refusal::TooComplex);
}

#[tokio::test]
async fn a_program_that_is_not_there_is_the_machines_fault() {
    let sandbox = Sandbox::new(PathBuf::from("/no/such/program"), vec![], Limits::default());
    let error = sandbox.read(file_of(b"x")).await.unwrap_err();
    assert!(matches!(error, ReadError::Unavailable(_)), "{error:?}");
}

#[tokio::test]
async fn reading_in_the_process_gives_what_reading_outside_gives() {
    for name in ["gen-en1-lo.pdf", "gen-de1-dates-table.docx", "gen-es2.txt"] {
        let inside = sandbox().read(open(name)).await.unwrap();
        assert_eq!(inside, common::read_bytes(&bytes(name)).unwrap(), "{name}");
        let inspection = sandbox().inspect(open(name)).await.unwrap();
        assert_eq!(inspection.format, inside.format, "{name}");
        assert_eq!(inspection.pages as usize, inside.transcript.pages.len(), "{name}");
        assert!(inspection.readable, "{name}");
    }
}

#[tokio::test]
async fn a_page_becomes_a_picture() {
    let png = sandbox().render(open("gen-en1-lo.pdf"), 1, 1000).await.unwrap();
    assert!(png.starts_with(b"\x89PNG"), "{:?}", png.get(..8));
    let width = png.get(16..20).unwrap();
    assert!((999..=1000).contains(&u32::from_be_bytes(width.try_into().unwrap())));
    let none = sandbox().render(open("gen-en1-lo.pdf"), 99, 1000).await.unwrap_err();
    assert_eq!(refusal(none), Refusal::NoPages);
}
