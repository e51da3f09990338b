//! Connections over HTTP/1.1, and their end without a lost request.
//!
//! HTTP/1.1 cannot say "no more requests" on a connection that is idle: whoever closes it may do so
//! while a request is on its way. So one that leaves answers what comes for a moment longer, with
//! `Connection: close`, and closes only what stayed silent for that moment. Refuses HTTP/2: a proxy
//! in front speaks it to browsers; and to wait without end for the head of a request.

use std::{
    convert::Infallible,
    io,
    net::SocketAddr,
    pin::pin,
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use axum::{
    Router,
    body::Body,
    extract::ConnectInfo,
    http::{HeaderValue, Request, Response, StatusCode, header},
};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::{
    net::{TcpListener, TcpStream},
    time::sleep,
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tower_service::Service as _;

/// A request's head is here within this time of the connection's beginning or of the last answer,
/// or the connection ends.
const HEADER_TIMEOUT: Duration = Duration::from_secs(30);
/// A request's body never stands still for longer.
pub const BODY_TIMEOUT: Duration = Duration::from_secs(30);
/// A kept-alive connection that is silent for this long after the leaving began is closed.
const IDLE_TIMEOUT: Duration = Duration::from_secs(1);
/// A connection that never said anything (browsers open some to spare) is closed after this.
const FIRST_REQUEST_TIMEOUT: Duration = Duration::from_secs(5);

/// The connections of this process; clones are the same ones.
#[derive(Clone, Debug)]
pub struct Connections {
    open: TaskTracker,
    leaving: CancellationToken,
    head: Duration,
}

impl Connections {
    /// None yet; they end once `leaving` is cancelled.
    #[must_use]
    pub fn new(leaving: CancellationToken) -> Self {
        Self { open: TaskTracker::new(), leaving, head: HEADER_TIMEOUT }
    }

    /// Accepts for as long as it is polled; dropping it loses no connection.
    pub async fn accept(&self, listener: &TcpListener, router: &Router) -> Infallible {
        loop {
            match listener.accept().await {
                Ok((stream, peer)) => {
                    set_nodelay(&stream);
                    self.open.spawn(serve(stream, peer, router.clone(), self.leaving.clone(), self.head));
                }
                Err(error) if is_of_the_client(&error) => {}
                Err(error) => {
                    tracing::error!(%error, "no connection can be accepted");
                    // Out of descriptors, most likely: it would fail again at once.
                    sleep(Duration::from_secs(1)).await;
                }
            }
        }
    }

    /// Runs a socket that a connection became, as one of them.
    pub async fn track<F: Future>(&self, socket: F) -> F::Output {
        self.open.track_future(socket).await
    }

    /// Waits until all have ended.
    pub async fn ended(&self) {
        self.open.close();
        self.open.wait().await;
    }
}

/// Without this the kernel holds a frame back until the one before is acknowledged, which takes a
/// browser up to 40 ms: each `joined` after its `hello`, each line of a summary after another one.
fn set_nodelay(stream: &TcpStream) {
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "what is sent on a connection may be late");
    }
}

fn is_of_the_client(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset)
}

async fn serve(stream: TcpStream, peer: SocketAddr, router: Router, leaving: CancellationToken, head: Duration) {
    let asked = AtomicBool::new(false);
    let service = service_fn(|request: Request<Incoming>| {
        asked.store(true, Ordering::Relaxed);
        answer(router.clone(), request.map(Body::new), peer, leaving.clone())
    });
    let mut builder = http1::Builder::new();
    builder.timer(TokioTimer::new()).header_read_timeout(head);
    let mut connection = pin!(builder.serve_connection(TokioIo::new(stream), service).with_upgrades());
    // A client that breaks off is no news.
    tokio::select! {
        _ = connection.as_mut() => return,
        () = leaving.cancelled() => {}
    }
    for silence in [IDLE_TIMEOUT, FIRST_REQUEST_TIMEOUT] {
        tokio::select! {
            _ = connection.as_mut() => return,
            () = sleep(silence) => {}
        }
        if asked.load(Ordering::Relaxed) {
            break;
        }
    }
    // Closes an idle connection; a busy one ends with its answer.
    connection.as_mut().graceful_shutdown();
    let _ = connection.await;
}

async fn answer(
    mut router: Router,
    mut request: Request<Body>,
    peer: SocketAddr,
    leaving: CancellationToken,
) -> Result<Response<Body>, Infallible> {
    request.extensions_mut().insert(ConnectInfo(peer));
    let mut response = router.call(request).await?;
    if leaving.is_cancelled() && response.status() != StatusCode::SWITCHING_PROTOCOLS {
        response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    }
    Ok(response)
}

#[cfg(test)]
mod tests {
    use axum::routing::get;
    use tokio::{
        io::{AsyncReadExt, AsyncWriteExt},
        net::{TcpListener, TcpStream},
    };

    use super::*;

    async fn served(head: Duration) -> SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let connections = Connections { head, ..Connections::new(CancellationToken::new()) };
        let peer = async |ConnectInfo(peer): ConnectInfo<SocketAddr>| peer.ip().to_string();
        tokio::spawn(async move { connections.accept(&listener, &Router::new().route("/", get(peer))).await });
        address
    }

    #[tokio::test]
    async fn a_request_whose_head_never_ends_is_cut_off() {
        let address = served(Duration::from_millis(200)).await;
        let mut slow = TcpStream::connect(address).await.unwrap();
        slow.write_all(b"GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ").await.unwrap();
        let mut answer = Vec::new();
        let ended = tokio::time::timeout(Duration::from_secs(20), slow.read_to_end(&mut answer)).await;
        assert!(ended.is_ok(), "the connection stays open");
    }

    #[tokio::test]
    async fn a_frame_does_not_wait_for_the_one_before_to_be_acknowledged() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let _browser = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        let (stream, _) = listener.accept().await.unwrap();
        assert!(!stream.nodelay().unwrap(), "nothing to be done");
        set_nodelay(&stream);
        assert!(stream.nodelay().unwrap());
    }

    #[tokio::test]
    async fn a_request_is_answered_and_knows_where_it_comes_from() {
        let address = served(HEADER_TIMEOUT).await;
        let mut browser = TcpStream::connect(address).await.unwrap();
        browser.write_all(b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").await.unwrap();
        let mut answer = String::new();
        browser.read_to_string(&mut answer).await.unwrap();
        assert!(answer.starts_with("HTTP/1.1 200") && answer.ends_with("127.0.0.1"), "{answer}");
    }
}
