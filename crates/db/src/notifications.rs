//! Notifications that a transaction sends after its commit, so that nobody has to poll.
//!
//! Within one process they travel through memory. Between the nodes of a PostgreSQL they travel in
//! batches through `NOTIFY`, outside of the transaction that caused them, because `NOTIFY` takes a
//! lock over all commits. A notification can be lost, so it must never carry the only copy of
//! anything. Tasks use [`Notifications::subscribe`]; [`Notifications::listen`] is for what must know
//! before `commit` returns.

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

/// Notifications that a receiver may lag behind before it gets [`Notification::Lagged`] instead.
const BUFFERED_NOTIFICATIONS: usize = 4_096;
/// PostgreSQL refuses payloads of 8,000 bytes.
const MAX_BATCH_BYTES: usize = 7_500;
/// PostgreSQL's channel for all of ours. Nodes of earlier versions listen to this name as well.
const POSTGRES_CHANNEL: &str = "hints";
const RECONNECT_DELAY: Duration = Duration::from_millis(250);

/// What a receiver or listener gets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Notification {
    /// The payload that a committed transaction sent.
    Payload(String),
    /// Some notifications were lost: anything may have changed, so read all that matters again.
    Lagged,
}

/// A notification that waits for its transaction's commit, or for the connection to other nodes.
#[derive(Clone, Debug)]
pub(crate) struct Pending {
    pub channel: &'static str,
    pub payload: String,
}

/// What the receivers of all channels share.
#[derive(Clone, Debug)]
enum Broadcast {
    Sent { channel: Arc<str>, payload: String },
    Lagged,
}

/// Sends and receives notifications; cheap to clone.
#[derive(Clone, Debug)]
pub struct Notifications {
    local: Local,
    remote: Option<Arc<Remote>>,
}

/// The receivers and listeners of this process.
#[derive(Clone, Debug)]
struct Local {
    receivers: broadcast::Sender<Broadcast>,
    listeners: Arc<RwLock<Vec<Weak<Listener>>>>,
}

/// Calls a function with each notification of one channel until it is dropped; see
/// [`Notifications::listen`].
pub struct Listener {
    channel: &'static str,
    on_notification: Box<dyn Fn(&Notification) + Send + Sync>,
}

impl fmt::Debug for Listener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Listener").field(&self.channel).finish()
    }
}

impl Local {
    fn new() -> Self {
        Self { receivers: broadcast::Sender::new(BUFFERED_NOTIFICATIONS), listeners: Arc::default() }
    }

    fn add(&self, listener: &Arc<Listener>) {
        let mut listeners = self.listeners.write().unwrap_or_else(PoisonError::into_inner);
        listeners.retain(|listener| listener.strong_count() > 0);
        listeners.push(Arc::downgrade(listener));
    }

    fn send(&self, channel: &str, payload: String) {
        let notification = Notification::Payload(payload);
        self.call(&notification, |listener| listener.channel == channel);
        let Notification::Payload(payload) = notification else { return };
        // It fails when there is no receiver, which is no error.
        let _ = self.receivers.send(Broadcast::Sent { channel: channel.into(), payload });
    }

    fn send_lagged(&self) {
        self.call(&Notification::Lagged, |_listener| true);
        let _ = self.receivers.send(Broadcast::Lagged);
    }

