//! Replaces the serving process without losing a connection: the successor gets the very same
//! listening sockets.
//!
//! The serving process listens on an abstract unix socket, named after its data folder and its
//! address. A second `verbatim serve` with the same folder and address connects to it, receives the
//! descriptors, prepares itself and takes over. The messages on that socket, in this order:
//!
//! ```text
//! old -> new   verbatim-1 PID NAME ... (with a descriptor for each name)   or   busy PID
//! new -> old   ready
//! old -> new   released
//! ```
//!
//! Until `ready` the old process serves as before, and it goes on when the new one dies. With
//! `released` it has stopped accepting and, on SQLite, running jobs. The handoff socket is one of the
//! descriptors, so at every moment some process listens on it. Both sides refuse processes of other
//! users.

mod descriptors;
mod offer;
mod protocol;
mod take_over;

use std::{
    fs, io,
    net::SocketAddr,
    os::{linux::fs::MetadataExt, linux::net::SocketAddrExt, unix::net},
    path::Path,
};

pub use offer::{Offer, Successor};
pub use take_over::{HandoffResult, InheritedSockets, Predecessor, connect};

/// The handoff socket of the process that serves `address` from the folder `data`. It disappears with
/// that process, however it ends, and is as local to the network namespace as the address itself.
///
/// # Errors
/// When there is no such folder.
pub fn socket_address(data: &Path, address: SocketAddr) -> io::Result<net::SocketAddr> {
    let folder = fs::metadata(data)?;
    let name = format!("verbatim/{:x}/{:x}/{address}", folder.st_dev(), folder.st_ino());
    net::SocketAddr::from_abstract_name(name)
}
