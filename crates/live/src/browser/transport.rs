//! The connection that frames travel on. Dropping it closes it, and no input comes from it any more.

mod event_stream;
mod long_poll;
mod query;
mod web_socket;

use super::input_sink::WeakSink;
use crate::client::Transport;
use event_stream::EventStream;
use long_poll::LongPoll;
use web_socket::Socket;

pub(super) enum ActiveTransport {
    WebSocket(Socket),
    EventStream(EventStream),
    Poll(LongPoll),
}

impl ActiveTransport {
    /// Begins to connect to `path`. `None` when the browser refuses to; the client then counts a failure
    /// at its timeout.
    pub fn open(transport: Transport, path: &str, sink: &WeakSink) -> Option<Self> {
        match transport {
            Transport::WebSocket => Socket::open(path, sink).map(Self::WebSocket),
            Transport::EventStream => Some(Self::EventStream(EventStream::open(path, sink))),
            Transport::Poll => Some(Self::Poll(LongPoll::open(path, sink))),
        }
    }

    /// Sends a frame, or puts what it says into the next request.
    pub fn send(&self, frame: &str) {
        match self {
            Self::WebSocket(socket) => socket.send(frame),
            Self::EventStream(stream) => stream.send(frame),
            Self::Poll(poll) => poll.send(frame),
        }
    }
}
