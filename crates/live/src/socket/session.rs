//! The loop of one socket.

use std::{
    collections::{HashMap, VecDeque},
    pin::Pin,
    sync::Arc,
    time::Duration,
};

use db::Clock;
use futures::{Sink, SinkExt, Stream, StreamExt, future::BoxFuture, stream::FuturesUnordered};
use serde_json::Value;
use tokio::{
    sync::mpsc,
    time::{Instant, sleep_until, timeout},
};
use tokio_util::sync::CancellationToken;

use super::{Authorize, Incoming, Limits, Outgoing, limits::TokenBucket};
use crate::{
    event::Event,
    hub::{Hub, Message, Subscriber},
    protocol::{ClientMsg, CloseReason, Refusal, ServerMsg},
    topic::is_valid_topic,
};

/// The prefix of topics that the live layer uses itself. No client may join them.
const RESERVED_PREFIX: &str = "live.";
/// The maximum length of what a user does, in bytes.
const MAX_DOING_BYTES: usize = 32;
/// How long the last frames of a socket may take.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(1);

/// Why a session ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// The client is disconnected.
    Disconnected,
    /// The server closes the socket.
    Close(CloseReason),
}

/// The id and the result of a push.
type PushResult = BoxFuture<'static, (u64, Result<Value, String>)>;

pub(super) struct Session<'a, K> {
    sink: Pin<&'a mut K>,
    subscriber: Subscriber,
    auth: Arc<dyn Authorize>,
    limits: Limits,
    stop: CancellationToken,
    rate: TokenBucket,
    idle_at: Instant,
    /// When the topics have to be authorized again, because the user's sign-in expires.
    valid_until: Option<Instant>,
    topics: HashMap<Arc<str>, JoinedTopic>,
    /// Topics that have to read the log, each at most once.
    behind: VecDeque<Arc<str>>,
    pushes: FuturesUnordered<PushResult>,
}

/// The client's position in a topic.
struct JoinedTopic {
    /// The last seq that was sent.
    last: u64,
    /// Whether the session has to read the log before it can send what the hub delivers.
    behind: bool,
}

/// What a session does next when nothing is urgent.
enum Work {
    Message(Message),
    CatchUp,
}

impl<'a, K: Sink<Outgoing>> Session<'a, K> {
    pub fn new(
        sink: Pin<&'a mut K>,
        hub: &Hub,
        auth: Arc<dyn Authorize>,
        limits: Limits,
        stop: CancellationToken,
    ) -> Self {
        let now = Instant::now();
        Self {
            sink,
            subscriber: hub.subscriber(auth.subject(), limits.max_buffered_messages),
            valid_until: auth.valid_until(),
            auth,
            rate: TokenBucket::new(&limits, now),
            idle_at: now + limits.idle_timeout,
            limits,
            stop,
            topics: HashMap::new(),
            behind: VecDeque::new(),
            pushes: FuturesUnordered::new(),
        }
    }

    /// Sends the epoch of the database and the build of the page.
    pub async fn send_hello(&mut self) -> Result<(), End> {
        let hello = self.subscriber.hello().await.map_err(|error| {
            tracing::warn!(%error, "cannot serve a socket now");
            End::Close(CloseReason::Restarting)
        })?;
        self.send_message(&hello).await
    }

    pub async fn run(&mut self, mut stream: Pin<&mut impl Stream<Item = Incoming>>) -> End {
        loop {
            if let Err(end) = self.step(&mut stream).await {
                return end;
            }
        }
    }

    /// Waits for one thing to happen, and handles it. Futures that use the database are boxed, because
    /// they are several kilobytes that every idle socket would hold otherwise.
    async fn step(&mut self, stream: &mut Pin<&mut impl Stream<Item = Incoming>>) -> Result<(), End> {
        let catch_up = !self.behind.is_empty();
        tokio::select! {
            biased;
            () = self.stop.cancelled() => Err(End::Close(CloseReason::Restarting)),
            () = self.subscriber.handle.slow.cancelled() => Err(End::Close(CloseReason::Slow)),
            () = self.subscriber.handle.revoked.notified() => Box::pin(self.reauthorize()).await,
            incoming = stream.next() => match incoming {
                Some(Incoming::Text(text)) => Box::pin(self.on_text(&text)).await,
                Some(Incoming::Closed) | None => Err(End::Disconnected),
            },
            Some((id, result)) = self.pushes.next() => self.answer_push(id, result).await,
            work = next_work(&mut self.subscriber.messages, catch_up) => match work {
                Work::Message(message) => self.forward(message).await,
                Work::CatchUp => Box::pin(self.catch_up()).await,
            },
            () = sleep_until(self.idle_at) => Err(End::Close(CloseReason::Idle)),
            () = sleep_until(self.valid_until.unwrap_or(self.idle_at)), if self.valid_until.is_some() => {
                self.valid_until = None;
                Box::pin(self.reauthorize()).await
            }
        }
    }

