//! The server: the live socket, a page, and a route that publishes.

use std::{
    net::SocketAddr,
    sync::Arc,
    time::{SystemTime, UNIX_EPOCH},
};

use axum::{
    Router,
    extract::{Path, Query, State, WebSocketUpgrade},
    http::StatusCode,
    response::{Html, Response},
    routing::{get, post},
    serve::ListenerExt,
};
use db::{Clock, Db, params, sql};
use futures::{FutureExt, future::BoxFuture};
use live::{Authorize, BoxError, Hub, Limits, Topic};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::net::{TcpListener, TcpSocket};
use tokio_util::sync::CancellationToken;

use crate::{
    Failure,
    socket::{self, Live},
};

/// A payload of about the size of a summary line with its evidence.
const TEXT: &str = "Led the move of the billing system of eleven countries to one ledger, with no closed day; \
    2019 to 2024, four engineers, reported to the head of finance and to the board's committee.";

#[derive(Clone)]
struct App {
    db: Db,
    live: Live,
}

/// Serves on `listen` until it is killed. Prints `ready PORT` once it accepts connections.
pub async fn serve(url: &str, listen: &str) -> Result<(), Failure> {
    let db = Db::open(url).await?;
    db.migrate().await?;
    let pages =
        sql!("create table if not exists bench_pages (topic text primary key, state text not null, seq bigint)");
    db.execute(pages, params![]).await?;
    let hub = Hub::new(db.clone());
    let live = Live { hub: hub.clone(), limits: Limits::default(), stop: CancellationToken::new() };
    let router = Router::new()
        .route("/live", get(connect))
        .route("/page/{topic}", get(page))
        .route("/publish/{topic}", post(publish))
        .with_state(App { db, live });
    let listener = listen_on(listen.parse()?)?;
    println!("ready {}", listener.local_addr()?.port());
    let listener = listener.tap_io(|stream| drop(stream.set_nodelay(true)));
    tokio::select! {
        served = axum::serve(listener, router).into_future() => Ok(served?),
        () = hub.run() => Ok(()),
    }
}

/// Listens with the product's backlog of connections.
fn listen_on(address: SocketAddr) -> Result<TcpListener, Failure> {
    let socket = TcpSocket::new_v4()?;
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    Ok(socket.listen(4_096)?)
}

struct Anybody;

impl Authorize for Anybody {
    fn subject(&self) -> String {
        // As long as the product's, which is a session's id.
        "0192f0c4-7a31-7c3e-9d52-2f1c0a6b7e10".to_owned()
    }

    fn may_join<'a>(&'a self, _topic: &'a str) -> BoxFuture<'a, Result<bool, BoxError>> {
        async { Ok(true) }.boxed()
    }

    fn push<'a>(&'a self, _topic: &'a str, payload: Value) -> BoxFuture<'a, Result<Value, String>> {
        async { Ok(payload) }.boxed()
    }
}

async fn connect(State(app): State<App>, upgrade: WebSocketUpgrade) -> Response {
    socket::upgrade(upgrade, app.live, Arc::new(Anybody), |incoming| incoming)
}

/// Reads the state and its seq from one row, as the product's pages do.
async fn page(State(app): State<App>, Path(topic): Path<String>) -> Result<Html<String>, StatusCode> {
    let read = async {
        let mut tx = app.db.snapshot().await?;
        let find = sql!("select state, seq from bench_pages where topic = $1" => { state: String, seq: i64 });
        let row = tx.one(find, params![topic.as_str()]).await?;
        tx.commit().await?;
        Ok::<_, db::Error>((row.state, row.seq))
    };
    let (state, seq) = read.await.map_err(|_| StatusCode::NOT_FOUND)?;
    Ok(Html(format!("<!doctype html><title>{topic}</title><main data-seq=\"{seq}\">{state}</main>")))
}

#[derive(Deserialize)]
struct PublishQuery {
    /// Events in one transaction.
    events: Option<u64>,
}

async fn publish(
    State(app): State<App>,
    Path(topic): Path<String>,
    Query(query): Query<PublishQuery>,
) -> Result<String, StatusCode> {
    let done = publish_events(&app.db, &topic, query.events.unwrap_or(1)).await;
    done.map(|seq| seq.to_string()).map_err(|error| {
        eprintln!("could not publish: {error}");
        StatusCode::INTERNAL_SERVER_ERROR
    })
}

/// Publishes events and updates the row that a page reads, in one transaction.
pub async fn publish_events(db: &Db, topic: &str, events: u64) -> Result<u64, Failure> {
    let (kind, id) = topic.split_once(':').ok_or("a topic has a kind and an id")?;
    let name: Topic<Value> = Topic::new(kind, id);
    let events: Vec<_> = (0..events).map(|_| json!({"at": now_us(), "text": TEXT})).collect();
    let mut tx = db.begin().await?;
    let seq = live::publish_all(&mut tx, &name, &events, Clock::system().now_ms()).await?;
    let fold = sql!(
        "insert into bench_pages (topic, state, seq) values ($1, $2, $3)
         on conflict (topic) do update set state = excluded.state, seq = excluded.seq"
    );
    tx.execute(fold, params![topic, TEXT, seq]).await?;
    tx.commit().await?;
    Ok(seq)
}

/// Microseconds since 1970, the same in every process of this machine.
pub fn now_us() -> u64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(now.as_micros()).unwrap_or(u64::MAX)
}
