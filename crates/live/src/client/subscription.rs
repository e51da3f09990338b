//! The client's subscription to one topic.

use crate::protocol::ClientMsg;

/// How often a topic may be joined again without progress before the client reconnects.
const MAX_REJOINS: u32 = 3;
/// How long the server may take to answer a join, in milliseconds.
const JOIN_TIMEOUT_MS: i64 = 10_000;

/// A topic and how far its events were delivered.
#[derive(Debug)]
pub(super) struct Subscription {
    /// The last seq that was delivered.
    pub last: u64,
    pub state: JoinState,
    /// How often the topic was joined again since the last event that was delivered.
    pub rejoins: u32,
    /// What the user does there, if the others should see it.
    pub doing: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum JoinState {
    /// The client has sent no join on this socket.
    NotJoined,
    /// The client has sent a join, which the server must answer before the deadline.
    Joining {
        deadline: i64,
    },
    Joined,
    /// The server could not serve the topic; the client joins again at this time.
    Retrying {
        at: i64,
    },
}

/// The result of comparing an event's seq with the subscription's.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum SequenceCheck {
    /// Deliver the event.
    Next,
    /// Ignore the event: it was delivered before, or follows a gap while the topic is being joined again.
    Ignore,
    /// Events are missing: join again.
    Gap,
    /// Joining again did not help: reconnect.
    TooManyGaps,
}

impl Subscription {
    /// A subscription to the events after `since`.
    pub fn new(since: u64) -> Self {
        Self { last: since, state: JoinState::NotJoined, rejoins: 0, doing: None }
    }

    /// Compares an event with the last one that was delivered, and counts it as delivered if it is next.
    pub fn check(&mut self, seq: u64, snapshot: bool) -> SequenceCheck {
        if seq == self.last + 1 || snapshot && seq > self.last {
            self.last = seq;
            self.rejoins = 0;
            return SequenceCheck::Next;
        }
        if seq <= self.last || self.state != JoinState::Joined {
            return SequenceCheck::Ignore;
        }
        self.rejoins += 1;
        if self.rejoins > MAX_REJOINS { SequenceCheck::TooManyGaps } else { SequenceCheck::Gap }
    }

    /// The frames that join the topic after the last event, and track the user there.
    pub fn join(&mut self, topic: &str, now: i64) -> Vec<String> {
        self.state = JoinState::Joining { deadline: now + JOIN_TIMEOUT_MS };
        let join = ClientMsg::Join { topic: topic.to_owned(), since: self.last };
        let track = self.doing.clone().map(|doing| ClientMsg::Track { topic: topic.to_owned(), doing: Some(doing) });
        [Some(join), track].into_iter().flatten().map(|message| message.encode()).collect()
    }

    /// When the subscription needs attention, if nothing happens before.
    pub fn deadline(&self) -> Option<i64> {
        match self.state {
            JoinState::Joining { deadline: at } | JoinState::Retrying { at } => Some(at),
            JoinState::NotJoined | JoinState::Joined => None,
        }
    }

    /// Whether the server did not answer a join in time.
    pub fn is_overdue(&self, now: i64) -> bool {
        matches!(self.state, JoinState::Joining { deadline } if deadline <= now)
    }
}
