//! Hints: what a transaction says after its commit, so that nobody has to poll.
//!
//! In one process they travel through memory. Between the nodes of a PostgreSQL they travel
//! batched through `NOTIFY`, outside of any transaction of the product, because `NOTIFY` takes a
//! lock over all commits. A hint can get lost, so it never carries the only copy of anything.
//! [`Hints::subscribe`] is for tasks; [`Hints::listen`] for what must know before `commit` returns.

use std::{
    fmt,
    sync::{
        Arc, PoisonError, RwLock, Weak,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use sqlx::{PgPool, postgres::PgListener};
use tokio::{
    sync::{broadcast, mpsc},
    task::AbortHandle,
};

use crate::clock::Clock;

/// Hints that a slow listener may lag behind before it is told to re-read everything.
const BACKLOG: usize = 4_096;
/// PostgreSQL refuses payloads of 8,000 bytes.
const BATCH_BYTES: usize = 7_500;
const CHANNEL: &str = "hints";

/// What a listener hears.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Hint {
    /// What a committed transaction said.
    Payload(String),
    /// Some hints were lost: look at everything.
    Missed,
}

#[derive(Clone, Debug)]
pub(crate) struct Pending {
    pub channel: &'static str,
    pub payload: String,
}

#[derive(Clone, Debug)]
enum Heard {
    Said { channel: Arc<str>, payload: String },
    Missed,
}

/// Sends and hears hints.
#[derive(Clone, Debug)]
pub struct Hints {
    local: Local,
    remote: Option<Arc<Remote>>,
}

/// Who listens in this process.
#[derive(Clone, Debug)]
struct Local {
    tasks: broadcast::Sender<Heard>,
    listeners: Arc<RwLock<Vec<Weak<Listener>>>>,
}

/// Hears the hints of one channel as long as it is kept; see [`Hints::listen`].
pub struct Listener {
    channel: &'static str,
    hear: Box<dyn Fn(&Hint) + Send + Sync>,
}

impl fmt::Debug for Listener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Listener").field(&self.channel).finish()
    }
}

impl Local {
    fn new() -> Self {
        Self { tasks: broadcast::Sender::new(BACKLOG), listeners: Arc::default() }
    }

    fn add(&self, listener: &Arc<Listener>) {
        let mut listeners = self.listeners.write().unwrap_or_else(PoisonError::into_inner);
        listeners.retain(|listener| listener.strong_count() > 0);
        listeners.push(Arc::downgrade(listener));
    }

    fn said(&self, channel: &str, payload: String) {
        let hint = Hint::Payload(payload);
        self.call(&hint, |listener| listener.channel == channel);
        let Hint::Payload(payload) = hint else { return };
        // Nobody listening is no error.
        let _ = self.tasks.send(Heard::Said { channel: channel.into(), payload });
    }

    fn missed(&self) {
        self.call(&Hint::Missed, |_listener| true);
        let _ = self.tasks.send(Heard::Missed);
    }

    fn call(&self, hint: &Hint, concerned: impl Fn(&Listener) -> bool) {
        // Called without the lock: a listener may listen to something else.
        let listeners = self.listeners.read().unwrap_or_else(PoisonError::into_inner).clone();
        for listener in listeners.iter().filter_map(Weak::upgrade).filter(|listener| concerned(listener)) {
            (listener.hear)(hint);
        }
    }
}

/// The tasks that connect this process with the other nodes.
#[derive(Debug)]
struct Remote {
    outbox: mpsc::Sender<Pending>,
    tasks: [AbortHandle; 2],
}

impl Drop for Remote {
    fn drop(&mut self) {
        for task in &self.tasks {
            task.abort();
        }
    }
}

/// Hears the hints of one channel.
#[derive(Debug)]
pub struct HintReceiver {
    channel: &'static str,
    heard: broadcast::Receiver<Heard>,
}

impl HintReceiver {
    /// The next hint. Safe to cancel.
    pub async fn recv(&mut self) -> Hint {
        loop {
            match self.heard.recv().await {
                Ok(Heard::Said { channel, payload }) if *channel == *self.channel => {
                    return Hint::Payload(payload);
                }
                Ok(Heard::Said { .. }) => {}
                Ok(Heard::Missed) | Err(broadcast::error::RecvError::Lagged(_)) => {
                    return Hint::Missed;
                }
                // The database was closed: there will never be another one.
                Err(broadcast::error::RecvError::Closed) => std::future::pending().await,
            }
        }
    }
}

impl Hints {
    pub(crate) fn local() -> Self {
        Self { local: Local::new(), remote: None }
    }

