//! The table lists exactly what is served, and its access is what visitors experience.

use std::{collections::BTreeSet, fs, net::SocketAddr, path::Path, sync::Arc};

use axum::{
    Router,
    body::Body,
    extract::ConnectInfo,
    http::{Request, Response, StatusCode, header, request::Builder},
};
use hiring::seed;
use leptos::server_fn;
use live::Hub;
use queue::Supervisor;
use tempfile::TempDir;
use tower_service::Service as _;

use super::*;
use crate::{
    assets::Assets,
    bootstrap, cli,
    health::{Health, ShutdownState},
    router::router,
};

fn paths(wanted: impl Fn(&Route) -> bool) -> BTreeSet<String> {
    ROUTES.iter().filter(|route| wanted(route)).map(|route| route.path.to_owned()).collect()
}

#[tokio::test]
async fn the_table_lists_exactly_the_pages_of_the_application() {
    let pages = leptos_axum::generate_route_list(app::App);
    let served: BTreeSet<_> = pages.iter().map(|page| page.path().to_owned()).collect();
    assert_eq!(paths(|route| matches!(route.handler, Handler::Page)), served);
}

#[test]
fn the_table_lists_exactly_the_server_functions_of_the_application() {
    let listed: BTreeSet<_> = ROUTES
        .iter()
        .filter(|route| matches!(route.handler, Handler::ServerFn))
        .map(|route| (route.path, route.method.to_string()))
        .collect();
    let registered: BTreeSet<_> =
        server_fn::axum::server_fn_paths().map(|(path, method)| (path, method.to_string())).collect();
    assert_eq!(listed, registered);
}