    async fn on_text(&mut self, text: &str) -> Result<(), End> {
        let now = Instant::now();
        self.idle_at = now + self.limits.idle_timeout;
        if text.len() > self.limits.max_message_bytes || !self.rate.try_take(now) {
            return Err(End::Close(CloseReason::PolicyViolation));
        }
        match ClientMsg::decode(text).map_err(|_| End::Close(CloseReason::PolicyViolation))? {
            ClientMsg::Join { topic, since } => self.join(topic, since).await,
            ClientMsg::Leave { topic } => {
                self.leave(&topic);
                Ok(())
            }
            ClientMsg::Push { id, topic, payload } => self.push(id, topic, payload).await,
            ClientMsg::Track { topic, doing } => {
                self.track(&topic, doing);
                Ok(())
            }
            ClientMsg::Ping => self.send_message(&ServerMsg::Pong).await,
        }
    }

    async fn join(&mut self, topic: String, since: u64) -> Result<(), End> {
        let refusal = match self.check_join(&topic, since).await {
            Ok(seq) => {
                self.subscribe(topic.as_str().into(), since, seq);
                self.subscriber.metrics().joins.inc();
                if since < seq {
                    self.subscriber.metrics().replays.inc();
                }
                return self.send_message(&ServerMsg::Joined { topic, seq }).await;
            }
            Err(refusal) => refusal,
        };
        self.leave(&topic);
        self.subscriber.metrics().refusals.inc();
        self.send_message(&ServerMsg::Refused { topic, reason: refusal }).await
    }

    /// The topic's newest seq, if the user may join it from `since`.
    async fn check_join(&mut self, topic: &str, since: u64) -> Result<u64, Refusal> {
        if !is_valid_topic(topic) || topic.starts_with(RESERVED_PREFIX) {
            return Err(Refusal::Invalid);
        }
        if !self.topics.contains_key(topic) && self.topics.len() >= self.limits.max_topics {
            return Err(Refusal::TooMany);
        }
        self.authorize(topic).await?;
        let seq = self.subscriber.last_seq(topic).await.map_err(|error| unavailable(topic, &error))?;
        if since > seq { Err(Refusal::Ahead) } else { Ok(seq) }
    }

    async fn authorize(&mut self, topic: &str) -> Result<(), Refusal> {
        let _permit = self.subscriber.db_permit().await;
        match self.auth.may_join(topic).await {
            Ok(true) => Ok(()),
            Ok(false) => Err(Refusal::Forbidden),
            Err(error) => Err(unavailable(topic, &*error)),
        }
    }

    /// Subscribes to the hub first, then has the log read, which has whatever was published until then.
    fn subscribe(&mut self, topic: Arc<str>, since: u64, seq: u64) {
        self.subscriber.subscribe(&topic, seq);
        self.topics.insert(Arc::clone(&topic), JoinedTopic { last: since, behind: false });
        self.mark_behind(&topic);
    }

    fn mark_behind(&mut self, topic: &Arc<str>) {
        let Some(joined) = self.topics.get_mut(topic) else { return };
        joined.behind = true;
        if !self.behind.contains(topic) {
            self.behind.push_back(Arc::clone(topic));
        }
    }

    fn leave(&mut self, topic: &str) {
        self.subscriber.unsubscribe(topic);
        self.topics.remove(topic);
        self.behind.retain(|behind| **behind != *topic);
    }

    async fn forward(&mut self, message: Message) -> Result<(), End> {
        match message {
            Message::Event(event) => self.forward_event(event).await,
            Message::Presence { frame } => self.send(vec![frame]).await,
        }
    }

    /// Sends an event of the hub if it is the next one of its topic.
    async fn forward_event(&mut self, event: Arc<Event>) -> Result<(), End> {
        let Some(joined) = self.topics.get_mut(&event.topic) else { return Ok(()) };
        // Reading the log will return it.
        if joined.behind || event.seq <= joined.last {
            return Ok(());
        }
        if event.seq > joined.last + 1 && !event.snapshot {
            self.mark_behind(&event.topic);
            return Ok(());
        }
        joined.last = event.seq;
        self.send(vec![Arc::clone(&event.frame)]).await?;
        self.subscriber.metrics().record_event(event.published_at, Clock::system().now_ms());
        Ok(())
    }

    /// Shows the user on a joined topic, if the policy allows it.
    fn track(&mut self, topic: &str, doing: Option<String>) {
        let Some((topic, _)) = self.topics.get_key_value(topic) else { return };
        let topic = Arc::clone(topic);
        match (doing, self.auth.identity(&topic)) {
            (Some(doing), Some(identity)) if doing.len() <= MAX_DOING_BYTES => {
                self.subscriber.track(&topic, identity, doing);
            }
            _ => self.subscriber.untrack(&topic),
        }
    }

    /// Sends a page of the log for the topic that has waited longest.
    async fn catch_up(&mut self) -> Result<(), End> {
        let Some(topic) = self.behind.pop_front() else { return Ok(()) };
        let Some(last) = self.topics.get(&topic).map(|joined| joined.last) else { return Ok(()) };
        let (last, frames) = match self.read_page(&topic, last).await {
            Ok(page) => page,
            Err(error) => return self.close_topic(&topic, unavailable(&topic, &error)).await,
        };
        if let Some(joined) = self.topics.get_mut(&topic) {
            joined.last = last;
            joined.behind = frames.len() == self.limits.page_size as usize;
            if joined.behind {
                self.behind.push_back(topic);
            }
        }
        self.send(frames).await
    }

