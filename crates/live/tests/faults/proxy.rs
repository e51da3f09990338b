//! A TCP proxy between the clients and the nodes: cuts, delays, half-closes, swallows.

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

/// What becomes of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    Flows,
    /// Each piece takes so long.
    Slow(Duration),
    /// Gone, in the middle of whatever was on its way.
    Cut,
    /// One side hears that the other one has closed, which has not.
    HalfClosed(Side),
    /// What one side says is lost, and nobody is told.
    Swallowed(Side),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Side {
    Client,
    Server,
}

#[derive(Default)]
struct Lines {
    nodes: Vec<SocketAddr>,
    /// Where the next connection goes.
    turn: usize,
    newest: u64,
    links: BTreeMap<u64, watch::Sender<Fate>>,
}

pub struct Proxy {
    pub address: SocketAddr,
    lines: Arc<Mutex<Lines>>,
    task: AbortHandle,
}

impl Proxy {
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (address, lines) = (listener.local_addr().unwrap(), Arc::<Mutex<Lines>>::default());
        let task = tokio::spawn(accept(listener, Arc::clone(&lines))).abort_handle();
        Self { address, lines, task }
    }

    /// Where connections go from now on, in turns.
    pub fn lead_to(&self, nodes: Vec<SocketAddr>) {
        self.lines.lock().unwrap().nodes = nodes;
    }

    /// Does one thing to about half of the connections; what it was.
    pub fn storm(&self, rng: &mut StdRng) -> &'static str {
        let side = if rng.random() { Side::Client } else { Side::Server };
        let (fate, name) = match rng.random_range(0..4) {
            0 => (Fate::Cut, "cut"),
            1 => (Fate::Slow(Duration::from_millis(rng.random_range(5..40))), "slow"),
            2 => (Fate::HalfClosed(side), "half-close"),
            _ => (Fate::Swallowed(side), "swallow"),
        };
        // How many connections there are differs between two runs of a seed; what follows must not.
        let mut coins = StdRng::seed_from_u64(rng.random());
        let lines = self.lines.lock().unwrap();
        for link in lines.links.values() {
            if coins.random() {
                link.send_replace(fate);
            }
        }
        name
    }

    /// What is slow flows again; the rest is past help, and both ends have to find out.
    pub fn calm(&self) {
        let slow = |fate: &mut Fate| {
            let is_slow = matches!(fate, Fate::Slow(_));
            if is_slow {
                *fate = Fate::Flows;
            }
            is_slow
        };
        for link in self.lines.lock().unwrap().links.values() {
            link.send_if_modified(slow);
        }
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn accept(listener: TcpListener, lines: Arc<Mutex<Lines>>) {
    while let Ok((client, _)) = listener.accept().await {
        tokio::spawn(link(client, Arc::clone(&lines)));
    }
}

async fn link(client: TcpStream, lines: Arc<Mutex<Lines>>) {
    let (number, node, fate) = {
        let mut lines = lines.lock().unwrap();
        lines.turn += 1;
        lines.newest += 1;
        if lines.nodes.is_empty() {
            return;
        }
        let (number, node) = (lines.newest, lines.nodes[lines.turn % lines.nodes.len()]);
        let (sender, fate) = watch::channel(Fate::Flows);
        lines.links.insert(number, sender);
        (number, node, fate)
    };
    if let Ok(server) = TcpStream::connect(node).await {
        let ((hears_client, to_client), (hears_server, to_server)) = (client.into_split(), server.into_split());
        tokio::join!(
            pump(Side::Client, hears_client, to_server, fate.clone()),
            pump(Side::Server, hears_server, to_client, fate),
        );
    }
    lines.lock().unwrap().links.remove(&number);
}

/// Carries what `side` says, in pieces that end anywhere.
async fn pump(side: Side, mut from: OwnedReadHalf, mut to: OwnedWriteHalf, mut fate: watch::Receiver<Fate>) {
    let mut piece = [0; 113];
    loop {
        let now = *fate.borrow_and_update();
        if now == Fate::Cut || now == Fate::HalfClosed(side) {
            return;
        }
        let read = tokio::select! {
            biased;
            changed = fate.changed() => if changed.is_ok() { continue } else { return },
            read = from.read(&mut piece) => read,
        };
        let Ok(length @ 1..) = read else { return };
        if let Fate::Slow(pause) = now {
            tokio::time::sleep(pause).await;
        }
        if now != Fate::Swallowed(side) && to.write_all(&piece[..length]).await.is_err() {
            return;
        }
    }
}
