//! Runs the commands of the real program.

use crate::common;
use std::{process::Output, time::Duration};

use db::Db;
use domain::{ApplicationId, DocumentId};
use hiring::SummarizeCv;

const FIXTURES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../end2end/fixtures");

async fn run(arguments: &[&str]) -> Output {
    common::verbatim(arguments).output().await.unwrap()
}

fn text(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

#[tokio::test]
async fn help_explains_every_command_and_every_setting() {
    let help = text(&run(&["--help"]).await);
    for command in ["serve", "work", "migrate", "seed", "jobs", "users", "db", "summarize"] {
        assert!(help.contains(command), "{help}");
        let help = run(&[command, "--help"]).await;
        assert!(help.status.success(), "{}", text(&help));
    }
    let help = text(&run(&["serve", "--help"]).await);
    for word in ["--data", "--listen", "VERBATIM_MAX_UPLOAD_MIB", "[default: 20]"] {
        assert!(help.contains(word), "{word}: {help}");
    }
}

#[tokio::test]
async fn migrate_can_be_repeated_and_the_demo_data_is_added_once() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("new").display().to_string();
    for _ in 0..2 {
        let migrated = run(&["migrate", "--data", &data]).await;
        assert!(migrated.status.success(), "{}", text(&migrated));
    }
    let seeded = run(&["seed", "--demo", "--data", &data]).await;
    assert_eq!(text(&seeded), "Demo data added.\n");
    let again = run(&["seed", "--demo", "--data", &data]).await;
    assert_eq!(text(&again), "Demo data not added: there are postings already.\n");
}

#[tokio::test]
async fn summarize_needs_no_database_and_has_its_former_name_as_an_alias() {
    let cv = format!("{FIXTURES}/two-page-two-column.pdf");
    let output = run(&["summarize", &cv, "--json"]).await;
    let summary: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(summary["state"], "ready");
    assert_eq!(summary["lines"][0]["text"], "Marta Silveira");
    assert_eq!(summary["lines"][0]["evidence"][0]["page"], 1);
    for name in ["summarize", "summarise"] {
        let plain = text(&run(&[name, &cv]).await);
        assert!(plain.contains("Marta Silveira") && plain.contains("p. 1"), "{plain}");
    }
}

#[tokio::test]
async fn a_refused_cv_exits_with_two_and_prints_one_line() {
    let cv = format!("{FIXTURES}/encrypted.pdf");
    let output = run(&["summarize", &cv]).await;
    assert_eq!(output.status.code(), Some(2));
    assert!(output.stdout.is_empty());
    let line = String::from_utf8(output.stderr).unwrap();
    assert!(line.contains("password") && line.lines().count() == 1, "{line}");
}

#[tokio::test]
async fn an_invalid_setting_stops_the_start() {
    let folder = tempfile::tempdir().unwrap();
    let (site, data) = (common::site(folder.path()), folder.path().display().to_string());
    let cases: [(&[&str], &str); 5] = [
        (&["serve", "--data", &data, "--site", "/no/such/folder"], "the setting site"),
        (&["serve", "--data", &data, "--site", &site, "--listen", "localhost"], "the setting listen (--listen)"),
        (&["serve", "--data", &data, "--site", &site, "--log", "a=b=c"], "the setting log (--log)"),
        (
            &["serve", "--data", &data, "--site", &site, "--listen", "127.0.0.1:0", "--database", "mysql://x"],
            "the setting database",
        ),
        (&["work", "--data", &data], "the setting database"),
    ];
    for (arguments, name) in cases {
        let output = run(arguments).await;
        assert!(!output.status.success(), "{arguments:?}");
        assert!(text(&output).contains(name), "{arguments:?}: {}", text(&output));
    }
}

