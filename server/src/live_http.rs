//! The same topics for a browser that cannot open a WebSocket: as a stream of events, or poll by poll.
//!
//! Both are stateless: the request names the topics and where the page stands on each, so any node
//! can answer it, and what came before is read from the log.

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

use crate::{live_socket, router::AppState};

/// Frames that wait to be written.
const FRAME_BUFFER: usize = 16;
/// How long a poll waits for something to happen: shorter than what proxies allow.
const POLL_TIMEOUT: Duration = Duration::from_secs(25);
/// What happens together is answered together.
const BATCH_WINDOW: Duration = Duration::from_millis(20);
/// Frames in the answer to one poll; what is left comes with the next.
const MAX_FRAMES_PER_POLL: usize = 500;

/// What a request asks for.
#[derive(Debug, Default, PartialEq, Eq)]
struct TopicQuery {
    topics: Vec<(String, u64)>,
    shown: Vec<(String, String)>,
    status: Option<String>,
}

/// `GET /live/stream?t=application:1@5&d=application:1@looking`: server-sent events, each a frame.
pub async fn stream(
    State(app): State<AppState>,
    Extension(actor): Extension<Actor>,
    RawQuery(query): RawQuery,
) -> Response {
    let frames = open(&app, actor, TopicQuery::parse(query.as_deref())).await;
    let events = frames.map(|frame| Ok::<_, Infallible>(format!("data: {frame}\n\n")));
    answer("text/event-stream", Body::from_stream(events))
}

/// `GET /live/poll?t=application:1@5`: a frame a line, as soon as there is one that matters.
pub async fn poll(
    State(app): State<AppState>,
    Extension(actor): Extension<Actor>,
    RawQuery(query): RawQuery,
) -> Response {
    let wanted = TopicQuery { shown: Vec::new(), ..TopicQuery::parse(query.as_deref()) };
    let mut frames = open(&app, actor, wanted).await;
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
    answer("text/plain; charset=utf-8", Body::from(lines))
}

/// Whether a poll has been worth it: that a topic is joined is no news.
fn is_news(frame: &str) -> bool {
    !["hello", "joined", "pong"].iter().any(|kind| frame.starts_with(&format!(r#"{{"type":"{kind}""#)))
}

/// The frames of a session that only listens.
async fn open(app: &AppState, actor: Actor, wanted: TopicQuery) -> impl Stream<Item = Arc<str>> + Unpin + Send + use<> {
    let actor = match &wanted.status {
        Some(token) => app.hiring.actor_from_status_token(token).await.unwrap_or(Actor::Anonymous),
        None => actor,
    };
    let (sender, frames) = mpsc::channel(FRAME_BUFFER);
    let sink = sender.with_flat_map(|said: Outgoing| {
        let frame = match said {
            Outgoing::Text(frame) => Some(Ok(frame)),
            // The end of the answer says it.
            Outgoing::Close(..) => None,
        };
        futures::stream::iter(frame)
    });
    let policy: Arc<dyn Authorize> = Arc::new(live_socket::Policy { hiring: app.hiring.clone(), actor });
    // Ends with the answer, at once.
    let (hub, stop) = (app.hub.clone(), app.stop.child_token());
    let answered = stop.clone().drop_guard();
    let incoming = Box::pin(live::one_way_incoming(wanted.topics, wanted.shown));
    tokio::spawn(live::serve(incoming, sink, hub, policy, Limits::default(), stop));
    frames.inspect(move |_| {
        let _ = &answered;
    })
}

/// Neither kept nor held back by what is in between.
fn answer(kind: &'static str, body: Body) -> Response {
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(kind)),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
        (HeaderName::from_static("x-accel-buffering"), HeaderValue::from_static("no")),
    ];
    (headers, body).into_response()
}

impl TopicQuery {
    /// What is not understood is not asked for.
    fn parse(query: Option<&str>) -> Self {
        let mut wanted = Self::default();
        for (key, value) in form_urlencoded::parse(query.unwrap_or_default().as_bytes()) {
            match (&*key, value.rsplit_once('@')) {
                ("t", Some((topic, since))) => {
                    wanted.topics.extend(since.parse().ok().map(|since| (topic.to_owned(), since)));
                }
                ("d", Some((topic, doing))) => wanted.shown.push((topic.to_owned(), doing.to_owned())),
                ("status", _) => wanted.status = Some(value.into_owned()),
                _ => {}
            }
        }
        wanted
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_names_topics_and_where_the_page_stands() {
        let wanted = TopicQuery::parse(Some("t=application%3A1%405&t=posting:2@0&t=bad&t=x@y&d=application:1@looking"));
        assert_eq!(wanted.topics, [("application:1".to_owned(), 5), ("posting:2".to_owned(), 0)]);
        assert_eq!(wanted.shown, [("application:1".to_owned(), "looking".to_owned())]);
        assert_eq!(TopicQuery::parse(None), TopicQuery::default());
    }

    #[test]
    fn a_poll_is_not_answered_by_what_says_nothing() {
        assert!(!is_news(r#"{"type":"joined","topic":"a:1","seq":4}"#));
        assert!(is_news(r#"{"type":"event","topic":"a:1","seq":4,"payload":1}"#));
        assert!(is_news(r#"{"type":"refused","topic":"a:1","reason":"forbidden"}"#));
    }
}
