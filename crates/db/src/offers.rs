//! What a process offers to the transactions on its database: at most one thing of each type.
//!
//! So a library can serve a transaction better where its other half runs in the same process,
//! without its callers knowing. Refuses to keep anything alive: whoever offers also owns.

use std::{
    any::{Any, TypeId},
    collections::HashMap,
    fmt,
    sync::{Arc, PoisonError, RwLock, Weak},
};

type Offered = Weak<dyn Any + Send + Sync>;

#[derive(Clone, Default)]
pub(crate) struct Offers(Arc<RwLock<HashMap<TypeId, Offered>>>);

impl Offers {
    /// Offers `thing` as long as it lives; the last one of a type counts.
    pub(crate) fn put<T: Any + Send + Sync>(&self, thing: &Arc<T>) {
        let thing: Weak<T> = Arc::downgrade(thing);
        self.0.write().unwrap_or_else(PoisonError::into_inner).insert(TypeId::of::<T>(), thing);
    }

    pub(crate) fn find<T: Any + Send + Sync>(&self) -> Option<Arc<T>> {
        let offers = self.0.read().unwrap_or_else(PoisonError::into_inner);
        offers.get(&TypeId::of::<T>())?.upgrade()?.downcast().ok()
    }
}

impl fmt::Debug for Offers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Offers")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_offer_ends_with_its_owner_and_is_found_by_its_type_alone() {
        let offers = Offers::default();
        let (number, word) = (Arc::new(7_u32), Arc::new("seven"));
        offers.put(&number);
        offers.put(&word);
        assert_eq!(offers.find::<u32>().as_deref(), Some(&7));
        drop(number);
        assert_eq!(offers.find::<u32>(), None);
        assert_eq!(offers.find::<&str>().as_deref(), Some(&"seven"));
    }
}
