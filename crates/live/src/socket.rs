//! The session of one socket, without a transport: a stream of texts in, a sink of texts out.
//!
//! To join a topic the session authorizes it, subscribes to the hub, then reads the log from `since`.
//! Whether an event comes from the log or from the hub, the session only sends the one after the last
//! one that it sent, so there are no gaps and no duplicates. It does not buffer without bound for a
//! client that does not read, and it does not reveal whether a topic exists that the user may not join.

mod limits;
mod one_way;
mod session;

use std::sync::Arc;

use futures::{Sink, Stream, future::BoxFuture};
use serde_json::Value;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::hub::{Hub, Identity};
pub use limits::Limits;
pub use one_way::one_way_incoming;
use session::Session;

/// Any error.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// What the session receives from the client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Incoming {
    /// A text frame.
    Text(String),
    /// The client closed the socket. The end of the stream means the same.
    Closed,
}

/// What the session sends to the client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outgoing {
    /// A text frame.
    Text(Arc<str>),
    /// Close the socket with this code and reason.
    Close(u16, &'static str),
}

/// Decides what the user behind one socket may do.
pub trait Authorize: Send + Sync + 'static {
    /// The name by which [`revoke`](crate::revoke) finds this socket, such as a session's id.
    fn subject(&self) -> String;

    /// Whether the user may join `topic` now. The session asks at each join and after a revocation. An
    /// error closes the topic with [`Refusal::Unavailable`](crate::Refusal::Unavailable).
    fn may_join<'a>(&'a self, topic: &'a str) -> BoxFuture<'a, Result<bool, BoxError>>;

    /// When the user's sign-in expires; the session then authorizes its topics again. `None`: never.
    fn valid_until(&self) -> Option<Instant> {
        None
    }

    /// How the user is shown to the others on `topic`, or `None` if they must not be shown there.
    fn identity(&self, _topic: &str) -> Option<Identity> {
        None
    }

    /// Answers a push on a joined topic. The error is a sentence for the user.
    fn push<'a>(&'a self, topic: &'a str, payload: Value) -> BoxFuture<'a, Result<Value, String>>;
}

/// Serves one socket until the client closes it or violates the [`Limits`], or `stop` is cancelled. It
/// returns no error: the client notices whatever ended the session, and reconnects.
pub async fn serve(
    stream: impl Stream<Item = Incoming> + Send,
    sink: impl Sink<Outgoing> + Send,
    hub: Hub,
    auth: Arc<dyn Authorize>,
    limits: Limits,
    stop: CancellationToken,
) {
    let (stream, sink) = (std::pin::pin!(stream), std::pin::pin!(sink));
    let mut session = Session::new(sink, &hub, auth, limits, stop);
    // Boxed, because otherwise the task of every idle socket would be as large as a future of the database.
    let end = match Box::pin(session.send_hello()).await {
        Ok(()) => session.run(stream).await,
        Err(end) => end,
    };
    Box::pin(session.close(end)).await;
}

#[cfg(test)]
mod tests {
    use std::mem::size_of_val;

    use db::Db;
    use futures::{FutureExt, sink, stream};

    use super::*;

    struct Nobody;

    impl Authorize for Nobody {
        fn subject(&self) -> String {
            String::new()
        }

        fn may_join<'a>(&'a self, _topic: &'a str) -> BoxFuture<'a, Result<bool, BoxError>> {
            async { Ok(false) }.boxed()
        }

        fn push<'a>(&'a self, _topic: &'a str, payload: Value) -> BoxFuture<'a, Result<Value, String>> {
            async { Ok(payload) }.boxed()
        }
    }

    #[tokio::test]
    async fn the_task_of_a_socket_is_small() {
        let folder = tempfile::tempdir().unwrap();
        let db = Db::open(&format!("sqlite://{}", folder.path().join("test.db").display())).await.unwrap();
        let incoming = stream::pending::<Incoming>();
        let session = serve(
            incoming,
            sink::drain::<Outgoing>(),
            Hub::new(db),
            Arc::new(Nobody),
            Limits::default(),
            CancellationToken::new(),
        );
        // It was 46,000 once, when it contained futures of the database.
        assert!(size_of_val(&session) < 3_000, "{} bytes", size_of_val(&session));
    }
}
