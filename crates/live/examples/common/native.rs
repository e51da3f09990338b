//! A native client: carries out what [`live::Client`] decides over a real socket. Refuses to decide
//! anything itself, as the browser's shell does.

use std::{
    io,
    net::{Ipv4Addr, SocketAddr, SocketAddrV4},
    time::Duration,
};

use futures::{FutureExt, SinkExt, StreamExt, future::BoxFuture};
use live::{Action, Client, Connection, Input, Refusal};
use serde_json::Value;
use tokio::{
    net::{TcpSocket, TcpStream},
    sync::mpsc,
    task::AbortHandle,
    time::{Instant, sleep_until, timeout},
};
use tokio_tungstenite::{
    WebSocketStream, client_async_with_config,
    tungstenite::{Message, protocol::WebSocketConfig},
};

type Socket = WebSocketStream<TcpStream>;

/// How long the kernel may take to accept one small frame.
const SEND_WITHIN: Duration = Duration::from_secs(1);

/// Where a server is.
#[derive(Clone, Debug)]
pub struct Target {
    pub server: SocketAddr,
    /// The path with its query, such as `/live`.
    pub path: String,
    /// The client's own address; ten thousand clients need more ports than one address has.
    pub from: Ipv4Addr,
    /// How many times faster than real ones the client's seconds pass.
    pub speed: i64,
}

/// What the client was told.
#[derive(Clone, Debug, PartialEq)]
pub enum Seen {
    Event { topic: String, seq: u64, payload: Value },
    Closed { topic: String, reason: Refusal },
    Connection(Connection),
}

/// What the client's owner wants.
#[derive(Clone, Debug)]
pub enum Wish {
    Join(String, u64),
    /// The machine falls asleep, and wakes up.
    Freeze,
    Thaw,
}

/// A client at work until it is dropped.
pub struct Native {
    wishes: mpsc::UnboundedSender<Wish>,
    task: AbortHandle,
}

impl Native {
    /// `hear` gets everything that the client is told, in order.
    pub fn start(target: Target, seed: u64, hear: impl FnMut(Seen) + Send + 'static) -> Self {
        let (wishes, wished) = mpsc::unbounded_channel();
        let shell = Shell {
            client: Client::new(seed),
            target,
            start: Instant::now(),
            opening: None,
            socket: None,
            wake: None,
            hear: Box::new(hear),
        };
        Self { wishes, task: tokio::spawn(shell.run(wished)).abort_handle() }
    }

    pub fn wish(&self, wish: Wish) {
        // A client that is gone wants nothing.
        let _ = self.wishes.send(wish);
    }
}

impl Drop for Native {
    fn drop(&mut self) {
        self.task.abort();
    }
}

struct Shell {
    client: Client,
    target: Target,
    start: Instant,
    opening: Option<BoxFuture<'static, Result<Socket, io::Error>>>,
    socket: Option<Socket>,
    wake: Option<Instant>,
    hear: Box<dyn FnMut(Seen) + Send>,
}

enum Happened {
    Wished(Wish),
    Opened(Result<Box<Socket>, io::Error>),
    Said(String),
    Broken,
    Nothing,
    Due,
}

impl Shell {
    async fn run(mut self, mut wished: mpsc::UnboundedReceiver<Wish>) {
        loop {
            let happened = tokio::select! {
                wish = wished.recv() => match wish {
                    Some(wish) => Happened::Wished(wish),
                    None => return,
                },
                opened = opened(&mut self.opening) => Happened::Opened(opened.map(Box::new)),
                heard = heard(&mut self.socket) => heard,
                () = sleep_until(self.wake.unwrap_or_else(Instant::now)), if self.wake.is_some() => Happened::Due,
            };
            let actions = self.decide(happened);
            self.carry_out(actions).await;
        }
    }

    fn decide(&mut self, happened: Happened) -> Vec<Action> {
        let now = self.now_ms();
        match happened {
            Happened::Wished(Wish::Join(topic, since)) => self.client.join(&topic, since, now),
            Happened::Wished(Wish::Freeze) => self.client.handle(Input::Frozen, now),
            Happened::Wished(Wish::Thaw) => self.client.handle(Input::Thawed, now),
            Happened::Opened(Ok(socket)) => {
                (self.opening, self.socket) = (None, Some(*socket));
                self.client.handle(Input::Opened, now)
            }
            Happened::Opened(Err(_)) | Happened::Broken => {
                (self.opening, self.socket) = (None, None);
                self.client.handle(Input::Closed, now)
            }
            Happened::Said(text) => self.client.handle(Input::Message(&text), now),
            Happened::Nothing => Vec::new(),
            Happened::Due => {
                self.wake = None;
                self.client.handle(Input::Tick, now)
            }
        }
    }

    async fn carry_out(&mut self, actions: Vec<Action>) {
        let mut actions = std::collections::VecDeque::from(actions);
        while let Some(action) = actions.pop_front() {
            match action {
                // This client knows no other transport.
                Action::Connect(_) => self.opening = Some(open(self.target.clone()).boxed()),
                Action::Disconnect => (self.opening, self.socket) = (None, None),
                Action::Send(frame) => {
                    if !self.send(frame).await && self.socket.take().is_some() {
                        actions.extend(self.client.handle(Input::Closed, self.now_ms()));
                    }
                }
                Action::Deliver { topic, seq, payload, .. } => (self.hear)(Seen::Event { topic, seq, payload }),
                Action::Closed { topic, reason } => (self.hear)(Seen::Closed { topic, reason }),
                Action::Connection(connection) => (self.hear)(Seen::Connection(connection)),
                Action::WakeAt(at) => {
                    let pause = (at - self.now_ms()).max(0).cast_unsigned();
                    let pause = Duration::from_millis(pause.div_ceil(self.target.speed.cast_unsigned()));
                    self.wake = Some(Instant::now() + pause);
                }
                Action::Replied { .. } | Action::Build(_) | Action::Presence { .. } => {}
            }
        }
    }

    async fn send(&mut self, frame: String) -> bool {
        let Some(socket) = &mut self.socket else { return false };
        timeout(SEND_WITHIN, socket.send(Message::text(frame))).await.is_ok_and(|sent| sent.is_ok())
    }

    fn now_ms(&self) -> i64 {
        let passed = i64::try_from(self.start.elapsed().as_millis()).unwrap_or(i64::MAX);
        passed.saturating_mul(self.target.speed)
    }
}

async fn opened(opening: &mut Option<BoxFuture<'static, Result<Socket, io::Error>>>) -> Result<Socket, io::Error> {
    match opening {
        Some(opening) => opening.await,
        None => std::future::pending().await,
    }
}

async fn heard(socket: &mut Option<Socket>) -> Happened {
    let Some(socket) = socket else { return std::future::pending().await };
    match socket.next().await {
        Some(Ok(Message::Text(text))) => Happened::Said(text.to_string()),
        Some(Ok(Message::Close(_)) | Err(_)) | None => Happened::Broken,
        Some(Ok(_)) => Happened::Nothing,
    }
}

async fn open(target: Target) -> Result<Socket, io::Error> {
    let socket = TcpSocket::new_v4()?;
    socket.bind(SocketAddr::V4(SocketAddrV4::new(target.from, 0)))?;
    let stream = socket.connect(target.server).await?;
    stream.set_nodelay(true)?;
    let url = format!("ws://{}{}", target.server, target.path);
    let config = WebSocketConfig::default().read_buffer_size(4 * 1024).write_buffer_size(0);
    let (socket, _) = client_async_with_config(url, stream, Some(config)).await.map_err(io::Error::other)?;
    Ok(socket)
}
