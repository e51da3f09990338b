//! The live sockets of this tab.

use std::{cell::RefCell, collections::HashMap, rc::Rc};

use leptos::prelude::*;
use live::{EventMessage, LiveSocket};

use super::{Closed, ConnectionState, TopicRef};
use crate::update;

thread_local! {
    /// One socket for each path. A socket lives as long as the tab.
    static SOCKETS: RefCell<HashMap<String, LiveSocket>> = RefCell::default();
}

/// Subscribes to `topic` after hydration; the subscription ends with the current owner.
pub(super) fn join(topic: TopicRef, on_message: impl FnMut(EventMessage) + 'static) {
    let (tab, update) = (expect_context::<ConnectionState>(), expect_context::<update::Update>());
    let on_message = Rc::new(RefCell::new(on_message));
    let subscription = StoredValue::new_local(None);
    // Effects run only after hydration.
    Effect::new(move |_| {
        let on_message = Rc::clone(&on_message);
        tab.closed.set(None);
        let joined = socket(&topic.socket, tab, update)
            .join(&topic.topic, topic.seq, move |message| (on_message.borrow_mut())(message));
        subscription.set_value(Some(joined));
    });
    on_cleanup(move || subscription.set_value(None));
}

/// Tells the others on `topic` what this viewer is doing; `None` withdraws the viewer.
pub(super) fn track(topic: &TopicRef, doing: Option<&str>) {
    SOCKETS.with_borrow(|sockets| {
        if let Some(socket) = sockets.get(&topic.socket) {
            socket.track(&topic.topic, doing);
        }
    });
}

fn socket(path: &str, tab: ConnectionState, update: update::Update) -> LiveSocket {
    SOCKETS.with_borrow_mut(|sockets| {
        let open = || {
            let socket = LiveSocket::open(path, epoch());
            socket.on_build(move |build| update.set_served_build(build));
            socket.on_connection(move |connection| tab.connection.set(connection));
            socket.on_closed(move |topic, refusal| {
                tab.closed.update(|closed| *closed = Some(Closed::after(*closed, topic, refusal)));
            });
            socket.on_presence(move |topic, people| {
                tab.people.update(|by_topic| drop(by_topic.insert(topic.to_owned(), people.to_vec())));
            });
            socket
        };
        sockets.entry(path.to_owned()).or_insert_with(open).clone()
    })
}

/// The epoch of the event log that the page was rendered from.
fn epoch() -> Option<String> {
    document().query_selector("meta[name=live-epoch]").ok()??.get_attribute("content")
}
