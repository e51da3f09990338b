//! Sends presence to this node's sockets and to the other nodes.
//!
//! Nodes exchange presence by notifications; nothing is written to the database. On SQLite there are
//! no other nodes, so nothing is sent.

use std::time::Duration;

use db::{Clock, Dialect, Notification};

use super::{
    Hub,
    presence::{HEARTBEAT_INTERVAL_MS, PresenceMessage},
};
use crate::error::Error;

/// The channel of [`PresenceMessage`]s.
pub(super) const PRESENCE_CHANNEL: &str = "live_people";
/// The time between two heartbeats of this node.
pub(super) const HEARTBEAT_INTERVAL: Duration = Duration::from_millis(HEARTBEAT_INTERVAL_MS.unsigned_abs());
/// How long the hub waits after a change before it sends presence, so that changes at the same time
/// become one frame.
pub(super) const DEBOUNCE: Duration = Duration::from_millis(20);

impl Hub {
    /// Applies a presence message of another node, and answers it if needed.
    pub(super) async fn on_presence_message(&self, notification: &Notification) -> Result<(), Error> {
        let now = Clock::system().now_ms();
        let answers = match notification {
            Notification::Payload(payload) => match serde_json::from_str::<PresenceMessage>(payload) {
                // This node's own messages come back here. A newer node may send unknown ones.
                Ok(message) if !self.presences(|presences| presences.is_own(&message)) => {
                    self.presences(|presences| presences.on_message(message, now))
                }
                Ok(_) | Err(_) => return Ok(()),
            },
            // This node may have missed changes of others, and they may have missed changes of this one.
            Notification::Lagged => self.presences(|presences| presences.resync()),
        };
        self.send_to_nodes(answers).await?;
        self.0.presence_changed.notify_one();
        Ok(())
    }

    /// Sends what changed to this node's sockets and to the other nodes.
    pub(super) async fn broadcast_presence(&self) -> Result<(), Error> {
        let outgoing = self.presences(|presences| {
            presences.notify_sockets();
            presences.take_outgoing()
        });
        self.send_to_nodes(outgoing).await
    }

    /// Sends this node's heartbeat, and forgets nodes whose heartbeats have stopped.
    pub(super) async fn presence_heartbeat(&self) -> Result<(), Error> {
        let now = Clock::system().now_ms();
        let heartbeat = self.presences(|presences| {
            presences.remove_silent_nodes(now);
            presences.notify_sockets();
            presences.heartbeat()
        });
        self.send_to_nodes(heartbeat.into_iter().collect()).await
    }

    async fn send_to_nodes(&self, messages: Vec<PresenceMessage>) -> Result<(), Error> {
        if messages.is_empty() || self.0.db.dialect() == Dialect::Sqlite {
            return Ok(());
        }
        let mut tx = self.0.db.snapshot().await?;
        for message in messages {
            tx.notify(PRESENCE_CHANNEL, serde_json::to_string(&message)?);
        }
        Ok(tx.commit().await?)
    }
}
