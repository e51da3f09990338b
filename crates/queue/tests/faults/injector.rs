//! What happens to the processes, their connections and their clocks.

use std::process::Command;

use db::{Db, params, sql};
use rand::{RngExt, rngs::StdRng, seq::IndexedRandom as _};

use crate::{node::LEASE, nodes::Nodes, proxy::Proxy};

/// A command that restarts PostgreSQL at once, without a farewell; only where no other test uses it.
const CRASH: &str = "FAULT_RESTART_POSTGRES";
const HOUR_MS: i64 = 3_600_000;

/// Faults of one kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `kill -9` in the middle of jobs, and a new process.
    Kill,
    /// SIGTERM: it hands back what does not finish soon, ends with 0, and a new process comes.
    Restart,
    /// Stopped for longer than a lease, then it comes back and knows nothing of it.
    Stop,
    /// The server closes every connection.
    Cut,
    /// The server closes the connections that hear hints.
    Deafen,
    /// PostgreSQL is killed and started again.
    Crash,
    /// The network resets some connections.
    Reset,
    /// The network delays some connections, by up to two and a half leases.
    Delay,
    /// The network closes some connections one way.
    HalfClose,
    /// One node's clock is an hour ahead, or an hour behind, or right again.
    Clock,
    /// The clocks of all nodes are.
    Clocks,
}

/// Which faults a run has, the frequent ones several times.
pub type Mix = &'static [Kind];

pub const KILLS: Mix = &[Kind::Kill];
pub const ON_SQLITE: Mix = &[Kind::Kill, Kind::Kill, Kind::Restart, Kind::Clock];
pub const ON_POSTGRES: Mix = &[
    Kind::Kill,
    Kind::Kill,
    Kind::Restart,
    Kind::Stop,
    Kind::Stop,
    Kind::Cut,
    Kind::Deafen,
    Kind::Crash,
    Kind::Reset,
    Kind::Reset,
    Kind::Delay,
    Kind::Delay,
    Kind::HalfClose,
    Kind::Clock,
    Kind::Clocks,
];

pub struct Injector {
    mix: Mix,
    network: Option<Proxy>,
    crash: Option<String>,
    log: Vec<Kind>,
}

impl Injector {
    /// Some need the network that the nodes use.
    pub fn new(mix: Mix, network: Option<Proxy>) -> Self {
        let crash = std::env::var(CRASH).ok().filter(|command| !command.is_empty());
        Self { mix, network, crash, log: Vec::new() }
    }

    /// One fault, chosen by chance.
    pub async fn inject(&mut self, rng: &mut StdRng, db: &Db, nodes: &mut Nodes) {
        let kind = match *self.mix.choose(rng).unwrap() {
            Kind::Crash if self.crash.is_none() => Kind::Kill,
            kind => kind,
        };
        self.log.push(kind);
        let at = rng.random_range(0..nodes.len());
        match kind {
            Kind::Kill => nodes.replace(at),
            Kind::Stop => {
                nodes.signal(at, "STOP");
                tokio::time::sleep(LEASE * 5 / 2).await;
                nodes.signal(at, "CONT");
            }
            Kind::Cut => self.close(db, "%").await,
            Kind::Deafen => self.close(db, "listen%").await,
            Kind::Crash => self.crash(),
            Kind::Restart => nodes.restart(at).await,
            Kind::Reset => self.network().cut_some(rng),
            Kind::Delay => self.network().hold_some(rng, LEASE * 5 / 2),
            Kind::HalfClose => self.network().half_close_some(rng),
            Kind::Clock => nodes.tell(at, &clock(rng)),
            Kind::Clocks => nodes.tell_all(&clock(rng)),
        }
    }

    /// Closes the connections whose last query is like this, but not this one.
    async fn close(&self, db: &Db, query: &'static str) {
        let close = sql!(
            "select pg_terminate_backend(pid) as done from pg_stat_activity
             where datname = current_database() and pid <> pg_backend_pid() and query ilike $1"
        );
        // It may be this connection's turn to be cut as well.
        let _ = db.all(close, params![query]).await;
    }

    fn crash(&self) {
        let command = self.crash.as_ref().unwrap();
        let done = Command::new("sh").args(["-c", command]).status().unwrap();
        assert!(done.success(), "PostgreSQL starts again");
    }

    fn network(&self) -> &Proxy {
        self.network.as_ref().expect("a network")
    }

    /// From here on all goes well.
    pub fn end(&self, nodes: &mut Nodes) {
        let mut kinds = Vec::new();
        for kind in &self.log {
            kinds.push(format!("{kind:?}"));
        }
        eprintln!("faults: {}", kinds.join(" "));
        nodes.tell_all("clock 0");
        assert!(nodes.len() > 0);
    }
}

fn clock(rng: &mut StdRng) -> String {
    format!("clock {}", [-HOUR_MS, 0, HOUR_MS].choose(rng).unwrap())
}
