//! The server's memory per idle socket that joined a topic of its own: the difference of the process's
//! resident memory before and after, divided by the number of sockets. It leaves out what the kernel
//! holds for a TCP connection, as other servers' published figures do.

use std::time::Duration;

use futures::{StreamExt, TryStreamExt, stream};
use serde_json::json;

use crate::{
    Failure,
    light_client::{self, LightClient},
    process::{Memory, Server},
    report::Report,
};

/// Sockets that connect and close before the measurement.
const WARM_UP: usize = 100;
const MAX_CONCURRENT: usize = 100;

pub async fn measure(url: &str, report: &mut Report) -> Result<(), Failure> {
    for sockets in [1_000, 10_000] {
        let server = Server::start(url, 0).await?;
        drop(connect_clients(&server, WARM_UP, |number| format!("warm:{number}")).await?);
        let before = settled(&server).await?;
        let clients = connect_clients(&server, sockets, |number| format!("idle:{number}")).await?;
        let after = settled(&server).await?;
        let each = |of: fn(&Memory) -> u64| (of(&after) as f64 - of(&before) as f64) / sockets as f64;
        let mut add = |measure: &str, value| {
            let params = json!({"sockets": sockets, "measure": measure});
            report.add("idle_socket_bytes", params, value, "bytes");
        };
        add("rss", each(|memory| memory.rss));
        add("pss", each(|memory| memory.pss));
        add("anonymous", each(|memory| memory.anonymous));
        drop(clients);
        server.kill().await?;
    }
    Ok(())
}

/// Opens `sockets` sockets, each joined to the topic that `topic_of` returns for its number.
pub async fn connect_clients(
    server: &Server,
    sockets: usize,
    topic_of: impl Fn(usize) -> String,
) -> Result<Vec<LightClient>, Failure> {
    let connect = |number: usize| {
        let topic = topic_of(number);
        async move {
            let mut client = LightClient::open(server.address, light_client::local_address(number)).await?;
            client.join(&topic, 0).await?;
            Ok::<_, Failure>(client)
        }
    };
    stream::iter((0..sockets).map(connect)).buffer_unordered(MAX_CONCURRENT).try_collect().await
}

/// The server's memory once it no longer changes, or after ten seconds.
async fn settled(server: &Server) -> Result<Memory, Failure> {
    let mut last = server.memory()?;
    for _ in 0..20 {
        tokio::time::sleep(Duration::from_millis(500)).await;
        let now = server.memory()?;
        if now.rss.abs_diff(last.rss) < 64 * 1_024 {
            return Ok(now);
        }
        last = now;
    }
    Ok(last)
}
