//! Tells this node's sockets, and the other nodes, who is where.
//!
//! What nodes say to each other goes as hints: nothing is written, and in a process of its own
//! nothing is said at all.

use std::time::Duration;

use db::{Clock, Dialect, Notification};

use super::{
    Hub,
    presence::{BEAT_MS, Gossip},
};
use crate::error::Error;

/// The channel of what nodes say.
pub(super) const GOSSIP: &str = "live_people";
/// Between two signs of life.
pub(super) const BEAT: Duration = Duration::from_millis(BEAT_MS.unsigned_abs());
/// People who come and go together are told of together.
pub(super) const GATHER: Duration = Duration::from_millis(20);

impl Hub {
    /// Takes in what another node says of its people.
    pub(super) async fn hear_gossip(&self, hint: &Notification) -> Result<(), Error> {
        let now = Clock::system().now_ms();
        let answers = match hint {
            Notification::Payload(said) => match serde_json::from_str::<Gossip>(said) {
                // What we say ourselves comes back here; what a newer node says may be unknown.
                Ok(gossip) if !self.presences(|presences| presences.is_own(&gossip)) => {
                    self.presences(|presences| presences.hear(gossip, now))
                }
                Ok(_) | Err(_) => return Ok(()),
            },
            // Somebody may have come or gone; and they may have missed the same of us.
            Notification::Lagged => self.presences(|presences| presences.everything_and_ask()),
        };
        self.say(answers).await?;
        self.0.moved.notify_one();
        Ok(())
    }

    /// Tells this node's sockets of what changed.
    pub(super) async fn tell_of_people(&self) -> Result<(), Error> {
        let said = self.presences(|presences| {
            presences.tell();
            presences.take_unsaid()
        });
        self.say(said).await
    }

    /// A sign of life for the other nodes, and a look whether theirs have come.
    pub(super) async fn vouch(&self) -> Result<(), Error> {
        let now = Clock::system().now_ms();
        let beat = self.presences(|presences| {
            presences.forget_silent(now);
            presences.tell();
            presences.beat()
        });
        self.say(beat.into_iter().collect()).await
    }

    async fn say(&self, gossip: Vec<Gossip>) -> Result<(), Error> {
        if gossip.is_empty() || self.0.db.dialect() == Dialect::Sqlite {
            return Ok(());
        }
        let mut tx = self.0.db.snapshot().await?;
        for said in gossip {
            tx.notify(GOSSIP, serde_json::to_string(&said)?);
        }
        Ok(tx.commit().await?)
    }
}
