//! A WebSocket.

use wasm_bindgen::{JsCast, closure::Closure};
use web_sys::{Event, MessageEvent, WebSocket};

use crate::{
    browser::{
        environment,
        input_sink::{self, WeakSink},
    },
    client::Input,
};

pub(in super::super) struct Socket {
    socket: WebSocket,
    _opened: Closure<dyn FnMut(Event)>,
    _message: Closure<dyn FnMut(MessageEvent)>,
    _closed: Closure<dyn FnMut(Event)>,
}

impl Socket {
    pub fn open(path: &str, sink: &WeakSink) -> Option<Self> {
        let socket = WebSocket::new(&environment::socket_url(path)).ok()?;
        let opened = environment::event_handler(sink, || Input::Opened);
        let closed = environment::event_handler(sink, || Input::Closed);
        let message = message_handler(sink.clone());
        socket.set_onopen(Some(opened.as_ref().unchecked_ref()));
        socket.set_onmessage(Some(message.as_ref().unchecked_ref()));
        // The browser also fires this after an error.
        socket.set_onclose(Some(closed.as_ref().unchecked_ref()));
        Some(Self { socket, _opened: opened, _message: message, _closed: closed })
    }

    /// Sends a frame. If that fails, the socket is closing and its close event follows.
    pub fn send(&self, frame: &str) {
        let _ = self.socket.send_with_str(frame);
    }
}

fn message_handler(sink: WeakSink) -> Closure<dyn FnMut(MessageEvent)> {
    Closure::new(move |event: MessageEvent| {
        if let Some(frame) = event.data().as_string() {
            input_sink::send(&sink, Input::Message(&frame));
        }
    })
}

impl Drop for Socket {
    fn drop(&mut self) {
        self.socket.set_onopen(None);
        self.socket.set_onmessage(None);
        self.socket.set_onclose(None);
        let _ = self.socket.close();
    }
}
