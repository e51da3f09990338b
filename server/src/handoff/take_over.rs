//! The new process's side of a handoff: finds the serving process, receives its sockets and takes over.

use std::{
    fs::File,
    io,
    net::TcpListener,
    os::{
        fd::OwnedFd,
        unix::net::{self, SocketAddr},
    },
    time::Duration,
};

use anyhow::{Context as _, bail, ensure};
use tokio::{net::UnixStream, time::timeout};

use super::{
    descriptors,
    protocol::{BUSY, GREETING, HANDOFF, HTTP, LOCK, METRICS, READY, RELEASED, is_same_user, peer_name},
};

/// How long the serving process may take to greet.
const GREETING_TIMEOUT: Duration = Duration::from_secs(5);

/// The process that serves until this one takes over.
#[derive(Debug)]
pub struct Predecessor {
    stream: UnixStream,
    /// Its process id, for messages.
    pub pid: String,
}

/// The sockets that a predecessor sent.
#[derive(Debug)]
pub struct InheritedSockets {
    /// The public HTTP socket.
    pub http: TcpListener,
    /// Where the next process will connect.
    pub handoff: net::UnixListener,
    /// The socket of the metrics listener, if the predecessor has one.
    pub metrics: Option<TcpListener>,
    /// The lock of an SQLite database. Both processes hold it, until both have ended.
    pub lock: Option<File>,
}

/// How a handoff ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HandoffResult {
    /// The predecessor released its sockets, or is gone.
    Released,
    /// It did not answer in time.
    TimedOut,
}

/// Connects to the process that serves at `address`; `None` when there is none.
///
/// # Errors
/// When the process does not answer, speaks another protocol, or is handing off to another process.
pub async fn connect(address: &SocketAddr) -> anyhow::Result<Option<(Predecessor, InheritedSockets)>> {
    let stream = match net::UnixStream::connect_addr(address) {
        Ok(stream) => stream,
        Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => return Ok(None),
        Err(error) => return Err(error).context("cannot connect to the process that serves already"),
    };
    stream.set_nonblocking(true)?;
    let stream = UnixStream::from_std(stream)?;
    if !is_same_user(&stream) {
        tracing::warn!("{} of another user has the handoff socket of this address", peer_name(&stream));
        return Ok(None);
    }
    let peer = peer_name(&stream);
    let Ok(greeting) = timeout(GREETING_TIMEOUT, descriptors::receive(&stream)).await else {
        bail!("{peer} serves already and does not answer; stop it, then start this one again");
    };
    // Without a greeting the process has just ended: there is nobody to take over from.
    let Some((line, descriptors)) =
        greeting.with_context(|| format!("{peer} serves already and answered with an invalid message"))?
    else {
        return Ok(None);
    };
    let mut words = line.split(' ');
    let (greeting, pid) = (words.next(), words.next().unwrap_or_default().to_owned());
    ensure!(greeting != Some(BUSY), "process {pid} is taking over already; wait for it, or stop it");
    ensure!(
        greeting == Some(GREETING),
        "{peer} serves already, and its version cannot hand off to this one; stop it first"
    );
    let inherited = InheritedSockets::from_descriptors(words.zip(descriptors))
        .context("the process that serves already did not send all its sockets")?;
    Ok(Some((Predecessor { stream, pid }, inherited)))
}

impl InheritedSockets {
    fn from_descriptors<'a>(descriptors: impl Iterator<Item = (&'a str, OwnedFd)>) -> Option<Self> {
        let (mut http, mut handoff, mut metrics, mut lock) = (None, None, None, None);
        for (name, descriptor) in descriptors {
            match name {
                HTTP => http = Some(descriptor.into()),
                HANDOFF => handoff = Some(descriptor.into()),
                METRICS => metrics = Some(descriptor.into()),
                LOCK => lock = Some(descriptor.into()),
                // A newer version sent it, and must not depend on it.
                _ => {}
            }
        }
        Some(Self { http: http?, handoff: handoff?, metrics, lock })
    }
}

impl Predecessor {
    /// Announces that this process is ready, and waits up to `limit` until the predecessor has stopped
    /// accepting.
    pub async fn take_over(&self, limit: Duration) -> HandoffResult {
        let released = async {
            if descriptors::send(&self.stream, READY, &[]).await.is_err() {
                return;
            }
            // A predecessor that ends has released its sockets as well.
            while let Ok(Some((line, _))) = descriptors::receive(&self.stream).await {
                if line == RELEASED {
                    return;
                }
            }
        };
        timeout(limit, released).await.map_or(HandoffResult::TimedOut, |()| HandoffResult::Released)
    }

    /// Waits until the predecessor has ended.
    pub async fn ended(self) {
        while let Ok(Some(_)) = descriptors::receive(&self.stream).await {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pair() -> (Predecessor, UnixStream) {
        let (here, there) = UnixStream::pair().unwrap();
        (Predecessor { stream: here, pid: "1".to_owned() }, there)
    }

    #[tokio::test]
    async fn a_predecessor_that_does_not_answer_times_out() {
        let (predecessor, _there) = pair();
        assert_eq!(predecessor.take_over(Duration::from_millis(20)).await, HandoffResult::TimedOut);
    }

    #[tokio::test]
    async fn a_released_message_and_the_end_of_the_process_both_release_the_sockets() {
        let (predecessor, there) = pair();
        let answer = async {
            assert_eq!(descriptors::receive(&there).await.unwrap().unwrap().0, READY);
            descriptors::send(&there, RELEASED, &[]).await.unwrap();
        };
        let (result, ()) = tokio::join!(predecessor.take_over(Duration::from_secs(60)), answer);
        assert_eq!(result, HandoffResult::Released);
        drop(there);
        predecessor.ended().await;
        let (predecessor, there) = pair();
        drop(there);
        assert_eq!(predecessor.take_over(Duration::from_secs(60)).await, HandoffResult::Released);
    }
}
