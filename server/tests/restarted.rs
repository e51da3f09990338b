//! Replaces the real program while it is in use: a second process takes over from the first.

mod follow;
mod http;
mod server;

use crate::common;
use std::{
    net::TcpListener,
    os::{
        fd::OwnedFd,
        linux::{fs::MetadataExt, net::SocketAddrExt},
        unix::net::{SocketAddr, UnixStream},
    },
    path::Path,
    process::Stdio,
};

use axum::http::{StatusCode, header};
use db::{Db, params, sql};
use domain::SummaryState;
use rustix::process::Signal;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use follow::{Followed, follow};
use http::{Connection, Upload, apply, get, post, repeat, soon};
use server::{Server, signal};

const RESTARTS: usize = 3;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_request_fails_while_the_program_is_replaced_on_sqlite() {
    let data = tempfile::tempdir().unwrap();
    let server = Server::new(data.path(), None, &[]);
    no_request_fails(&server, async || {
        Db::open(&format!("sqlite://{}", data.path().join("verbatim.db").display())).await.unwrap()
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_request_fails_while_the_program_is_replaced_on_postgres() {
    let data = tempfile::tempdir().unwrap();
    let test = async |db: Db| {
        let url = db::testing::postgres_url(&db).await;
        no_request_fails(&Server::new(data.path(), Some(&url), &[]), async || db.clone()).await;
    };
    db::testing::on_postgres(test).await;
}

async fn no_request_fails(server: &Server, open: impl AsyncFn() -> Db) {
    let mut process = server.start().await;
    let enough = CancellationToken::new();
    let address = &server.address;
    let load = |kept, wanted, request: fn(&str, usize) -> _| {
        let (to, enough) = (address.clone(), enough.clone());
        tokio::spawn(repeat(address.clone(), kept, wanted, enough, move |count| request(&to, count)))
    };
    let loads = [
        load(false, StatusCode::OK, |to, _| get(to, "/careers")),
        load(true, StatusCode::OK, |to, _| get(to, "/careers")),
        load(true, StatusCode::OK, |to, _| get(to, "/pkg/verbatim.wasm")),
        load(false, StatusCode::SEE_OTHER, |to, n| apply(to, &format!("fresh{n}"))),
        load(true, StatusCode::SEE_OTHER, |to, n| apply(to, &format!("kept{n}"))),
    ];
    for _ in 0..RESTARTS {
        let upload = Upload::begin(address, "slow").await;
        let before = process;
        let (next, _) = common::start(server.command(), ["Took over from process ", " serves on "]).await;
        assert_eq!(upload.finish().await, "HTTP/1.1 303 See Other");
        process = next;
        let mut before = before;
        assert!(soon(before.wait()).await.unwrap().success());
    }
    enough.cancel();
    let mut counts = Vec::new();
    for load in loads {
        counts.push(load.await.expect("no request failed"));
    }
    println!("{RESTARTS} restarts, answered: {counts:?}");
    assert!(counts.iter().all(|count| *count > RESTARTS), "every load ran during each restart: {counts:?}");

    // Every application that was answered is stored, and gets summarized.
    let applied = counts[3] + counts[4] + RESTARTS;
    let db = open().await;
    let all_read = async {
        // Another process summarizes them, which SQLite does not announce: poll.
        let mut ticks = tokio::time::interval(std::time::Duration::from_millis(100));
        loop {
            ticks.tick().await;
            let count = sql!("select count(*) as jobs from jobs where worker = 'SummarizeCv' and state = 'completed'");
            let mut tx = db.snapshot().await.unwrap();
            if tx.one(count, params![]).await.unwrap().int("jobs").unwrap() as usize == applied {
                return;
            }
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(120), all_read).await.expect("every CV is read");
    let mut tx = db.snapshot().await.unwrap();
    let row = tx.one(sql!("select count(*) as applications from applications"), params![]).await.unwrap();
    assert_eq!(row.int("applications").unwrap() as usize, applied);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_open_page_gets_each_line_once_while_the_program_is_replaced_on_sqlite() {
    let data = tempfile::tempdir().unwrap();
    let db = format!("sqlite://{}", data.path().join("verbatim.db").display());
    let server = Server::new(data.path(), None, &["--line-delay-ms", "400"]);
    each_line_once(&server, async || Db::open(&db).await.unwrap()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_open_page_gets_each_line_once_while_the_program_is_replaced_on_postgres() {
    let data = tempfile::tempdir().unwrap();
    let test = async |db: Db| {
        let url = db::testing::postgres_url(&db).await;
        let server = Server::new(data.path(), Some(&url), &["--line-delay-ms", "400"]);
        each_line_once(&server, async || db.clone()).await;
    };
    db::testing::on_postgres(test).await;
}

async fn each_line_once(server: &Server, open: impl AsyncFn() -> Db) {
    let mut process = server.start().await;
    let cookie = sign_in(&server.address).await;
    assert_eq!(Connection::open(&server.address).await.send(apply(&server.address, "ada")).await.status, 303);
    let db = open().await;
    let topic = {
        let mut tx = db.snapshot().await.unwrap();
        let row = tx.one(sql!("select id from applications"), params![]).await.unwrap();
        format!("application:{}", row.text("id").unwrap())
    };
    let (seen, mut news) = watch::channel(Followed::default());
    let test = async {
        for count in [2, 4] {
            soon(news.wait_for(|seen| seen.seqs.len() >= count)).await.unwrap();
            process = server.replace(process).await;
        }
        soon(news.wait_for(|seen| seen.state.summary.state.is_final())).await.unwrap().clone()
    };
    let followed = tokio::select! {
        followed = test => followed,
        () = follow(&server.address, &cookie, &topic, seen) => unreachable!("it never returns"),
    };
    assert!(followed.seqs.iter().copied().eq(1..=followed.seqs.len() as u64), "{:?}", followed.seqs);
    assert!(followed.sockets > 1, "the old process closed its socket");
    assert_eq!(followed.state.summary.state, SummaryState::Ready);
    let log = live::read_since(&mut db.snapshot().await.unwrap(), &topic, 0, 1_000).await.unwrap();
    assert_eq!(log.len(), followed.seqs.len());
}

async fn sign_in(address: &str) -> String {
    let form = "email=demo%40verbatim.local&password=verbatim-demo&next=%2F";
    let answer = Connection::open(address).await.send(post(address, "/sign-in", form)).await;
    let cookie = answer.headers.get(header::SET_COOKIE).expect("a session").to_str().unwrap();
    cookie.split(';').next().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_process_that_cannot_start_leaves_the_old_one_serving() {
    let data = tempfile::tempdir().unwrap();
    let server = Server::new(data.path(), None, &[]);
    let process = server.start().await;
    for (more, reason) in [
        (["--site", "/no/such/folder"], "the setting site"),
        // It fails after it has received the descriptors.
        (["--database", "postgres://127.0.0.1:1/none"], "the setting database"),
    ] {
        let said = server.fail(Some(more)).await;
        assert!(said.contains(reason), "{said}");
        let answer = Connection::open(&server.address).await.send(get(&server.address, "/ready")).await;
        assert_eq!(answer.status, 200);
    }
    server.replace(process).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_one_process_at_a_time_can_take_over() {
    let data = tempfile::tempdir().unwrap();
    let server = Server::new(data.path(), None, &[]);
    let process = server.start().await;
    let first = UnixStream::connect_addr(&handoff_socket(data.path(), &server.address)).unwrap();
    // Wait for the greeting, so that this is the first one.
    std::io::Read::read_exact(&mut &first, &mut [0; 10]).unwrap();
    let said = server.fail(None).await;
    assert!(said.contains("is taking over already"), "{said}");
    assert!(said.contains(&std::process::id().to_string()), "it names the first: {said}");
    drop(first);
    server.replace(process).await;
}

/// The handoff socket, as `server/src/handoff.rs` names it.
fn handoff_socket(data: &Path, address: &str) -> SocketAddr {
    let folder = std::fs::metadata(data).unwrap();
    let name = format!("verbatim/{:x}/{:x}/{address}", folder.st_dev(), folder.st_ino());
    SocketAddr::from_abstract_name(name).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_process_that_hangs_is_named_and_serves_on_when_it_continues() {
    let data = tempfile::tempdir().unwrap();
    let server = Server::new(data.path(), None, &[]);
    let process = server.start().await;
    signal(&process, Signal::STOP);
    let said = server.fail(None).await;
    let pid = process.id().unwrap();
    assert!(said.contains(&format!("process {pid} serves already and does not answer")), "{said}");
    signal(&process, Signal::CONT);
    server.replace(process).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_process_does_not_block_the_next_one() {
    let data = tempfile::tempdir().unwrap();
    let server = Server::new(data.path(), None, &[]);
    let mut process = server.start().await;
    process.kill().await.unwrap();
    let again = server.start().await;
    server.replace(again).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_terminated_process_is_not_ready_finishes_its_requests_and_exits_with_zero() {
    let data = tempfile::tempdir().unwrap();
    let server = Server::new(data.path(), None, &[]);
    let mut process = server.start().await;
    let address = &server.address;
    let mut quiet = Connection::open(address).await;
    let upload = Upload::begin(address, "slow").await;
    // Connections are accepted in order: once this one is answered, the others are accepted.
    let answer = Connection::open(address).await.send(get(address, "/ready")).await;
    assert_eq!((answer.status.as_u16(), &*answer.body), (200, &br#"{"database":true,"staying":true}"#[..]));
    signal(&process, Signal::TERM);
    let refused = async {
        // No event announces a closed listener: poll.
        let mut ticks = tokio::time::interval(std::time::Duration::from_millis(10));
        while tokio::net::TcpStream::connect(address).await.is_ok() {
            ticks.tick().await;
        }
    };
    soon(refused).await;
    let answer = quiet.send(get(address, "/ready")).await;
    assert_eq!((answer.status.as_u16(), &*answer.body), (503, &br#"{"database":true,"staying":false}"#[..]));
    assert!(answer.closes());
    assert_eq!(upload.finish().await, "HTTP/1.1 303 See Other");
    assert!(soon(process.wait()).await.unwrap().success());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn connections_wait_in_systemds_socket_while_the_service_restarts() {
    let data = tempfile::tempdir().unwrap();
    let socket = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = socket.local_addr().unwrap().to_string();
    let (site, folder) = (common::site(data.path()), data.path().display().to_string());
    let start = || {
        // Like systemd: descriptor 3, and variables that name the process.
        let script = r#"exec 3<&0 </dev/null; export LISTEN_FDS=1 LISTEN_PID=$$; exec "$@""#;
        let verbatim = env!("CARGO_BIN_EXE_verbatim");
        let mut command = tokio::process::Command::new("sh");
        command.args(["-c", script, "sh", verbatim, "serve", "--demo", "--site", &site, "--data", &folder]);
        command.stdin(Stdio::from(OwnedFd::from(socket.try_clone().unwrap()))).kill_on_drop(true);
        common::start(command, [" serves on "])
    };
    let ask = || {
        let address = address.clone();
        tokio::spawn(async move { Connection::open(&address).await.send(get(&address, "/ready")).await.status })
    };
    let early = ask();
    let (mut process, [url]) = start().await;
    assert_eq!(url, format!("http://{address}"));
    assert_eq!(soon(early).await.unwrap(), 200);

    signal(&process, Signal::TERM);
    assert!(soon(process.wait()).await.unwrap().success());
    let between = ask();
    let (first, _) = start().await;
    assert_eq!(soon(between).await.unwrap(), 200);

    // A second service on the same socket takes over from one that runs.
    let (_second, _) = start().await;
    let mut first = first;
    assert!(soon(first.wait()).await.unwrap().success());
    assert_eq!(soon(ask()).await.unwrap(), 200);
}
