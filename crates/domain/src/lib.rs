//! The product's vocabulary as types: ids, transcripts, evidence, summary lines, stages, events.
//!
//! No I/O, no clock and no randomness, so that the server, the workers and the browser fold the
//! same events into the same state.

pub mod applicant;
pub mod application;
pub mod email;
pub mod evidence;
pub mod fold;
pub mod geometry;
pub mod id;
pub mod language;
pub mod line;
pub mod locale;
pub mod message;
pub mod notice;
pub mod posting;
pub mod refusal;
pub mod role;
pub mod sentence;
pub mod stage;
pub mod summary;
pub mod topic;
pub mod transcript;
pub mod user;
pub mod view;

pub use evidence::{Evidence, NotInText};
pub use fold::Fold;
pub use geometry::{Rect, Span};
pub use id::{ApplicationId, CandidateId, DocumentId, PostingId, UserId};
pub use language::{LanguageCode, LanguageSpan};
pub use line::{Line, LineKind};
pub use locale::Locale;
pub use message::Message;
pub use notice::Notice;
pub use posting::Posting;
pub use refusal::Refusal;
pub use role::Role;
pub use sentence::{Segment, Sentence, Separator};
pub use stage::Stage;
pub use summary::{Summary, SummaryDelta, SummaryState};
pub use topic::{Topic, TopicKind};
pub use transcript::{Page, Transcript, Word};
