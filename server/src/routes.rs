//! Every route of the product: its method and path, who may use it and what it is.
//!
//! [`crate::router`] builds both listeners from this table, so a handler that is missing here is never
//! served. Tests compare it with the application's pages and server functions, and send requests to each
//! route as every kind of visitor. The table does not decide who may do what: the use-cases in `hiring` do.

#[cfg(test)]
mod tests;

use std::fmt;

use axum::{
    extract::DefaultBodyLimit,
    routing::{MethodFilter, MethodRouter, on},
};

use crate::{
    accounts, apply, assets, documents, health, language, live_http, live_socket,
    metrics::{self, MetricsState},
    settings::Settings,
    state::AppState,
};

use Access::{Administrator, MetricsListener, Public, SignedIn};

/// One method of one path.
pub struct Route {
    /// The HTTP method.
    pub method: Method,
    /// The path in axum's syntax: `/careers/{slug}`.
    pub path: &'static str,
    /// Who may use it.
    pub access: Access,
    /// What it is, in a few words.
    pub about: &'static str,
    /// What answers it.
    pub handler: Handler,
}

/// The methods that the product uses. A handler of `GET` answers `HEAD` as well.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Method {
    /// `GET`.
    Get,
    /// `POST`.
    Post,
}

/// Who may use a route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Everybody. What a secret in the path or in the request opens is decided by its use-case.
    Public,
    /// Recruiters and administrators.
    SignedIn,
    /// Administrators; for everybody else who is signed in it does not exist.
    Administrator,
    /// Whoever reaches the metrics listener, which is not public.
    MetricsListener,
}

/// What answers a route.
#[derive(Clone, Copy)]
pub enum Handler {
    /// A page of the application.
    Page,
    /// A server function of the application.
    ServerFn,
    /// A handler that knows the actor of the request's session.
    Session(fn(MethodFilter, &Settings) -> MethodRouter<AppState>),
    /// A handler for which the session does not matter: no database is asked for it.
    Sessionless(fn(MethodFilter) -> MethodRouter<AppState>),
    /// A handler of the metrics listener.
    Metrics(fn(MethodFilter) -> MethodRouter<MetricsState>),
}

impl Method {
    /// The method for axum.
    pub fn filter(self) -> MethodFilter {
        match self {
            Self::Get => MethodFilter::GET,
            Self::Post => MethodFilter::POST,
        }
    }
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Get => "GET",
            Self::Post => "POST",
        })
    }
}

impl fmt::Display for Access {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Public => "public",
            SignedIn => "signed in",
            Administrator => "administrator",
            MetricsListener => "metrics listener",
        })
    }
}

/// Prints the table, a route per line: `verbatim routes`.
pub fn print() {
    for Route { method, path, access, about, .. } in ROUTES {
        println!("{method:<5} {path:<42} {access:<17} {about}");
    }
}

const fn page(path: &'static str, access: Access, about: &'static str) -> Route {
    Route { method: Method::Get, path, access, about, handler: Handler::Page }
}

const fn server_fn(path: &'static str, access: Access, about: &'static str) -> Route {
    Route { method: Method::Post, path, access, about, handler: Handler::ServerFn }
}

const fn endpoint(
    method: Method,
    path: &'static str,
    access: Access,
    about: &'static str,
    handler: fn(MethodFilter, &Settings) -> MethodRouter<AppState>,
) -> Route {
    Route { method, path, access, about, handler: Handler::Session(handler) }
}

const fn sessionless(
    path: &'static str,
    about: &'static str,
    handler: fn(MethodFilter) -> MethodRouter<AppState>,
) -> Route {
    Route { method: Method::Get, path, access: Public, about, handler: Handler::Sessionless(handler) }
}

const fn monitoring(
    path: &'static str,
    about: &'static str,
    handler: fn(MethodFilter) -> MethodRouter<MetricsState>,
) -> Route {
    Route { method: Method::Get, path, access: MetricsListener, about, handler: Handler::Metrics(handler) }
}