#[test]
fn no_route_is_listed_twice() {
    let mut seen = BTreeSet::new();
    for route in ROUTES {
        let listener = route.access == MetricsListener;
        assert!(seen.insert((listener, route.method, route.path)), "{} {}", route.method, route.path);
        assert!(!route.about.is_empty(), "{}", route.path);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_anonymous_visitor_gets_only_public_routes() {
    let site = Site::start().await;
    for route in ROUTES {
        let response = site.send(route, None).await;
        let (status, location) = (response.status(), location(&response));
        let refused = match route.handler {
            Handler::Page => status == StatusCode::FOUND && location.starts_with("/sign-in?next=/"),
            Handler::ServerFn => status == StatusCode::UNAUTHORIZED && code(response).await == "sign_in",
            // Its 401 is about the password.
            _ if route.path == "/sign-in" => false,
            Handler::Session(_) | Handler::Sessionless(_) => status == StatusCode::UNAUTHORIZED,
            Handler::Metrics(_) => status == StatusCode::NOT_FOUND,
        };
        // The metrics listener shares these two with the public one.
        let shared = matches!(route.path, "/health" | "/ready");
        assert_eq!(refused, route.access != Public && !shared, "{} {}: {status}", route.method, route.path);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_recruiter_gets_everything_but_what_is_for_administrators() {
    let site = Site::start().await;
    let token = site.sign_in(1).await;
    for route in ROUTES.iter().filter(|route| matches!(route.access, SignedIn | Administrator)) {
        let response = site.send(route, Some(&token)).await;
        let status = response.status();
        assert_ne!(status, StatusCode::UNAUTHORIZED, "{}", route.path);
        assert!(!location(&response).starts_with("/sign-in?next="), "{}", route.path);
        if route.access == Administrator {
            assert_eq!(status, StatusCode::NOT_FOUND, "{}", route.path);
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refused_call_has_the_status_of_its_error_and_a_form_without_scripts_is_redirected() {
    let site = Site::start().await;
    let token = site.sign_in(0).await;
    let call = async |path: &str, arguments: &str, accept: &str| {
        let request = site.request(Method::Post, &format!("/api/{path}"), Some(&token));
        let request = request.header(header::ACCEPT, accept).header(header::REFERER, "http://127.0.0.1/admin/jobs");
        site.answer(request, arguments).await
    };
    for (path, arguments, status, error) in [
        ("add_note", format!("id={ID}&text="), 422, "field_invalid"),
        ("application_page", format!("id={ID}"), 404, "not_found"),
        ("application_page", "id=wrong".to_owned(), 400, "call_failed"),
        ("scale_queue", "name=summaries&slots=many".to_owned(), 422, "field_invalid"),
    ] {
        let response = call(path, &arguments, "application/json").await;
        assert_eq!((response.status().as_u16(), &*code(response).await), (status, error), "{path}");
        let response = call(path, &arguments, "text/html").await;
        assert_eq!(response.status(), StatusCode::FOUND, "{path}");
        assert!(location(&response).contains("/admin/jobs"), "{}", location(&response));
    }
    assert_eq!(call("posting_cards", "", "application/json").await.status(), StatusCode::OK);
}

/// The product on a demo database.
struct Site {
    app: AppState,
    router: Router,
    _folder: TempDir,
}

impl Site {
    async fn start() -> Self {
        // Another test of this process may have set it.
        let _ = any_spawner::Executor::init_tokio();
        let folder = tempfile::tempdir().unwrap();
        let app = state(folder.path()).await;
        Self { router: router(app.clone()), app, _folder: folder }
    }

    /// The session of the demo account with this index: an administrator, then a recruiter.
    async fn sign_in(&self, index: usize) -> String {
        let (_, email, _) = seed::RECRUITERS[index];
        self.app.hiring.sign_in(email, seed::PASSWORD, "127.0.0.1").await.unwrap()
    }

    async fn send(&self, route: &Route, session: Option<&str>) -> Response<Body> {
        let request = self.request(route.method, &example_path(route), session);
        self.answer(request, &example_arguments(route)).await
    }

    fn request(&self, method: Method, path: &str, session: Option<&str>) -> Builder {
        let request = Request::builder()
            .method(method.to_string().as_str())
            .uri(path)
            .header(header::HOST, "127.0.0.1")
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .extension(ConnectInfo(SocketAddr::from(([127, 0, 0, 1], 4_000))));
        match session {
            Some(token) => request.header(header::COOKIE, format!("verbatim={token}")),
            None => request,
        }
    }

    async fn answer(&self, request: Builder, form: &str) -> Response<Body> {
        self.router.clone().call(request.body(Body::from(form.to_owned())).unwrap()).await.unwrap()
    }
}

async fn state(folder: &Path) -> AppState {
    let site = folder.join("site");
    fs::create_dir_all(site.join("pkg")).unwrap();
    fs::write(site.join("pkg/verbatim.wasm"), "").unwrap();
    let arguments = ["verbatim", "serve", "--data", folder.to_str().unwrap(), "--site", site.to_str().unwrap()];
    let matches = cli::command().try_get_matches_from(arguments).unwrap();
    let settings = Settings::load(matches.subcommand_matches("serve").unwrap()).unwrap();
    let assets = Assets::load(&settings.site).unwrap();
    let hiring = bootstrap::open(&settings).await.unwrap();
    assert!(hiring.seed_demo().await.unwrap());
    let workers = Arc::new(bootstrap::start_workers(&hiring, &settings).unwrap());
    let shutdown_state = ShutdownState::default();
    let health = Health::new(hiring.db().clone(), Supervisor::new("test"), workers, shutdown_state.clone());
    let hub = Hub::new(hiring.db().clone());
    AppState::new(hiring, settings, assets, hub, health, &shutdown_state)
}

const ID: &str = "01900000-0000-7000-8000-000000000000";

fn example_path(route: &Route) -> String {
    let id = if route.path.starts_with("/admin/jobs") { "1" } else { ID };
    let page = if route.path.starts_with("/documents") { "1.png" } else { "verbatim.wasm" };
    route
        .path
        .replace("{slug}", "backend-engineer")
        .replace("{token}", "guessed")
        .replace("{application}", ID)
        .replace("{id}", id)
        .replace("{file}", page)
        .replace("{*file}", page)
}

/// Arguments that are valid, so that the answer is that of the use-case.
fn example_arguments(route: &Route) -> String {
    if !matches!(route.handler, Handler::ServerFn) {
        return String::new();
    }
    match route.path.trim_start_matches("/api/") {
        "viewer" | "posting_cards" | "open_postings" => String::new(),
        "public_posting" => "slug=backend-engineer".to_owned(),
        "status_page" => "token=guessed".to_owned(),
        "posting_page" | "application_page" | "document_pages" | "request_summary" => format!("id={ID}"),
        "move_application" => format!("id={ID}&stage=interview"),
        "add_note" => format!("id={ID}&text=Called"),
        "read_queue" | "list_jobs" => {
            "filter[queue]=&filter[worker]=&filter[state]=&filter[tag]=&filter[text]=&filter[before]=".to_owned()
        }
        "read_job" | "delete_job" => "id=1".to_owned(),
        "change_jobs" => "ids[0]=1&change=retry".to_owned(),
        "edit_job" => "id=1&args={}".to_owned(),
        "switch_queue" => "name=summaries&switch=pause".to_owned(),
        "scale_queue" => "name=summaries&slots=1".to_owned(),
        "switch_cron" => "name=sweep+files&switch=pause".to_owned(),
        other => panic!("add example arguments of {other}"),
    }
}

fn location(response: &Response<Body>) -> String {
    response.headers().get(header::LOCATION).map_or_else(String::new, |value| value.to_str().unwrap().to_owned())
}

async fn code(response: Response<Body>) -> String {
    let body = axum::body::to_bytes(response.into_body(), 100_000).await.unwrap();
    serde_json::from_slice::<app::AppError>(&body).unwrap().code
}
