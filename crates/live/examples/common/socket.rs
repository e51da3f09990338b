//! The transport of a session, as `server/src/live_socket.rs` has it for the product. What one of
//! them costs, the other one costs.

use std::sync::Arc;

use axum::{
    extract::{
        WebSocketUpgrade,
        ws::{CloseFrame, Message, WebSocket},
    },
    response::Response,
};
use futures::{Sink, SinkExt, Stream, StreamExt};
use live::{Authorise, Hub, Incoming, Limits, Outgoing};
use tokio_util::sync::CancellationToken;

const MESSAGE_BYTES: usize = 64 * 1024;
const BUFFER_BYTES: usize = 1024;
/// The frames of a replay go out in packs of this many bytes; a single one goes at once.
const PACK_BYTES: usize = 4 * 1024;

/// What a session needs beside its socket.
#[derive(Clone)]
pub struct Live {
    pub hub: Hub,
    pub limits: Limits,
    pub stop: CancellationToken,
}

/// Answers the upgrade, and serves the socket; `hears` stands between the client and the session.
pub fn upgrade<S>(
    upgrade: WebSocketUpgrade,
    live: Live,
    auth: Arc<dyn Authorise>,
    hears: impl FnOnce(Incomings) -> S + Send + 'static,
) -> Response
where
    S: Stream<Item = Incoming> + Send + 'static,
{
    upgrade
        .max_message_size(MESSAGE_BYTES)
        .max_frame_size(MESSAGE_BYTES)
        .read_buffer_size(BUFFER_BYTES)
        .write_buffer_size(PACK_BYTES)
        .on_upgrade(move |socket| async move {
            let (incoming, outgoing) = split(socket);
            let Live { hub, limits, stop } = live;
            live::serve(hears(incoming), outgoing, hub, auth, limits, stop).await;
        })
}

/// What a client says.
pub type Incomings = std::pin::Pin<Box<dyn Stream<Item = Incoming> + Send>>;

fn split(socket: WebSocket) -> (Incomings, impl Sink<Outgoing> + Send) {
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
