//! Names of topics, with the type of their events.

use std::{fmt, marker::PhantomData};

/// A topic whose events are `E`s. Two topics are the same when their names are.
pub struct Topic<E> {
    name: String,
    events: PhantomData<fn() -> E>,
}

impl<E> Topic<E> {
    /// The topic of one thing: `Topic::new("application", id)` is `application:<id>`.
    #[must_use]
    pub fn new(kind: &str, id: impl fmt::Display) -> Self {
        Self { name: format!("{kind}:{id}"), events: PhantomData }
    }

    /// The topic of which there is only one, such as `queue`.
    #[must_use]
    pub fn only(name: &str) -> Self {
        Self { name: name.to_owned(), events: PhantomData }
    }

    /// Its name, as it stands in frames and in the database.
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

/// Longest name of a topic, in bytes: a hint has to hold it.
pub const LONGEST_TOPIC: usize = 200;

/// Whether `name` can be a topic: 1 to [`LONGEST_TOPIC`] bytes of visible ASCII.
#[must_use]
pub fn is_topic(name: &str) -> bool {
    !name.is_empty() && name.len() <= LONGEST_TOPIC && name.bytes().all(|byte| byte.is_ascii_graphic())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_topic_is_named_by_kind_and_id() {
        assert_eq!(Topic::<()>::new("application", 7).name(), "application:7");
        assert_eq!(Topic::<()>::only("queue").name(), "queue");
    }

    #[test]
    fn a_name_with_a_space_a_line_break_or_200_bytes_too_many_is_no_topic() {
        assert!(is_topic("application:0192-ab"));
        for name in ["", "a b", "a\nb", "ä", &"x".repeat(LONGEST_TOPIC + 1)] {
            assert!(!is_topic(name), "{name:?}");
        }
    }
}
