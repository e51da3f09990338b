//! Clients that write down what they are told.

use std::{
    collections::BTreeMap,
    net::{Ipv4Addr, SocketAddr},
    sync::{Arc, Mutex},
    time::Duration,
};

use futures::{SinkExt, StreamExt};
use live::{ClientMsg, Refusal, ServerMsg};
use serde_json::Value;
use tokio::{net::TcpStream, task::AbortHandle, time::timeout};
use tokio_tungstenite::{client_async, tungstenite::Message};

use crate::{
    Way,
    native::{Native, Seen, Target, Wish},
    node::IDLE,
    producer::{LISTS, SECRET, STATE},
};

/// How much faster than others' the clients' seconds pass: they ping every 1.5 s, and give a socket
/// up half a second later.
const SPEED: i64 = 20;

/// What one client was told, in order.
#[derive(Clone, Debug, Default)]
pub struct History {
    pub heard: BTreeMap<String, Vec<(u64, Value)>>,
    pub closed: BTreeMap<String, Refusal>,
}

pub struct Follower {
    pub name: String,
    history: Arc<Mutex<History>>,
    work: Work,
}

enum Work {
    Right(Native),
    AtMostOnce(AbortHandle),
}

impl Follower {
    /// A client on every topic, the forbidden one too.
    pub fn start(name: String, server: SocketAddr, seed: u64, way: Way) -> Self {
        let history = Arc::<Mutex<History>>::default();
        let path = format!("/live?who={name}");
        let work = if way == Way::AtMostOnce {
            let follow = follow_at_most_once(server, path, Arc::clone(&history));
            Work::AtMostOnce(tokio::spawn(follow).abort_handle())
        } else {
            let told = Arc::clone(&history);
            let target = Target { server, path, from: Ipv4Addr::LOCALHOST, speed: SPEED };
            let native = Native::start(target, seed, move |seen| write_down(&told, seen));
            topics().for_each(|topic| native.wish(Wish::Join(topic.to_owned(), 0)));
            Work::Right(native)
        };
        Self { name, history, work }
    }

    pub fn wish(&self, wish: Wish) {
        if let Work::Right(native) = &self.work {
            native.wish(wish);
        }
    }

    pub fn history(&self) -> History {
        self.history.lock().unwrap().clone()
    }

    /// The last seq that it was told of `topic`.
    pub fn last(&self, topic: &str) -> u64 {
        let history = self.history.lock().unwrap();
        history.heard.get(topic).and_then(|heard| heard.last()).map_or(0, |(seq, _)| *seq)
    }
}

impl Drop for Follower {
    fn drop(&mut self) {
        if let Work::AtMostOnce(task) = &self.work {
            task.abort();
        }
    }
}

pub fn topics() -> impl Iterator<Item = &'static str> {
    LISTS.into_iter().chain([STATE, SECRET])
}

fn write_down(history: &Mutex<History>, seen: Seen) {
    let mut history = history.lock().unwrap();
    match seen {
        Seen::Event { topic, seq, payload } => history.heard.entry(topic).or_default().push((seq, payload)),
        Seen::Closed { topic, reason } => {
            history.closed.insert(topic, reason);
        }
        Seen::Connection(_) => {}
    }
}

/// Broken: what happened while it was away is none of its business.
async fn follow_at_most_once(server: SocketAddr, path: String, history: Arc<Mutex<History>>) {
    loop {
        // However it ended, here is the next one.
        let _ = follow_once(server, &path, &history).await;
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

type Failure = Box<dyn std::error::Error + Send + Sync>;

async fn follow_once(server: SocketAddr, path: &str, history: &Mutex<History>) -> Result<(), Failure> {
    let stream = TcpStream::connect(server).await?;
    let (mut socket, _) = timeout(IDLE, client_async(format!("ws://{server}{path}"), stream)).await??;
    let mut floor = BTreeMap::new();
    for topic in topics() {
        socket.send(Message::text(ClientMsg::Join { topic: topic.to_owned(), since: 0 }.encode())).await?;
    }
    loop {
        let Ok(message) = timeout(IDLE / 2, socket.next()).await else {
            socket.send(Message::text(ClientMsg::Ping.encode())).await?;
            timeout(IDLE / 2, socket.next()).await?.ok_or("closed")??;
            continue;
        };
        let message = message.ok_or("closed")??;
        match message.to_text().map(ServerMsg::decode) {
            Ok(Ok(ServerMsg::Joined { topic, seq })) => {
                floor.insert(topic, seq);
            }
            Ok(Ok(ServerMsg::Event { topic, seq, payload, .. })) if floor.get(&topic).is_some_and(|old| seq > *old) => {
                floor.insert(topic.clone(), seq);
                write_down(history, Seen::Event { topic, seq, payload });
            }
            _ => {}
        }
    }
}
