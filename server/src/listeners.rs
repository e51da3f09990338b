//! Where the sockets of a process that serves come from: from systemd, from the process that serves
//! already, or from the settings. Refuses a second process on one SQLite database, unless it takes
//! over.

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

/// A predecessor that hands its jobs back does so within this; see [`bootstrap::HAND_BACK_TIMEOUT`].
const TAKE_OVER_TIMEOUT: Duration = Duration::from_secs(20);

/// Connections that may wait to be accepted, as while one process takes over from another; the kernel
/// may allow fewer (`net.core.somaxconn`).
const BACKLOG: i32 = 4_096;

/// The sockets, and whoever has to be relieved before they are used.
#[derive(Debug)]
pub struct Listeners {
    /// Where pages are asked for.
    pub pages: TcpListener,
    /// Where it is watched, if that is wanted.
    pub metrics: Option<TcpListener>,
    /// The lock of an SQLite database.
    pub lock: Option<File>,
    succession: Option<net::UnixListener>,
    predecessor: Option<Predecessor>,
}

/// The socket that systemd listens on for this process, if it does. To be called before there are
/// threads: it takes the variables out of the environment.
///
/// # Errors
/// When what it passes is no TCP socket that listens.
pub fn from_systemd() -> anyhow::Result<Option<TcpListener>> {
    ListenFd::from_env()
        .take_tcp_listener(0)
        .context("LISTEN_FDS: the first descriptor should be a listening TCP socket")
}

impl Listeners {
    /// Finds them.
    ///
    /// # Errors
    /// When an address is taken, the database belongs to another process, or the one that serves
    /// does not answer.
    pub async fn open(settings: &Settings, systemd: Option<TcpListener>) -> anyhow::Result<Self> {
        std::fs::create_dir_all(&settings.data)
            .with_context(|| format!("the setting data names {}", settings.data.display()))?;
        let address = systemd.as_ref().map_or(Ok(settings.listen), TcpListener::local_addr)?;
        // Port 0 is a new one each time.
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
        let (pages, succession, metrics, lock) = match inherited {
            Some(given) => (Some(given.pages), Some(given.succession), given.metrics, given.lock),
            None => (None, None, None, None),
        };
        let lock = match lock {
            Some(lock) => Some(lock),
            None => bootstrap::lock_database(settings)?,
        };
        let pages = match systemd.or(pages) {
            Some(pages) => pages,
            None => listen(settings.listen, "listen")?,
        };
        // Also for a socket that listens already: this sets how many may wait.
        rustix::net::listen(&pages, BACKLOG)?;
        let metrics = match settings.metrics {
            Some(address) => Some(reuse(metrics, address).map_or_else(|| listen(address, "metrics"), Ok)?),
            None => None,
        };
        let succession = succession.or_else(|| bind_handoff_socket(settings, &pages));
        Ok(Self { pages, metrics, succession, lock, predecessor })
    }

    /// Has the process that serves let go, now that this one is ready; its id, if there was one.
    ///
    /// # Errors
    /// When it does not, and the database cannot be shared.
    pub async fn take_over(&mut self, settings: &Settings) -> anyhow::Result<Option<Predecessor>> {
        let Some(predecessor) = self.predecessor.take() else { return Ok(None) };
        if predecessor.take_over(TAKE_OVER_TIMEOUT).await == HandoffResult::TimedOut {
            let pid = &predecessor.pid;
            ensure!(
                !settings.is_sqlite(),
                "process {pid} does not let go of the database; end it, then start this one again"
            );
            tracing::warn!("process {pid} does not answer any more; this one serves beside it");
        }
        Ok(Some(predecessor))
    }

    /// What the next process is given.
    ///
    /// # Errors
    /// When this process may have no more descriptors.
    pub fn offer(&mut self) -> io::Result<Option<Offer>> {
        let Some(succession) = self.succession.take() else { return Ok(None) };
        Offer::new(succession, &self.pages, self.metrics.as_ref(), self.lock.as_ref()).map(Some)
    }
}

/// A socket of the settings.
///
/// # Errors
/// When it cannot be had.
pub fn listen(address: SocketAddr, setting: &str) -> anyhow::Result<TcpListener> {
    TcpListener::bind(address)
        .with_context(|| format!("the setting {setting} is {address}, and that cannot be served on"))
}

/// The inherited socket, if it listens where it is wanted.
fn reuse(inherited: Option<TcpListener>, address: SocketAddr) -> Option<TcpListener> {
    inherited.filter(|listener| listener.local_addr().is_ok_and(|present| present == address))
}

/// Without this place a process serves all the same, only that its successor has to wait for its end.
fn bind_handoff_socket(settings: &Settings, pages: &TcpListener) -> Option<net::UnixListener> {
    let place = pages.local_addr().and_then(|address| handoff::socket_address(&settings.data, address));
    place
        .and_then(|place| net::UnixListener::bind_addr(&place))
        .inspect_err(|error| tracing::warn!(%error, "this process will not be able to hand over"))
        .ok()
}
