//! Monotonic time and random delays, made from the caller's clock and seed.

/// Makes monotonic time from a clock that may jump back, for example when somebody sets it.
#[derive(Debug, Default)]
pub(super) struct MonotonicTime {
    last: Option<i64>,
    shift: i64,
}

impl MonotonicTime {
    /// The monotonic time when the caller's clock shows `now_ms`.
    pub fn at(&mut self, now_ms: i64) -> i64 {
        if let Some(last) = self.last.filter(|last| now_ms < *last) {
            self.shift = self.shift.saturating_add(last.saturating_sub(now_ms));
        }
        self.last = Some(now_ms);
        now_ms.saturating_add(self.shift)
    }

    /// What the caller's clock will show at the monotonic time `at`, unless it jumps.
    pub fn to_caller(&self, at: i64) -> i64 {
        at.saturating_sub(self.shift)
    }
}

/// The delay before each further attempt, in milliseconds.
const BACKOFF_MS: [u64; 9] = [10, 50, 100, 250, 500, 1_000, 2_000, 3_500, 5_000];

/// Randomizes delays, so that thousands of clients do not reconnect in the same millisecond.
#[derive(Debug)]
pub(super) struct Jitter(u64);

impl Jitter {
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The delay before the next attempt after this number of `failures` (from 1), in milliseconds: half of
    /// the step and a random part of the other half.
    pub fn delay(&mut self, failures: u32) -> i64 {
        let step = BACKOFF_MS[(failures.max(1) as usize - 1).min(BACKOFF_MS.len() - 1)];
        let half = step / 2;
        (half + self.next() % (half + 1)).cast_signed()
    }

    /// splitmix64 (Steele, Lea, Flood: Fast splittable pseudorandom number generators, 2014).
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_does_not_go_back_when_the_clock_does() {
        let mut time = MonotonicTime::default();
        assert_eq!([1_000, 400, 900].map(|now| time.at(now)), [1_000, 1_000, 1_500]);
        assert_eq!(time.to_caller(1_600), 1_000);
    }

    #[test]
    fn delays_grow_from_10_ms_to_5_s() {
        let mut jitter = Jitter::new(7);
        assert!((5..=10).contains(&jitter.delay(1)));
        assert!((0..1_000).all(|_| (2_500..=5_000).contains(&jitter.delay(40))));
    }
}
