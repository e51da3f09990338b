//! The live socket: one WebSocket per tab, which carries all topics.

use std::{sync::Arc, time::Duration};

use axum::{
    Extension,
    extract::{
        Query, State, WebSocketUpgrade,
        ws::{CloseFrame, Message, WebSocket},
    },
    response::Response,
};
use db::Clock;
use domain::Topic;
use futures::{SinkExt, StreamExt, future::BoxFuture};
use hiring::{Actor, Hiring};
use live::{Authorize, Identity, Incoming, Limits, Outgoing};
use serde_json::{Value, json};
use tokio::time::Instant;

use crate::{pages, state::AppState};

/// The size of the largest message that a browser may send.
const MAX_MESSAGE_BYTES: usize = 64 * 1024;
/// axum's default buffers would take 128 KiB for each socket.
const READ_BUFFER_BYTES: usize = 1024;
/// The frames of a replay are written in batches of this size; a single frame is written at once.
const WRITE_BUFFER_BYTES: usize = 4 * 1024;

/// The query of the socket's address.
#[derive(Debug, serde::Deserialize)]
pub struct LiveQuery {
    /// The secret of an applicant's status page. A recruiter's page has a cookie instead.
    status: Option<String>,
}

/// `GET /live`: upgrades to a WebSocket.
pub async fn live(
    State(app): State<AppState>,
    Extension(actor): Extension<Actor>,
    Query(query): Query<LiveQuery>,
    upgrade: WebSocketUpgrade,
) -> Response {
    let actor = match query.status {
        Some(token) => app.hiring.actor_from_status_token(&token).await.unwrap_or_else(|error| {
            pages::log(&error);
            Actor::Anonymous
        }),
        None => actor,
    };
    upgrade
        .max_message_size(MAX_MESSAGE_BYTES)
        .max_frame_size(MAX_MESSAGE_BYTES)
        .read_buffer_size(READ_BUFFER_BYTES)
        .write_buffer_size(WRITE_BUFFER_BYTES)
        .on_upgrade(async move |socket| {
            let open = app.connections.clone();
            open.track(serve(app, actor, socket)).await;
        })
}

async fn serve(app: AppState, actor: Actor, socket: WebSocket) {
    let (sink, stream) = socket.split();
    let incoming = stream.filter_map(async |message| match message {
        Ok(Message::Text(text)) => Some(Incoming::Text(text.to_string())),
        Ok(Message::Close(_)) | Err(_) => Some(Incoming::Closed),
        Ok(Message::Binary(_) | Message::Ping(_) | Message::Pong(_)) => None,
    });
    let outgoing = sink.with(async |frame: Outgoing| Ok::<_, axum::Error>(message(frame)));
    let policy = Arc::new(Policy { hiring: app.hiring.clone(), actor });
    live::serve(Box::pin(incoming), Box::pin(outgoing), app.hub.clone(), policy, Limits::default(), app.stop.clone())
        .await;
}

fn message(frame: Outgoing) -> Message {
    match frame {
        Outgoing::Text(text) => Message::Text(text.as_ref().into()),
        Outgoing::Close(code, reason) => Message::Close(Some(CloseFrame { code, reason: reason.into() })),
    }
}

/// What the actor of a socket may join and do. Evaluated at every join and revocation.
#[derive(Debug)]
pub struct Policy {
    /// The use-cases.
    pub hiring: Hiring,
    /// Who opened the socket.
    pub actor: Actor,
}

impl Authorize for Policy {
    fn subject(&self) -> String {
        match &self.actor {
            Actor::User(user) => user.session.clone(),
            Actor::Applicant(id) => Topic::Status(*id).to_string(),
            Actor::Anonymous | Actor::Operator => String::new(),
        }
    }

    fn valid_until(&self) -> Option<Instant> {
        let Actor::User(user) = &self.actor else { return None };
        let left = u64::try_from(user.expires_at - Clock::system().now_ms()).unwrap_or(0);
        // A little later, so that the session has expired when the policy is evaluated again.
        Some(Instant::now() + Duration::from_millis(left) + Duration::from_secs(1))
    }

    /// Recruiters see who else looks at an application.
    fn identity(&self, topic: &str) -> Option<Identity> {
        match &self.actor {
            Actor::User(user) if matches!(topic.parse(), Ok(Topic::Application(_))) => {
                Some(Identity { name: user.name.clone(), key: user.id.to_string() })
            }
            _ => None,
        }
    }

    fn may_join<'a>(&'a self, topic: &'a str) -> BoxFuture<'a, Result<bool, live::BoxError>> {
        Box::pin(async move { Ok(self.hiring.may_join(&self.actor, topic).await?) })
    }

    fn push<'a>(&'a self, topic: &'a str, payload: Value) -> BoxFuture<'a, Result<Value, String>> {
        Box::pin(async move {
            match (topic.parse(), payload.get("ask").and_then(Value::as_str)) {
                (Ok(Topic::Application(id)), Some("request_summary")) => self
                    .hiring
                    .request_summary(&self.actor, id)
                    .await
                    .map(|()| json!({ "status": "processing" }))
                    .map_err(|error| error.code().to_owned()),
                _ => Err("unknown".to_owned()),
            }
        })
    }
}
