//! A page that loses its socket in the middle of a text, and misses no word of it:
//! `cargo run -p live --example follow`.

use std::sync::Arc;

use db::{Clock, Db};
use futures::{StreamExt, channel::mpsc, future::BoxFuture};
use live::{Action, Authorise, BoxError, Client, Hub, Incoming, Input, Limits, Outgoing, Topic};
use serde_json::Value;
use tokio_util::sync::CancellationToken;

type Failure = Box<dyn std::error::Error>;

/// Everybody may read; nobody asks for anything.
struct Readers;

impl Authorise for Readers {
    fn subject(&self) -> String {
        String::new()
    }

    fn may_join<'a>(&'a self, topic: &'a str) -> BoxFuture<'a, Result<bool, BoxError>> {
        Box::pin(async move { Ok(topic.starts_with("text:")) })
    }

    fn push<'a>(&'a self, _topic: &'a str, _payload: Value) -> BoxFuture<'a, Result<Value, String>> {
        Box::pin(async { Err("nothing can be asked for here".to_owned()) })
    }
}

/// A socket without a network: what the client says, and what it hears.
struct Socket {
    to: mpsc::UnboundedSender<Incoming>,
    from: mpsc::Receiver<Outgoing>,
}

fn connect(hub: &Hub) -> Socket {
    let (to, incoming) = mpsc::unbounded();
    let (outgoing, from) = mpsc::channel(0);
    let session =
        live::serve(incoming, outgoing, hub.clone(), Arc::new(Readers), Limits::default(), CancellationToken::new());
    tokio::spawn(session);
    Socket { to, from }
}

/// Carries out what the client decides after `first`, until it has delivered `words` more.
async fn follow(
    client: &mut Client,
    socket: &mut Socket,
    first: Input<'_>,
    words: usize,
) -> Result<Vec<String>, Failure> {
    let mut heard = Vec::new();
    let mut actions = client.handle(first, 0);
    loop {
        for action in actions {
            match action {
                Action::Send(frame) => socket.to.unbounded_send(Incoming::Text(frame))?,
                Action::Deliver { seq, payload, .. } => {
                    heard.push(format!("{seq} {}", payload.as_str().unwrap_or_default()));
                }
                _ => {}
            }
        }
        if heard.len() == words {
            return Ok(heard);
        }
        match socket.from.next().await {
            Some(Outgoing::Text(frame)) => actions = client.handle(Input::Message(&frame), 0),
            _ => return Err("the server hung up".into()),
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
    let say = async |words: &[&str]| {
        let words: Vec<_> = words.iter().map(|word| (*word).to_owned()).collect();
        let mut tx = db.begin().await?;
        live::publish_all(&mut tx, &topic, &words, Clock::system().now_ms()).await?;
        tx.commit().await?;
        Ok::<_, Failure>(())
    };

    // The page was rendered before anything happened.
    let mut client = Client::new(7);
    client.join(topic.name(), 0, 0);
    let mut socket = connect(&hub);
    say(&["not", "one"]).await?;
    let mut heard = follow(&mut client, &mut socket, Input::Opened, 2).await?;

    drop(socket);
    client.handle(Input::Closed, 0);
    say(&["word", "is"]).await?;

    // The network is back: no need to wait for the next attempt's time.
    client.handle(Input::Online, 0);
    let mut socket = connect(&hub);
    heard.extend(follow(&mut client, &mut socket, Input::Opened, 2).await?);
    say(&["missed"]).await?;
    heard.extend(follow(&mut client, &mut socket, Input::Tick, 1).await?);
    println!("{}", heard.join("\n"));
    running.abort();
    db.close().await;
    Ok(())
}
