//! Clients that record what they receive.

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
    Variant,
    native_client::{ClientCommand, ClientEvent, NativeClient, Target},
    node::IDLE,
    producer::{LISTS, SECRET, STATE},
};

/// How many times faster than real time the clients' clocks run: they ping every 1.5 s, and give a dead
/// socket up half a second later.
const SPEED: i64 = 20;

/// What one client received, in order.
#[derive(Clone, Debug, Default)]
pub struct History {
    pub received: BTreeMap<String, Vec<(u64, Value)>>,
    pub closed: BTreeMap<String, Refusal>,
}

pub struct FaultClient {
    pub name: String,
    history: Arc<Mutex<History>>,
    task: ClientTask,
}

enum ClientTask {
    Correct(NativeClient),
    AtMostOnce(AbortHandle),
}

impl FaultClient {
    /// Starts a client that joins every topic, the forbidden one too.
    pub fn start(name: String, server: SocketAddr, seed: u64, variant: Variant) -> Self {
        let history = Arc::<Mutex<History>>::default();
        let path = format!("/live?who={name}");
        let task = if variant == Variant::AtMostOnce {
            let follow = follow_at_most_once(server, path, Arc::clone(&history));
            ClientTask::AtMostOnce(tokio::spawn(follow).abort_handle())
        } else {
            let recorded = Arc::clone(&history);
            let target = Target { server, path, from: Ipv4Addr::LOCALHOST, speed: SPEED };
            let native = NativeClient::start(target, seed, move |event| record(&recorded, event));
            topics().for_each(|topic| native.send(ClientCommand::Join(topic.to_owned(), 0)));
            ClientTask::Correct(native)
        };
        Self { name, history, task }
    }

    pub fn send(&self, command: ClientCommand) {
        if let ClientTask::Correct(native) = &self.task {
            native.send(command);
        }
    }

    pub fn history(&self) -> History {
        self.history.lock().unwrap().clone()
    }

    /// The last seq of `topic` that it received.
    pub fn last(&self, topic: &str) -> u64 {
        let history = self.history.lock().unwrap();
        history.received.get(topic).and_then(|received| received.last()).map_or(0, |(seq, _)| *seq)
    }
}

impl Drop for FaultClient {
    fn drop(&mut self) {
        if let ClientTask::AtMostOnce(task) = &self.task {
            task.abort();
        }
    }
}

pub fn topics() -> impl Iterator<Item = &'static str> {
    LISTS.into_iter().chain([STATE, SECRET])
}

fn record(history: &Mutex<History>, event: ClientEvent) {
    let mut history = history.lock().unwrap();
    match event {
        ClientEvent::Event { topic, seq, payload } => history.received.entry(topic).or_default().push((seq, payload)),
        ClientEvent::Closed { topic, reason } => {
            history.closed.insert(topic, reason);
        }
        ClientEvent::Connection(_) => {}
    }
}

/// Broken: it skips what was published while it was disconnected.
async fn follow_at_most_once(server: SocketAddr, path: String, history: Arc<Mutex<History>>) {
    loop {
        // Reconnects however it ended.
        let _ = follow_once(server, &path, &history).await;
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

type Failure = Box<dyn std::error::Error + Send + Sync>;

async fn follow_once(server: SocketAddr, path: &str, history: &Mutex<History>) -> Result<(), Failure> {
    let stream = TcpStream::connect(server).await?;
    let (mut socket, _) = timeout(IDLE, client_async(format!("ws://{server}{path}"), stream)).await??;
    let mut last = BTreeMap::new();
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
                last.insert(topic, seq);
            }
            Ok(Ok(ServerMsg::Event { topic, seq, payload, .. })) if last.get(&topic).is_some_and(|old| seq > *old) => {
                last.insert(topic.clone(), seq);
                record(history, ClientEvent::Event { topic, seq, payload });
            }
            _ => {}
        }
    }
}
