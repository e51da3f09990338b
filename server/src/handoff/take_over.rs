//! The side of the new process: finds the one that serves, is given what it has, and relieves it.

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

use super::{BUSY, GREETING, LOCK, METRICS, PAGES, READY, RELEASED, SUCCESSION, descriptors, is_ours, pid};

/// A process that lives answers within this.
const GREETING_TIMEOUT: Duration = Duration::from_secs(5);

/// The process that serves until it is relieved.
#[derive(Debug)]
pub struct Predecessor {
    stream: UnixStream,
    /// Its id, for messages.
    pub pid: String,
}

/// What it gave.
#[derive(Debug)]
pub struct InheritedSockets {
    /// Where pages are asked for.
    pub pages: TcpListener,
    /// Where the next process will ask.
    pub succession: net::UnixListener,
    /// Where it is watched.
    pub metrics: Option<TcpListener>,
    /// The lock of its SQLite database. Both have it now, and it holds until both are gone.
    pub lock: Option<File>,
}

/// How a predecessor left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HandoffResult {
    /// It said so, or is gone.
    Released,
    /// It says nothing.
    TimedOut,
}

/// Whoever serves at `place`, if anybody does.
///
/// # Errors
/// When somebody is there and does not answer, or is being relieved by another process.
pub async fn connect(address: &SocketAddr) -> anyhow::Result<Option<(Predecessor, InheritedSockets)>> {
    let stream = match net::UnixStream::connect_addr(address) {
        Ok(stream) => stream,
        Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => return Ok(None),
        Err(error) => return Err(error).context("the process that serves already cannot be asked"),
    };
    stream.set_nonblocking(true)?;
    let stream = UnixStream::from_std(stream)?;
    if !is_ours(&stream) {
        tracing::warn!("{} of another user stands where this one's predecessor would", pid(&stream));
        return Ok(None);
    }
    let who = pid(&stream);
    let Ok(greeting) = timeout(GREETING_TIMEOUT, descriptors::receive(&stream)).await else {
        bail!("{who} serves already and does not answer; end it, then start this one again");
    };
    // Gone in this moment: there is nobody to take over from.
    let Some((line, handles)) = greeting.with_context(|| format!("{who} serves already and answers strangely"))? else {
        return Ok(None);
    };
    let mut words = line.split(' ');
    let (greeting, pid) = (words.next(), words.next().unwrap_or_default().to_owned());
    ensure!(greeting != Some(BUSY), "process {pid} is taking over already; wait for it, or end it");
    ensure!(
        greeting == Some(GREETING),
        "{who} serves already, and is of a version that cannot hand over; end it first"
    );
    let inheritance = InheritedSockets::from_descriptors(words.zip(handles))
        .context("what the process that serves gave is not complete")?;
    Ok(Some((Predecessor { stream, pid }, inheritance)))
}

impl InheritedSockets {
    fn from_descriptors<'a>(handles: impl Iterator<Item = (&'a str, OwnedFd)>) -> Option<Self> {
        let (mut pages, mut succession, mut metrics, mut lock) = (None, None, None, None);
        for (name, handle) in handles {
            match name {
                PAGES => pages = Some(handle.into()),
                SUCCESSION => succession = Some(handle.into()),
                METRICS => metrics = Some(handle.into()),
                LOCK => lock = Some(handle.into()),
                // Of a newer version, which knows what to do without.
                _ => {}
            }
        }
        Some(Self { pages: pages?, succession: succession?, metrics, lock })
    }
}

impl Predecessor {
    /// Says that this process is ready, and waits up to `within` until the other one has let go.
    pub async fn take_over(&self, within: Duration) -> HandoffResult {
        let released = async {
            if descriptors::send(&self.stream, READY, &[]).await.is_err() {
                return;
            }
            // Its end is as good as its word.
            while let Ok(Some((line, _))) = descriptors::receive(&self.stream).await {
                if line == RELEASED {
                    return;
                }
            }
        };
        timeout(within, released).await.map_or(HandoffResult::TimedOut, |()| HandoffResult::Released)
    }

    /// Waits until it has ended.
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
    async fn one_that_says_nothing_is_noticed() {
        let (predecessor, _there) = pair();
        assert_eq!(predecessor.take_over(Duration::from_millis(20)).await, HandoffResult::TimedOut);
    }

    #[tokio::test]
    async fn its_word_and_its_end_are_both_a_relief() {
        let (predecessor, there) = pair();
        let answer = async {
            assert_eq!(descriptors::receive(&there).await.unwrap().unwrap().0, READY);
            descriptors::send(&there, RELEASED, &[]).await.unwrap();
        };
        let (relief, ()) = tokio::join!(predecessor.take_over(Duration::from_secs(60)), answer);
        assert_eq!(relief, HandoffResult::Released);
        drop(there);
        predecessor.ended().await;
        let (predecessor, there) = pair();
        drop(there);
        assert_eq!(predecessor.take_over(Duration::from_secs(60)).await, HandoffResult::Released);
    }
}
