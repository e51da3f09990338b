//! The client of one session, without a network.

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex},
    time::Duration,
};

use futures::{
    FutureExt, StreamExt,
    channel::mpsc::{Receiver, UnboundedSender, channel, unbounded},
    future::BoxFuture,
};
use live::{Authorize, BoxError, ClientMsg, Hub, Identity, Incoming, Limits, Outgoing, Refusal, ServerMsg, Topic};
use serde_json::Value;
use tokio::{
    task::JoinHandle,
    time::{Instant, timeout},
};
use tokio_util::sync::CancellationToken;

/// Allows all topics that are not forbidden.
#[derive(Default)]
pub struct TestPolicy {
    pub subject: String,
    /// The name to show to others, if any.
    pub name: Option<&'static str>,
    pub valid_until: Option<Instant>,
    pub forbidden: Mutex<BTreeSet<String>>,
}

impl Authorize for TestPolicy {
    fn subject(&self) -> String {
        self.subject.clone()
    }

    fn may_join<'a>(&'a self, topic: &'a str) -> BoxFuture<'a, Result<bool, BoxError>> {
        let allowed = !self.forbidden.lock().unwrap().contains(topic);
        async move { Ok(allowed) }.boxed()
    }

    fn valid_until(&self) -> Option<Instant> {
        self.valid_until
    }

    fn identity(&self, _topic: &str) -> Option<Identity> {
        self.name.map(|name| Identity { name: name.to_owned(), key: name.to_lowercase() })
    }

    fn push<'a>(&'a self, topic: &'a str, payload: Value) -> BoxFuture<'a, Result<Value, String>> {
        async move { if payload.is_null() { Err(format!("nothing to answer on {topic}")) } else { Ok(payload) } }
            .boxed()
    }
}

pub struct TestClient {
    sender: UnboundedSender<Incoming>,
    receiver: Receiver<Outgoing>,
    pub session: JoinHandle<()>,
    got_hello: bool,
}

impl TestClient {
    pub fn connect(hub: &Hub) -> Self {
        Self::connect_with(hub, Arc::default(), Limits::default(), CancellationToken::new())
    }

    pub fn connect_with(hub: &Hub, policy: Arc<TestPolicy>, limits: Limits, stop: CancellationToken) -> Self {
        let (sender, stream) = unbounded();
        let (sink, receiver) = channel(0);
        let session = tokio::spawn(live::serve(stream, sink, hub.clone(), policy, limits, stop));
        Self { sender, receiver, session, got_hello: false }
    }

    pub fn send(&self, message: &ClientMsg) {
        self.send_text(message.encode());
    }

    pub fn send_text(&self, text: String) {
        // It fails when the session has ended.
        let _ = self.sender.unbounded_send(Incoming::Text(text));
    }

    pub fn close(&self) {
        self.sender.close_channel();
    }

    /// The next output after the hello; panics when there is none for 20 seconds.
    pub async fn recv_outgoing(&mut self) -> Option<Outgoing> {
        if !std::mem::replace(&mut self.got_hello, true) {
            let Some(Outgoing::Text(hello)) = self.next().await else { panic!("expected a hello") };
            assert!(matches!(ServerMsg::decode(&hello), Ok(ServerMsg::Hello { .. })), "{hello}");
        }
        self.next().await
    }

    async fn next(&mut self) -> Option<Outgoing> {
        timeout(Duration::from_secs(20), self.receiver.next()).await.expect("the server sends something")
    }

    /// Tracks the user on a topic.
    pub fn track(&self, topic: &Topic<u64>, doing: &str) {
        self.send(&ClientMsg::Track { topic: topic.name().to_owned(), doing: Some(doing.to_owned()) });
    }

    /// Expects the next message to be the presence of exactly these people.
    pub async fn expect_people_next(&mut self, expected: &[(&str, &str)]) {
        let ServerMsg::Presence { people, .. } = self.recv().await else { panic!("expected presence") };
        let shown: Vec<_> = people.iter().map(|person| (person.name.as_str(), person.doing.as_str())).collect();
        assert_eq!(shown, expected);
    }

    /// Receives presence until it is exactly these people.
    pub async fn expect_people(&mut self, expected: &[(&str, &str)]) {
        loop {
            let ServerMsg::Presence { people, .. } = self.recv().await else { panic!("expected presence") };
            let shown: Vec<_> = people.iter().map(|person| (person.name.as_str(), person.doing.as_str())).collect();
            if shown == expected {
                return;
            }
        }
    }

    pub async fn recv(&mut self) -> ServerMsg {
        match self.recv_outgoing().await {
            Some(Outgoing::Text(text)) => ServerMsg::decode(&text).unwrap(),
            other => panic!("expected a message, not {other:?}"),
        }
    }

    /// Joins, expects the server to confirm it, and returns the newest seq.
    pub async fn join(&mut self, topic: &Topic<u64>, since: u64) -> u64 {
        self.send(&ClientMsg::Join { topic: topic.name().to_owned(), since });
        match self.recv().await {
            ServerMsg::Joined { topic: joined, seq } if joined == topic.name() => seq,
            other => panic!("expected a confirmed join, not {other:?}"),
        }
    }

    pub async fn join_refused(&mut self, topic: &Topic<u64>, since: u64) -> Refusal {
        self.send(&ClientMsg::Join { topic: topic.name().to_owned(), since });
        match self.recv().await {
            ServerMsg::Refused { reason, .. } => reason,
            other => panic!("expected a refusal, not {other:?}"),
        }
    }

    /// The next event.
    pub async fn event(&mut self) -> (u64, Value) {
        match self.recv().await {
            ServerMsg::Event { seq, payload, .. } => (seq, payload),
            other => panic!("expected an event, not {other:?}"),
        }
    }

    /// Expects exactly the events `first..=last`, whose payloads are ten times their seqs.
    pub async fn expect_events(&mut self, first: u64, last: u64) {
        for seq in first..=last {
            assert_eq!(self.event().await, (seq, Value::from(seq * 10)));
        }
    }

    /// Expects nothing more of what happened so far: the answer to a ping comes next.
    pub async fn expect_nothing(&mut self) {
        self.send(&ClientMsg::Ping);
        assert_eq!(self.recv().await, ServerMsg::Pong);
    }
}
