//! The session of one socket, without a transport: a stream of texts in, a sink of texts out.
//!
//! A topic is joined by authorising, listening, then reading the log from `since`; what is sent is
//! always the event after the last one sent, whether it comes from the log or from the hub, so
//! there is no gap and no duplicate. Refuses to buffer for a client that does not read, and to say
//! whether a topic that a visitor may not join exists.

mod follow;
mod limits;
mod session;

use std::sync::Arc;

use futures::{Sink, Stream, future::BoxFuture};
use serde_json::Value;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::hub::Hub;
pub use follow::follow;
pub use limits::Limits;
use session::Session;

/// Any error.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// What comes from the client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Incoming {
    /// A text frame.
    Text(String),
    /// Nothing any more. The end of the stream says the same.
    Closed,
}

/// What goes to the client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outgoing {
    /// A text frame.
    Text(Arc<str>),
    /// Close the socket with this code and reason.
    Close(u16, &'static str),
}

/// How a visitor is shown to others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    /// Their name.
    pub name: String,
    /// Tells people of one name apart, and makes one of their many tabs.
    pub key: String,
}

/// Decides for the visitor behind one socket.
pub trait Authorise: Send + Sync + 'static {
    /// What [`revoke`](crate::revoke) calls the visitor: a session, a user.
    fn subject(&self) -> String;

    /// Whether the visitor may hear of `topic` now. Asked at each join and after a revocation; an
    /// error closes the topic until it can be told.
    fn may_join<'a>(&'a self, topic: &'a str) -> BoxFuture<'a, Result<bool, BoxError>>;

    /// Until when the visitor is who they are: then their topics are authorised again. `None`: for good.
    fn until(&self) -> Option<Instant> {
        None
    }

    /// Whom the others on `topic` are shown, if the visitor may be shown there at all.
    fn shown(&self, _topic: &str) -> Option<Shown> {
        None
    }

    /// Answers a push on a topic that is joined; the error is a sentence for the user.
    fn push<'a>(&'a self, topic: &'a str, payload: Value) -> BoxFuture<'a, Result<Value, String>>;
}

/// Serves one socket until it closes, misbehaves, or `stop` is cancelled. Never fails: whatever
/// ends it, the client finds out and comes back.
pub async fn serve(
    stream: impl Stream<Item = Incoming> + Send,
    sink: impl Sink<Outgoing> + Send,
    hub: Hub,
    auth: Arc<dyn Authorise>,
    limits: Limits,
    stop: CancellationToken,
) {
    let (stream, sink) = (std::pin::pin!(stream), std::pin::pin!(sink));
    let mut session = Session::new(sink, &hub, auth, limits, stop);
    // Boxed for as long as they last: the futures of a database would lie in every idle socket's task.
    let end = match Box::pin(session.greet()).await {
        Ok(()) => session.run(stream).await,
        Err(end) => end,
    };
    Box::pin(session.farewell(end)).await;
}

#[cfg(test)]
mod tests {
    use std::mem::size_of_val;

    use db::Db;
    use futures::{FutureExt, sink, stream};

    use super::*;

    struct Nobody;

    impl Authorise for Nobody {
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
        let served = serve(
            incoming,
            sink::drain::<Outgoing>(),
            Hub::new(db),
            Arc::new(Nobody),
            Limits::default(),
            CancellationToken::new(),
        );
        // It was 46,000 once, with the futures of the database in it.
        assert!(size_of_val(&served) < 3_000, "{} bytes", size_of_val(&served));
    }
}
