//! Who is here, and who hears what. No I/O.

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use tokio::sync::{Notify, mpsc};
use tokio_util::sync::CancellationToken;

/// Something for one socket; the texts are shared by all of them.
#[derive(Clone, Debug)]
pub(crate) enum Mail {
    /// Shared by all sockets that get it: what waits in a box is a pointer.
    Event(Arc<Event>),
    /// Who is on a topic; not to be kept in any order with events.
    Presence { frame: Arc<str> },
}

/// One event.
#[derive(Clone, Debug)]
pub(crate) struct Event {
    pub topic: Arc<str>,
    pub seq: u64,
    pub whole: bool,
    pub published_at: i64,
    pub frame: Arc<str>,
}

/// How a socket is reached.
#[derive(Debug)]
pub(crate) struct Member {
    pub(super) mail: mpsc::Sender<Mail>,
    /// Cancelled when the mail does not fit any more.
    pub slow: CancellationToken,
    /// Told to authorise its topics again.
    pub revoked: Notify,
    /// Whose it is.
    pub(super) subject: String,
}

#[derive(Debug, Default)]
pub(super) struct Registry {
    newest: u64,
    sockets: HashMap<u64, Arc<Member>>,
    rooms: HashMap<Arc<str>, Room>,
}

/// The sockets on a topic, and the last seq they were sent.
#[derive(Debug)]
struct Room {
    seq: u64,
    members: BTreeMap<u64, Arc<Member>>,
}

impl Registry {
    pub fn attach(&mut self, member: Arc<Member>) -> u64 {
        self.newest += 1;
        self.sockets.insert(self.newest, member);
        self.newest
    }

    /// How many there are.
    pub fn sockets(&self) -> usize {
        self.sockets.len()
    }

    pub fn detach(&mut self, socket: u64, topics: impl Iterator<Item = Arc<str>>) {
        self.sockets.remove(&socket);
        topics.for_each(|topic| self.unsubscribe(socket, &topic));
    }

    /// The box of a socket.
    pub fn mail(&self, socket: u64) -> Option<mpsc::Sender<Mail>> {
        Some(self.sockets.get(&socket)?.mail.clone())
    }

    /// From now on the socket hears of `topic`; if it is the first one, of what comes after `seq`.
    pub fn subscribe(&mut self, socket: u64, topic: &Arc<str>, seq: u64) {
        let Some(member) = self.sockets.get(&socket) else { return };
        let room = self.rooms.entry(Arc::clone(topic)).or_insert_with(|| Room { seq, members: BTreeMap::new() });
        room.members.insert(socket, Arc::clone(member));
    }

    pub fn unsubscribe(&mut self, socket: u64, topic: &str) {
        let Some(room) = self.rooms.get_mut(topic) else { return };
        room.members.remove(&socket);
        if room.members.is_empty() {
            self.rooms.remove(topic);
        }
    }

    /// The last seq that was sent, if anybody listens and `seq` is beyond it.
    pub fn behind(&self, topic: &str, seq: u64) -> Option<(Arc<str>, u64)> {
        let (name, room) = self.rooms.get_key_value(topic)?;
        (room.seq < seq).then(|| (Arc::clone(name), room.seq))
    }

    pub fn topics(&self) -> Vec<Arc<str>> {
        self.rooms.keys().cloned().collect()
    }

    /// Sends an event to everybody who listens. A socket whose box is full is put out.
    pub fn fan_out(&mut self, event: &Arc<Event>) {
        let Some(room) = self.rooms.get_mut(&event.topic) else { return };
        if event.seq <= room.seq {
            return;
        }
        room.seq = event.seq;
        room.members.retain(|_, member| {
            let sent = member.mail.try_send(Mail::Event(Arc::clone(event))).is_ok();
            if !sent {
                member.slow.cancel();
            }
            sent
        });
        if room.members.is_empty() {
            self.rooms.remove(&event.topic);
        }
    }

    /// Has the sockets of `subject` (of everybody, if `None`) authorise their topics again.
    pub fn revoke(&self, subject: Option<&str>) {
        let concerned = self.sockets.values().filter(|member| subject.is_none_or(|subject| member.subject == subject));
        concerned.for_each(|member| member.revoked.notify_one());
    }
}
