//! What happens to the processes and their connections.

use std::{process::Command, time::Duration};

use db::{Db, params, sql};
use rand::{Rng, rngs::StdRng};

use crate::node::{LEASE, Nodes};

/// A command that restarts PostgreSQL at once, without a farewell; only where no other test uses it.
const RESTART: &str = "FAULT_RESTART_POSTGRES";

pub struct Trouble {
    several: bool,
    restart: Option<String>,
    log: Vec<&'static str>,
}

impl Trouble {
    pub fn new(several: bool) -> Self {
        let restart = std::env::var(RESTART).ok().filter(|command| several && !command.is_empty());
        Self { several, restart, log: Vec::new() }
    }

    /// One fault, chosen by chance.
    pub async fn happen(&mut self, rng: &mut StdRng, db: &Db, nodes: &mut Nodes) {
        let at = rng.random_range(0..nodes.len());
        let kind = rng.random_range(0..if self.several { 6 } else { 1 });
        self.log.push(match kind {
            0 | 1 => {
                nodes.kill(at);
                nodes.start();
                "kill"
            }
            2 | 3 => {
                // The others take over, then it comes back and knows nothing of it.
                nodes.signal(at, "STOP");
                tokio::time::sleep(LEASE * 5 / 2).await;
                nodes.signal(at, "CONT");
                "stop"
            }
            4 => {
                let cut = sql!(
                    "select pg_terminate_backend(pid) as done from pg_stat_activity
                     where datname = current_database() and pid <> pg_backend_pid()"
                );
                // It may be this connection's turn to be cut as well.
                let _ = db.all(cut, params![]).await;
                "cut"
            }
            _ => self.restart_or_deafen(db).await,
        });
    }

    async fn restart_or_deafen(&self, db: &Db) -> &'static str {
        if let Some(restart) = &self.restart {
            let done = Command::new("sh").args(["-c", restart]).status().unwrap();
            assert!(done.success(), "PostgreSQL starts again");
            return "restart";
        }
        let deafen = sql!(
            "select pg_terminate_backend(pid) as done from pg_stat_activity
             where datname = current_database() and pid <> pg_backend_pid() and query ilike 'listen%'"
        );
        let _ = db.all(deafen, params![]).await;
        "deafen"
    }

    /// From here on all goes well.
    pub async fn end(&self, nodes: &mut Nodes) {
        eprintln!("faults: {}", self.log.join(" "));
        // Nobody is left stopped: a run ends with every process at work.
        tokio::time::sleep(Duration::from_millis(10)).await;
        assert!(nodes.len() > 0);
    }
}
