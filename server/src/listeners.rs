//! The sockets of a serving process: inherited from systemd or from the process that serves already,
//! or bound from the settings.
//!
//! Never lets a second process serve one SQLite database, unless it takes over from the first.

use std::{
    fs::File,
    io,
    net::{SocketAddr, TcpListener},
    os::unix::net,
    time::Duration,
};

use anyhow::{Context as _, ensure};
use listenfd::ListenFd;

use crate::{
    bootstrap,
    handoff::{self, HandoffResult, InheritedSockets, Offer, Predecessor},
    settings::Settings,
};

/// How long a predecessor may take to release the sockets. It stops its workers first, which takes up to
/// [`bootstrap::HAND_BACK_TIMEOUT`].
const TAKE_OVER_TIMEOUT: Duration = Duration::from_secs(20);

/// Connections that may wait to be accepted, as during a handoff. The kernel may allow fewer
/// (`net.core.somaxconn`).
const BACKLOG: i32 = 4_096;

/// The sockets of this process, and the predecessor that still accepts on them.
#[derive(Debug)]
pub struct Listeners {
    /// The public HTTP socket.
    pub http: TcpListener,
    /// The socket of the metrics listener, if the settings name one.
    pub metrics: Option<TcpListener>,
    /// The lock of an SQLite database; `None` on PostgreSQL.
    pub lock: Option<File>,
    /// Where the next process connects to take over.
    handoff: Option<net::UnixListener>,
    predecessor: Option<Predecessor>,
}

/// The listening socket that systemd passed, if any. Call it before any thread starts: it removes the
/// variables from the environment.
///
/// # Errors
/// When the first descriptor is not a listening TCP socket.
pub fn from_systemd() -> anyhow::Result<Option<TcpListener>> {
    ListenFd::from_env()
        .take_tcp_listener(0)
        .context("LISTEN_FDS: the first descriptor should be a listening TCP socket")
}

impl Listeners {
    /// Gets the sockets from the process that serves already, or binds them. A predecessor goes on
    /// serving until [`Listeners::take_over`].
    ///
    /// # Errors
    /// When an address is taken, another process holds the database, or the serving process does not
    /// answer.
    pub async fn open(settings: &Settings, systemd: Option<TcpListener>) -> anyhow::Result<Self> {
        std::fs::create_dir_all(&settings.data)
            .with_context(|| format!("the setting data names {}", settings.data.display()))?;
        let address = systemd.as_ref().map_or(Ok(settings.listen), TcpListener::local_addr)?;
        // Port 0 is a new port each time, so nobody can serve there already.
        let connected = match address.port() {
            0 => None,
            _ => handoff::connect(&handoff::socket_address(&settings.data, address)?).await?,
        };
        let (predecessor, inherited) = connected.unzip();
        Self::assemble(settings, systemd, predecessor, inherited)
    }

    fn assemble(
        settings: &Settings,
        systemd: Option<TcpListener>,
        predecessor: Option<Predecessor>,
        inherited: Option<InheritedSockets>,
    ) -> anyhow::Result<Self> {
        let (http, handoff, metrics, lock) = match inherited {
            Some(inherited) => (Some(inherited.http), Some(inherited.handoff), inherited.metrics, inherited.lock),
            None => (None, None, None, None),
        };
        let lock = match lock {
            Some(lock) => Some(lock),
            None => bootstrap::lock_database(settings)?,
        };
        let http = match systemd.or(http) {
            Some(http) => http,
            None => bind(settings.listen, "listen")?,
        };
        // A socket that listens already needs it too: this sets the backlog.
        rustix::net::listen(&http, BACKLOG)?;
        let metrics = match settings.metrics {
            Some(address) => Some(reuse(metrics, address).map_or_else(|| bind(address, "metrics"), Ok)?),
            None => None,
        };
        let handoff = handoff.or_else(|| bind_handoff_socket(settings, &http));
        Ok(Self { http, metrics, handoff, lock, predecessor })
    }

    /// Makes the predecessor stop accepting, now that this process is ready; returns it, if there was
    /// one, so that its end can be awaited.
    ///
    /// # Errors
    /// When it does not release an SQLite database in time.
    pub async fn take_over(&mut self, settings: &Settings) -> anyhow::Result<Option<Predecessor>> {
        let Some(predecessor) = self.predecessor.take() else { return Ok(None) };
        if predecessor.take_over(TAKE_OVER_TIMEOUT).await == HandoffResult::TimedOut {
            let pid = &predecessor.pid;
            ensure!(
                !settings.is_sqlite(),
                "process {pid} does not release the database; stop it, then start this one again"
            );
            tracing::warn!("process {pid} stopped answering; serving alongside it");
        }
        Ok(Some(predecessor))
    }

    /// Duplicates the sockets for the next process. `None` where no successor can connect.
    ///
    /// # Errors
    /// When this process may not open more descriptors.
    pub fn offer(&mut self) -> io::Result<Option<Offer>> {
        let Some(handoff) = self.handoff.take() else { return Ok(None) };
        Offer::new(handoff, &self.http, self.metrics.as_ref(), self.lock.as_ref()).map(Some)
    }
}

/// Binds the address of `setting`, which the error names.
///
/// # Errors
/// When the address is taken or does not belong to this machine.
pub fn bind(address: SocketAddr, setting: &str) -> anyhow::Result<TcpListener> {
    TcpListener::bind(address).with_context(|| format!("the setting {setting}: cannot listen on {address}"))
}

/// The inherited socket, if it listens on `address`.
fn reuse(inherited: Option<TcpListener>, address: SocketAddr) -> Option<TcpListener> {
    inherited.filter(|listener| listener.local_addr().is_ok_and(|bound| bound == address))
}

/// Without this socket the process serves all the same, but a successor has to wait for its end.
fn bind_handoff_socket(settings: &Settings, http: &TcpListener) -> Option<net::UnixListener> {
    let address = http.local_addr().and_then(|address| handoff::socket_address(&settings.data, address));
    address
        .and_then(|address| net::UnixListener::bind_addr(&address))
        .inspect_err(|error| tracing::warn!(%error, "no later process can take over from this one"))
        .ok()
}
