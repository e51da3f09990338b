//! Names of topics, with the type of their events.

use std::{fmt, marker::PhantomData};

/// The name of a topic whose events are `E`s. Two topics are equal when their names are.
pub struct Topic<E> {
    name: String,
    events: PhantomData<fn() -> E>,
}

impl<E> Topic<E> {
    /// The topic of one item: `Topic::new("application", id)` is `application:<id>`.
    #[must_use]
    pub fn new(kind: &str, id: impl fmt::Display) -> Self {
        Self { name: format!("{kind}:{id}"), events: PhantomData }
    }

    /// A topic whose name has no id, because there is only one of its kind, such as `queue`.
    #[must_use]
    pub fn named(name: &str) -> Self {
        Self { name: name.to_owned(), events: PhantomData }
    }

    /// The name, as frames and the database have it.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }
}

impl<E> Clone for Topic<E> {
    fn clone(&self) -> Self {
        Self { name: self.name.clone(), events: PhantomData }
    }
}

impl<E> PartialEq for Topic<E> {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl<E> Eq for Topic<E> {}

impl<E> fmt::Debug for Topic<E> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("Topic").field(&self.name).finish()
    }
}

impl<E> fmt::Display for Topic<E> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.name)
    }
}

/// The maximum length of a topic's name in bytes, so that it fits into a notification.
pub const MAX_TOPIC_BYTES: usize = 200;

/// Whether `name` is a valid topic: 1 to [`MAX_TOPIC_BYTES`] bytes of visible ASCII.
#[must_use]
pub fn is_valid_topic(name: &str) -> bool {
    !name.is_empty() && name.len() <= MAX_TOPIC_BYTES && name.bytes().all(|byte| byte.is_ascii_graphic())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_topic_is_named_by_kind_and_id() {
        assert_eq!(Topic::<()>::new("application", 7).name(), "application:7");
        assert_eq!(Topic::<()>::named("queue").name(), "queue");
    }

    #[test]
    fn a_name_that_has_a_space_or_line_break_or_is_too_long_is_invalid() {
        assert!(is_valid_topic("application:0192-ab"));
        for name in ["", "a b", "a\nb", "ä", &"x".repeat(MAX_TOPIC_BYTES + 1)] {
            assert!(!is_valid_topic(name), "{name:?}");
        }
    }
}
