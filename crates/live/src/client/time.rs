//! Time and chance, both passed in.

/// Turns a clock that jumps back into one that does not: a machine's clock is set, a tab is moved.
#[derive(Debug, Default)]
pub(super) struct Steady {
    last: Option<i64>,
    shift: i64,
}

impl Steady {
    /// The steady time at `now_ms`.
    pub fn at(&mut self, now_ms: i64) -> i64 {
        if let Some(last) = self.last.filter(|last| now_ms < *last) {
            self.shift = self.shift.saturating_add(last.saturating_sub(now_ms));
        }
        self.last = Some(now_ms);
        now_ms.saturating_add(self.shift)
    }

    /// What the caller's clock will show at the steady time `at`, unless it jumps.
    pub fn shown(&self, at: i64) -> i64 {
        at.saturating_sub(self.shift)
    }
}

/// How long to wait before each further attempt, in milliseconds.
const LADDER: [u64; 9] = [10, 50, 100, 250, 500, 1_000, 2_000, 3_500, 5_000];

/// Spreads attempts, so that ten thousand clients do not come back in the same millisecond.
#[derive(Debug)]
pub(super) struct Jitter(u64);

impl Jitter {
    pub fn seeded(seed: u64) -> Self {
        Self(seed)
    }

    /// Half of the step for this number of `failures` (from 1) and a random part of the other half.
    pub fn delay(&mut self, failures: u32) -> i64 {
        let step = LADDER[(failures.max(1) as usize - 1).min(LADDER.len() - 1)];
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
    fn a_clock_set_back_does_not_run_backwards() {
        let mut steady = Steady::default();
        assert_eq!([1_000, 400, 900].map(|now| steady.at(now)), [1_000, 1_000, 1_500]);
        assert_eq!(steady.shown(1_600), 1_000);
    }

    #[test]
    fn the_ladder_climbs_from_10_ms_to_5_s_and_no_further() {
        let mut jitter = Jitter::seeded(7);
        assert!((5..=10).contains(&jitter.delay(1)));
        assert!((0..1_000).all(|_| (2_500..=5_000).contains(&jitter.delay(40))));
    }
}
