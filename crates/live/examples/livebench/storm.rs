//! Ten thousand clients whose server is killed and started again. The clients are the sans-IO ones
//! with the ladder that browsers have; each is current when it holds the event that was published
//! after the restart. A thread of its own asks for a page all the while.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use serde_json::json;
use tokio::{
    sync::mpsc,
    time::{sleep, timeout},
};

use crate::{
    Failure,
    http::request,
    light,
    native::{Native, Seen, Target, Wish},
    process::Server,
    report::Report,
    server::now_us,
};

const CLIENTS: usize = 10_000;
const TOPICS: usize = 100;
const PATIENCE: Duration = Duration::from_secs(120);
const PAGE_NAMES: [&str; 3] = ["page_ms_p50", "page_ms_p95", "page_ms_p99"];

pub async fn measure(url: &str, report: &mut Report) -> Result<(), Failure> {
    let server = Server::start(url, 0).await?;
    let address = server.address;
    let kind = format!("storm-{}", now_us());
    publish_to_all(address, &kind).await?;
    let (heard, mut hears) = mpsc::unbounded_channel();
    let clients: Vec<_> = (0..CLIENTS).map(|number| client(number, address, &kind, heard.clone())).collect();
    current(&mut hears, 1).await?;
    let mut calm = Probe::start(address, &kind);
    sleep(Duration::from_secs(5)).await;
    report.add_percentiles(PAGE_NAMES, &json!({"sockets": CLIENTS, "during": "calm"}), &mut calm.end()?, "ms");

    let began = Instant::now();
    server.kill().await?;
    let server = Server::start(url, address.port()).await?;
    let started = began.elapsed();
    let mut probe = Probe::start(address, &kind);
    publish_to_all(address, &kind).await?;
    current(&mut hears, 2).await?;
    let params = json!({"sockets": CLIENTS, "topics": TOPICS});
    report.add("storm_recover_s", params.clone(), began.elapsed().as_secs_f64(), "s");
    report.add("storm_server_start_s", params, started.as_secs_f64(), "s");
    report.add_percentiles(PAGE_NAMES, &json!({"sockets": CLIENTS, "during": "storm"}), &mut probe.end()?, "ms");
    drop(clients);
    server.kill().await
}

async fn publish_to_all(server: SocketAddr, kind: &str) -> Result<(), Failure> {
    for topic in 0..TOPICS {
        request(server, "POST", &format!("/publish/{kind}:{topic}")).await?;
    }
    Ok(())
}

fn client(number: usize, server: SocketAddr, kind: &str, heard: mpsc::UnboundedSender<u64>) -> Native {
    let target = Target { server, path: "/live".to_owned(), from: light::from(number), speed: 1 };
    let client = Native::start(target, number as u64, move |seen| {
        if let Seen::Event { seq, .. } = seen {
            let _ = heard.send(seq);
        }
    });
    client.wish(Wish::Join(format!("{kind}:{}", number % TOPICS), 0));
    client
}

/// Waits until every client holds the event `seq`.
async fn current(hears: &mut mpsc::UnboundedReceiver<u64>, seq: u64) -> Result<(), Failure> {
    let mut left = CLIENTS;
    while left > 0 {
        let heard = timeout(PATIENCE, hears.recv()).await.map_err(|_| format!("{left} clients are not current"))?;
        left -= usize::from(heard == Some(seq));
    }
    Ok(())
}

/// Asks for a page again and again, from a thread that nobody else keeps busy.
struct Probe {
    stop: Arc<AtomicBool>,
    thread: Option<thread::JoinHandle<Result<Vec<f64>, Failure>>>,
}

impl Probe {
    fn start(server: SocketAddr, kind: &str) -> Self {
        let (stop, path) = (Arc::new(AtomicBool::new(false)), format!("/page/{kind}:0"));
        let stopped = Arc::clone(&stop);
        let thread = thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
            runtime.block_on(async {
                let mut sample = Vec::new();
                while !stopped.load(Ordering::Relaxed) || sample.is_empty() {
                    let began = Instant::now();
                    request(server, "GET", &path).await?;
                    sample.push(began.elapsed().as_secs_f64() * 1_000.0);
                    sleep(Duration::from_millis(5)).await;
                }
                Ok(sample)
            })
        });
        Self { stop, thread: Some(thread) }
    }

    /// What each page took, in milliseconds.
    fn end(&mut self) -> Result<Vec<f64>, Failure> {
        self.stop.store(true, Ordering::Relaxed);
        let thread = self.thread.take().ok_or("a probe ends once")?;
        thread.join().map_err(|_| "the probe panicked")?
    }
}