    pub(crate) fn over_postgres(pool: PgPool) -> Self {
        let local = Local::new();
        let (outbox, inbox) = mpsc::channel(BACKLOG);
        let origin = origin();
        let notify = tokio::spawn(notify(pool.clone(), inbox, origin.clone()));
        let listen = tokio::spawn(listen(pool, local.clone(), origin));
        let tasks = [notify.abort_handle(), listen.abort_handle()];
        Self { local, remote: Some(Arc::new(Remote { outbox, tasks })) }
    }

    /// Hears what is said on `channel` from now on.
    #[must_use]
    pub fn subscribe(&self, channel: &'static str) -> HintReceiver {
        HintReceiver { channel, heard: self.local.tasks.subscribe() }
    }

    /// Calls `hear` with each hint on `channel`, as long as the answer is kept; what this process
    /// says is heard before its `commit` returns. It must neither block nor panic.
    #[must_use = "dropping it ends the listening"]
    pub fn listen(&self, channel: &'static str, hear: impl Fn(&Hint) + Send + Sync + 'static) -> Arc<Listener> {
        let listener = Arc::new(Listener { channel, hear: Box::new(hear) });
        self.local.add(&listener);
        listener
    }

    /// Has everybody in this process look at everything: somebody wrote who cannot be heard, such as
    /// another process on the same SQLite file.
    pub fn missed(&self) {
        self.local.missed();
    }

    pub(crate) fn send(&self, pending: Vec<Pending>) {
        for hint in pending {
            self.local.said(hint.channel, hint.payload.clone());
            if let Some(remote) = &self.remote {
                // A full outbox is healed by the other nodes' polls.
                let _ = remote.outbox.try_send(hint);
            }
        }
    }

    pub(crate) fn stop(&self) {
        if let Some(remote) = &self.remote {
            for task in &remote.tasks {
                task.abort();
            }
        }
    }
}

/// Tells this handle's own notifications from those of other nodes.
fn origin() -> String {
    static HANDLES: AtomicU64 = AtomicU64::new(0);
    let handle = HANDLES.fetch_add(1, Ordering::Relaxed);
    format!("{}-{}-{handle}", std::process::id(), Clock::system().now_ms())
}

/// Sends what this process says to the other nodes: whatever waits goes out in one statement.
async fn notify(pool: PgPool, mut inbox: mpsc::Receiver<Pending>, origin: String) {
    let mut waiting = Vec::new();
    while inbox.recv_many(&mut waiting, 256).await > 0 {
        for payload in batches(&origin, &waiting) {
            let sent = sqlx::query("select pg_notify($1, $2)").bind(CHANNEL).bind(payload).execute(&pool).await;
            if let Err(error) = sent {
                tracing::warn!(%error, "other nodes were not notified; their poll will find it");
            }
        }
        waiting.clear();
    }
}

/// One hint a line: `channel<TAB>payload`, the origin first.
fn batches(origin: &str, hints: &[Pending]) -> Vec<String> {
    let mut batches = Vec::new();
    let mut batch = origin.to_owned();
    for hint in hints {
        let line = format!("\n{}\t{}", hint.channel, hint.payload);
        if batch.len() + line.len() > BATCH_BYTES && batch.len() > origin.len() {
            batches.push(std::mem::replace(&mut batch, origin.to_owned()));
        }
        batch.push_str(&line);
    }
    batches.push(batch);
    batches
}

/// Hears the other nodes; a lost connection is made again, and said to be a gap.
async fn listen(pool: PgPool, local: Local, origin: String) {
    loop {
        match hear(&pool, &local, &origin).await {
            Ok(()) => tracing::warn!("the connection that hears other nodes was lost"),
            Err(error) => tracing::warn!(%error, "other nodes cannot be heard"),
        }
        local.missed();
        tokio::time::sleep(Duration::from_millis(250)).await;
    }
}

async fn hear(pool: &PgPool, local: &Local, origin: &str) -> Result<(), sqlx::Error> {
    let mut listener = PgListener::connect_with(pool).await?;
    listener.listen(CHANNEL).await?;
    // Whatever was said before this moment was not heard.
    local.missed();
    while let Some(notification) = listener.try_recv().await? {
        let mut lines = notification.payload().lines();
        if lines.next() == Some(origin) {
            continue;
        }
        for (channel, payload) in lines.filter_map(|line| line.split_once('\t')) {
            local.said(channel, payload.to_owned());
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_batch_stays_below_what_postgresql_takes_and_loses_no_hint() {
        let hints: Vec<_> = (0..1_000)
            .map(|n| Pending { channel: "live", payload: format!("topic-{n} {}", "x".repeat(n % 90)) })
            .collect();
        let batches = batches("me", &hints);
        assert!(batches.iter().all(|batch| batch.len() < 8_000));
        let lines: Vec<_> = batches.iter().flat_map(|batch| batch.lines().skip(1)).collect();
        assert_eq!(lines.len(), hints.len());
        assert!(lines.iter().zip(&hints).all(|(line, hint)| *line == format!("live\t{}", hint.payload)));
    }
}
