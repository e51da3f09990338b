//! One per process: reads what was published once, encodes it once, sends it to every socket.
//!
//! Refuses to trust hints: a lost one is healed by a slow poll, and at once when the loss is
//! noticed. The log is the only truth; what the hub sends is a copy that may come late, and a
//! socket that cannot take it is closed.

mod registry;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, OnceLock, PoisonError},
    time::Duration,
};

use db::{Db, Hint, HintReceiver, Tx};
use futures::FutureExt;
use tokio::{
    sync::{Notify, mpsc},
    time::{MissedTickBehavior, interval},
};
use tokio_util::sync::CancellationToken;

use crate::{
    error::Error,
    log::{self, Logged, PUBLISHED},
};
pub(crate) use registry::Mail;
use registry::{Member, Registry};

/// The channel of hints that name a subject.
const REVOKED: &str = "live_revoke";
/// Events read at once.
const PAGE: u32 = 256;
/// Topics asked for at once when healing.
const CHUNK: usize = 1_000;

/// Has the sockets of `subject` authorise their topics again, on every node, once `tx` commits.
/// Say so with the transaction that takes a role away, ends a session or disables an account.
pub fn revoke(tx: &mut Tx, subject: &str) {
    tx.hint(REVOKED, subject);
}

/// The hub; clones are the same one.
#[derive(Clone)]
pub struct Hub(Arc<Inner>);

struct Inner {
    db: Db,
    heal_every: Duration,
    registry: Mutex<Registry>,
    /// The sockets that there were when the first of them was told to come back.
    crowd: OnceLock<usize>,
}

impl Hub {
    /// A hub on `db`. It delivers nothing until somebody [runs](Self::run) it.
    #[must_use]
    pub fn new(db: Db) -> Self {
        // Also on SQLite: another process may write to the same file.
        Self::healing_every(db, Duration::from_secs(5))
    }

    /// A hub that looks for lost hints that often.
    #[must_use]
    pub fn healing_every(db: Db, heal_every: Duration) -> Self {
        Self(Arc::new(Inner { db, heal_every, registry: Mutex::default(), crowd: OnceLock::new() }))
    }

    /// Delivers for as long as it is polled. To be supervised: spawned by the caller, once, and
    /// dropped to stop. An error of the database is logged, and healed later.
    pub async fn run(&self) {
        let mut published = self.0.db.hints().subscribe(PUBLISHED);
        let mut revoked = self.0.db.hints().subscribe(REVOKED);
        let mut heal = interval(self.0.heal_every);
        heal.set_missed_tick_behavior(MissedTickBehavior::Delay);
        // Who was revoked while nobody ran is not known.
        self.revoke_here(None);
        loop {
            let done = tokio::select! {
                hint = published.recv() => self.published(hint, &mut published).await,
                hint = revoked.recv() => { self.revoked(&hint); Ok(()) }
                _ = heal.tick() => self.heal().await,
            };
            if let Err(error) = done {
                tracing::warn!(%error, "live events could not be read; trying again soon");
            }
        }
    }

    /// Has the sockets of `subject` authorise their topics again: here at once, on other nodes
    /// soon. See [`revoke`] for doing so with a transaction.
    ///
    /// # Errors
    /// [`Error::Db`] when the other nodes could not be told.
    pub async fn revoke(&self, subject: &str) -> Result<(), Error> {
        self.revoke_here(Some(subject));
        let mut tx = self.0.db.snapshot().await?;
        revoke(&mut tx, subject);
        Ok(tx.commit().await?)
    }

    async fn published(&self, first: Hint, hints: &mut HintReceiver) -> Result<(), Error> {
        let mut newest = BTreeMap::new();
        let mut next = Some(first);
        // Whatever else was said meanwhile is read along.
        while let Some(hint) = next {
            let Hint::Payload(payload) = hint else { return self.heal().await };
            if let Some((topic, seq)) = parse(&payload) {
                newest.insert(topic, seq);
            }
            next = hints.recv().now_or_never();
        }
        self.deliver(newest).await
    }

    fn revoked(&self, hint: &Hint) {
        match hint {
            Hint::Payload(subject) => self.revoke_here(Some(subject)),
            Hint::Missed => self.revoke_here(None),
        }
    }

    fn revoke_here(&self, subject: Option<&str>) {
        self.registry(|registry| registry.revoke(subject));
    }

