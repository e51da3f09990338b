//! Nodes and producers as processes of their own, which run this test program.

use std::{
    net::SocketAddr,
    process::{Command, Stdio},
    sync::Arc,
    time::Duration,
};

use axum::{
    Router,
    extract::{Path, Query, State, WebSocketUpgrade},
    http::StatusCode,
    response::Response,
    routing::{get, post},
};
use db::{Clock, Db, params, sql};
use futures::{FutureExt, StreamExt, future::BoxFuture};
use live::{Authorize, BoxError, ClientMsg, Hub, Incoming, Limits};
use serde::Deserialize;
use serde_json::Value;
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    net::TcpListener,
    process::Child,
};
use tokio_util::sync::CancellationToken;

use crate::{
    Variant, producer,
    socket::{self, Live},
};

/// After how long a node closes a silent socket: short, so that it happens often in a run.
pub const IDLE: Duration = Duration::from_secs(2);
const PRODUCERS: u64 = 3;

pub const URL: &str = "FAULT_LIVE_URL";
pub const VARIANT: &str = "FAULT_LIVE_WAY";
pub const SEED: &str = "FAULT_LIVE_SEED";
/// Set if the node also publishes, because an SQLite file belongs to one process.
const PRODUCES: &str = "FAULT_LIVE_PRODUCES";

#[derive(Clone)]
struct App {
    db: Db,
    live: Live,
    variant: Variant,
}

/// The main function of a node. It is a test so that the test program can run it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "the process of a node, started by the other tests"]
async fn node_process() {
    let Some((db, variant, seed)) = producer::environment().await else { return };
    let reconcile_interval =
        if variant == Variant::NotificationsOnly { Duration::from_secs(3_600) } else { Duration::from_millis(500) };
    let hub = Hub::with_reconcile_interval(db.clone(), reconcile_interval);
    let limits = Limits {
        idle_timeout: IDLE,
        write_timeout: Duration::from_secs(1),
        max_reconnect_delay: Duration::from_millis(200),
        ..Limits::default()
    };
    let live = Live { hub: hub.clone(), limits, stop: CancellationToken::new() };
    let router = Router::new()
        .route("/live", get(connect))
        .route("/publish/{topic}", post(publish))
        .route("/revoke/{who}/{topic}", post(revoke))
        .with_state(App { db: db.clone(), live, variant });
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    println!("\nready {}", listener.local_addr().unwrap().port());
    let producers = if std::env::var(PRODUCES).is_ok() { PRODUCERS } else { 0 };
    for number in 0..producers {
        tokio::spawn(producer::produce(db.clone(), variant, seed * PRODUCERS + number));
    }
    tokio::join!(hub.run(), async { axum::serve(listener, router).await.unwrap() });
}

#[derive(Deserialize)]
struct Who {
    who: String,
}

async fn connect(State(app): State<App>, Query(who): Query<Who>, upgrade: WebSocketUpgrade) -> Response {
    let policy = TestPolicy { db: app.db.clone(), who: who.who, variant: app.variant };
    match app.variant {
        Variant::NotificationsOnly => socket::upgrade(upgrade, app.live, Arc::new(policy), |incoming| {
            incoming.then(move |incoming| without_replay(app.db.clone(), incoming))
        }),
        _ => socket::upgrade(upgrade, app.live, Arc::new(policy), |incoming| incoming),
    }
}

/// Replaces a join's `since` by the newest seq, so that nothing is replayed.
async fn without_replay(db: Db, incoming: Incoming) -> Incoming {
    let Incoming::Text(text) = &incoming else { return incoming };
    let Ok(ClientMsg::Join { topic, .. }) = ClientMsg::decode(text) else { return incoming };
    let newest = async {
        let mut tx = db.snapshot().await?;
        let seq = live::last_seq(&mut tx, &topic).await?;
        Ok::<_, live::Error>((tx.commit().await?, seq).1)
    };
    match newest.await {
        Ok(since) => Incoming::Text(ClientMsg::Join { topic, since }.encode()),
        Err(_) => incoming,
    }
}

