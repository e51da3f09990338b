//! A TCP proxy between the clients and the nodes that cuts, delays, half-closes and drops.

use std::{
    collections::BTreeMap,
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::Duration,
};

use rand::{RngExt, SeedableRng, rngs::StdRng};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{
        TcpListener, TcpStream,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
    sync::watch,
    task::AbortHandle,
};

/// The state of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum LinkState {
    Normal,
    /// Delays each chunk by this time.
    Slow(Duration),
    /// Closed on both sides, at any byte.
    Cut,
    /// Closed towards one side only.
    HalfClosed(Side),
    /// Drops what one side sends; the connection stays open.
    Dropping(Side),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Side {
    Client,
    Server,
}

#[derive(Default)]
struct ProxyState {
    nodes: Vec<SocketAddr>,
    /// Counts connections, to distribute them over the nodes.
    next: usize,
    last_link: u64,
    links: BTreeMap<u64, watch::Sender<LinkState>>,
}

pub struct Proxy {
    pub address: SocketAddr,
    shared: Arc<Mutex<ProxyState>>,
    task: AbortHandle,
}

impl Proxy {
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (address, shared) = (listener.local_addr().unwrap(), Arc::<Mutex<ProxyState>>::default());
        let task = tokio::spawn(accept(listener, Arc::clone(&shared))).abort_handle();
        Self { address, shared, task }
    }

    /// Sets the nodes that new connections go to, in turns.
    pub fn set_nodes(&self, nodes: Vec<SocketAddr>) {
        self.shared.lock().unwrap().nodes = nodes;
    }

    /// Injects one fault into about half of the connections, and returns its name.
    pub fn inject(&self, rng: &mut StdRng) -> &'static str {
        let side = if rng.random() { Side::Client } else { Side::Server };
        let (state, name) = match rng.random_range(0..4) {
            0 => (LinkState::Cut, "cut"),
            1 => (LinkState::Slow(Duration::from_millis(rng.random_range(5..40))), "slow"),
            2 => (LinkState::HalfClosed(side), "half-close"),
            _ => (LinkState::Dropping(side), "drop"),
        };
        // The number of connections differs between two runs of a seed, but the faults after this must not.
        let mut coins = StdRng::seed_from_u64(rng.random());
        let shared = self.shared.lock().unwrap();
        for link in shared.links.values() {
            if coins.random() {
                link.send_replace(state);
            }
        }
        name
    }

    /// Ends the delays. Other faults stay, because both ends have to notice them.
    pub fn restore(&self) {
        let slow = |state: &mut LinkState| {
            let is_slow = matches!(state, LinkState::Slow(_));
            if is_slow {
                *state = LinkState::Normal;
            }
            is_slow
        };
        for link in self.shared.lock().unwrap().links.values() {
            link.send_if_modified(slow);
        }
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn accept(listener: TcpListener, shared: Arc<Mutex<ProxyState>>) {
    while let Ok((client, _)) = listener.accept().await {
        tokio::spawn(link(client, Arc::clone(&shared)));
    }
}

async fn link(client: TcpStream, shared: Arc<Mutex<ProxyState>>) {
    let (number, node, state) = {
        let mut shared = shared.lock().unwrap();
        shared.next += 1;
        shared.last_link += 1;
        if shared.nodes.is_empty() {
            return;
        }
        let (number, node) = (shared.last_link, shared.nodes[shared.next % shared.nodes.len()]);
        let (sender, state) = watch::channel(LinkState::Normal);
        shared.links.insert(number, sender);
        (number, node, state)
    };
    if let Ok(server) = TcpStream::connect(node).await {
        let ((from_client, to_client), (from_server, to_server)) = (client.into_split(), server.into_split());
        tokio::join!(
            pump(Side::Client, from_client, to_server, state.clone()),
            pump(Side::Server, from_server, to_client, state),
        );
    }
    shared.lock().unwrap().links.remove(&number);
}

/// Forwards what `side` sends, in chunks that end anywhere in a frame.
async fn pump(side: Side, mut from: OwnedReadHalf, mut to: OwnedWriteHalf, mut state: watch::Receiver<LinkState>) {
    let mut chunk = [0; 113];
    loop {
        let now = *state.borrow_and_update();
        if now == LinkState::Cut || now == LinkState::HalfClosed(side) {
            return;
        }
        let read = tokio::select! {
            biased;
            changed = state.changed() => if changed.is_ok() { continue } else { return },
            read = from.read(&mut chunk) => read,
        };
        let Ok(length @ 1..) = read else { return };
        if let LinkState::Slow(pause) = now {
            tokio::time::sleep(pause).await;
        }
        if now != LinkState::Dropping(side) && to.write_all(&chunk[..length]).await.is_err() {
            return;
        }
    }
}
