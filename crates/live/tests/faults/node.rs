//! Nodes and producers as processes of their own: this test program once more.

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
use live::{Authorise, BoxError, ClientMsg, Hub, Incoming, Limits};
use serde::Deserialize;
use serde_json::Value;
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    net::TcpListener,
    process::Child,
};
use tokio_util::sync::CancellationToken;

use crate::{
    Way, producer,
    socket::{self, Live},
};

/// Silence after which a node gives a socket up: short, so that a run has many such.
pub const IDLE: Duration = Duration::from_secs(2);
const PRODUCERS: u64 = 3;

pub const URL: &str = "FAULT_LIVE_URL";
pub const WAY: &str = "FAULT_LIVE_WAY";
pub const SEED: &str = "FAULT_LIVE_SEED";
/// Whether the node publishes too: an SQLite file belongs to one process.
const PRODUCES: &str = "FAULT_LIVE_PRODUCES";

#[derive(Clone)]
struct App {
    db: Db,
    live: Live,
    way: Way,
}

/// What a node's process runs; a test only for the runner.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "the process of a node, started by the other tests"]
async fn node_process() {
    let Some((db, way, seed)) = producer::environment().await else { return };
    let heal = if way == Way::HintOnly { Duration::from_secs(3_600) } else { Duration::from_millis(500) };
    let hub = Hub::healing_every(db.clone(), heal);
    let limits = Limits {
        idle: IDLE,
        write_within: Duration::from_secs(1),
        rejoin_within: Duration::from_millis(200),
        ..Limits::default()
    };
    let live = Live { hub: hub.clone(), limits, stop: CancellationToken::new() };
    let router = Router::new()
        .route("/live", get(connect))
        .route("/publish/{topic}", post(publish))
        .route("/revoke/{who}/{topic}", post(revoke))
        .with_state(App { db: db.clone(), live, way });
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    println!("\nready {}", listener.local_addr().unwrap().port());
    let producers = if std::env::var(PRODUCES).is_ok() { PRODUCERS } else { 0 };
    for number in 0..producers {
        tokio::spawn(producer::produce(db.clone(), way, seed * PRODUCERS + number));
    }
    tokio::join!(hub.run(), async { axum::serve(listener, router).await.unwrap() });
}

#[derive(Deserialize)]
struct Who {
    who: String,
}

async fn connect(State(app): State<App>, Query(who): Query<Who>, upgrade: WebSocketUpgrade) -> Response {
    let doors = Doors { db: app.db.clone(), who: who.who, way: app.way };
    match app.way {
        Way::HintOnly => socket::upgrade(upgrade, app.live, Arc::new(doors), |incoming| {
            incoming.then(move |said| without_replay(app.db.clone(), said))
        }),
        _ => socket::upgrade(upgrade, app.live, Arc::new(doors), |incoming| incoming),
    }
}

/// Whatever the client says that it holds: it is told of what comes from now on.
async fn without_replay(db: Db, said: Incoming) -> Incoming {
    let Incoming::Text(text) = &said else { return said };
    let Ok(ClientMsg::Join { topic, .. }) = ClientMsg::decode(text) else { return said };
    let newest = async {
        let mut tx = db.snapshot().await?;
        let seq = live::seq(&mut tx, &topic).await?;
        Ok::<_, live::Error>((tx.commit().await?, seq).1)
    };
    match newest.await {
        Ok(since) => Incoming::Text(ClientMsg::Join { topic, since }.encode()),
        Err(_) => said,
    }
}

/// Who may not hear what stands in a table; secrets are for nobody.
struct Doors {
    db: Db,
    who: String,
    way: Way,
}

impl Authorise for Doors {
    fn subject(&self) -> String {
        self.who.clone()
    }

    fn may_join<'a>(&'a self, topic: &'a str) -> BoxFuture<'a, Result<bool, BoxError>> {
        async move {
            if self.way == Way::WithoutDoors {
                return Ok(true);
            }
            let mut tx = self.db.snapshot().await?;
            let shut = sql!("select who from doors where who = $1 and topic = $2");
            let shut = tx.optional(shut, params![self.who.as_str(), topic]).await?.is_some();
            tx.commit().await?;
            Ok(!shut && !topic.starts_with("secret"))
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

/// Takes the right away, and says so, in one transaction.
async fn revoke(State(app): State<App>, Path((who, topic)): Path<(String, String)>) -> Result<(), StatusCode> {
    let done = async {
        let mut tx = app.db.begin().await?;
        let shut = sql!("insert into doors (who, topic) values ($1, $2) on conflict do nothing");
        tx.execute(shut, params![who.as_str(), topic]).await?;
        live::revoke(&mut tx, &who, Clock::system().now_ms()).await?;
        tx.commit().await?;
        Ok::<_, live::Error>(())
    };
    done.await.map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)
}

/// What a process is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    Node,
    /// A node that publishes too.
    ProducingNode,
    Producer,
}

/// A process that ends when this is dropped.
pub struct Process {
    child: Child,
    /// Where a node serves.
    pub address: Option<SocketAddr>,
}

impl Process {
    pub async fn start(url: &str, way: Way, role: Role, seed: u64) -> Self {
        let mut command = Command::new(std::env::current_exe().unwrap());
        let name = if role == Role::Producer { "producer::producer_process" } else { "node::node_process" };
        command
            .args(["--exact", name, "--ignored", "--quiet", "--nocapture"])
            .env(URL, url)
            .env(WAY, format!("{way:?}"))
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

    /// `kill -9`, and no farewell.
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
