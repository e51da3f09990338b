//! A proxy between the nodes and PostgreSQL that injects faults of the network.
//!
//! Nodes connect to it over TCP on the loopback interface; it connects to PostgreSQL over its Unix socket.

use std::{
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
    time::Duration,
};

use rand::{RngExt, rngs::StdRng};
use tokio::{
    io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _},
    net::{TcpListener, TcpStream, UnixStream},
    sync::watch,
    task::{AbortHandle, JoinSet},
    time::Instant,
};

/// What to do with a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Order {
    Flow,
    /// Passes nothing on in either direction until then.
    Hold(Instant),
    /// Resets the connection.
    Cut,
    /// Closes one direction and keeps the other one open.
    HalfClose(Direction),
}

/// The direction in which bytes go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Direction {
    ToDatabase,
    ToNode,
}

type Links = Arc<Mutex<Vec<watch::Sender<Order>>>>;

pub struct Proxy {
    links: Links,
    accepting: AbortHandle,
}

impl Proxy {
    /// Starts a proxy for the database of this URL, which has to name the folder of a socket. Returns the
    /// proxy and the URL of the database through it.
    pub async fn before(url: &str) -> (Self, String) {
        let (database, options) = url.trim_start_matches("postgres:///").split_once('?').unwrap();
        let folder = options.split('&').find_map(|option| option.strip_prefix("host=")).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let (links, socket) = (Links::default(), Path::new(folder).join(".s.PGSQL.5432"));
        let accepting = tokio::spawn(accept(listener, socket, Arc::clone(&links))).abort_handle();
        let through = format!("postgres://postgres@127.0.0.1:{port}/{database}?sslmode=disable");
        (Self { links, accepting }, through)
    }

    /// Resets about half of the connections.
    pub fn cut_some(&self, rng: &mut StdRng) {
        self.order(rng, |_| Order::Cut);
    }

    /// Holds up about half of the connections, each for its own time of up to `max`.
    pub fn hold_some(&self, rng: &mut StdRng, max: Duration) {
        let now = Instant::now();
        self.order(rng, |rng| Order::Hold(now + max.mul_f64(rng.random_range(0.1..1.0))));
    }

    /// Closes about half of the connections in one direction.
    pub fn half_close_some(&self, rng: &mut StdRng) {
        self.order(rng, |rng| Order::HalfClose(if rng.random() { Direction::ToDatabase } else { Direction::ToNode }));
    }

    fn order(&self, rng: &mut StdRng, order: impl Fn(&mut StdRng) -> Order) {
        let mut links = self.links.lock().unwrap();
        links.retain(|link| !link.is_closed());
        for link in links.iter() {
            if rng.random() {
                link.send_replace(order(rng));
            }
        }
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

async fn accept(listener: TcpListener, socket: PathBuf, links: Links) {
    let mut bridges = JoinSet::new();
    loop {
        let (node, _) = listener.accept().await.unwrap();
        // PostgreSQL may be restarting; then the node's connection ends here.
        let Ok(database) = UnixStream::connect(&socket).await else { continue };
        let (order, orders) = watch::channel(Order::Flow);
        links.lock().unwrap().push(order);
        bridges.spawn(bridge(node, database, orders));
        while bridges.try_join_next().is_some() {}
    }
}

async fn bridge(mut node: TcpStream, mut database: UnixStream, orders: watch::Receiver<Order>) {
    let cut = {
        let ((from_node, to_node), (from_database, to_database)) = (node.split(), database.split());
        let there = pump(from_node, to_database, Direction::ToDatabase, orders.clone());
        let back = pump(from_database, to_node, Direction::ToNode, orders.clone());
        let _ = tokio::join!(there, back);
        *orders.borrow() == Order::Cut
    };
    if cut {
        let _ = node.set_zero_linger();
    }
}

/// Copies bytes until one side ends or the connection is cut.
async fn pump(
    mut from: impl AsyncRead + Unpin,
    mut to: impl AsyncWrite + Unpin,
    direction: Direction,
    mut orders: watch::Receiver<Order>,
) -> std::io::Result<()> {
    let mut bytes = vec![0; 16 * 1_024];
    loop {
        let read = tokio::select! {
            // A reset counts as an end.
            read = from.read(&mut bytes) => read.unwrap_or(0),
            () = ended(&mut orders, direction) => 0,
        };
        wait_while_held(&mut orders).await;
        if read == 0 || is_over(*orders.borrow(), direction) {
            return to.shutdown().await;
        }
        to.write_all(&bytes[..read]).await?;
    }
}

fn is_over(order: Order, direction: Direction) -> bool {
    order == Order::Cut || order == Order::HalfClose(direction)
}

async fn ended(orders: &mut watch::Receiver<Order>, direction: Direction) {
    if orders.wait_for(|order| is_over(*order, direction)).await.is_err() {
        // The proxy is gone; its connections live on until one side ends.
        std::future::pending::<()>().await;
    }
}

/// Waits while the connection is held up.
async fn wait_while_held(orders: &mut watch::Receiver<Order>) {
    loop {
        let order = *orders.borrow_and_update();
        let Order::Hold(until) = order else { return };
        tokio::select! {
            () = tokio::time::sleep_until(until) => return,
            // Another order arrived, or the proxy is gone.
            changed = orders.changed() => if changed.is_err() { return },
        }
    }
}
