//! The words of the product as types: ids, transcripts, evidence, summary lines, stages, events.
//!
//! Refuses to do I/O, to read a clock or to draw a random number, so that the server, the workers
//! and the browser fold the same events into the same state.

pub mod applicant;
pub mod application;
pub mod email;
pub mod evidence;
pub mod fold;
pub mod id;
pub mod jobs;
pub mod line;
pub mod phrase;
pub mod posting;
pub mod refusal;
pub mod role;
pub mod stage;
pub mod summary;
pub mod transcript;
pub mod user;
pub mod view;
pub mod written;

pub use evidence::{Evidence, NotInText};
pub use fold::Fold;
pub use id::{ApplicationId, CandidateId, DocumentId, PostingId, UserId};
pub use line::{Line, LineKind, Notice};
pub use phrase::{Phrase, Tongue};
pub use posting::Posting;
pub use refusal::Refusal;
pub use role::Role;
pub use stage::Stage;
pub use summary::{Summary, SummaryDelta, SummaryState};
pub use transcript::{Page, Rect, Span, Transcript, Word};
pub use written::{LanguageCode, Written};
