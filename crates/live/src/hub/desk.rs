//! A socket's place in the hub.

use std::{collections::BTreeSet, sync::Arc};

use tokio::sync::{Notify, OwnedSemaphorePermit, mpsc};
use tokio_util::sync::CancellationToken;

use super::{Hub, Identity, Mail, registry::Member};
use crate::{
    error::Error,
    log::{self, Logged},
    metrics::Metrics,
    protocol::ServerMsg,
};

/// A socket's place in the hub; dropped, it is gone from there.
pub(crate) struct Desk {
    hub: Hub,
    socket: u64,
    topics: BTreeSet<Arc<str>>,
    tracked: BTreeSet<Arc<str>>,
    pub mail: mpsc::Receiver<Mail>,
    pub member: Arc<Member>,
}

impl Hub {
    /// Lets a socket of `subject` in, with a box for `mailbox` events.
    pub(crate) fn attach(&self, subject: String, mailbox: usize) -> Desk {
        let (sender, mail) = mpsc::channel(mailbox);
        let (slow, revoked) = (CancellationToken::new(), Notify::new());
        let member = Arc::new(Member { mail: sender, slow, revoked, subject });
        let socket = self.registry(|registry| registry.attach(Arc::clone(&member)));
        self.0.metrics.sockets.inc();
        Desk { hub: self.clone(), socket, topics: BTreeSet::new(), tracked: BTreeSet::new(), mail, member }
    }
}

impl Desk {
    /// The first frame of a socket.
    pub async fn hello(&self) -> Result<ServerMsg, Error> {
        let epoch = self.hub.epoch().await?.to_owned();
        Ok(ServerMsg::Hello { epoch, build: self.hub.0.build.clone() })
    }

    pub fn metrics(&self) -> &Metrics {
        &self.hub.0.metrics
    }

    /// Hears of `topic` from now on; `seq` is the newest one that is known of.
    pub fn subscribe(&mut self, topic: &Arc<str>, seq: u64) {
        self.hub.registry(|registry| registry.subscribe(self.socket, topic, seq));
        self.topics.insert(Arc::clone(topic));
    }

    pub fn unsubscribe(&mut self, topic: &str) {
        self.hub.registry(|registry| registry.unsubscribe(self.socket, topic));
        self.topics.remove(topic);
        self.untrack(topic);
    }

    /// Shows the visitor to the others on `topic`.
    pub fn track(&mut self, topic: &Arc<str>, who: Identity, doing: String) {
        let Some(mail) = self.hub.registry(|registry| registry.mail(self.socket)) else { return };
        self.hub.presences(|presences| presences.track(self.socket, topic, who, doing, mail));
        self.tracked.insert(Arc::clone(topic));
        self.hub.0.moved.notify_one();
    }

    pub fn untrack(&mut self, topic: &str) {
        if self.tracked.remove(topic) {
            self.hub.presences(|presences| presences.untrack(self.socket, topic));
            self.hub.0.moved.notify_one();
        }
    }

    /// The right to ask the database something, of which there are few; given back with the answer.
    pub async fn place(&self) -> Option<OwnedSemaphorePermit> {
        // It is never closed.
        Arc::clone(&self.hub.0.places).acquire_owned().await.ok()
    }

    /// The newest seq of `topic`.
    pub async fn seq(&self, topic: &str) -> Result<u64, Error> {
        let _place = self.place().await;
        let mut tx = self.hub.0.db.snapshot().await?;
        let seq = log::seq(&mut tx, topic).await?;
        tx.commit().await?;
        Ok(seq)
    }

    /// How many sockets leave together. They are counted once: those that say good-bye last are as
    /// many as those that said it first.
    pub fn crowd(&self) -> usize {
        *self.hub.0.crowd.get_or_init(|| self.hub.sockets())
    }

    /// A page of the log.
    pub async fn read(&self, topic: &str, since: u64, limit: u32) -> Result<Vec<Logged>, Error> {
        let _place = self.place().await;
        let mut tx = self.hub.0.db.snapshot().await?;
        let page = log::read_since(&mut tx, topic, since, limit).await?;
        tx.commit().await?;
        Ok(page)
    }
}

impl Drop for Desk {
    fn drop(&mut self) {
        for topic in std::mem::take(&mut self.tracked) {
            self.hub.presences(|presences| presences.untrack(self.socket, &topic));
            self.hub.0.moved.notify_one();
        }
        let topics = std::mem::take(&mut self.topics);
        self.hub.registry(|registry| registry.detach(self.socket, topics.into_iter()));
        self.hub.0.metrics.sockets.dec();
    }
}
