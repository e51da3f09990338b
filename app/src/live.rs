//! Live topics as Leptos signals, so that a component follows one with a single call.

#[cfg(target_arch = "wasm32")]
mod browser;
mod presence;

use std::collections::BTreeMap;

use domain::{ApplicationId, Fold, Topic};
use leptos::prelude::*;
use live::{Connection, Person, Refusal};

pub use presence::use_presence;

/// The socket of signed-in pages.
const SOCKET_PATH: &str = "/live";

/// A topic, the socket to follow it on, and the sequence number that the page was rendered at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TopicRef {
    socket: String,
    topic: String,
    seq: u64,
}

impl TopicRef {
    /// A topic, for signed-in users.
    pub fn new(topic: Topic, seq: u64) -> Self {
        Self { socket: SOCKET_PATH.to_owned(), topic: topic.to_string(), seq }
    }

    /// The status of an application, for the applicant who holds its `token`.
    pub fn status(id: ApplicationId, token: &str, seq: u64) -> Self {
        let socket = format!("{SOCKET_PATH}?status={token}");
        Self { socket, topic: Topic::Status(id).to_string(), seq }
    }
}

/// The state of a topic, updated by its events as they arrive.
#[derive(Debug)]
pub struct Live<S: Send + Sync + 'static> {
    /// The topic's state: the initial state with all received events applied.
    pub state: ReadSignal<S>,
    /// The sequence number of the last event in `state`.
    pub seq: ReadSignal<u64>,
    /// The connection of this tab to the server.
    pub connection: ReadSignal<Connection>,
}

impl<S: Send + Sync + 'static> Clone for Live<S> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<S: Send + Sync + 'static> Copy for Live<S> {}

/// Why the server closed a subscription of this page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Closed {
    /// The session has ended: the server refuses even the user's own topic.
    SignedOut,
    /// The server refuses a topic to a visitor who may still be signed in.
    Refused(Refusal),
}

impl Closed {
    /// The reason to show after `topic` was closed with `refusal`. The end of a session closes every
    /// topic of the page, in any order, so it outweighs the others.
    #[cfg_attr(
        not(any(target_arch = "wasm32", test)),
        expect(dead_code, reason = "only the browser has subscriptions")
    )]
    fn after(before: Option<Self>, topic: &str, refusal: Refusal) -> Self {
        let signed_out = refusal == Refusal::Forbidden && topic.starts_with("user:");
        if signed_out || before == Some(Self::SignedOut) { Self::SignedOut } else { Self::Refused(refusal) }
    }
}

/// What this tab's sockets report that does not belong to one topic. A context value.
#[derive(Clone, Copy, Debug)]
pub struct ConnectionState {
    /// Whether the socket is connected.
    pub connection: RwSignal<Connection>,
    /// Why the page no longer follows its topics; `None` while it does.
    pub closed: RwSignal<Option<Closed>>,
    /// The number of live pages that are shown; 0 or 1 except in the middle of a navigation.
    pub live_pages: RwSignal<usize>,
    /// The people present on each topic, by the topic's name.
    people: RwSignal<BTreeMap<String, Vec<Person>>>,
}

/// Provides the [`ConnectionState`] of this tab. It is connecting until the browser has a connection, on
/// the server too: a page is not live before its scripts run.
pub fn provide_connection_state() {
    provide_context(ConnectionState {
        connection: RwSignal::new(Connection::Connecting),
        closed: RwSignal::new(None),
        live_pages: RwSignal::new(0),
        people: RwSignal::new(BTreeMap::new()),
    });
}

/// Follows a topic, starting from `initial`, until the component is dropped. On the server the state
/// never changes.
pub fn use_topic<S>(topic: TopicRef, initial: S) -> (ReadSignal<S>, ReadSignal<Connection>)
where
    S: Fold + Send + Sync + 'static,
{
    let live = use_live(topic, initial, |_| ());
    (live.state, live.connection)
}

/// Like [`use_topic`], and calls `on_event` with each event before applying it to the state.
pub fn use_live<S>(topic: TopicRef, initial: S, on_event: impl Fn(&S::Event) + 'static) -> Live<S>
where
    S: Fold + Send + Sync + 'static,
{
    let (state, set_state) = signal(initial);
    let (seq, set_seq) = signal(topic.seq);
    let tab = expect_context::<ConnectionState>();
    let on_message = move |message: EventMessage| {
        let decoded = if message.snapshot {
            serde_json::from_value::<S>(message.payload).map(|snapshot| set_state.set(snapshot))
        } else {
            serde_json::from_value::<S::Event>(message.payload).map(|event| {
                on_event(&event);
                set_state.update(|state| state.apply(event));
            })
        };
        match decoded {
            Ok(()) => set_seq.set(message.seq),
            // A newer server sends events that this build does not know. The page keeps its state
            // until it is reloaded.
            Err(error) => leptos::logging::warn!("cannot decode event {}: {error}", message.seq),
        }
    };
    join(topic, on_message);
    Live { state, seq, connection: tab.connection.read_only() }
}

#[cfg(target_arch = "wasm32")]
use browser::{join, track};
#[cfg(target_arch = "wasm32")]
use live::EventMessage;

/// A message of a topic: an event or a snapshot. The server never receives one.
#[cfg(not(target_arch = "wasm32"))]
struct EventMessage {
    seq: u64,
    snapshot: bool,
    payload: serde_json::Value,
}

#[cfg(not(target_arch = "wasm32"))]
fn join(_topic: TopicRef, _on_message: impl FnMut(EventMessage) + 'static) {}

#[cfg(not(target_arch = "wasm32"))]
fn track(_topic: &TopicRef, _doing: Option<&str>) {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_end_of_the_session_is_a_sign_out() {
        let lost_access = Closed::after(None, "queue", Refusal::Forbidden);
        assert_eq!(lost_access, Closed::Refused(Refusal::Forbidden));
        assert_eq!(Closed::after(Some(lost_access), "user:1", Refusal::Forbidden), Closed::SignedOut);
        assert_eq!(Closed::after(Some(Closed::SignedOut), "queue", Refusal::Forbidden), Closed::SignedOut);
        assert_eq!(Closed::after(None, "user:1", Refusal::Epoch), Closed::Refused(Refusal::Epoch));
    }
}
