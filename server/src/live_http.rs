//! The live topics without a WebSocket: as server-sent events, or by long polling.
//!
//! Both are stateless. A request names the topics and the last sequence number that the page has of each,
//! so any process can answer it, and replays what the page missed from the log.

use std::{convert::Infallible, sync::Arc, time::Duration};

use axum::{
    Extension,
    body::Body,
    extract::{RawQuery, State},
    http::{HeaderName, HeaderValue, header},
    response::{IntoResponse, Response},
};
use futures::{SinkExt, Stream, StreamExt, channel::mpsc};
use hiring::Actor;
use live::{Authorize, Limits, Outgoing};

use crate::{live_socket, pages, state::AppState};

/// Frames buffered between the session and the response.
const FRAME_BUFFER: usize = 16;
/// How long a poll waits for news: shorter than the timeouts of common proxies.
const POLL_TIMEOUT: Duration = Duration::from_secs(25);
/// After the first news a poll waits this long for more, and answers them together.
const BATCH_WINDOW: Duration = Duration::from_millis(20);
/// Frames in the answer to one poll; the next poll gets the rest.
const MAX_FRAMES_PER_POLL: usize = 500;

/// The topics that a request asks for, with the last sequence number that the page has.
#[derive(Debug, Default, PartialEq, Eq)]
struct TopicQuery {
    topics: Vec<(String, u64)>,
    shown: Vec<(String, String)>,
    status: Option<String>,
}

/// `GET /live/stream?t=application:1@5&d=application:1@looking`: a server-sent event for each frame. `d` names
/// what the page shows to others on a topic.
pub async fn stream(
    State(app): State<AppState>,
    Extension(actor): Extension<Actor>,
    RawQuery(query): RawQuery,
) -> Response {
    let frames = open(&app, actor, TopicQuery::parse(query.as_deref())).await;
    let events = frames.map(|frame| Ok::<_, Infallible>(format!("data: {frame}\n\n")));
    unbuffered("text/event-stream", Body::from_stream(events))
}

/// `GET /live/poll?t=application:1@5`: a line for each frame, as soon as one is news.
pub async fn poll(
    State(app): State<AppState>,
    Extension(actor): Extension<Actor>,
    RawQuery(query): RawQuery,
) -> Response {
    // A poll is too short to be present on a topic.
    let query = TopicQuery { shown: Vec::new(), ..TopicQuery::parse(query.as_deref()) };
    let mut frames = open(&app, actor, query).await;
    let mut lines = String::new();
    let (mut count, mut end) = (0, tokio::time::Instant::now() + POLL_TIMEOUT);
    while count < MAX_FRAMES_PER_POLL {
        let Ok(Some(frame)) = tokio::time::timeout_at(end, frames.next()).await else { break };
        if is_news(&frame) {
            end = end.min(tokio::time::Instant::now() + BATCH_WINDOW);
        }
        lines.push_str(&frame);
        lines.push('\n');
        count += 1;
    }
    unbuffered("text/plain; charset=utf-8", Body::from(lines))
}

/// Whether a frame ends the wait of a poll; confirmations do not.
fn is_news(frame: &str) -> bool {
    !["hello", "joined", "pong"].iter().any(|kind| frame.starts_with(&format!(r#"{{"type":"{kind}""#)))
}

/// The frames of a session that only receives. The session ends when the stream is dropped.
async fn open(app: &AppState, actor: Actor, query: TopicQuery) -> impl Stream<Item = Arc<str>> + Unpin + Send + use<> {
    let actor = match &query.status {
        Some(token) => app.hiring.actor_from_status_token(token).await.unwrap_or_else(|error| {
            pages::log(&error);
            Actor::Anonymous
        }),
        None => actor,
    };
    let (sender, frames) = mpsc::channel(FRAME_BUFFER);
    let sink = sender.with_flat_map(|outgoing: Outgoing| {
        let frame = match outgoing {
            Outgoing::Text(frame) => Some(Ok(frame)),
            // The end of the response tells the page.
            Outgoing::Close(..) => None,
        };
        futures::stream::iter(frame)
    });
    let policy: Arc<dyn Authorize> = Arc::new(live_socket::Policy { hiring: app.hiring.clone(), actor });
    let (hub, stop) = (app.hub.clone(), app.stop.child_token());
    let stop_on_drop = stop.clone().drop_guard();
    let incoming = Box::pin(live::one_way_incoming(query.topics, query.shown));
    tokio::spawn(live::serve(incoming, sink, hub, policy, Limits::default(), stop));
    frames.inspect(move |_| {
        let _ = &stop_on_drop;
    })
}

/// A response that no proxy may cache or buffer.
fn unbuffered(kind: &'static str, body: Body) -> Response {
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(kind)),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
        (HeaderName::from_static("x-accel-buffering"), HeaderValue::from_static("no")),
    ];
    (headers, body).into_response()
}

impl TopicQuery {
    /// Ignores what it does not understand.
    fn parse(query: Option<&str>) -> Self {
        let mut parsed = Self::default();
        for (key, value) in form_urlencoded::parse(query.unwrap_or_default().as_bytes()) {
            match (&*key, value.rsplit_once('@')) {
                ("t", Some((topic, since))) => {
                    parsed.topics.extend(since.parse().ok().map(|since| (topic.to_owned(), since)));
                }
                ("d", Some((topic, doing))) => parsed.shown.push((topic.to_owned(), doing.to_owned())),
                ("status", _) => parsed.status = Some(value.into_owned()),
                _ => {}
            }
        }
        parsed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_names_topics_and_the_last_sequence_number_of_each() {
        let query = TopicQuery::parse(Some("t=application%3A1%405&t=posting:2@0&t=bad&t=x@y&d=application:1@looking"));
        assert_eq!(query.topics, [("application:1".to_owned(), 5), ("posting:2".to_owned(), 0)]);
        assert_eq!(query.shown, [("application:1".to_owned(), "looking".to_owned())]);
        assert_eq!(TopicQuery::parse(None), TopicQuery::default());
    }

    #[test]
    fn a_confirmation_does_not_end_a_poll_and_an_event_does() {
        assert!(!is_news(r#"{"type":"joined","topic":"a:1","seq":4}"#));
        assert!(is_news(r#"{"type":"event","topic":"a:1","seq":4,"payload":1}"#));
        assert!(is_news(r#"{"type":"refused","topic":"a:1","reason":"forbidden"}"#));
    }
}
