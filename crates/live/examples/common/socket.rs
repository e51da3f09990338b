//! The transport of a session, with the same settings as the product's `server/src/live_socket.rs`, so that
//! both cost the same.

use std::sync::Arc;

use axum::{
    extract::{
        WebSocketUpgrade,
        ws::{CloseFrame, Message, WebSocket},
    },
    response::Response,
};
use futures::{Sink, SinkExt, Stream, StreamExt};
use live::{Authorize, Hub, Incoming, Limits, Outgoing};
use tokio_util::sync::CancellationToken;

const MAX_MESSAGE_BYTES: usize = 64 * 1024;
const READ_BUFFER_BYTES: usize = 1024;
/// The frames of a replay are written in batches of this many bytes; a single frame is written at once.
const WRITE_BUFFER_BYTES: usize = 4 * 1024;

/// What a session needs besides its socket.
#[derive(Clone)]
pub struct Live {
    pub hub: Hub,
    pub limits: Limits,
    pub stop: CancellationToken,
}

/// Answers the upgrade and serves the socket. `map_incoming` may change what the client sends.
pub fn upgrade<S>(
    upgrade: WebSocketUpgrade,
    live: Live,
    auth: Arc<dyn Authorize>,
    map_incoming: impl FnOnce(IncomingStream) -> S + Send + 'static,
) -> Response
where
    S: Stream<Item = Incoming> + Send + 'static,
{
    upgrade
        .max_message_size(MAX_MESSAGE_BYTES)
        .max_frame_size(MAX_MESSAGE_BYTES)
        .read_buffer_size(READ_BUFFER_BYTES)
        .write_buffer_size(WRITE_BUFFER_BYTES)
        .on_upgrade(move |socket| async move {
            let (incoming, outgoing) = split(socket);
            let Live { hub, limits, stop } = live;
            live::serve(map_incoming(incoming), outgoing, hub, auth, limits, stop).await;
        })
}

/// The messages of a client.
pub type IncomingStream = std::pin::Pin<Box<dyn Stream<Item = Incoming> + Send>>;

fn split(socket: WebSocket) -> (IncomingStream, impl Sink<Outgoing> + Send) {
    let (sink, stream) = socket.split();
    let incoming = stream.filter_map(async |message| match message {
        Ok(Message::Text(text)) => Some(Incoming::Text(text.to_string())),
        Ok(Message::Close(_)) | Err(_) => Some(Incoming::Closed),
        Ok(Message::Binary(_) | Message::Ping(_) | Message::Pong(_)) => None,
    });
    let outgoing = sink.with(async |frame: Outgoing| Ok::<_, axum::Error>(message(frame)));
    (Box::pin(incoming), Box::pin(outgoing))
}

fn message(frame: Outgoing) -> Message {
    match frame {
        Outgoing::Text(text) => Message::Text(text.as_ref().into()),
        Outgoing::Close(code, reason) => Message::Close(Some(CloseFrame { code, reason: reason.into() })),
    }
}
