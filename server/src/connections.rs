//! HTTP/1.1 connections, and a shutdown that loses no request.
//!
//! HTTP/1.1 has no way to announce on an idle connection that it will close: a request may be on its way
//! when it does. So a draining process goes on answering for a moment, with `Connection: close`, and
//! closes only connections that were idle for that moment. There is no HTTP/2, which a proxy in front
//! speaks to browsers, and a client that never finishes a request's head is cut off.

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

/// How long a connection waits for the complete head of its next request.
const HEADER_TIMEOUT: Duration = Duration::from_secs(30);
/// How long a request waits for the next bytes of its body.
pub const BODY_TIMEOUT: Duration = Duration::from_secs(30);
/// A draining process closes a kept-alive connection that was idle for this long.
const IDLE_TIMEOUT: Duration = Duration::from_secs(1);
/// A draining process closes a connection without any request after this: browsers open some in advance.
const FIRST_REQUEST_TIMEOUT: Duration = Duration::from_secs(5);

/// The open connections of this process; clones share them.
#[derive(Clone, Debug)]
pub struct Connections {
    open: TaskTracker,
    draining: CancellationToken,
    header_timeout: Duration,
}

impl Connections {
    /// Connections that close once `draining` is canceled.
    #[must_use]
    pub fn new(draining: CancellationToken) -> Self {
        Self { open: TaskTracker::new(), draining, header_timeout: HEADER_TIMEOUT }
    }

    /// Accepts and serves connections for as long as it is polled. Dropping it loses none: those that were
    /// accepted are served on, the others stay in the backlog.
    pub async fn accept(&self, listener: &TcpListener, router: &Router) -> Infallible {
        loop {
            match listener.accept().await {
                Ok((stream, peer)) => {
                    set_nodelay(&stream);
                    self.open.spawn(serve(stream, peer, router.clone(), self.draining.clone(), self.header_timeout));
                }
                Err(error) if is_client_error(&error) => {}
                Err(error) => {
                    tracing::error!(%error, "cannot accept connections");
                    // Most likely out of descriptors: accepting would fail again at once.
                    sleep(Duration::from_secs(1)).await;
                }
            }
        }
    }

    /// Runs a WebSocket, which [`Connections::closed`] then waits for as for the connection it began as.
    pub async fn track<F: Future>(&self, socket: F) -> F::Output {
        self.open.track_future(socket).await
    }

    /// Waits until every connection has closed.
    pub async fn closed(&self) {
        self.open.close();
        self.open.wait().await;
    }
}

/// Turns off Nagle's algorithm. It would hold each small frame back until the one before is acknowledged,
/// which takes a browser up to 40 ms.
fn set_nodelay(stream: &TcpStream) {
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "cannot turn off Nagle's algorithm on a connection");
    }
}

fn is_client_error(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset)
}

async fn serve(
    stream: TcpStream,
    peer: SocketAddr,
    router: Router,
    draining: CancellationToken,
    header_timeout: Duration,
) {
    let has_request = AtomicBool::new(false);
    let service = service_fn(|request: Request<Incoming>| {
        has_request.store(true, Ordering::Relaxed);
        answer(router.clone(), request.map(Body::new), peer, draining.clone())
    });
    let mut builder = http1::Builder::new();
    builder.timer(TokioTimer::new()).header_read_timeout(header_timeout);
    let mut connection = pin!(builder.serve_connection(TokioIo::new(stream), service).with_upgrades());
    // A client that breaks off is not worth a log line.
    tokio::select! {
        _ = connection.as_mut() => return,
        () = draining.cancelled() => {}
    }
    for idle in [IDLE_TIMEOUT, FIRST_REQUEST_TIMEOUT] {
        tokio::select! {
            _ = connection.as_mut() => return,
            () = sleep(idle) => {}
        }
        if has_request.load(Ordering::Relaxed) {
            break;
        }
    }
    // Closes an idle connection at once, and a busy one after its answer.
    connection.as_mut().graceful_shutdown();
    let _ = connection.await;
}

async fn answer(
    mut router: Router,
    mut request: Request<Body>,
    peer: SocketAddr,
    draining: CancellationToken,
) -> Result<Response<Body>, Infallible> {
    request.extensions_mut().insert(ConnectInfo(peer));
    let mut response = router.call(request).await?;
    if draining.is_cancelled() && response.status() != StatusCode::SWITCHING_PROTOCOLS {
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

    async fn served(header_timeout: Duration) -> SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let connections = Connections { header_timeout, ..Connections::new(CancellationToken::new()) };
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
    async fn accepted_connections_have_nagles_algorithm_turned_off() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let _browser = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        let (stream, _) = listener.accept().await.unwrap();
        assert!(!stream.nodelay().unwrap(), "the kernel turns it on");
        set_nodelay(&stream);
        assert!(stream.nodelay().unwrap());
    }

    #[tokio::test]
    async fn a_request_is_answered_and_carries_its_peer_address() {
        let address = served(HEADER_TIMEOUT).await;
        let mut browser = TcpStream::connect(address).await.unwrap();
        browser.write_all(b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").await.unwrap();
        let mut answer = String::new();
        browser.read_to_string(&mut answer).await.unwrap();
        assert!(answer.starts_with("HTTP/1.1 200") && answer.ends_with("127.0.0.1"), "{answer}");
    }
}
