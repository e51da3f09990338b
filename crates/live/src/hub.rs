//! One hub per process: it reads each published event once, encodes it once, and sends it to every
//! socket that joined the topic.
//!
//! It does not rely on notifications. A slow poll finds what a lost one would have announced, and the
//! hub reconciles at once when it notices that it lost some. The log is the only truth: what the hub
//! sends is a copy that may come late, and it closes a socket that cannot keep up.

mod presence;
mod presence_broadcast;
mod registry;
mod subscriber;

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
pub use presence::Identity;
use presence::Presences;
use presence_broadcast::PRESENCE_CHANNEL;
pub(crate) use registry::Message;
use registry::Registry;
pub(crate) use subscriber::Subscriber;

/// How often the hub reconciles with the log, in case the network lost a notification.
const RECONCILE_INTERVAL: Duration = Duration::from_secs(5);
/// How long after a failed read the hub reconciles.
const RETRY_DELAY: Duration = Duration::from_secs(1);
/// How many events one read of the log returns.
const PAGE_SIZE: u32 = 256;
/// How many topics one query of reconciling covers.
const TOPICS_PER_QUERY: usize = 1_000;

/// How many sockets may query the database at once. It leaves the other connections to page requests,
/// also while all clients reconnect after a restart.
const fn db_permits(dialect: Dialect) -> usize {
    match dialect {
        Dialect::Sqlite => 4,
        Dialect::Postgres => 8,
    }
}

/// Delivers published events to the sockets of this process; cheap to clone.
#[derive(Clone)]
pub struct Hub(Arc<Inner>);

struct Inner {
    db: Db,
    /// How often the hub reconciles. `None` where no notification is lost unnoticed.
    reconcile_interval: Option<Duration>,
    registry: Mutex<Registry>,
    presences: Mutex<Presences>,
    /// Notified when a person came, left or does something else.
    presence_changed: Notify,
    epoch: OnceCell<String>,
    build: String,
    metrics: Metrics,
    /// Sockets acquire a permit before they query the database.
    db_permits: Arc<Semaphore>,
    /// How many sockets were open when the first one was told to reconnect.
    sockets_at_shutdown: OnceLock<usize>,
}

impl Hub {
    /// A hub on `db`. It delivers nothing until the caller [runs](Self::run) it.
    #[must_use]
    pub fn new(db: Db) -> Self {
        Self::with_build(db, String::new(), None)
    }

    /// A hub that reconciles with the log every `interval`.
    #[must_use]
    pub fn with_reconcile_interval(db: Db, interval: Duration) -> Self {
        Self::with_build(db, String::new(), Some(interval))
    }

    /// A hub that tells clients which `build` of the page the server has, in
    /// [`ServerMsg::Hello`](crate::ServerMsg::Hello). By default it reconciles every five seconds on
    /// PostgreSQL and never on SQLite, where a process gets all its own notifications and other writers
    /// must call [`Notifications::notify_lagged`](db::Notifications::notify_lagged).
    #[must_use]
    pub fn with_build(db: Db, build: String, reconcile_interval: Option<Duration>) -> Self {
        let default = (db.dialect() == Dialect::Postgres).then_some(RECONCILE_INTERVAL);
        Self(Arc::new(Inner::new(db, reconcile_interval.or(default), build)))
    }

    /// Delivers events until the future is dropped. Run it in exactly one task. It logs errors of the
    /// database and retries.
    pub async fn run(&self) {
        let mut published = self.subscribe_to(PUBLISHED);
        let mut presence_messages = self.subscribe_to(PRESENCE_CHANNEL);
        // Reconcile at once, because events may have been published before the subscription.
        let mut reconcile_at = Some(Instant::now());
        let mut heartbeat = interval(presence_broadcast::HEARTBEAT_INTERVAL);
        heartbeat.set_missed_tick_behavior(MissedTickBehavior::Delay);
        // The seq of the last revocation that was applied. `None` makes the first read revoke everybody.
        let mut revoked = None;
        let mut broadcast_at = None;
        loop {
            let result = tokio::select! {
                notification = published.recv() => self.on_published(notification, &mut published, &mut revoked).await,
                () = sleep_until(reconcile_at.unwrap_or_else(Instant::now)), if reconcile_at.is_some() => {
                    reconcile_at = self.0.reconcile_interval.map(|interval| Instant::now() + interval);
                    self.reconcile(&mut revoked).await
                }
                notification = presence_messages.recv() => self.on_presence_message(&notification).await,
                () = self.0.presence_changed.notified(), if broadcast_at.is_none() => {
                    broadcast_at = Some(Instant::now() + presence_broadcast::DEBOUNCE);
                    Ok(())
                }
                () = sleep_until(broadcast_at.unwrap_or_else(Instant::now)), if broadcast_at.is_some() => {
                    broadcast_at = None;
                    self.broadcast_presence().await
                }
                _ = heartbeat.tick(), if !self.presences(|presences| presences.is_idle()) => {
                    self.presence_heartbeat().await
                }
            };
            if let Err(error) = result {
                tracing::warn!(%error, "could not read live events; retrying soon");
                self.0.metrics.failed_reads.inc();
                let retry_at = Instant::now() + RETRY_DELAY;
                reconcile_at = Some(reconcile_at.map_or(retry_at, |at| at.min(retry_at)));
            }
        }
    }

