//! Live updates: an event log with a gapless `seq` per topic, fanned out over one socket per tab.
//!
//! An event published with a database transaction is delivered to every client that joined its
//! topic exactly once and in commit order, across dropped sockets, restarts and several nodes.
//! Knows no product: topics are names, events are JSON.
//!
//! Without features: the protocol and the sans-IO [`Client`]. `server`: the log,
//! the hub and the socket's session. `browser`: the client's shell in a browser.

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
pub use browser::{LiveSocket, Subscription, Told};
pub use client::{Action, Client, Connection, Input, Transport};
#[cfg(feature = "server")]
pub use epoch::{epoch, renew_epoch};
#[cfg(feature = "server")]
pub use error::Error;
#[cfg(feature = "server")]
pub use hub::Hub;
#[cfg(feature = "server")]
pub use log::{Logged, PUBLISHED, publish, publish_all, publish_state, read_since, seq};
pub use protocol::{ClientMsg, Farewell, Person, Refusal, ServerMsg};
#[cfg(feature = "server")]
pub use retention::{fold, lock, unfolded};
#[cfg(feature = "server")]
pub use revocation::revoke;
#[cfg(feature = "server")]
pub use socket::{Authorise, BoxError, Incoming, Limits, Outgoing, Shown, follow, serve};
pub use topic::{LONGEST_TOPIC, Topic, is_topic};
