//! Which request a job comes from, as a W3C `traceparent`
//! (<https://www.w3.org/TR/trace-context/#traceparent-header>): it is kept with the job, and jobs
//! that a job enqueues inherit it.

use std::future::Future;

/// Makes the span of an attempt part of the trace of this traceparent, for programs that export
/// spans; the traceparent of the span itself, to which belongs what the attempt enqueues. See
/// [`Queue::link_traces`](crate::Queue::link_traces).
pub type Link = fn(&tracing::Span, Option<&str>) -> Option<String>;

tokio::task_local! {
    static CURRENT: String;
}

/// Runs `future` as part of the trace `traceparent`: whatever it enqueues carries it.
pub async fn scope<F: Future>(traceparent: String, future: F) -> F::Output {
    CURRENT.scope(traceparent, future).await
}

/// The trace of the calling task, if it has one.
#[must_use]
pub fn current() -> Option<String> {
    CURRENT.try_with(Clone::clone).ok()
}
