//! The browser's clock, timers, and events of the page and the network.

use wasm_bindgen::{JsCast, closure::Closure, convert::FromWasmAbi};
use web_sys::{Document, Event, EventTarget, Window};

use super::input_sink::{self, WeakSink};
use crate::client::Input;

/// The machine's clock, which may jump, in milliseconds since 1970.
pub(super) fn now_ms() -> i64 {
    js_sys::Date::now() as i64
}

/// A random number for [`Client::new`](crate::client::Client::new).
pub(super) fn seed() -> u64 {
    (js_sys::Math::random() * 9_007_199_254_740_992.0) as u64
}

/// The WebSocket URL of `path`, with `wss` if the page was loaded by `https`.
pub(super) fn socket_url(path: &str) -> String {
    let location = web_sys::window().map(|window| window.location());
    let read = |part: fn(&web_sys::Location) -> Result<String, wasm_bindgen::JsValue>| {
        location.as_ref().and_then(|location| part(location).ok()).unwrap_or_default()
    };
    let scheme = if read(web_sys::Location::protocol) == "https:" { "wss" } else { "ws" };
    format!("{scheme}://{}{path}", read(web_sys::Location::host))
}

pub(super) fn is_hidden() -> bool {
    document().is_some_and(|document| document.hidden())
}

fn document() -> Option<Document> {
    web_sys::window()?.document()
}

/// Calls `callback` in a later turn of the event loop.
pub(super) fn defer(callback: impl FnOnce() + 'static) {
    let callback = Closure::once_into_js(callback);
    if let Some(window) = web_sys::window() {
        // It only fails if the callback is not a function.
        let _ = window.set_timeout_with_callback(callback.unchecked_ref());
    }
}

/// Passes events of the page and the network to the sink until the listeners are dropped.
pub(super) fn listen(sink: &WeakSink) -> Vec<Listener> {
    let (Some(window), Some(document)) = (web_sys::window(), document()) else { return Vec::new() };
    let on_window = |name: &'static str, input: Input<'static>| Listener::new(&window, name, sink, move || input);
    let visibility = || if is_hidden() { Input::Hidden } else { Input::Visible };
    vec![
        Listener::new(&document, "visibilitychange", sink, visibility),
        on_window("online", Input::Online),
        on_window("offline", Input::Offline),
        // The page enters or leaves the back/forward cache, where it may have no open socket.
        on_window("pagehide", Input::Frozen),
        on_window("pageshow", Input::Resumed),
    ]
}

/// An event listener, which is removed when this is dropped.
pub(super) struct Listener {
    target: EventTarget,
    name: &'static str,
    handler: Closure<dyn FnMut(Event)>,
}

impl Listener {
    fn new(
        target: &EventTarget,
        name: &'static str,
        sink: &WeakSink,
        input: impl Fn() -> Input<'static> + 'static,
    ) -> Self {
        let handler = event_handler(sink, input);
        // It does not fail for the names above.
        let _ = target.add_event_listener_with_callback(name, handler.as_ref().unchecked_ref());
        Self { target: target.clone(), name, handler }
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        let _ = self.target.remove_event_listener_with_callback(self.name, self.handler.as_ref().unchecked_ref());
    }
}

/// An event handler that passes the result of `input` to the sink, while that exists.
pub(super) fn event_handler<E: FromWasmAbi + 'static>(
    sink: &WeakSink,
    input: impl Fn() -> Input<'static> + 'static,
) -> Closure<dyn FnMut(E)> {
    let sink = sink.clone();
    Closure::new(move |_: E| input_sink::send(&sink, input()))
}

/// A `setTimeout`, which is cleared when this is dropped.
pub(super) struct Timer {
    window: Option<Window>,
    id: i32,
    _handler: Closure<dyn FnMut()>,
}

impl Timer {
    /// Passes [`Input::Tick`] to the sink when [`now_ms`] reaches `at`.
    pub fn at(at: i64, sink: WeakSink) -> Self {
        let handler = Closure::new(move || input_sink::send(&sink, Input::Tick));
        let delay = i32::try_from((at - now_ms()).max(0)).unwrap_or(i32::MAX);
        let window = web_sys::window();
        let set = window.as_ref().and_then(|window| {
            let callback = Closure::as_ref(&handler).unchecked_ref();
            window.set_timeout_with_callback_and_timeout_and_arguments_0(callback, delay).ok()
        });
        Self { window, id: set.unwrap_or_default(), _handler: handler }
    }
}

impl Drop for Timer {
    fn drop(&mut self) {
        if let Some(window) = &self.window {
            window.clear_timeout_with_handle(self.id);
        }
    }
}