    fn subscribe_to(&self, channel: &'static str) -> NotificationReceiver {
        self.0.db.notifications().subscribe(channel)
    }

    /// Has every node authorize the topics of `subject`'s sockets again. Use [`revoke`](crate::revoke) to
    /// do so as part of a transaction.
    ///
    /// # Errors
    /// [`Error::Db`]; then no socket is affected.
    pub async fn revoke(&self, subject: &str) -> Result<(), Error> {
        let mut tx = self.0.db.begin().await?;
        revocation::revoke(&mut tx, subject, db::Clock::system().now_ms()).await?;
        Ok(tx.commit().await?)
    }

    /// How many sockets are open on this node.
    #[must_use]
    pub fn sockets(&self) -> usize {
        self.registry(|registry| registry.open_sockets())
    }

    /// Registers the hub's metrics: sockets, joins, replays and the lag from publishing to writing.
    pub fn register_metrics(&self, registry: &mut prometheus_client::registry::Registry) {
        self.0.metrics.register(registry);
    }

    /// The [epoch](crate::epoch) of the database. It is read once, because it changes only while no
    /// server is running.
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

    async fn on_published(
        &self,
        first: Notification,
        receiver: &mut NotificationReceiver,
        revoked: &mut Option<u64>,
    ) -> Result<(), Error> {
        let mut newest = BTreeMap::new();
        let mut next = Some(first);
        // Handles all waiting notifications at once.
        while let Some(notification) = next {
            let Notification::Payload(payload) = notification else { return self.reconcile(revoked).await };
            if let Some((topic, seq)) = parse_published(&payload) {
                newest.insert(topic, seq);
            }
            next = receiver.recv().now_or_never();
        }
        if newest.remove(REVOKED).is_some() {
            self.apply_revocations(revoked).await?;
        }
        self.deliver(newest).await
    }

    /// Has this node's sockets whose subjects were revoked after `revoked` authorize their topics again.
    async fn apply_revocations(&self, revoked: &mut Option<u64>) -> Result<(), Error> {
        let mut tx = self.0.db.snapshot().await?;
        let read = revocation::read(&mut tx, *revoked).await?;
        tx.commit().await?;
        *revoked = Some(match read {
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

    /// Compares every topic that has subscribers with the log, and delivers what is new.
    async fn reconcile(&self, revoked: &mut Option<u64>) -> Result<(), Error> {
        // Without sockets there is nothing to do: a socket that connects later is authorized then.
        if self.sockets() == 0 {
            *revoked = None;
            return Ok(());
        }
        self.apply_revocations(revoked).await?;
        let topics = self.registry(|registry| registry.topics());
        for chunk in topics.chunks(TOPICS_PER_QUERY) {
            let names: Vec<_> = chunk.iter().map(|topic| &**topic).collect();
            let mut tx = self.0.db.snapshot().await?;
            let seqs = log::last_seqs(&mut tx, &names).await?;
            tx.commit().await?;
            self.deliver(seqs.into_iter().collect()).await?;
        }
        Ok(())
    }

    /// Reads and sends the new events of those topics that have subscribers.
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
            let page = log::read_since(tx, &topic, since, PAGE_SIZE).await?;
            for entry in &page {
                since = entry.seq;
                let event = Arc::new(entry.event(&topic)?);
                self.registry(|registry| registry.fan_out(&event));
            }
            if page.len() < PAGE_SIZE as usize {
                return Ok(());
            }
        }
    }

    fn registry<T>(&self, work: impl FnOnce(&mut Registry) -> T) -> T {
        // Nothing in there panics between two changes, so a poisoned registry is consistent.
        work(&mut self.0.registry.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn presences<T>(&self, work: impl FnOnce(&mut Presences) -> T) -> T {
        work(&mut self.0.presences.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Inner {
    fn new(db: Db, reconcile_interval: Option<Duration>, build: String) -> Self {
        Self {
            db_permits: Arc::new(Semaphore::new(db_permits(db.dialect()))),
            db,
            reconcile_interval,
            registry: Mutex::default(),
            presences: Mutex::new(Presences::new(format!("{:016x}", rand::random::<u64>()))),
            presence_changed: Notify::new(),
            epoch: OnceCell::new(),
            build,
            metrics: Metrics::default(),
            sockets_at_shutdown: OnceLock::new(),
        }
    }
}

/// The topic and seq in the payload of a notification on [`PUBLISHED`].
fn parse_published(payload: &str) -> Option<(String, u64)> {
    let (topic, seq) = payload.rsplit_once(' ')?;
    Some((topic.to_owned(), seq.parse().ok()?))
}
