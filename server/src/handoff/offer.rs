//! The side of the process that serves: waits for a successor, and gives it what it needs.

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

use super::{BUSY, GREETING, LOCK, METRICS, PAGES, READY, RELEASED, SUCCESSION, descriptors, is_ours};

/// What the present process would hand over. Dropped, its copies of the descriptors are closed.
#[derive(Debug)]
pub struct Offer {
    handles: Vec<(&'static str, OwnedFd)>,
    listener: UnixListener,
}

/// A process that is ready to go on.
#[derive(Debug)]
pub struct Successor(UnixStream);

impl Offer {
    /// Of these sockets and the lock of an SQLite database, at the socket where one asks for them.
    ///
    /// # Errors
    /// When this process may have no more descriptors.
    pub fn new(
        succession: net::UnixListener,
        pages: &TcpListener,
        metrics: Option<&TcpListener>,
        lock: Option<&File>,
    ) -> io::Result<Self> {
        // Peers see who listened last: this process, whoever made the socket.
        rustix::net::listen(&succession, 16)?;
        succession.set_nonblocking(true)?;
        let mut handles = vec![(PAGES, pages.as_fd().try_clone_to_owned()?)];
        handles.push((SUCCESSION, succession.as_fd().try_clone_to_owned()?));
        if let Some(metrics) = metrics {
            handles.push((METRICS, metrics.as_fd().try_clone_to_owned()?));
        }
        if let Some(lock) = lock {
            handles.push((LOCK, lock.as_fd().try_clone_to_owned()?));
        }
        Ok(Self { handles, listener: UnixListener::from_std(succession)? })
    }

    /// Waits until another process is ready to go on. One that comes and dies changes nothing; while
    /// one prepares itself, others are turned away.
    pub async fn successor(&self) -> Successor {
        loop {
            let stream = self.next().await;
            match self.prepare_alone(&stream).await {
                Ok(true) => return Successor(stream),
                Ok(false) => tracing::warn!("a process that was to take over is gone; this one goes on"),
                Err(error) => tracing::warn!(%error, "a process could not take over; this one goes on"),
            }
        }
    }

    async fn prepare_alone(&self, stream: &UnixStream) -> io::Result<bool> {
        let mut prepared = pin!(self.prepare(stream));
        loop {
            tokio::select! {
                ready = &mut prepared => return ready,
                another = self.next() => turn_away(&another, stream).await,
            }
        }
    }

    async fn next(&self) -> UnixStream {
        loop {
            match self.listener.accept().await {
                Ok((stream, _)) if is_ours(&stream) => return stream,
                Ok(_) => tracing::warn!("a process of another user asked to take over, and was refused"),
                Err(error) => {
                    tracing::warn!(%error, "processes that would take over cannot be heard");
                    // Out of descriptors: it would fail again at once.
                    tokio::time::sleep(std::time::Duration::from_secs(1)).await;
                }
            }
        }
    }

    /// Gives everything away; whether the other process became ready.
    async fn prepare(&self, stream: &UnixStream) -> io::Result<bool> {
        let names = self.handles.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(" ");
        let handles: Vec<BorrowedFd<'_>> = self.handles.iter().map(|(_, handle)| handle.as_fd()).collect();
        descriptors::send(stream, &format!("{GREETING} {} {names}", std::process::id()), &handles).await?;
        Ok(matches!(descriptors::receive(stream).await?, Some((line, _)) if line == READY))
    }
}

async fn turn_away(another: &UnixStream, first: &UnixStream) {
    let pid = first.peer_cred().ok().and_then(|peer| peer.pid()).unwrap_or_default();
    // If it is gone already, so much the better.
    let _ = descriptors::send(another, &format!("{BUSY} {pid}"), &[]).await;
}

impl Successor {
    /// Who it is, for the log.
    #[must_use]
    pub fn name(&self) -> String {
        super::pid(&self.0)
    }

    /// Lets it go on. The connection stays open for as long as this lives: its end tells the
    /// successor that this process is done.
    ///
    /// # Errors
    /// When it is gone.
    pub async fn release(&self) -> io::Result<()> {
        descriptors::send(&self.0, RELEASED, &[]).await
    }
}
