//! Limits how many applications are received at the same time, in all and per network address.
//!
//! A request without a permit waits up to [`PERMIT_TIMEOUT`] and is then refused. No address can hold
//! all permits.

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

/// Forms received at the same time: each holds a connection and a growing file.
const MAX_UPLOADS: usize = 128;
/// Of those, from one address: enough for a university behind one router.
const MAX_UPLOADS_PER_ADDRESS: usize = 32;
/// Files from one address that are checked in the sandbox at the same time, fewer than the sandbox
/// allows in all.
const MAX_CHECKS_PER_ADDRESS: usize = 2;
/// How long a request waits for a permit.
const PERMIT_TIMEOUT: Duration = Duration::from_secs(10);
/// Addresses tracked before those without permits are removed.
const MAX_TRACKED_ADDRESSES: usize = 1_000;

/// The permits of this process; clones share them.
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
    /// A permit to send a form.
    ///
    /// # Errors
    /// [`Error::Overloaded`] when none became free in time.
    pub async fn upload(&self, from: IpAddr) -> Result<Permit, Error> {
        self.uploads.acquire(from, PERMIT_TIMEOUT).await
    }

    /// A permit to have a received file checked before it is accepted.
    ///
    /// # Errors
    /// [`Error::Overloaded`] when none became free in time.
    pub async fn check(&self, from: IpAddr) -> Result<Permit, Error> {
        self.checks.acquire(from, PERMIT_TIMEOUT).await
    }
}

/// Released when it is dropped.
#[derive(Debug)]
pub struct Permit {
    _address: OwnedSemaphorePermit,
    _total: OwnedSemaphorePermit,
}

/// A semaphore whose permits no single address can exhaust.
#[derive(Clone, Debug)]
struct KeyedSemaphore {
    total: Arc<Semaphore>,
    per_address: usize,
    /// Held weakly: a semaphore lives while somebody holds or awaits one of its permits.
    by_address: Arc<Mutex<HashMap<IpAddr, Weak<Semaphore>>>>,
}

impl KeyedSemaphore {
    fn new(total: usize, per_address: usize) -> Self {
        Self { total: Arc::new(Semaphore::new(total)), per_address, by_address: Arc::default() }
    }

    async fn acquire(&self, from: IpAddr, wait: Duration) -> Result<Permit, Error> {
        let own = self.semaphore_of(from);
        let both = async {
            Ok::<_, tokio::sync::AcquireError>((
                own.acquire_owned().await?,
                Arc::clone(&self.total).acquire_owned().await?,
            ))
        };
        match timeout(wait, both).await {
            Ok(Ok((address, total))) => Ok(Permit { _address: address, _total: total }),
            _ => Err(Error::Overloaded),
        }
    }

    fn semaphore_of(&self, from: IpAddr) -> Arc<Semaphore> {
        let mut known = self.by_address.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= MAX_TRACKED_ADDRESSES {
            known.retain(|_, semaphore| semaphore.strong_count() > 0);
        }
        if let Some(semaphore) = known.get(&from).and_then(Weak::upgrade) {
            return semaphore;
        }
        let semaphore = Arc::new(Semaphore::new(self.per_address));
        known.insert(from, Arc::downgrade(&semaphore));
        semaphore
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Duration = Duration::ZERO;

    #[tokio::test]
    async fn one_address_cannot_hold_all_permits_and_gets_its_own_back() {
        let permits = KeyedSemaphore::new(3, 2);
        let (one, two) = (IpAddr::from([192, 0, 2, 1]), IpAddr::from([192, 0, 2, 2]));
        let held = (permits.acquire(one, NOW).await.unwrap(), permits.acquire(one, NOW).await.unwrap());
        assert!(matches!(permits.acquire(one, NOW).await, Err(Error::Overloaded)));
        let other = permits.acquire(two, NOW).await.unwrap();
        assert!(matches!(permits.acquire(two, NOW).await, Err(Error::Overloaded)), "all are taken");
        drop(held);
        drop(other);
        assert!(permits.acquire(one, NOW).await.is_ok());
    }
}
