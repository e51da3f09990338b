//! Who else is looking.

use leptos::prelude::*;
use live::Person;

use super::{Place, Tab, track};

/// Shows the viewer to the others on a topic that the component follows, doing what `doing` says;
/// everybody who is there, the viewer too. Nobody on the server.
pub fn use_presence(place: Place, doing: Signal<&'static str>) -> Signal<Vec<Person>> {
    let tab = expect_context::<Tab>();
    let shown = place.clone();
    // After the join, which is an effect as well.
    Effect::new(move |_| track(&shown, Some(doing.get())));
    Signal::derive(move || tab.people.with(|people| people.get(&place.topic).cloned()).unwrap_or_default())
}
