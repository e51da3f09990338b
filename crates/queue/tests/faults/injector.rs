//! Injects faults into processes, connections and clocks.

use std::process::Command;

use db::{Db, params, sql};
use rand::{RngExt, rngs::StdRng, seq::IndexedRandom as _};

use crate::{node::LEASE, nodes::Nodes, proxy::Proxy};

/// A command that kills and restarts PostgreSQL; set only where no other test uses it.
const CRASH: &str = "FAULT_RESTART_POSTGRES";
const HOUR_MS: i64 = 3_600_000;

/// A kind of fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Kills a process with `kill -9` and starts a new one.
    Kill,
    /// Sends SIGTERM: the process hands back unfinished jobs and exits with 0, and a new one starts.
    Restart,
    /// Suspends a process for longer than a lease, then resumes it.
    Stop,
    /// Lets the server close every connection.
    Cut,
    /// Lets the server close the connections that listen for notifications.
    Deafen,
    /// Kills PostgreSQL and starts it again.
    Crash,
    /// Resets some connections.
    Reset,
    /// Delays some connections by up to two and a half leases.
    Delay,
    /// Closes some connections in one direction.
    HalfClose,
    /// Sets the clock of one node an hour ahead, an hour behind, or right.
    Clock,
    /// Sets the clocks of all nodes like that.
    Clocks,
}

/// The faults to choose from; frequent ones are listed several times.
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
    /// Some faults need the proxy that the nodes connect through.
    pub fn new(mix: Mix, network: Option<Proxy>) -> Self {
        let crash = std::env::var(CRASH).ok().filter(|command| !command.is_empty());
        Self { mix, network, crash, log: Vec::new() }
    }

    /// Injects one random fault.
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
            Kind::Clock => nodes.send_command(at, &clock(rng)),
            Kind::Clocks => nodes.send_command_to_all(&clock(rng)),
        }
    }

    /// Closes all other connections whose last query matches the pattern.
    async fn close(&self, db: &Db, query: &'static str) {
        let close = sql!(
            "select pg_terminate_backend(pid) as done from pg_stat_activity
             where datname = current_database() and pid <> pg_backend_pid() and query ilike $1"
        );
        // The server may close this connection too.
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

    /// Sets the clocks right; no fault follows.
    pub fn end(&self, nodes: &mut Nodes) {
        let mut kinds = Vec::new();
        for kind in &self.log {
            kinds.push(format!("{kind:?}"));
        }
        eprintln!("faults: {}", kinds.join(" "));
        nodes.send_command_to_all("clock 0");
        assert!(nodes.len() > 0);
    }
}

fn clock(rng: &mut StdRng) -> String {
    format!("clock {}", [-HOUR_MS, 0, HOUR_MS].choose(rng).unwrap())
}
