//! Memory of the server for each socket that joined a topic of its own and says nothing.
//!
//! Resident pages of the server's process before and after, divided by the sockets. What the kernel
//! holds for a TCP connection is not in it, as it is not in other servers' published figures.

use std::time::Duration;

use futures::{StreamExt, TryStreamExt, stream};
use serde_json::json;

use crate::{
    Failure,
    light::{self, Light},
    process::{Memory, Server},
    report::Report,
};

/// Sockets that come and go before anything is measured.
const WARM: usize = 100;
const AT_ONCE: usize = 100;

pub async fn measure(url: &str, report: &mut Report) -> Result<(), Failure> {
    for sockets in [1_000, 10_000] {
        let server = Server::start(url, 0).await?;
        drop(crowd(&server, WARM, |number| format!("warm:{number}")).await?);
        let before = settled(&server).await?;
        let crowd = crowd(&server, sockets, |number| format!("idle:{number}")).await?;
        let after = settled(&server).await?;
        let each = |of: fn(&Memory) -> u64| (of(&after) as f64 - of(&before) as f64) / sockets as f64;
        let mut add = |measure: &str, value| {
            let params = json!({"sockets": sockets, "measure": measure});
            report.add("idle_socket_bytes", params, value, "bytes");
        };
        add("rss", each(|memory| memory.rss));
        add("pss", each(|memory| memory.pss));
        add("anonymous", each(|memory| memory.anonymous));
        drop(crowd);
        server.kill().await?;
    }
    Ok(())
}

/// So many sockets, each joined to the topic that `of` its number is.
pub async fn crowd(server: &Server, sockets: usize, of: impl Fn(usize) -> String) -> Result<Vec<Light>, Failure> {
    let enter = |number: usize| {
        let topic = of(number);
        async move {
            let mut light = Light::open(server.address, light::from(number)).await?;
            light.join(&topic, 0).await?;
            Ok::<_, Failure>(light)
        }
    };
    stream::iter((0..sockets).map(enter)).buffer_unordered(AT_ONCE).try_collect().await
}

/// The server's memory once it does not change any more.
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
