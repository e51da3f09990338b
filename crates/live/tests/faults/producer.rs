//! Publishes without end, sometimes to two topics at once, and rolls some transactions back.

use std::time::Duration;

use db::{Clock, Db, Tx, params, sql};
use live::Topic;
use rand::{RngExt, SeedableRng, rngs::StdRng};
use serde_json::{Value, json};

use crate::{Variant, node};

/// Topics that keep every event.
pub const LISTS: [&str; 4] = ["list:1", "list:2", "list:3", "list:4"];
/// A topic that keeps only the newest snapshot.
pub const STATE: &str = "state";
/// A topic that nobody may join.
pub const SECRET: &str = "secret:1";

/// The main function of a producer. It is a test so that the test program can run it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "the process of a producer, started by the other tests"]
async fn producer_process() {
    if let Some((db, variant, seed)) = environment().await {
        produce(db, variant, seed).await;
    }
}

/// What the parent process passed to this one.
pub async fn environment() -> Option<(Db, Variant, u64)> {
    let url = std::env::var(node::URL).ok()?;
    let variant = Variant::from_name(&std::env::var(node::VARIANT).unwrap());
    let seed = std::env::var(node::SEED).unwrap().parse().unwrap();
    // PostgreSQL may be starting again.
    let db = loop {
        match Db::open(&url).await {
            Ok(db) => break db,
            Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
        }
    };
    Some((db, variant, seed))
}

/// Publishes until it is killed. `seed` also names the producer in its events.
pub async fn produce(db: Db, variant: Variant, seed: u64) {
    let mut rng = StdRng::seed_from_u64(seed);
    for number in 0_u64.. {
        let topics = choose(&mut rng);
        let commits = rng.random_ratio(4, 5);
        let done = transaction(&db, variant, &topics, &format!("{seed}-{number}"), number, commits).await;
        let pause = if done.is_ok() { rng.random_range(2..25) } else { 50 };
        tokio::time::sleep(Duration::from_millis(pause)).await;
    }
}

/// Chooses topics, in the order in which all transactions lock them.
fn choose(rng: &mut StdRng) -> Vec<&'static str> {
    let mut topics = vec![LISTS[rng.random_range(0..LISTS.len())]];
    match rng.random_range(0..10) {
        0..=2 => topics.push(LISTS[rng.random_range(0..LISTS.len())]),
        3 => topics.push(SECRET),
        4 | 5 => topics.push(STATE),
        _ => {}
    }
    topics.sort_unstable();
    topics.dedup();
    topics
}

/// Publishes one event to each topic, with a row for each, in one transaction.
async fn transaction(
    db: &Db,
    variant: Variant,
    topics: &[&str],
    id: &str,
    number: u64,
    commits: bool,
) -> Result<(), live::Error> {
    let now_ms = Clock::system().now_ms();
    let event = json!({"id": id, "number": number, "at": now_ms, "snapshot": false});
    let mut seqs = Vec::new();
    if variant == Variant::WithoutLock {
        for topic in topics.iter().filter(|topic| **topic != STATE) {
            seqs.push((*topic, count_separately(db, topic).await?));
        }
    }
    let mut tx = db.begin().await?;
    for topic in topics {
        tx.execute(sql!("insert into effects (id, topic) values ($1, $2)"), params![id, *topic]).await?;
        match seqs.iter().find(|(counted, _)| counted == topic) {
            Some((_, seq)) => insert_with_seq(&mut tx, topic, *seq, &event, now_ms).await?,
            None => publish(&mut tx, topic, &event, now_ms).await?,
        }
    }
    if commits {
        // Other producers overtake here, if they can.
        tokio::time::sleep(Duration::from_millis(number % 4)).await;
        tx.commit().await?;
    }
    Ok(())
}

async fn publish(tx: &mut Tx, topic: &str, event: &Value, now_ms: i64) -> Result<(), live::Error> {
    match topic.split_once(':') {
        Some((kind, id)) => live::publish(tx, &Topic::new(kind, id), event, now_ms).await?,
        None => {
            let mut snapshot = event.clone();
            snapshot["snapshot"] = Value::Bool(true);
            live::publish_snapshot(tx, &Topic::named(topic), &snapshot, now_ms).await?
        }
    };
    Ok(())
}

/// Publishes the last event of a topic.
pub async fn publish_last(db: &Db, topic: &str) -> Result<(), live::Error> {
    let now_ms = Clock::system().now_ms();
    let event = json!({"id": format!("last-{now_ms}"), "number": 0, "at": now_ms, "snapshot": false});
    let mut tx = db.begin().await?;
    let id = event["id"].as_str().unwrap_or_default();
    tx.execute(sql!("insert into effects (id, topic) values ($1, $2)"), params![id, topic]).await?;
    publish(&mut tx, topic, &event, now_ms).await?;
    Ok(tx.commit().await?)
}

/// Broken: counts the seq in a transaction of its own, so that it stays counted after a rollback.
async fn count_separately(db: &Db, topic: &str) -> Result<i64, live::Error> {
    let count = sql!(
        "insert into topics (name, seq) values ($1, 1) on conflict (name) do update set seq = topics.seq + 1
         returning seq"
        => i64
    );
    Ok(db.all(count, params![topic]).await?.first().copied().unwrap_or_default())
}

async fn insert_with_seq(tx: &mut Tx, topic: &str, seq: i64, event: &Value, now_ms: i64) -> Result<(), live::Error> {
    let insert = sql!("insert into events (topic, seq, payload, published_at) values ($1, $2, $3, $4)");
    tx.execute(insert, params![topic, seq, event.to_string(), now_ms]).await?;
    tx.notify("live", format!("{topic} {seq}"));
    Ok(())
}
