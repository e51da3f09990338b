//! The people who have the same topic open.

use leptos::prelude::*;
use live::Person;

use super::{ConnectionState, TopicRef, track};

/// Shows the viewer as present on `topic`, with the activity `doing`, and returns everybody who is
/// present, including the viewer. The component must follow the topic too. Empty on the server.
pub fn use_presence(topic: TopicRef, doing: Signal<&'static str>) -> Signal<Vec<Person>> {
    let tab = expect_context::<ConnectionState>();
    let tracked = topic.clone();
    // Runs after the effect that joins the topic.
    Effect::new(move |_| track(&tracked, Some(doing.get())));
    Signal::derive(move || tab.people.with(|people| people.get(&topic.topic).cloned()).unwrap_or_default())
}
