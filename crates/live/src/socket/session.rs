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

use super::{Authorise, Incoming, Limits, Outgoing, limits::Rate};
use crate::{
    hub::{Desk, Event, Hub, Identity, Mail},
    protocol::{ClientMsg, Farewell, Refusal, ServerMsg},
    topic::is_topic,
};

/// Topics that the live layer keeps for itself.
const OURS: &str = "live.";
/// The longest word for what somebody does, in bytes.
const LONGEST_DOING: usize = 32;
/// How long a good-bye may take.
const FAREWELL_WITHIN: Duration = Duration::from_secs(1);

/// Why a session ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// The client is gone.
    Gone,
    /// We close, and say why.
    Bye(Farewell),
}

type Answer = BoxFuture<'static, (u64, Result<Value, String>)>;

pub(super) struct Session<'a, K> {
    sink: Pin<&'a mut K>,
    desk: Desk,
    auth: Arc<dyn Authorise>,
    limits: Limits,
    stop: CancellationToken,
    rate: Rate,
    idle_at: Instant,
    /// When the visitor may have become somebody else.
    until: Option<Instant>,
    topics: HashMap<Arc<str>, Joined>,
    /// Topics to be read from the log, each at most once.
    behind: VecDeque<Arc<str>>,
    pushes: FuturesUnordered<Answer>,
}

/// A topic as this client has it.
struct Joined {
    /// The last seq that was sent.
    last: u64,
    /// What the hub sends is not next; the log is read first.
    behind: bool,
}

/// What a session does next when nothing urgent is up.
enum Work {
    Mail(Mail),
    CatchUp,
}

impl<'a, K: Sink<Outgoing>> Session<'a, K> {
    pub fn new(
        sink: Pin<&'a mut K>,
        hub: &Hub,
        auth: Arc<dyn Authorise>,
        limits: Limits,
        stop: CancellationToken,
    ) -> Self {
        let now = Instant::now();
        Self {
            sink,
            desk: hub.attach(auth.subject(), limits.mailbox),
            until: auth.until(),
            auth,
            rate: Rate::new(&limits, now),
            idle_at: now + limits.idle,
            limits,
            stop,
            topics: HashMap::new(),
            behind: VecDeque::new(),
            pushes: FuturesUnordered::new(),
        }
    }

    /// Says which history and which build of the page this is.
    pub async fn greet(&mut self) -> Result<(), End> {
        let hello = self.desk.hello().await.map_err(|error| {
            tracing::warn!(%error, "a socket cannot be served just now");
            End::Bye(Farewell::Restarting)
        })?;
        self.say(&hello).await
    }

    pub async fn run(&mut self, mut stream: Pin<&mut impl Stream<Item = Incoming>>) -> End {
        loop {
            if let Err(end) = self.turn(&mut stream).await {
                return end;
            }
        }
    }

    /// Waits for the next thing to happen, and deals with it. What takes a database is boxed while it
    /// lasts: its futures are several kilobytes, which an idle socket would hold as well.
    async fn turn(&mut self, stream: &mut Pin<&mut impl Stream<Item = Incoming>>) -> Result<(), End> {
        let catch_up = !self.behind.is_empty();
        tokio::select! {
            biased;
            () = self.stop.cancelled() => Err(End::Bye(Farewell::Restarting)),
            () = self.desk.member.slow.cancelled() => Err(End::Bye(Farewell::Slow)),
            () = self.desk.member.revoked.notified() => Box::pin(self.authorise_again()).await,
            incoming = stream.next() => match incoming {
                Some(Incoming::Text(text)) => Box::pin(self.incoming(&text)).await,
                Some(Incoming::Closed) | None => Err(End::Gone),
            },
            Some((id, answer)) = self.pushes.next() => self.answer(id, answer).await,
            work = next_work(&mut self.desk.mail, catch_up) => match work {
                Work::Mail(mail) => self.forward(mail).await,
                Work::CatchUp => Box::pin(self.catch_up()).await,
            },
            () = sleep_until(self.idle_at) => Err(End::Bye(Farewell::Idle)),
            () = sleep_until(self.until.unwrap_or(self.idle_at)), if self.until.is_some() => {
                self.until = None;
                Box::pin(self.authorise_again()).await
            }
        }
    }

    async fn incoming(&mut self, text: &str) -> Result<(), End> {
        let now = Instant::now();
        self.idle_at = now + self.limits.idle;
        if text.len() > self.limits.message_bytes || !self.rate.admits(now) {
            return Err(End::Bye(Farewell::Misbehaved));
        }
        match ClientMsg::decode(text).map_err(|_| End::Bye(Farewell::Misbehaved))? {
            ClientMsg::Join { topic, since } => self.join(topic, since).await,
            ClientMsg::Leave { topic } => {
                self.forget(&topic);
                Ok(())
            }
            ClientMsg::Push { id, topic, payload } => self.push(id, topic, payload).await,
            ClientMsg::Track { topic, doing } => {
                self.track(&topic, doing);
                Ok(())
            }
            ClientMsg::Ping => self.say(&ServerMsg::Pong).await,
        }
    }

