//! A native client that carries out what [`live::Client`] decides over a real socket. Like the browser's
//! driver, it decides nothing itself.

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

/// How long writing one frame may take.
const SEND_TIMEOUT: Duration = Duration::from_secs(1);

/// The server, and how to connect to it.
#[derive(Clone, Debug)]
pub struct Target {
    pub server: SocketAddr,
    /// The path with its query, such as `/live`.
    pub path: String,
    /// The client's own address, because thousands of clients need more ports than one address has.
    pub from: Ipv4Addr,
    /// How many times faster than real time the client's clock runs.
    pub speed: i64,
}

/// What the client reports.
#[derive(Clone, Debug, PartialEq)]
pub enum ClientEvent {
    Event { topic: String, seq: u64, payload: Value },
    Closed { topic: String, reason: Refusal },
    Connection(Connection),
}

/// A command to the client.
#[derive(Clone, Debug)]
pub enum ClientCommand {
    Join(String, u64),
    /// The browser freezes the page, and resumes it.
    Freeze,
    Resume,
}

/// A running client, which stops when it is dropped.
pub struct NativeClient {
    commands: mpsc::UnboundedSender<ClientCommand>,
    task: AbortHandle,
}

impl NativeClient {
    /// Starts a client that passes everything it receives to `on_event`, in order.
    pub fn start(target: Target, seed: u64, on_event: impl FnMut(ClientEvent) + Send + 'static) -> Self {
        let (commands, receiver) = mpsc::unbounded_channel();
        let driver = Driver {
            client: Client::new(seed),
            target,
            start: Instant::now(),
            connecting: None,
            socket: None,
            wake: None,
            on_event: Box::new(on_event),
        };
        Self { commands, task: tokio::spawn(driver.run(receiver)).abort_handle() }
    }

    pub fn send(&self, command: ClientCommand) {
        // It fails when the client has stopped.
        let _ = self.commands.send(command);
    }
}

impl Drop for NativeClient {
    fn drop(&mut self) {
        self.task.abort();
    }
}

struct Driver {
    client: Client,
    target: Target,
    start: Instant,
    connecting: Option<BoxFuture<'static, Result<Socket, io::Error>>>,
    socket: Option<Socket>,
    wake: Option<Instant>,
    on_event: Box<dyn FnMut(ClientEvent) + Send>,
}

enum Event {
    Command(ClientCommand),
    Opened(Result<Box<Socket>, io::Error>),
    Frame(String),
    Closed,
    Ignored,
    Timer,
}

impl Driver {
    async fn run(mut self, mut receiver: mpsc::UnboundedReceiver<ClientCommand>) {
        loop {
            let event = tokio::select! {
                command = receiver.recv() => match command {
                    Some(command) => Event::Command(command),
                    None => return,
                },
                opened = opened(&mut self.connecting) => Event::Opened(opened.map(Box::new)),
                frame = next_frame(&mut self.socket) => frame,
                () = sleep_until(self.wake.unwrap_or_else(Instant::now)), if self.wake.is_some() => Event::Timer,
            };
            let actions = self.decide(event);
            self.carry_out(actions).await;
        }
    }

    fn decide(&mut self, event: Event) -> Vec<Action> {
        let now = self.now_ms();
        match event {
            Event::Command(ClientCommand::Join(topic, since)) => self.client.join(&topic, since, now),
            Event::Command(ClientCommand::Freeze) => self.client.handle(Input::Frozen, now),
            Event::Command(ClientCommand::Resume) => self.client.handle(Input::Resumed, now),
            Event::Opened(Ok(socket)) => {
                (self.connecting, self.socket) = (None, Some(*socket));
                self.client.handle(Input::Opened, now)
            }
            Event::Opened(Err(_)) | Event::Closed => {
                (self.connecting, self.socket) = (None, None);
                self.client.handle(Input::Closed, now)
            }
            Event::Frame(text) => self.client.handle(Input::Message(&text), now),
            Event::Ignored => Vec::new(),
            Event::Timer => {
                self.wake = None;
                self.client.handle(Input::Tick, now)
            }
        }
    }

    async fn carry_out(&mut self, actions: Vec<Action>) {
        let mut actions = std::collections::VecDeque::from(actions);
        while let Some(action) = actions.pop_front() {
            match action {
                // This client has only WebSockets.
                Action::Connect(_) => self.connecting = Some(open(self.target.clone()).boxed()),
                Action::Disconnect => (self.connecting, self.socket) = (None, None),
                Action::Send(frame) => {
                    if !self.send(frame).await && self.socket.take().is_some() {
                        actions.extend(self.client.handle(Input::Closed, self.now_ms()));
                    }
                }
                Action::Deliver { topic, seq, payload, .. } => {
                    (self.on_event)(ClientEvent::Event { topic, seq, payload })
                }
                Action::Closed { topic, reason } => (self.on_event)(ClientEvent::Closed { topic, reason }),
                Action::ConnectionChanged(connection) => (self.on_event)(ClientEvent::Connection(connection)),
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
        timeout(SEND_TIMEOUT, socket.send(Message::text(frame))).await.is_ok_and(|sent| sent.is_ok())
    }

    fn now_ms(&self) -> i64 {
        let elapsed = i64::try_from(self.start.elapsed().as_millis()).unwrap_or(i64::MAX);
        elapsed.saturating_mul(self.target.speed)
    }
}

async fn opened(connecting: &mut Option<BoxFuture<'static, Result<Socket, io::Error>>>) -> Result<Socket, io::Error> {
    match connecting {
        Some(connecting) => connecting.await,
        None => std::future::pending().await,
    }
}

async fn next_frame(socket: &mut Option<Socket>) -> Event {
    let Some(socket) = socket else { return std::future::pending().await };
    match socket.next().await {
        Some(Ok(Message::Text(text))) => Event::Frame(text.to_string()),
        Some(Ok(Message::Close(_)) | Err(_)) | None => Event::Closed,
        Some(Ok(_)) => Event::Ignored,
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
