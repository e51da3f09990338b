//! The clock, which callers pass in.

use std::{
    sync::{
        Arc, LazyLock,
        atomic::{AtomicI64, Ordering},
    },
    time::{Instant, SystemTime, UNIX_EPOCH},
};

/// A source of time in milliseconds since 1970 (UTC): the system's clock, or a test's. Clones share it.
#[derive(Clone, Debug)]
pub struct Clock(Source);

#[derive(Clone, Debug)]
enum Source {
    System,
    Skewed(Arc<AtomicI64>),
    Steady(Arc<Steady>),
    Manual(Arc<AtomicI64>),
}

/// Counts evenly from an origin.
#[derive(Debug)]
struct Steady {
    /// The clock that it was made from.
    source: Clock,
    /// Its time when [`Clock::elapsed_ms`] was 0.
    origin: AtomicI64,
}

impl Clock {
    /// The system's clock, which jumps when somebody sets it.
    #[must_use]
    pub fn system() -> Self {
        Self(Source::System)
    }

    /// A clock that shows `ms` until [`advance`](Clock::advance) moves it.
    #[must_use]
    pub fn manual(ms: i64) -> Self {
        Self(Source::Manual(Arc::new(AtomicI64::new(ms))))
    }

    /// The system's clock as if somebody had set it: [`advance`](Clock::advance) moves
    /// [`now_ms`](Clock::now_ms) but not [`elapsed_ms`](Clock::elapsed_ms).
    #[must_use]
    pub fn skewed() -> Self {
        Self(Source::Skewed(Arc::default()))
    }

    /// A clock that starts at the present time of this one and runs evenly, even when this one jumps,
    /// until somebody [corrects](Clock::correct) it. A manual clock returns itself.
    #[must_use]
    pub fn steady(&self) -> Self {
        match &self.0 {
            Source::System | Source::Skewed(_) => {
                let origin = AtomicI64::new(self.now_ms() - self.elapsed_ms());
                Self(Source::Steady(Arc::new(Steady { source: self.clone(), origin })))
            }
            Source::Steady(_) | Source::Manual(_) => self.clone(),
        }
    }

    /// The time in milliseconds since 1970 (UTC).
    #[must_use]
    pub fn now_ms(&self) -> i64 {
        match &self.0 {
            Source::System => system_ms(),
            Source::Skewed(by) => system_ms() + by.load(Ordering::SeqCst),
            Source::Steady(steady) => steady.origin.load(Ordering::SeqCst) + self.elapsed_ms(),
            Source::Manual(now) => now.load(Ordering::SeqCst),
        }
    }

    /// The time of the clock that a steady one was made from; for other clocks, [`now_ms`](Clock::now_ms).
    #[must_use]
    pub fn source_ms(&self) -> i64 {
        match &self.0 {
            Source::Steady(steady) => steady.source.now_ms(),
            Source::System | Source::Skewed(_) | Source::Manual(_) => self.now_ms(),
        }
    }

    /// Milliseconds since a fixed moment of this process. Unlike [`now_ms`](Clock::now_ms) it is monotonic:
    /// it ignores changes of the system's clock.
    #[must_use]
    pub fn elapsed_ms(&self) -> i64 {
        static START: LazyLock<Instant> = LazyLock::new(Instant::now);
        match &self.0 {
            Source::System | Source::Skewed(_) | Source::Steady(_) => {
                i64::try_from(START.elapsed().as_millis()).unwrap_or(i64::MAX)
            }
            Source::Manual(now) => now.load(Ordering::SeqCst),
        }
    }

    /// Moves a manual or skewed clock by `ms`. Other clocks ignore it.
    pub fn advance(&self, ms: i64) {
        if let Source::Manual(at) | Source::Skewed(at) = &self.0 {
            at.fetch_add(ms, Ordering::SeqCst);
        }
    }

    /// Moves a steady clock by the smallest step that brings it into `earliest..=latest` (milliseconds
    /// since 1970), and returns that step in milliseconds. Other clocks ignore it and return 0.
    pub fn correct(&self, earliest: i64, latest: i64) -> i64 {
        let Source::Steady(steady) = &self.0 else { return 0 };
        let now = self.now_ms();
        let step = now.clamp(earliest, latest.max(earliest)) - now;
        steady.origin.fetch_add(step, Ordering::SeqCst);
        step
    }
}

fn system_ms() -> i64 {
    let elapsed = SystemTime::now().duration_since(UNIX_EPOCH);
    elapsed.map_or(0, |elapsed| i64::try_from(elapsed.as_millis()).unwrap_or(i64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: i64 = 3_600_000;

    #[test]
    fn a_steady_clock_ignores_jumps_until_it_is_corrected() {
        let wall = Clock::skewed();
        let steady = wall.steady();
        let before = steady.now_ms();
        wall.advance(-HOUR);
        assert!((0..HOUR / 2).contains(&(steady.now_ms() - before)));
        assert!((steady.source_ms() - wall.now_ms()).abs() < HOUR / 2);
        let step = steady.correct(steady.source_ms(), steady.source_ms());
        assert!((step + HOUR).abs() < HOUR / 2, "{step}");
        assert!((steady.now_ms() - wall.now_ms()).abs() < HOUR / 2);
        let now = steady.now_ms();
        assert_eq!(steady.correct(now - HOUR, now + HOUR), 0, "a time within the bounds is left alone");
    }

    #[test]
    fn only_advance_moves_a_manual_clock() {
        let manual = Clock::manual(5);
        let steady = manual.steady();
        assert_eq!(steady.correct(100, 200), 0);
        manual.advance(1);
        assert_eq!((steady.now_ms(), steady.elapsed_ms()), (6, 6));
    }
}
