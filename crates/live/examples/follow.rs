//! A page that loses its socket in the middle of a text and still gets every word:
//! `cargo run -p live --example follow`.

use std::sync::Arc;

use db::{Clock, Db};
use futures::{StreamExt, channel::mpsc, future::BoxFuture};
use live::{Action, Authorize, BoxError, Client, Hub, Incoming, Input, Limits, Outgoing, Topic};
use serde_json::Value;
use tokio_util::sync::CancellationToken;

type Failure = Box<dyn std::error::Error>;

/// Everybody may join, and nobody may push.
struct Readers;

impl Authorize for Readers {
    fn subject(&self) -> String {
        String::new()
    }

    fn may_join<'a>(&'a self, topic: &'a str) -> BoxFuture<'a, Result<bool, BoxError>> {
        Box::pin(async move { Ok(topic.starts_with("text:")) })
    }

    fn push<'a>(&'a self, _topic: &'a str, _payload: Value) -> BoxFuture<'a, Result<Value, String>> {
        Box::pin(async { Err("there are no pushes here".to_owned()) })
    }
}

/// A socket without a network.
struct Socket {
    sender: mpsc::UnboundedSender<Incoming>,
    receiver: mpsc::Receiver<Outgoing>,
}

fn connect(hub: &Hub) -> Socket {
    let (sender, incoming) = mpsc::unbounded();
    let (outgoing, receiver) = mpsc::channel(0);
    let session =
        live::serve(incoming, outgoing, hub.clone(), Arc::new(Readers), Limits::default(), CancellationToken::new());
    tokio::spawn(session);
    Socket { sender, receiver }
}

/// Passes in `first` and carries out what the client decides, until it has delivered `words` words.
async fn follow(
    client: &mut Client,
    socket: &mut Socket,
    first: Input<'_>,
    words: usize,
) -> Result<Vec<String>, Failure> {
    let mut delivered = Vec::new();
    let mut actions = client.handle(first, 0);
    loop {
        for action in actions {
            match action {
                Action::Send(frame) => socket.sender.unbounded_send(Incoming::Text(frame))?,
                Action::Deliver { seq, payload, .. } => {
                    delivered.push(format!("{seq} {}", payload.as_str().unwrap_or_default()));
                }
                _ => {}
            }
        }
        if delivered.len() == words {
            return Ok(delivered);
        }
        match socket.receiver.next().await {
            Some(Outgoing::Text(frame)) => actions = client.handle(Input::Message(&frame), 0),
            _ => return Err("the server closed the socket".into()),
        }
    }
}

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let folder = tempfile::tempdir()?;
    let db = Db::open(&format!("sqlite://{}", folder.path().join("follow.db").display())).await?;
    db.migrate().await?;
    let hub = Hub::new(db.clone());
    let running = tokio::spawn({
        let hub = hub.clone();
        async move { hub.run().await }
    });
    let topic: Topic<String> = Topic::new("text", 1);
    let publish = async |words: &[&str]| {
        let words: Vec<_> = words.iter().map(|word| (*word).to_owned()).collect();
        let mut tx = db.begin().await?;
        live::publish_all(&mut tx, &topic, &words, Clock::system().now_ms()).await?;
        tx.commit().await?;
        Ok::<_, Failure>(())
    };

    // The server rendered the page before the first event.
    let mut client = Client::new(7);
    client.join(topic.name(), 0, 0);
    let mut socket = connect(&hub);
    publish(&["not", "one"]).await?;
    let mut delivered = follow(&mut client, &mut socket, Input::Opened, 2).await?;

    drop(socket);
    client.handle(Input::Closed, 0);
    publish(&["word", "is"]).await?;

    // The network is back, so the client does not wait for its next attempt.
    client.handle(Input::Online, 0);
    let mut socket = connect(&hub);
    delivered.extend(follow(&mut client, &mut socket, Input::Opened, 2).await?);
    publish(&["missed"]).await?;
    delivered.extend(follow(&mut client, &mut socket, Input::Tick, 1).await?);
    println!("{}", delivered.join("\n"));
    running.abort();
    db.close().await;
    Ok(())
}
