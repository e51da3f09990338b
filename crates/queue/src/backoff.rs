//! How long a failed job waits before its next attempt.

use std::time::Duration;

use crate::job::JobId;

const MIN_BACKOFF: Duration = Duration::from_secs(1);
/// The longest back-off, before jitter is added.
pub const MAX_BACKOFF: Duration = Duration::from_secs(3_600);

/// Returns the back-off after the `failures`-th failure, counted from 1: 1 s, 2 s, 4 s and so on, up to
/// [`MAX_BACKOFF`].
#[must_use]
pub fn exponential(failures: u32) -> Duration {
    let doublings = failures.saturating_sub(1).min(20);
    MIN_BACKOFF.saturating_mul(1 << doublings).min(MAX_BACKOFF)
}

/// Adds up to one half to `base`. The jitter depends on the job and the attempt only: it is the same on every
/// node, and differs for jobs that failed together.
pub(crate) fn with_jitter(base: Duration, id: JobId, attempt: u32) -> Duration {
    let share = mix(id.0.cast_unsigned() ^ u64::from(attempt)) % 1_000;
    let extra = base.as_millis().saturating_mul(u128::from(share)) / 2_000;
    base.saturating_add(Duration::from_millis(u64::try_from(extra).unwrap_or(u64::MAX)))
}

/// The finalizer of SplitMix64 (Steele, Lea, Flood 2014), which spreads adjacent numbers.
fn mix(mut z: u64) -> u64 {
    z = z.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_first_retry_comes_after_one_to_two_seconds() {
        assert_eq!(exponential(1), Duration::from_secs(1));
        assert_eq!(exponential(2), Duration::from_secs(2));
    }

    proptest! {
        #[test]
        fn backoff_never_shrinks_and_never_exceeds_an_hour(failures in 1_u32..=u32::MAX - 1) {
            prop_assert!(exponential(failures) <= exponential(failures + 1));
            prop_assert!(exponential(failures) >= MIN_BACKOFF);
            prop_assert!(exponential(failures) <= MAX_BACKOFF);
        }

        #[test]
        fn jitter_adds_less_than_a_half_and_is_the_same_every_time(
            id: i64, attempt: u32, base in 0_u64..100_000_000
        ) {
            let (id, base) = (JobId(id), Duration::from_millis(base));
            let wait = with_jitter(base, id, attempt);
            prop_assert!(wait >= base);
            prop_assert!(wait <= base + base / 2);
            prop_assert_eq!(wait, with_jitter(base, id, attempt));
        }

        #[test]
        fn jobs_that_failed_together_come_back_apart(seed: u32) {
            let waits: std::collections::HashSet<_> = (0..100_i64)
                .map(|n| with_jitter(MAX_BACKOFF, JobId(i64::from(seed) + n), 1))
                .collect();
            prop_assert!(waits.len() > 50);
        }
    }
}
