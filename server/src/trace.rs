//! Every request belongs to a trace: its caller's or a new one. The jobs that it enqueues, and theirs,
//! continue it (<https://www.w3.org/TR/trace-context/>).

use axum::{
    body::Body,
    extract::MatchedPath,
    http::{HeaderMap, Request},
    middleware::Next,
    response::Response,
};
use tracing::Instrument;
use uuid::Uuid;

use crate::telemetry;

const TRACEPARENT: &str = "traceparent";

/// Runs the request in a span, which names the route and never the path: a status link is a secret.
pub async fn attach(request: Request<Body>, next: Next) -> Response {
    let caller = parse_traceparent(request.headers());
    let route = request.extensions().get::<MatchedPath>().map_or("page", MatchedPath::as_str);
    let span = tracing::info_span!("request", method = %request.method(), route, trace = tracing::field::Empty);
    let trace = telemetry::link(&span, caller.as_deref()).or(caller).unwrap_or_else(new_traceparent);
    span.record("trace", &trace);
    queue::trace::scope(trace, next.run(request).instrument(span)).await
}

/// The caller's `traceparent`, if it is valid.
fn parse_traceparent(headers: &HeaderMap) -> Option<String> {
    let text = headers.get(TRACEPARENT)?.to_str().ok()?;
    let mut parts = text.split('-');
    let [version, trace, parent, flags] = [parts.next()?, parts.next()?, parts.next()?, parts.next()?];
    let hex = |part: &str, length| part.len() == length && part.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
    let zero = |part: &str| part.bytes().all(|b| b == b'0');
    let is_valid = version == "00" && hex(trace, 32) && !zero(trace) && hex(parent, 16) && !zero(parent);
    (is_valid && hex(flags, 2) && parts.next().is_none()).then(|| text.to_owned())
}

fn new_traceparent() -> String {
    let (trace, span) = (Uuid::now_v7().simple().to_string(), Uuid::now_v7().simple().to_string());
    // A UUIDv7 is random in its second half.
    format!("00-{trace}-{}-01", span.get(16..).unwrap_or("0000000000000001"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Option<String> {
        parse_traceparent(&HeaderMap::from_iter([(TRACEPARENT.parse().unwrap(), text.parse().unwrap())]))
    }

    #[test]
    fn a_valid_traceparent_is_continued_and_any_other_is_replaced() {
        let good = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
        assert_eq!(parse(good).as_deref(), Some(good));
        for bad in [
            "",
            "00",
            "01-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
            "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-x",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-<b>",
        ] {
            assert_eq!(parse(bad), None, "{bad}");
        }
        let new = new_traceparent();
        assert_eq!(parse(&new), Some(new));
    }
}
