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
use live::{Authorise, BoxError, ClientMsg, Hub, Incoming, Limits, Outgoing, Refusal, ServerMsg, Shown, Topic};
use serde_json::Value;
use tokio::{
    task::JoinHandle,
    time::{Instant, timeout},
};
use tokio_util::sync::CancellationToken;

/// Forbids some topics.
#[derive(Default)]
pub struct Doors {
    pub subject: String,
    /// Who is shown to others, if anybody.
    pub name: Option<&'static str>,
    pub until: Option<Instant>,
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

    fn until(&self) -> Option<Instant> {
        self.until
    }

    fn shown(&self, _topic: &str) -> Option<Shown> {
        self.name.map(|name| Shown { name: name.to_owned(), key: name.to_lowercase() })
    }

    fn push<'a>(&'a self, topic: &'a str, payload: Value) -> BoxFuture<'a, Result<Value, String>> {
        async move { if payload.is_null() { Err(format!("nothing to say on {topic}")) } else { Ok(payload) } }.boxed()
    }
}

pub struct Visitor {
    to: UnboundedSender<Incoming>,
    from: Receiver<Outgoing>,
    pub session: JoinHandle<()>,
    greeted: bool,
}

impl Visitor {
    pub fn enter(hub: &Hub) -> Self {
        Self::enter_with(hub, Arc::default(), Limits::default(), CancellationToken::new())
    }

    pub fn enter_with(hub: &Hub, doors: Arc<Doors>, limits: Limits, stop: CancellationToken) -> Self {
        let (to, stream) = unbounded();
        let (sink, from) = channel(0);
        let session = tokio::spawn(live::serve(stream, sink, hub.clone(), doors, limits, stop));
        Self { to, from, session, greeted: false }
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

    /// What the server says next after its greeting; fails when it says nothing for long.
    pub async fn hear_any(&mut self) -> Option<Outgoing> {
        if !std::mem::replace(&mut self.greeted, true) {
            let Some(Outgoing::Text(hello)) = self.next().await else { panic!("a greeting was due") };
            assert!(matches!(ServerMsg::decode(&hello), Ok(ServerMsg::Hello { .. })), "{hello}");
        }
        self.next().await
    }

    async fn next(&mut self) -> Option<Outgoing> {
        timeout(Duration::from_secs(20), self.from.next()).await.expect("the server says something")
    }

    /// Shows itself on a topic.
    pub fn track(&self, topic: &Topic<u64>, doing: &str) {
        self.say(&ClientMsg::Track { topic: topic.name().to_owned(), doing: Some(doing.to_owned()) });
    }

    /// Hears next that exactly these people are there.
    pub async fn sees_next(&mut self, expected: &[(&str, &str)]) {
        let ServerMsg::Presence { people, .. } = self.hear().await else { panic!("people were due") };
        let seen: Vec<_> = people.iter().map(|person| (person.name.as_str(), person.doing.as_str())).collect();
        assert_eq!(seen, expected);
    }

    /// Hears of people until exactly these are there.
    pub async fn sees(&mut self, expected: &[(&str, &str)]) {
        loop {
            let ServerMsg::Presence { people, .. } = self.hear().await else { panic!("people were due") };
            let seen: Vec<_> = people.iter().map(|person| (person.name.as_str(), person.doing.as_str())).collect();
            if seen == expected {
                return;
            }
        }
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
