//! What the shell needs of the page: its time, its timers, its coming and going.

use std::rc::{Rc, Weak};

use wasm_bindgen::{JsCast, closure::Closure, convert::FromWasmAbi};
use web_sys::{Document, Event, EventTarget, Window};

use super::shell::Shell;
use crate::client::Input;

/// The clock of the machine; the client copes with its jumps.
pub(super) fn now_ms() -> i64 {
    js_sys::Date::now() as i64
}

/// Different in every tab.
pub(super) fn seed() -> u64 {
    (js_sys::Math::random() * 9_007_199_254_740_992.0) as u64
}

/// `ws` or `wss`, as the page itself was loaded.
pub(super) fn socket_url(path: &str) -> String {
    let location = web_sys::window().map(|window| window.location());
    let of = |part: fn(&web_sys::Location) -> Result<String, wasm_bindgen::JsValue>| {
        location.as_ref().and_then(|location| part(location).ok()).unwrap_or_default()
    };
    let scheme = if of(web_sys::Location::protocol) == "https:" { "wss" } else { "ws" };
    format!("{scheme}://{}{path}", of(web_sys::Location::host))
}

pub(super) fn is_hidden() -> bool {
    document().is_some_and(|document| document.hidden())
}

fn document() -> Option<Document> {
    web_sys::window()?.document()
}

/// Calls `then` after what is under way, if the shell is still there.
pub(super) fn soon(shell: &Rc<Shell>, then: impl FnOnce(&Rc<Shell>) + 'static) {
    let shell = Rc::downgrade(shell);
    let then = Closure::once_into_js(move || {
        if let Some(shell) = shell.upgrade() {
            then(&shell);
        }
    });
    if let Some(window) = web_sys::window() {
        // Fails for no function.
        let _ = window.set_timeout_with_callback(then.unchecked_ref());
    }
}

/// Hears of the page and the network until the listeners are dropped.
pub(super) fn listen(shell: &Weak<Shell>) -> Vec<Listener> {
    let (Some(window), Some(document)) = (web_sys::window(), document()) else { return Vec::new() };
    let on_window = |name: &'static str, input: Input<'static>| Listener::new(&window, name, shell, move || input);
    let visibility = || if is_hidden() { Input::Hidden } else { Input::Visible };
    vec![
        Listener::new(&document, "visibilitychange", shell, visibility),
        on_window("online", Input::Online),
        on_window("offline", Input::Offline),
        // Into the back/forward cache and out of it: a page in there may hold no socket.
        on_window("pagehide", Input::Frozen),
        on_window("pageshow", Input::Thawed),
    ]
}

/// An event listener. Dropped, it is removed.
pub(super) struct Listener {
    target: EventTarget,
    name: &'static str,
    handler: Closure<dyn FnMut(Event)>,
}

impl Listener {
    fn new(
        target: &EventTarget,
        name: &'static str,
        shell: &Weak<Shell>,
        input: impl Fn() -> Input<'static> + 'static,
    ) -> Self {
        let handler = handler(shell.clone(), input);
        // Fails for no name that is used here.
        let _ = target.add_event_listener_with_callback(name, handler.as_ref().unchecked_ref());
        Self { target: target.clone(), name, handler }
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        let _ = self.target.remove_event_listener_with_callback(self.name, self.handler.as_ref().unchecked_ref());
    }
}

/// Feeds the shell, while there is one, with what `input` makes of an event.
pub(super) fn event_handler<E: FromWasmAbi + 'static>(
    shell: &Rc<Shell>,
    input: impl Fn() -> Input<'static> + 'static,
) -> Closure<dyn FnMut(E)> {
    handler(Rc::downgrade(shell), input)
}

fn handler<E: FromWasmAbi + 'static>(
    shell: Weak<Shell>,
    input: impl Fn() -> Input<'static> + 'static,
) -> Closure<dyn FnMut(E)> {
    Closure::new(move |_: E| {
        if let Some(shell) = shell.upgrade() {
            shell.handle(input());
        }
    })
}

/// One `setTimeout`. Dropped, it is cleared.
pub(super) struct Timer {
    window: Option<Window>,
    id: i32,
    _handler: Closure<dyn FnMut()>,
}

impl Timer {
    /// Ticks at `at` of [`now_ms`].
    pub fn at(at: i64, shell: &Rc<Shell>) -> Self {
        let shell = Rc::downgrade(shell);
        let handler = Closure::new(move || {
            if let Some(shell) = shell.upgrade() {
                shell.handle(Input::Tick);
            }
        });
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
