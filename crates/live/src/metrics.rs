//! Prometheus metrics of a hub.

use prometheus_client::{
    metrics::{counter::Counter, gauge::Gauge, histogram::Histogram},
    registry::{Registry, Unit},
};

/// Bucket bounds in seconds, from a millisecond to ten seconds.
const BUCKETS: [f64; 13] = [0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0];

/// What a hub and its sessions count.
pub(crate) struct Metrics {
    pub sockets: Gauge,
    pub joins: Counter,
    pub refusals: Counter,
    pub replays: Counter,
    pub events: Counter,
    pub slow_closes: Counter,
    pub failed_reads: Counter,
    lag: Histogram,
}

impl Default for Metrics {
    fn default() -> Self {
        Self {
            sockets: Gauge::default(),
            joins: Counter::default(),
            refusals: Counter::default(),
            replays: Counter::default(),
            events: Counter::default(),
            slow_closes: Counter::default(),
            failed_reads: Counter::default(),
            lag: Histogram::new(BUCKETS),
        }
    }
}

impl Metrics {
    /// Records an event that was published at `published_at` and written to a socket at `now`, both in
    /// milliseconds since 1970. The two come from the clocks of two machines, which may differ.
    pub fn record_event(&self, published_at: i64, now: i64) {
        self.events.inc();
        let ms = u32::try_from((now - published_at).max(0)).unwrap_or(u32::MAX);
        self.lag.observe(f64::from(ms) / 1_000.0);
    }

    pub fn register(&self, registry: &mut Registry) {
        registry.register("live_sockets", "Sockets that are open on this node", self.sockets.clone());
        registry.register("live_joins", "Joins that were confirmed", self.joins.clone());
        registry.register(
            "live_refusals",
            "Joins that were refused, and topics that were closed",
            self.refusals.clone(),
        );
        registry.register("live_replays", "Joins that had to read the log", self.replays.clone());
        registry.register(
            "live_events",
            "Events that were written to a socket as they were published",
            self.events.clone(),
        );
        registry.register(
            "live_slow_closes",
            "Sockets that were closed for reading too slowly",
            self.slow_closes.clone(),
        );
        registry.register(
            "live_failed_reads",
            "Reads of the log that failed and were retried",
            self.failed_reads.clone(),
        );
        registry.register_with_unit(
            "live_lag",
            "From publishing an event to writing it to a socket",
            Unit::Seconds,
            self.lag.clone(),
        );
    }
}
