//! What a panic in a job said, and where.
//!
//! Only the panic hook knows the place, so the queue's hook notes it for the thread that polls a job,
//! and hands every panic on to the hook that was there before: it swallows nobody's output. A program
//! that sets a hook of its own later, and calls no other, loses the places and nothing else.

use std::{
    any::Any,
    cell::RefCell,
    future::Future,
    panic::{self, AssertUnwindSafe},
    pin::Pin,
    sync::Once,
    task::{Context, Poll},
};

use futures::{FutureExt, future::BoxFuture};

thread_local! {
    /// Where the last panic was, while this thread runs what is to be caught.
    static WATCH: RefCell<Option<Watch>> = const { RefCell::new(None) };
}

#[derive(Default)]
struct Watch {
    place: Option<String>,
}

/// Notes the places of panics from here on; once a process.
pub(crate) fn note_places() {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let before = panic::take_hook();
        panic::set_hook(Box::new(move |panic| {
            note(panic.location());
            before(panic);
        }));
    });
}

fn note(place: Option<&panic::Location<'_>>) {
    // A hook must not panic: a thread that ends, or looks at its watch, notes nothing.
    let _ = WATCH.try_with(|watch| {
        if let Ok(mut watch) = watch.try_borrow_mut()
            && let Some(watch) = &mut *watch
        {
            watch.place = place.map(|at| format!("{}:{}:{}", at.file(), at.line(), at.column()));
        }
    });
}

/// Runs `act`; its panic as words.
pub(crate) fn caught<T>(act: impl FnOnce() -> T) -> Result<T, String> {
    // Jobs do not nest, but a worker may perform another one in a test.
    let outer = WATCH.replace(Some(Watch::default()));
    let ended = panic::catch_unwind(AssertUnwindSafe(act));
    let place = WATCH.replace(outer).and_then(|watch| watch.place);
    ended.map_err(|panic| in_words(&*panic, place))
}

fn in_words(panic: &(dyn Any + Send), place: Option<String>) -> String {
    let said = panic.downcast_ref::<&str>().copied().or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    let said = said.unwrap_or("(without a message)");
    match place {
        Some(place) => format!("panicked at {place}: {said}"),
        None => format!("panicked: {said}"),
    }
}

/// A future whose panic is its output.
pub(crate) struct Caught<'a, T>(BoxFuture<'a, T>);

impl<'a, T> Caught<'a, T> {
    pub(crate) fn new(future: BoxFuture<'a, T>) -> Self {
        Self(future)
    }
}

impl<T> Future for Caught<'_, T> {
    type Output = Result<T, String>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        match caught(|| self.0.poll_unpin(cx)) {
            Ok(polled) => polled.map(Ok),
            Err(panic) => Poll::Ready(Err(panic)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_told_with_its_place_and_one_that_nobody_watches_leaves_none() {
        note_places();
        let line = line!() + 1;
        let told = caught(|| panic!("{} jobs", 3)).map(|()| "nothing");
        let told = told.expect_err("it panicked");
        assert!(told.starts_with(&format!("panicked at {}:{line}:", file!())) && told.ends_with(": 3 jobs"), "{told}");
        let _ = panic::catch_unwind(|| panic!("somebody else's"));
        let told = caught(|| panic::resume_unwind(Box::new("passed on"))).map(|()| "nothing");
        assert_eq!(told.expect_err("it panicked"), "panicked: passed on");
    }

    #[test]
    fn the_hook_that_was_there_before_hears_every_panic() {
        use std::sync::atomic::{AtomicUsize, Ordering};
        static HEARD: AtomicUsize = AtomicUsize::new(0);
        // Ours may be below this one or above it; each hands on.
        let before = panic::take_hook();
        panic::set_hook(Box::new(move |panic| {
            HEARD.fetch_add(1, Ordering::SeqCst);
            before(panic);
        }));
        note_places();
        assert!(caught(|| panic!("in a job")).map(|()| "nothing").is_err());
        assert!(panic::catch_unwind(|| panic!("elsewhere")).is_err());
        assert!(HEARD.load(Ordering::SeqCst) >= 2);
    }
}
