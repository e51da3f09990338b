//! How many applications are taken at the same time, in all and from one address.
//!
//! Who finds no place waits a while and is then told so. Refuses to let one address have all places.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Arc, Mutex, PoisonError, Weak},
    time::Duration,
};

use hiring::Error;
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::timeout,
};

/// Forms that arrive at the same time: each holds a connection and a file that grows.
const UPLOADS: usize = 128;
/// Of those, from one address: a faculty behind one router.
const UPLOADS_FROM_ONE: usize = 32;
/// Files of one address that are read at the same time, fewer than there are places to read.
const CHECKS_FROM_ONE: usize = 2;
/// The longest wait.
const WAIT: Duration = Duration::from_secs(10);
/// Addresses remembered before those that hold nothing are forgotten.
const REMEMBERED: usize = 1_000;

/// Who is being served; cheap to clone.
#[derive(Clone, Debug)]
pub struct Turns {
    uploads: Places,
    checks: Places,
}

impl Default for Turns {
    fn default() -> Self {
        Self {
            uploads: Places::new(UPLOADS, UPLOADS_FROM_ONE),
            checks: Places::new(Semaphore::MAX_PERMITS, CHECKS_FROM_ONE),
        }
    }
}

impl Turns {
    /// A place for a form that arrives.
    ///
    /// # Errors
    /// [`Error::Overloaded`] when none became free.
    pub async fn upload(&self, from: IpAddr) -> Result<Turn, Error> {
        self.uploads.take(from, WAIT).await
    }

    /// A place for a file that is to be read once before it is accepted.
    ///
    /// # Errors
    /// [`Error::Overloaded`] when none became free.
    pub async fn check(&self, from: IpAddr) -> Result<Turn, Error> {
        self.checks.take(from, WAIT).await
    }
}

/// A place; given back when it is dropped.
#[derive(Debug)]
pub struct Turn {
    _of_the_address: OwnedSemaphorePermit,
    _of_all: OwnedSemaphorePermit,
}

#[derive(Clone, Debug)]
struct Places {
    all: Arc<Semaphore>,
    each: usize,
    /// Kept alive by who holds or waits for a place.
    by_address: Arc<Mutex<HashMap<IpAddr, Weak<Semaphore>>>>,
}

impl Places {
    fn new(all: usize, each: usize) -> Self {
        Self { all: Arc::new(Semaphore::new(all)), each, by_address: Arc::default() }
    }

    async fn take(&self, from: IpAddr, wait: Duration) -> Result<Turn, Error> {
        let own = self.of(from);
        let both = async {
            Ok::<_, tokio::sync::AcquireError>((
                own.acquire_owned().await?,
                Arc::clone(&self.all).acquire_owned().await?,
            ))
        };
        match timeout(wait, both).await {
            Ok(Ok((one, all))) => Ok(Turn { _of_the_address: one, _of_all: all }),
            _ => Err(Error::Overloaded),
        }
    }

    fn of(&self, from: IpAddr) -> Arc<Semaphore> {
        let mut known = self.by_address.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= REMEMBERED {
            known.retain(|_, places| places.strong_count() > 0);
        }
        if let Some(places) = known.get(&from).and_then(Weak::upgrade) {
            return places;
        }
        let places = Arc::new(Semaphore::new(self.each));
        known.insert(from, Arc::downgrade(&places));
        places
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Duration = Duration::ZERO;

    #[tokio::test]
    async fn one_address_cannot_have_all_places_and_gets_its_own_back() {
        let places = Places::new(3, 2);
        let (one, two) = (IpAddr::from([192, 0, 2, 1]), IpAddr::from([192, 0, 2, 2]));
        let held = (places.take(one, NOW).await.unwrap(), places.take(one, NOW).await.unwrap());
        assert!(matches!(places.take(one, NOW).await, Err(Error::Overloaded)));
        let other = places.take(two, NOW).await.unwrap();
        assert!(matches!(places.take(two, NOW).await, Err(Error::Overloaded)), "all are taken");
        drop(held);
        drop(other);
        assert!(places.take(one, NOW).await.is_ok());
    }
}