    fn call(&self, notification: &Notification, concerned: impl Fn(&Listener) -> bool) {
        // Called without the lock: a listener may add another one.
        let listeners = self.listeners.read().unwrap_or_else(PoisonError::into_inner).clone();
        for listener in listeners.iter().filter_map(Weak::upgrade).filter(|listener| concerned(listener)) {
            (listener.on_notification)(notification);
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

/// Receives the notifications of one channel.
#[derive(Debug)]
pub struct NotificationReceiver {
    channel: &'static str,
    receiver: broadcast::Receiver<Broadcast>,
}

impl NotificationReceiver {
    /// Waits for the next notification. Cancel safe. After the database is closed it waits for ever.
    pub async fn recv(&mut self) -> Notification {
        loop {
            match self.receiver.recv().await {
                Ok(Broadcast::Sent { channel, payload }) if *channel == *self.channel => {
                    return Notification::Payload(payload);
                }
                Ok(Broadcast::Sent { .. }) => {}
                Ok(Broadcast::Lagged) | Err(broadcast::error::RecvError::Lagged(_)) => {
                    return Notification::Lagged;
                }
                Err(broadcast::error::RecvError::Closed) => std::future::pending().await,
            }
        }
    }
}

impl Notifications {
    /// Notifications that stay in this process.
    pub(crate) fn local() -> Self {
        Self { local: Local::new(), remote: None }
    }

    /// Notifications that also reach the other processes on the database of `pool`.
    pub(crate) fn over_postgres(pool: PgPool) -> Self {
        let local = Local::new();
        let (outbox, inbox) = mpsc::channel(BUFFERED_NOTIFICATIONS);
        let origin = new_origin();
        let send = tokio::spawn(send_to_nodes(pool.clone(), inbox, origin.clone()));
        let receive = tokio::spawn(receive_from_nodes(pool, local.clone(), origin));
        let tasks = [send.abort_handle(), receive.abort_handle()];
        Self { local, remote: Some(Arc::new(Remote { outbox, tasks })) }
    }

    /// A receiver of what is sent on `channel` from now on.
    #[must_use]
    pub fn subscribe(&self, channel: &'static str) -> NotificationReceiver {
        NotificationReceiver { channel, receiver: self.local.receivers.subscribe() }
    }

    /// Calls `on_notification` with each notification on `channel` until the returned listener is
    /// dropped; for those of this process before their `commit` returns. It must neither block nor panic.
    #[must_use = "the listener ends when it is dropped"]
    pub fn listen(
        &self,
        channel: &'static str,
        on_notification: impl Fn(&Notification) + Send + Sync + 'static,
    ) -> Arc<Listener> {
        let listener = Arc::new(Listener { channel, on_notification: Box::new(on_notification) });
        self.local.add(&listener);
        listener
    }

    /// Sends [`Notification::Lagged`] on every channel of this process, because something was written
    /// that it gets no notification of, for example by another process on the same SQLite file.
    pub fn notify_lagged(&self) {
        self.local.send_lagged();
    }

    pub(crate) fn send(&self, pending: Vec<Pending>) {
        for notification in pending {
            self.local.send(notification.channel, notification.payload.clone());
            if let Some(remote) = &self.remote {
                // When the outbox is full the other nodes find the change by polling.
                let _ = remote.outbox.try_send(notification);
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

/// Names one handle, so that it can ignore its own notifications when PostgreSQL returns them.
fn new_origin() -> String {
    static HANDLES: AtomicU64 = AtomicU64::new(0);
    let handle = HANDLES.fetch_add(1, Ordering::Relaxed);
    format!("{}-{}-{handle}", std::process::id(), Clock::system().now_ms())
}

/// Sends what waits in `inbox` to the other nodes, as few statements as it fits into.
async fn send_to_nodes(pool: PgPool, mut inbox: mpsc::Receiver<Pending>, origin: String) {
    let mut waiting = Vec::new();
    while inbox.recv_many(&mut waiting, 256).await > 0 {
        for payload in encode_batches(&origin, &waiting) {
            let notify = sqlx::query("select pg_notify($1, $2)").bind(POSTGRES_CHANNEL).bind(payload);
            if let Err(error) = notify.execute(&pool).await {
                tracing::warn!(%error, "could not notify other nodes; they will find the change by polling");
            }
        }
        waiting.clear();
    }
}

/// The origin on the first line, then one line `channel<TAB>payload` for each notification.
fn encode_batches(origin: &str, notifications: &[Pending]) -> Vec<String> {
    let mut batches = Vec::new();
    let mut batch = origin.to_owned();
    for notification in notifications {
        let line = format!("\n{}\t{}", notification.channel, notification.payload);
        if batch.len() + line.len() > MAX_BATCH_BYTES && batch.len() > origin.len() {
            batches.push(std::mem::replace(&mut batch, origin.to_owned()));
        }
        batch.push_str(&line);
    }
    batches.push(batch);
    batches
}

/// Receives from the other nodes. After a lost connection it reconnects and sends `Lagged`.
async fn receive_from_nodes(pool: PgPool, local: Local, origin: String) {
    loop {
        match receive_until_disconnected(&pool, &local, &origin).await {
            Ok(()) => tracing::warn!("lost the connection that receives notifications of other nodes"),
            Err(error) => tracing::warn!(%error, "cannot receive notifications of other nodes"),
        }
        local.send_lagged();
        tokio::time::sleep(RECONNECT_DELAY).await;
    }
}

async fn receive_until_disconnected(pool: &PgPool, local: &Local, origin: &str) -> Result<(), sqlx::Error> {
    let mut listener = PgListener::connect_with(pool).await?;
    listener.listen(POSTGRES_CHANNEL).await?;
    // What other nodes sent before this moment did not arrive.
    local.send_lagged();
    while let Some(notification) = listener.try_recv().await? {
        let mut lines = notification.payload().lines();
        if lines.next() == Some(origin) {
            continue;
        }
        for (channel, payload) in lines.filter_map(|line| line.split_once('\t')) {
            local.send(channel, payload.to_owned());
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_batch_stays_below_postgresqls_limit_and_loses_no_notification() {
        let notifications: Vec<_> = (0..1_000)
            .map(|n| Pending { channel: "live", payload: format!("topic-{n} {}", "x".repeat(n % 90)) })
            .collect();
        let batches = encode_batches("me", &notifications);
        assert!(batches.iter().all(|batch| batch.len() < 8_000));
        let lines: Vec<_> = batches.iter().flat_map(|batch| batch.lines().skip(1)).collect();
        assert_eq!(lines.len(), notifications.len());
        let expected = notifications.iter().map(|sent| format!("live\t{}", sent.payload));
        assert!(lines.into_iter().eq(expected));
    }
}
