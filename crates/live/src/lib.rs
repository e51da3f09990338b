//! Live updates: an event log with a gapless `seq` per topic, fanned out over one socket per tab.
//!
//! An event published with a database transaction reaches every client that joined its topic exactly
//! once and in commit order, across dropped sockets, restarts and several nodes. The crate knows
//! nothing of the product: topics are names, events are JSON.
//!
//! Without features it has the protocol and the sans-IO [`Client`]. `server` adds the log, the hub and
//! the socket's session; `browser` adds the driver that runs the client in a browser.

#[cfg(all(feature = "browser", target_arch = "wasm32"))]
pub mod browser;
pub mod client;
pub mod protocol;
mod topic;

#[cfg(feature = "server")]
mod epoch;
#[cfg(feature = "server")]
mod error;
#[cfg(feature = "server")]
mod event;
#[cfg(feature = "server")]
mod hub;
#[cfg(feature = "server")]
mod log;
#[cfg(feature = "server")]
mod metrics;
#[cfg(feature = "server")]
mod retention;
#[cfg(feature = "server")]
mod revocation;
#[cfg(feature = "server")]
mod socket;

#[cfg(all(feature = "browser", target_arch = "wasm32"))]
pub use browser::{EventMessage, LiveSocket, Subscription};
pub use client::{Action, Client, Connection, Input, Transport};
#[cfg(feature = "server")]
pub use epoch::{epoch, renew_epoch};
#[cfg(feature = "server")]
pub use error::Error;
#[cfg(feature = "server")]
pub use hub::{Hub, Identity};
#[cfg(feature = "server")]
pub use log::{LogEntry, PUBLISHED, last_seq, publish, publish_all, publish_snapshot, read_since};
pub use protocol::{ClientMsg, CloseReason, Person, Refusal, ServerMsg};
#[cfg(feature = "server")]
pub use retention::{find_unfolded, fold, lock_topic};
#[cfg(feature = "server")]
pub use revocation::revoke;
#[cfg(feature = "server")]
pub use socket::{Authorize, BoxError, Incoming, Limits, Outgoing, one_way_incoming, serve};
pub use topic::{MAX_TOPIC_BYTES, Topic, is_valid_topic};
