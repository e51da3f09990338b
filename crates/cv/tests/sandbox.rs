//! What a child process may not do, and what the parent learns from how it exits.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod common;

use std::{
    io::Write,
    path::PathBuf,
    time::{Duration, Instant},
};

use common::{bytes, file_of, open, sandbox};
use cv::{
    facts::{self, YearMonth},
    format::Format,
    sandbox::{LimitProbe, Limits, ReadError, Sandbox},
    summary::summarize,
};
use domain::Refusal;
use zip::{CompressionMethod, ZipWriter, write::SimpleFileOptions};

fn refusal(error: ReadError) -> Refusal {
    match error {
        ReadError::Refused(refusal) => refusal,
        error => panic!("no refusal: {error:?}"),
    }
}

#[tokio::test]
async fn a_child_can_open_no_file_no_socket_and_no_program() {
    let probe = sandbox().probe(file_of(b"")).await.unwrap();
    // Every supported kernel has seccomp; Landlock may be turned off.
    assert!(probe.confinement.seccomp, "{probe:?}");
    let modules = std::fs::read_to_string("/sys/kernel/security/lsm").unwrap_or_default();
    assert!(probe.confinement.landlock || !modules.contains("landlock"), "{probe:?}");
    assert!(!probe.opened_file && !probe.created_file, "{probe:?}");
    assert!(!probe.opened_socket, "{probe:?}");
    assert!(!probe.started_program, "{probe:?}");
    assert!(!probe.started_thread, "{probe:?}");
    assert!(!probe.signaled_parent, "{probe:?}");
}

#[tokio::test]
async fn a_descriptor_that_the_server_inherited_reaches_no_child() {
    let inherited = open("gen-es2.txt");
    rustix::io::fcntl_setfd(&inherited, rustix::io::FdFlags::empty()).unwrap();
    let probe = sandbox().probe(file_of(b"")).await.unwrap();
    assert_eq!(probe.open_descriptors, 0, "{probe:?}");
}

#[tokio::test]
async fn every_bomb_is_refused_in_bounded_time_and_the_parent_survives() {
    let sandbox = sandbox();
    let bombs =
        ["bomb-flate2.pdf", "bomb-flate-1g.pdf", "bomb-zip-1g.docx", "bomb-xml-entities.docx", "bomb-alloc.doc"];
    for bomb in bombs {
        let began = Instant::now();
        let refused = refusal(sandbox.read(open(bomb)).await.unwrap_err());
        assert_eq!(refused, Refusal::TooComplex, "{bomb}");
        assert!(began.elapsed() < Duration::from_secs(15), "{bomb}: {:?}", began.elapsed());
    }
    let document = sandbox.read(open("gen-en1-lo.pdf")).await.unwrap();
    assert_eq!(document.format, Format::Pdf);
}

