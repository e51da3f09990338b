//! Long polling: one request after the other, which the server answers as soon as it has an event.

use std::{
    cell::{Cell, RefCell},
    rc::Rc,
};

use wasm_bindgen::{JsCast, closure::Closure};
use web_sys::{Event, XmlHttpRequest};

use super::query::Query;
use crate::{
    browser::{
        environment,
        input_sink::{self, WeakSink},
    },
    client::Input,
};

pub(in super::super) struct LongPoll(Rc<Inner>);

struct Inner {
    path: String,
    sink: WeakSink,
    query: RefCell<Query>,
    request: RefCell<Option<Request>>,
    /// Whether a request is scheduled, which will have all that the client sends in this turn.
    scheduled: Cell<bool>,
}

struct Request {
    request: XmlHttpRequest,
    _on_end: Closure<dyn FnMut(Event)>,
}

impl LongPoll {
    /// Opens at once, like an event stream.
    pub fn open(path: &str, sink: &WeakSink) -> Self {
        let inner = Inner {
            path: path.to_owned(),
            sink: sink.clone(),
            query: RefCell::default(),
            request: RefCell::new(None),
            scheduled: Cell::new(false),
        };
        let sink = sink.clone();
        environment::defer(move || input_sink::send(&sink, Input::Opened));
        Self(Rc::new(inner))
    }

    pub fn send(&self, frame: &str) {
        if self.0.query.borrow_mut().update(frame) {
            self.0.schedule_request();
        }
    }
}

impl Inner {
    fn schedule_request(self: &Rc<Self>) {
        if self.scheduled.replace(true) {
            return;
        }
        let inner = Rc::downgrade(self);
        environment::defer(move || {
            if let Some(inner) = inner.upgrade() {
                inner.request();
            }
        });
    }

    fn request(self: &Rc<Self>) {
        self.scheduled.set(false);
        let url = (!self.query.borrow().is_empty()).then(|| self.query.borrow().url(&self.path, "poll"));
        let request = url.and_then(|url| Request::send(&url, self));
        *self.request.borrow_mut() = request;
    }

    fn on_answer(self: &Rc<Self>, answer: Option<String>) {
        let Some(answer) = answer else { return input_sink::send(&self.sink, Input::Closed) };
        for frame in answer.lines() {
            self.query.borrow_mut().on_frame(frame);
            input_sink::send(&self.sink, Input::Message(frame));
        }
        self.schedule_request();
    }
}

impl Request {
    fn send(url: &str, inner: &Rc<Inner>) -> Option<Self> {
        let request = XmlHttpRequest::new().ok()?;
        request.open_with_async("GET", url, true).ok()?;
        let (weak, sent) = (Rc::downgrade(inner), request.clone());
        let on_end = Closure::<dyn FnMut(Event)>::new(move |_| {
            let answer = (sent.status() == Ok(200)).then(|| sent.response_text().ok().flatten()).flatten();
            if let Some(inner) = weak.upgrade() {
                inner.on_answer(answer);
            }
        });
        request.set_onloadend(Some(on_end.as_ref().unchecked_ref()));
        request.send().ok()?;
        Some(Self { request, _on_end: on_end })
    }
}

impl Drop for Request {
    fn drop(&mut self) {
        self.request.set_onloadend(None);
        let _ = self.request.abort();
    }
}