/// Reads from a table who may not join which topic. Nobody may join the secret topic.
struct TestPolicy {
    db: Db,
    who: String,
    variant: Variant,
}

impl Authorize for TestPolicy {
    fn subject(&self) -> String {
        self.who.clone()
    }

    fn may_join<'a>(&'a self, topic: &'a str) -> BoxFuture<'a, Result<bool, BoxError>> {
        async move {
            if self.variant == Variant::WithoutAuthorization {
                return Ok(true);
            }
            let mut tx = self.db.snapshot().await?;
            let find = sql!("select who from forbidden where who = $1 and topic = $2" => String);
            let forbidden = tx.optional(find, params![self.who.as_str(), topic]).await?.is_some();
            tx.commit().await?;
            Ok(!forbidden && !topic.starts_with("secret"))
        }
        .boxed()
    }

    fn push<'a>(&'a self, _topic: &'a str, payload: Value) -> BoxFuture<'a, Result<Value, String>> {
        async { Ok(payload) }.boxed()
    }
}

async fn publish(State(app): State<App>, Path(topic): Path<String>) -> Result<(), StatusCode> {
    producer::publish_last(&app.db, &topic).await.map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)
}

/// Takes the right away and revokes, in one transaction.
async fn revoke(State(app): State<App>, Path((who, topic)): Path<(String, String)>) -> Result<(), StatusCode> {
    let done = async {
        let mut tx = app.db.begin().await?;
        let insert = sql!("insert into forbidden (who, topic) values ($1, $2) on conflict do nothing");
        tx.execute(insert, params![who.as_str(), topic]).await?;
        live::revoke(&mut tx, &who, Clock::system().now_ms()).await?;
        tx.commit().await?;
        Ok::<_, live::Error>(())
    };
    done.await.map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)
}

/// What a process does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    Node,
    /// A node that also publishes.
    ProducingNode,
    Producer,
}

/// A process, which is killed when this is dropped.
pub struct Process {
    child: Child,
    /// The address of a node.
    pub address: Option<SocketAddr>,
}

impl Process {
    pub async fn start(url: &str, variant: Variant, role: Role, seed: u64) -> Self {
        let mut command = Command::new(std::env::current_exe().unwrap());
        let name = if role == Role::Producer { "producer::producer_process" } else { "node::node_process" };
        command
            .args(["--exact", name, "--ignored", "--quiet", "--nocapture"])
            .env(URL, url)
            .env(VARIANT, format!("{variant:?}"))
            .env(SEED, seed.to_string())
            .stdin(Stdio::null())
            .stdout(if role == Role::Producer { Stdio::null() } else { Stdio::piped() })
            .stderr(Stdio::null());
        if role == Role::ProducingNode {
            command.env(PRODUCES, "1");
        }
        let mut child = tokio::process::Command::from(command).kill_on_drop(true).spawn().unwrap();
        let address = match child.stdout.take() {
            Some(out) => Some(ready(out).await),
            None => None,
        };
        Self { child, address }
    }

    /// Kills the process with `SIGKILL`.
    pub async fn kill(&mut self) {
        self.child.kill().await.unwrap();
    }

    /// Sends `STOP` or `CONT`.
    pub fn signal(&self, signal: &str) {
        let id = self.child.id().expect("it runs").to_string();
        let sent = Command::new("kill").args([&format!("-{signal}"), &id]).status().unwrap();
        assert!(sent.success(), "{signal} reaches process {id}");
    }
}

async fn ready(out: tokio::process::ChildStdout) -> SocketAddr {
    let mut lines = BufReader::new(out).lines();
    let wait = async {
        while let Some(line) = lines.next_line().await.unwrap() {
            if let Some(port) = line.strip_prefix("ready ") {
                return SocketAddr::from(([127, 0, 0, 1], port.parse().unwrap()));
            }
        }
        panic!("a node ended before it served");
    };
    tokio::time::timeout(Duration::from_secs(60), wait).await.expect("a node serves within a minute")
}
