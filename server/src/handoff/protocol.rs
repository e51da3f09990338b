//! The words of the handoff, which two versions of the program exchange: never change them.

use tokio::net::UnixStream;

/// The first word of a greeting: the protocol's version.
pub const GREETING: &str = "verbatim-1";
/// Instead of a greeting, while another process is taking over.
pub const BUSY: &str = "busy";
/// The new process can serve.
pub const READY: &str = "ready";
/// The old process has stopped accepting.
pub const RELEASED: &str = "released";

/// The name of the public HTTP socket.
pub const HTTP: &str = "pages";
/// The name of the handoff socket.
pub const HANDOFF: &str = "succession";
/// The name of the metrics socket.
pub const METRICS: &str = "metrics";
/// The name of the lock of an SQLite database.
pub const LOCK: &str = "lock";

/// Whether the process at the other end belongs to the user of this one.
pub fn is_same_user(stream: &UnixStream) -> bool {
    stream.peer_cred().is_ok_and(|peer| peer.uid() == rustix::process::geteuid().as_raw())
}

/// The process at the other end, for messages: `process 4711`.
pub fn peer_name(stream: &UnixStream) -> String {
    let pid = stream.peer_cred().ok().and_then(|peer| peer.pid());
    pid.map_or_else(|| "another process".to_owned(), |pid| format!("process {pid}"))
}
