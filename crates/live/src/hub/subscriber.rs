//! One socket's access to the hub.

use std::{collections::BTreeSet, sync::Arc};

use tokio::sync::{Notify, OwnedSemaphorePermit, mpsc};
use tokio_util::sync::CancellationToken;

use super::{Hub, Identity, Message, registry::SocketHandle};
use crate::{
    error::Error,
    log::{self, LogEntry},
    metrics::Metrics,
    protocol::ServerMsg,
};

/// One socket's access to the hub. Dropping it ends all its subscriptions.
pub(crate) struct Subscriber {
    hub: Hub,
    socket: u64,
    topics: BTreeSet<Arc<str>>,
    tracked: BTreeSet<Arc<str>>,
    pub messages: mpsc::Receiver<Message>,
    pub handle: Arc<SocketHandle>,
}

impl Hub {
    /// Registers a socket of `subject` whose buffer holds `buffer` messages.
    pub(crate) fn subscriber(&self, subject: String, buffer: usize) -> Subscriber {
        let (sender, messages) = mpsc::channel(buffer);
        let (slow, revoked) = (CancellationToken::new(), Notify::new());
        let handle = Arc::new(SocketHandle { messages: sender, slow, revoked, subject });
        let socket = self.registry(|registry| registry.add(Arc::clone(&handle)));
        self.0.metrics.sockets.inc();
        Subscriber { hub: self.clone(), socket, topics: BTreeSet::new(), tracked: BTreeSet::new(), messages, handle }
    }
}

impl Subscriber {
    /// The first message of a socket.
    pub async fn hello(&self) -> Result<ServerMsg, Error> {
        let epoch = self.hub.epoch().await?.to_owned();
        Ok(ServerMsg::Hello { epoch, build: self.hub.0.build.clone() })
    }

    pub fn metrics(&self) -> &Metrics {
        &self.hub.0.metrics
    }

    /// Receives the events of `topic` from now on. `seq` is the newest one that the caller knows of.
    pub fn subscribe(&mut self, topic: &Arc<str>, seq: u64) {
        self.hub.registry(|registry| registry.subscribe(self.socket, topic, seq));
        self.topics.insert(Arc::clone(topic));
    }

    /// Ends the subscription to `topic`, and stops tracking the user there.
    pub fn unsubscribe(&mut self, topic: &str) {
        self.hub.registry(|registry| registry.unsubscribe(self.socket, topic));
        self.topics.remove(topic);
        self.untrack(topic);
    }

    /// Shows the user to the others on `topic`.
    pub fn track(&mut self, topic: &Arc<str>, identity: Identity, doing: String) {
        let Some(messages) = self.hub.registry(|registry| registry.messages(self.socket)) else { return };
        self.hub.presences(|presences| presences.track(self.socket, topic, identity, doing, messages));
        self.tracked.insert(Arc::clone(topic));
        self.hub.0.presence_changed.notify_one();
    }

    /// Stops showing the user on `topic`.
    pub fn untrack(&mut self, topic: &str) {
        if self.tracked.remove(topic) {
            self.hub.presences(|presences| presences.untrack(self.socket, topic));
            self.hub.0.presence_changed.notify_one();
        }
    }

    /// Waits for a permit to query the database; all sockets share a few of them. Hold it until the
    /// answer is there.
    pub async fn db_permit(&self) -> Option<OwnedSemaphorePermit> {
        // Nobody closes the semaphore, so it is always `Some`.
        Arc::clone(&self.hub.0.db_permits).acquire_owned().await.ok()
    }

    /// The newest seq of `topic`.
    pub async fn last_seq(&self, topic: &str) -> Result<u64, Error> {
        let _permit = self.db_permit().await;
        let mut tx = self.hub.0.db.snapshot().await?;
        let seq = log::last_seq(&mut tx, topic).await?;
        tx.commit().await?;
        Ok(seq)
    }

    /// How many sockets were open when the first one asked. The server asks when it shuts down, and all
    /// sockets must use the same number although fewer and fewer are open.
    pub fn sockets_at_shutdown(&self) -> usize {
        *self.hub.0.sockets_at_shutdown.get_or_init(|| self.hub.sockets())
    }

    /// Reads a page of the log.
    pub async fn read(&self, topic: &str, since: u64, limit: u32) -> Result<Vec<LogEntry>, Error> {
        let _permit = self.db_permit().await;
        let mut tx = self.hub.0.db.snapshot().await?;
        let page = log::read_since(&mut tx, topic, since, limit).await?;
        tx.commit().await?;
        Ok(page)
    }
}

impl Drop for Subscriber {
    fn drop(&mut self) {
        for topic in std::mem::take(&mut self.tracked) {
            self.hub.presences(|presences| presences.untrack(self.socket, &topic));
            self.hub.0.presence_changed.notify_one();
        }
        let topics = std::mem::take(&mut self.topics);
        self.hub.registry(|registry| registry.remove(self.socket, topics.into_iter()));
        self.hub.0.metrics.sockets.dec();
    }
}
