//! What each page shows: read in one snapshot on the server, rendered on both sides.
//!
//! Where a page is live, its view carries the fold of a topic and the `seq` that the fold stands
//! at; the browser joins the topic from there.

use serde::{Deserialize, Serialize};

use crate::{
    applicant::ApplicantStatus,
    application::ApplicationState,
    id::{ApplicationId, PostingId, UserId},
    posting::{ApplicationList, Posting},
    transcript::Page,
    user::UserState,
};

/// Who is signed in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Viewer {
    /// Their id.
    pub id: UserId,
    /// As shown in the header.
    pub name: String,
    /// Their address.
    pub email: String,
    /// The live part.
    pub state: UserState,
    /// Where `state` stands on `user:<id>`.
    pub seq: u64,
}

/// One posting in the recruiter's list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PostingCard {
    /// The posting.
    pub posting: Posting,
    /// How many applications it has.
    pub applications: u32,
    /// How many of them nobody has moved yet.
    pub untouched: u32,
}

/// The page of a posting's applications.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PostingPage {
    /// The posting.
    pub posting: Posting,
    /// Its applications.
    pub list: ApplicationList,
    /// Where `list` stands on `posting:<id>`.
    pub seq: u64,
}

/// The file of an application.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DocumentCard {
    /// As the applicant named it; for display and for the download only.
    pub file_name: String,
    /// `PDF`, `DOCX`, ...
    pub format: String,
    /// In bytes.
    pub size: u64,
}

/// The page of one application.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ApplicationPage {
    /// Who looks at it.
    pub me: UserId,
    /// Its id.
    pub id: ApplicationId,
    /// The posting's id.
    pub posting_id: PostingId,
    /// The posting's title.
    pub posting_title: String,
    /// The candidate's name, as they gave it.
    pub name: String,
    /// The candidate's address.
    pub email: String,
    /// Milliseconds since 1970, UTC.
    pub applied_at: i64,
    /// The file.
    pub document: DocumentCard,
    /// The live part.
    pub state: ApplicationState,
    /// Where `state` stands on `application:<id>`.
    pub seq: u64,
    /// The transcript, once the file was read.
    pub pages: Vec<Page>,
    /// Whether pictures of the pages can be asked for (PDF).
    pub pictures: bool,
}

/// The applicant's own page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StatusPage {
    /// The application.
    pub id: ApplicationId,
    /// For which posting.
    pub posting_title: String,
    /// At whom.
    pub organisation: String,
    /// As they gave it.
    pub name: String,
    /// The file's name.
    pub file_name: String,
    /// Milliseconds since 1970, UTC.
    pub applied_at: i64,
    /// The live part.
    pub status: ApplicantStatus,
    /// Where `status` stands on `status:<id>`.
    pub seq: u64,
}
