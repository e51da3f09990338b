//! The product's own live client on a real WebSocket.

use domain::{
    Fold,
    application::{ApplicationEvent, ApplicationState},
};
use futures::{SinkExt, StreamExt};
use live::{Action, Client, Input};
use tokio::{
    net::TcpStream,
    sync::watch,
    time::{Duration, Instant, sleep_until},
};
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream, connect_async,
    tungstenite::{Message, client::IntoClientRequest},
};

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// What the client received.
#[derive(Clone, Debug, Default)]
pub struct Followed {
    pub seqs: Vec<u64>,
    pub state: ApplicationState,
    /// How many sockets were opened.
    pub sockets: usize,
}

/// Follows `topic` from its first event for as long as it is polled, and updates `seen`.
pub async fn follow(address: &str, cookie: &str, topic: &str, seen: watch::Sender<Followed>) {
    let start = Instant::now();
    let now = || start.elapsed().as_millis() as i64;
    let mut client = Client::new(7);
    let (mut socket, mut wake): (Option<Socket>, _) = (None, start + Duration::from_secs(3600));
    let mut actions = client.join(topic, 0, now());
    loop {
        let mut opened = None;
        for action in std::mem::take(&mut actions) {
            match action {
                Action::Connect(_) => {
                    let mut request = format!("ws://{address}/live").into_client_request().unwrap();
                    request.headers_mut().insert("cookie", cookie.parse().unwrap());
                    socket = connect_async(request).await.ok().map(|(socket, _)| socket);
                    opened = Some(if socket.is_some() { Input::Opened } else { Input::Closed });
                }
                Action::Disconnect => socket = None,
                Action::Send(frame) => {
                    if let Some(socket) = &mut socket {
                        // Reading reports a socket that cannot send.
                        let _ = socket.send(Message::text(frame)).await;
                    }
                }
                Action::WakeAt(at) => wake = start + Duration::from_millis(at.try_into().unwrap_or(0)),
                Action::Deliver { seq, payload, .. } => seen.send_modify(|seen| {
                    seen.seqs.push(seq);
                    seen.state.apply(serde_json::from_value::<ApplicationEvent>(payload).unwrap());
                }),
                Action::Closed { reason, .. } => panic!("the topic was closed: {reason:?}"),
                Action::ConnectionChanged(_) | Action::Replied { .. } | Action::Build(_) | Action::Presence { .. } => {}
            }
        }
        if let Some(input) = opened {
            seen.send_modify(|seen| seen.sockets += usize::from(input == Input::Opened));
            actions = client.handle(input, now());
            continue;
        }
        let heard = async {
            match &mut socket {
                Some(socket) => socket.next().await,
                None => std::future::pending().await,
            }
        };
        actions = tokio::select! {
            message = heard => match message {
                Some(Ok(Message::Text(text))) => client.handle(Input::Message(&text), now()),
                Some(Ok(Message::Ping(_) | Message::Pong(_) | Message::Binary(_) | Message::Frame(_))) => Vec::new(),
                Some(Ok(Message::Close(_)) | Err(_)) | None => {
                    socket = None;
                    client.handle(Input::Closed, now())
                }
            },
            () = sleep_until(wake) => {
                wake = start + Duration::from_secs(3600);
                client.handle(Input::Tick, now())
            }
        };
    }
}
