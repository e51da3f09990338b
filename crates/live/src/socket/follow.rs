//! A visitor who cannot speak: behind a proxy without WebSockets, all that a client has to say is in
//! the request that it opens.

use std::time::Duration;

use futures::{Stream, StreamExt, stream};
use tokio::time::{Instant, MissedTickBehavior, interval_at};

use super::Incoming;
use crate::protocol::ClientMsg;

/// Between two signs of life; they also find out that the client is gone.
const SIGN_EVERY: Duration = Duration::from_secs(20);

/// What a client would have said that joins `topics` (each from a seq on), shows itself on `shown`
/// (each with what it does), and then keeps listening.
pub fn follow(topics: Vec<(String, u64)>, shown: Vec<(String, String)>) -> impl Stream<Item = Incoming> + Send {
    let joins = topics.into_iter().map(|(topic, since)| ClientMsg::Join { topic, since });
    let tracks = shown.into_iter().map(|(topic, doing)| ClientMsg::Track { topic, doing: Some(doing) });
    let said: Vec<_> = joins.chain(tracks).map(|message| Incoming::Text(message.encode())).collect();
    let mut ticks = interval_at(Instant::now() + SIGN_EVERY, SIGN_EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let signs = stream::unfold(ticks, |mut ticks| async move {
        ticks.tick().await;
        Some((Incoming::Text(ClientMsg::Ping.encode()), ticks))
    });
    stream::iter(said).chain(signs)
}
