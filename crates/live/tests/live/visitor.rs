//! A client of one socket, without a network.

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
use live::{Authorise, BoxError, ClientMsg, Hub, Incoming, Limits, Outgoing, Refusal, ServerMsg, Topic};
use serde_json::Value;
use tokio::{task::JoinHandle, time::timeout};
use tokio_util::sync::CancellationToken;

/// Forbids some topics.
#[derive(Default)]
pub struct Doors {
    pub subject: String,
    pub shut: Mutex<BTreeSet<String>>,
}

impl Authorise for Doors {
    fn subject(&self) -> String {
        self.subject.clone()
    }

    fn may_join<'a>(&'a self, topic: &'a str) -> BoxFuture<'a, Result<bool, BoxError>> {
        let open = !self.shut.lock().unwrap().contains(topic);
        async move { Ok(open) }.boxed()
    }

    fn push<'a>(&'a self, topic: &'a str, payload: Value) -> BoxFuture<'a, Result<Value, String>> {
        async move { if payload.is_null() { Err(format!("nothing to say on {topic}")) } else { Ok(payload) } }.boxed()
    }
}

pub struct Visitor {
    to: UnboundedSender<Incoming>,
    from: Receiver<Outgoing>,
    pub session: JoinHandle<()>,
}

impl Visitor {
    pub fn enter(hub: &Hub) -> Self {
        Self::enter_with(hub, Arc::default(), Limits::default(), CancellationToken::new())
    }

    pub fn enter_with(hub: &Hub, doors: Arc<Doors>, limits: Limits, stop: CancellationToken) -> Self {
        let (to, stream) = unbounded();
        let (sink, from) = channel(0);
        let session = tokio::spawn(live::serve(stream, sink, hub.clone(), doors, limits, stop));
        Self { to, from, session }
    }

    pub fn say(&self, message: &ClientMsg) {
        self.say_text(message.encode());
    }

    pub fn say_text(&self, text: String) {
        // A session that has ended hears nothing.
        let _ = self.to.unbounded_send(Incoming::Text(text));
    }

    pub fn hang_up(&self) {
        self.to.close_channel();
    }

    /// What the server says next; fails when it says nothing for long.
    pub async fn hear_any(&mut self) -> Option<Outgoing> {
        timeout(Duration::from_secs(20), self.from.next()).await.expect("the server says something")
    }

    pub async fn hear(&mut self) -> ServerMsg {
        match self.hear_any().await {
            Some(Outgoing::Text(text)) => ServerMsg::decode(&text).unwrap(),
            other => panic!("a message was due, not {other:?}"),
        }
    }

    /// Joins, and checks that the server agrees.
    pub async fn join(&mut self, topic: &Topic<u64>, since: u64) -> u64 {
        self.say(&ClientMsg::Join { topic: topic.name().to_owned(), since });
        match self.hear().await {
            ServerMsg::Joined { topic: joined, seq } if joined == topic.name() => seq,
            other => panic!("a join was due, not {other:?}"),
        }
    }

    pub async fn refused(&mut self, topic: &Topic<u64>, since: u64) -> Refusal {
        self.say(&ClientMsg::Join { topic: topic.name().to_owned(), since });
        match self.hear().await {
            ServerMsg::Refused { reason, .. } => reason,
            other => panic!("a refusal was due, not {other:?}"),
        }
    }

    /// The next event.
    pub async fn event(&mut self) -> (u64, Value) {
        match self.hear().await {
            ServerMsg::Event { seq, payload, .. } => (seq, payload),
            other => panic!("an event was due, not {other:?}"),
        }
    }

    /// Hears exactly the events `first..=last`, whose payloads are ten times their seqs.
    pub async fn hears(&mut self, first: u64, last: u64) {
        for seq in first..=last {
            assert_eq!(self.event().await, (seq, Value::from(seq * 10)));
        }
    }

    /// Has heard everything that was meant for it so far: the answer to a ping comes next.
    pub async fn hears_nothing(&mut self) {
        self.say(&ClientMsg::Ping);
        assert_eq!(self.hear().await, ServerMsg::Pong);
    }
}
