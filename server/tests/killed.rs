//! Kills the real process in the middle of a summary and starts it again, on both databases.

use crate::common;
use std::{path::Path, time::Duration};

use db::{Db, params, sql};
use domain::{Fold, SummaryState, application::ApplicationEvent, application::ApplicationState};
use reqwest::multipart::{Form, Part};
use tokio::process::Child;

const CV: &[u8] = include_bytes!("../../end2end/fixtures/two-page-two-column.pdf");

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_server_loses_and_repeats_no_line_on_sqlite() {
    let data = tempfile::tempdir().unwrap();
    let url = format!("sqlite://{}", data.path().join("verbatim.db").display());
    let server = Server::start(data.path(), &url).await;
    let db = Db::open(&url).await.unwrap();
    finishes_after_a_kill(server, &db).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_server_loses_and_repeats_no_line_on_postgres() {
    let data = tempfile::tempdir().unwrap();
    let test = async |db: Db| {
        let url = db::testing::postgres_url(&db).await;
        finishes_after_a_kill(Server::start(data.path(), &url).await, &db).await;
    };
    db::testing::on_postgres(test).await;
}

async fn finishes_after_a_kill(mut server: Server, db: &Db) {
    server.apply().await;
    let cut = application_when(db, |state| state.summary.lines.len() >= 3).await;
    assert!(!cut.summary.state.is_final(), "it is killed in the middle of the summary");
    server.child.kill().await.unwrap();

    let _again = server.start_again().await;
    let done = application_when(db, |state| state.summary.state.is_final()).await;
    assert_eq!((done.summary.state, done.summary.attempt), (SummaryState::Ready, 2));
    assert_eq!(done.summary.lines[..cut.summary.lines.len()], cut.summary.lines, "no line is lost");

    let mut tx = db.snapshot().await.unwrap();
    let count = sql!(
        "select (select count(*) from applications) as applications, (select count(*) from documents) as documents,
                (select count(*) from jobs where worker = 'SummarizeCv') as jobs, (select count(*) from jobs where worker = 'SummarizeCv' and state = 'completed') as completed"
    );
    let row = tx.one(count, params![]).await.unwrap();
    for column in ["applications", "documents", "jobs", "completed"] {
        assert_eq!(row.int(column).unwrap(), 1, "{column}");
    }
    let topic = tx.one(sql!("select id from applications"), params![]).await.unwrap().text("id").unwrap();
    let log = live::read_since(&mut tx, &format!("application:{topic}"), 0, 10_000).await.unwrap();
    assert!(log.iter().zip(1_u64..).all(|(event, seq)| event.seq == seq), "the log has no gap");
    let mut fold = ApplicationState::default();
    let mut written = 0;
    for event in &log {
        written += usize::from(event.payload.contains(r#""delta":"line""#));
        fold.apply(serde_json::from_str::<ApplicationEvent>(&event.payload).unwrap());
    }
    assert_eq!(fold, done, "the log folds to the state in the row");
    assert_eq!(texts(&done), summarize_at_once().await, "both attempts together wrote the summary");
    assert_eq!(written, done.summary.lines.len(), "each line was written once");
}

fn texts(state: &ApplicationState) -> Vec<String> {
    state.summary.lines.iter().map(|line| line.text()).collect()
}

/// The lines that `verbatim summarize` prints of the same CV for the same posting.
async fn summarize_at_once() -> Vec<String> {
    let cv = concat!(env!("CARGO_MANIFEST_DIR"), "/../end2end/fixtures/two-page-two-column.pdf");
    let needs = ["Rust", "PostgreSQL", "Kubernetes", "English"].map(|need| ["--must-have", need]).concat();
    let output = common::verbatim(&["summarize", "--json", cv]).args(needs).output().await.unwrap();
    let summary: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let text = |line: &serde_json::Value| line["text"].as_str().unwrap().to_owned();
    summary["lines"].as_array().unwrap().iter().map(text).collect()
}

/// The state of the only application, once `wanted` holds for it.
async fn application_when(db: &Db, wanted: impl Fn(&ApplicationState) -> bool) -> ApplicationState {
    let wait = async {
        // Another process writes, which SQLite does not announce: poll.
        let mut ticks = tokio::time::interval(Duration::from_millis(20));
        loop {
            ticks.tick().await;
            let mut tx = db.snapshot().await.unwrap();
            let row = tx.one(sql!("select state from applications"), params![]).await.unwrap();
            let state: ApplicationState = serde_json::from_str(&row.text("state").unwrap()).unwrap();
            if wanted(&state) {
                return state;
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(60), wait).await.expect("the summary moves on")
}

struct Server {
    child: Child,
    address: String,
    arguments: Vec<String>,
}

impl Server {
    async fn start(data: &Path, database: &str) -> Self {
        let (site, data) = (common::site(data), data.display().to_string());
        let arguments =
            ["serve", "--listen", "127.0.0.1:0", "--demo", "--line-delay-ms", "100", "--site", &site, "--data", &data];
        let mut arguments: Vec<_> = arguments.map(str::to_owned).into();
        if database.starts_with("postgres") {
            arguments.extend(["--database".to_owned(), database.to_owned()]);
        }
        Self::launch(arguments).await
    }

    async fn start_again(self) -> Self {
        Self::launch(self.arguments).await
    }

    async fn launch(arguments: Vec<String>) -> Self {
        let words: Vec<_> = arguments.iter().map(String::as_str).collect();
        let (child, [address]) = common::start(common::verbatim(&words), [" serves on "]).await;
        Self { child, address, arguments }
    }

    async fn apply(&self) {
        let cv = Part::bytes(CV).file_name("cv.pdf");
        let form = Form::new().text("name", "Marta Silveira").text("email", "marta@example.org").part("cv", cv);
        let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
        let url = format!("{}/careers/backend-engineer/apply", self.address);
        let answer = client.post(url).multipart(form).send().await.unwrap();
        assert_eq!(answer.status(), 303);
    }
}