#[tokio::test]
async fn memory_and_processor_time_are_limited_separately() {
    // Long enough to play no role here.
    let limits = Limits { wall_time: Duration::from_secs(120), ..Limits::default() };
    let sandbox = Sandbox::new(PathBuf::from(env!("CARGO_BIN_EXE_cv")), vec!["child".into()], limits);
    for limit in [LimitProbe::Memory, LimitProbe::Time] {
        let refused = refusal(sandbox.exceed_limit(limit, file_of(b"")).await.unwrap_err());
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
    // The body was stored as it is; patch both of its headers to say that it is deflated, and to give the
    // largest size that they can hold.
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

/// After a full flush a deflated block is self-contained, so one block can be repeated.
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
async fn a_child_that_does_not_respond_is_killed_and_releases_its_permit() {
    let limits = Limits { wall_time: Duration::from_millis(300), concurrency: 1, ..Limits::default() };
    let sandbox = Sandbox::new(PathBuf::from(env!("CARGO_BIN_EXE_cv")), vec!["child".into()], limits);
    for _ in 0..2 {
        let began = Instant::now();
        assert_eq!(
            refusal(sandbox.exceed_limit(LimitProbe::Time, file_of(b"x")).await.unwrap_err()),
            Refusal::TooComplex
        );
        // A child that computes until its processor time is up takes five seconds.
        assert!(began.elapsed() < Duration::from_secs(4), "{:?}", began.elapsed());
    }
}

#[tokio::test]
async fn a_response_over_the_limit_is_refused() {
    let refused = sandbox().exceed_limit(LimitProbe::Response, file_of(b"x")).await.unwrap_err();
    assert_eq!(refusal(refused), Refusal::TooComplex);
}

#[tokio::test]
async fn inspect_refuses_as_too_large_what_read_refuses() {
    // Room for the summary, and for a few words.
    let limits = Limits { response_bytes: 1024 * 1024 + 4_096, ..Limits::default() };
    let sandbox = Sandbox::new(PathBuf::from(env!("CARGO_BIN_EXE_cv")), vec!["child".into()], limits);
    assert_eq!(refusal(sandbox.read(open("gen-en1-lo.pdf")).await.unwrap_err()), Refusal::TooComplex);
    assert_eq!(refusal(sandbox.inspect(open("gen-en1-lo.pdf")).await.unwrap_err()), Refusal::TooComplex);
    assert!(sandbox.read(file_of(b"Ada Lovelace")).await.is_ok());
    assert!(sandbox.inspect(file_of(b"Ada Lovelace")).await.is_ok());
}

#[tokio::test]
async fn a_request_without_a_permit_is_busy_and_other_kinds_have_permits_of_their_own() {
    let limits = Limits { concurrency: 1, permit_timeout: Duration::from_millis(100), ..Limits::default() };
    let sandbox = Sandbox::new(PathBuf::from(env!("CARGO_BIN_EXE_cv")), vec!["child".into()], limits);
    sandbox.probe(file_of(b"")).await.unwrap();
    // The check that computes forever holds the only permit for checks until its time is up.
    let others = async {
        // The first poll of `join!` has acquired the permit.
        let busy = sandbox.inspect(open("gen-es2.txt")).await;
        assert!(matches!(busy, Err(ReadError::Busy)), "{busy:?}");
        assert!(sandbox.read(open("gen-es2.txt")).await.is_ok());
        assert!(sandbox.render(open("gen-en1-lo.pdf"), 1, 200).await.is_ok());
    };
    let (refused, ()) = tokio::join!(sandbox.exceed_limit(LimitProbe::Time, file_of(b"")), others);
    assert_eq!(refusal(refused.unwrap_err()), Refusal::TooComplex);
}

#[tokio::test]
async fn a_missing_program_or_one_that_is_no_zygote_is_unavailable() {
    for program in ["/no/such/program", "/bin/true"] {
        let sandbox = Sandbox::new(PathBuf::from(program), vec![], Limits::default());
        let error = sandbox.read(file_of(b"x")).await.unwrap_err();
        assert!(matches!(error, ReadError::Unavailable(_)), "{program}: {error:?}");
    }
}

/// Waits until `done` returns true.
async fn until(what: &str, done: impl Fn() -> bool) {
    let wait = async {
        while !done() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), wait).await.unwrap_or_else(|_| panic!("{what}"));
}

fn is_running(process: u32) -> bool {
    let state = std::fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
    state.rsplit(')').next().is_some_and(|rest| !rest.is_empty() && !rest.starts_with(" Z"))
}

/// The child processes of `process`.
fn children(process: u32) -> Vec<u32> {
    let all = std::fs::read_dir("/proc").unwrap().filter_map(|entry| entry.unwrap().file_name().to_str()?.parse().ok());
    let started = |child: &u32| {
        let state = std::fs::read_to_string(format!("/proc/{child}/stat")).unwrap_or_default();
        state.rsplit(')').next().and_then(|rest| rest.split_whitespace().nth(1)) == Some(process.to_string().as_str())
    };
    all.filter(started).collect()
}

#[tokio::test]
async fn a_zygote_that_is_killed_is_replaced() {
    let sandbox = sandbox();
    let first = sandbox.probe(file_of(b"")).await.unwrap().parent;
    assert_eq!(sandbox.probe(file_of(b"")).await.unwrap().parent, first, "one zygote for all files");
    let pid = rustix::process::Pid::from_raw(first.try_into().unwrap()).unwrap();
    rustix::process::kill_process(pid, rustix::process::Signal::KILL).unwrap();
    until("the zygote is gone", || !is_running(first)).await;
    assert!(sandbox.read(open("gen-es2.txt")).await.is_ok());
    assert_ne!(sandbox.probe(file_of(b"")).await.unwrap().parent, first);
}

#[tokio::test]
async fn dropping_a_request_kills_the_child_and_dropping_the_sandbox_the_zygote() {
    let limits = Limits { wall_time: Duration::from_secs(120), ..Limits::default() };
    let sandbox = Sandbox::new(PathBuf::from(env!("CARGO_BIN_EXE_cv")), vec!["child".into()], limits);
    let zygote = sandbox.probe(file_of(b"")).await.unwrap().parent;
    let asked = sandbox.exceed_limit(LimitProbe::Time, file_of(b""));
    tokio::select! {
        _ = asked => panic!("it computes forever"),
        () = until("the child is forked", || !children(zygote).is_empty()) => {}
    }
    until("the child is killed", || children(zygote).is_empty()).await;
    assert!(is_running(zygote));
    drop(sandbox);
    until("the zygote exits", || !is_running(zygote)).await;
}

#[tokio::test]
async fn the_children_of_a_killed_zygote_die_with_it() {
    let limits = Limits { wall_time: Duration::from_secs(120), ..Limits::default() };
    let sandbox = Sandbox::new(PathBuf::from(env!("CARGO_BIN_EXE_cv")), vec!["child".into()], limits);
    let zygote = sandbox.probe(file_of(b"")).await.unwrap().parent;
    let pid = rustix::process::Pid::from_raw(zygote.try_into().unwrap()).unwrap();
    let asked = sandbox.exceed_limit(LimitProbe::Time, file_of(b""));
    let reader = async {
        until("the child is forked", || !children(zygote).is_empty()).await;
        let reader = children(zygote)[0];
        rustix::process::kill_process(pid, rustix::process::Signal::KILL).unwrap();
        until("the child dies with the zygote", || !is_running(reader)).await;
    };
    tokio::select! {
        _ = asked => panic!("it computes forever"),
        () = reader => {}
    }
}

#[tokio::test]
async fn a_zygote_keeps_no_descriptor_of_a_finished_request() {
    let sandbox = sandbox();
    let zygote = sandbox.probe(file_of(b"")).await.unwrap().parent;
    // A child is reaped before its control socket is closed. Then three standard descriptors remain.
    let is_idle = || std::fs::read_dir(format!("/proc/{zygote}/fd")).unwrap().count() == 3;
    until("the first request is cleaned up", is_idle).await;
    for _ in 0..5 {
        sandbox.read(open("gen-en1-lo.pdf")).await.unwrap();
        sandbox.read(file_of(b"%PDF-1.7 nothing")).await.unwrap_err();
    }
    until("the other requests are cleaned up", is_idle).await;
}

#[tokio::test]
async fn concurrent_requests_get_their_own_responses() {
    let sandbox = sandbox();
    let read = async |n: usize| {
        let name = format!("Ada Lovelace the {n}th");
        let document = sandbox.read(file_of(name.as_bytes())).await.unwrap();
        assert_eq!(common::text(&document), name);
    };
    futures::future::join_all((0..64).map(read)).await;
}

#[tokio::test]
async fn the_sandbox_returns_what_the_library_returns() {
    for name in ["gen-en1-lo.pdf", "gen-de1-dates-table.docx", "gen-es2.txt"] {
        let inside = sandbox().read(open(name)).await.unwrap();
        let mut outside = common::read_bytes(&bytes(name)).unwrap();
        facts::mark_languages(&mut outside);
        assert_eq!(inside, outside, "{name}");
        let must_haves = ["Python".to_owned(), "Cobol \"77\"\n\u{0}".to_owned()];
        let now = YearMonth { year: 2026, month: 11 };
        let summarized = sandbox().summarize(open(name), &must_haves, now).await.unwrap();
        assert_eq!(summarized.document, inside, "{name}");
        assert_eq!(summarized.lines, summarize(&inside, &must_haves, now), "{name}");
        assert!(summarized.lines.len() > 5, "{name}");
        let facts = sandbox().facts(open(name), now).await.unwrap();
        assert_eq!(facts["resume"], facts::json_resume(&facts::extract(&inside), now)["resume"], "{name}");
        let inspection = sandbox().inspect(open(name)).await.unwrap();
        assert_eq!(inspection.format, inside.format, "{name}");
        assert_eq!(inspection.pages as usize, inside.transcript.pages.len(), "{name}");
        assert!(inspection.readable, "{name}");
    }
}

#[tokio::test]
async fn a_page_is_rendered_as_a_png() {
    let png = sandbox().render(open("gen-en1-lo.pdf"), 1, 1000).await.unwrap();
    assert!(png.starts_with(b"\x89PNG"), "{:?}", png.get(..8));
    let width = png.get(16..20).unwrap();
    assert!((999..=1000).contains(&u32::from_be_bytes(width.try_into().unwrap())));
    let none = sandbox().render(open("gen-en1-lo.pdf"), 99, 1000).await.unwrap_err();
    assert_eq!(refusal(none), Refusal::NoPages);
}
