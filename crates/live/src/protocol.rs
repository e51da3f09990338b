//! The frames on the socket: JSON text, one message each. docs/PROTOCOL.md explains every one.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A message from the client.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ClientMsg {
    /// Asks for the events of `topic` after `since`. A second join replaces the first one.
    Join {
        /// The topic's name.
        topic: String,
        /// The last seq that the client has; 0 for none.
        since: u64,
    },
    /// Ends the join of `topic`.
    Leave {
        /// The topic's name.
        topic: String,
    },
    /// A request on a joined topic, which the server answers once.
    Push {
        /// Chosen by the client; the answer repeats it.
        id: u64,
        /// The topic's name.
        topic: String,
        /// The request.
        payload: Value,
    },
    /// Shows the user to the others on `topic`, which must be joined. Sent again when `doing` changes.
    Track {
        /// The topic's name.
        topic: String,
        /// What the user does there, a short word that the page chooses; `None` stops showing the user.
        doing: Option<String>,
    },
    /// Asks for a [`ServerMsg::Pong`].
    Ping,
}

/// A message from the server.
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
    /// Confirms a join. The events after its `since` follow, then new ones as they are published.
    Joined {
        /// The topic's name.
        topic: String,
        /// The newest seq of the topic at that moment.
        seq: u64,
    },
    /// One event of a joined topic.
    Event {
        /// The topic's name.
        topic: String,
        /// The event's number in the topic: one more than that of the event before, unless it is a `snapshot`.
        seq: u64,
        /// Whether `payload` is the whole state of the topic, which replaces all events before it.
        #[serde(rename = "whole", default, skip_serializing_if = "std::ops::Not::not")]
        snapshot: bool,
        /// The event, or the state.
        payload: Value,
    },
    /// Refuses a join.
    Refused {
        /// The topic's name.
        topic: String,
        /// Why the server refuses it.
        reason: Refusal,
    },
    /// Ends a join that was confirmed before.
    Closed {
        /// The topic's name.
        topic: String,
        /// Why the server ends it.
        reason: Refusal,
    },
    /// The answer to a push.
    Reply {
        /// The id of the push.
        id: u64,
        /// The answer.
        payload: Value,
    },
    /// Reports that a push failed.
    Failed {
        /// The id of the push.
        id: u64,
        /// A sentence for the user.
        reason: String,
    },
    /// The people on `topic` now; only for sockets that track themselves there.
    Presence {
        /// The topic's name.
        topic: String,
        /// Each person once, ordered by name.
        people: Vec<Person>,
    },
    /// The answer to a ping.
    Pong,
    /// Announces that the server closes the socket now.
    #[serde(rename = "bye")]
    Disconnect {
        /// Why the server closes it.
        reason: CloseReason,
        /// How long the client should wait before it reconnects, in milliseconds.
        #[serde(rename = "rejoin_after_ms")]
        reconnect_after_ms: u64,
    },
}

/// A person who is on a topic, in one tab or several, on any node.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Person {
    /// The name to show to others.
    pub name: String,
    /// Distinguishes people of the same name.
    pub key: String,
    /// What they do. Of several tabs it is the one that comes last in the alphabet.
    pub doing: String,
}

/// Why a topic is not joined, or no longer joined.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Refusal {
    /// The user may not join the topic, or may no longer. It says nothing about whether the topic exists.
    Forbidden,
    /// `since` is beyond the newest event, so the client has events of another history. It should reload.
    Ahead,
    /// The database was restored from a backup, so the client's state belongs to another history. The
    /// client raises this itself and should reload.
    Epoch,
    /// The socket has as many topics as it may.
    TooMany,
    /// The name is not a valid topic.
    Invalid,
    /// The server cannot serve the topic now; the client should retry.
    Unavailable,
}

/// Why the server closes a socket.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CloseReason {
    /// The server stops; another one runs already, or will soon.
    Restarting,
    /// The client reads more slowly than events are published. It catches up from the log.
    Slow,
    /// The client was silent for too long.
    Idle,
    /// The client sent too many messages, one that is too large, or one that cannot be decoded.
    #[serde(rename = "misbehaved")]
    PolicyViolation,
}

macro_rules! json_text {
    ($type:ty) => {
        impl $type {
            /// Encodes the message as a text frame.
            #[must_use]
            pub fn encode(&self) -> String {
                // It cannot fail: every map has text keys and every number is an integer.
                serde_json::to_string(self).unwrap_or_default()
            }

            /// Decodes a text frame.
            ///
            /// # Errors
            /// When the frame is not a message of this type.
            pub fn decode(frame: &str) -> Result<Self, serde_json::Error> {
                serde_json::from_str(frame)
            }
        }
    };
}

json_text!(ClientMsg);
json_text!(ServerMsg);
