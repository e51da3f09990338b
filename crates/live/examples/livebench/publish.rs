//! Durable publishes a second, and the replay of a long log.

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
    light::{self, Light},
    process::Server,
    report::Report,
    server::{now_us, publish_events},
};

const SECONDS: u64 = 5;
const REPLAYED: u64 = 10_000;

/// Transactions of one event and the fold that a page reads, each committed before the next one of
/// the same publisher; publishers have a topic each.
pub async fn publishes(url: &str, report: &mut Report) -> Result<(), Failure> {
    let db = Arc::new(Db::open(url).await?);
    // Makes the tables, as the server would.
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

/// From asking to join before the first event to the receipt of the last one.
pub async fn replay(url: &str, report: &mut Report) -> Result<(), Failure> {
    let server = Server::start(url, 0).await?;
    let topic = format!("replay:{}", now_us());
    for _ in 0..10 {
        request(server.address, "POST", &format!("/publish/{topic}?events={}", REPLAYED / 10)).await?;
    }
    let mut light = Light::open(server.address, light::from(0)).await?;
    let began = Instant::now();
    light.ask_to_join(&topic, 0).await?;
    for _ in 0..REPLAYED {
        timeout(Duration::from_secs(60), light.event()).await??;
    }
    report.add("replay_ms", json!({"events": REPLAYED}), began.elapsed().as_secs_f64() * 1_000.0, "ms");
    server.kill().await
}