#[tokio::test]
async fn a_second_process_cannot_serve_the_same_sqlite_database() {
    let folder = tempfile::tempdir().unwrap();
    let (site, data) = (common::site(folder.path()), folder.path().display().to_string());
    let arguments = ["serve", "--listen", "127.0.0.1:0", "--data", &data, "--site", &site];
    let (_first, _) = common::start(common::verbatim(&arguments), [" serves on "]).await;
    let second = run(&arguments).await;
    assert!(!second.status.success());
    assert!(text(&second).contains("another process serves"), "{}", text(&second));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_work_command_runs_jobs_that_another_process_enqueued() {
    let test = async |db: Db| {
        let folder = tempfile::tempdir().unwrap();
        let id = enqueue(&db).await;
        let url = db::testing::postgres_url(&db).await;
        let data = folder.path().display().to_string();
        let command = common::verbatim(&["work", "--data", &data, "--database", &url]);
        let (_worker, _) = common::start(command, ["Working"]).await;
        // Its application does not exist, so the worker cancels the job.
        let ended = async {
            // The worker is another process, which announces nothing to this one: poll.
            let mut ticks = tokio::time::interval(Duration::from_millis(20));
            loop {
                ticks.tick().await;
                let job = queue::find(&mut db.snapshot().await.unwrap(), id).await.unwrap().unwrap();
                if job.state.is_final() {
                    return job.state;
                }
            }
        };
        let state = tokio::time::timeout(Duration::from_secs(30), ended).await.expect("the job ends");
        assert_eq!(state, queue::State::Canceled);
    };
    db::testing::on_postgres(test).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_jobs_command_shows_and_changes_the_queue() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().display().to_string();
    let url = format!("sqlite://{data}/verbatim.db");
    let db = Db::open(&url).await.unwrap();
    db.migrate().await.unwrap();
    let id = enqueue(&db).await.to_string();
    let jobs = async |words: &[&str]| {
        let output = run(&[&["jobs", "--data", &data, "--database", &url], words].concat()).await;
        assert!(output.status.success(), "{words:?}: {}", text(&output));
        String::from_utf8(output.stdout).unwrap()
    };
    assert!(jobs(&["list"]).await.contains("SummarizeCv"));
    let listed: serde_json::Value = serde_json::from_str(&jobs(&["list", "--json"]).await).unwrap();
    assert_eq!((listed[0]["id"].to_string(), &listed[0]["state"]), (id.clone(), &"available".into()));
    assert_eq!(jobs(&["list", "--state", "discarded"]).await.trim(), "None.");
    jobs(&["cancel", &id]).await;
    assert!(jobs(&["show", &id]).await.contains(r#""state": "cancelled""#));
    jobs(&["retry", &id]).await;
    jobs(&["pause", "summaries"]).await;
    assert!(jobs(&["queues"]).await.contains("available 1") && jobs(&["queues"]).await.contains("paused"));
    jobs(&["resume", "summaries"]).await;
    jobs(&["scale", "summaries", "3"]).await;
    jobs(&["scale", "summaries", "default", "--global"]).await;
    assert_eq!(jobs(&["nodes", "--json"]).await.trim(), "[]");
    jobs(&["delete", &id]).await;
    for (words, word) in [
        (vec!["jobs", "show", &id], "there is no job"),
        (vec!["jobs", "retry", &id], "cannot retry job"),
        (vec!["jobs", "list", "--state", "lost"], "lost is not a job state"),
        (vec!["jobs", "scale", "summaries", "many"], "many is not a number"),
    ] {
        let output = run(&[words.as_slice(), &["--data", &data, "--database", &url]].concat()).await;
        assert!(!output.status.success() && text(&output).contains(word), "{words:?}: {}", text(&output));
    }
    db.close().await;
}

#[tokio::test]
async fn after_restore_begins_a_new_epoch_under_both_of_its_names() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().display().to_string();
    let db = Db::open(&format!("sqlite://{data}/verbatim.db")).await.unwrap();
    db.migrate().await.unwrap();
    let epoch = async || live::epoch(&mut db.snapshot().await.unwrap()).await.unwrap();
    for words in [&["db", "after-restore", "--data", &data][..], &["restored", "--data", &data]] {
        let before = epoch().await;
        let output = run(words).await;
        assert!(output.status.success(), "{}", text(&output));
        assert_ne!(epoch().await, before, "{words:?}");
    }
    db.close().await;
}

async fn enqueue(db: &Db) -> queue::JobId {
    let mut tx = db.begin().await.unwrap();
    let args = hiring::SummarizeCvArgs {
        application: ApplicationId(uuid::Uuid::now_v7()),
        document: DocumentId(uuid::Uuid::now_v7()),
        requested_by: None,
    };
    let id = queue::enqueue::<SummarizeCv>(&mut tx, &args, 0).await.unwrap();
    tx.commit().await.unwrap();
    id
}
