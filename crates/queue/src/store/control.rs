//! Statements for the overrides of queues.

use std::collections::HashMap;

use db::{Db, Tx, params, sql};

use crate::{convert::count, error::Error, store::CONTROL};

/// The nodes to which an override applies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope<'a> {
    /// All nodes.
    AllNodes,
    /// The node of this name, in addition to the overrides of all nodes.
    Node(&'a str),
}

/// The overrides of a queue at run time; `None` keeps the program's value.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Overrides {
    pub paused: bool,
    pub slots: Option<usize>,
    pub global: Option<usize>,
}

pub(crate) async fn set_paused(tx: &mut Tx, queue: &str, scope: Scope<'_>, paused: bool) -> Result<(), Error> {
    match scope {
        Scope::AllNodes => {
            let sql = sql!(
                "insert into queues (name, paused) values ($1, $2)
                 on conflict (name) do update set paused = excluded.paused"
            );
            tx.execute(sql, params![queue, paused]).await?;
        }
        Scope::Node(node) => {
            let sql = sql!(
                "insert into node_queues (node, queue, paused) values ($1, $2, $3)
                 on conflict (node, queue) do update set paused = excluded.paused"
            );
            tx.execute(sql, params![node, queue, paused]).await?;
        }
    }
    tx.notify(CONTROL, queue);
    Ok(())
}

pub(crate) async fn set_slots(tx: &mut Tx, queue: &str, scope: Scope<'_>, slots: Option<usize>) -> Result<(), Error> {
    match scope {
        Scope::AllNodes => {
            let sql = sql!(
                "insert into queues (name, slots) values ($1, $2)
                 on conflict (name) do update set slots = excluded.slots"
            );
            tx.execute(sql, params![queue, slots]).await?;
        }
        Scope::Node(node) => {
            let sql = sql!(
                "insert into node_queues (node, queue, slots) values ($1, $2, $3)
                 on conflict (node, queue) do update set slots = excluded.slots"
            );
            tx.execute(sql, params![node, queue, slots]).await?;
        }
    }
    tx.notify(CONTROL, queue);
    Ok(())
}

pub(crate) async fn set_global_slots(tx: &mut Tx, queue: &str, slots: Option<usize>) -> Result<(), Error> {
    let sql = sql!(
        "insert into queues (name, global_slots) values ($1, $2)
         on conflict (name) do update set global_slots = excluded.global_slots"
    );
    tx.execute(sql, params![queue, slots]).await?;
    tx.notify(CONTROL, queue);
    Ok(())
}

/// The overrides that apply to `node`, by queue.
pub(crate) async fn overrides(db: &Db, node: &str) -> Result<HashMap<String, Overrides>, Error> {
    let mut tx = db.snapshot().await?;
    let mut overrides = HashMap::<_, Overrides>::new();
    let sql = sql!("select name, paused, slots, global_slots from queues order by name");
    for row in tx.all(sql, params![]).await? {
        let all = Overrides {
            paused: row.flag("paused")?,
            slots: row.opt_int("slots")?.map(count),
            global: row.opt_int("global_slots")?.map(count),
        };
        overrides.insert(row.text("name")?, all);
    }
    let sql = sql!("select queue, paused, slots from node_queues where node = $1 order by queue");
    for row in tx.all(sql, params![node]).await? {
        let here = overrides.entry(row.text("queue")?).or_default();
        here.paused |= row.flag("paused")?;
        here.slots = row.opt_int("slots")?.map(count).or(here.slots);
    }
    Ok(overrides)
}