    async fn join(&mut self, topic: String, since: u64) -> Result<(), End> {
        let refusal = match self.admit(&topic, since).await {
            Ok(seq) => {
                self.listen(topic.as_str().into(), since, seq);
                self.desk.metrics().joins.inc();
                if since < seq {
                    self.desk.metrics().replays.inc();
                }
                return self.say(&ServerMsg::Joined { topic, seq }).await;
            }
            Err(refusal) => refusal,
        };
        self.forget(&topic);
        self.desk.metrics().refusals.inc();
        self.say(&ServerMsg::Refused { topic, reason: refusal }).await
    }

    /// The topic's newest seq, if it may be joined at `since`.
    async fn admit(&mut self, topic: &str, since: u64) -> Result<u64, Refusal> {
        // Topics of the live layer's own are not for clients.
        if !is_topic(topic) || topic.starts_with(OURS) {
            return Err(Refusal::Invalid);
        }
        if !self.topics.contains_key(topic) && self.topics.len() >= self.limits.topics {
            return Err(Refusal::TooMany);
        }
        self.authorise(topic).await?;
        let seq = self.desk.seq(topic).await.map_err(|error| unavailable(topic, &error))?;
        if since > seq { Err(Refusal::Ahead) } else { Ok(seq) }
    }

    async fn authorise(&mut self, topic: &str) -> Result<(), Refusal> {
        let _place = self.desk.place().await;
        match self.auth.may_join(topic).await {
            Ok(true) => Ok(()),
            Ok(false) => Err(Refusal::Forbidden),
            Err(error) => Err(unavailable(topic, &*error)),
        }
    }

    /// Listens first; whatever was published until then is read from the log.
    fn listen(&mut self, topic: Arc<str>, since: u64, seq: u64) {
        self.desk.subscribe(&topic, seq);
        self.topics.insert(Arc::clone(&topic), Joined { last: since, behind: false });
        self.fall_behind(&topic);
    }

    fn fall_behind(&mut self, topic: &Arc<str>) {
        let Some(joined) = self.topics.get_mut(topic) else { return };
        joined.behind = true;
        if !self.behind.contains(topic) {
            self.behind.push_back(Arc::clone(topic));
        }
    }

    fn forget(&mut self, topic: &str) {
        self.desk.unsubscribe(topic);
        self.topics.remove(topic);
        self.behind.retain(|behind| **behind != *topic);
    }

    async fn forward(&mut self, mail: Mail) -> Result<(), End> {
        match mail {
            Mail::Event(event) => self.forward_event(event).await,
            Mail::Presence { frame } => self.send(vec![frame]).await,
        }
    }

    /// Sends an event of the hub if it is the next one.
    async fn forward_event(&mut self, event: Arc<Event>) -> Result<(), End> {
        let Some(joined) = self.topics.get_mut(&event.topic) else { return Ok(()) };
        // The log will hold it when it is read.
        if joined.behind || event.seq <= joined.last {
            return Ok(());
        }
        if event.seq > joined.last + 1 && !event.whole {
            self.fall_behind(&event.topic);
            return Ok(());
        }
        joined.last = event.seq;
        self.send(vec![Arc::clone(&event.frame)]).await?;
        self.desk.metrics().note_lag(event.published_at, Clock::system().now_ms());
        Ok(())
    }

    /// Shows the visitor on a topic that is joined, if they are to be shown there at all.
    fn track(&mut self, topic: &str, doing: Option<String>) {
        let Some((topic, _)) = self.topics.get_key_value(topic) else { return };
        let topic = Arc::clone(topic);
        match (doing, self.auth.shown(&topic)) {
            (Some(doing), Some(shown)) if doing.len() <= LONGEST_DOING => {
                self.desk.track(&topic, Identity { key: shown.key, name: shown.name }, doing);
            }
            _ => self.desk.untrack(&topic),
        }
    }

    /// Sends a page of the log to the topic that has waited longest.
    async fn catch_up(&mut self) -> Result<(), End> {
        let Some(topic) = self.behind.pop_front() else { return Ok(()) };
        let Some(last) = self.topics.get(&topic).map(|joined| joined.last) else { return Ok(()) };
        let (last, frames) = match self.page(&topic, last).await {
            Ok(page) => page,
            Err(error) => return self.close(&topic, unavailable(&topic, &error)).await,
        };
        if let Some(joined) = self.topics.get_mut(&topic) {
            joined.last = last;
            joined.behind = frames.len() == self.limits.page as usize;
            if joined.behind {
                self.behind.push_back(topic);
            }
        }
        self.send(frames).await
    }

