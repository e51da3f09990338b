//! The frames on the socket: JSON text, one message each. docs/PROTOCOL.md explains every one.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What a client says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ClientMsg {
    /// Wants the events of `topic` after `since`. Joining again moves the place; the newest wins.
    Join {
        /// The topic's name.
        topic: String,
        /// The last seq that the client holds; 0 for none.
        since: u64,
    },
    /// Wants no more of `topic`.
    Leave {
        /// The topic's name.
        topic: String,
    },
    /// Asks for something on a topic that it joined; answered once.
    Push {
        /// Chosen by the client, repeated in the answer.
        id: u64,
        /// The topic's name.
        topic: String,
        /// The question.
        payload: Value,
    },
    /// Shows the visitor to the others on `topic`, which is joined; again when what they do changes.
    Track {
        /// The topic's name.
        topic: String,
        /// What they do there, a short word of the page's own; nothing to be shown no more.
        doing: Option<String>,
    },
    /// Is there still anybody?
    Ping,
}

/// What the server says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ServerMsg {
    /// The first frame of a socket.
    Hello {
        /// Which history the database holds; see [`epoch`](crate::epoch).
        epoch: String,
        /// Which build of the page the server has.
        build: String,
    },
    /// The join holds. What was missed follows, then whatever happens.
    Joined {
        /// The topic's name.
        topic: String,
        /// The newest seq of the topic at that moment.
        seq: u64,
    },
    /// One event.
    Event {
        /// The topic's name.
        topic: String,
        /// Its place: one more than that of the event before, unless it is `whole`.
        seq: u64,
        /// Whether it is the whole state of the topic: it follows on whatever the client holds.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        whole: bool,
        /// The event.
        payload: Value,
    },
    /// The join does not hold.
    Refused {
        /// The topic's name.
        topic: String,
        /// Why.
        reason: Refusal,
    },
    /// The join held until now.
    Closed {
        /// The topic's name.
        topic: String,
        /// Why.
        reason: Refusal,
    },
    /// The answer to a push.
    Reply {
        /// The push's.
        id: u64,
        /// The answer.
        payload: Value,
    },
    /// A push that failed.
    Failed {
        /// The push's.
        id: u64,
        /// What to tell the user.
        reason: String,
    },
    /// Who is on `topic` now; for sockets that track themselves there.
    Presence {
        /// The topic's name.
        topic: String,
        /// Each person once, in the order of their names.
        people: Vec<Person>,
    },
    /// There is.
    Pong,
    /// The server closes the socket after this.
    Bye {
        /// Why.
        reason: Farewell,
        /// When to come back, in milliseconds.
        rejoin_after_ms: u64,
    },
}

/// Somebody who is on a topic, on one tab or several, on any node.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Person {
    /// As shown to the others.
    pub name: String,
    /// Tells people of one name apart.
    pub key: String,
    /// What they do; of several tabs, what comes last in the alphabet.
    pub doing: String,
}

/// Why a topic is not, or no longer, joined.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Refusal {
    /// Not for this visitor, or no longer; it may as well not exist.
    Forbidden,
    /// `since` is beyond the newest event: the client holds something that never was. Load anew.
    Ahead,
    /// The database was restored from a backup: what the client holds is of another history. Said by
    /// the client to itself. Load anew.
    Epoch,
    /// The socket holds as many topics as it may.
    TooMany,
    /// That is no name of a topic.
    Invalid,
    /// It cannot be told just now; try again.
    Unavailable,
}

/// Why the server closes a socket.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Farewell {
    /// The server stops; another one is there, or will be soon.
    Restarting,
    /// The client does not read as fast as events come; it will catch up from the log.
    Slow,
    /// The client was silent for too long.
    Idle,
    /// Too many messages, or one too large, or one that is none.
    Misbehaved,
}

macro_rules! text {
    ($type:ty) => {
        impl $type {
            /// The message as a frame.
            #[must_use]
            pub fn encode(&self) -> String {
                // Maps with text keys and plain numbers only: JSON can hold every one.
                serde_json::to_string(self).unwrap_or_default()
            }

            /// The message in a frame.
            ///
            /// # Errors
            /// When it is none.
            pub fn decode(frame: &str) -> Result<Self, serde_json::Error> {
                serde_json::from_str(frame)
            }
        }
    };
}

text!(ClientMsg);
text!(ServerMsg);
