//! The time from before the publishing transaction begins to the receipt at each subscriber, in
//! milliseconds, commit included. The server publishes on an HTTP request and puts its clock into the
//! payload; clients compare it with their clock, which is the same one.

use std::time::Duration;

use serde_json::json;
use tokio::{
    sync::mpsc,
    task::JoinSet,
    time::{MissedTickBehavior, interval, timeout},
};

use crate::{Failure, http::request, idle, light_client::LightClient, process::Server, report::Report, server::now_us};

const NAMES: [&str; 3] = ["fanout_ms_p50", "fanout_ms_p95", "fanout_ms_p99"];
const TIMEOUT: Duration = Duration::from_secs(60);
/// Topics with one subscriber each, and how many of them are published to.
const TOPICS: usize = 10_000;
const PUBLISHES: usize = 1_000;

pub async fn measure(url: &str, report: &mut Report) -> Result<(), Failure> {
    for (subscribers, events, pause_ms) in [(1, 300, 10), (100, 100, 20), (1_000, 50, 100), (10_000, 20, 1_000)] {
        let server = Server::start(url, 0).await?;
        let topic = format!("fanout:{}", now_us());
        let clients = idle::connect_clients(&server, subscribers, |_| topic.clone()).await?;
        let topics = std::iter::repeat_n(topic, events);
        let mut sample = publish_and_receive(&server, clients, topics, pause_ms, subscribers * events).await?;
        let params = json!({"topics": 1, "subscribers": subscribers});
        report.add_percentiles(NAMES, &params, &mut sample, "ms");
        server.kill().await?;
    }
    let server = Server::start(url, 0).await?;
    let kind = format!("spread-{}", now_us());
    let clients = idle::connect_clients(&server, TOPICS, |number| format!("{kind}:{number}")).await?;
    // Each topic once and not in order, because 7,919 is a prime.
    let topics = (0..PUBLISHES).map(|number| format!("{kind}:{}", number * 7_919 % TOPICS));
    let mut sample = publish_and_receive(&server, clients, topics, 10, PUBLISHES).await?;
    report.add_percentiles(NAMES, &json!({"topics": TOPICS, "subscribers": 1}), &mut sample, "ms");
    server.kill().await
}

/// Publishes one event to each of `topics`, at least `pause_ms` apart, and returns how long each receipt
/// took in milliseconds.
async fn publish_and_receive(
    server: &Server,
    clients: Vec<LightClient>,
    topics: impl Iterator<Item = String>,
    pause_ms: u64,
    receipts: usize,
) -> Result<Vec<f64>, Failure> {
    let (sender, mut receiver) = mpsc::unbounded_channel();
    let mut receiving = JoinSet::new();
    for mut client in clients {
        let sender = sender.clone();
        receiving.spawn(async move {
            while let Ok(at) = client.event().await {
                let _ = sender.send(now_us().saturating_sub(at));
            }
        });
    }
    let mut ticks = interval(Duration::from_millis(pause_ms));
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    for topic in topics {
        ticks.tick().await;
        request(server.address, "POST", &format!("/publish/{topic}")).await?;
    }
    let mut sample = Vec::with_capacity(receipts);
    while sample.len() < receipts {
        let micros = timeout(TIMEOUT, receiver.recv()).await?.ok_or("a client receives")?;
        sample.push(micros as f64 / 1_000.0);
    }
    Ok(sample)
}
