//! Metrics, health checks and traces of the real program.

use crate::common;
use axum::Json;
use db::{Db, params, sql};
use reqwest::multipart::{Form, Part};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_job_belongs_to_the_trace_of_its_request_and_appears_in_the_metrics() {
    let data = tempfile::tempdir().unwrap();
    let (site, folder) = (common::site(data.path()), data.path().display().to_string());
    let serve = common::verbatim(&[
        "serve",
        "--listen",
        "127.0.0.1:0",
        "--metrics",
        "127.0.0.1:0",
        "--demo",
        "--site",
        &site,
        "--data",
        &folder,
    ]);
    let (_child, [metrics, pages]) = common::start(serve, ["  Metrics on ", " serves on "]).await;
    let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    let trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    let form = Form::new()
        .text("name", "Ada")
        .text("email", "ada@example.org")
        .part("cv", Part::bytes(&b"Ada Lovelace\n\nSkills\nRust\n"[..]).file_name("cv.txt"));
    let apply = client.post(format!("{pages}/careers/backend-engineer/apply")).header("traceparent", trace);
    assert_eq!(apply.multipart(form).send().await.unwrap().status(), 303);

    let db = Db::open(&format!("sqlite://{}", data.path().join("verbatim.db").display())).await.unwrap();
    let sql = sql!("select trace from jobs where worker = 'SummarizeCv'");
    let row = db.snapshot().await.unwrap().one(sql, params![]).await.unwrap();
    assert_eq!(row.opt_text("trace").unwrap().as_deref(), Some(trace));

    let get = async |url: &str| {
        let answer = client.get(url).send().await.unwrap();
        (answer.status(), answer.text().await.unwrap())
    };
    let (status, health) = get(&metrics.replace("/metrics", "/health")).await;
    assert_eq!((status.as_u16(), &*health), (200, r#"{"database":true,"queue":true,"tasks":true}"#));
    let (_, tasks) = get(&metrics.replace("/metrics", "/tasks")).await;
    for line in
        ["verbatim", "  live hub (Running, 0 restarts)", "queue", "  claimer of summaries (Running, 0 restarts)"]
    {
        assert!(tasks.lines().any(|each| each == line), "no line {line} in\n{tasks}");
    }
    let completed = r#"verbatim_queue_attempts_total{queue="summaries",state="completed"} 1"#;
    let counted = async {
        // Metrics are pulled, so poll.
        let mut ticks = tokio::time::interval(std::time::Duration::from_millis(50));
        loop {
            ticks.tick().await;
            let (_, text) = get(&metrics).await;
            if text.lines().any(|line| line == completed) {
                return text;
            }
        }
    };
    let text = tokio::time::timeout(std::time::Duration::from_secs(30), counted).await.expect("the job is counted");
    assert!(text.ends_with("# EOF\n"), "{text}");
    assert!(text.contains(r#"verbatim_queue_run_seconds_count{queue="summaries"} 1"#), "{text}");
    // Not on the public listener.
    assert_eq!(get(&format!("{pages}/metrics")).await.0.as_u16(), 404);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_spans_of_a_request_and_its_job_reach_the_collector_as_one_trace() {
    let collector = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("http://{}/v1/traces", collector.local_addr().unwrap());
    let (sender, mut received) = tokio::sync::mpsc::unbounded_channel();
    let take = move |Json(body): Json<serde_json::Value>| {
        sender.send(body).unwrap();
        std::future::ready(Json(serde_json::json!({})))
    };
    let router = axum::Router::new().route("/v1/traces", axum::routing::post(take));
    tokio::spawn(async move { axum::serve(collector, router).await });

    let data = tempfile::tempdir().unwrap();
    let (site, folder) = (common::site(data.path()), data.path().display().to_string());
    let serve = common::verbatim(&[
        "serve",
        "--listen",
        "127.0.0.1:0",
        "--otlp-endpoint",
        &endpoint,
        "--demo",
        "--site",
        &site,
        "--data",
        &folder,
    ]);
    let (_child, [pages]) = common::start(serve, [" serves on "]).await;
    let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    let form = Form::new()
        .text("name", "Ada")
        .text("email", "ada@example.org")
        .part("cv", Part::bytes(&b"Ada Lovelace\n\nSkills\nRust\n"[..]).file_name("cv.txt"));
    let apply = client
        .post(format!("{pages}/careers/backend-engineer/apply"))
        .header("traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01");
    assert_eq!(apply.multipart(form).send().await.unwrap().status(), 303);

    let mut spans = Vec::new();
    let found = async {
        loop {
            let body = received.recv().await.unwrap();
            let scopes = body["resourceSpans"].as_array().into_iter().flatten();
            let scopes = scopes.flat_map(|of| of["scopeSpans"].as_array().into_iter().flatten());
            spans.extend(scopes.flat_map(|of| of["spans"].as_array().into_iter().flatten().cloned()));
            let named = |name: &str| {
                spans.iter().find(|span| span["name"] == name && span["traceId"] == "4bf92f3577b34da6a3ce929d0e0e4736")
            };
            if let (Some(request), Some(job)) = (named("request"), named("job")) {
                return (request.clone(), job.clone());
            }
        }
    };
    let (request, job) =
        tokio::time::timeout(std::time::Duration::from_secs(40), found).await.expect("the spans arrive");
    assert_eq!(request["parentSpanId"], "00f067aa0ba902b7");
    assert_eq!(job["parentSpanId"], request["spanId"]);
}
