//! Durable publishes per second, and the replay of a long log.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use db::Db;
use serde_json::json;
use tokio::{task::JoinSet, time::timeout};

use crate::{
    Failure,
    http::request,
    light_client::{self, LightClient},
    process::Server,
    report::Report,
    server::{now_us, publish_events},
};

const SECONDS: u64 = 5;
const REPLAYED: u64 = 10_000;

/// How many transactions per second publish one event and update the state that a page reads. Each
/// publisher has a topic of its own and commits before its next transaction.
pub async fn publishes(url: &str, report: &mut Report) -> Result<(), Failure> {
    let db = Arc::new(Db::open(url).await?);
    // The server creates the tables.
    Server::start(url, 0).await?.kill().await?;
    for publishers in [1, 16] {
        let until = Instant::now() + Duration::from_secs(SECONDS);
        let mut work = JoinSet::new();
        for number in 0..publishers {
            let (db, topic) = (Arc::clone(&db), format!("publish-{}:{number}", now_us()));
            work.spawn(async move {
                let mut done = 0_u32;
                while Instant::now() < until {
                    publish_events(&db, &topic, 1).await?;
                    done += 1;
                }
                Ok::<_, Failure>(done)
            });
        }
        let done = work.join_all().await.into_iter().sum::<Result<u32, _>>()?;
        report.add("publish_per_s", json!({"publishers": publishers}), f64::from(done) / SECONDS as f64, "1/s");
    }
    db.close().await;
    Ok(())
}

/// The time from sending a join with `since` 0 to the receipt of the last event.
pub async fn replay(url: &str, report: &mut Report) -> Result<(), Failure> {
    let server = Server::start(url, 0).await?;
    let topic = format!("replay:{}", now_us());
    for _ in 0..10 {
        request(server.address, "POST", &format!("/publish/{topic}?events={}", REPLAYED / 10)).await?;
    }
    let mut client = LightClient::open(server.address, light_client::local_address(0)).await?;
    let began = Instant::now();
    client.send_join(&topic, 0).await?;
    for _ in 0..REPLAYED {
        timeout(Duration::from_secs(60), client.event()).await??;
    }
    report.add("replay_ms", json!({"events": REPLAYED}), began.elapsed().as_secs_f64() * 1_000.0, "ms");
    server.kill().await
}
