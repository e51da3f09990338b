//! Pages, components and server functions. The server renders them; the browser hydrates them.
//!
//! Nothing here decides who may see what: server functions pass the actor to `hiring`.

// The type of a page is the tree of its views.
#![recursion_limit = "256"]

mod application;
mod careers;
mod draft;
mod error;
#[cfg(feature = "ssr")]
mod error_text;
pub mod i18n;
mod jobs;
mod layout;
mod live;
mod navigation;
mod notice;
mod postings;
mod refusal_text;
mod resource_view;
mod routes;
mod shell;
mod sign_in;
mod status;
mod terms;
mod time;
mod tone;
mod ui;
mod update;
#[cfg(feature = "ssr")]
mod use_case_context;

pub use error::AppError;
#[cfg(feature = "ssr")]
pub use error_text::error_text;
pub use notice::{FormNotice, UploadLimit};
pub use routes::App;
pub use shell::{LiveEpoch, shell};
pub use ui::gallery::Gallery;
pub use update::Update;
