//! What one socket may cost.

use std::time::Duration;

use tokio::time::Instant;

/// What one socket may cost.
#[derive(Clone, Debug)]
pub struct Limits {
    /// The longest message, in bytes.
    pub message_bytes: usize,
    /// Messages a second, on average; in a burst as many more as it may join topics, twice.
    pub messages_per_second: u32,
    /// Topics joined at once.
    pub topics: usize,
    /// Pushes that wait for their answers at once.
    pub pushes: usize,
    /// Events that wait to be written; one more, and the socket is closed.
    pub mailbox: usize,
    /// Events read from the log at once when catching up.
    pub page: u32,
    /// Silence after which the socket is closed. A client pings every 30 s, but browsers let the
    /// timers of hidden tabs go off once a minute only.
    pub idle: Duration,
    /// How long one write may take.
    pub write_within: Duration,
    /// Clients come back at this rate after a restart, each at its own moment: a few at once, many
    /// spread over some time.
    pub rejoins_per_second: u32,
    /// All of them come back within this time.
    pub rejoin_within: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            message_bytes: 64 * 1024,
            messages_per_second: 20,
            topics: 100,
            pushes: 8,
            mailbox: 256,
            page: 128,
            idle: Duration::from_secs(90),
            write_within: Duration::from_secs(30),
            rejoins_per_second: 2_000,
            rejoin_within: Duration::from_secs(10),
        }
    }
}

impl Limits {
    /// The time over which a crowd of so many comes back.
    pub(super) fn rejoin_over(&self, crowd: usize) -> Duration {
        Duration::from_secs_f64(crowd as f64 / f64::from(self.rejoins_per_second.max(1))).min(self.rejoin_within)
    }
}

/// A bucket of tokens: one a message, filled up as time goes by.
#[derive(Debug)]
pub(super) struct Rate {
    per_second: f64,
    most: f64,
    left: f64,
    at: Instant,
}

impl Rate {
    pub fn new(limits: &Limits, now: Instant) -> Self {
        let most = f64::from(limits.messages_per_second) + 2.0 * limits.topics as f64;
        Self { per_second: f64::from(limits.messages_per_second), most, left: most, at: now }
    }

    /// Whether one more message is all right.
    pub fn admits(&mut self, now: Instant) -> bool {
        let gained = now.duration_since(self.at).as_secs_f64() * self.per_second;
        self.at = now;
        self.left = (self.left + gained).min(self.most);
        let admitted = self.left >= 1.0;
        if admitted {
            self.left -= 1.0;
        }
        admitted
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_page_comes_back_at_once_and_a_crowd_spreads_out() {
        let limits = Limits::default();
        assert!(limits.rejoin_over(1) < Duration::from_millis(1));
        assert_eq!(limits.rejoin_over(10_000), Duration::from_secs(5));
        assert_eq!(limits.rejoin_over(1_000_000), limits.rejoin_within);
    }

    #[test]
    fn a_flood_is_refused_and_a_pause_forgiven() {
        let limits = Limits { messages_per_second: 2, topics: 4, ..Limits::default() };
        let start = Instant::now();
        let mut rate = Rate::new(&limits, start);
        assert!((0..10).all(|_| rate.admits(start)));
        assert!(!rate.admits(start));
        let later = start + Duration::from_secs(1);
        assert_eq!([rate.admits(later), rate.admits(later), rate.admits(later)], [true, true, false]);
    }
}
