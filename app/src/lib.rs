//! Pages, components and server functions; rendered by the server, taken over by the browser.
//!
//! Refuses to decide who may see what: server functions hand the actor to `hiring`.

// The type of a page is the tree of its views.
#![recursion_limit = "256"]

mod application;
mod calls;
mod careers;
mod chrome;
mod error;
mod jobs;
mod live;
mod load;
mod notice;
mod postings;
mod routes;
mod shell;
mod sign_in;
mod status;
mod time;
mod toast;
mod update;

pub use error::AppError;
pub use notice::{FormNotice, UploadLimit};
pub use routes::App;
pub use shell::{LiveEpoch, shell};
pub use update::Update;
