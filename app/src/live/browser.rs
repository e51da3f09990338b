//! The sockets of this tab.

use std::{cell::RefCell, collections::HashMap, rc::Rc};

use leptos::prelude::*;
use live::{LiveSocket, Told};

use super::{Place, Tab};
use crate::update;

thread_local! {
    /// One socket per tab and path; it lives as long as the tab.
    static SOCKETS: RefCell<HashMap<String, LiveSocket>> = RefCell::default();
}

pub(super) fn join(place: Place, hear: impl FnMut(Told) + 'static) {
    let (tab, update) = (expect_context::<Tab>(), expect_context::<update::Update>());
    let hear = Rc::new(RefCell::new(hear));
    let subscription = StoredValue::new_local(None);
    // An effect, so that it begins after hydration.
    Effect::new(move |_| {
        let hear = Rc::clone(&hear);
        tab.closed.set(None);
        let joined =
            socket(&place.socket, tab, update).join(&place.topic, place.seq, move |told| (hear.borrow_mut())(told));
        subscription.set_value(Some(joined));
    });
    on_cleanup(move || subscription.set_value(None));
}

pub(super) fn track(place: &Place, doing: Option<&str>) {
    SOCKETS.with_borrow(|sockets| {
        if let Some(socket) = sockets.get(&place.socket) {
            socket.track(&place.topic, doing);
        }
    });
}

fn socket(path: &str, tab: Tab, update: update::Update) -> LiveSocket {
    SOCKETS.with_borrow_mut(|sockets| {
        let open = || {
            let socket = LiveSocket::open(path, epoch());
            socket.on_build(move |build| update.tell_of_build(build));
            socket.on_connection(move |now| tab.connection.set(now));
            socket.on_closed(move |_, reason| tab.closed.set(Some(reason)));
            socket.on_people(move |topic, people| {
                tab.people.update(|known| drop(known.insert(topic.to_owned(), people.to_vec())));
            });
            socket
        };
        sockets.entry(path.to_owned()).or_insert_with(open).clone()
    })
}

/// The history that the page was rendered from.
fn epoch() -> Option<String> {
    document().query_selector("meta[name=live-epoch]").ok()??.get_attribute("content")
}
