//! One process takes over from another: the very same accept queue, so that no connection is lost.
//!
//! Whoever serves listens on an abstract unix socket that is named after its data folder and its
//! address. A second `verbatim serve` of both finds it there, is given the descriptors, prepares
//! itself, and relieves it. The words on that socket, in this order:
//!
//! ```text
//! old -> new   verbatim-1 PID NAME ... (with a descriptor for each name)   or   busy PID
//! new -> old   ready
//! old -> new   released
//! ```
//!
//! Until `ready` the old one serves as if nothing happened, and goes on when the new one dies. With
//! `released` it has stopped accepting, and on SQLite working. The socket's own descriptor is handed
//! over too, so there is no moment without somebody to ask. Refuses to talk to other users.

mod descriptors;
mod offer;
mod take_over;

use std::{
    fs, io,
    net::SocketAddr,
    os::{linux::fs::MetadataExt, linux::net::SocketAddrExt, unix::net},
    path::Path,
};

use tokio::net::UnixStream;

pub use offer::{Offer, Successor};
pub use take_over::{HandoffResult, InheritedSockets, Predecessor, connect};

/// The version of the words.
const GREETING: &str = "verbatim-1";
const BUSY: &str = "busy";
const READY: &str = "ready";
const RELEASED: &str = "released";

/// What is handed over.
const PAGES: &str = "pages";
const SUCCESSION: &str = "succession";
const METRICS: &str = "metrics";
const LOCK: &str = "lock";

/// Where the process that serves `address` from the folder `data` can be asked. It goes with that
/// process, however this ends, and is as local to the network namespace as the address itself.
///
/// # Errors
/// When there is no such folder.
pub fn socket_address(data: &Path, address: SocketAddr) -> io::Result<net::SocketAddr> {
    let folder = fs::metadata(data)?;
    let name = format!("verbatim/{:x}/{:x}/{address}", folder.st_dev(), folder.st_ino());
    net::SocketAddr::from_abstract_name(name)
}

/// Whether the other end belongs to the user of this process.
fn is_ours(stream: &UnixStream) -> bool {
    stream.peer_cred().is_ok_and(|peer| peer.uid() == rustix::process::geteuid().as_raw())
}

/// The process at the other end, for messages.
fn pid(stream: &UnixStream) -> String {
    let pid = stream.peer_cred().ok().and_then(|peer| peer.pid());
    pid.map_or_else(|| "another process".to_owned(), |pid| format!("process {pid}"))
}
