//! One per process: reads what was published once, encodes it once, sends it to every socket.
//!
//! Refuses to trust hints: a lost one is healed by a slow poll, and at once when the loss is
//! noticed. The log is the only truth; what the hub sends is a copy that may come late, and a
//! socket that cannot take it is closed.

mod desk;
mod gossip;
mod presence;
mod registry;

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, OnceLock, PoisonError},
    time::Duration,
};

use db::{Db, Dialect, Notification, NotificationReceiver, Tx};
use futures::FutureExt;
use tokio::{
    sync::{Notify, OnceCell, Semaphore},
    time::{Instant, MissedTickBehavior, interval, sleep_until},
};

use crate::{
    epoch,
    error::Error,
    log::{self, PUBLISHED},
    metrics::Metrics,
    revocation::{self, REVOKED, Revoked},
};
pub(crate) use desk::Desk;
use gossip::GOSSIP;
pub(crate) use presence::Identity;
use presence::Presences;
use registry::Registry;
pub(crate) use registry::{Event, Mail};

/// Between two looks for hints that the network may have lost.
const HEAL_EVERY: Duration = Duration::from_secs(5);
/// What could not be read is read again after this time.
const LOOK_AGAIN_AFTER: Duration = Duration::from_secs(1);
/// Events read at once.
const PAGE: u32 = 256;
/// Topics asked for at once when healing.
const CHUNK: usize = 1_000;

/// Sockets that ask the database something at once, by how many connections a program has for
/// reading: the rest is for its pages, also while everybody comes back after a restart.
const fn places(dialect: Dialect) -> usize {
    match dialect {
        Dialect::Sqlite => 4,
        Dialect::Postgres => 8,
    }
}

/// The hub; clones are the same one.
#[derive(Clone)]
pub struct Hub(Arc<Inner>);

struct Inner {
    db: Db,
    /// How often lost hints are looked for; never where none is lost unnoticed.
    heal_every: Option<Duration>,
    registry: Mutex<Registry>,
    presences: Mutex<Presences>,
    /// Somebody came, went or does something else.
    moved: Notify,
    epoch: OnceCell<String>,
    build: String,
    metrics: Metrics,
    /// Sockets wait here for their turn at the database.
    places: Arc<Semaphore>,
    /// The sockets that there were when the first of them was told to come back.
    crowd: OnceLock<usize>,
}

impl Hub {
    /// A hub on `db`. It delivers nothing until somebody [runs](Self::run) it.
    #[must_use]
    pub fn new(db: Db) -> Self {
        Self::of_build(db, String::new(), None)
    }

    /// A hub that looks for lost hints that often.
    #[must_use]
    pub fn healing_every(db: Db, heal_every: Duration) -> Self {
        Self::of_build(db, String::new(), Some(heal_every))
    }

    /// A hub that tells clients which `build` of the page there is: [`ServerMsg::Hello`](crate::ServerMsg::Hello).
    /// It looks for lost hints every `heal_every`; unless that is said, every five seconds on PostgreSQL, and
    /// never on SQLite: there a program hears itself, and whoever else writes to the file has to say so
    /// (`Notifications::notify_lagged`).
    #[must_use]
    pub fn of_build(db: Db, build: String, heal_every: Option<Duration>) -> Self {
        let usual = (db.dialect() == Dialect::Postgres).then_some(HEAL_EVERY);
        Self(Arc::new(Inner::new(db, heal_every.or(usual), build)))
    }

    /// Delivers for as long as it is polled. To be supervised: spawned by the caller, once, and
    /// dropped to stop. An error of the database is logged, and healed later.
    pub async fn run(&self) {
        let (mut published, mut gossip) = (self.hear(PUBLISHED), self.hear(GOSSIP));
        // What was published before anybody listened here is looked for at once.
        let mut look_at = Some(Instant::now());
        let mut vouch = interval(gossip::BEAT);
        vouch.set_missed_tick_behavior(MissedTickBehavior::Delay);
        // Who was revoked while nobody ran is not known: the first look revokes everybody.
        let mut revoked = None;
        let mut tell_at = None;
        loop {
            let done = tokio::select! {
                hint = published.recv() => self.published(hint, &mut published, &mut revoked).await,
                () = sleep_until(look_at.unwrap_or_else(Instant::now)), if look_at.is_some() => {
                    look_at = self.0.heal_every.map(|every| Instant::now() + every);
                    self.heal(&mut revoked).await
                }
                hint = gossip.recv() => self.hear_gossip(&hint).await,
                () = self.0.moved.notified(), if tell_at.is_none() => {
                    tell_at = Some(Instant::now() + gossip::GATHER);
                    Ok(())
                }
                () = sleep_until(tell_at.unwrap_or_else(Instant::now)), if tell_at.is_some() => {
                    tell_at = None;
                    self.tell_of_people().await
                }
                _ = vouch.tick(), if !self.presences(|presences| presences.is_idle()) => self.vouch().await,
            };
            if let Err(error) = done {
                tracing::warn!(%error, "live events could not be read; trying again soon");
                self.0.metrics.unread.inc();
                let soon = Instant::now() + LOOK_AGAIN_AFTER;
                look_at = Some(look_at.map_or(soon, |at| at.min(soon)));
            }
        }
    }

