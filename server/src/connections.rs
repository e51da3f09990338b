//! Connections: accepted, served, and ended when they keep the server waiting.
//!
//! Refuses to wait without end for the head of a request. (`axum::serve` has no time for that.)

use std::{io, net::SocketAddr, pin::pin, time::Duration};

use axum::{
    Router,
    extract::{ConnectInfo, Request},
    serve::Listener,
};
use hyper::{
    body::Incoming,
    service::{Service, service_fn},
};
use hyper_util::{
    rt::{TokioExecutor, TokioIo, TokioTimer},
    server::conn::auto::Builder,
    service::TowerToHyperService,
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

/// A request's head is here within this time of the connection's beginning or of the last answer,
/// or the connection ends.
pub const HEAD: Duration = Duration::from_secs(30);
/// A request's body never stands still for longer.
pub const BODY: Duration = Duration::from_secs(30);

/// Serves `pages` until `stop`, then lets the requests under way end.
///
/// # Errors
/// None at present.
pub async fn serve<L>(listener: L, pages: Router, stop: CancellationToken) -> io::Result<()>
where
    L: Listener<Addr = SocketAddr>,
{
    serve_with(listener, pages, stop, HEAD).await
}

async fn serve_with<L>(mut listener: L, pages: Router, stop: CancellationToken, head: Duration) -> io::Result<()>
where
    L: Listener<Addr = SocketAddr>,
{
    let under_way = TaskTracker::new();
    let mut builder = Builder::new(TokioExecutor::new());
    builder.http1().timer(TokioTimer::new()).header_read_timeout(head);
    while let Some((stream, peer)) = stop.run_until_cancelled(listener.accept()).await {
        let pages = TowerToHyperService::new(pages.clone());
        let service = service_fn(move |mut request: Request<Incoming>| {
            request.extensions_mut().insert(ConnectInfo(peer));
            pages.call(request)
        });
        let (builder, stop) = (builder.clone(), stop.clone());
        under_way.spawn(async move {
            let mut connection = pin!(builder.serve_connection_with_upgrades(TokioIo::new(stream), service));
            // A browser that goes away is no news.
            let _ = tokio::select! {
                served = connection.as_mut() => served,
                () = stop.cancelled() => {
                    connection.as_mut().graceful_shutdown();
                    connection.await
                }
            };
        });
    }
    drop(listener);
    under_way.close();
    under_way.wait().await;
    Ok(())
}

#[cfg(test)]
mod tests {
    use axum::routing::get;
    use tokio::{
        io::{AsyncReadExt, AsyncWriteExt},
        net::{TcpListener, TcpStream},
    };

    use super::*;

    async fn served(head: Duration) -> (SocketAddr, CancellationToken) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let stop = CancellationToken::new();
        let peer = async |ConnectInfo(peer): ConnectInfo<SocketAddr>| peer.ip().to_string();
        tokio::spawn(serve_with(listener, Router::new().route("/", get(peer)), stop.clone(), head));
        (address, stop)
    }

    #[tokio::test]
    async fn a_request_whose_head_never_ends_is_cut_off() {
        let (address, stop) = served(Duration::from_millis(200)).await;
        let mut slow = TcpStream::connect(address).await.unwrap();
        slow.write_all(b"GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ").await.unwrap();
        let mut answer = Vec::new();
        let ended = tokio::time::timeout(Duration::from_secs(20), slow.read_to_end(&mut answer)).await;
        assert!(ended.is_ok(), "the connection stays open");
        stop.cancel();
    }

    #[tokio::test]
    async fn a_request_is_answered_and_knows_where_it_comes_from() {
        let (address, stop) = served(HEAD).await;
        let mut browser = TcpStream::connect(address).await.unwrap();
        browser.write_all(b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").await.unwrap();
        let mut answer = String::new();
        browser.read_to_string(&mut answer).await.unwrap();
        assert!(answer.starts_with("HTTP/1.1 200") && answer.ends_with("127.0.0.1"), "{answer}");
        stop.cancel();
    }
}