    /// Compares every topic that somebody listens to with the log.
    async fn heal(&self) -> Result<(), Error> {
        let topics = self.registry(|registry| registry.topics());
        for chunk in topics.chunks(CHUNK) {
            let names: Vec<_> = chunk.iter().map(|topic| &**topic).collect();
            let mut tx = self.0.db.snapshot().await?;
            let seqs = log::seqs(&mut tx, &names).await?;
            tx.commit().await?;
            self.deliver(seqs.into_iter().collect()).await?;
        }
        Ok(())
    }

    /// Reads and sends what is new in those topics that somebody listens to.
    async fn deliver(&self, newest: BTreeMap<String, u64>) -> Result<(), Error> {
        let behind = newest.iter().filter_map(|(topic, seq)| self.registry(|registry| registry.behind(topic, *seq)));
        let behind: Vec<_> = behind.collect();
        if behind.is_empty() {
            return Ok(());
        }
        let mut tx = self.0.db.snapshot().await?;
        for (topic, since) in behind {
            self.deliver_topic(&mut tx, topic, since).await?;
        }
        Ok(tx.commit().await?)
    }

    async fn deliver_topic(&self, tx: &mut Tx, topic: Arc<str>, mut since: u64) -> Result<(), Error> {
        loop {
            let page = log::read_since(tx, &topic, since, PAGE).await?;
            for logged in &page {
                since = logged.seq;
                let mail = Mail {
                    topic: Arc::clone(&topic),
                    seq: logged.seq,
                    whole: logged.whole,
                    frame: logged.frame(&topic)?,
                };
                self.registry(|registry| registry.fan_out(&mail));
            }
            if page.len() < PAGE as usize {
                return Ok(());
            }
        }
    }

    fn registry<T>(&self, work: impl FnOnce(&mut Registry) -> T) -> T {
        // Nothing in there panics half-way; a poisoned registry is whole.
        work(&mut self.0.registry.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Lets a socket of `subject` in, with a box for `mailbox` events.
    pub(crate) fn attach(&self, subject: String, mailbox: usize) -> Desk {
        let (sender, mail) = mpsc::channel(mailbox);
        let (slow, revoked) = (CancellationToken::new(), Arc::new(Notify::new()));
        let member = Member { mail: sender, slow: slow.clone(), revoked: Arc::clone(&revoked), subject };
        let socket = self.registry(|registry| registry.attach(member));
        Desk { hub: self.clone(), socket, topics: BTreeSet::new(), mail, slow, revoked }
    }
}

fn parse(payload: &str) -> Option<(String, u64)> {
    let (topic, seq) = payload.rsplit_once(' ')?;
    Some((topic.to_owned(), seq.parse().ok()?))
}

/// A socket's place in the hub; dropped, it is gone from there.
pub(crate) struct Desk {
    hub: Hub,
    socket: u64,
    topics: BTreeSet<Arc<str>>,
    pub mail: mpsc::Receiver<Mail>,
    pub slow: CancellationToken,
    pub revoked: Arc<Notify>,
}

impl Desk {
    /// Hears of `topic` from now on; `seq` is the newest one that is known of.
    pub fn subscribe(&mut self, topic: &Arc<str>, seq: u64) {
        self.hub.registry(|registry| registry.subscribe(self.socket, topic, seq));
        self.topics.insert(Arc::clone(topic));
    }

    pub fn unsubscribe(&mut self, topic: &str) {
        self.hub.registry(|registry| registry.unsubscribe(self.socket, topic));
        self.topics.remove(topic);
    }

    /// The newest seq of `topic`.
    pub async fn seq(&self, topic: &str) -> Result<u64, Error> {
        let mut tx = self.hub.0.db.snapshot().await?;
        let seq = log::seq(&mut tx, topic).await?;
        tx.commit().await?;
        Ok(seq)
    }

    /// How many sockets leave together. They are counted once: those that say good-bye last are as
    /// many as those that said it first.
    pub fn crowd(&self) -> usize {
        *self.hub.0.crowd.get_or_init(|| self.hub.registry(|registry| registry.sockets()))
    }

    /// A page of the log.
    pub async fn read(&self, topic: &str, since: u64, limit: u32) -> Result<Vec<Logged>, Error> {
        let mut tx = self.hub.0.db.snapshot().await?;
        let page = log::read_since(&mut tx, topic, since, limit).await?;
        tx.commit().await?;
        Ok(page)
    }
}

impl Drop for Desk {
    fn drop(&mut self) {
        let topics = std::mem::take(&mut self.topics);
        self.hub.registry(|registry| registry.detach(self.socket, topics.into_iter()));
    }
}
