//! Server-sent events. What the client sends is in the request's URL, so a change needs another request.

use std::{
    cell::{Cell, RefCell},
    rc::Rc,
};

use wasm_bindgen::{JsCast, closure::Closure};
use web_sys::{Event, EventSource, MessageEvent};

use super::query::Query;
use crate::{
    browser::{
        environment,
        input_sink::{self, WeakSink},
    },
    client::Input,
};

pub(in super::super) struct EventStream(Rc<Inner>);

struct Inner {
    path: String,
    sink: WeakSink,
    query: RefCell<Query>,
    source: RefCell<Option<Source>>,
    /// Whether a request is scheduled, which will have all that the client sends in this turn.
    scheduled: Cell<bool>,
}

struct Source {
    source: EventSource,
    _message: Closure<dyn FnMut(MessageEvent)>,
    _failed: Closure<dyn FnMut(Event)>,
}

impl EventStream {
    /// Opens at once, because there is nothing to request before the client has joined a topic.
    pub fn open(path: &str, sink: &WeakSink) -> Self {
        let inner = Inner {
            path: path.to_owned(),
            sink: sink.clone(),
            query: RefCell::default(),
            source: RefCell::new(None),
            scheduled: Cell::new(false),
        };
        let sink = sink.clone();
        environment::defer(move || input_sink::send(&sink, Input::Opened));
        Self(Rc::new(inner))
    }

    pub fn send(&self, frame: &str) {
        let changed = self.0.query.borrow_mut().update(frame);
        if changed && !self.0.scheduled.replace(true) {
            let inner = Rc::downgrade(&self.0);
            environment::defer(move || {
                if let Some(inner) = inner.upgrade() {
                    inner.request();
                }
            });
        }
    }
}

impl Inner {
    fn request(self: &Rc<Self>) {
        self.scheduled.set(false);
        let url = (!self.query.borrow().is_empty()).then(|| self.query.borrow().url(&self.path, "stream"));
        let source = url.and_then(|url| Source::open(&url, self));
        *self.source.borrow_mut() = source;
    }

    fn on_frame(&self, frame: &str) {
        self.query.borrow_mut().on_frame(frame);
        input_sink::send(&self.sink, Input::Message(frame));
    }
}

impl Source {
    fn open(url: &str, inner: &Rc<Inner>) -> Option<Self> {
        let source = EventSource::new(url).ok()?;
        let weak = Rc::downgrade(inner);
        let message = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
            if let (Some(inner), Some(frame)) = (weak.upgrade(), event.data().as_string()) {
                inner.on_frame(&frame);
            }
        });
        let sink = inner.sink.clone();
        // The browser would reconnect by itself, but from the first `since`.
        let failed = Closure::<dyn FnMut(Event)>::new(move |_| input_sink::send(&sink, Input::Closed));
        source.set_onmessage(Some(message.as_ref().unchecked_ref()));
        source.set_onerror(Some(failed.as_ref().unchecked_ref()));
        Some(Self { source, _message: message, _failed: failed })
    }
}

impl Drop for Source {
    fn drop(&mut self) {
        self.source.set_onmessage(None);
        self.source.set_onerror(None);
        self.source.close();
    }
}
