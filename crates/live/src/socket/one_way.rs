//! Clients that cannot send: where a proxy lets no WebSocket through, the request contains all that the
//! client has to say.

use std::time::Duration;

use futures::{Stream, StreamExt, stream};
use tokio::time::{Instant, MissedTickBehavior, interval_at};

use super::Incoming;
use crate::protocol::ClientMsg;

/// How often the session answers a ping, which also finds out whether the client is still connected.
const PING_INTERVAL: Duration = Duration::from_secs(20);

/// The messages of a client that joins `topics` (each with its `since`), tracks itself on `tracked`
/// (each with what it does there), and then only pings.
pub fn one_way_incoming(
    topics: Vec<(String, u64)>,
    tracked: Vec<(String, String)>,
) -> impl Stream<Item = Incoming> + Send {
    let joins = topics.into_iter().map(|(topic, since)| ClientMsg::Join { topic, since });
    let tracks = tracked.into_iter().map(|(topic, doing)| ClientMsg::Track { topic, doing: Some(doing) });
    let first: Vec<_> = joins.chain(tracks).map(|message| Incoming::Text(message.encode())).collect();
    let mut ticks = interval_at(Instant::now() + PING_INTERVAL, PING_INTERVAL);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let pings = stream::unfold(ticks, |mut ticks| async move {
        ticks.tick().await;
        Some((Incoming::Text(ClientMsg::Ping.encode()), ticks))
    });
    stream::iter(first).chain(pings)
}