    /// The seq of the last event of the next page, and the frames of the page.
    async fn read_page(&mut self, topic: &str, last: u64) -> Result<(u64, Vec<Arc<str>>), crate::Error> {
        let page = self.subscriber.read(topic, last, self.limits.page_size).await?;
        let last = page.last().map_or(last, |entry| entry.seq);
        Ok((last, page.iter().map(|entry| entry.frame(topic)).collect::<Result<_, _>>()?))
    }

    /// Authorizes all joined topics again, and closes those that the user may no longer join.
    async fn reauthorize(&mut self) -> Result<(), End> {
        let topics: Vec<_> = self.topics.keys().cloned().collect();
        for topic in topics {
            if let Err(reason) = self.authorize(&topic).await {
                self.close_topic(&topic, reason).await?;
            }
        }
        Ok(())
    }

    async fn close_topic(&mut self, topic: &str, reason: Refusal) -> Result<(), End> {
        self.leave(topic);
        self.subscriber.metrics().refusals.inc();
        self.send_message(&ServerMsg::Closed { topic: topic.to_owned(), reason }).await
    }

    async fn push(&mut self, id: u64, topic: String, payload: Value) -> Result<(), End> {
        let refusal = if !self.topics.contains_key(topic.as_str()) {
            "This page is no longer connected. Please load it again."
        } else if self.pushes.len() >= self.limits.max_pushes {
            "Too much at once. Please try again in a moment."
        } else {
            let auth = Arc::clone(&self.auth);
            self.pushes.push(Box::pin(async move { (id, auth.push(&topic, payload).await) }));
            return Ok(());
        };
        self.send_message(&ServerMsg::Failed { id, reason: refusal.to_owned() }).await
    }

    async fn answer_push(&mut self, id: u64, result: Result<Value, String>) -> Result<(), End> {
        let message = match result {
            Ok(payload) => ServerMsg::Reply { id, payload },
            Err(reason) => ServerMsg::Failed { id, reason },
        };
        self.send_message(&message).await
    }

    async fn send_message(&mut self, message: &ServerMsg) -> Result<(), End> {
        self.send(vec![message.encode().into()]).await
    }

    /// Writes the frames, unless the client is too slow or the server stops.
    async fn send(&mut self, frames: Vec<Arc<str>>) -> Result<(), End> {
        let Self { sink, stop, subscriber, limits, .. } = self;
        let write = async {
            for frame in frames {
                sink.feed(Outgoing::Text(frame)).await.map_err(|_| End::Disconnected)?;
            }
            sink.flush().await.map_err(|_| End::Disconnected)
        };
        tokio::select! {
            biased;
            () = stop.cancelled() => Err(End::Close(CloseReason::Restarting)),
            () = subscriber.handle.slow.cancelled() => Err(End::Close(CloseReason::Slow)),
            written = timeout(limits.write_timeout, write) => written.unwrap_or(Err(End::Close(CloseReason::Slow))),
        }
    }

    /// Tells the client why the socket closes and when to reconnect, if the client still reads.
    pub async fn close(&mut self, end: End) {
        let End::Close(reason) = end else { return };
        if reason == CloseReason::Slow {
            self.subscriber.metrics().slow_closes.inc();
        }
        let reconnect_after_ms = match reason {
            CloseReason::Restarting => {
                let window = self.limits.reconnect_window(self.subscriber.sockets_at_shutdown());
                rand::random_range(0..=window.as_millis() as u64)
            }
            CloseReason::Slow | CloseReason::Idle => 0,
            CloseReason::PolicyViolation => 5_000,
        };
        let disconnect = ServerMsg::Disconnect { reason, reconnect_after_ms }.encode().into();
        let sent = async {
            self.sink.feed(Outgoing::Text(disconnect)).await?;
            self.sink.send(close_frame(reason)).await
        };
        // A client that does not read notices that the socket is closed instead.
        let _ = timeout(CLOSE_TIMEOUT, sent).await;
    }
}

/// The next message of the hub or, alternating with it, time to read the log.
async fn next_work(messages: &mut mpsc::Receiver<Message>, catch_up: bool) -> Work {
    tokio::select! {
        // The subscriber holds a sender, so this is never `None`.
        Some(message) = messages.recv() => Work::Message(message),
        () = std::future::ready(()), if catch_up => Work::CatchUp,
        else => std::future::pending().await,
    }
}

fn close_frame(reason: CloseReason) -> Outgoing {
    match reason {
        CloseReason::Restarting => Outgoing::Close(1001, "restarting"),
        CloseReason::Slow => Outgoing::Close(1013, "slow"),
        CloseReason::Idle => Outgoing::Close(1001, "idle"),
        CloseReason::PolicyViolation => Outgoing::Close(1008, "misbehaved"),
    }
}

fn unavailable(topic: &str, error: &(dyn std::error::Error + 'static)) -> Refusal {
    tracing::warn!(topic, error, "cannot serve a topic now");
    Refusal::Unavailable
}
