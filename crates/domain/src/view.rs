//! The data of each page: read in one snapshot on the server, rendered on the server and in the
//! browser.
//!
//! The view of a live page carries the fold of a topic and the `seq` of the last event in it; the
//! browser joins the topic from there.

use serde::{Deserialize, Serialize};

use crate::{
    applicant::ApplicantStatus,
    application::ApplicationState,
    id::{ApplicationId, PostingId, UserId},
    posting::{ApplicationList, Posting},
    transcript::Page,
    user::UserState,
};

/// The signed-in user.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Viewer {
    /// The user's id.
    pub id: UserId,
    /// The user's name, as shown in the header.
    pub name: String,
    /// The user's e-mail address.
    pub email: String,
    /// The live state of the topic `user:<id>`.
    pub state: UserState,
    /// The sequence number of the last event in `state`.
    pub seq: u64,
}

/// A posting in the recruiter's list, with its counts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PostingCard {
    /// The posting itself.
    pub posting: Posting,
    /// Number of applications.
    pub applications: u32,
    /// Number of applications that are still in the first stage.
    pub untouched: u32,
}

/// The data of the page of a posting's applications.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PostingPage {
    /// The posting itself.
    pub posting: Posting,
    /// The live list of applications: the fold of the topic `posting:<id>`.
    pub list: ApplicationList,
    /// The sequence number of the last event in `list`.
    pub seq: u64,
}

/// The uploaded file of an application.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DocumentCard {
    /// File name given by the applicant; for display and for the download only.
    pub file_name: String,
    /// Name of the file format: `PDF`, `DOCX`, ...
    pub format: String,
    /// Size in bytes.
    pub size: u64,
}

/// The data of the page of one application.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ApplicationPage {
    /// The user who views the page.
    pub me: UserId,
    /// The application's id.
    pub id: ApplicationId,
    /// The posting's id.
    pub posting_id: PostingId,
    /// The posting's title.
    pub posting_title: String,
    /// The candidate's name, as entered in the form.
    pub name: String,
    /// The candidate's e-mail address.
    pub email: String,
    /// When the application was submitted, in Unix milliseconds.
    pub applied_at: i64,
    /// The uploaded file.
    pub document: DocumentCard,
    /// The live state of the topic `application:<id>`.
    pub state: ApplicationState,
    /// The sequence number of the last event in `state`.
    pub seq: u64,
    /// The transcript; empty until the file has been read.
    pub pages: Vec<Page>,
    /// Whether the server can render the pages as pictures (PDF and photos only).
    pub pictures: bool,
}

/// The data of the applicant's status page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StatusPage {
    /// The application's id.
    pub id: ApplicationId,
    /// The posting's title.
    pub posting_title: String,
    /// The employer's name.
    #[serde(rename = "organisation")]
    pub organization: String,
    /// The applicant's name, as entered in the form.
    pub name: String,
    /// Name of the uploaded file.
    pub file_name: String,
    /// When the application was submitted, in Unix milliseconds.
    pub applied_at: i64,
    /// The live state of the topic `status:<id>`.
    pub status: ApplicantStatus,
    /// The sequence number of the last event in `status`.
    pub seq: u64,
}