    fn hear(&self, channel: &'static str) -> NotificationReceiver {
        self.0.db.notifications().subscribe(channel)
    }

    /// Has the sockets of `subject` authorise their topics again, on every node. See
    /// [`revoke`](crate::revoke) for doing so with a transaction.
    ///
    /// # Errors
    /// [`Error::Db`] when nobody could be told.
    pub async fn revoke(&self, subject: &str) -> Result<(), Error> {
        let mut tx = self.0.db.begin().await?;
        revocation::revoke(&mut tx, subject, db::Clock::system().now_ms()).await?;
        Ok(tx.commit().await?)
    }

    /// How many sockets there are.
    #[must_use]
    pub fn sockets(&self) -> usize {
        self.registry(|registry| registry.sockets())
    }

    /// Has Prometheus told of sockets, joins, replays and lags.
    pub fn register_metrics(&self, registry: &mut prometheus_client::registry::Registry) {
        self.0.metrics.register(registry);
    }

    /// Which history this is about; read once, because it changes only while nobody serves it.
    ///
    /// # Errors
    /// [`Error::Db`].
    pub async fn epoch(&self) -> Result<&str, Error> {
        let read = async {
            let mut tx = self.0.db.snapshot().await?;
            let epoch = epoch::epoch(&mut tx).await?;
            tx.commit().await?;
            Ok::<_, Error>(epoch)
        };
        Ok(self.0.epoch.get_or_try_init(|| read).await?)
    }

    async fn published(
        &self,
        first: Notification,
        hints: &mut NotificationReceiver,
        revoked: &mut Option<u64>,
    ) -> Result<(), Error> {
        let mut newest = BTreeMap::new();
        let mut next = Some(first);
        // Whatever else was said meanwhile is read along.
        while let Some(hint) = next {
            let Notification::Payload(payload) = hint else { return self.heal(revoked).await };
            if let Some((topic, seq)) = parse(&payload) {
                newest.insert(topic, seq);
            }
            next = hints.recv().now_or_never();
        }
        if newest.remove(REVOKED).is_some() {
            self.revoke_here(revoked).await?;
        }
        self.deliver(newest).await
    }

    /// Has those authorise again who lost something since `revoked`.
    async fn revoke_here(&self, revoked: &mut Option<u64>) -> Result<(), Error> {
        let mut tx = self.0.db.snapshot().await?;
        let news = revocation::read(&mut tx, *revoked).await?;
        tx.commit().await?;
        *revoked = Some(match news {
            Revoked::Subjects(subjects, seq) => {
                subjects.iter().for_each(|subject| self.registry(|registry| registry.revoke(Some(subject))));
                seq
            }
            Revoked::Everybody(seq) => {
                self.registry(|registry| registry.revoke(None));
                seq
            }
        });
        Ok(())
    }

    /// Compares every topic that somebody listens to with the log.
    async fn heal(&self, revoked: &mut Option<u64>) -> Result<(), Error> {
        // While nobody is there, nothing is asked for; who comes is authorised then.
        if self.sockets() == 0 {
            *revoked = None;
            return Ok(());
        }
        self.revoke_here(revoked).await?;
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
                let event = Arc::new(logged.event(&topic)?);
                self.registry(|registry| registry.fan_out(&event));
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

    fn presences<T>(&self, work: impl FnOnce(&mut Presences) -> T) -> T {
        work(&mut self.0.presences.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Inner {
    fn new(db: Db, heal_every: Option<Duration>, build: String) -> Self {
        Self {
            places: Arc::new(Semaphore::new(places(db.dialect()))),
            db,
            heal_every,
            registry: Mutex::default(),
            presences: Mutex::new(Presences::of(format!("{:016x}", rand::random::<u64>()))),
            moved: Notify::new(),
            epoch: OnceCell::new(),
            build,
            metrics: Metrics::default(),
            crowd: OnceLock::new(),
        }
    }
}

fn parse(payload: &str) -> Option<(String, u64)> {
    let (topic, seq) = payload.rsplit_once(' ')?;
    Some((topic.to_owned(), seq.parse().ok()?))
}