/// All routes: applicants, recruiters, administrators, live connections, files and monitoring.
pub const ROUTES: &[Route] = &[
    // Applicants.
    page("/careers", Public, "The open postings"),
    page("/careers/{slug}", Public, "A posting and the application form"),
    endpoint(Method::Post, "/careers/{slug}/apply", Public, "Sends an application with a CV", |method, settings| {
        on(method, apply::apply).layer(DefaultBodyLimit::max(apply::body_limit(settings.max_upload)))
    }),
    endpoint(Method::Get, "/careers/{slug}/apply", Public, "Redirects to the application form", |method, _| {
        on(method, apply::redirect_to_form)
    }),
    page("/status/{token}", Public, "The status of the application that the secret token names"),
    server_fn("/api/open_postings", Public, "The open postings"),
    server_fn("/api/public_posting", Public, "A posting by its slug"),
    server_fn("/api/status_page", Public, "The status of an application by its secret token"),
    // Accounts.
    page("/sign-in", Public, "The sign-in form"),
    endpoint(Method::Post, "/sign-in", Public, "Begins a session", |method, _| on(method, accounts::sign_in)),
    endpoint(Method::Post, "/sign-out", Public, "Ends the session of the cookie, if there is one", |method, _| {
        on(method, accounts::sign_out)
    }),
    endpoint(Method::Post, "/language", Public, "Chooses the language of the interface", |method, _| {
        on(method, language::choose)
    }),
    server_fn("/api/viewer", SignedIn, "The signed-in user"),
    // Recruiters.
    page("/", SignedIn, "The postings with their counts"),
    page("/postings/{id}", SignedIn, "The applications for a posting"),
    page("/applications/{id}", SignedIn, "An application: summary, CV, notes and stage"),
    endpoint(Method::Get, "/documents/{application}/original", SignedIn, "Downloads the uploaded CV", |method, _| {
        on(method, documents::original)
    }),
    endpoint(
        Method::Get,
        "/documents/{application}/pages/{file}",
        SignedIn,
        "A picture of a page of the CV",
        |method, _| on(method, documents::page_picture),
    ),
    server_fn("/api/posting_cards", SignedIn, "The postings with their counts"),
    server_fn("/api/posting_page", SignedIn, "The applications for a posting"),
    server_fn("/api/application_page", SignedIn, "An application"),
    server_fn("/api/document_pages", SignedIn, "The size of each page of the CV"),
    server_fn("/api/move_application", SignedIn, "Moves an application to another stage"),
    server_fn("/api/add_note", SignedIn, "Adds a note to an application"),
    server_fn("/api/request_summary", SignedIn, "Has the CV summarized again"),
    // Administrators.
    page("/admin/jobs", Administrator, "The job queue"),
    page("/admin/jobs/{id}", Administrator, "A job"),
    server_fn("/api/read_queue", Administrator, "The job queue"),
    server_fn("/api/list_jobs", Administrator, "Jobs by a filter"),
    server_fn("/api/read_job", Administrator, "A job"),
    server_fn("/api/change_jobs", Administrator, "Retries, cancels or deletes jobs"),
    server_fn("/api/delete_job", Administrator, "Deletes a job and returns to the queue"),
    server_fn("/api/edit_job", Administrator, "Changes the arguments of a job"),
    server_fn("/api/switch_queue", Administrator, "Pauses or resumes a queue"),
    server_fn("/api/scale_queue", Administrator, "Changes how many jobs of a queue run at once"),
    server_fn("/api/switch_cron", Administrator, "Pauses or resumes a recurring job"),
    page("/ui", Public, "The parts of the interface, in a process with demo data"),
    // Live connections: whether the actor may join a topic is decided for each topic.
    endpoint(Method::Get, "/live", Public, "The live WebSocket", |method, _| on(method, live_socket::live)),
    endpoint(Method::Get, "/live/stream", Public, "Live topics as server-sent events", |method, _| {
        on(method, live_http::stream)
    }),
    endpoint(Method::Get, "/live/poll", Public, "Live topics by long polling", |method, _| on(method, live_http::poll)),
    // Files and health checks.
    sessionless("/pkg/{*file}", "The built browser files", |method| on(method, assets::file)),
    sessionless("/favicon.svg", "The icon", |method| on(method, assets::file)),
    sessionless("/apply.js", "The script of the application form", |method| on(method, assets::file)),
    sessionless("/time.js", "The script that shows times in the reader's zone", |method| on(method, assets::file)),
    sessionless("/texts/{version}/{file}", "The interface's texts in one language", |method| {
        on(method, language::texts)
    }),
    sessionless("/health", "Whether the process works", |method| on(method, health::liveness)),
    sessionless("/ready", "Whether the process takes requests", |method| on(method, health::readiness)),
    // The metrics listener.
    monitoring("/metrics", "Metrics for Prometheus", |method| on(method, metrics::metrics)),
    monitoring("/tasks", "The supervised tasks", |method| on(method, metrics::tasks)),
    monitoring("/health", "Whether the process works", |method| on(method, health::liveness)),
    monitoring("/ready", "Whether the process takes requests", |method| on(method, health::readiness)),
];
