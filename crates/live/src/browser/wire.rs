//! How frames travel to the server and back. Dropped, a wire is cut and never heard again.

mod asked;
mod poll;
mod socket;
mod stream;

use std::rc::Rc;

use super::shell::Shell;
use crate::client::Transport;
use poll::Poll;
use socket::Socket;
use stream::Stream;

pub(super) enum Wire {
    Socket(Socket),
    Stream(Stream),
    Poll(Poll),
}

impl Wire {
    /// Begins to connect to `path`. `None` when the browser refuses even that; the client's own
    /// time-out then counts it as a failure.
    pub fn open(transport: Transport, path: &str, shell: &Rc<Shell>) -> Option<Self> {
        match transport {
            Transport::WebSocket => Socket::open(path, shell).map(Self::Socket),
            Transport::EventStream => Some(Self::Stream(Stream::open(path, shell))),
            Transport::Poll => Some(Self::Poll(Poll::open(path, shell))),
        }
    }

    pub fn send(&self, frame: &str) {
        match self {
            Self::Socket(socket) => socket.send(frame),
            Self::Stream(stream) => stream.send(frame),
            Self::Poll(poll) => poll.send(frame),
        }
    }
}
