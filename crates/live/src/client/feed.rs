//! One topic, as the client holds it.

use crate::protocol::ClientMsg;

/// How often a topic may be joined again without any progress before the socket is given up.
const FRUITLESS: u32 = 3;
/// How long the server may take to answer a join, in milliseconds.
const ANSWER_MS: i64 = 10_000;

/// Where a topic stands.
#[derive(Debug)]
pub(super) struct Feed {
    /// The last seq that was delivered.
    pub last: u64,
    pub place: Place,
    /// Joins since the last event that fitted.
    pub rejoins: u32,
    /// What its person does there, if the others are to see it.
    pub doing: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// Not said to the server of this socket.
    Apart,
    /// Said; to be answered until then.
    Joining {
        by: i64,
    },
    Joined,
    /// The server could not tell; ask again then.
    Retrying {
        at: i64,
    },
}

/// What an event is for this topic.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Fit {
    Next,
    /// Known already, or beyond a gap that is being healed.
    Ignored,
    Gap,
    /// Gap after gap: this socket does not work.
    Hopeless,
}

impl Feed {
    pub fn after(since: u64) -> Self {
        Self { last: since, place: Place::Apart, rejoins: 0, doing: None }
    }

    /// Takes the event if it is the next one, or stands for all up to it.
    pub fn fit(&mut self, seq: u64, whole: bool) -> Fit {
        if seq == self.last + 1 || whole && seq > self.last {
            self.last = seq;
            self.rejoins = 0;
            return Fit::Next;
        }
        if seq <= self.last || self.place != Place::Joined {
            return Fit::Ignored;
        }
        self.rejoins += 1;
        if self.rejoins > FRUITLESS { Fit::Hopeless } else { Fit::Gap }
    }

    /// Joins from the last event on.
    pub fn join(&mut self, topic: &str, now: i64) -> Vec<String> {
        self.place = Place::Joining { by: now + ANSWER_MS };
        let join = ClientMsg::Join { topic: topic.to_owned(), since: self.last };
        let track = self.doing.clone().map(|doing| ClientMsg::Track { topic: topic.to_owned(), doing: Some(doing) });
        [Some(join), track].into_iter().flatten().map(|message| message.encode()).collect()
    }

    /// When to look at it again.
    pub fn deadline(&self) -> Option<i64> {
        match self.place {
            Place::Joining { by: at } | Place::Retrying { at } => Some(at),
            Place::Apart | Place::Joined => None,
        }
    }
}
