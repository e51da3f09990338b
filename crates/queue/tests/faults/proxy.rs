//! A network between the nodes and PostgreSQL, and what can happen in it.
//!
//! Nodes reach it over TCP on the loopback interface; it reaches PostgreSQL by its socket.

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

/// What happens to a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Order {
    Flow,
    /// Nothing passes until then, in either direction.
    Hold(Instant),
    /// It is reset, whatever is under way.
    Cut,
    /// What goes this way ends; what comes the other way does not.
    HalfClose(Way),
}

/// Which way bytes go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    ToDatabase,
    ToNode,
}

type Links = Arc<Mutex<Vec<watch::Sender<Order>>>>;

pub struct Proxy {
    links: Links,
    accepting: AbortHandle,
}

impl Proxy {
    /// In front of the database of this URL, which names the folder of a socket; and the URL of the
    /// database through it.
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

    /// About a half of the connections are reset.
    pub fn cut_some(&self, rng: &mut StdRng) {
        self.order(rng, |_| Order::Cut);
    }

    /// About a half of the connections stand still for a time of up to `longest`, each for its own.
    pub fn hold_some(&self, rng: &mut StdRng, longest: Duration) {
        let now = Instant::now();
        self.order(rng, |rng| Order::Hold(now + longest.mul_f64(rng.random_range(0.1..1.0))));
    }

    /// About a half of the connections are closed one way.
    pub fn half_close_some(&self, rng: &mut StdRng) {
        self.order(rng, |rng| Order::HalfClose(if rng.random() { Way::ToDatabase } else { Way::ToNode }));
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
        // PostgreSQL may be starting again; then the node's connection ends here.
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
        let there = pump(from_node, to_database, Way::ToDatabase, orders.clone());
        let back = pump(from_database, to_node, Way::ToNode, orders.clone());
        let _ = tokio::join!(there, back);
        *orders.borrow() == Order::Cut
    };
    if cut {
        let _ = node.set_zero_linger();
    }
}

/// Passes on what comes, until one side ends or the connection is cut.
async fn pump(
    mut from: impl AsyncRead + Unpin,
    mut to: impl AsyncWrite + Unpin,
    way: Way,
    mut orders: watch::Receiver<Order>,
) -> std::io::Result<()> {
    let mut bytes = vec![0; 16 * 1_024];
    loop {
        let read = tokio::select! {
            // A reset is an end as well.
            read = from.read(&mut bytes) => read.unwrap_or(0),
            () = ended(&mut orders, way) => 0,
        };
        held(&mut orders).await;
        if read == 0 || is_over(*orders.borrow(), way) {
            return to.shutdown().await;
        }
        to.write_all(&bytes[..read]).await?;
    }
}

fn is_over(order: Order, way: Way) -> bool {
    order == Order::Cut || order == Order::HalfClose(way)
}

async fn ended(orders: &mut watch::Receiver<Order>, way: Way) {
    if orders.wait_for(|order| is_over(*order, way)).await.is_err() {
        // The proxy is gone; its connections live on until a side ends.
        std::future::pending::<()>().await;
    }
}

/// For as long as the connection stands still.
async fn held(orders: &mut watch::Receiver<Order>) {
    loop {
        let order = *orders.borrow_and_update();
        let Order::Hold(until) = order else { return };
        tokio::select! {
            () = tokio::time::sleep_until(until) => return,
            // Another order; or the proxy is gone.
            changed = orders.changed() => if changed.is_err() { return },
        }
    }
}
