//! Ten thousand clients whose server is killed and started again. They are sans-IO clients with the
//! same delays as in browsers. Each is current when it has the event that was published after the
//! restart. A thread of its own requests a page all the time.

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
    light_client,
    native_client::{ClientCommand, ClientEvent, NativeClient, Target},
    process::Server,
    report::Report,
    server::now_us,
};

const CLIENTS: usize = 10_000;
const TOPICS: usize = 100;
const TIMEOUT: Duration = Duration::from_secs(120);
const PAGE_NAMES: [&str; 3] = ["page_ms_p50", "page_ms_p95", "page_ms_p99"];

pub async fn measure(url: &str, report: &mut Report) -> Result<(), Failure> {
    let server = Server::start(url, 0).await?;
    let address = server.address;
    let kind = format!("storm-{}", now_us());
    publish_to_all(address, &kind).await?;
    let (sender, mut receiver) = mpsc::unbounded_channel();
    let clients: Vec<_> = (0..CLIENTS).map(|number| client(number, address, &kind, sender.clone())).collect();
    wait_until_current(&mut receiver, 1).await?;
    let mut calm = Probe::start(address, &kind);
    sleep(Duration::from_secs(5)).await;
    report.add_percentiles(PAGE_NAMES, &json!({"sockets": CLIENTS, "during": "calm"}), &mut calm.stop()?, "ms");

    let began = Instant::now();
    server.kill().await?;
    let server = Server::start(url, address.port()).await?;
    let started = began.elapsed();
    let mut probe = Probe::start(address, &kind);
    publish_to_all(address, &kind).await?;
    wait_until_current(&mut receiver, 2).await?;
    let params = json!({"sockets": CLIENTS, "topics": TOPICS});
    report.add("storm_recover_s", params.clone(), began.elapsed().as_secs_f64(), "s");
    report.add("storm_server_start_s", params, started.as_secs_f64(), "s");
    report.add_percentiles(PAGE_NAMES, &json!({"sockets": CLIENTS, "during": "storm"}), &mut probe.stop()?, "ms");
    drop(clients);
    server.kill().await
}

async fn publish_to_all(server: SocketAddr, kind: &str) -> Result<(), Failure> {
    for topic in 0..TOPICS {
        request(server, "POST", &format!("/publish/{kind}:{topic}")).await?;
    }
    Ok(())
}

fn client(number: usize, server: SocketAddr, kind: &str, sender: mpsc::UnboundedSender<u64>) -> NativeClient {
    let target = Target { server, path: "/live".to_owned(), from: light_client::local_address(number), speed: 1 };
    let client = NativeClient::start(target, number as u64, move |event| {
        if let ClientEvent::Event { seq, .. } = event {
            let _ = sender.send(seq);
        }
    });
    client.send(ClientCommand::Join(format!("{kind}:{}", number % TOPICS), 0));
    client
}

/// Waits until every client has received event `seq`.
async fn wait_until_current(receiver: &mut mpsc::UnboundedReceiver<u64>, seq: u64) -> Result<(), Failure> {
    let mut waiting = CLIENTS;
    while waiting > 0 {
        let sender =
            timeout(TIMEOUT, receiver.recv()).await.map_err(|_| format!("{waiting} clients are not current"))?;
        waiting -= usize::from(sender == Some(seq));
    }
    Ok(())
}

/// Requests a page again and again, from a thread of its own.
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

    /// Stops, and returns how long each page took in milliseconds.
    fn stop(&mut self) -> Result<Vec<f64>, Failure> {
        self.stop.store(true, Ordering::Relaxed);
        let thread = self.thread.take().ok_or("a probe stops once")?;
        thread.join().map_err(|_| "the probe panicked")?
    }
}