    /// The frames of the next page, and the last one's seq.
    async fn page(&mut self, topic: &str, last: u64) -> Result<(u64, Vec<Arc<str>>), crate::Error> {
        let page = self.desk.read(topic, last, self.limits.page).await?;
        let last = page.last().map_or(last, |logged| logged.seq);
        Ok((last, page.iter().map(|logged| logged.frame(topic)).collect::<Result<_, _>>()?))
    }

    async fn authorise_again(&mut self) -> Result<(), End> {
        let topics: Vec<_> = self.topics.keys().cloned().collect();
        for topic in topics {
            if let Err(reason) = self.authorise(&topic).await {
                self.close(&topic, reason).await?;
            }
        }
        Ok(())
    }

    async fn close(&mut self, topic: &str, reason: Refusal) -> Result<(), End> {
        self.forget(topic);
        self.desk.metrics().refusals.inc();
        self.say(&ServerMsg::Closed { topic: topic.to_owned(), reason }).await
    }

    async fn push(&mut self, id: u64, topic: String, payload: Value) -> Result<(), End> {
        let refused = if !self.topics.contains_key(topic.as_str()) {
            "This page is no longer connected. Please load it again."
        } else if self.pushes.len() >= self.limits.pushes {
            "Too much at once. Please try again in a moment."
        } else {
            let auth = Arc::clone(&self.auth);
            self.pushes.push(Box::pin(async move { (id, auth.push(&topic, payload).await) }));
            return Ok(());
        };
        self.say(&ServerMsg::Failed { id, reason: refused.to_owned() }).await
    }

    async fn answer(&mut self, id: u64, answer: Result<Value, String>) -> Result<(), End> {
        let message = match answer {
            Ok(payload) => ServerMsg::Reply { id, payload },
            Err(reason) => ServerMsg::Failed { id, reason },
        };
        self.say(&message).await
    }

    async fn say(&mut self, message: &ServerMsg) -> Result<(), End> {
        self.send(vec![message.encode().into()]).await
    }

    /// Writes, unless the client does not read or it is time to stop.
    async fn send(&mut self, frames: Vec<Arc<str>>) -> Result<(), End> {
        let Self { sink, stop, desk, limits, .. } = self;
        let write = async {
            for frame in frames {
                sink.feed(Outgoing::Text(frame)).await.map_err(|_| End::Gone)?;
            }
            sink.flush().await.map_err(|_| End::Gone)
        };
        tokio::select! {
            biased;
            () = stop.cancelled() => Err(End::Bye(Farewell::Restarting)),
            () = desk.member.slow.cancelled() => Err(End::Bye(Farewell::Slow)),
            written = timeout(limits.write_within, write) => written.unwrap_or(Err(End::Bye(Farewell::Slow))),
        }
    }

    /// Says why, and when to come back, as far as the client still listens.
    pub async fn farewell(&mut self, end: End) {
        let End::Bye(reason) = end else { return };
        if reason == Farewell::Slow {
            self.desk.metrics().slow.inc();
        }
        let rejoin_after_ms = match reason {
            Farewell::Restarting => {
                rand::random_range(0..=self.limits.rejoin_over(self.desk.crowd()).as_millis() as u64)
            }
            Farewell::Slow | Farewell::Idle => 0,
            Farewell::Misbehaved => 5_000,
        };
        let bye = ServerMsg::Bye { reason, rejoin_after_ms }.encode().into();
        let said = async {
            self.sink.feed(Outgoing::Text(bye)).await?;
            self.sink.send(close_of(reason)).await
        };
        // A client that does not read finds the socket closed instead.
        let _ = timeout(FAREWELL_WITHIN, said).await;
    }
}

/// The next event of the hub, or, in turns with it, time to read the log.
async fn next_work(mail: &mut mpsc::Receiver<Mail>, catch_up: bool) -> Work {
    tokio::select! {
        // The hub's end is never dropped while the desk stands.
        Some(mail) = mail.recv() => Work::Mail(mail),
        () = std::future::ready(()), if catch_up => Work::CatchUp,
        else => std::future::pending().await,
    }
}

fn close_of(reason: Farewell) -> Outgoing {
    match reason {
        Farewell::Restarting => Outgoing::Close(1001, "restarting"),
        Farewell::Slow => Outgoing::Close(1013, "slow"),
        Farewell::Idle => Outgoing::Close(1001, "idle"),
        Farewell::Misbehaved => Outgoing::Close(1008, "misbehaved"),
    }
}

fn unavailable(topic: &str, error: &(dyn std::error::Error + 'static)) -> Refusal {
    tracing::warn!(topic, error, "a topic cannot be served just now");
    Refusal::Unavailable
}
