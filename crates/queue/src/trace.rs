//! The trace that a job belongs to, as a W3C `traceparent`
//! (<https://www.w3.org/TR/trace-context/#traceparent-header>). It is stored with the job, and the jobs that
//! a job enqueues inherit it.

use std::future::Future;

/// Makes the span of an attempt a child of the given traceparent, in programs that export spans. Returns the
/// traceparent of the span itself, which the jobs that the attempt enqueues inherit. See
/// [`Queue::link_traces`](crate::Queue::link_traces).
pub type Link = fn(&tracing::Span, Option<&str>) -> Option<String>;

tokio::task_local! {
    static CURRENT: String;
}

/// Runs `future` as part of the trace `traceparent`: the jobs that it enqueues carry it.
pub async fn scope<F: Future>(traceparent: String, future: F) -> F::Output {
    CURRENT.scope(traceparent, future).await
}

/// Returns the traceparent of the calling task, if it has one.
#[must_use]
pub fn current() -> Option<String> {
    CURRENT.try_with(Clone::clone).ok()
}
