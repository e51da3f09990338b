//! The time, passed in.

use std::{
    sync::{
        Arc, LazyLock,
        atomic::{AtomicI64, Ordering},
    },
    time::{Instant, SystemTime, UNIX_EPOCH},
};

/// Milliseconds since 1970 (UTC): the system's, or a test's.
#[derive(Clone, Debug)]
pub struct Clock(Source);

#[derive(Clone, Debug)]
enum Source {
    System,
    Adrift(Arc<AtomicI64>),
    Steady(Arc<Steady>),
    Manual(Arc<AtomicI64>),
}

/// Counts on from what it was told last.
#[derive(Debug)]
struct Steady {
    /// What it was made of.
    of: Clock,
    /// Its time where [`Clock::elapsed_ms`] is 0.
    origin: AtomicI64,
}

impl Clock {
    /// The system's clock.
    #[must_use]
    pub fn system() -> Self {
        Self(Source::System)
    }

    /// A clock that stands at `ms` until it is moved.
    #[must_use]
    pub fn manual(ms: i64) -> Self {
        Self(Source::Manual(Arc::new(AtomicI64::new(ms))))
    }

    /// The system's clock as if somebody had set it: it is off by what [`advance`](Clock::advance)
    /// says, and what has [elapsed](Clock::elapsed_ms) stays what it is.
    #[must_use]
    pub fn adrift() -> Self {
        Self(Source::Adrift(Arc::default()))
    }

    /// A clock that goes on evenly from the present time of this one, whatever becomes of this one,
    /// until it is [put right](Clock::put_right). Of a manual clock, that clock again.
    #[must_use]
    pub fn steady(&self) -> Self {
        match &self.0 {
            Source::System | Source::Adrift(_) => {
                let origin = AtomicI64::new(self.now_ms() - self.elapsed_ms());
                Self(Source::Steady(Arc::new(Steady { of: self.clone(), origin })))
            }
            Source::Steady(_) | Source::Manual(_) => self.clone(),
        }
    }

    /// Milliseconds since 1970.
    #[must_use]
    pub fn now_ms(&self) -> i64 {
        match &self.0 {
            Source::System => system_ms(),
            Source::Adrift(by) => system_ms() + by.load(Ordering::SeqCst),
            Source::Steady(steady) => steady.origin.load(Ordering::SeqCst) + self.elapsed_ms(),
            Source::Manual(now) => now.load(Ordering::SeqCst),
        }
    }

    /// What the clock says that a steady one was made of; of another one, its own time.
    #[must_use]
    pub fn source_ms(&self) -> i64 {
        match &self.0 {
            Source::Steady(steady) => steady.of.now_ms(),
            Source::System | Source::Adrift(_) | Source::Manual(_) => self.now_ms(),
        }
    }

    /// Milliseconds since some moment of this process. Unlike [`now_ms`](Clock::now_ms) it neither
    /// jumps nor goes back when somebody sets the system's clock.
    #[must_use]
    pub fn elapsed_ms(&self) -> i64 {
        static START: LazyLock<Instant> = LazyLock::new(Instant::now);
        match &self.0 {
            Source::System | Source::Adrift(_) | Source::Steady(_) => {
                i64::try_from(START.elapsed().as_millis()).unwrap_or(i64::MAX)
            }
            Source::Manual(now) => now.load(Ordering::SeqCst),
        }
    }

    /// Moves a manual clock, or one that is adrift, by `ms`; others stay as they are.
    pub fn advance(&self, ms: i64) {
        if let Source::Manual(at) | Source::Adrift(at) = &self.0 {
            at.fetch_add(ms, Ordering::SeqCst);
        }
    }

    /// Moves a steady clock by as little as brings it into `earliest..=latest` (milliseconds since
    /// 1970); by how much. Others stay as they are.
    pub fn put_right(&self, earliest: i64, latest: i64) -> i64 {
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
    fn a_steady_clock_follows_no_step_until_it_is_put_right() {
        let wall = Clock::adrift();
        let steady = wall.steady();
        let before = steady.now_ms();
        wall.advance(-HOUR);
        assert!((0..HOUR / 2).contains(&(steady.now_ms() - before)));
        assert!((steady.source_ms() - wall.now_ms()).abs() < HOUR / 2);
        let step = steady.put_right(steady.source_ms(), steady.source_ms());
        assert!((step + HOUR).abs() < HOUR / 2, "{step}");
        assert!((steady.now_ms() - wall.now_ms()).abs() < HOUR / 2);
        let now = steady.now_ms();
        assert_eq!(steady.put_right(now - HOUR, now + HOUR), 0, "it may be right");
    }

    #[test]
    fn a_manual_clock_is_moved_by_its_owner_alone() {
        let manual = Clock::manual(5);
        let steady = manual.steady();
        assert_eq!(steady.put_right(100, 200), 0);
        manual.advance(1);
        assert_eq!((steady.now_ms(), steady.elapsed_ms()), (6, 6));
    }
}
