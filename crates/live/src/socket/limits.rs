//! Limits of one socket.

use std::time::Duration;

use tokio::time::Instant;

/// Limits of one socket.
#[derive(Clone, Debug)]
pub struct Limits {
    /// The maximum size of a client's message in bytes.
    pub max_message_bytes: usize,
    /// How many messages a client may send per second on average. A burst may have twice `max_topics` more.
    pub messages_per_second: u32,
    /// How many topics a socket may have joined at once.
    pub max_topics: usize,
    /// How many pushes may wait for their answers at once.
    pub max_pushes: usize,
    /// How many messages of the hub may wait to be written. One more closes the socket.
    pub max_buffered_messages: usize,
    /// How many events one read of the log returns when a socket catches up.
    pub page_size: u32,
    /// How long a client may send nothing before the socket is closed. A client pings every 30 s, but
    /// browsers run the timers of hidden tabs only once a minute.
    pub idle_timeout: Duration,
    /// How long one write may take before the socket is closed.
    pub write_timeout: Duration,
    /// How many clients per second should reconnect after a restart. Each gets a random delay over the
    /// time that this takes for all.
    pub reconnects_per_second: u32,
    /// The maximum delay before a client reconnects after a restart, whatever their number.
    pub max_reconnect_delay: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_message_bytes: 64 * 1024,
            messages_per_second: 20,
            max_topics: 100,
            max_pushes: 8,
            max_buffered_messages: 256,
            page_size: 128,
            idle_timeout: Duration::from_secs(90),
            write_timeout: Duration::from_secs(30),
            reconnects_per_second: 2_000,
            max_reconnect_delay: Duration::from_secs(10),
        }
    }
}

impl Limits {
    /// The time over which `sockets` clients reconnect.
    pub(super) fn reconnect_window(&self, sockets: usize) -> Duration {
        let seconds = sockets as f64 / f64::from(self.reconnects_per_second.max(1));
        Duration::from_secs_f64(seconds).min(self.max_reconnect_delay)
    }
}

/// A token bucket: each message takes a token, and time refills them.
#[derive(Debug)]
pub(super) struct TokenBucket {
    per_second: f64,
    capacity: f64,
    tokens: f64,
    updated_at: Instant,
}

impl TokenBucket {
    /// A full bucket.
    pub fn new(limits: &Limits, now: Instant) -> Self {
        let capacity = f64::from(limits.messages_per_second) + 2.0 * limits.max_topics as f64;
        Self { per_second: f64::from(limits.messages_per_second), capacity, tokens: capacity, updated_at: now }
    }

    /// Takes a token, and returns whether there was one.
    pub fn try_take(&mut self, now: Instant) -> bool {
        let gained = now.duration_since(self.updated_at).as_secs_f64() * self.per_second;
        self.updated_at = now;
        self.tokens = (self.tokens + gained).min(self.capacity);
        let taken = self.tokens >= 1.0;
        if taken {
            self.tokens -= 1.0;
        }
        taken
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_client_reconnects_at_once_and_many_spread_out() {
        let limits = Limits::default();
        assert!(limits.reconnect_window(1) < Duration::from_millis(1));
        assert_eq!(limits.reconnect_window(10_000), Duration::from_secs(5));
        assert_eq!(limits.reconnect_window(1_000_000), limits.max_reconnect_delay);
    }

    #[test]
    fn a_burst_beyond_the_capacity_is_refused_and_a_pause_refills() {
        let limits = Limits { messages_per_second: 2, max_topics: 4, ..Limits::default() };
        let start = Instant::now();
        let mut bucket = TokenBucket::new(&limits, start);
        assert!((0..10).all(|_| bucket.try_take(start)));
        assert!(!bucket.try_take(start));
        let later = start + Duration::from_secs(1);
        assert_eq!([bucket.try_take(later), bucket.try_take(later), bucket.try_take(later)], [true, true, false]);
    }
}
