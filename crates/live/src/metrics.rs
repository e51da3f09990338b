//! What a hub counts, for Prometheus.

use prometheus_client::{
    metrics::{counter::Counter, gauge::Gauge, histogram::Histogram},
    registry::{Registry, Unit},
};

/// Seconds, from a millisecond to ten seconds.
const BUCKETS: [f64; 13] = [0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0];

/// A hub's metrics.
pub(crate) struct Metrics {
    pub sockets: Gauge,
    pub joins: Counter,
    pub refusals: Counter,
    pub replays: Counter,
    pub events: Counter,
    pub slow: Counter,
    pub unread: Counter,
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
            slow: Counter::default(),
            unread: Counter::default(),
            lag: Histogram::new(BUCKETS),
        }
    }
}

impl Metrics {
    /// An event that was published at `published_at` was written at `now`; milliseconds since 1970
    /// by the clocks of two machines, so it may be off by what they differ.
    pub fn note_lag(&self, published_at: i64, now: i64) {
        self.events.inc();
        let ms = u32::try_from((now - published_at).max(0)).unwrap_or(u32::MAX);
        self.lag.observe(f64::from(ms) / 1_000.0);
    }

    pub fn register(&self, registry: &mut Registry) {
        registry.register("live_sockets", "Sockets that are open on this node", self.sockets.clone());
        registry.register("live_joins", "Joins that held", self.joins.clone());
        registry.register("live_refusals", "Joins that did not, and topics that were closed", self.refusals.clone());
        registry.register("live_replays", "Joins that had to read the log", self.replays.clone());
        registry.register("live_events", "Events that were written as they happened", self.events.clone());
        registry.register("live_slow_closes", "Sockets that were closed for not reading", self.slow.clone());
        registry.register("live_failed_reads", "Looks at the log that failed, and are repeated", self.unread.clone());
        registry.register_with_unit(
            "live_lag",
            "From an event's publishing to its writing to a socket",
            Unit::Seconds,
            self.lag.clone(),
        );
    }
}
