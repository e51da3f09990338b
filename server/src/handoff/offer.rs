//! The old process's side of a handoff: waits for a successor and sends it the sockets.

use std::{
    fs::File,
    io,
    net::TcpListener,
    os::{
        fd::{AsFd, BorrowedFd, OwnedFd},
        unix::net,
    },
    pin::pin,
};

use tokio::net::{UnixListener, UnixStream};

use super::{
    descriptors,
    protocol::{BUSY, GREETING, HANDOFF, HTTP, LOCK, METRICS, READY, RELEASED, is_same_user, peer_name},
};

/// Duplicates of this process's sockets for a successor. Dropping it closes the duplicates.
#[derive(Debug)]
pub struct Offer {
    descriptors: Vec<(&'static str, OwnedFd)>,
    listener: UnixListener,
}

/// A process that is ready to serve.
#[derive(Debug)]
pub struct Successor(UnixStream);

impl Offer {
    /// Offers these sockets and the lock of an SQLite database to whoever connects to `handoff`.
    ///
    /// # Errors
    /// When this process may not open more descriptors.
    pub fn new(
        handoff: net::UnixListener,
        http: &TcpListener,
        metrics: Option<&TcpListener>,
        lock: Option<&File>,
    ) -> io::Result<Self> {
        // Peers see the credentials of the process that called `listen` last: make that this one, also
        // where the socket was inherited.
        rustix::net::listen(&handoff, 16)?;
        handoff.set_nonblocking(true)?;
        let mut descriptors = vec![(HTTP, http.as_fd().try_clone_to_owned()?)];
        descriptors.push((HANDOFF, handoff.as_fd().try_clone_to_owned()?));
        if let Some(metrics) = metrics {
            descriptors.push((METRICS, metrics.as_fd().try_clone_to_owned()?));
        }
        if let Some(lock) = lock {
            descriptors.push((LOCK, lock.as_fd().try_clone_to_owned()?));
        }
        Ok(Self { descriptors, listener: UnixListener::from_std(handoff)? })
    }

    /// Waits until a process is ready to take over. One that connects and dies changes nothing; while
    /// one prepares itself, others get `busy`.
    pub async fn successor(&self) -> Successor {
        loop {
            let stream = self.accept().await;
            match self.prepare_one(&stream).await {
                Ok(true) => return Successor(stream),
                Ok(false) => tracing::warn!("a process that was taking over is gone; this one goes on serving"),
                Err(error) => tracing::warn!(%error, "a process could not take over; this one goes on serving"),
            }
        }
    }

    /// Prepares one successor and turns away others meanwhile.
    async fn prepare_one(&self, stream: &UnixStream) -> io::Result<bool> {
        let mut prepared = pin!(self.prepare(stream));
        loop {
            tokio::select! {
                ready = &mut prepared => return ready,
                another = self.accept() => turn_away(&another, stream).await,
            }
        }
    }

    async fn accept(&self) -> UnixStream {
        loop {
            match self.listener.accept().await {
                Ok((stream, _)) if is_same_user(&stream) => return stream,
                Ok(_) => tracing::warn!("refused a process of another user that asked to take over"),
                Err(error) => {
                    tracing::warn!(%error, "cannot accept a process that asks to take over");
                    // Most likely out of descriptors: accepting would fail again at once.
                    tokio::time::sleep(std::time::Duration::from_secs(1)).await;
                }
            }
        }
    }

    /// Sends all descriptors and waits for `ready`; `false` when the other process ends first.
    async fn prepare(&self, stream: &UnixStream) -> io::Result<bool> {
        let names = self.descriptors.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(" ");
        let descriptors: Vec<BorrowedFd<'_>> =
            self.descriptors.iter().map(|(_, descriptor)| descriptor.as_fd()).collect();
        descriptors::send(stream, &format!("{GREETING} {} {names}", std::process::id()), &descriptors).await?;
        Ok(matches!(descriptors::receive(stream).await?, Some((line, _)) if line == READY))
    }
}

async fn turn_away(another: &UnixStream, first: &UnixStream) {
    let pid = first.peer_cred().ok().and_then(|peer| peer.pid()).unwrap_or_default();
    // It may be gone already.
    let _ = descriptors::send(another, &format!("{BUSY} {pid}"), &[]).await;
}

impl Successor {
    /// The successor for log lines: `process 4711`.
    #[must_use]
    pub fn name(&self) -> String {
        peer_name(&self.0)
    }

    /// Lets it accept connections. Keep this value until the process is done: closing the connection
    /// tells the successor so.
    ///
    /// # Errors
    /// When the successor is gone.
    pub async fn release(&self) -> io::Result<()> {
        descriptors::send(&self.0, RELEASED, &[]).await
    }
}
