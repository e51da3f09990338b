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
const MAX_UPLOADS: usize = 128;
/// Of those, from one address: a faculty behind one router.
const MAX_UPLOADS_PER_ADDRESS: usize = 32;
/// Files of one address that are read at the same time, fewer than there are places to read.
const MAX_CHECKS_PER_ADDRESS: usize = 2;
/// The longest wait.
const PERMIT_TIMEOUT: Duration = Duration::from_secs(10);
/// Addresses remembered before those that hold nothing are forgotten.
const MAX_TRACKED_ADDRESSES: usize = 1_000;

/// Who is being served; cheap to clone.
#[derive(Clone, Debug)]
pub struct UploadLimits {
    uploads: KeyedSemaphore,
    checks: KeyedSemaphore,
}

impl Default for UploadLimits {
    fn default() -> Self {
        Self {
            uploads: KeyedSemaphore::new(MAX_UPLOADS, MAX_UPLOADS_PER_ADDRESS),
            checks: KeyedSemaphore::new(Semaphore::MAX_PERMITS, MAX_CHECKS_PER_ADDRESS),
        }
    }
}

impl UploadLimits {
    /// A place for a form that arrives.
    ///
    /// # Errors
    /// [`Error::Overloaded`] when none became free.
    pub async fn upload(&self, from: IpAddr) -> Result<Permit, Error> {
        self.uploads.acquire(from, PERMIT_TIMEOUT).await
    }

    /// A place for a file that is to be read once before it is accepted.
    ///
    /// # Errors
    /// [`Error::Overloaded`] when none became free.
    pub async fn check(&self, from: IpAddr) -> Result<Permit, Error> {
        self.checks.acquire(from, PERMIT_TIMEOUT).await
    }
}

/// A place; given back when it is dropped.
#[derive(Debug)]
pub struct Permit {
    _address: OwnedSemaphorePermit,
    _total: OwnedSemaphorePermit,
}

#[derive(Clone, Debug)]
struct KeyedSemaphore {
    all: Arc<Semaphore>,
    each: usize,
    /// Kept alive by who holds or waits for a place.
    by_address: Arc<Mutex<HashMap<IpAddr, Weak<Semaphore>>>>,
}

impl KeyedSemaphore {
    fn new(all: usize, each: usize) -> Self {
        Self { all: Arc::new(Semaphore::new(all)), each, by_address: Arc::default() }
    }

    async fn acquire(&self, from: IpAddr, wait: Duration) -> Result<Permit, Error> {
        let own = self.semaphore_of(from);
        let both = async {
            Ok::<_, tokio::sync::AcquireError>((
                own.acquire_owned().await?,
                Arc::clone(&self.all).acquire_owned().await?,
            ))
        };
        match timeout(wait, both).await {
            Ok(Ok((one, all))) => Ok(Permit { _address: one, _total: all }),
            _ => Err(Error::Overloaded),
        }
    }

    fn semaphore_of(&self, from: IpAddr) -> Arc<Semaphore> {
        let mut known = self.by_address.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= MAX_TRACKED_ADDRESSES {
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
        let places = KeyedSemaphore::new(3, 2);
        let (one, two) = (IpAddr::from([192, 0, 2, 1]), IpAddr::from([192, 0, 2, 2]));
        let held = (places.acquire(one, NOW).await.unwrap(), places.acquire(one, NOW).await.unwrap());
        assert!(matches!(places.acquire(one, NOW).await, Err(Error::Overloaded)));
        let other = places.acquire(two, NOW).await.unwrap();
        assert!(matches!(places.acquire(two, NOW).await, Err(Error::Overloaded)), "all are taken");
        drop(held);
        drop(other);
        assert!(places.acquire(one, NOW).await.is_ok());
    }
}
