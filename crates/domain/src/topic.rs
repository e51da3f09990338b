//! Names of the product's live topics.

use std::{fmt, str::FromStr};

use crate::id::{ApplicationId, PostingId, UserId};

/// A live topic. `Display` and `FromStr` convert to and from its name, `<kind>:<id>`, in frames and in
/// the database; no other code composes or parses names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Topic {
    /// The events of one application, for recruiters: `application:<id>`.
    Application(ApplicationId),
    /// The list of a posting's applications, for recruiters: `posting:<id>`.
    Posting(PostingId),
    /// The status of an application, for the applicant: `status:<id>`.
    Status(ApplicationId),
    /// The events that concern one user on every page: `user:<id>`.
    User(UserId),
    /// The job queue, for administrators: `queue`.
    Queue,
}

/// The kind of a topic: the part of its name before the id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TopicKind {
    /// [`Topic::Application`].
    Application,
    /// [`Topic::Posting`].
    Posting,
    /// [`Topic::Status`].
    Status,
    /// [`Topic::User`].
    User,
    /// [`Topic::Queue`], which has no id.
    Queue,
}

impl TopicKind {
    /// All kinds.
    pub const ALL: [Self; 5] = [Self::Application, Self::Posting, Self::Status, Self::User, Self::Queue];

    /// Returns the part of the name before the colon.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Application => "application",
            Self::Posting => "posting",
            Self::Status => "status",
            Self::User => "user",
            Self::Queue => "queue",
        }
    }

    /// Parses the part of a name before the colon; `None` for an unknown one.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text)
    }
}

impl Topic {
    /// Returns the kind of the topic.
    #[must_use]
    pub fn kind(self) -> TopicKind {
        match self {
            Self::Application(_) => TopicKind::Application,
            Self::Posting(_) => TopicKind::Posting,
            Self::Status(_) => TopicKind::Status,
            Self::User(_) => TopicKind::User,
            Self::Queue => TopicKind::Queue,
        }
    }
}

impl fmt::Display for Topic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = self.kind().as_str();
        match self {
            Self::Application(id) | Self::Status(id) => write!(f, "{kind}:{id}"),
            Self::Posting(id) => write!(f, "{kind}:{id}"),
            Self::User(id) => write!(f, "{kind}:{id}"),
            Self::Queue => f.write_str(kind),
        }
    }
}

/// The error of parsing a [`Topic`]: the product has no topic of that name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no such topic")]
pub struct UnknownTopic;

impl FromStr for Topic {
    type Err = UnknownTopic;

    /// Parses a name as `Display` writes it: an id in another notation is refused, so that every topic
    /// has one name.
    fn from_str(name: &str) -> Result<Self, UnknownTopic> {
        let (kind, id) = name.split_once(':').unwrap_or((name, ""));
        let topic = match TopicKind::parse(kind).ok_or(UnknownTopic)? {
            TopicKind::Application => Self::Application(parse_id(id)?),
            TopicKind::Posting => Self::Posting(parse_id(id)?),
            TopicKind::Status => Self::Status(parse_id(id)?),
            TopicKind::User => Self::User(parse_id(id)?),
            TopicKind::Queue => Self::Queue,
        };
        if topic.to_string() == name { Ok(topic) } else { Err(UnknownTopic) }
    }
}

fn parse_id<T: FromStr>(text: &str) -> Result<T, UnknownTopic> {
    text.parse().map_err(|_| UnknownTopic)
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    const ID: Uuid = Uuid::from_u128(0x0192_f0c4_8d2b_7c11_9f00_00ab_cdef_0123);

    fn topics() -> [Topic; 5] {
        [
            Topic::Application(ApplicationId(ID)),
            Topic::Posting(PostingId(ID)),
            Topic::Status(ApplicationId(ID)),
            Topic::User(UserId(ID)),
            Topic::Queue,
        ]
    }

    #[test]
    fn every_topic_is_parsed_from_its_name() {
        for (topic, kind) in topics().into_iter().zip(TopicKind::ALL) {
            assert_eq!(topic.kind(), kind);
            assert_eq!(topic.to_string().parse(), Ok(topic));
        }
    }

    /// They are stored and known to other programs, so they must not change.
    #[test]
    fn names_are_the_kind_and_the_id() {
        let names = topics().map(|topic| topic.to_string());
        let id = "0192f0c4-8d2b-7c11-9f00-00abcdef0123";
        let expected = ["application", "posting", "status", "user"].map(|kind| format!("{kind}:{id}"));
        assert_eq!(names[..4], expected);
        assert_eq!(names[4], "queue");
    }

    #[test]
    fn other_names_are_unknown() {
        let upper = Topic::User(UserId(ID)).to_string().to_uppercase().replace("USER", "user");
        let simple = format!("user:{}", ID.simple());
        let names = ["", ":", "queue:", "queue:1", "application", "application:", "application:1", "nothing:1"];
        for name in names.into_iter().chain([upper.as_str(), simple.as_str()]) {
            assert_eq!(name.parse::<Topic>(), Err(UnknownTopic), "{name:?}");
        }
    }
}
